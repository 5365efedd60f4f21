"""Organised violence: groups tied to elite patronage use a large protest as cover.

Whether they did so in January is disputed; the sources locate the base of such networks in the
south. Riots are produced by networks of specialists (Brass 1997), where politicians gain from them
(Wilkinson 2004), and in Central Asia elites with local patronage mobilise crowds (Radnitz 2010).
That they need a crowd as cover is an assumption of the model: there is no effect without one. The
rate may be close to zero.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, Mechanism
from qantar.model.mediators import Mediator
from qantar.model.state import Environment, State


class Parameters(NamedTuple):
    """Parameters of organised violence."""

    rate: float
    cover_crowd: float
    concentration: float


@compiled
def set_network_strength(state: State, environment: Environment, p: Parameters) -> None:
    """Set the strength of the networks of each place."""
    places = state.places
    for i in range(environment.place_count):
        places.network[i] = environment.places.patronage[i] ** p.concentration


@compiled
def set_instigation(state: State, environment: Environment, p: Parameters) -> None:
    """Set the hazard at which instigators turn protesters violent."""
    places = state.places
    for i in range(environment.place_count):
        crowd = places.crowd[i] * places.crowd[i]
        cover = crowd / (crowd + p.cover_crowd * p.cover_crowd)
        places.instigation[i] = p.rate * places.network[i] * cover


MECHANISM = Mechanism(
    name="organised_violence",
    title="Networks of elite patronage turn a large protest into violence",
    references=("radnitz2010", "wilkinson2004", "brass1997"),
    parameters=Parameters,
    fields=(
        Field("network", "share", 0, 1, 0, "strength of patronage networks"),
        Field("instigation", "per hour", 0, math.inf, 0, "hazard of turning violent, instigated"),
    ),
    terms={"instigation": Mediator.PROVOCATION},
    begin=set_network_strength,
    hour=set_instigation,
)
