"""Assemblies: how many are held, by kind and region.

The logarithm of the rate is a sum: the level of the kind, the size of the region, activism,
grievance, experience, fear, channels, and for political ones an open division at the top and
elections (political opportunity: Tarrow 2011). A year has a shock of its own, which makes counts
overdispersed. Rival laws add their own term.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, stream
from qantar.model.months.declaration import MONTHS_PER_YEAR, MonthlyMechanism, Past, State
from qantar.rng import Key, normal, uniform
from qantar.rng.elementary import exp, log1p
from qantar.rng.poisson import poisson

_DRAW = stream("assemblies")
_SHOCK = stream("assemblies of a year")


class Parameters(NamedTuple):
    """Levels in log assemblies a month and region of average size; weights in log units."""

    level: float
    social: float
    political: float
    activism: float
    grievance: float
    opening: float
    election: float
    dispersion: float
    shock_persistence: float


@compiled
def hold_assemblies(state: State, past: Past, p: Parameters, key: Key, month: int) -> None:
    """Draw the assemblies of the month."""
    country, regions = state.country, state.regions
    variance = log1p(1.0 / p.dispersion)
    if month % MONTHS_PER_YEAR == 0:
        kept = p.shock_persistence if month > 0 else 0.0
        drawn = normal(key, _SHOCK, 0, 0, month)
        country.shock = kept * country.shock + math.sqrt((1.0 - kept * kept) * variance) * drawn
    opening = min(max(past.opening[month] + state.country.opening_shift, 0.0), 1.0)
    openness = p.opening * opening + p.election * past.election[month]
    national = p.level + country.norm + country.street + country.expressed + country.stress
    rate_economic = rate_social = rate_political = 0.0
    for r in range(past.region_count):
        size = past.population_share[r] * past.region_count
        here = national + p.activism * (past.activism[r] - 0.5)
        here += regions.experience[r] - regions.fear[r] + p.grievance * regions.territorial[r]
        here += regions.local_shift[r]
        pay = p.grievance * regions.economic[r] + country.labour_shift
        economic = size * exp(here + pay)
        social = size * exp(here + p.social + p.grievance * regions.social[r])
        political = size * exp(here + p.political + p.grievance * regions.political[r] + openness)
        regions.rate[r] = economic + social + political
        rate_economic += economic
        rate_social += social
        rate_political += political
    country.rate_economic = rate_economic + country.followers_economic
    country.rate_social = rate_social + country.followers_social
    country.rate_political = rate_political + country.followers_political
    # Its mean is 1. It does not act on followers: of two or more each, they would never end.
    luck = exp(country.shock - 0.5 * variance)
    economic = luck * rate_economic + country.followers_economic
    social = luck * rate_social + country.followers_social
    political = luck * rate_political + country.followers_political
    # One number for each kind, so that twins differ in what differs and in nothing else.
    country.held_economic = poisson(uniform(key, _DRAW, 0, 0, month), economic)
    country.held_social = poisson(uniform(key, _DRAW, 0, 1, month), social)
    country.held_political = poisson(uniform(key, _DRAW, 0, 2, month), political)
    held = country.held_economic + country.held_social + country.held_political
    country.held_a_year += (held * MONTHS_PER_YEAR - country.held_a_year) / MONTHS_PER_YEAR


_COUNT = (0, math.inf, 0)

MECHANISM = MonthlyMechanism(
    name="assemblies",
    title="Assemblies by kind and region",
    references=("tarrow2011",),
    systems=("B2", "E1"),
    parameters=Parameters,
    country=(
        Field("shock", "log units", -math.inf, math.inf, 0, "shock of the year"),
        *(
            Field(f"rate_{kind}", "a month", *_COUNT, f"expected {kind} assemblies")
            for kind in ("economic", "social", "political")
        ),
        *(
            Field(f"held_{kind}", "a month", *_COUNT, f"{kind} assemblies held")
            for kind in ("economic", "social", "political")
        ),
        Field("held_a_year", "a year", *_COUNT, "assemblies, moving average over a year"),
    ),
    regions=(Field("rate", "a month", *_COUNT, "expected assemblies of all kinds"),),
)
