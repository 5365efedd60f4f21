"""The Security Council: emergency, shutdown, foreign troops and the order to shoot.

Threat raises repression (Davenport 2007), though no response to dissent is found where states
repress in advance (Ritter and Conrad 2016): the council responds to reported violence, lost seats
of power and officers killed. Shutdowns went with operations of the forces in Syria (Gohdes 2015).
Foreign troops are requested when seats are lost and the state's own forces are not trusted. Each
measure ends after days of calm, the order to shoot with the emergency.
"""

from __future__ import annotations

from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Mechanism
from qantar.model.offices import reports
from qantar.model.offices.government import build_up, order
from qantar.model.offices.reports import is_in_force, pressing
from qantar.model.state import NOT_YET, Action, State

_EMERGENCY = int(Action.EMERGENCY)
_SHUTDOWN = int(Action.SHUTDOWN)
_TROOPS = int(Action.FOREIGN_TROOPS)
_ORDER = int(Action.SHOOT_ORDER)


class Parameters(NamedTuple):
    """Values at half pressure, hours of full pressure to a decision, hours of calm to its end."""

    shutdown_towns: float
    shutdown_patience: float
    reopened_after: float
    reopened_level: float
    emergency_towns: float
    emergency_patience: float
    lifted_after: float
    troops_seats: float
    troops_by_distrust: float
    troops_patience: float
    troops_travel: float
    troops_stay: float
    order_losses: float
    order_patience: float


@compiled
def decide(state: State, p: Parameters, seen: reports.Parameters, hour: int) -> None:
    """Decide on emergency, shutdown, foreign troops and the order to shoot."""
    centre = state.centre
    since = centre.since
    if since[_SHUTDOWN] == NOT_YET:
        threat = centre.unrest + centre.violence
        pressure = pressing(threat, p.shutdown_towns, seen)
        build_up(state, _SHUTDOWN, pressure, p.shutdown_patience, hour)
    elif state.places.ordered[_SHUTDOWN, 0] == 1.0 and centre.calm >= p.reopened_after:
        order(state, _SHUTDOWN, p.reopened_level)
    if since[_EMERGENCY] == NOT_YET:
        pressure = pressing(centre.violence, p.emergency_towns, seen)
        build_up(state, _EMERGENCY, pressure, p.emergency_patience, hour)
    if centre.calm >= p.lifted_after and state.places.ordered[_EMERGENCY].max() > 0.0:
        order(state, _EMERGENCY, 0.0)
        order(state, _ORDER, 0.0)
    _call_troops(state, p, seen, hour)
    if since[_ORDER] == NOT_YET and is_in_force(state, _EMERGENCY):
        pressure = pressing(centre.losses, p.order_losses, seen)
        build_up(state, _ORDER, pressure, p.order_patience, hour)


@compiled
def _call_troops(state: State, p: Parameters, seen: reports.Parameters, hour: int) -> None:
    """Request foreign troops, let them arrive, and send them home."""
    centre = state.centre
    since = centre.since
    if since[_TROOPS] == NOT_YET:
        threat = centre.lost_seats * (1.0 + p.troops_by_distrust * (1.0 - centre.trust))
        pressure = pressing(threat, p.troops_seats, seen)
        state.centre.pressure[_TROOPS] += pressure
        if pressure > 0.0 and state.centre.pressure[_TROOPS] >= p.troops_patience:
            since[_TROOPS] = hour + int(p.troops_travel)
    elif hour == since[_TROOPS]:
        order(state, _TROOPS, 1.0)
    elif state.places.ordered[_TROOPS, 0] == 1.0 and centre.calm >= p.troops_stay:
        order(state, _TROOPS, 0.0)


OFFICE = Mechanism(
    name="security_council",
    title="Emergency, shutdown, foreign troops and the order to shoot respond to threat",
    references=("davenport2007", "ritter2016", "gohdes2015"),
    parameters=Parameters,
)
