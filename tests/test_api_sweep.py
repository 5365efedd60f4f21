"""`qantar.sweep`: a Latin hypercube of parameters crossed with levers, on common random numbers."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

import qantar
from qantar.analysis.run import simulate
from qantar.api.sweep import BASELINE, Sweep
from qantar.base.errors import QantarError, UnknownNameError
from qantar.simulate.changes import Changes
from qantar.simulate.scenario import Scenario, make_scenario

RANGES = {"joining.willing": (0.02, 0.2), "escalation.rate": (0.001, 0.02)}
OUTCOMES = ("deaths", ("participants", "place", "Arven", "any"), "onset_day")


@cache
def scenario() -> Scenario:
    return make_scenario("spring-unrest", pack="template", belief="prior", decisions="rules")


def swept(levers: tuple[Any, ...] = (), **options: Any) -> Sweep:
    sizes = {"samples": 3, "members": 2, "seed": 4, **options}
    return qantar.sweep(scenario(), RANGES, levers, OUTCOMES, **sizes)


def test_every_sample_meets_every_lever_and_fills_every_stratum() -> None:
    found = swept(({"price_shock.fade_time": 30.0},))
    assert found.levers == (BASELINE, "price_shock.fade_time=30")
    assert list(found.experiments.columns) == ["sample", "lever", *RANGES]
    assert list(found.experiments["lever"]) == 3 * list(found.levers)
    points = found.experiments.drop_duplicates("sample")
    for name, (low, high) in RANGES.items():
        strata = np.floor((points[name] - low) / (high - low) * 3)
        assert sorted(strata) == [0, 1, 2]
    assert {len(values) for values in found.outcomes.values()} == {6}
    assert list(found.to_frame().columns)[-3:] == list(found.outcomes)
    assert "3 samples of 2 parameters x 2 levers x 2 members" in repr(found)
    assert "<table" in found._repr_html_()


def test_an_experiment_is_a_run_with_these_values() -> None:
    found = swept()
    row = found.experiments.iloc[1]
    world = replace(scenario(), overrides={name: float(row[name]) for name in RANGES})
    outcome = simulate(world, world.draws(4, 2), members=2, seed=4)
    expected = outcome.samples("participants", "place", "Arven", "any")
    np.testing.assert_array_equal(
        found.replications["participants, place, Arven, any"][1], expected
    )


def test_a_null_lever_gives_the_outcomes_of_no_lever() -> None:
    without = swept()
    for nothing in (None, "", {}, Changes()):
        pd.testing.assert_frame_equal(swept((nothing,)).to_frame(), without.to_frame())
    value = scenario().numbers[0]
    held = replace(scenario(), overrides={value.name: value.value})
    found = qantar.sweep(
        held, RANGES, [{value.name: value.value}], OUTCOMES, samples=2, members=2, seed=4
    )
    table = found.to_frame()
    base, lever = (
        table[table["lever"] == label].drop(columns="lever").reset_index(drop=True)
        for label in found.levers
    )
    pd.testing.assert_frame_equal(base, lever)


def test_the_number_of_threads_changes_nothing_and_progress_counts_simulations() -> None:
    seen: list[int] = []
    one = swept(threads=1, progress=seen.append)
    assert sum(seen) == 3 * 2
    pd.testing.assert_frame_equal(one.to_frame(), swept(threads=2).to_frame())


@pytest.mark.parametrize(
    ("changed", "error", "says"),
    [
        ({"uncertainties": {"joining.wiling": (0, 1)}}, UnknownNameError, "joining.willing"),
        ({"uncertainties": {}}, QantarError, "no uncertainties"),
        ({"uncertainties": {"joining.willing": (0.2, 0.1)}}, QantarError, "is empty"),
        ({"uncertainties": {"joining.willing": (0.1, 1e9)}}, QantarError, "out of range"),
        ({"outcomes": ["death"]}, QantarError, "did you mean 'deaths'"),
        ({"outcomes": [("deaths", "place", "Arvn", "any")]}, UnknownNameError, "Arven"),
        ({"levers": ["no-such-thing"]}, UnknownNameError, "no-such-thing"),
        ({"levers": [{"joining.willing": 0.1}]}, QantarError, "both an uncertainty and a lever"),
        ({"samples": 0}, QantarError, "1 or more"),
    ],
)
def test_what_cannot_be_swept_is_refused(
    changed: dict[str, Any], error: type[QantarError], says: str
) -> None:
    options: dict[str, Any] = {"uncertainties": RANGES, "samples": 2, "members": 1, **changed}
    with pytest.raises(error, match=says):
        qantar.sweep(scenario(), **options)


def test_a_parameter_of_a_mechanism_that_is_off_is_refused() -> None:
    null = make_scenario("spring-unrest", account="null", pack="template", belief="prior")
    off = next(n.name for n in null.numbers if not null.account.is_on(n.name.split(".")[0]))
    declared = next(n.declared for n in null.numbers if n.name == off)
    with pytest.raises(QantarError, match="has no effect"):
        qantar.sweep(null, {off: (declared.low, declared.high)}, samples=1, members=1)
