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
    in_force = state.in_force
    draws = state.draws
    static_places = environment.places
    groups = environment.groups
    group_ids = environment.group_id
    for i in range(static_places.size):
        here = places[i]
        static = static_places[i]
        if here.crowd < 1.0:
            continue
        dark = 1.0 - activity(local_hour(hour, static.clock_offset), 0.0)
        wish = (
            p.base
            + dark * (p.night + p.cold * static.night_cold)
            + p.by_fear * max(here.fear, 0.0)
            + p.by_weariness * here.weariness
            + p.by_curfew * dark * in_force[_EMERGENCY, i]
        )
        uniforms(draws, key, _DRAW, static.place_id, group_ids, hour)
        for g in range(groups.size):
            cohort = people[i, g]
            content = p.by_belief * here.belief * groups[g].moderation
            hazard = max(0.0, wish + content) + here.dispersal
            # One uniform number for both stances, so that twins that differ in a stance stay close.
            peaceful = binomial_hazard(cohort.protesting, hazard, draws[g])
            violent = binomial_hazard(cohort.militant, hazard * p.militant_stay, draws[g])
            cohort.protesting -= peaceful
            cohort.militant -= violent
            cohort.withdrawn += peaceful + violent


MECHANISM = Mechanism(
    name="leaving",
    title="Cold, weariness, fear, force, curfew and credible concessions send people home",
    references=("denardo1985", "opp1990", "davies2013"),
    parameters=Parameters,
    hour=leave,
)
