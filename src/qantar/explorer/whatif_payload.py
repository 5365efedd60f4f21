"""What a page is told about a what-if: the difference first, then where, when and through what."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from qantar.study.decisions import decided_actions
from qantar.study.whatif.result import WhatIf, World
from qantar.view.whatif.chain import chain_sentence, method_line
from qantar.view.whatif.changed import cautions_of, titles_of, told_of
from qantar.view.whatif.decisions import FEW
from qantar.view.whatif.made import CANNOT
from qantar.view.whatif.rows import Row, Rows, records_of, table_of
from qantar.view.whatif.sentences import headline
from qantar.view.whatif.tables import country_lines

_NUMBERS = ("baseline", "changed", "difference", "low", "high", "fewer", "same", "more")
_TEXTS = ("baseline", "changed", "difference", "interval", "expected", "because", "tone")


def whatif_told(result: WhatIf) -> dict[str, Any]:
    """Return everything that is told of a what-if with one alternative."""
    (world,) = result.worlds
    rows = Rows(result)
    steps = _own(result, world, "chain")
    return {
        "title": titles_of(world.changes),
        "change": world.label,
        "label": world.label,
        "headline": asdict(headline(result, rows, world)),
        "deaths": _deaths(rows.find(world.label, "deaths")),
        "lines": _lines(rows, world),
        "regions": [_region(row) for row in rows.of_change(world.label, "region")],
        "decisions": _decisions(result, world),
        "chain": [{k: v for k, v in step.items() if k != "change"} for step in steps],
        "chain_sentence": chain_sentence(result, _by_first_hour(steps)),
        "attribution": _attribution(result, world),
        "explained": result.explained,
        "method": method_line(result) if result.explained else "",
        "cautions": list(cautions_of(world.changes, result.members)),
        "cannot": list(CANNOT),
        "told": [_told(each) for each in (asdict(told) for told in told_of(world.changes))],
    }


def _own(result: WhatIf, world: World, name: str) -> list[dict[str, Any]]:
    """Return the rows of a table that speak of a world."""
    table = table_of(result, name)
    return records_of(table[table["change"] == world.label])


def _by_first_hour(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return causes in the order in which they moved, those that never did at the end."""
    hours = [step["first_hour"] for step in steps]
    order = np.argsort(np.array(hours, np.float64), kind="stable")
    return [steps[int(k)] for k in order]


def _deaths(row: Row | None) -> dict[str, Any] | None:
    if row is None:
        return None
    numbers = {name: getattr(row, name) for name in _NUMBERS}
    return numbers | {"clear": row.clear, "alike": row.alike}


def _lines(rows: Rows, world: World) -> list[dict[str, Any]]:
    """Return the quantities of the whole country, as numbers and as they are written."""
    found = []
    for line in country_lines(rows, world):
        row = rows.find(world.label, line.quantity)
        if row is not None:
            numbers = {name: getattr(row, name) for name in _NUMBERS}
            texts = {name: getattr(line, name) for name in _TEXTS}
            head = {"quantity": row.quantity, "label": line.name, "unit": line.unit}
            more = {"clear": row.clear, "alike": row.alike, "text": texts}
            found.append(head | numbers | more)
    return found


def _region(row: Row) -> dict[str, Any]:
    names = ("quantity", *_NUMBERS)
    return {"region": row.name, **{name: getattr(row, name) for name in names}, "clear": row.clear}


def _decisions(result: WhatIf, world: World) -> list[dict[str, Any]]:
    """Return when each decision was taken in both worlds.

    A mean shift is left out where so few pairs took it in both that it says nothing.
    """
    was = {row["action"]: row for row in _rows_of(result, "")}
    became = {row["action"]: row for row in _rows_of(result, world.label)}
    pairs = (~np.isnan(result.baseline.hours) & ~np.isnan(world.hours)).sum(axis=0)
    both = dict(zip(decided_actions(result.scenario.episode), pairs, strict=True))
    found = []
    for action, row in was.items():
        other = became[action]
        shift = {name: other[name] for name in ("difference", "low", "high")}
        if both[action] < FEW:
            shift = dict.fromkeys(shift)
        sides = {"base": row, "changed": other}
        hours = {k: {n: r[n] for n in ("taken", "q05", "q50", "q95")} for k, r in sides.items()}
        found.append({"action": action, "label": row["label"], **hours, **shift})
    return found


def _rows_of(result: WhatIf, label: str) -> list[dict[str, Any]]:
    table = table_of(result, "decisions")
    return records_of(table[table["change"].fillna("") == label])


def _attribution(result: WhatIf, world: World) -> list[dict[str, Any]]:
    """Return how much of the difference in deaths passes through each cause."""
    names = ("part", "label", "mean", "low", "high")
    rows = _own(result, world, "attribution")
    return [{name: row[name] for name in names} for row in rows if row["quantity"] == "deaths"]


def _told(told: dict[str, Any]) -> dict[str, Any]:
    """Return what the file of a change says of it."""
    return {
        "title": told["title"],
        "was": told["baseline"],
        "now": told["how"] or told["title"],
        "why": told["reason"],
        "grade": told["grade"],
        "claims": [claim for claim in str(told["claims"]).split(", ") if claim],
        "note": told["note"],
    }
