"""Reinforcement: mobile forces are called up, go where they are needed, and are called back.

An emergency calls them, and so does a seat of power that has fallen, without any decision of the
capital. Mobilising takes the better part of a day; it took hours to days in Detroit in 1967 and
London in 2011 (National Advisory Commission on Civil Disorders 1968; Metropolitan Police Service
2012; both recalled), and in London riots then spread no more than by chance (Baudains, Johnson and
Braithwaite 2013). A place is sent what it needs, as far as there is enough for all; this is an
assumption of the model.

Foreign troops guard sites and free the country's own forces, and they may raise or lower morale. No
study was found: both effects may be zero or negative.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled, inlined
from qantar.model.mechanism import Field, Mechanism
from qantar.model.mediators import Mediator
from qantar.model.state import Action, Environment, State
from qantar.rng.elementary import exp

_EMERGENCY = int(Action.EMERGENCY)
_TROOPS = int(Action.FOREIGN_TROOPS)
_WITHDRAWAL = int(Action.WITHDRAWAL)


class Parameters(NamedTuple):
    """Parameters of the deployment of mobile forces."""

    mobilising: float
    called_by_lost_seat: float
    margin: float
    pace: float
    pace_of_return: float
    seat_priority: float
    freed_by_foreign_troops: float
    morale_by_foreign_troops: float


@compiled
def deploy(state: State, environment: Environment, p: Parameters) -> None:
    """Call up mobile forces and move them towards the places that need them, by one hour."""
    places = state.places
    _call_up(state, environment, p)
    need = 0.0
    troops = 0.0
    for i in range(environment.place_count):
        need += _need(state, environment, p, i)
        troops = max(troops, places.in_force[_TROOPS, i])
        places.morale[i] = exp(p.morale_by_foreign_troops * places.in_force[_TROOPS, i])
    freed = p.freed_by_foreign_troops * environment.foreign_troops * troops
    strength = max(0.0, environment.reserve + freed)
    enough = strength / need if need > strength else 1.0
    # Forces come back slower than they go: those still elsewhere cannot be sent a second time.
    away = 0.0
    leaving = 0.0
    for i in range(environment.place_count):
        gap = _need(state, environment, p, i) * enough - places.reinforcement[i]
        leaving += p.pace * gap if gap > 0.0 else 0.0
        places.reinforcement[i] += p.pace_of_return * gap if gap < 0.0 else 0.0
        away += places.reinforcement[i]
    free = max(strength - away, 0.0)
    sent = free / leaving if leaving > free else 1.0
    for i in range(environment.place_count):
        gap = _need(state, environment, p, i) * enough - places.reinforcement[i]
        places.reinforcement[i] += sent * p.pace * gap if gap > 0.0 else 0.0


@compiled
def _call_up(state: State, environment: Environment, p: Parameters) -> None:
    """Advance the mobilisation that an emergency or a lost seat of power has set off."""
    places = state.places
    fallen = 0.0
    for i in range(environment.place_count):
        if places.buildings_attacked[i] > 0:
            fallen += environment.places.seat[i] * (1.0 - places.control[i])
    share = min(3.0 / p.mobilising, 1.0)
    for i in range(environment.place_count):
        called = max(places.in_force[_EMERGENCY, i], p.called_by_lost_seat * min(fallen, 1.0))
        # Once under way, mobilisation is not undone within the days of an episode.
        places.called_up[i] = max(called, places.called_up[i])
        places.mobilised[i] += share * (places.mobilised_2[i] - places.mobilised[i])
        places.mobilised_2[i] += share * (places.mobilised_1[i] - places.mobilised_2[i])
        places.mobilised_1[i] += share * (places.called_up[i] - places.mobilised_1[i])


@inlined
def _need(state: State, environment: Environment, p: Parameters, i: int) -> float:
    """Return the mobile forces that one place needs, persons.

    Enough to outweigh its crowd and to replace police who have lost control. None are sent where
    forces are ordered to withdraw.
    """
    places = state.places
    static = environment.places
    claim = p.margin * places.against[i] + static.police[i] * (1.0 - places.control[i])
    weight = (1.0 - p.seat_priority) + p.seat_priority * static.seat[i]
    sent = places.mobilised[i] * (1.0 - places.in_force[_WITHDRAWAL, i])
    need: float = sent * claim * weight
    return need


MECHANISM = Mechanism(
    name="reinforcement",
    title="Mobile forces, and those freed by foreign troops, move to where control is lost",
    references=("kerner1968", "mps2012", "baudains2013b"),
    parameters=Parameters,
    fields=(
        Field("called_up", "share", 0, 1, 0, "extent to which mobile forces are called"),
        Field("mobilised_1", "share", 0, 1, 0, "first stage of mobilisation"),
        Field("mobilised_2", "share", 0, 1, 0, "second stage of mobilisation"),
        Field("mobilised", "share", 0, 1, 0, "extent to which mobile forces can be sent"),
        Field("reinforcement", "persons", 0, math.inf, 0, "mobile forces in the place"),
        Field("morale", "factor", 0, math.inf, 1, "on the weight of forces in the balance"),
    ),
    terms={"reinforcement": Mediator.CONTROL, "morale": Mediator.CONTROL},
    hour=deploy,
)
