"""Compute the variables of the pack of Kazakhstan that follow from others by a formula.

    python scripts/derive_variables.py [--check]

`variables.yaml` states the formula of each under `note`. The script rewrites their rows in
`region_values.csv` and `place_values.csv`; with --check it writes nothing and fails if a row is out
of date.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from qantar.packs.country import Country, packs_folder
from qantar.packs.loading import load_country
from qantar.packs.tables import Place

SHARE_OF_USERS = 0.9
"""Share of internet users whom social and uncensored media reach in January 2022, assumed."""

LARGE_CITY = 1_000_000
"""Residents from which a city counts as large, the order of a city of republican rank, assumed."""


@dataclass(frozen=True)
class Derived:
    """A derived variable: its values by region or place, and the provenance of its rows."""

    variable: str
    values: Callable[[Country], dict[str, float]]
    date: str
    reference: str
    locator: str
    note: str


def news_reach(country: Country) -> dict[str, float]:
    """Return internet users times the share of them who get such news."""
    return {
        region.region: SHARE_OF_USERS
        * country.region_value(region.region, "internet_users").value
        / 100
        for region in country.regions
    }


def land_salience(country: Country) -> dict[str, float]:
    """Return the share of Kazakhs times the means of 1 with nationalism and the rural share."""
    raw = {}
    for region in country.regions:
        share, nationalism, urban = (
            country.region_value(region.region, name).value
            for name in ("kazakh_share", "nationalism", "urban_share")
        )
        raw[region.region] = share * (1 + nationalism) / 2 * (2 - urban) / 2
    return _to_highest(raw)


def political_salience(country: Country) -> dict[str, float]:
    """Return civic activism times the size of a town, at most that of a large city."""
    return _to_highest(
        {
            place.place: country.number(place, "civic_activism")
            * min(place.population / LARGE_CITY, 1)
            * (place.kind == "town")
            for place in country.places
        }
    )


def labour_salience(country: Country) -> dict[str, float]:
    """Return oil and gas workers over residents of 16 years and more."""
    workers = country.region_value(country.header.country, "employed_oil_gas").value
    raw = {}
    for region in country.regions:
        inside = [place for place in country.places if place.region == region.region]
        pull = sum(_pull(country, place) for place in inside)
        share = country.region_value(region.region, "oil_share").value
        for place in inside:
            adults = place.population * (1 - country.number(place, "child_share"))
            raw[place.place] = workers * share * _pull(country, place) / pull / adults
    return _to_highest(raw)


def _pull(country: Country, place: Place) -> float:
    return place.population * country.number(place, "oil_weight")


def _to_highest(values: dict[str, float]) -> dict[str, float]:
    """Return values divided by the highest one."""
    highest = max(values.values())
    return {name: value / highest for name, value in values.items()}


DERIVED = (
    Derived(
        "news_reach",
        news_reach,
        "2022-01",
        "bns-sdg; qantar-assumption",
        "indicator 17-8-1",
        "internet_users x 0.9; the users are measured (2021), the 0.9 is a guess",
    ),
    Derived(
        "land_salience",
        land_salience,
        "2022-01",
        "seed-000; bns-population; qantar-assumption",
        "p9; table 6584",
        "by the formula of variables.yaml, which is a guess, "
        "from kazakh_share, nationalism and urban_share",
    ),
    Derived(
        "political_salience",
        political_salience,
        "2022-01",
        "seed-000; bns-population; qantar-assumption",
        "p7; table 6584",
        "by the formula of variables.yaml, which is a guess, from civic_activism and population",
    ),
    Derived(
        "labour_salience",
        labour_salience,
        "2022-01",
        "webinfo-oil; qantar-assumption",
        "",
        "by the formula of variables.yaml, "
        "from employed_oil_gas, oil_share, oil_weight and child_share",
    ),
)


def tables(country: Country) -> dict[Path, str]:
    """Return the text of both tables of values with the derived rows at the end."""
    texts = {}
    for level in ("region", "place"):
        path = country.folder / f"{level}_values.csv"
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        mine = [each for each in DERIVED if country.variables[each.variable].level == level]
        names = {each.variable for each in mine}
        kept = [row for row in rows if row[1] not in names]
        text = io.StringIO()
        derived = [row for each in mine for row in _rows(country, each)]
        csv.writer(text, lineterminator="\n").writerows([*kept, *derived])
        texts[path] = text.getvalue()
    return texts


def _rows(country: Country, derived: Derived) -> list[list[str]]:
    declared = country.variables[derived.variable]
    about = [declared.unit, derived.date, "assumed", derived.reference, derived.locator]
    return [
        [owner, derived.variable, f"{value:.4g}", *about, derived.note]
        for owner, value in derived.values(country).items()
        if round(value, 4) or declared.default is None
    ]


def main() -> int:
    """Write or check the derived rows."""
    console = Console(highlight=False, soft_wrap=True)
    check = sys.argv[1:] == ["--check"]
    stale = 0
    for path, text in tables(load_country(packs_folder() / "kazakhstan")).items():
        if path.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        if not check:
            path.write_text(text, encoding="utf-8")
        console.print(f"{'out of date' if check else 'written'}: {path.name}")
    return stale if check else 0


if __name__ == "__main__":
    raise SystemExit(main())
