"""The tables of differences: for the country, and by region."""

from __future__ import annotations

import math
from dataclasses import dataclass

from qantar.analysis.outcomes import Layout
from qantar.analysis.whatif.result import World
from qantar.reports.style import percent
from qantar.reports.whatif.formatting import (
    DAYS,
    NOTHING,
    Row,
    Rows,
    difference_unit,
    expected_effects,
    figure,
    format_difference,
    format_value,
    reach,
)

NAMES = {
    "deaths": "Killed, forces not counted",
    "security_deaths": "Police and soldiers killed",
    "wounded": "Wounded",
    "detained_cumulative": "Detained",
    "detained_published": "Detained, as published",
    "participants": "Taking part on the fullest day",
    "crowd_peak": "In the street at once, at most",
    "last_day": "Last day of protest",
    "onset_day": "First day of protest",
    "active_places": "Places with a visible protest",
    "active": "Any protest",
    "violent": "Any violence",
    "buildings_attacked": "State buildings attacked",
    "businesses_looted": "Businesses looted",
}
"""Quantities as people read them."""

SILENT = "says nothing: no effect"
SIGNS = {-1: "fewer", 1: "more"}


@dataclass(frozen=True)
class Line:
    """One quantity of a table, as text.

    Attributes
    ----------
    tone : str
        ``fewer``, ``more`` or ``none``: whether and which way an effect can be told.
    ratio_grey : bool
        Whether the variance ratio says nothing.
    stable : str
        The variance ratio among pairs whose kind of course stays, where some flip.
    expected : str
        What was expected and whether it came about; empty where nothing was.
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
    """Return a quantity as people read it."""
    return NAMES.get(quantity, quantity.replace("_", " ").capitalize())


def country_lines(rows: Rows, world: World) -> list[Line]:
    """Return the table of differences for the whole country."""
    expected = expected_effects(world.changes)
    layout = world.outcome.layout
    found = rows.of_change(world.label, "country")
    return [_line(row, layout, expected.get(row.quantity)) for row in found]


@dataclass(frozen=True)
class Regions:
    """One quantity by region: those in which some pair differs, and the names of the others."""

    title: str
    lines: tuple[Line, ...]
    alike: tuple[str, ...]


def region_lines(rows: Rows, world: World) -> list[Regions]:
    """Return by quantity the regions that differ, the largest mean difference first."""
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
    """Return the variance ratio as text, and whether it says nothing for want of an effect."""
    if math.isnan(row.variance_ratio):
        return "no pair differs", True
    text = f"{figure(row.variance_ratio)} ×"
    silent = row.fewer + row.more < NOTHING or not row.clear
    return (f"{text} ({SILENT})", True) if silent else (text, False)


def stable_ratio_text(row: Row) -> str:
    """Return the variance ratio among pairs that keep their kind of course; empty if all do."""
    if not row.flipped > 0 or math.isnan(row.stable_ratio) or not row.clear:
        return ""
    return f"{figure(row.stable_ratio)} × without the {percent(row.flipped)} that flip"


def expectation_text(row: Row, sign: str) -> str:
    """Return what was expected and whether it held."""
    if sign == "either":
        came = SIGNS.get(row.sign)
        return f"either expected: {came} came" if came else "either expected: no effect told"
    if row.sign == 0:
        return f"{sign} expected: cannot be told"
    return f"{sign} expected: {'held' if SIGNS[row.sign] == sign else 'did not hold'}"
