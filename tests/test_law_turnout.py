"""Who comes out, and when: thresholds, the decision of the morning, rallies, days off, clocks."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from one_mechanism import KEY, SURELY, everyone, gather, of, order, parameters, put, world
from qantar.model.mechanisms import joining
from qantar.model.state import FIRST, Action, activity, local_day, local_hour
from qantar.packs.episode import load_episode
from qantar.packs.loading import load_country
from qantar.simulate.environment import make_environment

NOON = 12
PLAIN = {"critical_mass": 0.0, "rural": 1.0, "working_day": 1.0, "spark_rate": 0.0}
"""Turnout without the parts that a test does not look at."""


def turnout(p: Any, *, hour: int = NOON, days_off: Any = (0.0, 0.0, 0.0), **fields: Any) -> Any:
    """Return how many people each place would bring out, with some fields set."""
    environment, state = world(country={"days_off": np.array(days_off)})
    put(environment, state, threshold=1000.0, **fields)
    joining.set_turnout(state, environment, p, hour)
    return of(environment, state, "turnout")


# ------------------------------------------------------------------------------- thresholds


@pytest.mark.parametrize(
    ("signal", "steepness", "share"),
    [
        (0.0, 1.0, 0.0),
        (1000.0, 1.0, 1 / 2),
        (3000.0, 1.0, 3 / 4),
        (1000.0, 7.0, 1 / 2),
        (3000.0, 2.0, 9 / 10),
        (500.0, 2.0, 1 / 5),
    ],
)
def test_thresholds_are_mixed_within_a_place(signal: float, steepness: float, share: float) -> None:
    assert joining.gate(signal, 1000.0, steepness) == pytest.approx(share, abs=1e-12)


def test_thresholds_differ_between_places() -> None:
    environment, state = world()
    scores = np.linspace(-2, 2, environment.place_count)
    p = parameters("joining", gate_threshold=3000.0, threshold_spread=0.5)
    joining.set_thresholds(state, environment, p, scores)
    assert of(environment, state, "threshold") == pytest.approx(3000 * np.exp(scores / 2))


def test_without_news_and_without_a_spark_nobody_comes() -> None:
    for spark, expected in ((0.0, 0.0), (0.0, 1e-300)):
        found = turnout(parameters("joining", spark_rate=1.0), spark=spark, expected=expected)
        assert (found < 1e-9).all()
    assert (turnout(parameters("joining"), spark=1.0, expected=0.0) > 0).any()


# ------------------------------------------------------------------------------ expectations


def test_what_is_known_at_nine_decides_and_news_of_the_day_changes_little() -> None:
    environment, state = world(clock_offset=0.0)
    p = parameters("joining", late_news=0.1, media_weight=2.0, ties_weight=3.0, street_weight=0.0)
    put(environment, state, media_news=100.0, ties_news=50.0)
    joining.update_expectations(state, environment, p, 8)
    assert of(environment, state, "expected") == pytest.approx(0.1 * 350)
    joining.update_expectations(state, environment, p, 9)
    assert of(environment, state, "expected") == pytest.approx(350)
    put(environment, state, media_news=1100.0)
    joining.update_expectations(state, environment, p, 20)
    assert of(environment, state, "expected") == pytest.approx(0.9 * 350 + 0.1 * 2350)
    joining.update_expectations(state, environment, p, 24 + 9)
    assert of(environment, state, "expected") == pytest.approx(2350)


@pytest.mark.parametrize("offset", [-1.0, 0.25, 0.5, 0.75, 5.75])
def test_every_clock_has_one_decision_a_day(offset: float) -> None:
    environment, state = world(clock_offset=offset)
    p = parameters("joining", late_news=0.0)
    decisions = []
    for hour in range(48):
        put(environment, state, media_news=float(hour + 1), known_at_dawn=0.0)
        joining.update_expectations(state, environment, p, hour)
        if of(environment, state, "known_at_dawn").all():
            decisions.append(hour)
    assert len(decisions) == 2
    assert decisions[1] == decisions[0] + 24
    assert 9 <= (decisions[0] + offset) % 24 < 10


def test_one_s_own_street_counts_by_the_million() -> None:
    environment, state = world(population=500_000.0, clock_offset=0.0)
    p = parameters("joining", street_weight=3.0, late_news=0.5)
    put(environment, state, remembered=40.0)
    joining.update_expectations(state, environment, p, 9)
    assert of(environment, state, "expected") == pytest.approx(3 * 80)


@pytest.mark.parametrize(
    ("level", "held", "reach", "dark", "expected"),
    [
        (1.0, 0.0, 1.0, 0.0, 6000.0),
        (1.0, 0.0, 0.5, 0.0, 3000.0),
        (1.0, 0.0, 1.0, 0.8, 1200.0),
        (0.5, 0.0, 1.0, 0.0, 3000.0),
        (1.0, 0.75, 1.0, 0.0, 1500.0),
        (1.0, 1.0, 1.0, 0.0, 0.0),
        (0.0, 0.5, 1.0, 0.0, 0.0),
    ],
)
def test_a_rally_counts_as_far_as_its_organisers_are_free_and_heard(
    level: float, held: float, reach: float, dark: float, expected: float
) -> None:
    environment, state = world(news_reach=reach)
    put(environment, state, dark=dark)
    order(environment, state, Action.ANNOUNCED_RALLY, level)
    order(environment, state, Action.PRE_EMPTIVE_ARRESTS, held)
    joining.update_expectations(state, environment, parameters("joining", rally=6000.0), NOON)
    assert of(environment, state, "expected") == pytest.approx(expected, abs=1e-9)


# ---------------------------------------------------------------------------------- turnout


def test_turnout_by_an_independent_formula() -> None:
    environment, state = world(rural=[0, 0, 1, 0, 0, 1, 0, 1])
    p = parameters("joining", gate_steepness=1.0, mood_ceiling=4.0, weariness=2.0)
    environment.of_cohorts(state.people["readiness"])[:] = 0.7
    rng = np.random.default_rng(1)
    names = ("anger", "curiosity", "coordination", "fear", "belief", "weariness", "spark")
    drawn = {name: rng.uniform(0, 1, environment.place_count) for name in names}
    put(environment, state, threshold=2000.0, expected=1500.0, **drawn)
    joining.set_turnout(state, environment, p, NOON)
    plain = p["willing"] * 0.7
    willing = environment.cohort.sum(axis=1) * p["most_willing"] * plain
    willing = willing / (p["most_willing"] + plain)
    share = 1 - (2000 / 3500) * np.exp(-p["spark_rate"] * drawn["spark"])
    feeling = drawn["anger"] + drawn["curiosity"] + drawn["coordination"]
    feeling = feeling - drawn["fear"] - drawn["belief"] - 2 * drawn["weariness"]
    mood = 4 * np.exp(feeling) / (3 + np.exp(feeling))
    land = np.where(environment.of_places(environment.places["rural"]) == 1, p["rural"], 1.0)
    wanted = willing * share * mood * p["working_day"] * land
    expected = wanted**3 / (wanted**2 + p["critical_mass"] ** 2)
    assert of(environment, state, "turnout") == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("name", "sign"),
    [
        ("anger", 1),
        ("curiosity", 1),
        ("coordination", 1),
        ("expected", 1),
        ("spark", 1),
        ("fear", -1),
        ("belief", -1),
        ("weariness", -1),
    ],
)
def test_turnout_is_monotone(name: str, sign: int) -> None:
    levels = np.linspace(0.0, 1.0, 6) * (5000.0 if name == "expected" else 1.0)
    found = [turnout(parameters("joining"), **{"expected": 500.0, name: v}) for v in levels]
    for before, after in pairwise(found):
        assert (sign * (after - before) > 0).all()


@given(reach=st.tuples(st.floats(0, 1), st.floats(0, 1)), out=st.floats(1, 1e6))
@settings(max_examples=30, deadline=None)
def test_more_reach_never_brings_fewer_out(reach: tuple[float, float], out: float) -> None:
    """News that reaches more people, of a rally that was announced."""
    found = []
    for level in sorted(reach):
        environment, state = world(news_reach=level)
        put(environment, state, threshold=1000.0)
        order(environment, state, Action.ANNOUNCED_RALLY)
        joining.update_expectations(state, environment, parameters("joining", rally=out), NOON)
        joining.set_turnout(state, environment, parameters("joining"), NOON)
        found.append(of(environment, state, "turnout"))
    assert (found[1] >= found[0]).all()


@given(feeling=st.floats(-30, 30))
@settings(max_examples=50, deadline=None)
def test_the_mood_has_a_ceiling(feeling: float) -> None:
    factor = joining.mood_factor(feeling, 4.0)
    assert 0 <= factor <= 4
    assert joining.mood_factor(0.0, 4.0) == pytest.approx(1.0)


def test_a_small_gathering_dissolves() -> None:
    wanted = turnout(parameters("joining", **PLAIN), expected=100.0)
    found = turnout(parameters("joining", **{**PLAIN, "critical_mass": 40.0}), expected=100.0)
    assert found == pytest.approx(wanted**3 / (wanted**2 + 1600))
    assert found[wanted > 4000] == pytest.approx(wanted[wanted > 4000], rel=1e-3)


def test_fewer_come_on_working_days() -> None:
    p = parameters("joining", **{**PLAIN, "working_day": 0.8})
    working = turnout(p, expected=500.0)
    for day in range(3):
        off = np.zeros(5)
        off[day + 1] = 1.0
        free = turnout(p, hour=24 * day + NOON, days_off=off, expected=500.0)
        assert working == pytest.approx(0.8 * free)
        next_day = turnout(p, hour=24 * (day + 1) + NOON, days_off=off, expected=500.0)
        assert next_day == pytest.approx(working)


def test_days_after_the_calendar_are_like_its_last() -> None:
    """A run may be longer than the calendar: nothing is read beyond its end."""
    p = parameters("joining", **{**PLAIN, "working_day": 0.5})
    days = (0.0, 0.0, 1.0)
    last = turnout(p, hour=24 + NOON, days_off=days, expected=500.0)
    assert turnout(p, hour=24 * 400, days_off=days, expected=500.0) == pytest.approx(last)


# ------------------------------------------------------------------------------ the crowd


def test_the_crowd_approaches_the_turnout_and_does_not_overshoot_in_expectation() -> None:
    environment, state = world(sunset=17.5, clock_offset=0.0)
    p = parameters("joining", pace=0.34, assembly_delay=0.0, assembly_spread=4.0, **PLAIN)
    put(environment, state, threshold=1000.0, known_at_dawn=500.0)
    gather(environment, state, "protesting", 3)
    crowd = everyone(environment, state, "protesting")
    quiet = state.people["quiet"].copy()
    came = []
    for day in range(300):
        state.people["quiet"][:] = quiet
        put(environment, state, crowd=crowd, joined=0, remembered=0.0)
        joining.join(state, environment, p, KEY, 24 * day + 17)
        came.append(of(environment, state, "joined"))
    due = of(environment, state, "turnout") - crowd
    assert (due > 50).all()
    mean = np.mean(came, axis=0)
    error = SURELY * np.std(came, axis=0) / np.sqrt(len(came))
    assert (mean <= 0.34 * due + error).all()
    assert (mean >= 0.33 * due - error).all()
    put(environment, state, crowd=due + crowd + 1.0, joined=0)
    joining.join(state, environment, p, KEY, 17)
    assert not of(environment, state, "joined").any(), "more are out than the place brings out"


@pytest.mark.parametrize(("sunset", "delay"), [(17.5, 0.0), (20.5, 0.0), (17.5, 3.0)])
def test_people_assemble_around_sunset(sunset: float, delay: float) -> None:
    environment, state = world(sunset=sunset, clock_offset=0.0)
    p = parameters("joining", assembly_delay=delay, assembly_spread=2.0, **PLAIN)
    put(environment, state, threshold=1000.0, known_at_dawn=5000.0)
    quiet = state.people["quiet"].copy()
    came = np.zeros(24)
    for hour in range(24):
        state.people["quiet"][:] = quiet
        put(environment, state, joined=0, known_at_dawn=5000.0)
        joining.join(state, environment, p, KEY, hour)
        came[hour] = of(environment, state, "joined").sum()
    middle = (came * (np.arange(24) + 0.5)).sum() / came.sum()
    assert middle == pytest.approx(sunset + delay, abs=0.3)


# ------------------------------------------------------------------------- clocks and seasons


@pytest.mark.parametrize(
    ("hour", "offset", "local", "day"),
    [
        (0, 0.0, 0.0, 0),
        (23, 0.75, 23.75, 0),
        (24, -0.25, 23.75, 0),
        (0, -0.25, 23.75, -1),
        (18, 5.75, 23.75, 0),
        (19, 5.75, 0.75, 1),
        (0, -12.0, 12.0, -1),
    ],
)
def test_local_time_on_clocks_with_fractions_of_an_hour(
    hour: int, offset: float, local: float, day: int
) -> None:
    assert local_hour(hour, offset) == local
    assert local_day(hour, offset) == day


@pytest.mark.parametrize("quarter", range(4 * 24))
def test_activity_follows_the_middle_of_the_hour(quarter: int) -> None:
    local = quarter / 4
    out = local >= FIRST and local + 0.5 < 24
    expected = np.sin(np.pi * (local + 0.5 - FIRST) / (24 - FIRST)) if out else 0.0
    assert activity(local, 0.0) == pytest.approx(expected, abs=1e-12)
    assert activity(local, 0.2) == pytest.approx(0.2 + 0.8 * expected)


def sunset_of(day: dt.date, latitude: float, longitude: float, clock: float) -> float:
    """Return the hour of sunset by the cosine of the season, without the equation of time."""
    season = 2 * np.pi * (day.timetuple().tm_yday + 10) / 365
    declination = np.radians(-23.44 * np.cos(season))
    half = np.arccos(-np.tan(np.radians(latitude)) * np.tan(declination)) * 12 / np.pi
    return float(12 - longitude / 15 + clock + half)


@pytest.mark.parametrize("name", ["january-2022", "land-2016", "zhanaozen-2011"])
def test_sunset_follows_season_and_latitude(name: str) -> None:
    country = load_country("kazakhstan")
    episode = load_episode(country, name)
    found = make_environment(country, episode).places["sunset"]
    for i, place in enumerate(country.places):
        clock = country.region_of[place.place].utc_offset
        rough = sunset_of(episode.first_day, place.latitude, place.longitude, clock)
        # The equation of time is at most a quarter of an hour, which is what was left out.
        assert found[i] == pytest.approx(rough, abs=0.35), place.place


def test_sunset_of_almaty_and_of_the_far_north_in_january() -> None:
    """Almaty, 1 January 2022: the sun set at about 17:24, by the almanac."""
    country = load_country("kazakhstan")
    found = make_environment(country, load_episode(country, "january-2022")).places["sunset"]
    names = [place.place for place in country.places]
    assert found[names.index("Almaty")] == pytest.approx(17.4, abs=0.15)
    assert found[names.index("Petropavl")] < found[names.index("Nur-Sultan")]
