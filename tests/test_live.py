"""``--live``: preliminary tables while members are run, and the same output at the end."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from command_line import run_qantar
from qantar.analysis.outcomes import Outcome
from qantar.analysis.run import run
from qantar.analysis.whatif.result import World
from qantar.analysis.whatif.run import preliminary
from qantar.analysis.whatif.twins import run_worlds
from qantar.cli.live import LiveProgress, LiveTable, is_live
from qantar.reports.live import effects_so_far, facts_so_far
from qantar.simulate.changes import parse_changes
from qantar.simulate.scenario import make_scenario

SCENARIO = make_scenario("spring-unrest", pack="template", decisions="rules")
QUICK = ("--pack", "template", "--members", "4", "--seed", "3")


def terminal() -> Console:
    return Console(file=io.StringIO(), force_terminal=True, width=100, height=60)


def shown(renderable: object) -> str:
    console = Console(width=100)
    with console.capture() as captured:
        console.print(renderable)
    return captured.get()


def test_the_outcome_so_far_does_not_change_when_more_members_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("qantar.simulate.ensemble.MEMBERS_PER_BLOCK", 2)
    early: list[Outcome] = []
    whole = run(SCENARIO, members=5, seed=3, so_far=lambda now: early.append(now())).outcome
    assert [outcome.members for outcome in early] == [2, 4, 5]
    every = whole.samples("deaths", "country", "Arvenia", "total")
    for outcome in early:
        own = outcome.samples("deaths", "country", "Arvenia", "total")
        np.testing.assert_array_equal(own, every[: outcome.members])


def test_facts_so_far_are_medians_and_ranges() -> None:
    outcome = run(SCENARIO, members=5, seed=3).outcome
    text = shown(facts_so_far(outcome, 40))
    assert "Preliminary: 5 of 40 members" in text
    values = outcome.samples("active_places", "country", "Arvenia", "any")
    row = next(line for line in text.splitlines() if "visible protest" in line)
    assert f" {np.quantile(values, 0.5):.0f} " in row
    assert "80 % of runs" in text


@pytest.mark.parametrize(("few", "marked"), [(50, False), (2, True)])
def test_no_effect_is_settled_in_too_few_pairs(
    monkeypatch: pytest.MonkeyPatch, few: int, marked: bool
) -> None:
    monkeypatch.setattr("qantar.reports.live.FEW_PAIRS", few)
    (change,) = parse_changes(SCENARIO.country, SCENARIO.episode, "shared-revenue")
    seen: list[tuple[World, ...]] = []
    worlds = run_worlds(
        SCENARIO, [change], members=6, seed=3, so_far=lambda now: seen.append(now())
    )
    assert [each[0].outcome.members for each in seen] == [1, 2, 3, 4, 5, 6]
    np.testing.assert_array_equal(seen[2][1].hours, worlds[1].hours[:3])
    result = preliminary(SCENARIO, worlds, 3)
    assert result.tables["differences"].eval("low > 0 or high < 0").any()
    text = shown(effects_so_far(result, 100))
    assert "Preliminary: 6 of 100 pairs" in text
    assert (" *" in text.replace("* clear", "")) == marked
    assert ("below 50 pairs" in text) == (not marked)


def test_the_table_is_drawn_from_time_to_time_and_gone_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("qantar.cli.live.SECONDS_BETWEEN", 0.0)
    monkeypatch.setattr("qantar.cli.live.SHARE_OF_TIME", 1e9)
    table: LiveTable[str] = LiveTable(lambda name: f"table {name}")
    console = terminal()
    with LiveProgress("{task.description}", console=console, table=table) as progress:
        assert len(list(progress.get_renderables())) == 1
        for name in "abc":
            table.update(lambda name=name: name)  # type: ignore[misc]
        assert list(progress.get_renderables())[1:] == ["table c"]
        progress.refresh()
    assert len(list(progress.get_renderables())) == 1
    written = console.file.getvalue()  # type: ignore[attr-defined]
    assert "table c" in written
    assert "table" not in written.rpartition("\x1b[2K")[2]


def test_without_a_table_there_is_only_the_bar() -> None:
    with LiveProgress("{task.description}", console=terminal(), table=None) as progress:
        assert len(list(progress.get_renderables())) == 1


def test_live_is_shown_only_in_a_terminal() -> None:
    assert is_live(True, terminal(), as_json=False)
    assert not is_live(False, terminal(), as_json=False)


@pytest.mark.parametrize(
    "words",
    [
        ("run", "spring-unrest"),
        ("whatif", "spring-unrest", "--change", "no-shutdown", "--one-mode", "--explained", "0"),
    ],
    ids=["run", "whatif"],
)
def test_the_final_output_is_the_same(words: tuple[str, ...], tmp_path: Path) -> None:
    printed = []
    for folder, more in (("plain", ()), ("live", ("--live",))):
        (tmp_path / folder).mkdir()
        done = run_qantar(*words, *QUICK, *more, "--out", "out", folder=tmp_path / folder)
        assert done.returncode == 0, done.stderr
        assert ("--live needs a terminal" in done.stderr) == bool(more)
        printed.append(done.stdout)
    assert printed[0] == printed[1]


def test_live_and_json_contradict_each_other(tmp_path: Path) -> None:
    done = run_qantar("run", "spring-unrest", *QUICK, "--live", "--json", folder=tmp_path)
    assert done.returncode == 2
    assert "keep one of the two" in done.stderr
    assert list(tmp_path.iterdir()) == []
