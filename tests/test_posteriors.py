"""Posteriors as files: read back as written, refused when damaged, and asked for by name."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from qantar.analysis.inference.calibration import Calibration
from qantar.analysis.inference.calibration_design import Design, Runs
from qantar.analysis.inference.emulator import Emulator, Network
from qantar.analysis.inference.posteriors import write_posterior
from qantar.analysis.inference.problem import InferenceProblem, load_problem
from qantar.analysis.inference.smc import Posterior
from qantar.analysis.manifest import citations, fitted_on
from qantar.analysis.observations import KINDS
from qantar.analysis.run import run
from qantar.base.errors import FileError, QantarError
from qantar.base.files import parse_yaml
from qantar.cli import app
from qantar.packs.loading import load_country
from qantar.reports.run_report import fitted, parameter_source, uses
from qantar.simulate.draws import posterior_file
from qantar.simulate.scenario import make_scenario

EPISODE, ACCOUNT = "spring-unrest", "union"
PARTICLES = 20


def flat_emulator(case: InferenceProblem) -> Emulator:
    """Return an emulator of facts that depend on nothing."""
    at = load_problem(case)
    facts = len(at.observations.targets)
    flat = Network((np.zeros((len(at.names), facts)),), (np.zeros(facts),))
    explained = np.array([0.5, 0.75, 1.0])
    return Emulator(np.zeros(facts), np.ones(facts), (flat,), (flat,), np.eye(facts), explained)


@cache
def found() -> Calibration:
    """A calibration whose draws are known: those of the prior, in two chains."""
    case = InferenceProblem("template", EPISODE, ACCOUNT)
    at = load_problem(case)
    draws = np.hstack([at.prior(7, 2 * PARTICLES), np.zeros((2 * PARTICLES, len(KINDS)))])
    chains = tuple(
        Posterior(
            part, np.zeros(PARTICLES), evidence, np.array([0.0, 1.0]), *_ONE_STEP, ancestors=9
        )
        for part, evidence in zip((draws[:PARTICLES], draws[PARTICLES:]), (-3.0, -3.2), strict=True)
    )
    nothing = Runs(at.prior(7, 0).reshape(0, len(at.names)), np.zeros((0, 1)), np.zeros((0, 1)))
    return Calibration(case, nothing, (), flat_emulator(case), chains, nothing)


_ONE_STEP = (np.array([0.6]), np.array([0.3]))


@pytest.fixture
def shipped(pack: Path) -> Path:
    """The template pack with the posterior in its place."""
    written = write_posterior(pack / "posteriors" / EPISODE, found(), design=Design(prior=5))
    assert written == posterior_file(load_country(pack), EPISODE, ACCOUNT)
    return pack


def test_what_is_written_is_read_back_within_its_digits(shipped: Path) -> None:
    members = 2 * PARTICLES
    at = load_problem(found().case)
    meant = at.draws(found().draws[:, : len(at.names)])
    read = make_scenario(EPISODE, account=ACCOUNT, pack=shipped, belief="posterior").draws(
        1, members
    )
    for name in ("parameters", "propensity", "threshold"):
        np.testing.assert_allclose(getattr(read, name), getattr(meant, name), rtol=5e-4)


def test_members_beyond_the_draws_get_them_over_again(shipped: Path) -> None:
    scenario = make_scenario(EPISODE, account=ACCOUNT, pack=shipped, belief="posterior")
    read = scenario.draws(1, 2 * PARTICLES + 3)
    np.testing.assert_array_equal(read.parameters[-3:], read.parameters[:3])


def test_fewer_draws_come_from_all_chains(tmp_path: Path) -> None:
    path = write_posterior(tmp_path, found(), draws=4, name="posterior")
    rows = path.read_text().splitlines()
    at = load_problem(found().case)
    whole = at.draws(found().draws[:, : len(at.names)]).threshold
    last = [float(row.split(",")[-1]) for row in rows[1:]]
    np.testing.assert_allclose(last, whole[[0, 13, 26, 39], -1], rtol=5e-4)


def test_the_note_says_what_the_file_is(shipped: Path) -> None:
    path = shipped / "posteriors" / EPISODE / f"{ACCOUNT}.csv"
    note = parse_yaml(path.with_suffix(".yaml"))
    assert note["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert note["design"]["prior"] == 5
    assert note["log_evidence"] == pytest.approx(np.log(np.mean(np.exp([-3.0, -3.2]))), rel=1e-4)
    sampling = np.std([-3.0, -3.2], ddof=1) / 2**0.5
    assert note["convergence"]["sampling_error"] == pytest.approx(sampling, rel=1e-4)
    assert note["log_evidence_error"] == pytest.approx(
        np.hypot(sampling, found().emulator_error), rel=1e-4
    )
    assert note["convergence"]["least_ancestors"] == 9
    at = load_problem(found().case)
    assert note["fitted_on"] == [t.target for t in at.observations.targets if t.use == "fit"]
    for kind in KINDS:  # the draws leave every discrepancy at the median of its prior
        median = at.discrepancy[kind].median
        assert note["discrepancy"][kind]["median"] == pytest.approx(median, rel=1e-3)
        assert note["discrepancy"][kind]["log_median"] == pytest.approx(np.log(median), rel=1e-3)


def test_a_run_at_the_posterior_says_so_and_cites_the_method(shipped: Path) -> None:
    scenario = make_scenario(EPISODE, account=ACCOUNT, pack=shipped, belief="posterior")
    on = fitted_on(scenario)
    assert on
    assert not any(name.startswith("held") for name in on)
    cited = "\n".join(citations(scenario))
    for title in (
        "Sequential Monte Carlo samplers",
        "noisy nonlinear ecological",
        "Bayesian calibration of computer models",
        "Ensemble smoother with multiple",
    ):
        assert title in cited
    finished = run(scenario, members=2, seed=1)
    assert parameter_source(finished, on).startswith(
        f"drawn from the posterior given {len(on)} targ"
    )
    assert fitted(finished)
    assert "the model was fitted to targets of this group" in uses(finished)[1]


def test_a_damaged_file_is_refused(shipped: Path) -> None:
    path = shipped / "posteriors" / EPISODE / f"{ACCOUNT}.csv"
    text = path.read_text()
    path.write_text(text.replace(text.splitlines()[1], text.splitlines()[2], 1))
    scenario = make_scenario(EPISODE, account=ACCOUNT, pack=shipped, belief="posterior")
    with pytest.raises(FileError, match="was edited or is damaged") as raised:
        scenario.draws(1, 2)
    assert "qantar calibrate" in raised.value.hint


def test_a_posterior_of_other_parameters_is_refused(shipped: Path) -> None:
    """An account that has changed since, with a note that is in order."""
    path = shipped / "posteriors" / EPISODE / f"{ACCOUNT}.csv"
    path.write_text(path.read_text().replace("joining.willing", "joining.unwilling", 1))
    note = path.with_suffix(".yaml")
    old = str(parse_yaml(note)["sha256"])
    note.write_text(note.read_text().replace(old, hashlib.sha256(path.read_bytes()).hexdigest()))
    scenario = make_scenario(EPISODE, account=ACCOUNT, pack=shipped, belief="posterior")
    with pytest.raises(FileError, match="different parameters or places") as raised:
        scenario.draws(1, 2)
    assert "qantar calibrate" in raised.value.hint


def test_a_file_without_its_note_is_refused(shipped: Path) -> None:
    (shipped / "posteriors" / EPISODE / f"{ACCOUNT}.yaml").unlink()
    scenario = make_scenario(EPISODE, account=ACCOUNT, pack=shipped, belief="posterior")
    with pytest.raises(FileError, match="cannot be read"):
        scenario.draws(1, 2)


def test_a_pack_without_posterior_says_how_to_make_one(pack: Path) -> None:
    scenario = make_scenario(EPISODE, account="null", pack=pack, belief="posterior")
    with pytest.raises(QantarError, match="no posterior of 'null'") as raised:
        scenario.draws(1, 2)
    assert f"qantar calibrate {EPISODE} --account null" in raised.value.hint
    assert "--belief prior" in raised.value.hint
    assert raised.value.expected.endswith("posteriors/spring-unrest/null.csv")


def test_posterior_and_another_belief_contradict_each_other(tmp_path: Path) -> None:
    words = ["run", EPISODE, "--pack", "template", "--out", str(tmp_path / "x"), "--posterior"]
    done = CliRunner().invoke(app, [*words, "--belief", "prior"])
    assert isinstance(done.exception, QantarError)
    assert "contradict" in done.exception.problem
    assert not (tmp_path / "x").exists()


def test_posterior_is_short_for_the_belief(shipped: Path, tmp_path: Path) -> None:
    words = ["run", EPISODE, "--pack", str(shipped), "--members", "2"]
    for name, how in (("a", ["--posterior"]), ("b", ["--belief", "posterior"])):
        done = CliRunner().invoke(app, [*words, *how, "--out", str(tmp_path / name)])
        assert done.exception is None, done.output
    assert (tmp_path / "a" / "facts.csv").read_bytes() == (
        tmp_path / "b" / "facts.csv"
    ).read_bytes()
