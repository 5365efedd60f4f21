"""Checkpoints: finished results of a long computation, from which it can be resumed."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import numpy as np
from numpy.typing import NDArray

from qantar.base.errors import FileError, OutputError
from qantar.base.files import UNFINISHED, AtomicDirectory, atomic_file

PLAN = "plan.json"
PIECE = ".npz"
ABSENT = "nothing"


class Workbook:
    """A folder of checkpoints of one computation; each is written atomically.

    One process at a time may write into a workbook.

    Parameters
    ----------
    folder : Path
        Path of the workbook; need not exist.
    plan : mapping
        Everything that the results depend on, as JSON values; tuples count as lists. It is stored
        with them as ``plan.json``.
    resume : bool
        Whether to continue an existing workbook. A missing one is created in any case.

    Raises
    ------
    OutputError
        If the folder exists and is not to be resumed, if it was made with another plan, or if it
        cannot be written.
    FileError
        If the folder is no workbook, or its plan is damaged.
    """

    def __init__(self, folder: Path, plan: Mapping[str, Any], *, resume: bool) -> None:
        self.folder = folder
        wanted = json.loads(json.dumps(plan))
        if not folder.exists():
            self._begin(wanted)
            return
        if not resume:
            raise OutputError(
                f"{folder} exists already", hint="--resume to go on with it, or another --out"
            )
        self._check_plan(wanted)
        self._remove_unfinished()

    def has(self, name: str) -> bool:
        """Say whether a piece is finished."""
        return self._path(name).is_file()

    def load(self, name: str) -> dict[str, NDArray[Any]]:
        """Read a piece: its arrays by name.

        Raises
        ------
        FileError
            If there is no such piece, or it is damaged.
        """
        path = self._path(name)
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                return {key: arrays[key] for key in arrays.files}
        except FileNotFoundError as error:
            raise FileError(path, "this piece is not finished") from error
        except (OSError, ValueError, EOFError, KeyError, AttributeError, TypeError) as error:
            _damaged(path, error)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
            _damaged(path, error)

    def save(self, name: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Write a piece atomically; a piece of the same name is replaced.

        Parameters
        ----------
        name : str
            Name of the piece. A ``/`` in it makes subfolders.
        arrays : mapping of str to array
            Arrays of any type except Python objects, which would have to be pickled.

        Raises
        ------
        OutputError
            If an array holds Python objects, or the disk refuses.
        """
        for key, array in arrays.items():
            if np.asanyarray(array).dtype.hasobject:
                raise OutputError(f"{name}: {key!r} holds Python objects", expected="numbers")
        hint = "make room and go on with --resume; finished pieces are kept"
        with atomic_file(self._path(name), hint=hint) as file:
            _write_arrays(file, arrays)

    def pieces(self) -> tuple[str, ...]:
        """Return the names of all finished pieces, in alphabetical order."""
        found = self.folder.rglob(f"*{PIECE}")
        names = (path.relative_to(self.folder).as_posix() for path in found)
        return tuple(sorted(name.removesuffix(PIECE) for name in names))

    def _path(self, name: str) -> Path:
        """Return the path of a piece, which is always inside the folder."""
        if "\\" in name or any(part in ("", ".", "..") for part in name.split("/")):
            raise OutputError(
                f"a piece cannot be called {name!r}", expected="a name such as state/pass-3"
            )
        return self.folder / f"{name}{PIECE}"

    def _begin(self, plan: Mapping[str, Any]) -> None:
        """Create the folder with its plan atomically."""
        text = json.dumps(plan, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        with AtomicDirectory(self.folder) as folder:
            (folder / PLAN).write_text(text, encoding="utf-8")

    def _check_plan(self, wanted: Mapping[str, Any]) -> None:
        path = self.folder / PLAN
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise FileError(
                self.folder,
                "is no workbook",
                expected=f"a folder with {PLAN}",
                hint="choose another --out",
            ) from error
        except ValueError as error:
            raise FileError(path, f"is damaged: {error}", hint="choose another --out") from error
        different = _first_difference(kept, wanted)
        if different is not None:
            key, there, here = different
            raise OutputError(
                f"{self.folder} was made with another plan: {key} is {there} there and {here} here",
                hint="repeat the same choices with --resume, or choose another --out",
            )

    def _remove_unfinished(self) -> None:
        for path in self.folder.rglob(f"*{UNFINISHED}"):
            path.unlink(missing_ok=True)


def _write_arrays(file: BinaryIO, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write an archive like `numpy.savez`, but with any array names."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for key, array in arrays.items():
            with archive.open(f"{key}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, np.asanyarray(array), allow_pickle=False)


def _damaged(path: Path, error: Exception) -> NoReturn:
    raise FileError(
        path,
        f"is damaged: {error}",
        hint="delete this one file and go on with --resume; only this piece is done again",
    ) from error


def _first_difference(there: Any, here: Any, key: str = "") -> tuple[str, str, str] | None:
    """Return the first key at which two plans differ, with both values as JSON."""
    if isinstance(there, dict) and isinstance(here, dict):
        for name in sorted({*there, *here}):
            inner = f"{key}.{name}" if key else name
            if name not in there:
                return inner, ABSENT, json.dumps(here[name], ensure_ascii=False)
            if name not in here:
                return inner, json.dumps(there[name], ensure_ascii=False), ABSENT
            found = _first_difference(there[name], here[name], inner)
            if found is not None:
                return found
        return None
    # Compare texts, not values: NaN equals NaN, and 1 differs from true.
    texts = [json.dumps(each, sort_keys=True, ensure_ascii=False) for each in (there, here)]
    return None if texts[0] == texts[1] else (key or "the plan", texts[0], texts[1])
