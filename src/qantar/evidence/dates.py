"""Days, months and years as the sources give them: ISO 8601 at reduced precision."""

from __future__ import annotations

import calendar
import datetime as dt
import re

_FORM = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")

Span = tuple[dt.date | None, dt.date | None]
"""First and last day of a period; None where a side is open."""


def first_day(text: str) -> dt.date | None:
    """Return the first day of ``2011``, ``2011-12`` or ``2011-12-16``; None for an empty text.

    Raises
    ------
    ValueError
        If the text is no date of the calendar in one of these forms.
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
    """Say whether two periods share a day; an open side reaches for ever."""
    starts = [day for day in (one[0], other[0]) if day is not None]
    ends = [day for day in (one[1], other[1]) if day is not None]
    return not starts or not ends or max(starts) <= min(ends)


def tell(span: Span) -> str:
    """Return a period in words: a day, ``from … to …``, ``since …`` or ``until …``."""
    start, end = span
    if start is None and end is None:
        return "no date"
    if start == end:
        return f"{start}"
    if start is None:
        return f"until {end}"
    if end is None:
        return f"since {start}"
    return _whole(start, end) or f"{start} to {end}"


def _whole(start: dt.date, end: dt.date) -> str:
    """Return ``2011`` or ``2011-12`` for a whole year or month."""
    if (start.month, start.day, end.month, end.day) == (1, 1, 12, 31):
        return str(start.year) if start.year == end.year else f"{start.year} to {end.year}"
    last = calendar.monthrange(start.year, start.month)[1]
    if start.day == 1 and end == start.replace(day=last):
        return f"{start:%Y-%m}"
    return ""


def _parts(text: str) -> tuple[int, int, int]:
    if not text:
        return 0, 0, 0
    found = _FORM.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no date: write 2022, 2022-01 or 2022-01-05")
    year, month, day = (int(part or 0) for part in found.groups())
    try:
        dt.date(year, month or 1, day or 1)
    except ValueError as error:
        raise ValueError(f"{text!r} is no day that any calendar has") from error
    return year, month, day
