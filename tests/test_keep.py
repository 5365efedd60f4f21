"""What a run keeps of every member, and members in blocks."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import pytest

import qantar
from command_line import run_qantar
from qantar.analysis.kept_arrays import read_daily_values
from qantar.analysis.member_values import DAILY, UNIT_CROWD, Values
from qantar.analysis.outcomes import Keep, Outcome
from qantar.analysis.run import layout_of
from qantar.base.errors import FileError, QantarError, UnknownNameError
from qantar.explorer.import_run import why_not_open
from qantar.results import open_writer, write_run
from qantar.simulate import ensemble
from qantar.simulate.ensemble import block_of, members_per_block, run_blocks, run_ensemble
from qantar.simulate.scenario import Scenario, make_scenario

KEPT = get_args(Keep)
MEMBERS, SEED = 5, 3


@cache
def scenario() -> Scenario:
    return make_scenario("spring-unrest", pack="template")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return a run directory for everything that can be kept."""
    parent = tmp_path_factory.mktemp("runs")
    for keep in KEPT:
        writing = open_writer(scenario(), parent / keep, MEMBERS, keep)
        write_run(scenario(), writing, members=MEMBERS, seed=SEED, keep=keep)
    return {keep: parent / keep for keep in KEPT}


def test_what_is_kept_changes_no_result(folders: dict[str, Path]) -> None:
    texts = {(folder / "facts.csv").read_bytes() for folder in folders.values()}
    assert len(texts) == 1
    opened = [qantar.open(folder) for folder in folders.values()]
    for one in opened[1:]:
        pd.testing.assert_frame_equal(one.facts, opened[0].facts)
    pages = {(folder / "evidence.html").read_bytes() for folder in folders.values()}
    assert len(pages) == 1


def test_less_is_written_if_less_is_kept(folders: dict[str, Path]) -> None:
    def size(folder: Path) -> int:
        return sum(path.stat().st_size for path in (folder / "arrays.zarr" / "deaths").rglob("*"))

    assert size(folders["places"]) < size(folders["all"])
    assert "keep" not in qantar.open(folders["all"]).manifest
    assert qantar.open(folders["places"]).manifest["keep"] == "places"


def test_a_run_that_keeps_places_is_rebuilt(folders: dict[str, Path]) -> None:
    whole, daily = (qantar.open(folders[keep]) for keep in ("all", "places"))
    assert daily.run.scores == whole.run.scores
    for name in (*DAILY, UNIT_CROWD):
        np.testing.assert_array_equal(
            daily.run.outcome.values(name), whole.run.outcome.values(name)
        )
    daily.plot.map()
    daily.plot.timeline()
    stored = daily.to_xarray()
    assert stored["deaths"].dims == ("member", "place", "day")
    peak = whole.to_xarray()["crowd"].max("hour")
    np.testing.assert_array_equal(stored["crowd_peak"].max("day"), peak)


def test_a_run_that_keeps_facts_has_them_for_every_member(folders: dict[str, Path]) -> None:
    stored, whole = qantar.open(folders["facts"]).to_xarray(), qantar.open(folders["all"])
    texts = [stored[name].values for name in ("variable", "level", "name", "date")]
    for column, key in enumerate(zip(*texts, strict=True)):
        samples = whole.run.outcome.samples(*map(str, key))
        np.testing.assert_array_equal(stored["value"][:, column], samples)
    assert stored.sizes["fact"] == len(whole.facts)
    assert stored["unit"].values.tolist() == whole.facts["unit"].tolist()


def test_what_is_not_kept_is_refused_with_the_remedy(folders: dict[str, Path]) -> None:
    place = scenario().places[0]
    with pytest.raises(FileError, match="keeps facts only") as caught:
        _ = qantar.open(folders["facts"]).run
    assert "--keep places" in caught.value.hint
    with pytest.raises(QantarError, match="no crowds of places by hour") as refused:
        qantar.open(folders["places"]).plot.timeline(place=place)
    assert "--keep all" in refused.value.hint
    for keep in ("places", "facts"):
        stored = qantar.open(folders[keep])
        assert "--keep all" in why_not_open(stored.path, stored.manifest)


def test_the_python_interface_keeps_what_it_is_told() -> None:
    place = scenario().places[0]
    runs = {keep: qantar.run(scenario(), members=MEMBERS, seed=SEED, keep=keep) for keep in KEPT}
    for run in runs.values():
        pd.testing.assert_frame_equal(run.facts, runs["all"].facts)
        assert run.scores == runs["all"].scores
        assert run.outcome.members == MEMBERS
    assert "crowd" in runs["all"].to_xarray()
    assert "crowd" not in runs["places"].to_xarray()
    with pytest.raises(QantarError, match="this run keeps places"):
        runs["places"].outcome.hourly("place", place)
    for ask in (
        runs["facts"].to_xarray,
        runs["facts"].plot.map,
        lambda: runs["facts"].outcome.samples("deaths", "place", place, "2030-03-02"),
    ):
        with pytest.raises(QantarError):
            ask()
    with pytest.raises(UnknownNameError, match="value of keep"):
        qantar.run(scenario(), members=1, keep="everything")  # type: ignore[arg-type]


def test_the_command_keeps_what_it_is_told(tmp_path: Path) -> None:
    started = ("run", "spring-unrest", "--pack", "template", "--members", "2")
    done = run_qantar(*started, "--keep", "facts", "--out", str(tmp_path / "few"))
    assert done.returncode == 0, done.stderr
    assert qantar.open(tmp_path / "few").manifest["keep"] == "facts"
    refused = run_qantar(*started, "--keep", "place", "--out", str(tmp_path / "none"))
    assert refused.returncode == 2
    assert "did you mean 'places'?" in refused.stderr
    contradiction = run_qantar(*started, "--keep", "facts", "--netcdf")
    assert contradiction.returncode == 2
    assert "leave out one of the two" in contradiction.stderr


def test_an_interrupted_run_leaves_nothing_whatever_it_keeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("qantar.results.facts", interrupted)  # after the arrays
    for keep in KEPT:
        writing = open_writer(scenario(), tmp_path / "run", 1, keep)
        with pytest.raises(KeyboardInterrupt):
            write_run(scenario(), writing, members=1, seed=1, keep=keep)
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("members", [1, 4, 7])
@pytest.mark.parametrize("threads", [1, 3])
def test_blocks_hold_the_records_of_an_ensemble(
    monkeypatch: pytest.MonkeyPatch, members: int, threads: int
) -> None:
    monkeypatch.setattr(ensemble, "MEMBERS_PER_BLOCK", 4)
    asked, draws = scenario(), scenario().draws(SEED, members)
    hours = asked.episode.hours

    def member(number: int) -> ensemble.Member:
        return asked.member(SEED, number, draws)

    blocks = list(
        run_blocks(asked.environment, member, members=members, hours=hours, threads=threads)
    )
    records = list(run_ensemble(asked.environment, member, members=members, hours=hours))
    assert [block.shape[1] for block in blocks] == {1: [1], 4: [4], 7: [4, 3]}[members]
    np.testing.assert_array_equal(np.concatenate(blocks, axis=1), block_of(records))
    one, some = (Outcome(layout_of(asked)) for _ in range(2))
    for record in records:
        one.add(record)
    for block in blocks:
        some.add_block(block)
    for name in (*DAILY, UNIT_CROWD, "crowd"):
        np.testing.assert_array_equal(one.values(name), some.values(name))


def test_an_error_in_a_member_ends_the_run() -> None:
    def member(number: int) -> ensemble.Member:
        raise QantarError(f"member {number}")

    blocks = run_blocks(scenario().environment, member, members=3, hours=24, threads=2)
    with pytest.raises(QantarError, match="member 0"):
        next(blocks)


def test_blocks_of_a_large_country_are_small() -> None:
    assert members_per_block(312, 97) == ensemble.MEMBERS_PER_BLOCK
    assert members_per_block(312, 3000) == 2
    assert members_per_block(10**4, 10**4) == 1


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([0.0, 255.0], np.uint8),
        ([0.0, 256.0], np.uint16),
        ([0.0, 65_536.0], np.float32),
        ([0.5, 1.0], np.float32),
        ([-1.0, 1.0], np.float32),
        ([np.nan, 1.0], np.float32),
    ],
)
def test_values_are_kept_exactly_in_a_small_type(values: list[float], kind: type) -> None:
    kept = Values()
    kept.add(np.array([values], np.float32))
    assert kept.array.dtype == kind
    kept.add(np.array([[3.0, 70_000.5]], np.float32))
    assert len(kept) == 2
    expected = np.array([values, [3.0, 70_000.5]], np.float32)
    np.testing.assert_array_equal(kept[:], expected)


def test_an_outcome_may_grow_after_it_was_read(folders: dict[str, Path]) -> None:
    layout = layout_of(scenario())
    outcome = read_daily_values(qantar.open(folders["places"]).arrays(), layout)
    before = outcome.samples("violent", "country", layout.country, "any")
    outcome.add_values({name: outcome.values(name) for name in (*DAILY, UNIT_CROWD)})
    after = outcome.samples("violent", "country", layout.country, "any")
    np.testing.assert_array_equal(after, np.tile(before, 2))
