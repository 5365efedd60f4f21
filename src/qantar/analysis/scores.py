"""Proper scores: how far predictive samples are from what was observed; lower is better.

A forecaster who states what he believes expects the best score (Gneiting and Raftery 2007). What
the sources say is a middle with a normal error, on the scales of `qantar.analysis.observations`.

Scores: how far a run is from what the sources say, target by target.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm

from qantar.analysis.facts import quantiles_or_never
from qantar.analysis.outcomes import Outcome
from qantar.base.arrays import Numbers
from qantar.base.errors import QantarError
from qantar.evidence.targets import DATED, Target


def crps(samples: Numbers, observed: ArrayLike) -> Numbers:
    """Return the continuous ranked probability score of samples against points.

    Parameters
    ----------
    samples : float array (n,) or (n, K)
        Draws from the predictive distribution, along the first axis.
    observed : float or float array (K,)

    Returns
    -------
    float array () or (K,)
        Mean distance to the observed point less half the mean distance of two draws, in the
        unit of the samples; for a single draw the absolute error.
    """
    score: Numbers = np.abs(_some(samples) - np.asarray(observed)).mean(axis=0) - _apart(samples)
    return score


def crps_with_error(samples: Numbers, observed: ArrayLike, error: ArrayLike) -> Numbers:
    """Return the score of samples that are seen through a normal error.

    The prediction of what is observed is the mixture of normals around the samples; its score
    has a closed form (Grimit et al. 2006). Without error it is `crps`.

    Parameters
    ----------
    samples : float array (n,) or (n, K)
        Draws of the true value, without observation error.
    observed : float or float array (K,)
        The middle of what the sources say.
    error : float or float array (K,)
        Standard deviation of the observation error, not negative.

    Returns
    -------
    float array () or (K,)
        In the unit of the samples; divide by the error to compare quantities of several units.
    """
    drawn, sigma = _some(samples), np.asarray(error, np.float64)
    if (sigma < 0).any():
        raise QantarError("an observation error is negative", expected="zero or more")
    middle = _from_normal(np.asarray(observed) - drawn, sigma).mean(axis=0)
    each = [_from_normal(drawn - one, np.sqrt(2) * sigma).mean(axis=0) for one in drawn]
    score: Numbers = middle - 0.5 * np.mean(each, axis=0)
    return score


def interval_score(low: ArrayLike, high: ArrayLike, observed: ArrayLike, alpha: float) -> Numbers:
    """Return the score of a central interval: its width, and a fine for every miss.

    Parameters
    ----------
    low, high, observed : float or float array
        Ends of the interval, and what was observed; they broadcast.
    alpha : float
        Stated chance that the interval misses, such as 0.1 for a middle 90 %.
    """
    if not 0 < alpha < 1:
        raise QantarError(f"no interval misses with chance {alpha}", expected="between 0 and 1")
    bottom, top, seen = np.asarray(low), np.asarray(high), np.asarray(observed)
    miss = np.maximum(bottom - seen, 0.0) + np.maximum(seen - top, 0.0)
    score: Numbers = top - bottom + 2 / alpha * miss
    return score


def energy_score(samples: Numbers, observed: Numbers, scale: ArrayLike = 1.0) -> float:
    """Return the energy score: what `crps` is, for all quantities at once.

    It also notices wrong dependence between quantities, though weakly.

    Parameters
    ----------
    samples : float array (n, K)
    observed : float array (K,)
    scale : float or float array (K,)
        Unit of every quantity, such as its observation error; distances are Euclidean after it.
    """
    drawn = _some(samples) / np.asarray(scale)
    seen = np.asarray(observed) / np.asarray(scale)
    apart = np.mean([np.linalg.norm(drawn - one, axis=1).mean() for one in drawn])
    return float(np.linalg.norm(drawn - seen, axis=1).mean() - 0.5 * apart)


def coverage(samples: Numbers, observed: Numbers, error: ArrayLike, level: float) -> float:
    """Return the share of quantities whose central predictive interval holds the observed value.

    The interval is that of the samples seen through a normal error, so a good prediction covers
    `level` of the observations.

    Parameters
    ----------
    samples : float array (n, K)
        Without observation error.
    observed : float array (K,)
    error : float or float array (K,)
        Standard deviation of the observation error.
    level : float
        Between 0 and 1, such as 0.9.
    """
    if not 0 < level < 1:
        raise QantarError(f"no interval holds a share of {level}", expected="between 0 and 1")
    below = rank(samples, observed, error)
    return float(np.mean(np.abs(below - 0.5) <= level / 2))


def rank(samples: Numbers, observed: Numbers, error: ArrayLike) -> Numbers:
    """Return the predictive probability of a value below the observed one: float array (K,).

    Uniform between 0 and 1 if the predictions are right (Dawid 1984). Without error, half of the
    samples that tie with the observed value count as below it.
    """
    gap = np.asarray(observed) - _some(samples)
    sigma = np.broadcast_to(np.asarray(error, np.float64), gap.shape)
    sharp = np.where(gap > 0, 1.0, np.where(gap < 0, 0.0, 0.5))
    blurred = norm.cdf(gap / np.where(sigma > 0, sigma, 1.0))
    below: Numbers = np.where(sigma > 0, blurred, sharp).mean(axis=0)
    return below


def _some(samples: Numbers) -> Numbers:
    if len(samples) == 0:
        raise QantarError("there are no samples to score", expected="at least one")
    return samples


def _apart(samples: Numbers) -> Numbers:
    """Return half the mean distance of two draws, each draw also against itself."""
    n = len(samples)
    weights = (2 * np.arange(1, n + 1) - n - 1).reshape(-1, *[1] * (samples.ndim - 1))
    apart: Numbers = (weights * np.sort(samples, axis=0)).sum(axis=0) / (n * n)
    return apart


def _from_normal(gap: Numbers, sigma: Numbers) -> Numbers:
    """Return the mean distance of zero from a normal with mean `gap`, standard deviation sigma."""
    safe = np.where(sigma > 0, sigma, 1.0)
    z = gap / safe
    blurred = gap * (2 * norm.cdf(z) - 1) + 2 * safe * norm.pdf(z)
    distance: Numbers = np.where(sigma > 0, blurred, np.abs(gap))
    return distance


Verdict = Literal["hit", "near", "miss"]
PROBABILITIES = ("active", "active_elsewhere", "violent")


@dataclass(frozen=True)
class Score:
    """A target beside what a run gave.

    Attributes
    ----------
    target : Target
    low, high : float
        What the sources say; days count from the first day of the window.
    q05, q50, q95 : float
        What the run gave; for a probability all three are the share of members. Not-a-number
        where it never happened.
    inside : float
        Share of members inside the interval (for a probability, 1 or 0).
    distance : float
        Continuous ranked probability score against the nearest point of the interval, in the
        unit of the target (Gneiting and Raftery 2007).
    verdict : str
        ``hit``: the median lies in the interval. ``near``: the middle 90 % reaches it.
        ``miss``: it does not. A probability has no middle 90 %, so it is hit or missed.
    """

    target: Target
    low: float
    high: float
    q05: float
    q50: float
    q95: float
    inside: float
    distance: float
    verdict: Verdict


def score(outcome: Outcome, targets: Iterable[Target]) -> list[Score]:
    """Return the scores of a run, in the order of the targets."""
    return [_one(outcome, target) for target in targets]


def _one(outcome: Outcome, target: Target) -> Score:
    low, high = target.interval(outcome.layout.first_day)
    samples = outcome.samples(target.variable, target.level, target.name, target.date)
    if target.variable in PROBABILITIES:
        share = float(np.mean(samples))
        hit = low <= share <= high
        gap = max(low - share, share - high, 0.0)
        return Score(target, low, high, share, share, share, float(hit), gap, _verdict(hit, False))
    if target.variable in DATED:  # the day after the window stands for never
        samples = np.where(np.isnan(samples), outcome.layout.days, samples)
    happened = samples[~np.isnan(samples)]
    if len(happened) == 0:
        nothing = float("nan")
        return Score(target, low, high, nothing, nothing, nothing, 0.0, nothing, "miss")
    quantiles = quantiles_or_never(samples)
    q05, q50, q95 = quantiles[0], quantiles[2], quantiles[4]
    inside = float(np.mean((happened >= low) & (happened <= high)))
    reaches = not (q95 < low or q05 > high)
    verdict = _verdict(low <= q50 <= high, reaches)
    return Score(target, low, high, q05, q50, q95, inside, _crps(happened, low, high), verdict)


def _verdict(hit: bool, reaches: bool) -> Verdict:
    if hit:
        return "hit"
    return "near" if reaches else "miss"


def _crps(samples: Numbers, low: float, high: float) -> float:
    """Return the score of samples against the point of the interval nearest their median."""
    return float(crps(samples, np.clip(np.median(samples), low, high)))


def tally(scores: Iterable[Score]) -> dict[str, dict[Verdict, int]]:
    """Count verdicts among fitted and among held-back targets."""
    counts: dict[str, dict[Verdict, int]] = {
        use: {"hit": 0, "near": 0, "miss": 0} for use in ("fit", "held")
    }
    for item in scores:
        counts[item.target.use][item.verdict] += 1
    return counts
