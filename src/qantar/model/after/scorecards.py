"""Published scores as observations of arenas, each monitor with its own error.

Law: ``score_t = a + b * arena_t + error_t``. Scores run from 0 to 1, the worst and the best of a
scale. The error of a monitor is a stationary AR(1) process, persistence r and yearly innovation s;
rounding adds variance ``step^2 / 12``. ``a`` and ``b`` are normal before any score is seen, so for
given (r, s) everything is a Gaussian process and exact (Rasmussen and Williams 2006, chapter 2).
(r, s) lie on a grid of standard normal scores of their priors, weighted by the normal density and
by the likelihood. Nothing is drawn at random. Assumed: straight line, one slope for all years,
errors of monitors independent of each other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from qantar.base.arrays import Numbers

_STEPS = 60
"""Halvings of the interval in which a quantile lies."""

_LEAST = 1e-7
"""Points of the grid with less weight than this are left out."""


class Line(NamedTuple):
    """Normal priors of a and b: means and standard deviations."""

    intercept: float
    intercept_sd: float
    slope: float
    slope_sd: float


class Grid(NamedTuple):
    """Points of (r, s) with their weights, which sum to 1: float arrays (G,)."""

    persistence: Numbers
    innovation: Numbers
    weight: Numbers


class Seen(NamedTuple):
    """Scores of one monitor: float arrays (n,), n may be 0.

    Attributes
    ----------
    year, arena, score : float array (n,)
    rounding : float
        Step of the published score, as a share of the scale.
    """

    year: Numbers
    arena: Numbers
    score: Numbers
    rounding: float


class Posterior(NamedTuple):
    """What is believed of a monitor once its scores are seen.

    Attributes
    ----------
    line : Line
    grid : Grid
        With the weights after the scores.
    seen : Seen
    factor : float array (G, n, n)
        Lower Cholesky factors of the covariance of the scores.
    coefficients : float array (G, 2)
        Means of a and b.
    spread : float array (G, 2, 2)
        Their covariance.
    log_evidence : float
    """

    line: Line
    grid: Grid
    seen: Seen
    factor: Numbers
    coefficients: Numbers
    spread: Numbers
    log_evidence: float


class Mixture(NamedTuple):
    """Normal distributions with weights that sum to 1: float arrays (K,)."""

    weight: Numbers
    mean: Numbers
    sd: Numbers


def condition(line: Line, grid: Grid, seen: Seen) -> Posterior:
    """Return the posterior of a monitor; without scores it is the prior."""
    design = _design(seen.arena)
    prior = np.diag([line.intercept_sd**2, line.slope_sd**2])
    means = np.array([line.intercept, line.slope])
    shared = design @ prior @ design.T
    errors = _errors(grid, seen.year, seen.year) + seen.rounding**2 / 12 * np.eye(len(seen.year))
    factor = np.asarray(np.linalg.cholesky(shared + errors), float)
    rest = np.broadcast_to(seen.score - design @ means, (len(grid.weight), len(seen.year)))
    white = np.linalg.solve(factor, rest[:, :, None])[:, :, 0]
    half = np.linalg.solve(factor, np.broadcast_to(design @ prior, (*rest.shape, 2)))
    log = -0.5 * np.sum(white**2, axis=1) - np.sum(
        np.log(np.diagonal(factor, axis1=1, axis2=2)), axis=1
    )
    log = log - 0.5 * len(seen.year) * math.log(2 * math.pi) + np.log(grid.weight)
    top = float(log.max())
    weight = np.exp(log - top)
    return Posterior(
        line,
        grid._replace(weight=weight / weight.sum()),
        seen,
        factor,
        means + np.einsum("gnk,gn->gk", half, white),
        prior - np.einsum("gnk,gnl->gkl", half, half),
        top + math.log(weight.sum()),
    )


def predict(found: Posterior, year: float, arena: Numbers) -> Mixture:
    """Return the distribution of the score that a monitor would publish.

    Parameters
    ----------
    found : Posterior
    year : float
    arena : float array (m,)
        Equally likely values of the arena in that year.

    Returns
    -------
    Mixture
        Not bounded to 0 to 1.
    """
    line, seen = found.line, found.seen
    chosen = found.grid.weight > _LEAST * found.grid.weight.max()
    grid = Grid(*(each[chosen] for each in found.grid))
    new, old = _design(np.asarray(arena, float)), _design(seen.arena)
    prior = np.diag([line.intercept_sd**2, line.slope_sd**2])
    means = np.array([line.intercept, line.slope])
    cross = old @ prior @ new.T + _errors(grid, seen.year, np.array([year]))
    half = np.linalg.solve(found.factor[chosen], cross)
    rest = np.broadcast_to((seen.score - old @ means)[:, None], (*cross.shape[:2], 1))
    white = np.linalg.solve(found.factor[chosen], rest)[:, :, 0]
    own = np.einsum("mk,kl,ml->m", new, prior, new)
    stationary = grid.innovation**2 / (1 - grid.persistence**2) + seen.rounding**2 / 12
    mean = new @ means + np.einsum("gnm,gn->gm", half, white)
    variance = own + stationary[:, None] - np.sum(half**2, axis=1)
    weight = np.repeat(grid.weight / grid.weight.sum() / new.shape[0], new.shape[0])
    return Mixture(weight, mean.ravel(), np.sqrt(np.maximum(variance, 1e-18)).ravel())


def slope_of(found: Posterior, change: Numbers | None = None) -> Mixture:
    """Return the distribution of b, or of b times equally likely changes of the arena (m,)."""
    steps = np.ones(1) if change is None else np.asarray(change, float)
    mean = np.outer(found.coefficients[:, 1], steps).ravel()
    sd = np.outer(np.sqrt(found.spread[:, 1, 1]), np.abs(steps)).ravel()
    weight = np.repeat(found.grid.weight / len(steps), len(steps))
    return Mixture(weight, mean, np.maximum(sd, 1e-9))


def quantiles(mixture: Mixture, levels: Sequence[float]) -> Numbers:
    """Return quantiles of a mixture, by halving the interval in which they lie."""
    low = np.full(len(levels), float(np.min(mixture.mean - 9 * mixture.sd)))
    high = np.full(len(levels), float(np.max(mixture.mean + 9 * mixture.sd)))
    for _ in range(_STEPS):
        middle = (low + high) / 2
        below = below_of(mixture, middle) < np.asarray(levels)
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    middles: Numbers = (low + high) / 2
    return middles


def below_of(mixture: Mixture, values: Numbers) -> Numbers:
    """Return the probability of less than each value."""
    at = (np.atleast_1d(values)[:, None] - mixture.mean) / mixture.sd
    shares: Numbers = np.asarray(ndtr(at) @ mixture.weight, float)
    return shares


def log_density(mixture: Mixture, value: float) -> float:
    """Return the log density of a mixture at a value."""
    at = (value - mixture.mean) / mixture.sd
    logs = np.log(mixture.weight) - 0.5 * at**2 - np.log(mixture.sd * math.sqrt(2 * math.pi))
    return float(np.logaddexp.reduce(logs))


def walk(seen: Seen, year: float) -> Mixture:
    """Return the rival forecast: the last score, and a random walk as restless as the record.

    At least two scores are needed. The variance of a year is the mean of squared steps, each by the
    years that it took, and at least that of rounding.
    """
    steps, gaps = np.diff(seen.score), np.diff(seen.year)
    yearly = float(np.mean(steps**2 / gaps)) + seen.rounding**2 / 12
    variance = yearly * (year - seen.year[-1])
    return Mixture(np.ones(1), seen.score[-1:], np.array([math.sqrt(variance)]))


def _design(arena: Numbers) -> Numbers:
    return np.stack([np.ones(len(arena)), arena], axis=1)


def _errors(grid: Grid, one: Numbers, other: Numbers) -> Numbers:
    """Return the covariance of errors: float array (G, n, m)."""
    gaps = np.abs(one[:, None] - other)
    level: Numbers = grid.innovation**2 / (1 - grid.persistence**2)
    covariance: Numbers = level[:, None, None] * grid.persistence[:, None, None] ** gaps
    return covariance
