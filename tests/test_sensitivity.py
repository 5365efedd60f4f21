"""Sensitivity: known answers, luck held still, and the same result however it is worked out."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from scipy.special import ndtr

from command_line import run_qantar
from html_rules import html_faults
from qantar.analysis.facts import ENDING, GROUPS, OTHER, group_of, group_of_variable
from qantar.analysis.outcomes import SAMPLERS
from qantar.analysis.run import load_evidence
from qantar.analysis.sensitivity import KEYS, LUCK, PLACES, PRIOR_DRAWS, Analysis
from qantar.analysis.sensitivity_methods import (
    REACH,
    Sensitivity,
    base_rows,
    drivers,
    effects,
    idle,
    saltelli_sample,
    screen,
    trajectories,
    variance_shares,
)
from qantar.base.arrays import Numbers
from qantar.base.checkpoints import Workbook
from qantar.base.errors import OutputError, QantarError
from qantar.base.parallel import PoolSettings, open_pool
from qantar.reports.sensitivity import BREAKS, idle_sentence, strongest, svg_file
from qantar.reports.style import HEAT
from qantar.rng import key_of, uniform
from qantar.simulate.scenario import Scenario, make_scenario

EPISODE = "spring-unrest"
LINEAR = np.array([1.0, -2.0, 0.0, 0.5])


@cache
def scenario(account: str = "union") -> Scenario:
    return make_scenario(EPISODE, account=account, pack="template", belief="prior")


@cache
def small() -> Analysis:
    return Analysis(scenario(), method="morris", size=3, seed=5)


@cache
def found(workers: int) -> Sensitivity:
    with open_pool(PoolSettings(workers)) as pool:
        return small().run(pool)


def linear(points: Numbers) -> Numbers:
    return (points @ LINEAR)[:, None]


def test_a_linear_function_has_effects_of_coefficient_times_range_and_no_interaction() -> None:
    result = screen(linear, 4, 5, seed=1)
    np.testing.assert_allclose(result.mean[:, 0], LINEAR * 2 * REACH, atol=1e-12)
    np.testing.assert_allclose(result.strength[:, 0], abs(LINEAR) * 2 * REACH, atol=1e-12)
    np.testing.assert_allclose(result.spread, 0, atol=1e-12)
    np.testing.assert_allclose(result.confidence, 0, atol=1e-12)


def test_a_product_shows_as_interaction_and_not_as_direction() -> None:
    """For x * y the effect of x is y times the range: symmetric about 0, never 0 itself."""
    result = screen(lambda p: (p[:, 0] * p[:, 1])[:, None], 2, 400, seed=2)
    levels = REACH * np.array([-1, -1 / 3, 1 / 3, 1])
    expected = 2 * REACH * abs(levels).mean()
    np.testing.assert_allclose(result.strength[:, 0], expected, rtol=0.1)
    assert (abs(result.mean[:, 0]) < 0.15 * expected).all()
    np.testing.assert_allclose(result.spread[:, 0], 2 * REACH * levels.std(), rtol=0.1)


def test_trajectories_move_one_unknown_at_a_time_between_the_quantiles() -> None:
    points = trajectories(6, 4, seed=3).reshape(4, 7, 6)
    assert (abs(points) <= REACH + 1e-12).all()
    assert ndtr(REACH) == pytest.approx(0.95, abs=1e-12)
    moved = np.diff(points, axis=1) != 0
    assert (moved.sum(axis=2) == 1).all()
    assert (moved.sum(axis=1) == 1).all()


def ishigami(points: Numbers) -> Numbers:
    a, b, c = (np.pi * (2 * points - 1)).T
    return (np.sin(a) + 7 * np.sin(b) ** 2 + 0.1 * c**4 * np.sin(a))[:, None]


def test_ishigami_has_its_known_indices() -> None:
    result = variance_shares(ishigami, ("a", "b", "c"), 1024, seed=0)
    first, total = np.array([0.3139, 0.4424, 0.0]), np.array([0.5576, 0.4424, 0.2437])
    assert (abs(result.first[:, 0] - first) <= result.first_confidence[:, 0]).all()
    assert (abs(result.total[:, 0] - total) <= result.total_confidence[:, 0]).all()
    assert result.first_confidence.max() < 0.1
    assert result.total_confidence.max() < 0.1


def test_columns_of_a_group_count_as_one_unknown() -> None:
    """The g-function of Sobol in closed form, its first two columns in one group."""
    weights = np.array([0.0, 1.0, 0.5])

    def g(points: Numbers) -> Numbers:
        return np.prod((abs(4 * points - 2) + weights) / (1 + weights), axis=1)[:, None]

    parts = 1 / 3 / (1 + weights) ** 2
    whole = np.prod(1 + parts) - 1
    pair = np.prod(1 + parts[:2]) - 1
    result = variance_shares(g, ("pair", "pair", "alone"), 2048, seed=4)
    assert result.groups == ("pair", "alone")
    first, total = np.array([pair, parts[2]]) / whole, 1 - np.array([parts[2], pair]) / whole
    assert (abs(result.first[:, 0] - first) <= result.first_confidence[:, 0]).all()
    assert (abs(result.total[:, 0] - total) <= result.total_confidence[:, 0]).all()
    assert total[0] - first[0] > 0.05


def test_luck_gets_its_share_though_it_is_but_a_key() -> None:
    """An unknown and a keyed draw of the same variance halve the variance."""

    def forward(points: Numbers) -> Numbers:
        keys = [key_of(1, int(number)) for number in points[:, 1] * KEYS]
        return (points[:, 0] + np.array([uniform(key, 1, 2, 3, 4) for key in keys]))[:, None]

    result = variance_shares(forward, ("known", LUCK), 512, seed=6)
    for indices in (result.first, result.total):
        np.testing.assert_allclose(indices[:, 0], 0.5, atol=0.1)


def test_a_fact_that_never_varies_has_no_shares() -> None:
    result = variance_shares(lambda p: np.ones((len(p), 1)), ("a", "b"), 4, seed=1)
    assert np.isnan(result.first).all()
    assert np.isnan(result.total).all()


def test_base_rows_are_those_that_no_group_crosses() -> None:
    points = saltelli_sample(("a", "b", "b"), 4, seed=0).reshape(4, 4, 3)
    chosen = points.reshape(-1, 3)[base_rows(2, 4)].reshape(4, 2, 3)
    for block, (a, b) in zip(points, chosen, strict=True):
        np.testing.assert_array_equal(block[1], [b[0], a[1], a[2]])
        np.testing.assert_array_equal(block[2], [a[0], b[1], b[2]])


@pytest.mark.parametrize("size", [3, 100])
def test_a_size_that_sobol_points_cannot_balance_is_refused(size: int) -> None:
    with pytest.raises(QantarError, match="power of two"):
        Analysis(scenario(), method="sobol", size=size, seed=1)


def test_a_trajectory_shares_its_luck_and_places_and_draws_from_the_prior_do_not() -> None:
    analysis = small()
    each = len(analysis.parameters) + 1
    points = analysis.points
    assert len(points) == analysis.simulations == 3 * each + PRIOR_DRAWS
    for k in range(3):
        own = points.part(slice(k * each, (k + 1) * each))
        assert set(own.key_number) == {k}
        assert np.ptp(own.propensity, axis=0).max() == np.ptp(own.threshold, axis=0).max() == 0
    rest = points.part(slice(3 * each, None))
    assert len({*rest.key_number} - {0, 1, 2}) == PRIOR_DRAWS
    assert len(np.unique(rest.propensity[:, 0])) == PRIOR_DRAWS
    assert abs(rest.scores).max() > REACH


def test_what_no_fact_reads_has_an_effect_of_exactly_nothing() -> None:
    """With luck held still an elementary effect is no noise."""
    result = found(1)
    effect = result.wide("strength")
    assert (effect.loc["reporting.death_delay"] == 0).all()
    assert (effect.loc["joining.willing"] > 0).any()
    assert "reporting.death_delay" in set(idle(result)["unknown"])


def test_effects_stand_in_errors_and_in_prior_spreads() -> None:
    table = found(1).table
    for name in ("direction", "strength", "confidence", "interaction"):
        np.testing.assert_allclose(table[f"{name}_in_errors"] * table["error"], table[name])
        varying = table[table["spread"] > 0]
        np.testing.assert_allclose(varying[f"{name}_in_spreads"] * varying["spread"], varying[name])
    analysis = small()
    assert list(table["target"].unique()) == list(analysis.observations.names)
    errors = table.groupby("target", sort=False)["error"].first()
    np.testing.assert_array_equal(errors, analysis.observations.error)


def test_a_mechanism_that_is_off_has_no_parameter_in_the_list() -> None:
    account = scenario("null").account
    off = {name for name, switch in account.mechanisms.items() if not switch.on}
    listed = {n.name.partition(".")[0] for n in Analysis(scenario("null"), seed=1).parameters}
    everything = {n.name.partition(".")[0] for n in scenario("null").numbers if n.prior}
    assert off & everything
    assert listed == everything - off


@pytest.mark.parametrize("episode", ["january-2022", "transition-2019"])
def test_facts_that_no_run_gives_are_left_out(episode: str) -> None:
    scenario_of_year = make_scenario(episode)
    known = Analysis(scenario_of_year, seed=1).observations.targets
    beyond = {
        each.target.target
        for each in load_evidence(scenario_of_year.country, scenario_of_year.episode)[1]
        if each.rule.beyond
    }
    assert beyond
    assert not beyond & {target.target for target in known}
    assert all(target.variable in SAMPLERS for target in known)


def test_a_parameter_held_by_hand_is_not_in_the_list() -> None:
    held = replace(scenario(), overrides={"joining.willing": 0.1})
    assert "joining.willing" not in {n.name for n in Analysis(held, seed=1).parameters}


def test_shares_go_to_every_mechanism_with_a_free_parameter_to_places_and_to_luck() -> None:
    analysis = Analysis(scenario("null"), method="sobol", size=2, seed=3)
    with open_pool(PoolSettings()) as pool:
        result = analysis.run(pool)
    own = dict.fromkeys(n.name.partition(".")[0] for n in analysis.parameters)
    assert list(result.unknowns["unknown"]) == [*own, PLACES, LUCK]
    assert result.simulations == 2 * (len(own) + 4) == len(analysis.points)


@pytest.mark.slow
def test_any_number_of_workers_gives_the_same() -> None:
    pd.testing.assert_frame_equal(found(1).table, found(2).table, check_exact=True)


def test_what_was_stopped_goes_on_to_the_same(tmp_path: Path) -> None:
    seen: list[int] = []

    def stop(weight: int) -> None:
        seen.append(weight)
        if len(seen) == 4:
            raise KeyboardInterrupt

    analysis = small()
    book = Workbook(tmp_path / "book", analysis.plan, resume=False)
    with pytest.raises(KeyboardInterrupt), open_pool(PoolSettings()) as pool:
        analysis.run(pool, book, stop)
    kept = book.pieces()
    assert 3 <= len(kept) < len(analysis.tasks())
    times = {name: (tmp_path / "book" / f"{name}.npz").stat().st_mtime_ns for name in kept}
    again = Workbook(tmp_path / "book", analysis.plan, resume=True)
    with open_pool(PoolSettings()) as pool:
        result = analysis.run(pool, again)
    pd.testing.assert_frame_equal(result.table, found(1).table, check_exact=True)
    for name, time in times.items():
        assert (tmp_path / "book" / f"{name}.npz").stat().st_mtime_ns == time


def test_another_seed_cannot_go_on_with_the_pieces_of_this_one(tmp_path: Path) -> None:
    Workbook(tmp_path / "book", small().plan, resume=False)
    other = Analysis(scenario(), method="morris", size=3, seed=6)
    with pytest.raises(OutputError, match="seed"):
        Workbook(tmp_path / "book", other.plan, resume=True)


def made_up() -> Sensitivity:
    """A result in which the first parameter alone moves the first fact, and nothing the others."""
    analysis = small()
    facts = np.zeros((len(analysis.points), len(analysis.observations.targets)))
    facts[:, 0] = analysis.points.scores[:, 0]
    return analysis.result(facts)


def test_drivers_and_idle_find_what_moves_a_fact() -> None:
    result = made_up()
    name = small().parameters[0].name
    best = drivers(result, 2)
    assert list(best["group"].unique()) == [result.groups[0]]
    assert best.iloc[0]["unknown"] == name
    assert best.iloc[0]["value"] == pytest.approx(2 * REACH, rel=0.15)
    assert list(best["rank"]) == [1, 2]
    assert best.iloc[1]["value"] == 0
    silent = set(idle(result)["unknown"])
    assert silent == set(result.unknowns["unknown"]) - {name}
    assert name in strongest(result, 1)
    assert set(idle(result, below=1e9)["unknown"]) == set(result.unknowns["unknown"])
    assert f"{len(silent)} unknowns of {len(result.unknowns)}" in idle_sentence(result)


def test_the_map_shades_by_strength_and_hatches_what_never_varies() -> None:
    svg = svg_file(made_up())
    root = ElementTree.fromstring(svg)
    text = " ".join(root.itertext())
    assert "First day of protest in Harrow" in text
    assert "the fact is the same in every run" in text
    shades = re.findall(r"fill: (#[0-9a-f]{6})", svg)
    strong = {shade for shade in shades if shade in HEAT[4:]}
    assert strong == set(HEAT[4:]), "the legend shows every shade"
    column = [shade for shade in shades if shade in HEAT]
    assert column.count(HEAT[-1]) == 2, "one cell and the legend: 3.3 spreads"
    assert BREAKS["morris"][-2] < 2 * REACH


def test_the_palette_grows_darker_step_by_step() -> None:
    """So it also reads in grey and without colour vision."""
    light = [np.dot((0.2126, 0.7152, 0.0722), to_rgb(shade)) for shade in HEAT]
    assert (np.diff(light) < 0).all()


def test_every_quantity_of_a_run_has_its_group_and_late_streets_are_the_ending() -> None:
    listed = [variable for variables in GROUPS.values() for variable in variables]
    assert sorted(listed) == sorted(SAMPLERS)
    assert group_of_variable("what else") == OTHER
    targets = load_evidence(scenario().country, scenario().episode)[1]
    crowd = next(t.target for t in targets if t.target.variable == "crowd_peak")
    day = dt.date.fromisoformat(crowd.date)
    assert group_of(crowd) == group_of(crowd, day + dt.timedelta(days=1)) == "How many came"
    assert group_of(crowd, day) == ENDING
    dead = next(t.target for t in targets if t.target.variable == "deaths")
    assert group_of(dead, dt.date.min) == "Dead and wounded"


def test_the_bootstrap_is_keyed_by_the_seed() -> None:
    points = trajectories(3, 4, seed=1)
    outputs = (points**2 @ np.array([1.0, 2.0, 3.0]))[:, None] * points[:, :1]
    one, same, other = (effects(points, outputs, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one.confidence, same.confidence)
    assert (one.confidence != other.confidence).any()
    np.testing.assert_array_equal(one.strength, other.strength)


def sensitivity(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return run_qantar("sensitivity", EPISODE, "--pack", "template", *words, folder=folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("sensitivity")
    done = sensitivity("--size", "3", "--seed", "5", "--workers", "1", "--out", "one", folder=where)
    assert done.returncode == 0, done.stderr
    assert "driven by" in done.stdout
    assert "reporting.death_delay" in done.stdout
    return where


def test_the_command_leaves_a_whole_folder_and_nothing_else(folder: Path) -> None:
    assert [path.name for path in folder.iterdir()] == ["one"]
    names = {path.name for path in (folder / "one").iterdir()}
    assert names == {"sensitivity.csv", "sensitivity.svg", "sensitivity.html", "manifest.json"}
    table = pd.read_csv(folder / "one" / "sensitivity.csv")
    pd.testing.assert_frame_equal(table, found(1).table, check_dtype=False, rtol=1e-4)
    about = json.loads((folder / "one" / "manifest.json").read_text())
    assert about["simulations"] == small().simulations
    assert any("Morris" in line for line in about["citations"])


def test_the_page_needs_nothing_else(folder: Path) -> None:
    page = (folder / "one" / "sensitivity.html").read_text()
    assert html_faults(page) == []
    assert "<script" not in page
    assert "@import" not in page
    assert all(link.startswith("#") for link in re.findall(r"""(?:src|href)="([^"]*)""", page))
    for row in idle(found(1)).itertuples():
        assert f'<th scope="row">{row.unknown}</th>' in page


def test_the_command_refuses_what_it_would_overwrite(folder: Path) -> None:
    done = sensitivity("--out", "one", folder=folder)
    assert done.returncode == 2
    assert "exists already" in done.stderr


def test_a_dry_run_says_how_long_and_writes_nothing(tmp_path: Path) -> None:
    done = sensitivity("--dry-run", "--size", "7", "--workers", "3", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    count = Analysis(scenario(), size=7, seed=1).simulations
    assert f"{count:,} simulations" in done.stdout
    assert "minutes with 3 workers" in done.stdout
    assert not list(tmp_path.iterdir())


def test_an_unknown_method_is_refused_with_the_nearest(tmp_path: Path) -> None:
    done = sensitivity("--method", "sobel", folder=tmp_path)
    assert done.returncode == 2
    assert "did you mean 'sobol'?" in done.stderr
