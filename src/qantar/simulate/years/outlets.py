"""Outlets of a pack as arrays for the months."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qantar.base.arrays import Numbers
from qantar.model.months.event_log import EventLog, blank_log
from qantar.model.months.outlets import (
    EVENTS,
    MECHANISM,
    SPARE,
    OutletsGiven,
    blank_outlets,
    move_outlets,
    no_outlets,
)
from qantar.model.records import Record
from qantar.packs.state.outlets import Outlets
from qantar.packs.state.outlets_tables import REACH, OutletEvent
from qantar.packs.years_tables import month_number
from qantar.rng import Key, stable_id
from qantar.simulate.years.alone import follow_alone
from qantar.simulate.years.inputs import first_rows

_NEVER = 1 << 30
LOGGED_MOST = 2000
"""Most events of one history that are kept."""


def given_outlets(
    outlets: Outlets | None, first: str, record_months: int, election: Numbers
) -> OutletsGiven:
    """Return the outlets of a country for the monthly mechanism.

    Parameters
    ----------
    outlets : Outlets or None
        None gives a country without outlets.
    first : str
        First month of the years, as ``YYYY-MM``. What happened before it happens in it.
    record_months : int
        Months of the record; later events are left out.
    election : float array (months,)
        1 in months around an election.
    """
    if outlets is None:
        return no_outlets()
    start = month_number(first)
    owners = sorted({each.owner for each in outlets.owners})
    events = [each for each in outlets.events if each.month - start < record_months]
    months = [max(each.month - start, 0) for each in events]
    held = [outlets.owner_at(each) for each in events]
    return OutletsGiven(
        record_months=record_months,
        known=len(outlets.outlets),
        owners=len(owners),
        **_units(outlets, start),
        first_events=first_rows(months, record_months),
        event_unit=_whole([outlets.names.index(each.outlet) for each in events]),
        event_kind=_whole([EVENTS.index(each.kind) for each in events]),
        event_months=_whole([_lasts(each) for each in events]),
        event_owner=_whole([owners.index(each.owner) for each in held]),
        event_independence=np.array([each.independence for each in held]),
        election=election,
    )


def _units(outlets: Outlets, start: int) -> dict[str, Any]:
    """Return what is given of every outlet, and of those that may be founded later."""
    rows = outlets.outlets
    names = (*outlets.names, *(f"outlet founded later, {k}" for k in range(SPARE)))
    none, never = [-1] * SPARE, [_NEVER] * SPARE
    later = REACH["web", "niche"]
    at_home = [float(each.medium != "web" and not each.abroad) for each in rows]
    before = [outlets.names.index(r.successor_of) if r.successor_of else -1 for r in rows]
    watched = [month_number(r.watched_from) - start if r.watched_from else _NEVER for r in rows]
    return {
        "unit_id": _whole([stable_id(name) for name in names]),
        "reach": np.array([*(each.reach for each in rows), *[later] * SPARE]),
        "abroad": _whole([*(int(each.abroad) for each in rows), *[0] * SPARE]),
        "licensed": np.array([*at_home, *[0.0] * SPARE]),
        "predecessor": _whole([*before, *none]),
        "watched_from": _whole([*watched, *never]),
    }


def _whole(values: list[int]) -> NDArray[np.int64]:
    return np.array(values, np.int64)


def _lasts(event: OutletEvent) -> int:
    """Return how long an event lasts: -1 is to the next event; an attack without months, 0."""
    if event.off_months is not None:
        return event.off_months
    return 0 if event.kind == "attacked" else -1


def follow_outlets(
    given: OutletsGiven,
    before: Record,
    after: Record,
    reform: int,
    key: Key,
    challenged: Numbers,
) -> tuple[Numbers, EventLog]:
    """Run the outlets alone, without the rest of the month.

    Parameters
    ----------
    given : OutletsGiven
    before, after : record
        `Parameters` before and from the month `reform` on.
    key : Key
    challenged : float array (months,)
        1 in the year after a challenge.

    Returns
    -------
    values : float array (months, fields)
        The fields of the country, in order.
    log : EventLog
    """
    log = blank_log(LOGGED_MOST)
    values = follow_alone(
        MECHANISM,
        move_outlets,
        given,
        blank_outlets(given),
        lambda month: before if month < reform else after,
        log,
        key,
        challenged.size,
        challenged=challenged,
    )
    return values, log
