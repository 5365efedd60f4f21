"""The temporary folder of a server, and the cache of finished worlds in it.

The folder is removed when the server stops. The folder of a server that was killed is removed when
another one starts, a day later at the earliest.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from qantar.base.errors import QantarError

PREFIX = "qantar-explorer-"
PID = "pid"
"""File with the id of the process that owns the folder."""

WORLD = "world.json"
"""File with the payload, in the folder of a world."""

YEARS_FILE = "years.json"
"""File with the payload of the years, see `qantar.explorer.years`."""

PRECOMPUTED = "-precomputed"
"""Suffix of the key of a world that Qantar ships, see `qantar.explorer.default_world`."""

SECONDS_KEPT = 24 * 3600.0


def preview_key(key: str, members: int) -> str:
    """Return the key of the first members of a world, shown while the others are still run."""
    return f"{key}-{members}"


def make_workdir(parent: Path | None = None) -> Path:
    """Create a folder for this process, removed when it ends, and remove those of dead processes.

    Parameters
    ----------
    parent : Path, optional
        By default the system's folder for temporary files.
    """
    base = parent or Path(tempfile.gettempdir())
    sweep(base)
    folder = make_owned_folder(base)
    atexit.register(remove_workdir, folder)
    return folder


def make_owned_folder(base: Path, prefix: str = PREFIX) -> Path:
    """Create a folder with the id of this process in it, for `sweep`."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=base))
    (folder / PID).write_text(str(os.getpid()), encoding="ascii")
    return folder


def remove_workdir(folder: Path) -> None:
    """Remove a folder that `make_workdir` created, if it still exists."""
    shutil.rmtree(folder, ignore_errors=True)


def sweep(base: Path, prefix: str = PREFIX) -> list[Path]:
    """Remove folders of processes that have ended, if they are older than a day.

    Returns
    -------
    list of Path
        The removed folders.
    """
    removed = []
    for folder in base.glob(f"{prefix}*"):
        try:
            if folder.is_symlink() or time.time() - folder.stat().st_mtime < SECONDS_KEPT:
                continue
            pid = int((folder / PID).read_text(encoding="ascii"))
        except (OSError, ValueError):  # not ours, or of another user
            continue
        if not _is_alive(pid):
            shutil.rmtree(folder, ignore_errors=True)
            removed.append(folder)
    return removed


def _is_alive(pid: int) -> bool:
    if os.name == "nt":  # there, `os.kill` ends the process whatever the signal
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


MOST_WORLDS = 24
MOST_BYTES = 1 << 30
MOST_OPEN_RUNS = 8

RUN = "run:"
"""Prefix of the key of a run directory."""


class WorldGoneError(QantarError):
    """A world that is not in the cache, or no longer."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"the world {key} is not there, or no more",
            hint="ask for it again: the same link gives the same world",
        )


class ShownWorld(Protocol):
    """Interface of `qantar.explorer.worlds.World`."""

    def payload(self) -> bytes:
        """Return the world as JSON."""
        ...

    def frames(self, side: str, layer: str) -> bytes:
        """Return the quantiles of a layer at every hour and unit."""
        ...

    def member(self, side: str, k: int, layer: str) -> bytes:
        """Return one member of a layer."""
        ...

    def csv(
        self,
        name: str,
        *,
        side: str | None = None,
        layer: str | None = None,
        unit: str | None = None,
    ) -> str:
        """Return a table."""
        ...


class WorldCache:
    """Worlds by their key. All methods are thread-safe.

    Parameters
    ----------
    folder : Path
        Folder of finished worlds, inside the work folder of the server.
    runs : Path
        Folder of run directories.
    open_world : callable
        Opens the folder of a finished world.
    open_run : callable
        Opens a run directory, from `runs`, its name and a folder for computed files.
    most : int
        Largest number of worlds. The least recently used is deleted first, also if all together
        are too large.
    """

    def __init__(
        self,
        folder: Path,
        runs: Path,
        open_world: Callable[[Path], ShownWorld],
        open_run: Callable[[Path, str, Path], ShownWorld],
        *,
        most: int = MOST_WORLDS,
    ) -> None:
        self._folder = folder
        self._runs = runs
        self._open_world = open_world
        self._open_run = open_run
        self._most = most
        self._worlds: OrderedDict[str, ShownWorld | None] = OrderedDict()
        self._bytes: dict[str, int] = {}
        self._open_runs: OrderedDict[tuple[str, int], ShownWorld] = OrderedDict()
        self._lock = threading.Lock()
        self._opening = threading.Lock()

    def has(self, key: str) -> bool:
        """Return whether a finished world is in the cache, and mark it as used."""
        with self._lock:
            if key in self._worlds:
                self._worlds.move_to_end(key)
            return key in self._worlds

    def put(self, key: str, folder: Path) -> None:
        """Add the folder of a finished world; delete the least recently used if the cache is full.

        Parameters
        ----------
        key : str
        folder : Path
            On the same file system; it is moved.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._lock:
            place = self._folder / key
            shutil.rmtree(place, ignore_errors=True)
            folder.rename(place)
            self._worlds[key] = None
            self._worlds.move_to_end(key)
            self._bytes[key] = sum(f.stat().st_size for f in place.rglob("*") if f.is_file())
            # The last world stays, however large it is.
            while len(self._worlds) > 1 and (
                len(self._worlds) > self._most or sum(self._bytes.values()) > MOST_BYTES
            ):
                self._remove(next(iter(self._worlds)))

    def remove_previews(self, key: str) -> None:
        """Delete the previews of a world, which is finished."""
        with self._lock:
            for each in list(self._worlds):
                if each.startswith(f"{key}-") and each != key + PRECOMPUTED:
                    self._remove(each)

    def _remove(self, key: str) -> None:
        del self._worlds[key], self._bytes[key]
        shutil.rmtree(self._folder / key, ignore_errors=True)

    def get(self, key: str) -> ShownWorld:
        """Return a world, by its key or as ``run:NAME``.

        Raises
        ------
        WorldGoneError
            If there is no such world.
        QantarError
            If a run directory cannot be shown.
        """
        if key.startswith(RUN):
            return self._run(key.removeprefix(RUN))
        with self._lock:
            if key not in self._worlds:
                raise WorldGoneError(key)
            self._worlds.move_to_end(key)
            world = self._worlds[key]
            if world is None:
                world = self._worlds[key] = self._open_world(self._folder / key)
            return world

    def _run(self, name: str) -> ShownWorld:
        """Return a run directory as a world; it is opened again if it was written again."""
        with self._opening:
            try:
                written = (self._runs / name / "manifest.json").stat().st_mtime_ns
            except (OSError, ValueError):
                written = 0
            here = (name, written)
            world = self._open_runs.get(here)
            if world is None:
                cache = self._cache_of(here)
                cache.mkdir(parents=True, exist_ok=True)
                world = self._open_run(self._runs, name, cache)
            self._open_runs[here] = world
            self._open_runs.move_to_end(here)
            while len(self._open_runs) > MOST_OPEN_RUNS:
                oldest, _ = self._open_runs.popitem(last=False)
                shutil.rmtree(self._cache_of(oldest), ignore_errors=True)
            return world

    def _cache_of(self, run: tuple[str, int]) -> Path:
        """Return the folder for files computed from one state of a run directory."""
        return self._folder.parent / "runs" / str(run[1])
