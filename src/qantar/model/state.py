"""The state of the country and its environment, and functions used by many mechanisms.

All places are one record whose fields are arrays, so that a mechanism reads ``places.crowd[i]``,
loops over places vectorise and a compiled function takes one pointer instead of forty. The arrays
are longer than the number of places, so that countries of similar size share the compiled code.
`Action` lists the kinds of state action, `Script` dates them, and `Amendments` are bounds set by
interventions. `local_hour` and `activity` give the time of day and how many people are out.
"""

from __future__ import annotations

import math
from enum import IntEnum
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qantar.base.arrays import Flags, Hours, Numbers, People
from qantar.base.compilation import compiled, inlined
from qantar.model.records import Record, place_capacity


class Action(IntEnum):
    """A kind of trigger or state action. An episode may list other kinds of event as records.

    `OTHER_TRIGGER` is any trigger other than the price of gas, such as a law or an election.
    `PRICE_CONCESSION` is a concession on the trigger, whatever it was. `RESTRAINT` is the share of
    force that police withhold, `WITHDRAWAL` the share of forces withdrawn, and `STAND` the share by
    which forces ordered to stand lose control more slowly. `ANNOUNCED_RALLY` is a rally to which
    people were called, on its day, and `PRE_EMPTIVE_ARRESTS` the share of its organisers who were
    detained beforehand.
    """

    PRICE_CAP_LIFTED = 0
    PRICE_CONCESSION = 1
    UTILITIES_FREEZE = 2
    GOVERNMENT_RESIGNS = 3
    COUNCIL_CHAIR_CHANGES = 4
    NEW_CABINET = 5
    EMERGENCY = 6
    SHUTDOWN = 7
    FOREIGN_TROOPS = 8
    SHOOT_ORDER = 9
    MOURNING = 10
    OTHER_TRIGGER = 11
    RESTRAINT = 12
    WITHDRAWAL = 13
    STAND = 14
    ANNOUNCED_RALLY = 15
    PRE_EMPTIVE_ARRESTS = 16


ACTION_KINDS = len(Action)


class Script(NamedTuple):
    """Dated actions of one member.

    Attributes
    ----------
    kind : int array (actions,)
        Values of `Action`.
    begins, ends : int array (actions,)
        Hours of the episode's clock; an action is in force from `begins` to just before `ends`.
    intensity : float array (actions,)
        0 to 1, for instance the extent of a shutdown.
    where : bool array (actions, places)
    """

    kind: Hours
    begins: Hours
    ends: Hours
    intensity: Numbers
    where: Flags


class Amendments(NamedTuple):
    """Bounds that interventions put on decisions of the script or of the rules.

    If several rows apply at once, the largest `least` and the smallest `most` are used; their order
    has no effect.

    Attributes
    ----------
    kind : int array (rows,)
        Values of `Action`.
    begins, ends : int array (rows,)
        Hours of the episode's clock; a row applies from `begins` to just before `ends`.
    least, most : float array (rows,)
        Bounds of the intensity, 0 to 1: ``most`` 0 forbids an action, ``least`` 1 imposes it.
    where : bool array (rows, places)
    """

    kind: Hours
    begins: Hours
    ends: Hours
    least: Numbers
    most: Numbers
    where: Flags


def no_amendments(places: int) -> Amendments:
    """Return amendments without rows."""
    hours, bounds = np.zeros(0, np.int64), np.zeros(0)
    return Amendments(hours, hours, hours, bounds, bounds, np.zeros((0, places), np.bool_))


ENVIRONMENT_PLACE = (
    "population price_rise price_dependence territorial poverty patronage activism experience "
    "seat news_reach shutdown_reach night_cold police investigators named trigger organised "
    "clock_offset sunset rural",
    "place_id buildings businesses region",
)
"""Constant attributes of a place: floats, then integers.

population : persons.
price_rise : logarithm of the LPG price after over before.
price_dependence : share of cars that run on LPG.
territorial : exclusion of the region from central money and office, 0 to 1.
poverty : standard deviations of the regional poverty rate from the population mean.
patronage : strength of elite patronage networks, 0 to 1.
activism : strength of civic and human rights organisations, 0 to 1.
experience : experience of earlier protest, 0 to 1.
seat : political weight of the seat of power there, 0 to 1.
news_reach : share of people whom uncensored and social media reach.
shutdown_reach : share of that reach which a full shutdown cuts.
night_cold : degrees below zero of a night in the season of the episode, in tens.
police : officers who can be put on the street at once, with any guard that is kept there.
investigators : officers stationed there, who can search for people at home.
named : 1 if an account of a planned attack names the place, else 0.
trigger : salience of a trigger other than the gas price, 0 to 1.
organised : share of adults who work in large enterprises, with workmates elsewhere.
clock_offset : hours to add to the episode's clock for local time, in quarters of an hour.
sunset : hour of sunset, on the local clock.
rural : 1 if the place stands for scattered villages, 0 if it is a town.
place_id : hash of the name, part of the random key.
buildings, businesses : state buildings and trading sites that can be attacked or looted.
region : number of its region, in the order of the pack.
"""

ENVIRONMENT_GROUP = (
    "takes_part price_exposure deprivation exclusion discontent militancy moderation"
)
"""Traits of a group (see ``pack.yaml``)."""

STANCES = ("quiet", "protesting", "militant", "withdrawn", "detained", "wounded", "dead")
"""Possible stances of a person; every person has exactly one."""

COHORT = ("standing readiness", " ".join(STANCES))
"""State of a cohort: persons by stance, standing grievance in log units, and readiness, a factor on
the share that would come out if everyone else did."""

REGION = ("unrest violence concession emergency", "since_concession since_emergency")
"""Reports from a region, and pressure on its akim.

unrest, violence : reported towns with protest and with violence; fractions count.
concession, emergency : hours of full pressure so far towards each decision.
since_concession, since_emergency : hour of the decision, or `NOT_YET`.
"""

CENTRE = np.dtype(
    [
        *((name, np.float64) for name in ("unrest", "violence", "lost_seats", "losses")),
        *((name, np.float64) for name in ("demand", "trust", "alarmed", "calm")),
        ("pressure", np.float64, (ACTION_KINDS,)),
        ("since", np.int64, (ACTION_KINDS,)),
        ("decided", np.int64),
    ],
    align=True,
)
"""Information, beliefs and decisions of the capital.

unrest, violence : reported towns with protest and with violence; fractions count.
lost_seats : seats of power out of state control, weighted by rank.
losses : officers killed so far, as reported.
demand : share of the reported protest directed at the regime.
trust : trust in the state's own forces, 0 to 1.
alarmed : 1 once violence has been high.
calm : hours since it has been low again.
pressure : hours of full pressure so far towards each decision, by kind.
since : hour of each decision, or `NOT_YET`, by kind.
decided : 1 in an hour in which a state action begins or ends.
"""

NOT_YET = -1
"""The hour of a decision that has not been taken."""

MOST_PAIRED = 300
"""Up to so many places the ties of all pairs are kept; in a larger country they are sparse."""

STRONGEST = 128
"""Ties of a place that are kept one by one in a large country; all others go by district."""

DISTRICTS = 128
"""Districts of a large country: groups of neighbouring places, of about equal number."""


class Environment(NamedTuple):
    """Inputs that are constant during an episode. P places, G groups.

    Attributes
    ----------
    place_count, group_count, region_count : int
        Number of places (P), of groups (G) and of regions.
    places : record of `ENVIRONMENT_PLACE`
        Every field is an array (`place_capacity`,) whose first P values are used.
    groups : record of `ENVIRONMENT_GROUP` and `group_id`
        Every field is an array (`group_capacity`,). `group_id` is the hash of the name of a group,
        part of the random key.
    cohort : int array (P, G)
        Persons of each group in each place.
    log_distance : float array (P, P)
        Logarithm of kilometres between places; empty if P is above `MOST_PAIRED`.
    likeness : float array (P, P)
        Share of attention that a place pays to workmates in each other place; empty if P is above
        `MOST_PAIRED`.
    sparse_ties : record of `sparse_ties_record`
        The same for more places, by pairs and districts.
    days_off : float array (days,)
        1 on days without work, by day of the local calendar; the first is the day before the
        episode begins, for places whose clock is behind. Days after the last one are like it.
    reserve, foreign_troops : float
        Mobile forces of the country and of a foreign contingent, persons.
    price_breadth : float
        How far a general rise of prices weighs on everyone, 0 to 1.
    learned_restraint : float
        Whether the state has learned not to fire first, 0 to 1.
    """

    place_count: int
    group_count: int
    region_count: int
    places: Record
    groups: Record
    cohort: People
    log_distance: Numbers
    likeness: Numbers
    sparse_ties: Record
    days_off: Numbers
    reserve: float
    foreign_troops: float
    price_breadth: float
    learned_restraint: float

    def of_places(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return the part of an array over places that is used: the last axis has P values."""
        return values[..., : self.place_count]

    def of_cohorts(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return the part of an array (groups, places) that is used, as an array (P, G)."""
        return values[: self.group_count, : self.place_count].T


class State(NamedTuple):
    """The state of a run. People are integer counts.

    Attributes
    ----------
    places : record of `qantar.model.hour.place_record`
        The fields that mechanisms declare, each an array over places; the intensity of each kind of
        state action in each place now (`in_force`) and before interventions, as ordered by the
        script or the rules (`ordered`), both (kinds, places).
    people : record of `COHORT`
        Every field is an array (groups, places).
    regions : record of `REGION`
        Every field is an array over regions.
    centre : record of `CENTRE`
    ties : record of `ties_record`
    draws : record of `qantar.rng.cohorts.draws_record`
    """

    places: Record
    people: Record
    regions: Record
    centre: Record
    ties: Record
    draws: Record


@cache
def sparse_ties_record(capacity: int, groups: int) -> np.dtype[Any]:
    """Return the record type of what stays constant in the ties of a large country.

    district : the district of a place.
    hearer : the places among whose strongest ties a place is, for one place after the other.
    first : where those of a place begin; those of the next one begin where they end.
    log_distance : logarithm of kilometres to each of them.
    mean_log_distance, log_distance_variance : mean and variance of the same from a district to a
        place, without its strongest ties, weighted by their pull.
    workmates : root of the number of workmates of a group in a place.
    hears_workmates : weight of the news of each of them in what a place hears.
    """
    kept = capacity >= place_capacity(MOST_PAIRED + 1)
    many = capacity if kept else 1
    return np.dtype(
        [
            ("district", np.int64, (many,)),
            ("hearer", np.int64, (STRONGEST * many,)),
            ("first", np.int64, (many + 1,)),
            ("log_distance", np.float64, (STRONGEST * many,)),
            ("mean_log_distance", np.float64, (DISTRICTS, many)),
            ("log_distance_variance", np.float64, (DISTRICTS, many)),
            ("workmates", np.float64, (groups, many)),
            ("hears_workmates", np.float64, (groups, many)),
        ],
        align=True,
    )


@cache
def ties_record(capacity: int) -> np.dtype[Any]:
    """Return the record type of the ties between places.

    talk : the crowd of a place that is talked about elsewhere, persons.
    heard : partial sums of the news that a place hears.
    kinship : weight of the first place in the news that the second hears; columns sum to at most 1.

    In a large country, instead of `kinship`:

    pull : attraction of a place by its size.
    by_district : weight of the pull of a district's places in the news that a place hears.
    one_by_one : what has to be added to this for each of the strongest ties, in the order of
        `hearer`; `own` for the place itself.
    district_pull : sum over the places of a district of their pull, or of pull times talk.
    """
    paired = (capacity, capacity) if capacity <= place_capacity(MOST_PAIRED) else (1, 1)
    many = capacity if capacity >= place_capacity(MOST_PAIRED + 1) else 1
    return np.dtype(
        [
            ("talk", np.float64, (capacity,)),
            ("heard", np.float64, (4, capacity)),
            ("kinship", np.float64, paired),
            ("pull", np.float64, (many,)),
            ("own", np.float64, (many,)),
            ("one_by_one", np.float64, (STRONGEST * many,)),
            ("by_district", np.float64, (DISTRICTS, many)),
            ("district_pull", np.float64, (DISTRICTS,)),
        ],
        align=True,
    )


@compiled
def add_up(total: Numbers, people: People, groups: int, places: int) -> None:
    """Set the number of people of all groups in every place, from an array (groups, places)."""
    for i in range(places):
        total[i] = 0.0
    for g in range(groups):
        for i in range(places):
            total[i] += people[g, i]


HOURS_PER_DAY = 24
FIRST = 7
"""First hour of the day with activity."""

QUARTERS = 4
"""Local clocks differ by whole quarters of an hour."""

_WAKING = np.array(
    [
        math.sin(math.pi * max(quarter / QUARTERS - FIRST + 0.5, 0.0) / (HOURS_PER_DAY - FIRST))
        if quarter >= FIRST * QUARTERS and quarter / QUARTERS + 0.5 < HOURS_PER_DAY
        else 0.0
        for quarter in range(HOURS_PER_DAY * QUARTERS)
    ]
)
"""Activity at the middle of an hour, by the quarter of the day at which it begins: a half sine from
`FIRST` to midnight."""


@inlined
def local_hour(hour: int, offset: float) -> float:
    """Return the beginning of an hour on the local clock, 0 to below 24."""
    clock = hour + offset
    return clock - HOURS_PER_DAY * math.floor(clock / HOURS_PER_DAY)


@inlined
def local_day(hour: int, offset: float) -> int:
    """Return the day of the local calendar, 0 on the first day of the episode, -1 before it."""
    return math.floor((hour + offset) / HOURS_PER_DAY)


@inlined
def activity(local: float, night_level: float) -> float:
    """Return the readiness to go out at a local hour, 0 to 1, at least `night_level`."""
    level: float = night_level + (1.0 - night_level) * _WAKING[int(local * QUARTERS)]
    return level
