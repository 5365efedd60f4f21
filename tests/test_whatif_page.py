from __future__ import annotations

import html
import re
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from example_whatif import (
    MEMBERS,
    NO_EFFECT,
    SPREAD,
    dated,
    dosed,
    made_range,
    made_whatif,
    plain,
    result_of,
    scenario,
    world,
)
from html_rules import (
    assert_headings_in_order,
    assert_references_resolve,
    assert_self_contained,
    html_faults,
)
from qantar.analysis.whatif.attribution import LABELS, METHOD
from qantar.analysis.whatif.designs import interactions
from qantar.analysis.whatif.result import COLUMNS, WhatIf
from qantar.reports.terminal import whatif_lines
from qantar.reports.whatif.decisions import order_sentence
from qantar.reports.whatif.difference_tables import (
    account_sentence,
    agreement,
    expectation_text,
    regret_sentence,
    stable_ratio_text,
    variance_ratio_text,
)
from qantar.reports.whatif.formatting import (
    FEW_PAIRS,
    Row,
    Rows,
    figure,
    signed,
    varied_range,
)
from qantar.reports.whatif.page import MOST_DRAWN, render_whatif
from qantar.reports.whatif.sentences import (
    PROTEST,
    both_ways_sentence,
    deaths_sentence,
    effect_sentence,
    flip_sentence,
    headline,
    mostly_same_sentence,
    pairs_sentence,
    together,
)

MANIFEST = {"qantar_version": "0", "citations": ["Somebody (2002). A <work>. https://doi.org/1"]}
NUMBER = re.compile(r"[+\u2212]?\d[\d,]*(?:\.\d+)?")


@pytest.fixture(scope="module")
def page() -> str:
    return render_whatif(made_whatif(), MANIFEST)


def block(page: str, number: int) -> str:
    """Return the part of a page about one alternative."""
    return page[page.index(f'<h2 id="w{number}"') :].split("</section>")[0]


def text_of(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", markup))


def numbers_in(markup: str) -> list[float]:
    plain_text = text_of(markup).replace("\u00a0%", "%")
    plain_text = plain_text.replace("mean, 90%:", "").replace("pairs, 90%:", "")
    found = [token.replace(",", "").replace("\u2212", "-") for token in NUMBER.findall(plain_text)]
    return [float(token) for token in found]


def cells_of(row: str) -> dict[str, str]:
    return dict(re.findall(r'data-name="([^"]+)">(.*?)</td>', row, flags=re.DOTALL))


def as_shown(value: float) -> float:
    """Return a value as exact as the page gives it."""
    return float(figure(value).replace(",", "").replace("\u2212", "-"))


def row_of(**changed: object) -> Row:
    """Return a row of the table of differences: 31 fewer of 104."""
    values: dict[str, object] = {
        "change": "no-shoot-order", "mode": "rules", "account": "union", "quantity": "deaths",
        "level": "country", "name": "Arvenia", "unit": "persons", "baseline": 104.0,
        "changed": 73.0, "difference": -31.0, "low": -55.0, "high": -12.0, "pair_low": -120.0,
        "pair_high": 9.0, "fewer": 0.83, "same": 0.09, "more": 0.08, "variance_ratio": 6.0,
        "flipped": 0.0, "stable_ratio": 6.0,
    }  # fmt: skip
    return Row(**(values | changed))  # type: ignore[arg-type]


MORE = {"difference": 4.0, "low": 1.0, "high": 7.0, "fewer": 0.1, "same": 0.2, "more": 0.7}
UNSURE = {"difference": -3.0, "low": -12.0, "high": 6.0, "fewer": 0.4, "same": 0.3, "more": 0.3}
ALIKE = {"difference": -0.1, "low": -0.2, "high": -0.01, "fewer": 0.03, "same": 0.97, "more": 0.0}


@pytest.mark.parametrize("number", [1, 2])
def test_every_number_of_the_country_table_is_that_of_the_differences(
    page: str, number: int
) -> None:
    result = made_whatif()
    rows = Rows(result).of_change(result.worlds[number - 1].label, "country")
    part = block(page, number)
    assert rows
    for row in rows:
        start = part.index(f'data-quantity="{row.quantity}"')
        cells = cells_of(part[start : part.index("</tr>", start)])
        if row.quantity != "last_day":
            assert numbers_in(cells["Baseline"]) == [as_shown(row.baseline)]
            assert numbers_in(cells["Changed"]) == [as_shown(row.changed)]
        wanted = (row.difference, row.low, row.high, row.pair_low, row.pair_high)
        assert numbers_in(cells["Difference"]) == [as_shown(v) for v in wanted]
        shares = [100 * share for share in (row.fewer, row.same, row.more)]
        assert numbers_in(cells["Fewer / same / more"]) == pytest.approx(shares, abs=0.5001)


def test_a_figure_is_within_half_of_its_last_digit() -> None:
    for value in (0.04, 0.26, 3.14, 9.96, 12.5, 99.4, 101.2, 999.6, 1234.0, 98765.0, 1.5e6):
        assert as_shown(value) == pytest.approx(
            value, rel=0.005, abs=0.0501 if value < 10 else 0.501
        )
        assert as_shown(-value) == -as_shown(value)
    assert signed(0.01) == "0"
    assert signed(2.0) == "+2"
    assert signed(-2.0) == "\u22122"


def test_the_headline_gives_the_known_difference_with_the_interval_of_the_table(page: str) -> None:
    result = made_whatif()
    row = Rows(result).find("no-shoot-order", "deaths")
    assert row is not None
    assert row.difference == pytest.approx(-31, abs=1e-4)
    assert (row.pair_low, row.pair_high) == pytest.approx((-31 - SPREAD, -31 + SPREAD))
    said = html.unescape(block(page, 1).replace("\u00a0", " "))
    low, high = figure(-row.high), figure(-row.low)
    assert (
        f"In the model, 31 fewer people die on average (90 % interval of the mean: {low} to {high} "
        f"fewer; baseline: {figure(row.baseline)}). Fewer people died in {MEMBERS} of {MEMBERS} "
        "pairs"
    ) in said


def test_fewer_more_and_no_effect_are_said_plainly() -> None:
    assert deaths_sentence(row_of()).replace("\u00a0", " ") == (
        "In the model, 31 fewer people die on average (90 % interval of the mean: 12 to 55 fewer; "
        "baseline: 104)."
    )
    assert deaths_sentence(row_of(**MORE)).startswith("In the model, 4 more people die on average")
    assert "1 to 7 more" in deaths_sentence(row_of(**MORE))
    unsure = deaths_sentence(row_of(**UNSURE))
    assert unsure.startswith("No clear effect on deaths")
    assert "3 fewer" in unsure
    assert "12 fewer to 6 more, contains zero" in unsure
    alike = deaths_sentence(row_of(**ALIKE))
    assert alike.startswith("No clear effect on deaths: almost no pair differs")
    assert deaths_sentence(None) == "The effect on deaths was not computed."
    assert pairs_sentence(row_of(), 100) == (
        "Fewer people died in 83 of 100 pairs, equally many in 9, more in 8."
    )


def test_longer_and_larger_are_said_with_their_unit() -> None:
    forms = PROTEST["last_day"]
    longer = row_of(quantity="last_day", unit="days", difference=1.5, low=0.4, high=2.6)
    assert effect_sentence(longer, *forms).startswith(
        "In the model, protest lasts 1.5 days longer ("
    )
    shorter = row_of(quantity="last_day", unit="days", difference=-1.0, low=-2.0, high=-0.5)
    assert "lasts 1 day less (" in effect_sentence(shorter, *forms)
    unsure = row_of(quantity="last_day", unit="days", difference=0.2, low=-1.0, high=2.0)
    assert effect_sentence(unsure, *forms).startswith(
        "No clear effect on how long protest lasts: the mean difference is 0.2 days longer"
    )
    assert "1 day less to 2 days longer." in effect_sentence(unsure, *forms)
    row = row_of(quantity="participants", **MORE)
    assert effect_sentence(row, *PROTEST["participants"]).startswith(
        "On the busiest day of the model, 4 more people take part ("
    )


def test_where_courses_flip_luck_is_said_to_decide_with_both_shares() -> None:
    table = pd.DataFrame(
        [
            ("a", "national, put down", "local, few dead", 0.15),
            ("a", "local, few dead", "national, put down", 0.05),
            ("a", "local, few dead", "local, few dead", 0.8),
            ("b", "local, few dead", "national, put down", 0.02),
        ],
        columns=COLUMNS["regimes"].split(),
    )
    said = flip_sentence(table, "a", 200)
    assert said.startswith("In 40 of 200 pairs the change leads to another kind of outcome")
    assert "30 from “national, put down” to “local, few dead”" in said
    assert "10 from “local, few dead” to “national, put down”" in said
    assert "in 160 the kind is the same" in said
    assert flip_sentence(table, "b", 200) == ""
    mostly = row_of(fewer=0.25, same=0.75, more=0.0)
    assert "75 of 100, deaths do not differ" in mostly_same_sentence(mostly, 100)
    assert mostly_same_sentence(row_of(), 100) == ""
    assert both_ways_sentence(row_of()) == ""
    assert "random variation outweighs" in both_ways_sentence(row_of(**UNSURE))


def test_luck_is_on_the_page_where_half_of_the_pairs_go_either_way() -> None:
    result = result_of(world(plain("coin"), fewer=30, both_ways=True))
    row = Rows(result).find("coin", "deaths")
    assert row is not None
    assert (row.fewer, row.more) == (0.5, 0.5)
    said = headline(result, Rows(result), result.worlds[0])
    assert any("random variation outweighs" in line for line in said.luck)
    assert said.luck[-1] in html.unescape(render_whatif(result, {}))


def test_a_variance_ratio_without_an_effect_says_nothing(page: str) -> None:
    assert variance_ratio_text(row_of()) == ("6 ×", False)
    assert variance_ratio_text(row_of(**UNSURE)) == ("6 × (no clear effect)", True)
    assert variance_ratio_text(row_of(**ALIKE)) == ("6 × (no clear effect)", True)
    assert variance_ratio_text(row_of(variance_ratio=np.nan)) == ("no pair differs", True)
    assert stable_ratio_text(row_of()) == ""
    flips = stable_ratio_text(row_of(flipped=0.2, stable_ratio=40.0))
    assert flips.replace("\u00a0", " ") == "40 × excluding the 20 % of pairs that change kind"
    part = block(page, 2)
    start = part.index('data-quantity="deaths"')
    assert '<td class="n grey" data-name="Variance ratio">no pair differs' in part[start:]


def test_an_expected_sign_held_did_not_or_cannot_be_told(page: str) -> None:
    assert expectation_text(row_of(), "fewer") == "fewer; confirmed"
    assert expectation_text(row_of(**MORE), "fewer") == "fewer; not confirmed"
    assert expectation_text(row_of(**UNSURE), "fewer") == "fewer; no clear effect"
    assert expectation_text(row_of(**MORE), "either") == "either; result: more"
    assert expectation_text(row_of(**UNSURE), "either") == "either; result: no clear effect"
    part = block(page, 1)
    for quantity, verdict in (
        ("deaths", "fewer; confirmed"),
        ("wounded", "not confirmed"),
    ):
        start = part.index(f'data-quantity="{quantity}"')
        assert verdict in part[start : part.index("</tr>", start)]
    assert "nobody is ordered to shoot" in part


def test_both_ways_of_deciding_agree_or_differ() -> None:
    one = row_of()
    assert agreement(one, row_of(difference=-20.0, low=-30.0, high=-10.0)) == "agree"
    assert agreement(one, row_of(low=-90.0, high=-60.0)) == "agree in sign, differ in size"
    assert agreement(one, row_of(**MORE)) == "differ: opposite signs"
    assert agreement(one, row_of(**UNSURE)) == "differ: only one shows an effect"
    assert agreement(row_of(**UNSURE), row_of(**ALIKE)) == "agree: no clear effect"


def test_rules_and_script_stand_side_by_side(page: str) -> None:
    part = page[page.index('<h2 id="modes"') : page.index('<h2 id="accounts"')]
    said = text_of(part)
    assert "No shoot order, deaths: the two modes agree in sign, differ in size." in said
    assert "Later curfew, deaths: the two modes agree: no clear effect." in said
    assert "\u221231" in said
    assert "\u221224" in said


def test_accounts_are_counted_with_those_that_say_the_opposite(page: str) -> None:
    part = page[page.index('<h2 id="accounts"') : page.index('<h2 id="cannot"')]
    said = html.unescape(part)
    assert "“fewer deaths” holds under 2 of 3 accounts. The opposite holds under null." in said
    assert "“no clear effect on deaths” holds under all 3 accounts." in said
    rows = re.findall(r'<tr><th scope="row" class="tight">(\w+)(.*?)</tr>', part, flags=re.DOTALL)
    assert [name for name, _ in rows] == [scenario().account.name, "null", "state"] or [
        name for name, _ in rows
    ] == [scenario().account.name, "state", "null"]
    first = {name: re.findall(r'<td class="(\w+)"', cells)[0] for name, cells in rows}
    assert first == {scenario().account.name: "fewer", "state": "fewer", "null": "more"}
    assert account_sentence("a", {"union": row_of()}, "union") == ""


def test_minimax_regret_counts_changing_nothing() -> None:
    good, bad = row_of(), row_of(difference=20.0, low=10.0, high=30.0)
    mild = row_of(difference=-10.0, low=-15.0, high=-5.0)
    grid = {"one": [good, mild], "two": [bad, mild]}
    # no change: 31 and 10; first: 0 and 30; second: 21 and 0
    said = regret_sentence(["first", "second"], grid)
    assert "accounts: second." in said
    assert "at most 21 above those of the best choice" in said
    harmful = {"one": [bad, bad], "two": [bad, bad]}
    assert "accounts: no change." in regret_sentence(["first", "second"], harmful)
    assert regret_sentence(["first"], {"one": [good], "two": [bad]}) == ""
    assert regret_sentence(["first", "second"], {"one": [good, None]}) == ""


def test_the_order_of_decisions_is_set_beside_the_sources() -> None:
    def decided(hours: tuple[float, ...], taken: float = 1.0) -> dict[str, dict[str, object]]:
        spans = {"curfew": (10, 12), "shutdown": (20, 30), "troops": (50, 60)}
        return {
            name: {"label": name, "earliest": a, "latest": b, "q50": hour, "taken": taken}
            for (name, (a, b)), hour in zip(spans.items(), hours, strict=True)
        }

    kept = order_sentence(decided((11, 25, 55)), decided((12, 26, 57)))
    assert "in an order that the sources allow: curfew, shutdown, troops" in kept
    assert "With the change the order is the same." in kept
    other = order_sentence(decided((11, 25, 55)), decided((11, 58, 55)))
    assert "in another order: curfew, troops, shutdown" in other
    assert "(against the sources: troops before shutdown)" in other
    one = decided((11, 25, 55), 0.1)
    one["curfew"]["taken"] = 0.9
    assert order_sentence(one, {}) == "In the baseline, most runs take only curfew."
    assert "most runs take none" in order_sentence(decided((1, 2, 3), 0.1), {})


def test_decisions_say_when_by_whom_and_what_was_missed() -> None:
    result = made_whatif()
    table = result.tables["decisions"].copy()
    first = table["action"].iloc[0]
    own = (table["action"] == first) & (table["change"] == "")
    table.loc[own, ["taken", "within_a_day"]] = 0.2
    page = render_whatif(replace(result, tables=result.tables | {"decisions": table}), {})
    part = text_of(block(page, 1).replace("\u00a0", " "))
    label = table["label"].iloc[0]
    assert f"Missed in the baseline: {label} (taken in only 20 % of runs)." in part
    assert "+9 h (+9 to +9)" in part


def test_a_shift_that_rests_on_a_handful_of_pairs_is_not_given() -> None:
    result = made_whatif()
    hours = result.worlds[0].hours.copy()
    hours[1:, 0] = np.nan
    rare = replace(result.worlds[0], hours=hours)
    page = render_whatif(replace(result, worlds=(rare,)), {})
    assert "1 pair: too few" in page
    assert "+9 h (+9 to +9)" not in page


def test_every_cause_has_a_bar_and_they_add_up(page: str) -> None:
    result = made_whatif()
    table = result.tables["attribution"]
    assert table["mean"].sum() == pytest.approx(-31)
    part = block(page, 1)
    figure_words = next(
        html.unescape(words)
        for words in re.findall(r'aria-label="([^"]+)"', part)
        if "Contribution of each cause" in words
    )
    for label in LABELS.values():
        assert label in figure_words
    assert f"{LABELS['fear']} +2.5" in figure_words
    assert f"{LABELS['anger']} \u22120.8" in figure_words
    assert "total \u221231" in figure_words
    assert METHOD in html.unescape(part)
    assert f"Based on {result.explained} pairs, so it can differ from the mean" in part
    assert f"The first to differ is {LABELS['force']}" in html.unescape(part)


def test_the_maps_say_the_numbers_of_the_regions(page: str) -> None:
    result = made_whatif()
    words = [html.unescape(w) for w in re.findall(r'aria-label="([^"]+)"', block(page, 1))]
    gap = next(w for w in words if w.startswith("Map of the difference, deaths"))
    layout = result.baseline.outcome.layout
    for region in layout.regions:
        row = Rows(result).find("no-shoot-order", "deaths", region=region)
        assert row is not None
        text = f"{region} {signed(row.difference)} ({signed(row.low)} to {signed(row.high)})"
        assert text in gap


def test_the_curve_of_differences_is_that_of_the_pairs(page: str) -> None:
    result = made_whatif()
    country = result.baseline.outcome.layout.country
    first, second = (
        w.outcome.hourly("country", country).astype(float)
        for w in (result.baseline, result.worlds[0])
    )
    mean = (second - first).mean(axis=0)
    peak = int(np.abs(mean).argmax())
    moment = result.scenario.episode.moment_of(peak)
    words = [html.unescape(w) for w in re.findall(r'aria-label="([^"]+)"', block(page, 1))]
    said = next(w for w in words if w.startswith("Difference of people in the street"))
    assert f"{moment.day} {moment:%B} at {moment:%H:%M}: {signed(mean[peak])} " in said


@pytest.mark.parametrize(("kind", "heading"), [("dose", "the dose"), ("date", "when")])
def test_a_range_of_doses_or_dates_is_a_curve(kind: str, heading: str) -> None:
    result = made_range(kind)
    page = render_whatif(result, {})
    assert f"How much depends on {heading}" in page
    part = page[page.index('<h2 id="doses"') : page.index('<h2 id="w1"')]
    words = html.unescape(re.findall(r'<svg[^>]*aria-label="([^"]+)"', part)[0])
    for one in result.worlds:
        row = Rows(result).find(one.label, "deaths")
        assert row is not None
        assert f": {signed(row.difference)} ({signed(row.low)} to {signed(row.high)})" in words
    drawn = page.count("In the street, hour by hour</h3>")
    assert drawn == MOST_DRAWN
    assert "are shown for 4 of 5 alternatives, not for this one" in page


def test_alternatives_that_differ_in_more_than_one_number_are_no_range() -> None:
    assert varied_range([world(dosed(s)) for s in (0.0, 0.5)]) is None
    assert varied_range([world(dosed(0.0)), world(dosed(1.0)), world(plain("a"))]) is None
    mixed = [world(dosed(s) + dated(h)) for s, h in ((0.0, 0), (0.5, 12), (1.0, 24))]
    assert varied_range(mixed) is None
    one = varied_range([world(dosed(s) + dated(12)) for s in (1.0, 0.0, 0.5)])
    assert one is not None
    assert [point[1] for point in one.points] == [0.0, 0.5, 1.0]
    assert "share left out" in one.axis


def test_missing_or_empty_tables_leave_their_part_out() -> None:
    bare = result_of(world(plain("no-shoot-order"), fewer=31))
    empty = {
        name: pd.DataFrame(columns=columns.split())
        for name, columns in COLUMNS.items()
        if name != "differences"
    }
    for result in (bare, replace(bare, tables=bare.tables | empty)):
        page = render_whatif(result, {})
        for text in (
            "When the state decided",
            "Causes of the difference",
            'id="modes"',
            'id="accounts"',
        ):
            assert text not in page
        assert 'id="doses"' not in page
        assert "31 fewer people die" in page
    nothing = render_whatif(WhatIf(scenario(), MEMBERS, 1, bare.baseline, bare.worlds), {})
    assert "The effect on deaths was not computed." in nothing


def test_the_page_says_how_it_was_made_and_what_it_cannot_say(page: str) -> None:
    said = html.unescape(page)
    assert "It was ordered on the fifth <at night>." in said
    assert "<at night>" not in page
    assert "A &lt;work&gt;." in page
    for text in ("obs-price, min-shutdown", "assumed", "seed 7", f"{MEMBERS} in each of 3"):
        assert text in said
    assert "not a fact about the world" in said
    assert "what repression costs and what prevents deaths" in said
    assert "What differs in the country" in said


def test_the_page_fetches_nothing_and_runs_nothing(page: str) -> None:
    assert_self_contained(page)


def test_ids_stand_once_and_every_reference_leads_somewhere(page: str) -> None:
    assert_references_resolve(page)


def test_headings_are_in_order_and_figures_have_words(page: str) -> None:
    assert_headings_in_order(page)
    figures = re.findall(r"<svg [^>]*>", page)
    assert len(figures) > 15
    for opening in figures:
        assert re.search(r'aria-label="[^"]{20,}"', opening)


def test_the_same_result_gives_the_same_page_and_leaves_matplotlib_alone(page: str) -> None:
    before = dict(mpl.rcParams)
    assert render_whatif(made_whatif(), MANIFEST) == page
    assert dict(mpl.rcParams) == before
    assert len(page.encode()) < 2_000_000


def test_the_page_is_sound_html(page: str) -> None:
    assert html_faults(page) == []
    assert html_faults(render_whatif(made_range(), MANIFEST)) == []


def test_the_terminal_shows_the_sentence_and_the_table_within_its_width() -> None:
    console = Console(width=100, record=True, force_terminal=False)
    with console.capture() as capture:
        for line in whatif_lines(made_whatif()):
            console.print(line)
    shown = capture.get()
    assert max(len(line) for line in shown.splitlines()) <= 100
    assert "No shoot order: In the model, 31 fewer people die" in shown
    assert "\u221231 (" in shown
    assert f"{NO_EFFECT.replace('-', ' ').capitalize()}: No clear effect on deaths" in shown
    assert len(whatif_lines(made_range())) == 1


def few_pairs() -> WhatIf:
    """Return a result that says it rests on few pairs."""
    return replace(made_whatif(), members=FEW_PAIRS - 1)


def test_a_preview_states_no_effect_outside_tables() -> None:
    page = text_of(render_whatif(few_pairs(), MANIFEST))
    console = Console(width=100, record=True, force_terminal=False)
    with console.capture() as capture:
        for line in whatif_lines(few_pairs()):
            console.print(line)
    for shown in (page, capture.get()):
        assert f"Preview from {FEW_PAIRS - 1} pairs" in shown
        assert "people die on average" not in shown
        assert "clear effect on" not in shown
        assert "\u221231" in shown
    assert not re.findall(r"<strong>[+\u2212]", render_whatif(few_pairs(), MANIFEST))


def test_the_baseline_is_said_once_not_to_be_history(page: str) -> None:
    assert text_of(page).count("it is not what happened") == 1
    assert "s it was" not in text_of(page)


def test_an_interaction_has_an_interval() -> None:
    first, second = dosed(0.5), dated(12)
    result = result_of(
        world(first, fewer=10), world(second, fewer=20), world(first + second, fewer=25)
    )
    table = interactions(result.tables["differences"], [first, second])
    lines = together(replace(result, tables=result.tables | {"interactions": table}))
    assert lines[0].quantity == "deaths"
    row = Rows(result).find((first + second).label, "deaths")
    assert row is not None
    assert lines[0].together == f"{signed(-25)} ({signed(row.low)} to {signed(row.high)})"
    assert lines[0].interaction.startswith("+5 (")
    assert together(replace(result, worlds=result.worlds[:2])) == []
