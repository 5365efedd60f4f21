"""Figures of claims as inline SVG: scales for numbers and days, and rows with a mark each."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from qantar.reports.evidence.names import SourceBadge, cut
from qantar.reports.style import HALO, MUTED, RULE, axis_number

WIDTH = 360.0
_LEFT, _RIGHT, _ROW, _LABEL = 12.0, 348.0, 38.0, 54
_LINEAR_UP_TO = 20.0
_YEAR = 365.25


@dataclass(frozen=True)
class Scale:
    """A linear or logarithmic axis with its ticks."""

    low: float
    high: float
    log: bool
    ticks: tuple[tuple[float, str], ...]

    def at(self, value: float) -> float:
        """Return the position of a value in pixels, clipped to the ends of the axis."""
        low, high, value = self.low, self.high, min(max(value, self.low), self.high)
        if self.log:
            low, high, value = math.log10(low), math.log10(high), math.log10(value)
        part = (value - low) / (high - low) if high > low else 0.5
        return _LEFT + (_RIGHT - _LEFT) * part


@dataclass(frozen=True)
class Line:
    """One row of a figure: a value with its source, and the interval from `low` to `high`.

    `low` and `high` may be infinite: the source leaves that side open. A hollow mark sets a row
    off from the others.
    """

    label: str
    value: str
    low: float
    high: float
    badge: SourceBadge | None = None
    claim: str = ""
    hollow: bool = False
    dot: float | None = None
    title: str = ""


def number_scale(values: Sequence[float], *, floor: float | None = None) -> Scale:
    """Return a scale for numbers; of powers of ten where they lie far apart."""
    known = [value for value in values if math.isfinite(value)] or [0.0, 1.0]
    low, high = min(known), max(known)
    positive = [value for value in known if value > 0]
    if positive and low >= 0 and high / min(positive) > _LINEAR_UP_TO:
        low, high = min(positive) / 1.6, high * 1.6
        ticks = [
            10.0**k for k in range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)
        ]
        every = len(ticks) // 6 + 1
        return Scale(low, high, True, tuple((t, axis_number(t)) for t in ticks[::every]))
    pad = 0.08 * (high - low) or 0.1 * abs(high) or 1.0
    low, high = (low - pad if low < 0 or low - pad > 0 else 0.0), high + pad
    low = low if floor is None else floor
    return Scale(low, high, False, tuple((t, axis_number(t)) for t in _round_ticks(low, high)))


def day_scale(values: Sequence[float]) -> Scale:
    """Return a scale for days given as ordinals of the calendar."""
    known = [value for value in values if math.isfinite(value)] or [dt.date(2000, 1, 1).toordinal()]
    low, high = min(known), max(known)
    pad = max(0.08 * (high - low), 1.0)
    low, high = low - pad, high + pad
    if high - low > 3 * _YEAR:
        years = _round_ticks(low / _YEAR, high / _YEAR)
        whole = sorted({round(year) + 1 for year in years})
        dated = [(float(dt.date(year, 1, 1).toordinal()), str(year)) for year in whole]
        return Scale(low, high, False, tuple(tick for tick in dated if low <= tick[0] <= high))
    if high - low > 120:
        first, last = (dt.date.fromordinal(math.floor(value)) for value in (low, high))
        count = 12 * (last.year - first.year) + last.month - first.month
        months = range(first.month, first.month + count + 1, count // 4 + 1)
        days = [dt.date(first.year + m // 12, m % 12 + 1, 1) for m in months]
        days = [day for day in days if low <= day.toordinal() <= high]
        return Scale(
            low, high, False, tuple((float(d.toordinal()), f"{d:%b} {d.year}") for d in days)
        )
    step = max(1, math.ceil((high - low) / 5))
    days = [dt.date.fromordinal(day) for day in range(math.ceil(low), math.floor(high) + 1, step)]
    return Scale(low, high, False, tuple((float(d.toordinal()), f"{d.day} {d:%b}") for d in days))


def rows_figure(lines: Sequence[Line], scale: Scale, label: str) -> Markup:
    """Return a figure with a row for each line and the scale below."""
    height = _ROW * len(lines) + 26
    parts = [
        f'<svg class="rows" viewBox="0 0 {WIDTH:.0f} {height:.0f}" role="group" '
        f'aria-label="{escape(label)}">'
    ]
    for value, text in scale.ticks:
        x, end = scale.at(value), height - 20
        side = "start" if x < 30 else "end" if x > 325 else "middle"
        parts.append(f'<path d="M{x:.1f} 2V{end:.0f}" stroke="{RULE}"/>')
        parts.append(
            f'<text x="{x:.1f}" y="{height - 7:.0f}" text-anchor="{side}" class="t">{text}</text>'
        )
    for k, line in enumerate(lines):
        top = k * _ROW
        badge, x = (badge_mark(line.badge, 8.0, top + 9), 20) if line.badge else ("", 2)
        mark, beside = _mark(line, scale, top + 27)
        bold = "" if beside else f'<tspan class="v" {HALO}>{escape(cut(line.value, 36))}</tspan> '
        room = _LABEL if beside else max(_LABEL - len(line.value) - 4, 10)
        title = escape(f"{line.label}: {line.value}. {line.title}")
        label = f"{bold}{escape(cut(line.label, room))}"
        body = (
            f"<title>{title}</title>{badge}"
            f'<text x="{x}" y="{top + 13:.0f}" class="l">{label}</text>{mark}'
        )
        link = f'<a href="#claim-{escape(line.claim)}">{body}</a>'
        parts.append(link if line.claim else f"<g>{body}</g>")
    return Markup("".join(parts) + "</svg>")


def _mark(line: Line, scale: Scale, y: float) -> tuple[str, bool]:
    """Return the mark with its value, and whether there was room for the value next to it."""
    colour = line.badge.colour if line.badge else MUTED
    left, right = scale.at(line.low), scale.at(line.high)
    look = f'fill="{"#fff" if line.hollow else colour}" stroke="{colour}" stroke-width="2"'
    parts = []
    if right - left > 1.5:
        dash = ' stroke-dasharray="4 3"' if line.hollow else ""
        parts.append(
            f'<path d="M{left:.1f} {y}H{right:.1f}" stroke="{colour}" stroke-width="4"{dash}/>'
        )
        for x, bound in ((left, line.low), (right, line.high)):
            if math.isinf(bound):  # an arrow where the source leaves the interval open
                tip = x + (7 if bound > 0 else -7)
                shape = f"M{x:.1f} {y - 6}L{tip:.1f} {y}L{x:.1f} {y + 6}Z"
                parts.append(f'<path d="{shape}" fill="{colour}"/>')
            else:
                cap = f"M{x:.1f} {y - 5}V{y + 5}"
                parts.append(f'<path d="{cap}" stroke="{colour}" stroke-width="2"/>')
    if right - left <= 1.5 or line.dot is not None:
        x = scale.at(line.dot) if line.dot is not None else left
        parts.append(f'<circle cx="{x:.1f}" cy="{y}" r="5" {look}/>')
    shown = cut(line.value, 40)
    needed = 6.4 * len(shown) + 12
    if right + needed < WIDTH:
        x, side = right + 9, "start"
    elif left - needed > 0:
        x, side = left - 9, "end"
    else:
        return "".join(parts), False
    parts.append(
        f'<text x="{x:.1f}" y="{y + 4}" text-anchor="{side}" class="v" {HALO}>'
        f"{escape(shown)}</text>"
    )
    return "".join(parts), True


def badge_mark(badge: SourceBadge, x: float, y: float) -> Markup:
    """Return the letter of a source in its circle."""
    spot = f'x="{x:.1f}" y="{y + 3.6:.1f}" text-anchor="middle" class="b"'
    return Markup(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7.5" fill="{badge.colour}"/>'
        f"<text {spot}>{escape(badge.letter)}</text>"
    )


def _round_ticks(low: float, high: float) -> list[float]:
    step = 10 ** math.floor(math.log10((high - low) / 4 or 1.0))
    step *= next((m for m in (1, 2, 5) if (high - low) / (m * step) <= 5), 10)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [round(k * step, 10) for k in range(first, last + 1)]
