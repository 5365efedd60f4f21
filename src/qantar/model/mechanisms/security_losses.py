"""Security losses: police and soldiers wounded and killed by militants.

Sizes are from cases: deaths of officers against those of civilians in Iraq in 2019 (Government of
Iraq 2019), and wounded per death in Kyiv in 2014 (Wikipedia contributors) and Turkey in 2013
(Turkish police 2013). The form is an assumption of the model.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, Mechanism, Variable, stream
from qantar.model.state import Environment, State
from qantar.rng import Key, binomial_hazard, uniform

_DEATH = stream("security_losses.death")
_WOUND = stream("security_losses.wound")


class Parameters(NamedTuple):
    """Deaths per officer and hour of a full encounter, and wounded per death."""

    rate: float
    wounds_per_death: float


@compiled
def draw_losses(state: State, environment: Environment, p: Parameters, key: Key, hour: int) -> None:
    """Draw the losses of police and soldiers in each place this hour."""
    places = state.places
    static = environment.places
    for i in range(environment.place_count):
        if places.militants[i] < 1.0:
            continue
        officers = places.officers[i]
        risk = p.rate * places.militants[i] / (officers + places.militants[i])
        u = uniform(key, _DEATH, static.place_id[i], 0, hour)
        places.security_dead[i] += binomial_hazard(int(officers), risk, u)
        v = uniform(key, _WOUND, static.place_id[i], 0, hour)
        places.security_wounded[i] += binomial_hazard(int(officers), risk * p.wounds_per_death, v)


MECHANISM = Mechanism(
    name="security_losses",
    title="Militants wound and kill police and soldiers",
    references=("iraq2019", "wikipedia-kyiv2014", "bianet2013"),
    parameters=Parameters,
    fields=(
        Field(
            "security_wounded",
            "persons",
            0,
            math.inf,
            0,
            "police and soldiers wounded so far",
            whole=True,
        ),
        Field(
            "security_dead",
            "persons",
            0,
            math.inf,
            0,
            "police and soldiers killed so far",
            whole=True,
        ),
    ),
    records=(
        Variable("security_wounded", "persons", "police and soldiers wounded so far"),
        Variable(
            "security_deaths", "persons", "police and soldiers killed so far", field="security_dead"
        ),
    ),
    hour=draw_losses,
)
