"""Drawing of the balance: distance from Russia under two accounts, with dated acts as marks.

Directions differ by shape and place as well as by colour, and the two ranges by hatching, so that
the figure can be read in greyscale.
"""

from __future__ import annotations

import calendar
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from qantar.analysis.world.balance_forces import FORECAST, LAST, TOLD, index_of_month
from qantar.analysis.world.balance_members import DISTANCE, RUSSOCENTRIC
from qantar.analysis.world.balance_picture import Picture
from qantar.packs.world.balance_tables import Act
from qantar.reports.style import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    RULE,
    VERMILION,
    blank_figure,
    cut_at_word,
    styled,
    to_svg,
)
from qantar.reports.years.axes import decimal_year, end_year

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 1100.0, 660.0
_MONTHS = 12
_ZOOM = 2022

_LOOKS = {RUSSOCENTRIC: (ORANGE, "////", "--"), DISTANCE: (BLUE, "", "-")}
"""Colour, hatching and line of every account."""

_NAMES = {
    RUSSOCENTRIC: "account of a turn toward Russia (seed-002)",
    DISTANCE: "account of distance (seed-003)",
}

_SHAPES = {"away": ("^", VERMILION, 0.94), "toward": ("v", GREEN, 0.06), "open": ("o", MUTED, 0.5)}
"""Shape, colour and height of a mark by direction."""

_ACTORS = {"state": "state", "business": "firm", "society": "residents", "abroad": "Russia"}

ROWS = ("date", "what", "who", "direction", "chance by turn", "chance by distance")
"""Columns of the table below the drawing."""


def balance_figure(picture: Picture) -> Markup:
    """Draw the balance: all years above, 2022 below.

    Parameters
    ----------
    picture : Picture
        From `qantar.analysis.world.balance_picture.picture_of`.

    Returns
    -------
    Markup
        SVG with a text alternative.
    """
    figure = draw_balance(picture)
    counts = {each: sum(act.direction == each for act in picture.acts) for each in _SHAPES}
    at = index_of_month(TOLD)
    levels = "; ".join(
        f"{_NAMES[account]}: {band[1, at]:.2f}, 90 percent {band[0, at]:.2f} to {band[2, at]:.2f}"
        for account, band in picture.bands.items()
    )
    label = (
        "Distance of policy from Russia by month, 2014 to 2025, from 0 (every act moves toward "
        f"Russia) to 1 (every act moves away). December 2022: {levels}. Marks: {counts['away']} "
        f"acts away, {counts['toward']} toward, {counts['open']} open; all are listed below"
    )
    with styled():  # text stays text
        return to_svg(figure, "balance", label)


def balance_rows(picture: Picture) -> list[dict[str, str]]:
    """Return the rows of the table under the drawing, with the keys of `ROWS`.

    Chances of an act away are those of the priors, in the month before the act; only acts of the
    state and of firms with a direction have one.
    """
    chances = picture.table.set_index("act")
    rows = []
    for act in sorted(picture.acts, key=lambda each: (each.month, each.date)):
        told = act.act in chances.index
        turn, distance = (
            f"{float(chances[f'prior_{account}'][act.act]):.2f}" if told else ""
            for account in (RUSSOCENTRIC, DISTANCE)
        )
        who = act.body or _ACTORS[act.actor]
        cells = (act.date, act.label, who, act.direction, turn, distance)
        rows.append(dict(zip(ROWS, cells, strict=True)))
    return rows


def draw_balance(picture: Picture) -> Figure:
    """Return the figure; see `balance_figure`."""
    with styled():
        figure = blank_figure(WIDTH, HEIGHT)
        grid = figure.add_gridspec(
            2,
            1,
            left=0.07,
            right=0.985,
            top=0.895,
            bottom=0.045,
            hspace=0.32,
            height_ratios=(1, 1.2),
        )
        whole, zoom = (figure.add_subplot(grid[k]) for k in range(2))
        first = decimal_year(picture.first)
        _panel(whole, picture, first, end_year(LAST))
        whole.set_xticks(range(int(first), int(end_year(LAST)) + 1))
        whole.set_title(
            "Distance of policy from Russia: expected share of acts that move away, 0 to 1; "
            f"acts until {FORECAST} are seen",
            loc="left",
            fontsize=11,
            pad=5,
        )
        _panel(zoom, picture, _ZOOM, _ZOOM + 1)
        ticks = [decimal_year(f"{_ZOOM}-{month:02d}") for month in range(1, _MONTHS + 1)]
        names = list(calendar.month_abbr)[1:]
        zoom.set_xticks(ticks, names)
        zoom.set_title(f"The same in {_ZOOM}, with the acts", loc="left", fontsize=11, pad=5)
        _name_acts(zoom, picture.acts)
        _draw_key(figure)
        return figure


def _panel(axes: Axes, picture: Picture, since: float, end: float) -> None:
    """Draw war, both ranges and the marks between two years."""
    axes.set_xlim(since, end)
    axes.set_ylim(-0.02, 1.02)
    axes.grid(axis="y")
    months = len(picture.war)
    at = decimal_year(picture.first) + (np.arange(months) + 0.5) / _MONTHS
    for month in np.flatnonzero(picture.war > 0):
        axes.axvspan(at[month] - 0.5 / _MONTHS, at[month] + 0.5 / _MONTHS, color=RULE, alpha=0.45,
                     linewidth=0)  # fmt: skip
    for account, band in picture.bands.items():
        colour, hatch, line = _LOOKS[account]
        look: dict[str, Any] = {"facecolor": colour, "alpha": 0.2, "linewidth": 0.0}
        axes.fill_between(at, band[0], band[2], hatch=hatch, edgecolor=colour, **look)
        axes.plot(at, band[1], line, color=colour, linewidth=1.8)
    axes.axvline(end_year(TOLD), color=MUTED, linewidth=1.0, linestyle=(0, (4, 3)))
    for act in picture.acts:
        if since <= _middle(act) <= end:
            _mark(axes, act)


def _middle(act: Act) -> float:
    return (decimal_year(act.date) + end_year(act.date)) / 2


def _mark(axes: Axes, act: Act) -> None:
    """Mark an act: filled for state and firms, hollow for residents, crossed through for Russia."""
    shape, colour, height = _SHAPES[act.direction]
    own = act.actor in ("state", "business")
    axes.plot(
        _middle(act),
        height,
        shape if act.actor != "abroad" else "X",
        color=(INK if act.actor == "abroad" else colour) if act.actor != "society" else "white",
        markersize=8 if own else 7,
        markeredgecolor="white" if act.actor != "society" else colour,
        markeredgewidth=0.6 if act.actor != "society" else 1.4,
        clip_on=False,
        zorder=5,
    )


def _name_acts(axes: Axes, acts: tuple[Act, ...]) -> None:
    """Write what the marks of the year with most acts are, on steps that do not overlap."""
    steps = {"away": 0, "toward": 0, "open": 0}
    shown = [act for act in acts if act.date.startswith(str(_ZOOM))]
    for act in sorted(shown, key=_middle):
        _, _, height = _SHAPES[act.direction]
        step = steps[act.direction] % 4
        steps[act.direction] += 1
        down = -1 if act.direction == "away" else 1
        year = " (no day)" if len(act.date) == len("YYYY") else ""
        text = cut_at_word(act.label, _LONGEST) + year
        late = _middle(act) > _ZOOM + 0.8
        axes.annotate(
            text,
            (_middle(act), height),
            xytext=(-8 if late else 8, down * (12 + 12 * step)),
            textcoords="offset points",
            ha="right" if late else "left",
            va="center",
            fontsize=8.5,
            bbox={"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 0.4},
            arrowprops={**_LEADER, "relpos": (1.0 if late else 0.0, 0.5)},
            zorder=4,
        )


_LONGEST = 66
_LEADER = {"arrowstyle": "-", "color": MUTED, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 3}


def _draw_key(figure: Figure) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    def mark(shape: str, face: str, edge: str, text: str) -> Line2D:
        return Line2D([], [], marker=shape, color=face, linestyle="", markeredgecolor=edge,
                      markersize=8, label=text)  # fmt: skip

    bands = [
        Patch(facecolor=colour, alpha=0.35, hatch=hatch, label=f"{_NAMES[account]}: 5 to 95 %")
        for account, (colour, hatch, _) in _LOOKS.items()
    ]
    marks = [
        mark("^", VERMILION, "white", "act away"),
        mark("v", GREEN, "white", "act toward"),
        mark("o", MUTED, "white", "open"),
        mark("^", "white", VERMILION, "by residents"),
        mark("X", INK, "white", "by Russia"),
    ]
    rest = [
        Patch(facecolor=RULE, label="war"),
        Line2D([], [], color=MUTED, linestyle=(0, (4, 3)), label="the sources end"),
    ]
    place = {"frameon": False, "fontsize": 9.5, "handlelength": 1.6, "columnspacing": 1.4}
    figure.legend(handles=[*bands, *rest], loc="upper left", ncols=4,
                  bbox_to_anchor=(0.06, 1.0), **place)  # fmt: skip
    figure.legend(handles=marks, loc="upper left", ncols=5,
                  bbox_to_anchor=(0.06, 0.965), **place)  # fmt: skip
