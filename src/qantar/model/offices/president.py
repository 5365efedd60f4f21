"""The president: resignation of the government, Security Council, new cabinet, mourning.

Dismissing the government, and then the old guard, meets demands of the protesters and settles a
power struggle at the same time. Insiders remove far more leaders than uprisings do (Svolik 2009);
no study gives hours or towns. The chair of the Security Council changes sooner if protest is
directed against the regime and if the president does not trust the forces commanded by the old
guard.
"""

from __future__ import annotations

from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Mechanism
from qantar.model.offices import reports
from qantar.model.offices.government import build_up, order
from qantar.model.offices.reports import is_in_force, pressing
from qantar.model.state import NOT_YET, Action, State

_CONCESSION = int(Action.PRICE_CONCESSION)
_RESIGNS = int(Action.GOVERNMENT_RESIGNS)
_COUNCIL = int(Action.COUNCIL_CHAIR_CHANGES)
_CABINET = int(Action.NEW_CABINET)
_MOURNING = int(Action.MOURNING)


class Parameters(NamedTuple):
    """Towns at half pressure, hours of full pressure until a decision, and hours of calm."""

    resignation_towns: float
    resignation_patience: float
    council_towns: float
    council_patience: float
    council_by_distrust: float
    cabinet_patience: float
    mourning_after: float
    mourning_lasts: float


@compiled
def decide(state: State, p: Parameters, seen: reports.Parameters, hour: int) -> None:
    """Decide on resignations, appointments and mourning."""
    centre = state.centre
    since = centre.since
    if since[_RESIGNS] == NOT_YET and is_in_force(state, _CONCESSION):
        # The government resigns if protest continues after a concession.
        pressure = pressing(centre.unrest, p.resignation_towns, seen)
        build_up(state, _RESIGNS, pressure, p.resignation_patience, hour)
    if since[_COUNCIL] == NOT_YET:
        against = centre.unrest * centre.demand
        against *= 1.0 + p.council_by_distrust * (1.0 - centre.trust)
        build_up(
            state, _COUNCIL, pressing(against, p.council_towns, seen), p.council_patience, hour
        )
    if since[_CABINET] == NOT_YET and is_in_force(state, _RESIGNS):
        build_up(state, _CABINET, 1.0, p.cabinet_patience, hour)
    if since[_MOURNING] == NOT_YET:
        if centre.calm >= p.mourning_after and _death_published(state):
            since[_MOURNING] = hour
            order(state, _MOURNING, 1.0)
    elif hour == since[_MOURNING] + int(p.mourning_lasts):
        order(state, _MOURNING, 0.0)


@compiled
def _death_published(state: State) -> bool:
    """Return whether a death has been published."""
    return bool(state.places.deaths_published.max() >= 1.0)


OFFICE = Mechanism(
    name="president",
    title="The government and the old guard are dismissed if protest continues",
    references=("svolik2009",),
    parameters=Parameters,
)
