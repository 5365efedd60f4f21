"""Akims: appointed governors, who respond to protest in their own region.

A region under pressure gets the concession that its protesters demand, and a regional emergency if
protest turns violent. Both are signed in the capital; the akim's patience determines the delay.
Disruption makes concessions more likely (Klein and Regan 2018), but most protests get none
(Leuschner and Hellmeier 2024); an office that depends on the centre gains little from meeting local
need (Zhuravskaya 2000). Threats raise repression (Davenport 2007). No study gives hours or towns.
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
    for r in range(environment.region_count):
        if regions.since_concession[r] == NOT_YET:
            pressure = pressing(regions.unrest[r], p.concession_towns, seen)
            regions.concession[r] += pressure
            if pressure > 0.0 and regions.concession[r] >= p.concession_patience:
                regions.since_concession[r] = hour
                order_in(state, environment, _CONCESSION, r, 1.0)
        if regions.since_emergency[r] == NOT_YET:
            pressure = pressing(regions.violence[r], p.emergency_towns, seen)
            regions.emergency[r] += pressure
            if pressure > 0.0 and regions.emergency[r] >= p.emergency_patience:
                regions.since_emergency[r] = hour
                order_in(state, environment, _EMERGENCY, r, 1.0)


@compiled
def order_in(
    state: State, environment: Environment, kind: int, region: int, intensity: float
) -> None:
    """Order an action in one region, at least at this intensity."""
    ordered = state.places.ordered
    for i in range(environment.place_count):
        if environment.places.region[i] == region:
            ordered[kind, i] = max(ordered[kind, i], intensity)
    state.centre.decided = 1


OFFICE = Mechanism(
    name="akims",
    title="A region under pressure gets the concession, or a regional emergency",
    references=("klein2018", "leuschner2024", "zhuravskaya2000", "davenport2007"),
    parameters=Parameters,
)
