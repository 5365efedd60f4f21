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
from qantar.rng import Key, binomial, move_affected, set_same_risk, uniform, uniforms
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
def set_risks(state: State, environment: Environment, p: Parameters) -> None:
    """Set the hazards of being shot dead or wounded of militants and of protesters."""
    places = state.places
    of_militants, of_others = state.draws.hazard, state.draws.other
    any_harm = 1.0 + p.wounds_per_death
    for i in range(environment.place_count):
        places.new_deaths[i] = 0.0
        crowd = places.crowd[i]
        officers = officers_in(state, environment, i)
        lethality = p.rate * exp(
            p.by_lost_control * (1.0 - places.control[i])
            + p.by_emergency * places.in_force[_EMERGENCY, i]
            + p.by_shoot_order * places.in_force[_ORDER, i]
        )
        militant_risk = lethality * officers / (officers + places.militants[i] + 1.0)
        exposure = p.spill * places.militants[i] / crowd
        peaceful_risk = militant_risk * (exposure + p.unprovoked * places.force[i])
        of_militants[i] = militant_risk * any_harm if crowd >= 1.0 else 0.0
        of_others[i] = peaceful_risk * any_harm if crowd >= 1.0 else 0.0


@compiled
def shoot(state: State, environment: Environment, p: Parameters, key: Key, hour: int) -> None:
    """Draw the dead and wounded among militants and protesters this hour."""
    places = state.places
    people = state.people
    static = environment.places
    ids = environment.groups.group_id
    draws = state.draws
    set_risks(state, environment, p)
    draws.able[:] = 0
    at_risk = uniforms(draws, draws.hazard, key, _HIT, static.place_id, hour)
    # The same uniform numbers for both stances: losses within a cohort are correlated.
    set_same_risk(draws, draws.hazard, at_risk)
    hit = move_affected(draws, people.militant, draws.able, places.militants, at_risk)
    set_same_risk(draws, draws.other, at_risk)
    hit += move_affected(draws, people.protesting, draws.able, places.crowd, at_risk)
    if hit == 0:
        return
    for g in range(environment.group_count):
        for i in range(environment.place_count):
            hit = draws.able[g, i]
            if hit > 0:
                v = uniform(key, _DEATH, static.place_id[i], ids[g], hour)
                dead = binomial(hit, 1.0 / (1.0 + p.wounds_per_death), v)
                people.dead[g, i] += dead
                people.wounded[g, i] += hit - dead
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
