"""Fear: repression of others keeps people at home.

Deterrence by force, by deaths near and far, by soldiers in the street and by the orders themselves
(Moore 1998; Pierskalla 2010; Siegel 2011). Fear and anger respond to the same events on the same
scale, each with its own memory. The effect of an order by itself is contested: these weights may be
zero or negative.
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
_WITHDRAWAL = int(Action.WITHDRAWAL)


class Parameters(NamedTuple):
    """Parameters of fear, in log units of turnout."""

    memory: float
    by_force: float
    by_deaths: float
    by_distant_deaths: float
    by_soldiers: float
    by_emergency: float
    by_foreign_troops: float
    by_shoot_order: float


@compiled
def update_fear(state: State, environment: Environment, p: Parameters) -> None:
    """Update fear: of what is there now, and of force and deaths that are remembered."""
    places = state.places
    kept = exp(-1.0 / p.memory)
    everywhere = 0.0
    for i in range(environment.place_count):
        places.deaths_feared[i] = kept * places.deaths_feared[i] + places.new_deaths[i]
        everywhere += places.deaths_feared[i]
    for i in range(environment.place_count):
        near = places.deaths_feared[i]
        there = 1.0 - places.in_force[_WITHDRAWAL, i]
        soldiers = places.reinforcement[i] * there / (places.forces[i] + 1.0)
        force = kept * places.force_feared[i] + (1.0 - kept) * places.force[i]
        places.force_feared[i] = force
        places.fear[i] = (
            p.by_force * force
            + p.by_deaths * log1p(near)
            + p.by_distant_deaths * log1p(max(everywhere - near, 0.0))
            + p.by_soldiers * soldiers
            + p.by_emergency * places.in_force[_EMERGENCY, i]
            + p.by_foreign_troops * places.in_force[_TROOPS, i]
            + p.by_shoot_order * places.in_force[_ORDER, i]
        )


MECHANISM = Mechanism(
    name="fear",
    title="Force, deaths, soldiers and orders keep people at home",
    references=("moore1998", "pierskalla2010", "siegel2011"),
    parameters=Parameters,
    fields=(
        Field("force_feared", "share", 0, 1, 0, "police force of the last days, as remembered"),
        Field("deaths_feared", "persons", 0, math.inf, 0, "deaths of the last days, as remembered"),
        Field(
            "fear",
            "log units",
            -math.inf,
            math.inf,
            0,
            "reduction of turnout; may be negative",
        ),
    ),
    terms={"fear": Mediator.FEAR},
    hour=update_fear,
)
