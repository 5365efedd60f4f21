"""Control: overwhelmed police lose the streets, and regain them when they can.

The state controls a place to the extent that its forces outweigh those who oppose it: an assumption
of the model. Known is only that riots in London spread no more than by chance once police had
tripled (Baudains, Johnson and Braithwaite 2013). Withdrawal is therefore an outcome of the balance
of force, not an event of the script.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, Mechanism, Variable
from qantar.model.mediators import Mediator
from qantar.model.state import Action, Environment, State

_WITHDRAWAL = int(Action.WITHDRAWAL)
_STAND = int(Action.STAND)


class Parameters(NamedTuple):
    """Parameters of the balance of force."""

    weight_of_militants: float
    weight_of_crowd: float
    pace_of_loss: float
    pace_of_recovery: float


@compiled
def update_control(state: State, environment: Environment, p: Parameters) -> None:
    """Move control of each place towards the present balance of force."""
    places = state.places
    for i in range(environment.place_count):
        control = places.control[i]
        against = p.weight_of_militants * places.militants[i] + p.weight_of_crowd * places.crowd[i]
        places.against[i] = against
        unopposed = against <= 0.0 and places.in_force[_WITHDRAWAL, i] <= 0.0
        forces = places.forces[i] * places.morale[i]
        balance = forces * forces / (forces * forces + against * against)
        held = balance if forces > 0.0 else (1.0 if unopposed else 0.0)
        losing = p.pace_of_loss * (1.0 - places.in_force[_STAND, i])
        pace = losing if held < control else p.pace_of_recovery
        moved = control + pace * (held - control)
        places.control[i] = control if unopposed and control >= 1.0 else moved


MECHANISM = Mechanism(
    name="control",
    title="Overwhelmed police withdraw; control is lost until forces outweigh the crowd",
    references=("baudains2013b",),
    parameters=Parameters,
    fields=(
        Field("control", "share", 0, 1, 1, "share of the place under state control"),
        Field("against", "officers", 0, math.inf, 0, "officers whom the crowd can hold off"),
    ),
    records=(Variable("control", "share", "share of the place under state control"),),
    terms={"control": Mediator.CONTROL},
    hour=update_control,
)
