"""Outcomes: results of a run by member, place and day, and samples of derived quantities."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qantar.base.arrays import Flags, Hours, Numbers
from qantar.base.errors import QantarError, UnknownNameError
from qantar.model.hour import VARIABLES, Recorded

Daily = NDArray[np.float32]
"""float array (members, places, days)."""

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

HARM = ("buildings_attacked", "deaths", "security_deaths")
"""Running totals that define a violent day when they increase."""

NEVER = np.nan
"""Value for an event that did not happen."""

SAMPLERS = (
    "participants",
    "crowd_peak",
    "onset_day",
    "last_day",
    "active",
    "active_places",
    "active_elsewhere",
    "regions_active",
    "violent",
    "peaceful_share",
    "deaths_share",
    *CUMULATIVE,
)
"""The quantities that an outcome provides."""

_COLUMN = {variable.name: k for k, variable in enumerate(VARIABLES)}


@dataclass(frozen=True)
class Layout:
    """The places, regions and days of a run, and the size of a visible crowd.

    Attributes
    ----------
    country : str
    places, regions : tuple of str
    region_of : tuple of str
        The region of each place.
    first_day : date
    days : int
    offsets : int array (places,)
        Hours to add to the episode's clock for local time.
    visible : float
        Smallest crowd that sources would report, persons.
    """

    country: str
    places: tuple[str, ...]
    regions: tuple[str, ...]
    region_of: tuple[str, ...]
    first_day: dt.date
    days: int
    offsets: Hours
    visible: float

    def date(self, day: int) -> str:
        """Return a day of the window as an ISO date.

        Parameters
        ----------
        day : int
            Index of the day, counted from 0.

        Returns
        -------
        str
        """
        return (self.first_day + dt.timedelta(days=day)).isoformat()

    @cached_property
    def dates(self) -> tuple[str, ...]:
        """Every day of the window."""
        return tuple(self.date(day) for day in range(self.days))


@dataclass(repr=False)
class Outcome:
    """Summaries of the members of a run.

    Attributes
    ----------
    layout : Layout
    peaks, participants : lists of float arrays (places, days)
    totals : dict of lists of float arrays (places, days)
        Running totals at the end of each local day, by name (see `CUMULATIVE`).
    crowds : list of float arrays (hours, places)
    """

    layout: Layout
    peaks: list[Daily] = field(default_factory=list)
    participants: list[Daily] = field(default_factory=list)
    totals: dict[str, list[Daily]] = field(default_factory=lambda: {k: [] for k in CUMULATIVE})
    crowds: list[NDArray[np.float32]] = field(default_factory=list)
    _masks: dict[tuple[str, str], Flags] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        layout = self.layout
        return (
            f"<Outcome {layout.country}: {self.members} members, {len(layout.places)} places, "
            f"{layout.days} days>"
        )

    def add(self, record: Recorded) -> None:
        """Add the summary of a member.

        Parameters
        ----------
        record : float array (hours, places, variables)
            The record of the member, with variables in the order of `qantar.model.hour.VARIABLES`.
        """
        days, offsets = self.layout.days, self.layout.offsets
        crowd = local_days(record[:, :, _COLUMN["crowd"]], offsets, days)
        joined = local_days(record[:, :, _COLUMN["joined"]], offsets, days, beyond=0.0)
        at_dawn = np.zeros_like(crowd[:, :, 0])
        at_dawn[:, 1:] = crowd[:, :-1, -1]
        self.peaks.append(crowd.max(axis=2))
        self.participants.append(at_dawn + joined.sum(axis=2))
        for name, column in CUMULATIVE.items():
            self.totals[name].append(at_day_ends(record[:, :, _COLUMN[column]], offsets, days))
        self.crowds.append(record[:, :, _COLUMN["crowd"]].copy())

    def copy(self) -> Outcome:
        """Return an outcome of the members so far, which does not change when more are added.

        Returns
        -------
        Outcome
        """
        return Outcome(
            self.layout,
            list(self.peaks),
            list(self.participants),
            {name: list(parts) for name, parts in self.totals.items()},
            list(self.crowds),
        )

    @property
    def members(self) -> int:
        """Number of members added."""
        return len(self.peaks)

    @cached_property
    def _peaks(self) -> Daily:
        return _joined(self.peaks)

    @cached_property
    def _peaks_of_units(self) -> dict[bytes, Daily]:
        """Largest hourly crowd of a day of units of several places, filled when first asked for."""
        return {}

    @cached_property
    def _participants(self) -> Daily:
        return _joined(self.participants)

    @cached_property
    def _visible(self) -> Flags:
        """Whether each place had a visible crowd: bool array (members, places, days)."""
        result: Flags = self._peaks >= self.layout.visible
        return result

    @cached_property
    def _totals(self) -> dict[str, Daily]:
        return {name: _joined(parts) for name, parts in self.totals.items()}

    @cached_property
    def _hourly(self) -> NDArray[np.float32]:
        """Crowds: float array (members, hours, places)."""
        return _joined(self.crowds)

    @cached_property
    def _violent_days(self) -> Flags:
        """Whether a building was attacked or a person killed: bool (members, places, days)."""
        harm = sum(self._totals[name] for name in HARM)
        result: Flags = np.diff(harm, axis=2, prepend=0) > 0
        return result

    def mask(self, level: str, name: str) -> Flags:
        """Return which places belong to a unit.

        Parameters
        ----------
        level, name : str
            ``country``, ``region`` or ``place``, and its name.

        Returns
        -------
        bool array (places,)

        Raises
        ------
        UnknownNameError
            If there is no such unit.
        """
        if (level, name) in self._masks:
            return self._masks[level, name]
        layout = self.layout
        if level == "country" and name == layout.country:
            mask = np.ones(len(layout.places), np.bool_)
        elif level == "region" and name in layout.regions:
            mask = np.array([region == name for region in layout.region_of])
        elif level == "place" and name in layout.places:
            mask = np.array([place == name for place in layout.places])
        else:
            known = {"country": (layout.country,), "region": layout.regions, "place": layout.places}
            raise UnknownNameError(level, name, known.get(level, ()))
        self._masks[level, name] = mask
        return mask

    def hourly(self, level: str, name: str) -> NDArray[np.float32]:
        """Return the crowd of a unit by hour.

        Parameters
        ----------
        level, name : str
            ``country``, ``region`` or ``place``, and its name.

        Returns
        -------
        float array (members, hours)
            Persons, on the episode's clock.
        """
        return self._crowd_in(self.mask(level, name))

    def hourly_places(self) -> NDArray[np.float32]:
        """Return the crowd of every place by hour.

        Returns
        -------
        float array (members, hours, places)
            Persons, on the episode's clock.
        """
        return self._hourly

    def samples(self, variable: str, level: str, name: str, date: str) -> Numbers:
        """Return one quantity for every member.

        Parameters
        ----------
        variable : str
            A name of `SAMPLERS`.
        level, name : str
            ``country``, ``region`` or ``place``, and its name.
        date : str
            An ISO day, or ``total``, ``first``, ``window`` or ``any`` for the whole window.

        Returns
        -------
        float array (members,)
            Days are counted from the first day of the window; NaN if an event did not happen.

        Raises
        ------
        QantarError
            If the variable, the unit or the date does not exist.
        """
        if variable not in SAMPLERS:
            raise UnknownNameError("variable", variable, SAMPLERS)
        where = self.mask(level, name)
        day = self._day(date)
        if variable in CUMULATIVE:
            whole = self._totals[variable][:, where].sum(axis=1)
            return _numbers(whole[:, -1 if day is None else day])
        if variable == "participants":
            by_day = self._participants[:, where].sum(axis=1)
            return _numbers(by_day.max(axis=1) if day is None else by_day[:, day])
        if variable == "crowd_peak":
            return self._peak(where, day)
        if variable == "deaths_share":
            deaths = self._totals["deaths"][:, :, -1]
            return _ratio(deaths[:, where].sum(axis=1), deaths.sum(axis=1))
        if variable == "regions_active":
            return self._regions_active(where, day)
        if variable == "active_elsewhere":
            return self._from_visible_crowds("active", ~where, day)
        return self._from_visible_crowds(variable, where, day)

    def _day(self, date: str) -> int | None:
        """Return the index of a day; None for the whole window."""
        if date in ("total", "first", "window", "any"):
            return None
        if date not in self.layout.dates:
            raise QantarError(
                f"{date!r} is not a day of the window",
                expected=f"{self.layout.dates[0]} to {self.layout.dates[-1]}",
            )
        return self.layout.dates.index(date)

    def _crowd_in(self, where: Flags) -> NDArray[np.float32]:
        """Return the crowd of some places together: float array (members, hours)."""
        inside = self._hourly if where.all() else self._hourly[:, :, where]  # all: no copy
        result: NDArray[np.float32] = inside.sum(axis=2)
        return result

    def _peak(self, where: Flags, day: int | None) -> Numbers:
        """Return the largest hourly crowd of a unit."""
        if where.sum() == 1:
            by_day = self._peaks[:, where][:, 0]
        else:
            unit = where.tobytes()
            if unit not in self._peaks_of_units:
                hourly = self._crowd_in(where)
                by_day = hourly.reshape(len(hourly), self.layout.days, 24).max(axis=2)
                self._peaks_of_units[unit] = by_day
            by_day = self._peaks_of_units[unit]
        return _numbers(by_day.max(axis=1) if day is None else by_day[:, day])

    def _regions_active(self, where: Flags, day: int | None) -> Numbers:
        """Return the number of regions with a visible crowd in any of their places."""
        seen: Flags = np.any(self._visible, axis=2) if day is None else self._visible[:, :, day]
        region_of = np.array(self.layout.region_of)
        inside = [where & (region_of == region) for region in self.layout.regions]
        return _numbers(sum(np.any(seen[:, places], axis=1).astype(float) for places in inside))

    def _from_visible_crowds(self, variable: str, where: Flags, day: int | None) -> Numbers:
        """Return a quantity that is derived from visible crowds and violent days."""
        seen: Flags = self._visible[:, where]
        violent: Flags = self._violent_days[:, where]
        by_day: Flags = np.any(seen, axis=1)
        if variable == "active":
            return _numbers(np.any(by_day, axis=1) if day is None else by_day[:, day])
        if variable == "active_places":
            chosen: Flags = np.any(seen, axis=2) if day is None else seen[:, :, day]
            return _numbers(chosen.sum(axis=1))
        if variable == "violent":
            chosen = np.any(violent, axis=2) if day is None else violent[:, :, day]
            return _numbers(np.any(chosen, axis=1))
        if variable == "peaceful_share":
            return _ratio((seen & ~violent).sum(axis=(1, 2)), seen.sum(axis=(1, 2)))
        happened: Flags = np.any(by_day, axis=1)
        if variable == "onset_day":
            return np.where(happened, by_day.argmax(axis=1), NEVER)
        last = self.layout.days - 1 - by_day[:, ::-1].argmax(axis=1)
        return np.where(happened, last, NEVER)


def _numbers(values: NDArray[Any]) -> Numbers:
    return np.asarray(values, np.float64)


def _ratio(part: NDArray[Any], whole: NDArray[Any]) -> Numbers:
    """Return part over whole, or `NEVER` where the whole is 0."""
    share = np.full(len(whole), NEVER)
    np.divide(part, whole, out=share, where=whole > 0)
    return share


def _joined(parts: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return arrays of members as one, whose parts take their place in the list."""
    whole = np.stack(parts)
    parts[:] = list(whole)  # frees the originals, so that nothing is kept twice
    return whole


def local_days(
    hourly: NDArray[np.float32], offsets: Hours, days: int, beyond: float | None = None
) -> NDArray[np.float32]:
    """Split hours into local days.

    Parameters
    ----------
    hourly : float array (hours, places)
        On the episode's clock.
    offsets : int array (places,)
        Hours to add for local time.
    beyond : float, optional
        Value for hours outside the window; by default that of the nearest hour inside.

    Returns
    -------
    float array (places, days, 24)
    """
    wanted = np.arange(days * 24)[None, :] - offsets[:, None]
    index = np.clip(wanted, 0, len(hourly) - 1)
    local = np.take_along_axis(hourly.T, index, axis=1)
    if beyond is not None:
        local = np.where(index == wanted, local, np.float32(beyond))
    return local.reshape(len(offsets), days, 24)


def at_day_ends(hourly: NDArray[np.float32], offsets: Hours, days: int) -> NDArray[np.float32]:
    """Return a running total at the end of every local day: float array (places, days)."""
    wanted = np.arange(1, days + 1)[None, :] * 24 - 1 - offsets[:, None]
    index = np.clip(wanted, 0, len(hourly) - 1)
    return np.take_along_axis(hourly.T, index, axis=1)
