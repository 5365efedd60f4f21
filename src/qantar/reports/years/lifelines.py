"""Drawing of lifelines: one row a unit, a bar for every status, a mark for every event.

Statuses differ by hatching as well as by colour, so that a figure can be read in greyscale.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from qantar.analysis.state.lifelines import Lifeline, LifelinePart, Moment, Stretch
from qantar.reports.style import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    RULE,
    SKY,
    VERMILION,
    blank_figure,
    styled,
    to_svg,
)
from qantar.reports.years.axes import decimal_year, end_year

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LOOKS = (
    (SKY, ""),
    (BLUE, "////"),
    (ORANGE, "---"),
    (VERMILION, "xxxx"),
    (GREEN, "\\\\\\\\"),
    ("#CC79A7", "|||"),
    ("#c4c4c4", ""),
    (INK, "||||"),
    ("#E3D200", "++++"),
    (MUTED, "//"),
)
"""Colour and hatching of statuses in the order in which a part declares them."""

WIDTH, LEFT, RIGHT = 1100.0, 300.0, 16.0
_HEAD, _TOP, _BOTTOM, _KEY, _LANE, _LINE = 24.0, 8.0, 26.0, 20.0, 11.0, 11.0
_BAR, _ROW, _PAD = 12.0, 20.0, 6.0
_NAME, _SMALL = 10.5, 9.0
_LETTER = 0.56
"""Mean width of a letter, as a share of the size of the font."""

_LANES = 3
_SHORTEST = 3.0

Looks = Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class _Row:
    """A row with its height, the lines of its name, and the names written below its bar."""

    line: Lifeline
    name: tuple[str, ...]
    below: tuple[tuple[float, int, str], ...]
    lanes: int

    @property
    def height(self) -> float:
        return max(_ROW + _LANE * self.lanes, _PAD + _LINE * len(self.name))


@dataclass(frozen=True)
class _Window:
    """The years that are shown, and how many pixels one of them takes."""

    since: float
    end: float

    @property
    def pixels(self) -> float:
        return (WIDTH - LEFT - RIGHT) / (self.end - self.since)


def looks_of(part: LifelinePart) -> dict[str, tuple[str, str]]:
    """Return colour and hatching of every status of a part."""
    return {status: LOOKS[k % len(LOOKS)] for k, status in enumerate(part.statuses)}


def lifelines_figure(part: LifelinePart, since: float, end: float) -> Markup | None:
    """Draw the lifelines of a part.

    Parameters
    ----------
    since, end : float
        First and last year that are shown; a part all of whose dates lie close together is shown
        for these alone.

    Returns
    -------
    Markup or None
        SVG; None if nothing of the part falls into these years.
    """
    figure = draw_lifelines(part, since, end)
    if figure is None:
        return None
    units = len(part.lines)
    label = f"{part.title}: {units} lifelines; all dates are listed below"
    with styled():  # text stays text
        return to_svg(figure, part.part, label)


def draw_lifelines(part: LifelinePart, since: float, end: float) -> Figure | None:
    """Return the figure of the lifelines of a part, or None; see `lifelines_figure`."""
    shown = [line for line in part.lines if _within(line, since, end)]
    if not shown:
        return None
    window = _window(shown, since, end)
    rows = [_row(line, window) for line in shown]
    groups = list(dict.fromkeys(line.group for line in shown))
    key = _key_rows([*part.statuses])
    body = _HEAD * len(groups) + sum(row.height for row in rows)
    top = _TOP + _KEY * len(key)
    height = top + body + _BOTTOM
    looks = looks_of(part)
    with styled():
        figure = blank_figure(WIDTH, height)
        _draw_key(figure, key, looks, height)
        box = (LEFT / WIDTH, _BOTTOM / height, 1 - (LEFT + RIGHT) / WIDTH, body / height)
        axes = figure.add_axes(box)
        _prepare(axes, window, body)
        at = 0.0
        for group in groups:
            _draw_heading(axes, group, at)
            at += _HEAD
            for row in (each for each in rows if each.line.group == group):
                _draw(axes, row, at, looks, window)
                at += row.height
        return figure


def _within(line: Lifeline, since: float, end: float) -> bool:
    dates = [*(s.begins for s in line.stretches), *(m.date for m in line.moments)]
    ends = [s.ends for s in line.stretches]
    return any(decimal_year(each) < end for each in dates) and (
        any(not each or end_year(each) >= since for each in ends)
        or any(decimal_year(m.date) >= since for m in line.moments)
    )


def _window(lines: Iterable[Lifeline], since: float, end: float) -> _Window:
    """Return the years to show: fewer if all dates lie within a quarter of them."""
    dates = [date for line in lines for s in line.stretches for date in (s.begins, s.ends) if date]
    dates += [moment.date for line in lines for moment in line.moments]
    first = max(since, float(np.floor(min(decimal_year(date) for date in dates))))
    last = min(end, float(np.ceil(max(decimal_year(date) for date in dates) + 0.01)))
    if last > first and last - first < (end - since) / 4:
        return _Window(first, last)
    return _Window(since, end)


def _row(line: Lifeline, window: _Window) -> _Row:
    """Return the row of a lifeline; holders whose names do not fit into a bar stand below it."""
    wide = int((LEFT - 24) / (_LETTER * _NAME))
    name = textwrap.wrap(line.label, wide, max_lines=3, placeholder=" …") or [line.name]
    free = [-np.inf] * _LANES
    below = []
    for first, last, stretch in _bars(line, window):
        if not stretch.label or stretch.label == stretch.status:
            continue
        if _inside(stretch.label, (last - first) * window.pixels):
            continue
        text = _short(stretch.label)
        half = _LETTER * _SMALL * len(text) / 2 / window.pixels
        middle = min(max((first + last) / 2, window.since + half), window.end - half)
        lane = next((k for k, taken in enumerate(free) if middle - half > taken), None)
        if lane is not None:
            free[lane] = middle + half + 4 / window.pixels
            below.append((middle, lane, text))
    lanes = 1 + max((lane for _, lane, _ in below), default=-1)
    return _Row(line, tuple(name), tuple(below), lanes)


def _bars(line: Lifeline, window: _Window) -> list[tuple[float, float, Stretch]]:
    """Return first and last year of the stretches in the window; none reaches into the next."""
    found = []
    for k, stretch in enumerate(line.stretches):
        first = decimal_year(stretch.begins)
        last = end_year(stretch.ends) if stretch.ends else window.end
        if k + 1 < len(line.stretches):
            following = decimal_year(line.stretches[k + 1].begins)
            last = min(last, following) if following > first else last
        last = max(last, first + _SHORTEST / window.pixels)
        first, last = max(first, window.since), min(last, window.end)
        if last > first:
            found.append((first, last, stretch))
    return found


def _inside(text: str, pixels: float) -> str:
    """Return what of a label fits into a bar: all of it, its last word, or nothing."""
    for each in (text, _short(text)):
        if _LETTER * _SMALL * len(each) + 6 <= pixels:
            return each
    return ""


def _short(text: str) -> str:
    """Return the last word of a person's name; anything else stays whole."""
    words = text.split(" (")[0].split()
    return words[-1] if words and all(word[0].isupper() for word in words) else text


def _key_rows(statuses: list[str]) -> list[list[tuple[float, str]]]:
    """Return the entries of the key by row, with the pixel at which each begins."""
    rows: list[list[tuple[float, str]]] = [[]]
    at = 4.0
    for status in [*statuses, ""]:
        wide = 40 + _LETTER * _NAME * len(status or _MARKS)
        if at > 4.0 and at + wide > WIDTH:
            rows.append([])
            at = 4.0
        rows[-1].append((at, status))
        at += wide
    return rows


_MARKS = "dated event; hollow: only the year is told"


def _draw_key(
    figure: Figure, rows: list[list[tuple[float, str]]], looks: Looks, height: float
) -> None:
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(height, 0)
    for k, row in enumerate(rows):
        middle = _TOP + _KEY * k + 6
        for at, status in row:
            if status:
                _bar(axes, at, 22.0, middle, looks[status])
            else:
                _diamond(axes, at + 6, middle, hollow=False)
                _diamond(axes, at + 17, middle, hollow=True)
            axes.text(at + 28, middle, status or _MARKS, va="center", fontsize=_NAME)


def _prepare(axes: Axes, window: _Window, height: float) -> None:
    axes.set_xlim(window.since, window.end)
    axes.set_ylim(height, 0.0)
    axes.set_yticks([])
    length = window.end - window.since
    step = 5 if length > 12 else 1 if length > 2 else 0.25
    ticks = np.arange(-(-window.since // step) * step, window.end + 0.01, step)
    axes.set_xticks(ticks, [_tick(tick) for tick in ticks])
    axes.grid(axis="x")
    axes.spines["left"].set_visible(False)


def _tick(year: float) -> str:
    """Return the name of a year, or of a quarter of it."""
    quarter = round(4 * (year % 1))
    return f"{year:.0f}" if quarter in (0, 4) else ("Apr", "Jul", "Oct")[quarter - 1]


def _draw_heading(axes: Axes, group: str, at: float) -> None:
    axes.annotate(
        group[:1].upper() + group[1:],
        (0, at + _HEAD - 8),
        xycoords=("axes fraction", "data"),
        xytext=(4 - LEFT, 0),
        textcoords="offset points",
        va="center",
        fontsize=11,
        fontweight="bold",
        annotation_clip=False,
    )
    axes.axhline(at + _HEAD - 1, color=RULE, linewidth=0.8)


def _draw(axes: Axes, row: _Row, top: float, looks: Looks, window: _Window) -> None:
    middle = top + _PAD / 2 + _BAR / 2 + 1
    for k, text in enumerate(row.name):
        axes.annotate(
            text,
            (0, middle + k * _LINE),
            xycoords=("axes fraction", "data"),
            xytext=(-8, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            fontsize=_NAME,
            annotation_clip=False,
        )
    for first, last, stretch in _bars(row.line, window):
        _bar(axes, first, last - first, middle, looks.get(stretch.status, (RULE, "")))
        label = _inside(stretch.label, (last - first) * window.pixels)
        if label:
            axes.text(
                (first + last) / 2,
                middle,
                label,
                ha="center",
                va="center",
                fontsize=_SMALL,
                color=INK,
                bbox={"facecolor": "white", "alpha": 0.82, "linewidth": 0, "pad": 0.6},
            )
    for at, lane, text in row.below:
        under = middle + _BAR / 2 + _LANE * (lane + 0.55)
        axes.text(at, under, text, ha="center", va="center", fontsize=_SMALL, color=INK)
    for moment in row.line.moments:
        when = _middle(moment)
        if window.since <= when <= window.end:
            _diamond(axes, when, middle - _BAR / 2, hollow=len(moment.date) == len("YYYY"))


def _middle(moment: Moment) -> float:
    """Return where an event is marked: in the middle of the year, month or day that is told."""
    return (decimal_year(moment.date) + end_year(moment.date)) / 2


def _bar(axes: Axes, first: float, length: float, middle: float, look: tuple[str, str]) -> None:
    colour, hatch = look
    axes.barh(
        middle,
        length,
        left=first,
        height=_BAR,
        facecolor=colour,
        hatch=hatch,
        edgecolor="white",
        linewidth=0.6,
    )


def _diamond(axes: Axes, at: float, middle: float, *, hollow: bool) -> None:
    axes.plot(
        at,
        middle,
        "D",
        color="white" if hollow else INK,
        markersize=4.2,
        markeredgecolor=INK if hollow else "white",
        markeredgewidth=0.8,
        clip_on=False,
        zorder=5,
    )
