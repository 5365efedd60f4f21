"""The one folder in which everything lies that the explorer makes for itself.

It goes when the server ends. What a server left that was killed outright goes when another one
starts, a day later at the earliest.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import time
from pathlib import Path

PREFIX = "qantar-explorer-"
PID = "pid"
"""File that holds the number of the process whose folder it is."""

SECONDS_KEPT = 24 * 3600.0


def make_workplace(parent: Path | None = None) -> Path:
    """Make a folder for this process, to be removed when it ends, and sweep dead ones away.

    Parameters
    ----------
    parent : Path, optional
        By default where the system keeps temporary files.
    """
    base = parent or Path(tempfile.gettempdir())
    sweep(base)
    folder = make_signed(base)
    atexit.register(remove_workplace, folder)
    return folder


def make_signed(base: Path, prefix: str = PREFIX) -> Path:
    """Make a folder that says whose it is, so that `sweep` can tell."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=base))
    (folder / PID).write_text(str(os.getpid()), encoding="ascii")
    return folder


def remove_workplace(folder: Path) -> None:
    """Remove a folder that `make_workplace` made; it may be gone already."""
    shutil.rmtree(folder, ignore_errors=True)


def sweep(base: Path, prefix: str = PREFIX) -> list[Path]:
    """Remove folders of servers that are dead, if they are older than a day.

    Returns
    -------
    list of Path
        What was removed.
    """
    removed = []
    for folder in base.glob(f"{prefix}*"):
        if _is_left_over(folder):
            shutil.rmtree(folder, ignore_errors=True)
            removed.append(folder)
    return removed


def _is_left_over(folder: Path) -> bool:
    try:
        if folder.is_symlink() or time.time() - folder.stat().st_mtime < SECONDS_KEPT:
            return False
        pid = int((folder / PID).read_text(encoding="ascii"))
    except (OSError, ValueError):  # not ours, or of another user
        return False
    return not _is_alive(pid)


def _is_alive(pid: int) -> bool:
    if os.name == "nt":  # there, asking a process with `os.kill` ends it
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
