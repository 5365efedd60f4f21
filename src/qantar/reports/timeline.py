"""Fan charts of people in the street by hour, with a row below for each action of the state.

The charts of a what-if use the same axes: `people_axis` and `name_days`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from qantar.analysis.run import Run
from qantar.base.arrays import Numbers
from qantar.packs.episode import RECORD, Episode, latest_end
from qantar.reports.style import (
    BLUE,
    INK,
    MUTED,
    RULE,
    SKY,
    axis_number,
    blank_figure,
    day_span,
    long_day,
    rounded,
    short_day,
    styled,
    to_svg,
)

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Quantiles of a fan chart."""

BAND_LABELS = ("90 % of members", "50 % of members", "median")
"""Names of the parts of a fan in a legend."""

_ROW = 17.0
_SKEWED = 6.0
"""Ratio of the top of the range to the median above which a log scale is used."""

_LINEAR = 10.0
"""Number of people below which the log scale is linear."""

_MOST_DAYS = 16
"""Largest number of labelled days on an axis."""


@dataclass(frozen=True)
class ActionLine:
    """One action of the state in the key: its number, name and date."""

    number: int
    label: str
    when: str


@dataclass(frozen=True)
class RegionPanel:
    """One region's fan chart."""

    region: str
    svg: Markup


def action_key(episode: Episode) -> list[ActionLine]:
    """Return the numbered actions of the state, by earliest start."""
    lines = []
    for k, name in enumerate(in_order(episode), start=1):
        action = episode.actions[name]
        first, last = action.begins.earliest.date(), action.begins.latest.date()
        lines.append(ActionLine(k, action.label, day_span(first, last, long_day)))
    return lines


def in_order(episode: Episode) -> list[str]:
    """Return the names of the actions, by earliest start."""

    def start(name: str) -> tuple[dt.datetime, dt.datetime]:
        begins = episode.actions[name].begins
        return begins.earliest, begins.latest

    return sorted(episode.actions, key=start)


def draw_actions(under: Axes, above: Axes, episode: Episode, *, words: bool) -> None:
    """Draw a row per action: when it may have started, and how long it can be in force."""
    names = in_order(episode)
    under.set_ylim(len(names) + 0.1, -0.6)
    under.set_yticks([])
    for side in ("left", "top", "right"):
        under.spines[side].set_visible(False)
    for k, name in enumerate(names):
        first, last, end = action_hour_range(episode, name)
        under.barh(k, end - first, left=first, height=0.5, color=SKY, alpha=0.35)
        under.barh(k, last - first, left=first, height=0.5, color=INK)
        for axes, rows in ((above, (0.0, 1.0)), (under, (1.0, 1 - (k + 0.6) / (len(names) + 0.7)))):
            axes.axvline(first, *rows, color=MUTED, alpha=0.5, linewidth=0.8, linestyle=(0, (2, 2)))
        text = f"{k + 1}  {episode.actions[name].label}" if words else f"{k + 1}"
        to_left = first > (0.35 * episode.hours if words else 20)
        spot, align = (first - 3, "right") if to_left else (last + 3, "left")
        under.text(spot, k, text, ha=align, va="center", fontsize=10.5, color=INK)


def action_hour_range(episode: Episode, name: str) -> tuple[int, int, int]:
    """Return the earliest and latest start of an action, and the latest end."""
    action = episode.actions[name]
    first = episode.hour_of(action.begins.earliest)
    last = min(episode.hour_of(action.begins.latest) + 1, episode.hours)
    if action.kind == RECORD:
        return first, last, last
    until = latest_end(episode, name)
    return first, last, min(episode.hour_of(until) if until else episode.hours, episode.hours)


def country_fan(run: Run, name: str, width: float, *, actions: bool) -> Markup:
    """Return the fan chart of the country, with the state's actions below if `actions`."""
    layout, episode = run.outcome.layout, run.scenario.episode
    bands = hourly_bands(run, "country", layout.country)
    rows = _ROW * len(episode.actions) + 12 if actions else 0.0
    top, bottom, height = 12.0, 26.0, 270.0 if width > 600 else 220.0
    total = top + height + rows + bottom
    with styled():
        figure = blank_figure(width, total)
        left, right = 62 / width, 1 - 12 / width
        below = (bottom + rows) / total
        axes = figure.add_axes((left, below, right - left, height / total))
        draw_people(axes, run, bands, labels=not actions, every=1 if width > 600 else 2)
        if actions:
            under = figure.add_axes((left, bottom / total, right - left, rows / total), sharex=axes)
            draw_actions(under, axes, episode, words=width > 600)
            _days(under, run, labels=True, every=1 if width > 600 else 2)
        country = run.outcome.layout.country
        label = f"People in the street in {country} by hour: {_peak_in_words(run, bands)}."
        return to_svg(figure, name, label)


def region_fans(run: Run) -> list[RegionPanel]:
    """Return a fan chart per region on a common scale, largest crowd first."""
    layout = run.outcome.layout
    bands = {region: hourly_bands(run, "region", region) for region in layout.regions}
    order = sorted(layout.regions, key=lambda region: (-float(bands[region][2].max()), region))
    top = max(float(band.max()) for band in bands.values())
    panels = []
    with styled():
        figure = blank_figure(300.0, 150.0)
        axes = figure.add_axes((0.135, 0.13, 0.85, 0.82))
        people_axis(axes, top, log=True)
        _days(axes, run, labels=True, every=2)
        for k, region in enumerate(order):
            fan = draw_fan(axes, bands[region])
            label = f"{region}: {_peak_in_words(run, bands[region])}"
            panels.append(RegionPanel(region, to_svg(figure, f"region-{k}", label)))
            for artist in fan:  # axes take longer to make than the fan
                artist.remove()
    return panels


def draw_people(axes: Axes, run: Run, bands: Numbers, *, labels: bool, every: int) -> None:
    """Draw the people in the street by hour, on a log scale if the range is skewed.

    Parameters
    ----------
    axes : Axes
    run : Run
    bands : float array (5, hours)
        From `hourly_bands`.
    labels : bool
        Whether to name the days.
    every : int
        Name every such day.
    """
    draw_fan(axes, bands)
    skewed = bands[4].max() > _SKEWED * max(float(bands[2].max()), 1.0)
    people_axis(axes, float(bands.max()), log=skewed)
    _days(axes, run, labels=labels, every=every)
    axes.set_ylabel("people in the street")


def hourly_bands(run: Run, level: str, name: str) -> Numbers:
    """Return quantiles over members by hour: float array (5, hours)."""
    return np.quantile(run.outcome.hourly(level, name).astype(np.float64), LEVELS, axis=0)


def draw_fan(axes: Axes, bands: Numbers) -> list[Artist]:
    """Draw the median of a distribution with its central 50 % and 90 %; return what was drawn.

    Parameters
    ----------
    axes : Axes
    bands : float array (5, n)
        Quantiles as in `LEVELS`, at the ends of n hours or days from 0.
    """
    at = np.arange(bands.shape[1]) + 1.0
    return [
        axes.fill_between(
            at, bands[0], bands[4], color=SKY, alpha=0.3, linewidth=0, label=BAND_LABELS[0]
        ),
        axes.fill_between(
            at, bands[1], bands[3], color=SKY, alpha=0.6, linewidth=0, label=BAND_LABELS[1]
        ),
        *axes.plot(at, bands[2], color=BLUE, linewidth=1.8, label=BAND_LABELS[2]),
    ]


def _days(axes: Axes, run: Run, *, labels: bool, every: int) -> None:
    """Mark midnights, and label days at noon."""
    days = run.scenario.episode.days
    axes.vlines(
        [24.0 * k for k in range(1, len(days))],
        0,
        1,
        transform=axes.get_xaxis_transform(),
        color=RULE,
        linewidth=0.5,
        zorder=0,
    )
    name_days(axes, days, labels=labels, every=every)


def name_days(axes: Axes, days: Sequence[dt.date], *, labels: bool, every: int) -> None:
    """Label days at noon along an axis of hours; at most every `every`-th day."""
    every = max(every, len(days) // _MOST_DAYS + 1)
    axes.set_xlim(0, 24 * len(days))
    named = range(0, len(days), every)
    texts = [
        short_day(days[k]) if k == 0 or days[k].day <= every else str(days[k].day) for k in named
    ]
    axes.set_xticks([24.0 * k + 12 for k in named], labels=texts)
    axes.tick_params(axis="x", length=0, labelbottom=labels)


def people_axis(axes: Axes, top: float, *, log: bool) -> None:
    """Scale the vertical axis up to `top` people, linearly or logarithmically."""
    top = max(top, _LINEAR)
    if log:
        axes.set_yscale("symlog", linthresh=_LINEAR, linscale=0.5)
        axes.set_yticks([0.0, *(10.0**k for k in range(1, 8) if 10.0**k <= top * 1.5)])
        axes.minorticks_off()
        axes.set_ylim(0, top * 1.5)
    else:
        axes.set_ylim(0, top * 1.05)
    axes.yaxis.set_major_formatter(lambda value, _: axis_number(value))
    axes.grid(axis="y")


def _peak_in_words(run: Run, bands: Numbers) -> str:
    hour = int(bands[2].argmax())
    moment = run.scenario.episode.moment_of(hour)
    low, middle, high = (rounded(float(bands[k, hour])) for k in (0, 2, 4))
    return (
        f"the median peaks on {long_day(moment.date())} with {middle} people in the street "
        f"(90 % of runs: {low} to {high})"
    )
