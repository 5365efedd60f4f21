"""Outlets in the months: their data, their state, and what each kind of event does to it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qantar.base.arrays import Numbers
from qantar.base.compilation import compiled
from qantar.model.months.event_kinds import OUTLET_EVENTS

EVENTS = OUTLET_EVENTS
"""Kinds of events; the last only follows from a cap on what one owner holds."""

(
    FOUNDED,
    TAKEN,
    ATTACKED,
    LICENCE,
    CLOSED,
    EXILED,
    REFOUNDED,
    BLOCKED,
    ONLINE,
    RESTORED,
    DIVESTED,
) = range(len(EVENTS))

SPARE = 32
"""Outlets that can be founded outside the record; when all have been, none is founded any more."""

CRITICAL = 0.5
"""Independence from which an outlet is under pressure."""

LOYAL, PRIVATE, STAFF = 0.1, 0.5, 1.0
"""Independence in the hands of loyal owners, of others, and of those who make it."""

REFOUND_MONTHS = 24
"""Months after its closure in which an outlet may come back under another name."""

GONE, WORKING, OFF = range(3)
HOME, ABROAD, NETWORK = range(3)
REAL, RECORD = range(2)
NEVER = 1 << 30


class Parameters(NamedTuple):
    """Rules of the state, rates a year, and what is left of reach."""

    from_record: float
    pressure: float
    licensing: float
    owner_cap: float
    closure: float
    licence_loss: float
    attack: float
    takeover: float
    blocking: float
    unblocking: float
    founding: float
    refounding: float
    selling: float
    exile: float
    network: float
    after_challenge: float
    around_election: float
    watched: float
    off_air: float
    abroad_reach: float
    network_reach: float
    blocked_reach: float
    refounded_reach: float


class OutletsGiven(NamedTuple):
    """Outlets of a country: n known ones, and `SPARE` more. Zero-length if the pack has none.

    Attributes
    ----------
    record_months : int
        Months of the record.
    known, owners : int
        Outlets in the record, and owners in it. Two more stand for loyal and for other buyers.
    unit_id : int array (n + SPARE,)
        Part of the random key.
    reach : float array (n + SPARE,)
    abroad : int array (n + SPARE,)
        1 for outlets out of the state's hands.
    licensed : float array (n + SPARE,)
        1 for outlets that need a licence: television and print at home.
    predecessor : int array (n + SPARE,)
        The outlet whose people made it; -1 if none.
    watched_from : int array (n + SPARE,)
        Month from which bodies abroad watch over it.
    first_events : int array (record_months + 1,)
        The events of month t are ``first_events[t]`` to before ``first_events[t + 1]``.
    event_unit, event_kind, event_months, event_owner : int array (events,)
        Outlet, position in `EVENTS`, months that it lasts (-1: open), and who holds it then.
    event_independence : float array (events,)
        Independence in those hands.
    election : float array (months,)
        1 in months around an election.
    """

    record_months: int
    known: int
    owners: int
    unit_id: NDArray[np.int64]
    reach: Numbers
    abroad: NDArray[np.int64]
    licensed: Numbers
    predecessor: NDArray[np.int64]
    watched_from: NDArray[np.int64]
    first_events: NDArray[np.int64]
    event_unit: NDArray[np.int64]
    event_kind: NDArray[np.int64]
    event_months: NDArray[np.int64]
    event_owner: NDArray[np.int64]
    event_independence: Numbers
    election: Numbers


class OutletsState(NamedTuple):
    """Outlets of one history (row 0), and the same outlets by the record alone (row 1).

    Attributes
    ----------
    status, place, owner : int array (2, units)
    back : int array (2, units)
        Month in which it is on the air again.
    blocked : int array (2, units)
        Month until which it is blocked; 0 if it is not.
    closed : int array (2, units)
        Month in which it was closed; -1 if it was not, or if its people have begun again.
    independence, left : float array (2, units)
        Independence, and the factor on its reach.
    held : float array (owners + 2,)
        Reach of every owner in the month.
    recorded : float array (1,)
        Last index of the record.
    """

    status: NDArray[np.int64]
    place: NDArray[np.int64]
    owner: NDArray[np.int64]
    back: NDArray[np.int64]
    blocked: NDArray[np.int64]
    closed: NDArray[np.int64]
    independence: Numbers
    left: Numbers
    held: Numbers
    recorded: Numbers


def no_outlets() -> OutletsGiven:
    """Return the data of a country without outlets."""
    whole, real = np.zeros(0, np.int64), np.zeros(0)
    return OutletsGiven(
        record_months=0,
        known=0,
        owners=0,
        unit_id=whole,
        reach=real,
        abroad=whole,
        licensed=real,
        predecessor=whole,
        watched_from=whole,
        first_events=np.zeros(1, np.int64),
        event_unit=whole,
        event_kind=whole,
        event_months=whole,
        event_owner=whole,
        event_independence=real,
        election=real,
    )


def blank_outlets(given: OutletsGiven) -> OutletsState:
    """Return outlets of which none is founded."""
    units = given.reach.size
    whole = [np.zeros((2, units), np.int64) for _ in range(6)]
    status, place, owner, back, blocked, closed = whole
    place[:] = given.abroad
    closed[:] = -1
    return OutletsState(
        status,
        place,
        owner,
        back,
        blocked,
        closed,
        np.zeros((2, units)),
        np.ones((2, units)),
        np.zeros(given.owners + 2),
        np.zeros(1),
    )


@compiled
def begin_outlet(own: OutletsState, row: int, u: int, independence: float, owner: int) -> None:
    """Let an outlet work, in these hands."""
    own.status[row, u], own.blocked[row, u] = WORKING, 0
    own.independence[row, u], own.owner[row, u] = independence, owner


@compiled
def strike_outlet(own: OutletsState, row: int, u: int, kind: int, month: int, lasts: int) -> None:
    """Let a blow take effect: it lasts so many months, or to the next event if below 0."""
    until = month + lasts if lasts >= 0 else NEVER
    if kind == CLOSED:
        own.status[row, u], own.closed[row, u] = GONE, month
    elif kind == BLOCKED:
        own.blocked[row, u] = until
    elif until > month:
        own.status[row, u], own.back[row, u] = OFF, until


@compiled
def move_outlet_away(own: OutletsState, p: Parameters, row: int, u: int, kind: int) -> None:
    """Let an outlet work from abroad, or on social media."""
    own.status[row, u] = WORKING
    if kind == EXILED:
        own.place[row, u] = ABROAD
        own.left[row, u] *= p.abroad_reach
    else:
        own.place[row, u] = NETWORK
        own.left[row, u] *= p.network_reach


@compiled
def let_happen(
    given: OutletsGiven, own: OutletsState, p: Parameters, row: int, e: int, month: int
) -> None:
    """Let an event of the record take effect."""
    u, kind = given.event_unit[e], given.event_kind[e]
    if kind == REFOUNDED and given.predecessor[u] >= 0:
        own.closed[row, given.predecessor[u]] = -1
    if kind in (FOUNDED, REFOUNDED, TAKEN):
        begin_outlet(own, row, u, given.event_independence[e], given.event_owner[e])
    elif kind in (EXILED, ONLINE):
        move_outlet_away(own, p, row, u, kind)
    elif kind == RESTORED:
        own.status[row, u], own.blocked[row, u] = WORKING, 0
    else:
        strike_outlet(own, row, u, kind, month, given.event_months[e])


@compiled
def let_pass(own: OutletsState, row: int, month: int) -> None:
    """Bring outlets back on the air whose time off is over."""
    for u in range(own.status.shape[1]):
        if own.status[row, u] == OFF and month >= own.back[row, u]:
            own.status[row, u] = WORKING
        if own.blocked[row, u] > 0 and month >= own.blocked[row, u]:
            own.blocked[row, u] = 0


@compiled
def reach_of(given: OutletsGiven, own: OutletsState, p: Parameters, row: int, u: int) -> float:
    """Return the reach of an outlet; 0 if it does not work."""
    if own.status[row, u] != WORKING:
        return 0.0
    reach = given.reach[u] * own.left[row, u]
    return float(reach * p.blocked_reach if own.blocked[row, u] > 0 else reach)


@compiled
def independent_reach(given: OutletsGiven, own: OutletsState, p: Parameters, row: int) -> float:
    """Return independence over working outlets, weighted by reach; 0 if none works."""
    total, independent = 0.0, 0.0
    for u in range(given.reach.size):
        reach = reach_of(given, own, p, row, u)
        total += reach
        independent += reach * own.independence[row, u]
    return independent / total if total > 0.0 else 0.0


@compiled
def set_holdings(given: OutletsGiven, own: OutletsState, p: Parameters) -> float:
    """Set the reach of every owner, and return the reach of all."""
    own.held[:] = 0.0
    for u in range(given.reach.size):
        own.held[own.owner[REAL, u]] += reach_of(given, own, p, REAL, u)
    return float(own.held.sum())
