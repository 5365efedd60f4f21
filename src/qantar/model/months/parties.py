"""Parties of the opposition: status and reach by month, and whether one may stand, sit or bargain.

A ruler keeps opposition down by a party of power, by satellites and co-optation, by rules of
elections, and by a law on parties that is applied as it suits (Isaacs 2011). Here a party is
unregistered, registered, banned or gone; its leader is free, in prison or abroad. Up to the end of
the record, and while `from_record` is above 0, that is what the sources date. Afterwards events are
drawn, each kind at a yearly rate (`qantar.model.months.party_events`).

Reach is the share of residents whom a party reaches and who would vote for it. It follows a level
that registration and uncensored news set, with a memory of years; a vote by list that is on record
sets it. What a ban or an arrest does to it is open: it may silence a party or make it known
(imprisoned leaders fall silent while their followers dissent more, Pan and Siegel 2020). Levels,
memory and the size of both effects are assumed, since nobody has measured the reach of these
parties outside elections.

Whether a registered party could win a seat follows from the rule of elections: its share of votes
against the threshold and the number of list seats, as if there were a vote this month and all other
votes went to lists that pass. Turnout is not modelled.
"""

from __future__ import annotations

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field
from qantar.model.months.declaration import MonthlyMechanism
from qantar.model.months.event_log import PARTIES, EventLog, note_event
from qantar.model.months.party_events import draw_events, happen
from qantar.model.months.party_state import (
    ABROAD,
    ACTUAL,
    FREE,
    ILLEGAL,
    LEGAL,
    RECORD,
    Parameters,
    is_active,
)
from qantar.model.months.party_state import EVENTS as EVENTS
from qantar.model.months.party_state import PartiesGiven as PartiesGiven
from qantar.model.months.party_state import PartiesState as PartiesState
from qantar.model.months.party_state import blank_parties as blank_parties
from qantar.model.months.party_state import no_parties as no_parties
from qantar.model.records import Record
from qantar.rng import Key
from qantar.rng.elementary import exp


@compiled
def move_parties(
    country: Record,
    given: PartiesGiven,
    own: PartiesState,
    p: Parameters,
    log: EventLog,
    key: Key,
    month: int,
    challenged: float,
) -> None:
    """Let a month pass for the parties, and set the indices of the country.

    The record goes on beside a history that has left it, so that the shift is the difference of
    the two; after its end the shift is against its last month.
    """
    if given.stance.size == 0:
        return
    imposed = month < given.record_months and p.from_record > 0.0
    if month < given.record_months:
        _follow_record(given, own, p, log, month, imposed, country.mean_reach)
        seats = seats_share(given, own, RECORD, month, 0.0, 1.0)
        own.recorded[0] = _legal(given, own, RECORD, month, seats)
    if imposed:
        _copy_record(own)
    else:
        draw_events(own, p, log, key, month, challenged)
        _move_reach(own, ACTUAL, p, country.mean_reach)
    threshold = 0.0 if imposed else p.threshold
    counted = 1.0 if imposed else p.counted
    country.opposition_reach = _reached(own)
    country.opposition_seats = seats_share(given, own, ACTUAL, month, threshold, counted)
    country.legal_opposition = _legal(given, own, ACTUAL, month, country.opposition_seats)
    country.bargaining = bargaining(own, ACTUAL, p)
    country.parties_shift = country.legal_opposition - own.recorded[0]


@compiled
def _follow_record(
    given: PartiesGiven,
    own: PartiesState,
    p: Parameters,
    log: EventLog,
    month: int,
    logged: bool,
    online: float,
) -> None:
    """Apply the month's dated events and votes to the record."""
    for k in range(given.first_events[month], given.first_events[month + 1]):
        unit, kind = given.event_unit[k], given.event_kind[k]
        happen(own, RECORD, unit, kind, p, month)
        if logged:
            note_event(log, month, PARTIES, unit, kind)
    _move_reach(own, RECORD, p, online)
    for k in range(given.first_votes[month], given.first_votes[month + 1]):
        own.reach[RECORD, given.vote_unit[k]] = given.vote_share[k]


@compiled
def _copy_record(own: PartiesState) -> None:
    """Set this history to the record."""
    for unit in range(own.status.shape[1]):
        own.status[ACTUAL, unit] = own.status[RECORD, unit]
        own.leader[ACTUAL, unit] = own.leader[RECORD, unit]
        own.stance[ACTUAL, unit] = own.stance[RECORD, unit]
        own.reach[ACTUAL, unit] = own.reach[RECORD, unit]
    own.last_ban[ACTUAL] = own.last_ban[RECORD]


@compiled
def _move_reach(own: PartiesState, row: int, p: Parameters, online: float) -> None:
    """Let reach drift to the level that registration and uncensored news set.

    Whoever speaks for a banned party at home falls silent; from abroad it can still be heard.
    """
    kept = exp(-1.0 / p.memory)
    for unit in range(own.status.shape[1]):
        if is_active(own, row, unit):
            status = own.status[row, unit]
            legal = 1.0 if status == LEGAL else 0.0
            heard = 1.0 if status != ILLEGAL or own.leader[row, unit] == ABROAD else 0.0
            level = p.legal_reach * legal + p.online_reach * online * heard
            moved = level + (own.reach[row, unit] - level) * kept
            own.reach[row, unit] = min(max(moved, 0.0), 1.0)


@compiled
def _reached(own: PartiesState) -> float:
    """Return the share of residents whom some party of the opposition reaches."""
    missed = 1.0
    for unit in range(own.status.shape[1]):
        if is_active(own, ACTUAL, unit):
            missed *= 1.0 - own.reach[ACTUAL, unit]
    return 1.0 - missed


@compiled
def seats_share(
    given: PartiesGiven, own: PartiesState, row: int, month: int, added: float, counted: float
) -> float:
    """Return the share of list seats that the registered opposition would win this month.

    Parameters
    ----------
    added : float
        Points added to the threshold, as a share.
    counted : float
        Share of its votes that are counted.
    """
    at = min(month, given.list_seats.size - 1)
    if at < 0 or given.list_seats[at] <= 0.0:
        return 0.0
    least = max(given.threshold[at] + added, 0.0)
    above, below = 0.0, 0.0
    for unit in range(own.status.shape[1]):
        if is_active(own, row, unit) and own.status[row, unit] == LEGAL:
            votes = own.reach[row, unit] * counted
            if votes >= least:
                above += votes
            else:
                below += votes
    if above <= 0.0:
        return 0.0
    whole = max(1.0 - below, above)
    seats = 0.0
    for unit in range(own.status.shape[1]):
        if is_active(own, row, unit) and own.status[row, unit] == LEGAL:
            votes = own.reach[row, unit] * counted
            if votes >= least:
                seats += float(int(votes / whole * given.list_seats[at] + 0.5))
    share: float = seats / given.list_seats[at]
    return min(share, 1.0)


@compiled
def _legal(given: PartiesGiven, own: PartiesState, row: int, month: int, seats: float) -> float:
    """Return the index of legal opposition: half what is registered, half what could sit.

    The first half is the share of the reach of all parties of the opposition that belongs to
    registered ones. The second is 1 if the registered ones would win a list seat, or if there is
    no list election and one of them exists.
    """
    all_reach, legal_reach, legal = 0.0, 0.0, 0.0
    for unit in range(own.status.shape[1]):
        if is_active(own, row, unit):
            all_reach += own.reach[row, unit]
            if own.status[row, unit] == LEGAL:
                legal_reach += own.reach[row, unit]
                legal = 1.0
    if all_reach <= 0.0:
        return 0.0
    at = min(month, given.list_seats.size - 1)
    sits = legal
    if at >= 0 and given.list_seats[at] > 0.0:
        sits = 1.0 if seats > 0.0 else 0.0
    return 0.5 * legal_reach / all_reach + 0.5 * sits


@compiled
def bargaining(own: PartiesState, row: int, p: Parameters) -> float:
    """Return 1 if some registered party of the opposition has a free leader and enough reach."""
    for unit in range(own.status.shape[1]):
        legal = is_active(own, row, unit) and own.status[row, unit] == LEGAL
        led = own.led[row, unit] == 1 and own.leader[row, unit] == FREE
        if legal and led and own.reach[row, unit] >= p.needed:
            return 1.0
    return 0.0


MECHANISM = MonthlyMechanism(
    name="parties",
    title="Opposition parties are founded, refused, banned, split and co-opted",
    references=("isaacs2011", "pan2020"),
    systems=("A7", "A10"),
    parameters=Parameters,
    country=(
        Field("opposition_reach", "share", 0, 1, 0, "residents whom an opposition party reaches"),
        Field("opposition_seats", "share", 0, 1, 0, "list seats that it would win now"),
        Field(
            "legal_opposition",
            "index",
            0,
            1,
            0,
            "half: registered reach; half: a seat in sight",
        ),
        Field(
            "bargaining",
            "number",
            0,
            1,
            0,
            "1 if a legal leader with followers is free",
        ),
        Field("parties_shift", "index", -1, 1, 0, "legal opposition less that of the record"),
    ),
)
