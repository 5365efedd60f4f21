"""Reading of event files: `scan` checks the file, `read_events` turns each row into an event.

Other rows are skipped (another country or period) or rejected (invalid), with the reason.
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
from qantar.evidence.events.mapping import REQUIRED, Kind, Mapping

MAX_BYTES = 512 * 1024 * 1024
"""Maximum size of an event file."""

PROGRESS_INTERVAL = 2_000
"""Rows between progress reports."""

CACHE_SIZE = 100_000
"""Number of different dates and codes whose values are cached."""

Value = TypeVar("Value")

Progress = Callable[[str, int, int], None]
"""Callback with the current step, the rows done, and the total number of rows (0 if unknown)."""


@dataclass(frozen=True)
class ScannedFile:
    """The result of scanning a file.

    Attributes
    ----------
    path : Path
    header : tuple of str
    rows : int
        Number of rows below the header, without empty lines.
    conflicting : frozenset of str
        Ids that several different rows have.
    sha256 : str
    """

    path: Path
    header: tuple[str, ...]
    rows: int
    conflicting: frozenset[str]
    sha256: str

    def position(self, mapping: Mapping) -> dict[str, int]:
        """Return the index of each column of the mapping that the file has."""
        named = mapping.columns.named().items()
        return {ours: self.header.index(name) for ours, name in named if name in self.header}


def scan(path: Path, mapping: Mapping, progress: Progress) -> ScannedFile:
    """Scan a file once, before its rows are read.

    Raises
    ------
    FileError
        If the file is missing, empty, too large, not in the declared encoding, badly quoted, or
        lacks a column.
    """
    with _as_file_errors(path, mapping.encoding):
        size = path.stat().st_size
    if size > MAX_BYTES:
        raise FileError(
            path,
            "the file is too large",
            value=f"{size:,} bytes",
            expected=f"at most {MAX_BYTES:,} bytes",
            hint="keep only the country and the years you need",
        )
    if not size:
        raise FileError(
            path, "is empty", value="0 bytes", expected="a header and rows", hint="export it again"
        )
    first: dict[str, int] = {}
    conflicting: set[str] = set()
    count = 0
    rows = numbered_rows(path, mapping)
    _, first_row = next(rows, (1, []))
    header = [cell.strip() for cell in first_row]
    _check_columns(path, header, mapping)
    at = header.index(mapping.columns.id)
    for _, cells in rows:
        count += 1
        key = cells[at].strip() if at < len(cells) else ""
        if key and first.setdefault(key, hash(tuple(cells))) != hash(tuple(cells)):
            conflicting.add(key)
        if count % PROGRESS_INTERVAL == 0:
            progress("scanning the file", count, 0)
    if not count:
        raise FileError(path, "has no rows below its header", line=1)
    with path.open("rb") as raw:
        digest = hashlib.file_digest(raw, "sha256").hexdigest()
    return ScannedFile(path, tuple(header), count, frozenset(conflicting), digest)


def numbered_rows(path: Path, mapping: Mapping) -> Iterator[tuple[int, list[str]]]:
    """Yield rows with their number, starting with the header as 1.

    Empty lines are numbered but not yielded. A row with quoted line breaks is one row, as in a
    spreadsheet.
    """
    encoding = "utf-8-sig" if mapping.encoding == "utf-8" else mapping.encoding
    with _as_file_errors(path, mapping.encoding), path.open(encoding=encoding, newline="") as text:
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
                expected='cells in straight double quotes, with "" for a quote inside',
                hint="close the quote on this line, or save the file again from a spreadsheet",
            ) from error


@contextmanager
def _as_file_errors(path: Path, encoding: str) -> Iterator[None]:
    """Turn errors while reading a file into errors that say how to fix it."""
    try:
        yield
    except UnicodeDecodeError as error:
        line, value = _first_undecodable(path, encoding)
        raise FileError(
            path,
            f"is not {encoding.upper()} text throughout",
            line=line,
            value=value,
            expected=f"every line in {encoding.upper()}",
            hint="save the file as UTF-8, or give its encoding in your own mapping",
        ) from error
    except OSError as error:
        raise FileError(path, f"cannot be read: {error.strerror}") from error


def _first_undecodable(path: Path, encoding: str) -> tuple[int | None, bytes | None]:
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
        required = [
            name
            for key, name in mapping.columns.named().items()
            if key in REQUIRED or key not in mapping.optional
        ]
        raise FileError(
            path,
            f"the column {theirs!r} ({ours}) is missing",
            line=1,
            value=mapping.delimiter.join(header)[:200],
            expected=nearest(theirs, header) or ", ".join(required),
            hint=f"correct line 1 if this is a file of {mapping.title!r}; "
            "otherwise choose another mapping or write one",
        )


class Event(NamedTuple):
    """A usable row; `deaths` and `persons` are None if the file gives none."""

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
    """An invalid row, with the column, its value and the reason."""

    row: int
    id: str
    column: str
    value: str
    why: str


class SkippedRow(NamedTuple):
    """A valid row outside the requested country or period, with the reason."""

    why: str


class ImportFilter(NamedTuple):
    """The requested country and period, and the last day that a file can contain."""

    country: str
    since: dt.date | None
    until: dt.date | None
    published: dt.date


class _BadCellError(Exception):
    """An invalid cell: our name of the column, the text and the reason."""

    def __init__(self, column: str, text: str, why: str) -> None:
        self.column, self.text, self.why = column, text, why
        super().__init__(why)


def read_events(
    scanned: ScannedFile, mapping: Mapping, selection: ImportFilter, progress: Progress
) -> Iterator[Event | RejectedRow | SkippedRow]:
    """Yield one result for every row of a file, in order.

    Parameters
    ----------
    scanned : ScannedFile
        The scanned file.
    mapping : Mapping
    selection : ImportFilter
    progress : callable
        Called with the progress.
    """
    reader = _Reader(scanned, mapping, selection)
    rows = numbered_rows(scanned.path, mapping)
    next(rows)
    for done, (number, cells) in enumerate(rows, start=1):
        yield reader.read(number, cells)
        if done % PROGRESS_INTERVAL == 0:
            progress("reading rows", done, scanned.rows)
    progress("reading rows", scanned.rows, scanned.rows)


class _Reader:
    """Reader for the rows of a file; keeps track of ids and caches dates and kinds."""

    def __init__(self, scanned: ScannedFile, mapping: Mapping, selection: ImportFilter) -> None:
        self.width = len(scanned.header)
        self.at = scanned.position(mapping)
        self.conflicting = scanned.conflicting
        self.mapping = mapping
        self.selection = selection
        self._in_country = mapping.country_test(selection.country)
        self.seen: dict[str, int] = {}
        self.day = lru_cache(CACHE_SIZE)(self._day)
        self.kind = lru_cache(CACHE_SIZE)(self._kind)

    def read(self, row: int, cells: list[str]) -> Event | RejectedRow | SkippedRow:
        """Return a row as an event, or why it is not one."""
        cell = {ours: cells[at].strip() for ours, at in self.at.items() if at < len(cells)}
        try:
            if len(cells) != self.width:
                why = f"wrong width: expected {self.width} cells"
                raise _BadCellError("", f"{len(cells)} cells", why)
            if "country" in cell and not self._is_in_country(cell["country"]):
                return SkippedRow("another country")
            return self._event(row, cell)
        except _BadCellError as bad:
            column = getattr(self.mapping.columns, bad.column) if bad.column else ""
            return RejectedRow(row, cell.get("id", ""), column, bad.text, bad.why)

    def _is_in_country(self, country: str) -> bool:
        if not country:
            raise _BadCellError("country", "", "no country")
        return self._in_country(country)

    def _event(self, row: int, cell: dict[str, str]) -> Event | SkippedRow:
        day = _value_or_raise(self.day(cell["date"]))
        kind: Kind = _value_or_raise(self.kind(cell.get("kind", "")))
        deaths = _count("deaths", cell.get("deaths", ""))
        persons = _count("persons", cell.get("persons", ""))
        self._check_unique(row, cell["id"])
        if (self.selection.since and day < self.selection.since) or (
            self.selection.until and day > self.selection.until
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

    def _check_unique(self, row: int, key: str) -> None:
        if not key:
            raise _BadCellError("id", "", "no id")
        if key in self.conflicting:
            raise _BadCellError("id", key, "duplicate id: its rows differ, so none is used")
        if self.seen.setdefault(key, row) != row:
            why = "duplicate id: the same row appears above"
            raise _BadCellError("id", key, why)

    def _day(self, text: str) -> dt.date | _BadCellError:
        if not text:
            return _BadCellError("date", "", "no date")
        day = next((d for form in self.mapping.date_formats if (d := _parse(text, form))), None)
        if day is None:
            example = dt.date(2022, 1, 5)
            forms = " or ".join(example.strftime(form) for form in self.mapping.date_formats)
            return _BadCellError("date", text, f"not a calendar date in the form {forms}")
        if day > self.selection.published:
            return _BadCellError("date", text, f"later than the file ({self.selection.published})")
        return day

    def _kind(self, text: str) -> Kind | _BadCellError:
        kind = self.mapping.kind(text)
        if kind is None:
            hint = nearest(text, self.mapping.kinds)
            return _BadCellError("kind", text, f"unknown kind; {hint}" if hint else "unknown kind")
        return kind


def _value_or_raise(found: Value | _BadCellError) -> Value:
    """Return the value of a cell, or raise its error; both are cached."""
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


def _count(column: str, text: str) -> int | None:
    """Return a count; None for an empty cell."""
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    negative = text.startswith("-") and text[1:].replace(".", "", 1).isdigit()
    raise _BadCellError(column, text, "negative number" if negative else "not a whole number")
