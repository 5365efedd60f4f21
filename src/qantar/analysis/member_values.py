"""What is kept of every member of a run, computed for a block of members at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qantar.analysis.layout import Layout
from qantar.base.arrays import Hours
from qantar.model.hour import VARIABLES
from qantar.simulate.ensemble import Block

CUMULATIVE = {
    "deaths": "deaths",
    "security_deaths": "security_deaths",
    "wounded": "wounded",
    "detained_cumulative": "detained",
    "detained_published": "detained_published",
    "buildings_attacked": "buildings_attacked",
    "businesses_looted": "businesses_looted",
}
"""Running totals: recorded variable by name in facts."""

CROWD = "crowd"
"""Crowds by hour and place: float array (members, hours, places)."""

UNIT_CROWD = "crowd_of_units"
"""Crowds of the country and of every region by hour: float array (members, units, hours)."""

EVENING_CROWD = "crowd_in_the_evening"
"""Crowds at `EVENING`: float array (members, places, days)."""

EVENING = 18
"""Local hour at which maps show crowds."""

DAILY = ("crowd_peak", "participants", *CUMULATIVE, EVENING_CROWD)
"""Values of every place and local day: float array (members, places, days)."""

COLUMN = {variable.name: k for k, variable in enumerate(VARIABLES)}
"""Index of a recorded variable in a block."""

_KINDS = (np.uint8, np.uint16, np.float32)


class Values:
    """One quantity of all members, kept in the smallest type that holds every value exactly.

    Most are small counts, so that this needs a half to a quarter of the memory.

    Parameters
    ----------
    expected : int
        Number of members for which there is room from the beginning. Room that is not used takes
        no memory.
    """

    def __init__(self, expected: int = 0) -> None:
        self._room: NDArray[Any] = np.empty((0,), _KINDS[0])
        self._expected, self._members = expected, 0

    def __len__(self) -> int:
        return self._members

    def add(self, block: NDArray[np.float32]) -> None:
        """Take more members: float array (members, ...)."""
        after = self._members + len(block)
        kind = np.promote_types(_smallest_kind(block), self._room.dtype)
        if after > len(self._room) or kind != self._room.dtype:
            room = np.empty((max(self._expected, 2 * self._members, after), *block.shape[1:]), kind)
            if self._members:
                room[: self._members] = self.array
            self._room = room
        self._room[self._members : after] = block
        self._members = after

    def copy(self) -> Values:
        """Return the values of the members so far, in memory that is not written again."""
        copied = Values()
        copied._room, copied._members = self.array, self._members
        return copied

    @property
    def array(self) -> NDArray[Any]:
        """The values of all members, in the type in which they are kept: array (members, ...)."""
        return self._room[: self._members]

    def __getitem__(self, index: Any) -> NDArray[np.float32]:
        result: NDArray[np.float32] = self.array[index].astype(np.float32)
        return result


class ValuesOfUnits:
    """One quantity of several units, each in a type of its own: `Values` side by side.

    The numbers of the country are large, those of most regions are not.

    Parameters
    ----------
    expected : int
        See `Values`.
    """

    def __init__(self, expected: int = 0) -> None:
        self._expected = expected
        self._units: list[Values] = []

    def __len__(self) -> int:
        return len(self._units[0]) if self._units else 0

    def add(self, block: NDArray[np.float32]) -> None:
        """Take more members: float array (members, units, ...)."""
        if not self._units:
            self._units = [Values(self._expected) for _ in range(block.shape[1])]
        for number, unit in enumerate(self._units):
            unit.add(block[:, number])

    def copy(self) -> ValuesOfUnits:
        """Return the values of the members so far, see `Values.copy`."""
        copied = ValuesOfUnits()
        copied._units = [unit.copy() for unit in self._units]
        return copied

    def of(self, unit: int) -> NDArray[np.float32]:
        """Return the values of one unit: float array (members, ...)."""
        return self._units[unit][:]

    def __getitem__(self, index: Any) -> NDArray[np.float32]:
        result: NDArray[np.float32] = np.stack([unit[:] for unit in self._units], axis=1)[index]
        return result


def _smallest_kind(values: NDArray[np.float32]) -> np.dtype[Any]:
    """Return the smallest of three types that holds all values exactly."""
    low, high = (values.min(), values.max()) if values.size else (0.0, 0.0)
    for kind in _KINDS[:-1]:
        if low >= 0 and high <= np.iinfo(kind).max:
            if np.array_equal(values.astype(kind), values):
                return np.dtype(kind)
            break
    return np.dtype(_KINDS[-1])


def values_of(block: Block, layout: Layout, *, by_hour: bool) -> dict[str, NDArray[np.float32]]:
    """Return what is kept of a block of members, by name.

    Parameters
    ----------
    block : float array (variables, members, hours, places)
        With variables in the order of `qantar.model.hour.VARIABLES`.
    layout : Layout
    by_hour : bool
        Whether to keep crowds by hour and place too, which is most of what is kept.

    Returns
    -------
    dict of float arrays
        `DAILY` and `UNIT_CROWD`, and `CROWD` if it is wanted.
    """
    crowd, joined = block[COLUMN["crowd"]], block[COLUMN["joined"]]
    days, offsets = layout.days, layout.offsets
    by_day = _daily(crowd, offsets, days, lambda hours: hours.max(axis=2))
    came = _daily(joined, offsets, days, lambda hours: hours.sum(axis=2), beyond=0.0)
    midnight = at_day_ends(crowd, offsets, days)
    at_dawn = np.zeros_like(midnight)
    at_dawn[:, :, 1:] = midnight[:, :, :-1]
    found = {"crowd_peak": by_day, "participants": at_dawn + came}
    for name, variable in CUMULATIVE.items():
        found[name] = at_day_ends(block[COLUMN[variable]], offsets, days)
    found[EVENING_CROWD] = at_hours(crowd, offsets, 24 * np.arange(days) + EVENING)
    found[UNIT_CROWD] = np.stack(
        [
            # Of all places without a copy.
            (crowd if where.all() else crowd[:, :, where]).sum(axis=2)
            for where in layout.units
        ],
        axis=1,
    )
    if by_hour:
        found[CROWD] = crowd
    return found


def at_day_ends(hourly: NDArray[np.float32], offsets: Hours, days: int) -> NDArray[np.float32]:
    """Return a running total at the end of every local day.

    Parameters
    ----------
    hourly : float array (members, hours, places)
        On the episode's clock.
    offsets : int array (places,)
        Hours to add for local time.

    Returns
    -------
    float array (members, places, days)
        That of the nearest hour inside the window where the hour is outside.
    """
    return at_hours(hourly, offsets, 24 * np.arange(1, days + 1) - 1)


def at_hours(hourly: NDArray[np.float32], offsets: Hours, local: Hours) -> NDArray[np.float32]:
    """Return values at some local hours, counted from the first: float array (members, places, n).

    Parameters as for `at_day_ends`.
    """
    index = np.clip(local[:, None] - offsets[None, :], 0, hourly.shape[1] - 1)
    chosen = hourly[:, index, np.arange(len(offsets))[None, :]]
    return np.ascontiguousarray(chosen.transpose(0, 2, 1))


def _daily(
    hourly: NDArray[np.float32],
    offsets: Hours,
    days: int,
    reduce: Callable[[NDArray[np.float32]], NDArray[np.float32]],
    beyond: float | None = None,
) -> NDArray[np.float32]:
    """Return a quantity of the hours of every local day: float array (members, places, days).

    Parameters
    ----------
    reduce : callable
        From (members, days, 24, places) to (members, days, places).
    beyond : float, optional
        Value for hours outside the window; by default that of the nearest hour inside.
    """
    found = np.empty((len(hourly), hourly.shape[2], days), np.float32)
    for offset in np.unique(offsets):
        where = offsets == offset
        wanted = np.arange(days * 24) - offset
        index = np.clip(wanted, 0, hourly.shape[1] - 1)
        local = hourly[:, index[:, None], np.flatnonzero(where)]
        if beyond is not None:
            local[:, index != wanted] = beyond
        by_day = reduce(local.reshape(len(hourly), days, 24, -1))
        found[:, where] = by_day.transpose(0, 2, 1)
    return found
