"""Where a command puts its results if it is not told."""

from __future__ import annotations

from pathlib import Path

from qantar.store.names import free_folder

RUNS = Path("runs")
"""Folder of results, in the one where the command is called."""


def fresh_folder(stem: str) -> Path:
    """Return a folder under ./runs that does not exist yet; see `free_folder`."""
    return free_folder(RUNS, stem)
