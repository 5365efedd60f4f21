"""Axes that all figures of the years share, so that they lie below each other: one row a panel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from qantar.analysis.years.study import YearsStudy
from qantar.base.arrays import Numbers
from qantar.packs.years_tables import first_day, last_day
from qantar.reports.style import BLUE, GREEN, MUTED, blank_figure, styled
from qantar.simulate.years.inputs import dated_months

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)

FREE, LATER = BLUE, GREEN
"""Colours of free histories, and of those that go on from what happened."""

WIDTH = 1100.0
LEFT, RIGHT = 86.0, 16.0
_TOP, _BOTTOM, _TITLE = 24.0, 26.0, 30.0

MONTHS = 12


@dataclass(frozen=True)
class Span:
    """The years that are shown.

    Attributes
    ----------
    study : YearsStudy
    since : int
        First year.
    """

    study: YearsStudy
    since: int

    @property
    def first(self) -> float:
        """The beginning of the histories, as a year."""
        return decimal_year(self.study.scenario.years.header.first)

    @cached_property
    def dated(self) -> float:
        """The end of the dated months, as a year."""
        return self.first + min(dated_months(self.study.scenario.years), self._months) / MONTHS

    @property
    def end(self) -> float:
        """The end of the run, as a year."""
        return self.first + self._months / MONTHS

    @property
    def _months(self) -> int:
        return self.study.scenario.months

    def of_months(self, count: int) -> Numbers:
        """Return the middles of the first months, as years."""
        return self.first + (np.arange(count) + 0.5) / MONTHS

    def of_years(self, months: int) -> Numbers:
        """Return when histories of so many months are recorded yearly, as years."""
        ends = np.arange(MONTHS, months + MONTHS, MONTHS)
        return self.first + (np.minimum(ends, months) - 0.5) / MONTHS

    @contextmanager
    def rows(self, heights: list[float]) -> Iterator[tuple[Figure, list[Axes]]]:
        """Make a figure with one row of axes for each height, in pixels, and the same years."""
        total = _TOP + sum(heights) + _TITLE * (len(heights) - 1) + _BOTTOM
        with styled():
            figure = blank_figure(WIDTH, total)
            grid = figure.add_gridspec(
                len(heights),
                1,
                height_ratios=heights,
                left=LEFT / WIDTH,
                right=1 - RIGHT / WIDTH,
                top=1 - _TOP / total,
                bottom=_BOTTOM / total,
                hspace=_TITLE / (sum(heights) / len(heights)),
            )
            rows = [figure.add_subplot(grid[k]) for k in range(len(heights))]
            for axes in rows:
                self._prepare(axes)
            for axes in rows[:-1]:
                axes.tick_params(labelbottom=False)
            yield figure, rows

    def _prepare(self, axes: Axes) -> None:
        axes.set_xlim(self.since, self.end + 0.008 * (self.end - self.since))
        step = 5 if self.end - self.since > 12 else 1
        ticks = np.arange(-(-self.since // step) * step, self.end + 0.01, step)
        axes.set_xticks(ticks, [f"{tick:.0f}" for tick in ticks])
        axes.grid(axis="y")
        if self.end > self.dated:
            axes.axvline(self.dated, color=MUTED, linewidth=1.0, linestyle=(0, (4, 3)))


def draw_fan(axes: Axes, at: Numbers, values: Numbers, colour: str) -> None:
    """Draw the median, 50 % and 90 % of members: float array (members, times)."""
    low, lower, middle, upper, high = np.nanquantile(values, LEVELS, axis=0)
    axes.fill_between(at, low, high, color=colour, alpha=0.18, linewidth=0)
    axes.fill_between(at, lower, upper, color=colour, alpha=0.32, linewidth=0)
    axes.plot(at, middle, color=colour, linewidth=1.6)


def name_row(axes: Axes, text: str) -> None:
    """Write what a row shows above it."""
    axes.set_title(text, loc="left", fontsize=11, pad=5)


def decimal_year(moment: str) -> float:
    """Return the beginning of a year, month or day as a year."""
    day = first_day(moment)
    return day.year + (day.timetuple().tm_yday - 1) / 365.25


def end_year(moment: str) -> float:
    """Return the end of a year, month or day as a year."""
    day = last_day(moment)
    return day.year + day.timetuple().tm_yday / 365.25
