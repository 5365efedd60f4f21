"""Figures of how honest the methods are: calibration curves and ranks of true numbers."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from scipy.stats import binom

from qantar.study.compare.narrowed import POOLED
from qantar.view.comparison.shown import Shown
from qantar.view.style import BLUE, MUTED, RULE, SKY, VERMILION
from qantar.view.svg import figure_of

_SIZE = (420.0, 330.0)
_FRAME = (0.15, 0.16, 0.82, 0.80)
_NINETY = (0.05, 0.95)


def reliability_figure(shown: Shown, method: str) -> Figure:
    """Return stated probabilities against how often they came true, with their intervals."""
    figure = figure_of(*_SIZE)
    axes = figure.add_axes(_FRAME)
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
    return figure


def rank_figure(shown: Shown) -> Figure:
    """Return the histogram of ranks over all accounts, with the middle 90 % if all is well."""
    table = shown.table("ranks")
    own = table[table["account"] == POOLED].sort_values("bin")
    share, ranks = own["share"].to_numpy(), int(own["ranks"].iloc[0])
    low, high = (float(binom.ppf(q, ranks, 1 / len(share))) / ranks for q in _NINETY)
    figure = figure_of(*_SIZE)
    axes = figure.add_axes(_FRAME)
    axes.axhspan(low, high, color=RULE, label="90 % band if all is well")
    middle = (own["bin"].to_numpy() + 0.5) / len(share)
    axes.bar(middle, share, 0.9 / len(share), color=SKY, edgecolor=BLUE, alpha=0.85)
    axes.axhline(1 / len(share), color=MUTED, linewidth=1, linestyle="--")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, max(1.6 / len(share), 1.25 * float(share.max())))
    axes.set_xlabel("where the true number lies among the draws")
    axes.set_ylabel("share of numbers")
    axes.legend(frameon=False, fontsize=10, loc="upper right")
    return figure
