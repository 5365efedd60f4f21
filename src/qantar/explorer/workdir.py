"""The temporary work folder of a server.

It is removed when the server stops. The folder of a server that was killed is removed when another
one starts, a day later at the earliest.
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
"""File with the id of the process that owns the folder."""

SECONDS_KEPT = 24 * 3600.0


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
