"""Outcomes: results of a run by member, place and day, and samples of derived quantities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from qantar.analysis.layout import Layout as Layout
from qantar.analysis.member_values import (
    CROWD,
    EVENING_CROWD,
    UNIT_CROWD,
    Values,
    ValuesOfUnits,
    values_of,
)
from qantar.analysis.member_values import CUMULATIVE as CUMULATIVE
from qantar.base.arrays import Flags, Numbers
from qantar.base.errors import QantarError, UnknownNameError
from qantar.model.hour import Recorded
from qantar.simulate.ensemble import Block, block_of

Daily = NDArray[np.float32]
"""float array (members, places, days)."""

Keep = Literal["facts", "places", "all"]
"""What is kept of every member: the facts of the table, daily values of places, or every hour."""

Key = tuple[str, str, str, str]
"""Variable, level, name and date of a fact."""

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


@dataclass(repr=False)
class Outcome:
    """Summaries of the members of a run.

    Attributes
    ----------
    layout : Layout
    keep : str
        ``all`` keeps crowds by hour and place. ``places`` keeps them by hour for the country and
        its regions only, and all else by place and day. ``facts`` keeps samples of facts only; see
        `facts_only`.
    expected : int
        Number of members that will be added, if it is known: less memory is needed then.
    """

    layout: Layout
    keep: Keep = "all"
    expected: int = 0
    _values: dict[str, Values] = field(default_factory=dict, repr=False)
    _units: ValuesOfUnits = field(init=False, repr=False)
    _facts: Mapping[Key, Numbers] = field(default_factory=dict, repr=False)
    _masks: dict[tuple[str, str], Flags] = field(default_factory=dict, repr=False)
    _by_day: dict[tuple[str, str, str], Daily] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._units = ValuesOfUnits(self.expected)

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
        self.add_block(block_of([record]))

    def add_block(self, block: Block) -> None:
        """Add the summaries of a block of members.

        Parameters
        ----------
        block : float array (variables, members, hours, places)
            See `qantar.simulate.ensemble.run_blocks`.
        """
        self.add_values(values_of(block, self.layout, by_hour=self.keep == "all"))

    def add_values(self, values: Mapping[str, NDArray[np.float32]]) -> None:
        """Add summaries of members.

        Parameters
        ----------
        values : mapping of str to float array
            As `qantar.analysis.member_values.values_of` returns them.
        """
        self._by_day.clear()
        for name in ("visible", "violent_days"):
            self.__dict__.pop(name, None)
        for name, own in values.items():
            if name == UNIT_CROWD:
                self._units.add(own)
            else:
                self._values.setdefault(name, Values(self.expected)).add(own)

    def facts_only(self, keys: Iterable[Key]) -> Outcome:
        """Return an outcome that keeps samples of some facts and nothing else.

        Parameters
        ----------
        keys : iterable of (variable, level, name, date)

        Returns
        -------
        Outcome
        """
        samples = {key: self.samples(*key) for key in keys}
        return Outcome(self.layout, "facts", _facts=samples)

    def copy(self) -> Outcome:
        """Return an outcome of the members so far, which does not change when more are added.

        Returns
        -------
        Outcome
        """
        copied = Outcome(
            self.layout,
            self.keep,
            _values={name: values.copy() for name, values in self._values.items()},
            _facts=self._facts,
        )
        copied._units = self._units.copy()
        return copied

    @property
    def members(self) -> int:
        """Number of members added."""
        some: Iterable[Any] = (*self._facts.values(), *self._values.values())
        return next((len(one) for one in some), 0)

    def values(self, name: str) -> NDArray[np.float32]:
        """Return one of the quantities that are kept, of all members.

        Parameters
        ----------
        name : str
            See `qantar.analysis.member_values`, which gives the shapes.

        Returns
        -------
        float array (members, ...)

        Raises
        ------
        QantarError
            If this run does not keep it.
        """
        return self._units[:] if name == UNIT_CROWD and len(self._units) else self._kept(name)[:]

    def _kept(self, name: str) -> Values:
        if name in self._values:
            return self._values[name]
        if not self._values and self.keep != "facts":
            raise QantarError("this outcome has no members")
        what = "crowds of places by hour" if name == CROWD else "values of places"
        raise not_kept(what, self.keep)

    @property
    def crowds(self) -> NDArray[np.float32]:
        """Crowds of every place by hour: float array (members, hours, places)."""
        return self.values(CROWD)

    @property
    def peaks(self) -> Daily:
        """Largest crowds of every local day."""
        return self.values("crowd_peak")

    @property
    def participants(self) -> Daily:
        """Persons in the street at the start of a local day, and all who came during it."""
        return self.values("participants")

    @cached_property
    def visible(self) -> Flags:
        """Whether each place had a visible crowd: bool array (members, places, days)."""
        result: Flags = self.peaks >= self.layout.visible
        return result

    @cached_property
    def violent_days(self) -> Flags:
        """Whether a building was attacked or a person killed: bool (members, places, days)."""
        harm = self.values(HARM[0])
        for name in HARM[1:]:
            harm += self._kept(name).array
        return np.concatenate([harm[:, :, :1] > 0, harm[:, :, 1:] > harm[:, :, :-1]], axis=2)

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
        if (level, name) not in self._masks:
            self._masks[level, name] = self.layout.mask(level, name)
        return self._masks[level, name]

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

        Raises
        ------
        QantarError
            If this run does not keep it.
        """
        where = self.mask(level, name)
        if level == "place":
            return self._kept(CROWD)[:, :, where][:, :, 0]
        if not len(self._units):
            raise not_kept("hours of regions", self.keep)
        return self._units.of(self.layout.unit_names.index((level, name)))

    def evening(self) -> Daily:
        """Return the crowd of every place on the evening of every local day.

        Returns
        -------
        float array (members, places, days)
            Persons at the hour `qantar.analysis.member_values.EVENING`.
        """
        return self.values(EVENING_CROWD)

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
            If the variable, the unit or the date does not exist, or this run does not keep it.
        """
        if variable not in SAMPLERS:
            raise UnknownNameError("variable", variable, SAMPLERS)
        where = self.mask(level, name)
        day = self._day(date)
        if self.keep == "facts":
            if (variable, level, name, date) not in self._facts:
                raise not_kept(f"{variable} of {name}, {date}", self.keep)
            return self._facts[variable, level, name, date]
        if variable in CUMULATIVE:
            whole = self._of_unit(variable, level, name)
            return _numbers(whole[:, -1 if day is None else day])
        if variable in ("participants", "crowd_peak"):
            by_day = self._of_unit(variable, level, name)
            return _numbers(by_day.max(axis=1) if day is None else by_day[:, day])
        if variable == "deaths_share":
            deaths = self._kept("deaths")[:, :, -1]
            return _ratio(deaths[:, where].sum(axis=1), deaths.sum(axis=1))
        if variable == "regions_active":
            return self._regions_active(where, day)
        if variable == "active_elsewhere":
            return self._from_visible_crowds("active", ~where, day)
        return self._from_visible_crowds(variable, where, day)

    def _of_unit(self, quantity: str, level: str, name: str) -> Daily:
        """Return a quantity of a unit by day: float array (members, days)."""
        asked = (quantity, level, name)
        if asked not in self._by_day:
            if next(iter(self._by_day), asked)[1:] != asked[1:]:
                self._by_day.clear()  # facts are asked unit by unit: one unit is enough
            where = self.mask(level, name)
            if quantity == "crowd_peak" and where.sum() != 1:
                hourly = self.hourly(level, name)
                by_day = hourly.reshape(len(hourly), self.layout.days, 24).max(axis=2)
            else:
                by_day = self._kept(quantity)[:, where].sum(axis=1)
            self._by_day[asked] = by_day
        return self._by_day[asked]

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

    def _regions_active(self, where: Flags, day: int | None) -> Numbers:
        """Return the number of regions with a visible crowd in any of their places."""
        seen: Flags = np.any(self.visible, axis=2) if day is None else self.visible[:, :, day]
        region_of = np.array(self.layout.region_of)
        inside = [where & (region_of == region) for region in self.layout.regions]
        return _numbers(sum(np.any(seen[:, places], axis=1).astype(float) for places in inside))

    def _from_visible_crowds(self, variable: str, where: Flags, day: int | None) -> Numbers:
        """Return a quantity that is derived from visible crowds and violent days."""
        seen: Flags = self.visible[:, where]
        violent: Flags = self.violent_days[:, where]
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


def not_kept(what: str, keep: Keep) -> QantarError:
    """Return the error for something that a run does not keep."""
    more = "all" if what.startswith("crowds") else "places"
    return QantarError(
        f"this run keeps {keep}: it has no {what}", hint=f"run again and keep {more}: --keep {more}"
    )
