"""Files and folders that appear complete or not at all.

Both are made beside their place, on the same disk, and moved there by one rename. If the work is
interrupted or fails, what was made is removed; if the process is killed, it stays under a name that
begins with a dot, and nothing stands in its place.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from qantar.base.errors import OutputError

UNFINISHED = ".tmp"
"""Ending of a file that is being written; one that a killed process left may be deleted."""

CHOOSE_ANOTHER = "free some space or choose another --out; nothing was left behind"
"""What to do when a disk refuses, unless the caller knows better."""


def refuse_existing(path: Path) -> None:
    """Refuse to write where something is already.

    Raises
    ------
    OutputError
        If the path exists, even as a link that leads nowhere.
    """
    if path.exists() or path.is_symlink():
        raise OutputError(f"{path} exists already", mend="choose another --out, or remove it first")


@contextmanager
def atomic_file(path: Path, *, hint: str = CHOOSE_ANOTHER) -> Iterator[BinaryIO]:
    """Open a file for writing that takes its name when the body is left without an error.

    Parameters
    ----------
    path : Path
        Missing folders are made. A file of this name is replaced.
    hint : str
        What the user can do if the disk refuses.

    Yields
    ------
    binary file
        It is flushed to the disk before it takes its name.

    Raises
    ------
    OutputError
        If the disk refuses. A file that was there before is unchanged.
    """
    who = f"{os.getpid()}-{threading.get_ident()}"
    beside = path.with_name(f".{path.name}.{who}{UNFINISHED}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with beside.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise disk_error(f"{path} cannot be written", error, hint) from error


def write_bytes(path: Path, data: bytes, *, hint: str = CHOOSE_ANOTHER) -> None:
    """Write a file whole or not at all; see `atomic_file`."""
    with atomic_file(path, hint=hint) as file:
        file.write(data)


def write_text(path: Path, text: str, *, hint: str = CHOOSE_ANOTHER) -> None:
    """Write a file in UTF-8, whole or not at all; line ends stay as they are."""
    write_bytes(path, text.encode("utf-8"), hint=hint)


class AtomicDirectory:
    """A folder that takes its name when it is complete.

    As a context manager it gives the folder to write into. It takes its name when the body is left
    without an error, and is removed if there was one::

        with AtomicDirectory(destination) as folder:
            (folder / "facts.csv").write_text(text, encoding="utf-8")

    Parameters
    ----------
    destination : Path
        It must not exist. Missing folders above it are made.

    Raises
    ------
    OutputError
        On entering and on leaving, if the destination exists; or if the disk refuses, also within
        the body. Nothing is left behind.
    """

    def __init__(self, destination: Path) -> None:
        self.destination = destination
        self._folder: Path | None = None
        self._made: list[Path] = []

    def __enter__(self) -> Path:
        return self.create()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self.commit()
        finally:
            self.discard()
        if isinstance(error, OSError):
            raise self._error(error) from error

    def create(self) -> Path:
        """Make the folder beside its place, and return it.

        Raises
        ------
        OutputError
            If the destination exists, or the disk refuses.
        """
        refuse_existing(self.destination)
        parent = self.destination.parent
        try:
            missing = [folder for folder in (parent, *parent.parents) if not folder.exists()]
            for folder in reversed(missing):
                folder.mkdir(exist_ok=True)
                self._made.append(folder)
            beside = Path(tempfile.mkdtemp(prefix=f".{self.destination.name}-", dir=parent))
            # A folder inside, because that of `mkdtemp` is closed to everybody else.
            self._folder = beside / self.destination.name
            self._folder.mkdir()
        except OSError as error:
            self.discard()
            raise disk_error(f"cannot write into {parent}", error) from error
        return self._folder

    def commit(self) -> None:
        """Give the folder its name now.

        Raises
        ------
        OutputError
            If the name is taken by now, or the disk refuses.
        """
        if self._folder is None:
            return
        refuse_existing(self.destination)
        try:
            self._folder.rename(self.destination)
        except OSError as error:
            raise self._error(error) from error
        shutil.rmtree(self._folder.parent, ignore_errors=True)
        self._folder, self._made = None, []

    def discard(self) -> None:
        """Remove everything that was made, unless the folder has its name."""
        if self._folder is not None:
            shutil.rmtree(self._folder.parent, ignore_errors=True)
            self._folder = None
        with suppress(OSError):  # somebody else may have put something into them
            while self._made:
                self._made.pop().rmdir()

    def _error(self, error: OSError) -> OutputError:
        return disk_error(f"{self.destination} cannot be written", error)


def disk_error(problem: str, error: OSError, hint: str = CHOOSE_ANOTHER) -> OutputError:
    """Return what a user is told when the disk refuses."""
    return OutputError(
        f"{problem}: {error.strerror or error}",
        expected="enough free space and the right to write",
        mend=hint,
    )
