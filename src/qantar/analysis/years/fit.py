"""Fit a law of the years to the observations of a split, from prior to posterior."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qantar.analysis.inference.smc import Posterior, temper
from qantar.analysis.years.likelihood import SPLITS, Observed, YearsLikelihood
from qantar.base.arrays import Numbers
from qantar.simulate.years.scenario import YearsScenario

PARTICLES, MOVES = 320, 4
SHRINKAGE = 0.3
"""Weight of the prior in the covariance from which moves are proposed."""


@dataclass(frozen=True)
class YearsFit:
    """The posterior of a law given the observations of a split.

    Attributes
    ----------
    scenario : YearsScenario
    split : str
    posterior : Posterior
        Scores of the free parameters.
    counts, triggers : int
        Number of counts and triggers that were fitted.
    """

    scenario: YearsScenario
    split: str
    posterior: Posterior
    counts: int
    triggers: int


def particle_information(draws: Numbers) -> Numbers:
    """Return what the particles' covariance says beyond a standard normal prior.

    It only shapes the proposals of `temper`, so any positive semidefinite matrix is valid. Needed
    because a simulated likelihood has no derivatives.
    """
    unknowns = draws.shape[1]
    covariance = (1.0 - SHRINKAGE) * np.cov(draws, rowvar=False) + SHRINKAGE * np.eye(unknowns)
    levels, directions = np.linalg.eigh(np.linalg.inv(covariance))
    found: Numbers = (directions * np.maximum(levels - 1.0, 0.0)) @ directions.T
    return found


def fit_years(
    scenario: YearsScenario,
    split: str,
    *,
    seed: int = 2022,
    particles: int = PARTICLES,
    moves: int = MOVES,
    observed: Observed | None = None,
) -> YearsFit:
    """Fit a law to the observations of a split.

    Parameters
    ----------
    scenario : YearsScenario
        To the last dated month; its own belief is not used.
    split : str
        A key of `SPLITS`.
    seed, particles, moves : int
        See `temper`.
    observed : Observed, optional
        Of a simulated history; by default that of the country.
    """
    likelihood = YearsLikelihood(scenario, SPLITS[split], seed, observed)
    posterior = temper(
        likelihood,
        particle_information,
        len(scenario.free),
        particles=particles,
        moves=moves,
        seed=(seed,),
    )
    return YearsFit(scenario, split, posterior, len(likelihood.windows), int(likelihood.use.sum()))
