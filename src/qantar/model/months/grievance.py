"""Grievance: economic, social, political and territorial, remembered by region.

What people hold against the state follows what happens to them, with a memory (relative
deprivation: Gurr 1970). Evidence that hardship raises the number of protests is weak or negative in
Kazakhstan and elsewhere, so every weight may be zero or negative. Kinds are in units of the spread
that their causes have between regions and years.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field
from qantar.model.months.declaration import MonthlyMechanism, Past, State
from qantar.rng.elementary import exp

NORMAL_GROWTH = 4.0
NORMAL_UNEMPLOYMENT = 5.0
LARGE_CONTRIBUTION = 0.1
"""Net contribution per head, as a share of national product, that counts as 1."""


class Parameters(NamedTuple):
    """Memory in months and weights of causes."""

    memory: float
    inflation: float
    poverty: float
    growth: float
    unemployment: float
    closed: float
    distrust: float
    territorial: float
    exclusion: float


@compiled
def move_grievance(state: State, past: Past, p: Parameters) -> None:
    """Move each kind of grievance towards its causes."""
    country, regions = state.country, state.regions
    kept = exp(-1.0 / p.memory)
    gain = 1.0 - kept
    shared = p.inflation * country.breadth + p.growth * (NORMAL_GROWTH - country.growth) / 10.0
    political = p.closed * (1.0 - country.civil_society) + p.distrust * (1.0 - country.trust)
    idle = p.unemployment * (country.unemployment - NORMAL_UNEMPLOYMENT) / NORMAL_UNEMPLOYMENT
    for r in range(past.region_count):
        poor = p.poverty * (regions.poverty[r] / max(country.poverty, 0.1) - 1.0)
        unfair = regions.net_contribution[r] / LARGE_CONTRIBUTION
        land = p.territorial * min(max(unfair, 0.0), 1.0) + p.exclusion * past.exclusion[r]
        regions.economic[r] = kept * regions.economic[r] + gain * (shared + poor)
        regions.social[r] = kept * regions.social[r] + gain * (idle + poor)
        regions.political[r] = kept * regions.political[r] + gain * political
        regions.territorial[r] = kept * regions.territorial[r] + gain * land


_RANGE = (-math.inf, math.inf, 0)

MECHANISM = MonthlyMechanism(
    name="grievance",
    title="Economic, social, political and territorial grievance, remembered by region",
    references=("gurr1970", "griffin2020", "cederman2013"),
    systems=("A2", "B4"),
    parameters=Parameters,
    regions=(
        Field("economic", "log units", *_RANGE, "economic grievance"),
        Field("social", "log units", *_RANGE, "social grievance"),
        Field("political", "log units", *_RANGE, "political grievance"),
        Field("territorial", "log units", *_RANGE, "grievance of the region against the centre"),
    ),
)
