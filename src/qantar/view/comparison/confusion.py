"""Figure of a confusion matrix: what a method says of data whose true account is known."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from qantar.view.comparison.shown import Shown
from qantar.view.style import HEAT, INK
from qantar.view.svg import figure_of

_WIDTH, _LEFT, _TOP, _MARGIN = 520.0, 120.0, 90.0, 8.0
_DARK = 0.7
"""Share of the scale from which writing on it must be white."""
_TALLEST = 56.0


def confusion_figure(shown: Shown, method: str) -> Figure:
    """Return the mean probability that a method gives each account (columns), by true account."""
    names = shown.accounts
    own = shown.table("confusion")
    own = own[own["method"] == method]
    wide = own.pivot_table(index="true", columns="stated", values="mean", sort=False)
    values = wide.reindex(index=names, columns=names).to_numpy(dtype=float)
    cell = (_WIDTH - _LEFT - _MARGIN) / len(names)
    row = min(cell, _TALLEST)
    height = _TOP + row * len(names) + _MARGIN
    figure = figure_of(_WIDTH, height)
    axes = figure.add_axes(
        (_LEFT / _WIDTH, _MARGIN / height, cell * len(names) / _WIDTH, row * len(names) / height)
    )
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
    return figure
