"""Control: overwhelmed police lose the streets, and regain them when they can.

The state controls a place to the extent that its forces outweigh those who fight it. Withdrawal is
therefore an outcome of the balance of force, not an event of the script.
"""

from __future__ import annotations

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
    in_force = state.in_force
    static_places = environment.places
    for i in range(static_places.size):
        here = places[i]
        static = static_places[i]
        against = p.weight_of_militants * here.militants + p.weight_of_crowd * here.crowd
        there = 1.0 - in_force[_WITHDRAWAL, i]
        if against <= 0.0 and here.control >= 1.0 and there >= 1.0:
            continue
        forces = (static.police * here.loyalty + here.reinforcement) * there
        held = 1.0 if against <= 0.0 and there >= 1.0 else 0.0
        if forces > 0.0:
            held = forces**2 / (forces**2 + against**2)
        pace = p.pace_of_recovery
        if held < here.control:
            pace = p.pace_of_loss * (1.0 - in_force[_STAND, i])
        here.control += pace * (held - here.control)


MECHANISM = Mechanism(
    name="control",
    title="Overwhelmed police withdraw; control is lost until forces outweigh the crowd",
    references=("davenport2007", "pierskalla2010"),
    parameters=Parameters,
    fields=(Field("control", "share", 0, 1, 1, "share of the place under state control"),),
    records=(Variable("control", "share", "share of the place under state control"),),
    terms={"control": Mediator.CONTROL},
    hour=update_control,
)
