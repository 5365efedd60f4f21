"""Curves of a what-if: people in the street by hour, and deaths by dose or date of a change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes

from qantar.analysis.whatif.result import WhatIf, World, decided_actions
from qantar.base.arrays import Numbers
from qantar.packs.episode import Episode
from qantar.reports.style import INK, MUTED, RULE, blank_figure, long_day, to_svg
from qantar.reports.timeline import people_axis
from qantar.reports.whatif.formatting import (
    AFTER,
    BAND,
    BEFORE,
    Range,
    Row,
    Rows,
    day_axis,
    figure,
    format_difference,
    number_axis,
    reach,
    zero_line,
)

LEVELS = (0.05, 0.5, 0.95)
NINETY = 1.645
"""Half the width of a central 90 % interval of a normal, in standard errors."""

PALEST = 0.25
"""Opacity of a decision that almost no run takes."""

_ROW, _TOP, _BOTTOM, _LEFT, _RIGHT, _BETWEEN = 17.0, 12.0, 26.0, 66.0, 12.0, 10.0
_NARROW = 600.0
_SKEWED = 6.0
"""Ratio of the top of the range to the median above which a log scale is used."""

_DOSE_WIDTH, _DOSE_HEIGHT, _DOSE_FRAME = 600.0, 280.0, (0.12, 0.2, 0.85, 0.76)
_MOST_TICKS = 6


@dataclass(frozen=True)
class Curves:
    """Both curves of one world, wide and narrow."""

    both: Markup
    both_narrow: Markup
    gap: Markup
    gap_narrow: Markup
    key: tuple[str, ...]


def curves(result: WhatIf, world: World, name: str) -> Curves:
    """Return the curves of one world; `name` makes their ids unique."""
    episode = result.scenario.episode
    labels = tuple(episode.actions[action].label for action in decided_actions(episode))
    wide, narrow = (f"{name}w", 1080.0), (f"{name}n", 420.0)
    return Curves(
        both=_both(result, world, *wide),
        both_narrow=_both(result, world, *narrow),
        gap=_gap(result, world, *wide),
        gap_narrow=_gap(result, world, *narrow),
        key=labels,
    )


def _both(result: WhatIf, world: World, name: str, width: float) -> Markup:
    episode = result.scenario.episode
    country = result.baseline.outcome.layout.country
    bands = hourly_bands(result, world)
    actions = decided_actions(episode)
    rows = _ROW * len(actions) + 8
    height = 260.0 if width > _NARROW else 220.0
    total = _TOP + height + _BETWEEN + rows + _BOTTOM
    drawing = blank_figure(width, total)
    across = (_LEFT / width, 1 - (_LEFT + _RIGHT) / width)
    lower = (_BOTTOM + rows + _BETWEEN) / total
    axes = drawing.add_axes((across[0], lower, across[1], height / total))
    every = 1 if width > _NARROW else 2
    draw_people(axes, episode, bands, labels=not actions, every=every)
    if actions:
        under = drawing.add_axes((across[0], _BOTTOM / total, across[1], rows / total))
        _decisions(under, result, world, words=width > _NARROW)
        day_axis(under, episode, labels=True, every=every)
    peaks = []
    for word, band in zip(("baseline", "changed"), bands, strict=True):
        k = int(band[1].argmax())
        moment = episode.moment_of(k)
        low, median, high = (figure(float(band[q, k])) for q in range(3))
        peaks.append(
            f"{word}, the median peaks on {long_day(moment.date())} with {median} people in the "
            f"street (90 % of runs: {low} to {high})"
        )
    label = f"People in the street in {country} by hour: {'; '.join(peaks)}."
    return to_svg(drawing, f"both-{name}", label)


def hourly_bands(result: WhatIf, world: World) -> Numbers:
    """Return quantiles over members of the people in the street: (worlds, `LEVELS`, hours)."""
    country = result.baseline.outcome.layout.country
    return np.array(
        [np.quantile(hourly(one, country), LEVELS, axis=0) for one in (result.baseline, world)]
    )


def draw_both(axes: Axes, at: Numbers, bands: Numbers) -> None:
    """Draw the median and the 90 % range of a quantity in the baseline and in a changed world.

    Parameters
    ----------
    axes : Axes
    at : float array (n,)
    bands : float array (2, 3, n)
        Quantiles as in `LEVELS`.
    """
    worlds = ("baseline", "changed")
    for band, colour, word in zip(bands, (BEFORE, AFTER), worlds, strict=True):
        look: Any = {"color": BAND[colour], "alpha": 0.3, "linewidth": 0}
        axes.fill_between(at, band[0], band[2], label=f"{word}, 90 % of members", **look)
    dashes = ("-", (0, (6, 2)))
    for band, colour, dash, word in zip(bands, (BEFORE, AFTER), dashes, worlds, strict=True):
        look = {"color": colour, "linewidth": 1.9, "linestyle": dash}
        axes.plot(at, band[1], label=f"{word}, median", **look)


def draw_people(axes: Axes, episode: Episode, bands: Numbers, *, labels: bool, every: int) -> None:
    """Draw the people in the street by hour in both worlds, from `hourly_bands`."""
    draw_both(axes, np.arange(1.0, bands.shape[2] + 1), bands)
    top, middle = float(bands.max()), max(float(bands[:, 1].max()), 1.0)
    people_axis(axes, top, log=max(top, 10.0) > _SKEWED * middle)
    axes.set_ylabel("people in the street")
    day_axis(axes, episode, labels=labels, every=every)


def _gap(result: WhatIf, world: World, name: str, width: float) -> Markup:
    height = 190.0
    drawing = blank_figure(width, height)
    axes = drawing.add_axes(
        (_LEFT / width, _BOTTOM / height, 1 - (_LEFT + _RIGHT) / width, 0.95 - _BOTTOM / height)
    )
    mean, half, low, high = draw_gap(axes, result, world, every=1 if width > _NARROW else 2)
    k = int(np.abs(mean).argmax())
    moment = result.scenario.episode.moment_of(k)
    largest, low_mean, high_mean = (float(v[k]) for v in (mean, mean - half, mean + half))
    label = (
        f"Difference of people in the street by hour, pair by pair. The mean is largest on "
        f"{long_day(moment.date())} at {moment:%H:%M}: {format_difference('persons', largest)} "
        f"(90 % interval of the mean: {reach('persons', low_mean, high_mean)}; 90 % of pairs: "
        f"{reach('persons', float(low[k]), float(high[k]))})."
    )
    return to_svg(drawing, f"gap-{name}", label)


def draw_gap(axes: Axes, result: WhatIf, world: World, *, every: int) -> Numbers:
    """Draw the difference in people in the street by hour, over pairs.

    Returns
    -------
    float array (4, hours)
        Mean, half the width of its 90 % interval, and the middle 90 % of pairs.
    """
    country = result.baseline.outcome.layout.country
    gap = hourly(world, country) - hourly(result.baseline, country)
    mean, half = mean_and_half(gap)
    low, high = np.quantile(gap, (LEVELS[0], LEVELS[2]), axis=0)
    hours = np.arange(gap.shape[1]) + 1.0
    look: Any = {"color": "#bdbdbd", "alpha": 0.5, "linewidth": 0}
    axes.fill_between(hours, low, high, label="90 % of pairs", **look)
    look = {"color": BAND[AFTER], "alpha": 0.7, "linewidth": 0}
    axes.fill_between(hours, mean - half, mean + half, label="90 % interval of the mean", **look)
    axes.plot(hours, mean, color=AFTER, linewidth=1.7, label="mean over pairs")
    zero_line(axes)
    if not gap.any():
        axes.set_ylim(-1, 1)
    axes.set_ylabel("changed − baseline")
    number_axis(axes)
    day_axis(axes, result.scenario.episode, labels=True, every=every)
    return np.array([mean, half, low, high])


def hourly(world: World, country: str) -> Numbers:
    """Return the people in the street of the country: float array (members, hours)."""
    return world.outcome.hourly("country", country).astype(np.float64)


def mean_and_half(values: Numbers) -> tuple[Numbers, Numbers]:
    """Return the mean over pairs, and half the width of its 90 % interval (normal)."""
    members = len(values)
    spread = values.std(axis=0, ddof=1) if members > 1 else np.full(values.shape[1:], np.nan)
    half: Numbers = NINETY * spread / np.sqrt(members)
    return values.mean(axis=0), half


def _decisions(axes: Axes, result: WhatIf, world: World, *, words: bool) -> None:
    """Draw a row for every decision: the central 90 % of members and the median, both worlds."""
    episode = result.scenario.episode
    actions = decided_actions(episode)
    axes.set_ylim(len(actions) - 0.4, -0.6)
    axes.set_yticks([])
    for side in ("left", "top", "right"):
        axes.spines[side].set_visible(False)
    for k, action in enumerate(actions):
        ends = []
        for one, colour, shift in ((result.baseline, BEFORE, -0.18), (world, AFTER, 0.18)):
            hours = one.hours[:, k]
            hours = hours[~np.isnan(hours)]
            if len(hours):
                low, middle, high = (float(v) for v in np.quantile(hours, LEVELS))
                look: Any = {"color": colour, "alpha": max(len(hours) / len(one.hours), PALEST)}
                axes.plot([low, high], [k + shift] * 2, linewidth=2.2, **look)
                marker = "o" if colour == BEFORE else "D"
                axes.plot([middle], [k + shift], marker, markersize=4.5, **look)
                ends += [low, high]
        text = f"{k + 1}  {episode.actions[action].label}" if words else f"{k + 1}"
        if not ends:
            axes.text(3, k, f"{text}: not taken" if words else f"{text} –", fontsize=10.5,
                      va="center", color=MUTED)  # fmt: skip
            continue
        to_left = min(ends) > 0.4 * episode.hours
        spot, align = (min(ends) - 3, "right") if to_left else (max(ends) + 3, "left")
        axes.text(spot, k, text, ha=align, va="center", fontsize=10.5, color=INK)


def dose_curve(rows: Rows, varied: Range) -> Markup:
    """Return the difference in deaths with its interval against the dose or the date."""
    drawing = blank_figure(_DOSE_WIDTH, _DOSE_HEIGHT)
    axes = drawing.add_axes(_DOSE_FRAME)
    found = draw_doses(axes, rows, varied)
    label = "; ".join(
        f"{text}: {format_difference('', r.difference)} ({reach('', r.low, r.high)})"
        for _, text, r in found
    )
    words = f"Difference in deaths against {varied.axis}, 90 % interval of the mean: {label}."
    return to_svg(drawing, "doses", words)


def draw_doses(axes: Axes, rows: Rows, varied: Range) -> list[tuple[float, str, Row]]:
    """Draw the difference in deaths against the dose or the date, and return what is drawn."""
    found: list[tuple[float, str, Row]] = []
    for label, at, text in varied.points:
        row = rows.find(label, "deaths")
        if row is not None:
            found.append((at, text, row))
    x = [at for at, _, _ in found]
    own = [row for _, _, row in found]
    axes.fill_between(
        x, [r.low for r in own], [r.high for r in own], color=BAND[AFTER], alpha=0.35, linewidth=0
    )
    axes.plot(x, [r.difference for r in own], color=AFTER, linewidth=1.6)
    for at, row in zip(x, own, strict=True):
        axes.plot([at, at], [row.low, row.high], color=AFTER, linewidth=1.4)
        axes.plot([at], [row.difference], "D", color=AFTER, markersize=6,
                  markerfacecolor=AFTER if row.clear else "white")  # fmt: skip
    axes.axhline(0, color=INK, linewidth=1)
    every = max(1, -(-len(found) // _MOST_TICKS))
    axes.set_xticks(x[::every], [text for _, text, _ in found[::every]])
    axes.xaxis.grid(visible=True, color=RULE)
    axes.set_xlabel(varied.axis)
    axes.set_ylabel("deaths, changed − baseline")
    number_axis(axes)
    return found
