"""Tables of scores on facts left out: by group of facts, and by fold."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from qantar.study.compare.narrowed import POOLED
from qantar.study.fact_groups import GROUPS, OTHER
from qantar.view.comparison.shown import Shown
from qantar.view.style import HEAT, percent

BREAKS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.5)
"""Ends of the classes of mean CRPS, in standard errors of the facts."""

_DARK = 5
"""Class from which writing on the shade must be white."""

ALL_NAME = "All"


class Cell(NamedTuple):
    """A score with its shade."""

    text: str
    shade: str
    ink: str
    hint: str


EMPTY = Cell("", "#fff", "inherit", "no fact of this group is held back")


def cell(value: float, hint: str = "") -> Cell:
    """Return a mean CRPS as a cell of a heat table."""
    if not np.isfinite(value):
        return EMPTY
    step = bisect_right(BREAKS, value)
    ink = "#fff" if step >= _DARK else "inherit"
    return Cell(f"{value:.2f}", HEAT[step], ink, hint)


def legend() -> list[tuple[str, str]]:
    """Return the shades with the scores they stand for."""
    ends = [f"{value:g}" for value in BREAKS]
    words = [f"below {ends[0]}"]
    words += [f"{a} to {b}" for a, b in pairwise(ends)]
    return list(zip(HEAT, [*words, f"above {ends[-1]}"], strict=True))


def score_table(shown: Shown) -> tuple[list[str], list[tuple[str, list[Cell]]]]:
    """Return columns (groups of facts, all together last) and a row for each prediction."""
    present = set(shown.held["group"])
    groups = [group for group in (*GROUPS, OTHER, POOLED) if group in present]
    rows = []
    for name, scores in shown.predictions:
        own = {row["group"]: row for row in scores.to_dict("records")}
        cells = []
        for group in groups:
            if group not in own:
                cells.append(EMPTY)
                continue
            told = own[group]
            hint = (
                f"{name}, {int(told['facts'])} facts: mean CRPS {told['crps']:.2f}, interval "
                f"score {told['interval']:.1f}, energy score {told['energy']:.2f}, "
                f"{percent(float(told['covered']))} inside the middle 90 %"
            )
            cells.append(cell(float(told["crps"]), hint))
        rows.append((name, cells))
    return [ALL_NAME if group == POOLED else group for group in groups], rows


def fold_table(shown: Shown) -> list[dict[str, Any]]:
    """Return for each kind of fold its folds with the number of facts, and a row per account."""
    table = shown.table("folds")
    parts = []
    for kind, own in table.groupby("kind", sort=False):
        folds = list(dict.fromkeys(own["fold"]))
        facts = own.drop_duplicates("fold").set_index("fold")["facts"]
        wide = own.pivot_table(index="account", columns="fold", values="crps", sort=False)
        wide = wide.reindex(index=shown.accounts, columns=folds)
        parts.append(
            {
                "kind": str(kind),
                "folds": [(fold, int(facts[fold])) for fold in folds],
                "rows": [
                    (name, [cell(float(v), f"{name}, {f}") for f, v in wide.loc[name].items()])
                    for name in wide.index
                ],
            }
        )
    return parts
