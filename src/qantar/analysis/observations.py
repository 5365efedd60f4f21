"""Observations: the targets of an episode as an inference uses them, with value and error of each.

Every quantity is put on the scale of its kind: days as days, counts as log(1 + n), shares as
shares, and something that happened or not as 1 or 0. An interval of the sources counts as the
middle 90 % of a normal distribution of the error.

Candidate observations, which no source reports, are read from the records of members (`RecordView`)
at the times and places of a `ObservationPlan`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from qantar.analysis.outcomes import CUMULATIVE, Layout, Outcome
from qantar.analysis.scores import PROBABILITIES
from qantar.base.arrays import Flags, Hours, Numbers
from qantar.base.errors import UnknownNameError
from qantar.evidence.targets import DATED, Target
from qantar.model.hour import VARIABLES, Recorded
from qantar.packs.country import Country
from qantar.packs.episode import Episode

Kind = Literal["day", "log", "flag", "share"]
KINDS: tuple[Kind, ...] = get_args(Kind)

NINETY = 2 * 1.6449
"""Width of the middle 90 % of a normal, in standard deviations."""

LEAST_ERROR: dict[Kind, float] = {"day": 0.4, "log": 0.15, "flag": 0.3, "share": 0.02}
"""Least standard deviation of an observation error, on the scale of its kind."""

COUNTS = (*CUMULATIVE, "participants", "crowd_peak", "active_places", "regions_active")
"""Variables that are compared as log(1 + n)."""

LEAST_TARGETS = 3
"""Targets that a town needs to be followed: only the best documented towns are."""

DAYS_OF_COURSE = 3
"""Days on which crowds are followed, from the latest first gathering that sources name."""

CLOCK = (0, 6, 12, 18)
"""Local hours at which a crowd is counted."""

NIGHT_FROM, NIGHT_TO = 20, 6
"""Local hours between which it is night."""

CONTROL_LOST = 0.5
"""Control below which a place counts as lost: the state holds less than half of it."""

NEVER = -1
"""Hour of an event that did not happen."""

_COLUMN = {variable.name: k for k, variable in enumerate(VARIABLES)}


@dataclass(frozen=True)
class Observations:
    """Some targets of an episode on the scales of their kinds.

    Attributes
    ----------
    targets : tuple of Target
    value, error : float array (targets,)
        The middle of the sources' interval, and the standard deviation of its error.
    never : float
        The day that stands for an event that did not happen: the day after the window.
    """

    targets: tuple[Target, ...]
    value: Numbers
    error: Numbers
    never: float

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the targets."""
        return tuple(target.target for target in self.targets)

    @cached_property
    def kinds(self) -> tuple[Kind, ...]:
        """The kind of every target."""
        return tuple(kind_of(target.variable) for target in self.targets)

    def read(self, outcome: Outcome) -> Numbers:
        """Return the results of a run for every target: float array (members, targets)."""
        columns = []
        for target, kind in zip(self.targets, self.kinds, strict=True):
            samples = outcome.samples(target.variable, target.level, target.name, target.date)
            columns.append(on_scale(samples, kind, self.never))
        return np.stack(columns, axis=1) if columns else np.zeros((outcome.members, 0))


def observations_of(episode: Episode, targets: tuple[Target, ...]) -> Observations:
    """Put targets on the scales of their kinds.

    Parameters
    ----------
    targets : tuple of Target
        Their order is kept.
    """
    value, error = [], []
    for target in targets:
        kind = kind_of(target.variable)
        low, high = target.interval(episode.first_day)
        if kind == "log":
            low, high = float(np.log1p(low)), float(np.log1p(high))
        if kind == "flag":
            low = high = float(low >= 0.5)
        value.append((low + high) / 2)
        error.append(max((high - low) / NINETY, LEAST_ERROR[kind]))
    return Observations(targets, np.array(value), np.array(error), float(len(episode.days)))


def kind_of(variable: str) -> Kind:
    """Return the scale on which a quantity of a run is compared."""
    if variable in DATED:
        return "day"
    if variable in COUNTS:
        return "log"
    return "flag" if variable in PROBABILITIES else "share"


def on_scale(samples: Numbers, kind: Kind, never: float) -> Numbers:
    """Put samples on their scale; not-a-number becomes the day `never`, or 0 if not a day."""
    filled = np.where(np.isnan(samples), never if kind == "day" else 0.0, samples)
    return np.log1p(filled) if kind == "log" else filled


@dataclass(frozen=True)
class ObservationPlan:
    """Where and when candidate observations are made.

    Attributes
    ----------
    layout : Layout
    towns : tuple of str
        Places followed one by one.
    centres : tuple of str
        Places whose crowd is followed by the hour.
    days : tuple of int
        Days of the window on which crowds are followed.
    reported : frozenset of (str, str)
        Quantities and places for which a target exists already.

    Raises
    ------
    UnknownNameError
        If a place does not exist.
    """

    layout: Layout
    towns: tuple[str, ...]
    centres: tuple[str, ...]
    days: tuple[int, ...]
    reported: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        for place in (*self.towns, *self.centres):
            if place not in self.layout.places:
                raise UnknownNameError("place", place, self.layout.places)

    @cached_property
    def town(self) -> Hours:
        """Indices of the towns."""
        return np.array([self.layout.places.index(name) for name in self.towns], np.int64)

    @cached_property
    def regions(self) -> tuple[str, ...]:
        """Regions in which the towns lie, in the order of the layout."""
        theirs = {self.layout.region_of[k] for k in self.town}
        return tuple(region for region in self.layout.regions if region in theirs)

    @cached_property
    def lies_in(self) -> NDArray[np.float32]:
        """Whether a place lies in a region: 1 or 0, float array (regions, places)."""
        of = np.array(self.layout.region_of)
        return np.array([of == region for region in self.regions], np.float32).reshape(-1, len(of))

    @cached_property
    def nights(self) -> tuple[Hours, NDArray[np.float32]]:
        """Weights that turn a running total into what happened at night.

        Returns
        -------
        hours : int array (N,)
            Ends of nights, and hours before nights.
        weights : float array (N, places)
            1 for the end of a night, -1 for the hour before one.
        """
        hours = np.arange(self.layout.days * 24)
        clock = (hours[:, None] + self.layout.offsets) % 24
        night = ((clock >= NIGHT_FROM) | (clock < NIGHT_TO)).astype(np.float32)
        weights = -np.diff(night, axis=0, append=np.float32(0))
        turns = np.flatnonzero(weights.any(axis=1))
        return turns, weights[turns]

    @cached_property
    def counted(self) -> tuple[Hours, Hours]:
        """Hours and places at which crowds of the centres are counted: two int arrays."""
        at = [self.layout.places.index(name) for name in self.centres]
        wanted = [
            (day * 24 + hour - int(self.layout.offsets[k]), k)
            for k in at
            for day in self.days
            for hour in CLOCK
        ]
        hours, places = np.array(wanted, np.int64).reshape(-1, 2).T
        return np.clip(hours, 0, self.layout.days * 24 - 1), places

    @cached_property
    def hours_of_days(self) -> Hours:
        """Hours of the episode's clock in each local day: int array (days, 24, places)."""
        local = np.array(self.days, np.int64)[:, None] * 24 + np.arange(24)
        hours = local[:, :, None] - self.layout.offsets
        inside: Hours = np.clip(hours, 0, self.layout.days * 24 - 1)
        return inside

    @cached_property
    def towns_without_looting_target(self) -> tuple[str, ...]:
        """Towns for whose looting there is no target."""
        return tuple(t for t in self.towns if ("businesses_looted", t) not in self.reported)


def plan_observations(
    layout: Layout, country: Country, targets: Iterable[Target]
) -> ObservationPlan:
    """Choose where and when to observe, from the pack and its targets and never from runs.

    Towns are the places with at least `LEAST_TARGETS` targets, centres the places with the
    greatest ``seat``, and days the `DAYS_OF_COURSE` from the latest first gathering on.
    """
    targets = tuple(targets)
    named = Counter(target.name for target in targets if target.level == "place")
    seats = {place.place: country.number(place, "seat") for place in country.places}
    onsets = [t.interval(layout.first_day)[0] for t in targets if t.variable == "onset_day"]
    first = int(max(onsets, default=0.0))
    return ObservationPlan(
        layout,
        towns=tuple(place for place in layout.places if named[place] >= LEAST_TARGETS),
        centres=tuple(place for place in layout.places if seats[place] == max(seats.values())),
        days=tuple(range(first, min(first + DAYS_OF_COURSE, layout.days))),
        reported=frozenset((target.variable, target.name) for target in targets),
    )


class RecordView:
    """The record of one member: its variables, and the hours of first events."""

    def __init__(self, record: Recorded, watch: ObservationPlan) -> None:
        self.record: Recorded = record
        self.watch: ObservationPlan = watch
        self.town: Hours = watch.town

    def of(self, name: str) -> NDArray[np.float32]:
        """Return a variable: float array (hours, places)."""
        return self.record[:, :, _COLUMN[name]]

    def in_towns(self, name: str) -> NDArray[np.float32]:
        """Return a variable in the towns: float array (hours, towns)."""
        return self._towns[:, :, _COLUMN[name]]

    @cached_property
    def _towns(self) -> Recorded:
        """The record of the towns, copied once, as it is read many times."""
        return self.record[:, self.town]

    @cached_property
    def first_attacks(self) -> Hours:
        """Hour of the first building attacked in every place."""
        return self._began(np.arange(self.record.shape[1]), "buildings_attacked")

    @cached_property
    def attack(self) -> Hours:
        """Hour of the first building attacked in each town."""
        return self.first_attacks[self.town]

    @cached_property
    def loss(self) -> Hours:
        """Hour in which control of each town was first lost."""
        return first_hour(self.in_towns("control") < CONTROL_LOST)

    @cached_property
    def looting(self) -> Hours:
        """Hour of the first business looted in each town."""
        return self._began(self.town, "businesses_looted")

    @cached_property
    def harm(self) -> Hours:
        """Hour in which a civilian was first wounded or killed in each town."""
        return self._began(self.town, "wounded", "deaths")

    def _began(self, places: Hours, *totals: str) -> Hours:
        """Return the first hour in which a running total is positive; skips places without any."""
        result = np.full(len(places), NEVER)
        columns = [_COLUMN[name] for name in totals]
        some = np.flatnonzero(self.record[-1][places][:, columns].any(axis=1))
        positive = [self.record[:, places[some], column] > 0 for column in columns]
        result[some] = first_hour(np.logical_or.reduce(positive))
        return result


def first_hour(happening: Flags) -> Hours:
    """Return the first hour of each column of a table (hours, units), or `NEVER`."""
    by_unit = np.ascontiguousarray(happening.T)  # searching along a row is far faster
    first = by_unit.argmax(axis=1)
    happened = by_unit[np.arange(len(first)), first]
    return np.where(happened, first, NEVER)
