"""Price shock: the end of the price cap on liquefied gas is felt where cars run on it.

Other triggers (a wage dispute, a law, an election) act the same way, as a loss where they matter.

A sudden loss is the trigger (form: Gurr 1970; the moral economy of the crowd, Thompson 1971). Large
rises of fuel prices bring riots (McCulloch et al. 2022; Drabo et al. 2023); food prices do so less
in autocracies (Hendrix and Haggard 2015). People notice a rise within hours to days (Iran 2019:
Associated Press 2019): an Erlang delay of three stages, since a single moving average would respond
within the hour. The loss ceases to be news while the grievance remains; lowering the price meets
only demands that still concern it (see `demands`).
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled, inlined
from qantar.model.mechanism import Field, Mechanism
from qantar.model.mediators import Mediator
from qantar.model.state import Action, Environment, State
from qantar.rng.elementary import exp, expm1

_LIFTED = int(Action.PRICE_CAP_LIFTED)
_OTHER = int(Action.OTHER_TRIGGER)
_CONCESSION = int(Action.PRICE_CONCESSION)


class Parameters(NamedTuple):
    """Parameters of the loss that a trigger causes."""

    notice_time: float
    fade_time: float
    weight: float
    concession_relief: float
    other_trigger: float


@inlined
def _owed(state: State, environment: Environment, p: Parameters, i: int) -> float:
    """Return the loss in one place that no concession has met, in log units."""
    static = environment.places
    in_force = state.places.in_force
    loss = static.price_rise[i] * static.price_dependence[i] * in_force[_LIFTED, i]
    loss += p.other_trigger * static.trigger[i] * in_force[_OTHER, i]
    owed: float = max(loss * (1.0 - p.concession_relief * in_force[_CONCESSION, i]), 0.0)
    return owed


@inlined
def _prices(state: State, environment: Environment, p: Parameters, i: int) -> float:
    """Return how far a general rise of prices is felt in one place, if the trigger is a price."""
    in_force = state.places.in_force
    unmet = max(1.0 - p.concession_relief * in_force[_CONCESSION, i], 0.0)
    felt: float = environment.price_breadth * in_force[_LIFTED, i] * unmet
    return felt


@compiled
def update_spark(state: State, environment: Environment, p: Parameters) -> None:
    """Update the perceived loss in every place and its effect on joining."""
    for i in range(environment.place_count):
        _notice(state, p, _owed(state, environment, p, i), i)
        state.places.prices_felt[i] = _prices(state, environment, p, i)


@compiled
def spread_evenly(state: State, environment: Environment, p: Parameters) -> None:
    """Let everyone feel the average loss of the country, wherever it falls."""
    population = environment.places.population
    people = 0.0
    owed = 0.0
    felt = 0.0
    for i in range(environment.place_count):
        people += population[i]
        owed += population[i] * _owed(state, environment, p, i)
        felt += population[i] * _prices(state, environment, p, i)
    for i in range(environment.place_count):
        _notice(state, p, owed / people, i)
        state.places.prices_felt[i] = felt / people


@inlined
def _notice(state: State, p: Parameters, owed: float, i: int) -> None:
    """Move what one place perceives towards the loss, by one hour."""
    places = state.places
    share = min(3.0 / p.notice_time, 1.0)
    noticed = share * (places.price_2[i] - places.price_pressure[i])
    places.price_pressure[i] += noticed
    places.price_2[i] += share * (places.price_1[i] - places.price_2[i])
    places.price_1[i] += share * (owed - places.price_1[i])
    fresh = exp(-1.0 / p.fade_time) * places.fresh_price[i] + max(noticed, 0.0)
    places.fresh_price[i] = fresh
    places.spark[i] = expm1(p.weight * fresh)


MECHANISM = Mechanism(
    name="price_shock",
    title="The rise of the gas price triggers protest where people depend on gas",
    references=("gurr1970", "thompson1971", "mcculloch2022", "drabo2023", "hendrix2015", "ap2019"),
    parameters=Parameters,
    fields=(
        Field("price_1", "log ratio", 0, math.inf, 0, "first stage of noticing the loss"),
        Field("price_2", "log ratio", 0, math.inf, 0, "second stage of noticing the loss"),
        Field("price_pressure", "log ratio", 0, math.inf, 0, "perceived loss, the last stage"),
        Field(
            "fresh_price",
            "log ratio",
            0,
            math.inf,
            0,
            "part of the perceived loss that is still news",
        ),
        Field(
            "spark",
            "factor",
            0,
            math.inf,
            0,
            "on the share that comes out without others; from the average loss if off",
        ),
        Field("prices_felt", "share", 0, math.inf, 0, "how far a rise of all prices is felt"),
    ),
    terms={
        "spark": Mediator.PRICE,
        "price_pressure": Mediator.PRICE,
        "prices_felt": Mediator.PRICE,
    },
    hour=update_spark,
    off=spread_evenly,
)
