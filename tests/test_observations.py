"""Targets on the scales of their kinds: value, error, and what stands for never."""

from __future__ import annotations

import datetime as dt
from functools import cache
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from scipy.stats import norm

from qantar.analysis.inference.problem import (
    InferenceProblem,
    LoadedProblem,
    load_problem,
    used_for,
)
from qantar.analysis.observations import (
    MIN_ERROR,
    Kind,
    Observations,
    kind_of,
    observations_of,
    on_scale,
)
from qantar.analysis.outcomes import SAMPLERS, Layout, Outcome
from qantar.evidence import Target
from qantar.model.hour import VARIABLES
from qantar.packs.episode import Episode

FIRST, DAYS = dt.date(2022, 1, 2), 3
EPISODE = cast("Episode", SimpleNamespace(first_day=FIRST, days=range(DAYS)))
LAYOUT = Layout("Land", ("East", "West"), ("E", "W"), ("E", "W"), FIRST, DAYS, np.zeros(2, int), 50)
COLUMN = {variable.name: k for k, variable in enumerate(VARIABLES)}


def target(variable: str, low: str, high: str, *, date: str = "any", use: str = "fit") -> Target:
    return Target.model_validate(
        {
            "target": f"{variable}-{low}-{high}",
            "variable": variable,
            "level": "place",
            "name": "East",
            "date": date,
            "unit": "-",
            "low": low,
            "high": high,
            "claims": "c1",
            "use": use,
        }
    )


TARGETS = (
    target("onset_day", "2022-01-03", "2022-01-04", date="first"),
    target("deaths", "10", "200", date="total", use="held"),
    target("violent", "0.5", "1"),
    target("peaceful_share", "0.2", "0.6", date="window"),
    target("crowd_peak", "0", "0", date="2022-01-03", use="held"),
)


@cache
def seen() -> Observations:
    return observations_of(EPISODE, TARGETS)


@pytest.mark.parametrize(
    ("variable", "kind"),
    [
        ("onset_day", "day"),
        ("last_day", "day"),
        ("participants", "log"),
        ("crowd_peak", "log"),
        ("active_places", "log"),
        ("deaths", "log"),
        ("security_deaths", "log"),
        ("wounded", "log"),
        ("detained_cumulative", "log"),
        ("detained_published", "log"),
        ("buildings_attacked", "log"),
        ("businesses_looted", "log"),
        ("active", "flag"),
        ("violent", "flag"),
        ("peaceful_share", "share"),
        ("deaths_share", "share"),
    ],
)
def test_kind_of_every_quantity(variable: str, kind: Kind) -> None:
    assert kind_of(variable) == kind
    assert variable in SAMPLERS


def test_every_quantity_has_a_kind_that_was_thought_of() -> None:
    assert {v for v in SAMPLERS if kind_of(v) == "share"} == {"peaceful_share", "deaths_share"}


def test_value_is_the_middle_on_the_scale_of_its_kind() -> None:
    assert seen().kinds == ("day", "log", "flag", "share", "log")
    expected = [1.5, (np.log(11) + np.log(201)) / 2, 1.0, 0.4, 0.0]
    np.testing.assert_allclose(seen().value, expected)


def test_an_interval_is_the_middle_ninety_per_cent_of_the_error() -> None:
    low, high = norm.ppf([0.05, 0.95], seen().value[1], seen().error[1])
    np.testing.assert_allclose(np.expm1([low, high]), [10, 200], rtol=1e-3)
    assert seen().error[3] == pytest.approx(0.4 / 3.29, rel=1e-3)


def test_no_source_is_exact() -> None:
    """A narrow interval counts as no narrower than the least error of its kind."""
    exact = observations_of(
        EPISODE,
        (
            target("onset_day", "2022-01-03", "2022-01-03"),
            target("deaths", "225", "225"),
            target("peaceful_share", "0.5", "0.5"),
        ),
    )
    np.testing.assert_array_equal(
        exact.error, [MIN_ERROR["day"], MIN_ERROR["log"], MIN_ERROR["share"]]
    )
    # two days are 1 / 3.29 = 0.3 of a day, still less than the least
    assert seen().error[0] == MIN_ERROR["day"]


@pytest.mark.parametrize(
    ("low", "high", "value"), [("0.5", "1", 1.0), ("0", "0.5", 0.0), ("1", "1", 1.0), ("0", "0", 0)]
)
def test_something_happened_or_it_did_not(low: str, high: str, value: float) -> None:
    flag = observations_of(EPISODE, (target("active", low, high),))
    np.testing.assert_array_equal(flag.value, [value])
    np.testing.assert_array_equal(flag.error, [MIN_ERROR["flag"]])


def test_never_is_the_day_after_the_window() -> None:
    assert seen().never == DAYS
    given = on_scale(np.array([0.0, np.nan, 2.0]), "day", seen().never)
    np.testing.assert_array_equal(given, [0, DAYS, 2])
    np.testing.assert_array_equal(on_scale(np.array([np.nan, 0.3]), "share", 3.0), [0, 0.3])
    np.testing.assert_allclose(on_scale(np.array([np.nan, 9.0]), "log", 3.0), [0, np.log(10)])


def test_reading_a_run_puts_every_quantity_on_its_scale() -> None:
    """One member with a crowd on the second day and four dead, one in which nothing happens."""
    record = np.zeros((24 * DAYS, 2, len(VARIABLES)), np.float32)
    record[30:34, 0, COLUMN["crowd"]] = 500
    record[32:, 0, COLUMN["deaths"]] = 4
    outcome = Outcome(LAYOUT)
    outcome.add(record)
    outcome.add(np.zeros_like(record))
    read = seen().read(outcome)
    assert read.shape == (2, 5)
    np.testing.assert_allclose(read[0], [1, np.log(5), 1, 0, np.log(501)], rtol=1e-6)
    np.testing.assert_allclose(read[1], [DAYS, 0, 0, 0, 0])
    assert observations_of(EPISODE, ()).read(outcome).shape == (2, 0)


def test_which_targets_are_used_to_fit_and_which_are_held_back() -> None:
    at = cast("LoadedProblem", SimpleNamespace(observations=seen()))
    assert used_for(at, "fit").tolist() == [0, 2, 3]
    assert used_for(at, "held").tolist() == [1, 4]


def test_targets_of_the_template() -> None:
    """By hand from its claims: onset on the second day, 1,000 to 9,999 people, 3 to 12 dead."""
    at = load_problem(InferenceProblem("template", "spring-unrest", "null"))
    given = at.observations
    by_name = dict(zip(given.names, zip(given.kinds, given.value, strict=True), strict=True))
    assert by_name["onset-harrow"] == ("day", 1.0)
    assert by_name["active-westmarch"] == ("flag", 1.0)
    assert by_name["crowd-arven-05"] == ("log", pytest.approx(np.log(1001 * 10000) / 2))
    assert by_name["deaths-country"] == ("log", pytest.approx(np.log(4 * 13) / 2))
    assert [given.names[k] for k in used_for(at, "held")] == ["deaths-country"]
