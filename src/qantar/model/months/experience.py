"""Experience: those who protested once know how, and it fades.

Earlier protest makes later protest likelier (Lawrence 2017; Bursztyn et al. 2021). Waves of several
regions leave a step in the whole country, which is the norm that protest is possible.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.arrays import Numbers
from qantar.base.compilation import compiled
from qantar.model.mechanism import Field
from qantar.model.months.declaration import MonthlyMechanism, Past, State
from qantar.rng.elementary import exp

_LN2 = math.log(2.0)
SEVERAL = 3.0
"""Regions out that make a wave felt in the whole country."""


CEILING = 2.0
"""Most experience of either sign, in log units: each wave adds less than the one before."""


class Parameters(NamedTuple):
    """Half-life in months and steps in log units."""

    half_life: float
    wave_step: float
    region_step: float


@compiled
def fade_experience(state: State, past: Past, p: Parameters) -> None:
    """Let experience fade."""
    kept = exp(-_LN2 / p.half_life)
    state.country.norm *= kept
    for r in range(past.region_count):
        state.regions.experience[r] *= kept


@compiled
def learn_from_wave(
    state: State, past: Past, p: Parameters, number: float, regions_out: Numbers
) -> None:
    """Add the experience of a wave: in its regions, and everywhere if it was large.

    Parameters
    ----------
    number : float
        Regions out.
    regions_out : float array (R,)
        1 for regions that came out.
    """
    if number >= SEVERAL:
        state.country.norm = _after_step(state.country.norm, p.wave_step)
    for r in range(past.region_count):
        if regions_out[r] > 0.0:
            state.regions.experience[r] = _after_step(state.regions.experience[r], p.region_step)


@compiled
def _after_step(before: float, step: float) -> float:
    """Return experience after a step, which may be negative: smaller the more there is."""
    after = before + step * (1.0 - abs(before) / CEILING)
    return min(max(after, -CEILING), CEILING)


MECHANISM = MonthlyMechanism(
    name="experience",
    title="Waves leave experience, which fades",
    references=("lawrence2017", "bursztyn2021"),
    systems=("B2",),
    parameters=Parameters,
    country=(Field("norm", "log units", -2, 2, 0, "norm of protest after large waves"),),
    regions=(Field("experience", "log units", -2, 2, 0, "experience of earlier waves"),),
)
