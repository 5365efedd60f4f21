"""Verdicts: what may be said of two accounts, by thresholds declared beforehand.

Words follow from three numbers and nothing else: how far the odds lean by each of two methods that
share no code, and how often those methods are right on simulated data of these two accounts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from qantar.arrays import Hours, Numbers

Strength = Literal["clearly", "somewhat", "not"]

CLEAR_ODDS, SOME_ODDS = 20.0, 3.0
"""Odds from which a lean is clear, or worth a mention (Kass and Raftery 1995)."""

LEAST_ACCURACY = 0.8
"""Share of simulated data sets that a method must tell right before its lean counts."""


@dataclass(frozen=True)
class PairVerdict:
    """What may be said of two accounts.

    Attributes
    ----------
    better, worse : str
        In the order of the likelihood-based method.
    log_odds : tuple of float
        Recalibrated log odds of the better one by each method.
    accuracy : tuple of float
        Share of simulated data sets of the two that each method tells right.
    strength : str
        ``clearly`` or ``somewhat`` told apart, or ``not``.
    reason : str
        Why, in words that follow from the numbers.
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
    strength, reason = _weigh(leans, accuracy)
    return PairVerdict(better, worse, leans, accuracy, strength, reason)


def _weigh(leans: tuple[float, float], accuracy: tuple[float, float]) -> tuple[Strength, str]:
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
    """Return the share of data sets of two accounts that a method tells right between the two.

    A tie counts one half; not-a-number if there is no data set of either.
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
    told: dict[str, list[str]] = {strength: [] for strength in ("clearly", "somewhat", "not")}
    for pair in pairs:
        other = pair.worse if pair.better == best else pair.better
        told[pair.strength].append(titles[other])
    parts = []
    for strength in ("clearly", "somewhat"):
        if told[strength]:
            parts.append(f"{strength} better supported than {listed(told[strength])}")
    lead = f"{titles[best]} leads"
    if not parts:
        return f"{lead}, but cannot be told apart from any other account on these facts."
    text = f"{lead}: {', and '.join(parts)}."
    if told["not"]:
        text += f" It cannot be told apart from {listed(told['not'])} on these facts."
    return text


def listed(names: list[str]) -> str:
    """Return names, at least one, as people list them: commas, and "and" before the last."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
