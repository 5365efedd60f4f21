"""Channels: reach of uncensored news, and discontent that has no other way than the street.

Where people can neither vote, complain nor organise, more of a grievance goes to the street
(Hirschman 1970); control of information keeps it down (Guriev and Treisman 2019). Reach is the
share of residents on the internet times the share of those who get news there that the state does
not control; that share grows by a constant amount a year, an assumption.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field
from qantar.model.months.declaration import MONTHS_PER_YEAR, MonthlyMechanism, Past, State


class Parameters(NamedTuple):
    """Share of users reached, and weights in log units."""

    uncensored: float
    uncensored_growth: float
    closed: float
    reach: float


@compiled
def move_channels(state: State, past: Past, p: Parameters, month: int) -> None:
    """Set reach by region, and how far closed channels and reach move protest."""
    country, regions = state.country, state.regions
    later = (month + 1 - past.dated_months) / MONTHS_PER_YEAR
    uncensored = p.uncensored + p.uncensored_growth * later + country.news_shift
    uncensored = min(max(uncensored, 0.0), 1.0)
    mean = 0.0
    for r in range(past.region_count):
        users = country.internet_users / 100.0 * past.reach_ratio[r]
        regions.reach[r] = uncensored * min(max(users, 0.0), 1.0)
        mean += past.population_share[r] * regions.reach[r]
    country.mean_reach = mean
    country.street = p.closed * (1.0 - country.civil_society) + p.reach * mean
    country.street += country.street_shift


MECHANISM = MonthlyMechanism(
    name="channels",
    title="Uncensored news reaches people; closed channels leave the street",
    references=("hirschman1970", "guriev2019"),
    systems=("A9", "A10", "C6"),
    parameters=Parameters,
    country=(
        Field("mean_reach", "share", 0, 1, 0, "residents whom uncensored news reaches"),
        Field("street", "log units", -math.inf, math.inf, 0, "protest for want of other channels"),
    ),
    regions=(Field("reach", "share", 0, 1, 0, "residents whom uncensored news reaches"),),
)
