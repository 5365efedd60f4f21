import datetime as dt
import json
from collections import Counter
from typing import Any

import pytest

from qantar.base.errors import QantarError
from qantar.explorer.evidence import Evidence, causes_payload
from qantar.explorer.serializers import timeline_payload
from qantar.packs.episode import load_episode
from qantar.packs.loading import load_country


@pytest.fixture(scope="module")
def january() -> Evidence:
    country = load_country("kazakhstan")
    return Evidence(country, load_episode(country, "january-2022"))


@pytest.fixture(scope="module")
def spring() -> Evidence:
    country = load_country("template")
    return Evidence(country, load_episode(country, "spring-unrest"))


@pytest.fixture(scope="module", params=["january", "spring"])
def evidence(request: pytest.FixtureRequest) -> Evidence:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Evidence)
    return found


def ids(found: dict[str, Any]) -> set[str]:
    return {claim["id"] for claim in found["claims"]}


def assert_complete(evidence: Evidence, found: dict[str, Any]) -> None:
    """Every conflict has all its claims, each on one side, and each side all its sources."""
    whole = {
        frozenset(claim.claim for claim in conflict.claims): conflict
        for conflict in evidence.conflicts
    }
    for conflict in found["conflicts"]:
        named = [claim for side in conflict["sides"] for claim in side["claims"]]
        assert len(named) == len(set(named))
        assert whole[frozenset(named)].open == conflict["open"]
        assert len(conflict["sides"]) > 1
        assert conflict["why"]
        for side in conflict["sides"]:
            assert side["value"]
            letters = {evidence.reader.ref(claim).letter for claim in side["claims"]}
            assert set(side["sources"]) == letters


def test_almaty_on_5_january_is_told_by_several_sources(january: Evidence) -> None:
    found = january.find(unit="place:Almaty", day="2022-01-05")
    wanted = january.ledger.select(place="Almaty", date="2022-01-05").claims
    assert found["total"] == len(wanted)
    assert ids(found) <= set(wanted)
    assert len({claim["letter"] for claim in found["claims"][:4]}) > 1
    assert {claim["source"] for claim in found["claims"]} == {c.source for c in wanted.values()}


def test_totals_by_source_count_what_is_not_shown_too(january: Evidence) -> None:
    found = january.find(unit="place:Almaty", day="2022-01-05", limit=2)
    wanted = january.ledger.select(place="Almaty", date="2022-01-05").claims.values()
    assert len(found["claims"]) == 2
    assert found["by_source"] == Counter(claim.source for claim in wanted)
    (only,) = january.find(unit="place:Almaty", source="B", limit=1)["by_source"]
    assert only == january.find(source="B", limit=1)["claims"][0]["source"]
    assert found["conflicts"]
    assert_complete(january, found)
    targets = {target["id"] for target in found["targets"]}
    assert {"deaths-almaty-05", "crowd-almaty-05"} <= targets
    json.dumps(found, allow_nan=False)


def test_a_filter_never_hides_the_other_side(evidence: Evidence) -> None:
    for conflict in evidence.conflicts:
        for claim in conflict.claims:
            found = evidence.find(claim=claim.claim)
            assert ids(found) == {claim.claim}
            sides = [
                {name for side in each["sides"] for name in side["claims"]}
                for each in found["conflicts"]
            ]
            assert {each.claim for each in conflict.claims} in sides
            assert_complete(evidence, found)


def test_a_region_holds_the_claims_about_its_towns(january: Evidence) -> None:
    region = january.find(unit="region:Mangystau", limit=500)
    town = january.find(unit="place:Zhanaozen", limit=500)
    assert ids(town) < ids(region)
    assert ids(january.find(unit="region:Almaty (city)", limit=500)) == ids(
        january.find(unit="place:Almaty", limit=500)
    )
    names = {(target["level"], target["name"]) for target in region["targets"]}
    assert ("region", "Mangystau") in names
    assert (region["targets"][0]["level"], region["targets"][0]["name"]) == ("region", "Mangystau")


def test_the_country_stands_for_every_claim(evidence: Evidence) -> None:
    name = evidence.country.header.country
    assert evidence.find(unit=f"country:{name}")["total"] == len(evidence.ledger.claims)
    assert evidence.find()["total"] == len(evidence.ledger.claims)


def test_hours_of_the_brush_are_whole_days(january: Evidence) -> None:
    day = january.find(unit="place:Almaty", day="2022-01-05")
    assert january.find(unit="place:Almaty", from_hour=96, to_hour=120) == day
    assert january.find(unit="place:Almaty", from_hour=100, to_hour=101) == day
    two = january.find(unit="place:Almaty", from_hour=96, to_hour=121)
    assert two["total"] > day["total"]


def test_a_short_list_shows_the_episode_and_every_source(january: Evidence) -> None:
    letters = sorted(badge.letter for badge in january.reader.badges.values())
    found = january.find(limit=4 * len(letters))
    for turn in range(4):
        own = found["claims"][turn * len(letters) : (turn + 1) * len(letters)]
        assert sorted(claim["letter"] for claim in own) == letters
    first, last = (str(d) for d in (january.episode.first_day, january.episode.last_day))
    for claim in found["claims"]:
        days = [claim["day_from"], claim["day_to"]]
        assert claim["targets"] or all(day and first <= day <= last for day in days)
    assert any(claim["conflicts"] and claim["targets"] for claim in found["claims"][:5])


def test_a_target_comes_with_the_claims_it_uses_and_sets_aside(evidence: Evidence) -> None:
    for made in evidence.targets:
        found = evidence.find(target=made.target.target, limit=500)
        (target,) = found["targets"]
        used = {claim.claim for claim in made.used}
        assert set(target["claims"]) == used
        assert {each["claim"]: each["why"] for each in target["set_aside"]} == made.set_aside
        assert ids(found) == (used | set(made.set_aside)) & set(evidence.ledger.claims)
        assert (target["low"], target["high"]) == made.target.interval(evidence.episode.first_day)
        assert target["rule"] != made.rule.rule  # in words
        json.dumps(found, allow_nan=False)


def test_a_claim_names_the_targets_it_is_part_of_and_those_that_set_it_aside(
    january: Evidence,
) -> None:
    found = january.find(claim="c002-deaths-225")
    assert [target["id"] for target in found["targets"]] == ["deaths-country"]
    assert found["claims"][0]["targets"] == ["deaths-country"]
    aside = january.find(claim="c003-casualties-both")
    assert aside["claims"][0]["targets"] == []
    assert "deaths-country" in [target["id"] for target in aside["targets"]]


def test_whom_a_number_counts_stands_beside_it(january: Evidence) -> None:
    """Thirteen officers are no other count of the 225 dead."""
    found = january.find(claim="c004-officers-13")
    (conflict,) = found["conflicts"]
    (side,) = [s for s in conflict["sides"] if "c004-officers-13" in s["claims"]]
    assert "security" in side["value"]


def test_words_and_sources_narrow_the_search(january: Evidence) -> None:
    found = january.find(text="Looters ALMATY", limit=500)
    assert found["total"] == len(found["claims"]) > 0
    ledger = january.ledger
    for claim in found["claims"]:
        own = ledger.claims[claim["id"]]
        told = " ".join([*own.model_dump().values(), claim["about"]]).casefold()
        assert "looters" in told
        assert "almaty" in told
    by_letter = january.find(text="looters", source="B")
    assert {claim["source"] for claim in by_letter["claims"]} == {"seed-001"}
    assert by_letter == january.find(text="looters", source="seed-001")
    assert 0 < by_letter["total"] < january.find(text="looters")["total"]


def test_a_claim_says_who_where_and_how_firmly(january: Evidence) -> None:
    (claim,) = january.find(claim="c001-deaths-kyzylorda")["claims"]
    assert claim["modality"] == "retracted"
    assert claim["by"] == "Ministry of Health"
    assert claim["letter"] == "B"
    assert claim["locator"]
    assert claim["place"] == "Kyzylorda"
    assert "at least 1" in claim["value"]


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ({"unit": "place:Almatty"}, "place:Almaty"),
        ({"unit": "Almaty"}, "place:Almaty"),
        ({"day": "2022-01-50"}, "2022-01-05"),
        ({"claim": "c002-death-225"}, "c002-deaths-225"),
        ({"target": "death-country"}, "deaths-country"),
        ({"source": "seed-01"}, "seed-0"),
        ({"from_hour": 120, "to_hour": 96}, "0 to 312"),
        ({"from_hour": -1}, "0 to 312"),
        ({"limit": 501}, "1 to 500"),
    ],
)
def test_what_is_not_there_is_refused_with_the_nearest(
    january: Evidence, query: dict[str, Any], hint: str
) -> None:
    with pytest.raises(QantarError) as refused:
        january.find(**query)
    assert hint in refused.value.expected


def test_a_message_does_not_repeat_a_page_of_rubbish(january: Evidence) -> None:
    with pytest.raises(QantarError) as refused:
        january.find(claim="x" * 100_000)
    assert len(refused.value.message()) < 300


def test_every_dated_count_is_a_mark_on_the_timeline(evidence: Evidence) -> None:
    payload = timeline_payload(evidence.country, evidence.episode, evidence)
    json.dumps(payload, allow_nan=False)
    rows = {row["target"]: row for row in payload["reports"]}
    counts = {t.target.target: t for t in evidence.targets if t.target.unit == "persons"}
    assert set(counts) <= set(rows)
    assert not any("onset" in name or "violent" in name for name in rows)
    last = evidence.episode.last_day.isoformat()
    for name, made in counts.items():
        row = rows[name]
        if made.target.date == "total":
            assert (row["day"], row["whole"]) == (last, True)
        else:
            assert (row["day"], row["whole"]) == (made.target.date, False)
        assert (row["low"], row["high"]) == (float(made.target.low), float(made.target.high))
        assert row["claims"] == [claim.claim for claim in made.used]


def test_figures_stand_on_the_day_on_which_they_were_said(january: Evidence) -> None:
    payload = timeline_payload(january.country, january.episode, january)
    told = {each["claim"]: each for each in payload["publications"]}
    assert (told["c003-detained-4404"]["day"], told["c003-detained-4404"]["value"]) == (
        "2022-01-08",
        4404.0,
    )
    assert told["c003-detained-5969"]["day"] == "2022-01-09"
    assert told["c003-deaths-238"]["day"] == "2022-08-16"
    assert told["c001-dozens-killed"]["day"] == "2022-01-14"  # when its source appeared
    assert told["c004-deaths-225"]["exact"] is False
    assert "retracted" in told["c001-deaths-taraz"]["label"]
    days = [each["day"] for each in payload["publications"]]
    assert days == sorted(days)
    assert all(dt.date.fromisoformat(day) >= january.episode.first_day for day in days)


def test_figures_of_other_crises_are_no_publications(january: Evidence) -> None:
    payload = timeline_payload(january.country, january.episode, january)
    claims = [january.ledger.claims[each["claim"]] for each in payload["publications"]]
    assert {claim.subject for claim in claims} == {"january-2022"}


def test_causes_have_a_cell_for_every_source_with_its_word(evidence: Evidence) -> None:
    payload = causes_payload(evidence.ledger)
    json.dumps(payload, allow_nan=False)
    words = {each["word"]: each["symbol"] for each in payload["stances"]}
    rows = [row for group in payload["groups"] for row in group["rows"]]
    stances = {c.claim for c in evidence.ledger.claims.values() if c.predicate == "stance"}
    shown = set()
    for row in rows:
        assert [cell["source"] for cell in row["cells"]] == payload["sources"]
        for cell in row["cells"]:
            assert bool(cell["word"]) == bool(cell["claims"])
            assert cell["symbol"] == words.get(cell["word"])
            shown |= set(cell["claims"])
    assert shown == stances


def test_a_doubted_cause_is_not_shown_as_asserted(january: Evidence) -> None:
    payload = causes_payload(january.ledger)
    (row,) = [
        row for g in payload["groups"] for row in g["rows"] if row["cause"] == "foreign_terrorists"
    ]
    words = {cell["source"]: cell["word"] for cell in row["cells"]}
    assert words["B"] == "doubts"
    assert row["disputed"] is True
