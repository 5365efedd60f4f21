"""Simulated-truth recovery: fit a law to histories whose parameters are known.

Parameters are drawn from the prior, a history is run with them, and what the sources and monitors
would say of it is drawn from the likelihood. The law is then fitted to that as to the country. If
the fit is right, a 90 % interval holds the truth in 90 % of such fits, whatever the parameter
(Talts et al. 2018), and an interval narrower than the prior's shows that the data say something.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from qantar.analysis.years.fit import MOVES, PARTICLES, fit_years
from qantar.analysis.years.likelihood import (
    Observed,
    expected_counts,
    observed_classes,
    read_as,
    windows,
)
from qantar.analysis.years.scopes import CLASSES, class_of
from qantar.base.arrays import Numbers
from qantar.model.months.declaration import ANSWERS, Given
from qantar.simulate.years.histories import Histories, run_histories
from qantar.simulate.years.inputs import given_outcomes
from qantar.simulate.years.scenario import YearsScenario, parameter_names

SPLIT = "full"


def simulate_observed(scenario: YearsScenario, scores: Numbers, seed: int) -> Observed:
    """Return what would be observed of a free history with these parameters.

    The same triggers are known as in the country, and the same counts are published.

    Parameters
    ----------
    scenario : YearsScenario
        To the last dated month.
    scores : float array (free,)
        Standard normal scores of the free parameters.
    """
    rng = np.random.default_rng((seed, 1))
    values = scenario.values_at(scores[None, :])
    free = given_outcomes(scenario.country, scenario.years, None)
    history = run_histories(scenario, free, values, seed=seed)
    given = given_of(history, free)
    chosen = windows(scenario)
    means = expected_counts(scenario, history, values, chosen)[0]
    size = values[0, parameter_names().index("assemblies.dispersion")]
    counts = rng.negative_binomial(size, size / (size + means))
    drawn = (
        replace(w, count=w.count.model_copy(update={"value": float(n), "alternative": None}))
        for w, n in zip(chosen, counts, strict=True)
    )
    happened = class_of(given.regions_out.sum(axis=1), scenario.past.region_count)
    told = read_as(np.eye(len(CLASSES)))[happened]
    read = (rng.random(len(told))[:, None] > told.cumsum(axis=1)).sum(axis=1)
    read = np.minimum(read, len(CLASSES) - 1)
    return Observed(given, tuple(drawn), np.where(observed_classes(scenario) >= 0, read, -1))


def given_of(history: Histories, blank: Given) -> Given:
    """Return the waves of a single history as outcomes to impose.

    Parameters
    ----------
    blank : Given
        Of the right shape; not changed.
    """
    given = Given(*(np.zeros_like(part) for part in blank))
    triggers = history.wave("trigger").astype(int)
    given.imposed[triggers] = 1.0
    given.regions_out[triggers] = history.regions_out
    given.towns_out[triggers] = history.wave("towns")
    given.killed[triggers] = history.wave("killed")
    given.detained[triggers] = history.wave("detained")
    given.answers[triggers] = np.stack([history.wave(name) for name in ANSWERS], axis=1)
    return given


def recover(
    scenario: YearsScenario, truth: int, *, particles: int = PARTICLES, moves: int = MOVES
) -> pd.DataFrame:
    """Fit a law to a simulated history, and compare the posterior with the parameters behind it.

    Parameters
    ----------
    scenario : YearsScenario
        To the last dated month.
    truth : int
        Number of the history, part of the random seed.

    Returns
    -------
    DataFrame
        truth, parameter, score (the truth, in standard deviations of the prior), mean, sd, rank
        (share of draws below the truth).
    """
    rng = np.random.default_rng((2018, truth))
    scores = rng.standard_normal(len(scenario.free))
    observed = simulate_observed(scenario, scores, truth)
    fit = fit_years(
        scenario, SPLIT, seed=3000 + truth, particles=particles, moves=moves, observed=observed
    )
    draws = fit.posterior.draws
    return pd.DataFrame(
        {
            "truth": truth,
            "parameter": [scenario.numbers[k].name for k in scenario.free],
            "score": scores,
            "mean": draws.mean(axis=0),
            "sd": draws.std(axis=0),
            "rank": (draws < scores).mean(axis=0),
        }
    )


def coverage(recovered: pd.DataFrame) -> pd.DataFrame:
    """Return how often intervals hold the truth, by parameter.

    Returns
    -------
    DataFrame
        parameter, fits, covered_50, covered_90 (shares), width (mean posterior standard deviation
        over the prior's), correlation (of posterior mean and truth); sorted by width.
    """
    rows = []
    for parameter, group in recovered.groupby("parameter", sort=False):
        off = (group["rank"] - 0.5).abs()
        rows.append(
            {
                "parameter": parameter,
                "fits": len(group),
                "covered_50": float((off <= 0.25).mean()),
                "covered_90": float((off <= 0.45).mean()),
                "width": float(group["sd"].mean()),
                "correlation": float(np.corrcoef(group["mean"], group["score"])[0, 1]),
            }
        )
    return pd.DataFrame(rows).sort_values("width", ignore_index=True)
