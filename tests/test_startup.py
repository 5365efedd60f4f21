"""Start-up: what a command imports before it has anything to do."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version

import pytest
import typer

from command_line import run_qantar
from qantar.cli import COMMANDS, app

HEAVY = ("matplotlib", "numba", "numpy", "pandas", "scipy.stats", "starlette", "zarr")


def heavy_imports(program: str) -> set[str]:
    """Return which heavy libraries a program imports, in a fresh process."""
    program += f"\nprint(json.dumps([name for name in {HEAVY} if name in sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", "import json, sys\n" + program],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def called(*arguments: str) -> str:
    return (
        "from qantar.cli import app\n"
        f"try:\n    app({list(arguments)})\nexcept SystemExit as end:\n    assert end.code == 0"
    )


def test_the_package_imports_nothing_heavy() -> None:
    assert heavy_imports("import qantar\ndir(qantar)") == set()


def test_help_imports_no_command() -> None:
    assert heavy_imports(called("--help")) == set()


@pytest.mark.parametrize(
    "arguments",
    [("list", "accounts"), ("list", "parameters"), ("show", "parameter", "anger.by_shutdown")],
    ids=" ".join,
)
def test_looking_up_a_name_imports_no_analysis(arguments: tuple[str, ...]) -> None:
    assert heavy_imports(called(*arguments)) <= {"numba", "numpy"}


def test_running_does_not_import_what_only_comparisons_need() -> None:
    assert "scipy.stats" not in heavy_imports("import qantar.cli.run")


@pytest.mark.parametrize("name", COMMANDS)
def test_the_listed_help_is_the_help_of_the_command(name: str) -> None:
    group = typer.main.get_command(app)
    command = group.get_command(typer.Context(group), name)  # type: ignore[attr-defined]
    assert command.help.splitlines()[0] == COMMANDS[name][1]


def test_version_is_printed() -> None:
    result = run_qantar("--version")
    assert result.returncode == 0
    assert result.stdout == f"qantar {version('qantar')}\n"
