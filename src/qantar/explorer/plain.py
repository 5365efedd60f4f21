"""Values as the page takes them: numbers that JSON has, and texts without marks of code."""

from __future__ import annotations

import math
import re

_QUOTED = re.compile(r"`([^`]*)`")


def number(value: float) -> float | None:
    """Return a number, or None for what JSON cannot say: not-a-number and infinities."""
    return float(value) if math.isfinite(value) else None


def plain(text: str) -> str:
    """Return a text with names in quotation marks where a pack marks them as code."""
    return _QUOTED.sub("“\\1”", text)


def clock_text(offset: int) -> str:
    """Return an offset from UTC in whole hours as ``+06:00``."""
    return f"{'-' if offset < 0 else '+'}{abs(offset):02d}:00"
