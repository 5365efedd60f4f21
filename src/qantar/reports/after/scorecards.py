"""Monitors by year: what they published, and what they would show at the end of later years."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from qantar.analysis.after.scorecard_posteriors import posterior_of
from qantar.analysis.after.scorecards import predictions
from qantar.packs.after.scorecards import Monitor, Scorecards, load_scorecards
from qantar.packs.country import Country
from qantar.reports.style import BLUE, GREEN, INK, MUTED, VERMILION, blank_figure, styled, to_svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = 3
"""Panels side by side."""

_WIDTH, _PANEL, _KEY = 1100.0, 165.0, 30.0
_SINCE = 1991

_LAWS = (
    ("", "by the rule: median and 5 to 95 %", BLUE, "o", -0.25, "-"),
    ("walk_", "random walk from the last score", VERMILION, "s", 0.0, (0, (2, 1.5))),
    ("package_", "by the rule under the package", GREEN, "^", 0.25, "-"),
)
"""Prefix of the columns, words, colour, symbol, shift in years and line of each forecast."""


def scorecards_figure(country: Country, under: pd.DataFrame | None = None) -> Markup | None:
    """Draw small multiples of the monitors of a pack.

    Parameters
    ----------
    country : Country
    under : DataFrame, optional
        What monitors would show under a package, from
        `qantar.analysis.after.scorecards.scores_under`.

    Returns
    -------
    Markup or None
        SVG; None for a pack without monitors. In every panel up is better.
    """
    cards = load_scorecards(country)
    if cards is None or not cards.monitors:
        return None
    table = _joined(predictions(country), under)
    rows = -(-len(cards.monitors) // COLUMNS)
    height = rows * _PANEL + _KEY
    with styled():
        figure = blank_figure(_WIDTH, height)
        grid = figure.add_gridspec(
            rows,
            COLUMNS,
            left=0.05,
            right=0.99,
            top=1 - (_KEY + 22) / height,
            bottom=24 / height,
            hspace=0.55,
            wspace=0.18,
        )
        for k, monitor in enumerate(cards.monitors):
            axes = figure.add_subplot(grid[k // COLUMNS, k % COLUMNS])
            _draw(axes, cards, monitor, table)
        _draw_key(figure.add_axes((0, 1 - _KEY / height, 1, _KEY / height)), under is not None)
        return to_svg(figure, "scorecards", _label(cards))


def scorecard_rows(country: Country, under: pd.DataFrame | None = None) -> list[dict[str, str]]:
    """Return the rows of the table below the drawing, as text.

    Returns
    -------
    list of dict
        monitor, scale, year, last, rule, walk, prior; and package and change, if `under` is given.
        Quantiles are written as median [5 %, 95 %].
    """
    cards = load_scorecards(country)
    if cards is None:
        return []
    rows = []
    for line in _joined(predictions(country), under).to_dict("records"):
        monitor = cards.monitor(line["monitor"])
        assert monitor is not None
        row = {
            "monitor": _name(monitor),
            "scale": f"{monitor.worst:g} (worst) to {monitor.best:g}",
            "year": f"{line['year']:.0f}",
            "last": f"{_digits(monitor, line['last'])} in {line['last_year']:.0f}",
            "rule": _range(monitor, line, ""),
            "walk": _range(monitor, line, "walk_"),
            "prior": _range(monitor, line, "prior_"),
        }
        if under is not None:
            row["package"] = _range(monitor, line, "package_")
            row["change"] = _range(monitor, line, "change_") if "change_q50" in line else ""
        rows.append(row)
    return rows


def _joined(table: pd.DataFrame, under: pd.DataFrame | None) -> pd.DataFrame:
    """Return the predictions with those under a package beside them."""
    if under is None or table.empty:
        return table
    own = {f"q{p}": f"package_q{p}" for p in ("05", "50", "95")}
    kept = [
        "monitor",
        "year",
        *own,
        *(name for name in map(str, under.columns) if name.startswith("change_")),
    ]
    return table.merge(under[kept].rename(columns=own), on=["monitor", "year"], how="left")


def _name(monitor: Monitor) -> str:
    edition = f" ({monitor.edition})" if monitor.edition.startswith("version") else ""
    return f"{monitor.publisher}{edition}: {monitor.label.lower()}"


def _digits(monitor: Monitor, value: float) -> str:
    places = int(np.clip(-np.floor(np.log10(abs(monitor.best - monitor.worst) / 200)), 0, 3))
    return f"{value:.{places}f}"


def _range(monitor: Monitor, line: dict[Any, Any], name: str) -> str:
    low, middle, high = (line.get(f"{name}q{p}", np.nan) for p in ("05", "50", "95"))
    if np.isnan(middle):
        return ""
    return f"{_digits(monitor, middle)} [{_digits(monitor, low)}, {_digits(monitor, high)}]"


def _draw(axes: Axes, cards: Scorecards, monitor: Monitor, table: pd.DataFrame) -> None:
    """Draw one monitor: its scores as dots, its forecasts as symbols on bars."""
    seen = posterior_of(cards, monitor).seen
    values = np.array([monitor.published(float(score)) for score in seen.score])
    axes.plot(seen.year, values, color=MUTED, linewidth=0.8)
    axes.plot(seen.year, values, "o", color=INK, markersize=2.6)
    rows = table[table["monitor"] == monitor.monitor] if len(table) else table
    for name, _, colour, symbol, shift, line in _LAWS:
        if len(rows) == 0 or f"{name}q50" not in rows:
            continue
        at = rows["year"].to_numpy(float) + shift
        low, middle, high = (rows[f"{name}q{p}"].to_numpy(float) for p in ("05", "50", "95"))
        axes.vlines(at, low, high, color=colour, linewidth=1.4, linestyle=line)
        axes.plot(at, middle, symbol, color=colour, markersize=3.4)
    last = float(seen.year[-1]) if len(seen.year) else _SINCE
    axes.axvline(last + 0.5, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)))
    end = max([last, *(rows["year"].tolist() if len(rows) else [])])
    axes.set_xlim(min([_SINCE, *seen.year.tolist()]), end + 1.2)
    axes.grid(axis="y")
    if monitor.best < monitor.worst:
        axes.invert_yaxis()
    unit = f"scale {monitor.worst:g} (worst) to {monitor.best:g}"
    if monitor.ranked == "yes":
        unit = f"rank, as if of {monitor.worst:g} countries; 1 is best"
    axes.set_title(f"{_name(monitor)}\n{unit}", loc="left", fontsize=9, pad=4)
    axes.tick_params(labelsize=8)


def _draw_key(axes: Axes, package: bool) -> None:
    axes.set_axis_off()
    axes.set_xlim(0, _WIDTH)
    axes.set_ylim(0, 1)
    entries = [("published score", INK, "o"), *((w, c, s) for _, w, c, s, _, _ in _LAWS)]
    for k, (words, colour, symbol) in enumerate(entries if package else entries[:-1]):
        axes.plot([16 + 255 * k], [0.5], symbol, color=colour, markersize=5)
        axes.text(28 + 255 * k, 0.5, words, va="center", fontsize=10)


def _label(cards: Scorecards) -> str:
    count = len(cards.monitors)
    return (
        f"Scores of {count} monitors by year, and what they would show at the end of later years, "
        "by the rule and by a random walk; all values are in the table below. Up is better"
    )
