"""``qantar years``: what it writes, always the same, resumed to the same, and told early."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import zarr
from typer.testing import CliRunner, Result

import qantar
from qantar.analysis.years import run as years_run
from qantar.analysis.years.futures import SPANS, TO_THE_END, WIDER, standard_error
from qantar.api.stored import StoredTables
from qantar.base.compilation import is_warm
from qantar.base.errors import FileError, OutputError, QantarError, UnknownNameError
from qantar.cli import app
from qantar.cli import years as years_command
from qantar.cli.years import COMPILED, COMPILING
from qantar.packs.country import packs_folder
from qantar.simulate.years.scenario import make_years_scenario

MEMBERS = 6
TABLES = {"targets.csv", "country.csv", "regions.csv", "triggers.csv", "monitors.csv", "money.csv"}
STATE = {"state_checks.csv", "state_events.csv", "state_laws.csv", "state_systems.csv"}
PARTS = ("promises", "referendum", "fund", "prosecutions", "alliance", "decisions", "contagion")
AFTER = {f"after_{name}.csv" for name in ("checks", "systems", "predictions", "balance", *PARTS)}
PAGES = {"report.html", "state.html", "after.html"}
FOLDER = {*TABLES, *STATE, *AFTER, *PAGES, "manifest.json", "arrays.zarr"}
REFORM = """\
title: "Less fear"
summary: "An invented reform for tests."
from: 2023-01
changes:
  fear.floor: {times: 1, grade: assumed}
references: [qantar-assumption]
"""


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches that a run of few members has several of."""
    monkeypatch.setattr(years_run, "BATCH", 2)


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pack of Kazakhstan with an invented fit, narrower than the prior, and a reform."""
    pack = tmp_path_factory.mktemp("packs") / "kazakhstan"
    shutil.copytree(packs_folder() / "kazakhstan", pack, ignore=shutil.ignore_patterns("poster*"))
    shutil.rmtree(pack / "years" / "fitted", ignore_errors=True)
    scenario = make_years_scenario(pack, belief="prior")
    names = [scenario.numbers[k].name for k in scenario.free]
    scores = np.random.default_rng(1).normal(0, 0.2, (8, len(names)))
    (pack / "years" / "fitted").mkdir()
    pd.DataFrame(scores, columns=names).to_csv(pack / "years" / "fitted" / "stocks.csv")
    (pack / "years" / "reforms").mkdir(exist_ok=True)
    parameter = next(name for name in names if name.startswith("fear."))
    text = REFORM.replace("fear.floor", parameter)
    (pack / "years" / "reforms" / "less-fear.yaml").write_text(text, encoding="utf-8")
    return pack


def command(out: Path, *words: str, country: str = "kazakhstan", belief: str = "prior") -> Result:
    base = ["years", country, "--out", str(out), "--members", str(MEMBERS), "--belief", belief]
    return CliRunner().invoke(app, [*base, *words])


def content(
    folder: Path, *, but: frozenset[str] = frozenset({"manifest.json"})
) -> dict[str, bytes]:
    """Return every file of a folder by its path; the manifest has times."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    named = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
    return {name: data for name, data in named.items() if name not in but}


def error_of(result: Result) -> QantarError:
    assert isinstance(result.exception, QantarError), result.output
    return result.exception


def test_the_folder_has_what_it_should(tmp_path: Path) -> None:
    out = tmp_path / "a"
    done = command(out)
    assert done.exception is None, done.output
    assert {path.name for path in out.iterdir()} == FOLDER
    assert not out.with_name("a.unfinished").exists()
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    wanted: dict[str, Any] = {
        "work": "years", "pack": "kazakhstan", "law": "stocks", "belief": "prior",
        "members": MEMBERS, "seed": 1, "until": "2022-01", "reforms": [], "overrides": {},
        "prior_beside": False, "parts": ["free"],
    }  # fmt: skip
    assert {key: manifest[key] for key in wanted} == wanted
    assert manifest["wall_seconds"] > 0
    assert len(manifest["pack_fingerprint"]) > 12
    assert any("qantar" in line.lower() for line in manifest["citations"])


def test_compiling_is_told_only_the_first_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = command(tmp_path / "a")
    assert is_warm(COMPILED)
    assert COMPILING not in command(tmp_path / "b").output
    monkeypatch.setattr(years_command, "is_warm", lambda _: False)
    assert COMPILING in command(tmp_path / "c").output
    assert first.exception is None


def test_the_screen_has_triggers_the_national_wave_and_the_report(tmp_path: Path) -> None:
    done = command(tmp_path / "a")
    for text in ("liquefied gas", "prior alone", "Published counts", "report.html"):
        assert text in done.output.replace("\n", " "), text


def test_tables_and_arrays_agree(tmp_path: Path) -> None:
    out = tmp_path / "a"
    assert command(out, "--until", "2024").exception is None
    table = pd.read_csv(out / "country.csv")
    group = zarr.open_group(out / "arrays.zarr", mode="r")
    assert {name for name, _ in group.groups()} == {"free", "outlook"}
    outlook: Any = group["outlook"]
    names = list(outlook["country_variable"][:])
    values = outlook["country"][:, -1, names.index("trust")]
    here = (table["histories"] == "outlook") & (table["variable"] == "trust")
    last = table[here].iloc[-1]
    assert last["month"] == "2024-12"
    assert last["q50"] == pytest.approx(float(np.median(values)), rel=1e-5)
    assert outlook["country"].metadata.dimension_names == ("member", "month", "country_variable")
    opened = qantar.open(out)
    assert isinstance(opened, StoredTables)
    assert set(opened.tables) == {
        name.removesuffix(".csv") for name in (*TABLES, *STATE, *AFTER)
    } | {"futures"}


def test_the_same_seed_gives_the_same_bytes_for_any_workers(tmp_path: Path) -> None:
    words = ("--until", "2023")
    for name, more in {"a": (), "b": (), "c": ("--workers", "2"), "d": ("--seed", "2")}.items():
        assert command(tmp_path / name, *words, *more).exception is None
    one = content(tmp_path / "a")
    assert content(tmp_path / "b") == one
    assert content(tmp_path / "c") == one
    assert content(tmp_path / "d") != one


def test_a_killed_run_goes_on_to_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = years_run.run_batch
    calls: list[tuple[int, int]] = []

    def stops(job: years_run.Job, first: int, last: int, hours: Any) -> Any:
        if len(calls) == 2:
            raise KeyboardInterrupt
        calls.append((first, last))
        return whole(job, first, last, hours)

    monkeypatch.setattr(years_run, "run_batch", stops)
    killed = command(tmp_path / "a", "--until", "2023")
    assert killed.exit_code == 130
    assert "--resume" in killed.output
    assert not (tmp_path / "a").exists()
    monkeypatch.setattr(years_run, "run_batch", whole)
    assert "--resume" in error_of(command(tmp_path / "a", "--until", "2023")).hint
    other = command(tmp_path / "a", "--until", "2023", "--resume", "--seed", "9")
    assert isinstance(error_of(other), OutputError)

    again: list[int] = []

    def counted(job: years_run.Job, first: int, last: int, hours: Any) -> Any:
        again.append(first)
        return whole(job, first, last, hours)

    monkeypatch.setattr(years_run, "run_batch", counted)
    assert command(tmp_path / "a", "--until", "2023", "--resume").exception is None
    assert len(again) == 2 * MEMBERS // 2 - 2
    monkeypatch.setattr(years_run, "run_batch", whole)
    assert command(tmp_path / "b", "--until", "2023").exception is None
    assert content(tmp_path / "a") == content(tmp_path / "b")


def test_no_chance_without_the_prior_beside_it(tmp_path: Path, fitted: Path) -> None:
    out = tmp_path / "a"
    done = command(
        out, "--until", "2035", "--reform", "less-fear", country=str(fitted), belief="posterior"
    )
    assert done.exception is None, done.output
    table = pd.read_csv(out / "futures.csv")
    assert len(table) == 3 * len(WIDER) * (len(SPANS) + 1)
    assert set(table["span"]) == {*SPANS, TO_THE_END}
    numbers = ["chance", "standard_error", "prior_alone", "prior_standard_error"]
    assert table[numbers].notna().all(axis=None)
    # The prior is that of a run of its own.
    alone = qantar.years(
        fitted, until="2035", reforms=["less-fear"], members=MEMBERS, belief="prior"
    )
    own = alone.tables["futures"]
    assert list(table["prior_alone"]) == pytest.approx(list(own["chance"]), rel=1e-5)
    assert list(own["prior_alone"]) == list(own["chance"])
    same = table[table["world"] == "difference by the reforms"]
    assert (same["chance"] == 0).all()  # a reform that changes nothing, with the same luck
    assert set(pd.read_csv(out / "country.csv")["histories"]) == {"free", "outlook", "without"}


def test_monitors_and_polls_are_shown_with_reforms_alone() -> None:
    found = qantar.years("kazakhstan", until="2024", reforms=["no-change"], members=4)
    scores, polls = found.tables["scores"], found.tables["polls"]
    assert set(scores["year"]) == set(polls["year"]) == {2023}
    assert (scores[["change_q05", "change_q50", "change_q95"]] == 0).all(axis=None)
    priors = [name for name in (*scores, *polls) if name.startswith("prior_")]
    assert len(priors) >= 6
    assert "scores" not in qantar.years("kazakhstan", until="2024", members=4).tables


def test_errors_of_a_share_are_never_nothing() -> None:
    assert 0 < standard_error(0.0, 200) < standard_error(0.5, 200) < standard_error(0.5, 50)


def test_from_changes_the_report_alone(tmp_path: Path) -> None:
    assert command(tmp_path / "a").exception is None
    assert command(tmp_path / "b", "--from", "2010").exception is None
    report = frozenset({"manifest.json", "report.html", "state.html"})
    assert content(tmp_path / "a", but=report) == content(tmp_path / "b", but=report)
    assert content(tmp_path / "a") != content(tmp_path / "b")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--law", "stokcs"), "did you mean 'stocks'"),
        (("--reform", "free-lunch"), "no reform called 'free-lunch'"),
        (("--reform", "a+a"), "given twice"),
        (("--reform", "a+"), "empty name"),
        (("--until", "soon"), "year or month"),
        (("--until", "2035-13"), "year or month"),
        (("--until", "1991-06"), "before the first one is over"),
        (("--from", "1980"), "1991 to 2022"),
        (("--from", "2030"), "1991 to 2022"),
        (("--from", "2030", "--until", "2035"), "1991 to 2022"),
        (("--reform", "price-brakes"), "begins in 2023-01, after the run ends"),
        (("--set", "fear"), "mechanism.parameter=number"),
        (("--set", "fear.hallflife=3"), "no parameter called"),
        (("--belief", "postreior"), "did you mean 'posterior'"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, tuple) else "",
)
def test_what_cannot_be_is_told_at_once(tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    assert told in str(error_of(command(tmp_path / "a", *words)))
    assert list(tmp_path.iterdir()) == []


def test_bad_packs_and_folders(tmp_path: Path) -> None:
    wrong = error_of(command(tmp_path / "a", country="kazakstan"))
    assert isinstance(wrong, UnknownNameError | FileError)
    assert "kazakhstan" in str(wrong)
    (tmp_path / "there").mkdir()
    assert isinstance(error_of(command(tmp_path / "there")), OutputError)
    assert CliRunner().invoke(app, ["years", "--members", "0"]).exit_code == 2


def test_a_value_can_be_held(tmp_path: Path) -> None:
    name = make_years_scenario("kazakhstan", belief="prior").numbers[0].name
    value = make_years_scenario("kazakhstan", belief="prior").numbers[0].value
    assert command(tmp_path / "a", "--set", f"{name}={value}").exception is None
    manifest = json.loads((tmp_path / "a" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["overrides"] == {name: pytest.approx(value)}
