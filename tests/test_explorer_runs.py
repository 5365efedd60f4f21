"""The folder of results: what is kept, listed, opened and deleted, and what is refused."""

from __future__ import annotations

import json
import shutil
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import zarr
from typer.testing import CliRunner

from qantar.analysis.run_directory import open_run
from qantar.base.errors import OutputError, QantarError
from qantar.cli import app
from qantar.explorer import import_run, run_directories, simulate
from qantar.explorer.frames import QUANTILES
from qantar.explorer.jobs import Progress
from qantar.explorer.links import Ground, read_link
from qantar.explorer.request import WorldRequest
from qantar.explorer.worlds import World
from qantar.packs.episode import load_episode
from qantar.packs.loading import load_country

ASKED = WorldRequest("spring-unrest", pack="template", members=3, seed=4)
CHANGED = replace(ASKED, change="no-shutdown", mode="rules")
BAD_NAMES = (
    "", ".", "..", "../kept", "a/b", "/etc", "kept/..", "kept\\..", ".hidden", "x\0y", "x" * 300
)  # fmt: skip


def reports_of(asked: WorldRequest, destination: Path) -> list[Progress]:
    reports: list[Progress] = []
    simulate.keep(asked, destination, reports.append)
    return reports


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run and a what-if, each kept once for all tests."""
    folder = tmp_path_factory.mktemp("runs")
    reports_of(ASKED, folder / "kept")
    reports_of(CHANGED, folder / "changed")
    return folder


@pytest.fixture
def runs(made: Path, tmp_path: Path) -> Path:
    """A copy that a test may break."""
    folder = tmp_path / "runs"
    shutil.copytree(made, folder)
    return folder


def listed(folder: Path, name: str) -> dict[str, Any]:
    return next(run for run in run_directories.list_runs(folder) if run["name"] == name)


def rewrite(folder: Path, **changes: Any) -> None:
    """Change what a run says about itself."""
    file = folder / "manifest.json"
    told = json.loads(file.read_text(encoding="utf-8")) | changes
    file.write_text(json.dumps(told), encoding="utf-8")


def texts(folder: Path) -> dict[str, str]:
    return {p.name: p.read_text(encoding="utf-8") for p in folder.iterdir() if p.is_file()}


def command(*words: str) -> None:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 0, done.output


@pytest.mark.slow
def test_a_kept_run_is_what_the_command_writes(made: Path, tmp_path: Path) -> None:
    out = tmp_path / "by-command"
    words = ("--pack", "template", "--members", "3", "--seed", "4", "--out", str(out))
    command("run", "spring-unrest", *words)
    mine, theirs = texts(made / "kept"), texts(out)
    assert mine.keys() == theirs.keys()
    assert mine["facts.csv"] == theirs["facts.csv"]
    assert mine["evidence.html"] == theirs["evidence.html"]
    differ = {"started", "wall_seconds"}
    told = [json.loads(each["manifest.json"]) for each in (mine, theirs)]
    assert {k for k in told[0] if told[0][k] != told[1].get(k)} <= differ
    for name in told[0]["variables"]:
        own, other = (open_run(f).arrays()[name][:] for f in (made / "kept", out))
        assert np.array_equal(own, other), name


def test_a_kept_what_if_is_what_its_command_writes(made: Path, tmp_path: Path) -> None:
    from qantar.explorer.serializers import command_of

    out = tmp_path / "by-command"
    command(*command_of(CHANGED).split()[1:], "--out", str(out))
    mine, theirs = texts(made / "changed"), texts(out)
    assert mine.keys() == theirs.keys()
    tables = [name for name in mine if name.endswith(".csv")]
    assert {"differences.csv", "decisions.csv", "attribution.csv"} <= set(tables)
    assert all(mine[name] == theirs[name] for name in tables)


def test_keeping_reports_and_refuses_what_exists(made: Path, tmp_path: Path) -> None:
    reports = reports_of(ASKED, tmp_path / "kept")
    running = [report for report in reports if report.total == ASKED.members]
    assert [report.done for report in running][-1] == ASKED.members
    assert reports[-1].stage == "done"
    with pytest.raises(OutputError, match="exists already"):
        reports_of(ASKED, tmp_path / "kept")


@pytest.mark.parametrize("asked", [ASKED, CHANGED], ids=["run", "whatif"])
def test_nothing_is_left_of_a_keep_that_fails(
    asked: WorldRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> str:
        raise MemoryError

    monkeypatch.setattr("qantar.reports.run_report.render_report", broken)
    monkeypatch.setattr("qantar.reports.whatif.page.render_whatif", broken)
    with pytest.raises(MemoryError):
        reports_of(asked, tmp_path / "kept")
    assert list(tmp_path.iterdir()) == []


def test_a_list_describes_runs_and_what_ifs(made: Path) -> None:
    kept, changed = listed(made, "kept"), listed(made, "changed")
    assert (kept["kind"], kept["openable"], kept["why_not"]) == ("run", True, "")
    assert (kept["members"], kept["seed"], kept["mode"]) == (3, 4, "script")
    assert (kept["account"], kept["episode"]) == ("union", "spring-unrest")
    assert (kept["page"], changed["page"]) == ("report.html", "whatif.html")
    size = sum(p.stat().st_size for p in (made / "kept").rglob("*") if p.is_file())
    assert kept["megabytes"] == pytest.approx(size / 1e6, abs=0.06)
    assert (changed["kind"], changed["openable"]) == ("whatif", False)
    assert "no-shutdown" in changed["title"]
    assert "hour by hour" in changed["why_not"]
    assert kept["query"] is None
    assert run_directories.list_runs(made / "nothing") == []


def test_a_what_if_names_the_world_that_makes_it_again(runs: Path) -> None:
    query = listed(runs, "changed")["query"]
    country = load_country("template")
    asked = read_link(query, Ground(country, load_episode(country, ASKED.episode), "template"))
    assert not asked.notes
    told = json.loads((runs / "changed" / "manifest.json").read_text(encoding="utf-8"))
    assert asked.link.change == told["changes"][0]
    assert (asked.link.members, asked.link.seed) == (3, 4)
    assert (asked.link.account, asked.link.belief) == ("union", told["belief"])
    assert asked.link.mode is None  # by rules, as a change is without a mode


@pytest.mark.parametrize(
    "spoilt",
    [
        {"changes": []},
        {"changes": ["no-shutdown", "no-shoot-order"]},
        {"changes": [7]},
        {"overrides": {"lethality": 2}},
        {"beliefs_from": "elsewhere"},
        {"belief": "guessed"},
        {"members": None},
        {"seed": "4"},
        {"decisions": None},
        {"account": ""},
    ],
    ids=str,
)
def test_a_what_if_that_a_link_cannot_say_is_not_offered_again(
    runs: Path, spoilt: dict[str, Any]
) -> None:
    rewrite(runs / "changed", **spoilt)
    entry = listed(runs, "changed")
    assert entry["kind"] == "whatif"
    assert entry["query"] is None


def test_the_newest_stands_first(runs: Path) -> None:
    rewrite(runs / "kept", started="2031-01-01T00:00:00+00:00")
    assert [run["name"] for run in run_directories.list_runs(runs)] == ["kept", "changed"]
    rewrite(runs / "kept", started="2021-01-01T00:00:00+00:00")
    assert [run["name"] for run in run_directories.list_runs(runs)] == ["changed", "kept"]


def test_an_opened_run_is_the_world_it_was_kept_from(made: Path, tmp_path: Path) -> None:
    opened = run_directories.open_world(made, "kept", tmp_path / "cache")
    simulate.run_world(ASKED, tmp_path / "world", lambda _: None)
    world = World(tmp_path / "world")
    assert opened.layers == ("crowd", "violence", "deaths", "detained")
    for layer in opened.layers:
        assert opened.frames("base", layer) == world.frames("base", layer)
        assert opened.member("base", 2, layer) == world.member("base", 2, layer)
    for same in ("scores", "tally", "units", "hours", "first_day", "clock", "members", "seed"):
        assert opened.told[same] == world.told[same], same
    assert opened.told["key"] == "run:kept"
    assert opened.told["decisions"] == []
    assert "--members 3 --seed 4 --pack template" in opened.told["command"]
    facts = (made / "kept" / "facts.csv").read_text(encoding="utf-8")
    assert opened.csv("facts").endswith(facts)
    with pytest.raises(QantarError, match="shutdown"):
        opened.frames("base", "shutdown")


def test_opening_works_once_and_again_when_the_run_was_made_second(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    first = run_directories.open_world(runs, "kept", cache)
    again = run_directories.open_world(runs, "kept", cache)
    assert first.folder == again.folder
    shutil.rmtree(runs / "kept")
    reports_of(replace(ASKED, seed=5), runs / "kept")
    second = run_directories.open_world(runs, "kept", cache)
    assert second.frames("base", "crowd") != first.frames("base", "crowd")
    assert len(list(cache.iterdir())) == 2


def test_threads_may_open_a_run_at_once(runs: Path, tmp_path: Path) -> None:
    found: list[bytes] = []

    def read() -> None:
        found.append(
            run_directories.open_world(runs, "kept", tmp_path / "cache").frames("base", "deaths")
        )

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1
    assert len(list((tmp_path / "cache").iterdir())) == 1


@pytest.mark.parametrize(
    ("layer", "name"), [("shutdown", "shutdown"), ("troops", "foreign_troops")]
)
def test_orders_are_shown_where_a_run_has_them(
    runs: Path, tmp_path: Path, layer: str, name: str
) -> None:
    """An order in force everywhere by half is in force by half in every region."""
    group = zarr.open_group(runs / "kept" / "arrays.zarr", mode="a")
    shape = group["crowd"].shape
    array = group.create_array(name, shape=shape, dtype="float32")
    array[:] = np.full(shape, 0.5, np.float32)
    opened = run_directories.open_world(runs, "kept", tmp_path / "cache")
    assert opened.layers[4:] == (layer,)
    assert set(np.frombuffer(opened.frames("base", layer), "<f4")) == {0.5}


def test_an_episode_that_is_not_known_any_more_is_shown_without_scores(
    runs: Path, tmp_path: Path
) -> None:
    rewrite(runs / "kept", episode="autumn-unrest")
    opened = run_directories.open_world(runs, "kept", tmp_path / "cache")
    assert opened.told["scores"] is None
    assert opened.told["tally"] is None
    assert (
        len(opened.frames("base", "crowd"))
        == 4 * len(QUANTILES) * opened.told["hours"] * opened.units.size
    )


def test_a_run_of_another_pack_or_version_says_so(runs: Path, tmp_path: Path) -> None:
    rewrite(runs / "kept", pack_fingerprint="0" * 64, qantar_version="0.0.1")
    cautions = run_directories.open_world(runs, "kept", tmp_path / "cache").told["cautions"]
    assert any("pack has changed" in line for line in cautions)
    assert any("0.0.1" in line for line in cautions)
    assert any("Only 3 members" in line for line in cautions)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"places": "Arven"}, "names no places"),
        ({"places": ["Arven", "Elsewhere"]}, "not those of the country pack"),
        ({"pack": "atlantis"}, "is not one that Qantar ships"),
        ({"pack": "../template"}, "is not one that Qantar ships"),
        ({"pack": ["template"]}, "is not one that Qantar ships"),
        ({"members": "many"}, "whole numbers"),
        ({"members": True}, "whole numbers"),
        ({"members": 0}, "no members"),
        ({"members": 10**9}, "too large"),
        ({"first_day": "soon"}, "no first day"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_manifest_that_does_not_fit_is_listed_with_the_reason(
    runs: Path, tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    rewrite(runs / "kept", **changes)
    line = listed(runs, "kept")
    assert not line["openable"]
    assert reason in line["why_not"]
    assert "hour by hour" in listed(runs, "changed")["why_not"]
    with pytest.raises(QantarError, match="cannot be opened") as caught:
        run_directories.open_world(runs, "kept", tmp_path / "cache")
    assert reason in caught.value.problem


def test_folders_that_are_no_results_do_not_end_the_list(runs: Path, tmp_path: Path) -> None:
    (runs / "empty").mkdir()
    for name, text in (("broken", "{"), ("list", "[1]"), ("foreign", "{}"), ("deep", "[" * 10**5)):
        (runs / name).mkdir()
        (runs / name / "manifest.json").write_text(text, encoding="utf-8")
    (runs / "note.txt").write_text("no folder", encoding="utf-8")
    (runs / ".unfinished-run").mkdir()
    (runs / "elsewhere").symlink_to(runs / "kept")
    lines = {run["name"]: run for run in run_directories.list_runs(runs)}
    assert lines.keys() == {
        "kept", "changed", "empty", "broken", "list", "foreign", "deep", "elsewhere",
    }  # fmt: skip
    reasons = {name: run["why_not"] for name, run in lines.items()}
    assert reasons["kept"] == ""
    assert "no manifest.json" in reasons["empty"]
    assert "damaged" in reasons["broken"]
    assert "damaged" in reasons["deep"]
    assert "no result of Qantar" in reasons["list"]
    assert "no result of Qantar" in reasons["foreign"]
    assert "link" in reasons["elsewhere"]
    assert not any(str(tmp_path) in reason for reason in reasons.values())


def test_a_manifest_of_gigabytes_is_not_read(runs: Path) -> None:
    with (runs / "kept" / "manifest.json").open("r+b") as file:
        file.truncate(10**9)
    assert "too large" in listed(runs, "kept")["why_not"]


def test_missing_and_damaged_arrays_are_said(runs: Path, tmp_path: Path) -> None:
    arrays = runs / "kept" / "arrays.zarr"
    for chunk in (arrays / "deaths" / "c").rglob("*"):
        if chunk.is_file():
            chunk.write_bytes(b"rubbish")
    with pytest.raises(QantarError, match="damaged"):
        run_directories.open_world(runs, "kept", tmp_path / "cache")
    shutil.rmtree(arrays / "deaths")
    with pytest.raises(QantarError):
        run_directories.open_world(runs, "kept", tmp_path / "cache")
    shutil.rmtree(arrays)
    assert "arrays are missing" in listed(runs, "kept")["why_not"]
    assert list((tmp_path / "cache").iterdir()) == []


def test_arrays_of_another_shape_are_refused(runs: Path, tmp_path: Path) -> None:
    rewrite(runs / "kept", members=4)
    with pytest.raises(QantarError, match="not what its manifest says"):
        run_directories.open_world(runs, "kept", tmp_path / "cache")


def test_links_inside_a_run_are_refused(runs: Path, tmp_path: Path) -> None:
    arrays = runs / "kept" / "arrays.zarr"
    outside = tmp_path / "outside"
    shutil.move(arrays / "crowd", outside)
    (arrays / "crowd").symlink_to(outside)
    with pytest.raises(QantarError, match="links"):
        run_directories.open_world(runs, "kept", tmp_path / "cache")


@pytest.mark.parametrize("name", BAD_NAMES, ids=repr)
def test_names_that_lead_elsewhere_are_refused(runs: Path, tmp_path: Path, name: str) -> None:
    before = sorted(p.name for p in runs.iterdir())
    for ask in (
        lambda: run_directories.open_world(runs, name, tmp_path / "cache"),
        lambda: run_directories.delete_run(runs, name),
        lambda: run_directories.page_of(runs, name, "report.html"),
    ):
        with pytest.raises(QantarError, match="no name of a run"):
            ask()
    assert sorted(p.name for p in runs.iterdir()) == before


def test_a_page_is_found_and_nothing_else(runs: Path) -> None:
    assert run_directories.page_of(runs, "kept", "evidence.html") == runs / "kept" / "evidence.html"
    (runs / "kept" / "leak.html").symlink_to("/etc/hostname")
    for file in ("manifest.json", "../kept/report.html", "none.html", "leak.html", ".html", ""):
        with pytest.raises(QantarError, match="no page"):
            run_directories.page_of(runs, "kept", file)


def test_a_run_is_deleted_whole(runs: Path) -> None:
    run_directories.delete_run(runs, "kept")
    assert sorted(p.name for p in runs.iterdir()) == ["changed"]
    with pytest.raises(QantarError, match="there is no run 'kept'"):
        run_directories.delete_run(runs, "kept")


def test_deleting_touches_nothing_outside_the_run(runs: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious.txt").write_text("keep me", encoding="utf-8")
    (runs / "kept" / "link").symlink_to(outside)
    (runs / "alias").symlink_to(runs / "changed")
    with pytest.raises(QantarError, match="is a link"):
        run_directories.delete_run(runs, "alias")
    run_directories.delete_run(runs, "kept")
    assert (outside / "precious.txt").is_file()
    assert (runs / "changed" / "manifest.json").is_file()


def test_what_qantar_did_not_make_is_not_deleted(runs: Path) -> None:
    (runs / "thesis").mkdir()
    (runs / "thesis" / "chapter.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(QantarError, match="no result of Qantar"):
        run_directories.delete_run(runs, "thesis")
    (runs / "thesis" / "manifest.json").write_text('{"name": "app"}', encoding="utf-8")
    with pytest.raises(QantarError, match="no result of Qantar"):
        run_directories.delete_run(runs, "thesis")
    assert (runs / "thesis" / "chapter.txt").is_file()


def test_a_broken_deletion_is_finished_by_the_next(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(run_directories.shutil, "rmtree", lambda *_, **__: None)
        run_directories.delete_run(runs, "kept")
    assert [run["name"] for run in run_directories.list_runs(runs)] == ["changed"]
    run_directories.delete_run(runs, "changed")
    assert list(runs.iterdir()) == []


def test_a_folder_that_cannot_be_written_says_so(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(run_directories.tempfile, "mkdtemp", refuse)
    with pytest.raises(QantarError, match="cannot be deleted: Permission denied"):
        run_directories.delete_run(runs, "kept")
    assert (runs / "kept" / "manifest.json").is_file()


def test_the_largest_run_that_is_opened_is_larger_than_a_page_may_ask_for() -> None:
    assert import_run.LARGEST >= 500 * 312 * 97


def test_tables_of_a_kept_run_can_be_read(made: Path, tmp_path: Path) -> None:
    opened = run_directories.open_world(made, "kept", tmp_path / "cache")
    file = tmp_path / "facts.csv"
    file.write_text(opened.csv("facts"), encoding="utf-8")
    pd.testing.assert_frame_equal(
        pd.read_csv(file, comment="#"), pd.read_csv(made / "kept" / "facts.csv")
    )
