"""Scores of a run against the sources, target by target, and proper scores of predictive samples.

The expected value of a proper score is lowest if the forecast is the forecaster's true belief
(Gneiting and Raftery 2007). Observations have a midpoint and a normal error, on the scales of
`qantar.analysis.observations`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from qantar.analysis.facts import quantiles
from qantar.analysis.outcomes import Layout, Outcome
from qantar.base.arrays import Numbers
from qantar.base.errors import QantarError
from qantar.evidence.targets import DATED, Target, Use

_PAIRS = 1_000_000  # of draws whose distance is computed at a time

Verdict = Literal["hit", "near", "miss", "uninformative"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

PROBABILITIES = ("active", "active_elsewhere", "violent")
"""Quantities that are 0 or 1 for a member; their share of members is compared with the sources."""

PLACES = "active_places"
REGIONS = "regions_active"
SHARES = ("peaceful_share", "deaths_share")

WIDEST_SHARE = 0.5
"""Largest part of the possible values that an informative interval can cover.

A forecast that knows only which values are possible, and takes all as equally probable, hits a
wider interval more often than not. Applies to quantities with a known range: days of the window,
numbers of places and regions, shares.
"""

WIDEST_FACTOR = 25.0
"""Largest ratio of the ends of an informative interval for counts without a known maximum.

Such an interval reaches at most five times above and below its geometric mean. One is added to
both ends, so that an interval from zero has a ratio too.
"""


@dataclass(frozen=True)
class Score:
    """A target compared with the results of a run.

    Attributes
    ----------
    target : Target
    low, high : float
        The interval of the sources; days count from the first day of the window.
    q05, q50, q95 : float
        Quantiles of the run; for a probability all three are the share of members. NaN if the
        event never happened.
    inside : float
        Share of members inside the interval (for a probability, 1 or 0).
    verdict : str
        ``hit``: the median lies in the interval. ``near``: it does not, but the 90 % range overlaps
        the interval. ``miss``: no overlap. A probability has no range, so it is hit or missed.
        ``uninformative``: a hit of an interval that is too wide, a hit or near of a 90 % range
        that is too wide (`is_informative`), or a hit or near of a target marked ``weak``.
    """

    target: Target
    low: float
    high: float
    q05: float
    q50: float
    q95: float
    inside: float
    verdict: Verdict


def score(outcome: Outcome, targets: Iterable[Target]) -> list[Score]:
    """Return the scores of a run, in the order of the targets."""
    return [score_target(outcome, target) for target in targets]


def score_target(outcome: Outcome, target: Target) -> Score:
    """Return the score of a run on one target.

    Agreement with a very wide interval says little, so it counts neither as hit nor as miss.
    Disagreement with one says much, so a near or a miss of a wide target interval is kept, and so
    is the miss of a wide 90 % range. Of a target marked ``weak`` only a miss is kept.
    """
    low, high = target.interval(outcome.layout.first_day)
    samples = outcome.samples(target.variable, target.level, target.name, target.date)
    if target.variable in PROBABILITIES:
        share = float(np.mean(samples))
        hit = low <= share <= high
        clear = target.use != "weak" and is_informative_target(target, outcome.layout)
        verdict: Verdict = ("hit" if clear else "uninformative") if hit else "miss"
        return Score(target, low, high, share, share, share, float(hit), verdict)
    if target.variable in DATED:  # never counts as the day after the window
        samples = np.where(np.isnan(samples), outcome.layout.days, samples)
    happened = samples[~np.isnan(samples)]
    if len(happened) == 0:
        nan = float("nan")
        return Score(target, low, high, nan, nan, nan, 0.0, "miss")
    q05, _, q50, _, q95 = quantiles(target.variable, samples)
    inside = float(np.mean((happened >= low) & (happened <= high)))
    clear_range = is_informative(
        target.variable, q05, q95, _possible_values(outcome.layout, target)
    )
    verdict = verdict_of(
        hit=low <= q50 <= high,
        overlaps=not (q95 < low or q05 > high),
        clear_target=is_informative_target(target, outcome.layout),
        clear_range=clear_range and target.use != "weak",
    )
    return Score(target, low, high, q05, q50, q95, inside, verdict)


def is_informative(variable: str, low: float, high: float, limit: float) -> bool:
    """Whether an interval is narrow enough for agreement with it to say something.

    Parameters
    ----------
    variable : str
    low, high : float
        Ends of the interval; days count from the first day of the window.
    limit : float
        Number of possible values of a quantity with a known range: days of the window, or one more
        than the number of places or regions.

    Returns
    -------
    bool
        Whether the interval covers at most `WIDEST_SHARE` of the possible values; for a count
        without a known maximum, whether its ends differ by a factor of at most `WIDEST_FACTOR`.
    """
    if np.isnan(low) or np.isnan(high):
        return True
    if variable in (*SHARES, *PROBABILITIES):
        return high - low <= WIDEST_SHARE
    if variable in (*DATED, PLACES, REGIONS):
        return high - low + 1 <= WIDEST_SHARE * limit
    return (high + 1) / (low + 1) <= WIDEST_FACTOR


def is_informative_target(target: Target, layout: Layout) -> bool:
    """Whether the interval of a target is narrow enough (`is_informative`).

    Parameters
    ----------
    target : Target
    layout : Layout
        The places, regions and days of the episode.
    """
    low, high = target.interval(layout.first_day)
    return is_informative(target.variable, low, high, _possible_values(layout, target))


def _possible_values(layout: Layout, target: Target) -> float:
    """Return the number of possible values of a quantity with a known range, else infinity."""
    if target.variable in DATED:
        return layout.days
    if target.variable in (PLACES, REGIONS):
        places = np.flatnonzero(layout.mask(target.level, target.name))
        regions = {layout.region_of[k] for k in places}
        return 1 + len(places if target.variable == PLACES else regions)
    return float("inf")


def verdict_of(*, hit: bool, overlaps: bool, clear_target: bool, clear_range: bool) -> Verdict:
    """Return the verdict on a target: see `Score`.

    Parameters
    ----------
    hit : bool
        Whether the median lies in the interval of the target.
    overlaps : bool
        Whether the 90 % range overlaps it.
    clear_target, clear_range : bool
        Whether each of both is narrow enough to say something.
    """
    if not overlaps:
        return "miss"
    if not clear_range or (hit and not clear_target):
        return "uninformative"
    return "hit" if hit else "near"


def tally(scores: Iterable[Score]) -> dict[Use, dict[Verdict, int]]:
    """Count verdicts among fitted, held-back and weak targets."""
    counts: dict[Use, dict[Verdict, int]] = {
        use: dict.fromkeys(VERDICTS, 0) for use in get_args(Use)
    }
    for item in scores:
        counts[item.target.use][item.verdict] += 1
    return counts


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
        Mean distance to the observed point minus half the mean distance between two draws, in the
        unit of the samples (Gneiting and Raftery 2007, equation 21; Hersbach 2000). For a single
        draw it is the absolute error.
    """
    n = len(_not_empty(samples))
    # Half the mean distance between two draws, including each with itself, from the sorted draws.
    weights = (2 * np.arange(1, n + 1) - n - 1).reshape(-1, *[1] * (samples.ndim - 1))
    half_distance = (weights * np.sort(samples, axis=0)).sum(axis=0) / (n * n)
    score: Numbers = np.abs(samples - np.asarray(observed)).mean(axis=0) - half_distance
    return score


def crps_with_error(samples: Numbers, observed: ArrayLike, error: ArrayLike) -> Numbers:
    """Return the continuous ranked probability score of samples observed with a normal error.

    The predictive distribution is the mixture of normals centred on the samples, whose score has a
    closed form (Grimit et al. 2006). Without error it equals `crps`.

    Parameters
    ----------
    samples : float array (n,) or (n, K)
        Draws of the true value, without observation error.
    observed : float or float array (K,)
        The midpoint of the sources' interval.
    error : float or float array (K,)
        Standard deviation of the observation error, not negative.

    Returns
    -------
    float array () or (K,)
        In the unit of the samples; divide by the error to compare quantities of several units.
    """
    drawn, sigma = _not_empty(samples), np.asarray(error, np.float64)
    if (sigma < 0).any():
        raise QantarError("an observation error is negative", expected="zero or more")
    middle = _mean_distance_from_normal(np.asarray(observed) - drawn, sigma).mean(axis=0)
    columns = drawn.reshape(len(drawn), -1)
    errors = np.broadcast_to(np.sqrt(2) * sigma, drawn.shape[1:]).ravel()
    apart = [_mean_distance(own, error) for own, error in zip(columns.T, errors, strict=True)]
    score: Numbers = middle - 0.5 * np.reshape(apart, drawn.shape[1:])
    return score


def _mean_distance(drawn: Numbers, sigma: float) -> float:
    """Return the mean distance of two draws whose difference has a normal error.

    Most quantities are counts or days with few values: a distance is computed once for each pair of
    values, and summed over the draws in their order.
    """
    values, place = np.unique(drawn, return_inverse=True)
    means = np.empty(len(values))
    some = max(1, _PAIRS // len(drawn))
    for first in range(0, len(values), some):
        gaps = values[:, None] - values[None, first : first + some]
        distances = _mean_distance_from_normal(gaps, np.asarray(sigma))
        means[first : first + some] = _mean_in_order(distances[place])
    return float(_mean_in_order(means[place]))


def _mean_in_order(values: Numbers) -> Numbers:
    """Return the mean over the first axis, summed one after the other whatever the shape."""
    one_column = values.size == len(values)  # numpy would sum pairs of values first
    total = np.cumsum(values, axis=0)[-1] if one_column else values.sum(axis=0)
    mean: Numbers = total / len(values)
    return mean


def interval_score(low: ArrayLike, high: ArrayLike, observed: ArrayLike, alpha: float) -> Numbers:
    """Return the score of a central interval: its width plus a penalty if it misses.

    Parameters
    ----------
    low, high, observed : float or float array
        Ends of the interval, and the observed value; they broadcast.
    alpha : float
        Nominal probability that the interval misses, such as 0.1 for a central 90 % interval.
    """
    if not 0 < alpha < 1:
        raise QantarError(f"alpha is {alpha}", expected="between 0 and 1")
    bottom, top, seen = np.asarray(low), np.asarray(high), np.asarray(observed)
    miss = np.maximum(bottom - seen, 0.0) + np.maximum(seen - top, 0.0)
    score: Numbers = top - bottom + 2 / alpha * miss
    return score


def energy_score(samples: Numbers, observed: Numbers, scale: ArrayLike = 1.0) -> float:
    """Return the energy score: the multivariate generalisation of `crps`.

    It is also sensitive to wrong dependence between quantities, though weakly.

    Parameters
    ----------
    samples : float array (n, K)
    observed : float array (K,)
    scale : float or float array (K,)
        Unit of each quantity, such as its observation error. Distances are Euclidean after
        division by it.
    """
    drawn = _not_empty(samples) / np.asarray(scale)
    seen = np.asarray(observed) / np.asarray(scale)
    apart = np.mean([np.linalg.norm(drawn - one, axis=1).mean() for one in drawn])
    return float(np.linalg.norm(drawn - seen, axis=1).mean() - 0.5 * apart)


def coverage(samples: Numbers, observed: Numbers, error: ArrayLike, level: float) -> float:
    """Return the share of quantities whose central predictive interval contains the observed value.

    The interval includes a normal observation error, so a calibrated prediction covers `level` of
    the observations.

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
        raise QantarError(f"level is {level}", expected="between 0 and 1")
    below = rank(samples, observed, error)
    return float(np.mean(np.abs(below - 0.5) <= level / 2))


def rank(samples: Numbers, observed: Numbers, error: ArrayLike) -> Numbers:
    """Return the predictive probability of a value below the observed one: float array (K,).

    Uniform on [0, 1] if the predictions are calibrated (Dawid 1984). Without error, half of the
    samples equal to the observed value count as below it.
    """
    from scipy.special import ndtr  # slow to import

    gap = np.asarray(observed) - _not_empty(samples)
    sigma = np.broadcast_to(np.asarray(error, np.float64), gap.shape)
    sharp = np.where(gap > 0, 1.0, np.where(gap < 0, 0.0, 0.5))
    blurred = ndtr(gap / np.where(sigma > 0, sigma, 1.0))
    below: Numbers = np.where(sigma > 0, blurred, sharp).mean(axis=0)
    return below


def _not_empty(samples: Numbers) -> Numbers:
    """Return the samples; raise an error if there are none."""
    if len(samples) == 0:
        raise QantarError("there are no samples to score", expected="at least one")
    return samples


def _mean_distance_from_normal(gap: Numbers, sigma: Numbers) -> Numbers:
    """Return the mean absolute value of a normal with mean `gap` and standard deviation `sigma`."""
    from scipy.special import ndtr  # slow to import

    safe = np.where(sigma > 0, sigma, 1.0)
    z = gap / safe
    blurred = gap * (2 * ndtr(z) - 1) + 2 * safe * np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    distance: Numbers = np.where(sigma > 0, blurred, np.abs(gap))
    return distance
