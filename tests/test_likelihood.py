"""The synthetic likelihood against the normal density, on an emulator that is exactly linear."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from qantar.analysis.inference.emulator import Emulator, Network
from qantar.analysis.inference.likelihood import SyntheticLikelihood
from qantar.analysis.inference.problem import Discrepancy, load_discrepancy
from qantar.analysis.observations import KINDS, Kind
from qantar.base.arrays import Numbers

UNKNOWNS, FACTS = 3, 6
RNG = np.random.default_rng(4)
SLOPES = RNG.standard_normal((UNKNOWNS, FACTS))
CENTRE = RNG.standard_normal(FACTS)
SCALE = np.array([1.0, 2.0, 0.5, 1.5, 1.0, 3.0])
LUCK = np.array([0.5, 0.3, 0.8, 0.6, 0.4, 0.7])
"""Standard deviation of a run, in scales."""

CHOSEN = np.array([4, 0, 2, 5])
SHOWN: tuple[Kind, ...] = ("log", "day", "log", "flag")
ERROR = np.array([0.4, 0.5, 0.3, 0.2])
VALUE = np.array([0.3, -1.0, 0.7, 2.0])
DISCREPANCY: dict[Kind, Discrepancy] = {
    "day": Discrepancy(0.5, 0.4),
    "log": Discrepancy(0.3, 0.7),
    "flag": Discrepancy(0.1, 0.5),
    "share": Discrepancy(0.05, 0.3),
}


def correlation() -> Numbers:
    root = np.random.default_rng(8).standard_normal((FACTS, FACTS))
    whole = root @ root.T + np.eye(FACTS)
    deviation = np.sqrt(np.diag(whole))
    result: Numbers = whole / deviation[:, None] / deviation
    return result


def emulator() -> Emulator:
    """Two linear networks whose mean has the slopes, and a spread that does not move."""
    means = tuple(
        Network((SLOPES + shift,), (np.full(FACTS, 3 * shift),)) for shift in (0.25, -0.25)
    )
    spread = Network((np.zeros((UNKNOWNS, FACTS)),), (2 * np.log(LUCK),))
    return Emulator(CENTRE, SCALE, means, (spread, spread), correlation(), np.ones(FACTS))


LIKELIHOOD = SyntheticLikelihood(emulator(), CHOSEN, VALUE, ERROR, SHOWN, DISCREPANCY)


def by_hand(draw: Numbers) -> tuple[Numbers, Numbers]:
    """Return mean and covariance of the observations at one draw, written out fact by fact."""
    mean, covariance = np.zeros(4), np.zeros((4, 4))
    whole = correlation()
    luck = SCALE * np.sqrt(LUCK**2 + 0.02**2)
    for i, fact in enumerate(CHOSEN):
        mean[i] = CENTRE[fact] + SCALE[fact] * draw[:UNKNOWNS] @ SLOPES[:, fact]
        for j, other in enumerate(CHOSEN):
            covariance[i, j] = whole[fact, other] * luck[fact] * luck[other]
        prior = DISCREPANCY[SHOWN[i]]
        score = draw[UNKNOWNS + ("day", "log", "flag", "share").index(SHOWN[i])]
        covariance[i, i] += ERROR[i] ** 2 + (prior.median * np.exp(prior.spread * score)) ** 2
    return mean, covariance


def draws(count: int) -> Numbers:
    return np.random.default_rng(9).standard_normal((count, UNKNOWNS + len(KINDS)))


def test_log_likelihood_is_that_of_the_normal() -> None:
    table = draws(5)
    exact = [multivariate_normal(*by_hand(row)).logpdf(VALUE) for row in table]
    np.testing.assert_allclose(LIKELIHOOD.log_likelihood(table), exact, rtol=1e-10)
    np.testing.assert_allclose(LIKELIHOOD.mean(table)[2], by_hand(table[2])[0])
    np.testing.assert_allclose(LIKELIHOOD.covariance(table)[2], by_hand(table[2])[1])


@pytest.mark.parametrize("away", [1e3, 1e6])
def test_log_likelihood_far_from_the_observations(away: float) -> None:
    """The residual is a border of the covariance; it may be far larger than any deviation."""
    table, value = draws(5), VALUE + away
    exact = [multivariate_normal(*by_hand(row)).logpdf(value) for row in table]
    found = replace(LIKELIHOOD, value=value).log_likelihood(table)
    np.testing.assert_allclose(found, exact, rtol=1e-9)


def test_a_point_alone_is_as_likely_as_among_others() -> None:
    table = draws(40)
    alone = [LIKELIHOOD.log_likelihood(row[None])[0] for row in table]
    np.testing.assert_allclose(LIKELIHOOD.log_likelihood(table), alone, rtol=1e-12)


def test_order_of_the_facts_does_not_matter() -> None:
    order = np.array([2, 0, 3, 1])
    other = replace(
        LIKELIHOOD,
        chosen=CHOSEN[order],
        value=VALUE[order],
        error=ERROR[order],
        kinds=tuple(SHOWN[k] for k in order),
    )
    np.testing.assert_allclose(
        other.log_likelihood(draws(4)), LIKELIHOOD.log_likelihood(draws(4)), rtol=1e-10
    )


def test_information_of_a_linear_model() -> None:
    """J' S^-1 J about the model's unknowns, averaged over points; none about discrepancies."""
    table = draws(3)
    slopes = (SCALE[:, None] * SLOPES.T)[CHOSEN]
    exact = np.mean([slopes.T @ np.linalg.solve(by_hand(row)[1], slopes) for row in table], axis=0)
    given = LIKELIHOOD.information(table)
    assert given.shape == (UNKNOWNS + len(KINDS),) * 2
    np.testing.assert_allclose(given[:UNKNOWNS, :UNKNOWNS], exact, rtol=1e-10)
    assert not given[UNKNOWNS:].any()
    assert not given[:, UNKNOWNS:].any()


def test_information_bends_the_log_likelihood_so_much() -> None:
    """It is minus the second derivative, by finite differences, where only the mean moves."""
    row, step = draws(1)[0], 1e-3

    def at(*moves: tuple[int, float]) -> float:
        moved = row.copy()
        for unknown, size in moves:
            moved[unknown] += size
        return float(LIKELIHOOD.log_likelihood(moved[None])[0])

    for i in range(UNKNOWNS):
        for j in range(UNKNOWNS):
            bend = (
                at((i, step), (j, step))
                - at((i, step), (j, -step))
                - at((i, -step), (j, step))
                + at((i, -step), (j, -step))
            ) / (4 * step**2)
            assert LIKELIHOOD.information(row[None])[i, j] == pytest.approx(
                -bend, rel=1e-3, abs=1e-3
            )


@pytest.mark.parametrize("kind", KINDS)
def test_discrepancy_raises_the_variance_of_its_kind_alone(kind: Kind) -> None:
    low = np.zeros((1, UNKNOWNS + len(KINDS)))
    high = low.copy()
    high[0, UNKNOWNS + KINDS.index(kind)] = 2.0
    prior = DISCREPANCY[kind]
    rise = prior.median**2 * (np.exp(4 * prior.spread) - 1)
    expected = np.where([shown == kind for shown in SHOWN], rise, 0.0)
    change = LIKELIHOOD.covariance(high) - LIKELIHOOD.covariance(low)
    np.testing.assert_allclose(change[0], np.diag(expected), atol=1e-12)
    np.testing.assert_allclose(
        LIKELIHOOD.own_variance(high) - LIKELIHOOD.own_variance(low), expected[None], atol=1e-12
    )


def test_unknowns_are_those_of_the_model_and_one_for_each_kind() -> None:
    assert LIKELIHOOD.of_model == UNKNOWNS
    assert LIKELIHOOD.unknowns == UNKNOWNS + 4


def test_kinds_that_are_not_shown_change_nothing() -> None:
    table = draws(6)
    other = table.copy()
    other[:, UNKNOWNS + KINDS.index("share")] += 5.0
    np.testing.assert_array_equal(
        LIKELIHOOD.log_likelihood(other), LIKELIHOOD.log_likelihood(table)
    )
    np.testing.assert_array_equal(LIKELIHOOD.information(other), LIKELIHOOD.information(table))
    shown = table.copy()
    shown[:, UNKNOWNS + KINDS.index("flag")] += 5.0
    assert (LIKELIHOOD.log_likelihood(shown) != LIKELIHOOD.log_likelihood(table)).all()


def test_the_common_pack_has_a_prior_for_every_kind() -> None:
    found = load_discrepancy()
    assert set(found) == set(KINDS)
    assert all(each.median > 0 and each.spread > 0 for each in found.values())
    assert found["day"].median == pytest.approx(0.5)
