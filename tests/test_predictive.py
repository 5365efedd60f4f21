"""Scores of predictions of facts that were left out, on predictions made by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from qantar.analysis.inference.problem import LoadedProblem
from qantar.analysis.inference.summary import ALL, _blurred, score_groups
from qantar.analysis.observations import Observations
from qantar.analysis.scores import crps_with_error
from qantar.base.arrays import Numbers
from qantar.evidence import Target

pytestmark = pytest.mark.usefixtures("one_thread")

VARIABLES = ("onset_day", "deaths", "wounded", "deaths", "onset_day", "peaceful_share")
VALUE = np.array([3.0, 5.0, 6.0, 4.0, 2.0, 0.5])
ERROR = np.array([0.5, 0.4, 0.3, 1.0, 0.4, 0.1])
FACTS = np.arange(len(VALUE))
DRAWS = 600


@dataclass(frozen=True)
class Shown:
    """As much of an opened case as scores look at."""

    observations: Observations


def case(value: Numbers = VALUE) -> LoadedProblem:
    targets = tuple(
        Target(
            target=f"t{k}",
            variable=variable,
            level="country",
            name="Land",
            date="total",
            unit="-",
            low="2022-01-03" if variable == "onset_day" else "0",
            high="2022-01-04" if variable == "onset_day" else "1",
            claims="c1",
            use="held",
        )
        for k, variable in enumerate(VARIABLES)
    )
    return cast("LoadedProblem", Shown(Observations(targets, value, ERROR, 9.0)))


def normal(centre: Numbers, deviation: Numbers) -> Numbers:
    """Return draws without luck: quantiles of a normal, differently ordered for every fact."""
    even = norm.ppf((np.arange(DRAWS) + 0.5) / DRAWS)
    rng = np.random.default_rng(3)
    return np.stack(
        [c + s * rng.permutation(even) for c, s in zip(centre, deviation, strict=True)], 1
    )


def row(table: pd.DataFrame, group: str = ALL) -> pd.Series:
    return table.set_index("group").loc[group]


def test_a_prediction_of_what_came_scores_better_than_one_beside_it() -> None:
    """In every score and every group, and the worse the farther."""
    tables = [
        score_groups(case(), normal(VALUE + away * ERROR, ERROR / 2), FACTS)
        for away in (0.0, 1.0, 2.5, 5.0)
    ]
    for name in ("crps", "energy"):
        values = np.stack([table[name] for table in tables])
        assert (np.diff(values, axis=0) > 0).all(), name
    intervals = np.stack([table["interval"] for table in tables])
    assert (intervals[3] > intervals[2]).all()
    assert (intervals[2] > intervals[0]).all()


def test_a_sure_prediction_that_is_right_scores_the_error_alone() -> None:
    """Draws all at the observed value: scores of a standard normal at its middle are known."""
    found = score_groups(case(), np.tile(VALUE, (DRAWS, 1)), FACTS)
    assert found["crps"].to_numpy() == pytest.approx((np.sqrt(2) - 1) / np.sqrt(np.pi), rel=1e-3)
    assert found["interval"].to_numpy() == pytest.approx(2 * 1.645, rel=0.02)
    assert (found["covered"] == 1).all()
    seen = score_groups(case(), np.tile(VALUE, (DRAWS, 1)), FACTS, seen=True)
    assert (seen[["crps", "interval", "energy"]] == 0).all(axis=None)


def test_scores_are_in_standard_errors() -> None:
    """Ten times the unit changes nothing if the error is in it too."""
    predicted = normal(VALUE + ERROR, ERROR)
    plain = score_groups(case(), predicted, FACTS)
    at = case()
    wider = Observations(at.observations.targets, 10 * VALUE, 10 * ERROR, 9.0)
    scaled = score_groups(cast("LoadedProblem", Shown(wider)), 10 * predicted, FACTS)
    np.testing.assert_allclose(plain.iloc[:, 1:].to_numpy(), scaled.iloc[:, 1:].to_numpy())


def test_a_miss_costs_twenty_times_its_size() -> None:
    """Interval score of a middle 90 %: its width, and 2 / 0.1 for every error it misses by."""
    found = row(score_groups(case(), normal(VALUE - 3 * ERROR, ERROR), FACTS, seen=True))
    assert found["interval"] == pytest.approx(2 * 1.645 + 20 * (3 - 1.645), rel=0.02)
    assert found["covered"] == 0


def test_groups_add_up() -> None:
    predicted = normal(VALUE + np.linspace(-2, 2, 6) * ERROR, ERROR)
    found = score_groups(case(), predicted, FACTS)
    assert found["group"].tolist() == [
        "When it began",
        "Where it turned violent",
        "Dead and wounded",
        ALL,
    ]
    groups = found[found["group"] != ALL]
    assert groups["facts"].tolist() == [2, 1, 3]
    assert groups["facts"].sum() == row(found)["facts"] == 6
    for name in ("crps", "interval", "covered"):
        mean = np.average(groups[name], weights=groups["facts"])
        assert mean == pytest.approx(row(found)[name])
    each = crps_with_error(predicted, VALUE, ERROR) / ERROR
    assert row(found, "When it began")["crps"] == pytest.approx(each[[0, 4]].mean())


def test_some_facts_only() -> None:
    """Columns of the prediction belong to the facts in the order in which they are asked for."""
    predicted = normal(VALUE, ERROR)
    some = np.array([3, 0])
    found = score_groups(case(), predicted[:, some], some)
    assert found["group"].tolist() == ["When it began", "Dead and wounded", ALL]
    alone = score_groups(case(), predicted[:, [0]], np.array([0]))
    assert row(found, "When it began")["crps"] == pytest.approx(row(alone)["crps"])


@pytest.mark.parametrize("seen", [False, True])
def test_coverage_of_a_right_prediction(seen: bool) -> None:
    """Observations drawn from the prediction fall into its middle 90 % in 90 % of cases."""
    rng = np.random.default_rng(8)
    spread = 0.7 * ERROR
    whole = np.hypot(spread, ERROR)
    predicted = normal(VALUE, whole if seen else spread)
    covered = [
        row(
            score_groups(
                case(VALUE + whole * rng.standard_normal(6)), predicted[::5], FACTS, seen=seen
            )
        )["covered"]
        for _ in range(60)
    ]
    assert np.mean(covered) == pytest.approx(0.9, abs=3.5 * np.sqrt(0.09 / 360))


def test_a_blurred_prediction_has_the_deviation_of_both() -> None:
    predicted = normal(VALUE, 2 * ERROR)
    blurred = _blurred(predicted, ERROR)
    np.testing.assert_allclose(blurred.std(axis=0), np.sqrt(5) * ERROR, rtol=0.05)
    np.testing.assert_allclose(blurred.mean(axis=0), VALUE, atol=0.01)
    np.testing.assert_array_equal(_blurred(predicted, np.zeros(6)), predicted)
    ordered = np.sort(predicted, axis=0)
    np.testing.assert_allclose(_blurred(ordered, ERROR).std(axis=0), np.sqrt(5) * ERROR, rtol=0.06)


@pytest.mark.slow
def test_energy_prefers_the_right_prediction_as_the_other_scores_do() -> None:
    """Observations are the sure truth and an error: a prediction that knows it must score best."""
    rng = np.random.default_rng(9)
    sure, vague = normal(VALUE, 0.1 * ERROR)[::5], normal(VALUE, ERROR)[::5]
    scores = []
    for _ in range(60):
        at = case(VALUE + np.hypot(0.1, 1.0) * ERROR * rng.standard_normal(6))
        found = [row(score_groups(at, predicted, FACTS)) for predicted in (sure, vague)]
        scores.append([[one["crps"], one["energy"]] for one in found])
    mean = np.mean(scores, axis=0)
    assert mean[0, 0] < mean[1, 0]
    assert mean[0, 1] < mean[1, 1]
