"""Numbers of a what-if as people read them, with their unit."""

from __future__ import annotations

import datetime as dt
import math

from qantar.study.outcome import Layout
from qantar.view.style import short_day

DAYS = ("last_day", "onset_day")
"""Quantities whose value is a day of the window; their differences are in days."""

SHARES = ("probability", "share")
"""Units of which a value is a part of one; differences are in percentage points."""

UNITS = {"probability": "points", "share": "points", "day": "days"}
"""Units of a difference, where they are not those of the value."""

NONE = "none"
MINUS = "\u2212"
_WHOLE, _THREE_DIGITS = 10.0, 1000.0


def figure(value: float) -> str:
    """Return a number with three digits from a thousand, whole from ten, else to a tenth."""
    if math.isnan(value):
        return NONE
    size = abs(value)
    if size >= _THREE_DIGITS:
        step = 10.0 ** (math.floor(math.log10(size)) - 2)
        text = f"{round(size / step) * step:,.0f}"
    elif size >= _WHOLE - 0.05:
        text = f"{size:.0f}"
    else:
        text = f"{size:.1f}".removesuffix(".0")
    return f"{MINUS}{text}" if value < 0 and text != "0" else text


def signed(value: float) -> str:
    """Return a difference with its sign: +12, −0.4 or 0."""
    text = figure(value)
    return text if text in ("0", NONE) or text.startswith(MINUS) else f"+{text}"


def value_of(quantity: str, unit: str, value: float, layout: Layout) -> str:
    """Return the value of a quantity in one world: 104, 37 % or 12 Mar."""
    if math.isnan(value):
        return NONE
    if quantity in DAYS:
        return short_day(layout.first_day + dt.timedelta(days=math.floor(value + 0.5)))
    return f"{100 * value:.0f}\u00a0%" if unit in SHARES else figure(value)


def gap_of(unit: str, value: float) -> str:
    """Return a difference with its sign, in percentage points where values are shares."""
    return signed(100 * value if unit in SHARES else value)


def gap_unit(unit: str) -> str:
    """Return the unit of a difference."""
    return UNITS.get(unit, unit)


def reach(unit: str, low: float, high: float) -> str:
    """Return an interval of differences: −55 to −12."""
    return f"{gap_of(unit, low)} to {gap_of(unit, high)}"
