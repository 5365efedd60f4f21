"""Previews of a world: its first members, shown while the others are run."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qantar.explorer import previews, simulate
from qantar.explorer.frames import MIDDLE, QUANTILES
from qantar.explorer.jobs import Progress
from qantar.explorer.previews import FIRST, preview_sizes
from qantar.explorer.request import WorldRequest
from qantar.explorer.workdir import WORLD, WorldCache, preview_key
from qantar.explorer.worlds import World

MEMBERS = 18
PLAIN = WorldRequest("spring-unrest", pack="template", members=MEMBERS, seed=3)
CHANGED = replace(PLAIN, change="no-shutdown", mode="script")


def run(asked: WorldRequest, parent: Path) -> list[Progress]:
    """Run a world into the folder of its key, and return what was reported."""
    reports: list[Progress] = []
    simulate.run_world(asked, parent / asked.key, reports.append)
    return reports


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    parent = tmp_path_factory.mktemp("previews")
    for asked in (PLAIN, CHANGED):
        run(asked, parent)
    return parent


def preview(folder: Path, asked: WorldRequest, members: int) -> World:
    return World(folder / preview_key(asked.key, members))


def test_a_preview_comes_whenever_the_number_of_members_has_doubled(folder: Path) -> None:
    assert preview_sizes(100) == (6, 12, 24, 48)
    assert preview_sizes(8) == preview_sizes(2) == ()
    assert preview_sizes(500)[-1] <= previews.MOST
    names = {path.name for path in folder.iterdir()}
    sizes = preview_sizes(MEMBERS)
    assert names == {
        name
        for asked in (PLAIN, CHANGED)
        for name in (asked.key, *(preview_key(asked.key, size) for size in sizes))
    }


def test_a_preview_is_of_the_first_members(folder: Path) -> None:
    whole = World(folder / PLAIN.key)
    shown = preview(folder, PLAIN, FIRST)
    assert (shown.told["members"], shown.told["planned"]) == (FIRST, MEMBERS)
    assert shown.told["key"] == shown.folder.name
    assert shown.told["single_members"] is False
    assert whole.told["members"] == whole.told["planned"] == MEMBERS
    for layer in whole.layers:
        members = [np.frombuffer(whole.member("base", k, layer), "<f4") for k in range(FIRST)]
        expected = np.quantile(np.array(members, np.float64), QUANTILES, axis=0)
        found = np.frombuffer(shown.frames("base", layer), "<f4").reshape(expected.shape)
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


def test_a_preview_of_a_what_if_compares_the_first_pairs(folder: Path) -> None:
    whole, shown = World(folder / CHANGED.key), preview(folder, CHANGED, FIRST)
    gaps = np.array(
        [np.frombuffer(whole.member("difference", k, "crowd"), "<f4") for k in range(FIRST)]
    )
    middle = shown.quantiles("difference", "crowd")[MIDDLE].ravel()
    np.testing.assert_allclose(middle, gaps.mean(axis=0), rtol=1e-5, atol=1e-4)
    found = shown.told["whatif"]
    assert (found["explained"], found["chain"], found["attribution"]) == (0, [], [])
    assert "preview" in " ".join(found["cautions"])
    assert found["deaths"]["baseline"] is not None


@pytest.mark.parametrize("asked", [PLAIN, CHANGED], ids=["plain", "changed"])
def test_previews_change_nothing_of_the_finished_world(
    folder: Path, asked: WorldRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "preview_sizes", lambda _members: ())
    run(asked, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [asked.key]
    files = [path for path in (tmp_path / asked.key).rglob("*") if path.is_file()]
    assert len(files) > 10
    for path in files:
        same = folder / path.relative_to(tmp_path)
        if path.name != "manifest.json":
            assert path.read_bytes() == same.read_bytes(), path.name


def test_a_report_names_the_newest_preview_once_it_is_written(tmp_path: Path) -> None:
    there: list[bool] = []

    def report(progress: Progress) -> None:
        if progress.preview:
            there.append((tmp_path / progress.preview / WORLD).is_file())
            assert progress.counted == "members"

    simulate.run_world(PLAIN, tmp_path / PLAIN.key, report)
    assert there
    assert all(there)


def test_previews_go_when_the_world_is_finished(tmp_path: Path) -> None:
    opened: Callable[[Path], Any] = lambda folder: folder.name  # noqa: E731
    cache = WorldCache(tmp_path / "worlds", tmp_path, opened, lambda *_: None)
    for key in ("a", "a-6", "a-12", "a-precomputed", "b-6"):
        (tmp_path / "made").mkdir()
        (tmp_path / "made" / WORLD).write_text(json.dumps(key), encoding="utf-8")
        cache.put(key, tmp_path / "made")
    cache.remove_previews("a")
    kept = {"a", "a-precomputed", "b-6"}
    assert {path.name for path in (tmp_path / "worlds").iterdir()} == kept
    assert [key for key in ("a", "a-6", "a-12", "b-6") if cache.has(key)] == ["a", "b-6"]
