"""``qantar calibrate``: told early what cannot be, resumed to the same, and honest about doubts."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from html_rules import html_faults
from qantar.analysis.inference import calibration_design as designs
from qantar.analysis.inference.calibration import Calibration, calibrate, prior_runs
from qantar.analysis.inference.calibration_design import Design, Runs, TaskRunner
from qantar.analysis.inference.problem import InferenceProblem, load_problem
from qantar.analysis.inference.summary import convergence, parameter_table, prior_check
from qantar.api import calibration as calibration_api
from qantar.base.arrays import Numbers
from qantar.base.checkpoints import Workbook
from qantar.base.errors import OutputError, QantarError
from qantar.base.files import parse_yaml
from qantar.base.parallel import PoolSettings, open_pool
from qantar.cli import app
from qantar.cli import calibrate as calibrate_command
from qantar.reports.calibration import (
    LINEAR,
    MOST,
    fact_bar,
    prior_check_sentence,
    summary_lines,
    warnings_of,
)
from qantar.simulate.draws import digest_of_text
from qantar.simulate.scenario import make_scenario

EPISODE = "spring-unrest"
TINY = Design(
    prior=200, path=20, passes=1, refine=8, rounds=1, particles=24, moves=1, chains=2, predict=10,
    batch=50, seed=3,
)  # fmt: skip
TABLES = ("parameters.csv", "facts.csv", "discrepancy.csv", "prior-check.csv", "posterior.csv")
WHOLE = {*TABLES, "posterior.yaml", "posterior.nc", "manifest.json", "report.html"}


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """A design that is done in seconds stands in for the quick one."""
    monkeypatch.setattr(designs, "QUICK", TINY)


def qantar(out: Path, *words: str, pack: str = "template") -> Result:
    base = ["calibrate", EPISODE, "--pack", pack, "--quick", "--workers", "1", "--out", str(out)]
    return CliRunner().invoke(app, [*base, *words])


def fails(*_: Any, **__: Any) -> Any:
    raise QantarError("stopped here")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of one calibration, and what it said."""
    folder = tmp_path_factory.mktemp("calibrated")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(designs, "QUICK", TINY)
        done = qantar(folder / "one", "--account", "null")
    assert done.exception is None, done.output
    assert [path.name for path in folder.iterdir()] == ["one"]
    return folder / "one", done.output


@cache
def known() -> Calibration:
    """The same calibration, from the library."""
    case = InferenceProblem("template", EPISODE, "null")
    with open_pool(PoolSettings()) as pool:
        runner = TaskRunner(pool)
        return calibrate(runner, prior_runs(runner, [case], TINY), TINY)[case]


@pytest.mark.slow
def test_the_results_are_what_the_library_finds(finished: tuple[Path, str]) -> None:
    folder, said = finished
    assert {path.name for path in folder.iterdir()} == WHOLE
    table = pd.read_csv(folder / "parameters.csv")
    meant = parameter_table(known())
    assert list(table["parameter"]) == list(meant["parameter"])
    np.testing.assert_allclose(table["ratio"], meant["ratio"], rtol=1e-5)
    about = json.loads((folder / "manifest.json").read_text())
    assert about["design"] == TINY.plan()
    assert about["convergence"] == pytest.approx(convergence(known()))
    assert any("Sequential Monte Carlo samplers" in line for line in about["citations"])
    for line in summary_lines(known()):
        assert line in " ".join(said.split()), line


@pytest.mark.slow
def test_the_draws_are_arviz_data(finished: tuple[Path, str]) -> None:
    import arviz

    data = arviz.from_netcdf(str(finished[0] / "posterior.nc"))
    draws = np.stack([chain.draws for chain in known().chains])
    at = load_problem(known().case)
    np.testing.assert_allclose(data.posterior["unknown"].values, draws[:, :, : len(at.names)])
    assert list(data.posterior["name"].values) == list(at.names)
    np.testing.assert_allclose(data.observed_data["fact"].values, at.observations.value)
    assert set(data.attrs) >= {"title", "history", "source", "references"}
    assert "null" in data.attrs["title"]
    assert "Sequential Monte Carlo samplers" in data.attrs["references"]


@pytest.mark.slow
def test_the_posterior_can_be_copied_into_a_pack(finished: tuple[Path, str], pack: Path) -> None:
    """What the message about a missing posterior tells to do works."""
    place = pack / "posteriors" / EPISODE
    place.mkdir(parents=True)
    for ending in ("csv", "yaml"):
        shutil.copy(finished[0] / f"posterior.{ending}", place / f"null.{ending}")
    held = make_scenario(EPISODE, account="null", pack=pack, belief="posterior").draws(1, 5)
    at = load_problem(known().case)
    meant = at.draws(known().draws[:, : len(at.names)]).parameters
    np.testing.assert_allclose(held.parameters, meant[:5], rtol=5e-4)
    note = parse_yaml(finished[0] / "posterior.yaml")
    assert note["sha256"] == digest_of_text((finished[0] / "posterior.csv").read_bytes())


@pytest.mark.slow
def test_the_page_stands_alone_and_shows_every_fact(finished: tuple[Path, str]) -> None:
    page = (finished[0] / "report.html").read_text()
    assert html_faults(page) == []
    assert not re.search(r"<script|<link|src=|@import|href=\"(?!#)", page)
    at = load_problem(known().case)
    uses = [target.use for target in at.observations.targets]
    # every fact for fitting once for the prior and once for the posterior, and those held back
    assert page.count('aria-label="Sources: ') == 2 * uses.count("fit") + uses.count("held")
    free = int((~parameter_table(known())["constrained"]).sum())
    assert page.count('<li class="quiet">') == free


@pytest.mark.slow
def test_a_killed_calibration_is_resumed_to_the_same_result(
    finished: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "two"
    with monkeypatch.context() as patch:
        patch.setattr(calibration_api, "render_calibration", fails)
        assert isinstance(qantar(out, "--account", "null").exception, QantarError)
    assert not out.exists()
    book = tmp_path / "two.unfinished"
    kept = {path.relative_to(book).as_posix() for path in book.rglob("*.npz")}
    lost = ("prior/001", "path-1/000", "emulator", "posterior-1", "predictive/000")
    for name in lost:
        (book / "null" / f"{name}.npz").unlink()
    done_again: list[str] = []
    save = Workbook.save

    def saving(self: Workbook, name: str, arrays: Any) -> None:
        done_again.append(name)
        save(self, name, arrays)

    monkeypatch.setattr(Workbook, "save", saving)
    resumed = qantar(out, "--account", "null", "--resume")
    assert resumed.exception is None, resumed.output
    assert sorted(done_again) == sorted(f"null/{name}" for name in lost)
    assert {f"{name}.npz" for name in done_again} < kept
    for name in TABLES:
        assert (out / name).read_bytes() == (finished[0] / name).read_bytes(), name
    assert not book.exists()


def test_only_the_same_choices_are_resumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibrate_command, "calibrate_cases", fails)
    qantar(tmp_path / "x", "--account", "null")
    again = qantar(tmp_path / "x", "--account", "null", "--resume", "--seed", "4")
    assert isinstance(again.exception, OutputError)
    assert "design.seed is 3 there and 4 here" in again.exception.problem
    second = qantar(tmp_path / "x", "--account", "null")
    assert isinstance(second.exception, OutputError)
    assert "--resume" in second.exception.hint


def test_an_interrupted_calibration_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(calibrate_command, "calibrate_cases", interrupted)
    done = qantar(tmp_path / "x", "--account", "null")
    assert done.exit_code == 130
    assert "--resume" in done.output
    pieces = sorted(path.name for path in (tmp_path / "x.unfinished" / "null").rglob("*.npz"))
    assert pieces == [f"{k:03d}.npz" for k in range(4)]


def test_a_forbidden_fact_is_told_before_the_long_work(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody who is never willing ever comes out, and so no crowd of thousands is possible."""
    account = pack / "accounts" / "null.yaml"
    text = account.read_text() + '  joining.spark_rate: {value: 0.0, because: "nobody begins"}\n'
    account.write_text(text)
    monkeypatch.setattr(calibrate_command, "calibrate_cases", fails)
    done = qantar(tmp_path / "x", "--account", "null", pack=str(pack))
    assert isinstance(done.exception, QantarError)
    assert done.exception.problem == "stopped here"
    assert "The account does not allow" in done.output
    row = next(line for line in done.output.splitlines() if "Largest crowd in" in line)
    assert "forbidden" in row
    assert "Before it is fitted, the account does not allow" in done.output


@pytest.mark.slow
def test_what_a_prior_allows_in_a_sentence() -> None:
    check = prior_check(known().case, known().prior)
    said = {
        "allowed allowed allowed": "The prior of the account allows all 3 facts that it is fitted "
        "on.",
        "allowed strained allowed": "Before it is fitted, the account strains at 1 of 3 facts.",
        "forbidden strained forbidden": "Before it is fitted, the account does not allow 2 and "
        "strains at 1 of 3 facts.",
    }
    for verdicts, sentence in said.items():
        assert prior_check_sentence(check.assign(verdict=verdicts.split())) == sentence


def test_a_member_that_breaks_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("no place has anybody")

    monkeypatch.setattr("qantar.simulate.ensemble.run_member", broken)
    done = qantar(tmp_path / "x", "--account", "null")
    assert isinstance(done.exception, QantarError)
    assert done.exception.problem == "null/prior/000 failed: no place has anybody"
    assert not (tmp_path / "x").exists()


@pytest.mark.slow
def test_a_dry_run_counts_what_a_run_does(finished: tuple[Path, str], tmp_path: Path) -> None:
    """Two hundred from the prior, twenty on the path, eight to refine, ten to predict."""
    done = qantar(tmp_path / "x", "--account", "null", "--dry-run")
    assert "null on spring-unrest: 238 simulations of" in done.output
    # an emulator and a draft in the one round, the last emulator, two chains
    assert "5 inference tasks" in done.output
    assert list(tmp_path.iterdir()) == []
    bars = re.findall(r"stage (\d+) of (\d+): .* (\d+)/(\d+)", finished[1])
    assert [int(number) for number, *_ in bars] == list(range(1, int(bars[0][1]) + 1))
    assert all(done == total for *_, done, total in bars)
    assert sum(int(total) for *_, total in bars) == 238 + 5


def test_an_unknown_account_leaves_nothing_behind(tmp_path: Path) -> None:
    done = qantar(tmp_path / "x", "--account", "nul")
    assert isinstance(done.exception, QantarError)
    assert "did you mean 'null'?" in done.exception.expected
    assert list(tmp_path.iterdir()) == []


def changed(change: Callable[[Numbers], Numbers], evidence: tuple[float, float]) -> Calibration:
    """Return two chains of the same 200 standard normal draws, the second changed.

    With one network, which cannot disagree with others: the error is that of the chains alone.
    """
    emulator = next(known().emulator.members())
    size = (200, known().draws.shape[1])
    draws = np.random.default_rng([5]).standard_normal(size)
    parts = draws, change(draws)
    first = known().chains[0]
    chains = tuple(
        replace(first, draws=part, log_evidence=value)
        for part, value in zip(parts, evidence, strict=True)
    )
    return replace(known(), chains=chains, emulator=emulator)


@pytest.mark.slow
def test_doubts_are_told_when_there_are_any() -> None:
    assert warnings_of(changed(lambda d: d, (-9.0, -9.5))) == []
    apart = warnings_of(changed(lambda d: d + np.eye(len(d[0]))[0], (-9.0, -9.5)))
    assert len(apart) == 1
    within = changed(lambda d: d, (-9.0, -9.5)).chains[0].draws[:, 0].var(ddof=1)
    rhat = np.sqrt(199 / 200 + 0.5 / within)  # means one apart have a variance of a half
    assert f"R-hat is {rhat:.2f}, above 1.1" in apart[0]
    unsure = warnings_of(changed(lambda d: d, (-9.0, -12.0)))
    assert len(unsure) == 1
    assert "1.5 nats" in unsure[0]
    alone = replace(known(), chains=changed(lambda d: d, (-9.0, -9.5)).chains[:1])
    assert any("unknown" in line for line in warnings_of(alone))


def middle_of(low: float, middle: float, high: float) -> tuple[float, float, float]:
    """Return where the ends and the dot of a range stand in the drawing."""
    text = str(fact_bar(low, middle, high, ""))
    ends = re.search(r"M([\d.]+) 10.0H([\d.]+)", text)
    dot = re.search(r"cx=\"([\d.]+)\"", text)
    assert ends
    assert dot
    return float(ends[1]), float(dot[1]), float(ends[2])


def test_the_scale_of_facts_is_symmetric_and_keeps_the_order() -> None:
    left, centre, right = middle_of(-7.0, 0.0, 7.0)
    assert centre == pytest.approx(130)
    assert centre - left == pytest.approx(right - centre, abs=0.11)
    values = [-1e6, -MOST, -30.0, -LINEAR - 0.1, -LINEAR, -1.0, 0.0, 2.0, LINEAR, 4.0, 80.0, MOST]
    places = [middle_of(value, value, value)[1] for value in values]
    assert places == sorted(places)
    assert places[0] == places[1]
    # halfway out is where the scale turns from linear to powers of ten, without a jump
    edge = middle_of(MOST, MOST, MOST)[1]
    assert middle_of(LINEAR, LINEAR, LINEAR)[1] == pytest.approx((130 + edge) / 2, abs=0.11)


@pytest.mark.slow
def test_a_prior_check_needs_only_runs() -> None:
    """Runs that give just what was observed are allowed; runs far off are forbidden."""
    case, runs = known().case, known().prior
    seen = load_problem(case).observations.value
    spread = load_problem(case).expected_error * np.linspace(-1, 1, 200)[:, None]
    near = Runs(runs.unknowns, seen + spread, runs.candidates)
    assert set(prior_check(case, near)["verdict"]) == {"allowed"}
    far = Runs(
        runs.unknowns, seen + spread + 5 * load_problem(case).expected_error, runs.candidates
    )
    assert set(prior_check(case, far)["verdict"]) == {"forbidden"}
