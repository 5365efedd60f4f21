"""An event file as rows of text: its size, encoding, columns and ids, before any row is used."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from qantar.errors import FileError, nearest
from qantar.evidence.events.mapping import NEEDED, Mapping

LARGEST = 512 * 1024 * 1024
"""Bytes that an event file may have."""

EVERY = 2_000
"""Rows between two reports of progress."""

Progress = Callable[[str, int, int], None]
"""Told what is being done, how many rows are done, and of how many (0 if not known yet)."""


@dataclass(frozen=True)
class Scanned:
    """What one look over a file gives.

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


def scan(path: Path, mapping: Mapping, progress: Progress) -> Scanned:
    """Look over a file once.

    Raises
    ------
    FileError
        If the file is missing, empty, too large, not in the declared encoding, badly quoted, or
        lacks a column.
    """
    _check_size(path)
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
    return Scanned(path, tuple(header), count, frozenset(clashing), digest)


def numbered(path: Path, mapping: Mapping) -> Iterator[tuple[int, list[str]]]:
    """Yield rows with their number, the header first as 1; empty lines count and are left out.

    Notes
    -----
    A row that holds line breaks between quotes is one row, as in a spreadsheet.
    """
    with _refusals(path, mapping.encoding), _opened(path, mapping.encoding) as text:
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
                mend="close the quote on this line, or save the file again from a spreadsheet",
            ) from error


@contextmanager
def _opened(path: Path, encoding: str) -> Iterator[TextIO]:
    encoding = "utf-8-sig" if encoding == "utf-8" else encoding
    with path.open(encoding=encoding, newline="") as text:
        yield text


@contextmanager
def _refusals(path: Path, encoding: str) -> Iterator[None]:
    """Turn what Python says about a file into what the user can mend."""
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
            mend="save the file as UTF-8, or name its encoding in a mapping of your own",
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


def _check_size(path: Path) -> None:
    with _refusals(path, ""):
        size = path.stat().st_size
    if size > LARGEST:
        raise FileError(
            path,
            "the file is too large",
            value=f"{size:,} bytes",
            expected=f"at most {LARGEST:,} bytes",
            mend="keep only the country and the years you need",
        )
    if not size:
        raise FileError(
            path, "is empty", value="0 bytes", expected="a header and rows", mend="export it again"
        )


def _check_columns(path: Path, header: list[str], mapping: Mapping) -> None:
    for ours, theirs in mapping.columns.named().items():
        if header.count(theirs) > 1:
            raise FileError(path, "a column stands twice", line=1, value=theirs)
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
            mend=f"is this a file of the kind {mapping.title!r}? If so, correct line 1; "
            "if not, choose another mapping or write one",
        )
