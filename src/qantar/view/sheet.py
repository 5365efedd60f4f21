"""The country on paper: outlines and places, projected."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from qantar.arrays import Flags, Numbers
from qantar.country.pack import Country

_DETAIL_METRES = 4_000.0
"""Bends of a border smaller than this are left out; on a page nobody would see them."""


@dataclass(frozen=True)
class Sheet:
    """The country on paper: outlines and the region of each, and where the places lie."""

    outlines: list[NDArray[np.float64]]
    region_of: list[str]
    towns: Numbers
    is_town: Flags
    bounds: tuple[float, float, float, float]


def sheet_of(country: Country) -> Sheet:
    """Project outlines and places to an equal-area cone that suits where the country lies."""
    names, shapes = _boundaries(country)
    lonlat = np.array([(place.longitude, place.latitude) for place in country.places])
    west, south, east, north = _bounds(shapes, lonlat)
    height = north - south
    project = Transformer.from_crs(
        "EPSG:4326",
        f"+proj=aea +lat_1={south + height / 6} +lat_2={north - height / 6} "
        f"+lat_0={(south + north) / 2} +lon_0={(west + east) / 2} +units=m",
        always_xy=True,
    )
    flat = [shapely.transform(s, project.transform, interleaved=False) for s in shapes]
    flat = list(shapely.coverage_simplify(flat, _DETAIL_METRES)) if flat else []
    outlines, region_of = [], []
    for name, shape in zip(names, flat, strict=True):
        for part in shapely.get_parts(shape):
            outlines.append(np.asarray(shapely.get_coordinates(part.exterior)))
            region_of.append(name)
    towns = np.column_stack(project.transform(lonlat[:, 0], lonlat[:, 1]))
    is_town = np.array([place.kind == "town" for place in country.places])
    return Sheet(outlines, region_of, towns, is_town, _bounds(flat, towns))


def _bounds(shapes: Sequence[object], points: Numbers) -> tuple[float, float, float, float]:
    if shapes:
        west, south, east, north = shapely.total_bounds(shapes)
    else:
        (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
    return float(west), float(south), float(east), float(north)


def _boundaries(country: Country) -> tuple[list[str], list[Any]]:
    """Return the regions that the pack draws, and their shapes in degrees."""
    path = country.folder / "boundaries.geojson"
    names, shapes = [], []
    if path.is_file():
        wanted = {region.boundary: region.region for region in country.regions}
        for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
            if feature["properties"]["id"] in wanted:
                names.append(wanted[feature["properties"]["id"]])
                shapes.append(shapely.geometry.shape(feature["geometry"]))
    return names, shapes
