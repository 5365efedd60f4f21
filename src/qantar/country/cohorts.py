"""Cohorts: how many citizens of each group live in each place, by the stated rules of the pack."""

from __future__ import annotations

import math

import numpy as np

from qantar.arrays import People
from qantar.country.pack import Country
from qantar.country.tables import Group, Place
from qantar.errors import FileError


def cohorts(country: Country) -> People:
    """Return the size of every cohort.

    Returns
    -------
    int array (places, groups)
        Whole persons; every row sums exactly to the place's population.

    Raises
    ------
    FileError
        If the groups claim more people than a place has, or no group takes the rest.
    """
    groups = country.header.groups
    rest = [name for name, group in groups.items() if group.size.rule == "rest"]
    path = country.folder / "pack.yaml"
    if len(rest) != 1:
        raise FileError(path, "exactly one group takes the rest", value=rest)
    sizes = np.zeros((len(country.places), len(groups)), np.int64)
    for column, group in enumerate(groups.values()):
        if group.size.rule == "share":
            sizes[:, column] = [_share(country, place, group) for place in country.places]
        elif group.size.rule == "total":
            sizes[:, column] = _spread(country, group)
        else:
            remainder = column
    population = np.array([place.population for place in country.places], np.int64)
    sizes[:, remainder] = population - sizes.sum(axis=1)
    if (sizes < 0).any():
        row, column = np.argwhere(sizes < 0)[0]
        raise FileError(
            path,
            f"the groups claim more people than {country.places[row].place!r} has",
            value=int(population[row] - sizes[row, remainder]),
            expected=f"at most {population[row]:,}",
            mend="lower a share or a place weight",
        )
    return sizes


def _applies(place: Place, within: str) -> bool:
    return within in ("everywhere", place.kind)


def _share(country: Country, place: Place, group: Group) -> int:
    """Return the persons of a group by the rule of shares, rounded down."""
    rule = group.size
    if not _applies(place, rule.within):
        return 0
    product = rule.scale
    for factor in rule.factors:
        unit = country.variables[factor].unit if factor in country.variables else ""
        value = country.number(place, factor)
        product *= value / 100.0 if unit.startswith("%") else value
    return math.floor(place.population * product)


def _spread(country: Country, group: Group) -> People:
    """Spread a national total over regions and places, losing nobody to rounding."""
    rule = group.size
    total = country.region_value(country.header.country, rule.total).value * rule.scale
    weights = np.zeros(len(country.places))
    for region in country.regions:
        inside = [k for k, place in enumerate(country.places) if place.region == region.region]
        pull = np.array(
            [
                country.places[k].population * country.number(country.places[k], rule.place_weight)
                for k in inside
            ]
        )
        share = country.region_value(region.region, rule.regional_share).value
        if pull.sum() > 0:
            weights[inside] = share * pull / pull.sum()
    return largest_remainder(weights / weights.sum(), round(total))


def largest_remainder(shares: np.ndarray, total: int) -> People:
    """Return whole numbers in the proportion of `shares` that sum exactly to `total`."""
    exact = shares * total
    whole = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - whole), kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return np.asarray(whole, np.int64)
