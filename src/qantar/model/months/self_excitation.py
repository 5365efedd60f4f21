"""Self-excitation, a rival law: assemblies bring further assemblies (Hawkes 1971).

Each assembly is followed by others of its kind, a given number on average, soon after.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field
from qantar.model.months.declaration import MonthlyMechanism, State
from qantar.rng.elementary import exp


class Parameters(NamedTuple):
    """Followers of one assembly, and their mean delay in months."""

    followers: float
    delay: float


@compiled
def remember_assemblies(state: State, p: Parameters) -> None:
    """Update the assemblies to come that follow earlier ones, by kind and month."""
    country = state.country
    kept = exp(-1.0 / p.delay)
    gain = (1.0 - kept) * p.followers
    country.followers_economic = kept * country.followers_economic + gain * country.held_economic
    country.followers_social = kept * country.followers_social + gain * country.held_social
    country.followers_political = kept * country.followers_political + gain * country.held_political


MECHANISM = MonthlyMechanism(
    name="self_excitation",
    title="Assemblies bring further assemblies (rival law)",
    references=("hawkes1971",),
    systems=("B1", "B2"),
    parameters=Parameters,
    country=tuple(
        Field(f"followers_{kind}", "a month", 0, math.inf, 0, f"{kind} assemblies to follow")
        for kind in ("economic", "social", "political")
    ),
)
