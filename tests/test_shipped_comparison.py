"""A comparison on a archived: what is written is read, damage is refused, old age is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from example_comparison import ACCOUNTS, made_comparison
from qantar.analysis.compare.archive import (
    MANIFEST,
    archive_folder,
    archive_metadata,
    is_stale,
    read_archive,
    read_archive_metadata,
    write_archive,
)
from qantar.analysis.compare.comparison import restrict_to_accounts
from qantar.analysis.inference.calibration_design import QUICK
from qantar.base.errors import FileError, OutputError, QantarError
from qantar.packs.loading import load_country

EPISODE = "spring-unrest"
SIX_DIGITS = 5e-6
"""Greatest relative difference of a number that is written with six significant digits."""


@pytest.fixture
def archived(pack: Path) -> Path:
    """The hand-made comparison as the shipped comparison of a pack with two accounts."""
    country = load_country(pack)
    folder = archive_folder(country, EPISODE)
    write_archive(
        folder, made_comparison(), archive_metadata(country, EPISODE, ("union", "null"), QUICK)
    )
    return folder


def test_what_is_written_is_read(archived: Path) -> None:
    comparison, again = made_comparison(), read_archive(archived)
    assert again.headline == comparison.headline
    assert again.found == {}
    assert list(again.tables) == list(comparison.tables)
    for name, table in comparison.tables.items():
        assert_frame_equal(again.tables[name], table, rtol=SIX_DIGITS, atol=0)


def test_null_is_a_name_and_nothing_is_nothing(archived: Path) -> None:
    accounts = read_archive(archived).tables["accounts"].set_index("account")
    assert "null" in accounts.index
    assert accounts.loc["null", "told_by"] == ""
    assert read_archive(archived).tables["power"]["first"].iloc[0] == ""


def test_numbers_that_are_none_or_without_end_come_back(tmp_path: Path, pack: Path) -> None:
    country = load_country(pack)
    odd = pd.DataFrame({"account": ["a", "b", "c"], "error": [np.nan, np.inf, 1 / 3]})
    tables = {**made_comparison().tables, "odd": odd}
    comparison = type(made_comparison())(tables, "x", {})
    write_archive(
        tmp_path / "s", comparison, archive_metadata(country, EPISODE, ("union", "null"), QUICK)
    )
    again = read_archive(tmp_path / "s").tables["odd"]["error"]
    assert np.isnan(again[0])
    assert np.isinf(again[1])
    assert again[2] == 0.333333


def test_it_says_what_it_is(archived: Path, pack: Path) -> None:
    own = read_archive_metadata(archived)
    assert own.design == QUICK.plan()
    assert own.seed == QUICK.seed
    assert own.accounts == ("union", "null")
    needed = {
        "accounts/union.yaml",
        "accounts/null.yaml",
        "places.csv",
        "regions.csv",
        f"evidence/targets/{EPISODE}.yaml",
        "common/discrepancy.yaml",
        "common/parameters/joining.yaml",
        "model/hour.py",
    }
    assert needed <= set(own.basis)
    assert any(name.endswith("episode.yaml") for name in own.basis)
    assert any(name.startswith("evidence/claims/") for name in own.basis)


def test_the_shipped_comparison_is_no_part_of_its_own_basis(archived: Path, pack: Path) -> None:
    assert is_stale(archived, load_country(pack)) == []
    assert not any("posteriors" in name for name in read_archive_metadata(archived).basis)


@pytest.mark.parametrize("name", ["places.csv", f"evidence/targets/{EPISODE}.yaml"])
def test_a_change_of_what_it_rests_on_is_told_by_name(
    archived: Path, pack: Path, name: str
) -> None:
    with (pack / name).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert is_stale(archived, load_country(pack)) == [name]


def test_an_account_that_says_something_else_is_told_by_name(archived: Path, pack: Path) -> None:
    path = pack / "accounts" / "union.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count("fear: {on: true") == 1
    path.write_text(text.replace("fear: {on: true", "fear: {on: false"), encoding="utf-8")
    assert is_stale(archived, load_country(pack)) == ["accounts/union.yaml"]


def test_an_account_that_is_written_otherwise_is_no_change(archived: Path, pack: Path) -> None:
    whole = pack / "accounts" / "union.yaml"
    lines = whole.read_text(encoding="utf-8").splitlines(keepends=True)
    parent = pack / "accounts" / "parts" / "base.yaml"
    parent.parent.mkdir()
    base = "".join(line for line in lines if "  fear:" not in line)
    base = base.replace("name: union", "name: base")
    parent.write_text(base, encoding="utf-8")
    head = "".join(line for line in lines if line.startswith(("name", "title", "told", "summary")))
    fear = next(line for line in lines if line.startswith("  fear:"))
    whole.write_text(f"{head}extend: parts/base.yaml\nmechanisms:\n{fear}", encoding="utf-8")
    assert is_stale(archived, load_country(pack)) == []
    parent.write_text(base.replace("media: {on: true", "media: {on: false"), encoding="utf-8")
    assert is_stale(archived, load_country(pack)) == ["accounts/union.yaml"]


def test_an_account_that_is_gone_is_told_by_name(archived: Path, pack: Path) -> None:
    (pack / "accounts" / "null.yaml").unlink()
    assert is_stale(archived, load_country(pack)) == ["accounts/null.yaml"]


def test_other_ends_of_lines_are_no_change(archived: Path, pack: Path) -> None:
    path = pack / "places.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    table = archived / "accounts.csv"
    table.write_bytes(table.read_bytes().replace(b"\n", b"\r\n"))
    assert is_stale(archived, load_country(pack)) == []
    assert len(read_archive(archived).tables["accounts"]) == len(ACCOUNTS)


def _change_a_digit(path: Path) -> None:
    path.write_text(path.read_text().replace("120", "121", 1))


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


DAMAGE: dict[str, Callable[[Path], None]] = {
    "gone": Path.unlink,
    "cut": _cut,
    "a digit changed": _change_a_digit,
    "not text": lambda path: path.write_bytes(b"\xff\x00") and None,
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_table_is_refused_by_name(archived: Path, damage: Callable[[Path], None]) -> None:
    damage(archived / "accounts.csv")
    with pytest.raises(FileError, match=r"accounts\.csv") as refusal:
        read_archive(archived)
    assert "--from-scratch" in str(refusal.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"headline": 3}'])
def test_a_damaged_manifest_is_refused(archived: Path, text: str) -> None:
    (archived / MANIFEST).write_text(text)
    with pytest.raises(FileError, match=MANIFEST):
        read_archive(archived)


def test_a_manifest_that_lacks_a_column_is_refused(archived: Path) -> None:
    manifest = json.loads((archived / MANIFEST).read_text())
    manifest["tables"]["pairs"]["columns"]["nobody"] = "text"
    (archived / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(FileError, match=r"pairs\.csv"):
        read_archive(archived)


def test_no_shelf_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="contains no comparison"):
        read_archive(tmp_path / "nowhere")


def test_a_place_that_cannot_be_written_is_refused(pack: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    own = archive_metadata(load_country(pack), EPISODE, ("union", "null"), QUICK)
    with pytest.raises(OutputError):
        write_archive(tmp_path / "file" / "archived", made_comparison(), own)


def test_a_part_of_the_accounts_keeps_their_odds_and_adds_up_to_one() -> None:
    whole, chosen = made_comparison(), ("null", "union", "territorial")
    part = restrict_to_accounts(whole, chosen).tables
    before = whole.tables["accounts"].set_index("account")
    after = part["accounts"].set_index("account")
    assert list(after.index) == ["union", "territorial", "null"]
    for column in ("probability", "recalibrated", "classifier_recalibrated"):
        assert after[column].sum() == pytest.approx(1)
        odds = [table.loc["union", column] / table.loc["null", column] for table in (before, after)]
        assert odds[1] == pytest.approx(odds[0])
    assert set(part["pairs"]["better"]) | set(part["pairs"]["worse"]) == set(chosen)
    assert len(part["pairs"]) == 3
    assert set(part["confusion"]["true"]) == set(part["confusion"]["stated"]) == set(chosen)
    assert set(part["facts"]["account"]) == set(chosen)
    assert "all" in set(part["ranks"]["account"])
    assert part["hindsight"].empty
    assert_frame_equal(part["methods"], whole.tables["methods"])


def test_the_verdict_on_a_part_names_no_other() -> None:
    text = restrict_to_accounts(made_comparison(), ("territorial", "null")).headline
    assert text.startswith("`territorial` leads")
    assert "union" not in text
    assert "state" not in text


def test_all_accounts_are_no_part() -> None:
    assert restrict_to_accounts(made_comparison(), ACCOUNTS) is made_comparison()


@pytest.mark.parametrize(
    ("chosen", "says"), [(("union",), "nothing to compare"), (("union", "nul"), "'null'")]
)
def test_a_part_that_cannot_be_is_refused(chosen: tuple[str, ...], says: str) -> None:
    with pytest.raises(QantarError, match=says):
        restrict_to_accounts(made_comparison(), chosen)
