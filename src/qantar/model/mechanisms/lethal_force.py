"""Lethal force: people are shot when armed forces confront violence, and in rare firings.

Police and soldiers are issued live ammunition some hours after a state building has been stormed
there. They fire on militants, and protesters next to them are hit as well. This is an assumption of
the model. Wounded per death are known (Coupland and Meddings 1999; Eurasianet 2011). Deaths result
from encounters, not from orders: people were shot in the head or chest without an order in Iraq
(Government of Iraq 2019). No study was found on a shoot order or an emergency; they act only
through their weights on the lethality of an encounter, which may be zero or negative.

A firing is something else: outnumbered forces open fire on a crowd that has taken nothing, as in
2011. It is rare and hits many at once, so it is an event with a size and not a small hazard of
everyone. What the state learned from 2011 makes it rarer: an assumption that rests on one event.

A shutdown does not change lethality here, although less internet went with more untargeted killing
in Syria (Gohdes 2020).
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled, inlined
from qantar.model.mechanism import Field, Mechanism, Variable, stream
from qantar.model.state import Action, Environment, State
from qantar.rng import Key, binomial, move_affected, set_same_risk, uniform, uniforms
from qantar.rng.elementary import exp, expm1, log

_ORDER = int(Action.SHOOT_ORDER)
_EMERGENCY = int(Action.EMERGENCY)
_WITHDRAWAL = int(Action.WITHDRAWAL)
_HIT = stream("lethal_force.hit")
_DEATH = stream("lethal_force.death")
_FIRING = stream("lethal_force.firing")
_SIZE = stream("lethal_force.size")


class Parameters(NamedTuple):
    """Parameters of lethality: rates per hour, weights in log units, persons shot in a firing."""

    rate: float
    arming: float
    wounds_per_death: float
    spill: float
    by_soldiers: float
    by_lost_control: float
    by_emergency: float
    by_shoot_order: float
    firing_rate: float
    firing_size: float
    restraint: float


@compiled
def set_risks(state: State, environment: Environment, p: Parameters, key: Key, hour: int) -> None:
    """Set the hazards of being shot, of militants and of protesters."""
    places = state.places
    of_militants, of_others = state.draws.hazard, state.draws.other
    any_harm = 1.0 + p.wounds_per_death
    for i in range(environment.place_count):
        places.new_deaths[i] = 0.0
        crowd = places.crowd[i]
        officers = places.officers[i]
        if places.buildings_attacked[i] > 0:
            places.armed[i] += min(1.0 / p.arming, 1.0) * (1.0 - places.armed[i])
        there = 1.0 - places.in_force[_WITHDRAWAL, i]
        soldiers = places.reinforcement[i] * there / (officers + 1.0)
        lethality = (
            places.armed[i]
            * p.rate
            * exp(
                p.by_soldiers * soldiers
                + p.by_lost_control * (1.0 - places.control[i])
                + p.by_emergency * places.in_force[_EMERGENCY, i]
                + p.by_shoot_order * places.in_force[_ORDER, i]
            )
        )
        militant_risk = any_harm * lethality * officers / (officers + places.militants[i] + 1.0)
        fired = _firing(state, environment, p, key, hour, i) / crowd if crowd >= 1.0 else 0.0
        exposure = p.spill * places.militants[i] / crowd
        of_militants[i] = militant_risk + fired if crowd >= 1.0 else 0.0
        of_others[i] = militant_risk * exposure + fired if crowd >= 1.0 else 0.0


@inlined
def _firing(
    state: State, environment: Environment, p: Parameters, key: Key, hour: int, i: int
) -> float:
    """Return how many people a firing on the crowd of one place hits this hour; mostly none."""
    places = state.places
    crowd = places.crowd[i]
    outnumbered = crowd / (crowd + places.officers[i] + 1.0)
    restraint = exp(-p.restraint * environment.learned_restraint)
    chance = -expm1(-p.firing_rate * places.force[i] * outnumbered * restraint)
    place = environment.places.place_id[i]
    hit = 0.0
    if chance > 0.0 and uniform(key, _FIRING, place, 0, hour) < chance:
        hit = -p.firing_size * log(uniform(key, _SIZE, place, 0, hour))
    shot: float = min(hit, crowd)
    return shot


@compiled
def shoot(state: State, environment: Environment, p: Parameters, key: Key, hour: int) -> None:
    """Draw the dead and wounded among militants and protesters this hour."""
    places = state.places
    people = state.people
    static = environment.places
    ids = environment.groups.group_id
    draws = state.draws
    set_risks(state, environment, p, key, hour)
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
    title="Armed forces kill militants and people next to them, and rarely fire on a crowd",
    references=("coupland1999", "eurasianet2011", "iraq2019", "gohdes2020"),
    parameters=Parameters,
    fields=(
        Field("armed", "share", 0, 1, 0, "share of the officers who have live ammunition"),
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
