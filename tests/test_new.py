"""``qantar new``: what it writes passes ``qantar check`` and runs, by the commands it prints."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from command_line import run_qantar

KINDS = ("country", "account", "intervention", "source")


@pytest.mark.slow
@pytest.mark.parametrize("pack", ["kazakhstan", "template"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_passes_the_commands_that_are_printed(
    kind: str, pack: str, tmp_path: Path
) -> None:
    done = run_qantar("new", kind, "my-own", "--pack", pack, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    steps = [line.strip() for line in done.stdout.splitlines() if line.startswith("  qantar ")]
    assert steps[0].startswith("qantar check my-own")
    for step in steps:
        ran = run_qantar(*shlex.split(step)[1:], folder=tmp_path)
        assert ran.returncode == 0, (step, ran.stderr)


@pytest.mark.parametrize("name", ["no", "yes"])
def test_a_name_that_yaml_reads_as_a_truth_value_is_quoted(name: str, tmp_path: Path) -> None:
    assert run_qantar("new", "account", name, folder=tmp_path).returncode == 0
    assert run_qantar("check", f"{name}.yaml", folder=tmp_path).returncode == 0


@pytest.mark.parametrize("kind", KINDS)
def test_an_existing_file_is_kept(kind: str, tmp_path: Path) -> None:
    path = tmp_path / ("mine" if kind == "country" else "mine.yaml")
    path.write_text("kept", encoding="utf-8")
    done = run_qantar("new", kind, "mine", "--pack", "template", folder=tmp_path)
    assert done.returncode == 2
    assert "exists already" in done.stderr
    assert path.read_text(encoding="utf-8") == "kept"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("account", "My_Story"), "hint: qantar new account my-story"),
        (("source", "../x"), "hint: qantar new source x"),
        (("account", "union"), "has account 'union' already"),
        (("country", "template"), "a shipped pack is called 'template'"),
        (("contry", "x"), "did you mean 'country'?"),
    ],
)
def test_a_bad_name_is_refused_with_a_hint(
    words: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    done = run_qantar("new", *words, folder=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert list(tmp_path.iterdir()) == []
