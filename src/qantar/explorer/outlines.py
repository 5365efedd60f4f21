"""The map as the page draws it: borders as SVG paths, and points in the same view box."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from qantar.arrays import Numbers
from qantar.country.pack import Country
from qantar.view.sheet import sheet_of

WIDTH = 1000.0
"""Width of the view box in SVG user units."""

_MARGIN = 16.0
"""Room around the country, so that a town at the border is drawn whole."""

_DIGITS = 1


@dataclass(frozen=True)
class Drawn:
    """The map in SVG user units, y down.

    Attributes
    ----------
    viewbox : tuple of float
        Width and height.
    paths : dict of str to str
        The path of every region that the pack draws, the largest first, so that a city that is a
        region of its own lies on top of the region around it.
    points : list of (float, float)
        Where every place lies, in the order of the pack.
    labels : dict of str to (float, float)
        A point for the name of every region.
    """

    viewbox: tuple[float, float]
    paths: dict[str, str]
    points: list[tuple[float, float]]
    labels: dict[str, tuple[float, float]]


def draw(country: Country) -> Drawn:
    """Return the map of a country; without boundaries in the pack it has places alone."""
    sheet = sheet_of(country)
    west, south, east, north = sheet.bounds
    scale = (WIDTH - 2 * _MARGIN) / ((east - west) or 1.0)

    def moved(points: Numbers) -> NDArray[np.float64]:
        own = np.column_stack([points[:, 0] - west, north - points[:, 1]])
        return np.round(own * scale + _MARGIN, _DIGITS)

    rings: dict[str, list[NDArray[np.float64]]] = {}
    for region, outline in zip(sheet.region_of, sheet.outlines, strict=True):
        rings.setdefault(region, []).append(moved(outline))
    largest = {region: max(own, key=_area) for region, own in rings.items()}
    order = sorted(rings, key=lambda region: -_area(largest[region]))
    towns = moved(sheet.towns)
    return Drawn(
        viewbox=(WIDTH, round((north - south) * scale + 2 * _MARGIN, _DIGITS)),
        paths={region: "".join(map(_path, rings[region])) for region in order},
        points=[_pair(point) for point in towns],
        labels=_labels(country, towns, largest),
    )


def _labels(
    country: Country, towns: NDArray[np.float64], largest: dict[str, NDArray[np.float64]]
) -> dict[str, tuple[float, float]]:
    """Return a point inside the largest part of a region; amid its places if it is not drawn."""
    found = {}
    for region in (region.region for region in country.regions):
        if region in largest:
            inside = shapely.Polygon(largest[region]).representative_point()
            found[region] = _pair(np.array([inside.x, inside.y]))
        else:
            own = [k for k, place in enumerate(country.places) if place.region == region]
            found[region] = _pair(towns[own].mean(axis=0))
    return found


def _area(ring: NDArray[np.float64]) -> float:
    return float(shapely.Polygon(ring).area)


def _path(ring: NDArray[np.float64]) -> str:
    """Return a ring as path text; the last point of a ring is the first, which is what Z says."""
    points = [f"{x:g} {y:g}" for x, y in ring[:-1]]
    kept = [point for point, before in zip(points, ["", *points], strict=False) if point != before]
    return f"M{'L'.join(kept)}Z"


def _pair(point: NDArray[np.float64]) -> tuple[float, float]:
    return round(float(point[0]), _DIGITS), round(float(point[1]), _DIGITS)
