"""Further observations, on records small enough to check by hand."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from qantar.analysis.candidate_observations import (
    MAX_LAG,
    all_candidate_observations,
    read_candidate_observations,
)
from qantar.analysis.observations import ObservationPlan, first_hour, plan_observations
from qantar.analysis.outcomes import Layout
from qantar.base.errors import UnknownNameError
from qantar.evidence.targets import Target
from qantar.model.hour import VARIABLES
from qantar.packs.loading import load_country

DAYS = 3
HOURS = 24 * DAYS
COLUMN = {variable.name: k for k, variable in enumerate(VARIABLES)}
EAST, WEST, SOUTH = 0, 1, 2
LAYOUT = Layout(
    country="Land",
    places=("East", "West", "South"),
    regions=("E", "W"),
    region_of=("E", "W", "W"),
    first_day=dt.date(2022, 1, 1),
    days=DAYS,
    offsets=np.array([0, -1, 0]),
    visible=50.0,
)
WATCH = ObservationPlan(LAYOUT, towns=("East", "West"), centres=("West",), days=(1,))
NAMES = [each.name for each in all_candidate_observations(WATCH)]

Since = dict[int, tuple[int, float]]
"""For each place, from which hour on it has which value."""


def _read(plan: ObservationPlan = WATCH, **values: Since) -> dict[str, float]:
    """Return every further observation of a record with running totals from some hour on."""
    record = np.zeros((HOURS, 3, len(VARIABLES)), np.float32)
    record[:, :, COLUMN["control"]] = 1.0
    for name, places in values.items():
        for place, (hour, value) in places.items():
            record[hour:, place, COLUMN[name]] = value
    names = [each.name for each in all_candidate_observations(plan)]
    return dict(zip(names, read_candidate_observations(record, plan), strict=True))


def test_where_nothing_happens_everything_is_nothing() -> None:
    assert set(_read().values()) == {0.0}


def test_names_are_unique_and_every_value_has_one() -> None:
    assert len(set(NAMES)) == len(NAMES) == len(read_candidate_observations(_empty(), WATCH))
    for each in all_candidate_observations(WATCH):
        assert each.error > 0
        assert each.because
        assert each.observer
        assert each.name.startswith(each.group + "/")


def _empty() -> np.ndarray:
    return np.zeros((HOURS, 3, len(VARIABLES)), np.float32)


def test_the_order_of_two_events_is_read_with_its_sign() -> None:
    seen = _read(
        buildings_attacked={EAST: (10, 1.0), WEST: (30, 2.0)},
        control={EAST: (14, 0.4), WEST: (5, 0.4)},
        businesses_looted={EAST: (13, 3.0)},
        deaths={EAST: (9, 1.0)},
        wounded={EAST: (7, 2.0), WEST: (31, 1.0)},
    )
    assert seen["control-after-attack/East/hours"] == 4
    assert seen["control-after-attack/West/hours"] == -25
    assert seen["looting-after-loss/East/hours"] == -1
    assert seen["harm-after-attack/East/hours"] == -3
    assert seen["harm-after-attack/West/hours"] == 1
    assert seen["looting-after-loss/West/both"] == 0
    assert seen["looting-after-loss/West/hours"] == 0


def test_together_and_never_are_not_the_same() -> None:
    both = _read(buildings_attacked={EAST: (0, 1.0)}, control={EAST: (0, 0.0)})
    assert both["control-after-attack/East/both"] == 1
    assert both["control-after-attack/East/hours"] == 0
    half = _read(buildings_attacked={EAST: (0, 1.0)}, control={EAST: (0, 0.5)})
    assert half["control-after-attack/East/both"] == 0


def test_distant_events_count_as_no_further_apart_than_the_longest_order() -> None:
    seen = _read(buildings_attacked={EAST: (1, 1.0)}, wounded={EAST: (70, 1.0)})
    assert seen["harm-after-attack/East/hours"] == MAX_LAG


@pytest.mark.parametrize(("crowd", "none"), [(49.0, 1.0), (50.0, 0.0)])
def test_the_crowd_before_an_attack_is_that_of_the_hour_before(crowd: float, none: float) -> None:
    record = _empty()
    record[12:, EAST, COLUMN["buildings_attacked"]] = 1.0
    record[11, EAST, COLUMN["crowd"]] = crowd
    record[12, EAST, COLUMN["crowd"]] = 900.0
    seen = dict(zip(NAMES, read_candidate_observations(record, WATCH), strict=True))
    assert seen["crowd-before-attack/East/persons"] == pytest.approx(np.log1p(crowd))
    assert seen["crowd-before-attack/East/none"] == none
    assert seen["crowd-before-attack/West/none"] == 0


def test_an_attack_in_the_first_hour_has_no_crowd_before_it() -> None:
    seen = _read(buildings_attacked={EAST: (0, 1.0)}, crowd={EAST: (0, 800.0)})
    assert seen["crowd-before-attack/East/none"] == 1
    assert seen["crowd-before-attack/East/persons"] == 0


def test_hours_of_attack_count_from_local_noon() -> None:
    seen = _read(buildings_attacked={EAST: (13, 1.0), WEST: (12, 1.0)})
    assert seen["hour-of-attack/East/hours"] == 1
    assert seen["hour-of-attack/West/hours"] == 23
    assert seen["hour-of-attack/West/any"] == 1


def test_one_blow_and_a_spread_of_attacks() -> None:
    seen = _read(buildings_attacked={EAST: (10, 1.0), WEST: (12, 1.0), SOUTH: (40, 1.0)})
    assert seen["attacks-together/places"] == pytest.approx(np.log(4))
    assert seen["attacks-together/several"] == 1
    assert seen["attacks-together/spread"] == pytest.approx((2 + 0 + 28) / 3)
    assert seen["attacks-together/one-blow"] == pytest.approx(2 / 3)
    apart = _read(buildings_attacked={EAST: (10, 1.0), WEST: (13, 1.0)})
    assert apart["attacks-together/one-blow"] == 0.5
    alone = _read(buildings_attacked={SOUTH: (10, 4.0)})
    assert alone["attacks-together/places"] == pytest.approx(np.log(2))
    assert alone["attacks-together/several"] == 0
    assert alone["attacks-together/one-blow"] == 0


def test_shares_by_region_are_of_the_country_at_the_end() -> None:
    seen = _read(
        deaths={EAST: (5, 6.0), WEST: (6, 1.0), SOUTH: (7, 1.0)},
        detained={EAST: (9, 10.0), SOUTH: (9, 30.0)},
        security_deaths={WEST: (2, 1.0), SOUTH: (60, 2.0)},
    )
    assert (seen["deaths-by-region/E"], seen["deaths-by-region/W"]) == (0.75, 0.25)
    assert (seen["detained-by-region/E"], seen["detained-by-region/W"]) == (0.25, 0.75)
    assert seen["security-deaths-by-region/W"] == pytest.approx(np.log(4))


def test_looting_that_a_target_tells_is_not_asked_again() -> None:
    told = ObservationPlan(
        LAYOUT, ("East", "West"), (), (), frozenset({("businesses_looted", "East")})
    )
    seen = _read(told, businesses_looted={EAST: (3, 5.0), WEST: (3, 7.0)})
    assert "looting-by-town/East" not in seen
    assert seen["looting-by-town/West"] == pytest.approx(np.log(8))


@pytest.mark.parametrize(
    ("place", "hour", "night"),
    [(EAST, 0, 1), (EAST, 5, 1), (EAST, 6, 0), (EAST, 19, 0), (EAST, 20, 1), (WEST, 6, 1),
     (WEST, 20, 0), (EAST, 71, 1)],
)  # fmt: skip
def test_it_is_night_by_the_local_clock(place: int, hour: int, night: int) -> None:
    seen = _read(businesses_looted={place: (hour, 8.0)})
    assert seen["at-night/businesses_looted"] == night


def test_night_shares_add_up_over_hours() -> None:
    record = _empty()
    rng = np.random.Generator(np.random.Philox(1))
    new = rng.integers(0, 5, (HOURS, 3))
    record[:, :, COLUMN["deaths"]] = np.cumsum(new, axis=0)
    clock = (np.arange(HOURS)[:, None] + LAYOUT.offsets) % 24
    wanted = new[(clock >= 20) | (clock < 6)].sum() / new.sum()
    seen = dict(zip(NAMES, read_candidate_observations(record, WATCH), strict=True))
    assert seen["at-night/deaths"] == pytest.approx(wanted)


def test_the_course_follows_the_local_clock() -> None:
    record = _empty()
    record[:, WEST, COLUMN["crowd"]] = np.arange(HOURS)
    seen = dict(zip(NAMES, read_candidate_observations(record, WATCH), strict=True))
    assert seen["course/West/2022-01-02T12"] == pytest.approx(np.log1p(24 + 12 + 1))
    assert sum(name.startswith("course/") for name in NAMES) == 4


def test_protesters_by_region_are_shares_of_the_local_day() -> None:
    record = _empty()
    record[30, EAST, COLUMN["crowd"]] = 30.0
    record[48, WEST, COLUMN["crowd"]] = 60.0  # 23 o'clock of the second day in the west
    record[48, EAST, COLUMN["crowd"]] = 500.0  # midnight, so the third day, in the east
    record[24, WEST, COLUMN["crowd"]] = 500.0  # still the first day in the west
    record[40, SOUTH, COLUMN["crowd"]] = 30.0
    seen = dict(zip(NAMES, read_candidate_observations(record, WATCH), strict=True))
    assert seen["protesters-by-region/E/2022-01-02"] == pytest.approx(0.25)
    assert seen["protesters-by-region/W/2022-01-02"] == pytest.approx(0.75)


def test_no_value_is_ever_no_number() -> None:
    rng = np.random.Generator(np.random.Philox(2))
    for member in range(20):
        record = _empty()
        rate = rng.choice([0.0, 0.01, 1.0], size=(1, 3, len(VARIABLES)))
        record[:] = np.cumsum(rng.poisson(rate, record.shape), axis=0)
        record[:, :, COLUMN["control"]] = rng.random((HOURS, 3))
        assert np.isfinite(read_candidate_observations(record, WATCH)).all(), member


def test_first_hours_of_what_comes_and_goes() -> None:
    happening = np.array([[False, True, False], [True, False, False], [True, True, False]])
    np.testing.assert_array_equal(first_hour(happening), [1, 0, -1])


def _target(name: str, place: str, variable: str, low: str, level: str = "place") -> Target:
    return Target.model_validate({
        "target": name, "variable": variable, "level": level, "name": place, "date": "first",
        "unit": "-", "low": low, "high": low, "claims": "c", "use": "fit",
    })  # fmt: skip


def test_towns_days_and_centres_follow_from_the_pack_and_its_targets() -> None:
    country = load_country("template")
    places = tuple(place.place for place in country.places)
    layout = Layout(
        country.header.country, places, tuple(r.region for r in country.regions),
        tuple(place.region for place in country.places), dt.date(2022, 1, 1), 10,
        np.zeros(len(places), np.int64), 50.0,
    )  # fmt: skip
    town, other = places[1], places[0]
    targets = [
        _target("1", town, "onset_day", "2022-01-02"),
        _target("2", town, "deaths", "3"),
        _target("3", town, "businesses_looted", "3"),
        _target("4", other, "onset_day", "2022-01-04"),
    ]
    plan = plan_observations(layout, country, targets)
    seats = [country.number(place, "seat") for place in country.places]
    assert plan.towns == (town,)
    assert plan.days == (3, 4, 5)
    assert plan.centres[0] == places[int(np.argmax(seats))]
    assert plan.towns_without_looting_target == ()
    nowhere = plan_observations(layout, country, [])
    assert nowhere.towns == ()
    empty = np.zeros((240, len(places), len(VARIABLES)), np.float32)
    assert len(read_candidate_observations(empty, nowhere)) == len(
        all_candidate_observations(nowhere)
    )


def test_a_place_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UnknownNameError):
        ObservationPlan(LAYOUT, ("Eest",), (), ())
