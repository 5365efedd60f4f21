"""The prose linter finds what it is made to find."""

from __future__ import annotations

from pathlib import Path

import pytest

import lint_prose


def test_unwanted_phrases_are_found_with_file_line_and_replacement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    phrases = tmp_path / "phrases.toml"
    phrases.write_text("[instead]\n'\\bold phrase\\b' = \"new phrase\"\n", encoding="utf-8")
    (tmp_path / "page.md").write_text("Fine.\nAn Old Phrase.\n", encoding="utf-8")
    monkeypatch.setattr(lint_prose, "ROOT", tmp_path)
    monkeypatch.setattr(lint_prose, "PHRASES", phrases)
    assert list(lint_prose.unwanted_phrases(["page.md"])) == [
        "page.md:2: 'Old Phrase': write new phrase"
    ]


def test_only_tracked_files_are_checked() -> None:
    files = lint_prose.tracked("*.py", *lint_prose.QUOTED)
    assert "scripts/lint_prose.py" in files
    assert not any(name.endswith("phrases.toml") for name in files)
