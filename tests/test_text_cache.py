"""Texts kept between runs: found again, never stale, made again if damaged."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from qantar.base import text_cache
from qantar.base.text_cache import cached_text


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda _: str(tmp_path / "cache"))
    return tmp_path / "cache" / "texts"


def fails() -> str:
    pytest.fail("made although it is kept")


def test_a_text_is_made_once(folder: Path) -> None:
    assert cached_text(("page", "a"), lambda: "Қаңтар\r\n") == "Қаңтар\r\n"
    assert cached_text(("page", "a"), fails) == "Қаңтар\r\n"
    assert cached_text(("page", "b"), lambda: "other") == "other"
    assert len(list(folder.iterdir())) == 2


def test_a_text_made_by_other_code_is_not_found(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached_text(("page",), lambda: "old")
    monkeypatch.setattr(text_cache, "source_fingerprint", lambda _: "other code")
    assert cached_text(("page",), lambda: "new") == "new"


@pytest.mark.parametrize("damage", [b"", b"x", b"no digest\nold", b"\xff\n\xff"])
def test_a_damaged_file_is_made_again(folder: Path, damage: bytes) -> None:
    cached_text(("page",), lambda: "old")
    (path,) = folder.iterdir()
    path.write_bytes(damage)
    assert cached_text(("page",), lambda: "new") == "new"
    assert cached_text(("page",), fails) == "new"


def test_a_folder_that_cannot_be_written_is_no_error(folder: Path) -> None:
    folder.parent.mkdir(parents=True)
    folder.write_text("a file where the folder should be")
    assert cached_text(("page",), lambda: "text") == "text"
    assert cached_text(("page",), lambda: "again") == "again"


def test_only_the_latest_are_kept(folder: Path) -> None:
    for number in range(20):
        cached_text((str(number),), lambda number=number: str(number))
    assert len(list(folder.iterdir())) == 16
