"""Scopes of waves, from none to national, and how often a wave of a scope comes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qantar.base.arrays import Numbers
from qantar.simulate.years.histories import Histories

SCOPES = ("none", "local", "several", "wide", "national")
"""Scopes of a wave: no region, one, 2 to 8, 9 to 14, and 15 or more of 17."""

NATIONAL = len(SCOPES) - 1
_SCOPE_BOUNDS = (1, 2, 9 / 17, 15 / 17)


def scope_of(regions: NDArray[Any], region_count: int) -> NDArray[np.int64]:
    """Return the scope of waves by the number of regions out: int array.

    The bounds are those of 17 regions, in proportion: a national wave takes 15 of 17.
    """
    return np.searchsorted(scope_bounds(region_count), regions, side="right")


CLASSES = ("none or one", "several", "wide", "national")
"""Scopes that sources distinguish: whether nobody or one place came out depends on who watched."""


def class_of(regions: NDArray[Any], region_count: int) -> NDArray[np.int64]:
    """Return the class (`CLASSES`) of waves by the number of regions out: int array."""
    return np.maximum(scope_of(regions, region_count) - 1, 0)


def scope_bounds(region_count: int) -> tuple[float, ...]:
    """Return the least number of regions of every scope but the first."""
    return (1.0, 2.0, *(float(np.ceil(share * region_count)) for share in _SCOPE_BOUNDS[2:]))


def wave_chance(
    histories: Histories, first: int, last: int, region_count: int, least: int = NATIONAL
) -> Numbers:
    """Return for each member whether a wave of a scope or more comes within months: 0 or 1.

    Parameters
    ----------
    first, last : int
        Months from `first` to before `last`, counted from the first month of the histories.
    least : int
        Smallest scope, by default a national wave.
    """
    scope = scope_of(histories.wave("regions"), region_count)
    month = histories.wave("month")
    chosen = (scope >= least) & (month >= first) & (month < last)
    return histories.members_with(chosen)
