"""Where a command puts its results if it is not told."""

from __future__ import annotations

from pathlib import Path

RUNS = Path("runs")
"""Folder of results, in the one where the command is called."""

MOST = 10_000
"""Results of one name that are told apart by a number."""


def fresh_folder(stem: str) -> Path:
    """Return a folder under ./runs that does not exist yet.

    Parameters
    ----------
    stem : str
        Its name; if that is taken, ``--2``, ``--3`` and so on stand behind it.
    """
    candidates = [stem, *(f"{stem}--{k}" for k in range(2, MOST))]
    return next(RUNS / name for name in candidates if not (RUNS / name).exists())
