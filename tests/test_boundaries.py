"""Boundaries that packs ship are GeoJSON as RFC 7946 wants it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import shapely

from qantar.packs.country import packs_folder

FILES = sorted(packs_folder().rglob("*.geojson"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_exteriors_run_counterclockwise_and_holes_clockwise(path: Path) -> None:
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    assert features
    for feature in features:
        for part in shapely.get_parts(shapely.geometry.shape(feature["geometry"])):
            assert shapely.is_ccw(part.exterior), feature["properties"]["id"]
            assert not any(shapely.is_ccw(hole) for hole in part.interiors)
