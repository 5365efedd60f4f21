"""Price shock: the end of the price cap on liquefied gas is felt where cars run on it.

Other triggers (a wage dispute, a law) act the same way, as a loss where they apply.

A sudden price rise is the trigger (Gurr 1970; the moral economy of the crowd, Thompson 1971).
People notice it at the pump over several days: the delay is an Erlang delay of three stages, since
a single moving average would respond within the hour. The rise ceases to be news while the
grievance remains; lowering the price meets only demands that still concern it (see `demands`).
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, Mechanism
from qantar.model.mediators import Mediator
from qantar.model.state import Action, Environment, State
from qantar.rng.elementary import exp, expm1

_LIFTED = int(Action.PRICE_CAP_LIFTED)
_OTHER = int(Action.OTHER_TRIGGER)
_CONCESSION = int(Action.PRICE_CONCESSION)


class Parameters(NamedTuple):
    """Parameters of the price shock."""

    notice_time: float
    fade_time: float
    weight: float
    concession_relief: float


@compiled
def update_spark(state: State, environment: Environment, p: Parameters) -> None:
    """Update the perceived price rise in every place and its effect on joining."""
    places = state.places
    static = environment.places
    share = min(3.0 / p.notice_time, 1.0)
    kept = exp(-1.0 / p.fade_time)
    for i in range(environment.place_count):
        rise = static.price_rise[i] * static.price_dependence[i] * places.in_force[_LIFTED, i]
        rise += static.trigger[i] * places.in_force[_OTHER, i]
        owed = rise * (1.0 - p.concession_relief * places.in_force[_CONCESSION, i])
        noticed = share * (places.price_2[i] - places.price_pressure[i])
        places.price_pressure[i] += noticed
        places.price_2[i] += share * (places.price_1[i] - places.price_2[i])
        places.price_1[i] += share * (max(owed, 0.0) - places.price_1[i])
        fresh = kept * places.fresh_price[i] + max(noticed, 0.0)
        places.fresh_price[i] = fresh
        places.spark[i] = expm1(p.weight * fresh)


@compiled
def spread_evenly(state: State, environment: Environment) -> None:
    """Apply the trigger equally everywhere."""
    places = state.places
    population = environment.places.population
    total = 0.0
    lifted = 0.0
    for i in range(environment.place_count):
        total += population[i]
        lifted += population[i] * max(places.in_force[_LIFTED, i], places.in_force[_OTHER, i])
    for i in range(environment.place_count):
        places.spark[i] = lifted / total


MECHANISM = Mechanism(
    name="price_shock",
    title="The rise of the gas price triggers protest where people depend on gas",
    references=("gurr1970", "thompson1971"),
    parameters=Parameters,
    fields=(
        Field("price_1", "log ratio", 0, math.inf, 0, "first stage of noticing the price"),
        Field("price_2", "log ratio", 0, math.inf, 0, "second stage of noticing the price"),
        Field(
            "price_pressure", "log ratio", 0, math.inf, 0, "perceived price rise, the last stage"
        ),
        Field(
            "fresh_price",
            "log ratio",
            0,
            math.inf,
            0,
            "part of the perceived rise that is still news",
        ),
        Field(
            "spark",
            "factor",
            0,
            math.inf,
            0,
            "on the hazard of joining without others; the same everywhere if off",
        ),
    ),
    terms={"spark": Mediator.PRICE, "price_pressure": Mediator.PRICE},
    hour=update_spark,
    off=spread_evenly,
)
