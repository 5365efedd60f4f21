"""Tempering against models whose posterior and evidence are known exactly."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from qantar.analysis.inference.smc import ESS_SHARE, Posterior, temper
from qantar.base.arrays import Numbers

pytestmark = pytest.mark.usefixtures("one_thread")

ERROR = 0.3


@dataclass(frozen=True)
class Linear:
    """Observations y = A u + error, with u standard normal: everything about it is known."""

    slopes: Numbers
    observed: Numbers

    @property
    def unknowns(self) -> int:
        return self.slopes.shape[1]

    @property
    def information(self) -> Numbers:
        result: Numbers = self.slopes.T @ self.slopes / ERROR**2
        return result

    @property
    def covariance(self) -> Numbers:
        return np.linalg.inv(np.eye(self.unknowns) + self.information)

    @property
    def mean(self) -> Numbers:
        result: Numbers = self.covariance @ self.slopes.T @ self.observed / ERROR**2
        return result

    @property
    def log_evidence(self) -> float:
        facts = len(self.observed)
        whole = self.slopes @ self.slopes.T + ERROR**2 * np.eye(facts)
        return float(multivariate_normal(np.zeros(facts), whole).logpdf(self.observed))

    def log_likelihood(self, draws: Numbers) -> Numbers:
        result: Numbers = norm.logpdf(self.observed, draws @ self.slopes.T, ERROR).sum(axis=1)
        return result

    def tempered(
        self, seed: int, *, moves: int = 5, informed: float = 1.0, added: float = 0.0
    ) -> Posterior:
        return temper(
            lambda draws: self.log_likelihood(draws) + added,
            lambda _: informed * self.information,
            self.unknowns,
            particles=400,
            moves=moves,
            seed=(seed, 1),
        )


@cache
def linear(unknowns: int, facts: int) -> Linear:
    rng = np.random.default_rng([3, unknowns])
    slopes = 2 * rng.standard_normal((facts, unknowns)) / np.sqrt(unknowns)
    return Linear(slopes, 2 * rng.standard_normal(facts))


def flat(draws: Numbers) -> Numbers:
    return np.zeros(len(draws))


@pytest.mark.parametrize(
    ("unknowns", "facts", "within", "seeds"), [(5, 10, 0.3, 6), (60, 40, 1.0, 2)]
)
def test_linear_model_has_its_exact_evidence_and_posterior(
    unknowns: int, facts: int, within: float, seeds: int
) -> None:
    model = linear(unknowns, facts)
    deviation = np.sqrt(np.diag(model.covariance))
    ratios = []
    for seed in range(seeds):
        found = model.tempered(seed)
        assert abs(found.log_evidence - model.log_evidence) < within
        assert (np.abs(found.draws.mean(axis=0) - model.mean) < 0.25 * deviation).all()
        ratio = found.draws.var(axis=0) / deviation**2
        assert (np.abs(ratio - 1) < 0.4).all()
        ratios.append(ratio.mean())
        np.testing.assert_allclose(found.log_likelihood, model.log_likelihood(found.draws))
    assert np.mean(ratios) == pytest.approx(1.0, abs=0.07)


def test_the_mean_evidence_of_many_runs_is_exact() -> None:
    model = linear(5, 10)
    gaps = [model.tempered(seed).log_evidence - model.log_evidence for seed in range(30)]
    error = np.std(gaps, ddof=1) / np.sqrt(len(gaps))
    assert abs(np.mean(gaps)) < 3.5 * error + 0.02
    assert error < 0.03


def test_correlation_of_the_posterior() -> None:
    """Two unknowns of which only the sum is seen: their posterior correlation is known."""
    model = Linear(np.ones((1, 2)), np.array([1.0]))
    found = model.tempered(1, moves=10)
    given = np.corrcoef(found.draws.T)[0, 1]
    exact = model.covariance[0, 1] / model.covariance[0, 0]
    assert exact < -0.9
    assert given == pytest.approx(exact, abs=0.03)


def test_a_flat_likelihood_says_nothing() -> None:
    """With and without moves, and whatever information is claimed."""
    for moves, claimed in ((0, 0.0), (5, 0.0), (5, 4.0)):
        found = temper(
            flat,
            lambda _, claimed=claimed: claimed * np.eye(3),
            3,
            particles=4000,
            moves=moves,
            seed=(5,),
        )
        assert found.log_evidence == 0.0
        np.testing.assert_array_equal(found.powers, [0.0, 1.0])
        np.testing.assert_allclose(found.effective, 1.0)
        assert (np.abs(found.draws.mean(axis=0)) < 4 / np.sqrt(4000)).all()
        # 4.5 standard errors of a variance of so many independent draws
        assert (np.abs(found.draws.var(axis=0) - 1) < 4.5 * np.sqrt(2 / 4000)).all()


@pytest.mark.parametrize("informed", [0.0, 1.0])
def test_two_modes_are_both_kept(informed: float) -> None:
    """Three quarters of the likelihood's weight on one side, one quarter on the other."""
    width, away = 0.3, 1.5

    def two(draws: Numbers) -> Numbers:
        sides = norm.pdf(draws[:, 0], away, width) * 0.75 + norm.pdf(draws[:, 0], -away, width) / 4
        result: Numbers = np.log(sides)
        return result

    runs = [
        temper(
            two,
            lambda _: np.full((1, 1), informed / width**2),
            1,
            particles=1000,
            moves=5,
            seed=(seed,),
        )
        for seed in range(6)
    ]
    shares = np.array([(run.draws > 0).mean() for run in runs])
    assert (np.abs(shares - 0.75) < 0.12).all(), shares
    assert abs(shares.mean() - 0.75) < 0.06, shares
    exact = norm.logpdf(away, 0, np.hypot(1, width))
    assert np.mean([run.log_evidence for run in runs]) == pytest.approx(exact, abs=0.12)
    within = np.std([np.abs(run.draws).std() for run in runs])
    assert within < 0.05
    spread = np.mean([np.abs(run.draws).std() for run in runs])
    assert spread == pytest.approx(width / np.hypot(1, width), rel=0.1)


def test_a_constant_factor_of_the_likelihood_is_a_factor_of_the_evidence() -> None:
    model = linear(5, 10)
    plain, more = model.tempered(2), model.tempered(2, added=7.0)
    assert more.log_evidence - plain.log_evidence == pytest.approx(7.0, abs=1e-6)
    np.testing.assert_allclose(more.draws, plain.draws, atol=1e-6)


def test_same_seed_same_answer_and_another_seed_another() -> None:
    model = linear(5, 10)
    once, again, other = model.tempered(2), model.tempered(2), model.tempered(3)
    np.testing.assert_array_equal(once.draws, again.draws)
    assert once.log_evidence == again.log_evidence
    assert other.log_evidence != once.log_evidence
    assert not np.isin(other.draws, once.draws).any()


@pytest.mark.parametrize("informed", [0.0, 0.3, 3.0, 10.0])
def test_wrong_information_costs_acceptance_but_not_truth(informed: float) -> None:
    """Enough moves in few unknowns: with few moves wrong information does cost accuracy."""
    model = linear(3, 6)
    right = model.tempered(0, moves=10)
    runs = [model.tempered(seed, moves=40, informed=informed) for seed in range(6)]
    assert max(run.acceptance[1:].max() for run in runs) < right.acceptance.min()
    gaps = [run.log_evidence - model.log_evidence for run in runs]
    assert abs(np.mean(gaps)) < 0.25, gaps
    draws = np.vstack([run.draws for run in runs])
    deviation = np.sqrt(np.diag(model.covariance))
    assert (np.abs(draws.mean(axis=0) - model.mean) < 0.2 * deviation).all()
    np.testing.assert_allclose(draws.var(axis=0) / deviation**2, 1, atol=0.2)


def test_powers_rise_from_none_to_the_whole_likelihood() -> None:
    found = linear(60, 40).tempered(4)
    assert found.powers[0] == 0.0
    assert found.powers[-1] == 1.0
    assert (np.diff(found.powers) > 0).all()
    assert len(found.effective) == len(found.acceptance) == len(found.powers) - 1 > 5
    np.testing.assert_allclose(found.effective[:-1], ESS_SHARE, atol=1e-3)
    assert found.effective[-1] >= ESS_SHARE
    assert ((found.acceptance > 0) & (found.acceptance <= 1)).all()
    assert 1 <= found.ancestors < 400


def test_where_the_reference_is_the_posterior_nearly_every_move_lands() -> None:
    assert linear(5, 10).tempered(1).acceptance.min() > 0.85
    assert linear(60, 40).tempered(1).acceptance.min() > 0.5


def test_what_the_likelihood_rules_out_stays_out() -> None:
    """Half of the prior has no likelihood at all: evidence one half, draws from the other half."""
    found = temper(
        lambda draws: np.where(draws[:, 0] > 0, 0.0, -np.inf),
        lambda _: np.zeros((2, 2)),
        2,
        particles=2000,
        moves=5,
        seed=(6,),
    )
    assert found.log_evidence == pytest.approx(np.log(0.5), abs=0.1)
    assert (found.draws[:, 0] > 0).all()
    assert found.draws[:, 0].mean() == pytest.approx(np.sqrt(2 / np.pi), abs=0.08)
    assert found.powers[-1] == 1.0
