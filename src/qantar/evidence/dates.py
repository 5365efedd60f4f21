"""Dates and periods as the sources give them: ISO 8601 days, months and years."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from functools import lru_cache

_FORM = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")

Span = tuple[dt.date | None, dt.date | None]
"""First and last day of a period; None where a side is open."""


def first_day(text: str) -> dt.date | None:
    """Return the first day of ``2011``, ``2011-12`` or ``2011-12-16``; None for an empty text.

    Raises
    ------
    ValueError
        If the text is not a calendar date in one of these forms.
    """
    year, month, day = _parts(text)
    return dt.date(year, month or 1, day or 1) if year else None


def last_day(text: str) -> dt.date | None:
    """Return the last day of ``2011``, ``2011-12`` or ``2011-12-16``; None for an empty text."""
    year, month, day = _parts(text)
    if not year:
        return None
    month = month or 12
    return dt.date(year, month, day or calendar.monthrange(year, month)[1])


def overlap(one: Span, other: Span) -> bool:
    """Return whether two periods share a day; an open side has no limit."""
    starts = [day for day in (one[0], other[0]) if day is not None]
    ends = [day for day in (one[1], other[1]) if day is not None]
    return not starts or not ends or max(starts) <= min(ends)


def within(inner: Span, outer: Span) -> bool:
    """Return whether a period lies within another; False if either has an open side."""
    first, last = inner
    start, end = outer
    if first is None or last is None or start is None or end is None:
        return False
    return start <= first and last <= end


def format_span(span: Span) -> str:
    """Return a period in words: ``2011``, ``2011-12``, a day, ``… to …``, ``since …``, ``until …``.

    A full month or full years are written as such.
    """
    start, end = span
    if start is None and end is None:
        return "no date"
    if start == end:
        return f"{start}"
    if start is None:
        return f"until {end}"
    if end is None:
        return f"since {start}"
    if (start.month, start.day, end.month, end.day) == (1, 1, 12, 31):
        return str(start.year) if start.year == end.year else f"{start.year} to {end.year}"
    if start.day == 1 and end == last_day(start.isoformat()[:7]):
        return f"{start:%Y-%m}"
    return f"{start} to {end}"


@lru_cache(maxsize=4096)  # many claims have the same few dates
def _parts(text: str) -> tuple[int, int, int]:
    if not text:
        return 0, 0, 0
    found = _FORM.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is not a date: write 2022, 2022-01 or 2022-01-05")
    year, month, day = (int(part or 0) for part in found.groups())
    try:
        dt.date(year, month or 1, day or 1)
    except ValueError as error:
        raise ValueError(f"{text!r} is not a calendar date") from error
    return year, month, day
