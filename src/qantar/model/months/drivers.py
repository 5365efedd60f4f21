"""Drivers: series from outside, as measured or, where nobody measured, drawn from a stated prior.

Economy, population and the scores of institutions are given, not explained: no law of theirs is
claimed here. After its last value, or in a gap, a series follows a yearly first-order
autoregressive process about the mean that the pack states. An assumption of the model.
"""

from __future__ import annotations

import math

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, stream
from qantar.model.months.declaration import MONTHS_PER_YEAR, SERIES, MonthlyMechanism, Past, State
from qantar.rng import Key, normal

_DRAW = stream("drivers")


@compiled
def move_drivers(state: State, past: Past, key: Key, month: int) -> None:
    """Set every series: the first fields of the country, in the order of `SERIES`."""
    if month % MONTHS_PER_YEAR == 0:
        state.country.inflation_before = state.country.inflation
    for s in range(past.series.shape[1]):
        known = past.series[month, s]
        if not math.isnan(known):
            state.country_values[s] = known
        elif month % MONTHS_PER_YEAR == 0:
            mean, kept = past.series_mean[s], past.series_persistence[s]
            before = state.country_values[s] if month > 0 else mean
            # At the start there is no year before: the whole stated spread.
            fresh = 1.0 - kept * kept if month > 0 else 1.0
            shock = past.series_sd[s] * math.sqrt(fresh)
            drawn = mean + kept * (before - mean) + shock * normal(key, _DRAW, s, 0, month)
            state.country_values[s] = min(max(drawn, past.series_low[s]), past.series_high[s])
    if month == 0:
        state.country.inflation_before = state.country.inflation


MECHANISM = MonthlyMechanism(
    name="drivers",
    title="Economy, population and institutions are given, or drawn from a stated prior",
    references=("qantar-assumption",),
    systems=("A2", "A4", "A7", "A8", "A9", "C2", "C3", "E5", "E6"),
    country=(
        *(Field(name, "as in the pack", -math.inf, math.inf, 0, name) for name in SERIES),
        Field("inflation_before", "percent", -math.inf, math.inf, 0, "inflation of last year"),
    ),
)
