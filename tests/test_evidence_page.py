import datetime as dt
import html
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from html_rules import assert_headings_in_order, html_faults
from qantar.base.provenance import Source
from qantar.evidence import Claim, Ledger, Reconciled, find_checks, find_conflicts
from qantar.evidence.causes import Cause
from qantar.evidence.codebook import load_codebook
from qantar.evidence.datasets import Cell, Table, TableHeader
from qantar.evidence.entities import Entities, Gazetteer, Spelling
from qantar.packs.country import COMMON, Country, packs_folder
from qantar.packs.evidence import country_ledger, list_targets, reconciled
from qantar.packs.loading import load_country
from qantar.reports.evidence import render_evidence
from qantar.reports.evidence.charts import day_scale, number_scale
from qantar.reports.evidence.names import Reader, cut, dated

VOID = {"meta", "link", "br", "hr", "img", "input", "col"}
Loaded = tuple[Country, Ledger, dict[str, tuple[Reconciled, ...]]]


class Nesting(HTMLParser):
    """Reads a page and refuses an end tag that closes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._seen(tag, dict(attrs))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._seen(tag, dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> at {self.getpos()}"

    def _seen(self, tag: str, attrs: dict[str, str | None]) -> None:
        self.scripts += tag == "script"
        self.ids += [str(attrs["id"])] if attrs.get("id") else []
        for name in ("href", "src"):
            if attrs.get(name):
                self.links.append(str(attrs[name]))
        self.fetched += [tag] if tag in ("img", "link", "iframe", "object", "embed") else []


def read(page: str) -> Nesting:
    nesting = Nesting()
    nesting.feed(page)
    nesting.close()
    assert nesting.open == []
    return nesting


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    country = load_country("kazakhstan")
    ledger = country_ledger(country)
    sets = {name: reconciled(country, ledger, name) for name in list_targets(country)}
    return country, ledger, sets


@pytest.fixture(scope="module")
def page(loaded: Loaded) -> str:
    return render_evidence(*loaded)


def part(page: str, first: str, last: str) -> str:
    return html.unescape(page[page.index(f'<h2 id="{first}"') : page.index(f'<h2 id="{last}"')])


def claim(name: str, **columns: Any) -> Claim:
    default = {
        "claim": name, "source": "one", "locator": "p1", "category": "state_decision",
        "subject": "curfew", "predicate": "date", "modality": "stated", "paraphrase": "A curfew.",
    }  # fmt: skip
    return Claim.model_validate(default | columns)


def small(*claims: Claim) -> Ledger:
    names = ("curfew", "march")
    return Ledger(
        claims={each.claim: each for each in claims},
        sources={
            "one": Source(title="First", author="A. Nother", date="2030-04", kind="report"),
            "two": Source(title="Second", kind="report"),
        },
        codebook=load_codebook(packs_folder() / COMMON / "evidence" / "codebook.yaml"),
        gazetteer=Gazetteer("Arvenia", {"Port": "Coast"}),
        entities=Entities(Spelling(entity=name, kind="event", name=name) for name in names),
        causes={"prices": Cause(title="High prices", group="grievance")},
        tables={},
    )


@pytest.fixture(scope="module")
def template() -> Country:
    return load_country("template")


def test_every_claim_has_one_anchor_and_stands_there_in_full(loaded: Loaded, page: str) -> None:
    anchors = Counter(read(page).ids)
    ledger = part(page, "ledger", "use")
    for each in loaded[1].claims.values():
        assert anchors[f"claim-{each.claim}"] == 1
        entry = ledger[ledger.index(f'<li id="claim-{each.claim}"') :]
        entry = entry[: entry.index("</li>")]
        assert each.paraphrase in entry
        assert each.locator in entry


def test_every_link_resolves_inside_the_page_and_no_id_stands_twice(page: str) -> None:
    nesting = read(page)
    assert [name for name, count in Counter(nesting.ids).items() if count > 1] == []
    assert {link for link in nesting.links if not link.startswith("#")} == set()
    assert {link[1:] for link in nesting.links} <= set(nesting.ids)


def test_every_conflict_is_shown_with_links_to_all_its_claims(loaded: Loaded, page: str) -> None:
    ledger = loaded[1]
    shown = part(page, "disputed", "arithmetic")
    cards = re.split(r'(?=<(?:article|li)\b[^>]* id="conflict-)', shown.replace("li id", "li  id"))
    found = [set(re.findall(r'href="#claim-([^"]+)"', card)) for card in cards]
    conflicts = find_conflicts(ledger)
    assert shown.count('id="conflict-') == len(conflicts)
    for conflict in conflicts:
        assert {each.claim for each in conflict.claims} in found
    folded = shown[shown.index('id="explained"') :]
    assert folded.count('id="conflict-') == sum(not conflict.open for conflict in conflicts)


def test_every_finding_is_shown_and_those_that_fail_are_not_folded(
    loaded: Loaded, page: str
) -> None:
    shown = part(page, "arithmetic", "targets")
    open_part = shown.partition('<details class="fold">')[0]
    findings = find_checks(loaded[1])
    for each in findings:
        assert each.sum in shown
        assert each.holds or each.sum in open_part
    assert open_part.count('class="sum"') == sum(not each.holds for each in findings)


def test_every_target_names_its_claims_and_what_leaving_a_source_out_does(
    loaded: Loaded, page: str
) -> None:
    shown = part(page, "targets", "map")
    for name, own in loaded[2].items():
        for each in own:
            anchor = f'<tr id="target-{name}-{each.target.target}"'
            row = shown[shown.index(anchor) :].partition("</tr>")[0]
            for used in each.used:
                assert f'href="#claim-{used.claim}"' in row
            for aside in each.set_aside:
                assert f'href="#claim-{aside}"' in row
            effects = row[row.index('class="effects"') :]
            assert effects.count("<li>") == len(each.without)
            for source in each.without:
                assert each.change(source) in effects


def test_each_stance_stands_in_its_row_with_its_claims(loaded: Loaded, page: str) -> None:
    shown = part(page, "causes", "tables")
    for each in loaded[1].claims.values():
        if each.predicate == "stance":
            row = shown[shown.index(f'<tr id="cause-{each.subject}"') :].partition("</tr>")[0]
            assert f'href="#claim-{each.claim}"' in row


def test_the_page_is_well_formed_small_and_fetches_nothing(page: str) -> None:
    nesting = read(page)
    assert nesting.fetched == []
    assert nesting.scripts == 1
    assert "@import" not in page
    assert "://" not in page.partition("<script>")[2]
    assert re.findall(r"url\(", page) == []
    assert len(page.encode()) < 5_000_000


def test_headings_are_in_order_and_figures_and_tables_have_words(page: str) -> None:
    assert_headings_in_order(page)
    for opening in re.findall(r"<svg [^>]*>", page):
        assert 'aria-label="' in opening or 'aria-hidden="true"' in opening
    for box in re.findall(r"<[a-z]+ class=\"box\"[^>]*>", page):
        assert 'tabindex="0"' in box
        assert "aria-label=" in box


def test_the_same_evidence_gives_the_same_page(loaded: Loaded, page: str) -> None:
    assert render_evidence(*loaded) == page


def test_decisions_stand_on_the_day_that_each_source_gives(template: Country) -> None:
    ledger = small(
        claim("a", date_from="2030-03-05", date_to="2030-03-05"),
        claim("b", source="two", date_from="2030-03-06", date_to="2030-03-06"),
        claim("c", predicate="used_force", date_from="2030-03-06", date_to="2030-03-06"),
    )
    shown = part(render_evidence(template, ledger, {}), "decisions", "timeline")
    rows = shown.split("<tr>")[2:]
    assert [re.findall(r'href="#claim-(\w)"', row) for row in rows] == [["a", "b"], ["c"]]
    assert "differ" in rows[0]
    assert "one source" in rows[1]
    assert re.findall(r'class="day" [^>]*>([^<]+)<', rows[0]) == ["5 Mar", "6 Mar"]


def test_what_two_sources_say_alike_is_established_and_what_clashes_is_not(
    template: Country,
) -> None:
    day = {"date_from": "2030-03-05", "date_to": "2030-03-05"}
    dead = {"subject": "march", "predicate": "deaths", "category": "deaths", "reading": "exact"}
    ledger = small(
        claim("a", **day),
        claim("b", source="two", **day),
        claim("c", value_low="3", value_high="3", **dead),
        claim("d", source="two", value_low="9", value_high="9", **dead),
    )
    text = render_evidence(template, ledger, {})
    established = part(text, "established", "decisions")
    assert re.findall(r'href="#claim-(\w)"', established) == ["a", "b"]
    disputed = part(text, "disputed", "arithmetic")
    assert set(re.findall(r'href="#claim-(\w)"', disputed)) == {"c", "d"}
    assert "3 (A) against 9 (B)" in disputed


def test_the_page_is_sound_html(page: str) -> None:
    assert html_faults(page) == []


def test_text_of_a_claim_is_never_taken_for_markup(template: Country) -> None:
    bad = '<script>alert("x")</script>'
    ledger = small(
        claim("a", paraphrase=bad, date_from="2030-03-05", date_to="2030-03-05", place=bad),
        claim("b", source="two", paraphrase=bad, attributed_to=bad, date_from="2030-03-07",
              date_to="2030-03-07"),
    )  # fmt: skip
    text = render_evidence(template, ledger, {})
    assert bad not in text
    assert html.escape(bad, quote=False) in html.unescape(text).replace(
        bad, html.escape(bad, quote=False)
    )
    assert read(text).scripts == 1


def test_a_ledger_of_one_claim_and_an_empty_one_are_still_pages(template: Country) -> None:
    for ledger in (small(), small(claim("a")), small(claim("a", date_from="2030-03-05"))):
        text = render_evidence(template, ledger, {})
        nesting = read(text)
        assert {link[1:] for link in nesting.links} <= set(nesting.ids)
        assert "No conflict is left open." in text
        assert "The sources print no data set." in text
        assert "declares no targets" in text


def test_shares_of_a_survey_are_drawn_and_said_to_stand_for_nobody(template: Country) -> None:
    cells = tuple(
        Cell(subject="march", predicate="count", item=item, label=label, printed=n, unit="answers")
        for item, label, n in (("yes", "Yes, <b>", "30"), ("no", "No", "10"))
    )
    header = TableHeader(
        title="Asked",
        category="survey",
        source="one",
        locator="t1",
        file="t.csv",
        base=40,
        representative=False,
    )
    ledger = replace(small(claim("a")), tables={"asked": Table("asked", header, cells)})
    shown = part(render_evidence(template, ledger, {}), "tables", "ledger")
    assert "Not representative." in shown
    assert "75.0 % (30 of 40)" in shown
    assert shown.count('class="rows"') == 1


def test_scales_grow_tenfold_only_where_counts_lie_far_apart() -> None:
    assert number_scale([3, 9]).log is False
    wide = number_scale([5, 12_000, float("inf")])
    assert wide.log
    assert wide.at(0) == wide.at(wide.low)
    assert [text for _, text in wide.ticks] == ["10", "100", "1,000", "10k"]
    years = day_scale([dt.date(1991, 1, 1).toordinal(), dt.date(2019, 1, 1).toordinal()])
    assert all(re.fullmatch(r"\d{4}", text) for _, text in years.ticks)


def test_dates_are_told_no_more_exactly_than_they_are_given() -> None:
    told = [
        dated(claim("a", date_from=start, date_to=end))
        for start, end in (
            ("2022-01-05", "2022-01-05"), ("2022-01-05", "2022-01-06"), ("2022-01", "2022-01"),
            ("2011", "2012"), ("", "1997"), ("2022-01-05", ""), ("", ""),
        )
    ]  # fmt: skip
    assert told == [
        "5 Jan 2022", "5 to 6 Jan 2022", "Jan 2022", "2011 to 2012", "until 1997",
        "since 5 Jan 2022", "no date",
    ]  # fmt: skip


def test_sources_have_letters_and_long_names_are_cut_between_words() -> None:
    reader = Reader(small(claim("a"), claim("b", source="two")))
    assert [badge.letter for badge in reader.badges.values()] == ["A", "B"]
    assert cut("Thesis on the decisions of the government", 26) == "Thesis on the decisions …"
