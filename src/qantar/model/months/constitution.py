"""Constitution: how concentrated power is by law, whether it is divided, and when that changes.

**In the record** concentration and dual power are those of the dated rules
(`qantar.packs.state.power`), and amendments happen when they did. If the offices made for one
person never were (`first_president` 0), both are those of the rules without them.

**After it** amendments renew themselves: the time from one to the next is gamma distributed, with
shape exp(`regularity`); 0 is a constant rate, the null. After a challenge by the street time may
run faster or slower (`after_challenge`; 0 is the null). Every amendment either concentrates power
(Svolik 2012: leaders who can, grab) or spreads it (Acemoglu and Robinson 2006: a threat may be
bought off by sharing); which of the two a challenge favours is open. It moves concentration by a
share of what is left to its bound, uniform up to twice `size`. A handover may divide power between
two persons for a time: the leader's share, taken as the root of concentration, then loses half of
the overlap. Rates rest on few events; sizes are assumed. Law is not fact: who obeys is not told.
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
from qantar.model.months.event_log import CONSTITUTION, EventLog, note_event
from qantar.model.records import Record
from qantar.rng import Key, normal, uniform
from qantar.rng.elementary import exp, log

_GAP = stream("gap of amendments")
_TURN = stream("turn of an amendment")
_SPLIT = stream("division of power")

EVENTS = ("concentrates", "spreads", "neither", "divided", "joined")
"""What happens: an amendment that concentrates or spreads power over persons or does neither; power
is divided between two persons, or joined again."""

CONCENTRATES, SPREADS, NEITHER, DIVIDED, JOINED = range(5)

NO_UNIT = -1
"""Unit of an event that is not in the pack's table of amendments."""

MOST_DRAWS = 64
"""Draws of a gap longer than the time already waited, before the null's is taken."""

_BASE, _DUAL, _CLOCK, _NEXT, _COUNT = range(5)


class Parameters(NamedTuple):
    """When amendments come and what they do."""

    from_record: float
    first_president: float
    mean_gap: float
    regularity: float
    after_challenge: float
    concentrates: float
    concentrates_challenge: float
    size: float
    split_rate: float
    split_time: float
    split_size: float


class ConstitutionGiven(NamedTuple):
    """The dated constitution, by month from the first of the years.

    Attributes
    ----------
    record_months : int
        Months of the record; 0 if the pack brings no constitution.
    concentration, dual : float array (record_months,)
        Of the rules as dated.
    plain : float array (record_months,)
        Concentration if the offices made for one person never were.
    amended : int array (amendments,)
        Month of every amendment; negative before the first month.
    turn : int array (amendments,)
        `CONCENTRATES`, `SPREADS` or `NEITHER`.
    step : int array (amendments,)
        1 if it changed the text of the constitution.
    """

    record_months: int
    concentration: Numbers
    dual: Numbers
    plain: Numbers
    amended: NDArray[np.int64]
    turn: NDArray[np.int64]
    step: NDArray[np.int64]


class ConstitutionState(NamedTuple):
    """What one history keeps.

    Attributes
    ----------
    values : float array (5,)
        Concentration if power is not divided; overlap of two persons; months since the last step,
        faster or slower after a challenge; months at which the next one comes, 0 if not drawn;
        number of gaps drawn.
    """

    values: Numbers


def no_constitution() -> ConstitutionGiven:
    """Return the data of a pack without a constitution."""
    none, whole = np.zeros(0), np.zeros(0, np.int64)
    return ConstitutionGiven(0, none, none, none, whole, whole, whole)


def blank_constitution(given: ConstitutionGiven) -> ConstitutionState:
    """Return the state of a history before its first month."""
    values = np.zeros(5)
    before = given.amended[(given.amended < 0) & (given.step > 0)]
    if before.size:
        values[_CLOCK] = -float(before.max()) - 1.0
    return ConstitutionState(values)


@compiled
def draw_gap(key: Key, shape: float, mean: float, number: int, attempt: int) -> float:
    """Return a gamma distributed gap (Marsaglia and Tsang 2000), exponential at shape 1.

    Parameters
    ----------
    number, attempt : int
        Which gap of the history, and which draw of it.
    """
    if shape == 1.0:
        return -mean * log(uniform(key, _GAP, attempt, 0, number))
    boosted = shape if shape >= 1.0 else shape + 1.0
    d = boosted - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    found = d
    for k in range(32):
        z = normal(key, _GAP, attempt, 2 * k + 1, number)
        root = 1.0 + c * z
        v = root * root * root
        if v > 0.0:
            u = uniform(key, _GAP, attempt, 2 * k + 2, number)
            if log(u) < 0.5 * z * z + d - d * v + d * log(v):
                found = d * v
                break
    if shape < 1.0:
        found *= exp(log(uniform(key, _GAP, attempt, 0, number)) / shape)
    return mean * found / shape


@compiled
def gap_beyond(key: Key, shape: float, mean: float, number: int, waited: float) -> float:
    """Return a gap longer than the time already waited."""
    for attempt in range(MOST_DRAWS):
        found = draw_gap(key, shape, mean, number, attempt)
        if found > waited:
            return found
    return waited - mean * log(uniform(key, _GAP, MOST_DRAWS, 0, number))


@compiled
def divided(concentration: float, overlap: float) -> float:
    """Return concentration once the leader shares so much with another person."""
    lost = overlap * (math.sqrt(concentration) - 0.5 * overlap)
    return min(max(concentration - max(lost, 0.0), 0.0), 1.0)


@compiled
def _impose(
    country: Record,
    given: ConstitutionGiven,
    own: ConstitutionState,
    p: Parameters,
    log: EventLog,
    month: int,
) -> None:
    """Set the month of the record."""
    now, kept = own.values, p.first_president
    dual = given.dual[month]
    recorded, plain = given.concentration[month], given.plain[month]
    country.concentration = kept * recorded + (1.0 - kept) * plain
    country.dual_power = kept * dual
    if now[_DUAL] == 0.0 and country.dual_power > 0.0:
        note_event(log, month, CONSTITUTION, NO_UNIT, DIVIDED)
    elif now[_DUAL] > 0.0 and country.dual_power == 0.0:
        note_event(log, month, CONSTITUTION, NO_UNIT, JOINED)
    now[_DUAL], now[_NEXT] = country.dual_power, 0.0
    now[_BASE] = plain if dual > 0.0 else country.concentration
    now[_CLOCK] += 1.0
    for k in range(given.amended.shape[0]):
        if given.amended[k] == month:
            note_event(log, month, CONSTITUTION, k, given.turn[k])
            if given.step[k] > 0:
                now[_CLOCK] = 0.0


@compiled
def _amend(
    own: ConstitutionState, p: Parameters, log: EventLog, key: Key, month: int, challenged: float
) -> None:
    """Draw what an amendment does."""
    now = own.values
    odds = p.concentrates / (1.0 - p.concentrates) * exp(p.concentrates_challenge * challenged)
    moved = min(2.0 * p.size * uniform(key, _TURN, 1, 0, month), 1.0)
    if uniform(key, _TURN, 0, 0, month) < odds / (1.0 + odds):
        now[_BASE] += moved * (1.0 - now[_BASE])
        note_event(log, month, CONSTITUTION, NO_UNIT, CONCENTRATES)
    else:
        now[_BASE] -= moved * now[_BASE]
        note_event(log, month, CONSTITUTION, NO_UNIT, SPREADS)


@compiled
def _divide(own: ConstitutionState, p: Parameters, log: EventLog, key: Key, month: int) -> None:
    """Draw whether power is divided or joined."""
    now = own.values
    u = uniform(key, _SPLIT, 0, 0, month)
    if now[_DUAL] > 0.0:
        if u < 1.0 - exp(-1.0 / p.split_time):
            now[_DUAL] = 0.0
            note_event(log, month, CONSTITUTION, NO_UNIT, JOINED)
    elif u < 1.0 - exp(-p.split_rate / MONTHS_PER_YEAR):
        now[_DUAL] = p.split_size
        if p.split_size > 0.0:
            note_event(log, month, CONSTITUTION, NO_UNIT, DIVIDED)


@compiled
def move_constitution(
    country: Record,
    given: ConstitutionGiven,
    own: ConstitutionState,
    p: Parameters,
    log: EventLog,
    key: Key,
    month: int,
    challenged: float,
) -> None:
    """Set concentration and dual power of the month, and note what was changed.

    Parameters
    ----------
    country : record
        With the fields of `MECHANISM`.
    challenged : float
        1 if a wave of three or more regions happened in the last 12 months.
    """
    if given.record_months == 0:
        return
    last = min(month, given.record_months - 1)
    if month < given.record_months and p.from_record > 0.0:
        _impose(country, given, own, p, log, month)
    else:
        now = own.values
        shape = exp(p.regularity) if p.regularity != 0.0 else 1.0
        if now[_NEXT] == 0.0:
            now[_NEXT] = gap_beyond(key, shape, p.mean_gap, int(now[_COUNT]), now[_CLOCK])
            now[_COUNT] += 1.0
        now[_CLOCK] += exp(p.after_challenge * challenged)
        if now[_CLOCK] >= now[_NEXT]:
            _amend(own, p, log, key, month, challenged)
            now[_CLOCK] = 0.0
            now[_NEXT] = draw_gap(key, shape, p.mean_gap, int(now[_COUNT]), 0)
            now[_COUNT] += 1.0
        _divide(own, p, log, key, month)
        country.dual_power = now[_DUAL]
        country.concentration = divided(now[_BASE], now[_DUAL])
    country.constitution_shift = country.concentration - given.concentration[last]


MECHANISM = MonthlyMechanism(
    name="constitution",
    title="Rules concentrate or spread power; amendments change them",
    references=("svolik2012", "acemoglu2006"),
    systems=("A4", "A5"),
    parameters=Parameters,
    country=(
        Field("concentration", "index 0-1", 0, 1, 0, "concentration of power by law over persons"),
        Field("dual_power", "index 0-1", 0, 1, 0, "powers that two independent persons both hold"),
        Field("constitution_shift", "index", -1, 1, 0, "concentration less that of the record"),
    ),
)
