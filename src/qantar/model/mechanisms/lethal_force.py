"""Lethal force: people are shot when armed forces confront a crowd.

Militants are at the highest risk, protesters next to them at a lower one, and force can kill where
nobody attacked, as in 2011. Deaths result from encounters, not from orders: a shoot order acts only
through its weight on the lethality of an encounter, which may be zero or negative.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, Mechanism, Variable, stream
from qantar.model.state import Action, Environment, State, officers_in
from qantar.rng import Key, binomial, binomial_hazard, uniform, uniforms
from qantar.rng.elementary import exp

_ORDER = int(Action.SHOOT_ORDER)
_EMERGENCY = int(Action.EMERGENCY)
_HIT = stream("lethal_force.hit")
_DEATH = stream("lethal_force.death")


class Parameters(NamedTuple):
    """Parameters of lethality: rates per hour of a full encounter, weights in log units."""

    rate: float
    wounds_per_death: float
    spill: float
    unprovoked: float
    by_lost_control: float
    by_emergency: float
    by_shoot_order: float


@compiled
def shoot(state: State, environment: Environment, p: Parameters, key: Key, hour: int) -> None:
    """Draw the dead and wounded among militants and protesters this hour."""
    places = state.places
    people = state.people
    static = environment.places
    draws = state.draws
    ids = environment.groups.group_id
    wounding = p.wounds_per_death
    for i in range(environment.place_count):
        places.new_deaths[i] = 0.0
        crowd = places.crowd[i]
        if crowd < 1.0:
            continue
        officers = officers_in(state, environment, i)
        lethality = p.rate * exp(
            p.by_lost_control * (1.0 - places.control[i])
            + p.by_emergency * places.in_force[_EMERGENCY, i]
            + p.by_shoot_order * places.in_force[_ORDER, i]
        )
        militant_risk = lethality * officers / (officers + places.militants[i] + 1.0)
        exposure = p.spill * places.militants[i] / crowd
        peaceful_risk = militant_risk * (exposure + p.unprovoked * places.force[i])
        uniforms(draws, key, _HIT, static.place_id[i], hour)
        for g in range(environment.group_count):
            # One uniform number for both stances: losses within a cohort are correlated.
            militants = binomial_hazard(
                people.militant[i, g], militant_risk * (1.0 + wounding), draws.uniform[g]
            )
            others = binomial_hazard(
                people.protesting[i, g], peaceful_risk * (1.0 + wounding), draws.uniform[g]
            )
            if militants + others == 0:
                continue
            people.militant[i, g] -= militants
            people.protesting[i, g] -= others
            v = uniform(key, _DEATH, static.place_id[i], ids[g], hour)
            dead = binomial(militants + others, 1.0 / (1.0 + wounding), v)
            people.dead[i, g] += dead
            people.wounded[i, g] += militants + others - dead
            places.new_deaths[i] += dead


MECHANISM = Mechanism(
    name="lethal_force",
    title="Armed forces kill militants, protesters next to them, and peaceful protesters",
    references=("davenport2007", "lichbach1987"),
    parameters=Parameters,
    fields=(
        Field(
            "new_deaths",
            "persons",
            0,
            math.inf,
            0,
            "killed in the last hour, without police and soldiers",
        ),
    ),
    records=(
        Variable("wounded", "persons", "wounded so far", stance="wounded"),
        Variable("deaths", "persons", "killed so far, without police and soldiers", stance="dead"),
    ),
    hour=shoot,
)
