"""Drawing of lifelines: one row a unit, a bar for every status, a mark for every event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from qantar.analysis.state.lifelines import Lifeline, LifelinePart
from qantar.reports.style import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    SKY,
    VERMILION,
    blank_figure,
    styled,
    to_svg,
)
from qantar.reports.years.axes import decimal_year, end_year

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STATUS_COLOURS = (SKY, BLUE, ORANGE, VERMILION, GREEN, "#CC79A7", "#8c8c8c")
"""Colours of statuses in the order in which a part declares them."""

WIDTH, LEFT, RIGHT = 1100.0, 250.0, 16.0
_ROW, _HEAD, _TOP, _BOTTOM = 20.0, 22.0, 8.0, 26.0


def colours_of(part: LifelinePart) -> dict[str, str]:
    """Return the colour of every status of a part."""
    return dict(zip(part.statuses, STATUS_COLOURS, strict=False))


def lifelines_figure(part: LifelinePart, since: float, end: float) -> Markup | None:
    """Draw the lifelines of a part.

    Parameters
    ----------
    since, end : float
        First and last year that are shown.

    Returns
    -------
    Markup or None
        SVG; None if nothing of the part falls into these years.
    """
    shown = [line for line in part.lines if _within(line, since, end)]
    if not shown:
        return None
    groups = list(dict.fromkeys(line.group for line in shown))
    height = _TOP + _ROW * len(shown) + _HEAD * len(groups) + _BOTTOM
    with styled():
        figure = blank_figure(WIDTH, height)
        axes = figure.add_axes(
            (
                LEFT / WIDTH,
                _BOTTOM / height,
                1 - (LEFT + RIGHT) / WIDTH,
                1 - (_TOP + _BOTTOM) / height,
            )
        )
        _prepare(axes, since, end, height - _TOP - _BOTTOM)
        at = 0.0
        for group in groups:
            axes.text(since, at + _HEAD / 2, group, va="center", fontsize=10, fontweight="bold")
            at += _HEAD
            for line in (each for each in shown if each.group == group):
                _draw(axes, line, at + _ROW / 2, colours_of(part), (since, end))
                at += _ROW
        return to_svg(figure, part.part, f"{part.title}: what was what, from when to when")


def _within(line: Lifeline, since: float, end: float) -> bool:
    dates = [*(s.begins for s in line.stretches), *(m.date for m in line.moments)]
    ends = [s.ends for s in line.stretches]
    return any(decimal_year(each) < end for each in dates) and (
        any(not each or end_year(each) >= since for each in ends)
        or any(decimal_year(m.date) >= since for m in line.moments)
    )


def _prepare(axes: Axes, since: float, end: float, height: float) -> None:
    axes.set_xlim(since, end)
    axes.set_ylim(height, 0.0)
    axes.set_yticks([])
    step = 5 if end - since > 12 else 1
    ticks = np.arange(-(-since // step) * step, end + 0.01, step)
    axes.set_xticks(ticks, [f"{tick:.0f}" for tick in ticks])
    axes.grid(axis="x")
    axes.spines["left"].set_visible(False)


def _draw(
    axes: Axes, line: Lifeline, at: float, colours: Mapping[str, str], years: tuple[float, float]
) -> None:
    since, end = years
    axes.annotate(
        line.label,
        (0, at),
        xycoords=("axes fraction", "data"),
        xytext=(-6, 0),
        textcoords="offset points",
        ha="right",
        va="center",
        fontsize=9,
        annotation_clip=False,
    )
    for stretch in line.stretches:
        first = max(decimal_year(stretch.begins), since)
        last = min(end_year(stretch.ends) if stretch.ends else end, end)
        if last <= first:
            continue
        colour = colours.get(stretch.status, MUTED)
        axes.barh(at, last - first, left=first, height=11, color=colour, alpha=0.75, linewidth=0)
        if stretch.label and (last - first) / (end - since) > 0.0085 * len(stretch.label):
            axes.text(
                (first + last) / 2,
                at,
                stretch.label,
                ha="center",
                va="center",
                fontsize=8,
                color=INK,
            )
    for moment in line.moments:
        when = decimal_year(moment.date)
        if since <= when <= end:
            axes.plot(when, at, "D", color=INK, markersize=4, markeredgecolor="white")
