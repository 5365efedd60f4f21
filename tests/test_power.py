"""Telling accounts apart, on runs whose answer is known."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.integrate import trapezoid
from scipy.stats import norm

from qantar.analysis.candidate_observations import CandidateObservation
from qantar.analysis.compare.power import ALL, Facts, LabelledRuns, Power, Runs, observed, power
from qantar.base.errors import QantarError, UnknownNameError

pytestmark = pytest.mark.usefixtures("one_thread")

ACCOUNTS = ("a", "b", "c")
RUNS = 300
FACTS = Facts(("f0", "f1", "f2"), np.full(3, 1e-3))


def _further(name: str, group: str, error: float = 1e-3) -> CandidateObservation:
    return CandidateObservation(name, group, name, "somebody", "-", "log", error, "test")


FURTHER = (
    _further("tells", "telling"),
    _further("noise", "nothing"),
    _further("copy", "known"),
    _further("sign", "halves"),
    _further("weak", "halves"),
)


@cache
def _runs(seed: int = 1) -> dict[str, Runs]:
    """Facts that differ a little by account, and further observations whose worth is known."""
    rng = np.random.Generator(np.random.Philox(seed))
    result = {}
    for k, name in enumerate(ACCOUNTS):
        facts = rng.standard_normal((RUNS, 3))
        facts[:, 0] += 0.5 * k
        further = np.stack(
            [
                np.full(RUNS, float(k)),
                rng.standard_normal(RUNS),
                facts[:, 0],
                np.where(k == 2, 3.0, 0.0) + rng.standard_normal(RUNS),
                0.3 * k + rng.standard_normal(RUNS),
            ],
            axis=1,
        )
        result[name] = Runs(facts, further)
    return result


@cache
def _power() -> Power:
    return power(_runs(), FACTS, FURTHER, seed=3)


def _row(level: str, added: str, accounts: str = ALL) -> dict[str, float]:
    rows = _power().best(level, accounts)
    return rows[rows["added"] == added].iloc[0].to_dict()


@pytest.mark.parametrize("accounts", [ALL, "a / b", "a / c", "b / c"])
def test_what_carries_the_account_comes_first_and_tells_all(accounts: str) -> None:
    for level, name in (("group", "telling"), ("single", "tells")):
        first = _power().best(level, accounts).iloc[0]
        assert (first["added"], first["rank"]) == (name, 1)
        assert first["accuracy"] > 0.99
        assert first["score"] > -0.03
        assert first["gain"] > 5 * first["gain_error"]


@pytest.mark.parametrize("accounts", [ALL, "a / b", "a / c", "b / c"])
@pytest.mark.parametrize("name", ["noise", "copy"])
def test_noise_and_what_is_known_already_add_nothing(name: str, accounts: str) -> None:
    row = _row("single", name, accounts)
    assert abs(row["gain"]) < max(2.5 * row["gain_error"], 0.01)
    assert row["gain"] < 0.01


def test_an_observation_tells_only_the_pairs_in_which_it_differs() -> None:
    assert _row("single", "sign", "a / c")["accuracy"] > 0.9
    assert _row("single", "sign", "b / c")["gain"] > 0.3
    assert abs(_row("single", "sign", "a / b")["gain"]) < 0.02


def test_accuracy_and_score_reach_those_of_the_true_odds() -> None:
    """Two normals three deviations apart: the best rule is known, and so is what it scores."""
    rng = np.random.Generator(np.random.Philox(5))
    size = 4_000
    cases = LabelledRuns(
        (rng.standard_normal((size, 1)), 3 + rng.standard_normal((size, 1))), folds=5
    )
    told = cases.classify(np.array([0]))
    assert told.accuracy.mean() == pytest.approx(norm.cdf(1.5), abs=0.01)
    x = np.linspace(-8, 8, 20_001)
    expected = trapezoid(norm.pdf(x) * -np.logaddexp(0, 3 * x - 4.5), x)
    assert told.score.mean() == pytest.approx(expected, abs=0.015)


def test_accounts_that_differ_only_in_spread_are_told_apart() -> None:
    rng = np.random.Generator(np.random.Philox(6))
    narrow, wide = rng.standard_normal((600, 1)), 5 * rng.standard_normal((600, 1))
    assert LabelledRuns((narrow, wide), folds=5).classify(np.array([0])).accuracy.mean() > 0.75


def test_accounts_that_do_not_differ_score_no_better_than_guessing() -> None:
    rng = np.random.Generator(np.random.Philox(7))
    told = LabelledRuns(tuple(rng.standard_normal((200, 40)) for _ in range(4)), folds=5).classify(
        np.arange(40)
    )
    assert told.score.mean() == pytest.approx(-np.log(4), abs=0.05)
    assert told.accuracy.mean() == pytest.approx(0.25, abs=0.06)


def test_many_columns_from_few_runs_are_not_too_sure_of_themselves() -> None:
    """The odds given to held-out runs come true: the mean score is that of honest odds."""
    rng = np.random.Generator(np.random.Philox(8))
    shift = np.zeros(80)
    shift[0] = 1.5
    cases = LabelledRuns(
        (rng.standard_normal((150, 80)), shift + rng.standard_normal((150, 80))), 5
    )
    told = cases.classify(np.arange(80))
    assert told.score.mean() > -np.log(2)


@pytest.mark.slow
def test_both_methods_agree_on_what_is_worth_most() -> None:
    pytest.importorskip("sklearn")
    other = power(_runs(), FACTS, FURTHER, seed=3, method="logistic")
    ours, theirs = _power().best("group"), other.best("group")
    assert list(ours["added"])[:2] == list(theirs["added"])[:2] == ["telling", "halves"]
    np.testing.assert_allclose(ours["accuracy"], theirs["accuracy"], atol=0.04)
    np.testing.assert_allclose(ours["score"], theirs["score"], atol=0.06)


def test_the_best_few_begin_with_the_best_and_complement_each_other() -> None:
    pair = _power().best("best groups", "a / c")
    assert sorted(pair["number"]) == [2, 3]
    assert all(added.startswith("telling + ") for added in pair["added"])
    assert set(_power().table["level"]) == {
        "facts", "group", "single", "best groups", "best singles"
    }  # fmt: skip


def test_two_that_tell_only_together_are_found_by_their_group() -> None:
    """One is noise alone, the other drowns in it; their difference is the account."""
    rng = np.random.Generator(np.random.Philox(9))
    runs = {}
    for k, name in enumerate(("x", "y")):
        hidden = rng.standard_normal(RUNS)
        pair = np.stack([hidden, hidden + k + 0.3 * rng.standard_normal(RUNS)], axis=1)
        runs[name] = Runs(rng.standard_normal((RUNS, 3)), pair)
    result = power(runs, FACTS, (_further("one", "pair"), _further("two", "pair")), seed=1)
    group = result.best("group", "x / y").iloc[0]
    singles = result.best("single", "x / y")
    assert group["accuracy"] > 0.9
    assert (singles["accuracy"] < 0.75).all()


def test_two_accounts_are_one_pair_and_searched_in_full() -> None:
    runs = _runs()
    result = power({"b": runs["b"], "a": runs["a"]}, FACTS, FURTHER, seed=3)
    assert set(result.table["accounts"]) == {"a / b"}
    assert len(result.best("best singles")) == 2
    theirs = _power().best("group", "a / b")
    np.testing.assert_allclose(result.best()["score"], theirs["score"])
    with pytest.raises(UnknownNameError):
        result.best(accounts="b / a")


def test_neither_the_order_of_accounts_nor_a_second_run_changes_anything() -> None:
    turned = dict(reversed(_runs().items()))
    again = power(turned, FACTS, FURTHER, seed=3)
    assert again.table.equals(_power().table)
    other = power(_runs(), FACTS, FURTHER, seed=4)
    assert not other.table.equals(_power().table)


def test_one_candidate_more_changes_nothing_about_the_others() -> None:
    more = {
        name: Runs(facts, np.concatenate([further, further[:, :1] ** 2], axis=1))
        for name, (facts, further) in _runs().items()
    }
    t = power(more, FACTS, (*FURTHER, _further("extra", "extra")), seed=3).table
    kept = t[t["level"].isin(["facts", "single"]) & (t["added"] != "extra")]
    before = _power().table
    before = before[before["level"].isin(["facts", "single"])]
    np.testing.assert_allclose(kept["score"], before["score"], rtol=1e-9)


def test_errors_of_observation_have_the_declared_spread_and_hide_what_is_small() -> None:
    vague = tuple(_further(each.name, each.group, error=50.0) for each in FURTHER)
    runs = _runs()["b"]
    seen = observed("b", runs, FACTS, vague, seed=1)
    errors = seen[:, 3:] - runs.candidates
    assert errors.std(axis=0) == pytest.approx(50.0, rel=0.15)
    assert abs(np.corrcoef(errors.T) - np.eye(5)).max() < 0.25
    assert not np.allclose(
        errors, observed("a", runs, FACTS, vague, seed=1)[:, 3:] - runs.candidates
    )
    t = power(_runs(), FACTS, vague, seed=3).best("single")
    assert (abs(t["gain"]) < 0.02).all()


@pytest.mark.parametrize(
    "broken",
    [
        {"a": _runs()["a"]},
        {"a": _runs()["a"], "b": Runs(_runs()["b"].facts[:5], _runs()["b"].candidates[:5])},
        {"a": _runs()["a"], "b": Runs(_runs()["b"].facts[:, :2], _runs()["b"].candidates)},
        {"a": _runs()["a"], "b": Runs(_runs()["b"].facts * np.nan, _runs()["b"].candidates)},
    ],
    ids=["one account", "few runs", "a fact less", "no number"],
)
def test_runs_that_cannot_be_compared_are_refused(broken: dict[str, Runs]) -> None:
    with pytest.raises(QantarError):
        power(broken, FACTS, FURTHER, seed=1)


def test_a_fold_is_judged_by_what_the_other_runs_give() -> None:
    rng = np.random.Generator(np.random.Philox(10))
    cases = LabelledRuns((rng.standard_normal((23, 2)), 1 + rng.standard_normal((19, 2))), folds=4)
    mean, within = cases._moments
    for k in range(4):
        rest = [cases.x[(cases.fold != k) & (cases.account == a)] for a in range(2)]
        np.testing.assert_allclose(mean[k], [part.mean(axis=0) for part in rest])
        expected = sum(np.cov(part.T, ddof=0) for part in rest) / 2
        np.testing.assert_allclose(within[k], expected, atol=1e-12)
