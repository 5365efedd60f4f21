"""Observations: the targets of an episode as an inference sees them, value and error of each.

Every quantity stands on the scale of its kind: days as days, counts as log(1 + n), shares as
shares, and something that happened or not as 1 or 0. An interval of the sources counts as the
middle 90 % of a normal error around its middle.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np

from qantar.arrays import Numbers
from qantar.evidence import Target
from qantar.evidence.targets import DATED
from qantar.scenario.episode import Episode
from qantar.study.outcome import CUMULATIVE, Outcome
from qantar.study.score import PROBABILITIES

Kind = Literal["day", "log", "flag", "share"]
KINDS: tuple[Kind, ...] = get_args(Kind)

NINETY = 2 * 1.6449
"""Width of the middle 90 % of a normal, in standard deviations."""

LEAST_ERROR: dict[Kind, float] = {"day": 0.4, "log": 0.15, "flag": 0.3, "share": 0.02}
"""Least standard deviation of an observation, in the unit of its kind: no source is exact."""

COUNTS = (*CUMULATIVE, "participants", "crowd_peak", "active_places", "regions_active")


@dataclass(frozen=True)
class Observations:
    """Some targets of an episode on the scales of their kinds.

    Attributes
    ----------
    targets : tuple of Target
    value, error : float array (targets,)
        The middle of what the sources say, and the standard deviation of its error.
    never : float
        The day that stands for something that did not happen: the day after the window.
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
        """Return what a run gave for every target: float array (members, targets)."""
        columns = [
            on_scale(
                outcome.samples(target.variable, target.level, target.name, target.date),
                kind,
                self.never,
            )
            for target, kind in zip(self.targets, self.kinds, strict=True)
        ]
        return np.stack(columns, axis=1) if columns else np.zeros((outcome.members, 0))


def observations_of(episode: Episode, targets: tuple[Target, ...]) -> Observations:
    """Put targets on the scales of their kinds.

    Parameters
    ----------
    targets : tuple of Target
        In the order in which they shall stand.
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
    """Put samples of a quantity on its scale; what never happened is the day after, or nothing."""
    filled = np.where(np.isnan(samples), never if kind == "day" else 0.0, samples)
    return np.log1p(filled) if kind == "log" else filled
