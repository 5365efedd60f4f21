"""Hidden discontent, a rival law: people say what they think once enough others do (Kuran 1989).

Private discontent grows; how much of it is expressed depends on how many are seen to express theirs
and on fear.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field
from qantar.model.months.declaration import MONTHS_PER_YEAR, MonthlyMechanism, State
from qantar.rng.elementary import exp, log1p


class Parameters(NamedTuple):
    """Growth a year, threshold and sensitivity, in log units."""

    growth: float
    threshold: float
    seen: float


@compiled
def express(state: State, p: Parameters, month: int) -> None:
    """Set the logarithm of the share of private discontent that is expressed."""
    country = state.country
    private = p.growth * month / MONTHS_PER_YEAR
    seen = p.seen * log1p(country.held_a_year / 100.0)
    country.expressed = -log1p(exp(p.threshold + country.mean_fear - private - seen))


MECHANISM = MonthlyMechanism(
    name="hidden_discontent",
    title="Private discontent is expressed once others express theirs (rival law)",
    references=("kuran1989",),
    systems=("A11", "B2"),
    parameters=Parameters,
    country=(
        Field("expressed", "log units", -math.inf, 0, 0, "log share of discontent expressed"),
    ),
)
