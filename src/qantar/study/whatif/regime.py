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
TOLLS = ("few dead", "deadly")
REGIMES = tuple(f"{extent}, {toll}" for extent, toll in product(EXTENTS, TOLLS))
"""Every kind of course: how far it spread, and whether it was deadly."""

ONE_REGION = 1
"""A protest seen in no more regions than this is local."""

HALF = 0.5
"""A protest seen in this share of all regions is national."""

DOZENS = 10
"""Deaths from which a course counts as deadly: more than accidents and single shots explain."""


def regimes(outcome: Outcome) -> NDArray[np.int64]:
    """Return the kind of course of every member: int array (members,), indices of `REGIMES`."""
    layout = outcome.layout
    seen = [outcome.samples("active", "region", name, "any") for name in layout.regions]
    regions = np.sum(seen, axis=0)
    extent = np.where(regions <= ONE_REGION, 0, np.where(regions < HALF * len(seen), 1, 2))
    deadly = outcome.samples("deaths", "country", layout.country, "total") >= DOZENS
    result: NDArray[np.int64] = len(TOLLS) * extent + deadly
    return result


def flips(before: Outcome, after: Outcome) -> dict[tuple[str, str], float]:
    """Return the share of pairs by the kind of course in each world, where it is not nought."""
    was, became = regimes(before), regimes(after)
    shares = {}
    for a, b in product(range(len(REGIMES)), repeat=2):
        share = float(np.mean((was == a) & (became == b)))
        if share > 0.0:
            shares[REGIMES[a], REGIMES[b]] = share
    return shares
