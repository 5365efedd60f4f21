"""Which facts are left out together, and which words follow from which numbers."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import numpy as np
import pytest

from qantar.analysis.compare.posterior_predictive import ELSEWHERE, Fold, folds_of
from qantar.analysis.compare.reliability import PairVerdict, headline, pair_accuracy, verdict_of
from qantar.analysis.outcomes import Layout
from qantar.evidence import Target

LAYOUT = Layout(
    country="Land",
    places=("Big", "Near", "Far", "Lone"),
    regions=("E", "W", "S"),
    region_of=("E", "E", "W", "S"),
    first_day=dt.date(2022, 1, 2),
    days=9,
    offsets=np.zeros(4, np.int64),
    visible=50.0,
)


def target(
    level: str, name: str, variable: str, date: str, low: str = "1", high: str = ""
) -> Target:
    return Target.model_validate(
        {
            "target": f"{variable}-{name}-{date}",
            "variable": variable,
            "level": level,
            "name": name,
            "date": date,
            "unit": "-",
            "low": low,
            "high": high or low,
            "claims": "c1",
            "use": "fit",
        }
    )


TARGETS = (
    target("place", "Big", "crowd_peak", "2022-01-04"),
    target("country", "Land", "deaths", "total"),
    target("place", "Near", "onset_day", "first", "2022-01-03", "2022-01-04"),
    target("region", "E", "active", "any"),
    target("place", "Far", "crowd_peak", "2022-01-05"),
    target("region", "W", "violent", "any"),
    target("place", "Lone", "onset_day", "first", "2022-01-06"),
    target("country", "Land", "active_places", "2022-01-05"),
    target("place", "Lone", "last_day", "first", "2022-01-09", "2022-01-10"),
    target("country", "Land", "last_day", "first", "2022-01-07", "2022-01-08"),
    target("place", "Big", "crowd_peak", "2022-01-05"),
)
ALL = np.arange(len(TARGETS))
COUNTRY = {k for k in ALL if TARGETS[k].level == "country"}
DAY = {0: 2, 2: 1, 4: 3, 6: 4, 7: 3, 8: 7, 9: 5, 10: 3}
"""Day of the window of every fact that has one; the middle of an interval, rounded down."""


def folds(kind: str, among: np.ndarray = ALL) -> list[Fold]:
    return [fold for fold in folds_of(TARGETS, among, LAYOUT) if fold.kind == kind]


def test_every_fact_with_a_place_is_left_out_once_and_no_other() -> None:
    left_out = [k for fold in folds("place") for k in fold.left_out.tolist()]
    assert sorted(left_out) == sorted(set(ALL.tolist()) - COUNTRY)


def test_facts_of_one_region_go_together_and_few_join_the_rest() -> None:
    by_name = {fold.name: set(fold.left_out.tolist()) for fold in folds("place")}
    assert by_name == {"E": {0, 2, 3, 10}, ELSEWHERE: {4, 5, 6, 8}}


def test_no_rest_where_every_region_has_enough() -> None:
    assert [fold.name for fold in folds("place", np.array([0, 1, 2, 3, 10]))] == ["E"]


def test_periods_are_disjoint_and_in_order() -> None:
    periods = folds("time")
    left_out = [k for fold in periods for k in fold.left_out.tolist()]
    assert sorted(left_out) == sorted(DAY)
    assert [fold.name.partition(":")[0] for fold in periods] == ["early", "middle", "late"]
    spans = [[DAY[k] for k in fold.left_out.tolist()] for fold in periods]
    for before, after in pairwise(spans):
        assert max(before) < min(after)
    assert [len(span) for span in spans] == [2, 3, 3]


def test_a_period_is_named_after_its_days() -> None:
    assert [fold.name for fold in folds("time")] == [
        "early: 2022-01-03 to 2022-01-04",
        "middle: 2022-01-05 to 2022-01-05",
        "late: 2022-01-06 to 2022-01-09",
    ]


def test_only_facts_that_were_asked_for_are_left_out() -> None:
    among = np.array([4, 5, 6, 7, 9])
    for fold in folds_of(TARGETS, among, LAYOUT):
        assert set(fold.left_out.tolist()) <= set(among.tolist())
        assert len(fold.left_out) > 0
    assert folds_of(TARGETS, np.array([1]), LAYOUT) == []


def odds(first: float, second: float) -> tuple[float, float]:
    return float(np.log(first)), float(np.log(second))


GOOD = (0.9, 0.85)


@pytest.mark.parametrize(
    ("given", "accuracy", "strength"),
    [
        (odds(21, 21), GOOD, "clearly"),
        (odds(21, 500), GOOD, "clearly"),
        (odds(19, 500), GOOD, "somewhat"),
        (odds(500, 19), GOOD, "somewhat"),
        (odds(3.1, 21), GOOD, "somewhat"),
        (odds(2.9, 2.9), GOOD, "not"),
        (odds(1e6, 2.9), GOOD, "not"),
        (odds(2.9, 1e6), GOOD, "not"),
        (odds(1e6, 1 / 1e6), GOOD, "not"),
        (odds(1e6, 1.0), GOOD, "not"),
        (odds(1.0, 1.0), GOOD, "not"),
        (odds(1e6, 1e6), (0.79, 1.0), "not"),
        (odds(1e6, 1e6), (1.0, 0.79), "not"),
        (odds(1e6, 1e6), (0.8, 0.8), "clearly"),
    ],
)
def test_the_weaker_of_two_methods_decides_and_both_must_be_good(
    given: tuple[float, float], accuracy: tuple[float, float], strength: str
) -> None:
    found = verdict_of(("a", "b"), given, accuracy)
    assert (found.better, found.worse, found.strength) == ("a", "b", strength)
    assert found.log_odds == given
    assert found.accuracy == accuracy
    against = (-given[0], -given[1])
    assert verdict_of(("a", "b"), against, accuracy).strength == strength


@pytest.mark.parametrize("given", [odds(30, 40), odds(5, 1 / 7), odds(1 / 50, 1 / 4), odds(1, 3)])
def test_the_verdict_does_not_hang_on_who_is_named_first(given: tuple[float, float]) -> None:
    one = verdict_of(("a", "b"), given, GOOD)
    other = verdict_of(("b", "a"), (-given[0], -given[1]), GOOD)
    assert one.strength == other.strength
    if given[0] != 0.0:
        assert one == other


def test_the_likelihood_says_who_is_better() -> None:
    found = verdict_of(("a", "b"), odds(1 / 8, 3), GOOD)
    assert (found.better, found.worse) == ("b", "a")
    np.testing.assert_allclose(found.log_odds, odds(8, 1 / 3))


def test_every_refusal_says_its_own_reason() -> None:
    weak = verdict_of(("a", "b"), odds(50, 50), (0.61, 0.9)).reason
    assert "61%" in weak
    assert "90%" in weak
    assert "80%" in weak
    assert "different sides" in verdict_of(("a", "b"), odds(50, 1 / 50), GOOD).reason
    assert "2.9 to 1" in verdict_of(("a", "b"), odds(50, 2.9), GOOD).reason
    assert "25 to 1" in verdict_of(("a", "b"), odds(50, 25), GOOD).reason
    assert "over 1,000" in verdict_of(("a", "b"), odds(5000, 2500), GOOD).reason


@pytest.mark.parametrize("accuracy", [(np.nan, 0.9), (0.9, np.nan), (np.nan, np.nan)])
def test_an_accuracy_that_nobody_measured_is_not_good_enough(
    accuracy: tuple[float, float],
) -> None:
    assert verdict_of(("a", "b"), odds(100, 100), accuracy).strength == "not"


@pytest.mark.parametrize("given", [(np.nan, -4.0), (4.0, np.nan)])
def test_odds_that_could_not_be_computed_tell_nothing(given: tuple[float, float]) -> None:
    assert verdict_of(("a", "b"), given, GOOD).strength == "not"


def pair(other: str, strength: str, best: str = "a") -> PairVerdict:
    return PairVerdict(best, other, (1.0, 1.0), GOOD, strength, "")  # type: ignore[arg-type]


TITLES = {"a": "A", "b": "B", "c": "C", "d": "D"}


def test_headline_where_none_is_told_apart() -> None:
    text = headline("a", [pair("b", "not"), pair("c", "not")], TITLES)
    assert text == "No account can be told apart from the most probable one, A, on these facts."


def test_headline_where_some_are_told_apart() -> None:
    pairs = [pair("b", "not"), pair("c", "clearly"), pair("d", "somewhat")]
    assert headline("a", pairs, TITLES) == (
        "A leads: clearly better supported than C, and somewhat better supported than D. "
        "It cannot be told apart from B on these facts."
    )


def test_headline_where_all_are_told_apart() -> None:
    text = headline("a", [pair(name, "clearly") for name in "bcd"], TITLES)
    assert text == "A leads: clearly better supported than B, C and D."


def test_pair_accuracy_of_known_cases() -> None:
    truth = np.array([0, 0, 1, 1, 2, 2])
    log_evidence = np.array(
        [
            [0.0, -1.0, 9.0],  # right between 0 and 1, wrong between 0 and 2
            [-2.0, 0.0, -9.0],  # wrong, right
            [-1.0, 0.0, -0.5],  # right
            [-0.1, 0.0, 5.0],  # right between 0 and 1, wrong between 1 and 2
            [0.0, 5.0, -1.0],
            [0.0, -5.0, 1.0],
        ]
    )
    assert pair_accuracy(truth, log_evidence, 0, 1) == 0.75
    assert pair_accuracy(truth, log_evidence, 1, 0) == 0.75
    assert pair_accuracy(truth, log_evidence, 0, 2) == 0.5
    assert pair_accuracy(truth, log_evidence, 1, 2) == 0.5
    assert np.isnan(pair_accuracy(np.array([2]), log_evidence[4:5], 0, 1))
    assert pair_accuracy(truth, log_evidence + np.arange(6.0)[:, None], 0, 1) == 0.75


def test_a_method_that_never_decides_is_not_right_more_often_one_way_round() -> None:
    truth = np.array([0, 1, 1, 1])
    even = np.zeros((4, 2))
    assert pair_accuracy(truth, even, 0, 1) == pair_accuracy(truth, even, 1, 0)
