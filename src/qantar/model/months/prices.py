"""Prices: a general rise is felt by everyone; a held price falls behind the market.

Food and fuel prices bring protest where they are visible and set by the state (Arezki and Brueckner
2011; Natalini, Bravo and Newman 2020). Price rises above 4 percent count as a general rise, by
assumption. A regulated price falls behind the market with inflation until it is released.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field
from qantar.model.months.declaration import MonthlyMechanism, State
from qantar.rng.elementary import exp, log1p


class Parameters(NamedTuple):
    """Parameters of general and regulated prices."""

    threshold: float
    span: float
    adjustment: float


@compiled
def move_prices(state: State, p: Parameters) -> None:
    """Set how widely prices are felt, and how far the regulated price is behind."""
    country = state.country
    rise = (country.inflation_before - p.threshold) / p.span
    country.breadth = min(max(rise, 0.0), 1.0)
    grown = log1p(max(country.inflation, 0.0) / 100.0) / 12.0
    country.price_gap = (country.price_gap + grown) * exp(-1.0 / p.adjustment)


MECHANISM = MonthlyMechanism(
    name="prices",
    title="A general rise of prices is felt widely; a held price falls behind the market",
    references=("arezki2011", "natalini2020"),
    systems=("A3",),
    parameters=Parameters,
    country=(
        Field("breadth", "share", 0, 1, 0, "how widely a general rise of prices is felt"),
        Field("price_gap", "log units", 0, math.inf, 0, "regulated price behind the market"),
    ),
)
