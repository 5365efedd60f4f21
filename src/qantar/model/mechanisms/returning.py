"""Returning: after a night at home people may protest again, unless they are afraid.

Who attended comes again where enough of their network did (Bursztyn et al. 2021), and protest
follows protest (Carey 2006). That fear lowers return is an assumption of the model.

This happens once a day, at local midnight and before anyone leaves in that hour, so that nobody is
counted twice among the participants of a day.
"""

from __future__ import annotations

from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Mechanism, stream
from qantar.model.state import Environment, State, local_hour
from qantar.rng import Key, binomial, uniform
from qantar.rng.elementary import exp

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
    static = environment.places
    ids = environment.groups.group_id
    for i in range(environment.place_count):
        if local_hour(hour, static.clock_offset[i]) >= 1.0:
            continue
        ready = p.rested * exp(-p.by_fear * max(places.fear[i], 0.0))
        for g in range(environment.group_count):
            if people.withdrawn[g, i] > 0:
                u = uniform(key, _DRAW, static.place_id[i], ids[g], hour)
                n = binomial(people.withdrawn[g, i], ready, u)
                people.withdrawn[g, i] -= n
                people.quiet[g, i] += n


MECHANISM = Mechanism(
    name="returning",
    title="After a night at home people may protest again",
    references=("bursztyn2021", "carey2006"),
    parameters=Parameters,
    hour=recover,
)
