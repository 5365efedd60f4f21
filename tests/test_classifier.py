"""The classifier of accounts against linear models with normal errors, whose evidence is known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
from scipy.special import softmax
from scipy.stats import multivariate_normal

from qantar.analysis.compare.classifier import Ensemble, train
from qantar.base.arrays import Numbers
from qantar.base.errors import QantarError

pytestmark = pytest.mark.usefixtures("one_thread")

ERROR = np.full(6, 0.5)
LUCK = 0.3
POWERS = (0.0, 0.1, 1.0)
RUNS = 1000
SETS = 96

A = np.random.default_rng(11).standard_normal((6, 3))
MIDDLES = {
    "left": np.array([-0.8, 0.3, 0.0]),
    "right": np.array([0.8, 0.0, 0.2]),
    "vague": np.array([0.0, -0.3, 0.4]),
}
WIDTHS = {"left": np.full(3, 1.0), "right": np.array([0.8, 1.2, 1.0]), "vague": np.full(3, 1.3)}
TOWARDS = np.array([0.3, 0.7, -0.65])


@dataclass(frozen=True)
class Toy:
    """Observed values, the runs that lead to them, and the exact log evidence."""

    observed: Numbers
    ensembles: list[Ensemble]
    exact: Numbers


def tempered(name: str, observed: Numbers, power: float, rng: np.random.Generator) -> Numbers:
    """Draw runs from the prior predictive updated with the likelihood to a power."""
    noise = LUCK**2 + ERROR**2
    prior = np.diag(WIDTHS[name] ** -2)
    covariance = np.linalg.inv(prior + power * A.T @ (A / noise[:, None]))
    mean = covariance @ (prior @ MIDDLES[name] + power * A.T @ (observed / noise))
    drawn = rng.multivariate_normal(mean, covariance, RUNS)
    return drawn @ A.T + LUCK * rng.standard_normal((RUNS, len(ERROR)))


@cache
def toy(away: float) -> Toy:
    """Make a toy whose observed values lie so many prior standard deviations from every account."""
    steps = TOWARDS * np.linspace(0, 20, 4001)[:, None]
    gaps = [np.linalg.norm((steps - MIDDLES[n]) / WIDTHS[n], axis=1) for n in MIDDLES]
    observed = A @ steps[np.flatnonzero(np.min(gaps, axis=0) >= away)[0]] + 0.2
    rng = np.random.default_rng([5, int(10 * away)])
    ensembles = [
        Ensemble(name, stage, tempered(name, observed, power, rng))
        for name in MIDDLES
        for stage, power in enumerate(POWERS)
    ]
    blur = np.diag(LUCK**2 + ERROR**2)
    exact = [
        multivariate_normal.logpdf(observed, A @ MIDDLES[n], A * WIDTHS[n] ** 2 @ A.T + blur)
        for n in MIDDLES
    ]
    return Toy(observed, ensembles, np.array(exact) - max(exact))


def worst(given: Numbers, exact: Numbers) -> float:
    """Return the largest error of log odds against the account that is truly best."""
    return float(np.abs(given - given[exact.argmax()] - exact).max())


def test_near_the_priors_probabilities_are_right() -> None:
    case = toy(0.5)
    given = train(case.ensembles, ERROR, seed=1).probabilities(case.observed)[0]
    np.testing.assert_allclose(given, softmax(case.exact), atol=0.1)


def test_far_from_the_priors_bridges_make_the_odds_right() -> None:
    """The exact log odds are met within one, or within a quarter."""
    case = toy(4.5)
    bridged = train(case.ensembles, ERROR, seed=1).log_evidence(case.observed)[0]
    given = bridged - bridged[case.exact.argmax()]
    assert (np.abs(given - case.exact) <= np.maximum(1.0, 0.25 * np.abs(case.exact))).all()


@pytest.mark.slow
def test_far_off_bridges_help_on_average() -> None:
    """Over many fresh sets of few runs the mean worst error is smaller with bridges, by little."""
    case, few = toy(4.5), RUNS // 3
    bridged, alone = [], []
    for seed in range(SETS):
        rng = np.random.default_rng([9, seed])
        runs = [
            Ensemble(name, stage, tempered(name, case.observed, power, rng)[:few])
            for name in MIDDLES
            for stage, power in enumerate(POWERS)
        ]
        for kept, errors in ((runs, bridged), ([r for r in runs if r.stage == 0], alone)):
            given = train(kept, ERROR, seed=seed, committee=1).log_evidence(case.observed)[0]
            errors.append(worst(given, case.exact))
    assert np.mean(bridged) < np.mean(alone), (np.mean(bridged), np.mean(alone))


def test_accounts_with_the_same_runs_stay_even() -> None:
    rng = np.random.default_rng(7)
    observed = toy(1.0).observed
    same = [
        Ensemble(twin, stage, tempered("left", observed, power, rng))
        for twin in ("one", "other")
        for stage, power in enumerate(POWERS)
    ]
    given = train(same, ERROR, seed=2).probabilities(observed)
    np.testing.assert_allclose(given, 0.5, atol=0.1)


def test_size_of_an_ensemble_is_no_evidence() -> None:
    case = toy(0.5)
    fewer = [
        Ensemble(e.account, e.stage, e.values[:250] if e.account == "left" else e.values)
        for e in case.ensembles
    ]
    given = train(fewer, ERROR, seed=1).probabilities(case.observed)[0]
    np.testing.assert_allclose(given, softmax(case.exact), atol=0.15)


def test_order_of_accounts_only_orders_the_answer() -> None:
    case = toy(0.5)
    first = train(case.ensembles, ERROR, seed=1, committee=2)
    second = train(case.ensembles[::-1], ERROR, seed=1, committee=2)
    assert second.accounts == first.accounts[::-1] == ("vague", "right", "left")
    np.testing.assert_array_equal(
        second.log_evidence(case.observed), first.log_evidence(case.observed)[:, ::-1]
    )


def test_same_seed_same_answer_and_another_seed_another() -> None:
    case = toy(0.5)
    once, again, other = (
        train(case.ensembles, ERROR, seed=seed, committee=2).log_evidence(case.observed)
        for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(once, again)
    assert not np.array_equal(once, other)


def test_prior_and_spread() -> None:
    case = toy(0.5)
    judge = train(case.ensembles, ERROR, seed=1, committee=3)
    rows = np.stack([case.observed, case.observed + 0.3])
    prior = np.array([0.2, 0.0, 0.6])
    weighed = judge.probabilities(rows) * prior
    np.testing.assert_allclose(
        judge.probabilities(rows, prior), weighed / weighed.sum(axis=1, keepdims=True)
    )
    best = judge.log_evidence(rows) == 0
    assert (judge.spread(rows)[best] == 0).all()
    assert (judge.spread(rows)[~best] > 0).all()


def test_what_cannot_be_compared_is_refused() -> None:
    case = toy(0.5)
    with pytest.raises(QantarError, match="left"):
        train(case.ensembles[1:], ERROR, seed=1)
    broken = [*case.ensembles[:-1], Ensemble("vague", 2, np.full((50, 6), np.nan))]
    with pytest.raises(QantarError, match="stage 2 of vague"):
        train(broken, ERROR, seed=1)
    judge = train(case.ensembles, ERROR, seed=1, committee=1)
    with pytest.raises(QantarError, match="do not match the observations"):
        judge.probabilities(np.zeros(5))
    with pytest.raises(QantarError, match="prior"):
        judge.probabilities(case.observed, np.array([1.0, -1.0, 1.0]))
