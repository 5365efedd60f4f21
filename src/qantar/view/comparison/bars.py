"""Figure of the probabilities of accounts by both methods."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from qantar.view.comparison.shown import Shown
from qantar.view.style import BLUE, MUTED, ORANGE, RULE, percent
from qantar.view.svg import figure_of

LOOK = {
    "likelihood": ("recalibrated", BLUE, ""),
    "classifier": ("classifier_recalibrated", ORANGE, "///"),
}
"""Column of the probability of each method, its colour, and a hatch for those who see none."""

_WIDTH, _ROW, _LEFT, _RIGHT, _TOP, _BELOW = 560.0, 38.0, 130.0, 70.0, 30.0, 36.0
_THICK = 0.36


def probability_bars(shown: Shown) -> Figure:
    """Return bars of the recalibrated probability of every account, the most probable on top."""
    table = shown.table("accounts").set_index("account").loc[shown.accounts]
    height = _TOP + _ROW * len(table) + _BELOW
    figure = figure_of(_WIDTH, height)
    axes = figure.add_axes(
        (
            _LEFT / _WIDTH,
            _BELOW / height,
            (_WIDTH - _LEFT - _RIGHT) / _WIDTH,
            _ROW * len(table) / height,
        )
    )
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
    return figure
