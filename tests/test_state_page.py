"""The page of the state: sound, readable without colour, and saying what the tables say."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import qantar
from html_rules import (
    assert_headings_in_order,
    assert_references_resolve,
    assert_self_contained,
    html_faults,
)
from qantar.analysis.state.checks import Check
from qantar.analysis.state.event_laws import CONSTANT
from qantar.analysis.state.lifelines import Lifeline, LifelinePart, Moment, Stretch
from qantar.analysis.state.overview import (
    ASKED,
    CHALLENGE,
    PARTS,
    all_checks,
    describe_state,
    overview_of_state,
    systems_table,
)
from qantar.analysis.years.directory import years_manifest
from qantar.api.years import YearsResult
from qantar.cli.years import state_lines
from qantar.packs.country import packs_folder
from qantar.packs.loading import load_country
from qantar.packs.years import load_years
from qantar.reports.years.lifelines import LOOKS, draw_lifelines, lifelines_figure, looks_of
from qantar.reports.years.page import render_years
from qantar.reports.years.state_page import MARKS, render_state

LINKS = ("#", "report.html")
STATE_FILES = ("state_checks.csv", "state_events.csv", "state_laws.csv", "state_systems.csv")


@pytest.fixture(scope="module")
def kazakhstan() -> YearsResult:
    reforms = ["no-change"]
    return qantar.years("kazakhstan", until="2026", members=4, belief="prior", reforms=reforms)


@pytest.fixture(scope="module")
def template() -> YearsResult:
    return qantar.years("template", members=4)


def page_of(found: YearsResult, since: int) -> str:
    started = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    manifest = years_manifest(found.study, started=started, wall_seconds=1.0)
    return render_state(found.study, manifest, since)


@pytest.fixture(scope="module")
def page(kazakhstan: YearsResult) -> str:
    return page_of(kazakhstan, 1991)


def assert_sound(page: str) -> None:
    assert html_faults(page) == []
    assert_self_contained(page, LINKS)
    assert_references_resolve(page)
    assert_headings_in_order(page)


def test_the_page_is_sound(page: str) -> None:
    assert_sound(page)
    assert 'href="report.html"' in page
    assert "This is no forecast" in page


def test_the_page_of_the_template_is_sound_and_has_no_fact_of_another_country(
    template: YearsResult,
) -> None:
    found = page_of(template, 2021)
    assert_sound(found)
    assert "Nazarbayev" not in found
    assert "All facts about" not in found


def test_every_check_stands_with_its_own_verdict(kazakhstan: YearsResult, page: str) -> None:
    state = kazakhstan.study.state
    assert state is not None
    checks = state.overview.checks
    section = page.split('id="checks"')[1].split('id="indices"')[0]
    for verdict, mark in MARKS.items():
        shown = len(re.findall(rf"</span> {mark.word}</span></td>", section))
        assert shown == sum(check.verdict == verdict for check in checks)
    assert not [check for check in checks if check.fact.startswith("All facts about")]


def test_claims_are_told_in_words(page: str) -> None:
    section = page.split('id="checks"')[1].split('id="indices"')[0]
    shown = re.findall(r'<span class="claim small">([^<]+)</span>', section)
    assert len(shown) > 100
    assert all("[seed-" in text or "[" in text for text in shown)


def test_a_null_reform_moves_no_index(page: str) -> None:
    section = page.split('id="indices"')[1].split('id="laws"')[0]
    rows = re.findall(r'data-name="(?:Higher|Lower) with">([^<]+)<', section)
    assert len(rows) == 10
    assert {row.rstrip("%").strip() for row in rows} == {"0"}
    ends = re.findall(r'data-name="End">([^<]+)</td><td[^>]*>([^<]+)<', section)
    assert len(ends) == 5
    assert all(own == other for own, other in ends)


def test_every_system_asked_for_has_a_row(kazakhstan: YearsResult) -> None:
    state = kazakhstan.study.state
    assert state is not None
    systems = state.overview.systems.set_index("system")
    assert set(ASKED) <= set(systems.index)
    counted = systems[["input", "hit", "miss", "not_told"]].to_numpy().sum()
    assert counted == len(state.overview.checks)
    assert (systems.loc[list(ASKED), "inputs"] != "").all()
    assert systems.loc["B10", "rules"] == ""


def test_systems_are_counted() -> None:
    checks = [Check("A8", "a", "", "", "hit"), Check("A8", "b", "", "", "input")]
    row = systems_table(checks).set_index("system").loc["A8"]
    assert (row["hit"], row["input"], row["miss"], row["not_told"]) == (1, 1, 0, 0)


def test_laws_name_how_few_events_there_are(kazakhstan: YearsResult) -> None:
    state = kazakhstan.study.state
    assert state is not None
    laws = state.overview.laws
    assert laws["series"].nunique() == 5
    for _, rows in laws.groupby("series"):
        assert rows["events"].nunique() == 1
        assert set(rows["law"]) >= {CONSTANT, CHALLENGE}
        null = rows[rows["law"] == CONSTANT].iloc[0]
        assert (null["against_constant"], null["verdict"]) == (0.0, "the null")
    few = laws[laws["series"].str.startswith("Blows to parties")]
    assert set(few["verdict"]) == {"the null", "cannot be told apart"}


def test_what_is_kept_is_what_was_worked_out() -> None:
    country = load_country("template")
    years = load_years(country)
    first, again = overview_of_state(country, years), overview_of_state(country, years)
    assert first.checks == again.checks == tuple(all_checks(country, years))
    pd.testing.assert_frame_equal(first.laws, again.laws)


def test_a_run_writes_the_page_and_its_tables(template: YearsResult, tmp_path: Path) -> None:
    folder = template.save(tmp_path / "run")
    assert (folder / "state.html").is_file()
    for name in STATE_FILES:
        assert len(pd.read_csv(folder / name)) > 0
    assert 'href="state.html"' in (folder / "report.html").read_text(encoding="utf-8")
    events = pd.read_csv(folder / "state_events.csv")
    assert set(events["part"]) <= set(PARTS)


def test_a_pack_without_the_state_writes_none_and_says_so(tmp_path: Path) -> None:
    pack = Path(shutil.copytree(packs_folder() / "template", tmp_path / "arvenia"))
    shutil.rmtree(pack / "state")
    found = qantar.years(pack, members=2)
    assert found.study.state is None
    folder = found.save(tmp_path / "run")
    assert not (folder / "state.html").exists()
    assert not list(folder.glob("state_*.csv"))
    assert "state.html" not in (folder / "report.html").read_text(encoding="utf-8")
    assert state_lines(None, folder) == ["The state is off: the pack has none of its files."]


def test_parts_that_a_pack_lacks_are_named(tmp_path: Path) -> None:
    pack = Path(shutil.copytree(packs_folder() / "template", tmp_path / "arvenia"))
    for file in (pack / "state").glob("*.csv"):
        if not file.name.startswith("outlet"):
            file.unlink()
    (pack / "state" / "constitution.yaml").unlink()
    country = load_country(pack)
    state = describe_state(country, load_years(country))
    assert state is not None
    assert state.parts == ["outlets"]
    said = " ".join(state_lines(state, tmp_path))
    assert "courts" in said
    assert "constitution" in said


def test_the_page_of_the_years_leads_to_the_state(template: YearsResult) -> None:
    started = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    manifest = years_manifest(template.study, started=started, wall_seconds=1.0)
    assert 'href="state.html"' in render_years(template.study, manifest, since=2021)


STATUSES = {f"status {k}": "" for k in range(len(LOOKS))}


def part_of(*lines: Lifeline) -> LifelinePart:
    return LifelinePart("invented", "Invented", STATUSES, lines)


def test_statuses_differ_without_colour() -> None:
    from matplotlib.colors import to_rgb

    looks = list(looks_of(part_of()).values())
    grey = [np.dot(to_rgb(colour), (0.299, 0.587, 0.114)) for colour, _ in looks]
    for k, (_, hatch) in enumerate(looks):
        same = [j for j in range(k) if looks[j][1] == hatch]
        assert all(abs(grey[k] - grey[j]) > 0.1 for j in same)


def test_names_that_do_not_fit_stand_below_and_long_labels_are_broken() -> None:
    held = tuple(
        Stretch(f"20{k:02d}-03", f"20{k:02d}-06", "status 1", f"Anna Surname{k}") for k in (1, 9)
    )
    label = "A very long label of a post that would otherwise leave the figure on its left side"
    line = Lifeline("x", label, "group", held, (Moment("2009", "left"),))
    svg = str(lifelines_figure(part_of(line), 2000, 2020))
    assert ">Surname1<" in svg
    assert ">Surname9<" in svg
    assert label not in svg
    assert ">Group<" in svg
    assert 'role="img"' in svg
    assert "aria-label" in svg


def test_a_part_of_a_few_weeks_is_shown_by_month() -> None:
    line = Lifeline("x", "X", "g", (Stretch("2022-01-05", "2022-01-09", "status 0"),))
    figure = draw_lifelines(part_of(line), 1991, 2024)
    assert figure is not None
    assert figure.axes[-1].get_xlim() == (2022.0, 2023.0)
    assert draw_lifelines(part_of(line), 2023, 2024) is None
