"""The state of the country and its environment, and functions used by many mechanisms.

Places, groups and cohorts are rows of record arrays, so that a mechanism reads
``state.places[i].crowd`` and a compiled function takes one pointer instead of forty. `Action` lists
the kinds of state action, `Script` dates them, and `Amendments` are bounds set by interventions.
`officers_in` counts the officers who face a crowd; `local_hour` and `activity` give the time of
day and how many people are out.
"""

from __future__ import annotations

import math
from enum import IntEnum
from typing import Any, NamedTuple, TypeAlias, get_type_hints

import numpy as np
from numpy.typing import NDArray

from qantar.base.arrays import Flags, Hours, Numbers
from qantar.base.compilation import compiled


class Action(IntEnum):
    """A kind of trigger or state action. An episode may list other kinds of event as records.

    `OTHER_TRIGGER` is any trigger other than the price of gas, such as a law or an election.
    `PRICE_CONCESSION` is a concession on the trigger, whatever it was. `RESTRAINT` is the share of
    force that police withhold, `WITHDRAWAL` the share of forces withdrawn, and `STAND` the share by
    which forces ordered to stand lose control more slowly.
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


Record: TypeAlias = Any
"""One row of a record array, as numba sees it."""

Records: TypeAlias = NDArray[Any]
"""A record array."""


def _fields(numbers: str, whole: str = "") -> np.dtype[Any]:
    """Return a record type of floats followed by integers, from space-separated names."""
    reals = [(name, np.float64) for name in numbers.split()]
    return np.dtype([*reals, *((name, np.int64) for name in whole.split())], align=True)


def record_of(group: type) -> np.dtype[Any]:
    """Return the record type of a named tuple, nested where a field is a named tuple."""
    fields = []
    for name, kind in get_type_hints(group).items():
        fields.append((name, record_of(kind) if hasattr(kind, "_fields") else np.float64))
    return np.dtype(fields, align=True)


ENVIRONMENT_PLACE = _fields(
    "population price_rise price_dependence territorial poverty patronage activism experience "
    "seat media_access shutdown_reach night_cold police named trigger",
    "place_id clock_offset buildings businesses region",
)
"""Constant attributes of a place.

population : persons.
price_rise : logarithm of the LPG price after over before.
price_dependence : share of cars that run on LPG.
territorial : exclusion of the region from central money and office, 0 to 1.
poverty : standard deviations of the regional poverty rate from the population mean.
patronage : strength of elite patronage networks, 0 to 1.
activism : strength of civic and human rights organisations, 0 to 1.
experience : experience of earlier protest, 0 to 1.
seat : political weight of the seat of power there, 0 to 1.
media_access : share of people reached by independent and social media.
shutdown_reach : share of that access cut by a full shutdown.
night_cold : degrees below zero of a January night, in tens.
police : officers stationed there.
named : 1 if an account of a planned attack names the place, else 0.
trigger : loss caused by a trigger other than the gas price, in log units.
place_id : hash of the name, part of the random key.
clock_offset : hours to add to the episode's clock for local time.
buildings, businesses : state buildings and trading sites that can be attacked or looted.
region : number of its region, in the order of the pack.
"""

ENVIRONMENT_GROUP = _fields(
    "takes_part price_exposure deprivation exclusion discontent militancy moderation"
)
"""Traits of a group (see ``pack.yaml``)."""

STANCES = ("quiet", "protesting", "militant", "withdrawn", "detained", "wounded", "dead")
"""Possible stances of a person; every person has exactly one."""

COHORT = _fields("standing readiness", " ".join(STANCES))
"""State of a cohort: persons by stance, standing grievance in log units, and readiness, a factor on
the hazard of joining."""


REGION = _fields("unrest violence concession emergency", "since_concession since_emergency")
"""Reports from a region, and pressure on its akim.

unrest, violence : reported towns with protest and with violence; fractions count.
concession, emergency : hours of full pressure so far towards each decision.
since_concession, since_emergency : hour of the decision, or `NOT_YET`.
"""

CENTRE = _fields("unrest violence lost_seats losses demand trust alarmed calm")
"""Information and beliefs of the capital.

unrest, violence : reported towns with protest and with violence; fractions count.
lost_seats : seats of power out of state control, weighted by rank.
losses : officers killed so far, as reported.
demand : share of the reported protest directed at the regime.
trust : trust in the state's own forces, 0 to 1.
alarmed : 1 once violence has been high.
calm : hours since it has been low again.
"""

NOT_YET = -1
"""The hour of a decision that has not been taken."""


class Environment(NamedTuple):
    """Inputs that are constant during an episode. P places, G groups.

    Attributes
    ----------
    places : record array (P,) of `ENVIRONMENT_PLACE`
    groups : record array (G,) of `ENVIRONMENT_GROUP`
    group_id : int array (G,)
        Hashes of the groups' names, part of the random key.
    cohort : int array (P, G)
        Persons of each group in each place.
    log_distance : float array (P, P)
        Logarithm of kilometres between places.
    likeness : float array (P, P)
        Share of attention that a place pays to workmates in each other place.
    reserve, foreign_troops : float
        Mobile forces of the country and of a foreign contingent, persons.
    regions : int
        Number of regions.
    """

    places: Records
    groups: Records
    group_id: Hours
    cohort: Hours
    log_distance: Numbers
    likeness: Numbers
    reserve: float
    foreign_troops: float
    regions: int


class State(NamedTuple):
    """The state of a run. People are integer counts.

    Attributes
    ----------
    places : record array (P,) of `qantar.model.hour.PLACE`
        The fields that mechanisms declare.
    people : record array (P, G) of `COHORT`
    in_force : float array (kinds, P)
        Intensity of each kind of state action in each place now, interventions included.
    ordered : float array (kinds, P)
        The same before interventions, as ordered by the script or the rules.
    pressure : float array (kinds,)
        Hours of full pressure so far towards each decision of the centre.
    since : int array (kinds,)
        Hour at which the centre decided, or `NOT_YET`.
    regions : record array (R,) of `REGION`
    centre : record array (1,) of `CENTRE`
    kinship : float array (P, P)
        Weights of ties, rows summing to at most 1.
    talk : float array (P,)
        Extent to which a crowd is talked about elsewhere, 0 to 1.
    draws : float array (G,)
        Buffer for the uniform numbers of the groups of a place.
    decided : int array (1,)
        1 in an hour in which a state action begins or ends.
    """

    places: Records
    people: Records
    in_force: Numbers
    ordered: Numbers
    pressure: Numbers
    since: Hours
    regions: Records
    centre: Records
    kinship: Numbers
    talk: Numbers
    draws: Numbers
    decided: Hours


_WITHDRAWAL = int(Action.WITHDRAWAL)


@compiled
def officers_in(state: State, environment: Environment, i: int) -> float:
    """Return the officers who face the crowd of one place, persons.

    Police in the part of the place under state control, plus mobile forces.
    """
    here = state.places[i]
    police = environment.places[i].police * here.loyalty * here.control
    there = 1.0 - state.in_force[_WITHDRAWAL, i]
    return float((police + here.reinforcement) * there)


HOURS_PER_DAY = 24


@compiled
def local_hour(hour: int, offset: int) -> int:
    """Return the hour of the local day, 0 to 23."""
    return (hour + offset) % HOURS_PER_DAY


@compiled
def activity(local: int, night_level: float) -> float:
    """Return the readiness to go out at a local hour, 0 to 1.

    A half sine from `FIRST` to midnight, with `night_level` as minimum.
    """
    waking = 0.0
    if local >= FIRST:
        waking = math.sin(math.pi * (local - FIRST + 0.5) / (HOURS_PER_DAY - FIRST))
    return night_level + (1.0 - night_level) * waking


FIRST = 7
"""First hour of the day with activity."""
