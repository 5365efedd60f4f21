"""State decisions: what the dated script of the episode puts in force, hour by hour.

The script may set the date of a decision and never its effect: effects belong to the mechanisms
that feel the decision (see ``docs/decisions/0004-orders-have-no-effects.md``).
"""

from __future__ import annotations

from qantar.compiled import compiled
from qantar.model.actions import Script
from qantar.model.mechanism import Mechanism
from qantar.model.state import State


@compiled
def follow(state: State, script: Script, hour: int) -> None:
    """Put in force what the script says for this hour."""
    places = state.places
    in_force = state.in_force
    state.decided[0] = 0
    for a in range(script.kind.size):
        if script.begins[a] == hour or script.ends[a] == hour:
            state.decided[0] = 1
    if state.decided[0] == 0:
        return
    in_force[:, :] = 0.0
    for a in range(script.kind.size):
        if script.begins[a] <= hour < script.ends[a]:
            for i in range(places.size):
                if script.where[a, i]:
                    k = script.kind[a]
                    in_force[k, i] = max(in_force[k, i], script.intensity[a])


MECHANISM = Mechanism(
    name="state_decisions",
    title="The state acts on the dates that the sources give",
    references=("moore1998",),
    parameters=None,
)
