"""What an event does to a party, and which events come once the record is left.

Every kind of event has a yearly rate for each party that it can happen to. Three laws of bans are
nested: at a constant rate (`ban_challenge` and `ban_renewal` 0), more often in the year after a
wave (`ban_challenge`), and at intervals, rarely soon after the last one and more often with time
(`ban_renewal` above 0: the hazard of a Weibull law of shape 1 + `ban_renewal`). Arrests of leaders
follow the first two. Each draw has a key of its own, so histories that differ in one rate share
their luck.
"""

from __future__ import annotations

import numpy as np

from qantar.base.compilation import compiled, inlined
from qantar.model.mechanism import stream
from qantar.model.months.declaration import MONTHS_PER_YEAR
from qantar.model.months.event_log import PARTIES, EventLog, note_event
from qantar.model.months.party_state import (
    ABROAD,
    ACTUAL,
    BANNED,
    COOPTED,
    DISSOLVED,
    EXILED,
    FOUNDED,
    FREE,
    FREED,
    GONE,
    ILLEGAL,
    JAILED,
    LEGAL,
    MERGED,
    NONE,
    OPPOSITION,
    PRISON,
    REFUSED,
    REGISTERED,
    RELAUNCHED,
    SATELLITE,
    SPARE,
    SPLIT,
    UNREGISTERED,
    Parameters,
    PartiesState,
    is_active,
)
from qantar.rng import Key, philox4x32, uniform
from qantar.rng.elementary import exp, log
from qantar.rng.philox import HALF_WORD

_DRAW = stream("parties")
_FOUNDING = stream("founding of parties")
_WORDS = 1.0 / 4294967296.0
"""One over the number of words of 32 bits."""

_MOST = 10.0
"""Largest factor of the renewal law."""


@compiled
def happen(own: PartiesState, row: int, unit: int, kind: int, p: Parameters, month: int) -> None:
    """Change a party by an event."""
    if kind == FOUNDED:
        own.status[row, unit] = UNREGISTERED
        own.reach[row, unit] = p.first_reach + _inherited(own, row, unit, p.split_share)
    elif kind == REGISTERED:
        own.status[row, unit] = LEGAL
    elif kind == REFUSED:
        own.status[row, unit] = UNREGISTERED
    elif kind == BANNED:
        own.status[row, unit] = ILLEGAL
        own.reach[row, unit] *= exp(p.publicity)
        own.last_ban[row] = month
    elif kind == RELAUNCHED:
        own.status[row, unit] = UNREGISTERED
        own.reach[row, unit] += p.first_reach
    elif kind in (MERGED, DISSOLVED):
        own.status[row, unit] = GONE
    elif kind == COOPTED:
        own.stance[row, unit] = SATELLITE
    else:
        _meets_leader(own, row, unit, kind, p)
    own.reach[row, unit] = min(own.reach[row, unit], 1.0)


@compiled
def _meets_leader(own: PartiesState, row: int, unit: int, kind: int, p: Parameters) -> None:
    """Change where the leader of a party is."""
    if kind == JAILED:
        own.leader[row, unit] = PRISON
        own.reach[row, unit] *= exp(p.arrest_publicity)
    elif kind == FREED:
        own.leader[row, unit] = FREE
    elif kind == EXILED:
        own.leader[row, unit] = ABROAD


@compiled
def _inherited(own: PartiesState, row: int, unit: int, share: float) -> float:
    """Return the reach that a party takes from the one it split from, which loses it."""
    parent = own.parent[row, unit]
    if parent < 0:
        return 0.0
    taken: float = share * own.reach[row, parent]
    own.reach[row, parent] -= taken
    return taken


@compiled
def draw_events(
    own: PartiesState, p: Parameters, log_of: EventLog, key: Key, month: int, challenged: float
) -> None:
    """Draw the month's events of every party of the opposition, and a founding."""
    arrest = p.jail_rate * exp(p.jail_challenge * challenged)
    ban = p.ban_rate * p.ban_factor * exp(p.ban_challenge * challenged)
    for unit in range(own.status.shape[1]):
        if is_active(own, ACTUAL, unit):
            luck = _luck(key, unit, month)
            if own.status[ACTUAL, unit] == ILLEGAL:
                if _comes(luck[0], p.relaunch):
                    _record(own, p, log_of, unit, RELAUNCHED, month)
            else:
                _draw_standing(own, p, log_of, key, unit, month, luck)
                rate = ban * renewal(p, month - own.last_ban[ACTUAL])
                if own.stance[ACTUAL, unit] == OPPOSITION and _comes(luck[0], rate):
                    _record(own, p, log_of, unit, BANNED, month)
            if own.led[ACTUAL, unit] == 1:
                _draw_leader(own, p, log_of, unit, month, luck[3], arrest)
    if _comes(uniform(key, _FOUNDING, 0, 0, month), p.founding):
        _found(own, p, log_of, -1, month)


@compiled
def _luck(key: Key, unit: int, month: int) -> tuple[float, float, float, float]:
    """Return the four uniform numbers of a party's month, of 32 bits each, from one call."""
    drawn = np.uint64(_DRAW) << HALF_WORD
    a, b, c, d = philox4x32(
        np.uint64(month), np.uint64(unit), drawn, key.member, key.seed_low, key.seed_high
    )
    return _unit(a), _unit(b), _unit(c), _unit(d)


@inlined
def _unit(word: np.uint64) -> float:
    return (float(np.int64(word)) + 0.5) * _WORDS


@inlined
def _comes(luck: float, rate: float) -> bool:
    """Say whether an event of a yearly rate comes this month."""
    return luck * MONTHS_PER_YEAR < rate


@compiled
def _record(
    own: PartiesState, p: Parameters, log_of: EventLog, unit: int, kind: int, month: int
) -> None:
    happen(own, ACTUAL, unit, kind, p, month)
    note_event(log_of, month, PARTIES, unit, kind)


@compiled
def _draw_standing(
    own: PartiesState,
    p: Parameters,
    log_of: EventLog,
    key: Key,
    unit: int,
    month: int,
    luck: tuple[float, float, float, float],
) -> None:
    """Draw registration or refusal, co-optation and a split."""
    if own.status[ACTUAL, unit] == UNREGISTERED:
        if _comes(luck[1], p.application):
            granted = uniform(key, _DRAW, unit, REFUSED, month) < p.registration
            _record(own, p, log_of, unit, REGISTERED if granted else REFUSED, month)
    elif _comes(luck[1], p.cooptation):
        _record(own, p, log_of, unit, COOPTED, month)
    if _comes(luck[2], p.splitting):
        _record(own, p, log_of, unit, SPLIT, month)
        _found(own, p, log_of, unit, month)


@compiled
def renewal(p: Parameters, since: int) -> float:
    """Return the factor on bans so many months after the last one; 1 without renewal."""
    if p.ban_renewal <= 0.0:
        return 1.0
    elapsed = max(float(since), 1.0) / (p.ban_interval * MONTHS_PER_YEAR)
    return min((1.0 + p.ban_renewal) * exp(p.ban_renewal * log(elapsed)), _MOST)


@compiled
def _draw_leader(
    own: PartiesState,
    p: Parameters,
    log_of: EventLog,
    unit: int,
    month: int,
    luck: float,
    arrest: float,
) -> None:
    """Draw what happens to the leader of a party: arrest at one end of luck, exile at the other."""
    if own.leader[ACTUAL, unit] == PRISON:
        if _comes(luck, 1.0 / p.term):
            _record(own, p, log_of, unit, FREED, month)
    elif own.leader[ACTUAL, unit] == FREE:
        if _comes(luck, arrest):
            _record(own, p, log_of, unit, JAILED, month)
        elif _comes(1.0 - luck, p.exile_rate):
            _record(own, p, log_of, unit, EXILED, month)


@compiled
def _found(own: PartiesState, p: Parameters, log_of: EventLog, parent: int, month: int) -> None:
    """Found a party in a free place, or in that of the least of those that no longer count."""
    first, place = own.status.shape[1] - SPARE, -1
    for unit in range(first, own.status.shape[1]):
        if unit == parent:
            continue
        if own.status[ACTUAL, unit] == NONE:
            place = unit
            break
        over = own.status[ACTUAL, unit] == ILLEGAL or own.stance[ACTUAL, unit] != OPPOSITION
        if over and (place < 0 or own.reach[ACTUAL, unit] < own.reach[ACTUAL, place]):
            place = unit
    if place < 0:
        return
    own.stance[ACTUAL, place], own.leader[ACTUAL, place] = OPPOSITION, FREE
    own.led[ACTUAL, place], own.parent[ACTUAL, place] = 1, parent
    _record(own, p, log_of, place, FOUNDED, month)
