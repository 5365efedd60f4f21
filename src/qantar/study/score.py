"""Scores: how far a run is from what the sources say, target by target."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from qantar.arrays import Numbers
from qantar.evidence.targets import DATED, Target
from qantar.study.facts import quantiles_or_never
from qantar.study.outcome import Outcome
from qantar.study.proper_scores import crps

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
