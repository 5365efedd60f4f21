"""The memory of this machine."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
"""Files with the limit of a container, of the present and of the former kind."""


def machine_memory() -> int | None:
    """Return the memory of the machine in bytes, or of the container if it has less.

    Returns
    -------
    int or None
        None where the operating system does not say, as on Windows.
    """
    known = []
    with suppress(AttributeError, ValueError, OSError):
        known.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    for path in LIMITS:
        with suppress(OSError, ValueError):  # without a limit it holds a word
            known.append(int(path.read_text(encoding="ascii")))
    return min(known, default=None)
