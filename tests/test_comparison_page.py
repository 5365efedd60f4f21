"""The page of a comparison says what its tables say, hides nobody, and needs nothing else."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

from example_comparison import ACCOUNTS, FACTS, made_comparison, made_held
from html_rules import html_faults
from qantar.analysis.candidate_observations import CandidateObservation
from qantar.analysis.compare.comparison import Comparison, leader, restrict_to_accounts
from qantar.reports.comparison import figure_files, render_comparison
from qantar.reports.comparison.charts import (
    confusion_figure,
    probability_bars,
    rank_figure,
    reliability_figure,
)
from qantar.reports.comparison.rows import (
    BREAKS,
    Shown,
    cell,
    fold_table,
    legend,
    pair_cells,
    parameter_rows,
    score_table,
    unconstrained,
)
from qantar.reports.comparison.sentences import (
    WIDER,
    best_for_all,
    best_for_pairs,
    bonus_lines,
    forbidden_lines,
    in_words,
    missed_facts,
    prediction_lines,
    verdict,
)
from qantar.reports.comparison.summary import (
    HEADINGS,
    account_cells,
    caption,
    excluded_lines,
    summary_lines,
)
from qantar.reports.style import HEAT

FIRST_DAY = dt.date(2022, 1, 1)
SECTIONS = (
    "probabilities", "pairs", "confusion", "reliability", "recovery", "left-out", "missed",
    "hindsight", "power", "parameters", "made",
)  # fmt: skip
OBSERVATION = CandidateObservation(
    "group 1/Almaty", "group 1", "Hour of the attack in Almaty", "CCTV", "hours", "hours", 2.0, "x"
)


@cache
def shown() -> Shown:
    return Shown(
        made_comparison(),
        "January 2022",
        made_held(),
        FIRST_DAY,
        candidates=(OBSERVATION,),
        tellers={"seed-000": "A <witness>", "seed-001": "A commission"},
        members=200,
        made=[("Design", "prior 1200")],
        citations=["Nobody (2022). Nothing."],
    )


@cache
def page() -> str:
    return render_comparison(shown())


def part(name: str) -> str:
    """Return a section of the page as a reader sees it, without tags."""
    following = [*SECTIONS, ""][SECTIONS.index(name) + 1]
    text = page()[page().index(f'<h2 id="{name}"') :]
    text = text[: text.index(f'<h2 id="{following}"')] if following else text
    return html.unescape(re.sub(r"<[^>]+>", " ", text))


def changed(**tables: object) -> Shown:
    """Return what is shown with some tables changed."""
    comparison = made_comparison()
    return replace(
        shown(), comparison=Comparison({**comparison.tables, **tables}, comparison.headline, {})
    )


def test_the_verdict_stands_first_and_the_reliability_beside_it() -> None:
    headline = made_comparison().headline.replace("`", "")
    body = html.unescape(page())
    first, trust, rest = (
        body.index(t) for t in (headline, "Reliability of the methods", '<h2 id="')
    )
    assert first < trust < rest
    methods = made_comparison().tables["methods"]
    for row in methods[methods["recalibrated"]].to_dict("records"):
        assert f"{100 * row['accuracy']:.0f}\u00a0% of 48 simulated data sets" in body[:rest]
        assert f"off by {100 * row['ece']:.1f} points" in body[:rest]


def test_no_account_leads_where_none_with_causes_can_be_told_from_another() -> None:
    pairs = made_comparison().tables["pairs"].copy()
    with_null = (pairs["better"] == "null") | (pairs["worse"] == "null")
    pairs.loc[~with_null, "strength"] = "not"
    text = verdict(changed(pairs=pairs))
    assert text.startswith("No account with causes can be told from another")
    assert "leads" not in text
    assert "`null`, the account without causes, is clearly less well supported than" in text
    assert verdict(shown()) == made_comparison().headline


def test_every_section_says_how_to_read_it() -> None:
    for name in SECTIONS:
        assert part(name).count("How to read this.") == 1


def test_every_account_stands_in_every_table_of_accounts() -> None:
    for name in ("probabilities", "pairs", "left-out", "missed"):
        words = re.split(r"[\s:,]+", part(name))
        assert set(ACCOUNTS) <= set(words), name


def test_the_most_probable_account_stands_first_and_a_story_without_hindsight_leads() -> None:
    """`union` and `null` are frames, and `state` is told with hindsight."""
    assert shown().accounts == list(ACCOUNTS)
    assert ACCOUNTS[0] == "union"
    stories = [name for name in ACCOUNTS if name not in ("union", "null", "state")]
    assert shown().leader == stories[0]
    table = made_comparison().tables["accounts"]
    frames = table[table["account"].isin(["union", "null"])]
    assert leader(frames) == "union"


def test_the_matrix_of_pairs_is_symmetric_and_agrees_with_the_table() -> None:
    rows = dict(pair_cells(shown()))
    pairs = made_comparison().tables["pairs"].set_index(["better", "worse"])["strength"]
    for a, name in enumerate(ACCOUNTS):
        assert rows[name][a] is None
        for b, other in enumerate(ACCOUNTS):
            if a < b:
                one, two = rows[name][b], rows[other][a]
                assert one is two
                assert one is not None
                assert one["apart"].word == pairs[one["better"], one["worse"]]
    assert 'title="union over state: on simulated data of these two' in page()


def test_bars_are_as_long_as_probabilities() -> None:
    figure = probability_bars(shown())
    widths = sorted(bar.get_width() for bar in figure.axes[0].patches)
    table = made_comparison().tables["accounts"]
    expected = sorted([*table["recalibrated"], *table["classifier_recalibrated"]])
    assert widths == pytest.approx(expected)


def test_the_confusion_matrix_puts_truth_in_rows() -> None:
    table = made_comparison().tables["confusion"]
    own = table[table["method"] == "likelihood"].set_index(["true", "stated"])["mean"]
    mesh = confusion_figure(shown(), "likelihood").axes[0].collections[0].get_array()
    values = np.asarray(mesh).reshape(len(ACCOUNTS), len(ACCOUNTS))
    for a, true in enumerate(ACCOUNTS):
        for b, stated in enumerate(ACCOUNTS):
            assert values[a, b] == pytest.approx(own[true, stated])


def test_curves_show_what_came_true_and_leave_out_empty_bins() -> None:
    table = made_comparison().tables["reliability"].copy()
    table.loc[table.index[0], "statements"] = 0.0
    axes = reliability_figure(changed(reliability=table), "likelihood").axes[0]
    points = [len(c.lines[0].get_xdata()) for c in axes.containers]
    own = table[(table["method"] == "likelihood") & (table["statements"] > 0)]
    assert points == [int((own["recalibrated"] == after).sum()) for after in (False, True)]


def test_the_band_of_ranks_holds_nine_bars_in_ten_if_all_is_well() -> None:
    axes = rank_figure(shown()).axes[0]
    band = axes.patches[0].get_extents().transformed(axes.transData.inverted())
    assert band.y0 < 0.1 < band.y1
    ranks = int(made_comparison().tables["ranks"]["ranks"].iloc[-1])
    deviation = np.sqrt(0.1 * 0.9 / ranks)
    assert (band.y1 - band.y0) == pytest.approx(2 * 1.645 * deviation, rel=0.05)


def _whole(account: str) -> float:
    """Return the score of an account over all facts held back."""
    held = made_held()
    name = shown().leader if account == "LEADER" else account
    own = (held["account"] == name) & (held["belief"] == "posterior") & (held["group"] == "all")
    return float(held[own]["crps"].iloc[0])


def test_a_prediction_that_is_worse_than_the_default_is_told_with_its_shortfall() -> None:
    lines = prediction_lines(shown())
    own, default, null = _whole("LEADER"), 0.4, _whole("null")
    assert f"`{shown().leader}` predicts held-back facts worse than the default" in lines[0]
    assert f"by {100 * (own - default) / default:.0f}\u00a0%" in lines[0]
    assert lines[1].startswith("0 of 6 accounts")
    assert lines[1].endswith(WIDER)
    assert f"better than `null`, by {100 * (null - own) / null:.0f}\u00a0%" in lines[2]
    assert lines[3].startswith("5 of 5 accounts")


def test_a_better_an_equal_and_a_missing_prediction_are_told_as_such() -> None:
    held = made_held()
    default = held["belief"] == "fitted"
    held.loc[default, "crps"] = 1.0
    assert "better than the default" in prediction_lines(replace(shown(), held=held))[0]
    held.loc[default, "crps"] = _whole("LEADER")
    assert "as well as the default" in prediction_lines(replace(shown(), held=held))[0]
    lines = prediction_lines(replace(shown(), held=held[~default]))
    assert "no default ensemble" in lines[0]
    assert "held back" in prediction_lines(replace(shown(), held=held[held["crps"] < 0]))[0]


def test_shades_go_with_scores_and_writing_on_them_can_be_read() -> None:
    values = [0.0, *BREAKS, 9.0]
    shades = [cell(value).shade for value in values]
    assert [HEAT.index(shade) for shade in shades] == sorted(HEAT.index(s) for s in shades)
    assert len(legend()) == len(HEAT)
    for value in values:
        ink = {"#fff": 1.0, "inherit": luminance("#1a1a1a")}[cell(value).ink]
        light, dark = sorted((luminance(cell(value).shade), ink), reverse=True)
        assert (light + 0.05) / (dark + 0.05) > 4.5
    assert cell(float("nan")).text == ""


def luminance(colour: str) -> float:
    parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return float(np.dot(parts, [0.2126, 0.7152, 0.0722]))


def test_the_table_of_scores_has_the_default_ensemble_and_all_facts_last() -> None:
    groups, rows = score_table(shown())
    assert groups[-1] == "All"
    assert [name for name, _ in rows] == [*ACCOUNTS, "default ensemble (union)"]
    assert rows[0][1][-1].text == "0.50"
    assert rows[-1][1][-1].text == "0.40"


def test_folds_by_place_and_by_time_stand_apart() -> None:
    place, time = fold_table(shown())
    assert (place["kind"], time["kind"]) == ("place", "time")
    assert place["folds"] == [("Almaty", 5), ("Atyrau", 5)]
    assert [name for name, _ in place["rows"]] == list(ACCOUNTS)


def test_missed_facts_are_listed_by_account() -> None:
    counts = {name: len(facts) for name, facts in missed_facts(shown())}
    assert counts == {name: k for k, name in enumerate(ACCOUNTS)}
    first = dict(missed_facts(shown()))["null"][0]
    assert first.what in {name for _, name in FACTS}
    assert first.says == "240"  # e to the power of 5.5, less one
    assert first.gives == "19 to 89"


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [("day", 4.0, "5 Jan"), ("log", 0.0, "0"), ("flag", 0.9, "yes"), ("share", 0.25, "25\u00a0%")],
)
def test_values_are_said_in_their_own_unit(kind: str, value: float, words: str) -> None:
    assert in_words(kind, value, FIRST_DAY) == words


def test_an_account_that_forbids_facts_is_told() -> None:
    lines = forbidden_lines(made_comparison().tables["prior-check"], {FACTS[3][1]: "Any protest"})
    assert lines == [f"`null` forbids 2 facts: Any protest; {FACTS[4][1]}."]
    assert "Forbidden before any fit" in part("missed")


def test_hindsight_is_told_for_each_twin() -> None:
    lines = bonus_lines(shown())
    assert len(lines) == 2
    assert lines[0].startswith("`state` over its blind twin `state-blind`: +1.5 nats")


def test_what_would_settle_it_names_gain_error_and_observer() -> None:
    rows = best_for_all(shown())
    assert len(rows) == 5
    assert rows[0]["gain"] == "+0.40\u00a0± 0.05"
    assert rows[0]["observer"] == "CCTV"
    assert rows[0]["example"] == OBSERVATION.label
    assert [row["helps"] for row in rows] == [True, True, True, False, False]
    assert [row["pair"] for row in best_for_pairs(shown())] == ["union / state"]


def test_a_single_pair_stands_for_all_and_a_part_for_none() -> None:
    power = made_comparison().tables["power"]
    alone = power[power["accounts"] == "state / union"]
    assert len(best_for_all(changed(power=alone))) == 5
    three = replace(
        shown(), comparison=restrict_to_accounts(made_comparison(), ("union", "state", "null"))
    )
    assert best_for_all(three) == []
    assert "a part of those that were compared" in render_comparison(three)


def test_parameters_are_those_of_the_leader_narrowest_first() -> None:
    rows = parameter_rows(shown())
    assert len(rows) == 15
    assert [row["width"] for row in rows] == sorted(row["width"] for row in rows)
    assert [name for name, _ in unconstrained(shown())] == [
        f"joining.number_{k}" for k in (36, 37, 38, 39)
    ]
    parameters = made_comparison().tables["parameters"].assign(constrained=True)
    assert unconstrained(changed(parameters=parameters)) == []
    assert "4 of 40 parameters are not constrained" in part("parameters")


def test_what_is_out_of_date_is_said_before_the_verdict() -> None:
    assert "out of date" not in page()
    old = render_comparison(replace(shown(), stale=["model/hour.py", "places.csv"]))
    assert old.index("out of date") < old.index('class="headline"')
    assert "model/hour.py, places.csv" in old


def test_the_page_fetches_nothing_and_runs_nothing() -> None:
    assert "<script" not in page()
    assert not re.findall(r"(?:src|href)=\"(?!#)[^\"]+\"", page())
    assert not re.findall(r"url\((?!#|['\"]?#)[^)]*\)", page())
    assert "@import" not in page()


def test_links_lead_somewhere_and_no_id_stands_twice() -> None:
    ids = re.findall(r"\bid=\"([^\"]+)\"", page())
    assert [name for name, times in Counter(ids).items() if times > 1] == []
    assert set(re.findall(r"href=\"#([^\"]+)\"", page())) <= set(ids)


def test_text_is_escaped_and_figures_have_words() -> None:
    assert "The story of union <b>" not in page()
    assert "A &lt;witness&gt;" in page()
    figures = re.findall(r"<svg [^>]*>", page())
    assert len(figures) == 6
    assert all(re.search(r'aria-label="[^"]{20,}"', figure) for figure in figures)


def test_the_page_is_sound_html() -> None:
    assert html_faults(page()) == []


def test_the_same_comparison_gives_the_same_page_and_figures() -> None:
    assert render_comparison(shown()) == page()
    files = figure_files(shown())
    assert files == figure_files(shown())
    assert {name.split("-")[0] for name in files} == {
        "probabilities.svg", "ranks.svg", "confusion", "reliability",
    }  # fmt: skip
    assert len(page().encode()) < 400_000


def test_the_short_table_has_every_account_and_names_no_source() -> None:
    rows = account_cells(shown())
    assert [row[0] for row in rows] == list(ACCOUNTS)
    assert {len(row) for row in rows} == {len(HEADINGS)}
    assert rows[0][1] == "-120.0 ± 0.3"
    assert "default ensemble (union) has 0.40" in caption(shown())
    assert summary_lines(shown())[-4:] == prediction_lines(shown())


def test_no_account_is_singled_out_where_none_can_be_told_from_another() -> None:
    pairs = made_comparison().tables["pairs"].assign(strength="not")
    lines = summary_lines(changed(pairs=pairs))[-2:]
    assert lines[0].startswith("0 of 6 accounts predict held-back facts better than the default")
    assert lines[1].startswith("5 of 5 accounts predict held-back facts better than `null`")


def test_accounts_that_exclude_the_same_facts_share_a_sentence() -> None:
    check = made_comparison().tables["prior-check"]
    own = check[check["account"] == "null"]
    both = pd.concat([check, own.assign(account="union")], ignore_index=True)
    assert excluded_lines(both, {FACTS[3][1]: "Any protest"}) == [
        f"Before any fit, `null` and `union` exclude 2 facts by their priors: Any protest; "
        f"{FACTS[4][1]}."
    ]
    many = own.assign(verdict="forbidden")
    assert excluded_lines(many, {}) == [
        f"Before any fit, `null` excludes {len(FACTS)} facts by its prior (see the report)."
    ]
