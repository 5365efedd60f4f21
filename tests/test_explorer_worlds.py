"""Worlds of the explorer: frames that a hand can check, twins, and nothing left half done."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import zarr
from numpy.typing import NDArray

from qantar.analysis.facts import facts
from qantar.analysis.rebuild import outcome_of
from qantar.analysis.run import run
from qantar.analysis.scores import score
from qantar.analysis.whatif.run import WhatIfSettings, what_if
from qantar.analysis.whatif.twins import run_worlds
from qantar.base.errors import QantarError
from qantar.explorer import simulate
from qantar.explorer.context import known
from qantar.explorer.frames import LAYERS, MIDDLE, QUANTILES, Units, quantiles
from qantar.explorer.jobs import Progress
from qantar.explorer.request import WorldRequest
from qantar.explorer.worlds import TABLES, World
from qantar.model.hour import VARIABLES, Recorded
from qantar.model.state import Action
from qantar.simulate.ensemble import Followed, follow_member
from qantar.simulate.script import in_force

MEMBERS, SEED = 5, 3
COLUMN = {variable.name: k for k, variable in enumerate(VARIABLES)}
PLAIN = WorldRequest("spring-unrest", pack="template", members=MEMBERS, seed=SEED)
NULL = replace(PLAIN, change="shared-revenue=0", mode="rules", members=4)
CHANGED = replace(NULL, change="no-shutdown", mode="script")


class Made:
    """A world with what was reported while it was made."""

    def __init__(self, asked: WorldRequest, folder: Path) -> None:
        self.asked = asked
        self.reports: list[Progress] = []
        simulate.run_world(asked, folder, self.reports.append)
        self.world = World(folder)
        self.told: dict[str, Any] = json.loads(self.world.payload())

    def frames(self, side: str, layer: str) -> NDArray[np.float32]:
        units = self.world.units
        flat = np.frombuffer(self.world.frames(side, layer), "<f4")
        return flat.reshape(len(QUANTILES), self.told["hours"], units.size)

    def member(self, side: str, number: int, layer: str) -> NDArray[np.float32]:
        flat = np.frombuffer(self.world.member(side, number, layer), "<f4")
        return flat.reshape(self.told["hours"], self.world.units.size)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(PLAIN, tmp_path_factory.mktemp("plain") / "world")


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(CHANGED, tmp_path_factory.mktemp("changed") / "world")


@pytest.fixture(scope="module")
def null(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(NULL, tmp_path_factory.mktemp("null") / "world")


@pytest.fixture(scope="module")
def records() -> list[Recorded]:
    """What `qantar run` records of the same members."""
    kept: list[Recorded] = []
    run(PLAIN.scenario(), members=MEMBERS, seed=SEED, each=kept.append)
    return kept


def by_hand(values: NDArray[np.float64], asked: WorldRequest, *, mean: bool) -> NDArray[np.float64]:
    """Return values of places (members, hours, places) with those of regions and the country."""
    country = known(asked.pack, asked.episode).country
    people = np.array([place.population for place in country.places], np.float64)
    groups = [
        [k for k, place in enumerate(country.places) if place.region == region.region]
        for region in country.regions
    ]
    groups.append(list(range(len(country.places))))
    wide = []
    for own in groups:
        if mean:
            wide.append((values[:, :, own] * people[own]).sum(axis=2) / people[own].sum())
        else:
            wide.append(values[:, :, own].sum(axis=2))
    return np.concatenate([values, np.stack(wide, axis=2)], axis=2)


def test_frames_are_quantiles_of_sums_within_members(plain: Made, records: list[Recorded]) -> None:
    for layer in ("crowd", "violence", "deaths", "detained"):
        column = COLUMN[LAYERS[layer].array]
        values = np.stack([record[:, :, column] for record in records]).astype(np.float64)
        assert values.any(), layer
        expected = np.quantile(by_hand(values, PLAIN, mean=False), QUANTILES, axis=0)
        np.testing.assert_allclose(plain.frames("base", layer), expected, rtol=2e-6, atol=1e-6)


def test_a_region_is_no_sum_of_quantiles(plain: Made, records: list[Recorded]) -> None:
    """The order matters: a sum of medians is another number than the median of sums."""
    places = len(PLAIN.scenario().places)
    frames = plain.frames("base", "crowd")
    assert not np.allclose(frames[:, :, :places].sum(axis=2), frames[:, :, -1], rtol=1e-3)


def test_orders_in_force_are_averaged_by_inhabitants(changed: Made) -> None:
    scenario = CHANGED.scenario()
    draws = scenario.draws(SEED, CHANGED.members)
    hours = scenario.episode.hours
    ordered = [
        follow_member(scenario.environment, scenario.member(SEED, k, draws), hours).ordered
        for k in range(CHANGED.members)
    ]
    for layer, kind in (("shutdown", Action.SHUTDOWN), ("troops", Action.FOREIGN_TROOPS)):
        values = np.stack([one[:, kind] for one in ordered])
        expected = np.quantile(by_hand(values, CHANGED, mean=True), QUANTILES, axis=0)
        np.testing.assert_allclose(changed.frames("base", layer), expected, rtol=1e-6, atol=1e-7)
    assert changed.frames("base", "shutdown").max() > 0


def test_what_a_change_forbids_is_not_in_force(changed: Made) -> None:
    """The script still orders the shutdown; only what is in force is shown."""
    assert not changed.frames("changed", "shutdown").any()
    scenario = CHANGED.scenario()
    after = scenario.changed(CHANGED.changes(scenario))
    followed = follow_member(
        after.environment, after.member(SEED, 0, after.draws(SEED, 4)), after.episode.hours
    )
    assert followed.ordered[:, Action.SHUTDOWN].any()
    assert not in_force(followed.ordered, after.amendments)[:, Action.SHUTDOWN].any()


def test_the_difference_is_taken_within_pairs(changed: Made) -> None:
    pairs = np.stack(
        [
            changed.member("changed", k, "crowd") - changed.member("base", k, "crowd")
            for k in range(CHANGED.members)
        ]
    )
    expected = np.quantile(pairs.astype(np.float64), QUANTILES, axis=0)
    expected[MIDDLE] = pairs.mean(axis=0)
    assert expected.any()
    np.testing.assert_allclose(changed.frames("difference", "crowd"), expected, atol=1e-3)
    assert (changed.member("difference", 2, "crowd") == pairs[2]).all()


def test_a_change_that_changes_nothing_gives_no_difference(null: Made) -> None:
    for layer in LAYERS:
        assert null.frames("base", layer).tobytes() == null.frames("changed", layer).tobytes()
        assert not null.frames("difference", layer).any()
    deaths = null.told["whatif"]["deaths"]
    assert (deaths["difference"], deaths["same"], deaths["clear"]) == (0.0, 1.0, False)
    assert null.reports[-1].stage
    assert {"mean": 0.0, "low": 0.0, "high": 0.0} in [
        report.partial["deaths"] for report in null.reports if report.partial
    ]


def test_a_member_is_the_member_of_a_run(plain: Made, records: list[Recorded]) -> None:
    places = len(PLAIN.scenario().places)
    for number in (0, MEMBERS - 1):
        for layer in ("crowd", "deaths"):
            own = records[number][:, :, COLUMN[LAYERS[layer].array]]
            assert (plain.member("base", number, layer)[:, :places] == own).all()


def test_scores_and_facts_are_those_of_a_run(plain: Made) -> None:
    finished = run(PLAIN.scenario(), members=MEMBERS, seed=SEED)
    verdicts = {item.target.target: item.verdict for item in finished.scores}
    assert {row["target"]: row["verdict"] for row in plain.told["scores"]} == verdicts
    table = facts(finished.outcome, finished.targets).to_csv(index=False)
    lines = plain.world.csv("facts").splitlines(keepends=True)
    assert "".join(line for line in lines if not line.startswith("#")) == table


def test_the_base_of_a_what_if_is_scored(changed: Made) -> None:
    about = known("template", "spring-unrest")
    group = zarr.open_group(changed.world.folder / "base" / "arrays.zarr", mode="r")
    expected = [item.verdict for item in score(outcome_of(group, about.layout), about.targets)]
    assert [row["verdict"] for row in changed.told["scores"]] == expected
    counted = sum(sum(part.values()) for part in changed.told["tally"].values())
    assert counted == len(expected) > 0


def test_the_payload_says_what_the_tables_say(changed: Made) -> None:
    scenario = CHANGED.scenario()
    effort = WhatIfSettings(CHANGED.members, SEED, CHANGED.members, both_modes=False)
    found = what_if(scenario, [CHANGED.changes(scenario)], effort=effort)
    told = changed.told["whatif"]
    table = found.tables["differences"]
    row = table[(table["quantity"] == "participants") & (table["level"] == "country")].iloc[0]
    line = next(line for line in told["lines"] if line["quantity"] == "participants")
    for name in ("baseline", "changed", "difference", "low", "high", "fewer", "same", "more"):
        assert line[name] == pytest.approx(row[name])
    parts = found.tables["attribution"]
    deaths = parts[parts["quantity"] == "deaths"]
    assert [part["mean"] for part in told["attribution"]] == pytest.approx(list(deaths["mean"]))
    assert [step["part"] for step in told["chain"]] == list(found.tables["chain"]["part"])
    assert told["explained"] == CHANGED.members
    assert "model" in told["cannot"][0]
    assert "deaths" in told["headline"]["deaths"]
    assert told["told"][0]["was"] == "The internet is cut from the night of the fourth."
    shut = next(each for each in told["decisions"] if "nternet" in each["label"])
    assert (shut["base"]["taken"], shut["changed"]["taken"]) == (1.0, 0.0)
    assert (shut["changed"]["q50"], shut["difference"]) == (None, None)


def test_the_last_partial_is_the_answer(changed: Made) -> None:
    partials = [report.partial for report in changed.reports if report.partial]
    deaths = changed.told["whatif"]["deaths"]
    assert partials[0]["pairs"] < CHANGED.members == partials[-1]["pairs"]
    last = partials[-1]["deaths"]
    assert last["mean"] == pytest.approx(deaths["difference"])
    assert (last["low"], last["high"]) == pytest.approx((deaths["low"], deaths["high"]))


def test_progress_counts_up_within_a_stage(changed: Made) -> None:
    stages: dict[str, list[int]] = {}
    for report in changed.reports:
        stages.setdefault(report.stage, []).append(report.done)
        assert report.done <= report.total or report.total == 0
    assert all(counts == sorted(counts) for counts in stages.values())
    pairs = next(
        counts
        for stage, counts in stages.items()
        if stage.startswith("running") and "pairs" in stage
    )
    assert pairs[-1] == CHANGED.members


def test_payload_is_strict_json_without_paths(changed: Made, plain: Made) -> None:
    def refuse(text: str) -> float:
        raise AssertionError(f"{text} is no JSON")

    for made in (changed, plain):
        text = made.world.payload().decode()
        json.loads(text, parse_constant=refuse)
        assert str(made.world.folder.parent) not in text
    assert plain.told["whatif"] is None
    assert plain.told["sides"] == ["base"]
    assert plain.told["key"] == PLAIN.key
    assert "fewer" not in plain.told["title"]


def test_the_command_makes_the_same_world(changed: Made, plain: Made) -> None:
    words = changed.told["command"].split()
    assert words[:3] == ["qantar", "whatif", "spring-unrest"]
    assert words[words.index("--change") + 1] == "no-shutdown"
    assert words[words.index("--explained") + 1] == "4"
    assert "--one-mode" in words
    assert plain.told["command"].startswith(
        "qantar run spring-unrest --account union --mode script"
    )


@pytest.mark.parametrize("name", [name for name in TABLES if name != "hours"])
def test_tables_are_read_back(changed: Made, name: str) -> None:
    text = changed.world.csv(name)
    table = pd.read_csv(io.StringIO(text), comment="#")
    assert len(table)
    head = [line for line in text.splitlines() if line.startswith("# ")]
    assert any("Cite: The Qantar authors" in line for line in head)
    assert any(changed.told["query"] in line for line in head)
    if name == "differences":
        deaths = table[(table["quantity"] == "deaths") & (table["level"] == "country")].iloc[0]
        told = changed.told["whatif"]["deaths"]
        assert deaths["difference"] == pytest.approx(told["difference"], rel=1e-4)


def test_hours_carry_their_clock(plain: Made) -> None:
    units = plain.world.units
    unit = f"region:{units.regions[1]}"
    text = plain.world.csv("hours", side="base", layer="crowd", unit=unit)
    table = pd.read_csv(io.StringIO(text), comment="#")
    assert table["time"].iloc[0] == "2030-03-01T00:00:00+02:00"
    assert table["time"].iloc[30] == "2030-03-02T06:00:00+02:00"
    frames = plain.frames("base", "crowd")[:, :, units.index(unit)]
    np.testing.assert_allclose(table[["q05", "q25", "q50", "q75", "q95"]].T, frames, rtol=1e-4)
    whole = pd.read_csv(io.StringIO(plain.world.csv("hours")), comment="#")
    np.testing.assert_allclose(whole["q50"], plain.frames("base", "crowd")[2, :, -1], rtol=1e-4)


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda w: w.frames("changed", "crowd"), "base"),
        (lambda w: w.frames("base", "../world"), "crowd"),
        (lambda w: w.frames("base", "control"), "violence"),
        (lambda w: w.member("base", MEMBERS, "crowd"), f"0 to {MEMBERS - 1}"),
        (lambda w: w.member("base", -1, "crowd"), f"0 to {MEMBERS - 1}"),
        (lambda w: w.csv("differences"), "decisions"),
        (lambda w: w.csv("../../etc/passwd"), "facts"),
        (lambda w: w.csv("hours", unit="region:Westmarsh"), "region:Westmarch"),
    ],
)
def test_what_is_not_there_is_said(plain: Made, ask: Any, expected: str) -> None:
    with pytest.raises(QantarError) as caught:
        ask(plain.world)
    assert expected in caught.value.expected


def test_a_world_that_is_gone_says_so(tmp_path: Path) -> None:
    with pytest.raises(QantarError, match="no longer exists"):
        World(tmp_path / "none")
    (tmp_path / "world.json").write_text("{", encoding="utf-8")
    with pytest.raises(QantarError, match="damaged"):
        World(tmp_path)


def test_nothing_is_left_after_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(simulate, "world_payload", broken)
    with pytest.raises(MemoryError):
        simulate.run_world(PLAIN, tmp_path / "world", lambda _: None)
    assert list(tmp_path.iterdir()) == []


def test_stopping_between_members_leaves_nothing(tmp_path: Path) -> None:
    def stop(progress: Progress) -> None:
        if progress.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate.run_world(CHANGED, tmp_path / "world", stop)
    assert list(tmp_path.iterdir()) == []


def test_watching_sees_every_member_of_every_world_in_order() -> None:
    scenario = CHANGED.scenario()
    seen: list[tuple[int, list[Followed]]] = []
    worlds = run_worlds(
        scenario,
        [CHANGED.changes(scenario)],
        members=3,
        seed=SEED,
        watch=lambda number, followed: seen.append((number, list(followed))),
    )
    assert [number for number, _ in seen] == [0, 1, 2]
    for k, world in enumerate(worlds):
        total = [one[k].record[-1, :, COLUMN["deaths"]].sum() for _, one in seen]
        samples = world.outcome.samples("deaths", "country", "Arvenia", "total")
        np.testing.assert_allclose(total, samples)
    assert not np.array_equal(seen[0][1][0].ordered, seen[0][1][1].record)


def quantile_cases() -> list[NDArray[np.float32]]:
    luck = np.random.default_rng([1, 2])
    cases = []
    for members in (1, 2, 3, 20, 101):
        values = luck.normal(0, 100, (4, 3, members)).astype(np.float32)
        values[1] = 0.0
        values[2, 1] = 7.5
        cases.append(values)
    return cases


@pytest.mark.parametrize("values", quantile_cases(), ids=lambda v: f"{v.shape[-1]} members")
def test_quantiles_are_those_of_numpy(values: NDArray[np.float32]) -> None:
    expected = np.quantile(values.astype(np.float64), QUANTILES, axis=2)
    np.testing.assert_allclose(quantiles(values.copy()), expected, rtol=1e-6, atol=1e-5)


def test_units_add_up_places_of_their_region_only() -> None:
    units = Units(
        "Land", ("a", "b", "c"), ("North", "South"), ("South", "North", "South"), (1, 2, 3)
    )
    block = np.array([[[1, 10, 100]]], np.float32)
    assert units.together(block, "sum").tolist() == [[[1, 10, 100, 10, 101, 111]]]
    mean = units.together(block, "mean")[0, 0]
    assert mean.tolist() == pytest.approx([1, 10, 100, 10, 301 / 4, 321 / 6])
    assert units.ids[units.index("region:South")] == "region:South"
    assert units.index(None) == 5 == units.index("country:Land")
    assert Units.from_json(json.loads(json.dumps(units.told()))) == units


def test_the_last_pair_is_told_though_not_every_pair_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qantar.explorer.simulate._PARTIALS", 1)
    made = Made(CHANGED, tmp_path / "world")
    told = [report.partial["pairs"] for report in made.reports if report.partial]
    assert set(told) == {CHANGED.members}
