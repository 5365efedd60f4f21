"""Differences between twins: means with intervals, shares of pairs, and what pairing was worth."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from qantar.arrays import Flags, Numbers
from qantar.study.outcome import Layout, Outcome
from qantar.study.whatif.regime import regimes
from qantar.study.whatif.result import COLUMNS

QUANTITIES = {
    "deaths": ("total", "persons"),
    "security_deaths": ("total", "persons"),
    "wounded": ("total", "persons"),
    "detained_cumulative": ("total", "persons"),
    "participants": ("any", "persons"),
    "crowd_peak": ("any", "persons"),
    "last_day": ("window", "days"),
    "active_places": ("any", "places"),
    "buildings_attacked": ("total", "buildings"),
    "businesses_looted": ("total", "firms"),
}
"""What is always asked of a pair of worlds, with the date it is asked for and its unit.

``participants`` is the largest number on any one day.
"""

BY_REGION = ("deaths", "detained_cumulative", "participants")
"""What is asked of every region too."""

RESAMPLES = 2000
"""Bootstrap samples of pairs behind an interval of a mean (Efron and Tibshirani 1993)."""

NINETY = (0.05, 0.95)

ROUNDING = 1e-12
"""Share of the variance between independent runs below which twins count as never differing."""

_NUMBERS = 13
"""Numbers in a row."""

_BOOTSTRAP = 51
"""Number that keeps the resampling apart from other generators."""


def differences(
    before: Outcome, after: Outcome, *, seed: int, change: str, mode: str, account: str
) -> pd.DataFrame:
    """Return what differs between two worlds, quantity by quantity.

    Parameters
    ----------
    before, after : Outcome
        Member k of one is the twin of member k of the other.
    seed : int
        Of the resampling.
    change, mode, account : str
        What is written into the first columns.

    Returns
    -------
    DataFrame
        See `qantar.study.whatif.result.COLUMNS`.
    """
    weights = resampling(before.members, seed)
    stays = regimes(before) == regimes(after)
    rows = []
    for quantity, level, name, date, unit in _questions(before.layout):
        was = before.samples(quantity, level, name, date)
        became = after.samples(quantity, level, name, date)
        row = [change, mode, account, quantity, level, name, date, unit]
        rows.append([*row, *compared(was, became, weights, stays)])
    return pd.DataFrame(rows, columns=COLUMNS["differences"].split())


def resampling(members: int, seed: int) -> Numbers:
    """Return the weight of every pair in every bootstrap sample: float array (samples, members)."""
    source = np.random.default_rng([_BOOTSTRAP, seed, members])
    counts = source.multinomial(members, np.full(members, 1.0 / members), size=RESAMPLES)
    return np.asarray(counts / members, np.float64)


def compared(was: Numbers, became: Numbers, weights: Numbers, stays: Flags) -> list[float]:
    """Return the numbers of one row, from ``baseline`` to ``stable_ratio``.

    Pairs in which the quantity does not exist in both worlds (the last day of a protest that never
    was) are left out of the difference.
    """
    both = ~(np.isnan(was) | np.isnan(became))
    if not both.any():
        return [np.nan] * _NUMBERS
    pairs = np.where(both, became - was, 0.0)
    counted = weights @ both
    drawn = counted > 0.0  # a sample without a pair in which the quantity exists says nothing
    means = (weights @ pairs)[drawn] / counted[drawn]
    gap = pairs[both]
    return [
        float(was[both].mean()),
        float(became[both].mean()),
        float(gap.mean()),
        *(float(v) for v in np.quantile(means, NINETY)),
        *(float(v) for v in np.quantile(gap, NINETY)),
        float(np.mean(gap < 0)),
        float(np.mean(gap == 0)),
        float(np.mean(gap > 0)),
        variance_ratio(was[both], became[both]),
        float(np.mean(~stays)),
        variance_ratio(was[both & stays], became[both & stays]),
    ]


def variance_ratio(was: Numbers, became: Numbers) -> float:
    """Return the variance of a difference of independent runs over that of twins.

    Common random numbers are worth as many times more runs (Glasserman and Yao 1992). Not-a-number
    where no pair differs: there is nothing to gain on an effect of nothing.
    """
    paired = float(np.var(became - was)) if len(was) else 0.0
    apart = float(np.var(was) + np.var(became)) if len(was) else 0.0
    if paired <= ROUNDING * apart:
        return float("nan")
    return apart / paired


def _questions(layout: Layout) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield every quantity with its unit of place, its date and its unit."""
    for quantity, (date, unit) in QUANTITIES.items():
        yield quantity, "country", layout.country, date, unit
    for quantity in BY_REGION:
        for region in layout.regions:
            yield quantity, "region", region, *QUANTITIES[quantity]
