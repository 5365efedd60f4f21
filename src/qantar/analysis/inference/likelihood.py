"""The synthetic likelihood: how probable the observed facts are, by an emulator.

The observations are normal about the emulated mean. Their covariance is that of the emulator, plus
the variance of errors and discrepancies.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qantar.analysis.inference.emulator import Emulator
from qantar.analysis.inference.problem import Discrepancy
from qantar.analysis.observations import KINDS, Kind
from qantar.base.arrays import Hours, Numbers

LOG_TWO_PI = float(np.log(2 * np.pi))

INFORMED_BY = 24
"""Points over which the information matrix is averaged."""

PART = 32
"""Points whose covariances are factorised together: few enough to stay in the processor's cache."""


@dataclass(frozen=True)
class SyntheticLikelihood:
    """The synthetic likelihood of some facts.

    Attributes
    ----------
    emulator : Emulator
    chosen : int array (facts,)
        Indices of the emulator's facts that are observed.
    value, error : float array (facts,)
        The observations and the standard deviation of their error.
    kinds : tuple of str
        Kind of every observed fact.
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
        """Number of unknowns of the model; the others are discrepancies."""
        return len(self.emulator.means[0].weights[0])

    @property
    def unknowns(self) -> int:
        """Number of all unknowns."""
        return self.of_model + len(KINDS)

    @cached_property
    def _shown(self) -> Emulator:
        """The emulator of the observed facts alone."""
        return self.emulator.restricted_to(self.chosen)

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
        deviation = self._shown.deviation(draws[:, : self.of_model])
        whole = deviation[:, :, None] * self._shown.correlation * deviation[:, None, :]
        diagonal = np.arange(len(self.chosen))
        whole[:, diagonal, diagonal] += self.own_variance(draws)
        return whole

    def mean(self, draws: Numbers) -> Numbers:
        """Return the expected observations: (points, facts)."""
        return self._shown.mean(draws[:, : self.of_model])

    def log_likelihood(self, draws: Numbers) -> Numbers:
        """Return the log likelihood: float array (points, unknowns) -> (points,)."""
        deviation = self._shown.deviation(draws[:, : self.of_model])
        residual = (self.value - self.mean(draws)) / deviation
        own = self.own_variance(draws) / deviation**2
        parts = [slice(first, first + PART) for first in range(0, len(draws), PART)]
        standard = [self._log_density(residual[part], own[part]) for part in parts]
        result: Numbers = np.concatenate(standard) - np.log(deviation).sum(axis=1)
        return result

    def _log_density(self, residual: Numbers, own: Numbers) -> Numbers:
        """Return the log density of residuals, in deviations of the emulator: (points,).

        Parameters
        ----------
        residual, own : float array (points, facts)
            Observation less mean, and variance of error and discrepancy, in the same unit.
        """
        facts = len(self.chosen)
        diagonal = np.arange(facts)
        # One factorisation also solves for the residual: the root of the covariance bordered by the
        # residual has the whitened residual in its last row. The corner has no effect on it, and
        # only has to be larger than its squared length.
        bordered = np.empty((len(residual), facts + 1, facts + 1))
        bordered[:, :facts, :facts] = self._shown.correlation
        bordered[:, diagonal, diagonal] += own
        bordered[:, facts, :facts] = residual
        bordered[:, facts, facts] = 1.0 + 2.0 * (residual**2).sum(axis=1) / own.min(axis=1)
        root = np.linalg.cholesky(bordered)
        log_root = np.log(np.diagonal(root, axis1=1, axis2=2)[:, :facts]).sum(axis=1)
        squares = (root[:, facts, :facts] ** 2).sum(axis=1)
        result: Numbers = -0.5 * squares - log_root - 0.5 * LOG_TWO_PI * facts
        return result

    def information(self, draws: Numbers) -> Numbers:
        """Return the Gauss-Newton information about the unknowns, averaged over some points."""
        some = draws[:: max(1, len(draws) // INFORMED_BY)]
        slopes = self._shown.slopes(some[:, : self.of_model])
        root = np.linalg.cholesky(self.covariance(some))
        whitened = (np.linalg.inv(root) @ slopes).reshape(-1, self.of_model)
        total = np.zeros((self.unknowns, self.unknowns))
        total[: self.of_model, : self.of_model] = whitened.T @ whitened / len(some)
        return total
