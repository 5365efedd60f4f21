"""Returning: after a night at home people may protest again, unless they are afraid.

This happens once a day, at local midnight and before anyone leaves in that hour, so that nobody is
counted twice among the participants of a day.
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
    """Share of withdrawn people who are ready again after a night, and how fear lowers it."""

    rested: float
    by_fear: float


@compiled
def recover(state: State, environment: Environment, p: Parameters, key: Key, hour: int) -> None:
    """Draw, at local midnight, who is ready to protest again."""
    places = state.places
    people = state.people
    static_places = environment.places
    groups = environment.groups
    group_ids = environment.group_id
    for i in range(static_places.size):
        here = places[i]
        static = static_places[i]
        if local_hour(hour, static.clock_offset) != 0:
            continue
        ready = p.rested * math.exp(-p.by_fear * max(here.fear, 0.0))
        for g in range(groups.size):
            cohort = people[i, g]
            if cohort.withdrawn > 0:
                u = uniform(key, _DRAW, static.place_id, group_ids[g], hour)
                n = binomial(cohort.withdrawn, ready, u)
                cohort.withdrawn -= n
                cohort.quiet += n


MECHANISM = Mechanism(
    name="returning",
    title="After a night at home people may protest again",
    references=("opp1990",),
    parameters=Parameters,
    hour=recover,
)
