"""Arrests: in the street while force is used, and by investigation once control is regained.

In the street arrests follow the number of officers over the crowd; arrests per officer and hour are
of the order of Detroit 1967 (Detroit Free Press 2017), and few where a wave is mostly peaceful
(Turkish police 2013). All police of a place look for people who were out, whether they face a crowd
or not, so detention goes on after the streets are empty, as in Hong Kong (South China Morning Post
2021); they find only so many per hour, which is an assumption of the model.
"""

from __future__ import annotations

from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Mechanism, Variable, stream
from qantar.model.state import Action, Environment, State, add_up
from qantar.rng import Key, move_affected, set_same_risk, uniforms
from qantar.rng.elementary import exp

_EMERGENCY = int(Action.EMERGENCY)
_STREET = stream("arrests.street")
_SWEEP = stream("arrests.sweep")


class Parameters(NamedTuple):
    """Arrests per officer and hour, in the street and by investigation; weight of an emergency."""

    street_capacity: float
    sweep_capacity: float
    sweep_under_emergency: float
    sweep_after_peace: float


@compiled
def make_arrests(
    state: State, environment: Environment, p: Parameters, key: Key, hour: int
) -> None:
    """Draw who is detained this hour, in the street and in sweeps."""
    places = state.places
    people = state.people
    draws = state.draws
    street, sweep = draws.hazard, draws.other
    add_up(sweep, people.withdrawn, environment.group_count, environment.place_count)
    for i in range(environment.place_count):
        crowd = places.crowd[i]
        gone = sweep[i]
        officers = places.officers[i]
        investigators = environment.places.investigators[i]
        caught = p.street_capacity * officers * places.force[i] / (crowd + officers)
        street[i] = caught if crowd >= 1.0 else 0.0
        zeal = exp(p.sweep_under_emergency * places.in_force[_EMERGENCY, i])
        zeal *= p.sweep_after_peace if places.buildings_attacked[i] == 0 else 1.0
        found = p.sweep_capacity * investigators * zeal * places.control[i] / (gone + investigators)
        sweep[i] = found if gone > 0.0 else 0.0
    at_risk = uniforms(draws, street, key, _STREET, environment.places.place_id, hour)
    set_same_risk(draws, street, at_risk)
    move_affected(draws, people.protesting, people.detained, places.crowd, at_risk)
    # The same uniform numbers for both stances keep twins close.
    move_affected(draws, people.militant, people.detained, places.militants, at_risk)
    at_risk = uniforms(draws, sweep, key, _SWEEP, environment.places.place_id, hour)
    set_same_risk(draws, sweep, at_risk)
    move_affected(draws, people.withdrawn, people.detained, sweep, at_risk)


MECHANISM = Mechanism(
    name="arrests",
    title="Police arrest people in the street, and in sweeps once control is regained",
    references=("freep2017", "scmp2021", "bianet2013"),
    parameters=Parameters,
    records=(Variable("detained", "persons", "detained so far", stance="detained"),),
    hour=make_arrests,
)
