"""Map of claims: a circle for each town and a square for each region that claims name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from markupsafe import Markup, escape

from qantar.evidence import Claim
from qantar.packs.country import Country
from qantar.reports.evidence.names import ClaimLink, Reader, Window
from qantar.reports.maps import ProjectedCountry, project_country
from qantar.reports.style import BLUE, HALO, INK, ORANGE, many

_AREA_PER_CLAIM = 34.0
"""Square pixels of a mark for each claim, on the wide map."""

Spot = tuple[float, float]


@dataclass(frozen=True)
class PlaceClaims:
    """A place or region with the claims that name it."""

    name: str
    region: bool
    refs: tuple[ClaimLink, ...]


@dataclass(frozen=True)
class ClaimMap:
    """The map, wide and narrow, and the list that says the same."""

    wide: Markup
    narrow: Markup
    places: tuple[PlaceClaims, ...]
    everywhere: int
    elsewhere: tuple[str, ...]


def claim_map(country: Country, reader: Reader, window: Window | None) -> ClaimMap | None:
    """Return the map of the claims about the window; None if none of them names a place."""
    claims = [c for c in reader.ledger.claims.values() if window is None or window.holds(c)]
    by_place: dict[str, list[Claim]] = {}
    for claim in claims:
        for place in dict.fromkeys(claim.places):
            by_place.setdefault(place, []).append(claim)
    everywhere = sum(c.places in ((), (country.header.country,)) for c in claims)
    by_place.pop(country.header.country, None)
    sheet = project_country(country)
    spots = _spots(country, reader, sheet)
    known = {name: own for name, own in by_place.items() if name in spots}
    if not known:
        return None
    towns = {place.place for place in country.places}
    order = sorted(known, key=lambda name: (-len(known[name]), name))
    return ClaimMap(
        wide=_draw(sheet, spots, known, towns, 760.0, 12),
        narrow=_draw(sheet, spots, known, towns, 360.0, 5),
        places=tuple(PlaceClaims(n, n not in towns, reader.refs(known[n])) for n in order),
        everywhere=everywhere,
        elsewhere=tuple(sorted(set(by_place) - set(known))),
    )


def _spots(country: Country, reader: Reader, sheet: ProjectedCountry) -> dict[str, Spot]:
    """Return where towns and regions lie on the sheet, by what claims call them."""
    spots: dict[str, Spot] = {}
    for region in country.regions:
        own = [k for k, place in enumerate(country.places) if place.region == region.region]
        shapes = [
            shapely.Polygon(outline)
            for outline, name in zip(sheet.outlines, sheet.region_of, strict=True)
            if name == region.region
        ]
        name = reader.ledger.gazetteer.name("region", region.region)
        if shapes:
            middle = max(shapes, key=lambda shape: float(shape.area)).representative_point()
            spots[name] = (float(middle.x), float(middle.y))
        elif own:
            x, y = np.mean(sheet.towns[own], axis=0)
            spots[name] = (float(x), float(y))
    for k, place in enumerate(country.places):
        spots[place.place] = (float(sheet.towns[k, 0]), float(sheet.towns[k, 1]))
    return spots


def _draw(
    sheet: ProjectedCountry,
    spots: Mapping[str, Spot],
    known: Mapping[str, list[Claim]],
    towns: set[str],
    width: float,
    names: int,
) -> Markup:
    """Return the map of a width in pixels, with names at the places of most claims."""
    west, south, east, north = sheet.bounds
    pad = 0.03 * max(east - west, north - south, 1.0)
    west, south, east, north = west - pad, south - pad, east + pad, north + pad
    unit = width / (east - west)
    height = max((north - south) * unit, 120.0)

    def at(x: float, y: float) -> Spot:
        return (x - west) * unit, (north - y) * unit

    order = sorted(known, key=lambda name: (-len(known[name]), name))
    outlines = "".join(
        "M" + "L".join("{:.0f} {:.0f}".format(*at(x, y)) for x, y in outline) + "Z"
        for outline in sheet.outlines
    )
    parts = [f'<path d="{outlines}" fill="#f6f6f3" stroke="#8c8c8c" stroke-width=".7"/>']
    size = math.sqrt(width / 760.0)
    for name in order:
        x, y = at(*spots[name])
        radius = _radius(len(known[name]), size)
        title = f"<title>{escape(name)}: {many(len(known[name]), 'claim')}</title>"
        if name in towns:
            parts.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{BLUE}" '
                f'fill-opacity=".75" stroke="#fff">{title}</circle>'
            )
        else:
            side = radius * math.sqrt(math.pi)
            parts.append(
                f'<rect x="{x - side / 2:.1f}" y="{y - side / 2:.1f}" width="{side:.1f}" '
                f'height="{side:.1f}" fill="{ORANGE}" fill-opacity=".75" stroke="#fff">'
                f"{title}</rect>"
            )
    parts += _labels(order, {name: at(*spots[name]) for name in order}, known, size, width, names)
    words = ", ".join(f"{name} {len(known[name])}" for name in order)
    return Markup(
        f'<svg class="claims" viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
        f'aria-label="{escape(f"Map of claims by place. {words}.")}">{"".join(parts)}</svg>'
    )


def _radius(claims: int, size: float) -> float:
    return size * math.sqrt(_AREA_PER_CLAIM * claims / math.pi) + 1.5


def _labels(
    order: list[str],
    spots: Mapping[str, Spot],
    known: Mapping[str, list[Claim]],
    size: float,
    width: float,
    most: int,
) -> list[str]:
    """Name the places with most claims, leaving out a name that would lie on another."""
    taken: list[tuple[float, float, float]] = []
    parts = []
    for name in order[:most]:
        x, y = spots[name]
        text = f"{name} {len(known[name])}"
        radius = _radius(len(known[name]), size)
        long, gap = 6.6 * len(text), radius + 4
        starts = [s for s in (x + gap, x - gap - long) if s >= 0 and s + long <= width]
        free = (
            s
            for s in starts
            if not any(abs(y - b) < 13 and s < c and a < s + long for a, b, c in taken)
        )
        start = next(free, None)
        taken.append((x - radius, y, x + radius))
        if start is None:
            continue
        taken.append((start, y, start + long))
        parts.append(
            f'<text x="{start:.1f}" y="{y + 4:.1f}" font-size="12" fill="{INK}" class="n" {HALO}>'
            f"{escape(text)}</text>"
        )
    return parts
