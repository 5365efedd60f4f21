"""Reinforcement: under emergency, mobile forces move to where control is lost.

Foreign troops guard sites and free the country's own forces. How many is contested: the number may
be zero, or negative if their arrival ties forces down.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
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
    in_force = state.in_force
    static_places = environment.places
    need = 0.0
    troops = 0.0
    for i in range(static_places.size):
        need += _need(state, environment, p, i)
        troops = max(troops, in_force[_TROOPS, i])
    if need <= 0.0:
        return
    freed = p.freed_by_foreign_troops * environment.foreign_troops * troops
    strength = max(0.0, environment.reserve + freed)
    for i in range(static_places.size):
        here = places[i]
        due = strength * _need(state, environment, p, i) / need
        here.reinforcement += p.pace * (due - here.reinforcement)


@compiled
def _need(state: State, environment: Environment, p: Parameters, i: int) -> float:
    """Return the need of one place for mobile forces: lost control over a seat of power.

    No forces are sent where they are ordered to withdraw.
    """
    places = state.places
    in_force = state.in_force
    static_places = environment.places
    here = places[i]
    static = static_places[i]
    claim = static.police * (1.0 - here.control) + here.militants
    weight = (1.0 - p.seat_priority) + p.seat_priority * static.seat
    sent = in_force[_EMERGENCY, i] * (1.0 - in_force[_WITHDRAWAL, i])
    return float(sent * claim * weight)


MECHANISM = Mechanism(
    name="reinforcement",
    title="Mobile forces, and those freed by foreign troops, move to where control is lost",
    references=("davenport2007", "svolik2012"),
    parameters=Parameters,
    fields=(Field("reinforcement", "persons", 0, math.inf, 0, "mobile forces in the place"),),
    terms={"reinforcement": Mediator.CONTROL},
    hour=deploy,
)
