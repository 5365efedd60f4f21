"""Attacks: militants attack state buildings where the state has lost control.

A hundred militants attack so many buildings an hour among those of the town; fewer as fewer are
left. That police deter is known from looting and riots (Auyero and Moran 2007; Baudains, Johnson
and Braithwaite 2013). Sources count buildings and not attackers (Hurriyet Daily News 2013;
Independent High Commission for Human Rights of Iraq 2019), so the rate is an assumption of the
model.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, Mechanism, Variable, stream
from qantar.model.state import Environment, State
from qantar.rng import Key, binomial_hazard, uniform
from qantar.rng.elementary import exp

_DRAW = stream("attacks")


class Parameters(NamedTuple):
    """Attacks per hour of a hundred militants without police, and how police deter them."""

    rate: float
    deterrence: float


@compiled
def attack_buildings(
    state: State, environment: Environment, p: Parameters, key: Key, hour: int
) -> None:
    """Draw which state buildings are attacked this hour."""
    places = state.places
    static = environment.places
    for i in range(environment.place_count):
        left = static.buildings[i] - places.buildings_attacked[i]
        if places.militants[i] < 1.0 or left <= 0:
            continue
        vulnerability = exp(-p.deterrence * places.control[i])
        rate = p.rate * places.militants[i] / 100.0 * vulnerability / static.buildings[i]
        u = uniform(key, _DRAW, static.place_id[i], 0, hour)
        places.buildings_attacked[i] += binomial_hazard(left, rate, u)


MECHANISM = Mechanism(
    name="attacks",
    title="Militants attack state buildings where control is weak",
    references=("auyero2007", "baudains2013b", "hurriyet2013", "ihchr2019"),
    parameters=Parameters,
    fields=(
        Field(
            "buildings_attacked",
            "buildings",
            0,
            math.inf,
            0,
            "state buildings attacked so far",
            whole=True,
        ),
    ),
    records=(Variable("buildings_attacked", "buildings", "state buildings attacked so far"),),
    hour=attack_buildings,
)
