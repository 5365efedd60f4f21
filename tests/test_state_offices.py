"""Posts and people of a pack: read, refused with a hint, and what the sources' facts become."""

from __future__ import annotations

import math
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from file_edits import HERE, Break
from qantar.analysis.state.office_laws import (
    Spell,
    likely_counts,
    log_binomial,
    score_leaving,
    spells,
)
from qantar.analysis.state.offices import checks, event_months
from qantar.base.errors import FileError
from qantar.packs.country import Country, packs_folder
from qantar.packs.evidence import country_ledger
from qantar.packs.loading import load_country
from qantar.packs.state.offices import Offices, beside, load_offices
from qantar.packs.state.rows import Sourced
from qantar.packs.years import load_years
from qantar.packs.years_tables import month_number

POSTS, PEOPLE = "state/posts.csv", "state/people.csv"
HOLDINGS, TIES = "state/holdings.csv", "state/ties.csv"

BREAKS = {
    "two places at once": Break(
        HOLDINGS,
        "governor-westmarch,governor-1,2024-05",
        "governor-westmarch,president-1,2024-05",
        HERE,
        ("in two posts at once", "one post at a time", "`beside`"),
    ),
    "two holders": Break(
        HOLDINGS,
        "premier,premier-2,2029-03-07",
        "premier,premier-2,2028-03-07",
        HERE,
        ("held by 'premier-1' and 'premier-2'", "one holder at a time", "correct the dates"),
    ),
    "ends before it begins": Break(
        HOLDINGS,
        "premier-1,2026,2029-03-07",
        "premier-1,2030,2029-03-07",
        HERE,
        ("ends before it begins", "2030 to 2029-03-07", "exchange"),
    ),
    "half an end": Break(
        HOLDINGS,
        "2029-03-07,resigned",
        "2029-03-07,",
        HERE,
        ("half told", "`until` and `how`", "not told"),
    ),
    "no such way to end": Break(
        HOLDINGS, "2029-03-07,resigned", "2029-03-07,promoted", HERE, ("dismissed",)
    ),
    "unknown post": Break(
        HOLDINGS,
        "governor-westmarch,governor-1",
        "governor-westmarsh,governor-1",
        HERE,
        ("unknown post", "governor-westmarch", "posts.csv"),
    ),
    "unknown person": Break(
        HOLDINGS,
        "governor-westmarch,governor-1",
        "governor-westmarch,governor-9",
        HERE,
        ("unknown person", "governor-1", "people.csv"),
    ),
    "unknown faction": Break(
        PEOPLE,
        "(invented),state,,Midland",
        "(invented),stat,,Midland",
        HERE,
        ("unknown faction", "state", "factions.csv"),
    ),
    "unknown origin": Break(
        PEOPLE, "state,,Midland", "state,,Midlant", HERE, ("unknown region", "Midland")
    ),
    "person twice": Break(
        PEOPLE, "port-1,The head", "governor-1,The head", HERE, ("appears twice", "one row")
    ),
    "unknown reference": Break(
        PEOPLE,
        "premier-2,The next Prime Minister of Arvenia (invented),palace,,,reported,arv-observer",
        "premier-2,The next Prime Minister of Arvenia (invented),palace,,,reported,arv-observr",
        HERE,
        ("unknown reference", "arv-observer"),
    ),
    "unknown team": Break(
        POSTS, "0.6,3,premier,", "0.6,3,premiere,", HERE, ("unknown post", "premier")
    ),
    "circular team": Break(
        POSTS,
        "0.8,1,,,yes",
        "0.8,1,minister,,yes",
        HERE,
        ("has itself a team", "leave `team` empty"),
    ),
    "a region's post without region": Break(
        POSTS, "regional,Midland,", "regional,,", HERE, ("names no region", "regions.csv")
    ),
    "a rank above 1": Break(POSTS, "regional,Midland,0.5", "regional,Midland,5", HERE, ("0 to 1",)),
    "a named holder of one of three seats": Break(
        HOLDINGS,
        "premier,premier-2,2029-03-07",
        "minister,premier-2,2029-03-07",
        HERE,
        ("3 seats", "one seat", "row of its own"),
    ),
    "kin of different groups": Break(
        TIES,
        "president-1,port-1",
        "president-1,premier-1",
        HERE,
        ("contradicts people.csv", "same `kin`"),
    ),
    "no people": Break(PEOPLE, "", "", None, ("is empty", "remove it")),
}


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A copy of the template pack."""
    return Path(shutil.copytree(packs_folder() / "template", tmp_path / "arvenia"))


@pytest.fixture(scope="module")
def kazakhstan() -> Country:
    return load_country("kazakhstan")


@pytest.fixture(scope="module")
def part(kazakhstan: Country) -> Offices:
    found = load_offices(kazakhstan)
    assert found is not None
    return found


@pytest.mark.parametrize("name", BREAKS)
def test_refused(template: Path, name: str) -> None:
    path, line = BREAKS[name].make(template)
    with pytest.raises(FileError) as caught:
        load_offices(load_country(template))
    error = caught.value
    assert error.path == path
    assert error.line == line
    for text in BREAKS[name].says:
        assert text in str(error)


def test_two_posts_beside_each_other_are_fine(template: Path) -> None:
    part = load_offices(load_country(template))
    assert part is not None
    held = Counter(row.person for row in part.holdings)
    assert held["president-1"] == 2
    assert beside(part.top) == ("council-chair",)


def test_a_pack_without_posts_has_no_such_part(template: Path) -> None:
    (template / POSTS).unlink()
    assert load_offices(load_country(template)) is None


def test_the_cabinet_has_as_many_seats_as_the_sources_say(part: Offices) -> None:
    assert sum(post.seats for post in part.posts if post.team == "prime-minister") + 1 == 21


def test_every_region_has_a_head_and_an_area(part: Offices, kazakhstan: Country) -> None:
    regions = {region.region for region in kazakhstan.regions}
    assert {post.region for post in part.posts if post.kind == "regional"} == regions
    assert {row.region for row in part.areas} == regions


def test_every_claim_is_in_the_ledger(part: Offices, kazakhstan: Country) -> None:
    known = set(country_ledger(kazakhstan).claims)
    tables: tuple[tuple[Sourced, ...], ...] = (
        part.posts,
        part.people,
        part.holdings,
        part.factions,
        part.areas,
        part.ties,
        part.counts,
    )
    cited = {claim for table in tables for row in table for claim in row.claim_ids}
    assert len(cited) > 80
    assert cited <= known


def test_who_is_named_has_a_post_or_a_source_that_names_him(part: Offices) -> None:
    held = {row.person for row in part.holdings}
    for person in part.people:
        assert person.person in held or person.claim_ids


def test_what_is_recalled_is_called_assumed(part: Offices) -> None:
    for row in (*part.people, *part.holdings):
        if row.reference == "qantar-assumption":
            assert row.grade == "assumed"
            assert "recalled" in row.note


@pytest.fixture(scope="module")
def verdicts(part: Offices, kazakhstan: Country) -> dict[str, str]:
    found = checks(part, kazakhstan, load_years(kazakhstan))
    return {check.fact: check.verdict for check in found}


def test_what_was_put_in_is_called_input(verdicts: dict[str, str]) -> None:
    for fact in (
        "Dariga Nazarbayeva: Director of the agency Khabar",
        "Rakhat Aliyev: Chair of the Tax Police Committee",
        "Timur Kulibayev: Vice president of Kazakhoil",
        "Massimov is premier twice",
        "The cabinet of 11 January 2022",
        "Departures of January to March 2022",
    ):
        assert verdicts[fact] == "input"


def test_what_chance_gives_as_well_tells_nothing(verdicts: dict[str, str]) -> None:
    assert verdicts["Regional heads: southerners"] == "not told"
    assert verdicts["Regional heads: westerners"] == "not told"


def test_a_purge_of_many_at_once_is_missed(verdicts: dict[str, str]) -> None:
    assert verdicts["All of them within a quarter, by the law"] == "miss"


def test_checks_cite_the_ledger(part: Offices, kazakhstan: Country) -> None:
    known = set(country_ledger(kazakhstan).claims)
    for check in checks(part, kazakhstan, load_years(kazakhstan)):
        assert set(check.claims) <= known


def test_dated_changes_are_in_order(part: Offices) -> None:
    found = event_months(part)
    assert found == sorted(found)
    taken = [event for event in found if event.unit == "prime-minister" and event.kind == "took"]
    assert len(taken) == 12
    assert taken[0].month == month_number("1991-10")


def test_a_spell_without_a_told_end_is_cut_off(part: Offices) -> None:
    last = month_number("2021-12")
    found = spells(part, ["prime-minister", "khabar-director"], last)
    premiers = [spell for spell in found if spell.post == "prime-minister"]
    assert len(premiers) == 11
    assert [spell.left for spell in premiers] == [True] * 10 + [False]
    assert premiers[-1].ends == last
    assert [spell.left for spell in found if spell.post == "khabar-director"] == [False]


def test_even_spells_favour_regular_leaving_and_uneven_ones_do_not() -> None:
    even = [Spell("a", 33 * k, 33 * (k + 1), left=True) for k in range(20)]
    uneven = [Spell("a", 0, length, left=True) for length in (2, 2, 3, 4, 90, 120) * 3]
    for found, better in ((even, True), (uneven, False)):
        scores = {score.law: score.log_score for score in score_leaving(found, set())}
        assert (scores["regular"] > scores["constant rate"]) == better
        # Nothing is challenged, so that law is the null.
        assert scores["after a challenge"] == scores["constant rate"]


def test_a_count_has_the_probability_of_its_draws() -> None:
    assert log_binomial(1, 2, np.array([0.5, 0.5])) == pytest.approx(math.log(0.5))
    assert log_binomial(2, 2, np.array([0.5, 1.0 - 1e-12])) == pytest.approx(math.log(0.625))


def test_likely_counts_are_those_of_a_coin() -> None:
    assert likely_counts(2, np.array([0.5])) == (0, 2)
    assert likely_counts(100, np.array([0.5])) == (42, 58)
