"""Fear: repression of others keeps people at home.

Fear induced in an experiment lowers dissent (Young 2019), and much violence of the state lowers the
next crowd (Steinert-Threlkeld, Chan and Joo 2022). Against it: in Leipzig expected repression did
not matter (Opp and Gern 1993), and news of repression did not govern the spread of riots (Aidt,
Leon-Ablan and Satchell 2022). Fear may act at once and anger after weeks (Rasler 1996). No study
was found on orders by themselves.

Fear and anger respond to the same events on the same scale, each with its own memory. Weights on
which scholars or sources disagree may be zero or negative.
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
    references=("young2019", "steinert2022", "opp1993", "aidt2022", "rasler1996"),
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
