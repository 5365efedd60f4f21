"""A piece of a long work appears whole or not at all, and belongs to one plan."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qantar.base.checkpoints import Workbook
from qantar.base.errors import FileError, OutputError

PLAN: dict[str, Any] = {"seed": 1, "accounts": ("null", "union"), "smc": {"passes": 3, "ess": 0.5}}

ARRAYS = {
    "weights": np.random.default_rng([3]).standard_normal((4, 5)),
    "counts": np.arange(6, dtype=np.int64).reshape(2, 3)[:, ::-1],
    "names": np.array(["Ақтау", "Almaty"]),
    "alive": np.array([True, False]),
    "none": np.zeros((0, 3), np.float32),
    "scalar": np.array(np.nan),
    "file": np.array(1),
    "allow_pickle": np.array(2),
}


def _book(tmp_path: Path) -> Workbook:
    return Workbook(tmp_path / "work", PLAN, resume=False)


@pytest.mark.parametrize("name", ["final", "state/pass-3/batch-02", "v1.5"])
def test_arrays_come_back_as_they_were(tmp_path: Path, name: str) -> None:
    """Whatever their type, shape, order in memory and name."""
    book = _book(tmp_path)
    assert not book.has(name)
    book.save(name, ARRAYS)
    again = Workbook(tmp_path / "work", PLAN, resume=True)
    assert again.has(name)
    assert again.pieces() == (name,)
    loaded = again.load(name)
    assert list(loaded) == list(ARRAYS)
    for key, array in ARRAYS.items():
        np.testing.assert_array_equal(loaded[key], array)
        assert loaded[key].dtype == array.dtype
        assert loaded[key].shape == array.shape


def test_the_plan_lies_beside_the_pieces_sorted(tmp_path: Path) -> None:
    _book(tmp_path)
    text = (tmp_path / "work" / "plan.json").read_text(encoding="utf-8")
    assert json.loads(text) == json.loads(json.dumps(PLAN))
    assert text.index("accounts") < text.index("seed") < text.index("smc")
    assert [path.name for path in tmp_path.iterdir()] == ["work"]


def test_a_folder_that_exists_is_not_touched_without_resume(tmp_path: Path) -> None:
    _book(tmp_path).save("a", ARRAYS)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "work").rglob("*")}
    with pytest.raises(OutputError, match="--resume"):
        Workbook(tmp_path / "work", PLAN, resume=False)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "work").rglob("*")} == before


def test_resume_begins_what_does_not_exist(tmp_path: Path) -> None:
    assert Workbook(tmp_path / "deep" / "work", PLAN, resume=True).pieces() == ()


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({**PLAN, "seed": 2}, "seed is 1 there and 2 here"),
        ({**PLAN, "smc": {"passes": 4, "ess": 0.6}}, "smc.ess is 0.5 there and 0.6 here"),
        ({**PLAN, "accounts": ["null"]}, 'accounts is ["null", "union"] there and ["null"] here'),
        ({**PLAN, "more": 0}, "more is nothing there and 0 here"),
        ({"seed": 1, "accounts": ["null", "union"]}, "smc is .* there and nothing here"),
        ({**PLAN, "seed": True}, "seed is 1 there and true here"),
    ],
)
def test_another_plan_is_refused_by_its_first_difference(
    tmp_path: Path, other: dict[str, Any], said: str
) -> None:
    _book(tmp_path)
    pattern = said if ".*" in said else said.replace("[", r"\[").replace("]", r"\]")
    with pytest.raises(OutputError, match=pattern):
        Workbook(tmp_path / "work", other, resume=True)


def test_a_plan_with_nan_is_the_same_plan(tmp_path: Path) -> None:
    """Though nan is not equal to itself."""
    Workbook(tmp_path / "work", {"low": float("nan")}, resume=False).save("a", ARRAYS)
    assert Workbook(tmp_path / "work", {"low": float("nan")}, resume=True).pieces() == ("a",)


def test_a_folder_of_something_else_is_no_workbook(tmp_path: Path) -> None:
    (tmp_path / "photo.tmp").touch()
    with pytest.raises(FileError, match="is no workbook"):
        Workbook(tmp_path, PLAN, resume=True)
    assert (tmp_path / "photo.tmp").exists()


def test_a_damaged_plan_is_refused(tmp_path: Path) -> None:
    _book(tmp_path)
    (tmp_path / "work" / "plan.json").write_text('{"seed": ')
    with pytest.raises(FileError, match="is damaged"):
        Workbook(tmp_path / "work", PLAN, resume=True)


def test_leftovers_of_a_killed_process_are_removed(tmp_path: Path) -> None:
    book = _book(tmp_path)
    book.save("state/a", ARRAYS)
    left = tmp_path / "work" / "state" / "b.npz.123.tmp"
    left.write_bytes(b"PK half a piece")
    assert book.pieces() == ("state/a",)
    again = Workbook(tmp_path / "work", PLAN, resume=True)
    assert not left.exists()
    assert again.pieces() == ("state/a",)


@pytest.mark.parametrize("kept", [0, 3, 100, 0.5, 0.9, 0.999])
def test_a_truncated_piece_is_named_and_can_be_done_again(tmp_path: Path, kept: float) -> None:
    """Whichever byte the disk was full at; nothing half is ever returned."""
    book = _book(tmp_path)
    book.save("a", ARRAYS)
    path = tmp_path / "work" / "a.npz"
    whole = path.read_bytes()
    path.write_bytes(whole[: int(kept * len(whole)) if kept < 1 else int(kept)])
    with pytest.raises(FileError, match=r"a\.npz: is damaged(?s:.)*delete this one file"):
        book.load("a")
    path.unlink()
    assert not book.has("a")
    book.save("a", ARRAYS)
    np.testing.assert_array_equal(book.load("a")["weights"], ARRAYS["weights"])


def test_a_flipped_bit_is_noticed(tmp_path: Path) -> None:
    book = _book(tmp_path)
    book.save("a", {"zeros": np.zeros(1000)})
    path = tmp_path / "work" / "a.npz"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(FileError, match="is damaged"):
        book.load("a")


def test_no_python_objects_go_in_or_out(tmp_path: Path) -> None:
    book = _book(tmp_path)
    objects = np.array([{"a": 1}], dtype=object)
    with pytest.raises(OutputError, match="'who' holds Python objects"):
        book.save("a", {"who": objects})
    assert not book.has("a")
    with (tmp_path / "work" / "b.npz").open("wb") as file:
        np.savez(file, who=objects)
    with pytest.raises(FileError):
        book.load("b")


def test_a_full_disk_leaves_the_piece_that_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = _book(tmp_path)
    book.save("a", {"x": np.array(1)})

    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("qantar.base.files.os.fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        book.save("a", {"x": np.array(2)})
    assert book.load("a")["x"] == 1
    assert sorted(path.name for path in (tmp_path / "work").iterdir()) == ["a.npz", "plan.json"]


@pytest.mark.parametrize("name", ["", "/etc/a", "../a", "a//b", "a/../../b", "a\\b", "a/"])
def test_a_piece_stays_in_its_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match="cannot be called"):
        _book(tmp_path).save(name, ARRAYS)


def test_a_piece_that_is_not_there_is_not_called_damaged(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="not finished"):
        _book(tmp_path).load("a")
