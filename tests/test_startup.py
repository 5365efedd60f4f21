"""Start-up: what a command imports before it has anything to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import typer

from command_line import run_qantar
from qantar.cli import COMMANDS, app

HEAVY = ("matplotlib", "numba", "numpy", "pandas", "scipy.special", "starlette", "zarr")


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
    [
        ("list", "accounts"),
        ("list", "parameters"),
        ("list", "parties"),
        ("show", "parameter", "anger.by_shutdown"),
        ("show", "post", "president"),
    ],
    ids=" ".join,
)
def test_looking_up_a_name_imports_no_analysis(arguments: tuple[str, ...]) -> None:
    assert heavy_imports(called(*arguments)) <= {"numba", "numpy"}


def test_members_run_before_pandas_and_figures_are_imported() -> None:
    assert heavy_imports("import qantar.cli.run") == {"numba", "numpy", "zarr"}


def test_pairs_run_before_figures_are_imported() -> None:
    assert "matplotlib" not in heavy_imports("import qantar.cli.whatif")


@pytest.mark.parametrize("name", COMMANDS)
def test_the_listed_help_is_the_help_of_the_command(name: str) -> None:
    group = typer.main.get_command(app)
    command = group.get_command(typer.Context(group), name)  # type: ignore[attr-defined]
    assert command.help.splitlines()[0] == COMMANDS[name][1]


def test_version_is_printed() -> None:
    result = run_qantar("--version")
    assert result.returncode == 0
    assert result.stdout == f"qantar {version('qantar')}\n"


def test_damaged_machine_code_is_made_again(tmp_path: Path) -> None:
    """Such as a file that was cut off when the computer went down."""
    program = (
        "from qantar.rng import key_of, uniform\n"
        "print([uniform(key_of(1, k), 2, 3, 4, 5) for k in range(3)])"
    )

    def drawn() -> str:
        return subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "XDG_CACHE_HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    first = drawn()
    for kind in ("nbc", "nbi"):
        files = list(tmp_path.glob(f"**/*.{kind}"))
        assert files
        sizes = {file: file.stat().st_size for file in files}
        for file in files:
            file.write_bytes(file.read_bytes()[: sizes[file] // 2])
        assert drawn() == first
        assert all(abs(file.stat().st_size - sizes[file]) < sizes[file] // 4 for file in files)
