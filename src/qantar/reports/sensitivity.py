"""Which parameters drive which facts: a heat map, a table for the terminal and a short page."""

from __future__ import annotations

import re
from itertools import groupby, pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from rich.table import Table

from qantar.analysis.facts import GROUPS, OTHER
from qantar.analysis.sensitivity_methods import (
    IDLE_BELOW,
    MEASURE,
    Method,
    Sensitivity,
    drivers,
    idle,
)
from qantar.reports.phrases import subject
from qantar.reports.style import (
    HEAT,
    INK,
    MUTED,
    RULE,
    blank_figure,
    cut_at_word,
    many,
    render,
    styled,
    svg_text,
    to_svg,
)

TOP = 30
"""Most rows of the heat map, so that it fits on a page."""

BREAKS: dict[Method, tuple[float, ...]] = {
    "morris": (0, 0.1, 0.25, 0.5, 1, 1.5, 2, 4),
    "sobol": (0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 1),
}
"""Lower bounds of the classes of the heat map, and the upper bound of the last."""

UNIT: dict[Method, str] = {
    "morris": "change of the fact as the parameter goes through 90 % of its prior "
    "(mean absolute elementary effect µ*, in standard deviations of the fact over the prior)",
    "sobol": "total share of the variance of the fact over the prior (Sobol index S_T)",
}
SHORT_UNIT: dict[Method, str] = {"morris": "µ* in prior spreads", "sobol": "total index"}
IDLE_UNIT: dict[Method, str] = {
    "morris": "µ* of less than {below:g} errors of the observation",
    "sobol": "a total index of less than {below:g}",
}

_CELL, _ROW, _GAP = 13.0, 17.0, 7.0
_LEFT, _RIGHT, _TOP, _BELOW = 470.0, 20.0, 58.0, 280.0
_LETTERS, _LETTERS_BELOW = 62, 66  # most characters of a label left of the map, and below it
_SMALL, _TINY = 9.5, 8.5


class _Layout(NamedTuple):
    """Positions of rows and columns of the map, in pixels from its upper left corner."""

    rows: list[str]
    columns: list[str]
    x: list[float]
    y: list[float]

    @property
    def width(self) -> float:
        return self.x[-1] + _CELL

    @property
    def height(self) -> float:
        return self.y[-1] + _ROW


def strongest(result: Sensitivity, top: int = TOP) -> list[str]:
    """Return the unknowns of the heat map, in the order of the model.

    The strongest by their mean over the groups of facts, so that a group with many facts does
    not outvote the others.
    """
    value = MEASURE[result.method]
    by_group = result.table.groupby(["unknown", "group"], sort=False)[value].mean()
    means = by_group.groupby("unknown", sort=False).mean().fillna(0.0)
    chosen = set(means.sort_values(ascending=False, kind="stable").head(top).index)
    return [name for name in result.unknowns["unknown"] if name in chosen]


def heat_map(result: Sensitivity, top: int = TOP) -> Figure:
    """Return a heat map of unknowns (rows, by mechanism) and facts (columns, by group)."""
    layout = _layout(result, top)
    values = result.wide(MEASURE[result.method]).loc[layout.rows, layout.columns].to_numpy()
    width = _LEFT + layout.width + _RIGHT
    height = _TOP + layout.height + _BELOW
    figure = blank_figure(width, height)
    axes = figure.add_axes(
        (_LEFT / width, _BELOW / height, layout.width / width, layout.height / height)
    )
    axes.set_xlim(0, layout.width)
    axes.set_ylim(layout.height, 0)
    axes.axis("off")
    colours = ListedColormap(HEAT)
    norm = BoundaryNorm(BREAKS[result.method], len(HEAT), clip=True)
    for row, y in enumerate(layout.y):
        for column, x in enumerate(layout.x):
            value = values[row, column]
            known = bool(np.isfinite(value))
            shade = colours(norm(np.clip(value, 0, None))) if known else "white"
            box = Rectangle(
                (x, y), _CELL, _ROW, facecolor=shade, edgecolor=RULE, linewidth=0.5,
                hatch=None if known else "////",
            )  # fmt: skip
            axes.add_patch(box)
    unknowns = result.unknowns.set_index("unknown")
    last = ""
    for name, y in zip(layout.rows, layout.y, strict=True):
        mechanism, label = (str(unknowns.loc[name, key]) for key in ("mechanism", "label"))
        if mechanism != last:
            text = mechanism.replace("_", " ")
            axes.text(-_LEFT + 4, y + _ROW / 2, text, fontsize=_SMALL, weight="bold", va="center")
        last = mechanism
        axes.text(-6, y + _ROW / 2, shortened(label), fontsize=_SMALL, va="center", ha="right")
    _name_columns(axes, result, layout)
    _legend(figure, result.method, width, height)
    return figure


def _layout(result: Sensitivity, top: int) -> _Layout:
    """Return rows by mechanism and columns by group of facts, with a gap between them."""
    names = result.observations.names
    order = [*GROUPS, OTHER]
    at = sorted(range(len(names)), key=lambda k: order.index(result.groups[k]))
    columns = [names[k] for k in at]
    rows = strongest(result, top)
    parts = dict(zip(result.unknowns["unknown"], result.unknowns["mechanism"], strict=True))
    x = _places([result.groups[k] for k in at], _CELL)
    split = result.method == "morris"  # each group of a Sobol analysis is one mechanism
    y = _places([parts[row] if split else "" for row in rows], _ROW)
    return _Layout(rows, columns, x, y)


def _places(parts: list[str], step: float) -> list[float]:
    """Return where each item of a row begins, with a gap wherever the part changes."""
    gaps = np.cumsum([0, *(a != b for a, b in pairwise(parts))])
    return [k * step + float(gap) * _GAP for k, gap in enumerate(gaps)]


def _name_columns(axes: Axes, result: Sensitivity, layout: _Layout) -> None:
    targets = {target.target: target for target in result.observations.targets}
    groups = dict(zip(result.observations.names, result.groups, strict=True))
    placed = list(zip(layout.columns, layout.x, strict=True))
    for name, x in placed:
        text = shortened(subject(targets[name]), _LETTERS_BELOW)
        axes.text(x + _CELL / 2, layout.height + 6, text, fontsize=_TINY, rotation=90,
                  va="top", ha="center")  # fmt: skip
    for group, members in groupby(placed, key=lambda item: groups[item[0]]):
        left = [x for _, x in members]
        axes.plot([left[0], left[-1] + _CELL], [-4, -4], color=INK, linewidth=1.2, clip_on=False)
        axes.text(left[0], -9, group, fontsize=_TINY, weight="bold", va="bottom", ha="left",
                  rotation=0 if len(left) * _CELL > 6.2 * len(group) else 25)  # fmt: skip


def _legend(figure: Figure, method: Method, width: float, height: float) -> None:
    """Draw the classes of the map with their bounds and their unit, below the labels of rows."""
    size, left, top = 38.0, 14.0, _BELOW - 70
    axes = figure.add_axes((0, 0, 1, _BELOW / height))
    axes.set_xlim(0, width)
    axes.set_ylim(0, _BELOW)
    axes.axis("off")
    breaks = BREAKS[method]
    for k, shade in enumerate(HEAT):
        box = Rectangle((left + k * size, top), size, 14, facecolor=shade, edgecolor=MUTED, lw=0.5)
        axes.add_patch(box)
    for k, value in enumerate(breaks[:-1]):
        axes.text(left + k * size, top - 4, f"{value:g}", fontsize=_TINY, va="top", ha="center")
    last = "more" if method == "morris" else f"{breaks[-1]:g}"
    axes.text(left + len(HEAT) * size, top - 4, last, fontsize=_TINY, va="top", ha="center")
    lines = re.findall(r".{1,58}(?:\s|$)", UNIT[method])
    text = "\n".join(line.strip() for line in lines)
    axes.text(left, top - 22, text, fontsize=_TINY, va="top", color=MUTED)
    note = Rectangle((left, top - 92), 14, 12, facecolor="white", edgecolor=RULE, hatch="////")
    axes.add_patch(note)
    axes.text(left + 20, top - 86, "the fact is the same in every run", fontsize=_TINY, va="center")


def shortened(text: str, most: int = _LETTERS) -> str:
    """Return a label without its remark in brackets, cut at a word where it is too long."""
    return cut_at_word(re.sub(r"\s*\([^)]*\)$", "", text), most)


def svg_file(result: Sensitivity) -> str:
    """Return the heat map as the text of an SVG file."""
    with styled():
        return svg_text(heat_map(result))


def drivers_table(result: Sensitivity, k: int = 3) -> Table:
    """Return the strongest unknowns of every group of facts for the terminal."""
    table = Table(expand=True, caption=f"Value: {SHORT_UNIT[result.method]}, mean over the group.")
    table.add_column("facts", ratio=3)
    table.add_column("driven by", ratio=5)
    table.add_column("", ratio=7)
    table.add_column("value", width=6, justify="right")
    for group, rows in drivers(result, k).groupby("group", sort=False):
        for number, row in enumerate(rows.itertuples()):
            head = str(group) if number == 0 else ""
            table.add_row(head, str(row.unknown), str(row.label), f"{row.value:.2f}")
        table.add_section()
    return table


def idle_sentence(result: Sensitivity) -> str:
    """Return which unknowns move no fact, in a sentence or two."""
    found, below = idle(result), IDLE_BELOW[result.method]
    limit = IDLE_UNIT[result.method].format(below=below)
    if found.empty:
        return f"Every unknown moves some fact: none has {limit} on all."
    names = ", ".join(found["unknown"])
    return (
        f"{many(len(found), 'unknown')} of {len(result.unknowns)} move no fact ({limit} on all), "
        f"so nothing here constrains them: {names}."
    )


def render_sensitivity(result: Sensitivity, title: str, made: list[tuple[str, str]]) -> str:
    """Return the result as one HTML page without external files.

    Parameters
    ----------
    title : str
        Of the episode.
    made : list of (str, str)
        How it was made, as names and values.
    """
    strongest_by_group = drivers(result, 1).itertuples()
    best = "; ".join(f"{row.group}: {row.label}" for row in strongest_by_group)
    label = f"Heat map of what drives which facts. The strongest, {best}."
    with styled():
        figure = to_svg(heat_map(result), "heat", label)
    by_group = drivers(result).groupby("group", sort=False)
    spread = result.table.groupby("target", sort=False)["spread"].first()
    still = [t for t in result.observations.targets if not spread[t.target] > 0]
    return render(
        "sensitivity.html.j2",
        title=title,
        figure=figure,
        method=result.method,
        unit=UNIT[result.method],
        short_unit=SHORT_UNIT[result.method],
        shown=len(strongest(result)),
        unknowns=len(result.unknowns),
        facts=len(result.groups),
        simulations=result.simulations,
        drivers=[(str(group), _records(rows)) for group, rows in by_group],
        idle=_records(idle(result)),
        idle_limit=IDLE_UNIT[result.method].format(below=IDLE_BELOW[result.method]),
        idle_value="largest µ* in errors" if result.method == "morris" else "largest total index",
        still=[subject(target) for target in still],
        made=made,
    )


def _records(found: pd.DataFrame) -> list[dict[str, Any]]:
    rows = found.to_dict("records")
    return [{**{str(k): v for k, v in row.items()}, "value": f"{row['value']:.2f}"} for row in rows]
