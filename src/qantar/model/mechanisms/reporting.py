"""Reporting: authorities publish detentions and deaths late and incompletely.

First official figures had 45 to 76 % of the dead in Egypt in 2011 (Daily News Egypt 2011), Iraq in
2019 (Government of Iraq 2019) and Sharpeville in 1960 (South African police and later research).
Media select events by size and nearness (Earl et al. 2004) and err in place and severity (Weidmann
2015). That a shutdown delays figures is contested: blackouts in Syria hid no deaths (Gohdes 2015).
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, Mechanism, Variable
from qantar.model.state import Environment, State, add_up


class Parameters(NamedTuple):
    """Delays in hours, and the shares of detentions and of deaths that are ever published."""

    detention_delay: float
    death_delay: float
    coverage: float
    deaths_coverage: float
    slowed_by_shutdown: float


@compiled
def publish_figures(state: State, environment: Environment, p: Parameters) -> None:
    """Move published figures towards the actual numbers."""
    places = state.places
    groups, count = environment.group_count, environment.place_count
    detained, dead = state.draws.hazard, state.draws.other
    add_up(detained, state.people.detained, groups, count)
    add_up(dead, state.people.dead, groups, count)
    for i in range(count):
        slow = 1.0 + p.slowed_by_shutdown * places.cut_off[i]
        gap = p.coverage * detained[i] - places.detained_published[i]
        places.detained_published[i] += max(gap, 0.0) / (p.detention_delay * slow)
        gap = p.deaths_coverage * dead[i] - places.deaths_published[i]
        places.deaths_published[i] += max(gap, 0.0) / (p.death_delay * slow)


MECHANISM = Mechanism(
    name="reporting",
    title="Authorities publish figures late and incompletely",
    references=(
        "dailynewsegypt2011",
        "iraq2019",
        "sharpeville1960",
        "earl2004",
        "weidmann2015",
        "gohdes2015",
    ),
    parameters=Parameters,
    fields=(
        Field("detained_published", "persons", 0, math.inf, 0, "detentions published so far"),
        Field("deaths_published", "persons", 0, math.inf, 0, "deaths published so far"),
    ),
    records=(
        Variable("detained_published", "persons", "detentions published so far"),
        Variable("deaths_published", "persons", "deaths published so far"),
    ),
    hour=publish_figures,
)
