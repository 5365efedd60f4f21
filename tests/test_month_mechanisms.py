"""Every mechanism of the month against a table that was worked out by hand.

Those of triggers, waves and counts are in test_month_waves.py.
"""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest

from one_month import KEY, here, make_past, make_state, numbers, series
from qantar.base.arrays import Numbers
from qantar.model.month import SCHEDULE
from qantar.model.months import (
    answers,
    assemblies,
    budget,
    calendar,
    channels,
    cohorts,
    constitution,
    courts,
    demographic_stress,
    drivers,
    experience,
    fear,
    grievance,
    hidden_discontent,
    institutions,
    monitors,
    offices,
    outlets,
    parties,
    prices,
    self_excitation,
    trust,
    waves,
)
from qantar.model.months.declaration import SERIES, Past, State
from qantar.rng import key_of, stable_id

LN2 = 0.693147180559945
HALF = 1.0 / LN2
"""Months after which exp(-t / HALF) is one half."""

near = pytest.approx


# ---- drivers


def test_known_series_are_used_as_they_are() -> None:
    state = make_state()
    past = make_past(series=series(oil_price=60, inflation=9, gini=31))
    drivers.move_drivers(state, past, KEY, 0)
    assert [state.country[name] for name in ("oil_price", "inflation", "gini", "growth")] == [
        60,
        9,
        31,
        0,
    ]
    assert state.country["inflation_before"] == 9
    past.series[12:, SERIES.index("inflation")] = 20
    drivers.move_drivers(state, past, KEY, 12)
    assert (state.country["inflation"], state.country["inflation_before"]) == (20, 9)


def drawn_growth(past: Past, members: int, *months: int) -> Numbers:
    """Return the growth of several members in some months."""
    values = np.empty((members, len(months)))
    for member in range(members):
        state = make_state()
        for k, month in enumerate(months):
            drivers.move_drivers(state, past, key_of(1, member), month)
            values[member, k] = state.country["growth"]
    return values


def test_a_missing_value_is_drawn_once_a_year_from_the_stated_prior() -> None:
    k = SERIES.index("growth")
    past = make_past(series=series(growth=math.nan))
    past.series_mean[k], past.series_sd[k], past.series_persistence[k] = 4, 3, 0.8
    values = drawn_growth(past, 1500, 0, 5, 12)
    np.testing.assert_array_equal(values, drawn_growth(past, 1500, 0, 5, 12))
    np.testing.assert_array_equal(values[:, 0], values[:, 1])
    error = 4.5 / math.sqrt(1500)
    assert values.mean(axis=0) == near([4, 4, 4], abs=3 * error)
    assert values.std(axis=0) == near([3, 3, 3], rel=error)
    assert np.corrcoef(values[:, 0], values[:, 2])[0, 1] == near(0.8, abs=0.05)


def test_a_drawn_value_stays_within_its_bounds_and_goes_on_from_the_last_known() -> None:
    k = SERIES.index("growth")
    past = make_past(series=series(growth=math.nan))
    past.series_sd[k], past.series_low[k], past.series_high[k] = 3, -0.5, 0.25
    values = drawn_growth(past, 100, 0, 12)
    assert values.min() == -0.5
    assert values.max() == 0.25
    past.series_sd[k], past.series_high[k] = 0, 100
    past.series[:12, k] = 8
    assert drawn_growth(past, 1, 11, 12)[0] == near([8, 4])


# ---- prices


@pytest.mark.parametrize(("inflation", "breadth"), [(3, 0), (4, 0), (6, 0.5), (8, 1), (50, 1)])
def test_a_general_rise_of_prices_is_felt(inflation: float, breadth: float) -> None:
    state = make_state(inflation_before=inflation)
    prices.move_prices(state, numbers("prices", threshold=4, span=4, adjustment=36))
    assert state.country["breadth"] == breadth


def test_a_held_price_falls_behind_and_catches_up() -> None:
    state = make_state(inflation=100 * (math.e**1.2 - 1))
    p = numbers("prices", threshold=4, span=4, adjustment=HALF)
    for gap in (0.05, 0.075, 0.0875):
        prices.move_prices(state, p)
        assert state.country["price_gap"] == near(gap)
    state.country["inflation"] = -5
    prices.move_prices(state, p)
    assert state.country["price_gap"] == near(0.04375)


# ---- cohorts


def test_composition_moves_with_the_country_and_nobody_is_lost() -> None:
    past = make_past(
        kazakh_share=np.array([0.4, 0.6, 0.8]), poverty_ratio=np.array([1.5, 0.5, 20.0])
    )
    past.poverty[0, 1] = 7
    state = make_state(kazakh_share=0.7, population=2e7, poverty=10)
    cohorts.move_cohorts(state, past, numbers("cohorts", adult_years=35), 0)
    assert here(state, "residents") == near([1e7, 6e6, 4e6])
    # Odds 2/3, 3/2 and 4, each times 2.12054, which makes the mean 0.7.
    assert here(state, "kazakhs") == near([0.58570, 0.76081, 0.89454], abs=1e-5)
    assert np.dot(here(state, "kazakhs"), past.population_share) == near(0.7)
    assert here(state, "poverty") == near([15, 7, 100])


@pytest.mark.parametrize("national", [0.0, 0.01, 0.3, 0.99, 1.0])
def test_composition_is_a_share(national: float) -> None:
    state = make_state(kazakh_share=national)
    past = make_past(kazakh_share=np.array([0.01, 0.6, 0.99]))
    cohorts.move_cohorts(state, past, numbers("cohorts", adult_years=35), 0)
    assert 0 < min(here(state, "kazakhs")) <= max(here(state, "kazakhs")) < 1


def test_generations_turn_over() -> None:
    state, past = make_state(), make_past()
    shares = []
    for month in range(24):
        cohorts.move_cohorts(state, past, numbers("cohorts", adult_years=2), month)
        shares.append(float(state.country["soviet_generation"]))
    assert shares[0] == 1
    assert shares[23] == near(math.exp(-23 / 24))


# ---- budget


def budget_of(**values: float) -> State:
    """Return the state after a budget: revenue of 0.06, 0.10 and 0.20 per head is kept."""
    past = make_past(income=np.array([0.6, 1.0, 2.0]), connection=np.array([1.0, 0.0, 0.0]))
    state = make_state(poverty=10)
    state.regions["poverty"][:3] = (20, 10, 4)
    p = {"tax_rate": 0.2, "kept_share": 0.5, "withdrawal": 0.5, "earmarked": 0.2} | values
    budget.share_budget(state, past, numbers("budget", **p), 0)
    return state


def test_a_budget_by_hand() -> None:
    state = budget_of(need=0.1, poverty_weight=0.5)
    # Need 0.15, 0.10, 0.07. The pool is 0.1 of taxes and 0.2 * 0.065 from the rich region.
    assert here(state, "own_revenue") == near([0.06, 0.10, 0.20])
    assert here(state, "general_transfer") == near([0.09, 0, 0])
    assert here(state, "withdrawal") == near([0, 0, 0.065])
    assert here(state, "earmarked_transfer") == near([0.0226] * 3)
    assert here(state, "net_contribution") == near([-0.0526, 0.0774, 0.2424])
    assert state.country["central_revenue"] == near(0.113)
    assert state.country["transfers"] == near(0.0676)


def test_a_budget_that_cannot_fill_every_gap_shares_all_there_is() -> None:
    state = budget_of(need=0.5)
    assert here(state, "general_transfer") == near([0.088, 0.08, 0.06])
    assert state.country["transfers"] == near(0.1)
    assert np.dot(here(state, "net_contribution"), (0.5, 0.3, 0.2)) == near(0)


def test_connections_draw_earmarked_transfers() -> None:
    state = budget_of(need=0.5, connection=LN2)
    assert here(state, "earmarked_transfer") == near([0.04 / 1.5, 0.02 / 1.5, 0.02 / 1.5])


@pytest.mark.parametrize("need", [0.0, 0.05, 0.1, 0.3])
@pytest.mark.parametrize("poverty_weight", [-0.3, 0.0, 1.0])
@pytest.mark.parametrize("connection", [-1.0, 0.0, 2.0])
def test_what_regions_get_is_what_the_centre_pays(
    need: float, poverty_weight: float, connection: float
) -> None:
    state = budget_of(need=need, poverty_weight=poverty_weight, connection=connection)
    share = np.array([0.5, 0.3, 0.2])
    got = np.array(here(state, "general_transfer")) + here(state, "earmarked_transfer")
    assert share @ got == near(state.country["transfers"])
    left = state.country["central_revenue"] - state.country["transfers"]
    assert share @ here(state, "net_contribution") == near(left)
    assert left >= -1e-12
    assert min(got) >= 0


def test_the_budget_is_made_once_a_year() -> None:
    state = make_state()
    budget.share_budget(state, make_past(), numbers("budget", tax_rate=0.2), 5)
    assert here(state, "net_contribution") == [0, 0, 0]


# ---- trust


def test_broken_promises_cost_trust() -> None:
    state = make_state(promises=1.0)
    p = numbers(
        "trust",
        recovery=10,
        normal=0.5,
        promise_time=HALF,
        kept=0.25,
        broken=0.2,
        concession=0.1,
    )
    trust.move_trust(state, p)
    # One half falls due: 0.5 * (0.25 * 0.1 - 0.75 * 0.2).
    assert state.country["promises"] == near(0.5)
    assert state.country["trust"] == near(0.4375)


def test_trust_returns_to_its_usual_level() -> None:
    state = make_state(trust=0.9)
    trust.move_trust(state, numbers("trust", recovery=HALF, normal=0.5, promise_time=12))
    assert state.country["trust"] == near(0.7)


@pytest.mark.parametrize(
    ("answer", "left", "promises"),
    [
        ((1, 0, 0), 0.6, 0),
        ((0, 1, 0), 0.5, 1),
        ((0, 0, 1), 0.3, 0),
        ((1, 1, 1), 0.4, 1),
        ((0, 0, 0), 0.5, 0),
    ],
)
def test_answers_move_trust(answer: tuple[int, int, int], left: float, promises: float) -> None:
    state = make_state()
    p = numbers("trust", concession=0.1, repression=0.2)
    trust.trust_after_answer(state, p, *map(float, answer))
    assert state.country["trust"] == near(left)
    assert state.country["promises"] == promises


def test_trust_is_a_share() -> None:
    state = make_state()
    trust.trust_after_answer(state, numbers("trust", repression=0.9), 0.0, 0.0, 1.0)
    assert state.country["trust"] == 0


# ---- grievance


def test_a_month_of_grievance_by_hand() -> None:
    past = make_past(exclusion=np.array([0.8, 0.0, 0.0]))
    state = make_state(
        breadth=0.5, growth=-6, unemployment=10, poverty=10, civil_society=0.4, trust=0.7
    )
    state.regions["poverty"][:3] = (20, 10, 5)
    state.regions["net_contribution"][:3] = (0.05, 7, -7)
    state.regions["economic"][0] = 1
    p = numbers(
        "grievance",
        memory=HALF,
        inflation=0.4,
        poverty=0.5,
        growth=0.5,
        unemployment=0.5,
        closed=1,
        distrust=1,
        territorial=0.6,
        exclusion=0.5,
    )
    grievance.move_grievance(state, past, p)
    # Memory keeps one half. Shared: 0.4 * 0.5 + 0.5 * 1. Poor: 0.5 * (1, 0, -0.5).
    assert here(state, "economic") == near([0.5 + 0.6, 0.35, 0.225])
    assert here(state, "social") == near([0.5, 0.25, 0.125])
    assert here(state, "political") == near([0.45] * 3)
    assert here(state, "territorial") == near([0.15 + 0.2, 0.3, 0])


# ---- fear


def test_remembered_repression_halves_exactly_in_its_half_life() -> None:
    state, past = make_state(), make_past()
    state.regions["remembered"][:3] = (4, 1, -2)
    for _ in range(18):
        fear.fade_fear(state, past, numbers("fear", half_life=18))
    assert here(state, "remembered") == near([2, 0.5, -1])
    # 2 tanh(x / 2)
    assert here(state, "fear") == near([1.523188, 0.489837, -0.924234], abs=1e-6)
    assert state.country["mean_fear"] == near(0.761594 + 0.146951 - 0.184847, abs=1e-6)


def test_repression_is_felt_where_it_happened_and_partly_elsewhere() -> None:
    state = make_state()
    p = numbers("fear", by_repression=0.4, by_deaths=0.1, elsewhere=0.4)
    fear.remember_repression(state, make_past(), p, math.e - 1, np.array([1.0, 0.0, 0.0]))
    # Force 0.4 + 0.1; half of the people live there: 0.5 * 0.4 * 0.5 elsewhere.
    assert here(state, "remembered") == near([0.5, 0.1, 0.1])


@pytest.mark.parametrize(("generation", "felt"), [(1.0, 0.199336), (0.5, 0.0), (0.0, -0.199336)])
def test_those_raised_in_the_union_may_be_more_afraid(generation: float, felt: float) -> None:
    state = make_state(soviet_generation=generation)
    fear.fade_fear(state, make_past(), numbers("fear", half_life=1, soviet=0.4))
    assert here(state, "fear") == near([felt] * 3, abs=1e-6)


# ---- experience


def test_experience_halves_exactly_in_its_half_life() -> None:
    state, past = make_state(norm=0.8), make_past()
    state.regions["experience"][:3] = (1.2, 0.4, -0.6)
    for _ in range(48):
        experience.fade_experience(state, past, numbers("experience", half_life=48))
    assert state.country["norm"] == near(0.4)
    assert here(state, "experience") == near([0.6, 0.2, -0.3])


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_each_wave_adds_less_of_either_sign(sign: float) -> None:
    state, past = make_state(), make_past()
    p = numbers("experience", wave_step=0.6 * sign, region_step=1.0 * sign)
    out = np.array([1.0, 0.0, 1.0])
    experience.learn_from_wave(state, past, p, 2.0, out)
    assert state.country["norm"] == 0
    experience.learn_from_wave(state, past, p, 3.0, out)
    experience.learn_from_wave(state, past, p, 17.0, out)
    assert state.country["norm"] == near(sign * (0.6 + 0.6 * 0.7))
    assert here(state, "experience") == near([sign * (1 + 0.5 + 0.25), 0, sign * 1.75])


@pytest.mark.parametrize("step", [-2.0, -0.5, 0.5, 3.0])
def test_experience_is_bounded(step: float) -> None:
    state, past = make_state(), make_past()
    p = numbers("experience", wave_step=step, region_step=step)
    for _ in range(50):
        experience.learn_from_wave(state, past, p, 3.0, np.ones(3))
    assert abs(state.country["norm"]) <= 2
    assert max(map(abs, here(state, "experience"))) <= 2


# ---- channels


def test_reach_and_closed_channels_by_hand() -> None:
    state = make_state(internet_users=50, civil_society=0.4)
    past = make_past(reach_ratio=np.array([1.2, 3.0, 0.0]))
    set_to = numbers("channels", uncensored=0.9, uncensored_growth=0, closed=0.5, reach=2)
    channels.move_channels(state, past, set_to, 0)
    assert here(state, "reach") == near([0.54, 0.9, 0])
    assert state.country["mean_reach"] == near(0.27 + 0.27)
    assert state.country["street"] == near(0.5 * 0.6 + 2 * 0.54)


@pytest.mark.parametrize(("month", "share"), [(11, 0.9), (23, 1.0), (5, 0.8), (0, 0.716667)])
def test_the_share_of_uncensored_news_grows_up_to_all(month: int, share: float) -> None:
    """The last dated month is the twelfth; 0.2 are lost for each year before it."""
    state = make_state(internet_users=100)
    p = numbers("channels", uncensored=0.9, uncensored_growth=0.2)
    channels.move_channels(state, make_past(), p, month)
    assert here(state, "reach") == near([share] * 3, abs=1e-6)


# ---- hidden discontent


@pytest.mark.parametrize(
    ("seen", "month", "fear_there", "share"),
    [(0, 0, 0, 1 / 2), (100, 0, 0, 2 / 3), (0, 120, 0, 0.731059), (0, 0, 1, 0.268941)],
)
def test_the_share_of_discontent_that_is_expressed(
    seen: float, month: int, fear_there: float, share: float
) -> None:
    state = make_state(held_a_year=seen, mean_fear=fear_there)
    hidden_discontent.express(state, numbers("hidden_discontent", growth=0.1, seen=1), month)
    assert math.exp(state.country["expressed"]) == near(share, abs=1e-6)


# ---- stress


def test_stress_multiplies_what_presses() -> None:
    calm = make_state(poverty=5, unemployment=5, gini=30, trust=0.5)
    demographic_stress.measure_stress(calm, numbers("demographic_stress", weight=0.5))
    assert calm.country["stress"] == near(0)
    tense = make_state(poverty=10, unemployment=10, gini=60, trust=0)
    demographic_stress.measure_stress(tense, numbers("demographic_stress", weight=0.5))
    assert tense.country["stress"] == near(0.5 * 4 * LN2)


# ---- assemblies


def rates(state: State) -> list[float]:
    return [float(state.country[f"rate_{kind}"]) for kind in ("economic", "social", "political")]


def test_rates_by_hand() -> None:
    past = make_past(activism=np.array([1.0, 0.5, 0.5]))
    past.opening[3], past.election[3] = 1, 1
    state = make_state(norm=LN2, followers_social=7.0)
    state.regions["experience"][1] = math.log(3)
    state.regions["fear"][2] = LN2
    state.regions["economic"][0] = 1
    state.regions["political"][0] = 2
    p = numbers(
        "assemblies",
        social=LN2,
        political=-LN2,
        activism=2 * LN2,
        grievance=LN2,
        opening=math.log(5),
        election=math.log(2),
        dispersion=3,
    )
    assemblies.hold_assemblies(state, past, p, KEY, 3)
    # Sizes 1.5, 0.9 and 0.6, all doubled by the norm, then doubled, tripled and halved.
    west, middle, east = 1.5 * 2 * 2, 0.9 * 2 * 3, 0.6 * 2 / 2
    assert rates(state) == near(
        [
            2 * west + middle + east,
            2 * (west + middle + east) + 7,
            (4 * west + middle + east) / 2 * 10,
        ]
    )
    assert here(state, "rate") == near([west * 24, middle * 8, east * 8])


def test_free_unions_and_elected_akims_move_assemblies_by_hand() -> None:
    p = numbers("assemblies", dispersion=3)
    state = make_state(labour_shift=LN2, local_shift=(0.0, 0.0, 2 * LN2))
    assemblies.hold_assemblies(state, make_past(), p, KEY, 3)
    # Sizes 1.5, 0.9 and 0.6, the last times four; economic assemblies doubled.
    assert rates(state) == near([2 * 4.8, 4.8, 4.8])
    assert here(state, "rate") == near([4 * 1.5, 4 * 0.9, 4 * 2.4])


def held(dispersion: float, members: int, **fields: float) -> Numbers:
    """Return the economic assemblies of a first month, expected 3 + followers, by member."""
    p, past = numbers("assemblies", dispersion=dispersion), make_past()
    found = np.empty(members)
    for member in range(members):
        state = make_state(**fields)
        assemblies.hold_assemblies(state, past, p, key_of(1, member), 0)
        found[member] = state.country["held_economic"]
    return found


def test_counts_have_the_expected_mean_and_the_variance_of_their_size() -> None:
    found = held(2.0, 4000)
    # Mean 3, variance 3 + 3**2 / 2.
    assert found.mean() == near(3, abs=4.5 * math.sqrt(7.5 / 4000))
    assert found.var() == near(7.5, rel=0.2)


def test_a_year_of_luck_does_not_multiply_followers() -> None:
    with_followers = held(0.5, 4000, followers_economic=100.0)
    assert with_followers.mean() == near(103, abs=1)
    # Poisson around the followers, and 3 with a size of one half: 103 + 9 / 0.5.
    assert with_followers.var() < 200


def test_assemblies_of_a_year_are_a_moving_average() -> None:
    state = make_state(held_a_year=24.0)
    assemblies.hold_assemblies(state, make_past(), numbers("assemblies", level=-50), KEY, 0)
    assert state.country["held_a_year"] == near(22)


# ---- self-excitation


@pytest.mark.parametrize("delay", [0.5, 2.0, 9.0])
def test_an_assembly_has_so_many_followers_in_all(delay: float) -> None:
    state = make_state(held_economic=10.0, held_political=100.0)
    p = numbers("self_excitation", followers=0.4, delay=delay)
    total = np.zeros(3)
    for _ in range(300):
        self_excitation.remember_assemblies(state, p)
        kinds = ("economic", "social", "political")
        total += [float(state.country[f"followers_{kind}"]) for kind in kinds]
        state.country["held_economic"] = state.country["held_political"] = 0
    assert total == near([4, 0, 40])


# ---- all of them


def test_random_streams_of_the_month_are_distinct() -> None:
    modules = (
        *(answers, assemblies, calendar, drivers, monitors, waves),
        *(budget, channels, cohorts, experience, fear, grievance, prices, trust),
        *(demographic_stress, hidden_discontent, self_excitation),
        *(constitution, offices, parties, courts, outlets, institutions),
    )
    assert len(modules) == len(SCHEDULE)
    folder = Path(answers.__file__).parent
    names = [
        match
        for path in sorted(folder.glob("*.py"))
        for match in re.findall(r"\bstream\(\s*\"([^\"]+)\"", path.read_text(encoding="utf-8"))
    ]
    streams = [stable_id(name) & 0xFFFF for name in (*names, "years.parameters", "years.posterior")]
    assert len(names) > 20
    assert len(set(names)) == len(names)
    assert len(set(streams)) == len(streams)
