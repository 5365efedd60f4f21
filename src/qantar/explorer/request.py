"""What the page requests: `Link`, the state of the page, and `WorldRequest`, the world to run.

The helpers at the top make values and texts safe for the page: valid JSON, no code marks, no paths
of this machine. At the end, evidence queries are checked: units, days, limits and names.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
import re
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import quote

import qantar
from qantar.base.compilation import source_fingerprint
from qantar.base.errors import FileError, QantarError, nearest
from qantar.evidence import Ledger
from qantar.evidence.dates import first_day, last_day
from qantar.packs.country import Country
from qantar.packs.episode import Episode
from qantar.simulate.changes import Changes, parse_changes
from qantar.simulate.draws import Belief
from qantar.simulate.scenario import Decisions, Scenario, make_scenario

_QUOTED = re.compile(r"`([^`]*)`")


def number(value: float) -> float | None:
    """Return a number, or None for NaN and infinity, which JSON lacks."""
    return float(value) if math.isfinite(value) else None


def plain(text: str) -> str:
    """Return a text of a pack with quotation marks in place of backticks."""
    return _QUOTED.sub("“\\1”", text)


def clock_text(offset: float) -> str:
    """Return an offset from UTC in hours as ``+06:00`` or ``+05:30``."""
    hours, minutes = divmod(round(abs(offset) * 60), 60)
    return f"{'-' if offset < 0 else '+'}{hours:02d}:{minutes:02d}"


def problem_of(error: QantarError) -> str:
    """Return the problem of an error, with the name of a file instead of its path."""
    if isinstance(error, FileError):
        return error.problem.replace(str(error.path), error.path.name)
    return error.problem


def without_folders(text: str, more: Iterable[str] = ()) -> str:
    """Return a text without the folders of this machine, which the page must not show.

    Parameters
    ----------
    text : str
    more : iterable of str
        Further folders, such as the one that results are written to.
    """
    own = (str(Path.cwd()), str(Path.home()), str(Path(__file__).parents[3]), sys.prefix)
    # The longest first: a folder inside another is replaced as a whole.
    for folder in sorted({*more, *own}, key=len, reverse=True):
        if len(folder) > 1:
            text = text.replace(folder + "/", "").replace(folder, "this folder")
    return text


VERSION = 1
"""Version of the link format; increased by every change that breaks older links."""

Side = Literal["base", "changed", "difference"]
"""The baseline, the changed world, or the second minus the first within pairs."""

KEYS = {"since": "from", "until": "to"}
"""Fields whose key in the query string differs, as ``from`` is a keyword of Python."""

WORLD_FIELDS = ("episode", "account", "belief", "mode", "seed", "members", "change")
"""Fields of a link that select the world; the rest is the view of it."""

_SAFE = ":@,"  # readable as they are; a bare + would be a space to a browser
_KEY_LENGTH = 16
_MODEL = source_fingerprint(("rng/**/*.py", "model/**/*.py", "simulate/**/*.py"))


@dataclass(frozen=True)
class Link:
    """The state of the page. Created by `qantar.explorer.links.read_link`.

    Attributes
    ----------
    v : int
        Version of the link.
    episode, account : str
    rival : str or None
        A second account to compare with the first.
    belief : str or None
        ``posterior``, ``fitted``, ``prior`` or ``middle``; None for what the pack ships.
    mode : str or None
        ``script`` or ``rules``; None for script without a change and rules with one.
    seed, members : int
    change : str or None
        As for ``--change``; one alternative.
    run, other : str or None
        Run directories shown instead of a world, and next to it.
    layer : str
    show : str
        ``low``, ``median``, ``high``, ``spread`` or ``member``.
    member : int
    side : str
        ``base``, ``changed`` or ``difference``.
    hour : int
        On the clock of the episode.
    unit : str or None
        ``place:NAME`` or ``region:NAME``; None for the country.
    since, until : int or None
        Hours of the brush, ``from`` and ``to`` in the query; the last is excluded.
    panel : str
    year : int or None
        Of the page of the years; None for its last dated one.
    lang : str or None
        None for the language of the browser.
    """

    v: int = VERSION
    episode: str = "january-2022"
    account: str = "union"
    rival: str | None = None
    belief: str | None = None
    mode: str | None = None
    seed: int = 1
    members: int = 100
    change: str | None = None
    run: str | None = None
    other: str | None = None
    layer: str = "crowd"
    show: str = "median"
    member: int = 0
    side: str = "base"
    hour: int = 108
    unit: str | None = None
    since: int | None = None
    until: int | None = None
    panel: str = "story"
    year: int | None = None
    lang: str | None = None

    def state(self) -> dict[str, Any]:
        """Return every key of the query string with its value or None."""
        return {KEYS.get(name, name): value for name, value in asdict(self).items()}

    def query(self) -> str:
        """Return the canonical query string: non-default values in fixed order."""
        return _query(self, tuple(field.name for field in fields(self)))

    def world_query(self) -> str:
        """Return the canonical query string of the world only."""
        return _query(self, WORLD_FIELDS)


def _query(link: Link, names: tuple[str, ...]) -> str:
    default = Link()
    parts = [
        f"{KEYS.get(name, name)}={quote(str(value), safe=_SAFE)}"
        for name in names
        if (value := getattr(link, name)) is not None and value != getattr(default, name)
    ]
    return "&".join(parts)


@dataclass(frozen=True)
class WorldRequest:
    """A requested world; picklable, as it is sent to a worker process.

    Attributes
    ----------
    episode, account : str
    belief : str or None
        None for what the pack ships.
    mode : str
        ``script`` or ``rules``.
    seed, members : int
    change : str
        As for ``--change``, one alternative; empty for none.
    pack : str
        Name of a shipped pack or a folder.
    fingerprint : str
        Of the pack's files: an edited pack gives other worlds.
    version : str
        Of Qantar.
    """

    episode: str
    account: str = "union"
    belief: str | None = None
    mode: str = "script"
    seed: int = 1
    members: int = 100
    change: str = ""
    pack: str = "kazakhstan"
    fingerprint: str = ""
    version: str = qantar.__version__

    @property
    def key(self) -> str:
        """Cache key: sixteen hexadecimal digits of a hash of the request and the model's source."""
        parts = {name: value for name, value in asdict(self).items() if name != "pack"}
        parts["model"] = _MODEL
        text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:_KEY_LENGTH]

    @property
    def query(self) -> str:
        """The canonical query string of this world."""
        default = "rules" if self.change else "script"
        link = Link(
            episode=self.episode,
            account=self.account,
            belief=self.belief,
            mode=None if self.mode == default else self.mode,
            seed=self.seed,
            members=self.members,
            change=self.change or None,
        )
        return link.world_query()

    def scenario(self) -> Scenario:
        """Return the scenario of the baseline, without the change.

        Raises
        ------
        QantarError
            If a name is unknown or a file invalid.
        """
        return make_scenario(
            self.episode,
            account=self.account,
            pack=self.pack,
            belief=cast("Belief | None", self.belief),
            decisions=cast("Decisions", self.mode),
        )

    def changes(self, scenario: Scenario) -> Changes:
        """Return the changes; empty, and so false, without any.

        Parameters
        ----------
        scenario : Scenario
            The result of `scenario` for this world.

        Raises
        ------
        QantarError
            If the change is not possible.
        """
        if not self.change:
            return Changes()
        (only,) = parse_changes(scenario.country, scenario.episode, self.change)
        return only


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
