"""How far an answer holds: under both ways of deciding, and under other accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qantar.analysis.whatif.result import WhatIf
from qantar.reports.style import many, percent
from qantar.reports.whatif.difference_tables import SIGNS, quantity_name
from qantar.reports.whatif.formatting import (
    Row,
    Rows,
    change_titles,
    figure,
    format_difference,
    reach,
)
from qantar.reports.whatif.sentences import effect_in_words

MODES = {"rules": "rules of the offices", "script": "the dated script"}
AS_IT_WAS = "leaving it as it was"
_COMPARED = ("deaths", "participants", "last_day")


@dataclass(frozen=True)
class Cell:
    """One difference as text, with the direction of a clear effect."""

    mean: str
    interval: str
    shares: str
    tone: str


@dataclass(frozen=True)
class ModeRow:
    """One quantity under each way of deciding, and whether they agree."""

    change: str
    quantity: str
    unit: str
    cells: tuple[Cell | None, ...]
    verdict: str


@dataclass(frozen=True)
class Modes:
    """Rules against script."""

    names: tuple[str, ...]
    rows: tuple[ModeRow, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Accounts:
    """Deaths by account and change."""

    changes: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell | None, ...]], ...]
    sentences: tuple[str, ...]
    regret: str


def modes(result: WhatIf, rows: Rows) -> Modes | None:
    """Return every change under each way of deciding; None if there is only one."""
    names = rows.modes
    if len(names) < 2:
        return None
    found, sentences = [], []
    for world in result.worlds:
        for quantity in _COMPARED:
            pair = [rows.find(world.label, quantity, mode=mode) for mode in names]
            if pair[0] is None or pair[1] is None:
                continue
            verdict = agreement(pair[0], pair[1])
            found.append(
                ModeRow(
                    change_titles(world.changes),
                    quantity_name(quantity),
                    pair[0].unit,
                    tuple(map(cell, pair)),
                    verdict,
                )
            )
            if quantity == "deaths":
                ways = " ".join(
                    f"By {MODES.get(mode, mode)}: {format_difference('', row.difference)} "
                    f"({reach('', row.low, row.high)}), {effect_in_words(row)}."
                    for mode, row in zip(names, (pair[0], pair[1]), strict=False)
                )
                sentences.append(
                    f"{change_titles(world.changes)}, deaths: the two ways of deciding {verdict}. "
                    f"{ways}"
                )
    if not found:
        return None
    return Modes(tuple(MODES.get(n, n) for n in names), tuple(found), tuple(sentences))


def agreement(first: Row, second: Row) -> str:
    """Return whether two answers agree: in sign, and with intervals that overlap."""
    overlap = first.low <= second.high and second.low <= first.high
    if first.sign == second.sign:
        if first.sign == 0:
            return "agree: no effect can be told" if overlap else "differ in size, none clear"
        return "agree" if overlap else "agree in sign, differ in size"
    if first.sign and second.sign:
        return "differ: opposite signs"
    return "differ: only one shows an effect"


def accounts(result: WhatIf, rows: Rows) -> Accounts | None:
    """Return deaths under every account; None if there is only one."""
    names = rows.accounts
    if len(names) < 2:
        return None
    worlds = result.worlds
    grid = {
        name: [rows.find(world.label, "deaths", account=name) for world in worlds] for name in names
    }
    sentences = [
        account_sentence(
            change_titles(world.changes), {name: grid[name][k] for name in names}, names[0]
        )
        for k, world in enumerate(worlds)
    ]
    return Accounts(
        changes=tuple(change_titles(world.changes) for world in worlds),
        rows=tuple((name, tuple(cell(row) for row in grid[name])) for name in names),
        sentences=tuple(line for line in sentences if line),
        regret=regret_sentence([change_titles(world.changes) for world in worlds], grid),
    )


def account_sentence(change: str, by_account: dict[str, Row | None], own: str) -> str:
    """Return under how many accounts the answer of the run's own account holds."""
    known = {name: row for name, row in by_account.items() if row is not None}
    if own not in known or len(known) < 2:
        return ""
    sign, count = known[own].sign, len(known)
    same = [name for name, row in known.items() if row.sign == sign]
    against = [name for name, row in known.items() if sign and row.sign == -sign]
    what = f"“{SIGNS[sign]} deaths”" if sign else "“no effect on deaths can be told”"
    held = "all" if len(same) == count else f"{len(same)} of"
    text = f"{change}: {what} holds under {held} {many(count, 'account')}."
    if against:
        text += f" The opposite holds under {', '.join(against)}."
    return text


def regret_sentence(changes: Sequence[str], grid: Mapping[str, Sequence[Row | None]]) -> str:
    """Return the choice whose worst account costs the fewest deaths over the best choice there.

    Leaving everything as it was is a choice too. Empty with fewer than two alternatives, or where
    an account lacks one of them.
    """
    if len(changes) < 2:
        return ""
    largest = [0.0] * (len(changes) + 1)
    for row in grid.values():
        costs = [0.0, *(one.difference for one in row if one is not None)]
        if len(costs) != len(largest):
            return ""
        largest = [max(a, b - min(costs)) for a, b in zip(largest, costs, strict=True)]
    best = min(range(len(largest)), key=lambda k: (largest[k], k))
    choice = [AS_IT_WAS, *changes][best]
    return (
        f"Smallest largest regret over these accounts: {choice}. Under no account are there more "
        f"than {figure(largest[best])} more deaths on average than with the best choice of these "
        "(means only; their intervals are in the table)."
    )


def cell(row: Row | None) -> Cell | None:
    """Return a difference as a cell of a table."""
    if row is None:
        return None
    return Cell(
        mean=format_difference(row.unit, row.difference),
        interval=reach(row.unit, row.low, row.high),
        shares=f"fewer in {percent(row.fewer)} of pairs",
        tone=SIGNS.get(row.sign, "none"),
    )
