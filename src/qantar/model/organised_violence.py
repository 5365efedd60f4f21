"""Organised violence: groups tied to elite patronage use a large protest as their cover.

Whether they did in January is disputed; the sources place the base of such networks in the south
long before. Brokers of violence need a crowd to hide in (Brass 1997), so nothing happens without
one. The weight may be nearly nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from qantar.compiled import compiled
from qantar.model.mechanism import Mechanism
from qantar.model.state import Ground, State


class Parameters(NamedTuple):
    """Numbers of organised violence."""

    rate: float
    cover_crowd: float
    concentration: float


@compiled
def instigate(state: State, ground: Ground, p: Parameters) -> None:
    """Set the hazard at which instigators turn protesters violent."""
    places = state.places
    homes = ground.places
    for i in range(homes.size):
        here = places[i]
        base = homes[i].patronage ** p.concentration
        here.instigation = p.rate * base * here.crowd**2 / (here.crowd**2 + p.cover_crowd**2)


MECHANISM = Mechanism(
    name="organised_violence",
    title="Networks of elite patronage turn a large protest into violence",
    references=("brass1997", "geddes2018"),
    asserted=("seed-000:p6", "seed-002:p7", "seed-002:p8", "seed-001:p21"),
    denied=("seed-001:p17", "seed-003:s3.2.1"),
    parameters=Parameters,
)
