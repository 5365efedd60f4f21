"""Returning: after a night at home people may come out again, unless they are afraid.

Rest comes once a day, at local midnight and before anyone leaves in that hour, so nobody counts
twice in one day's participants.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Mechanism, stream
from qantar.model.state import Environment, State, local_hour
from qantar.rng import Key, binomial, uniform

_DRAW = stream("returning")


class Parameters(NamedTuple):
    """Share of those at home who are ready again after a night, and how fear lowers it."""

    rested: float
    by_fear: float


@compiled
def rest(state: State, environment: Environment, p: Parameters, key: Key, hour: int) -> None:
    """Draw, at local midnight, who is ready to come out again."""
    places = state.places
    people = state.people
    homes = environment.places
    groups = environment.groups
    group_ids = environment.group_id
    for i in range(homes.size):
        here = places[i]
        home = homes[i]
        if local_hour(hour, home.clock_offset) != 0:
            continue
        ready = p.rested * math.exp(-p.by_fear * max(here.fear, 0.0))
        for g in range(groups.size):
            who = people[i, g]
            if who.withdrawn > 0:
                u = uniform(key, _DRAW, home.place_id, group_ids[g], hour)
                n = binomial(who.withdrawn, ready, u)
                who.withdrawn -= n
                who.quiet += n


MECHANISM = Mechanism(
    name="returning",
    title="After a night at home people may come out again",
    references=("opp1990",),
    parameters=Parameters,
    hour=rest,
)
