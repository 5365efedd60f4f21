"""Plots of results on matplotlib axes, drawn by the functions that draw the figures of reports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from qantar.analysis.outcomes import Layout
from qantar.analysis.run import Run
from qantar.analysis.whatif.result import WhatIf, World
from qantar.base.arrays import Numbers
from qantar.base.errors import QantarError, UnknownNameError
from qantar.reports.casualties import TOLLS, Lookup, draw_toll
from qantar.reports.maps import BREAKS, HOUR, MARGIN, draw_day, fit_axes, mapped_run
from qantar.reports.scorecard import draw_scorecard
from qantar.reports.style import BLUE, INK, MUTED, ORANGE, heat_legend, long_day, styled
from qantar.reports.terminal import most_relevant
from qantar.reports.timeline import draw_people, hourly_bands
from qantar.reports.whatif.curves import LEVELS, draw_both, draw_doses, draw_gap
from qantar.reports.whatif.curves import draw_people as draw_people_of_worlds
from qantar.reports.whatif.curves import hourly_bands as hourly_bands_of_worlds
from qantar.reports.whatif.formatting import AFTER, Rows, difference_unit, varied_range

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_WIDE, _SMALL = (8.0, 4.0), (6.0, 4.0)


@contextmanager
def axes_for(ax: Axes | None, size: tuple[float, float]) -> Iterator[Axes]:
    """Give the axes to draw on: those given, or those of a new pyplot figure.

    Parameters
    ----------
    ax : Axes or None
    size : tuple of float
        Of a new figure, inches.
    """
    if ax is not None:
        yield ax
        return
    import matplotlib.pyplot as plt  # chooses a backend, so only when a figure is wanted

    with styled():
        _, axes = plt.subplots(figsize=size, layout="constrained")
        yield axes


class RunPlots:
    """Plots of a run. Every method takes ``ax``, by default that of a new figure.

    Parameters
    ----------
    run : Run
    facts : DataFrame
        Its table of facts.
    """

    def __init__(self, run: Run, facts: pd.DataFrame) -> None:
        self._run = run
        self._facts = facts

    def __repr__(self) -> str:
        return "<plots: timeline, map, deaths, scorecard>"

    def timeline(
        self, *, region: str | None = None, place: str | None = None, ax: Axes | None = None
    ) -> Axes:
        """Plot the people in the street by hour: median, 50 % and 90 % of members.

        Parameters
        ----------
        region, place : str, optional
            By default the whole country.
        ax : Axes, optional

        Returns
        -------
        Axes
        """
        if region is not None and place is not None:
            raise QantarError("timeline() takes a region or a place, not both")
        layout = self._run.outcome.layout
        level, name = "country", layout.country
        if region is not None:
            level, name = "region", region
        elif place is not None:
            level, name = "place", place
        bands = hourly_bands(self._run, level, name)
        with axes_for(ax, _WIDE) as axes:
            draw_people(axes, self._run, bands, labels=True, every=2)
            axes.set_xlabel(f"day, {clock_of(self._run)}")
            axes.set_title(name)
            axes.legend(loc="upper left", frameon=False)
            return axes

    def map(self, day: str | dt.date | None = None, *, ax: Axes | None = None) -> Axes:
        """Plot a map of one day: shares of inhabitants in the street, crowds, violence so far.

        Parameters
        ----------
        day : date or str, optional
            A day of the window, ISO format if text; by default that with the largest crowds.
        ax : Axes, optional

        Returns
        -------
        Axes
        """
        layout = self._run.outcome.layout
        mapped = mapped_run(self._run)
        number = int(mapped.crowds.sum(axis=0).argmax()) if day is None else day_of(layout, day)
        with axes_for(ax, (8.0, 4.6)) as axes:
            fit_axes(axes, mapped.sheet, margin=MARGIN)
            draw_day(axes, mapped, number)
            title = long_day(layout.first_day + dt.timedelta(days=number))
            axes.set_title(f"{title}, {HOUR}:00 local time")
            shades = heat_legend([f"{bound:,.0f}" for bound in BREAKS])
            handles: list[Patch | Line2D] = []
            if mapped.sheet.outlines:
                handles += [Patch(facecolor=c, edgecolor="#8c8c8c", label=t) for c, t in shades]
            look: Any = {"linestyle": "none", "markeredgecolor": "white"}
            handles.append(Line2D([], [], marker="o", color=BLUE, label="crowd (area)", **look))
            handles.append(Line2D([], [], marker="^", color=INK, label="violence so far", **look))
            axes.legend(
                handles=handles,
                title="people in the street\nper 100,000 inhabitants",
                loc="center left",
                bbox_to_anchor=(1.0, 0.5),
                frameon=False,
                fontsize="small",
                title_fontsize="small",
            )
            return axes

    def deaths(self, variable: str = "deaths", *, ax: Axes | None = None) -> Axes:
        """Plot the running total of deaths by day, with the figures of the sources.

        Parameters
        ----------
        variable : str
            ``deaths``, ``security_deaths`` or ``detained_published``.
        ax : Axes, optional

        Returns
        -------
        Axes
        """
        titles = dict(TOLLS)
        if variable not in titles:
            raise UnknownNameError("variable", variable, titles)
        with axes_for(ax, _SMALL) as axes:
            draw_toll(axes, self._run, Lookup(self._facts), variable)
            axes.set_title(f"{titles[variable]}, running total")
            axes.set_ylabel(f"{axes.get_ylabel()}, running total")
            axes.set_xlabel("end of the day; rightmost: figures for the whole window")
            handles, texts = axes.get_legend_handles_labels()
            handles.append(Patch(facecolor=ORANGE))
            axes.legend(handles, [*texts, "sources"], loc="upper left", frameon=False)
            return axes

    def scorecard(self, *, full: bool = False, ax: Axes | None = None) -> Axes:
        """Plot the targets: interval of the sources, 90 % range of the model, verdict.

        Parameters
        ----------
        full : bool
            Every target; by default the most relevant ones, as `qantar run` prints them.
        ax : Axes, optional

        Returns
        -------
        Axes

        Raises
        ------
        QantarError
            If the episode has no targets.
        """
        run = self._run
        if not run.scores:
            raise QantarError(f"the episode {run.scenario.episode.name!r} has no targets")
        scores = list(run.scores) if full else most_relevant(run.scores)
        with axes_for(ax, (12.0, 1.0 + 0.28 * len(scores))) as axes:
            draw_scorecard(axes, scores, run.outcome.layout)
            axes.set_title(f"{len(scores)} of {len(run.scores)} targets")
            return axes


class WhatIfPlots:
    """Plots of a what-if. Every method takes ``ax``, by default that of a new figure.

    Parameters
    ----------
    result : WhatIf
    """

    def __init__(self, result: WhatIf) -> None:
        self._result = result

    def __repr__(self) -> str:
        return "<plots: timeline, deaths, difference_by_hour, differences, doses>"

    def timeline(self, world: int = 0, *, ax: Axes | None = None) -> Axes:
        """Plot the people in the street by hour in the baseline and in a changed world.

        Parameters
        ----------
        world : int
            Number of the change, counted from 0.
        ax : Axes, optional

        Returns
        -------
        Axes
        """
        result, changed = self._result, self._world(world)
        bands = hourly_bands_of_worlds(result, changed)
        with axes_for(ax, _WIDE) as axes:
            draw_people_of_worlds(axes, result.scenario.episode, bands, labels=True, every=2)
            return self._finish(axes, changed)

    def deaths(self, world: int = 0, *, ax: Axes | None = None) -> Axes:
        """Plot the running total of deaths by day in the baseline and in a changed world.

        Parameters
        ----------
        world : int
            Number of the change, counted from 0.
        ax : Axes, optional

        Returns
        -------
        Axes
        """
        changed = self._world(world)
        layout = changed.outcome.layout
        worlds = (self._result.baseline, changed)
        bands: Numbers = np.array([_daily_deaths(one, layout) for one in worlds])
        with axes_for(ax, _SMALL) as axes:
            draw_both(axes, np.arange(1.0, layout.days + 1), bands)
            axes.set_ylabel("deaths, persons, running total")
            axes.set_ylim(bottom=0)
            named = range(0, layout.days, 2)
            axes.set_xticks(
                [k + 1.0 for k in named],
                labels=[str((layout.first_day + dt.timedelta(days=k)).day) for k in named],
            )
            axes.grid(axis="y")
            self._finish(axes, changed)
            axes.set_xlabel(f"end of the day, from {long_day(layout.first_day)}")
            return axes

    def difference_by_hour(self, world: int = 0, *, ax: Axes | None = None) -> Axes:
        """Plot the difference in people in the street by hour, over pairs of twins.

        Parameters
        ----------
        world : int
            Number of the change, counted from 0.
        ax : Axes, optional

        Returns
        -------
        Axes
        """
        changed = self._world(world)
        with axes_for(ax, _WIDE) as axes:
            draw_gap(axes, self._result, changed, every=2)
            axes.set_ylabel("difference in people in the street")
            return self._finish(axes, changed)

    def differences(self, quantity: str = "deaths", *, ax: Axes | None = None) -> Axes:
        """Plot the mean difference of every change for the country, with its 90 % interval.

        Parameters
        ----------
        quantity : str
            A quantity of the table ``differences``.
        ax : Axes, optional

        Returns
        -------
        Axes
        """
        table = self._result.tables["differences"]
        own = table[(table["level"] == "country") & (table["quantity"] == quantity)]
        if own.empty:
            country = table[table["level"] == "country"]
            raise UnknownNameError("quantity", quantity, dict.fromkeys(country["quantity"]))
        unit = difference_unit(str(own["unit"].iloc[0]))
        scale = 100.0 if unit == "points" else 1.0
        labels = [f"{row.change}\n{row.account}, {row.mode}" for row in own.itertuples(index=False)]
        with axes_for(ax, (7.0, 1.2 + 0.5 * len(own))) as axes:
            rows = range(len(own))
            axes.hlines(rows, scale * own["low"], scale * own["high"], color=AFTER, linewidth=2)
            axes.plot(scale * own["difference"], rows, "D", color=AFTER)
            axes.axvline(0, color=MUTED, linewidth=1)
            axes.set_yticks(rows, labels=labels)
            axes.set_ylim(len(own) - 0.5, -0.5)
            words = "percentage points" if unit == "points" else unit
            axes.set_xlabel(f"{quantity}: mean difference and 90 % interval, {words}")
            axes.grid(axis="x")
            return axes

    def doses(self, *, ax: Axes | None = None) -> Axes:
        """Plot the difference in deaths against the dose or the date of the change.

        Parameters
        ----------
        ax : Axes, optional

        Returns
        -------
        Axes

        Raises
        ------
        QantarError
            If the changes do not differ in one dose or one date.
        """
        varied = varied_range(self._result.worlds)
        if varied is None:
            raise QantarError(
                "these changes are not values of one dose or date",
                hint="give at least three, for example what_if(scenario, 'NAME=0.2..1/0.2')",
            )
        with axes_for(ax, _SMALL) as axes:
            draw_doses(axes, Rows(self._result), varied)
            axes.set_ylabel("difference in deaths, persons")
            axes.set_title(varied.title)
            return axes

    def _world(self, number: int) -> World:
        worlds = self._result.worlds
        if not -len(worlds) <= number < len(worlds):
            raise QantarError(f"there is no world {number}", expected=f"0 to {len(worlds) - 1}")
        return worlds[number]

    def _finish(self, axes: Axes, changed: World) -> Axes:
        axes.set_title(changed.label)
        axes.set_xlabel(f"day, {clock_of(self._result)}")
        axes.legend(loc="best", frameon=False, fontsize="small")
        return axes


def clock_of(result: Run | WhatIf) -> str:
    """Return the clock of an episode in words."""
    return f"clock of the episode ({result.scenario.country.header.clock})"


def day_of(layout: Layout, day: str | dt.date) -> int:
    """Return the number of a day of the window.

    Raises
    ------
    QantarError
        If it is not in the simulated period.
    """
    text = day if isinstance(day, str) else day.isoformat()
    if text not in layout.dates:
        raise QantarError(
            f"{text!r} is not in the simulated period",
            expected=f"{layout.dates[0]} to {layout.dates[-1]}",
        )
    return layout.dates.index(text)


def _daily_deaths(world: World, layout: Layout) -> Numbers:
    """Return quantiles over members of the running total of deaths: (levels, days)."""
    by_day = [
        np.quantile(world.outcome.samples("deaths", "country", layout.country, date), LEVELS)
        for date in layout.dates
    ]
    return np.asarray(np.stack(by_day, axis=1), np.float64)
