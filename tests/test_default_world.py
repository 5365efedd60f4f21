"""The world that the explorer shows at first: it is that of the present model, or not shown."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fake_explorer import GROUND, PARTS, client_of, made
from qantar.base.errors import QantarError
from qantar.explorer.default_world import (
    DEFAULT_WORLD,
    REBUILD,
    key_of,
    pack_world,
    unpack_world,
)
from qantar.explorer.jobs import Jobs
from qantar.explorer.simulate import run_world
from qantar.explorer.workdir import PRECOMPUTED
from qantar.explorer.worlds import World

ASKED = GROUND.world(GROUND.start)
STALE = f"{DEFAULT_WORLD.name} is not of this model and pack any more: run `{REBUILD}`"
LARGEST = 600_000
"""Bytes of the shipped file, at most."""


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("shipped") / "world"
    unpack_world(DEFAULT_WORLD, folder)
    return World(folder)


def test_the_shipped_world_is_of_the_present_model() -> None:
    assert key_of(DEFAULT_WORLD) == ASKED.key + PRECOMPUTED, STALE
    assert DEFAULT_WORLD.stat().st_size < LARGEST


def numbers_and_texts(value: Any) -> tuple[list[float], list[Any]]:
    """Return the numbers of a JSON value, which may differ in the last digits, and all the rest."""
    if isinstance(value, float):
        return [value], []
    if isinstance(value, dict):
        value = [part for item in value.items() for part in item]
    if not isinstance(value, list):
        return [], [value]
    parts = [numbers_and_texts(item) for item in value]
    return [n for part in parts for n in part[0]], [text for part in parts for text in part[1]]


@pytest.mark.slow
def test_the_shipped_world_is_what_the_code_gives(shipped: World, tmp_path: Path) -> None:
    run_world(ASKED, tmp_path / "world", lambda _: None)
    now = World(tmp_path / "world")
    own = {"key": 0, "precomputed": False, "single_members": True}
    told, expected = ({**world.told, **own} for world in (shipped, now))
    assert numbers_and_texts(told)[1] == numbers_and_texts(expected)[1], STALE
    np.testing.assert_allclose(
        numbers_and_texts(told)[0], numbers_and_texts(expected)[0], rtol=1e-6, err_msg=STALE
    )
    for layer in now.layers:
        np.testing.assert_allclose(
            shipped.quantiles("base", layer), now.quantiles("base", layer), 1e-5, err_msg=STALE
        )
    for name in ("facts", "decisions"):
        assert shipped.csv(name) == now.csv(name), STALE


def test_it_has_tables_but_no_single_members(shipped: World) -> None:
    assert (shipped.told["precomputed"], shipped.told["single_members"]) == (True, False)
    assert shipped.told["members"] == shipped.told["planned"] == ASKED.members
    assert len(shipped.csv("facts").splitlines()) > 100
    with pytest.raises(QantarError, match="single members"):
        shipped.member("base", 0, "crowd")


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    jobs = Jobs(workers=0)
    yield jobs
    jobs.close()


def test_it_is_shown_without_a_job_until_single_members_are_needed(
    tmp_path: Path, jobs: Jobs
) -> None:
    parts = replace(PARTS, default_world=DEFAULT_WORLD)
    with client_of(made(tmp_path, parts, jobs=jobs)) as client:
        answer = client.post("/api/jobs", json={"query": "hour=30"}).json()
        assert answer == {"job": None, "key": ASKED.key + PRECOMPUTED, "query": ""}
        assert client.get(f"/api/worlds/{answer['key']}").json()["precomputed"] is True
        assert client.post("/api/jobs", json={"query": "seed=2"}).json()["job"]
        whole = client.post("/api/jobs", json={"query": "", "whole": True}).json()
        assert whole["job"] == whole["key"] == ASKED.key


def other_world(folder: Path) -> Path:
    """Return a shipped file of another model."""
    world = folder / "other"
    unpack_world(DEFAULT_WORLD, world)
    told = json.loads((world / "world.json").read_bytes())
    (world / "world.json").write_text(json.dumps({**told, "key": "0" * 16}), encoding="utf-8")
    pack_world(world, folder / "other.zip")
    return folder / "other.zip"


def damaged_world(folder: Path) -> Path:
    """Return a shipped file that was cut short."""
    shutil.copy(DEFAULT_WORLD, folder / "cut.zip")
    with (folder / "cut.zip").open("r+b") as file:
        file.truncate(1000)
    return folder / "cut.zip"


@pytest.mark.parametrize("make", [other_world, damaged_world, lambda folder: folder / "none.zip"])
def test_a_file_that_does_not_fit_is_never_shown(
    tmp_path: Path, jobs: Jobs, make: Any, caplog: pytest.LogCaptureFixture
) -> None:
    parts = replace(PARTS, default_world=make(tmp_path))
    with caplog.at_level(logging.WARNING), client_of(made(tmp_path, parts, jobs=jobs)) as client:
        assert client.post("/api/jobs", json={"query": ""}).json()["job"] == ASKED.key
    assert ("is damaged" in caplog.text) == (make is damaged_world)


def test_the_same_world_gives_the_same_file(shipped: World, tmp_path: Path) -> None:
    for name in ("one.zip", "two.zip"):
        pack_world(shipped.folder, tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
