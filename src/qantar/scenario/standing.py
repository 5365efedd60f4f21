"""How the country stood when an episode began: its conditions on top of what the pack holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from qantar.arrays import Numbers
from qantar.country.pack import Country
from qantar.scenario.beliefs import Draws
from qantar.scenario.conditions import (
    COUNTRYWIDE,
    GROUND_VARIABLES,
    TRIGGER,
    GroundChange,
    ParameterChange,
    allowed,
)
from qantar.scenario.strengths import Number


def ground_values(country: Country, changes: Sequence[GroundChange] = ()) -> dict[str, Numbers]:
    """Return what the ground is made of, in the units of the pack.

    Parameters
    ----------
    country : Country
    changes : sequence of GroundChange
        Made one after the other; what leaves the range of its variable is clipped to it.

    Returns
    -------
    dict of str to float array
        Place by place by the names of `GROUND_VARIABLES`, and ``trigger``: 0 where nothing is
        declared. One value each by the names of `COUNTRYWIDE`.
    """
    places = country.places
    values = {
        variable: np.array([country.number(place, variable) for place in places])
        for variable in GROUND_VARIABLES
    }
    values[TRIGGER] = np.zeros(len(places))
    for variable in COUNTRYWIDE:
        wide = country.region_value(country.header.country, variable)
        values[variable] = np.array([wide.value])
    for change in changes:
        held = values[change.variable]
        there = np.array([change.touches(place.place, place.region) for place in places])
        moved = np.clip(change.of(held), *allowed(country, change.variable))
        values[change.variable] = np.where(there, moved, held)
    return values


def with_changes(
    draws: Draws, numbers: tuple[Number, ...], changes: Sequence[ParameterChange]
) -> Draws:
    """Return draws with declared changes of parameters, clipped to the range of each.

    A parameter that the user or the account holds fixed keeps its value.

    Parameters
    ----------
    draws : Draws
        Left as they are.
    numbers : tuple of Number
        Every parameter of the scenario, in the order of the draws.
    changes : sequence of ParameterChange
        Made one after the other.
    """
    if not changes:
        return draws
    values = draws.parameters.copy()
    column = {number.name: k for k, number in enumerate(numbers)}
    for change in changes:
        k = column[change.parameter]
        if numbers[k].prior is not None:
            declared = numbers[k].declared
            values[:, k] = np.clip(change.of(values[:, k]), declared.low, declared.high)
    return replace(draws, parameters=values)
