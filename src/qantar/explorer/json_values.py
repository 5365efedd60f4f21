"""Numbers and texts for the page: valid JSON, no code marks, no paths of this machine."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from qantar.base.errors import FileError, QantarError

_QUOTED = re.compile(r"`([^`]*)`")


def number(value: float) -> float | None:
    """Return a number, or None for NaN and infinity, which JSON lacks."""
    return float(value) if math.isfinite(value) else None


def plain(text: str) -> str:
    """Return a text of a pack with quotation marks in place of backticks."""
    return _QUOTED.sub("“\\1”", text)


def clock_text(offset: int) -> str:
    """Return an offset from UTC in whole hours as ``+06:00``."""
    return f"{'-' if offset < 0 else '+'}{abs(offset):02d}:00"


def problem_of(error: QantarError) -> str:
    """Return the problem of an error, with the name of a file instead of its path."""
    if isinstance(error, FileError):
        return error.problem.replace(str(error.path), error.path.name)
    return error.problem


def without_folders(text: str, more: Iterable[str] = ()) -> str:
    """Return a text without the folders of this machine, which the page must not show.

    Parameters
    ----------
    text : str
    more : iterable of str
        Further folders, such as the one that results are written to.
    """
    own = (str(Path.cwd()), str(Path.home()), str(Path(__file__).parents[3]), sys.prefix)
    # The longest first: a folder inside another is replaced as a whole.
    for folder in sorted({*more, *own}, key=len, reverse=True):
        if len(folder) > 1:
            text = text.replace(folder + "/", "").replace(folder, "this folder")
    return text
