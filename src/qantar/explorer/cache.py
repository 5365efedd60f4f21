"""Finished worlds: the last few dozen of this server, and run directories shown as worlds."""

from __future__ import annotations

import shutil
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from qantar.base.errors import QantarError

MOST_WORLDS = 24
MOST_BYTES = 1 << 30
MOST_OPEN_RUNS = 8

RUN = "run:"
"""How the key of a run directory begins."""


class WorldGoneError(QantarError):
    """A world that is not there, or no more."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"the world {key} is not there, or no more",
            mend="ask for it again: the same link gives the same world",
        )


class ShownWorld(Protocol):
    """What `qantar.explorer.worlds.World` can be asked."""

    def payload(self) -> bytes:
        """Return the world as JSON."""
        ...

    def frames(self, side: str, layer: str) -> bytes:
        """Return quantiles of every hour and unit."""
        ...

    def member(self, side: str, k: int, layer: str) -> bytes:
        """Return one member."""
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


class Shelf:
    """Worlds by their key. Every method may be called from any thread.

    Parameters
    ----------
    folder : Path
        Where finished worlds are kept; inside the folder of the server.
    runs : Path
        Where run directories lie.
    open_world : callable
        Opens the folder of a finished world.
    open_run : callable
        Opens a run directory from the folder of all, its name, and a folder to keep things in.
    most : int
        Worlds that are kept; the least recently used goes first, also where they are too large.
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
        """Say whether a finished world is there, and keep it a while longer."""
        with self._lock:
            if key in self._worlds:
                self._worlds.move_to_end(key)
            return key in self._worlds

    def put(self, key: str, folder: Path) -> None:
        """Take the folder of a finished world; the least recently used goes if it is one too many.

        Parameters
        ----------
        key : str
        folder : Path
            On the same disk; it is moved.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._lock:
            place = self._folder / key
            shutil.rmtree(place, ignore_errors=True)
            folder.rename(place)
            self._worlds[key] = None
            self._worlds.move_to_end(key)
            self._bytes[key] = sum(f.stat().st_size for f in place.rglob("*") if f.is_file())
            while self._is_too_full():
                oldest, _ = self._worlds.popitem(last=False)
                del self._bytes[oldest]
                shutil.rmtree(self._folder / oldest, ignore_errors=True)

    def _is_too_full(self) -> bool:
        """Say whether the oldest must go; the last one stays, however large it is."""
        many = len(self._worlds) > self._most or sum(self._bytes.values()) > MOST_BYTES
        return many and len(self._worlds) > 1

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
        """Return a run directory; one that was made anew under its name is opened anew."""
        with self._opening:
            here = (name, _stamp(self._runs / name))
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
        """Return where things made from a run directory are kept: what it was before counts not."""
        return self._folder.parent / "runs" / str(run[1])


def _stamp(folder: Path) -> int:
    """Return when a run directory was written, or 0 if it cannot be told."""
    try:
        return (folder / "manifest.json").stat().st_mtime_ns
    except (OSError, ValueError):
        return 0
