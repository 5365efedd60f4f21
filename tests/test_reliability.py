"""Reliability of stated probabilities, on forecasters whose honesty is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from qantar.analysis.compare.reliability import (
    brier,
    calibration_curve,
    confusion,
    expected_calibration_error,
    log_score,
    recalibrate,
)
from qantar.base.arrays import Hours, Numbers
from qantar.base.errors import QantarError

SETS = 20_000
ACCOUNTS = 4


def honest(seed: int) -> tuple[Hours, Numbers]:
    """Draw log odds, and the true accounts with exactly those odds."""
    rng = np.random.default_rng([seed, 1])
    odds = 1.5 * rng.standard_normal((SETS, ACCOUNTS))
    below = softmax(odds, axis=1).cumsum(axis=1)
    return (rng.random((SETS, 1)) > below[:, :-1]).sum(axis=1), odds


def test_confusion_by_hand() -> None:
    stated = np.array([[0.8, 0.2], [0.4, 0.6], [0.1, 0.9]])
    table = confusion(np.array([0, 0, 1]), stated)
    np.testing.assert_allclose(table.mean, [[0.6, 0.4], [0.1, 0.9]])
    np.testing.assert_allclose(table.first, [[0.5, 0.5], [0.0, 1.0]])
    assert table.sets.tolist() == [2, 1]


def test_account_without_data_is_not_a_number() -> None:
    table = confusion(np.array([0]), np.array([[0.5, 0.5]]))
    assert np.isnan(table.mean[1]).all()
    assert not np.isnan(table.mean[0]).any()


def test_honest_forecaster_lies_on_the_diagonal() -> None:
    truth, odds = honest(2)
    stated = softmax(odds, axis=1)
    curve = calibration_curve(truth, stated, level=0.999)
    assert ((curve.low <= curve.stated) & (curve.stated <= curve.high)).all()
    assert set(curve.statements) == {SETS * ACCOUNTS // 10}
    assert expected_calibration_error(truth, stated) < 0.01


def test_overconfident_forecaster_has_the_known_error() -> None:
    """Sure of one account of three, right in 70 %: off by 0.3 there, and by 0.3 over the rest."""
    rng = np.random.default_rng(3)
    guess = rng.integers(3, size=3000)
    right = np.arange(3000) < 2100
    truth = np.where(right, guess, (guess + 1) % 3)
    stated = np.eye(3)[guess]
    assert expected_calibration_error(truth, stated, bins=3) == pytest.approx(0.2)


def test_interval_of_a_share_is_clopper_and_pearson() -> None:
    """Two of ten, 90 %: 0.0368 to 0.5069 in the tables; none of ten: 0 to 1 - 0.05 ** 0.1."""
    stated = np.stack([np.linspace(0.6, 0.7, 10), np.linspace(0.4, 0.3, 10)], axis=1)
    curve = calibration_curve(np.array([0, 0] + 8 * [1]), stated, bins=2)
    assert (curve.low[1], curve.high[1]) == (
        pytest.approx(0.0368, abs=1e-4),
        pytest.approx(0.5069, abs=1e-4),
    )
    none = calibration_curve(np.zeros(10, np.int64), stated, bins=2)
    assert none.low[0] == 0.0
    assert none.high[0] == pytest.approx(1 - 0.05**0.1)
    assert none.high[1] == 1.0


def test_scores_by_hand() -> None:
    stated = np.array([[0.5, 0.5, 0.0], [0.25, 0.25, 0.5]])
    truth = np.array([0, 2])
    assert log_score(truth, stated) == pytest.approx(np.log(2))
    assert brier(truth, stated) == pytest.approx((0.5 + 0.375) / 2)
    assert brier(truth, np.full((2, 3), 1 / 3)) == pytest.approx(1 - 1 / 3)
    assert np.isfinite(log_score(np.array([2]), stated[:1]))


def test_honest_statements_score_best() -> None:
    truth, odds = honest(4)
    for factor in (0.5, 2.0):
        for score in (log_score, brier):
            other = softmax(factor * odds, axis=1)
            assert score(truth, softmax(odds, axis=1)) < score(truth, other)


@pytest.mark.parametrize("boast", [0.4, 1.0, 5.0])
def test_recalibration_takes_a_boast_back(boast: float) -> None:
    truth, odds = honest(5)
    row_constant = np.arange(SETS)[:, None] / 100.0
    assert recalibrate(truth, boast * odds + row_constant) * boast == pytest.approx(1.0, abs=0.03)


def test_worthless_log_odds_are_turned_down_to_nothing() -> None:
    rng = np.random.default_rng(6)
    odds = 3 * rng.standard_normal((SETS, ACCOUNTS))
    assert recalibrate(rng.integers(ACCOUNTS, size=SETS), odds) < 0.02


def test_what_are_not_probabilities_is_refused() -> None:
    with pytest.raises(QantarError, match="not probabilities"):
        brier(np.array([0]), np.array([[0.5, 0.6]]))
    with pytest.raises(QantarError, match="disagree"):
        log_score(np.array([2]), np.array([[0.5, 0.5]]))
