"""Anger: force, deaths, a shutdown and foreign troops can bring people out.

Repression can escalate dissent (Lichbach 1987; Francisco 1995; Carey 2006). Weights on which
scholars or sources disagree may be zero or negative.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, Mechanism
from qantar.model.mediators import Mediator
from qantar.model.state import Action, Environment, State
from qantar.rng.elementary import expm1, log1p

_SHUTDOWN = int(Action.SHUTDOWN)
_TROOPS = int(Action.FOREIGN_TROOPS)
_ORDER = int(Action.SHOOT_ORDER)


class Parameters(NamedTuple):
    """Parameters of anger, in log units of the hazard of joining."""

    memory: float
    by_force: float
    by_deaths: float
    by_shutdown: float
    by_foreign_troops: float
    by_shoot_order: float


@compiled
def update_anger(state: State, environment: Environment, p: Parameters) -> None:
    """Move anger towards the level that the events of the hour cause."""
    places = state.places
    share = -expm1(-1.0 / p.memory)
    for i in range(environment.place_count):
        reason = (
            p.by_force * places.force[i]
            + p.by_deaths * log1p(places.new_deaths[i])
            + p.by_shutdown * places.in_force[_SHUTDOWN, i]
            + p.by_foreign_troops * places.in_force[_TROOPS, i]
            + p.by_shoot_order * places.in_force[_ORDER, i]
        )
        places.anger[i] += share * (reason - places.anger[i])


MECHANISM = Mechanism(
    name="anger",
    title="Force, deaths, a shutdown and foreign troops can anger people into protest",
    references=("lichbach1987", "francisco1995", "carey2006", "hassanpour2014"),
    parameters=Parameters,
    fields=(
        Field(
            "anger",
            "log units",
            -math.inf,
            math.inf,
            0,
            "effect on the hazard of joining; may be negative",
        ),
    ),
    terms={"anger": Mediator.ANGER},
    hour=update_anger,
)
