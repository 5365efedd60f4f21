"""Checks of an evidence query: units, days, limits and names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from qantar.base.errors import QantarError, nearest
from qantar.evidence import Ledger
from qantar.evidence.dates import first_day, last_day
from qantar.packs.country import Country
from qantar.packs.episode import Episode

MOST = 500
"""Largest number of claims in one response."""

_SHOWN = 80
"""Characters of a wrong name that an error message repeats."""

_KINDS = ("place", "region", "country")


@dataclass(frozen=True)
class Period:
    """First and last day of a query, both included."""

    first: dt.date
    last: dt.date


@dataclass(frozen=True)
class Unit:
    """A place, a region or the country.

    Attributes
    ----------
    kind : str
        ``place``, ``region`` or ``country``.
    name : str
    area : str
        Its name in the gazetteer of the evidence.
    """

    kind: str
    name: str
    area: str


def requested_unit(country: Country, ledger: Ledger, text: str) -> Unit:
    """Return the unit that ``place:Almaty``, ``region:Mangystau`` or ``country:...`` names.

    Raises
    ------
    QantarError
        If there is none; the error names the nearest.
    """
    names = {
        "place": [place.place for place in country.places],
        "region": [region.region for region in country.regions],
        "country": [country.header.country],
    }
    kind, _, name = text.partition(":")
    if name in names.get(kind, ()):
        return Unit(kind, name, ledger.gazetteer.name(kind, name))
    known = [f"{each}:{own}" for each in _KINDS for own in names[each]]
    raise unknown("unit", text, known, known[0])


def requested_days(
    episode: Episode, day: str | None, from_hour: int | None, to_hour: int | None
) -> Period | None:
    """Return the days of a day, a month or a year, or of hours of the episode; None for all days.

    Hours count from the first of the episode; `to_hour` is excluded. `day` takes precedence.

    Raises
    ------
    QantarError
        If the day is no date, or the hours are outside the episode or not in order.
    """
    if day:
        try:
            first, last = first_day(day), last_day(day)
        except ValueError:
            first = last = None
        if first is None or last is None:
            raise QantarError(
                f"{_short(day)!r} is no day",
                expected="a day such as 2022-01-05, or a month or a year",
            )
        return Period(first, last)
    if from_hour is None and to_hour is None:
        return None
    begins = 0 if from_hour is None else from_hour
    ends = episode.hours if to_hour is None else to_hour
    if not 0 <= begins < ends <= episode.hours:
        raise QantarError(
            f"hours {begins} to {ends} are no part of the episode",
            expected=f"a first hour below the last, from 0 to {episode.hours}",
        )
    days = (episode.moment_of(hour).date() for hour in (begins, ends - 1))
    return Period(*days)


def check_limit(limit: int) -> None:
    """Raise `QantarError` unless a limit is 1 to `MOST`."""
    if not 1 <= limit <= MOST:
        raise QantarError(f"{limit} claims cannot be asked for", expected=f"1 to {MOST}")


def unknown(what: str, name: str, known: Iterable[str], example: str = "") -> QantarError:
    """Return the error for an unknown name, with the nearest known one."""
    shown = _short(name)
    expected = nearest(shown, known) or (f"for example {example}" if example else "")
    return QantarError(f"there is no {what} called {shown!r}", expected=expected)


def _short(text: str) -> str:
    """Return a text shortened for an error message."""
    return text if len(text) <= _SHOWN else text[:_SHOWN] + " …"
