"""One mechanism at a time, in the small country: a test sets what it needs, then looks."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from qantar.base.arrays import Numbers
from qantar.model.hour import initial_state
from qantar.model.state import Action, Environment, State
from qantar.rng import Key, key_of
from qantar.simulate.parameters import parameter_record
from qantar.simulate.scenario import Scenario, make_scenario

KEY: Key = key_of(1, 0)
SURELY = 4.5
"""Standard deviations that chance exceeds once in a hundred thousand times."""


@cache
def scenario() -> Scenario:
    """Return the small country with every parameter at its middle."""
    return make_scenario("spring-unrest", pack="template", belief="middle")


def world(*, country: dict[str, Any] | None = None, **static: Any) -> tuple[Environment, State]:
    """Return the environment, with some attributes set, and the state before the first hour.

    Parameters
    ----------
    country : dict, optional
        Attributes of the whole country, such as `reserve`.
    static
        Attributes of places: a value for all or one for each.
    """
    environment = scenario().environment
    land = environment.places.copy()
    for name, values in static.items():
        environment.of_places(land[name])[:] = values
    environment = environment._replace(places=land, **(country or {}))
    return environment, initial_state(environment)


def parameters(mechanism: str, **changed: float) -> Any:
    """Return the parameters of a mechanism, at their middle but for those that are changed."""
    middle = parameter_record(np.array([number.value for number in scenario().numbers]))
    record = middle[0][mechanism].copy()
    for name, value in changed.items():
        record[name] = value
    return record


def put(environment: Environment, state: State, **fields: Any) -> None:
    """Set fields of all places, to one value or one for each."""
    for name, values in fields.items():
        environment.of_places(state.places[name])[:] = values


def of(environment: Environment, state: State, name: str) -> Numbers:
    """Return a copy of a field, one value for each place."""
    return np.array(environment.of_places(state.places[name]), float)


def order(environment: Environment, state: State, kind: Action, level: Any = 1.0) -> None:
    """Put an action in force, everywhere or to a level for each place."""
    environment.of_places(state.places["in_force"][int(kind)])[:] = level


def gather(environment: Environment, state: State, stance: str, number: int) -> None:
    """Give every cohort that is large enough so many people of a stance, taken from the quiet."""
    people = environment.of_cohorts(state.people[stance])
    quiet = environment.of_cohorts(state.people["quiet"])
    able = quiet >= number
    people[able] += number
    quiet[able] -= number


def everyone(environment: Environment, state: State, stance: str) -> Numbers:
    """Return how many people of a stance there are in each place."""
    return np.array(environment.of_cohorts(state.people[stance]).sum(axis=1), float)
