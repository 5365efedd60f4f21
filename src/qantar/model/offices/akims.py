"""Akims: appointed governors, who respond to protest in their own region.

A region under pressure gets the concession that its protesters demand, and a regional emergency if
protest turns violent. Both are signed in the capital; the akim's patience determines the delay. A
governor appointed by the capital is accountable to it first (Svolik 2012).
"""

from __future__ import annotations

from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Mechanism
from qantar.model.offices import reports
from qantar.model.offices.reports import pressing
from qantar.model.state import NOT_YET, Action, Environment, State

_CONCESSION = int(Action.PRICE_CONCESSION)
_EMERGENCY = int(Action.EMERGENCY)


class Parameters(NamedTuple):
    """Towns at half pressure, and hours of full pressure until a decision."""

    concession_towns: float
    concession_patience: float
    emergency_towns: float
    emergency_patience: float


@compiled
def decide(
    state: State, environment: Environment, p: Parameters, seen: reports.Parameters, hour: int
) -> None:
    """Decide for each region."""
    regions = state.regions
    for r in range(regions.size):
        region = regions[r]
        if region.since_concession == NOT_YET:
            pressure = pressing(region.unrest, p.concession_towns, seen)
            region.concession += pressure
            if pressure > 0.0 and region.concession >= p.concession_patience:
                region.since_concession = hour
                order_in(state, environment, _CONCESSION, r, 1.0)
        if region.since_emergency == NOT_YET:
            pressure = pressing(region.violence, p.emergency_towns, seen)
            region.emergency += pressure
            if pressure > 0.0 and region.emergency >= p.emergency_patience:
                region.since_emergency = hour
                order_in(state, environment, _EMERGENCY, r, 1.0)


@compiled
def order_in(
    state: State, environment: Environment, kind: int, region: int, intensity: float
) -> None:
    """Order an action in one region, at least at this intensity."""
    ordered = state.ordered
    for i in range(environment.places.size):
        if environment.places[i].region == region:
            ordered[kind, i] = max(ordered[kind, i], intensity)
    state.decided[0] = 1


OFFICE = Mechanism(
    name="akims",
    title="A region under pressure gets the concession, or a regional emergency",
    references=("svolik2012", "acemoglu2006", "davenport2007"),
    parameters=Parameters,
)
