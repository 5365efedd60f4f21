"""Anger, fear, demands, and what sends people home; the figures that are published."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from one_mechanism import KEY, SURELY, everyone, gather, of, order, parameters, put, world
from qantar.base.arrays import Numbers
from qantar.model.mechanisms import anger, demands, fear, leaving, reporting, returning, weariness
from qantar.model.state import STANCES, Action

PLACES = 8
NOON, NIGHT = 12, 2

FEELINGS: dict[str, Callable[..., None]] = {
    "anger": anger.update_anger,
    "fear": fear.update_fear,
}


def felt(name: str, deaths: list[float], *, force: float = 0.0, **p: float) -> float:
    """Return anger or fear after deaths in the first place, hour by hour."""
    environment, state = world()
    record = parameters(name, **p)
    for dead in deaths:
        put(environment, state, new_deaths=[dead] + [0.0] * (PLACES - 1), force=force)
        FEELINGS[name](state, environment, record)
    return float(of(environment, state, name)[0])


# ---------------------------------------------------------------------------- anger and fear


@pytest.mark.parametrize("name", FEELINGS)
@pytest.mark.parametrize(
    ("deaths", "memory", "remembered"),
    [
        ([9.0], 48.0, 9.0),
        ([9.0] + [0.0] * 48, 48.0, 9.0 / np.e),
        ([4.0, 4.0], 1e6, 8.0),
        ([0.0] * 5, 48.0, 0.0),
    ],
)
def test_remembered_deaths(
    name: str, deaths: list[float], memory: float, remembered: float
) -> None:
    found = felt(name, deaths, memory=memory, by_deaths=0.25)
    assert found == pytest.approx(0.25 * np.log1p(remembered), rel=1e-4)


@pytest.mark.parametrize("name", FEELINGS)
@given(deaths=st.integers(3, 600), hours=st.integers(2, 4))
@settings(max_examples=25, deadline=None)
def test_it_does_not_matter_over_how_many_hours_deaths_are_split(
    name: str, deaths: int, hours: int
) -> None:
    """Up to the fading of the memory itself: the hour is not a natural unit of grief."""
    once = felt(name, [0.0] * (hours - 1) + [float(deaths)], memory=100.0, by_deaths=0.3)
    split = felt(name, [deaths / hours] * hours, memory=100.0, by_deaths=0.3)
    assert split <= once + 1e-12
    assert split == pytest.approx(once, abs=0.3 * hours / 100.0)


def test_anger_and_fear_are_on_the_same_scale() -> None:
    """With the same weights and memory they cancel, whatever happened."""
    same = {"memory": 30.0, "by_force": 0.4, "by_deaths": 0.3}
    for deaths in ([0.0], [12.0, 0.0, 3.0], [1.0] * 20):
        found = [felt(name, deaths, force=0.6, **same) for name in FEELINGS]
        assert found[0] == pytest.approx(found[1])
        assert found[0] > 0


@pytest.mark.parametrize("name", FEELINGS)
@pytest.mark.parametrize(("memory", "hours"), [(10.0, 1), (10.0, 10), (100.0, 100)])
def test_force_is_remembered_as_a_mean(name: str, memory: float, hours: int) -> None:
    found = felt(name, [0.0] * hours, force=0.5, memory=memory, by_force=2.0)
    assert found == pytest.approx(2 * 0.5 * -np.expm1(-hours / memory))


def test_deaths_elsewhere_frighten_by_their_own_weight() -> None:
    environment, state = world()
    put(environment, state, new_deaths=[20.0, 0.0, 5.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    p = parameters("fear", by_deaths=0.3, by_distant_deaths=0.1)
    fear.update_fear(state, environment, p)
    near = np.array([20.0, 0, 5.0, 0, 0, 0, 0, 0])
    expected = 0.3 * np.log1p(near) + 0.1 * np.log1p(25 - near)
    assert of(environment, state, "fear") == pytest.approx(expected)


@pytest.mark.parametrize("name", FEELINGS)
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_orders_are_felt_while_they_are_in_force_and_of_either_sign(name: str, sign: float) -> None:
    environment, state = world()
    weights = {"by_foreign_troops": 0.2 * sign, "by_shoot_order": 0.5 * sign}
    p = parameters(name, **weights)
    for level in (1.0, 0.0):
        order(environment, state, Action.FOREIGN_TROOPS, level)
        order(environment, state, Action.SHOOT_ORDER, level)
        FEELINGS[name](state, environment, p)
        assert of(environment, state, name) == pytest.approx(0.7 * sign * level)


@pytest.mark.parametrize("name", FEELINGS)
def test_with_every_weight_null_nothing_is_felt(name: str) -> None:
    p = parameters(name)
    nothing = {weight: 0.0 for weight in p.dtype.names if weight.startswith("by_")}
    environment, state = world()
    for kind in Action:
        order(environment, state, kind)
    put(environment, state, new_deaths=50.0, force=1.0, reinforcement=500.0, forces=900.0)
    put(environment, state, cut_off=1.0)
    FEELINGS[name](state, environment, parameters(name, **nothing))
    assert not of(environment, state, name).any()


@pytest.mark.parametrize("weight", [0.4, -0.4])
def test_anger_at_a_shutdown_follows_the_cut_and_not_what_is_held_of_the_news(
    weight: float,
) -> None:
    environment, state = world()
    put(environment, state, cut_off=0.5, dark=0.0)
    anger.update_anger(state, environment, parameters("anger", by_shutdown=weight))
    assert of(environment, state, "anger") == pytest.approx(weight / 2)


# --------------------------------------------------------------------------------- demands


@given(
    drift=st.floats(0, 1),
    by_force=st.floats(-0.5, 1),
    street=st.lists(st.floats(0, 1), min_size=1, max_size=12),
    force=st.floats(0, 1),
    start=st.floats(0, 1),
)
@settings(max_examples=80, deadline=None)
def test_the_share_of_demands_is_a_share(
    drift: float, by_force: float, street: list[float], force: float, start: float
) -> None:
    environment, state = world()
    put(environment, state, regime_demand=start, force=force)
    for seen in street:
        put(environment, state, street=seen)
        demands.update_demands(
            state, environment, parameters("demands", drift=drift, by_force=by_force)
        )
        found = of(environment, state, "regime_demand")
        assert ((found >= 0) & (found <= 1)).all()


@pytest.mark.parametrize(
    ("regime", "deafness", "belief"),
    [(0.0, 0.0, 0.4 + 0.2), (1.0, 0.0, 0.3), (0.5, 0.0, 0.45), (0.5, 0.5, 0.225), (0.5, 1.0, 0.0)],
)
def test_a_concession_meets_the_demand_that_there_is_if_it_is_heard_of(
    regime: float, deafness: float, belief: float
) -> None:
    environment, state = world()
    put(environment, state, regime_demand=regime, deafness=deafness)
    for kind in (Action.PRICE_CONCESSION, Action.UTILITIES_FREEZE, Action.GOVERNMENT_RESIGNS):
        order(environment, state, kind)
    p = parameters("demands", price_trust=0.4, freeze_trust=0.2, resignation_trust=0.3)
    demands.update_demands(state, environment, p)
    assert of(environment, state, "belief") == pytest.approx(belief)


def test_weariness_comes_with_the_street_and_goes_without() -> None:
    environment, state = world()
    p = parameters("weariness", onset_time=60.0, recovery_time=240.0)
    put(environment, state, street=1.0)
    for _ in range(2000):
        weariness.update_weariness(state, environment, p)
    assert of(environment, state, "weariness") == pytest.approx(0.8)
    put(environment, state, street=0.0)
    weariness.update_weariness(state, environment, p)
    assert of(environment, state, "weariness") == pytest.approx(0.8 * (1 - 1 / 240))


# ----------------------------------------------------------------------- leaving and returning

STILL = {"base": 0.05, "night": 0.0, "cold": 0.0, "by_fear": 0.0, "by_weariness": 0.0}


def share_left(hour: int, p: Any, **fields: Any) -> Numbers:
    """Return the mean share that goes home in an hour of the night or of the day."""
    environment, state = world(clock_offset=0.0)
    gather(environment, state, "protesting", 500)
    order(environment, state, Action.EMERGENCY)
    people = {name: state.people[name].copy() for name in STANCES}
    crowd = everyone(environment, state, "protesting")
    put(environment, state, crowd=crowd, **fields)
    left = []
    for day in range(60):
        for name, held in people.items():
            state.people[name][:] = held
        leaving.leave(state, environment, p, KEY, 24 * day + hour)
        left.append(everyone(environment, state, "withdrawn") / crowd)
    mean: Numbers = np.mean(left, axis=0)
    return mean


@pytest.mark.parametrize(
    ("hour", "control", "fields", "p", "hazard"),
    [
        (NIGHT, 1.0, {}, {"by_curfew": 0.3}, 0.35),
        (NIGHT, 0.5, {}, {"by_curfew": 0.3}, 0.20),
        (NIGHT, 0.0, {}, {"by_curfew": 0.3}, 0.05),  # nobody is there to enforce it
        (NIGHT, 1.0, {}, {"by_curfew": -0.3}, 0.0),  # a curfew that is defied keeps people out
        (NIGHT, 1.0, {"fear": 2.0}, {"by_curfew": 0.0, "by_fear": 0.1}, 0.25),
        (NIGHT, 1.0, {"fear": -2.0}, {"by_curfew": 0.0, "by_fear": 0.1}, 0.05),
        (NIGHT, 1.0, {"dispersal": 0.2}, {"by_curfew": 0.0}, 0.25),
        (NIGHT, 1.0, {}, {"by_curfew": 0.0, "night": 0.15}, 0.20),
        (15, 1.0, {}, {"by_curfew": 0.3, "night": 0.15}, 0.05),
    ],
)
def test_who_goes_home(
    hour: int, control: float, fields: dict[str, float], p: dict[str, float], hazard: float
) -> None:
    found = share_left(hour, parameters("leaving", **{**STILL, **p}), control=control, **fields)
    assert found == pytest.approx(-np.expm1(-hazard), abs=0.01)


@pytest.mark.parametrize("offset", [-5.25, -0.5, 0.0, 0.25, 0.5, 0.75, 5.75])
def test_people_are_rested_once_a_night_on_every_clock(offset: float) -> None:
    environment, state = world(clock_offset=offset)
    gather(environment, state, "withdrawn", 100)
    people = {name: state.people[name].copy() for name in STANCES}
    hours = []
    for hour in range(72):
        for name, held in people.items():
            state.people[name][:] = held
        returning.recover(state, environment, parameters("returning", rested=0.6), KEY, hour)
        if (state.people["withdrawn"] != people["withdrawn"]).any():
            hours.append(hour)
    assert len(hours) == 3
    assert all(0 <= (hour + offset) % 24 < 1 for hour in hours)


def test_the_afraid_stay_at_home() -> None:
    for afraid, share in ((0.0, 0.6), (1.0, 0.6 * np.exp(-0.5)), (-1.0, 0.6)):
        environment, state = world(clock_offset=0.0)
        gather(environment, state, "withdrawn", 2000)
        gone = everyone(environment, state, "withdrawn").sum()
        put(environment, state, fear=afraid)
        p = parameters("returning", rested=0.6, by_fear=0.5)
        returning.recover(state, environment, p, KEY, 24)
        back = gone - everyone(environment, state, "withdrawn").sum()
        assert abs(back - share * gone) < SURELY * np.sqrt(gone * share * (1 - share))


# -------------------------------------------------------------------------------- reporting


@pytest.mark.parametrize(
    ("cut", "hours", "detained", "dead"),
    [
        (0.0, 1, 0.9 / 10, 0.5 / 50),
        (1.0, 1, 0.9 / 20, 0.5 / 100),
        (0.0, 10, 0.9 * (1 - 0.9**10), 0.5 * (1 - 0.98**10)),
        (0.0, 5000, 0.9, 0.5),
    ],
)
def test_figures_are_late_and_incomplete(
    cut: float, hours: int, detained: float, dead: float
) -> None:
    environment, state = world()
    for stance in ("detained", "dead"):
        gather(environment, state, stance, 100)
    put(environment, state, cut_off=cut)
    shares = {"coverage": 0.9, "deaths_coverage": 0.5, "slowed_by_shutdown": 1.0}
    p = parameters("reporting", detention_delay=10.0, death_delay=50.0, **shares)
    for _ in range(hours):
        reporting.publish_figures(state, environment, p)
    people = everyone(environment, state, "dead")
    assert of(environment, state, "detained_published") == pytest.approx(detained * people)
    assert of(environment, state, "deaths_published") == pytest.approx(dead * people)


def test_a_published_figure_is_never_taken_back() -> None:
    environment, state = world()
    put(environment, state, deaths_published=1e6)
    reporting.publish_figures(state, environment, parameters("reporting"))
    assert (of(environment, state, "deaths_published") == 1e6).all()
