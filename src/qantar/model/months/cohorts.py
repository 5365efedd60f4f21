"""Cohorts: population, composition and generations by region.

Regions keep their share of the population. The ethnic composition of a region moves with the
country's once a year, on the logit scale, so that their mean is the country's. Those who came of
age in the Soviet Union are replaced by those who did not; turnover at a constant rate is an
assumption of the model.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field
from qantar.model.months.declaration import MONTHS_PER_YEAR, MonthlyMechanism, Past, State
from qantar.rng.elementary import exp, log

NEWTON_STEPS = 4
"""Enough where the composition of regions is not extreme; the error then is rounding."""


class Parameters(NamedTuple):
    """Parameters of generations."""

    adult_years: float


@compiled
def move_cohorts(state: State, past: Past, p: Parameters, month: int) -> None:
    """Set population, composition, poverty and generations."""
    country, regions = state.country, state.regions
    if month == 0:
        country.soviet_generation = 1.0
    else:
        country.soviet_generation *= exp(-1.0 / (MONTHS_PER_YEAR * p.adult_years))
    moved = 0.0
    if month % MONTHS_PER_YEAR == 0:
        moved = move_of_composition(past, min(max(country.kazakh_share, 0.01), 0.99))
    year = month // MONTHS_PER_YEAR
    for r in range(past.region_count):
        regions.residents[r] = country.population * past.population_share[r]
        if month % MONTHS_PER_YEAR == 0:
            regions.kazakhs[r] = moved_share(past.kazakh_share[r], moved)
        known = past.poverty[year, r]
        follows = country.poverty * past.poverty_ratio[r]
        regions.poverty[r] = min(follows, 100.0) if math.isnan(known) else known


@compiled
def moved_share(share: float, moved: float) -> float:
    """Return a share after a move of its log odds."""
    odds = share / (1.0 - share) * exp(moved)
    return odds / (1.0 + odds)


@compiled
def move_of_composition(past: Past, share: float) -> float:
    """Return the move of log odds, the same in all regions, that gives the country a share."""
    last = 0.0
    for r in range(past.region_count):
        last += past.population_share[r] * past.kazakh_share[r]
    moved = log(share / (1.0 - share)) - log(last / (1.0 - last))
    for _ in range(NEWTON_STEPS):
        mean, slope = 0.0, 0.0
        for r in range(past.region_count):
            there = moved_share(past.kazakh_share[r], moved)
            mean += past.population_share[r] * there
            slope += past.population_share[r] * there * (1.0 - there)
        moved += (share - mean) / slope
    return moved


MECHANISM = MonthlyMechanism(
    name="cohorts",
    title="Population, composition, poverty and generations by region",
    references=("qantar-assumption",),
    systems=("A2", "A11", "A12", "E2"),
    parameters=Parameters,
    country=(Field("soviet_generation", "share", 0, 1, 1, "adults who came of age before 1991"),),
    regions=(
        Field("residents", "persons", 0, math.inf, 0, "residents"),
        Field("kazakhs", "share", 0, 1, 0, "Kazakhs among the residents"),
        Field("poverty", "percent", 0, 100, 0, "residents below the subsistence minimum"),
    ),
)
