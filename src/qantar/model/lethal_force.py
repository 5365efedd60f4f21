"""Lethal force: who is shot when armed forces and militants meet, and who stands beside them.

Deaths follow encounters, not orders: a shoot order works only through the weight it is given on
the lethality of an encounter, which may be zero or negative.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.chance import Key, exposed, uniform
from qantar.compiled import compiled
from qantar.model.actions import Action
from qantar.model.mechanism import Mechanism, stream
from qantar.model.state import Ground, Record, State

_ORDER = int(Action.SHOOT_ORDER)
_EMERGENCY = int(Action.EMERGENCY)
_MILITANT_DEATH = stream("lethal_force.militant.death")
_MILITANT_WOUND = stream("lethal_force.militant.wound")
_PROTESTER_DEATH = stream("lethal_force.protester.death")
_PROTESTER_WOUND = stream("lethal_force.protester.wound")


class Parameters(NamedTuple):
    """Numbers of lethality (rates per hour of a full encounter; the rest in log units)."""

    rate: float
    wounds_per_death: float
    spill: float
    by_lost_control: float
    by_emergency: float
    by_shoot_order: float


@compiled
def shoot(state: State, ground: Ground, p: Parameters, key: Key, hour: int) -> None:
    """Draw the dead and wounded among militants and protesters this hour."""
    places = state.places
    in_force = state.in_force
    homes = ground.places
    for i in range(homes.size):
        here = places[i]
        home = homes[i]
        here.new_deaths = 0.0
        if here.militants < 1.0:
            continue
        officers = home.police * here.control + here.reinforcement
        meeting = officers / (officers + here.militants)
        lethality = p.rate * math.exp(
            p.by_lost_control * (1.0 - here.control)
            + p.by_emergency * in_force[_EMERGENCY, i]
            + p.by_shoot_order * in_force[_ORDER, i]
        )
        beside = p.spill * here.militants / here.crowd
        _hit(state, ground, p, key, hour, i, lethality * meeting, beside)


@compiled
def _hit(
    state: State,
    ground: Ground,
    p: Parameters,
    key: Key,
    hour: int,
    i: int,
    rate: float,
    beside: float,
) -> None:
    """Move the dead and the wounded of one place."""
    places = state.places
    people = state.people
    homes = ground.places
    groups = ground.groups
    group_ids = ground.group_id
    here = places[i]
    place_id = homes[i].place_id
    wounding = p.wounds_per_death
    for g in range(groups.size):
        who = people[i, g]
        group_id = group_ids[g]
        if who.militant > 0:
            u = uniform(key, _MILITANT_DEATH, place_id, group_id, hour)
            v = uniform(key, _MILITANT_WOUND, place_id, group_id, hour)
            dead = exposed(who.militant, rate, u)
            hurt = exposed(who.militant - dead, rate * wounding, v)
            who.militant -= dead + hurt
            _fall(here, who, dead, hurt)
        if who.protesting > 0:
            u = uniform(key, _PROTESTER_DEATH, place_id, group_id, hour)
            v = uniform(key, _PROTESTER_WOUND, place_id, group_id, hour)
            dead = exposed(who.protesting, rate * beside, u)
            hurt = exposed(who.protesting - dead, rate * beside * wounding, v)
            who.protesting -= dead + hurt
            _fall(here, who, dead, hurt)


@compiled
def _fall(here: Record, who: Record, dead: int, hurt: int) -> None:
    """Count the dead and the wounded."""
    who.dead += dead
    who.wounded += hurt
    here.new_deaths += dead


MECHANISM = Mechanism(
    name="lethal_force",
    title="Armed forces kill where they meet militants, and kill those who stand beside them",
    references=("davenport2007", "lichbach1987"),
    asserted=("seed-001:p4", "seed-001:p5", "seed-003:chronology", "seed-004:p5", "seed-002:p4"),
    denied=(),
    parameters=Parameters,
)
