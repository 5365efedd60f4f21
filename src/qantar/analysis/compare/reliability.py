"""Reliability: calibration of stated account probabilities on runs whose account is known.

The functions on probabilities take `truth`, the number of the account that made each simulated
data set, and the probabilities that a method stated for all accounts: float array (n, accounts).

Verdicts on two accounts follow from thresholds declared beforehand and three numbers: the log odds
by each of two independent methods, and how often those methods are right on simulated data of
these two accounts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from scipy.stats import beta

from qantar.base.arrays import Hours, Numbers
from qantar.base.errors import QantarError

Strength = Literal["clearly", "somewhat", "not"]

CLEAR_ODDS, SOME_ODDS = 20.0, 3.0
"""Odds from which one account is clearly, or somewhat, better (Kass and Raftery 1995)."""

LEAST_ACCURACY = 0.8
"""Share of simulated data sets that a method must classify correctly before its odds count."""

SUM_TOLERANCE = 1e-6
"""Tolerance of the sum of stated probabilities, for rounding."""

MIN_PROBABILITY = 1e-12
"""Lower bound of a probability in the log score, which keeps the score finite."""

FACTOR_RANGE = (1e-3, 1e2)
"""Range of the factor of `recalibrate`."""


@dataclass(frozen=True)
class PairVerdict:
    """The verdict on two accounts.

    Attributes
    ----------
    better, worse : str
        In the order of the likelihood-based method.
    log_odds : tuple of float
        Recalibrated log odds of the better one by each method.
    accuracy : tuple of float
        Share of simulated data sets of the two that each method classifies correctly.
    strength : str
        ``clearly`` or ``somewhat`` distinguished, or ``not``.
    reason : str
        The reason, in words that follow from the numbers.
    """

    better: str
    worse: str
    log_odds: tuple[float, float]
    accuracy: tuple[float, float]
    strength: Strength
    reason: str


def verdict_of(
    names: tuple[str, str], log_odds: tuple[float, float], accuracy: tuple[float, float]
) -> PairVerdict:
    """Return the verdict on a pair.

    Parameters
    ----------
    names : tuple of str
    log_odds : tuple of float
        Recalibrated log odds of the first over the second, by each method.
    accuracy : tuple of float
    """
    sign = 1.0 if log_odds[0] >= 0 else -1.0
    better, worse = names if sign > 0 else names[::-1]
    leans = (sign * log_odds[0], sign * log_odds[1])
    strength, reason = _strength_and_reason(leans, accuracy)
    return PairVerdict(better, worse, leans, accuracy, strength, reason)


def _strength_and_reason(
    leans: tuple[float, float], accuracy: tuple[float, float]
) -> tuple[Strength, str]:
    """Return how clearly one account is better, from the log odds and accuracy of both methods."""
    if not all(np.isfinite((*leans, *accuracy))):
        return "not", "a method gives no number for these two"
    if min(accuracy) < LEAST_ACCURACY:
        return "not", (
            f"on simulated data of these two the methods are right in {accuracy[0]:.0%} and "
            f"{accuracy[1]:.0%} of cases; {LEAST_ACCURACY:.0%} are needed"
        )
    if leans[1] <= 0:
        return "not", "the two methods lean to different sides"
    odds = float(np.exp(min(leans)))
    if odds < SOME_ODDS:
        return "not", f"the weaker of the two methods gives odds of {odds:.1f} to 1"
    strength: Strength = "clearly" if odds >= CLEAR_ODDS else "somewhat"
    shown = f"{odds:.0f}" if odds < 1000 else "over 1,000"
    return strength, f"both methods lean the same way, the weaker with odds of {shown} to 1"


def pair_accuracy(truth: Hours, log_evidence: Numbers, first: int, second: int) -> float:
    """Return the share of data sets of two accounts that a method assigns to the right one.

    A tie counts one half; NaN if there is no data set of either.
    """
    own = (truth == first) | (truth == second)
    if not own.any():
        return float("nan")
    lean = np.sign(log_evidence[own, first] - log_evidence[own, second])
    right = lean * np.where(truth[own] == first, 1.0, -1.0)
    return float(np.mean((right + 1.0) / 2.0))


def headline(best: str, pairs: list[PairVerdict], titles: dict[str, str]) -> str:
    """Return the verdict on all accounts in a sentence or two.

    Parameters
    ----------
    best : str
        The account that leads by the likelihood-based method.
    pairs : list of PairVerdict
        The verdicts on the leader and every other account.
    titles : dict of str
        How to call each account.
    """
    others: dict[str, list[str]] = {strength: [] for strength in ("clearly", "somewhat", "not")}
    for pair in pairs:
        other = pair.worse if pair.better == best else pair.better
        others[pair.strength].append(titles[other])
    parts = []
    for strength in ("clearly", "somewhat"):
        if others[strength]:
            parts.append(f"{strength} better supported than {join_names(others[strength])}")
    if not parts:
        return (
            f"No account can be told apart from the most probable one, {titles[best]}, on these "
            "facts."
        )
    text = f"{titles[best]} leads: {', and '.join(parts)}."
    if others["not"]:
        text += f" It cannot be told apart from {join_names(others['not'])} on these facts."
    return text


def join_names(names: list[str]) -> str:
    """Return at least one name as a list in prose: commas, and "and" before the last."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


@dataclass(frozen=True)
class Confusion:
    """Confusion matrix: rows are true accounts, columns stated ones.

    Attributes
    ----------
    mean : float array (accounts, accounts)
        Mean stated probability.
    first : float array (accounts, accounts)
        Share of the data sets in which the stated account had the highest probability.
    sets : int array (accounts,)
        Number of data sets; the rows of an account without any are NaN.
    """

    mean: Numbers
    first: Numbers
    sets: Hours


@dataclass(frozen=True)
class Curve:
    """Calibration curve: stated probabilities and how often they came true, bin by bin.

    Attributes
    ----------
    stated : float array (bins,)
        Mean stated probability.
    came_true : float array (bins,)
        Share of the statements that were true.
    low, high : float array (bins,)
        Confidence interval of that share (Clopper and Pearson 1934). Statements about one data
        set depend on each other, so with few accounts it is a little too narrow.
    statements : int array (bins,)
    """

    stated: Numbers
    came_true: Numbers
    low: Numbers
    high: Numbers
    statements: Hours


def confusion(truth: Hours, probabilities: Numbers) -> Confusion:
    """Return the confusion matrix of stated probabilities."""
    _check_probabilities(truth, probabilities)
    own = _one_hot(truth, probabilities)
    best = np.eye(probabilities.shape[1])[probabilities.argmax(axis=1)]
    sets = own.sum(axis=0)
    with np.errstate(invalid="ignore"):
        mean, first = own.T @ probabilities / sets[:, None], own.T @ best / sets[:, None]
    return Confusion(mean, first, sets.astype(np.int64))


def calibration_curve(
    truth: Hours, probabilities: Numbers, *, bins: int = 10, level: float = 0.9
) -> Curve:
    """Return the calibration curve over the statements about all accounts.

    Parameters
    ----------
    bins : int
        Number of bins with equally many statements; fewer if there are fewer statements.
    level : float
        Of the confidence intervals.
    """
    _check_probabilities(truth, probabilities)
    order = np.argsort(probabilities, axis=None, kind="stable")
    stated = probabilities.ravel()[order]
    true = _one_hot(truth, probabilities).ravel()[order]
    chunks = np.array_split(np.arange(len(stated)), min(bins, len(stated)))
    count = np.array([len(chunk) for chunk in chunks], np.int64)
    hits = np.array([true[chunk].sum() for chunk in chunks])
    tail = (1 - level) / 2
    low = np.where(hits == 0, 0.0, beta.ppf(tail, np.maximum(hits, 1), count - hits + 1))
    misses = np.maximum(count - hits, 1)
    high = np.where(hits == count, 1.0, beta.ppf(1 - tail, hits + 1, misses))
    means = np.array([stated[chunk].mean() for chunk in chunks])
    return Curve(means, hits / count, low, high, count)


def expected_calibration_error(truth: Hours, probabilities: Numbers, *, bins: int = 10) -> float:
    """Return the mean gap between stated and true share over equal-count bins (Naeini et al. 2015).

    Over the statements about all accounts. It is above zero by chance alone: with `m` statements
    per bin, by about the standard error of a share of `m`.
    """
    curve = calibration_curve(truth, probabilities, bins=bins)
    return float(np.average(np.abs(curve.stated - curve.came_true), weights=curve.statements))


def log_score(truth: Hours, probabilities: Numbers) -> float:
    """Return the mean of minus the log of the probability of the true account (Good 1952)."""
    _check_probabilities(truth, probabilities)
    given = probabilities[np.arange(len(truth)), truth]
    return float(-np.log(np.maximum(given, MIN_PROBABILITY)).mean())


def brier(truth: Hours, probabilities: Numbers) -> float:
    """Return the mean squared distance from the truth, summed over accounts (Brier 1950).

    From 0 to 2; equal probabilities for A accounts give 1 - 1/A.
    """
    _check_probabilities(truth, probabilities)
    return float(((probabilities - _one_hot(truth, probabilities)) ** 2).sum(axis=1).mean())


def recalibrate(truth: Hours, log_evidence: Numbers) -> float:
    """Return the factor by which log odds must be multiplied to be calibrated on simulated data.

    It maximises the likelihood of the true accounts, with equal priors (Guo et al. 2017, whose
    temperature is its inverse). Below 1 the method was overconfident. The order of the accounts
    does not change.

    To evaluate a method after recalibration, estimate the factor of each data set from all others
    (leave one out), as
    ``recalibrate(np.delete(truth, i), np.delete(log_evidence, i, axis=0))``.

    Parameters
    ----------
    truth : int array (n,)
    log_evidence : float array (n, accounts)
        Up to one constant per row.
    """
    odds = log_evidence - log_evidence.max(axis=1, keepdims=True)
    _check_probabilities(truth, np.exp(log_softmax(odds, axis=1)))
    rows = np.arange(len(truth))

    def loss(log_factor: float) -> float:
        return -float(log_softmax(np.exp(log_factor) * odds, axis=1)[rows, truth].mean())

    low, high = np.log(FACTOR_RANGE)
    found = minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-6})
    return float(np.exp(found.x))


def _one_hot(truth: Hours, probabilities: Numbers) -> Numbers:
    """Return 1 for the true account of every data set and 0 for the others."""
    ones: Numbers = np.eye(probabilities.shape[1])[truth]
    return ones


def _check_probabilities(truth: Hours, probabilities: Numbers) -> None:
    fits = probabilities.ndim == 2 and truth.shape == (len(probabilities),) and len(truth) > 0
    if not fits or truth.min() < 0 or truth.max() >= probabilities.shape[1]:
        raise QantarError(
            f"true accounts {truth.shape} and stated probabilities {probabilities.shape} disagree",
            expected="one number of an account, and one row of probabilities, per data set",
        )
    sums = probabilities.sum(axis=1)
    if not (np.abs(sums - 1) < SUM_TOLERANCE).all() or probabilities.min() < 0:
        raise QantarError(
            "the stated values are not probabilities", expected="none negative, rows with sum 1"
        )
