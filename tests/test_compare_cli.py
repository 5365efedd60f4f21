"""``qantar compare``: what it refuses, what it tells at once, and the folder that it leaves."""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from example_comparison import made_comparison
from qantar.analysis.compare.archive import (
    archive_folder,
    archive_metadata,
    read_archive,
    write_archive,
)
from qantar.analysis.compare.comparison import Comparison, restrict_to_accounts
from qantar.analysis.compare.posterior_predictive import (
    PredictiveEnsemble,
    comparators,
    score_posterior_predictive,
)
from qantar.analysis.inference.calibration_design import QUICK, Design, TaskRunner
from qantar.analysis.inference.problem import InferenceProblem, load_problem
from qantar.analysis.inference.summary import held_scores
from qantar.analysis.run import simulate
from qantar.base.errors import FileError, QantarError
from qantar.base.parallel import PoolSettings, open_pool
from qantar.cli import app, compare_from_scratch
from qantar.cli.compare_from_scratch import Extent, extent
from qantar.cli.output import count_stages
from qantar.packs.loading import load_country
from qantar.simulate.draws import fitted_columns
from qantar.simulate.scenario import make_scenario

EPISODE = "spring-unrest"
ACCOUNTS = ("union", "null")
TINY = replace(QUICK, prior=6, path=4, judges=6, batch=6)


@pytest.fixture
def shipped(pack: Path) -> Path:
    """A pack that ships a comparison, and posteriors that are its priors."""
    country = load_country(pack)
    found = restrict_to_accounts(made_comparison(), ACCOUNTS)
    folder = archive_folder(country, EPISODE)
    write_archive(folder, found, archive_metadata(country, EPISODE, ACCOUNTS, QUICK))
    for account in ACCOUNTS:
        _ship_posterior(pack, account)
    return pack


def _ship_posterior(pack: Path, account: str) -> None:
    scenario = make_scenario(EPISODE, account=account, pack=pack, belief="prior")
    draws = scenario.draws(1, 5)
    path = pack / "posteriors" / EPISODE / f"{account}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(fitted_columns(scenario.numbers, scenario.places))
        writer.writerows(np.hstack([draws.parameters, draws.propensity, draws.threshold]).tolist())
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    path.with_suffix(".yaml").write_text(f"sha256: {digest}\nfitted_on: []\n", encoding="utf-8")


def compare(pack: Path, *words: str) -> Result:
    command = ["compare", EPISODE, "--pack", str(pack), "--workers", "1", "--members", "3", *words]
    return CliRunner().invoke(app, command)


def refusal(pack: Path, *words: str) -> QantarError:
    done = compare(pack, *words)
    assert isinstance(done.exception, QantarError), done.output
    return done.exception


def test_shipped_files_are_copied_as_a_folder(shipped: Path, tmp_path: Path) -> None:
    done = compare(shipped, "--out", str(tmp_path / "out"))
    assert done.exit_code == 0, done.output
    assert "`union` leads" in done.stdout
    assert "OUT OF DATE" not in done.output
    assert "Before any fit, `null` excludes 2 facts by its prior" in " ".join(done.stderr.split())
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"report.html", "comparison.json", "confusion.csv", "held-back.csv", "figures"} <= names
    assert len(list((tmp_path / "out" / "figures").glob("*.svg"))) == 6
    assert not list(tmp_path.glob(".out*"))
    manifest = json.loads((tmp_path / "out" / "comparison.json").read_text())
    assert manifest["prediction"] == {"members": 3, "seed": 1}
    assert manifest["stale"] == []
    assert any("Del Moral" in line for line in manifest["citations"])
    held = read_archive(tmp_path / "out").tables["held-back"]
    assert set(held["account"]) == set(ACCOUNTS)
    assert set(held["belief"]) == {"posterior"}


def test_what_is_out_of_date_is_told_on_screen_and_page(shipped: Path, tmp_path: Path) -> None:
    with (shipped / "places.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    done = compare(shipped, "--out", str(tmp_path / "out"))
    assert done.exit_code == 0, done.output
    assert done.stderr.count("OUT OF DATE") == 1
    assert "places.csv" in done.stderr
    assert "out of date" in (tmp_path / "out" / "report.html").read_text()


def test_json_is_all_that_is_on_stdout(shipped: Path, tmp_path: Path) -> None:
    done = compare(shipped, "--json", "--out", str(tmp_path / "out"))
    assert done.exit_code == 0, done.output
    printed = json.loads(done.stdout)
    assert printed["verdict"] == read_archive(tmp_path / "out").headline.replace("`", "")
    assert printed["undecided"] is False
    assert [row["account"] for row in printed["tables"]["accounts"]] == list(ACCOUNTS)
    assert {row["belief"] for row in printed["tables"]["held-back"]} == {"posterior"}
    assert printed["stale"] == []
    assert printed["results"] == str(tmp_path / "out")
    assert "simulations" in done.stderr


def test_the_printed_table_fits_80_columns_and_breaks_no_name(
    shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    done = compare(shipped, "--out", str(tmp_path / "out"))
    lines = done.stdout.splitlines()
    assert max(len(line) for line in lines if not line.startswith("Report:")) <= 80
    head = next(line for line in lines if line.startswith("account"))
    assert "held-back CRPS" in head
    assert {line.split()[0] for line in lines[lines.index(head) + 1 :][:2]} == set(ACCOUNTS)


def test_a_dry_run_writes_nothing(shipped: Path, tmp_path: Path) -> None:
    before = {*shipped.rglob("*")}
    for words in ((), ("--from-scratch", "--quick")):
        done = compare(shipped, "--dry-run", "--out", str(tmp_path / "out"), *words)
        assert done.exit_code == 0, done.output
        assert "simulations" in done.stdout
    assert not (tmp_path / "out").exists()
    assert {*shipped.rglob("*")} == before


def test_one_account_or_an_unknown_one_is_refused(shipped: Path) -> None:
    assert "at least two" in str(refusal(shipped, "--accounts", "union"))
    assert "at least two" in str(refusal(shipped, "--accounts", "union, union,"))
    assert "did you mean 'null'?" in str(refusal(shipped, "--accounts", "union,nul"))


def test_an_account_that_was_not_compared_is_refused(shipped: Path) -> None:
    text = (shipped / "accounts" / "union.yaml").read_text()
    (shipped / "accounts" / "third.yaml").write_text(text.replace("name: union", "name: third"))
    found = refusal(shipped, "--accounts", "union,third")
    assert "not among the accounts that were compared" in str(found)
    assert "--from-scratch" in str(found)


def test_a_folder_that_exists_is_refused_before_anything_is_run(shipped: Path) -> None:
    assert "exists already" in str(refusal(shipped, "--out", str(shipped)))


def test_a_pack_without_a_shipped_comparison_is_refused_with_a_hint(pack: Path) -> None:
    found = refusal(pack)
    assert isinstance(found, FileError)
    assert "ships no comparison" in str(found)
    assert "--from-scratch" in str(found)
    assert "--quick" in str(found)


def test_a_damaged_table_and_a_changed_posterior_are_refused(shipped: Path, tmp_path: Path) -> None:
    posterior = shipped / "posteriors" / EPISODE / "null.csv"
    text = posterior.read_text()
    posterior.write_text(text + text.splitlines()[-1] + "\n")
    out = ("--out", str(tmp_path / "out"))
    assert "null.csv" in str(refusal(shipped, *out))
    posterior.write_text(text)
    table = archive_folder(load_country(shipped), EPISODE) / "pairs.csv"
    table.write_text(table.read_text()[:-20])
    assert "pairs.csv" in str(refusal(shipped, *out))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("word", ["--quick", "--resume"])
def test_choices_that_go_with_from_scratch_are_refused_alone(shipped: Path, word: str) -> None:
    assert "--from-scratch" in str(refusal(shipped, word))


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Comparing from scratch with six runs and without the long work; what happened, in order."""
    events: list[str] = []
    warn = compare_from_scratch.warn_excluded

    def compared(*_: object) -> Comparison:
        events.append("long work")
        return restrict_to_accounts(made_comparison(), ACCOUNTS)

    def warned(options: object, check: pd.DataFrame, case: InferenceProblem) -> None:
        events.extend(f"prior of {name}" for name in dict.fromkeys(check["account"]))
        warn(options, check, case)  # type: ignore[arg-type]

    monkeypatch.setattr(compare_from_scratch, "compare", compared)
    monkeypatch.setattr(compare_from_scratch, "warn_excluded", warned)
    monkeypatch.setattr("qantar.cli.compare.design_of", lambda **_: TINY)
    return events


def test_priors_are_checked_before_the_long_work(
    pack: Path, tmp_path: Path, told: list[str]
) -> None:
    words = ("--from-scratch", "--accounts", "union,null", "--out", str(tmp_path / "out"))
    done = compare(pack, *words)
    assert done.exit_code == 0, done.output
    assert told == ["prior of union", "prior of null", "long work"]
    assert f"stage 1 of {count_stages(TINY)}: runs from the priors" in done.stderr
    assert "12/12" in done.stderr
    assert not (tmp_path / "out.unfinished").exists()
    page = (tmp_path / "out" / "report.html").read_text()
    assert "a preview, not for citation" in page
    assert (
        read_archive(tmp_path / "out").headline
        == restrict_to_accounts(made_comparison(), ACCOUNTS).headline
    )


def test_an_interrupted_comparison_is_kept_and_resumed(
    pack: Path, tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> Comparison:
        raise KeyboardInterrupt

    words = ("--from-scratch", "--out", str(tmp_path / "out"))
    with monkeypatch.context() as patch:
        patch.setattr(compare_from_scratch, "compare", interrupted)
        done = compare(pack, *words)
    assert done.exit_code == 130
    assert "--resume" in done.stderr
    assert not (tmp_path / "out").exists()
    kept = sorted((tmp_path / "out.unfinished").rglob("*.npz"))
    assert kept
    assert "--resume" in str(refusal(pack, *words))
    with (pack / "places.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    assert "places.csv" in str(refusal(pack, *words, "--resume"))
    (pack / "places.csv").write_text((pack / "places.csv").read_text()[:-1])
    done = compare(pack, *words, "--resume")
    assert done.exit_code == 0, done.output


def test_the_extent_of_a_comparison_is_known_beforehand() -> None:
    # Runs: 150 + 2 * 100 + 50 + 60 and 3 * 60 of the judges. Pieces: two emulators, one draft,
    # two chains, data of two accounts, two recoveries, three folds.
    # Of each of two accounts; and a committee of five.
    assert extent(QUICK, 2, 3) == Extent(2 * (460 + 180), 2 * (3 + 2 + 2 + 2 + 3) + 5)
    full = Design()
    near = full.passes * full.path + full.rounds * full.refine
    runs = full.prior + near + full.predict + (1 + full.judge_passes) * full.judges
    assert extent(full, 11, 9).simulations == 11 * runs


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_predictions_are_those_of_the_model_for_any_number_of_workers(workers: int) -> None:
    case = InferenceProblem("template", EPISODE, "union")
    members = 30  # more than one task
    with open_pool(PoolSettings(workers)) as pool:
        table = score_posterior_predictive(
            TaskRunner(pool), [PredictiveEnsemble(case, "prior")], members=members, seed=7
        )
    scenario = make_scenario(EPISODE, account="union", pack="template", belief="prior")
    outcome = simulate(scenario, scenario.draws(7, members), members=members, seed=7)
    at = load_problem(case)
    expected = held_scores(at, at.observations.read(outcome))
    assert table[list(expected.columns)].equals(expected)
    assert set(table["account"]) == {"union"}


def test_predictions_are_set_beside_what_the_pack_ships(shipped: Path) -> None:
    both = tuple(InferenceProblem(str(shipped), EPISODE, name) for name in ACCOUNTS)
    assert comparators(both) == []
    assert comparators(both[:1]) == [PredictiveEnsemble(both[1], "posterior")]
    country = tuple(
        InferenceProblem("kazakhstan", "january-2022", name) for name in ("null", "state")
    )
    assert comparators(country) == [
        PredictiveEnsemble(replace(country[0], account="union"), "fitted")
    ]
