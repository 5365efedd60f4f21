"""Figures over the years: what drove the country, what built up, and assemblies by monitor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from markupsafe import Markup

from qantar.base.arrays import Numbers
from qantar.reports.style import INK, MUTED, VERMILION, axis_number, to_svg
from qantar.reports.years.axes import (
    FREE,
    LATER,
    Span,
    decimal_year,
    draw_fan,
    end_year,
    name_row,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from qantar.simulate.years.histories import Histories

DRIVERS = ("growth", "inflation", "oil_price", "poverty", "mean_reach")
STOCKS = {
    "grievance": "Grievance, mean of four kinds over residents; log units of turnout",
    "mean_fear": "Fear, mean over residents; log units by which it lowers turnout",
    "norm": "Norm of protest that large waves leave; log units of turnout",
    "trust": "Trust in the state; share",
}
REACH = "Residents whom uncensored news reaches; share"

_KINDS = ("economic", "social", "political", "territorial")
_ROW = 84.0
_SKEWED = 20.0
"""Ratio of the largest value to the median from which on a scale is logarithmic."""


def drivers_figure(span: Span) -> Markup:
    """Draw growth, prices, oil, poverty and the reach of news, with the data as points."""
    header = span.study.scenario.years.header
    with span.rows([_ROW] * len(DRIVERS)) as (figure, rows):
        for axes, name in zip(rows, DRIVERS, strict=True):
            values = _draw_parts(axes, span, name)
            if name in header.series:
                declared = header.series[name]
                name_row(axes, f"{declared.label}; {declared.unit}")
                _draw_data(axes, span, name)
            else:
                name_row(axes, REACH)
            _scale(axes, values)
        return to_svg(figure, "drivers", "What drove the country, by year, with 90 % ranges")


def stocks_figure(span: Span) -> Markup:
    """Draw grievance, fear, norm and trust."""
    with span.rows([_ROW] * len(STOCKS)) as (figure, rows):
        for axes, (name, label) in zip(rows, STOCKS.items(), strict=True):
            _draw_parts(axes, span, name)
            name_row(axes, label)
        return to_svg(figure, "stocks", "What built up, by year, with 90 % ranges of histories")


def monitors_figure(span: Span) -> Markup | None:
    """Draw published counts beside what each monitor would have counted; None if there are none."""
    table = span.study.tables["monitors"]
    if not table.empty:
        table = table[[end_year(moment) > span.since for moment in table["to"]]]
    if table.empty:
        return None
    monitors = span.study.scenario.years.header.monitors
    shown = [name for name in monitors if (table["monitor"] == name).any()]
    with span.rows([_ROW + 16] * len(shown)) as (figure, rows):
        for axes, name in zip(rows, shown, strict=True):
            _draw_monitor(axes, table[table["monitor"] == name])
            name_row(axes, f"{monitors[name].label}; {monitors[name].unit} in the period of a bar")
        return to_svg(figure, "monitors", "Assemblies by monitor: counts and 90 % ranges")


def _draw_parts(axes: Axes, span: Span, name: str) -> Numbers:
    """Draw a variable in the free histories and in those after the dated months."""
    run = span.study.run
    at, values = _series(span, run.free, name)
    draw_fan(axes, at, values, FREE)
    if run.outlook is None:
        return values
    at, later = _series(span, run.outlook, name)
    after = at >= span.dated
    draw_fan(axes, at[after], later[:, after], LATER)
    if run.without is not None:
        _, unchanged = _series(span, run.without, name)
        middle = np.median(unchanged[:, after], axis=0)
        axes.plot(at[after], middle, color=VERMILION, linewidth=1.4, linestyle=(0, (5, 2)))
    return later


def _series(span: Span, histories: Histories, name: str) -> tuple[Numbers, Numbers]:
    """Return times and values of a variable: float array (members, times)."""
    if name != "grievance":
        values = histories.series(name).astype(np.float64)
        return span.of_months(values.shape[1]), values
    weights = histories.by_region("residents").astype(np.float64)
    kinds = np.mean([histories.by_region(kind) for kind in _KINDS], axis=0)
    values = (weights * kinds).sum(axis=2) / np.maximum(weights.sum(axis=2), 1e-9)
    return span.of_years(histories.country.shape[1]), values


def _draw_data(axes: Axes, span: Span, name: str) -> None:
    """Draw the values of the pack as points."""
    scenario = span.study.scenario
    points = [
        ((decimal_year(period) + end_year(period)) / 2, row.value)
        for (area, period), row in scenario.years.series(name).items()
        if area == scenario.country.header.country and span.since <= decimal_year(period) < span.end
    ]
    if points:
        at, values = zip(*points, strict=True)
        axes.plot(at, values, "o", color=INK, markersize=2.4 if len(points) < 60 else 1.2)


def _scale(axes: Axes, values: Numbers) -> None:
    """Use a logarithmic scale if a few values dwarf the others."""
    size = np.abs(values)
    middle = float(np.median(size))
    if middle > 0 and float(np.quantile(size, 0.99)) > _SKEWED * middle:
        bound = 10 ** np.ceil(np.log10(middle))
        axes.set_yscale("symlog", linthresh=bound)
        _name_powers(axes)


def _name_powers(axes: Axes) -> None:
    from matplotlib.ticker import FuncFormatter, NullLocator

    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: axis_number(value)))
    axes.yaxis.set_minor_locator(NullLocator())


def _draw_monitor(axes: Axes, table: pd.DataFrame) -> None:
    """Draw every count of one monitor: bar of the model, and the value that was published."""
    for row in table.to_dict("records"):
        first, last = decimal_year(str(row["from"])), end_year(str(row["to"]))
        width, middle = 0.84 * (last - first), (first + last) / 2
        weak = row["use"] == "weak"
        low, high = float(row["q05"]), float(row["q95"])
        if weak:  # its months may be those of other rows
            axes.vlines(middle, low, high, color=FREE, linewidth=1.0, linestyle=(0, (2, 2)))
        else:
            axes.bar(middle, high - low, width, low, color=FREE, alpha=0.28)
            ends = middle - width / 2, middle + width / 2
            axes.hlines(row["q50"], *ends, color=FREE, linewidth=1.6)
        inside = "white" if row["use"] == "held" else MUTED if weak else INK
        readings = [float(row["value"]), float(row["alternative"])]
        axes.plot([middle] * 2, readings, color=INK, linewidth=0.8)
        for value, shape, fill in ((readings[1], "D", "white"), (readings[0], "o", inside)):
            axes.plot(middle, value, shape, color=INK, markerfacecolor=fill, markersize=4.5,
                      clip_on=False)  # fmt: skip
    axes.set_yscale("symlog", linthresh=1, linscale=0.4)
    axes.set_ylim(0, None)
    axes.set_yticks([0, 1, 10, 100, 1000, 10_000, 100_000][: _powers(table)])
    _name_powers(axes)


def _powers(table: pd.DataFrame) -> int:
    """Return how many ticks 0, 1, 10 … the counts need."""
    highest = float(table[["value", "alternative", "q95"]].max().max())
    return 3 + int(np.ceil(np.log10(max(highest, 10.0)))) - 1
