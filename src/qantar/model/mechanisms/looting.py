"""Looting: shops are looted by night, where police are absent and violent groups are large.

Shops are looted where police are absent (Argentina 2001: Auyero and Moran 2007; in a model of
London 2011: Davies et al. 2013), and targets follow rioting of the past day (Baudains, Braithwaite
and Johnson 2013). The rate is of the order of England 2011 (Wikipedia contributors; Riots
Communities and Victims Panel 2011). The night and the size of the mob are assumptions of the model.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, Mechanism, Variable, stream
from qantar.model.state import Environment, State, activity, local_hour
from qantar.rng import Key, binomial_hazard, uniform
from qantar.rng.elementary import exp

_DRAW = stream("looting")


class Parameters(NamedTuple):
    """Hazard of a site in a lawless night with a large mob, and what limits it."""

    rate: float
    deterrence: float
    mob: float
    by_day: float


@compiled
def loot(state: State, environment: Environment, p: Parameters, key: Key, hour: int) -> None:
    """Draw which trading sites are looted this hour."""
    places = state.places
    static = environment.places
    for i in range(environment.place_count):
        left = static.businesses[i] - places.businesses_looted[i]
        if places.militants[i] < 1.0 or left <= 0:
            continue
        absent = exp(-p.deterrence * places.control[i])
        large = places.militants[i] / (places.militants[i] + p.mob)
        night = 1.0 - activity(local_hour(hour, static.clock_offset[i]), 0.0)
        when = p.by_day + (1.0 - p.by_day) * night
        rate = p.rate * large * large * large * absent * when
        u = uniform(key, _DRAW, static.place_id[i], 0, hour)
        places.businesses_looted[i] += binomial_hazard(left, rate, u)


MECHANISM = Mechanism(
    name="looting",
    title="Shops are looted by night where police are absent",
    references=(
        "auyero2007",
        "davies2013",
        "baudains2013",
        "wikipedia-england2011",
        "riotspanel2011",
    ),
    parameters=Parameters,
    fields=(
        Field(
            "businesses_looted", "firms", 0, math.inf, 0, "trading sites looted so far", whole=True
        ),
    ),
    records=(Variable("businesses_looted", "firms", "trading sites looted so far"),),
    hour=loot,
)
