"""The government: when a concession is made to the whole country.

Disruption makes concessions more likely (Klein and Regan 2018), but most protests get none
(Leuschner and Hellmeier 2024). The order, first the price and then household bills, is that of
January 2022.
"""

from __future__ import annotations

from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Mechanism
from qantar.model.offices import reports
from qantar.model.offices.reports import is_in_force_everywhere, pressing
from qantar.model.state import NOT_YET, Action, Environment, State

_CONCESSION = int(Action.PRICE_CONCESSION)
_FREEZE = int(Action.UTILITIES_FREEZE)


class Parameters(NamedTuple):
    """Towns at half pressure, and hours of full pressure until a decision."""

    concession_towns: float
    concession_patience: float
    freeze_patience: float


@compiled
def decide(
    state: State, environment: Environment, p: Parameters, seen: reports.Parameters, hour: int
) -> None:
    """Decide for the country."""
    since = state.centre.since
    pressure = pressing(state.centre.unrest, p.concession_towns, seen)
    if since[_CONCESSION] == NOT_YET:
        build_up(state, _CONCESSION, pressure, p.concession_patience, hour)
    if since[_FREEZE] == NOT_YET and is_in_force_everywhere(state, environment, _CONCESSION):
        build_up(state, _FREEZE, pressure, p.freeze_patience, hour)


@compiled
def build_up(state: State, kind: int, pressure: float, patience: float, hour: int) -> None:
    """Accumulate pressure for a decision, and decide once patience is used up."""
    state.centre.pressure[kind] += pressure
    if pressure > 0.0 and state.centre.pressure[kind] >= patience:
        state.centre.since[kind] = hour
        order(state, kind, 1.0)


@compiled
def order(state: State, kind: int, intensity: float) -> None:
    """Order an action everywhere."""
    state.places.ordered[kind, :] = intensity
    state.centre.decided = 1


OFFICE = Mechanism(
    name="government",
    title="The country gets the concession when protest spreads",
    references=("klein2018", "leuschner2024"),
    parameters=Parameters,
)
