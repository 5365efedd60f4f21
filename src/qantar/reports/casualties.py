"""Charts of the running totals of dead and detained, with the published figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from qantar.analysis.facts import DAY
from qantar.analysis.run import Run
from qantar.base.arrays import Numbers
from qantar.evidence.targets import Target
from qantar.reports.phrases import said
from qantar.reports.scorecard import source_name
from qantar.reports.style import (
    INK,
    ORANGE,
    blank_figure,
    long_day,
    rounded,
    short_day,
    styled,
    to_svg,
)
from qantar.reports.timeline import draw_fan

QUANTILES = ("q05", "q25", "q50", "q75", "q95")

TOLLS = (
    ("deaths", "Killed, excluding police and soldiers"),
    ("security_deaths", "Police and soldiers killed"),
    ("detained_published", "Detained, as published by the authorities"),
)


class Lookup:
    """Quantiles of a run by variable, level, name and date.

    Parameters
    ----------
    facts : DataFrame
        As `qantar.analysis.facts.facts` returns it.
    """

    def __init__(self, facts: pd.DataFrame) -> None:
        keys = zip(facts["variable"], facts["level"], facts["name"], facts["date"], strict=True)
        self._rows = {key: k for k, key in enumerate(keys)}
        self._numbers = facts[list(QUANTILES)].to_numpy(np.float64)
        self._days = facts[[f"{DAY}{name}" for name in QUANTILES]]

    def days(self, variable: str, level: str, name: str, date: str) -> tuple[dt.date | None, ...]:
        """Return five quantiles of a quantity that is a day; None where the table has none."""
        k = self._rows.get((variable, level, name, date))
        if k is None:
            return (None,) * len(QUANTILES)
        return tuple(None if pd.isna(day) else day.date() for day in self._days.iloc[k])

    def numbers(self, variable: str, level: str, name: str, date: str) -> Numbers:
        """Return five quantiles; NaN where the table has none."""
        k = self._rows.get((variable, level, name, date))
        return np.full(len(QUANTILES), np.nan) if k is None else self._numbers[k]

    def by_day(self, variable: str, level: str, name: str, dates: Sequence[str]) -> Numbers:
        """Return five quantiles for each day: float array (days, 5)."""
        return np.stack([self.numbers(variable, level, name, date) for date in dates])


@dataclass(frozen=True)
class Published:
    """A published figure: its number on the chart, its day, its value and its sources."""

    number: int
    when: str
    says: str
    sources: str


@dataclass(frozen=True)
class TollChart:
    """A chart of a running total with its key."""

    title: str
    svg: Markup
    key: tuple[Published, ...]


def tolls(run: Run, lookup: Lookup) -> list[TollChart]:
    """Return the charts of the dead and the detained of the whole country."""
    with styled():
        return [_toll(run, lookup, variable, title) for variable, title in TOLLS]


def _toll(run: Run, lookup: Lookup, variable: str, title: str) -> TollChart:
    figure = blank_figure(420.0, 250.0)
    axes = figure.add_axes((0.15, 0.15, 0.83, 0.8))
    targets, bands = draw_toll(axes, run, lookup, variable)
    low, middle, high = (rounded(float(bands[-1, k])) for k in (0, 2, 4))
    label = f"{title}, running total. Median at the end: {middle} ({low} to {high})."
    key = []
    for k, target in enumerate(targets, start=1):
        when = "in total"
        with suppress(ValueError):
            when = f"by {long_day(dt.date.fromisoformat(target.date))}"
        names = dict.fromkeys(source_name(run, run.claims[c].source) for c in target.claim_ids)
        key.append(Published(k, when, said(target), "; ".join(names)))
    return TollChart(title, to_svg(figure, f"toll-{variable}", label), tuple(key))


def draw_toll(axes: Axes, run: Run, lookup: Lookup, variable: str) -> tuple[list[Target], Numbers]:
    """Draw a running total of the whole country by day, and the figures of the sources.

    Returns
    -------
    list of Target
        The targets in the order of their numbers on the chart.
    float array (days, 5)
        The quantiles drawn.
    """
    layout = run.outcome.layout
    targets = [t for t in run.targets if t.variable == variable and t.level == "country"]
    bands = lookup.by_day(variable, "country", layout.country, layout.dates)
    draw_fan(axes, bands.T)
    _published(axes, targets, layout.dates, bands)
    dates = run.scenario.episode.days
    named = range(0, len(dates), max(2, len(dates) // 8))
    axes.set_xlim(0, len(dates) + 1.4)
    axes.set_xticks(
        [k + 0.5 for k in named],
        labels=[str(dates[k].day) if k else short_day(dates[k]) for k in named],
    )
    axes.tick_params(axis="x", length=0)
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.grid(axis="y")
    axes.set_ylabel("persons")
    return targets, bands


def _published(
    axes: Axes, targets: Sequence[Target], dates: tuple[str, ...], bands: Numbers
) -> None:
    """Draw the figures of the sources as numbered bars at the end of their day."""
    tops = [float(bands.max()), 1.0]
    for k, target in enumerate(targets, start=1):
        day = dates.index(target.date) + 1.0 if target.date in dates else len(dates) + 0.7
        low, high = float(target.low), float(target.high)
        axes.plot([day, day], [low, high], color=ORANGE, linewidth=7, solid_capstyle="butt")
        axes.plot([day, day], [low, high], "_", color=INK, markersize=9)
        axes.annotate(
            str(k), (day, high), xytext=(0, 4), textcoords="offset points", ha="center", fontsize=11
        )
        tops.append(high)
    axes.set_ylim(0, 1.1 * max(tops))
