"""Reinforcement: under emergency, mobile forces move to where control is lost.

Foreign troops guard sites and free the country's own forces. How many is contested: the number may
be zero, or negative if their arrival ties forces down.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled, inlined
from qantar.model.mechanism import Field, Mechanism
from qantar.model.mediators import Mediator
from qantar.model.state import Action, Environment, State

_EMERGENCY = int(Action.EMERGENCY)
_TROOPS = int(Action.FOREIGN_TROOPS)
_WITHDRAWAL = int(Action.WITHDRAWAL)


class Parameters(NamedTuple):
    """Parameters of the deployment of mobile forces."""

    pace: float
    freed_by_foreign_troops: float
    seat_priority: float


@compiled
def deploy(state: State, environment: Environment, p: Parameters) -> None:
    """Move mobile forces towards the places that need them, by one hour."""
    places = state.places
    need = 0.0
    troops = 0.0
    for i in range(environment.place_count):
        need += _need(state, environment, p, i)
        troops = max(troops, places.in_force[_TROOPS, i])
    if need <= 0.0:
        return
    freed = p.freed_by_foreign_troops * environment.foreign_troops * troops
    strength = max(0.0, environment.reserve + freed)
    for i in range(environment.place_count):
        due = strength * _need(state, environment, p, i) / need
        places.reinforcement[i] += p.pace * (due - places.reinforcement[i])


@inlined
def _need(state: State, environment: Environment, p: Parameters, i: int) -> float:
    """Return the need of one place for mobile forces: lost control over a seat of power.

    No forces are sent where they are ordered to withdraw.
    """
    places = state.places
    static = environment.places
    claim = static.police[i] * (1.0 - places.control[i]) + places.militants[i]
    weight = (1.0 - p.seat_priority) + p.seat_priority * static.seat[i]
    sent = places.in_force[_EMERGENCY, i] * (1.0 - places.in_force[_WITHDRAWAL, i])
    need: float = sent * claim * weight
    return need


MECHANISM = Mechanism(
    name="reinforcement",
    title="Mobile forces, and those freed by foreign troops, move to where control is lost",
    references=("davenport2007", "svolik2012"),
    parameters=Parameters,
    fields=(Field("reinforcement", "persons", 0, math.inf, 0, "mobile forces in the place"),),
    terms={"reinforcement": Mediator.CONTROL},
    hour=deploy,
)
