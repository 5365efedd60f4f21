"""Escalation: some protesters turn violent, more where force provokes and few hold them back.

Force met with force (Lichbach 1987), the anonymity of a large crowd, the poverty of a lost
generation, and, against it, the discipline of those who have protested before.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, Mechanism, Step, stream
from qantar.model.mediators import Mediator
from qantar.model.state import Environment, State
from qantar.rng import Key, exposed, uniforms

_DRAW = stream("escalation")


class Parameters(NamedTuple):
    """Numbers of escalation (rate per hour; the rest in log units)."""

    rate: float
    by_force: float
    by_lost_control: float
    by_regime_demand: float
    discipline: float
    anonymity_half: float


@compiled
def provoke(state: State, environment: Environment, p: Parameters) -> None:
    """Set the hazard at which a crowd's own course turns protesters violent."""
    places = state.places
    homes = environment.places
    for i in range(homes.size):
        here = places[i]
        home = homes[i]
        provoked = (
            p.by_force * here.force
            + p.by_lost_control * (1.0 - here.control)
            + p.by_regime_demand * here.regime_demand
            - p.discipline * home.experience
        )
        anonymous = here.crowd / (here.crowd + p.anonymity_half)
        here.provocation = p.rate * anonymous * math.exp(provoked)


@compiled
def turn_violent(state: State, environment: Environment, key: Key, hour: int) -> None:
    """Draw which protesters turn violent, from every cause together."""
    places = state.places
    people = state.people
    luck = state.luck
    homes = environment.places
    groups = environment.groups
    group_ids = environment.group_id
    for i in range(homes.size):
        here = places[i]
        hazard = here.provocation + here.instigation
        if here.crowd < 1.0 or hazard <= 0.0:
            continue
        uniforms(luck, key, _DRAW, homes[i].place_id, group_ids, hour)
        for g in range(groups.size):
            who = people[i, g]
            n = exposed(who.protesting, hazard * groups[g].militancy, luck[g])
            who.protesting -= n
            who.militant += n


MECHANISM = Mechanism(
    name="escalation",
    title="Force and lost order turn some of a crowd violent; experience restrains it",
    references=("lichbach1987", "davies2013"),
    parameters=Parameters,
    fields=(
        Field(
            "provocation",
            "per hour",
            0,
            math.inf,
            0,
            "hazard of turning violent by the crowd's own course",
        ),
    ),
    terms={"provocation": Mediator.PROVOCATION},
    hour=provoke,
)

TURN_VIOLENT = Step(
    name="turn_violent",
    title="Protesters turn violent, from every cause together",
    hour=turn_violent,
)
