"""The schedule of one simulated month.

The mechanisms in order, each in its own file of `qantar.model.months`:

 1. drivers              economy, population and institutions: given, or drawn from a stated prior
 2. prices               a general rise is felt; a held price falls behind
 3. cohorts              population, composition, poverty, generations by region
 4. budget               shared taxes and transfers, once a year
 5. trust                promises fall due
 6. grievance            economic, social, political, territorial
 7. fear                 remembered repression fades
 8. experience           experience of waves fades
 9. channels             reach of news, and what closed channels leave to the street
10. hidden_discontent    rival law
11. demographic_stress   rival law
12. assemblies           are held, by kind
13. calendar             triggers of the month
14. waves                how far each trigger carries
15. answers              what the state does about it
16. fear, experience, trust: what the wave leaves
17. self_excitation      rival law
18. monitors             what each would publish

Constitution, offices, parties, outlets and courts are given by `drivers` and by the opening at the top;
laws of their own will stand before the calendar.

A law switches mechanisms off, whose fields then keep their neutral values. Outcomes of dated triggers
may be imposed (`Given`), so that what follows starts from what happened.
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
    demographic_stress,
    drivers,
    experience,
    fear,
    grievance,
    hidden_discontent,
    monitors,
    prices,
    self_excitation,
    trust,
    waves,
)
from qantar.model.months.declaration import (
    MONTHS_PER_YEAR,
    PRICE,
    WAVE_COLUMNS,
    Given,
    MonthlyMechanism,
    Past,
    State,
    Waves,
)
from qantar.model.records import Record, Records, record_of, region_capacity
from qantar.rng import Key

SCHEDULE: tuple[MonthlyMechanism, ...] = (
    drivers.MECHANISM,
    prices.MECHANISM,
    cohorts.MECHANISM,
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
    """

    country: NDArray[np.float32]
    regions: NDArray[np.float32]
    published: NDArray[np.float32]
    waves: Waves
    tally: Numbers


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
    )


@compiled
def step(state: State, past: Past, p: Record, on: Record, key: Key, month: int) -> None:
    """Run the month up to its assemblies."""
    drivers.move_drivers(state, past, key, month)
    prices.move_prices(state, p.prices)
    cohorts.move_cohorts(state, past, p.cohorts, month)
    budget.share_budget(state, past, p.budget, month)
    trust.move_trust(state, p.trust)
    if on.grievance > 0.0:
        grievance.move_grievance(state, past, p.grievance)
    if on.fear > 0.0:
        fear.fade_fear(state, past, p.fear)
    if on.experience > 0.0:
        experience.fade_experience(state, past, p.experience)
    channels.move_channels(state, past, p.channels)
    if on.channels == 0.0:
        state.country.street = 0.0
    if on.hidden_discontent > 0.0:
        hidden_discontent.express(state, p.hidden_discontent, month)
    if on.demographic_stress > 0.0:
        demographic_stress.measure_stress(state, p.demographic_stress)
    assemblies.hold_assemblies(state, past, p.assemblies, key, month)


@compiled
def follow_trigger(
    state: State,
    past: Past,
    p: Record,
    on: Record,
    key: Key,
    given: Given,
    month: int,
    trigger: int,
    hazards: Numbers,
    out: NDArray[np.int64],
    waves_out: Waves,
    tally: Numbers,
    repeats: int,
) -> None:
    """Spread one trigger, let the state answer, and remember what happened."""
    dated = month < past.dated_months
    occurrence = past.trigger_id[trigger] if dated else month
    if dated:
        for repeat in range(1, repeats + 1):
            waves.spread(state, past, p.waves, key, trigger, occurrence, repeat, hazards, out)
            tally[trigger, _count_regions(past, out)] += 1.0
    row = waves_out.count[0]
    if row == waves_out.values.shape[0]:
        return
    waves_out.count[0] += 1
    wave = waves_out.values[row]
    regions_out = waves_out.regions_out[row]
    regions_out[:] = 0.0
    frame = past.trigger_frame[trigger]
    number = 0.0
    if dated and given.imposed[trigger] > 0.0:
        towns = given.towns_out[trigger]
        for r in range(past.region_count):
            regions_out[r] = given.regions_out[trigger, r]
            number += regions_out[r]
        wave[_KILLED] = given.killed[trigger]
        wave[_HELD] = given.detained[trigger]
        for answer in range(3):
            wave[_CONCEDE + answer] = given.answers[trigger, answer]
    else:
        towns = waves.spread(state, past, p.waves, key, trigger, occurrence, 0, hazards, out)
        for i in range(past.town_count):
            if out[i] == 1:
                regions_out[past.town_region[i]] = 1.0
        for r in range(past.region_count):
            number += regions_out[r]
        answers.answer_wave(p.answers, key, frame, occurrence, towns, number, wave, _KILLED)
    wave[_MONTH] = month
    wave[_TRIGGER] = trigger
    wave[_FRAME] = frame
    wave[_TOWNS] = towns
    wave[_REGIONS] = number
    wave[_REACH] = state.country.mean_reach
    wave[_BREADTH] = state.country.breadth
    state.country.wave_events += towns
    if frame == PRICE:
        state.country.price_gap = 0.0
    if on.experience > 0.0:
        experience.learn_from_wave(state, past, p.experience, number, regions_out)
    if on.fear > 0.0 and wave[_REPRESS] > 0.0:
        fear.remember_repression(state, past, p.fear, wave[_KILLED], regions_out)
    trust.trust_after_answer(state, p.trust, wave[_CONCEDE], wave[_PROMISE], wave[_REPRESS])


@compiled
def _count_regions(past: Past, out: NDArray[np.int64]) -> int:
    """Return the number of regions with a town out; towns are in the order of regions."""
    number = 0
    last = -1
    for i in range(past.town_count):
        if out[i] == 1 and past.town_region[i] != last:
            last = past.town_region[i]
            number += 1
    return number


@compiled
def run_history(
    state: State, past: Past, history: History, recorded: Recorded, repeats: int
) -> None:
    """Run the months of one history and record them.

    Parameters
    ----------
    repeats : int
        If above 0, every dated trigger is spread so many more times from the state of the history,
        and `Recorded.tally` counts the regions out. It changes nothing else.
    """
    on = history.switches[0]
    hazards = np.zeros((3, past.town_count))
    out = np.zeros(past.town_count, np.int64)
    found = np.zeros(MOST_TRIGGERS, np.int64)
    drift = np.zeros(past.monitor_count)
    for month in range(past.months):
        p = history.before[0]
        if month >= history.reform:
            p = history.after[0]
        step(state, past, p, on, history.key, month)
        state.country.wave_events = 0.0
        number = calendar.triggers_of(past, p.calendar, history.key, month, found)
        for k in range(number):
            follow_trigger(
                state,
                past,
                p,
                on,
                history.key,
                history.given,
                month,
                found[k],
                hazards,
                out,
                recorded.waves,
                recorded.tally,
                repeats,
            )
        if on.self_excitation > 0.0:
            self_excitation.remember_assemblies(state, p.self_excitation)
        monitors.count(
            state, past, p.monitors, history.key, month, drift, recorded.published[month]
        )
        for k in range(recorded.country.shape[1]):
            recorded.country[month, k] = state.country_values[k]
        if month % MONTHS_PER_YEAR == MONTHS_PER_YEAR - 1 or month == past.months - 1:
            year = month // MONTHS_PER_YEAR
            for k in range(recorded.regions.shape[1]):
                for r in range(past.region_count):
                    recorded.regions[year, k, r] = state.region_values[k, r]
