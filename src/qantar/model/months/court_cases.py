"""Cases before the courts, of the record and drawn: opened, decided, ended.

The mechanism itself is in `courts`; here are its parameters, what it is given, and single cases.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qantar.base.arrays import Numbers
from qantar.base.compilation import compiled, inlined
from qantar.model.mechanism import stream
from qantar.model.months.declaration import MONTHS_PER_YEAR
from qantar.model.months.event_log import COURTS, EventLog, note_event
from qantar.rng import Key, normal, uniform
from qantar.rng.elementary import exp

EVENTS = ("charged", "convicted", "acquitted", "released", "died")
"""Kinds of events of a case in the log; the unit is its position in the pack, or the number of the
pack's cases plus a place for cases to come."""

CHARGED, CONVICTED, ACQUITTED, RELEASED, DIED = range(5)

PLACES = 24
"""Cases to come that are followed at the same time; more are counted and not followed."""

PRESSURE, CASES, RECORD_PRESSURE, RECORD_CASES, RECORD_INDEX, FOLLOWED, UNFOLLOWED = range(7)
"""What a history remembers, by position; see `CourtsState`."""

_NONE, _ACCUSED, _PRISON, _OVER = range(4)
DISMISSAL, _NEW, _NOTICED, _LENGTH, _TRIED = range(len(EVENTS), len(EVENTS) + 5)
DRAW = stream("courts")


class Parameters(NamedTuple):
    """Levers, obedience, rates of dismissals and cases, sentences, trust.

    `from_record`, `dismissal` and `calling` are for reforms: 0 ends the record, makes judges safe,
    and ends calls.
    """

    from_record: float
    dismissal: float
    calling: float
    calls: float
    called: float
    uncalled: float
    threat: float
    lesson: float
    precedent: float
    memory: float
    rate: float
    step: float
    challenge: float
    unnamed: float
    case_challenge: float
    noticed: float
    soften: float
    served: float
    early: float
    spread: float
    trust_low: float
    trust_free: float
    trust_time: float
    trust_case: float
    trust_dismissal: float


class CourtsGiven(NamedTuple):
    """What a pack says of its courts. Months are from the first of the years; -1 is never.

    Attributes
    ----------
    record_months : int
        Months of the record.
    dismissed : float array (record_months,)
        Judges dismissed a month; NaN where nothing counts them. Zero-length without counts.
    dismissal_rate : float
        Judges dismissed a year, over all counts.
    level_change : int
        Month in which the last count begins.
    level_step : float
        Logarithm of the ratio of its rate to that before.
    case_rate, death_share : float
        Named political cases a year; share of them that ended in death before trial.
    trial_months, term, attention : float
        Mean months from charge to verdict; median years of a sentence; mean attention of cases
        that foreign bodies noticed.
    charged, sentenced, released, died : int array (cases,)
    convicted, political, years, noticed : float array (cases,)
        1 if convicted; 1 if political; years of the sentence, NaN if unknown; attention.
    """

    record_months: int
    dismissed: Numbers
    dismissal_rate: float
    level_change: int
    level_step: float
    case_rate: float
    death_share: float
    trial_months: float
    term: float
    attention: float
    charged: NDArray[np.int64]
    sentenced: NDArray[np.int64]
    released: NDArray[np.int64]
    died: NDArray[np.int64]
    convicted: Numbers
    political: Numbers
    years: Numbers
    noticed: Numbers


class CourtsState(NamedTuple):
    """What one history remembers.

    Attributes
    ----------
    memory : float array (7,)
        Dismissals and political cases remembered, here and in the record; index of the record;
        political prisoners of cases that are followed, and those expected of unnamed ones.
    stage, due : int array (cases + PLACES,)
        Not open, accused, in prison or over; the month of the next event.
    years, noticed : float array (cases + PLACES,)
        Years of the sentence, and foreign attention.
    """

    memory: Numbers
    stage: NDArray[np.int64]
    due: NDArray[np.int64]
    years: Numbers
    noticed: Numbers


def no_courts() -> CourtsGiven:
    """Return what stands for a pack without courts: the part is off."""
    none, nothing = np.zeros(0), np.zeros(0, np.int64)
    return CourtsGiven(
        *(0, none, 0.0, -1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        *(nothing, nothing, nothing, nothing),
        *(none, none, none, none),
    )


def blank_courts(given: CourtsGiven) -> CourtsState:
    """Return the state before the first month."""
    size = len(given.charged) + PLACES
    return CourtsState(
        np.zeros(7),
        np.zeros(size, np.int64),
        np.full(size, -1, np.int64),
        np.zeros(size),
        np.zeros(size),
    )


@inlined
def served_months(p: Parameters, years: float, noticed: float) -> int:
    """Return how long a sentence is served, 1 month or more."""
    share = min(p.served * exp(-p.early * noticed), 1.0)
    return max(math.floor(MONTHS_PER_YEAR * years * share + 0.5), 1)


@inlined
def unnamed_cases(given: CourtsGiven, p: Parameters) -> float:
    """Return the political cases of a month that no source names."""
    return given.case_rate * max(p.unnamed, 0.0) / MONTHS_PER_YEAR


@compiled
def impose_cases(
    given: CourtsGiven, own: CourtsState, log: EventLog, month: int
) -> tuple[float, float]:
    """Let the cases of the record happen; return political ones opened, and those that end ill."""
    opened, seen = 0.0, 0.0
    for k in range(len(given.charged)):
        if given.charged[k] == month:
            note_event(log, month, COURTS, k, CHARGED)
            own.stage[k], own.due[k] = _ACCUSED, -1
            own.noticed[k] = given.noticed[k]
            opened += given.political[k]
        if given.sentenced[k] == month:
            convicted = given.convicted[k] > 0.0
            note_event(log, month, COURTS, k, CONVICTED if convicted else ACQUITTED)
            # A sentence without years, such as one in absence, puts nobody in prison here.
            inside = convicted and not math.isnan(given.years[k])
            own.stage[k], own.due[k] = (_PRISON, -1) if inside else (_OVER, -1)
            own.years[k] = given.years[k]
            seen += given.political[k] if convicted else 0.0
            own.memory[FOLLOWED] += given.political[k] if inside else 0.0
        if given.released[k] == month and own.stage[k] == _PRISON:
            note_event(log, month, COURTS, k, RELEASED)
            own.stage[k] = _OVER
            own.memory[FOLLOWED] -= given.political[k]
        if given.died[k] == month:
            note_event(log, month, COURTS, k, DIED)
            if given.charged[k] < 0:
                opened += given.political[k]
            seen += given.political[k]
    return opened, seen


@compiled
def open_case(
    given: CourtsGiven,
    own: CourtsState,
    p: Parameters,
    log: EventLog,
    key: Key,
    month: int,
    challenged: float,
) -> tuple[float, float]:
    """Open at most one political case; return 1 if one is, and 1 if it ends in a death."""
    rate = given.case_rate / MONTHS_PER_YEAR + unnamed_cases(given, p)
    rate *= exp(p.case_challenge * challenged)
    if uniform(key, DRAW, 0, _NEW, month) >= 1.0 - exp(-rate):
        return 0.0, 0.0
    named = len(given.charged)
    for k in range(named, named + PLACES):
        if own.stage[k] == _NONE or own.stage[k] == _OVER:
            if uniform(key, DRAW, 0, _TRIED, month) < given.death_share / (1.0 + p.unnamed):
                note_event(log, month, COURTS, k, DIED)
                return 1.0, 1.0
            note_event(log, month, COURTS, k, CHARGED)
            seen = uniform(key, DRAW, 0, _NOTICED, month) < p.noticed
            own.stage[k], own.due[k] = _ACCUSED, -1
            own.noticed[k] = given.attention if seen else 0.0
            length = p.spread * normal(key, DRAW, 0, _LENGTH, month)
            own.years[k] = given.term * exp(length - p.soften * own.noticed[k])
            return 1.0, 0.0
    return 1.0, 0.0


@compiled
def continue_cases(
    obedience: float,
    given: CourtsGiven,
    own: CourtsState,
    p: Parameters,
    log: EventLog,
    key: Key,
    month: int,
) -> float:
    """Decide the cases that are due and release those who have served; return convictions seen."""
    seen = 0.0
    named = len(given.charged)
    for k in range(own.stage.shape[0]):
        stage = own.stage[k]
        if stage != _ACCUSED and stage != _PRISON:
            continue
        counts = given.political[k] if k < named else 1.0
        # At most one new case is decided a month: its luck does not depend on its place.
        who = k + 1 if k < named else 0
        if own.due[k] < 0:
            own.due[k] = _first_due(given, p, own, k, month)
        if own.due[k] > month:
            continue
        if stage == _PRISON:
            note_event(log, month, COURTS, k, RELEASED)
            own.stage[k] = _OVER
            own.memory[FOLLOWED] -= counts
        # The state wants nothing in a case that is not political: it ends as recorded.
        elif uniform(key, DRAW, who, CONVICTED, month) < (obedience if counts else 1.0):
            note_event(log, month, COURTS, k, CONVICTED)
            own.stage[k] = _PRISON
            own.due[k] = month + served_months(p, own.years[k], own.noticed[k])
            own.memory[FOLLOWED] += counts
            seen += counts
        else:
            note_event(log, month, COURTS, k, ACQUITTED)
            own.stage[k] = _OVER
    return seen


@compiled
def _first_due(given: CourtsGiven, p: Parameters, own: CourtsState, k: int, month: int) -> int:
    """Return when a case is due that the record, or its opening, left without a date."""
    named = len(given.charged)
    if own.stage[k] == _PRISON:
        after: int = given.sentenced[k] + served_months(p, own.years[k], own.noticed[k])
        return after
    if k >= named:
        return month + int(given.trial_months + 0.5)
    own.years[k] = given.term if math.isnan(given.years[k]) else given.years[k]
    verdict: int = given.charged[k] + int(given.trial_months + 0.5)
    return verdict
