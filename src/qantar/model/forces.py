"""Forces: the officers who are in a place, obey, and have not been taken off the street."""

from __future__ import annotations

from qantar.base.compilation import compiled
from qantar.model.actions import Action
from qantar.model.state import Environment, State

_WITHDRAWAL = int(Action.WITHDRAWAL)


@compiled
def officers_in(state: State, environment: Environment, i: int) -> float:
    """Return the officers who face the crowd of one place, persons.

    Police hold what the state controls of the place; mobile forces stand beside them.
    """
    here = state.places[i]
    police = environment.places[i].police * here.loyalty * here.control
    there = 1.0 - state.in_force[_WITHDRAWAL, i]
    return float((police + here.reinforcement) * there)
