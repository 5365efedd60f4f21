"""The schedule of one simulated month.

The mechanisms in order, each in its own file of `qantar.model.months`:

 1. drivers              economy, population and institutions: given, or drawn from a stated prior
 2. prices               a general rise is felt; a held price falls behind
 3. cohorts              population, composition, poverty, generations by region
 4. institutions         constitution, offices, parties, courts, outlets: as in the record, or drawn
 5. budget               shared taxes and transfers, once a year
 6. trust                promises fall due
 7. grievance            economic, social, political, territorial
 8. fear                 remembered repression fades
 9. experience           experience of waves fades
10. channels             reach of news, and what closed channels leave to the street
11. hidden_discontent    rival law
12. demographic_stress   rival law
13. assemblies           are held, by kind
14. calendar             triggers of the month
15. waves                how far each trigger carries
16. answers              what the state does about it
17. fear, experience, trust: what the wave leaves
18. self_excitation      rival law
19. monitors             what each would publish

A law switches mechanisms off, whose fields then keep their neutral values. Outcomes of dated
triggers may be imposed (`Given`), so that what follows starts from what happened.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qantar.base.arrays import Numbers
from qantar.base.compilation import compiled
from qantar.model.compose import named_tuple
from qantar.model.mechanism import Field
from qantar.model.months import (
    answers,
    assemblies,
    budget,
    calendar,
    channels,
    cohorts,
    constitution,
    courts,
    demographic_stress,
    drivers,
    experience,
    fear,
    grievance,
    hidden_discontent,
    institutions,
    monitors,
    offices,
    outlets,
    parties,
    prices,
    self_excitation,
    trust,
    waves,
)
from qantar.model.months.declaration import (
    FRAMES,
    MONTHS_PER_YEAR,
    PRICE,
    WAVE_COLUMNS,
    Given,
    MonthlyMechanism,
    Past,
    State,
    Waves,
)
from qantar.model.months.event_log import LOGGED, EventLog, blank_log
from qantar.model.months.institutions import Institutions, InstitutionsState
from qantar.model.records import Record, Records, record_of, region_capacity
from qantar.rng import Key

SCHEDULE: tuple[MonthlyMechanism, ...] = (
    drivers.MECHANISM,
    prices.MECHANISM,
    cohorts.MECHANISM,
    *(each.MECHANISM for each in (constitution, offices, parties, courts, outlets)),
    institutions.MECHANISM,
    budget.MECHANISM,
    trust.MECHANISM,
    grievance.MECHANISM,
    fear.MECHANISM,
    experience.MECHANISM,
    channels.MECHANISM,
    hidden_discontent.MECHANISM,
    demographic_stress.MECHANISM,
    assemblies.MECHANISM,
    calendar.MECHANISM,
    waves.MECHANISM,
    answers.MECHANISM,
    self_excitation.MECHANISM,
    monitors.MECHANISM,
)
"""The mechanisms of one month, in order."""

MECHANISMS = {each.name: each for each in SCHEDULE}

PARTS = LOGGED
"""Parts of the state: each follows the record until it ends, or until a reform leaves it."""

UNFITTED = (*PARTS, institutions.MECHANISM.name)
"""Mechanisms that do nothing while the record is followed, so that no fit informs their numbers."""

SWITCHED = (
    "grievance",
    "fear",
    "experience",
    "channels",
    "hidden_discontent",
    "demographic_stress",
    "self_excitation",
)
"""Mechanisms that a law may switch off."""

COUNTRY_FIELDS: tuple[Field, ...] = tuple(each for m in SCHEDULE for each in m.country)
REGION_FIELDS: tuple[Field, ...] = tuple(each for m in SCHEDULE for each in m.regions)

MonthParameters = named_tuple(
    "MonthParameters", {m.name: m.parameters for m in SCHEDULE if m.parameters is not None}
)
"""Parameters of every mechanism of the month."""

PARAMETERS = record_of(MonthParameters)

MonthSwitches = named_tuple("MonthSwitches", dict.fromkeys(SWITCHED, float))
SWITCHES = record_of(MonthSwitches)
"""`MonthSwitches` as a record; 1 is on."""

MOST_TRIGGERS = 16
"""Most triggers of one month."""

MOST_EVENTS = 1 << 11
"""Most events of institutions that are kept of one history."""

_COUNTRY = np.dtype([(each.name, np.float64) for each in COUNTRY_FIELDS], align=True)
_MONTH, _TRIGGER, _FRAME, _TOWNS, _REGIONS, _KILLED, _HELD, _CONCEDE, _PROMISE, _REPRESS = range(10)
_REACH, _BREADTH = 10, 11


class History(NamedTuple):
    """What differs between histories.

    Attributes
    ----------
    key : Key
        Random key.
    before, after : record array (1,) of `PARAMETERS`
        Parameters before and from the month of a reform on.
    reform : int
        That month.
    switches : record array (1,) of `SWITCHES`
    given : Given
        Imposed outcomes of dated triggers.
    """

    key: Key
    before: Records
    after: Records
    reform: int
    switches: Records
    given: Given


class Recorded(NamedTuple):
    """What is recorded of one history.

    Attributes
    ----------
    country : float array (months, fields)
    regions : float array (years, fields, R)
        Every December and in the last month.
    published : float array (months, monitors)
    waves : Waves
    tally : float array (triggers, R + 1)
        How many of `repeats` waves had so many regions out; see `run_history`.
    log : EventLog
        What happened to single units of the institutions.
    """

    country: NDArray[np.float32]
    regions: NDArray[np.float32]
    published: NDArray[np.float32]
    waves: Waves
    tally: Numbers
    log: EventLog


def initial_state(region_count: int) -> State:
    """Return a state in which every field is neutral."""
    capacity = region_capacity(region_count)
    kind = np.dtype([(each.name, np.float64, (capacity,)) for each in REGION_FIELDS], align=True)
    country, regions = np.zeros(1, _COUNTRY), np.zeros(1, kind)
    for each in COUNTRY_FIELDS:
        country[each.name] = each.neutral
    for each in REGION_FIELDS:
        regions[each.name] = each.neutral
    return State(
        country[0],
        regions[0],
        country.view(np.float64),
        regions.view(np.float64).reshape(len(REGION_FIELDS), capacity),
    )


def blank_record(past: Past, capacity: int) -> Recorded:
    """Return space for the record of a history with up to so many triggers."""
    years = -(-past.months // MONTHS_PER_YEAR)
    regions = past.region_count
    return Recorded(
        np.zeros((past.months, len(COUNTRY_FIELDS)), np.float32),
        np.zeros((years, len(REGION_FIELDS), regions), np.float32),
        np.zeros((past.months, past.monitor_count), np.float32),
        Waves(
            np.zeros(1, np.int64),
            np.zeros((capacity, len(WAVE_COLUMNS))),
            np.zeros((capacity, regions)),
        ),
        np.zeros((past.trigger_count, regions + 1)),
        blank_log(MOST_EVENTS),
    )


@compiled
def step(
    state: State,
    past: Past,
    given: Institutions,
    own: InstitutionsState,
    p: Record,
    on: Record,
    key: Key,
    month: int,
) -> None:
    """Run the month up to its assemblies."""
    drivers.move_drivers(state, past, key, month)
    prices.move_prices(state, p.prices)
    cohorts.move_cohorts(state, past, p.cohorts, month)
    institutions.move_institutions(state, past, given, own, p, key, month)
    budget.share_budget(state, past, p.budget, month)
    trust.move_trust(state, p.trust)
    if on.grievance > 0.0:
        grievance.move_grievance(state, past, p.grievance)
    if on.fear > 0.0:
        fear.fade_fear(state, past, p.fear)
    if on.experience > 0.0:
        experience.fade_experience(state, past, p.experience)
    channels.move_channels(state, past, p.channels, month)
    if on.channels == 0.0:
        state.country.street = 0.0
    if on.hidden_discontent > 0.0:
        hidden_discontent.express(state, p.hidden_discontent, month)
    if on.demographic_stress > 0.0:
        demographic_stress.measure_stress(state, p.demographic_stress)
    assemblies.hold_assemblies(state, past, p.assemblies, key, month)


class Scratch(NamedTuple):
    """Work space of one history."""

    hazards: Numbers
    out: NDArray[np.int64]
    found: NDArray[np.int64]
    drift: Numbers


@compiled
def follow_trigger(
    state: State,
    past: Past,
    p: Record,
    on: Record,
    history: History,
    month: int,
    trigger: int,
    scratch: Scratch,
    wave: Numbers,
    regions_out: Numbers,
) -> None:
    """Spread one trigger, or impose its outcome, let the state answer, and remember the wave.

    Parameters
    ----------
    wave : float array (columns,)
        Set to the outcome: see `WAVE_COLUMNS`.
    regions_out : float array (R,)
        Set to 1 for regions with a town out.
    """
    given = history.given
    dated = month < past.dated_months
    frame = past.trigger_frame[trigger]
    occurrence = past.trigger_id[trigger] if dated else month * len(FRAMES) + frame
    wave[_MONTH], wave[_TRIGGER], wave[_FRAME] = month, trigger, frame
    wave[_REACH], wave[_BREADTH] = state.country.mean_reach, state.country.breadth
    if dated and given.imposed[trigger] > 0.0:
        regions_out[:] = given.regions_out[trigger]
        wave[_TOWNS] = given.towns_out[trigger]
        wave[_KILLED], wave[_HELD] = given.killed[trigger], given.detained[trigger]
        wave[_CONCEDE : _REPRESS + 1] = given.answers[trigger]
        wave[_REGIONS] = regions_out.sum()
    else:
        wave[_TOWNS] = waves.spread(
            state, past, p.waves, history.key, trigger, occurrence, 0, scratch.hazards, scratch.out
        )
        wave[_REGIONS] = _mark_regions(past, scratch.out, regions_out)
        answers.answer_wave(
            p.answers, history.key, frame, occurrence, wave[_TOWNS], wave[_REGIONS], wave, _KILLED
        )
    state.country.wave_events += wave[_TOWNS]
    institutions.note_challenge(state, wave[_REGIONS])
    if frame == PRICE:
        state.country.price_gap = 0.0
    if on.experience > 0.0:
        experience.learn_from_wave(state, past, p.experience, wave[_REGIONS], regions_out)
    if on.fear > 0.0 and wave[_REPRESS] > 0.0:
        fear.remember_repression(state, past, p.fear, wave[_KILLED], regions_out)
    trust.trust_after_answer(state, p.trust, wave[_CONCEDE], wave[_PROMISE], wave[_REPRESS])


@compiled
def tally_spread(
    state: State,
    past: Past,
    p: Record,
    key: Key,
    trigger: int,
    scratch: Scratch,
    regions_out: Numbers,
    tally: Numbers,
    repeats: int,
) -> None:
    """Spread a dated trigger so many more times, and count the regions out each time."""
    for repeat in range(1, repeats + 1):
        waves.spread(
            state,
            past,
            p.waves,
            key,
            trigger,
            past.trigger_id[trigger],
            repeat,
            scratch.hazards,
            scratch.out,
        )
        tally[trigger, int(_mark_regions(past, scratch.out, regions_out))] += 1.0


@compiled
def _mark_regions(past: Past, out: NDArray[np.int64], regions_out: Numbers) -> float:
    """Mark the regions with a town out, and return their number."""
    regions_out[:] = 0.0
    for i in range(past.town_count):
        if out[i] == 1:
            regions_out[past.town_region[i]] = 1.0
    return float(regions_out.sum())


@compiled
def run_history(
    state: State,
    past: Past,
    given: Institutions,
    own: InstitutionsState,
    history: History,
    recorded: Recorded,
    repeats: int,
) -> None:
    """Run the months of one history and record them.

    Parameters
    ----------
    own : InstitutionsState
        With the log of `recorded`.
    repeats : int
        If above 0, every dated trigger is spread so many more times from the state of the history,
        and `Recorded.tally` counts the regions out. It changes nothing else.
    """
    on = history.switches[0]
    scratch = Scratch(
        np.zeros((4, past.town_count)),
        np.zeros(past.town_count, np.int64),
        np.zeros(MOST_TRIGGERS, np.int64),
        np.zeros(past.monitor_count),
    )
    written = recorded.waves
    for month in range(past.months):
        p = history.before[0]
        if month >= history.reform:
            p = history.after[0]
        step(state, past, given, own, p, on, history.key, month)
        state.country.wave_events = 0.0
        number = calendar.triggers_of(past, p.calendar, history.key, month, scratch.found)
        for k in range(number):
            trigger = scratch.found[k]
            row = written.used[0]
            regions_out = written.regions_out[row]
            if month < past.dated_months:
                tally_spread(
                    state,
                    past,
                    p,
                    history.key,
                    trigger,
                    scratch,
                    regions_out,
                    recorded.tally,
                    repeats,
                )
            follow_trigger(
                state,
                past,
                p,
                on,
                history,
                month,
                trigger,
                scratch,
                written.values[row],
                regions_out,
            )
            written.used[0] += 1
        if on.self_excitation > 0.0:
            self_excitation.remember_assemblies(state, p.self_excitation)
        monitors.count(
            state, past, p.monitors, history.key, month, scratch.drift, recorded.published[month]
        )
        _record(state, past, recorded, month)


@compiled
def _record(state: State, past: Past, recorded: Recorded, month: int) -> None:
    """Record the country, and in December and at the end the regions."""
    for k in range(recorded.country.shape[1]):
        recorded.country[month, k] = state.country_values[k]
    if month % MONTHS_PER_YEAR != MONTHS_PER_YEAR - 1 and month != past.months - 1:
        return
    year = month // MONTHS_PER_YEAR
    for k in range(recorded.regions.shape[1]):
        for r in range(past.region_count):
            recorded.regions[year, k, r] = state.region_values[k, r]
