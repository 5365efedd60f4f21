"""What the figures of a what-if share: two worlds in two colours, and axes of hours and people."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from qantar.scenario.episode import Episode
from qantar.view.style import BLUE, MUTED, ORANGE, RULE, VERMILION, short_day

BEFORE, AFTER = BLUE, VERMILION
"""As it was, and changed."""

BAND = {BEFORE: "#56B4E9", AFTER: ORANGE}
"""The colour of a band under a line."""

_MOST_DAYS = 16


def brief(value: float) -> str:
    """Return a number of an axis: 20k."""
    size = abs(value)
    sign = "\u2212" if value < 0 else ""
    if size >= 1e6:
        return f"{sign}{size / 1e6:g}M"
    return f"{sign}{size / 1e3:g}k" if size >= 1e4 else f"{sign}{size:,g}"


def brief_axis(axes: Axes) -> None:
    """Write short numbers along the vertical axis."""
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: brief(value)))
    axes.grid(axis="y")


def day_axis(axes: Axes, episode: Episode, *, labels: bool, every: int) -> None:
    """Mark midnights of an episode, and name days in their middle."""
    days = episode.days
    every = max(every, len(days) // _MOST_DAYS + 1)
    axes.set_xlim(0, 24 * len(days))
    for k in range(1, len(days)):
        axes.axvline(24.0 * k, color=RULE, linewidth=0.5, zorder=0)
    named = range(0, len(days), every)
    texts = [
        short_day(days[k]) if k == 0 or days[k].day <= every else str(days[k].day) for k in named
    ]
    axes.set_xticks([24.0 * k + 12 for k in named], labels=texts)
    axes.tick_params(axis="x", length=0, labelbottom=labels)


def zero_line(axes: Axes) -> None:
    """Draw where nothing differs."""
    axes.axhline(0, color=MUTED, linewidth=1)
