"""The kind of course that a run took, so that one can see whether a change flips it.

Where a change leaves the kind of course as it was, twins differ by the change; where it flips it,
they differ by luck, and the mean of their difference says little.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from qantar.study.outcome import Outcome

EXTENTS = ("local", "in several regions", "national")
ENDS = ("few dead", "put down", "fighting to the end")
REGIMES = tuple(f"{extent}, {end}" for extent, end in product(EXTENTS, ENDS))
"""Every kind of course: how far it spread, and how it ended."""

ONE_REGION = 1
"""A protest seen in no more regions than this is local."""

HALF = 0.5
"""A protest seen in this share of all regions is national."""

DOZENS = 10
"""Deaths from which a course is more than accidents and single shots."""

LAST_DAYS = 3
"""Days at the end of the window that show whether people still die."""

STILL = 5
"""Deaths in those days from which the fighting counts as going on."""


def regimes(outcome: Outcome) -> NDArray[np.int64]:
    """Return the kind of course of every member: int array (members,), indices of `REGIMES`.

    It is judged from each run alone, never from its twin.
    """
    layout = outcome.layout
    early = layout.dates[max(layout.days - 1 - LAST_DAYS, 0)]
    deaths = outcome.samples("deaths", "country", layout.country, "total")
    late = deaths - outcome.samples("deaths", "country", layout.country, early)
    end = np.where(deaths < DOZENS, 0, np.where(late < STILL, 1, 2))
    result: NDArray[np.int64] = len(ENDS) * extents(outcome) + end
    return result


def extents(outcome: Outcome) -> NDArray[np.int64]:
    """Return how far every member spread: int array (members,), indices of `EXTENTS`."""
    names = outcome.layout.regions
    regions = np.sum([outcome.samples("active", "region", name, "any") for name in names], axis=0)
    return np.where(regions <= ONE_REGION, 0, np.where(regions < HALF * len(names), 1, 2))


def flips(before: Outcome, after: Outcome) -> dict[tuple[str, str], float]:
    """Return the share of pairs by the kind of course in each world, where it is not nought."""
    was, became = regimes(before), regimes(after)
    shares = {}
    for a, b in product(range(len(REGIMES)), repeat=2):
        share = float(np.mean((was == a) & (became == b)))
        if share > 0.0:
            shares[REGIMES[a], REGIMES[b]] = share
    return shares
