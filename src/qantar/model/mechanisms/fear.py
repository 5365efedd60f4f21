"""Fear: repression of others keeps people at home.

Deterrence by force, by deaths near and far, and by the orders themselves (Moore 1998; Pierskalla
2010; Siegel 2011). The effect of an order by itself is contested: these weights may be zero or
negative.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, Mechanism
from qantar.model.mediators import Mediator
from qantar.model.state import Action, Environment, State
from qantar.rng.elementary import exp, log1p

_EMERGENCY = int(Action.EMERGENCY)
_TROOPS = int(Action.FOREIGN_TROOPS)
_ORDER = int(Action.SHOOT_ORDER)


class Parameters(NamedTuple):
    """Parameters of fear, in log units of the hazard of joining."""

    memory: float
    by_force: float
    by_deaths: float
    by_distant_deaths: float
    by_emergency: float
    by_foreign_troops: float
    by_shoot_order: float


@compiled
def update_fear(state: State, environment: Environment, p: Parameters) -> None:
    """Decay fear and add the effect of the events of the hour."""
    places = state.places
    kept = exp(-1.0 / p.memory)
    everywhere = 0.0
    for i in range(environment.place_count):
        everywhere += places.new_deaths[i]
    for i in range(environment.place_count):
        near = log1p(places.new_deaths[i])
        far = log1p(everywhere - places.new_deaths[i])
        orders = (
            p.by_emergency * places.in_force[_EMERGENCY, i]
            + p.by_foreign_troops * places.in_force[_TROOPS, i]
            + p.by_shoot_order * places.in_force[_ORDER, i]
        )
        events = p.by_deaths * near + p.by_distant_deaths * far + p.by_force * places.force[i]
        places.fear[i] = kept * places.fear[i] + (1.0 - kept) * orders + events


MECHANISM = Mechanism(
    name="fear",
    title="Force, deaths and orders keep people at home",
    references=("moore1998", "pierskalla2010", "siegel2011"),
    parameters=Parameters,
    fields=(
        Field(
            "fear",
            "log units",
            -math.inf,
            math.inf,
            0,
            "reduction of the hazard of joining; may be negative",
        ),
    ),
    terms={"fear": Mediator.FEAR},
    hour=update_fear,
)
