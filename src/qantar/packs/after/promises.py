"""Promises of those in power: when each was made, drafted, enacted and reversed, if told.

``promises.csv`` has one row a promise. An empty fate means that no source tells it, not that
nothing was done. ``promises.yaml`` says up to which month the sources tell. Promises that one
decision settles, such as one question of a referendum, share a ``package``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from qantar.base.errors import FileError
from qantar.base.files import Declared, read_rows, read_yaml
from qantar.base.provenance import Grade
from qantar.packs.country import Country
from qantar.packs.state.order import check_once
from qantar.packs.state.rows import Sourced, check_source
from qantar.packs.years_faults import check_reference
from qantar.packs.years_tables import Moment, Month, first_day, last_day, month_number

FOLDER = "after"
PROMISES, HEADER = "promises.csv", "promises.yaml"

Core = Literal["yes", "no", "open"]
"""Whether a promise costs the president core powers."""

STEPS = ("promised", "drafted", "enacted", "reversed")
"""Statuses of a promise, in the order in which they come."""


def _some_moment() -> Any:
    """Return a field that may be empty, else holds a year, a month or a day."""
    return Field(default=None, description="YYYY[-MM[-DD]]")


class Promise(Sourced):
    """A row of ``promises.csv``.

    Attributes
    ----------
    promise, label, theme, occasion : str
    promised : str
        Required; a bare month or year where no day is told.
    core : {"yes", "no", "open"}
        Whether it costs the president core powers; `core_grade` is the grade of that.
    package : str
        Name of the decision that settled it together with others; empty: it stands alone.
    drafted, enacted, reversed : str
        Moments, empty where nothing tells. Reversed: taken back, or offset by another act.
    open_until : str
        Last month up to which a source says that it was not kept.
    fate_grade : str
        Grade of the fate; empty if none is told.
    """

    promise: str
    label: str
    theme: str
    occasion: str
    promised: Moment | None = _some_moment()
    core: Core
    core_grade: Grade
    package: str = ""
    drafted: Moment | None = _some_moment()
    enacted: Moment | None = _some_moment()
    reversed: Moment | None = _some_moment()
    open_until: Moment | None = _some_moment()
    fate_grade: Grade | Literal[""] = ""

    @property
    def told(self) -> bool:
        """Whether a source tells that it was enacted, or that it was not."""
        return bool(self.enacted or self.open_until)

    @property
    def decision(self) -> str:
        """The decision that settles it: its package, or itself."""
        return self.package or self.promise

    def month(self, step: str) -> int | None:
        """Return the month of a step, from January of the year 0; a bare year is its middle.

        A bare year never lies before the promise.
        """
        moment: str | None = getattr(self, step)
        if moment is None:
            return None
        middle = 6 if len(moment) == len("YYYY") and step != "promised" else 0
        start = month_number(self.promised or moment)
        return max(month_number(moment) + middle, start)


class PromisesHeader(Declared):
    """Content of ``promises.yaml``.

    Attributes
    ----------
    told_until : str
        Last month of which a source tells.
    ends : str
        Last month that is drawn.
    points : str
        The occasion whose promises are counted as its points.
    """

    told_until: Month
    ends: Month
    points: str
    reference: str


@dataclass(frozen=True)
class Promises:
    """Promises of a pack, in the order of the file."""

    header: PromisesHeader
    rows: tuple[Promise, ...]

    @property
    def points(self) -> tuple[Promise, ...]:
        """The promises of the occasion that is counted by points."""
        return tuple(row for row in self.rows if row.occasion == self.header.points)

    @property
    def decisions(self) -> dict[str, tuple[Promise, ...]]:
        """The promises by the decision that settles them."""
        found: dict[str, list[Promise]] = {}
        for row in self.rows:
            found.setdefault(row.decision, []).append(row)
        return {name: tuple(rows) for name, rows in found.items()}


def load_promises(country: Country) -> Promises | None:
    """Return the promises of a pack, or None if it has none.

    Raises
    ------
    FileError
        With file, line and hint: a row out of shape, without a date or running backwards, a promise
        twice, an unknown reference, or a package that was enacted at two moments.
    """
    folder = country.folder / FOLDER
    path = folder / PROMISES
    if not path.exists():
        return None
    header = read_yaml(folder / HEADER, PromisesHeader)
    _check_header(folder / HEADER, header, country)
    rows = read_rows(path, Promise)
    seen: set[Hashable] = set()
    for line, row in rows:
        check_once(path, line, row.promise, seen, "the promise")
        check_source(path, row, country, line)
        _check_dates(path, row, header, line)
        _check_fate(path, row, line)
    _check_packages(path, rows)
    found = Promises(header, tuple(row for _, row in rows))
    if not found.points:
        raise FileError(
            folder / HEADER,
            "no promise was made on the occasion of `points`",
            value=header.points,
            expected=f"one of {', '.join(sorted({row.occasion for row in found.rows}))}",
            hint=f"write an `occasion` of {PROMISES}",
        )
    return found


def _check_header(path: Path, header: PromisesHeader, country: Country) -> None:
    """Refuse an unknown reference, and drawn months that end before the told ones."""
    check_reference(path, [header.reference], {*country.sources, *country.references}, None)
    if month_number(header.ends) <= month_number(header.told_until):
        raise FileError(
            path,
            "`ends` is not after `told_until`",
            value=header.ends,
            expected=f"a month after {header.told_until}",
            hint="correct one of the two",
        )


def _check_dates(path: Path, row: Promise, header: PromisesHeader, line: int) -> None:
    """Refuse a promise without a date, steps that run backwards, and a fate after the sources."""
    if row.promised is None:
        raise FileError(
            path,
            f"the promise {row.promise!r} has no date",
            line=line,
            expected="YYYY[-MM[-DD]] in `promised`",
            hint="write the month in which the source was written, with grade `assumed`, or leave"
            " the row out: a promise without a date cannot fall due",
        )
    steps = [(step, _days(row, step)) for step in STEPS if getattr(row, step)]
    pairs = list(pairwise(steps))
    if row.open_until:
        pairs.append((steps[0], ("open_until", _days(row, "open_until"))))
    for (before, (first, _)), (after, (_, last)) in pairs:
        if last < first:
            raise FileError(
                path,
                f"the promise {row.promise!r} has `{after}` before `{before}`",
                line=line,
                value=getattr(row, after),
                expected=f"{getattr(row, before)} or later",
                hint="exchange or correct the dates, or leave the unknown one empty",
            )
    for step in (*STEPS, "open_until"):
        moment: str | None = getattr(row, step)
        if moment and first_day(moment) > last_day(header.told_until):
            raise FileError(
                path,
                f"`{step}` of {row.promise!r} lies after the last month that is told",
                line=line,
                value=moment,
                expected=f"{header.told_until} or earlier",
                hint=f"correct the date, or `told_until` of {HEADER}",
            )


def _days(row: Promise, step: str) -> tuple[dt.date, dt.date]:
    moment: str = getattr(row, step)
    return first_day(moment), last_day(moment)


def _check_fate(path: Path, row: Promise, line: int) -> None:
    """Refuse fates that contradict each other, or have no grade."""
    if row.reversed and not row.enacted:
        problem, expected = "was reversed but never enacted", "a moment in `enacted`"
    elif row.open_until and row.enacted:
        problem = "was enacted and not kept"
        expected = "only one of `enacted` and `open_until`"
    elif row.told != bool(row.fate_grade):
        problem, expected = "tells a fate without a grade, or the reverse", "both or neither"
    else:
        return
    raise FileError(
        path,
        f"the promise {row.promise!r} {problem}",
        line=line,
        expected=expected,
        hint="correct the dates, or fill or empty the cell `fate_grade`",
    )


def _check_packages(path: Path, rows: list[tuple[int, Promise]]) -> None:
    """Refuse a package whose promises have different fates: one decision has one outcome."""
    first: dict[str, Promise] = {}
    for line, row in rows:
        if not row.package:
            continue
        other = first.setdefault(row.package, row)
        for step in ("enacted", "open_until"):
            if (row.month(step), bool(row.open_until)) != (
                other.month(step),
                bool(other.open_until),
            ):
                raise FileError(
                    path,
                    f"the package {row.package!r} has two fates",
                    line=line,
                    value=getattr(row, step) or "nothing",
                    expected=f"`{step}` {getattr(other, step) or 'empty'}, as of {other.promise!r}",
                    hint="correct the date, or take the promise out of the package",
                )
