"""Which further observation would tell apart what cannot be told apart now."""

from __future__ import annotations

from typing import Any

import pandas as pd

from qantar.study.compare.power import ALL
from qantar.view.comparison.shown import Shown
from qantar.view.style import percent

TOP = 5
"""Groups of further observations that are shown for all accounts."""


def best_for_all(shown: Shown) -> list[dict[str, Any]]:
    """Return the groups of observations that would tell most about all accounts at once."""
    table = shown.table("power")
    whole = table[table["accounts"] == ALL]
    if whole.empty and table["accounts"].nunique() == 1:
        whole = table  # two accounts: their pair is all there is
    return [_row(shown, row, whole) for row in _best(whole, TOP)]


def best_for_pairs(shown: Shown) -> list[dict[str, Any]]:
    """Return the best group of observations for each pair that cannot be told apart now."""
    table = shown.table("power")
    rows = []
    for pair in shown.table("pairs").to_dict("records"):
        if pair["strength"] != "not":
            continue
        first, second = sorted((str(pair["better"]), str(pair["worse"])))
        own = table[(table["first"] == first) & (table["second"] == second)]
        rows += [
            {**_row(shown, row, own), "pair": f"{pair['better']} / {pair['worse']}"}
            for row in _best(own, 1)
        ]
    return rows


def group_name(group: str) -> str:
    """Return a group of observations as people read it."""
    return group.replace("-", " ").capitalize()


def _best(own: pd.DataFrame, count: int) -> list[dict[Any, Any]]:
    groups = own[own["level"] == "group"].sort_values("rank").head(count)
    records: list[dict[Any, Any]] = groups.to_dict("records")
    return records


def _row(shown: Shown, row: dict[Any, Any], own: pd.DataFrame) -> dict[str, Any]:
    now = own[own["level"] == "facts"]["accuracy"]
    group = str(row["added"])
    members = [each for each in shown.further if each.group == group]
    observers = list(dict.fromkeys(each.observer for each in members))
    return {
        "group": group_name(group),
        "example": members[0].label if members else "",
        "observer": "; ".join(observers) or "not recorded",
        "gain": f"{row['gain']:+.2f}\u00a0± {row['gain_error']:.2f}",
        "helps": row["gain"] > 2 * row["gain_error"],
        "now": percent(float(now.iloc[0])) if len(now) else "",
        "then": percent(float(row["accuracy"])),
    }
