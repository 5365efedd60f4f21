"""Rounds of runs: the same whoever does them, however they are cut, and observed as declared."""

from __future__ import annotations

from functools import cache, partial

import numpy as np
import pytest

from qantar.analysis.compare.validation import simulate_observations
from qantar.analysis.inference.calibration_design import Runs, TaskRunner, run_all
from qantar.analysis.inference.problem import InferenceProblem, load_problem
from qantar.analysis.observations import KINDS
from qantar.base.arrays import Numbers
from qantar.base.parallel import PoolSettings, open_pool

CASE = InferenceProblem("template", "spring-unrest", "null")
COUNT, SEED = 20, 3


@cache
def table() -> Numbers:
    return load_problem(CASE).prior(5, COUNT)


def ran(
    rows: slice = slice(None),
    *,
    batch: int = 20,
    seed: int = SEED,
    first: int = 0,
    workers: int = 1,
    candidates: bool = True,
) -> Runs:
    with open_pool(PoolSettings(workers)) as pool:
        done = run_all(
            TaskRunner(pool),
            "round",
            {CASE: table()[rows]},
            seed=seed,
            first=first,
            batch=batch,
            candidates=candidates,
        )
    return done[CASE]


@cache
def whole() -> Runs:
    return ran()


def assert_same(given: Runs, expected: Runs, rows: slice = slice(None)) -> None:
    np.testing.assert_array_equal(given.unknowns, expected.unknowns[rows])
    np.testing.assert_array_equal(given.facts, expected.facts[rows])
    np.testing.assert_array_equal(given.candidates, expected.candidates[rows])


def test_facts_are_the_same_whether_candidate_observations_are_read_or_not() -> None:
    plain = ran(candidates=False)
    np.testing.assert_array_equal(plain.facts, whole().facts)
    assert plain.candidates.shape == (COUNT, 0)


def test_runs_differ_from_each_other() -> None:
    """Otherwise nothing below could fail."""
    at = load_problem(CASE)
    assert whole().facts.shape == (COUNT, len(at.observations.targets))
    assert whole().candidates.shape == (COUNT, len(at.candidates))
    assert whole().unknowns.shape == (COUNT, len(at.names))
    assert np.isfinite(whole().facts).all()
    crowds = whole().facts[:, at.observations.names.index("crowd-arven-05")]
    assert len(set(crowds.tolist())) > COUNT // 2


@pytest.mark.parametrize("batch", [5, 7, 1])
def test_batches_do_not_matter(batch: int) -> None:
    assert_same(ran(batch=batch), whole())


@pytest.mark.slow
def test_workers_do_not_matter() -> None:
    assert_same(ran(batch=5, workers=2), whole())


@pytest.mark.parametrize("first", [3, 10])
def test_luck_goes_by_the_number_of_the_run(first: int) -> None:
    """Whatever the first number of a round is, run 12 is run 12."""
    assert_same(ran(slice(first, None), first=first, batch=4), whole(), slice(first, None))


def test_another_number_or_another_seed_is_another_luck() -> None:
    """With the same unknowns: what differs is luck alone."""
    for other in (ran(first=COUNT), ran(seed=SEED + 1)):
        np.testing.assert_array_equal(other.unknowns, whole().unknowns)
        moved = (other.candidates != whole().candidates).any(axis=1)
        assert moved.mean() > 0.5


def test_accounts_are_kept_apart_and_share_their_luck() -> None:
    """A round of two accounts gives each what it gives alone."""
    other = InferenceProblem("template", "spring-unrest", "union")
    tables = {other: load_problem(other).prior(5, 6), CASE: table()[:6]}
    with open_pool(PoolSettings()) as pool:
        run = partial(run_all, TaskRunner(pool), "round", seed=SEED, first=0, candidates=True)
        both = run(tables, batch=4)
        alone = run({other: tables[other]}, batch=6)
    assert list(both) == [other, CASE]
    assert_same(both[CASE], whole(), slice(6))
    assert_same(both[other], alone[other])
    assert len(both[other]) == 6


def test_every_run_is_reported_once() -> None:
    told: list[int] = []
    with open_pool(PoolSettings()) as pool:
        runner = TaskRunner(pool, report=told.append)
        run_all(runner, "round", {CASE: table()}, seed=SEED, first=0, batch=7)
    assert told == [7, 7, 6]


def test_prior_draws_are_standard_normal_and_keyed() -> None:
    at = load_problem(CASE)
    many = at.prior(8, 400)
    assert many.shape == (400, len(at.names))
    np.testing.assert_array_equal(at.prior(8, 50), many[:50])
    assert (np.abs(many.mean(axis=0)) < 4.5 / np.sqrt(400)).all()
    np.testing.assert_allclose(many.var(axis=0), 1, atol=5 * np.sqrt(2 / 400))
    correlation = np.corrcoef(many.T)
    np.fill_diagonal(correlation, 0)
    assert np.abs(correlation).max() < 5 / np.sqrt(400)
    assert not np.array_equal(at.prior(9, 50), many[:50])


def test_a_score_moves_its_own_number() -> None:
    """One parameter, or the propensity of one place, and nothing else."""
    at = load_problem(CASE)
    base = np.zeros((1, len(at.names)))
    moved = base.copy()
    moved[0, 0] = 1.0
    given = at.draws(np.vstack([base, moved]))
    assert np.count_nonzero(given.parameters[0] != given.parameters[1]) == 1
    np.testing.assert_array_equal(given.propensity[0], given.propensity[1])
    moved = base.copy()
    moved[0, at.parameters] = 1.0
    given = at.draws(np.vstack([base, moved]))
    np.testing.assert_array_equal(given.parameters[0], given.parameters[1])
    np.testing.assert_array_equal(given.threshold[0], given.threshold[1])
    assert np.count_nonzero(given.propensity[0] != given.propensity[1]) == 1


def test_same_seed_observes_the_same_and_another_another() -> None:
    facts = np.tile(load_problem(CASE).observations.value, (10, 1))
    once, again, other = (
        simulate_observations(CASE, facts, seed) for seed in ((1, 2), (1, 2), (1, 3))
    )
    np.testing.assert_array_equal(once, again)
    assert (once != other).all()
    union = simulate_observations(
        InferenceProblem("template", "spring-unrest", "union"), facts, (1, 2)
    )
    assert (once != union).all()


def test_what_is_observed_is_off_by_error_and_discrepancy() -> None:
    """Variance of an error and of a lognormal deviation: median^2 exp(2 spread^2)."""
    at, count = load_problem(CASE), 40_000
    facts = np.zeros((count, len(at.observations.targets)))
    off = simulate_observations(CASE, facts, (4,))
    declared = [at.discrepancy[kind] for kind in at.observations.kinds]
    discrepancy = [each.median**2 * np.exp(2 * each.spread**2) for each in declared]
    exact = np.sqrt(at.observations.error**2 + np.array(discrepancy))
    np.testing.assert_allclose(off.std(axis=0), exact, rtol=0.04)
    assert (np.abs(off.mean(axis=0)) < 5 * exact / np.sqrt(count)).all()


def test_discrepancies_of_one_kind_are_large_together() -> None:
    """One deviation for each kind and data set: sizes go together within a kind, not across."""
    at = load_problem(CASE)
    facts = np.zeros((40_000, len(at.observations.targets)))
    sizes = np.abs(simulate_observations(CASE, facts, (4,)))
    together = np.corrcoef(sizes.T)
    signed = np.corrcoef(simulate_observations(CASE, facts, (4,)).T)
    kinds = [KINDS.index(kind) for kind in at.observations.kinds]
    for i in range(len(kinds)):
        for j in range(i):
            assert abs(signed[i, j]) < 0.025
            same = kinds[i] == kinds[j]
            assert (together[i, j] > 0.02) == same, (i, j, together[i, j])
