"""Ranges as small drawings in a line of a table: a range with its middle, beside what it is set to.

Two scales. Facts stand in standard errors from what was observed: linear up to `LINEAR`, by powers
of ten beyond, for a prior may be far away. Parameters stand in standard deviations
of their prior.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from markupsafe import Markup, escape

from qantar.view.style import BLUE, INK, MUTED, ORANGE, RULE

LINEAR, MOST = 3.0, 100.0
"""Standard errors up to which the scale of facts is linear, and at which it ends."""

NINETY = 1.645
"""Standard deviations on either side that hold the middle 90 % of a normal."""

SIDE = 3.0
"""Prior standard deviations on either side that the scale of parameters shows."""

_WIDE, _HIGH, _EDGE = 260.0, 20.0, 6.0
_TICKS = (-100, -10, -3, 0, 3, 10, 100)


def fact_bar(low: float, middle: float, high: float, label: str) -> Markup:
    """Draw a range of runs about an observation; all in standard errors from the observation."""
    band = _rect(_fact_at(-NINETY), _fact_at(NINETY), ORANGE, 0.55)
    lines = [_tick(_fact_at(tick)) for tick in _TICKS]
    return _drawing([*lines, band, _range(_fact_at, (low, middle, high))], label)


def parameter_bar(low: float, middle: float, high: float, label: str) -> Markup:
    """Draw a posterior range over its prior's; all in standard deviations of the prior."""
    prior = _rect(_parameter_at(-NINETY), _parameter_at(NINETY), MUTED, 0.25)
    return _drawing(
        [prior, _tick(_parameter_at(0)), _range(_parameter_at, (low, middle, high))], label
    )


def fact_axis() -> Markup:
    """Return the scale of facts with its numbers."""
    parts = [
        f'<text x="{_fact_at(tick):.1f}" y="14" text-anchor="middle" font-size="11" '
        f'fill="{MUTED}">{tick:+d}</text>'.replace("+0<", "0<").replace(">-", ">\u2212")
        for tick in _TICKS
    ]
    return _drawing(parts, "Scale in standard errors from what was observed")


def _fact_at(value: float) -> float:
    """Return where a number of standard errors stands, in the unit of the drawing."""
    size = min(abs(value), MOST)
    part = min(size, LINEAR) / LINEAR / 2
    if size > LINEAR:
        part += math.log(size / LINEAR) / math.log(MOST / LINEAR) / 2
    return _WIDE / 2 + math.copysign(part, value) * (_WIDE / 2 - 2 * _EDGE)


def _parameter_at(value: float) -> float:
    inside = min(max(value, -SIDE), SIDE)
    return _WIDE / 2 + inside / SIDE * (_WIDE / 2 - _EDGE)


def _drawing(parts: Sequence[str], label: str) -> Markup:
    return Markup(
        f'<svg class="bar dots" viewBox="0 0 {_WIDE:.0f} {_HIGH:.0f}" role="img" '
        f'aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )


def _tick(x: float) -> str:
    return f'<path d="M{x:.1f} 1V{_HIGH - 1:.0f}" stroke="{RULE}"/>'


def _rect(left: float, right: float, colour: str, opacity: float) -> str:
    return (
        f'<rect x="{left:.1f}" y="3" width="{right - left:.1f}" height="{_HIGH - 6:.0f}" rx="2" '
        f'fill="{colour}" fill-opacity="{opacity}"/>'
    )


def _range(at: Callable[[float], float], values: tuple[float, float, float]) -> str:
    low, middle, high = (at(value) for value in values)
    half = _HIGH / 2
    return (
        f'<path d="M{low:.1f} {half}H{high:.1f}" stroke="{BLUE}" stroke-width="3" '
        f'stroke-linecap="round"/>'
        f'<circle cx="{middle:.1f}" cy="{half}" r="4.5" fill="{BLUE}" stroke="white"/>'
        f'<path d="M{middle:.1f} 4V16" stroke="{INK}" stroke-width="1"/>'
    )
