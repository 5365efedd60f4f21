"""What the ensemble smoother assimilates for each target: quantities that vary with the unknowns.

A Kalman update follows slopes. Three kinds of targets have none where it matters:

- **Yes or no.** A member gives 0 or 1, and if all members give the same there is nothing to follow.
  The smoother reads the quantity behind the answer instead: the largest crowd of the unit for
  ``active``, the number of buildings attacked and people killed for ``violent``, both as
  log(1 + n). The answer is then a bound on this quantity, and a member on the right side of it is
  not moved (observations known only by a range, as in Borup et al. 2015).
- **At most.** The middle of an interval from zero is above zero, and a member that gives none would
  be pulled away from it. Such an interval is a bound at its upper end.
- **Never.** A day that never comes would be far behind every other day, and a few such members
  would determine the slope. It counts as the day after the latest one in the ensemble, later by
  what is missing in log(crowd) to be visible.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qantar.analysis.observations import MIN_ERROR, Kind, Observations
from qantar.analysis.outcomes import HARM, Outcome
from qantar.base.arrays import Hours, Numbers
from qantar.evidence.targets import Target

FEWEST_HARMED = 0.5
"""Between no building or person harmed and one."""

AT_LEAST, AT_MOST, EXACTLY = 1, -1, 0
"""Sides of a bound."""


@dataclass(frozen=True)
class FitQuantities:
    """The quantities of the targets of an episode.

    Attributes
    ----------
    observations : Observations
        The targets that are used to fit.
    visible : float
        Smallest crowd that sources would report.
    """

    observations: Observations
    visible: float

    @property
    def value(self) -> Numbers:
        """Return the observed values, or bounds: float array (targets,)."""
        pairs = zip(self.observations.targets, self.observations.kinds, strict=True)
        bounds = [self._bound(target, kind) for target, kind in pairs]
        return np.where(self.side == EXACTLY, self.observations.value, bounds)

    def _bound(self, target: Target, kind: Kind) -> float:
        """Return the bound of a target; 0 if it is none."""
        if kind == "flag":
            return float(np.log1p(FEWEST_HARMED if target.variable == "violent" else self.visible))
        return float(np.log1p(float(target.high))) if kind == "log" else 0.0

    @property
    def error(self) -> Numbers:
        """Return the standard deviations of their errors; of a bound that of a yes/no target."""
        return np.where(self.side == EXACTLY, self.observations.error, MIN_ERROR["flag"])

    @property
    def side(self) -> Hours:
        """Return the side of every bound: int array (targets,)."""
        sides = []
        for target, kind, value in zip(
            self.observations.targets, self.observations.kinds, self.observations.value, strict=True
        ):
            from_zero = kind == "log" and float(target.low) == 0.0
            yes = AT_LEAST if value > 0.5 else AT_MOST
            sides.append(yes if kind == "flag" else AT_MOST if from_zero else EXACTLY)
        return np.array(sides, np.int64)

    def read(self, outcome: Outcome) -> Numbers:
        """Return the quantities of a run: float array (members, targets)."""
        predicted = self.observations.read(outcome)
        pairs = zip(self.observations.targets, self.observations.kinds, strict=True)
        for k, (target, kind) in enumerate(pairs):
            if kind == "flag":
                predicted[:, k] = _behind(target, outcome)
            elif kind == "day":
                never = predicted[:, k] >= self.observations.never
                missing = np.log1p(self.visible) - _largest_crowd(target, outcome)
                latest = predicted[~never, k].max() if not never.all() else predicted[0, k] - 1
                predicted[never, k] = latest + 1 + np.maximum(missing[never], 0.0)
        return predicted


def _behind(target: Target, outcome: Outcome) -> Numbers:
    """Return the quantity behind a yes/no target: float array (members,)."""
    if target.variable != "violent":
        return _largest_crowd(target, outcome)
    where, day = outcome.mask(target.level, target.name), _day(target, outcome)
    total = np.sum([outcome.values(name)[:, where].sum(axis=1) for name in HARM], axis=0)
    before = total[:, day - 1] if day else 0.0
    harmed: Numbers = total[:, -1] if day is None else total[:, day] - before
    result: Numbers = np.log1p(harmed)
    return result


def _largest_crowd(target: Target, outcome: Outcome) -> Numbers:
    """Return log(1 + n) of the largest crowd of any place of the unit: float array (members,)."""
    where, day = outcome.mask(target.level, target.name), _day(target, outcome)
    if target.variable == "active_elsewhere":
        where = ~where
    peaks = outcome.peaks[:, where].max(axis=1).astype(np.float64)
    result: Numbers = np.log1p(peaks.max(axis=1) if day is None else peaks[:, day])
    return result


def _day(target: Target, outcome: Outcome) -> int | None:
    """Return the index of the day of a target; None for the whole window."""
    dates = outcome.layout.dates
    return dates.index(target.date) if target.date in dates else None
