"""``qantar whatif`` and ``qantar precedents`` as a user meets them, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from qantar.analysis.whatif.result import COLUMNS
from qantar.base.errors import QantarError, UnknownNameError
from qantar.cli import app

TOWN = ("spring-unrest", "--pack", "template", "--members", "6", "--explained", "3")


def ask(*words: str) -> Result:
    return CliRunner().invoke(app, ["whatif", *words])


@pytest.fixture(scope="module")
def crossed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two changes crossed, both ways of deciding, under every account."""
    out = tmp_path_factory.mktemp("whatif") / "out"
    words = ("--change", "no-shutdown", "--change", "price-cut-earlier", "--cross")
    done = ask(*TOWN, *words, "--all-accounts", "--belief", "prior", "--out", str(out))
    assert done.exit_code == 0, done.output
    return out


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", keep_default_na=False, na_values=[""])


@pytest.mark.slow
def test_results_are_a_whole_folder_with_the_columns_that_are_declared(crossed: Path) -> None:
    assert [path.name for path in crossed.parent.iterdir()] == ["out"]
    for name, columns in COLUMNS.items():
        assert list(table(crossed, name).columns) == columns.split(), name
    about = json.loads((crossed / "manifest.json").read_text())
    assert about["decisions"] == "rules"
    assert about["accounts"] == ["union", "null"]
    assert "Shapley" in about["attribution"]
    page = (crossed / "whatif.html").read_text()
    assert "http://" not in page.replace("http://www.w3.org", "")


@pytest.mark.slow
def test_every_world_is_asked_both_ways_and_every_account_one(crossed: Path) -> None:
    found = table(crossed, "differences")
    asked = found.groupby(["account", "mode"])["change"].nunique().to_dict()
    assert asked == {("union", "rules"): 3, ("union", "script"): 3, ("null", "rules"): 3}
    shares = (found["fewer"] + found["same"] + found["more"]).dropna()
    assert np.allclose(shares, 1.0, atol=1e-5)


@pytest.mark.slow
def test_crossed_changes_are_set_against_the_sum_of_each(crossed: Path) -> None:
    found = table(crossed, "interactions")
    means = table(crossed, "differences").query("level == 'country' and account == 'union'")
    means = means[means["mode"] == "rules"].set_index(["change", "quantity"])["difference"]
    for row in found.itertuples():
        parts = means[row.first, row.quantity] + means[row.second, row.quantity]
        assert row.sum == pytest.approx(parts, rel=1e-4, abs=1e-6)
        assert row.interaction == pytest.approx(row.together - parts, rel=1e-3, abs=1e-4)
    assert "Combined changes" in (crossed / "whatif.html").read_text()


@pytest.mark.slow
def test_parts_of_a_difference_add_up_in_the_table(crossed: Path) -> None:
    parts = table(crossed, "attribution").groupby(["change", "quantity"])["mean"].sum()
    assert np.isfinite(parts).all()
    assert len(parts) == 3 * 3


@pytest.mark.slow
def test_the_same_question_gives_the_same_bytes_for_any_number_of_threads(tmp_path: Path) -> None:
    words = (*TOWN, "--change", "no-shutdown", "--one-mode")
    for threads in ("1", "2"):
        done = ask(*words, "--threads", threads, "--out", str(tmp_path / threads))
        assert done.exit_code == 0, done.output
    for name in COLUMNS:
        one, two = ((tmp_path / n / f"{name}.csv").read_bytes() for n in ("1", "2"))
        assert one == two, name


@pytest.mark.slow
def test_a_range_asks_one_world_a_step(tmp_path: Path) -> None:
    out = tmp_path / "curve"
    done = ask(*TOWN, "--change", "shared-revenue=0..1/0.5", "--one-mode", "--out", str(out))
    assert done.exit_code == 0, done.output
    asked = table(out, "differences")["change"].unique()
    assert [text.rpartition("=")[2] for text in asked] == ["0", "0.5", "1"]
    nothing = table(out, "differences").query("change == 'shared-revenue=0'")
    assert (nothing["difference"].dropna() == 0.0).all()


def test_beliefs_under_which_a_change_harms_are_looked_for(tmp_path: Path) -> None:
    out = tmp_path / "boxes"
    words = ("spring-unrest", "--pack", "template", "--members", "100", "--explained", "0")
    change = ("--change", "no-shutdown", "--one-mode", "--belief", "prior", "--discover")
    done = ask(*words, *change, "--out", str(out))
    assert done.exit_code == 0, done.output
    assert "more people die" in " ".join(done.output.split())
    assert {"parameter", "low", "high", "confirmed"} <= {*table(out, "boxes").columns}
    assert "Parameters under which it does harm" in (out / "whatif.html").read_text()


REFUSED = {
    "no such change": (("--change", "no-shutdwon"), UnknownNameError, "no-shutdown"),
    "no such way": (("--change", "no-shutdown", "--mode", "dice"), UnknownNameError, "rules"),
    "too few to discover": (
        ("--change", "no-shutdown", "--discover", "--one-mode"), QantarError, "at least 100",
    ),
    "a contradiction": (
        ("--change", "shared-revenue=1+shared-revenue=0.5"), QantarError, "shared-revenue",
    ),
    "out of bounds": (("--change", "shared-revenue=7"), QantarError, "shared-revenue"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_before_anything_is_written(name: str, tmp_path: Path) -> None:
    words, kind, told = REFUSED[name]
    done = ask(*TOWN, *words, "--out", str(tmp_path / "out"))
    assert isinstance(done.exception, kind), done.output
    assert told in str(done.exception)
    assert list(tmp_path.iterdir()) == []


def test_a_pack_without_precedents_says_so(tmp_path: Path) -> None:
    words = ["precedents", "--pack", "template", "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(app, words)
    assert isinstance(done.exception, QantarError)
    assert "beliefs_from" in str(done.exception)


def test_precedents_are_run_every_way(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = CliRunner().invoke(app, ["precedents", "--members", "4", "--out", str(out)])
    assert done.exit_code == 0, done.output
    found = pd.read_csv(out / "precedents.csv")
    earlier = found[found["episode"] != "january-2022"]
    assert (earlier.groupby("episode").size() == 4).all()
    assert set(earlier["episode"]) == {"zhanaozen-2011", "land-2016", "transition-2019"}
    assert np.allclose(found[["local", "several", "national"]].sum(axis=1), 1.0, atol=1e-5)
    assert "zhanaozen-2011" in (out / "misses.md").read_text()
