"""Courts: calls, obedience without calls, judges who lose their posts, prisoners, trust.

A political case is decided as the state wishes because somebody calls, or because experience tells
a judge what is wanted (telephone justice: Ledeneva 2008; courts under autocrats: Moustafa 2014).
Judges whose posts are not safe rule with power (Ramseyer and Rasmusen 2001; Helmke 2005): the
dismissals and the political verdicts that are remembered move both kinds of obedience. The thesis
says that dismissals for corruption leave political pressure as it was, so these weights may be
zero or negative. Attention from abroad moves the length of a sentence and the time served, in
either direction (Hafner-Burton 2008), and never the verdict: an assumption after the thesis,
section 2.4.1.

Judicial independence is the share of political cases that are not decided as the state wishes. It
is no index of experts: V-Dem's constraints by courts stand beside it (`drivers`) and are not used.

Up to the end of the record, cases happen as recorded and dismissals spread evenly over the months
of a count; months without a count, and political cases that no source names, follow the expected
rate, without draws. Afterwards, and once `from_record` is 0, judges are dismissed and cases opened
at random: at a constant rate (null), at the level of the last count, or more in the year after a
large wave. Cases that are open then go on by rule. At most one case a month is opened then; its
length, attention and verdict are drawn. What was before 1991 is not remembered: both memories begin
empty, so that independence falls in the first years by assumption.
"""

from __future__ import annotations

import math

from qantar.base.compilation import compiled, inlined
from qantar.model.mechanism import Field
from qantar.model.months.court_cases import (
    CASES,
    DISMISSAL,
    DRAW,
    EVENTS,
    FOLLOWED,
    PLACES,
    PRESSURE,
    RECORD_CASES,
    RECORD_INDEX,
    RECORD_PRESSURE,
    UNFOLLOWED,
    CourtsGiven,
    CourtsState,
    Parameters,
    blank_courts,
    continue_cases,
    impose_cases,
    no_courts,
    open_case,
    served_months,
    unnamed_cases,
)
from qantar.model.months.declaration import MONTHS_PER_YEAR, MonthlyMechanism
from qantar.model.months.event_log import EventLog
from qantar.model.records import Record
from qantar.rng import Key, uniform
from qantar.rng.elementary import exp
from qantar.rng.poisson import poisson

__all__ = (
    "EVENTS",
    "MECHANISM",
    "PLACES",
    "CourtsGiven",
    "CourtsState",
    "Parameters",
    "blank_courts",
    "move_courts",
    "no_courts",
)


@inlined
def logistic(x: float) -> float:
    """Return 1 / (1 + exp(-x))."""
    return 1.0 / (1.0 + exp(-x))


@inlined
def obedience_of(
    p: Parameters, pressure: float, cases: float, calling: float
) -> tuple[float, float]:
    """Return the share decided as wished, and the share without a call.

    Parameters
    ----------
    p : Parameters
    pressure, cases : float
        Dismissals and political cases remembered, relative to what the usual rate leaves.
    calling : float
        Factor on the share of cases with a call.
    """
    with_call = logistic(p.called + p.threat * (pressure - 1.0))
    without = logistic(p.uncalled + p.lesson * (pressure - 1.0) + p.precedent * (cases - 1.0))
    calls = min(max(p.calls * calling, 0.0), 1.0)
    return calls * with_call + (1.0 - calls) * without, without


@inlined
def expected_dismissals(given: CourtsGiven, p: Parameters, month: int, challenged: float) -> float:
    """Return the judges dismissed in a month by the law of the rate, before levers."""
    step = 0.0
    if given.level_change >= 0:
        # Half up and half down, so that without a step the rate is that of all counts.
        step = p.step * given.level_step * (0.5 if month >= given.level_change else -0.5)
    return given.dismissal_rate / MONTHS_PER_YEAR * exp(p.rate + step + p.challenge * challenged)


@compiled
def move_courts(
    country: Record,
    given: CourtsGiven,
    own: CourtsState,
    p: Parameters,
    log: EventLog,
    key: Key,
    month: int,
    challenged: float,
) -> None:
    """Dismiss judges, open, decide and end cases, and move obedience and trust."""
    if given.dismissal_rate <= 0.0 and given.case_rate <= 0.0:
        return
    if month == 0:
        country.court_trust = p.trust_free
    imposed = month < given.record_months and p.from_record > 0.0
    if imposed:
        dismissals = _recorded_dismissals(given, p, month)
        cases, seen = impose_cases(given, own, log, month)
        cases += unnamed_cases(given, p)
    else:
        mean = expected_dismissals(given, p, month, challenged) * max(p.dismissal, 0.0)
        dismissals = poisson(uniform(key, DRAW, 0, DISMISSAL, month), mean)
        cases, seen = open_case(given, own, p, log, key, month, challenged)
        seen += continue_cases(country.obedience, given, own, p, log, key, month)
    country.dismissals = dismissals
    country.political_cases = cases
    _move_prisoners(country, given, own, p, imposed)
    _move_indices(country, given, own, p, month, imposed)
    _move_trust(country, p, seen)


@inlined
def _move_prisoners(
    country: Record, given: CourtsGiven, own: CourtsState, p: Parameters, imposed: bool
) -> None:
    """Count political prisoners; those of unnamed cases of the record are expected, not drawn."""
    stay = served_months(p, given.term, p.noticed * given.attention)
    held = own.memory[UNFOLLOWED] * exp(-1.0 / stay)
    own.memory[UNFOLLOWED] = held + (
        unnamed_cases(given, p) * country.obedience if imposed else 0.0
    )
    country.political_prisoners = own.memory[FOLLOWED] + own.memory[UNFOLLOWED]


@inlined
def _recorded_dismissals(given: CourtsGiven, p: Parameters, month: int) -> float:
    """Return the dismissals of a month of the record; what is not counted is expected."""
    if month < len(given.dismissed) and not math.isnan(given.dismissed[month]):
        counted: float = given.dismissed[month]
        return counted
    return expected_dismissals(given, p, month, 0.0)


@compiled
def _move_indices(
    country: Record,
    given: CourtsGiven,
    own: CourtsState,
    p: Parameters,
    month: int,
    imposed: bool,
) -> None:
    """Remember the month, and set obedience, independence and the shift from the record."""
    keep = exp(-1.0 / p.memory)
    usual_dismissals = given.dismissal_rate / MONTHS_PER_YEAR
    usual_cases = given.case_rate / MONTHS_PER_YEAR + unnamed_cases(given, p)
    pressure = _remember(own, PRESSURE, keep, country.dismissals, usual_dismissals)
    cases = _remember(own, CASES, keep, country.political_cases, usual_cases)
    calling = 1.0 if imposed else p.calling
    obedience, without = obedience_of(p, pressure, cases, calling)
    country.obedience, country.obedience_uncalled = obedience, without
    country.judicial_independence = 1.0 - obedience
    if month < given.record_months:
        if imposed:
            own.memory[RECORD_PRESSURE] = own.memory[PRESSURE]
            own.memory[RECORD_CASES] = own.memory[CASES]
        else:
            _follow_record(given, own, p, keep, month)
        pressure = _relative(own.memory[RECORD_PRESSURE], keep, usual_dismissals)
        cases = _relative(own.memory[RECORD_CASES], keep, usual_cases)
        own.memory[RECORD_INDEX] = 1.0 - obedience_of(p, pressure, cases, 1.0)[0]
    country.courts_shift = country.judicial_independence - own.memory[RECORD_INDEX]


@compiled
def _follow_record(
    given: CourtsGiven, own: CourtsState, p: Parameters, keep: float, month: int
) -> None:
    """Remember what the record had in a month that this history left."""
    opened = unnamed_cases(given, p)
    for k in range(len(given.charged)):
        untried = given.charged[k] < 0 and given.died[k] == month
        if given.charged[k] == month or untried:
            opened += given.political[k]
    own.memory[RECORD_CASES] = own.memory[RECORD_CASES] * keep + opened
    held = own.memory[RECORD_PRESSURE]
    own.memory[RECORD_PRESSURE] = held * keep + _recorded_dismissals(given, p, month)


@inlined
def _remember(own: CourtsState, which: int, keep: float, new: float, usual: float) -> float:
    """Add a month to a memory, and return it relative to what the usual rate leaves."""
    own.memory[which] = own.memory[which] * keep + new
    return _relative(own.memory[which], keep, usual)


@inlined
def _relative(held: float, keep: float, usual: float) -> float:
    """Return a memory relative to what the usual rate leaves; 1 where there is no rate."""
    return held * (1.0 - keep) / usual if usual > 0.0 else 1.0


@inlined
def _move_trust(country: Record, p: Parameters, seen: float) -> None:
    """Let trust in courts follow their independence, and move with verdicts and dismissals."""
    aim = p.trust_low + (p.trust_free - p.trust_low) * country.judicial_independence
    trust = aim + (country.court_trust - aim) * exp(-1.0 / p.trust_time)
    trust += p.trust_dismissal * country.dismissals - p.trust_case * seen
    country.court_trust = min(max(trust, 0.0), 1.0)


MECHANISM = MonthlyMechanism(
    name="courts",
    title="Courts obey calls and precedent; judges are dismissed; attention shortens prison",
    references=(
        "ledeneva2008",
        "moustafa2014",
        "ramseyer2001",
        "helmke2005",
        "hafnerburton2008",
    ),
    systems=("A8", "C6"),
    parameters=Parameters,
    country=(
        Field("obedience", "share", 0, 1, 0.5, "political cases decided as the state wishes"),
        Field("obedience_uncalled", "share", 0, 1, 0.5, "the same among cases without a call"),
        Field("dismissals", "judges a month", 0, math.inf, 0, "judges who lose their posts"),
        Field("court_trust", "share", 0, 1, 0.5, "residents who trust the courts"),
        Field("judicial_independence", "share", 0, 1, 0.5, "political cases not decided so"),
        Field("political_cases", "cases a month", 0, math.inf, 0, "political cases opened"),
        Field("political_prisoners", "people", 0, math.inf, 0, "in prison in political cases"),
        Field("courts_shift", "share", -1, 1, 0, "independence less that of the record"),
    ),
)
