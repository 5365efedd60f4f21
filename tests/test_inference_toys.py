"""The inference on simulators with known posteriors; the full table: scripts/inference_toys.py."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from inference_toys import LINEAR, LINEAR_NOISE, TOYS, covered, exact, judge
from qantar.analysis.inference.calibration_design import Design

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("one_thread")]

SMALL = Design(
    prior=800, path=200, passes=3, refine=300, rounds=2, particles=250, moves=4, chains=2
)


def test_the_reference_of_the_linear_simulator_is_the_formula() -> None:
    toy = TOYS["linear"]
    observed = toy.observe(3)[1]
    noise = LINEAR_NOISE**2 + toy.error**2
    covariance = np.linalg.inv(LINEAR.T @ LINEAR / noise + np.eye(toy.unknowns))
    whole = LINEAR @ LINEAR.T + noise * np.eye(toy.facts)
    found = exact(toy, observed)
    wanted = multivariate_normal(np.zeros(toy.facts), whole).logpdf(observed)
    assert found.log_evidence == pytest.approx(wanted, abs=0.05)
    np.testing.assert_allclose(found.mean, covariance @ LINEAR.T @ observed / noise, atol=0.03)
    np.testing.assert_allclose(found.deviation, np.sqrt(np.diag(covariance)), rtol=0.05)


@pytest.mark.parametrize("name", TOYS)
def test_the_likelihood_of_a_simulator_is_a_density(name: str) -> None:
    """On average it is higher under the truth than under other unknowns (inequality of Gibbs)."""
    toy = TOYS[name]
    rng = np.random.default_rng(5)
    truth = rng.standard_normal((1, toy.unknowns))
    facts = toy.simulate(np.repeat(truth, 4000, axis=0), rng)
    seen = facts + toy.error * rng.standard_normal(facts.shape)
    own = np.mean([toy.log_likelihood(truth, row)[0] for row in seen[:400]])
    other = np.mean([toy.log_likelihood(truth + 0.5, row)[0] for row in seen[:400]])
    assert own > other


@pytest.mark.parametrize("name", TOYS)
def test_posterior_and_evidence_are_near_the_exact_ones(name: str) -> None:
    """Widths within 12 %; evidence within 0.45 nats and within three stated errors."""
    found = judge(TOYS[name], SMALL, 3, seed=20)
    assert found.width == pytest.approx(1.0, abs=0.12)
    assert found.off < 0.3
    assert abs(found.bias) < 0.35
    assert found.rms < max(0.45, 3 * found.stated)
    assert found.rms < 3 * found.stated + 0.1


@pytest.mark.parametrize("name", ["linear", "banana"])
def test_intervals_hold_the_truth_as_often_as_they_say(name: str) -> None:
    """90 % intervals of 40 data sets, within about two standard errors."""
    assert 0.83 <= covered(TOYS[name], SMALL, 40, seed=4) <= 0.97
