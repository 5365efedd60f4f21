import html
import re
from dataclasses import replace

import matplotlib as mpl
import pandas as pd
import pytest
from rich.console import Console

from html_rules import (
    assert_headings_in_order,
    assert_references_resolve,
    assert_self_contained,
    html_faults,
)
from qantar.analysis.accuracy import accuracy
from qantar.analysis.facts import facts
from qantar.analysis.run import Run, run
from qantar.reports.maps import panel_days
from qantar.reports.phrases import subject
from qantar.reports.run_report import render_report
from qantar.reports.style import percent, rounded
from qantar.reports.terminal import scorecard_table
from qantar.simulate.scenario import make_scenario

Ran = tuple[Run, pd.DataFrame]
MANIFEST = {"qantar_version": "0", "citations": ["Somebody (2002). A <work>. https://doi.org/1"]}


@pytest.fixture(scope="module")
def ran() -> Ran:
    result = run(make_scenario("january-2022", belief="prior"), members=8)
    return result, facts(result.outcome, result.targets)


@pytest.fixture(scope="module")
def page(ran: Ran) -> str:
    return render_report(*ran, MANIFEST)


def part(page: str, first: str, last: str) -> str:
    return page[page.index(f'<h2 id="{first}"') : page.index(f'<h2 id="{last}"')]


def test_every_target_leads_to_every_claim_and_where_it_stands(ran: Ran, page: str) -> None:
    result = ran[0]
    for item in result.scores:
        row = page[page.index(f'<tr id="target-{item.target.target}"') :]
        row = html.unescape(row[: row.index("</details>")])
        assert subject(item.target) in row
        for name in item.target.claim_ids:
            claim = result.claims[name]
            assert claim.paraphrase in row
            assert f"{claim.source}, {claim.locator}" in row


def test_held_back_fit_and_weak_targets_stand_apart(ran: Ran, page: str) -> None:
    scorecard = part(page, "scorecard", "misses")
    held, rest = scorecard.split("Open to fitting")
    fit, weak = rest.split("Weak")
    parts = {"held": held, "fit": fit, "weak": weak}
    for item in ran[0].scores:
        anchor = f'id="target-{item.target.target}"'
        assert [use for use, text in parts.items() if anchor in text] == [item.target.use]


def test_whatever_is_not_hit_is_told_under_what_the_model_misses(ran: Ran, page: str) -> None:
    told = part(page, "misses", "made")
    misses, rest = told.split("<h3>Near, but not hit")
    nears, vague = rest.split("<h3>Not informative")
    for item in ran[0].scores:
        link = f'href="#target-{item.target.target}"'
        assert (link in misses) == (item.verdict == "miss")
        assert (link in nears) == (item.verdict == "near")
        assert (link in vague) == (item.verdict == "uninformative")


def test_coverage_and_crps_are_next_to_the_hits(ran: Ran, page: str) -> None:
    said = html.unescape(page[: page.index('<nav aria-label="Parts')])
    for use in ("fit", "held"):
        own = [item for item in ran[0].scores if item.target.use == use]
        found = accuracy(ran[0].outcome, ran[0].scenario.episode, own)
        assert f"for {found.overlapping} of {found.ranged} targets" in said
        assert f"Mean CRPS: {found.crps:.2f} standard errors" in said


def test_the_page_fetches_nothing_and_runs_nothing(page: str) -> None:
    assert_self_contained(page, ("#", "evidence.html"))


def test_every_reference_inside_a_figure_leads_somewhere_and_no_id_stands_twice(page: str) -> None:
    assert_references_resolve(page)


def test_headings_are_in_order_and_figures_have_words(page: str) -> None:
    assert_headings_in_order(page)
    for opening in re.findall(r"<svg [^>]*>", page):
        assert 'aria-label="' in opening or 'aria-hidden="true"' in opening


def test_the_same_run_gives_the_same_page_and_leaves_matplotlib_alone(ran: Ran, page: str) -> None:
    before = dict(mpl.rcParams)
    assert render_report(*ran, MANIFEST) == page
    assert dict(mpl.rcParams) == before


def test_the_page_is_sound_html(page: str) -> None:
    assert html_faults(page) == []


def test_the_page_is_small_and_text_is_escaped(page: str) -> None:
    assert len(page.encode()) < 4_000_000
    assert "A &lt;work&gt;." in page


def test_a_country_without_targets_or_boundaries_is_still_shown() -> None:
    result = run(make_scenario("spring-unrest", pack="template", belief="prior"), members=2)
    assert not (result.scenario.country.folder / "boundaries.geojson").exists()
    bare = replace(result, ledger=None, reconciled=(), scores=())
    page = render_report(bare, facts(bare.outcome, bare.targets), {})
    assert "the run is not scored" in page
    assert page.count('class="map"') == len(panel_days(bare.outcome.layout.days))


def test_the_console_table_is_narrow_and_short_unless_asked(ran: Ran) -> None:
    result = ran[0]
    layout = result.outcome.layout
    console = Console(width=100, record=True, force_terminal=False)
    short = scorecard_table(result.scores, layout)
    assert short.row_count <= 25
    full = scorecard_table(result.scores, layout, full=True)
    assert full.row_count == len(result.scores)
    with console.capture() as capture:
        console.print(full)
    assert max(len(line) for line in capture.get().splitlines()) <= 100


def test_numbers_read_as_people_write_them() -> None:
    assert [rounded(v) for v in (0, 0.3, 7, 37.4, 1234, 99_950)] == [
        "0",
        "fewer than 1",
        "7",
        "37",
        "1,200",
        "100,000",
    ]
    assert rounded(2_340_000) == "2.3 million"
    assert percent(0.001).startswith("under")
    assert percent(0.999).startswith("over")


def test_maps_show_nine_days_at_most() -> None:
    assert panel_days(13) == list(range(1, 10))
    assert panel_days(5) == [0, 1, 2, 3, 4]
    assert len(panel_days(60)) == 9
