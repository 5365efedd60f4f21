"""Ethnic composition by census and region, and an index of worry about the territory.

**Shares.** Between two censuses the log odds of a share move in a straight line; a census that is
left out is predicted from its neighbours, which is the only test that the table allows. Regions
move with the country by the rule of the cohorts of the years: one common step of the log odds.

**Tension.** The index of a region and a month is the share of a group times the pressure from
abroad: 1 while foreign troops are in the country, `TALK` for a year after words about its land or
land taken elsewhere, 0 otherwise. The share has bounds only, and so has the index. It stands for
the worry that the sources tell of, about troops and territory. It is **no risk of violence between
groups**, is fitted to none, and feeds nothing: in January 2022 it stood at its highest, and no
source tells of such violence (RESPONSIBLE_USE.md).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple, cast

import numpy as np

from qantar.base.arrays import Numbers
from qantar.evidence.datasets import Table
from qantar.model.months.cohorts import move_of_composition, moved_share
from qantar.model.months.declaration import Past
from qantar.packs.country import Country
from qantar.packs.state.composition import Composition
from qantar.packs.years_tables import month_number

TALK = 0.5
"""Pressure of words, or of land taken elsewhere, where foreign troops are 1. Assumed."""

MEMORY_MONTHS = 12
"""For how long words are pressure. Assumed."""

LARGEST = "kazakh_share"
"""Variable of a pack that holds the share of the largest group by region."""


def census_shares(table: Table) -> dict[str, dict[int, float]]:
    """Return the shares of a printed table by group and year of the census, 0 to 1."""
    found: dict[str, dict[int, float]] = {}
    for cell in table.cells:
        found.setdefault(cell.label, {})[int(cell.date_from[:4])] = cell.value / 100.0
    return found


def between(known: Mapping[int, float], year: float) -> float:
    """Return a share on the line of log odds between the two years that enclose a year.

    Raises
    ------
    ValueError
        If the year does not lie between two known ones.
    """
    before = [each for each in known if each <= year]
    after = [each for each in known if each >= year]
    if not (before and after):
        raise ValueError(f"{year} does not lie between two censuses")
    first, last = max(before), min(after)
    weight = 0.0 if first == last else (year - first) / (last - first)
    odds = (1 - weight) * _log_odds(known[first]) + weight * _log_odds(known[last])
    return 1.0 / (1.0 + math.exp(-odds))


def _log_odds(share: float) -> float:
    return math.log(share / (1.0 - share))


def left_out(known: Mapping[int, float]) -> dict[int, float]:
    """Return each inner census as its neighbours alone predict it."""
    years = sorted(known)
    return {
        year: between({each: share for each, share in known.items() if each != year}, year)
        for year in years[1:-1]
    }


class _Regions(NamedTuple):
    """What the cohorts of the years need of the regions."""

    region_count: int
    population_share: Numbers
    kazakh_share: Numbers


def regions_at(country: Country, share: float) -> dict[str, float]:
    """Return the share of the largest group by region when the country has a share.

    By the rule of the mechanism ``cohorts`` of the years, from the shares of the last census.

    Parameters
    ----------
    country : Country
        Its pack must have the variables ``population`` and ``kazakh_share``.
    share : float
        Share of the country, between 0 and 1.
    """
    regions = _regions(country)
    # The rule reads three fields of the past; a whole past needs a run.
    moved = move_of_composition(cast("Past", regions), share)
    names = (region.region for region in country.regions)
    return {
        name: float(moved_share(own, moved))
        for name, own in zip(names, regions.kazakh_share, strict=True)
    }


def country_mean(country: Country, shares: Mapping[str, float]) -> float:
    """Return the mean of regional shares, weighted by residents."""
    regions = _regions(country)
    values = [shares[region.region] for region in country.regions]
    return float(np.dot(regions.population_share, values))


def _regions(country: Country) -> _Regions:
    names = [region.region for region in country.regions]
    people = np.array([country.region_value(name, "population").value for name in names])
    shares = np.array([country.region_value(name, LARGEST).value for name in names])
    return _Regions(len(names), people / people.sum(), np.clip(shares, 0.01, 0.99))


def group_bounds(country: Country, composition: Composition, group: str) -> dict[str, Numbers]:
    """Return the least and most share of a group by region, 0 to 1.

    Where the pack bounds no share, the group may be anything from nobody to everybody outside the
    largest group.
    """
    found = {}
    for region in country.regions:
        most = 1.0
        if LARGEST in country.variables:
            most -= country.region_value(region.region, LARGEST).value
        found[region.region] = np.array([0.0, most])
    for row in composition.shares:
        if row.group == group:
            for area in row.areas:
                bounds = np.array([row.low, row.high]) / 100.0
                found[area] = np.minimum(bounds, found[area][1])
    return found


def pressure(composition: Composition, moment: str) -> float:
    """Return the pressure from abroad in a month, 0 to 1."""
    month, felt = month_number(moment), 0.0
    for row in composition.pressure:
        begin = month_number(row.begins)
        end = month_number(row.ends) if row.ends else None
        if row.ends and len(row.ends) == len("YYYY"):
            end = month_number(row.ends + "-12")
        if row.kind == "troops":
            present = begin <= month and (end is None or month <= end)
            felt = max(felt, float(present))
        else:
            recent = begin <= month and (end is None or month <= end + MEMORY_MONTHS)
            felt = max(felt, TALK * recent)
    return felt


def tension(
    country: Country, composition: Composition, group: str, moment: str
) -> dict[str, Numbers]:
    """Return the least and most tension by region in a month, 0 to 1.

    It is worry about troops and territory, and no risk of violence between groups.

    Parameters
    ----------
    country : Country
    composition : Composition
    group : str
        A group of ``regional_shares.csv``.
    moment : str
        A month.
    """
    felt = pressure(composition, moment)
    return {name: felt * both for name, both in group_bounds(country, composition, group).items()}
