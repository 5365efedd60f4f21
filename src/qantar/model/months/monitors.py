"""Monitors: each counts some of the assemblies, by its own definition.

A monitor sees a share of what happens. The logarithm of this share is a random walk, because
coverage changes with staff, media and rules of coding (Weidmann 2015). Monitors of the same country
and year differ by orders of magnitude, so no count is the number of assemblies.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qantar.base.arrays import Numbers
from qantar.base.compilation import compiled
from qantar.model.mechanism import stream
from qantar.model.months.declaration import MONTHS_PER_YEAR, MonthlyMechanism, Past, State
from qantar.rng import Key, normal, uniform
from qantar.rng.elementary import exp
from qantar.rng.poisson import poisson

_DRAW = stream("monitors")
_DRIFT = stream("drift of monitors")

MOST_MONITORS = 8


class Parameters(NamedTuple):
    """Log coverage of each monitor, in the order of the pack, and its yearly drift."""

    coverage_1: float
    coverage_2: float
    coverage_3: float
    coverage_4: float
    coverage_5: float
    coverage_6: float
    coverage_7: float
    coverage_8: float
    drift: float


@compiled
def coverage_of(p: Parameters, monitor: int) -> float:
    """Return the log coverage of a monitor."""
    if monitor < 4:
        if monitor < 2:
            return p.coverage_1 if monitor == 0 else p.coverage_2
        return p.coverage_3 if monitor == 2 else p.coverage_4
    if monitor < 6:
        return p.coverage_5 if monitor == 4 else p.coverage_6
    return p.coverage_7 if monitor == 6 else p.coverage_8


@compiled
def count(
    state: State,
    past: Past,
    p: Parameters,
    key: Key,
    month: int,
    drift: Numbers,
    published: NDArray[np.float32],
) -> None:
    """Count the assemblies of the month as each monitor would.

    Parameters
    ----------
    drift : float array (monitors,)
        Drift of the log coverage so far.
    published : float array (monitors,)
        Set to the counts; NaN while a monitor does not count.
    """
    country = state.country
    for m in range(past.monitor_count):
        if month % MONTHS_PER_YEAR == 0:
            drift[m] += p.drift * normal(key, _DRIFT, m, 0, month)
        if past.monitor_on[m, month] == 0.0:
            published[m] = math.nan
            continue
        kinds = past.monitor_kinds[m]
        seen = (
            kinds[0] * country.held_economic
            + kinds[1] * country.held_social
            + kinds[2] * country.held_political
        )
        mean = exp(coverage_of(p, m) + drift[m]) * (seen + country.wave_events)
        published[m] = poisson(uniform(key, _DRAW, m, 0, month), mean)


MECHANISM = MonthlyMechanism(
    name="monitors",
    title="Monitors count a share of what happens, by their own definitions",
    references=("weidmann2015",),
    systems=("B3",),
    parameters=Parameters,
)
