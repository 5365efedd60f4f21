"""Proper scores against closed forms, and against forecasts other than the true belief."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from qantar.analysis.scores import (
    coverage,
    crps,
    crps_with_error,
    energy_score,
    interval_score,
    rank,
)
from qantar.base.errors import QantarError

QUANTILES = (np.arange(2000) + 0.5) / 2000


def normal_crps(mean: float, sigma: float, observed: float) -> float:
    """Closed form of Gneiting and Raftery (2007), with the sign of a loss."""
    z = (observed - mean) / sigma
    return float(sigma * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi)))


@pytest.mark.parametrize("observed", [-1.0, 0.5, 4.0])
def test_crps_of_a_normal(observed: float) -> None:
    samples = norm.ppf(QUANTILES, loc=0.5, scale=2.0)
    assert crps(samples, observed) == pytest.approx(normal_crps(0.5, 2.0, observed), abs=2e-3)


def test_crps_by_hand_and_by_column() -> None:
    assert crps(np.array([0.0, 1.0]), 0.0) == pytest.approx(0.25)
    assert crps(np.array([3.0]), 1.0) == pytest.approx(2.0)
    both = np.array([[0.0, 3.0], [1.0, 5.0]])
    np.testing.assert_allclose(crps(both, [0.0, 1.0]), [0.25, 2.5])


def test_error_of_the_observation_is_part_of_the_prediction() -> None:
    """Samples from N(0, 1) seen through an error of 0.75 are a prediction of N(0, 1.25²)."""
    samples = norm.ppf((np.arange(500) + 0.5) / 500)
    given = crps_with_error(np.stack([samples, samples + 1], axis=1), [0.4, 3.0], 0.75)
    exact = [normal_crps(0.0, 1.25, 0.4), normal_crps(1.0, 1.25, 3.0)]
    np.testing.assert_allclose(given, exact, atol=3e-3)


def test_one_sample_with_error_is_a_normal() -> None:
    assert crps_with_error(np.array([2.0]), 3.0, 0.5) == pytest.approx(normal_crps(2.0, 0.5, 3.0))


def test_without_error_both_scores_agree() -> None:
    samples = np.random.default_rng(1).standard_normal((40, 3))
    observed = np.array([0.0, 2.0, -1.0])
    np.testing.assert_allclose(crps_with_error(samples, observed, 0.0), crps(samples, observed))


def test_energy_score_in_one_dimension_is_the_crps() -> None:
    samples = np.random.default_rng(2).gamma(2.0, size=200)
    given = energy_score(samples[:, None], np.array([1.3]), scale=0.5)
    assert given == pytest.approx(float(crps(samples, 1.3)) / 0.5)


def test_energy_score_keeps_its_value_under_a_turn() -> None:
    rng = np.random.default_rng(3)
    samples, observed = rng.standard_normal((50, 3)), np.array([1.0, 2.0, -1.0])
    turn = np.linalg.qr(rng.standard_normal((3, 3)))[0]
    assert energy_score(samples @ turn, observed @ turn) == pytest.approx(
        energy_score(samples, observed)
    )


def test_interval_score_by_hand() -> None:
    given = interval_score([0.0, 0.0, 0.0], [2.0, 2.0, 2.0], [1.0, 3.0, -0.5], alpha=0.1)
    np.testing.assert_allclose(given, [2.0, 22.0, 12.0])


@pytest.mark.parametrize("shift", [-0.5, 0.5])
@pytest.mark.parametrize("stretch", [0.6, 1.0, 1.6])
def test_saying_what_one_believes_scores_best(shift: float, stretch: float) -> None:
    """Propriety: over data from N(0, 1), every other normal forecast scores worse."""
    data = np.random.default_rng(4).standard_normal(4000)
    honest = norm.ppf((np.arange(200) + 0.5) / 200)
    other = shift + stretch * honest
    assert np.mean([crps(honest, y) for y in data]) < np.mean([crps(other, y) for y in data])

    end = norm.ppf(0.95)
    best = interval_score(-end, end, data, 0.1).mean()
    assert best < interval_score(shift - stretch * end, shift + stretch * end, data, 0.1).mean()


@pytest.mark.slow
def test_energy_score_notices_wrong_dependence() -> None:
    rng = np.random.default_rng(5)
    root = np.linalg.cholesky(np.array([[1.0, 0.9], [0.9, 1.0]]))
    data, honest = rng.standard_normal((400, 2)) @ root.T, rng.standard_normal((400, 2)) @ root.T
    loose = rng.standard_normal((400, 2))
    assert np.mean([energy_score(honest, y) for y in data]) < np.mean(
        [energy_score(loose, y) for y in data]
    )


def test_right_predictions_cover_what_they_promise() -> None:
    rng = np.random.default_rng(6)
    observed = 1.25 * rng.standard_normal(3000)  # a spread of 1 and an error of 0.75
    samples = np.repeat(norm.ppf((np.arange(100) + 0.5) / 100)[:, None], 3000, axis=1)
    for level in (0.5, 0.9):
        assert coverage(samples, observed, 0.75, level) == pytest.approx(level, abs=0.025)
    assert coverage(samples, observed, 0.01, 0.9) < 0.85  # an error left out shows


def test_rank_of_a_tie_and_of_the_extremes() -> None:
    samples = np.array([[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]])
    np.testing.assert_allclose(rank(samples, np.array([0.0, 2.0, 3.0]), 0.0), [0.0, 0.75, 1.0])


def test_what_cannot_be_scored_is_refused() -> None:
    with pytest.raises(QantarError, match="no samples"):
        crps(np.array([]), 1.0)
    with pytest.raises(QantarError, match="negative"):
        crps_with_error(np.array([1.0]), 1.0, -0.1)
    with pytest.raises(QantarError, match="alpha"):
        interval_score(0.0, 1.0, 0.5, alpha=1.0)
