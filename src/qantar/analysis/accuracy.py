"""How well a run predicts its targets: coverage of its 90 % ranges, and mean CRPS.

Verdicts are based on medians and on overlap, so they reward wide ranges; the CRPS does not. The
interval of a target is reduced to its midpoint and the standard deviation of its error, both on the
scale of its kind (`qantar.analysis.observations`), as in fits and comparisons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qantar.analysis.observations import observations_of, on_scale
from qantar.analysis.outcomes import Outcome
from qantar.analysis.scores import PROBABILITIES, Score, crps_with_error
from qantar.base.arrays import Numbers
from qantar.packs.episode import Episode

EXACT = float(np.sqrt(2 / np.pi) - 1 / np.sqrt(np.pi))
"""CRPS, in standard errors, of runs that all equal the midpoint: 0.23, the lowest possible."""


@dataclass(frozen=True)
class Accuracy:
    """Coverage and mean CRPS over some targets.

    Attributes
    ----------
    ranged : int
        Targets for which a run has a 90 % range: all but probabilities.
    overlapping : int
        Of these, targets whose interval overlaps the 90 % range.
    covered : int
        Of these, targets whose midpoint lies in the 90 % range. A calibrated ensemble covers about
        nine in ten.
    crps : float
        Mean continuous ranked probability score over all targets, in standard errors of the
        observation; lower is better. NaN without targets.
    """

    ranged: int
    overlapping: int
    covered: int
    crps: float


def accuracy(outcome: Outcome, episode: Episode, scores: Sequence[Score]) -> Accuracy:
    """Return coverage and mean CRPS of a run over some targets.

    Parameters
    ----------
    outcome : Outcome
    episode : Episode
        The episode that was run.
    scores : sequence of Score
        The targets with their verdicts.
    """
    observed = observations_of(episode, tuple(item.target for item in scores))
    ranged = overlapping = covered = 0
    for item, kind, value in zip(scores, observed.kinds, observed.value, strict=True):
        if item.target.variable in PROBABILITIES:
            continue
        ends = on_scale(np.array([item.q05, item.q95]), kind, observed.never)
        ranged += 1
        overlapping += item.verdict != "miss"
        covered += bool(ends[0] <= value <= ends[1])
    crps = crps_by_target(outcome, episode, scores)
    return Accuracy(ranged, overlapping, covered, float(crps.mean()) if len(crps) else float("nan"))


def crps_by_target(outcome: Outcome, episode: Episode, scores: Sequence[Score]) -> Numbers:
    """Return the CRPS of every target in standard errors of its observation.

    The estimator for an ensemble (Gneiting and Raftery 2007; Hersbach 2000) is applied to the
    members with the normal error of the sources (Grimit et al. 2006), and evaluated at the midpoint
    of the sources' interval. Its lowest value is `EXACT`.

    Parameters
    ----------
    outcome : Outcome
    episode : Episode
    scores : sequence of Score

    Returns
    -------
    float array (scores,)
    """
    observed = observations_of(episode, tuple(item.target for item in scores))
    if not scores:
        return np.zeros(0)
    score: Numbers = crps_with_error(observed.read(outcome), observed.value, observed.error)
    return score / observed.error
