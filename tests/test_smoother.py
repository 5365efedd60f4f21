"""The smoother against a case whose answer is known."""

from __future__ import annotations

import numpy as np

from qantar.analysis.inference.ensemble_path import assimilate

MATRIX = np.array([[1.0, 0.5], [0.2, -1.0], [0.7, 0.7]])
OBSERVED = np.array([1.0, -0.5, 0.8])
SPREAD = np.array([0.5, 0.4, 0.3])


def test_linear_normal_posterior_is_recovered() -> None:
    """Prior N(0, 1), linear model, normal errors: the posterior is known in closed form."""
    precision = np.eye(2) + MATRIX.T @ np.diag(1 / SPREAD**2) @ MATRIX
    covariance = np.linalg.inv(precision)
    mean = covariance @ MATRIX.T @ (OBSERVED / SPREAD**2)

    prior = np.random.Generator(np.random.Philox(1)).standard_normal((20_000, 2))
    steps = assimilate(prior, lambda b: b @ MATRIX.T, OBSERVED, SPREAD, passes=4, seed=2)
    *_, (posterior, predicted) = steps

    np.testing.assert_allclose(posterior.mean(axis=0), mean, atol=0.02)
    np.testing.assert_allclose(np.cov(posterior.T), covariance, atol=0.02)
    np.testing.assert_allclose(predicted, posterior @ MATRIX.T)


def test_observations_without_information_change_little() -> None:
    prior = np.random.Generator(np.random.Philox(3)).standard_normal((5_000, 2))
    vague = np.full(3, 1e6)
    *_, (posterior, _) = assimilate(
        prior, lambda b: b @ MATRIX.T, OBSERVED, vague, passes=3, seed=4
    )
    np.testing.assert_allclose(posterior, prior, atol=1e-3)
