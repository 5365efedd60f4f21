"""The command line as a user meets it: ``run``, ``show``, ``list``, ``check`` and ``cite``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from command_line import run_qantar

SMALL = ("run", "january-2022", "--members", "3", "--seed", "5")


def qantar_process(
    *words: str, folder: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Call the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "qantar", *words],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    done = run_qantar(*SMALL, "--out", "one", folder=folder)
    assert done.returncode == 0, done.stderr
    return folder / "one"


@pytest.fixture
def no_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the two pages of a run, which take most of its time, where only facts are read."""
    monkeypatch.setattr("qantar.reports.run_report.render_report", lambda *_: "")
    monkeypatch.setattr("qantar.reports.evidence.render_evidence", lambda *_: "")


def test_a_run_leaves_a_whole_directory(finished: Path) -> None:
    names = {path.name for path in finished.iterdir()}
    assert names == {"manifest.json", "facts.csv", "arrays.zarr", "report.html", "evidence.html"}
    assert [path.name for path in finished.parent.iterdir()] == ["one"]
    manifest = json.loads((finished / "manifest.json").read_text())
    assert manifest["seed"] == 5
    assert manifest["belief"] == "fitted"
    assert not {t for t in manifest["fitted_on"] if t.startswith("held")}


@pytest.mark.usefixtures("no_pages")
def test_thread_counts_give_the_same_bytes(finished: Path) -> None:
    for threads in ("1", "2"):
        done = run_qantar(
            *SMALL, "--threads", threads, "--out", f"t{threads}", folder=finished.parent
        )
        assert done.returncode == 0, done.stderr
    facts = [(finished.parent / f"t{n}" / "facts.csv").read_bytes() for n in ("1", "2")]
    assert facts[0] == facts[1]
    assert facts[0] == (finished / "facts.csv").read_bytes()


@pytest.mark.slow
def test_hash_seed_changes_nothing(finished: Path) -> None:
    done = qantar_process(*SMALL, "--out", "h", folder=finished.parent, PYTHONHASHSEED="12345")
    assert done.returncode == 0, done.stderr
    assert (finished.parent / "h" / "facts.csv").read_bytes() == (
        finished / "facts.csv"
    ).read_bytes()


def test_facts_hold_what_is_promised(finished: Path) -> None:
    table = pd.read_csv(finished / "facts.csv", dtype=str, keep_default_na=False)
    promised = {
        "participants", "crowd_peak", "onset_day", "violent", "deaths", "deaths_share",
        "security_deaths", "wounded", "detained_cumulative", "buildings_attacked", "active_places",
    }  # fmt: skip
    assert promised <= set(table["variable"])
    assert {"country", "region", "place"} == set(table["level"])
    assert not table.duplicated(["variable", "level", "name", "date"]).any()
    onset = table[(table["variable"] == "onset_day") & (table["day_q50"] != "")]
    assert onset["day_q50"].str.fullmatch(r"2022-01-\d\d").all()
    assert (onset["q50"] == "").all()
    total = table[(table["variable"] == "deaths") & (table["date"] == "total")]
    by_mean = total.assign(mean=total["mean"].astype(float)).groupby("level")["mean"].sum()
    assert by_mean["region"] == pytest.approx(by_mean["country"], abs=0.01)
    assert by_mean["place"] == pytest.approx(by_mean["country"], abs=0.02)


@pytest.mark.usefixtures("no_pages")
def test_json_is_json(finished: Path) -> None:
    done = run_qantar(*SMALL, "--json", "--out", "j", folder=finished.parent)
    answer = json.loads(done.stdout)
    assert sum(sum(v.values()) for v in answer["tally"].values()) == len(answer["targets"])


@pytest.mark.usefixtures("no_pages")
def test_the_null_account_runs_and_kills_nobody(finished: Path) -> None:
    done = run_qantar(*SMALL, "--account", "null", "--out", "n", folder=finished.parent)
    assert done.returncode == 0, done.stderr
    table = pd.read_csv(finished.parent / "n" / "facts.csv", dtype=str, keep_default_na=False)
    harm = table[table["variable"].isin(["deaths", "security_deaths", "buildings_attacked"])]
    assert (harm["mean"].astype(float) == 0).all()


@pytest.mark.usefixtures("no_pages")
@pytest.mark.slow
def test_a_null_change_changes_nothing_and_a_change_does(finished: Path) -> None:
    """With every prior at its middle, setting a parameter to its middle is a change of nothing."""
    shown = run_qantar("show", "parameter", "looting.rate", folder=finished.parent).stdout
    middle = next(line for line in shown.splitlines() if "middle" in line).split()[1]
    runs = {
        "plain": (),
        "same": ("--set", f"looting.rate={middle}"),
        "other": ("--set", "looting.rate=0.5"),
    }
    facts = {}
    for name, change in runs.items():
        done = run_qantar(
            *SMALL, "--belief", "middle", *change, "--out", name, folder=finished.parent
        )
        assert done.returncode == 0, done.stderr
        facts[name] = (finished.parent / name / "facts.csv").read_bytes()
    assert facts["plain"] == facts["same"]
    assert facts["plain"] != facts["other"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("run", "january-2020"), "did you mean 'january-2022'?"),
        (("run", "january-2022", "--account", "nul"), "did you mean 'null'?"),
        (("run", "january-2022", "--set", "joining.willin=1"), "did you mean 'joining.willing'?"),
        (("run", "january-2022", "--set", "joining.willing=7"), "expected: 0 to 1 share"),
        (("run", "january-2022", "--set", "joining.willing=7"), "joining.yaml:"),
        (("run", "january-2022", "--set", "joining.willing"), "mechanism.parameter=number"),
        (("run", "january-2022", "--belief", "hope"), "fitted, prior or middle"),
        (("run", "january-2022", "--pack", "kazakstan"), "did you mean 'kazakhstan'?"),
        (("show", "mechanism", "polising"), "did you mean 'policing'?"),
        (("list", "mechanism"), "did you mean 'mechanisms'?"),
        (("cite", "nowhere"), "is not a run directory"),
        (("check", "nowhere"), "kazakhstan, template"),
    ],
)  # fmt: skip
def test_a_mistake_is_answered_with_the_remedy(
    words: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    done = run_qantar(*words, folder=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_mistake_ends_the_process_with_status_2(tmp_path: Path) -> None:
    done = qantar_process("run", "january-2020", folder=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("qantar: ")
    assert "did you mean 'january-2022'?" in done.stderr


def test_an_existing_run_is_kept(finished: Path) -> None:
    before = (finished / "facts.csv").read_bytes()
    done = run_qantar(*SMALL, "--out", "one", folder=finished.parent)
    assert done.returncode == 2
    assert "exists already" in done.stderr
    assert (finished / "facts.csv").read_bytes() == before


def test_a_home_that_cannot_be_written_is_no_obstacle(tmp_path: Path) -> None:
    program = "import qantar.base.compilation as c; print(c.CACHE)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "HOME": "/dev/null", "XDG_CACHE_HOME": "/dev/null/cache"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(done.stdout.strip()).is_dir()


def test_everything_can_be_listed_and_shown(tmp_path: Path) -> None:
    listed = run_qantar("list", folder=tmp_path).stdout
    for name in ("january-2022", "union", "null", "joining", "kazakhstan", "template"):
        assert name in listed
    assert "seed-003" in run_qantar("show", "episode", "january-2022", folder=tmp_path).stdout
    assert "organised_violence" in run_qantar("show", "account", "union", folder=tmp_path).stdout
    checked = run_qantar("check", "kazakhstan", folder=tmp_path).stdout
    assert "19,503,159 people" in checked
    assert "assumed, not measured" in checked


def test_a_run_cites_itself(finished: Path) -> None:
    cited = run_qantar("cite", str(finished), folder=finished.parent).stdout
    for expected in ("Qantar", "seed-000", "Granovetter", "Salmon", "seed 5"):
        assert expected in cited
