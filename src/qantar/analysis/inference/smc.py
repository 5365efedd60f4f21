"""Sequential Monte Carlo by tempering: from prior to posterior, with an estimate of the evidence.

Particles start as draws from a standard normal prior. The likelihood is raised to a power that
grows from 0 to 1 in steps chosen by the effective sample size; after each step particles are
resampled and moved by Metropolis steps that leave the tempered posterior invariant (Del Moral,
Doucet and Jasra 2006). Moves are preconditioned Crank-Nicolson steps about a normal reference: the
particles' own mean, and the covariance that the information in the data leaves of the prior
(Beskos et al. 2015; Rudolf and Sprungk 2018). Where the model is linear the reference is the
posterior itself and every move is accepted. The product of the mean incremental weights estimates
the evidence. It is reliable only if the moves mix well: check acceptance and ancestors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular

from qantar.base.arrays import Numbers
from qantar.base.errors import QantarError

LogLikelihood = Callable[[Numbers], Numbers]
"""Returns the log likelihood of particles: float array (particles, unknowns) -> (particles,)."""

Information = Callable[[Numbers], Numbers]
"""Returns the mean information about the unknowns (Gauss-Newton or Fisher) at particles: float
array (particles, unknowns) -> (unknowns, unknowns), positive semidefinite."""

ESS_SHARE = 0.5
"""Effective sample size, as a share of the particles, after one step of tempering."""

TARGET_ACCEPTANCE = 0.25
"""Optimal acceptance rate in many dimensions (Roberts and Rosenthal 2001)."""

MIN_STEP, MAX_STEP = 0.02, 1.0
FIRST_STEP = 0.7
MAX_STEPS = 200
ADAPTATION = 0.6


@dataclass(frozen=True)
class Posterior:
    """The result of one run of tempering.

    Attributes
    ----------
    draws : float array (particles, unknowns)
        Equally weighted.
    log_likelihood : float array (particles,)
    log_evidence : float
    powers : float array (steps + 1,)
        Of the likelihood, from 0 to 1.
    effective : float array (steps,)
        Effective sample size before each resampling, as a share of the particles.
    acceptance : float array (steps,)
        Share of moves accepted after each step.
    ancestors : int
        Number of initial particles with descendants among the final ones.
    """

    draws: Numbers
    log_likelihood: Numbers
    log_evidence: float
    powers: Numbers
    effective: Numbers
    acceptance: Numbers
    ancestors: int


def temper(
    log_likelihood: LogLikelihood,
    information: Information,
    unknowns: int,
    *,
    particles: int,
    moves: int,
    seed: tuple[int, ...],
) -> Posterior:
    """Sample a posterior under a standard normal prior.

    Parameters
    ----------
    log_likelihood, information : callable
    unknowns : int
    particles : int
    moves : int
        Metropolis moves of every particle after each step.
    seed : tuple of int
        Random seed.

    Raises
    ------
    QantarError
        If a log likelihood is not a number, or the posterior is not reached.
    """
    rng = np.random.default_rng(seed)
    draws = rng.standard_normal((particles, unknowns))
    likelihood = _finite(log_likelihood(draws))
    origin = np.arange(particles)
    power, evidence, step = 0.0, 0.0, FIRST_STEP
    powers, effective, acceptance = [0.0], list[float](), list[float]()
    while power < 1.0:
        if len(effective) == MAX_STEPS:
            raise QantarError(
                f"tempering did not reach the posterior in {MAX_STEPS} steps (power {power:.3g})",
                hint="the facts are too far from the prior; see the prior check",
            )
        rise = _tempering_step(likelihood, 1.0 - power)
        weights = rise * likelihood
        top = float(weights.max())
        evidence += top + float(np.log(np.mean(np.exp(weights - top))))
        share = _effective(weights)
        power = min(power + rise, 1.0)
        chosen = _resample(weights, rng)
        draws, likelihood, origin = draws[chosen], likelihood[chosen], origin[chosen]
        mean = draws.mean(axis=0)
        # The reference: the covariance that the information leaves of a standard normal prior.
        precision = np.eye(unknowns) + power * information(draws)
        root = solve_triangular(np.linalg.cholesky(precision), np.eye(unknowns), lower=True).T
        # Distances from the reference, in its own coordinates, in which a move needs no solution.
        whitened: Numbers = solve_triangular(root, (draws - mean).T, lower=False).T
        accepted = []
        for _ in range(moves):
            draws, whitened, likelihood, rate = _metropolis_move(
                draws, whitened, likelihood, log_likelihood, power, mean, root, step, rng
            )
            accepted.append(rate)
            step *= float(np.exp(ADAPTATION * (rate - TARGET_ACCEPTANCE)))
            step = min(max(step, MIN_STEP), MAX_STEP)
        powers.append(power)
        effective.append(share)
        acceptance.append(float(np.mean(accepted)) if accepted else float("nan"))
    return Posterior(
        draws,
        likelihood,
        evidence,
        np.array(powers),
        np.array(effective),
        np.array(acceptance),
        len(set(origin.tolist())),
    )


def _finite(likelihood: Numbers) -> Numbers:
    """Return log likelihoods unchanged; refuse NaN, which would propagate."""
    if np.isnan(likelihood).any():
        raise QantarError(
            f"the log likelihood of {int(np.isnan(likelihood).sum())} particles is NaN",
            hint="a run or an emulator gave NaN; check the runs of this account",
        )
    return likelihood


def _tempering_step(likelihood: Numbers, left: float) -> float:
    """Return the largest increase of the power, up to `left`, that keeps `ESS_SHARE` particles."""
    if _effective(left * likelihood) >= ESS_SHARE:
        return left
    low, high = 0.0, left
    for _ in range(60):
        middle = (low + high) / 2
        if _effective(middle * likelihood) >= ESS_SHARE:
            low = middle
        else:
            high = middle
    return max(low, np.finfo(float).tiny)


def _effective(log_weights: Numbers) -> float:
    """Return the effective sample size as a share of the particles."""
    weights = np.exp(log_weights - log_weights.max())
    return float(weights.sum() ** 2 / (weights**2).sum()) / len(weights)


def _resample(log_weights: Numbers, rng: np.random.Generator) -> np.ndarray:
    """Return the indices of the surviving particles (systematic resampling)."""
    weights = np.exp(log_weights - log_weights.max())
    steps = np.cumsum(weights / weights.sum())
    points = (rng.random() + np.arange(len(weights))) / len(weights)
    return np.minimum(np.searchsorted(steps, points), len(weights) - 1)


def _metropolis_move(
    draws: Numbers,
    whitened: Numbers,
    likelihood: Numbers,
    log_likelihood: LogLikelihood,
    power: float,
    mean: Numbers,
    root: Numbers,
    step: float,
    rng: np.random.Generator,
) -> tuple[Numbers, Numbers, Numbers, float]:
    """Move every particle once, by a step that leaves the normal reference invariant.

    Returns draws, the same as distances from the reference, log likelihoods, and the share of
    moves accepted.
    """
    noise = rng.standard_normal(draws.shape)
    moved = np.sqrt(1.0 - step**2) * whitened + step * noise
    proposed = mean + moved @ root.T
    candidate = _finite(log_likelihood(proposed))
    gain = (
        power * (candidate - likelihood)
        + _against_reference(proposed, moved)
        - _against_reference(draws, whitened)
    )
    accepted = np.log(rng.random(len(draws))) < gain
    draws = np.where(accepted[:, None], proposed, draws)
    whitened = np.where(accepted[:, None], moved, whitened)
    likelihood = np.where(accepted, candidate, likelihood)
    return draws, whitened, likelihood, float(accepted.mean())


def _against_reference(draws: Numbers, whitened: Numbers) -> Numbers:
    """Return the log density of the prior over that of the reference, up to a constant."""
    result: Numbers = 0.5 * (whitened**2).sum(axis=1) - 0.5 * (draws**2).sum(axis=1)
    return result
