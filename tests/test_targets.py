"""The targets of the shipped pack: what their intervals include, and which are weak."""

from __future__ import annotations

from functools import cache

import pytest

from qantar.analysis.run import layout_of, load_evidence
from qantar.analysis.scores import is_informative_target
from qantar.evidence import Reconciled
from qantar.packs.country import Country
from qantar.packs.episode import list_episodes, load_episode
from qantar.packs.evidence import country_ledger, reconciled
from qantar.packs.loading import load_country
from qantar.simulate.scenario import make_scenario

EPISODES = ("january-2022", "land-2016", "transition-2019", "zhanaozen-2011")
JANUARY = "january-2022"
ONLY_EVERY_REGION = ("Akmola", "East Kazakhstan", "North Kazakhstan", "Turkistan")


@cache
def country() -> Country:
    return load_country("kazakhstan")


@cache
def targets_of(name: str) -> dict[str, Reconciled]:
    made = load_evidence(country(), load_episode(country(), name))[1]
    return {each.target.target: each for each in made}


def january(name: str) -> Reconciled:
    return targets_of(JANUARY)[name]


def claims_of(name: str) -> set[str]:
    return {claim.claim for claim in january(name).used}


def test_these_are_all_episodes() -> None:
    assert sorted(list_episodes(country())) == sorted(EPISODES)


@pytest.mark.parametrize("name", EPISODES)
def test_a_target_is_weak_exactly_if_its_interval_says_nothing(name: str) -> None:
    layout = layout_of(make_scenario(name))
    for target, made in targets_of(name).items():
        if not made.rule.beyond:
            informative = is_informative_target(made.target, layout)
            assert informative == (made.target.use != "weak"), target


@pytest.mark.parametrize("name", EPISODES)
def test_every_weak_target_says_why_in_its_note(name: str) -> None:
    for made in targets_of(name).values():
        assert (made.target.use == "weak") == bool(made.rule.weak)
        assert made.rule.weak in made.target.note


@pytest.mark.parametrize("name", EPISODES)
def test_every_episode_can_be_fitted_and_checked(name: str) -> None:
    uses = {made.target.use for made in targets_of(name).values() if not made.rule.beyond}
    assert {"fit", "held"} <= uses


@pytest.mark.parametrize("name", EPISODES)
def test_the_total_of_the_dead_is_fitted(name: str) -> None:
    totals = [
        made.target
        for made in targets_of(name).values()
        if made.target.variable == "deaths" and made.target.date == "total"
        if made.target.level == "country" or name == "zhanaozen-2011"
    ]
    assert [target.use for target in totals] == ["fit"]


def test_dead_of_the_country_are_civilians() -> None:
    """225 and 238 are not divided, so that 13 officers can be among them: 225 is no floor."""
    assert january("deaths-country").interval == (212, 251)
    assert claims_of("deaths-country") == {"c002-deaths-225", "c003-deaths-238", "c004-deaths-225"}


def test_dead_of_almaty_include_no_officers() -> None:
    assert january("deaths-almaty-05").interval == (20, 99)
    assert claims_of("deaths-almaty-05") == {"c001-dozens-killed"}
    scopes = {claim.scope for claim in january("deaths-almaty-05").used}
    assert scopes == {"protesters"}


def test_alleged_suicides_are_not_among_the_officers_killed() -> None:
    made = january("security-deaths-country")
    assert made.interval == (13, 13)
    assert made.rule.assume is None
    assert not any(claim.subject == "senior-officers-deaths" for claim in made.used)


def test_published_detentions_are_those_that_authorities_published() -> None:
    names = [f"published-detained-{day}" for day in ("08", "09", "11", "total")]
    authorities = {"Ministry of Internal Affairs", "Prosecutor General's Office"}
    for name in names:
        assert {claim.attributed_to for claim in january(name).used} <= authorities, name
    lows, highs = zip(*(january(name).interval for name in names), strict=True)
    assert list(lows) == sorted(lows)  # a published count never falls
    assert list(highs) == sorted(highs)
    assert lows[-1] == 9900


def test_the_count_of_civil_society_is_one_of_true_detentions() -> None:
    assert january("detained-country").target.variable == "detained_cumulative"
    assert january("detained-country").interval == (10800, 13200)


def test_a_region_has_a_target_only_if_it_is_named_or_a_town_of_it() -> None:
    active = {
        made.target.name: claims_of(name)
        for name, made in targets_of(JANUARY).items()
        if made.target.variable == "active" and made.target.level == "region"
    }
    assert not set(active) & set(ONLY_EVERY_REGION)
    assert all(claims - {"c003-all-regions"} for claims in active.values())
    regions = {region.region for region in country().regions}
    low, high = january("regions-active").interval
    assert (low, high) == (len(regions) - len(ONLY_EVERY_REGION), len(regions))


def test_share_of_peaceful_events_is_compared_with_nothing() -> None:
    assert january("peaceful-share").rule.beyond


def test_affected_firms_are_not_all_robbed() -> None:
    """1,585 firms at 1,940 sites were affected, by damage or theft."""
    assert january("looted-almaty").interval == (396, 1940)


@pytest.mark.parametrize("name", ["buildings-almaty", "buildings-country"])
def test_offices_of_a_party_are_no_state_buildings(name: str) -> None:
    assert not {"c003-jan05-nur-otan", "c003-33-seized-party"} & claims_of(name)


WORKERS = {
    "onset-atyrau": ("2022-01-03", "2022-01-04"),
    "onset-karaganda": ("2022-01-02", "2022-01-04"),
    "onset-aktau": ("2022-01-02", "2022-01-02"),
    "onset-region-atyrau": ("2022-01-03", "2022-01-03"),
}


@pytest.mark.parametrize("name", WORKERS)
def test_a_gathering_of_workers_is_a_latest_day_of_onset(name: str) -> None:
    target = january(name).target
    assert (target.low, target.high) == WORKERS[name]


def test_nobody_is_said_to_be_home_on_a_day_that_can_be_the_last_of_protest() -> None:
    last = january("last-day-country").target.high
    quiet = [
        made.target
        for made in targets_of(JANUARY).values()
        if made.target.variable == "participants" and made.rule.rule == "worded"
    ]
    assert quiet
    assert all(target.date > last for target in quiet)


EARLIER = {
    ("zhanaozen-2011", "zhanaozen-deaths"): (10, 16),
    ("zhanaozen-2011", "zhanaozen-spread"): (0, 0.5),
    ("land-2016", "land-regions"): (3, 9),
    ("land-2016", "land-deaths"): (0, 0),
    ("transition-2019", "transition-deaths"): (0, 0),
    ("transition-2019", "transition-detained-window"): (135, 1345),
}


@pytest.mark.parametrize(("episode", "name"), EARLIER)
def test_totals_of_earlier_years_are_fitted(episode: str, name: str) -> None:
    made = targets_of(episode)[name]
    assert made.interval == EARLIER[episode, name]
    assert made.target.use == "fit"


def test_a_year_of_detentions_is_beyond_an_episode_of_eight_days() -> None:
    assert targets_of("transition-2019")["transition-detained"].rule.beyond


@cache
def years() -> dict[str, Reconciled]:
    made = reconciled(country(), country_ledger(country()), "years")
    return {each.target.target: each for each in made}


YEARS = {
    "assemblies-2011": (162, 462),
    "assemblies-all": (1053, 1353),
    "assemblies-2019": (227, 227),
    "political-share-2014": (0, 1),
    "wave-2011-regions": (1, 1),
    "wave-2016-regions": (3, 9),
    "wave-2022-regions": (13, 17),
}


@pytest.mark.parametrize("name", YEARS)
def test_targets_of_the_years(name: str) -> None:
    assert years()[name].interval == YEARS[name]


def test_both_readings_of_2011_are_kept_and_their_totals_differ_by_as_much() -> None:
    """462 is printed; the total of the text needs 162."""
    windows = [m for name, m in years().items() if name.startswith("assemblies-2")]
    assert tuple(map(sum, zip(*(m.interval for m in windows), strict=True))) == (1053, 1353)
    assert years()["assemblies-all"].rule.assume is None
