"""Leaving: people go home because of cold, weariness, fear, force, curfew or concessions.

A curfew has an effect only to the extent that it is obeyed.
"""

from __future__ import annotations

from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Mechanism, stream
from qantar.model.state import Action, Environment, State, activity, local_hour
from qantar.rng import Key, binomial_hazard, uniforms

_EMERGENCY = int(Action.EMERGENCY)
_DRAW = stream("leaving")


class Parameters(NamedTuple):
    """Hazards of going home, per hour."""

    base: float
    night: float
    cold: float
    by_fear: float
    by_weariness: float
    by_belief: float
    by_curfew: float
    militant_stay: float


@compiled
def leave(state: State, environment: Environment, p: Parameters, key: Key, hour: int) -> None:
    """Draw who goes home this hour."""
    places = state.places
    people = state.people
    static = environment.places
    groups = environment.groups
    draws = state.draws
    at_risk = uniforms(draws, places.crowd, key, _DRAW, static.place_id, hour)
    for k in range(at_risk):
        i = draws.place[k]
        dark = 1.0 - activity(local_hour(hour, static.clock_offset[i]), 0.0)
        wish = (
            p.base
            + dark * (p.night + p.cold * static.night_cold[i])
            + p.by_fear * max(places.fear[i], 0.0)
            + p.by_weariness * places.weariness[i]
            + p.by_curfew * dark * places.in_force[_EMERGENCY, i]
        )
        for g in range(environment.group_count):
            content = p.by_belief * places.belief[i] * groups.moderation[g]
            hazard = max(0.0, wish + content) + places.dispersal[i]
            u = draws.uniform[g, k]
            # One uniform number for both stances, so that twins that differ in a stance stay close.
            peaceful = binomial_hazard(people.protesting[g, i], hazard, u)
            violent = binomial_hazard(people.militant[g, i], hazard * p.militant_stay, u)
            people.protesting[g, i] -= peaceful
            people.militant[g, i] -= violent
            people.withdrawn[g, i] += peaceful + violent


MECHANISM = Mechanism(
    name="leaving",
    title="Cold, weariness, fear, force, curfew and credible concessions send people home",
    references=("denardo1985", "opp1990", "davies2013"),
    parameters=Parameters,
    hour=leave,
)
