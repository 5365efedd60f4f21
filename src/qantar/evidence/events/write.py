"""A folder that appears whole or not at all, and the tables that are written row by row."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from qantar.errors import OutputError
from qantar.evidence.events.match import Match
from qantar.evidence.events.read import Event, Rejection

EVENT_COLUMNS = (
    "row", "id", "date", "exact_day", "place_given", "region_given", "exact_place", "place",
    "region", "match", "kind", "deaths", "persons", "source", "note",
)  # fmt: skip


@contextmanager
def whole_folder(destination: Path) -> Iterator[Path]:
    """Give a folder to write into, and put it in its place when all went well.

    Raises
    ------
    OutputError
        If the destination exists or cannot be written. Nothing is left behind.
    """
    _refuse_existing(destination)
    made: list[Path] = []
    beside = destination.parent / f".{destination.name}-{os.getpid()}"
    try:
        made = _make_parents(destination.parent)
        beside.mkdir()
        yield beside
        _refuse_existing(destination)
        beside.rename(destination)
    except BaseException as error:
        shutil.rmtree(beside, ignore_errors=True)
        with suppress(OSError):
            for folder in reversed(made):
                folder.rmdir()
        if isinstance(error, OSError):
            raise OutputError(
                f"cannot write {destination}: {error.strerror}", mend="choose another --out"
            ) from error
        raise


class Tables:
    """The three tables of an import that grow with the file, open for writing.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open = ExitStack()

    def __enter__(self) -> Tables:
        self._events = self._table("events.csv", EVENT_COLUMNS)
        self._rejected = self._table("rejected.csv", Rejection._fields)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def event(self, event: Event, match: Match) -> None:
        """Write a usable row with the place it was matched to."""
        self._events(
            (
                event.row,
                event.id,
                event.day.isoformat(),
                "yes" if event.exact_day else "no",
                event.place,
                event.region,
                "yes" if event.exact_place else "no",
                match.place,
                match.region,
                match.how,
                event.kind,
                "" if event.deaths is None else event.deaths,
                "" if event.persons is None else event.persons,
                event.source,
                event.note,
            )
        )

    def rejection(self, rejection: Rejection) -> None:
        """Write a row that cannot be used."""
        self._rejected(rejection)

    def _table(self, name: str, columns: Sequence[str]) -> Callable[[Iterable[object]], object]:
        file = self._open.enter_context(
            (self._folder / name).open("w", encoding="utf-8", newline="")
        )
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        return writer.writerow


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    """Write a small table at once."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _refuse_existing(destination: Path) -> None:
    if destination.exists() or destination.is_symlink():
        raise OutputError(
            f"{destination} exists already", mend="choose another --out, or remove it first"
        )


def _make_parents(folder: Path) -> list[Path]:
    """Make the missing parents of a folder; return them, the outermost first."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    made = []
    for each in reversed(missing):
        each.mkdir()
        made.append(each)
    return made
