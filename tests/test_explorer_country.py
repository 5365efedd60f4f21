import json
import re
from typing import Any

import pytest
import shapely

from qantar.analysis.manifest import citations
from qantar.explorer.country import country_payload
from qantar.packs.account import list_accounts
from qantar.packs.country import Country
from qantar.packs.episode import Episode, latest_end, load_episode
from qantar.packs.evidence import country_ledger
from qantar.packs.intervention import list_interventions, load_intervention
from qantar.packs.loading import load_country
from qantar.reports.evidence.names import Reader
from qantar.reports.timeline import action_key
from qantar.reports.whatif.formatting import FEW_PAIRS
from qantar.simulate.changes import parse_changes
from qantar.simulate.scenario import make_scenario

Loaded = tuple[Country, Episode, dict[str, Any]]


@pytest.fixture(
    scope="module", params=[("kazakhstan", "january-2022"), ("template", "spring-unrest")]
)
def loaded(request: pytest.FixtureRequest) -> Loaded:
    pack, name = request.param
    country = load_country(pack)
    episode = load_episode(country, name)
    return country, episode, country_payload(country, episode)


@pytest.fixture(scope="module")
def kazakhstan() -> Loaded:
    country = load_country("kazakhstan")
    episode = load_episode(country, "january-2022")
    return country, episode, country_payload(country, episode)


def rings(path: str) -> list[shapely.Polygon]:
    parts = re.findall(r"M([^MZ]+)Z", path)
    assert "".join(f"M{part}Z" for part in parts) == path
    return [
        shapely.Polygon([tuple(map(float, point.split())) for point in part.split("L")])
        for part in parts
    ]


def unit(payload: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [each for each in payload["units"] if each["id"] == name]
    return dict(found)


def test_it_is_json_without_anything_that_a_browser_refuses(loaded: Loaded) -> None:
    text = json.dumps(loaded[2], allow_nan=False)
    assert str(loaded[0].folder) not in text
    assert "`" not in text


def test_units_are_places_regions_and_the_country_in_the_order_of_the_pack(loaded: Loaded) -> None:
    country, _, payload = loaded
    assert [each["id"] for each in payload["units"]] == [
        *(f"place:{place.place}" for place in country.places),
        *(f"region:{region.region}" for region in country.regions),
        f"country:{country.header.country}",
    ]


def test_every_place_lies_in_a_region_and_people_add_up(loaded: Loaded) -> None:
    _, _, payload = loaded
    places = [each for each in payload["units"] if each["kind"] == "place"]
    regions = {each["region"]: each for each in payload["units"] if each["kind"] == "region"}
    people = dict.fromkeys(regions, 0)
    for place in places:
        people[place["region"]] += place["population"]
    assert people == {name: region["population"] for name, region in regions.items()}
    assert payload["units"][-1]["population"] == sum(people.values())


def test_every_region_that_declares_a_boundary_has_an_outline(kazakhstan: Loaded) -> None:
    country, _, payload = kazakhstan
    names = [outline["region"] for outline in payload["outlines"]]
    assert sorted(names) == sorted(r.region for r in country.regions if r.boundary)
    assert sum(len(outline["path"]) for outline in payload["outlines"]) < 60_000


def test_towns_lie_where_their_region_is_drawn(kazakhstan: Loaded) -> None:
    """North is up and both halves of the map share one scale."""
    _, _, payload = kazakhstan
    width, height = payload["viewbox"]
    drawn = {o["region"]: shapely.union_all(rings(o["path"])) for o in payload["outlines"]}
    for shape in drawn.values():
        west, top, east, bottom = shape.bounds
        assert 0 < west < east < width
        assert 0 < top < bottom < height
    for each in payload["units"][:-1]:
        spot = shapely.Point(each["x"], each["y"])
        slack = 0.0 if each["kind"] == "region" else 3.0  # borders are simplified by 4 km
        assert drawn[each["region"]].distance(spot) <= slack, each["id"]
    assert unit(payload, "place:Petropavl")["y"] < unit(payload, "place:Almaty")["y"]
    assert unit(payload, "place:Aktau")["x"] < unit(payload, "place:Almaty")["x"]


def test_a_city_that_is_a_region_is_drawn_over_the_region_around_it(kazakhstan: Loaded) -> None:
    names = [outline["region"] for outline in kazakhstan[2]["outlines"]]
    assert names.index("Almaty (city)") > names.index("Almaty Region")


def test_a_pack_without_boundaries_has_places_and_labels_alone() -> None:
    country = load_country("template")
    payload = country_payload(country, load_episode(country, "spring-unrest"))
    assert payload["outlines"] == []
    assert all(each["x"] is not None for each in payload["units"][:-1])
    assert payload["units"][-1]["x"] is None


def test_local_time_is_that_of_the_region(kazakhstan: Loaded) -> None:
    _, _, payload = kazakhstan
    assert payload["clock"] == "+06:00"
    assert unit(payload, "place:Almaty")["offset"] == 0
    assert unit(payload, "place:Zhanaozen")["offset"] == -1
    assert unit(payload, "region:Mangystau")["offset"] == -1


def test_every_action_appears_once_under_the_number_of_the_report(loaded: Loaded) -> None:
    _, episode, payload = loaded
    rows = payload["actions"]
    assert sorted(row["name"] for row in rows) == sorted(episode.actions)
    assert [(row["number"], row["label"]) for row in rows] == [
        (line.number, line.label) for line in action_key(episode)
    ]


def test_actions_have_the_hours_and_claims_of_the_episode(loaded: Loaded) -> None:
    country, episode, payload = loaded
    ledger = country_ledger(country)
    for row in payload["actions"]:
        action = episode.actions[row["name"]]
        assert row["earliest"] == episode.hour_of(action.begins.earliest)
        assert row["latest"] == episode.hour_of(action.begins.latest)
        assert row["claims"]
        assert set(row["claims"]) <= set(ledger.claims)
        end = latest_end(episode, row["name"])
        assert row["end"] == (episode.hour_of(end) if end else None)


def test_sources_have_the_letters_of_the_page_of_evidence(loaded: Loaded) -> None:
    country, _, payload = loaded
    badges = Reader(country_ledger(country)).badges
    assert [(each["id"], each["letter"]) for each in payload["sources"]] == [
        (name, badge.letter) for name, badge in badges.items()
    ]


def test_accounts_that_nobody_tells_and_those_with_hindsight_are_marked(kazakhstan: Loaded) -> None:
    country, _, payload = kazakhstan
    by_name = {each["name"]: each for each in payload["accounts"]}
    assert list(by_name) == list_accounts(country)
    assert [name for name, each in by_name.items() if each["frame"]] == ["null", "union"]
    told_after = [name for name, each in by_name.items() if each["hindsight"]]
    assert told_after == ["elite-split", "state", "territorial"]


def test_interventions_are_those_of_the_episode_with_their_cautions(loaded: Loaded) -> None:
    country, episode, payload = loaded
    files = [load_intervention(country, name) for name in list_interventions(country)]
    own = [each for each in files if not each.episodes or episode.name in each.episodes]
    shown = {each["name"]: each for each in payload["interventions"]}
    assert list(shown) == [each.name for each in own]
    for each in own:
        assert shown[each.name]["unbelievable"] == (each.caution or None)
        assert [e["outcome"] for e in shown[each.name]["expected"]] == [
            e.outcome for e in each.expected
        ]


def test_the_shutdown_is_shown_with_its_caution(kazakhstan: Loaded) -> None:
    shown = {each["name"]: each for each in kazakhstan[2]["interventions"]}
    warned = [name for name, each in shown.items() if each["unbelievable"]]
    assert {"no-shutdown", "partial-shutdown", "mobile-data-only"} <= set(warned)
    assert shown["no-shoot-order"]["unbelievable"] is None


def test_dates_and_doses_can_be_written_into_a_change(loaded: Loaded) -> None:
    country, episode, payload = loaded
    dated = [each for each in payload["interventions"] if each["date"]]
    dosed = [each for each in payload["interventions"] if each["dose"]]
    assert dated
    for each in dated:
        for end in ("earliest", "default", "latest"):
            parse_changes(country, episode, f"{each['name']}@{each['date'][end]}")
    for each in dosed:
        for end in ("low", "default", "high"):
            parse_changes(country, episode, f"{each['name']}={each['dose'][end]}")


def test_the_software_is_cited_as_in_every_run(kazakhstan: Loaded) -> None:
    scenario = make_scenario("january-2022", account="union")
    assert kazakhstan[2]["citation"] == citations(scenario)[0]


def test_the_page_gets_the_number_of_pairs_below_which_a_whatif_is_a_preview() -> None:
    country = load_country("template")
    payload = country_payload(country, load_episode(country, "spring-unrest"))
    assert payload["few_pairs"] == FEW_PAIRS
    assert payload["episode"]["title"]
    assert payload["country"] == country.header.country
