"""Leaving: a crowd goes home from cold, tiredness, fear, force, curfew and believed concessions.

None of these is the date of an order; a curfew empties streets only as far as it is obeyed.
"""

from __future__ import annotations

from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Mechanism, stream
from qantar.model.state import Action, Environment, State, activity, local_hour
from qantar.rng import Key, exposed, uniforms

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
    luck = state.luck
    homes = environment.places
    groups = environment.groups
    group_ids = environment.group_id
    for i in range(homes.size):
        here = places[i]
        home = homes[i]
        if here.crowd < 1.0:
            continue
        dark = 1.0 - activity(local_hour(hour, home.clock_offset), 0.0)
        wish = (
            p.base
            + dark * (p.night + p.cold * home.night_cold)
            + p.by_fear * max(here.fear, 0.0)
            + p.by_weariness * here.weariness
            + p.by_curfew * dark * in_force[_EMERGENCY, i]
        )
        uniforms(luck, key, _DRAW, home.place_id, group_ids, hour)
        for g in range(groups.size):
            who = people[i, g]
            content = p.by_belief * here.belief * groups[g].moderation
            hazard = max(0.0, wish + content) + here.dispersal
            # One uniform serves both stances, so twins that differ in a stance stay close.
            peaceful = exposed(who.protesting, hazard, luck[g])
            violent = exposed(who.militant, hazard * p.militant_stay, luck[g])
            who.protesting -= peaceful
            who.militant -= violent
            who.withdrawn += peaceful + violent


MECHANISM = Mechanism(
    name="leaving",
    title="Cold, tiredness, fear, force, curfew and believed concessions send a crowd home",
    references=("denardo1985", "opp1990", "davies2013"),
    parameters=Parameters,
    hour=leave,
)
