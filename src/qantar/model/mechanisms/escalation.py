"""Escalation: some protesters turn violent, more where force provokes them.

The hazard depends on police force (Lichbach 1987), the anonymity of a large crowd and the militancy
of each group; experience of earlier protest lowers it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, Mechanism, Step, stream
from qantar.model.mediators import Mediator
from qantar.model.state import Environment, State
from qantar.rng import Key, binomial_hazard, uniforms

_DRAW = stream("escalation")


class Parameters(NamedTuple):
    """Parameters of escalation: rate per hour, weights in log units."""

    rate: float
    by_force: float
    by_lost_control: float
    by_regime_demand: float
    discipline: float
    anonymity_half: float


@compiled
def set_provocation(state: State, environment: Environment, p: Parameters) -> None:
    """Set the hazard of spontaneously turning violent."""
    places = state.places
    static_places = environment.places
    for i in range(static_places.size):
        here = places[i]
        static = static_places[i]
        provoked = (
            p.by_force * here.force
            + p.by_lost_control * (1.0 - here.control)
            + p.by_regime_demand * here.regime_demand
            - p.discipline * static.experience
        )
        anonymous = here.crowd / (here.crowd + p.anonymity_half)
        here.provocation = p.rate * anonymous * math.exp(provoked)


@compiled
def turn_violent(state: State, environment: Environment, key: Key, hour: int) -> None:
    """Draw which protesters turn violent, from all causes together."""
    places = state.places
    people = state.people
    draws = state.draws
    static_places = environment.places
    groups = environment.groups
    group_ids = environment.group_id
    for i in range(static_places.size):
        here = places[i]
        hazard = here.provocation + here.instigation
        if here.crowd < 1.0 or hazard <= 0.0:
            continue
        uniforms(draws, key, _DRAW, static_places[i].place_id, group_ids, hour)
        for g in range(groups.size):
            cohort = people[i, g]
            n = binomial_hazard(cohort.protesting, hazard * groups[g].militancy, draws[g])
            cohort.protesting -= n
            cohort.militant += n


MECHANISM = Mechanism(
    name="escalation",
    title="Force and loss of control turn some protesters violent; experience restrains them",
    references=("lichbach1987", "davies2013"),
    parameters=Parameters,
    fields=(
        Field(
            "provocation",
            "per hour",
            0,
            math.inf,
            0,
            "hazard of spontaneously turning violent",
        ),
    ),
    terms={"provocation": Mediator.PROVOCATION},
    hour=set_provocation,
)

TURN_VIOLENT = Step(
    name="turn_violent",
    title="Protesters turn violent, from all causes together",
    hour=turn_violent,
)
