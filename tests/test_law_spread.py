"""How protest spreads: the price, the issue, news, a shutdown. Each formula by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from one_mechanism import of, order, parameters, put, world
from qantar.model.hour import MECHANISMS, SWITCHES, VARIABLES
from qantar.model.mechanisms import (
    media,
    price_shock,
    shutdown,
    standing_grievance,
    ties,
)
from qantar.model.mediators import Mediator
from qantar.model.state import Action
from qantar.simulate.ensemble import run_member
from qantar.simulate.scenario import make_scenario

AT_ONCE = {"notice_time": 3.0, "fade_time": 1e9}
"""Each of the three stages takes an hour, and nothing fades."""


# ------------------------------------------------------------------------------ price shock


@pytest.mark.parametrize(
    ("rise", "dependence", "weight", "conceded", "relief", "spark"),
    [
        (2.0, 0.5, 2.0, 0.0, 0.4, 1.0),  # 2 ** (0.5 * 2) - 1
        (2.0, 1.0, 2.0, 0.0, 0.4, 3.0),
        (2.0, 1.0, 2.0, 1.0, 0.5, 1.0),  # half the loss is met
        (2.0, 1.0, 1.0, 1.0, -1.0, 3.0),  # a concession that reminds people doubles it
        (2.0, 0.0, 2.0, 0.0, 0.4, 0.0),
    ],
)
def test_the_spark_of_a_price(
    rise: float, dependence: float, weight: float, conceded: float, relief: float, spark: float
) -> None:
    environment, state = world(price_rise=np.log(rise), price_dependence=dependence)
    p = parameters("price_shock", weight=weight, concession_relief=relief, **AT_ONCE)
    order(environment, state, Action.PRICE_CAP_LIFTED)
    order(environment, state, Action.PRICE_CONCESSION, conceded)
    for hour in range(3):
        assert not of(environment, state, "spark").any(), hour
        price_shock.update_spark(state, environment, p)
    assert of(environment, state, "spark") == pytest.approx(spark, abs=1e-12)


def test_news_of_the_loss_fades_and_the_loss_stays() -> None:
    environment, state = world(price_rise=1.0, price_dependence=1.0)
    p = parameters("price_shock", weight=1.0, notice_time=3.0, fade_time=10.0)
    order(environment, state, Action.PRICE_CAP_LIFTED)
    for _ in range(3 + 20):
        price_shock.update_spark(state, environment, p)
    assert of(environment, state, "fresh_price") == pytest.approx(np.exp(-2.0))
    assert of(environment, state, "price_pressure") == pytest.approx(1.0)


def test_a_shock_that_is_switched_off_is_spread_evenly_and_no_smaller() -> None:
    environment, even = world()
    _, uneven = world()
    population = environment.of_places(environment.places["population"])
    p = parameters("price_shock")
    for state in (even, uneven):
        order(environment, state, Action.PRICE_CAP_LIFTED)
    for _ in range(100):
        price_shock.update_spark(uneven, environment, p)
        price_shock.spread_evenly(even, environment, p)
        felt = of(environment, even, "price_pressure")
        assert np.ptp(felt) == 0
        mean = np.average(of(environment, uneven, "price_pressure"), weights=population)
        assert felt[0] == pytest.approx(mean, rel=1e-12)
        assert np.ptp(of(environment, even, "spark")) == 0
    assert np.ptp(of(environment, uneven, "price_pressure")) > 0


def test_where_all_places_are_alike_it_makes_no_difference_whether_it_is_on() -> None:
    environment, on = world(price_rise=0.7, price_dependence=0.6)
    _, off = world()
    p = parameters("price_shock")
    for state in (on, off):
        order(environment, state, Action.PRICE_CAP_LIFTED)
    for _ in range(60):
        price_shock.update_spark(on, environment, p)
        price_shock.spread_evenly(off, environment, p)
    for name in ("spark", "price_pressure", "fresh_price"):
        assert of(environment, on, name) == pytest.approx(of(environment, off, name), rel=1e-12)


# ---------------------------------------------------------------------- standing grievance


@given(
    felt=st.floats(0, 3),
    salience=st.floats(0, 30),
    general=st.floats(0, 10),
    breadth=st.floats(0, 10),
    prices=st.floats(0, 1),
    standing=st.floats(-5, 5),
)
@settings(max_examples=50, deadline=None)
def test_readiness(
    felt: float,
    salience: float,
    general: float,
    breadth: float,
    prices: float,
    standing: float,
) -> None:
    environment, state = world()
    put(environment, state, price_pressure=felt, prices_felt=prices)
    environment.of_cohorts(state.people["standing"])[:] = standing
    p = parameters("standing_grievance", salience=salience, general=general, breadth=breadth)
    standing_grievance.update_readiness(state, environment, p, 0)
    groups = {name: environment.groups[name][: environment.group_count] for name in TRAITS}
    issue = general + groups["price_exposure"] * (salience * felt + breadth * prices)
    expected = groups["takes_part"] * np.exp(standing) * issue
    ready = environment.of_cohorts(state.people["readiness"])
    assert (ready >= 0).all()
    assert ready == pytest.approx(np.tile(expected, (environment.place_count, 1)))


TRAITS = ("takes_part", "price_exposure", "deprivation", "exclusion", "discontent")


@pytest.mark.parametrize(
    ("breadth", "lifted", "conceded", "relief", "felt"),
    [
        (1.0, 0.0, 0.0, 0.4, 0.0),
        (1.0, 1.0, 0.0, 0.4, 1.0),
        (1.0, 1.0, 1.0, 0.4, 0.6),
        (0.5, 1.0, 0.5, -0.4, 0.6),
        (0.0, 1.0, 0.0, 0.4, 0.0),
    ],
)
def test_a_rise_of_all_prices_is_felt_until_it_is_conceded(
    breadth: float, lifted: float, conceded: float, relief: float, felt: float
) -> None:
    environment, state = world(country={"price_breadth": breadth})
    order(environment, state, Action.PRICE_CAP_LIFTED, lifted)
    order(environment, state, Action.PRICE_CONCESSION, conceded)
    p = parameters("price_shock", concession_relief=relief)
    for update in (price_shock.update_spark, price_shock.spread_evenly):
        update(state, environment, p)
        assert of(environment, state, "prices_felt") == pytest.approx(felt)


def test_standing_grievance_adds_up_its_components() -> None:
    environment, state = world()
    weights = {"territorial": 0.3, "social": 0.2, "political": 0.5, "activism": 0.7}
    p = parameters("standing_grievance", **weights, experience=0.9, place_spread=0.4)
    scores = np.linspace(-1, 1, environment.place_count)
    standing_grievance.set_standing(state, environment, p, scores)
    land = {name: environment.of_places(environment.places[name]) for name in LAND}
    trait = {name: environment.groups[name][: environment.group_count] for name in TRAITS}
    expected = (
        (0.9 * land["experience"] + 0.4 * scores)[:, None]
        + 0.3 * np.outer(land["territorial"], trait["exclusion"])
        + 0.2 * np.outer(land["poverty"], trait["deprivation"])
        + np.outer(0.5 + 0.7 * land["activism"], trait["discontent"])
    )
    assert environment.of_cohorts(state.people["standing"]) == pytest.approx(expected)


LAND = ("experience", "territorial", "poverty", "activism")


# ------------------------------------------------------------------------- news and memory


def test_a_crowd_is_remembered_for_a_while() -> None:
    environment, state = world()
    p = parameters("ties", memory=18.0)
    put(environment, state, crowd=100.0)
    ties.remember(state, environment, p)
    put(environment, state, crowd=0.0)
    for hour, left in ((18, 100 / np.e), (36, 100 / np.e**2)):
        for _ in range(18):
            ties.remember(state, environment, p)
        assert of(environment, state, "remembered") == pytest.approx(left), hour
    put(environment, state, crowd=50.0)
    ties.remember(state, environment, p)
    assert of(environment, state, "remembered") == pytest.approx(50.0)


def test_ties_carry_persons_and_never_more_than_are_out() -> None:
    environment, state = world()
    p = parameters("ties", delay=3.0, by_phone=0.4)
    ties.set_tie_weights(state, environment, p)
    crowd = np.array([1000.0, 0, 0, 3000.0, 0, 0, 50.0, 0])
    put(environment, state, crowd=crowd)
    count = environment.place_count
    weights = np.array(state.ties["kinship"][:count, :count])  # of a place in what another hears
    assert (weights.sum(axis=0) <= 1 + 1e-12).all()
    put(environment, state, cut_off=[0.0] * 7 + [1.0])
    for _ in range(3):
        ties.spread_news(state, environment, p)
    cut = np.array([1.0] * 7 + [0.6])
    heard = of(environment, state, "ties_news")
    assert heard == pytest.approx(cut * (crowd @ weights))
    assert (heard <= crowd.max()).all()


def test_national_news_counts_persons_as_far_as_media_reach() -> None:
    environment, state = world(news_reach=0.5)
    put(environment, state, remembered=[1000.0, 0, 0, 3000.0, 0, 0, 0, 0])
    for _ in range(3):
        assert not of(environment, state, "media_news").any()
        media.spread_news(state, environment, parameters("media", delay=3.0))
    assert of(environment, state, "media_news") == pytest.approx(2000.0)


@pytest.mark.parametrize(
    ("dark", "kept", "news"),
    [
        (1.0, 0.0, 0.0),
        (1.0, 1.0, 1000.0),
        (1.0, 0.3, 300.0),
        (0.5, 0.0, 2000.0),
        (0.0, 0.3, 4000.0),
    ],
)
def test_a_cut_stops_live_news_and_leaves_the_last_known_in_mind(
    dark: float, kept: float, news: float
) -> None:
    """A thousand are known to be out when the line goes dead; then four thousand are."""
    environment, state = world(news_reach=1.0)
    p = parameters("media", delay=3.0, kept_in_mind=kept)
    for out, cut in ((1000.0, 0.0), (4000.0, dark)):
        put(environment, state, remembered=out / environment.place_count, dark=cut)
        for _ in range(10):
            media.spread_news(state, environment, p)
    assert of(environment, state, "media_news") == pytest.approx(news, abs=1e-6)


# --------------------------------------------------------------------------------- shutdown

SIGNED = {"curiosity": 0.3, "coordination": -0.2}


@pytest.mark.parametrize(
    ("cut", "reach", "level", "dark"),
    [(0.8, 1.0, 1.0, 0.8), (0.8, 0.5, 1.0, 0.4), (1.0, 1.0, 0.25, 0.25), (0.8, 1.0, 0.0, 0.0)],
)
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_every_channel_of_a_shutdown(
    cut: float, reach: float, level: float, dark: float, sign: float
) -> None:
    environment, state = world(shutdown_reach=reach)
    weights = {name: sign * weight for name, weight in SIGNED.items()}
    p = parameters("shutdown", cut=cut, muted_concession=0.5, **weights)
    order(environment, state, Action.SHUTDOWN, level)
    shutdown.cut_communications(state, environment, p)
    for name, value in {"dark": dark, "cut_off": dark, "deafness": 0.5 * dark}.items():
        assert of(environment, state, name) == pytest.approx(value), name
    for name, weight in weights.items():
        assert of(environment, state, name) == pytest.approx(weight * dark), name


def test_every_channel_of_a_shutdown_can_be_held_by_itself() -> None:
    terms = MECHANISMS["shutdown"].terms
    assert terms == {
        "dark": Mediator.NEWS,
        "curiosity": Mediator.CURIOSITY,
        "coordination": Mediator.COORDINATION,
        "deafness": Mediator.BELIEF,
    }
    # What is held with the news must not be what angers people.
    assert "cut_off" not in terms


# ------------------------------------------------------------------ those who come, by hour


def test_newcomers_are_counted_anew_every_hour_also_where_joining_is_off() -> None:
    held = {"coordinated_attack.towns": 0.999, "coordinated_attack.size": 200.0}
    held |= {"coordinated_attack.hour": 5.0, "coordinated_attack.lasting": 2.0}
    attacked = make_scenario("spring-unrest", pack="template", belief="middle", overrides=held)
    member = attacked.member(1, 0, attacked.draws(1, 1))
    only = np.zeros(1, SWITCHES)
    only["coordinated_attack"] = 1.0
    record = run_member(attacked.environment, member._replace(switches=only), 12)
    column = {variable.name: k for k, variable in enumerate(VARIABLES)}
    joined = record[:, :, column["joined"]]
    assert joined[5:7].any()
    assert not joined[:5].any()
    assert not joined[7:].any()
    assert np.array_equal(joined.sum(axis=0), record[-1, :, column["militants"]])
