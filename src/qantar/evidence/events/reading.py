"""Reading an event file: `scan` checks it as a whole, `read_events` turns each row into an event.

A row that is not an event is left out (another country or period) or rejected, with the reason.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, TypeVar

from qantar.base.errors import FileError, nearest
from qantar.evidence.events.mapping import NEEDED, Kind, Mapping

LARGEST = 512 * 1024 * 1024
"""Bytes that an event file may have."""

EVERY = 2_000
"""Rows between two reports of progress."""

REMEMBERED = 100_000
"""Different dates and codes whose reading is cached."""

Good = TypeVar("Good")

Progress = Callable[[str, int, int], None]
"""Callback: the current step, the rows done, and the rows in all (0 if not known yet)."""


@dataclass(frozen=True)
class ScannedFile:
    """The result of scanning a file.

    Attributes
    ----------
    path : Path
    header : tuple of str
    rows : int
        Below the header, empty lines aside.
    clashing : frozenset of str
        Ids that stand on several rows which differ.
    sha256 : str
    """

    path: Path
    header: tuple[str, ...]
    rows: int
    clashing: frozenset[str]
    sha256: str

    def position(self, mapping: Mapping) -> dict[str, int]:
        """Return where each column stands that the mapping names and the file has."""
        named = mapping.columns.named().items()
        return {ours: self.header.index(name) for ours, name in named if name in self.header}


def scan(path: Path, mapping: Mapping, progress: Progress) -> ScannedFile:
    """Look over a file once.

    Raises
    ------
    FileError
        If the file is missing, empty, too large, not in the declared encoding, badly quoted, or
        lacks a column.
    """
    with _refusals(path, mapping.encoding):
        size = path.stat().st_size
    if size > LARGEST:
        raise FileError(
            path,
            "the file is too large",
            value=f"{size:,} bytes",
            expected=f"at most {LARGEST:,} bytes",
            hint="keep only the country and the years you need",
        )
    if not size:
        raise FileError(
            path, "is empty", value="0 bytes", expected="a header and rows", hint="export it again"
        )
    first: dict[str, int] = {}
    clashing: set[str] = set()
    count = 0
    rows = numbered(path, mapping)
    _, first_row = next(rows, (1, []))
    header = [cell.strip() for cell in first_row]
    _check_columns(path, header, mapping)
    at = header.index(mapping.columns.id)
    for _, cells in rows:
        count += 1
        key = cells[at].strip() if at < len(cells) else ""
        if key and first.setdefault(key, hash(tuple(cells))) != hash(tuple(cells)):
            clashing.add(key)
        if count % EVERY == 0:
            progress("looking over the file", count, 0)
    if not count:
        raise FileError(path, "holds no row below its header", line=1)
    with path.open("rb") as raw:
        digest = hashlib.file_digest(raw, "sha256").hexdigest()
    return ScannedFile(path, tuple(header), count, frozenset(clashing), digest)


def numbered(path: Path, mapping: Mapping) -> Iterator[tuple[int, list[str]]]:
    """Yield rows with their number, the header first as 1; empty lines count and are left out.

    Notes
    -----
    A row that holds line breaks between quotes is one row, as in a spreadsheet.
    """
    encoding = "utf-8-sig" if mapping.encoding == "utf-8" else mapping.encoding
    with _refusals(path, mapping.encoding), path.open(encoding=encoding, newline="") as text:
        rows = csv.reader(text, delimiter=mapping.delimiter, strict=True)
        line = 1
        try:
            for number, cells in enumerate(rows, start=1):
                line = rows.line_num + 1
                if cells:
                    yield number, cells
        except csv.Error as error:
            raise FileError(
                path,
                f"cannot be read as a table: {error}",
                line=line,
                expected='cells between plain double quotes, a quote inside as ""',
                hint="close the quote on this line, or save the file again from a spreadsheet",
            ) from error


@contextmanager
def _refusals(path: Path, encoding: str) -> Iterator[None]:
    """Turn errors of reading a file into errors that say how to correct it."""
    try:
        yield
    except UnicodeDecodeError as error:
        line, value = _first_bad(path, encoding)
        raise FileError(
            path,
            f"is not {encoding.upper()} text throughout",
            line=line,
            value=value,
            expected=f"every line in {encoding.upper()}",
            hint="save the file as UTF-8, or name its encoding in a mapping of your own",
        ) from error
    except OSError as error:
        raise FileError(path, f"cannot be read: {error.strerror}") from error


def _first_bad(path: Path, encoding: str) -> tuple[int | None, bytes | None]:
    with path.open("rb") as raw:
        for number, line in enumerate(raw, start=1):
            try:
                line.decode(encoding)
            except UnicodeDecodeError as error:
                return number, line[error.start : error.end]
    return None, None


def _check_columns(path: Path, header: list[str], mapping: Mapping) -> None:
    for ours, theirs in mapping.columns.named().items():
        if header.count(theirs) > 1:
            raise FileError(path, "a column appears twice", line=1, value=theirs)
        if theirs in header or ours in mapping.optional:
            continue
        needed = [
            name
            for key, name in mapping.columns.named().items()
            if key in NEEDED or key not in mapping.optional
        ]
        raise FileError(
            path,
            f"the column {theirs!r} ({ours}) is missing",
            line=1,
            value=mapping.delimiter.join(header)[:200],
            expected=nearest(theirs, header) or ", ".join(needed),
            hint=f"is this a file of the kind {mapping.title!r}? If so, correct line 1; "
            "if not, choose another mapping or write one",
        )


class Event(NamedTuple):
    """One usable row; `deaths` and `persons` are None where the file gives none."""

    row: int
    id: str
    day: dt.date
    exact_day: bool
    place: str
    region: str
    exact_place: bool
    kind: Kind
    deaths: int | None
    persons: int | None
    source: str
    note: str


class RejectedRow(NamedTuple):
    """A row that cannot be right: which, in what column, and why."""

    row: int
    id: str
    column: str
    value: str
    why: str


class SkippedRow(NamedTuple):
    """A sound row that was not asked for."""

    why: str


class ImportFilter(NamedTuple):
    """What is asked of a file: a country, a period, and the last day it can speak of."""

    country: str
    since: dt.date | None
    until: dt.date | None
    published: dt.date


class _BadCellError(Exception):
    """A cell that cannot be right: column (ours), text, why."""

    def __init__(self, column: str, text: str, why: str) -> None:
        self.column, self.text, self.why = column, text, why
        super().__init__(why)


def read_events(
    scanned: ScannedFile, mapping: Mapping, frame: ImportFilter, progress: Progress
) -> Iterator[Event | RejectedRow | SkippedRow]:
    """Yield one thing for every row of a file, in its order.

    Parameters
    ----------
    scanned : ScannedFile
        The file, looked over.
    mapping : Mapping
    frame : ImportFilter
    progress : callable
        Told how far it is.
    """
    reader = _Reader(scanned, mapping, frame)
    rows = numbered(scanned.path, mapping)
    next(rows)
    for done, (number, cells) in enumerate(rows, start=1):
        yield reader.read(number, cells)
        if done % EVERY == 0:
            progress("reading rows", done, scanned.rows)
    progress("reading rows", scanned.rows, scanned.rows)


class _Reader:
    """Reads rows of one file; remembers ids, and dates and kinds that it has read."""

    def __init__(self, scanned: ScannedFile, mapping: Mapping, frame: ImportFilter) -> None:
        self.width = len(scanned.header)
        self.at = scanned.position(mapping)
        self.clashing = scanned.clashing
        self.mapping = mapping
        self.frame = frame
        self.here = mapping.keeps(frame.country)
        self.seen: dict[str, int] = {}
        self.day = lru_cache(REMEMBERED)(self._day)
        self.kind = lru_cache(REMEMBERED)(self._kind)

    def read(self, row: int, cells: list[str]) -> Event | RejectedRow | SkippedRow:
        """Return what a row is."""
        cell = {ours: cells[at].strip() for ours, at in self.at.items() if at < len(cells)}
        try:
            if len(cells) != self.width:
                why = f"wrong width: expected {self.width} cells"
                raise _BadCellError("", f"{len(cells)} cells", why)
            if "country" in cell and not self._is_here(cell["country"]):
                return SkippedRow("another country")
            return self._event(row, cell)
        except _BadCellError as bad:
            column = getattr(self.mapping.columns, bad.column) if bad.column else ""
            return RejectedRow(row, cell.get("id", ""), column, bad.text, bad.why)

    def _is_here(self, country: str) -> bool:
        if not country:
            raise _BadCellError("country", "", "no country")
        return self.here(country)

    def _event(self, row: int, cell: dict[str, str]) -> Event | SkippedRow:
        day = _good(self.day(cell["date"]))
        kind: Kind = _good(self.kind(cell.get("kind", "")))
        deaths = _whole("deaths", cell.get("deaths", ""))
        persons = _whole("persons", cell.get("persons", ""))
        self._once(row, cell["id"])
        if (self.frame.since and day < self.frame.since) or (
            self.frame.until and day > self.frame.until
        ):
            return SkippedRow("outside the period")
        return Event(
            row=row,
            id=cell["id"],
            day=day,
            exact_day=_exact(cell.get("day_precision"), self.mapping.exact_days),
            place=self.mapping.place(cell["place"]),
            region=cell.get("region", ""),
            exact_place=_exact(cell.get("place_precision"), self.mapping.exact_places),
            kind=kind,
            deaths=deaths,
            persons=persons,
            source=cell.get("source", ""),
            note=cell.get("note", ""),
        )

    def _once(self, row: int, key: str) -> None:
        if not key:
            raise _BadCellError("id", "", "no id")
        if key in self.clashing:
            raise _BadCellError("id", key, "duplicate id: its rows differ, so none is used")
        if self.seen.setdefault(key, row) != row:
            why = "duplicate id: the same row stands further up"
            raise _BadCellError("id", key, why)

    def _day(self, text: str) -> dt.date | _BadCellError:
        if not text:
            return _BadCellError("date", "", "no date")
        day = next((d for form in self.mapping.date_formats if (d := _parse(text, form))), None)
        if day is None:
            example = dt.date(2022, 1, 5)
            forms = " or ".join(example.strftime(form) for form in self.mapping.date_formats)
            return _BadCellError("date", text, f"no date of the calendar in the form {forms}")
        if day > self.frame.published:
            return _BadCellError("date", text, f"later than the file ({self.frame.published})")
        return day

    def _kind(self, text: str) -> Kind | _BadCellError:
        kind = self.mapping.kind(text)
        if kind is None:
            hint = nearest(text, self.mapping.kinds)
            return _BadCellError("kind", text, f"unknown kind; {hint}" if hint else "unknown kind")
        return kind


def _good(found: Good | _BadCellError) -> Good:
    """Return what a cell holds, or raise what is wrong; both are remembered alike."""
    if isinstance(found, _BadCellError):
        raise _BadCellError(found.column, found.text, found.why)
    return found


def _parse(text: str, form: str) -> dt.date | None:
    try:
        return dt.datetime.strptime(text, form).date()
    except ValueError:
        return None


def _exact(code: str | None, exact: tuple[str, ...]) -> bool:
    return code is None or code in exact


def _whole(column: str, text: str) -> int | None:
    """Return a count; None for an empty cell."""
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    negative = text.startswith("-") and text[1:].replace(".", "", 1).isdigit()
    raise _BadCellError(column, text, "negative number" if negative else "no whole number")
