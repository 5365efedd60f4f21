"""Outlets: who owns them, what befalls them, and how much of the news is independent.

Rulers who live by control of information buy, close and attack critical outlets (Guriev and
Treisman 2019), more where oil makes news less useful to them (Egorov, Guriev and Sonin 2009). Here
an outlet that is independent of the state may be closed, lose its licence, be attacked, be bought
by a loyal owner, or be blocked if it works from abroad or on the network. Its people may go
abroad, go to social media, or come back under another name. Laws of when that happens are rivals
and differ by two numbers, 0 in the null: how much more often after a challenge
(``after_challenge``) and around elections (``around_election``). Whether attention from abroad
protects (``watched``) is contested, so its sign is open.

`independent_reach` is the mean of independence over working outlets, weighted by reach: of all
contacts of residents with outlets, the share that is independent of the state. Reach and
independence are assumed by rules (`qantar.packs.state.outlets_tables`), and so are most rates; no
study gives them.

Until the end of the record its dated events are imposed, as long as ``from_record`` is above 0.
Reforms: ``pressure`` scales all blows, ``licensing`` 0 means that outlets need no licence, and
``owner_cap`` is the largest share of all reach that one owner may hold. Owners above it buy nothing
and have to sell.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qantar.base.arrays import Numbers
from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, stream
from qantar.model.months.declaration import MONTHS_PER_YEAR, MonthlyMechanism
from qantar.model.months.event_log import OUTLETS, EventLog, note_event
from qantar.model.records import Record
from qantar.rng import Key, uniform
from qantar.rng.elementary import exp

EVENTS = (
    "founded",
    "taken_over",
    "attacked",
    "licence_lost",
    "closed",
    "exiled",
    "refounded",
    "blocked",
    "moved_online",
    "restored",
    "divested",
)
"""Kinds of events; the last only follows from a cap on what one owner holds."""

(
    _FOUNDED,
    _TAKEN,
    _ATTACKED,
    _LICENCE,
    _CLOSED,
    _EXILED,
    _REFOUNDED,
    _BLOCKED,
    _ONLINE,
    _RESTORED,
    _DIVESTED,
) = range(len(EVENTS))

SPARE = 16
"""Outlets that can be founded after the record."""

CRITICAL = 0.5
"""Independence from which an outlet is under pressure."""

LOYAL, PRIVATE, STAFF = 0.1, 0.5, 1.0
"""Independence in the hands of loyal owners, of others, and of those who make it."""

REFOUND_MONTHS = 24
"""Months after its closure in which an outlet may come back under another name."""

_GONE, _WORKING, _OFF = range(3)
_HOME, _ABROAD, _NETWORK = range(3)
_REAL, _RECORD = range(2)
_NEVER = 1 << 30
_DRAW = stream("outlets")
_WAY = stream("way out of an outlet")


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
def _begin(own: OutletsState, row: int, u: int, independence: float, owner: int) -> None:
    """Let an outlet work, in these hands."""
    own.status[row, u], own.blocked[row, u] = _WORKING, 0
    own.independence[row, u], own.owner[row, u] = independence, owner


@compiled
def _strike(own: OutletsState, row: int, u: int, kind: int, month: int, lasts: int) -> None:
    """Let a blow take effect: it lasts so many months, or to the next event if below 0."""
    until = month + lasts if lasts >= 0 else _NEVER
    if kind == _CLOSED:
        own.status[row, u], own.closed[row, u] = _GONE, month
    elif kind == _BLOCKED:
        own.blocked[row, u] = until
    elif until > month:
        own.status[row, u], own.back[row, u] = _OFF, until


@compiled
def _move_away(own: OutletsState, p: Parameters, row: int, u: int, kind: int) -> None:
    """Let an outlet work from abroad, or on social media."""
    own.status[row, u] = _WORKING
    if kind == _EXILED:
        own.place[row, u] = _ABROAD
        own.left[row, u] *= p.abroad_reach
    else:
        own.place[row, u] = _NETWORK
        own.left[row, u] *= p.network_reach


@compiled
def _happen(
    given: OutletsGiven, own: OutletsState, p: Parameters, row: int, e: int, month: int
) -> None:
    """Let an event of the record take effect."""
    u, kind = given.event_unit[e], given.event_kind[e]
    if kind == _REFOUNDED and given.predecessor[u] >= 0:
        own.closed[row, given.predecessor[u]] = -1
    if kind in (_FOUNDED, _REFOUNDED, _TAKEN):
        _begin(own, row, u, given.event_independence[e], given.event_owner[e])
    elif kind in (_EXILED, _ONLINE):
        _move_away(own, p, row, u, kind)
    elif kind == _RESTORED:
        own.status[row, u], own.blocked[row, u] = _WORKING, 0
    else:
        _strike(own, row, u, kind, month, given.event_months[e])


@compiled
def _let_pass(own: OutletsState, row: int, month: int) -> None:
    """Bring outlets back on the air whose time off is over."""
    for u in range(own.status.shape[1]):
        if own.status[row, u] == _OFF and month >= own.back[row, u]:
            own.status[row, u] = _WORKING
        if own.blocked[row, u] > 0 and month >= own.blocked[row, u]:
            own.blocked[row, u] = 0


@compiled
def _reach_of(given: OutletsGiven, own: OutletsState, p: Parameters, row: int, u: int) -> float:
    """Return the reach of an outlet; 0 if it does not work."""
    if own.status[row, u] != _WORKING:
        return 0.0
    reach = given.reach[u] * own.left[row, u]
    return float(reach * p.blocked_reach if own.blocked[row, u] > 0 else reach)


@compiled
def _index(given: OutletsGiven, own: OutletsState, p: Parameters, row: int) -> float:
    """Return independence over working outlets, weighted by reach."""
    total, independent = 0.0, 0.0
    for u in range(given.reach.size):
        reach = _reach_of(given, own, p, row, u)
        total += reach
        independent += reach * own.independence[row, u]
    return independent / total if total > 0.0 else 0.0


@compiled
def _hold(given: OutletsGiven, own: OutletsState, p: Parameters) -> float:
    """Set the reach of every owner, and return the reach of all."""
    own.held[:] = 0.0
    for u in range(given.reach.size):
        own.held[own.owner[_REAL, u]] += _reach_of(given, own, p, _REAL, u)
    return float(own.held.sum())


@compiled
def _falls(key: Key, unit: int, kind: int, month: int, rate: float) -> bool:
    """Draw whether something of this yearly rate happens in the month."""
    if rate <= 0.0:
        return False
    return bool(uniform(key, _DRAW, unit, kind, month) < 1.0 - exp(-rate / MONTHS_PER_YEAR))


@compiled
def _press(
    given: OutletsGiven,
    own: OutletsState,
    p: Parameters,
    log: EventLog,
    key: Key,
    month: int,
    u: int,
    factor: float,
) -> None:
    """Draw what befalls a working outlet that is independent of the state."""
    unit, lasts = given.unit_id[u], max(int(p.off_air + 0.5), 1)
    licence = p.licence_loss * p.licensing * given.licensed[u] * factor
    if own.place[_REAL, u] != _HOME:
        if own.blocked[_REAL, u] == 0 and _falls(key, unit, _BLOCKED, month, p.blocking * factor):
            _strike(own, _REAL, u, _BLOCKED, month, -1)
            note_event(log, month, OUTLETS, u, _BLOCKED)
        return
    if _falls(key, unit, _CLOSED, month, p.closure * factor):
        _strike(own, _REAL, u, _CLOSED, month, -1)
        note_event(log, month, OUTLETS, u, _CLOSED)
        way = uniform(key, _WAY, unit, 0, month)
        if way < p.exile + p.network:
            kind = _EXILED if way < p.exile else _ONLINE
            _move_away(own, p, _REAL, u, kind)
            note_event(log, month, OUTLETS, u, kind)
    elif _falls(key, unit, _LICENCE, month, licence):
        _strike(own, _REAL, u, _LICENCE, month, lasts)
        note_event(log, month, OUTLETS, u, _LICENCE)
    elif _falls(key, unit, _ATTACKED, month, p.attack * factor):
        _strike(own, _REAL, u, _ATTACKED, month, lasts)
        note_event(log, month, OUTLETS, u, _ATTACKED)
    elif _falls(key, unit, _TAKEN, month, p.takeover * factor):
        _buy(given, own, p, log, month, u)


@compiled
def _buy(
    given: OutletsGiven, own: OutletsState, p: Parameters, log: EventLog, month: int, u: int
) -> None:
    """Let loyal owners buy an outlet, unless they would then hold more than one owner may."""
    total = _hold(given, own, p)
    after = own.held[given.owners] + _reach_of(given, own, p, _REAL, u)
    if after <= p.owner_cap * total or p.owner_cap >= 1.0:
        _begin(own, _REAL, u, LOYAL, given.owners)
        note_event(log, month, OUTLETS, u, _TAKEN)


@compiled
def _sell(
    given: OutletsGiven, own: OutletsState, p: Parameters, log: EventLog, key: Key, month: int
) -> None:
    """Let owners above the cap sell outlets, one after the other, to others."""
    if p.owner_cap >= 1.0:
        return
    total = _hold(given, own, p)
    for u in range(given.reach.size):
        owner = own.owner[_REAL, u]
        reach = _reach_of(given, own, p, _REAL, u)
        if reach <= 0.0 or owner == given.owners + 1 or own.independence[_REAL, u] >= CRITICAL:
            continue
        if own.held[owner] > p.owner_cap * total and _falls(
            key, given.unit_id[u], _DIVESTED, month, p.selling
        ):
            own.held[owner] -= reach
            _begin(own, _REAL, u, PRIVATE, given.owners + 1)
            note_event(log, month, OUTLETS, u, _DIVESTED)


@compiled
def _found(
    given: OutletsGiven, own: OutletsState, p: Parameters, log: EventLog, key: Key, month: int
) -> None:
    """Let people found an outlet, if a spare one is left."""
    if not _falls(key, 0, _FOUNDED, month, p.founding):
        return
    for u in range(given.known, given.reach.size):
        if own.independence[_REAL, u] == 0.0:
            _begin(own, _REAL, u, STAFF, given.owners + 1)
            note_event(log, month, OUTLETS, u, _FOUNDED)
            return


@compiled
def _come_back(
    given: OutletsGiven,
    own: OutletsState,
    p: Parameters,
    log: EventLog,
    key: Key,
    month: int,
    u: int,
) -> None:
    """Draw whether the people of a closed outlet begin again under another name."""
    since = month - own.closed[_REAL, u]
    if 0 < since <= REFOUND_MONTHS and _falls(
        key, given.unit_id[u], _REFOUNDED, month, p.refounding
    ):
        _begin(own, _REAL, u, own.independence[_REAL, u], own.owner[_REAL, u])
        own.closed[_REAL, u] = -1
        own.left[_REAL, u] *= p.refounded_reach
        note_event(log, month, OUTLETS, u, _REFOUNDED)


@compiled
def _draw(
    given: OutletsGiven,
    own: OutletsState,
    p: Parameters,
    log: EventLog,
    key: Key,
    month: int,
    challenged: float,
) -> None:
    """Draw the events of a month outside the record."""
    election = given.election[month] if month < given.election.size else 0.0
    raised = p.pressure * exp(p.after_challenge * challenged + p.around_election * election)
    for u in range(given.reach.size):
        status = own.status[_REAL, u]
        if status == _WORKING and own.independence[_REAL, u] >= CRITICAL:
            watched = month >= given.watched_from[u]
            factor = raised * exp(p.watched) if watched else raised
            _press(given, own, p, log, key, month, u, factor)
        elif status == _GONE and own.closed[_REAL, u] >= 0:
            _come_back(given, own, p, log, key, month, u)
        stopped = status == _OFF and own.back[_REAL, u] == _NEVER
        if (stopped or own.blocked[_REAL, u] > 0) and _falls(
            key, given.unit_id[u], _RESTORED, month, p.unblocking
        ):
            own.blocked[_REAL, u] = 0
            if stopped:
                own.status[_REAL, u] = _WORKING
            note_event(log, month, OUTLETS, u, _RESTORED)
    _sell(given, own, p, log, key, month)
    _found(given, own, p, log, key, month)


@compiled
def move_outlets(
    country: Record,
    given: OutletsGiven,
    own: OutletsState,
    p: Parameters,
    log: EventLog,
    key: Key,
    month: int,
    challenged: float,
) -> None:
    """Let the month's events happen, by the record or drawn, and set what outlets are left."""
    if given.known == 0:
        return
    recorded = month < given.record_months
    imposed = recorded and p.from_record > 0.0
    _let_pass(own, _REAL, month)
    if recorded:
        _let_pass(own, _RECORD, month)
        for e in range(given.first_events[month], given.first_events[month + 1]):
            _happen(given, own, p, _RECORD, e, month)
            if imposed:
                _happen(given, own, p, _REAL, e, month)
                note_event(log, month, OUTLETS, given.event_unit[e], given.event_kind[e])
        own.recorded[0] = _index(given, own, p, _RECORD)
    if not imposed:
        _draw(given, own, p, log, key, month, challenged)
    _publish(country, given, own, p)


@compiled
def _publish(country: Record, given: OutletsGiven, own: OutletsState, p: Parameters) -> None:
    """Set the fields of the country."""
    working, critical = 0.0, 0.0
    for u in range(given.reach.size):
        if own.status[_REAL, u] == _WORKING:
            working += 1.0
            if own.independence[_REAL, u] >= CRITICAL:
                critical += 1.0
    country.independent_reach = _index(given, own, p, _REAL)
    country.outlets_open = working
    country.outlets_critical = critical
    country.outlets_shift = country.independent_reach - own.recorded[0]


MECHANISM = MonthlyMechanism(
    name="outlets",
    title="Outlets are bought, closed and founded again",
    references=("guriev2019", "egorov2009"),
    systems=("A9", "C6"),
    parameters=Parameters,
    country=(
        Field("independent_reach", "share", 0, 1, 0, "independence of outlets, weighted by reach"),
        Field("outlets_open", "outlets", 0, math.inf, 0, "outlets that work"),
        Field("outlets_critical", "outlets", 0, math.inf, 0, "of these, independent of the state"),
        Field("outlets_shift", "share", -1, 1, 0, "independent reach against that of the record"),
    ),
)
