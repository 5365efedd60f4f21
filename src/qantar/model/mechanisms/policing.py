"""Policing: how many officers face a crowd, whether they use force, and how well it disperses.

Threats raise repression (review: Davenport 2007). Threat to the police themselves predicts what
they do, and threat to elites little beyond it (Earl and Soule 2006); who protests matters too
(Davenport, Soule and Armstrong 2011). Where states repress in advance no response to dissent was
found (Ritter and Conrad 2016). Sympathy in excluded regions lowers force, by analogy with soldiers
who belong to the group that protests (Nepstad 2013; McLauchlin 2010). That more officers are kept
ready for a rally that was announced is an assumption of the model.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, Mechanism
from qantar.model.mediators import Mediator
from qantar.model.state import Action, Environment, State
from qantar.rng.elementary import exp, log

_EMERGENCY = int(Action.EMERGENCY)
_RESTRAINT = int(Action.RESTRAINT)
_WITHDRAWAL = int(Action.WITHDRAWAL)
_RALLY = int(Action.ANNOUNCED_RALLY)


class Parameters(NamedTuple):
    """Parameters of police posture (log odds of force), of readiness and of dispersal."""

    bias: float
    by_seat: float
    by_size: float
    by_violence: float
    by_emergency: float
    sympathy: float
    visible_crowd: float
    dispersal_rate: float
    at_rallies: float


@compiled
def count_officers(state: State, environment: Environment, p: Parameters) -> None:
    """Count the officers of every place, and those of them who face its crowd.

    Police face the crowd in the part of the place under state control; mobile forces everywhere.
    """
    places = state.places
    for i in range(environment.place_count):
        ready = 1.0 + p.at_rallies * places.in_force[_RALLY, i]
        police = environment.places.police[i] * places.loyalty[i] * ready
        there = 1.0 - places.in_force[_WITHDRAWAL, i]
        places.forces[i] = (police + places.reinforcement[i]) * there
        places.officers[i] = (police * places.control[i] + places.reinforcement[i]) * there


@compiled
def set_police_force(state: State, environment: Environment, p: Parameters) -> None:
    """Set the force used against each crowd and the rate at which it disperses the crowd."""
    places = state.places
    static = environment.places
    count_officers(state, environment, p)
    for i in range(environment.place_count):
        crowd = places.crowd[i]
        officers = places.officers[i]
        odds = (
            p.bias
            + p.by_seat * static.seat[i]
            + p.by_size * log(crowd / p.visible_crowd)
            + p.by_violence * places.militants[i] / crowd
            + p.by_emergency * places.in_force[_EMERGENCY, i]
            - p.sympathy * static.territorial[i]
        )
        noticed = crowd / (crowd + p.visible_crowd)
        force = noticed / (1.0 + exp(-odds)) * (1.0 - places.in_force[_RESTRAINT, i])
        dispersal = p.dispersal_rate * force * officers / (officers + crowd)
        gathered = crowd >= 1.0
        places.force[i] = force if gathered else 0.0
        places.dispersal[i] = dispersal if gathered else 0.0


MECHANISM = Mechanism(
    name="policing",
    title="Police use force against a crowd that threatens a seat of power",
    references=(
        "davenport2007",
        "earl2006",
        "davenport2011",
        "ritter2016",
        "nepstad2013",
        "mclauchlin2010",
    ),
    parameters=Parameters,
    fields=(
        Field("forces", "persons", 0, math.inf, 0, "officers in the place"),
        Field("officers", "persons", 0, math.inf, 0, "officers who face the crowd"),
        Field("force", "share", 0, 1, 0, "police force used, as a share of full force"),
        Field("dispersal", "per hour", 0, math.inf, 0, "additional hazard of leaving"),
    ),
    terms={"force": Mediator.FORCE, "dispersal": Mediator.FORCE},
    hour=set_police_force,
    off=count_officers,
)
