"""Offices: posts, who holds them, and by what a vacancy is filled.

Up to the end of the record posts are held as the sources tell; a post of which they tell nothing
has no holder, and the connection of its region is that of the pack. Afterwards, or as soon as a
reform stops the record, every post that is carried on has a holder: those whom the sources name
stay until they leave and are never appointed again, as nothing may be foretold of a person; their
successors are nobody in particular.

A holder leaves at a rate that may rise with the time in office (regular renewal) and after a
challenge, the more so if not of the faction at the top. When a challenge begins there may be a
purge: the largest faction that is not at the top loses a share of its posts at once (Svolik 2012).
Holders are prosecuted for corruption at a rate of its own, from which kin and faction of the top
are shielded; whoever is at the top never is prosecuted. With the head of a team its members fall,
and each is kept with a given probability.

A vacancy is filled by a choice among the holders of lower posts and people from outside, with
weights for kin, faction, area of origin, competence and career (a logit): patronal politics (Hale
2015). Whoever moves up leaves a vacancy behind (White 1970). Without weights the choice is by
chance, the null. Pools of outsiders are large, so that the choice among them is a tilt of their
shares.

What is assumed: every weight, and that kin, faction, origin and competence are independent among
outsiders. A third each for kin, faction or a known tie, and area of origin shared with the top is
the *definition* of a holder's connection. What is left out: people out of office do not come back,
and posts fill within the month.

The record names the holders of few posts at a time, so the indices of its months describe those
whom the sources name and not the elite, and cannot be compared with later ones. The shift is
counted from the month in which every post first has a holder.

Elected regional posts have no weight for kin or loyalty, and neither a challenge nor a purge
empties any of them.
"""

from __future__ import annotations

import math

from qantar.base.compilation import compiled, inlined
from qantar.model.mechanism import Field
from qantar.model.months.declaration import MONTHS_PER_YEAR, MonthlyMechanism
from qantar.model.months.event_log import OFFICES, EventLog, note_event
from qantar.model.months.offices_choice import choose
from qantar.model.months.offices_data import (
    AGE,
    APPOINTED,
    ARRESTED,
    CHALLENGED,
    CHANGES,
    DISMISSED,
    ELECTED,
    KEPT,
    LEAVES,
    LEFT,
    OPEN,
    OUTSIDER,
    PROMOTED,
    PURGED,
    REGIONAL,
    SILENT,
    STARTED,
    UNKNOWN,
    VACANT,
    OfficesGiven,
    OfficesState,
    Parameters,
)
from qantar.model.months.offices_data import EVENTS as EVENTS
from qantar.model.months.offices_data import blank_offices as blank_offices
from qantar.model.months.offices_indices import measure_elite, score_akims
from qantar.model.records import Record
from qantar.rng import Key, uniform
from qantar.rng.elementary import exp
from qantar.rng.elementary import log as logarithm


@compiled
def move_offices(
    country: Record,
    given: OfficesGiven,
    own: OfficesState,
    p: Parameters,
    log: EventLog,
    key: Key,
    month: int,
    challenged: float,
) -> None:
    """Let holders leave and posts be filled, by the record or by the law, and measure the elite."""
    if given.rank.shape[0] == 0:
        return
    own.counters[CHANGES] = 0
    recorded = p.from_record > 0.0 and month < given.record_months
    if recorded and own.counters[STARTED] == 0:
        _impose(given, own, log, month)
        measure_elite(country, given, own, month)
        return
    if own.counters[STARTED] == 0:
        _start(given, own, p, key, month)
        measure_elite(country, given, own, month)
        own.offset[0], own.offset[1] = country.elite_cohesion, country.kin_share
    if challenged > 0.0 and own.counters[CHALLENGED] == 0:
        _purge(given, own, p, log, key, month)
    own.counters[CHALLENGED] = 1 if challenged > 0.0 else 0
    _empty_posts(given, own, p, log, key, month, challenged)
    while own.counters[OPEN] > 0:
        own.counters[OPEN] -= 1
        own.counters[CHANGES] += 1
        post = own.waiting[own.counters[OPEN]]
        left = choose(given, own, p, key, month, challenged, post, True)
        kind = APPOINTED if left == VACANT else PROMOTED
        if given.post_kind[post] == REGIONAL:
            own.elected[given.post_region[post]] = 0.0
            if p.elected > 0.0:
                kind = ELECTED
                own.elected[given.post_region[post]] = 1.0
        note_event(log, month, OFFICES, post, kind)
        if left != VACANT:
            _vacate(given, own, p, log, key, month, left, LEFT)
    measure_elite(country, given, own, month)
    country.offices_shift = country.elite_cohesion - own.offset[0]
    country.kin_shift = country.kin_share - own.offset[1]


@inlined
def _impose(given: OfficesGiven, own: OfficesState, log: EventLog, month: int) -> None:
    """Let happen what the sources date in this month."""
    for k in range(given.first_events[month], given.first_events[month + 1]):
        post, person, kind = given.event_post[k], given.event_person[k], given.event_kind[k]
        if given.event_ends[k] > 0.0:
            if own.holder[post] == person:
                own.holder[post] = VACANT
            if kind != SILENT:
                note_event(log, month, OFFICES, post, kind)
            continue
        if own.first_month[person] < 0:
            own.first_month[person] = month
        own.holder[post] = person
        own.faction[post], own.kin[post] = given.faction[person], given.kin[person]
        own.origin[post] = given.origin[person]
        own.since[post], own.entered[post] = month, own.first_month[person]
        own.counters[CHANGES] += 1
        note_event(log, month, OFFICES, post, kind)


@inlined
def _start(given: OfficesGiven, own: OfficesState, p: Parameters, key: Key, month: int) -> None:
    """Give every post a holder when the record ends, and remember how connected akims then are.

    Whom no source names is drawn as an appointment would be, in office for some time. The unknown
    origin of a named holder is drawn too.
    """
    own.counters[STARTED] = 1
    for post in range(given.rank.shape[0]):
        person, faction, kin = own.holder[post], own.faction[post], own.kin[post]
        since, entered = own.since[post], own.entered[post]
        if given.carried[post] == 0.0:
            own.holder[post] = VACANT
        elif person == VACANT:
            choose(given, own, p, key, month, 0.0, post, False)
            years = 1.0 / max(_rate(given, p, post), 0.02)
            age = uniform(key, OUTSIDER, given.post_id[post], AGE, month) * years
            own.since[post] = month - int(age * MONTHS_PER_YEAR)
            own.entered[post] = own.since[post]
        elif own.origin[post] == UNKNOWN:
            choose(given, own, p, key, month, 0.0, post, False)
            own.holder[post], own.faction[post], own.kin[post] = person, faction, kin
            own.since[post], own.entered[post] = since, entered
    score_akims(given, own)
    own.base[:] = own.score


@compiled
def _rate(given: OfficesGiven, p: Parameters, post: int) -> float:
    """Return how often a year a holder leaves a post."""
    if post == given.top:
        return float(p.top_rate)
    if given.post_kind[post] == REGIONAL:
        return float(p.regional_rate)
    return float(p.rate)


@inlined
def _empty_posts(
    given: OfficesGiven,
    own: OfficesState,
    p: Parameters,
    log: EventLog,
    key: Key,
    month: int,
    challenged: float,
) -> None:
    """Let holders leave: at a rate that grows with their time in office, and after a challenge."""
    why = DISMISSED if challenged > 0.0 else LEFT
    top, oldest, push, rivals = own.faction[given.top], month, 0.0, 0.0
    for post in range(given.rank.shape[0]):
        if own.holder[post] != VACANT:
            oldest = min(oldest, own.since[post])
    if challenged > 0.0:
        push, rivals = p.after_challenge * challenged, p.rivals * challenged
    fastest = _hazard(max(p.rate, p.regional_rate, p.top_rate), p.regularity, month - oldest)
    # Nobody is likelier to leave than this: most luck need not be looked at closely.
    bound = 1.0 - exp(-fastest * exp(max(0.0, push, push + rivals)))
    for post in range(given.rank.shape[0]):
        if own.holder[post] == VACANT:
            continue
        u = uniform(key, LEAVES, given.post_id[post], 0, month)
        if u > bound:
            _prosecute(given, own, p, log, key, month, post, u)
            continue
        regional = given.post_kind[post] == REGIONAL
        rate = p.regional_rate if regional else p.rate
        if post == given.top:
            rate = p.top_rate
        hazard = _hazard(rate, p.regularity, month - own.since[post])
        if post != given.top and not (regional and p.elected > 0.0):
            hazard *= exp(push + rivals if own.faction[post] != top else push)
        if u < 1.0 - exp(-hazard):
            _vacate(given, own, p, log, key, month, post, why)


@inlined
def _prosecute(
    given: OfficesGiven,
    own: OfficesState,
    p: Parameters,
    log: EventLog,
    key: Key,
    month: int,
    post: int,
    u: float,
) -> None:
    """Let a holder be prosecuted for corruption if the draw is among its highest values.

    The lowest ones are for leaving, so one number serves both.
    """
    kin = own.kin[post] != UNKNOWN and own.kin[post] == own.kin[given.top]
    shielded = p.shielded if kin or own.faction[post] == own.faction[given.top] else 0.0
    hazard = p.prosecuted * (1.0 - shielded) / MONTHS_PER_YEAR
    if post != given.top and u > 1.0 - hazard:
        _vacate(given, own, p, log, key, month, post, ARRESTED)


@compiled
def _purge(
    given: OfficesGiven, own: OfficesState, p: Parameters, log: EventLog, key: Key, month: int
) -> None:
    """Let the largest faction that is not at the top lose a share of its posts, or not."""
    if uniform(key, PURGED, 0, 0, month) >= p.purge:
        return
    struck, largest = UNKNOWN, 0.0
    for faction in range(own.faction_share.shape[0]):
        if faction != own.faction[given.top] and own.faction_share[faction] > largest:
            struck, largest = faction, own.faction_share[faction]
    for post in range(given.rank.shape[0]):
        elected = p.elected > 0.0 and given.post_kind[post] == REGIONAL
        if own.holder[post] == VACANT or own.faction[post] != struck or elected:
            continue
        u = uniform(key, PURGED, given.post_id[post], 1, month)
        if post != given.top and u < p.purge_depth:
            _vacate(given, own, p, log, key, month, post, DISMISSED)


@inlined
def _hazard(rate: float, regularity: float, months: int) -> float:
    """Return the monthly hazard of leaving, which grows as a power of the time in office."""
    hazard = rate
    if regularity != 0.0:
        years = (months + 0.5) / MONTHS_PER_YEAR
        hazard *= (1.0 + regularity) * exp(regularity * logarithm(years * rate))
    return hazard / MONTHS_PER_YEAR


@compiled
def _vacate(
    given: OfficesGiven,
    own: OfficesState,
    p: Parameters,
    log: EventLog,
    key: Key,
    month: int,
    post: int,
    why: int,
) -> None:
    """Empty a post, and with the head of a team those of its members who are not kept."""
    own.holder[post] = VACANT
    note_event(log, month, OFFICES, post, why)
    own.waiting[own.counters[OPEN]] = post
    own.counters[OPEN] += 1
    for member in range(given.rank.shape[0]):
        if given.post_team[member] != post or own.holder[member] == VACANT:
            continue
        if uniform(key, KEPT, given.post_id[member], 0, month) >= p.kept:
            own.holder[member] = VACANT
            note_event(log, month, OFFICES, member, DISMISSED)
            own.waiting[own.counters[OPEN]] = member
            own.counters[OPEN] += 1


_SHARE = "share"

MECHANISM = MonthlyMechanism(
    name="offices",
    title="Posts are vacated and filled by kin, loyalty, origin, competence and career",
    references=("white1970", "hale2015", "svolik2012"),
    systems=("A6", "B11", "D3", "D6"),
    parameters=Parameters,
    country=(
        Field(
            "elite_cohesion",
            "index",
            0,
            1,
            0,
            "sum of squared shares of factions in the posts of known holders, by rank",
        ),
        Field("top_faction_share", _SHARE, 0, 1, 0, "posts of the faction at the top, by rank"),
        Field("kin_share", _SHARE, 0, 1, 0, "posts of members of a kin group, by rank"),
        Field("home_share", _SHARE, 0, 1, 0, "holders of known origin from the top's area"),
        Field("holdover", _SHARE, 0, 1, 0, "holders in office, of any post, for a year or more"),
        Field("akim_connection", "index", 0, 1, 0, "connection of akims, by population"),
        Field("posts_told", _SHARE, 0, 1, 0, "posts with a known holder"),
        Field("office_changes", "posts a month", 0, math.inf, 0, "new holders"),
        Field("offices_shift", "index", -2, 2, 0, "cohesion less that when the record ended"),
        Field("kin_shift", _SHARE, -1, 1, 0, "kin in posts less that when the record ended"),
    ),
)
