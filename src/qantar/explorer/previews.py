"""Previews: a world of its first members, shown while the others are still run.

A preview is written whenever the number of members has doubled, so that drawing all of them costs
about as much as drawing the finished world once more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from qantar.analysis.whatif.result import World
from qantar.base.files import AtomicDirectory
from qantar.explorer.frames import Block
from qantar.explorer.workdir import preview_key

FIRST = 6
"""Members of the first preview."""

NEARLY_ALL = 2 / 3

MOST = 100
"""Members of the largest preview; their arrays are kept in memory until then."""


def preview_sizes(members: int) -> tuple[int, ...]:
    """Return after how many members previews are written: 6, 12, 24 and so on.

    There is none of nearly all members, since the finished world follows soon.
    """
    sizes = []
    size = FIRST
    while size <= min(NEARLY_ALL * members, MOST):
        sizes.append(size)
        size *= 2
    return tuple(sizes)


class Previews:
    """Keeps the first members of a world in memory, and writes previews of them.

    Parameters
    ----------
    folder : Path
        Destination of the finished world; previews are written beside it.
    members : int
        Members of the finished world.
    write : callable
        Writes the files of a world, from a folder, the worlds so far and their arrays by side.
    """

    def __init__(
        self,
        folder: Path,
        members: int,
        write: Callable[[Path, Sequence[World], Mapping[str, Mapping[str, Block]]], None],
    ) -> None:
        self._folder = folder
        self._write = write
        self._sizes = preview_sizes(members)
        self._kept: dict[str, dict[str, Block]] = {}
        self.newest = ""

    def keep(self, number: int, side: str, arrays: Mapping[str, Block]) -> None:
        """Keep a member of one side, if a preview will need it.

        Parameters
        ----------
        number : int
            Of the member, from 0.
        side : str
        arrays : mapping of str to float array (hours, places)
        """
        if not self._sizes or number >= self._sizes[-1]:
            return
        kept = self._kept.setdefault(side, {})
        for name, values in arrays.items():
            if name not in kept:
                kept[name] = np.empty((self._sizes[-1], *values.shape), np.float32)
            kept[name][number] = values

    def offer(self, number: int, worlds: Callable[[], Sequence[World]]) -> None:
        """Write a preview if it is time for one.

        Parameters
        ----------
        number : int
            Members that have been run.
        worlds : callable
            Returns the worlds of these members.
        """
        if number not in self._sizes:
            return
        arrays = {
            side: {name: values[:number] for name, values in kept.items()}
            for side, kept in self._kept.items()
        }
        folder = self._folder.with_name(preview_key(self._folder.name, number))
        with AtomicDirectory(folder) as beside:
            self._write(beside, worlds(), arrays)
        self.newest = folder.name
        if number == self._sizes[-1]:
            self._kept.clear()
