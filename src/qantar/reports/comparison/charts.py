"""Figures of a comparison: probabilities of accounts, confusion, calibration curves and ranks."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from scipy.stats import binom

from qantar.analysis.compare.comparison import POOLED
from qantar.reports.comparison.rows import Shown
from qantar.reports.style import (
    BLUE,
    HEAT,
    INK,
    MUTED,
    ORANGE,
    RULE,
    SKY,
    VERMILION,
    blank_figure,
    percent,
)

LOOK = {
    "likelihood": ("recalibrated", BLUE, ""),
    "classifier": ("classifier_recalibrated", ORANGE, "///"),
}
"""Column of the probability of each method, its colour, and a hatch that shows without colour."""

_WIDTH, _ROW, _LEFT, _RIGHT, _TOP, _BELOW = 560.0, 38.0, 130.0, 70.0, 30.0, 36.0
_THICK = 0.36

_MATRIX_WIDTH, _MATRIX_LEFT, _MATRIX_TOP, _MARGIN = 520.0, 120.0, 90.0, 8.0
_DARK = 0.7
"""Probability from which text on the shade must be white."""

_TALLEST = 56.0

_SIZE = (420.0, 330.0)
_FRAME = (0.15, 0.16, 0.82, 0.80)
_NINETY = (0.05, 0.95)


def probability_bars(shown: Shown) -> Figure:
    """Return the figure of `draw_probabilities`."""
    count = len(shown.accounts)
    height = _TOP + _ROW * count + _BELOW
    figure = blank_figure(_WIDTH, height)
    axes = figure.add_axes(
        (
            _LEFT / _WIDTH,
            _BELOW / height,
            (_WIDTH - _LEFT - _RIGHT) / _WIDTH,
            _ROW * count / height,
        )
    )
    draw_probabilities(axes, shown)
    return figure


def draw_probabilities(axes: Axes, shown: Shown) -> None:
    """Draw the recalibrated probability of every account as bars, the most probable on top."""
    table = shown.table("accounts").set_index("account").loc[shown.accounts]
    y = np.arange(len(table))
    for side, (method, (column, colour, hatch)) in zip((-1, 1), LOOK.items(), strict=True):
        values = table[column].to_numpy(dtype=float)
        at = y + side * _THICK / 2
        axes.barh(at, values, _THICK, color=colour, hatch=hatch, edgecolor="white", label=method)
        for place, value in zip(at, values, strict=True):
            axes.text(value + 0.01, place, percent(value), va="center", fontsize=9, color=MUTED)
    axes.set_yticks(y, list(table.index))
    axes.set_ylim(len(table) - 0.5, -0.5)
    axes.set_xlim(0, 1)
    axes.set_xticks(np.linspace(0, 1, 5), [percent(v) for v in np.linspace(0, 1, 5)])
    axes.xaxis.grid(visible=True, color=RULE)
    axes.set_xlabel("probability among these accounts, recalibrated")
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, fontsize=10, borderpad=0
    )


def draw_predictions(axes: Axes, shown: Shown) -> None:
    """Draw the mean CRPS of every prediction of the held-back facts, with every group of facts."""
    names = [name for name, _ in shown.predictions]
    for at, (_, scores) in enumerate(shown.predictions):
        is_all = scores["group"] == POOLED
        groups = scores[~is_all]["crps"].to_numpy(dtype=float)
        axes.plot(groups, np.full(len(groups), at), "|", color=MUTED, markersize=8, label="group")
        axes.plot(scores[is_all]["crps"], [at], "o", color=BLUE, label="all facts")
    axes.set_yticks(np.arange(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xscale("log")
    axes.xaxis.grid(visible=True, color=RULE)
    axes.set_xlabel("mean CRPS of held-back facts, in standard errors (less is better)")
    if names:
        handles, labels = axes.get_legend_handles_labels()
        axes.legend(
            handles[:2], labels[:2], loc="lower left", bbox_to_anchor=(0, 1), ncols=2,
            frameon=False, fontsize=10, borderpad=0,
        )  # fmt: skip


def confusion_figure(shown: Shown, method: str) -> Figure:
    """Return the figure of `draw_confusion`."""
    names = shown.accounts
    cell = (_MATRIX_WIDTH - _MATRIX_LEFT - _MARGIN) / len(names)
    row = min(cell, _TALLEST)
    height = _MATRIX_TOP + row * len(names) + _MARGIN
    figure = blank_figure(_MATRIX_WIDTH, height)
    axes = figure.add_axes(
        (
            _MATRIX_LEFT / _MATRIX_WIDTH,
            _MARGIN / height,
            cell * len(names) / _MATRIX_WIDTH,
            row * len(names) / height,
        )
    )
    draw_confusion(axes, shown, method)
    return figure


def draw_confusion(axes: Axes, shown: Shown, method: str) -> None:
    """Draw the mean probability that a method gives each account (columns), by true account."""
    names = shown.accounts
    own = shown.table("confusion")
    own = own[own["method"] == method]
    wide = own.pivot_table(index="true", columns="stated", values="mean", sort=False)
    values = wide.reindex(index=names, columns=names).to_numpy(dtype=float)
    colours = ListedColormap(HEAT)
    axes.pcolormesh(values, cmap=colours, vmin=0, vmax=1, edgecolors="white", linewidth=1)
    for a, b in np.ndindex(values.shape):
        if np.isfinite(values[a, b]):
            ink = "white" if values[a, b] > _DARK else INK
            text = f"{100 * values[a, b]:.0f}"
            bold = "bold" if a == b else "normal"
            axes.text(
                b + 0.5, a + 0.5, text, ha="center", va="center", color=ink, fontsize=10,
                weight=bold,
            )  # fmt: skip
    ticks = np.arange(len(names)) + 0.5
    axes.set_yticks(ticks, names)
    axes.xaxis.tick_top()
    axes.set_xticks(ticks, names, rotation=40, ha="left", rotation_mode="anchor")
    axes.set_ylim(len(names), 0)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def reliability_figure(shown: Shown, method: str) -> Figure:
    """Return the figure of `draw_reliability`."""
    figure = blank_figure(*_SIZE)
    draw_reliability(figure.add_axes(_FRAME), shown, method)
    return figure


def draw_reliability(axes: Axes, shown: Shown, method: str) -> None:
    """Draw stated probabilities against how often they came true, with their intervals."""
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle="--")
    table = shown.table("reliability")
    own = table[(table["method"] == method) & (table["statements"] > 0)]
    looks = ((False, VERMILION, "s", "as stated"), (True, BLUE, "o", "recalibrated"))
    for after, colour, marker, label in looks:
        curve = own[own["recalibrated"] == after]
        stated, came_true = curve["stated"].to_numpy(), curve["came_true"].to_numpy()
        ends = np.clip(
            [came_true - curve["low"].to_numpy(), curve["high"].to_numpy() - came_true], 0, None
        )
        axes.errorbar(
            stated, came_true, yerr=ends, color=colour, marker=marker, markersize=5,
            linestyle="none", elinewidth=0.9, capsize=2, label=label,
        )  # fmt: skip
    axes.set_xlim(-0.03, 1.03)
    axes.set_ylim(-0.03, 1.03)
    axes.set_xlabel("probability stated")
    axes.set_ylabel("share that came true")
    axes.grid(visible=True, color=RULE)
    axes.legend(frameon=False, fontsize=10, loc="upper left")


def rank_figure(shown: Shown) -> Figure:
    """Return the figure of `draw_ranks`."""
    figure = blank_figure(*_SIZE)
    draw_ranks(figure.add_axes(_FRAME), shown)
    return figure


def draw_ranks(axes: Axes, shown: Shown) -> None:
    """Draw the histogram of ranks over all accounts, with the 90 % band of uniform ranks."""
    table = shown.table("ranks")
    own = table[table["account"] == POOLED].sort_values("bin")
    share, ranks = own["share"].to_numpy(), int(own["ranks"].iloc[0])
    low, high = (float(binom.ppf(q, ranks, 1 / len(share))) / ranks for q in _NINETY)
    axes.axhspan(low, high, color=RULE, label="90 % band if all is well")
    middle = (own["bin"].to_numpy() + 0.5) / len(share)
    axes.bar(middle, share, 0.9 / len(share), color=SKY, edgecolor=BLUE, alpha=0.85)
    axes.axhline(1 / len(share), color=MUTED, linewidth=1, linestyle="--")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, max(1.6 / len(share), 1.25 * float(share.max())))
    axes.set_xlabel("where the true number lies among the draws")
    axes.set_ylabel("share of numbers")
    axes.legend(frameon=False, fontsize=10, loc="upper right")
