"""Write a pack of an invented country with many places, for measurements and tests.

    python scripts/make_large_pack.py FOLDER [--places 3000] [--regions 20] [--groups 9] [--days 13]

The country is that of the template pack, enlarged: its regions and places are kept, so that its
episode, its accounts and its evidence hold, and further regions lie to the east of it. Their towns
have sizes that follow Zipf's law and random positions. The same options give the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qantar.packs.country import packs_folder

SMALLEST, LARGEST = 400, 900_000
"""Persons in the smallest and in the largest of the added towns."""

WEST, SOUTH, WIDTH, HEIGHT = -30.0, 35.0, 2.0, 2.5
"""Corner and size of the added regions, degrees: a grid of five rows."""

ROWS = 5

FOR_THE_COUNTRY = {
    "precarity": (30, "% of youth"),
    "dock_share": (0.01, "share of dock workers"),
    "lpg_price_after": (96, "crowns/litre"),
    "lpg_dependence": (0.5, "share of households"),
    "poverty": (12, "% of population"),
    "territorial_exclusion": (0.4, "index"),
    "civic_activism": (0.4, "index"),
    "elite_patronage": (0.4, "index"),
    "night_temperature": (-4, "degrees Celsius"),
}
"""Values of the added regions: those of the whole country."""


@dataclass(frozen=True)
class Town:
    """An added town."""

    name: str
    region: str
    latitude: float
    longitude: float
    population: int


def main() -> None:
    """Read the options and write the pack."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    for name, value in (("places", 3000), ("regions", 20), ("groups", 9), ("days", 13)):
        parser.add_argument(f"--{name}", type=int, default=value)
    options = parser.parse_args()
    make_large_pack(
        options.folder,
        places=options.places,
        regions=options.regions,
        groups=options.groups,
        days=options.days,
    )


def make_large_pack(
    folder: Path, *, places: int = 3000, regions: int = 20, groups: int = 9, days: int = 13
) -> None:
    """Write a pack; the numbers are totals, of which the template has 8, 3, 5 and 9."""
    # Its years and its state speak of three regions.
    left_out = shutil.ignore_patterns("years", "state")
    shutil.copytree(packs_folder() / "template", folder, ignore=left_out)
    own = len((folder / "places.csv").read_text(encoding="utf-8").splitlines()) - 1
    names = [f"Region {k:03}" for k in range(1, regions - 2)]
    towns = _towns(names, places - own)
    populations = dict.fromkeys(names, 0)
    for town in towns:
        populations[town.region] += town.population
    _append(folder / "regions.csv", _regions(names))
    _append(folder / "places.csv", _places(towns))
    _append(folder / "place_values.csv", _place_values(towns))
    _append(folder / "region_values.csv", _region_values(populations))
    _write_boundaries(folder / "boundaries.geojson", names)
    _enlarge_header(folder / "pack.yaml", sum(populations.values()), groups)
    episode = folder / "episodes" / "spring-unrest" / "episode.yaml"
    last = dt.date(2030, 3, 1) + dt.timedelta(days=days - 1)
    text = episode.read_text(encoding="utf-8")
    episode.write_text(re.sub("last_day: .*", f"last_day: {last}", text), encoding="utf-8")


def _towns(regions: list[str], number: int) -> list[Town]:
    """Return the added towns, spread over the regions in turn."""
    generator = np.random.default_rng(1)
    across = generator.uniform(0.02, 0.98, (number, 2))
    sizes = np.maximum(LARGEST / np.arange(1, number + 1), SMALLEST).astype(int)
    towns = []
    for k in range(number):
        at = k % len(regions)
        west, south = _corner(at)
        towns.append(
            Town(
                f"Town {k + 1:05}",
                regions[at],
                round(float(south + HEIGHT * across[k, 0]), 4),
                round(float(west + WIDTH * across[k, 1]), 4),
                int(sizes[k]),
            )
        )
    return towns


def _corner(number: int) -> tuple[float, float]:
    """Return the south-western corner of an added region."""
    return WEST + WIDTH * (number // ROWS), SOUTH + HEIGHT * (number % ROWS)


def _regions(names: list[str]) -> list[list[object]]:
    return [[name, f"AV-{k:03}", "region", 2, _id(name), "arv-map"] for k, name in enumerate(names)]


def _id(region: str) -> str:
    return region.lower().replace(" ", "-")


def _places(towns: list[Town]) -> list[list[object]]:
    return [
        [
            *(town.name, town.region, "town", town.latitude, town.longitude),
            *(town.population, "2030-01-01", "assumed", "arv-assumption", "invented"),
        ]
        for town in towns
    ]


def _place_values(towns: list[Town]) -> list[list[object]]:
    """Return the values of places that have no default, and where workmates are."""
    rows: list[list[object]] = []
    for k, town in enumerate(towns):
        values = [
            ("state_buildings", 1 + town.population // 50_000, "buildings"),
            ("businesses", town.population // 500, "trading sites"),
        ]
        if k % 7 == 0:
            values.append(("dock_weight", 1 + k % 3, "weight"))
        for name, value, unit in values:
            rows.append([town.name, name, value, unit, "2030", "assumed", "arv-assumption", "", ""])
    return rows


def _region_values(populations: dict[str, int]) -> list[list[object]]:
    whole = [
        ["Arvenia", name, value, unit, "2030", "assumed", "arv-assumption", "", ""]
        for name, (value, unit) in FOR_THE_COUNTRY.items()
    ]
    return [
        *whole,
        *(
            [region, "population", number, "persons", "2030", "assumed", "arv-assumption", "", ""]
            for region, number in populations.items()
        ),
    ]


def _append(path: Path, rows: list[list[object]]) -> None:
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def _write_boundaries(path: Path, regions: list[str]) -> None:
    """Write a rectangle for every added region, with bends that a map has to simplify."""
    features = []
    along = np.linspace(0, 1, 400, endpoint=False)
    for k, region in enumerate(regions):
        west, south = _corner(k)
        turns = [(along, 0 * along), (1 + 0 * along, along), (1 - along, 1 + 0 * along)]
        turns.append((0 * along, 1 - along))
        ring = [
            [round(west + WIDTH * float(x), 5), round(south + HEIGHT * float(y), 5)]
            for xs, ys in turns
            for x, y in zip(xs, ys, strict=True)
        ]
        shape = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
        features.append({"type": "Feature", "properties": {"id": _id(region)}, "geometry": shape})
    text = json.dumps({"type": "FeatureCollection", "features": features})
    path.write_text(text, encoding="utf-8")


def _enlarge_header(path: Path, added: int, groups: int) -> None:
    """Set the population, and add groups like the youth."""
    text = path.read_text(encoding="utf-8")
    text = re.sub("population: 3000000 .*", f"population: {3_000_000 + added}", text)
    youth = text[text.index("  youth:\n") : text.index("  townspeople:\n")]
    for k in range(groups - 5):
        more = youth.replace("  youth:", f"  youth-{k}:", 1)
        more = more.replace("rule: share,", "rule: share, scale: 0.3,", 1)
        more = more.replace("Young people", f"Young people ({k})", 1)
        text = text.replace("  townspeople:\n", f"{more}  townspeople:\n", 1)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
