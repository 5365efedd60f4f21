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
    in_force = state.in_force
    static_places = environment.places
    share = min(3.0 / p.notice_time, 1.0)
    kept = math.exp(-1.0 / p.fade_time)
    for i in range(static_places.size):
        here = places[i]
        static = static_places[i]
        rise = static.price_rise * static.price_dependence * in_force[_LIFTED, i]
        rise += static.trigger * in_force[_OTHER, i]
        owed = rise * (1.0 - p.concession_relief * in_force[_CONCESSION, i])
        noticed = share * (here.price_2 - here.price_pressure)
        here.price_pressure += noticed
        here.price_2 += share * (here.price_1 - here.price_2)
        here.price_1 += share * (max(owed, 0.0) - here.price_1)
        here.fresh_price = kept * here.fresh_price + max(noticed, 0.0)
        here.spark = math.expm1(p.weight * here.fresh_price)


@compiled
def spread_evenly(state: State, environment: Environment) -> None:
    """Apply the trigger equally everywhere."""
    places = state.places
    in_force = state.in_force
    static_places = environment.places
    total = 0.0
    lifted = 0.0
    for i in range(static_places.size):
        static = static_places[i]
        total += static.population
        lifted += static.population * max(in_force[_LIFTED, i], in_force[_OTHER, i])
    for i in range(static_places.size):
        places[i].spark = lifted / total


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
