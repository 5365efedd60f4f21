"""Events counted by place, by region and for the country: nothing here depends on their order."""

from __future__ import annotations

import datetime as dt
from bisect import insort
from collections.abc import Iterable
from dataclasses import dataclass, field

from qantar.evidence.events.mapping import Mapping
from qantar.evidence.events.match import Match
from qantar.evidence.events.read import Event

NAMED = 5
"""Ids that a locator names."""


@dataclass
class Rows:
    """How many rows, and the first few of them by day and id."""

    count: int = 0
    first: list[tuple[dt.date, str]] = field(default_factory=list)

    def add(self, event: Event) -> None:
        """Count a row."""
        self.count += 1
        if len(self.first) == NAMED and event.day > self.first[-1][0]:
            return
        key = (event.day, event.id)
        if len(self.first) < NAMED or key < self.first[-1]:
            insort(self.first, key)
            del self.first[NAMED:]

    @property
    def locator(self) -> str:
        """Where the rows stand, such as ``events KAZ1, KAZ2, ... (7 rows)``."""
        named = ", ".join(key for _, key in self.first)
        more = ", ..." if self.count > len(self.first) else ""
        rows = "1 row" if self.count == 1 else f"{self.count} rows"
        return f"events {named}{more} ({rows})"


@dataclass
class Tally:
    """What a file says of one area.

    Attributes
    ----------
    events, protest, violent, deadly, all : Rows
        Rows of a kind that counts, of protest, of violence, with deaths, and of any kind.
    starts, ends : Rows
        Protest on the first and on the last day.
    first, last : date or None
        Of protest, among rows whose day is exact.
    deaths : int
    silent : int
        Rows without a figure of deaths.
    """

    all: Rows = field(default_factory=Rows)
    events: Rows = field(default_factory=Rows)
    violent: Rows = field(default_factory=Rows)
    deadly: Rows = field(default_factory=Rows)
    starts: Rows = field(default_factory=Rows)
    ends: Rows = field(default_factory=Rows)
    first: dt.date | None = None
    last: dt.date | None = None
    deaths: int = 0
    silent: int = 0

    @property
    def tells_deaths(self) -> bool:
        """Whether any row gives a figure of deaths."""
        return self.silent < self.all.count

    def add(self, event: Event, mapping: Mapping) -> None:
        """Count an event."""
        self.all.add(event)
        protest, violent = event.kind in mapping.protest, event.kind in mapping.violent
        if protest or violent:
            self.events.add(event)
        if violent:
            self.violent.add(event)
        if protest and event.exact_day:
            self._date(event)
        if event.deaths is None:
            self.silent += 1
        elif event.deaths:
            self.deaths += event.deaths
            self.deadly.add(event)

    def _date(self, event: Event) -> None:
        if self.first is None or event.day < self.first:
            self.first, self.starts = event.day, Rows()
        if self.last is None or event.day > self.last:
            self.last, self.ends = event.day, Rows()
        if event.day == self.first:
            self.starts.add(event)
        if event.day == self.last:
            self.ends.add(event)


class Tallies:
    """The tallies of a whole file.

    Parameters
    ----------
    mapping : Mapping
    region_names : mapping
        What claims call a region, by region.

    Attributes
    ----------
    country : Tally
    places : dict
        By what claims call the place or region, with its level.
    days : dict
        Rows that count, by day, for the country.
    span : tuple of date
        First and last day of any row.
    """

    def __init__(self, mapping: Mapping, region_names: dict[str, str]) -> None:
        self.mapping = mapping
        self.region_names = region_names
        self.country = Tally()
        self.places: dict[tuple[str, str], Tally] = {}
        self.days: dict[dt.date, Rows] = {}
        self.span = (dt.date.max, dt.date.min)

    def add(self, event: Event, match: Match) -> None:
        """Count an event where it happened, in its region and in the country."""
        self.country.add(event, self.mapping)
        self.span = (min(self.span[0], event.day), max(self.span[1], event.day))
        if event.kind in self.mapping.protest or event.kind in self.mapping.violent:
            self.days.setdefault(event.day, Rows()).add(event)
        for key in self._areas(match):
            self.places.setdefault(key, Tally()).add(event, self.mapping)

    def _areas(self, match: Match) -> Iterable[tuple[str, str]]:
        areas = [(match.level, match.place)] if match.place else []
        region = self.region_names.get(match.region, "")
        return dict.fromkeys([*areas, ("region", region)] if region else areas)
