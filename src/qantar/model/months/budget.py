"""Budget: shared taxes, general transfers by need and earmarked transfers by connection.

Regions keep part of the taxes raised there. The centre fills the gap between a region's own revenue
and its need by general transfers, takes part of the revenue above it, and spreads earmarked
transfers by the connections of the akim (seed-000 p6). The formal rule follows the literature on
equalisation (Boadway and Shah 2007); how much connections weigh is contested and may be nothing.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field
from qantar.model.months.declaration import MONTHS_PER_YEAR, MonthlyMechanism, Past, State
from qantar.rng.elementary import exp


class Parameters(NamedTuple):
    """Rates relative to gross regional product per head of the country."""

    tax_rate: float
    kept_share: float
    need: float
    poverty_weight: float
    withdrawal: float
    earmarked: float
    connection: float


@compiled
def share_budget(state: State, past: Past, p: Parameters, month: int) -> None:
    """Set the year's revenue and transfers per head, as shares of product per head."""
    if month % MONTHS_PER_YEAR != 0:
        return
    regions = state.regions
    gaps = 0.0
    taken = 0.0
    weights = 0.0
    central = 0.0
    for r in range(past.region_count):
        tax = p.tax_rate * past.income[r]
        own = p.kept_share * tax
        ratio = regions.poverty[r] / max(state.country.poverty, 0.1)
        need = p.need * (1.0 + p.poverty_weight * (ratio - 1.0))
        regions.own_revenue[r] = own
        regions.general_transfer[r] = max(need - own, 0.0)
        regions.withdrawal[r] = p.withdrawal * max(own - need, 0.0)
        connection = min(max(past.connection[r] + regions.connection_shift[r], 0.0), 1.0)
        regions.earmarked_transfer[r] = exp(p.connection * connection)
        share = past.population_share[r]
        central += share * (tax - own)
        gaps += share * regions.general_transfer[r]
        taken += share * regions.withdrawal[r]
        weights += share * regions.earmarked_transfer[r]
    # The pool of general transfers is what the gaps need, or what there is.
    pool = central + taken
    special = p.earmarked * pool
    general = min(gaps, pool - special)
    for r in range(past.region_count):
        if gaps > 0.0:
            regions.general_transfer[r] *= general / gaps
        regions.earmarked_transfer[r] *= special / weights
        got = regions.general_transfer[r] + regions.earmarked_transfer[r]
        paid = (1.0 - p.kept_share) * p.tax_rate * past.income[r] + regions.withdrawal[r]
        regions.net_contribution[r] = paid - got
    state.country.transfers = general + special
    state.country.central_revenue = pool


MECHANISM = MonthlyMechanism(
    name="budget",
    title="Shared taxes, general transfers by need, earmarked transfers by connection",
    references=("boadway2007",),
    systems=("A1",),
    parameters=Parameters,
    country=(
        Field("transfers", "share of product", 0, math.inf, 0, "all transfers to regions"),
        Field("central_revenue", "share of product", 0, math.inf, 0, "revenue of the centre"),
    ),
    regions=(
        Field("own_revenue", "per head, national product = 1", 0, math.inf, 0, "kept taxes"),
        Field("general_transfer", "per head, national product = 1", 0, math.inf, 0, "by need"),
        Field("earmarked_transfer", "per head, national product = 1", 0, math.inf, 0, "by ties"),
        Field(
            "withdrawal", "per head, national product = 1", 0, math.inf, 0, "taken by the centre"
        ),
        Field(
            "net_contribution",
            "per head, national product = 1",
            -math.inf,
            math.inf,
            0,
            "paid to the centre less got from it",
        ),
    ),
)
