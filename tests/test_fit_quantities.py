"""What the smoother assimilates: slopes behind yes/no answers, and days that never come."""

from __future__ import annotations

import datetime as dt

import numpy as np

from qantar.analysis.inference.ensemble_path import assimilate, within_bounds
from qantar.analysis.inference.fit_quantities import AT_LEAST, AT_MOST, EXACTLY, FitQuantities
from qantar.analysis.layout import Layout
from qantar.analysis.member_values import CUMULATIVE
from qantar.analysis.observations import Observations
from qantar.analysis.outcomes import Outcome
from qantar.base.arrays import Numbers
from qantar.evidence.targets import Target

VISIBLE = 50.0
DAYS = 3
LAYOUT = Layout(
    country="Arvenia",
    places=("Arven", "Harrow"),
    regions=("West",),
    region_of=("West", "West"),
    first_day=dt.date(2030, 3, 1),
    days=DAYS,
    offsets=np.zeros(2, np.int64),
    visible=VISIBLE,
)


def outcome(peaks: list[list[list[float]]], buildings: list[list[list[float]]]) -> Outcome:
    """Return an outcome with these crowds and buildings attacked: (members, places, days)."""
    made = Outcome(LAYOUT, "places")
    crowd = np.array(peaks, np.float32)
    nothing = np.zeros_like(crowd)
    own = {"buildings_attacked": np.array(buildings, np.float32)}
    made.add_values({"crowd_peak": crowd, **{name: own.get(name, nothing) for name in CUMULATIVE}})
    return made


def quantities(
    variable: str, name: str, date: str, value: float, level: str = "place"
) -> FitQuantities:
    day = variable == "onset_day"
    target = Target.model_validate(
        {
            "target": "t",
            "variable": variable,
            "level": level,
            "name": name,
            "date": date,
            "unit": "",
            "low": "2030-03-01" if day else "1",
            "high": "2030-03-01" if day else "1",
            "claims": "",
            "use": "fit",
        }
    )
    return FitQuantities(
        Observations((target,), np.array([value]), np.array([0.3]), float(DAYS)), VISIBLE
    )


RUN = outcome(
    [[[0, 9, 99], [0, 0, 0]], [[0, 0, 0], [0, 4, 0]], [[60, 0, 0], [0, 0, 0]]],
    [[[0, 1, 3], [0, 0, 0]], [[0, 0, 0], [0, 0, 0]], [[0, 0, 0], [2, 2, 2]]],
)


def test_active_is_a_bound_on_the_largest_crowd() -> None:
    yes = quantities("active", "Arven", "any", 1.0)
    assert yes.side[0] == AT_LEAST
    np.testing.assert_allclose(yes.value, np.log1p(VISIBLE))
    np.testing.assert_allclose(yes.read(RUN)[:, 0], np.log1p([99, 0, 60]))
    of_a_day = quantities("active", "Arven", "2030-03-02", 0.0)
    assert of_a_day.side[0] == AT_MOST
    np.testing.assert_allclose(of_a_day.read(RUN)[:, 0], np.log1p([9, 0, 0]))
    elsewhere = quantities("active_elsewhere", "Arven", "any", 1.0)
    np.testing.assert_allclose(elsewhere.read(RUN)[:, 0], np.log1p([0, 4, 0]))


def test_violent_is_a_bound_on_what_was_harmed() -> None:
    whole = quantities("violent", "Arven", "any", 1.0)
    np.testing.assert_allclose(whole.read(RUN)[:, 0], np.log1p([3, 0, 0]))
    of_a_day = quantities("violent", "Arven", "2030-03-03", 1.0)
    np.testing.assert_allclose(of_a_day.read(RUN)[:, 0], np.log1p([2, 0, 0]))
    assert 0.0 < whole.value[0] < np.log1p(1)


def test_never_is_after_the_latest_day_and_later_with_a_smaller_crowd() -> None:
    onset = quantities("onset_day", "Arven", "first", 1.0)
    assert onset.side[0] == EXACTLY
    missing = np.log1p(VISIBLE)
    np.testing.assert_allclose(onset.read(RUN)[:, 0], [2, 2 + 1 + missing, 0], rtol=1e-6)
    nowhere = quantities("onset_day", "Harrow", "first", 1.0).read(RUN)[:, 0]
    expected = DAYS + np.log1p(VISIBLE) - np.log1p([0, 4, 0])
    np.testing.assert_allclose(nowhere, expected, rtol=1e-6)


def test_a_member_on_the_right_side_of_a_bound_wants_to_stay() -> None:
    predicted = np.array([[3.0, 3.0, 3.0], [1.0, 1.0, 1.0]])
    wanted = np.full((2, 3), 2.0)
    found = within_bounds(wanted, predicted, np.array([AT_LEAST, AT_MOST, EXACTLY]))
    np.testing.assert_array_equal(found, [[3.0, 2.0, 2.0], [2.0, 1.0, 2.0]])


def test_an_answer_that_no_member_gives_is_reached_by_the_quantity_behind_it() -> None:
    """All members say no: as 0 or 1 there is no slope, so the smoother stood still."""
    prior = np.random.default_rng(1).standard_normal((400, 1))
    error, threshold = np.array([0.3]), 3.5

    def answer(beliefs: Numbers) -> Numbers:
        return (beliefs > threshold).astype(np.float64)

    yes = np.ones(1)
    *_, (stuck, _) = assimilate(prior, answer, yes, error, passes=4, seed=2)
    np.testing.assert_array_equal(stuck, prior)
    bound = np.array([threshold])
    *_, (moved, _) = assimilate(
        prior, lambda b: b, bound, error, passes=4, seed=2, side=np.array([AT_LEAST])
    )
    assert answer(moved).mean() > 0.05
    assert moved.mean() > 3.0
