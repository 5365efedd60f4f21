"""The whole inference on a simulator whose answer is known: emulator, tempering, classifier.

Three accounts with linear means, luck and errors of observation, so that the evidence and the
posterior are normal integrals: the one that makes the data, one whose facts lie elsewhere, and one
with a parameter more than is needed.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.special import softmax
from scipy.stats import chisquare, multivariate_normal

from qantar.analysis.compare.classifier import Classifier, Ensemble, train
from qantar.analysis.inference.emulator import Emulator, fit_emulator
from qantar.analysis.inference.likelihood import SyntheticLikelihood
from qantar.analysis.inference.problem import Discrepancy
from qantar.analysis.inference.smc import Posterior, temper
from qantar.analysis.observations import Kind
from qantar.base.arrays import Numbers

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("one_thread")]

FACTS, RUNS, DATA_SETS = 6, 2500, 6
ERROR, LUCK = np.full(FACTS, 0.4), 1.0
KIND: tuple[Kind, ...] = ("log",) * FACTS
NONE = Discrepancy(1e-6, 1e-3)
"""So small that the linear model stays exact."""

NO_DISCREPANCY: dict[Kind, Discrepancy] = dict.fromkeys(("day", "log", "flag", "share"), NONE)
BASE = np.random.default_rng(21).standard_normal((FACTS, 3))
MORE = 1.5 * np.random.default_rng(22).standard_normal((FACTS, 1))
SLOPES = {"plain": BASE, "shifted": BASE, "needless": np.hstack([BASE, MORE])}
CENTRES = {
    "plain": np.zeros(FACTS),
    "shifted": np.array([1.8, -1.2, 1.2, 0.0, 0.9, -0.8]),
    "needless": np.zeros(FACTS),
}
NAMES = tuple(SLOPES)

BOUND = 0.5
"""Nats, or a tenth, by which a log evidence may be wrong; more in one of twenty at most."""


def simulate(name: str, count: int, rng: np.random.Generator) -> tuple[Numbers, Numbers]:
    slopes = SLOPES[name]
    unknowns = rng.standard_normal((count, slopes.shape[1]))
    luck = LUCK * rng.standard_normal((count, FACTS))
    return unknowns, CENTRES[name] + unknowns @ slopes.T + luck


def exact_evidence(data: Numbers) -> Numbers:
    """Return the log evidence of every account: float array (data sets, accounts)."""
    blur = np.diag(LUCK**2 + ERROR**2)
    return np.stack(
        [
            multivariate_normal(CENTRES[n], SLOPES[n] @ SLOPES[n].T + blur).logpdf(data)
            for n in NAMES
        ],
        axis=1,
    )


@cache
def runs(name: str) -> tuple[Numbers, Numbers]:
    return simulate(name, RUNS, np.random.default_rng([1, NAMES.index(name)]))


@cache
def emulator(name: str) -> Emulator:
    unknowns, facts = runs(name)
    return fit_emulator(unknowns, facts, np.arange(RUNS), ERROR, seed=5)


@cache
def classifier() -> Classifier:
    return train([Ensemble(name, 0, runs(name)[1]) for name in NAMES], ERROR, seed=1)


def posterior(name: str, row: Numbers, seed: tuple[int, ...], particles: int = 300) -> Posterior:
    likelihood = SyntheticLikelihood(
        emulator(name), np.arange(FACTS), row, ERROR, KIND, NO_DISCREPANCY
    )
    return temper(
        likelihood.log_likelihood,
        likelihood.information,
        likelihood.unknowns,
        particles=particles,
        moves=4,
        seed=seed,
    )


@cache
def data() -> Numbers:
    """Return data sets of every account, in their order."""
    rng = np.random.default_rng(9)
    made = np.vstack([simulate(name, DATA_SETS, rng)[1] for name in NAMES])
    result: Numbers = made + ERROR * rng.standard_normal(made.shape)
    return result


@cache
def given_evidence() -> Numbers:
    return np.array(
        [
            [posterior(name, row, (4, number)).log_evidence for name in NAMES]
            for number, row in enumerate(data())
        ]
    )


def test_evidence_of_every_account_is_near_the_exact_one() -> None:
    exact = exact_evidence(data())
    gap = np.abs(given_evidence() - exact)
    assert gap.mean() < BOUND
    assert (gap < np.maximum(BOUND, 0.1 * np.abs(exact))).mean() >= 0.95, gap.round(2)


def test_both_methods_name_the_winner_and_state_its_probability() -> None:
    exact = exact_evidence(data())
    right = softmax(exact, axis=1)
    by_likelihood = softmax(given_evidence(), axis=1)
    by_classifier = classifier().probabilities(data())
    ordered = np.sort(exact, axis=1)
    plain = ordered[:, -1] - ordered[:, -2] > 3 * BOUND
    assert plain.sum() >= 4
    for stated in (by_likelihood, by_classifier):
        np.testing.assert_array_equal(stated[plain].argmax(axis=1), exact[plain].argmax(axis=1))
        assert np.abs(stated - right).mean() < 0.05
        assert np.abs(stated - right).max() < 0.3
    assert np.abs(by_likelihood - by_classifier).mean() < 0.05


def test_a_needless_parameter_costs_evidence() -> None:
    """Occam: the account that could have been anywhere is the less likely to be here."""
    own = slice(NAMES.index("plain") * DATA_SETS, (NAMES.index("plain") + 1) * DATA_SETS)
    plain, needless = NAMES.index("plain"), NAMES.index("needless")
    given, exact = given_evidence()[own], exact_evidence(data())[own]
    cost = given[:, plain] - given[:, needless]
    wanted = exact[:, plain] - exact[:, needless]
    assert (cost > 0).mean() >= 0.8
    assert cost.mean() > 0
    assert cost.mean() == pytest.approx(wanted.mean(), abs=BOUND)
    assert wanted.mean() > 0.3


@cache
def beside_the_exact_posterior() -> tuple[Numbers, Numbers]:
    """Return errors of the means, in exact deviations, and widths over the exact ones."""
    noise = LUCK**2 + float(ERROR[0]) ** 2
    covariance = np.linalg.inv(BASE.T @ BASE / noise + np.eye(3))
    deviation = np.sqrt(np.diag(covariance))
    off, widths = [], []
    for number, row in enumerate(data()[:DATA_SETS]):
        mean = covariance @ BASE.T @ row / noise
        draws = posterior("plain", row, (8, number), particles=600).draws[:, :3]
        off.append((draws.mean(axis=0) - mean) / deviation)
        widths.append(draws.std(axis=0) / deviation)
    return np.array(off), np.array(widths)


def test_posterior_is_near_the_exact_one() -> None:
    off, widths = beside_the_exact_posterior()
    assert np.abs(off).max() < 0.5
    np.testing.assert_allclose(widths.mean(axis=0), 1.0, atol=0.35)


def test_posterior_is_as_wide_as_the_exact_one() -> None:
    np.testing.assert_allclose(beside_the_exact_posterior()[1].mean(axis=0), 1.0, atol=0.15)


@cache
def ranks() -> Numbers:
    """Return where the truth ranks among posterior draws: float array (data sets, unknowns)."""
    sets = 60
    rng = np.random.default_rng(10)
    unknowns, facts = simulate("plain", sets, rng)
    seen = facts + ERROR * rng.standard_normal(facts.shape)
    return np.array(
        [
            (posterior("plain", row, (6, number), particles=150).draws[:, :3] < truth).mean(axis=0)
            for number, (row, truth) in enumerate(zip(seen, unknowns, strict=True))
        ]
    )


def test_ranks_of_the_truth_are_uniform() -> None:
    """Simulation-based calibration (Talts et al. 2018)."""
    counts = np.histogram(ranks(), bins=10, range=(0, 1))[0]
    assert counts.sum() == 180
    assert chisquare(counts).pvalue > 0.001, counts


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Within three standard errors of a share of 60 independent data sets."""
    for level in (0.5, 0.9):
        covered = (np.abs(ranks() - 0.5) <= level / 2).mean()
        assert covered == pytest.approx(level, abs=3 * np.sqrt(level * (1 - level) / 120))
