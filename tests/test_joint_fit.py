"""A joint fit: every episode under its own conditions, one set of unknowns, scores by hand."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import fit_default
import score_fit
from qantar.analysis.inference.fit_scores import brier_scores, fit_scores, log_scores
from qantar.analysis.inference.joint_fit import (
    FitDesign,
    FitEpisode,
    columns_of,
    draws_of,
    joint_fit,
    load_fit_episodes,
    prior_table,
    run_episode,
)
from qantar.analysis.observations import Observations
from qantar.base.errors import QantarError
from qantar.base.files import parse_yaml
from qantar.evidence.targets import Target
from qantar.packs.conditions import Conditions, ParameterChange
from qantar.simulate.scenario import make_scenario

FIRST, SECOND = "spring-unrest", "autumn-unrest"
SMALL = FitDesign(members=24, passes=2, seed=5)


@pytest.fixture
def two(pack: Path) -> Path:
    """The template pack with a second episode, which takes its beliefs from the first."""
    for folder, form in (("episodes", "{}/episode.yaml"), ("evidence/targets", "{}.yaml")):
        text = (pack / folder / form.format(FIRST)).read_text(encoding="utf-8")
        text = text.replace(f"name: {FIRST}", f"name: {SECOND}\nbeliefs_from: {FIRST}")
        other = pack / folder / form.format(SECOND)
        other.parent.mkdir(exist_ok=True)
        other.write_text(text, encoding="utf-8")
    return pack


def target(use: str = "fit", variable: str = "deaths") -> Target:
    return Target(
        target=f"{variable}-{use}",
        variable=variable,
        level="country",
        name="Arvenia",
        date="total",
        unit="",
        low="1",
        high="1",
        claims="",
        use="held" if use == "held" else "fit",
    )


def with_change(episode: FitEpisode) -> tuple[FitEpisode, int]:
    """Return the episode with a doubled parameter, and the column of that parameter."""
    numbers = episode.scenario.numbers
    column = next(k for k, number in enumerate(numbers) if number.prior is not None)
    change = ParameterChange(
        parameter=numbers[column].name, multiply=0.5, because="test", claims=("none",)
    )
    conditions = Conditions(parameters=(change,))
    own = episode.scenario.episode.model_copy(update={"conditions": conditions})
    return FitEpisode(replace(episode.scenario, episode=own), episode.observations), column


def test_every_episode_has_its_own_changes_of_parameters(two: Path) -> None:
    first, second = load_fit_episodes(two, "union", [FIRST, SECOND])
    changed, column = with_change(second)
    table = prior_table([first, changed], SMALL)
    plain, halved = draws_of(first.scenario, table), draws_of(changed.scenario, table)
    declared = first.scenario.numbers[column].declared
    expected = np.clip(0.5 * plain.parameters[:, column], declared.low, declared.high)
    np.testing.assert_allclose(halved.parameters[:, column], expected)
    rest = np.arange(plain.parameters.shape[1]) != column
    np.testing.assert_array_equal(halved.parameters[:, rest], plain.parameters[:, rest])
    unchanged = draws_of(changed.scenario, table, conditions=False)
    np.testing.assert_array_equal(unchanged.parameters, plain.parameters)


def test_a_run_at_a_table_is_the_run_of_a_scenario_with_these_draws(two: Path) -> None:
    """Conditions apply as in `Scenario.draws`: the prior table gives the draws of the scenario."""
    second = with_change(load_fit_episodes(two, "union", [FIRST, SECOND])[1])[0]
    table = prior_table([second], SMALL)
    wanted = second.scenario.draws(SMALL.seed, SMALL.members)
    found = draws_of(second.scenario, table)
    np.testing.assert_allclose(found.parameters, wanted.parameters)
    np.testing.assert_allclose(found.propensity, wanted.propensity)
    np.testing.assert_allclose(found.threshold, wanted.threshold)


def test_episodes_do_not_share_their_luck(two: Path) -> None:
    """The same episode under another name, at the same unknowns."""
    first, second = load_fit_episodes(two, "union", [FIRST, SECOND])
    table = prior_table([first], SMALL)
    one = run_episode(first.scenario, table, 3).values("participants")
    again = run_episode(first.scenario, table, 3).values("participants")
    other = run_episode(second.scenario, table, 3).values("participants")
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)


def test_place_effects_are_shared_or_separate(two: Path) -> None:
    episodes = load_fit_episodes(two, "union", [FIRST, SECOND])
    scenario = episodes[0].scenario
    shared = prior_table(episodes, SMALL)
    separate = prior_table(episodes, replace(SMALL, places="separate"))
    places = 2 * len(scenario.places)
    assert separate.shape[1] == shared.shape[1] + places
    np.testing.assert_array_equal(separate[:, : shared.shape[1]], shared)
    of_first = columns_of(separate, scenario, "separate", 0)
    of_second = columns_of(separate, scenario, "separate", 1)
    np.testing.assert_array_equal(of_first, shared)
    numbers = len(scenario.numbers)
    np.testing.assert_array_equal(of_second[:, :numbers], of_first[:, :numbers])
    assert (of_second[:, numbers:] != of_first[:, numbers:]).all()
    for number in (0, 1):
        np.testing.assert_array_equal(columns_of(shared, scenario, "shared", number), shared)


def test_a_joint_fit_is_repeatable_and_uses_every_episode(two: Path) -> None:
    episodes = load_fit_episodes(two, "union", [FIRST, SECOND])
    once, again = joint_fit(episodes, SMALL), joint_fit(episodes, SMALL)
    np.testing.assert_array_equal(once.table, again.table)
    alone = joint_fit(episodes[:1], SMALL)
    assert alone.table.shape == once.table.shape
    assert not np.array_equal(alone.table, once.table)
    assert len(once.distances) == SMALL.passes + 1


def test_an_episode_without_targets_to_fit_is_refused(two: Path) -> None:
    file = two / "evidence" / "targets" / f"{SECOND}.yaml"
    text = file.read_text(encoding="utf-8").replace("use: fit", "use: held")
    file.write_text(text, encoding="utf-8")
    with pytest.raises(QantarError, match="no target that is used to fit"):
        load_fit_episodes(two, "union", [FIRST, SECOND])
    with pytest.raises(QantarError, match="named twice"):
        load_fit_episodes(two, "union", [FIRST, FIRST])


def test_log_score_by_hand() -> None:
    targets = (target(), target(variable="violent"), target(variable="violent"))
    values = np.array([1.0, 1.0, 0.0])
    observations = Observations(targets, values, np.array([0.5, 0.3, 0.3]), 10.0)
    predicted = np.array([[1.0, 1.0, 1.0], [2.0, 0.0, 1.0], [0.0, 1.0, 1.0]])
    found = log_scores(predicted, observations)
    density = (1 + 2 * np.exp(-2.0)) / 3 / np.sqrt(2 * np.pi)
    np.testing.assert_allclose(found, np.log([density, 2.5 / 4, 0.5 / 4]))


def test_log_score_far_away_is_finite() -> None:
    observations = Observations((target(),), np.array([1000.0]), np.array([0.1]), 10.0)
    found = log_scores(np.zeros((4, 1)), observations)
    np.testing.assert_allclose(found, -0.5 * 1e8 - 0.5 * np.log(2 * np.pi))


def test_brier_score_by_hand() -> None:
    predicted = np.array([[1.0, 1.0, 0.0, 9.0], [1.0, 0.0, 0.0, 9.0]])
    value = np.array([1.0, 0.0, 1.0, 5.0])
    found, constant = brier_scores(predicted, value, np.array([0, 1, 2]))
    assert found == pytest.approx((0 + 0.25 + 1) / 3)
    assert constant == pytest.approx(2 / 9)
    assert brier_scores(predicted, value, np.array([], np.int64)) == (None, None)


def test_scores_count_every_target_once(two: Path) -> None:
    episode = load_fit_episodes(two, "union", [FIRST])[0]
    outcome = run_episode(episode.scenario, prior_table([episode], SMALL), 1)
    fit, held = fit_scores(FIRST, episode.observations, outcome)
    assert (fit.use, held.use) == ("fit", "held")
    assert fit.targets + held.targets == len(episode.observations.targets)
    for each in (fit, held):
        assert each.hit + each.near + each.miss + each.uninformative == each.targets
        assert each.crps >= 0
    assert (fit.yes_no, held.yes_no) == (1, 0)
    assert held.brier is None


@pytest.mark.slow
def test_the_scripts_write_scores_of_every_episode(
    two: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    common = [FIRST, "--pack", str(two), "--with", SECOND]
    sizes = ["--members", "16", "--passes", "2", "--keep", "8", "--leave-out", "all"]
    monkeypatch.setattr(sys, "argv", ["fit_default.py", *common, *sizes])
    fit_default.main()
    note = parse_yaml(two / "fitted" / f"{FIRST}--union.yaml")
    assert set(note["scores"]) == {FIRST, SECOND}
    assert set(note["scores_left_out"]) == {FIRST, SECOND}
    assert set(note["scores"][FIRST]) == {"fit", "held"}
    assert make_scenario(FIRST, pack=two).draws(1, 8).parameters.shape[0] == 8
    monkeypatch.setattr(sys, "argv", ["score_fit.py", *common, "--members", "8"])
    score_fit.main()
    assert SECOND in capsys.readouterr().out
