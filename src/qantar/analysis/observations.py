"""Observations: the targets of an episode with value and error, as used for inference.

Every quantity is transformed to the scale of its kind: days as days, counts as log(1 + n), shares
as shares, and events that did or did not happen as 1 or 0. The interval of a target is taken as the
central 90 % of a normal error distribution.

Candidate observations, which no source reports, are read from the records of members (`RecordView`)
at the times and places of an `ObservationPlan`.
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
"""Width of the central 90 % of a normal distribution, in standard deviations."""

MIN_ERROR: dict[Kind, float] = {"day": 0.4, "log": 0.15, "flag": 0.3, "share": 0.02}
"""Minimum standard deviation of an observation error, on the scale of its kind."""

COUNTS = (*CUMULATIVE, "participants", "crowd_peak", "active_places", "regions_active")
"""Variables compared as log(1 + n)."""

MIN_TARGETS = 3
"""Minimum number of targets for a town to be followed."""

CROWD_DAYS = 3
"""Number of days on which crowds are followed, from the latest onset reported by sources."""

CROWD_HOURS = (0, 6, 12, 18)
"""Local hours at which crowds are counted."""

NIGHT_FROM, NIGHT_TO = 20, 6
"""Start and end of the night, local hours."""

CONTROL_LOST = 0.5
"""Control of a place by the state below which it counts as lost."""

NEVER = -1
"""Hour of an event that did not happen."""

_COLUMN = {variable.name: k for k, variable in enumerate(VARIABLES)}


@dataclass(frozen=True)
class Observations:
    """Targets of an episode on the scales of their kinds.

    Attributes
    ----------
    targets : tuple of Target
    value, error : float array (targets,)
        The midpoint of each interval, and the standard deviation of its error.
    never : float
        The day assigned to an event that did not happen: the day after the window.
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
        """Return the results of a run for all targets: float array (members, targets)."""
        columns = []
        for target, kind in zip(self.targets, self.kinds, strict=True):
            samples = outcome.samples(target.variable, target.level, target.name, target.date)
            columns.append(on_scale(samples, kind, self.never))
        return np.stack(columns, axis=1) if columns else np.zeros((outcome.members, 0))


def observations_of(episode: Episode, targets: tuple[Target, ...]) -> Observations:
    """Transform targets to the scales of their kinds.

    Parameters
    ----------
    targets : tuple of Target
        Targets, in the order of the result.
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
        error.append(max((high - low) / NINETY, MIN_ERROR[kind]))
    return Observations(targets, np.array(value), np.array(error), float(len(episode.days)))


def kind_of(variable: str) -> Kind:
    """Return the kind of a quantity, which defines its scale."""
    if variable in DATED:
        return "day"
    if variable in COUNTS:
        return "log"
    return "flag" if variable in PROBABILITIES else "share"


def on_scale(samples: Numbers, kind: Kind, never: float) -> Numbers:
    """Transform samples to their scale; NaN becomes the day `never`, or 0 if not a day."""
    filled = np.where(np.isnan(samples), never if kind == "day" else 0.0, samples)
    return np.log1p(filled) if kind == "log" else filled


@dataclass(frozen=True)
class ObservationPlan:
    """Times and places of candidate observations.

    Attributes
    ----------
    layout : Layout
    towns : tuple of str
        Places that are followed individually.
    centres : tuple of str
        Places of which the crowd is followed by hour.
    days : tuple of int
        Days of the window on which crowds are followed.
    reported : frozenset of (str, str)
        Quantities and places for which there is a target.

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
        """Regions of the towns, in the order of the layout."""
        found = {self.layout.region_of[k] for k in self.town}
        return tuple(region for region in self.layout.regions if region in found)

    @cached_property
    def region_membership(self) -> NDArray[np.float32]:
        """1 if a place is in a region, else 0: float array (regions, places)."""
        of = np.array(self.layout.region_of)
        return np.array([of == region for region in self.regions], np.float32).reshape(-1, len(of))

    @cached_property
    def nights(self) -> tuple[Hours, NDArray[np.float32]]:
        """Weights that extract the night-time part of a running total.

        Returns
        -------
        hours : int array (N,)
            The last hours of nights and the hours before nights.
        weights : float array (N, places)
            1 for the last hour of a night, -1 for the hour before a night.
        """
        hours = np.arange(self.layout.days * 24)
        clock = (hours[:, None] + self.layout.offsets) % 24
        night = ((clock >= NIGHT_FROM) | (clock < NIGHT_TO)).astype(np.float32)
        weights = -np.diff(night, axis=0, append=np.float32(0))
        turns = np.flatnonzero(weights.any(axis=1))
        return turns, weights[turns]

    @cached_property
    def crowd_counts(self) -> tuple[Hours, Hours]:
        """Hours and places at which crowds in the centres are counted: two int arrays."""
        at = [self.layout.places.index(name) for name in self.centres]
        wanted = [
            (day * 24 + hour - int(self.layout.offsets[k]), k)
            for k in at
            for day in self.days
            for hour in CROWD_HOURS
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
        """Towns without a target for looting."""
        return tuple(t for t in self.towns if ("businesses_looted", t) not in self.reported)


def plan_observations(
    layout: Layout, country: Country, targets: Iterable[Target]
) -> ObservationPlan:
    """Choose times and places from the pack and its targets, independently of any run.

    Towns are the places with at least `MIN_TARGETS` targets, centres the places with the largest
    ``seat``, and days the `CROWD_DAYS` from the latest onset.
    """
    targets = tuple(targets)
    named = Counter(target.name for target in targets if target.level == "place")
    seats = {place.place: country.number(place, "seat") for place in country.places}
    onsets = [t.interval(layout.first_day)[0] for t in targets if t.variable == "onset_day"]
    first = int(max(onsets, default=0.0))
    return ObservationPlan(
        layout,
        towns=tuple(place for place in layout.places if named[place] >= MIN_TARGETS),
        centres=tuple(place for place in layout.places if seats[place] == max(seats.values())),
        days=tuple(range(first, min(first + CROWD_DAYS, layout.days))),
        reported=frozenset((target.variable, target.name) for target in targets),
    )


class RecordView:
    """The record of a member: its variables, and the hours of first events."""

    def __init__(self, record: Recorded, plan: ObservationPlan) -> None:
        self.record: Recorded = record
        self.plan: ObservationPlan = plan
        self.town: Hours = plan.town

    def of(self, name: str) -> NDArray[np.float32]:
        """Return a variable: float array (hours, places)."""
        return self.record[:, :, _COLUMN[name]]

    def in_towns(self, name: str) -> NDArray[np.float32]:
        """Return a variable in the towns: float array (hours, towns)."""
        return self._towns[:, :, _COLUMN[name]]

    @cached_property
    def _towns(self) -> Recorded:
        """The record of the towns, copied once because it is read many times."""
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
        """Hour at which control of each town was first lost."""
        return first_hour(self.in_towns("control") < CONTROL_LOST)

    @cached_property
    def looting(self) -> Hours:
        """Hour of the first business looted in each town."""
        return self._began(self.town, "businesses_looted")

    @cached_property
    def harm(self) -> Hours:
        """Hour at which a civilian was first wounded or killed in each town."""
        return self._began(self.town, "wounded", "deaths")

    def _began(self, places: Hours, *totals: str) -> Hours:
        """Return the first hour at which a running total is positive, for each place."""
        result = np.full(len(places), NEVER)
        columns = [_COLUMN[name] for name in totals]
        some = np.flatnonzero(self.record[-1][places][:, columns].any(axis=1))
        positive = [self.record[:, places[some], column] > 0 for column in columns]
        result[some] = first_hour(np.logical_or.reduce(positive))
        return result


def first_hour(happening: Flags) -> Hours:
    """Return the first hour of each column of a table (hours, units), or `NEVER`."""
    by_unit = np.ascontiguousarray(happening.T)  # searching along rows is much faster
    first = by_unit.argmax(axis=1)
    happened = by_unit[np.arange(len(first)), first]
    return np.where(happened, first, NEVER)
