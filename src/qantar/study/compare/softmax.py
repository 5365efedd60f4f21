"""Multinomial logistic regression on second-order features, started at normal theory.

Many classes of very different width make the coefficients large, so that the usual ridge towards
zero biases them badly and a start at zero converges slowly. Each class is therefore first given
the coefficients of a normal density with its own moments; the likelihood is climbed from there,
and the ridge pulls towards that start (Hastie, Tibshirani and Friedman 2009, section 4.4.5, on
how the two estimates differ).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp

from qantar.arrays import Hours, Numbers

ITERATIONS = 200
"""Most steps of the climb; 36 classes of 47 values ended after fewer than half of them."""

STOP_AT = 1e-6
"""Relative gain of the mean log likelihood below which the climb ends."""

BORROWED = 20.0
"""Weight, in runs, of the covariance of all classes in the covariance of one: keeps it regular."""

LEAST_VARIANCE = 1e-9
"""Share of the largest variance below which a direction counts as constant."""


@dataclass(frozen=True)
class Directions:
    """Uncorrelated directions of some values, of unit variance, the widest first.

    Attributes
    ----------
    centre : float array (K,)
    turn : float array (K, D)
        Takes centred values to the directions.
    pairs : int
        Number of leading directions whose products are features.
    """

    centre: Numbers
    turn: Numbers
    pairs: int

    @classmethod
    def of(cls, values: Numbers, pairs: int) -> Directions:
        """Find the principal directions of values (n, K)."""
        variance, axes = np.linalg.eigh(np.cov(values.T).reshape(values.shape[1], -1))
        keep = np.flatnonzero(variance > LEAST_VARIANCE * variance[-1])[::-1]
        turn = axes[:, keep] / np.sqrt(variance[keep])
        return cls(values.mean(axis=0), turn, min(pairs, len(keep)))

    def along(self, values: Numbers) -> Numbers:
        """Return the directions (n, D) of values (n, K)."""
        turned: Numbers = (values - self.centre) @ self.turn
        return turned

    def features(self, along: Numbers) -> Numbers:
        """Return one, every direction, its square, and products of the leading ones."""
        i, j = np.triu_indices(self.pairs, 1)
        one = np.ones((len(along), 1))
        return np.hstack([one, along, along**2, along[:, i] * along[:, j]])


def normal_start(directions: Directions, along: Numbers, classes: Hours) -> Numbers:
    """Return the coefficients that normal densities of the classes would have.

    Leading directions have a full covariance, the others only variances, as the features allow.

    Returns
    -------
    float array (features, classes)
        So that features times coefficients is log density plus log class size, less a constant.
    """
    every = np.bincount(classes)
    wide = directions.pairs
    means = np.stack([along[classes == c].mean(axis=0) for c in range(len(every))])
    within = along - means[classes]
    shared = within.T @ within / len(along)
    columns = []
    for c, size in enumerate(every):
        part = within[classes == c]
        covariance = (part.T @ part + BORROWED * shared) / (size + BORROWED)
        blocked = np.diag(np.diag(covariance))
        blocked[:wide, :wide] = covariance[:wide, :wide]
        columns.append(_coefficients(means[c], blocked, wide, float(np.log(size))))
    return np.stack(columns, axis=1)


def _coefficients(mean: Numbers, covariance: Numbers, wide: int, log_size: float) -> Numbers:
    """Write a normal log density as coefficients of the features."""
    precision = np.linalg.inv(covariance)
    constant = log_size - 0.5 * (mean @ precision @ mean + np.linalg.slogdet(covariance)[1])
    i, j = np.triu_indices(wide, 1)
    parts = [np.array([constant]), precision @ mean, -0.5 * np.diag(precision), -precision[i, j]]
    return np.concatenate(parts)


def climb(features: Numbers, classes: Hours, start: Numbers, ridge: float) -> Numbers:
    """Return the coefficients of highest penalised likelihood.

    Parameters
    ----------
    features : float array (n, F)
        The first one constant; it is not penalised.
    classes : int array (n,)
    start : float array (F, classes)
        Where the climb starts and towards which the ridge pulls.
    ridge : float
        Half of it times the squared distance from the start, in features of unit spread, is
        taken from the log likelihood.
    """
    n = len(features)
    size = np.concatenate([[1.0], np.maximum(features[:, 1:].std(axis=0), LEAST_VARIANCE)])
    scaled = features / size
    home = start * size[:, None]
    hold = np.full(len(size), ridge / n)
    hold[0] = 0.0
    truth = np.arange(n), classes

    def loss(flat: Numbers) -> tuple[float, Numbers]:
        change = flat.reshape(home.shape)
        scores = scaled @ (home + change)
        scores -= logsumexp(scores, axis=1, keepdims=True)
        value = -float(scores[truth].mean()) + 0.5 * float((hold[:, None] * change**2).sum())
        miss = np.exp(scores)
        miss[truth] -= 1.0
        slope = scaled.T @ miss / n + hold[:, None] * change
        return value, slope.ravel()

    found = minimize(
        loss,
        np.zeros(home.size),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": ITERATIONS, "ftol": STOP_AT, "gtol": 0.0},
    )
    best: Numbers = (home + found.x.reshape(home.shape)) / size[:, None]
    return best
