"""Structural-demographic stress, a rival law (Goldstone 1991; Turchin 2016).

Stress is the product of what presses on the population, on the elite and on the state. Poverty and
unemployment stand for the first, inequality for the second, distrust for the third.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field
from qantar.model.months.declaration import MonthlyMechanism, State
from qantar.rng.elementary import log


class Parameters(NamedTuple):
    """Weight of the logarithm of stress."""

    weight: float


@compiled
def measure_stress(state: State, p: Parameters) -> None:
    """Set the logarithm of stress, 0 for poverty, unemployment and trust of 5 % and one half."""
    country = state.country
    people = log(max(country.poverty, 0.5) / 5.0) + log(max(country.unemployment, 0.5) / 5.0)
    elite = log(max(country.gini, 10.0) / 30.0)
    state_strain = log(max(1.0 - country.trust, 0.05) / 0.5)
    country.stress = p.weight * (people + elite + state_strain)


MECHANISM = MonthlyMechanism(
    name="demographic_stress",
    title="Stress on people, elite and state (rival law)",
    references=("goldstone1991", "turchin2016"),
    systems=("A2",),
    parameters=Parameters,
    country=(Field("stress", "log units", -math.inf, math.inf, 0, "stress on rates, in logs"),),
)
