"""Escalation: some protesters turn violent, more where force provokes them.

Dissidents whose peaceful tactic is repressed turn to violence (Moore 1998; Lichbach 1987; Francisco
1995). In the model force provokes those who outnumber the police, and not those whom police
outnumber. The anonymity of a large crowd, the seat of power that it faces, demand against the
regime, and the discipline of experience and of organised workers are assumptions of the model.
Riots are worse where young people are deprived (Bonnasse-Gahot et al. 2018); the militancy of each
group stands for this.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, Mechanism, Step, stream
from qantar.model.mediators import Mediator
from qantar.model.state import Environment, State
from qantar.rng import Key, move_affected, uniforms
from qantar.rng.elementary import exp

_DRAW = stream("escalation")


class Parameters(NamedTuple):
    """Parameters of escalation: rate per hour, weights in log units."""

    rate: float
    by_force: float
    by_lost_control: float
    by_seat: float
    by_regime_demand: float
    discipline: float
    organised: float
    anonymity_half: float


@compiled
def set_provocation(state: State, environment: Environment, p: Parameters) -> None:
    """Set the hazard of spontaneously turning violent."""
    places = state.places
    static = environment.places
    for i in range(environment.place_count):
        crowd = places.crowd[i]
        outnumbering = crowd / (crowd + places.officers[i] + 1.0)
        lost = 1.0 - places.control[i]
        provoked = (
            p.by_force * places.force[i] * outnumbering
            + p.by_lost_control * lost * lost
            + p.by_seat * static.seat[i]
            + p.by_regime_demand * places.regime_demand[i]
            - p.discipline * static.experience[i]
            - p.organised * static.organised[i]
        )
        large = crowd / (crowd + p.anonymity_half)
        places.provocation[i] = p.rate * large * math.sqrt(large) * exp(provoked)


@compiled
def turn_violent(state: State, environment: Environment, key: Key, hour: int) -> None:
    """Draw which protesters turn violent, from all causes together."""
    places = state.places
    people = state.people
    groups = environment.groups
    draws = state.draws
    hazard = draws.hazard
    for i in range(environment.place_count):
        both = places.provocation[i] + places.instigation[i]
        hazard[i] = both if places.crowd[i] >= 1.0 else 0.0
    at_risk = uniforms(draws, hazard, key, _DRAW, environment.places.place_id, hour)
    for g in range(environment.group_count):
        for k in range(at_risk):
            draws.risk[g, k] = hazard[draws.place[k]] * groups.militancy[g]
    move_affected(draws, people.protesting, people.militant, places.crowd, at_risk)


MECHANISM = Mechanism(
    name="escalation",
    title="Force and loss of control turn some protesters violent; experience restrains them",
    references=("moore1998", "lichbach1987", "francisco1995", "bonnasse2018"),
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
