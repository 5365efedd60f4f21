"""The environment of a run: from a pack's tables and an episode's conditions to arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from qantar.base.arrays import Hours, Numbers, People
from qantar.base.errors import FileError, QantarError, nearest
from qantar.model.state import ENVIRONMENT_GROUP, ENVIRONMENT_PLACE, Environment, Records
from qantar.packs.country import Country, cohorts
from qantar.packs.episode import (
    COUNTRYWIDE,
    ENVIRONMENT_VARIABLES,
    TRIGGER,
    EnvironmentChange,
    ParameterChange,
    allowed,
)
from qantar.rng import stable_id
from qantar.simulate.changes import Step
from qantar.simulate.draws import Draws
from qantar.simulate.parameters import Number
from qantar.simulate.script import values_after


def environment_values(
    country: Country, changes: Sequence[EnvironmentChange] = ()
) -> dict[str, Numbers]:
    """Return the environment variables, in the units of the pack.

    Parameters
    ----------
    country : Country
    changes : sequence of EnvironmentChange
        Applied in order; values are clipped to the range of their variable.

    Returns
    -------
    dict of str to float array
        One value per place for each of `ENVIRONMENT_VARIABLES` and for ``trigger`` (0 by default);
        a single value for each of `COUNTRYWIDE`.
    """
    places = country.places
    values = {
        variable: np.array([country.number(place, variable) for place in places])
        for variable in ENVIRONMENT_VARIABLES
    }
    values[TRIGGER] = np.zeros(len(places))
    for variable in COUNTRYWIDE:
        wide = country.region_value(country.header.country, variable)
        values[variable] = np.array([wide.value])
    for change in changes:
        held = values[change.variable]
        there = np.array([change.touches(place.place, place.region) for place in places])
        moved = np.clip(change.apply_to(held), *allowed(country, change.variable))
        values[change.variable] = np.where(there, moved, held)
    return values


def with_changes(
    draws: Draws, numbers: tuple[Number, ...], changes: Sequence[ParameterChange]
) -> Draws:
    """Return draws with declared changes of parameters, clipped to their ranges.

    A parameter fixed by the user or the account keeps its value.

    Parameters
    ----------
    draws : Draws
        Not modified.
    numbers : tuple of Number
        Every parameter of the scenario, in the order of the draws.
    changes : sequence of ParameterChange
        Applied in order.
    """
    if not changes:
        return draws
    values = draws.parameters.copy()
    column = {number.name: k for k, number in enumerate(numbers)}
    for change in changes:
        k = column[change.parameter]
        if numbers[k].prior is not None:
            declared = numbers[k].declared
            values[:, k] = np.clip(change.apply_to(values[:, k]), declared.low, declared.high)
    return replace(draws, parameters=values)


GROUP_BITS = 0xFFFF  # a group shares a counter word with the mechanism
EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG
NEAREST_KM = 5.0  # smallest distance between two places


def make_environment(
    country: Country, conditions: Sequence[EnvironmentChange] = (), steps: Sequence[Step] = ()
) -> Environment:
    """Return the environment of a country: places and groups in the order of the pack.

    Parameters
    ----------
    country : Country
    conditions : sequence of EnvironmentChange
        Differences at the beginning of the episode.
    steps : sequence of Step
        Changes by interventions, applied afterwards.
    """
    places = country.places
    sizes = cohorts(country)
    population = np.array([float(place.population) for place in places])
    baseline = environment_values(country, conditions)
    values = values_after(steps, country, baseline)
    clock = country.header.clock_utc_offset
    offsets = [country.region_of[place.place].utc_offset - clock for place in places]
    land = np.zeros(len(places), ENVIRONMENT_PLACE)
    land["place_id"] = _ids([place.place for place in places])
    land["clock_offset"] = offsets
    land["population"] = population
    land["price_rise"] = np.log(values["lpg_price_after"] / values["lpg_price_before"])
    land["price_dependence"] = values["lpg_dependence"]
    land["territorial"] = values["territorial_exclusion"]
    land["poverty"] = _standardised(values["poverty"], baseline["poverty"], population)
    land["patronage"] = values["elite_patronage"]
    land["activism"] = values["civic_activism"]
    land["experience"] = values["protest_experience"]
    land["seat"] = values["seat"]
    land["media_access"] = values["internet_users"] / 100.0
    land["shutdown_reach"] = values["shutdown_reach"]
    land["night_cold"] = np.maximum(-values["night_temperature"], 0.0) / 10.0
    land["police"] = population * values["police_per_1000"] / 1000.0
    land["named"] = values["named_target"]
    land["buildings"] = np.rint(values["state_buildings"])
    land["businesses"] = np.rint(values["businesses"])
    land["trigger"] = values["trigger"]
    regions = [region.region for region in country.regions]
    land["region"] = [regions.index(place.region) for place in places]
    return Environment(
        places=land,
        groups=_groups(country),
        group_id=_ids(list(country.header.groups)) & GROUP_BITS,
        cohort=sizes,
        log_distance=_log_distance(country),
        likeness=_likeness(country, sizes, population),
        reserve=float(values["mobile_reserve"][0]),
        foreign_troops=float(values["foreign_contingent"][0]),
        regions=len(regions),
    )


def _groups(country: Country) -> Records:
    """Return the traits of the groups."""
    groups = np.zeros(len(country.header.groups), ENVIRONMENT_GROUP)
    for row, group in enumerate(country.header.groups.values()):
        for trait in ENVIRONMENT_GROUP.names or ():
            if trait not in group.traits:
                raise FileError(
                    country.folder / "pack.yaml",
                    f"the group {group.label!r} lacks the trait {trait!r}",
                    expected=nearest(trait, group.traits) or f"a value for {trait!r}",
                )
            groups[row][trait] = group.traits[trait].value
    return groups


def _ids(names: list[str]) -> Hours:
    """Return the ids of names, which are part of the random key.

    Raises
    ------
    QantarError
        If two names have the same id and would share a random stream.
    """
    ids = np.array([stable_id(name) for name in names], np.int64)
    if len(set(ids.tolist())) < len(names):
        raise QantarError("two place names share a random stream", hint="rename one of them")
    return ids


def _standardised(values: Numbers, against: Numbers, weights: Numbers) -> Numbers:
    """Return values standardised by the weighted mean and spread of `against`.

    Values after an intervention are standardised by the baseline; otherwise, halving poverty
    everywhere would have no effect.
    """
    mean = np.average(against, weights=weights)
    spread = np.sqrt(np.average((against - mean) ** 2, weights=weights))
    return (values - mean) / spread if spread > 0 else np.zeros_like(values)


def _log_distance(country: Country) -> Numbers:
    """Return the logarithm of great-circle kilometres between places (haversine)."""
    latitude = np.radians([place.latitude for place in country.places])
    longitude = np.radians([place.longitude for place in country.places])
    half = (
        np.sin((latitude[:, None] - latitude[None, :]) / 2) ** 2
        + np.cos(latitude)[:, None]
        * np.cos(latitude)[None, :]
        * np.sin((longitude[:, None] - longitude[None, :]) / 2) ** 2
    )
    kilometres = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    result: Numbers = np.log(np.maximum(kilometres, NEAREST_KM))
    return result


def _likeness(country: Country, sizes: People, population: Numbers) -> Numbers:
    """Return the share of attention that a place pays to workmates in each other place.

    A row sums to the square root of the ratio of the place's share of such workers to the largest
    share, so that towns with few of them hear little this way.
    """
    likeness = np.zeros((len(population), len(population)))
    attention = np.zeros(len(population))
    for column, group in enumerate(country.header.groups.values()):
        if group.workmates:
            share = np.sqrt(sizes[:, column] / np.maximum(population, 1.0))
            likeness += np.outer(share, np.sqrt(sizes[:, column]))
            attention = np.maximum(attention, share)
    np.fill_diagonal(likeness, 0.0)
    if attention.max() > 0:
        attention = attention / attention.max()
    total = likeness.sum(axis=1, keepdims=True)
    rows = np.divide(likeness, total, out=np.zeros_like(likeness), where=total > 0)
    result: Numbers = rows * attention[:, None]
    return result
