"""Inputs of the episodes of Kazakhstan: derived variables, values by year, days off and rallies."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from derive_variables import tables
from qantar.explorer.request import clock_text
from qantar.packs.conditions import COUNTRYWIDE
from qantar.packs.country import Country
from qantar.packs.episode import Episode, list_episodes, load_episode
from qantar.packs.loading import load_country
from qantar.simulate.environment import environment_values, make_environment
from qantar.simulate.scenario import make_scenario

EPISODES = ("zhanaozen-2011", "land-2016", "transition-2019", "january-2022")
INTERNET_USERS = {2011: 50.6, 2016: 74.5877, 2019: 81.8776, 2021: 90.924}
"""Percent of the residents of Kazakhstan (source itu-internet)."""

SHARE_REACHED = {2011: 0.33, 2016: 0.7, 2019: 0.8, 2022: 0.9}
"""Share of internet users who get news from social or uncensored media, assumed."""


@cache
def country() -> Country:
    return load_country("kazakhstan")


@cache
def episode_of(name: str) -> Episode:
    return load_episode(country(), name)


def values_in(name: str) -> dict[str, dict[str, float]]:
    """Return the environment variables of an episode by place."""
    values = environment_values(country(), episode_of(name).conditions.ground)
    places = [place.place for place in country().places]
    return {
        variable: dict(zip(places, own.tolist(), strict=True))
        for variable, own in values.items()
        if variable not in COUNTRYWIDE
    }


def test_the_derived_rows_are_those_of_the_script() -> None:
    for path, text in tables(country()).items():
        assert path.read_text(encoding="utf-8") == text, "run scripts/derive_variables.py"


def test_the_formula_of_news_reach() -> None:
    for region in country().regions:
        users = country().region_value(region.region, "internet_users").value
        reach = country().region_value(region.region, "news_reach").value
        assert reach == pytest.approx(users / 100 * 0.9, rel=1e-3), region.region


def test_the_formula_of_land_salience() -> None:
    raw, given = {}, {}
    for region in (each.region for each in country().regions):
        value = {
            name: country().region_value(region, name).value
            for name in ("kazakh_share", "nationalism", "urban_share", "land_salience")
        }
        rural = 1 - value["urban_share"]
        raw[region] = value["kazakh_share"] * (1 + value["nationalism"]) / 2 * (1 + rural) / 2
        given[region] = value["land_salience"]
    for region, salience in given.items():
        assert salience == pytest.approx(raw[region] / max(raw.values()), rel=1e-3), region
    assert max(given.values()) == 1


def test_the_formula_of_political_salience() -> None:
    """Almaty has the activism 1 and more than a million residents, so its value is 1."""
    for place in country().places:
        activism = country().number(place, "civic_activism")
        size = min(place.population / 1_000_000, 1) if place.kind == "town" else 0
        given = country().number(place, "political_salience")
        assert given == pytest.approx(activism * size, rel=1e-3, abs=1e-4), place.place


def test_the_formula_of_labour_salience() -> None:
    """Zhanaozen against Kulsary, the highest place: both have the same share of children."""
    per_head, given = {}, {}
    for name, region, weight in (("Zhanaozen", "Mangystau", 6), ("Kulsary", "Atyrau", 2.5)):
        inside = [place for place in country().places if place.region == region]
        pull = sum(p.population * country().number(p, "oil_weight") for p in inside)
        workers = 130_000 * country().region_value(region, "oil_share").value
        per_head[name] = workers * weight / pull
        given[name] = country().place_values[name, "labour_salience"].value
    assert given["Kulsary"] == 1
    expected = per_head["Zhanaozen"] / per_head["Kulsary"]
    assert given["Zhanaozen"] == pytest.approx(expected, rel=1e-3)


def test_the_regional_shares_of_kazakhs_agree_with_the_national_one() -> None:
    """Of mixed dates and grades; the national share of the census of 2021 is 0.704."""
    people = {r.region: country().region_value(r.region, "population").value
              for r in country().regions}  # fmt: skip
    share = sum(
        country().region_value(region, "kazakh_share").value * number
        for region, number in people.items()
    ) / sum(people.values())
    assert share == pytest.approx(0.704, abs=0.015)


@pytest.mark.parametrize("name", EPISODES)
def test_news_reach_follows_the_users_of_the_internet_by_year(name: str) -> None:
    """National means of about 0.17, 0.53, 0.67 and 0.84."""
    year = episode_of(name).first_day.year
    people = np.array([place.population for place in country().places])
    now = np.average(list(values_in(name)["news_reach"].values()), weights=people)
    january = np.average(list(values_in("january-2022")["news_reach"].values()), weights=people)
    users = INTERNET_USERS.get(year, INTERNET_USERS[2021]) / INTERNET_USERS[2021]
    assert now / january == pytest.approx(users * SHARE_REACHED[year] / 0.9, rel=2e-3)
    assert now == pytest.approx({2011: 0.171, 2016: 0.533, 2019: 0.67, 2022: 0.836}[year], abs=1e-3)


def test_values_of_the_whole_country_by_episode() -> None:
    values = {
        name: environment_values(country(), episode_of(name).conditions.ground) for name in EPISODES
    }

    def of(variable: str) -> list[float]:
        return [float(values[name][variable][0]) for name in EPISODES]

    assert of("price_breadth") == [0, 0, 0, 1]
    assert of("learned_restraint") == [0, 1, 1, 1]
    assert of("usable_police") == [0.08] * 4
    guard = values_in("january-2022")["capital_guard"]
    assert {place for place, persons in guard.items() if persons} == {"Nur-Sultan"}


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("zhanaozen-2011", "12-16 12-17 12-18 12-19"),
        (
            "land-2016",
            "04-23 04-24 04-30 05-01 05-02 05-07 05-08 05-09 05-10 05-14 05-15 05-21 05-22",
        ),
        ("transition-2019", "06-08 06-09"),
        ("january-2022", "01-01 01-02 01-03 01-04 01-07 01-08 01-09"),
    ],
)
def test_days_off_are_weekends_and_holidays(name: str, days: str) -> None:
    year = episode_of(name).first_day.year
    expected = tuple(dt.date.fromisoformat(f"{year}-{day}") for day in days.split())
    assert episode_of(name).days_off == expected


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("zhanaozen-2011", {"2011-12-16": {"Zhanaozen"}}),
        (
            "land-2016",
            {"2016-04-24": {"Atyrau"}, "2016-04-27": {"Aktobe", "Semey"}, "2016-05-21": set()},
        ),
        ("transition-2019", {"2019-06-09": set(), "2019-06-10": set(), "2019-06-12": set()}),
        ("january-2022", {}),
    ],
)
def test_calls_to_rallies_hold_for_their_day_in_their_places(
    name: str, days: dict[str, set[str]]
) -> None:
    rallies = [each for each in episode_of(name).actions.values() if each.kind == "announced_rally"]
    assert {str(each.begins.earliest.date()): set(each.places) for each in rallies} == days
    for rally in rallies:
        assert rally.ends is not None
        assert rally.ends.latest - rally.begins.earliest == dt.timedelta(days=1)
        assert rally.grade == "assumed", "no source measures how widely a rally was known"


def test_organisers_are_held_until_the_last_rally_is_over() -> None:
    for name, last in (("land-2016", "2016-05-22"), ("transition-2019", "2019-06-13")):
        (arrests,) = (
            each for each in episode_of(name).actions.values() if each.kind == "pre_emptive_arrests"
        )
        assert arrests.ends is not None
        assert arrests.ends.earliest.date() == dt.date.fromisoformat(last)


def test_an_action_holds_in_its_places_and_not_in_their_region() -> None:
    scenario = make_scenario("land-2016")
    script = scenario.member(1, 0, scenario.draws(1, 1)).script
    places = [place.place for place in country().places]
    touched = [{p for p, here in zip(places, row, strict=True) if here} for row in script.where]
    assert {"Aktobe", "Semey"} in touched
    assert {"Atyrau"} in touched


def test_actions_of_one_kind_may_overlap_in_different_places(pack: Path) -> None:
    """Both are in Westmarch."""
    path = pack / "episodes/spring-unrest/episode.yaml"
    rows = [
        f"  rally-{place.lower()}:\n    kind: announced_rally\n    label: Rally\n"
        "    begins: {earliest: 2030-03-02T00:00, latest: 2030-03-02T00:00}\n"
        f"    places: [{place}]\n    reference: arv-assumption\n    grade: assumed\n"
        for place in ("Harrow", "Saltby")
    ]
    path.write_text(path.read_text(encoding="utf-8") + "".join(rows), encoding="utf-8")
    episode = load_episode(load_country(pack), "spring-unrest")
    assert list(episode.actions)[-2:] == ["rally-harrow", "rally-saltby"]


def test_offsets_from_utc_may_be_fractions_of_an_hour(pack: Path) -> None:
    """As in India (5.5) and Nepal (5.75); the clock of the episodes too."""
    for name, old, new in (
        ("regions.csv", "Midland,AV-MID,region,2,", "Midland,AV-MID,region,5.75,"),
        ("pack.yaml", "clock_utc_offset: 2 ", "clock_utc_offset: 5.5 "),
    ):
        path = pack / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1
        path.write_text(text.replace(old, new), encoding="utf-8")
    land = load_country(pack)
    assert {r.region: r.utc_offset for r in land.regions}["Midland"] == 5.75
    assert land.header.clock == "UTC+5:30"
    assert np.isfinite(make_environment(land).places["clock_offset"]).all()


def test_a_clock_is_written_with_its_minutes() -> None:
    assert [clock_text(each) for each in (6, -3.5, 5.75)] == ["+06:00", "-03:30", "+05:45"]
    assert country().header.clock == "UTC+6"


def test_every_shipped_pack_has_the_variables_of_the_environment() -> None:
    for pack in ("kazakhstan", "template"):
        land = load_country(pack)
        for name in list_episodes(land):
            assert environment_values(land, load_episode(land, name).conditions.ground)
