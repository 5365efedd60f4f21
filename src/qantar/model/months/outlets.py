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

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, stream
from qantar.model.months.declaration import MONTHS_PER_YEAR, MonthlyMechanism
from qantar.model.months.event_log import OUTLETS, EventLog, note_event
from qantar.model.months.outlet_state import (
    ATTACKED,
    BLOCKED,
    CLOSED,
    CRITICAL,
    DIVESTED,
    EXILED,
    FOUNDED,
    GONE,
    HOME,
    LICENCE,
    LOYAL,
    NEVER,
    OFF,
    ONLINE,
    PRIVATE,
    REAL,
    RECORD,
    REFOUND_MONTHS,
    REFOUNDED,
    RESTORED,
    STAFF,
    TAKEN,
    WORKING,
    OutletsState,
    begin_outlet,
    independent_reach,
    let_happen,
    let_pass,
    move_outlet_away,
    reach_of,
    set_holdings,
    strike_outlet,
)
from qantar.model.months.outlet_state import EVENTS as EVENTS
from qantar.model.months.outlet_state import SPARE as SPARE
from qantar.model.months.outlet_state import OutletsGiven as OutletsGiven
from qantar.model.months.outlet_state import Parameters as Parameters
from qantar.model.months.outlet_state import blank_outlets as blank_outlets
from qantar.model.months.outlet_state import no_outlets as no_outlets
from qantar.model.records import Record
from qantar.rng import Key, uniform
from qantar.rng.elementary import exp

_DRAW = stream("outlets")
_WAY = stream("way out of an outlet")


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
    if own.place[REAL, u] != HOME:
        if own.blocked[REAL, u] == 0 and _falls(key, unit, BLOCKED, month, p.blocking * factor):
            strike_outlet(own, REAL, u, BLOCKED, month, -1)
            note_event(log, month, OUTLETS, u, BLOCKED)
        return
    if _falls(key, unit, CLOSED, month, p.closure * factor):
        strike_outlet(own, REAL, u, CLOSED, month, -1)
        note_event(log, month, OUTLETS, u, CLOSED)
        way = uniform(key, _WAY, unit, 0, month)
        if way < p.exile + p.network:
            kind = EXILED if way < p.exile else ONLINE
            move_outlet_away(own, p, REAL, u, kind)
            note_event(log, month, OUTLETS, u, kind)
    elif _falls(key, unit, LICENCE, month, licence):
        strike_outlet(own, REAL, u, LICENCE, month, lasts)
        note_event(log, month, OUTLETS, u, LICENCE)
    elif _falls(key, unit, ATTACKED, month, p.attack * factor):
        strike_outlet(own, REAL, u, ATTACKED, month, lasts)
        note_event(log, month, OUTLETS, u, ATTACKED)
    elif _falls(key, unit, TAKEN, month, p.takeover * factor):
        _buy(given, own, p, log, month, u)


@compiled
def _buy(
    given: OutletsGiven, own: OutletsState, p: Parameters, log: EventLog, month: int, u: int
) -> None:
    """Let loyal owners buy an outlet, unless they would then hold more than one owner may."""
    total = set_holdings(given, own, p)
    after = own.held[given.owners] + reach_of(given, own, p, REAL, u)
    if after <= p.owner_cap * total or p.owner_cap >= 1.0:
        begin_outlet(own, REAL, u, LOYAL, given.owners)
        note_event(log, month, OUTLETS, u, TAKEN)


@compiled
def _sell(
    given: OutletsGiven, own: OutletsState, p: Parameters, log: EventLog, key: Key, month: int
) -> None:
    """Let owners above the cap sell outlets, one after the other, to others."""
    if p.owner_cap >= 1.0:
        return
    total = set_holdings(given, own, p)
    for u in range(given.reach.size):
        owner = own.owner[REAL, u]
        reach = reach_of(given, own, p, REAL, u)
        if reach <= 0.0 or owner == given.owners + 1 or own.independence[REAL, u] >= CRITICAL:
            continue
        if own.held[owner] > p.owner_cap * total and _falls(
            key, given.unit_id[u], DIVESTED, month, p.selling
        ):
            own.held[owner] -= reach
            begin_outlet(own, REAL, u, PRIVATE, given.owners + 1)
            note_event(log, month, OUTLETS, u, DIVESTED)


@compiled
def _found(
    given: OutletsGiven, own: OutletsState, p: Parameters, log: EventLog, key: Key, month: int
) -> None:
    """Let people found an outlet, if a spare one is left."""
    if not _falls(key, 0, FOUNDED, month, p.founding):
        return
    for u in range(given.known, given.reach.size):
        if own.independence[REAL, u] == 0.0:
            begin_outlet(own, REAL, u, STAFF, given.owners + 1)
            note_event(log, month, OUTLETS, u, FOUNDED)
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
    since = month - own.closed[REAL, u]
    if 0 < since <= REFOUND_MONTHS and _falls(
        key, given.unit_id[u], REFOUNDED, month, p.refounding
    ):
        begin_outlet(own, REAL, u, own.independence[REAL, u], own.owner[REAL, u])
        own.closed[REAL, u] = -1
        own.left[REAL, u] *= p.refounded_reach
        note_event(log, month, OUTLETS, u, REFOUNDED)


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
        status = own.status[REAL, u]
        if status == WORKING and own.independence[REAL, u] >= CRITICAL:
            watched = month >= given.watched_from[u]
            factor = raised * exp(p.watched) if watched else raised
            _press(given, own, p, log, key, month, u, factor)
        elif status == GONE and own.closed[REAL, u] >= 0:
            _come_back(given, own, p, log, key, month, u)
        stopped = status == OFF and own.back[REAL, u] == NEVER
        if (stopped or own.blocked[REAL, u] > 0) and _falls(
            key, given.unit_id[u], RESTORED, month, p.unblocking
        ):
            own.blocked[REAL, u] = 0
            if stopped:
                own.status[REAL, u] = WORKING
            note_event(log, month, OUTLETS, u, RESTORED)
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
    let_pass(own, REAL, month)
    if recorded:
        let_pass(own, RECORD, month)
        for e in range(given.first_events[month], given.first_events[month + 1]):
            let_happen(given, own, p, RECORD, e, month)
            if imposed:
                let_happen(given, own, p, REAL, e, month)
                note_event(log, month, OUTLETS, given.event_unit[e], given.event_kind[e])
        own.recorded[0] = independent_reach(given, own, p, RECORD)
    if not imposed:
        _draw(given, own, p, log, key, month, challenged)
    _publish(country, given, own, p)


@compiled
def _publish(country: Record, given: OutletsGiven, own: OutletsState, p: Parameters) -> None:
    """Set the fields of the country."""
    working, critical = 0.0, 0.0
    for u in range(given.reach.size):
        if own.status[REAL, u] == WORKING:
            working += 1.0
            if own.independence[REAL, u] >= CRITICAL:
                critical += 1.0
    country.independent_reach = independent_reach(given, own, p, REAL)
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
