"""The systems of the sources: all 43, what runs of each, and the facts about it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from command_line import run_qantar
from qantar.analysis.after.overview import kept_checks
from qantar.analysis.after.systems import parts_by_system
from qantar.analysis.default_scores import (
    MEMBERS,
    NOT_MODELLED,
    SEED,
    TargetScore,
    default_scores,
    read_scores,
    targets_of,
    write_scores,
)
from qantar.analysis.run import run
from qantar.analysis.scores import VERDICTS
from qantar.analysis.state.checks import Check
from qantar.analysis.state.overview import FILES, overview_of_state
from qantar.analysis.state.overview import SYSTEMS as OF_STATE
from qantar.analysis.system_tables import (
    CHECKED,
    GIVEN,
    HOUR,
    INPUTS,
    LETTERS,
    LIMITS,
    NAMES,
    OFFICES,
    SIZES,
    TARGET_SYSTEMS,
)
from qantar.analysis.systems import (
    COUNTS,
    OF_TARGETS,
    SYSTEMS,
    System,
    months_of,
    system_of,
    systems_frame,
    systems_overview,
)
from qantar.base.errors import UnknownNameError
from qantar.model import hour, month
from qantar.packs.loading import load_country
from qantar.packs.years import load_years
from qantar.simulate.scenario import make_scenario

ROOT = Path(__file__).resolve().parents[1]
COUNTRY = load_country("kazakhstan")
YEARS = load_years(COUNTRY)


@pytest.fixture(scope="module")
def found() -> dict[str, System]:
    return {each.system: each for each in systems_overview(COUNTRY, YEARS)}


def test_there_are_43_systems_with_a_name_each() -> None:
    assert len(SYSTEMS) == 43
    assert set(SYSTEMS) == set(NAMES) == {*NAMES, *OF_STATE}
    assert list(SIZES) == list(LETTERS)
    assert len(set(NAMES.values())) == 43


@pytest.mark.parametrize("table", [FILES, INPUTS, LIMITS], ids=("files", "inputs", "limits"))
def test_tables_name_only_systems_there_are(table: dict[str, object]) -> None:
    assert set(table) <= set(SYSTEMS)


def test_every_mechanism_and_office_of_the_hour_stands_for_a_system() -> None:
    assert list(HOUR) == list(hour.MECHANISMS)
    assert list(OFFICES) == list(hour.offices())
    for own in (*HOUR.values(), *OFFICES.values()):
        assert own
        assert set(own) <= set(SYSTEMS)


def test_every_mechanism_of_the_month_is_in_the_table(found: dict[str, System]) -> None:
    for name, mechanism in month.MECHANISMS.items():
        assert mechanism.systems, name
        for system in mechanism.systems:
            given = system in GIVEN.get(name, ())
            assert (name in found[system].given) == given
            assert (name in found[system].month) != given
    for name, systems in GIVEN.items():
        assert set(systems) <= set(month.MECHANISMS[name].systems), name


def test_the_page_about_the_years_names_no_file_of_the_hour_that_is_not_here() -> None:
    text = (ROOT / "docs" / "explanation" / "the-years.md").read_text(encoding="utf-8")
    for system, row in re.findall(r"^\| ([A-E]\d+) \| (.+) \|$", text, re.MULTILINE):
        for kind, name in re.findall(r"`(mechanisms|offices)/(\w+)\.py`", row):
            assert system in (HOUR if kind == "mechanisms" else OFFICES)[name], (system, name)


def test_what_does_not_run_says_so(found: dict[str, System]) -> None:
    for each in found.values():
        ran = bool(each.hour or each.offices or each.month or each.parts)
        assert ran == (not {"data only", "not at all"} & set(each.scales)), each.system
        assert each.runs
        assert each.runs.startswith("does not run") == (each.scale == "not at all")
        assert each.runs.startswith("nothing runs") == (each.scale == "data only")
    assert {s for s, each in found.items() if each.scale == "not at all"} == {
        *("C4", "C5", "D2", "D4")
    }
    assert found["D2"].runs == "does not run"
    assert found["E3"].scales == ("data only",)
    assert found["A3"].scales == ("hour", "years")
    assert months_of("C2") == ((), ("drivers",))


def test_every_input_is_in_the_pack() -> None:
    for system, names in INPUTS.items():
        for name in names:
            assert (COUNTRY.folder / name).is_file(), (system, name)


def test_checks_and_targets_are_all_counted_once(found: dict[str, System]) -> None:
    checks = overview_of_state(COUNTRY, YEARS).checks
    scores = [s for s in default_scores(COUNTRY) if s.variable not in CHECKED]
    assert sum(each.facts for each in found.values()) == len(checks) + len(scores)
    for count in COUNTS:
        told = sum(getattr(each, count.replace(" ", "_")) for each in found.values())
        by_check = sum(check.verdict == count for check in checks)
        assert told == by_check + sum(OF_TARGETS[s.verdict] == count for s in scores), count
    a8 = found["A8"]
    own = [check.verdict for check in checks if check.system == "A8"]
    assert (a8.input, a8.hit, a8.miss, a8.not_told) == tuple(
        own.count(verdict) for verdict in ("input", "hit", "miss", "not told")
    )
    assert a8.near == 0


def test_near_is_neither_hit_nor_miss() -> None:
    assert {*VERDICTS, NOT_MODELLED, "given", "given, but differs"} == set(OF_TARGETS)
    assert {verdict for verdict, count in OF_TARGETS.items() if count == "hit"} == {"hit"}
    assert {verdict for verdict, count in OF_TARGETS.items() if count == "miss"} == {"miss"}
    assert OF_TARGETS["near"] == "near"


def test_every_target_has_a_system_and_a_kept_verdict() -> None:
    kept = {(s.targets, s.target): s for s in default_scores(COUNTRY)}
    known = targets_of(COUNTRY)
    assert set(kept) == set(known), "run python scripts/make_systems.py --run"
    for key, (target, low, high) in known.items():
        score = kept[key]
        assert (score.variable, score.use) == (target.variable, target.use)
        assert (score.low, score.high) == pytest.approx((low, high), rel=1e-5)
        assert score.variable in CHECKED or system_of(score) in SYSTEMS
    for table in TARGET_SYSTEMS.values():
        assert not set(table) & set(CHECKED)


def test_a_target_of_another_episode_is_of_another_system() -> None:
    score = TargetScore("january-2022", "t", "onset_day", "fit", 0, 1, 0, 0, 1, "hit")
    assert system_of(score) == "B1"
    assert system_of(replace(score, targets="land-2016")) == "B2"
    assert system_of(replace(score, targets="years", variable="turnout")) == "D2"


def test_further_checks_and_parts_are_added(found: dict[str, System]) -> None:
    checks = [
        Check("D4", "fund", "a", "a", "input"),
        Check("D2", "turnout", "a", "b", "miss"),
        Check("C1", "request", "a", "a", "hit"),
    ]
    more = systems_overview(COUNTRY, YEARS, checks, {"C4": ["contagion"]})
    by_name = {each.system: each for each in more}
    assert by_name["D4"].scale == "data only", "a fact that was put in is nothing that runs"
    assert (by_name["D4"].input, found["D4"].input) == (1, 0)
    assert by_name["D2"].scale == "after"
    assert by_name["D2"].miss == found["D2"].miss + 1
    assert by_name["C1"].scales == ("hour", "after")
    assert by_name["C4"].runs == "after: contagion"
    same = {"D4", "D2", "C1", "C4"}
    assert all(by_name[s] == found[s] for s in SYSTEMS if s not in same)


@pytest.mark.parametrize("given", [([Check("Z9", "f", "", "", "hit")], None), ((), {"A13": ["x"]})])
def test_an_unknown_system_is_refused(given: tuple[list[Check], dict[str, list[str]]]) -> None:
    with pytest.raises(UnknownNameError, match=r"Z9|A13"):
        systems_overview(COUNTRY, YEARS, *given)


def test_another_pack_has_no_verdicts_of_the_shipped_runs() -> None:
    template = load_country("template")
    assert default_scores(template) == ()
    systems = {s.system: s for s in systems_overview(template, None)}
    assert not any(each.month or each.facts for each in systems.values())
    assert systems["B7"].scale == "hour"
    assert systems["A1"].month == ()


def test_a_verdict_on_another_interval_is_left_out(tmp_path: Path) -> None:
    first, *others = read_scores()
    write_scores((replace(first, low=first.low - 1.0), *others), tmp_path / "scores.csv")
    left = default_scores(COUNTRY, tmp_path / "scores.csv")
    assert [(s.targets, s.target) for s in left] == [(s.targets, s.target) for s in others]


def test_the_kept_table_is_written_as_it_is_read(tmp_path: Path) -> None:
    write_scores(read_scores(), tmp_path / "scores.csv")
    kept = ROOT / "src" / "qantar" / "analysis" / "default_scores.csv"
    assert (tmp_path / "scores.csv").read_bytes() == kept.read_bytes()


def test_the_table_has_a_row_for_each(found: dict[str, System]) -> None:
    table = systems_frame(found.values())
    assert list(table["system"]) == list(SYSTEMS)
    assert list(table.columns[5:10]) == ["input", "hit", "near", "miss", "not_told"]
    assert table.set_index("system").loc["C4", "runs"] == "does not run"


def test_they_can_be_listed() -> None:
    given = kept_checks(COUNTRY), parts_by_system(COUNTRY)
    found = {each.system: each for each in systems_overview(COUNTRY, YEARS, *given)}
    assert "consent" in found["C1"].parts
    assert found["C4"].scale == "after"
    listed = json.loads(run_qantar("list", "systems", "--json").stdout)["systems"]
    assert [each["name"] for each in listed] == list(SYSTEMS)
    for each in listed:
        own = found[each["name"]]
        assert each["facts"]["not told"] == own.not_told
        assert tuple(each["scales"]) == own.scales
    shown = run_qantar("list", "systems").stdout
    assert "Cases of other countries: not at all; no fact checked" in shown


@pytest.mark.slow
def test_the_kept_verdicts_of_january_are_those_of_the_present_model() -> None:
    scenario = make_scenario("january-2022")
    scores = run(scenario, members=MEMBERS, seed=SEED, keep="facts").scores
    kept = {s.target: s.verdict for s in read_scores() if s.targets == "january-2022"}
    now = {score.target.target: score.verdict for score in scores}
    assert now == {t: v for t, v in kept.items() if v != NOT_MODELLED}, (
        "run python scripts/make_systems.py --run"
    )
