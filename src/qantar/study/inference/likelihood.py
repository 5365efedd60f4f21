"""Synthetic likelihood: what the facts say of the unknowns through the emulator.

A fact is what the model gives, plus an error of the sources, plus a discrepancy of the model: even
with the best numbers a model is not the country (Kennedy and O'Hagan 2001). The discrepancy has
one standard deviation for each kind of fact, unknown itself and inferred with the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qantar.arrays import Hours, Numbers
from qantar.study.inference.emulator import Emulator
from qantar.study.observations import KINDS, Kind

LOG_TWO_PI = float(np.log(2 * np.pi))


@dataclass(frozen=True)
class Discrepancy:
    """Prior of the discrepancy of one kind of fact: lognormal, in the unit of the kind."""

    median: float
    spread: float


@dataclass(frozen=True)
class Synthetic:
    """The likelihood of some facts.

    Attributes
    ----------
    emulator : Emulator
    chosen : int array (facts,)
        Which of the emulator's facts are seen.
    value, error : float array (facts,)
        The observations and the standard deviation of their error.
    kinds : tuple of str
        Kind of every fact that is seen.
    discrepancy : dict of Discrepancy
        By kind.
    """

    emulator: Emulator
    chosen: Hours
    value: Numbers
    error: Numbers
    kinds: tuple[Kind, ...]
    discrepancy: dict[Kind, Discrepancy]

    @property
    def of_model(self) -> int:
        """How many unknowns belong to the model; the others are discrepancies."""
        return len(self.emulator.means[0].weights[0])

    @property
    def unknowns(self) -> int:
        """How many unknowns there are in all."""
        return self.of_model + len(KINDS)

    @cached_property
    def _correlation(self) -> Numbers:
        return self.emulator.correlation[np.ix_(self.chosen, self.chosen)]

    @cached_property
    def _kind(self) -> Hours:
        return np.array([KINDS.index(kind) for kind in self.kinds], np.int64)

    def discrepancies(self, draws: Numbers) -> Numbers:
        """Return the standard deviation of each kind's discrepancy: (points, kinds)."""
        median = np.array([self.discrepancy[kind].median for kind in KINDS])
        spread = np.array([self.discrepancy[kind].spread for kind in KINDS])
        result: Numbers = median * np.exp(spread * draws[:, self.of_model :])
        return result

    def own_variance(self, draws: Numbers) -> Numbers:
        """Return the variance of error and discrepancy of every fact: (points, facts)."""
        result: Numbers = self.error**2 + self.discrepancies(draws)[:, self._kind] ** 2
        return result

    def covariance(self, draws: Numbers) -> Numbers:
        """Return the covariance of the observations about their mean: (points, facts, facts)."""
        deviation = self.emulator.deviation(draws[:, : self.of_model])[:, self.chosen]
        whole = deviation[:, :, None] * self._correlation * deviation[:, None, :]
        diagonal = np.arange(len(self.chosen))
        whole[:, diagonal, diagonal] += self.own_variance(draws)
        return whole

    def mean(self, draws: Numbers) -> Numbers:
        """Return the expected observations: (points, facts)."""
        return self.emulator.mean(draws[:, : self.of_model])[:, self.chosen]

    def log_likelihood(self, draws: Numbers) -> Numbers:
        """Return the log likelihood: float array (points, unknowns) -> (points,)."""
        root = np.linalg.cholesky(self.covariance(draws))
        away = np.linalg.solve(root, (self.value - self.mean(draws))[:, :, None])[:, :, 0]
        log_root = np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
        result: Numbers = (
            -0.5 * (away**2).sum(axis=1) - log_root - 0.5 * LOG_TWO_PI * len(self.chosen)
        )
        return result

    def information(self, draws: Numbers) -> Numbers:
        """Return the mean Gauss-Newton information about the unknowns, over some of the points."""
        some = draws[:: max(1, len(draws) // INFORMED_BY)]
        slopes = self.emulator.slopes(some[:, : self.of_model])[:, self.chosen]
        root = np.linalg.cholesky(self.covariance(some))
        bent = np.linalg.solve(root, slopes).reshape(-1, self.of_model)
        total = np.zeros((self.unknowns, self.unknowns))
        total[: self.of_model, : self.of_model] = bent.T @ bent / len(some)
        return total


INFORMED_BY = 24
"""Points over which the information is averaged."""
