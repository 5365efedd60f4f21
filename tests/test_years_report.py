"""The page of a run of the years: sound, self-contained, and saying what the tables say."""

from __future__ import annotations

import datetime as dt
import re

import pytest

import qantar
from html_rules import (
    assert_headings_in_order,
    assert_references_resolve,
    assert_self_contained,
    html_faults,
)
from qantar.analysis.years.directory import years_manifest
from qantar.api.years import YearsResult
from qantar.reports.style import percent
from qantar.reports.years.drawings import scope_bar, stock_strips
from qantar.reports.years.fitted import class_names
from qantar.reports.years.page import LIMITS, render_years
from qantar.reports.years.sentences import headline, points
from qantar.reports.years.terminal import MOST, triggers_that_matter


@pytest.fixture(scope="module")
def found() -> YearsResult:
    return qantar.years("kazakhstan", until="2035", members=6, belief="prior")


def page_of(found: YearsResult, since: int = 1991) -> str:
    started = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    manifest = years_manifest(found.study, started=started, wall_seconds=1.0)
    return render_years(found.study, manifest, since=since)


@pytest.fixture(scope="module")
def page(found: YearsResult) -> str:
    return page_of(found)


def test_the_page_is_sound(page: str) -> None:
    assert html_faults(page) == []
    assert_self_contained(page, ("#", "state.html", "after.html"))
    assert_references_resolve(page)
    assert_headings_in_order(page)


def test_the_page_says_what_it_cannot_say(page: str) -> None:
    for part in ("triggers", "regions", "money", "futures", "limits", "made", "cite"):
        assert f'id="{part}"' in page
    assert all(line.split(":")[0] in page for line in LIMITS)
    assert "This is no forecast" in page
    assert "no regional history was fitted" in page
    assert "seen in hindsight" in page


def test_verdicts_are_those_of_the_tables(found: YearsResult, page: str) -> None:
    section = page.split('id="triggers"')[1].split('id="regions"')[0]
    table = found.tables["triggers"]
    for verdict in ("hit", "miss"):
        shown = len(re.findall(rf"</span> {verdict}</span></td>", section))
        assert shown == (table["verdict"] == verdict).sum()
    assert section.count("<tr><th") == 1 + len(table)


def test_claims_about_transfers_are_marked(found: YearsResult, page: str) -> None:
    money = found.tables["money"]
    claimed = money[money["claim"] != ""]
    assert {"Mangystau", "Atyrau"} <= set(claimed["region"])
    assert set(claimed["kind"]) == {"general"}
    section = page.split('id="money"')[1].split('id="futures"')[0]
    assert section.count("seed-000 p3") == len(claimed)


def test_every_chance_on_the_page_has_the_prior_beside_it(found: YearsResult, page: str) -> None:
    section = page.split('id="futures"')[1].split('id="limits"')[0]
    rows = re.findall(r'data-name="Histories">([^<]+)</td><td[^>]*>([^<]+)<', section)
    assert len(rows) == len(found.tables["futures"])
    assert all(own == prior for own, prior in rows)  # the prior itself
    for line in headline(found.study):
        if "national wave by" in line or "went national" in line:
            assert "prior alone" in line


def test_a_later_first_year_leaves_earlier_rows_out(found: YearsResult) -> None:
    page = page_of(found, since=2015)
    assert "Police fire on strikers" not in page.split('id="triggers"')[1].split('id="regions"')[0]
    assert "liquefied gas" in page
    assert html_faults(page) == []


def test_a_short_run_under_the_empty_law_has_a_page() -> None:
    short = qantar.years("kazakhstan", until="2016-06", law="constant", members=3, belief="prior")
    assert "futures" not in short.tables
    page = page_of(short, since=2010)
    assert html_faults(page) == []
    assert 'id="futures"' not in page
    assert "liquefied gas" not in page.split('id="scores"')[0]


def test_bars_of_scopes_and_strips(found: YearsResult) -> None:
    shares = {"none": 0.5, "local": 0.5, "several": 0.0, "wide": 0.0, "national": 0.0}
    bar = scope_bar(shares, "national")
    assert "observed: national" in bar
    assert percent(0.5) in bar
    regions = found.tables["regions"]
    strips = stock_strips(regions[regions["histories"] == "free"], 2000)
    assert strips
    for strip in strips:
        assert len({colour for colour, _ in strip.key}) == len(strip.key)
        assert strip.svg.count("<text") >= regions["region"].nunique()


def test_the_screen_shows_the_triggers_that_matter(found: YearsResult) -> None:
    chosen = triggers_that_matter(found.study, 1991)
    assert 0 < len(chosen) <= MOST
    assert set(chosen["trigger"]) >= {"lpg-2022", "land-2016"}
    assert list(chosen["date"]) == sorted(chosen["date"])


def test_the_share_of_political_assemblies_is_told(found: YearsResult, page: str) -> None:
    line = next(line for line in headline(found.study) if "political" in line)
    table = found.tables["targets"]
    rows = table[table["variable"] == "political_share"]
    outside = (rows["q05"] > rows["high"]) | (rows["q95"] < rows["low"])
    assert f"in {(~outside).sum()} of {len(rows)} periods" in line
    assert line in page


def test_published_numbers_are_shown_as_they_are(page: str) -> None:
    targets = page.split('id="targets"')[1].split("</table>")[0]
    assert ">227<" in targets
    assert ">162 to 462<" in targets
    assert "political share, %, 2019" in targets


def test_scopes_are_told_by_number_of_regions(found: YearsResult) -> None:
    assert class_names(found.study) == ["none or one", "2 to 8", "9 to 14", "15 or more"]


def test_differences_are_told_with_their_sign() -> None:
    assert points(-0.04, 0.02) == "\u22124 ± 2.0 points"
    assert points(0.04, 0.02).startswith("+4")
    assert points(0.0, 0.004) == "0 ± 0.4 points"


def test_representations(found: YearsResult) -> None:
    assert "prior alone" in repr(found)
    assert found._repr_html_().startswith("<table>")
    assert len(found.to_frame()) == len(found.tables["triggers"])
