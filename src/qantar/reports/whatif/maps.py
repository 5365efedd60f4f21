"""Maps of both worlds and of their difference: regions shaded, towns as circles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from qantar.analysis.whatif.result import WhatIf, World
from qantar.base.arrays import Flags, Numbers
from qantar.reports.maps import Panel, ProjectedCountry, blank_map, name_largest, project_country
from qantar.reports.style import BLUE, HEAT, MUTED, heat_legend, to_svg
from qantar.reports.whatif.curves import mean_and_half
from qantar.reports.whatif.formatting import Rows, figure, format_difference, reach

QUANTITIES = {"deaths": ("total", "deaths"), "participants": ("any", "people on the busiest day")}
"""What is mapped, with its date and its unit."""

DIVERGING = ("#1b7837", "#7fbf7b", "#d9f0d3", "#f7f7f7", "#e7d4e8", "#af8dc3", "#762a83")
"""Green for fewer to purple for more (ColorBrewer PRGn), safe for colour-blind readers."""

_FEWER, _MORE = "#00441b", "#40004b"
"""Circles of a difference: the ends of the same scale, a step darker than any region."""

_STEPS = (0.02, 0.1, 0.3)
"""Bounds of the shades of a difference, as parts of the largest value of the baseline."""

_SHADES = (0.01, 0.05, 0.15, 0.3, 0.5, 0.75)
"""Bounds of the shades of a value, as parts of the largest."""

_WIDTH, _LARGEST = 380.0, 420.0
_SMALL = 0.02
"""A circle smaller than this part of the largest would not be seen and is left out."""


@dataclass(frozen=True)
class MapRow:
    """Three maps of one quantity and the shades they use."""

    title: str
    panels: tuple[Panel, ...]
    shades: tuple[tuple[str, str], ...]
    gap_shades: tuple[tuple[str, str], ...]
    circle: str
    shaded: bool


@dataclass(frozen=True)
class _Mapped:
    """Values of one map by region and by town; `unsure` regions do not differ clearly from zero."""

    regions: dict[str, float]
    towns: Numbers
    unsure: frozenset[str] = frozenset()
    signed: bool = False


def map_rows(result: WhatIf, rows: Rows, world: World, name: str) -> list[MapRow]:
    """Return maps of deaths and of participants: baseline, changed, and the difference."""
    sheet = project_country(result.scenario.country)
    return [_map_row(result, rows, world, sheet, q, f"{name}-{q}") for q in QUANTITIES]


def _map_row(
    result: WhatIf, rows: Rows, world: World, sheet: ProjectedCountry, quantity: str, name: str
) -> MapRow:
    unit, places = QUANTITIES[quantity][1], result.baseline.outcome.layout.places
    was, became = (_means(one, quantity, sheet) for one in (result.baseline, world))
    gap, words = _difference(result, rows, world, sheet, quantity)
    top = max(*was.regions.values(), *became.regions.values(), 1e-9)
    largest = max(float(was.towns.max()), float(became.towns.max()), 1e-9)
    panels = []
    for title, mapped, short in (("Baseline", was, "was"), ("Changed", became, "became")):
        colours = {r: HEAT[_class(v / top, _SHADES)] for r, v in mapped.regions.items()}
        drawing = _drawing(sheet, mapped, colours, largest, places)
        values = "; ".join(f"{region} {figure(value)}" for region, value in mapped.regions.items())
        label = f"Map, {title.lower()}: {unit} by region: {values}."
        panels.append(Panel(title, to_svg(drawing, f"map-{name}-{short}", label, halo=True)))
    colours = {}
    for region, value in gap.regions.items():
        step = _class(abs(value) / top, _STEPS)
        colours[region] = DIVERGING[len(DIVERGING) // 2 + (step if value > 0 else -step)]
    drawing = _drawing(sheet, gap, colours, largest, places)
    label = f"Map of the difference, {unit}, mean with 90 % interval of the mean: {words}."
    panels.append(
        Panel(
            "Difference, changed − baseline", to_svg(drawing, f"map-{name}-gap", label, halo=True)
        )
    )
    small, middle, large = (figure(part * top) for part in _STEPS)
    fewer = [f"over {large} fewer", f"{middle} to {large} fewer", f"{small} to {middle} fewer"]
    more = [f"{small} to {middle} more", f"{middle} to {large} more", f"over {large} more"]
    classes = [*fewer, f"within {small}", *more]
    return MapRow(
        title=f"{unit[0].upper()}{unit[1:]}",
        panels=tuple(panels),
        shades=tuple(heat_legend([figure(part * top) for part in _SHADES])),
        gap_shades=tuple(zip(DIVERGING, classes, strict=True)),
        circle=figure(largest),
        shaded=bool(sheet.outlines),
    )


def _means(world: World, quantity: str, sheet: ProjectedCountry) -> _Mapped:
    """Return the means over members."""
    layout, date = world.outcome.layout, QUANTITIES[quantity][0]
    regions = {
        r: float(world.outcome.samples(quantity, "region", r, date).mean()) for r in layout.regions
    }
    towns = [world.outcome.samples(quantity, "place", p, date).mean() for p in layout.places]
    return _Mapped(regions, np.array(towns) * sheet.is_town)


def _difference(
    result: WhatIf, rows: Rows, world: World, sheet: ProjectedCountry, quantity: str
) -> tuple[_Mapped, str]:
    """Return the mean differences, and the same in words with their intervals.

    Differences of a region are taken from the table if it has them.
    """
    date = QUANTITIES[quantity][0]
    layout = world.outcome.layout
    regions, unsure, words = {}, set(), []
    for region in layout.regions:
        row = rows.find(world.label, quantity, region=region)
        if row is not None:
            mean, low, high = row.difference, row.low, row.high
        else:
            pairs = world.outcome.samples(quantity, "region", region, date)
            pairs = pairs - result.baseline.outcome.samples(quantity, "region", region, date)
            middle, half = mean_and_half(pairs[:, None])
            mean, low, high = (float(v[0]) for v in (middle, middle - half, middle + half))
        regions[region] = mean
        if not (low > 0 or high < 0):
            unsure.add(region)
        words.append(f"{region} {format_difference('', mean)} ({reach('', low, high)})")
    towns = _means(world, quantity, sheet).towns - _means(result.baseline, quantity, sheet).towns
    return _Mapped(regions, towns, frozenset(unsure), signed=True), "; ".join(words)


def _drawing(
    sheet: ProjectedCountry,
    mapped: _Mapped,
    region_colours: dict[str, str],
    largest: float,
    places: tuple[str, ...],
) -> Figure:
    """Shade regions, and draw circles with areas proportional to the values of towns.

    Circles are blue for values, and purple or green for differences.
    """
    drawing, axes = blank_map(sheet, _WIDTH, margin=0.06)
    axes.add_collection(
        PolyCollection(
            sheet.outlines,
            facecolors=[region_colours[r] for r in sheet.region_of],
            edgecolors="#8c8c8c",
            linewidths=0.6,
        )
    )
    for outline, region in zip(sheet.outlines, sheet.region_of, strict=True):
        if region in mapped.unsure:
            axes.add_collection(
                PolyCollection(
                    [outline], facecolors="none", edgecolors="#8c8c8c", hatch="///", linewidths=0
                )
            )
    values = mapped.towns
    seen: Flags = np.abs(values) > _SMALL * largest
    colours = np.where(values < 0, _FEWER, _MORE)
    axes.scatter(
        sheet.towns[seen, 0],
        sheet.towns[seen, 1],
        s=_LARGEST * np.abs(values[seen]) / largest,
        c=list(colours[seen]) if mapped.signed else BLUE,
        alpha=0.75,
        edgecolors="white",
        linewidths=0.6,
    )
    if mapped.signed and not sheet.outlines and not seen.any():
        axes.text(0.5, 0.5, "no town differs", ha="center", transform=axes.transAxes, color=MUTED)
    written = (
        format_difference("", float(v)) if mapped.signed else figure(float(v)) for v in values
    )
    texts = [f"{place} {text}" for place, text in zip(places, written, strict=True)]
    sizes = np.where(seen, np.abs(values), 0.0)
    radii = np.sqrt(_LARGEST * sizes / largest) / 2
    name_largest(axes, sheet, sizes, texts, radii, apart=(0.3, 0.08))
    return drawing


def _class(part: float, bounds: tuple[float, ...]) -> int:
    return int(np.searchsorted(bounds, part, side="right"))
