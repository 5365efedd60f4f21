"""Tables of differences: for the country, by region, by decision mode and by account."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qantar.analysis.outcomes import Layout
from qantar.analysis.whatif.result import WhatIf, World
from qantar.reports.style import many, percent
from qantar.reports.whatif.formatting import (
    DAYS,
    NOTHING,
    Row,
    Rows,
    change_titles,
    difference_unit,
    expected_effects,
    figure,
    format_difference,
    format_value,
    reach,
)
from qantar.reports.whatif.sentences import effect_in_words

NAMES = {
    "deaths": "Killed, excluding police and soldiers",
    "security_deaths": "Police and soldiers killed",
    "wounded": "Wounded",
    "detained_cumulative": "Detained",
    "detained_published": "Detained, as published",
    "participants": "Taking part on the busiest day",
    "crowd_peak": "Largest number in the street at once",
    "last_day": "Last day of protest",
    "onset_day": "First day of protest",
    "active_places": "Places with a visible protest",
    "active": "Any protest",
    "violent": "Any violence",
    "buildings_attacked": "State buildings attacked",
    "businesses_looted": "Businesses looted",
}
"""Display names of quantities."""

SILENT = "no clear effect"
SIGNS = {-1: "fewer", 1: "more"}


@dataclass(frozen=True)
class Line:
    """One quantity of a table, as text.

    Attributes
    ----------
    tone : str
        Direction of a clear effect: ``fewer``, ``more`` or ``none``.
    ratio_grey : bool
        Whether the variance ratio is without meaning.
    stable : str
        The variance ratio among pairs with the same kind of outcome, if some differ in kind.
    expected : str
        The expected sign and whether it held; empty if none was declared.
    """

    quantity: str
    name: str
    unit: str
    baseline: str
    changed: str
    difference: str
    interval: str
    pairs: str
    fewer: str
    same: str
    more: str
    tone: str
    ratio: str
    ratio_grey: bool
    stable: str
    expected: str
    because: str


def quantity_name(quantity: str) -> str:
    """Return the display name of a quantity."""
    return NAMES.get(quantity, quantity.replace("_", " ").capitalize())


def country_lines(rows: Rows, world: World) -> list[Line]:
    """Return the table of differences for the whole country."""
    expected = expected_effects(world.changes)
    layout = world.outcome.layout
    found = rows.of_change(world.label, "country")
    return [_line(row, layout, expected.get(row.quantity)) for row in found]


@dataclass(frozen=True)
class Regions:
    """One quantity by region: regions in which some pair differs, and the names of the others."""

    title: str
    lines: tuple[Line, ...]
    alike: tuple[str, ...]


def region_lines(rows: Rows, world: World) -> list[Regions]:
    """Return the regions that differ by quantity, largest mean difference first."""
    layout = world.outcome.layout
    found: dict[str, list[Row]] = {}
    for row in rows.of_change(world.label, "region"):
        found.setdefault(row.quantity, []).append(row)
    result = []
    for quantity, own in found.items():
        own.sort(
            key=lambda row: (
                1.0 if math.isnan(row.difference) else -abs(row.difference),
                row.name,
            )
        )
        moved = [row for row in own if row.fewer + row.more > 0]
        lines = tuple(_line(row, layout, None) for row in moved)
        alike = tuple(row.name for row in own if row not in moved)
        result.append(Regions(quantity_name(quantity), lines, alike))
    return result


def _line(row: Row, layout: Layout, expected: tuple[str, str] | None) -> Line:
    known = not math.isnan(row.difference)
    ratio, grey = variance_ratio_text(row)
    return Line(
        quantity=row.quantity,
        name=quantity_name(row.quantity) if row.level == "country" else row.name,
        unit=difference_unit("day" if row.quantity in DAYS else row.unit),
        baseline=format_value(row.quantity, row.unit, row.baseline, layout),
        changed=format_value(row.quantity, row.unit, row.changed, layout),
        difference=format_difference(row.unit, row.difference) if known else "none",
        interval=reach(row.unit, row.low, row.high) if known else "",
        pairs=reach(row.unit, row.pair_low, row.pair_high) if known else "",
        fewer=percent(row.fewer),
        same=percent(row.same),
        more=percent(row.more),
        tone=SIGNS.get(row.sign, "none"),
        ratio=ratio,
        ratio_grey=grey,
        stable=stable_ratio_text(row),
        expected=expectation_text(row, expected[0]) if expected else "",
        because=expected[1] if expected else "",
    )


def variance_ratio_text(row: Row) -> tuple[str, bool]:
    """Return the variance ratio as text, and whether it has no meaning without an effect."""
    if math.isnan(row.variance_ratio):
        return "no pair differs", True
    text = f"{figure(row.variance_ratio)} ×"
    silent = row.fewer + row.more < NOTHING or not row.clear
    return (f"{text} ({SILENT})", True) if silent else (text, False)


def stable_ratio_text(row: Row) -> str:
    """Return the variance ratio among pairs with the same kind of outcome; empty if all are."""
    if not row.flipped > 0 or math.isnan(row.stable_ratio) or not row.clear:
        return ""
    flipped = percent(row.flipped)
    return f"{figure(row.stable_ratio)} × excluding the {flipped} of pairs that change kind"


def expectation_text(row: Row, sign: str) -> str:
    """Return what was expected and whether it held."""
    if sign == "either":
        return f"either; result: {SIGNS.get(row.sign, SILENT)}"
    if row.sign == 0:
        return f"{sign}; {SILENT}"
    return f"{sign}; {'confirmed' if SIGNS[row.sign] == sign else 'not confirmed'}"


MODES = {"rules": "rules of the offices", "script": "the dated script"}
LEFT_ALONE = "no change"
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
    """One quantity under each decision mode, and whether they agree."""

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
    """Return every change under each decision mode; None if there is only one."""
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
                    f"{change_titles(world.changes)}, deaths: the two modes {verdict}. {ways}"
                )
    if not found:
        return None
    return Modes(tuple(MODES.get(n, n) for n in names), tuple(found), tuple(sentences))


def agreement(first: Row, second: Row) -> str:
    """Return whether two answers agree: in sign, and with intervals that overlap."""
    overlap = first.low <= second.high and second.low <= first.high
    if first.sign == second.sign:
        if first.sign == 0:
            return "agree: no clear effect" if overlap else "differ in size, none clear"
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
    what = f"“{SIGNS[sign]} deaths”" if sign else "“no clear effect on deaths”"
    held = "all" if len(same) == count else f"{len(same)} of"
    text = f"{change}: {what} holds under {held} {many(count, 'account')}."
    if against:
        text += f" The opposite holds under {', '.join(against)}."
    return text


def regret_sentence(changes: Sequence[str], grid: Mapping[str, Sequence[Row | None]]) -> str:
    """Return the minimax-regret choice over the accounts, by mean deaths.

    Changing nothing is a choice too. Empty with fewer than two alternatives, or if an account lacks
    one of them.
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
    choice = [LEFT_ALONE, *changes][best]
    return (
        f"Minimax regret over these accounts: {choice}. Under every account, mean deaths are at "
        f"most {figure(largest[best])} above those of the best choice (intervals of the means are "
        "in the table)."
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
