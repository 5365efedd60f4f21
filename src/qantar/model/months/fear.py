"""Fear: repression is remembered, and fades.

Repression is followed by less protest in some studies and by more in others (Davenport 2007;
Young 2019; Aytac, Schiumerini and Stokes 2018), so its weight may be negative. Some of it is felt
outside the regions where it happened. Those raised in the Soviet Union may be more afraid
(seed-003 s1.1).
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.arrays import Numbers
from qantar.base.compilation import compiled
from qantar.model.mechanism import Field
from qantar.model.months.declaration import MonthlyMechanism, Past, State
from qantar.rng.elementary import exp, log1p

_LN2 = math.log(2.0)
CEILING = 2.0


class Parameters(NamedTuple):
    """Half-life in months and weights in log units."""

    half_life: float
    by_repression: float
    by_deaths: float
    elsewhere: float
    soviet: float


@compiled
def fade_fear(state: State, past: Past, p: Parameters) -> None:
    """Let remembered repression fade; set fear, in log units of turnout."""
    regions = state.regions
    kept = exp(-_LN2 / p.half_life)
    mean = 0.0
    for r in range(past.region_count):
        regions.remembered[r] *= kept
        raw = regions.remembered[r] + p.soviet * (state.country.soviet_generation - 0.5)
        regions.fear[r] = CEILING * math.tanh(raw / CEILING)
        mean += past.population_share[r] * regions.fear[r]
    state.country.mean_fear = mean


@compiled
def remember_repression(
    state: State, past: Past, p: Parameters, killed: float, regions_out: Numbers
) -> None:
    """Remember the repression of a wave: where it happened, and partly elsewhere.

    Parameters
    ----------
    regions_out : float array (R,)
        1 for regions that came out.
    """
    force = p.by_repression + p.by_deaths * log1p(killed)
    share = 0.0
    for r in range(past.region_count):
        share += past.population_share[r] * regions_out[r]
    for r in range(past.region_count):
        near = regions_out[r]
        state.regions.remembered[r] += force * (near + (1.0 - near) * p.elsewhere * share)


MECHANISM = MonthlyMechanism(
    name="fear",
    title="Repression is remembered and fades",
    references=("davenport2007", "young2019", "aytac2018"),
    systems=("A11", "D5"),
    parameters=Parameters,
    country=(Field("mean_fear", "log units", -2, 2, 0, "fear, mean over residents"),),
    regions=(
        Field("remembered", "log units", -math.inf, math.inf, 0, "repression, as remembered"),
        Field("fear", "log units", -2, 2, 0, "reduction of turnout by fear; may be negative"),
    ),
)
