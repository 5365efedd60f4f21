"""Proper scores of predictions of facts that were left out, by group of facts."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm

from qantar.arrays import Hours, Numbers
from qantar.study.fact_groups import GROUPS, group_of
from qantar.study.inference.case import Opened
from qantar.study.proper_scores import (
    crps_with_error,
    energy_score,
    interval_score,
    rank,
)

MISS = 0.1
"""The interval that is scored misses with this chance."""

ALL = "all"


def score_groups(
    at: Opened, predicted: Numbers, facts: Hours, *, seen: bool = False
) -> pd.DataFrame:
    """Score a prediction of some facts.

    Parameters
    ----------
    predicted : float array (draws, facts)
        On the scales of their kinds.
    facts : int array (facts,)
        Numbers of the targets.
    seen : bool
        Whether the prediction already holds the error of the sources.

    Returns
    -------
    DataFrame
        One row per group of facts, and ``all``: ``facts``, mean ``crps`` and mean ``interval``
        score of the middle 90 %, both in standard errors of the observation, ``energy`` score
        over the group, and ``covered``: the share inside the middle 90 %.
    """
    value, error = at.observations.value[facts], at.observations.error[facts]
    blur = np.zeros_like(error) if seen else error
    crps = crps_with_error(predicted, value, blur) / error
    shown = _blurred(predicted, blur)
    low, high = np.quantile(shown, [MISS / 2, 1 - MISS / 2], axis=0)
    interval = interval_score(low, high, value, MISS) / error
    covered = np.abs(rank(predicted, value, blur) - 0.5) <= (1 - MISS) / 2
    groups = np.array([group_of(at.observations.targets[k]) for k in facts])
    rows = []
    for group in (*GROUPS, ALL):
        own = np.flatnonzero(groups == group) if group != ALL else np.arange(len(facts))
        if len(own):
            energy = energy_score(shown[:, own], value[own], error[own])
            means = (crps[own].mean(), interval[own].mean(), energy, covered[own].mean())
            rows.append((group, len(own), *(float(mean) for mean in means)))
    return pd.DataFrame(rows, columns=["group", "facts", "crps", "interval", "energy", "covered"])


def _blurred(predicted: Numbers, error: Numbers) -> Numbers:
    """Return draws with errors of observation: for every fact all quantiles once, in any order."""
    count = len(predicted)
    rng = np.random.default_rng(predicted.shape)
    orders = np.stack([rng.permutation(count) for _ in error], axis=1)
    result: Numbers = predicted + error * norm.ppf((orders + 0.5) / count)
    return result
