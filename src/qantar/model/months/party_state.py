"""Parties of one history: what is given, what is kept, and the numbers that move them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qantar.base.arrays import Numbers
from qantar.base.compilation import compiled
from qantar.model.months.event_kinds import PARTY_EVENTS

EVENTS = PARTY_EVENTS
"""What may happen to a party; the position of a name is its number."""

FOUNDED, REGISTERED, REFUSED, SPLIT, BANNED, JAILED, FREED, EXILED = range(8)
COOPTED, RELAUNCHED, MERGED, RENAMED, DISSOLVED = range(8, 13)

STANCES = ("ruling", "satellite", "opposition")
RULING, SATELLITE, OPPOSITION = range(3)

NONE, UNREGISTERED, LEGAL, ILLEGAL, GONE = range(5)
"""Status of a party: not yet founded, not registered, registered, banned, merged or dissolved."""

FREE, PRISON, ABROAD = range(3)
"""Where its leader is."""

SPARE = 12
"""Places for parties that are drawn; when all are taken, one that no longer counts gives way."""

ACTUAL, RECORD = 0, 1
"""Rows of the state: this history, and the record beside it, from which the shift is measured."""


class Parameters(NamedTuple):
    """Rates a year, chances, and levels of reach."""

    from_record: float
    legal_reach: float
    online_reach: float
    first_reach: float
    memory: float
    split_share: float
    publicity: float
    arrest_publicity: float
    founding: float
    application: float
    registration: float
    cooptation: float
    splitting: float
    relaunch: float
    ban_rate: float
    ban_factor: float
    ban_challenge: float
    ban_renewal: float
    ban_interval: float
    jail_rate: float
    jail_challenge: float
    exile_rate: float
    term: float
    threshold: float
    counted: float
    needed: float


class PartiesGiven(NamedTuple):
    """What the pack says of parties. P parties, E events, V results by list.

    Attributes
    ----------
    record_months : int
        Months from the first of the years for which events are on record.
    stance, led, parent : int array (P,)
        A position in `STANCES`; 1 if somebody leads it; the party from which it split, or -1.
    first_events : int array (record_months + 1,)
        The events of month t are ``first_events[t]`` to before ``first_events[t + 1]``. Those
        before the first month are counted to it.
    event_unit, event_kind : int array (E,)
    first_votes : int array (record_months + 1,)
    vote_unit : int array (V,)
    vote_share : float array (V,)
        Share of the votes, 0 to 1.
    list_seats, threshold : float array (months,)
        Rule of elections; no seats by list before the first rule. The threshold is a share.
    """

    record_months: int
    stance: NDArray[np.int64]
    led: NDArray[np.int64]
    parent: NDArray[np.int64]
    first_events: NDArray[np.int64]
    event_unit: NDArray[np.int64]
    event_kind: NDArray[np.int64]
    first_votes: NDArray[np.int64]
    vote_unit: NDArray[np.int64]
    vote_share: Numbers
    list_seats: Numbers
    threshold: Numbers


class PartiesState(NamedTuple):
    """Parties of one history, those of the pack before the `SPARE` ones.

    Attributes
    ----------
    status, leader, stance, parent : int array (2, P + SPARE)
        The first row is this history, the second the record.
    reach : float array (2, P + SPARE)
    led : int array (2, P + SPARE)
    last_ban : int array (2,)
        Month of the latest ban; -1 before the first.
    recorded : float array (1,)
        The index at the end of the record.
    """

    status: NDArray[np.int64]
    leader: NDArray[np.int64]
    stance: NDArray[np.int64]
    parent: NDArray[np.int64]
    reach: Numbers
    led: NDArray[np.int64]
    last_ban: NDArray[np.int64]
    recorded: Numbers


def blank_parties(given: PartiesGiven) -> PartiesState:
    """Return parties before the first month."""
    count = given.stance.size + SPARE
    whole = (2, count)
    state = PartiesState(
        np.zeros(whole, np.int64),
        np.zeros(whole, np.int64),
        np.full(whole, OPPOSITION, np.int64),
        np.full(whole, -1, np.int64),
        np.zeros(whole),
        np.ones(whole, np.int64),
        np.full(2, -1, np.int64),
        np.zeros(1),
    )
    state.stance[:, : given.stance.size] = given.stance
    state.parent[:, : given.stance.size] = given.parent
    state.led[:, : given.stance.size] = given.led
    return state


def no_parties() -> PartiesGiven:
    """Return what is given if a pack describes no parties."""
    none = np.zeros(0, np.int64)
    return PartiesGiven(
        0, none, none, none, np.zeros(1, np.int64), none, none, np.zeros(1, np.int64), none,
        np.zeros(0), np.zeros(0), np.zeros(0),
    )  # fmt: skip


@compiled
def is_active(own: PartiesState, row: int, unit: int) -> bool:
    """Say whether a party is of the opposition and has not ended; a banned one may go on."""
    status = own.status[row, unit]
    return bool(own.stance[row, unit] == OPPOSITION and status != NONE and status != GONE)
