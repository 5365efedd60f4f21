"""The environment of a run: from a pack's tables and an episode's conditions to arrays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from qantar.base.arrays import Hours, Numbers, People
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
from qantar.packs.episode import Episode
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
    country: Country, episode: Episode | None = None, steps: Sequence[Step] = ()
) -> Environment:
    """Return the environment of a country: places and groups in the order of the pack.

    Parameters
    ----------
    country : Country
    episode : Episode, optional
        Its conditions, days off and season apply. Without one: the pack as it is, on working days,
        in the season of its date.
    steps : sequence of Step
        Changes by interventions, applied afterwards.
    """
    places = country.places
    sizes = cohorts(country)
    population = np.array([float(place.population) for place in places])
    baseline = environment_values(country, episode.conditions.environment if episode else ())
    values = values_after(steps, country, baseline)
    clock = country.header.clock_utc_offset
    utc_offsets = np.array([country.region_of[place.place].utc_offset for place in places])
    regions = [region.region for region in country.regions]
    season = episode.first_day if episode else country.header.as_of
    paired = len(places) <= MOST_PAIRED
    stationed = population * values["police_per_1000"] / 1000.0
    attributes = {
        "place_id": _ids("place", [place.place for place in places], PLACE_BITS),
        "clock_offset": utc_offsets - clock,
        "sunset": _sunset(country, season, utc_offsets),
        "rural": [place.kind == "rural" for place in places],
        "population": population,
        "price_rise": np.log(values["lpg_price_after"] / values["lpg_price_before"]),
        "price_dependence": values["lpg_dependence"],
        "territorial": values["territorial_exclusion"],
        "poverty": _standardised(values["poverty"], baseline["poverty"], population),
        "patronage": values["elite_patronage"],
        "activism": values["civic_activism"],
        "experience": values["protest_experience"],
        "seat": values["seat"],
        "news_reach": values["news_reach"],
        "shutdown_reach": values["shutdown_reach"],
        "night_cold": np.maximum(-values["night_temperature"], 0.0) / 10.0,
        "police": stationed * values["usable_police"][0] + values["capital_guard"],
        "investigators": stationed,
        "organised": _organised(country, sizes),
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
        days_off=_days_off(episode) if episode else np.zeros(3),
        reserve=float(values["mobile_reserve"][0]),
        foreign_troops=float(values["foreign_contingent"][0]),
        price_breadth=float(values["price_breadth"][0]),
        learned_restraint=float(values["learned_restraint"][0]),
    )


def _days_off(episode: Episode) -> Numbers:
    """Return 1 for days off, from the day before the episode to the day after it.

    The local calendar of a place may be a day behind the episode's clock, or ahead of it.
    """
    days = [episode.first_day + dt.timedelta(days=day) for day in range(-1, len(episode.days) + 1)]
    return np.array([float(episode.is_day_off(day)) for day in days])


def _sunset(country: Country, day: dt.date, utc_offsets: Numbers) -> Numbers:
    """Return the hour of sunset in every place, on the local clock.

    The sun's declination and the equation of time are approximations within a few minutes (Spencer
    1971). Beyond the polar circle the hour is noon or midnight.
    """
    latitude = np.radians([place.latitude for place in country.places])
    longitude = np.array([place.longitude for place in country.places])
    angle = 2.0 * np.pi * (day.timetuple().tm_yday - 1) / 365.0
    declination = (
        0.006918
        - 0.399912 * np.cos(angle)
        + 0.070257 * np.sin(angle)
        - 0.006758 * np.cos(2.0 * angle)
        + 0.000907 * np.sin(2.0 * angle)
    )
    minutes = 229.18 * (
        0.000075
        + 0.001868 * np.cos(angle)
        - 0.032077 * np.sin(angle)
        - 0.014615 * np.cos(2.0 * angle)
        - 0.040849 * np.sin(2.0 * angle)
    )
    half_day = np.arccos(np.clip(-np.tan(latitude) * np.tan(declination), -1.0, 1.0))
    noon = 12.0 - longitude / 15.0 + utc_offsets - minutes / 60.0
    sunset: Numbers = noon + 12.0 * half_day / np.pi
    return sunset


def _organised(country: Country, sizes: People) -> Numbers:
    """Return the share of those who can take part that have workmates in other places."""
    groups = list(country.header.groups.values())
    able = np.array([group.traits["takes_part"].value > 0 for group in groups])
    workers = np.array([group.workmates for group in groups])
    adults = sizes[:, able].sum(axis=1)
    share: Numbers = sizes[:, workers].sum(axis=1) / np.maximum(adults, 1)
    return share


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
