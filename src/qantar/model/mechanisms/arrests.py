"""Arrests: in the street while force is used, and in sweeps once control is regained.

Officers can arrest only so many people per hour, so mass detention lags behind the protest.
"""

from __future__ import annotations

from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Mechanism, Variable, stream
from qantar.model.state import Action, Environment, State, officers_in
from qantar.rng import Key, binomial_hazard, uniforms

_EMERGENCY = int(Action.EMERGENCY)
_STREET = stream("arrests.street")
_SWEEP = stream("arrests.sweep")


class Parameters(NamedTuple):
    """Arrests per officer and hour, in the street and in sweeps."""

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
    in_force = state.in_force
    draws = state.draws
    static_places = environment.places
    group_ids = environment.group_id
    for i in range(static_places.size):
        here = places[i]
        static = static_places[i]
        gone = 0
        for g in range(draws.size):
            gone += people[i, g].withdrawn
        if here.crowd < 1.0 and gone == 0:
            continue
        officers = officers_in(state, environment, i)
        street = p.street_capacity * officers * here.force / (here.crowd + officers)
        zeal = p.sweep_under_emergency * in_force[_EMERGENCY, i]
        if here.buildings_attacked == 0:
            zeal *= p.sweep_after_peace
        sweep = p.sweep_capacity * officers * zeal * here.control / (gone + officers)
        if here.crowd >= 1.0 and street > 0.0:
            uniforms(draws, key, _STREET, static.place_id, group_ids, hour)
            for g in range(draws.size):
                cohort = people[i, g]
                # One uniform number for both stances keeps twins close.
                peaceful = binomial_hazard(cohort.protesting, street, draws[g])
                violent = binomial_hazard(cohort.militant, street, draws[g])
                cohort.protesting -= peaceful
                cohort.militant -= violent
                cohort.detained += peaceful + violent
        if gone > 0 and sweep > 0.0:
            uniforms(draws, key, _SWEEP, static.place_id, group_ids, hour)
            for g in range(draws.size):
                cohort = people[i, g]
                n = binomial_hazard(cohort.withdrawn, sweep, draws[g])
                cohort.withdrawn -= n
                cohort.detained += n


MECHANISM = Mechanism(
    name="arrests",
    title="Police arrest people in the street, and in sweeps once control is regained",
    references=("davenport2007", "moore1998"),
    parameters=Parameters,
    records=(Variable("detained", "persons", "detained so far", stance="detained"),),
    hour=make_arrests,
)
