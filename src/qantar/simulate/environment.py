"""The environment of a run: from a pack's tables and an episode's conditions to arrays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from qantar.base.arrays import Hours, Numbers
from qantar.base.errors import FileError, QantarError, nearest
from qantar.model.records import Record, group_capacity, place_capacity, record_type, zeros
from qantar.model.state import ENVIRONMENT_GROUP, ENVIRONMENT_PLACE, MOST_PAIRED, Environment
from qantar.packs.conditions import (
    COUNTRYWIDE,
    ENVIRONMENT_VARIABLES,
    TRIGGER,
    EnvironmentChange,
    ParameterChange,
    allowed,
)
from qantar.packs.country import Country, cohorts
from qantar.rng import stable_id
from qantar.simulate.changes import Step
from qantar.simulate.draws import Draws
from qantar.simulate.parameters import Number
from qantar.simulate.script import values_after
from qantar.simulate.ties import likeness, log_distances, sparse_ties


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
    values = {variable: _of_places(country, variable) for variable in ENVIRONMENT_VARIABLES}
    values[TRIGGER] = np.zeros(len(places))
    for variable in COUNTRYWIDE:
        wide = country.region_value(country.header.country, variable)
        values[variable] = np.array([wide.value])
    for change in changes:
        held = values[change.variable]
        if change.taken_from is not None:
            new = _of_places(country, change.taken_from)
        else:
            new = change.apply_to(held)
        moved = np.clip(new, *allowed(country, change.variable))
        if change.variable not in COUNTRYWIDE:
            there = [change.touches(place.place, place.region) for place in places]
            moved = np.where(there, moved, held)
        values[change.variable] = moved
    return values


def _of_places(country: Country, variable: str) -> Numbers:
    """Return the value of a variable of the pack in every place."""
    return np.array([country.number(place, variable) for place in country.places])


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


PLACE_BITS = 0xFFFF_FFFF
GROUP_BITS = 0xFFFF  # a group shares a counter word with the mechanism


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
    offsets = [math.floor(country.region_of[place.place].utc_offset - clock) for place in places]
    regions = [region.region for region in country.regions]
    paired = len(places) <= MOST_PAIRED
    attributes = {
        "place_id": _ids("place", [place.place for place in places], PLACE_BITS),
        "clock_offset": offsets,
        "population": population,
        "price_rise": np.log(values["lpg_price_after"] / values["lpg_price_before"]),
        "price_dependence": values["lpg_dependence"],
        "territorial": values["territorial_exclusion"],
        "poverty": _standardised(values["poverty"], baseline["poverty"], population),
        "patronage": values["elite_patronage"],
        "activism": values["civic_activism"],
        "experience": values["protest_experience"],
        "seat": values["seat"],
        "media_access": values["news_reach"],
        "shutdown_reach": values["shutdown_reach"],
        "night_cold": np.maximum(-values["night_temperature"], 0.0) / 10.0,
        "police": population * values["police_per_1000"] / 1000.0,
        "named": values["named_target"],
        "buildings": np.rint(values["state_buildings"]),
        "businesses": np.rint(values["businesses"]),
        "trigger": values["trigger"],
        "region": [regions.index(place.region) for place in places],
    }
    land = zeros(record_type((place_capacity(len(places)),), *ENVIRONMENT_PLACE))
    for name, of_places in attributes.items():
        land[name][: len(places)] = of_places
    return Environment(
        place_count=len(places),
        group_count=len(country.header.groups),
        region_count=len(regions),
        places=land,
        groups=_groups(country),
        cohort=sizes,
        log_distance=log_distances(country) if paired else np.zeros((0, 0)),
        likeness=likeness(country, sizes) if paired else np.zeros((0, 0)),
        sparse_ties=sparse_ties(country, sizes),
        reserve=float(values["mobile_reserve"][0]),
        foreign_troops=float(values["foreign_contingent"][0]),
    )


def _groups(country: Country) -> Record:
    """Return the traits and the ids of the groups."""
    names = list(country.header.groups)
    groups = zeros(record_type((group_capacity(len(names)),), ENVIRONMENT_GROUP, "group_id"))
    groups["group_id"][: len(names)] = _ids("group", names, GROUP_BITS)
    for row, group in enumerate(country.header.groups.values()):
        for trait in ENVIRONMENT_GROUP.split():
            if trait not in group.traits:
                raise FileError(
                    country.folder / "pack.yaml",
                    f"the group {group.label!r} lacks the trait {trait!r}",
                    expected=nearest(trait, group.traits) or f"a value for {trait!r}",
                )
            groups[trait][row] = group.traits[trait].value
    return groups


def _ids(kind: str, names: list[str], bits: int) -> Hours:
    """Return the ids of names, which are part of the random key, as far as the key has room.

    Raises
    ------
    QantarError
        If two names have the same id and would share a random stream.
    """
    named: dict[int, str] = {}
    for name in names:
        other = named.setdefault(stable_id(name) & bits, name)
        if other != name:
            raise QantarError(
                f"the {kind}s {other!r} and {name!r} share a random stream",
                hint="rename one of them",
            )
    return np.array(list(named), np.int64)


def _standardised(values: Numbers, against: Numbers, weights: Numbers) -> Numbers:
    """Return values standardised by the weighted mean and spread of `against`.

    Values after an intervention are standardised by the baseline; otherwise, halving poverty
    everywhere would have no effect.
    """
    mean = np.average(against, weights=weights)
    spread = np.sqrt(np.average((against - mean) ** 2, weights=weights))
    return (values - mean) / spread if spread > 0 else np.zeros_like(values)
