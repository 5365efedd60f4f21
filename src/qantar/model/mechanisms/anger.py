"""Anger: force, deaths, a shutdown and foreign troops can bring people out.

A little force of the state raises the next crowd and much lowers it (Steinert-Threlkeld, Chan and
Joo 2022); the response is strongest in the days after (Carey 2006). Emotion, not information, links
repression to backlash (Aytac, Schiumerini and Stokes 2018; Curtice and Behlendorf 2021). In Leipzig
expected repression did not matter (Opp and Gern 1993). A shutdown was followed by more protest or
by no change (Boxell and Steinert-Threlkeld 2022; Rydzak, Karanja and Opiyo 2020). No study was
found on foreign troops or an order to shoot.

Anger and fear respond to the same events on the same scale, each with its own memory. Weights on
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

_TROOPS = int(Action.FOREIGN_TROOPS)
_ORDER = int(Action.SHOOT_ORDER)


class Parameters(NamedTuple):
    """Parameters of anger, in log units of turnout."""

    memory: float
    by_force: float
    by_deaths: float
    by_shutdown: float
    by_foreign_troops: float
    by_shoot_order: float


@compiled
def update_anger(state: State, environment: Environment, p: Parameters) -> None:
    """Update anger: at what is in force now, and at force and deaths that are remembered."""
    places = state.places
    kept = exp(-1.0 / p.memory)
    for i in range(environment.place_count):
        force = kept * places.force_resented[i] + (1.0 - kept) * places.force[i]
        deaths = kept * places.deaths_resented[i] + places.new_deaths[i]
        places.force_resented[i] = force
        places.deaths_resented[i] = deaths
        places.anger[i] = (
            p.by_force * force
            + p.by_deaths * log1p(deaths)
            + p.by_shutdown * places.cut_off[i]
            + p.by_foreign_troops * places.in_force[_TROOPS, i]
            + p.by_shoot_order * places.in_force[_ORDER, i]
        )


MECHANISM = Mechanism(
    name="anger",
    title="Force, deaths, a shutdown and foreign troops can anger people into protest",
    references=(
        "carey2006",
        "steinert2022",
        "opp1993",
        "aytac2018",
        "curtice2021",
        "boxell2022",
        "rydzak2020",
    ),
    parameters=Parameters,
    fields=(
        Field("force_resented", "share", 0, 1, 0, "police force of the last days, as remembered"),
        Field("deaths_resented", "persons", 0, math.inf, 0, "deaths of the last days, remembered"),
        Field(
            "anger",
            "log units",
            -math.inf,
            math.inf,
            0,
            "effect on turnout; may be negative",
        ),
    ),
    terms={"anger": Mediator.ANGER},
    hour=update_anger,
)
