"""What is declared about the package is true: imports, types and public names."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import qantar

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
ASIDE = ("tests", "scripts", "examples", "benchmarks")
OWN = {"qantar", *(path.stem for folder in ASIDE for path in (ROOT / folder).rglob("*.py"))}


def normal(name: str) -> str:
    """Return the name of a distribution as indexes compare them."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(requirements: list[str]) -> set[str]:
    """Return the distributions that requirements name, without versions and extras."""
    found = [re.match(r"[\w.-]+", requirement) for requirement in requirements]
    return {normal(match[0]) for match in found if match}


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the modules that a file imports, those named in calls of `import_module` too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            first = node.args[0]
            parts = first.values if isinstance(first, ast.JoinedStr) else [first]
            if isinstance(parts[0], ast.Constant):
                yield str(parts[0].value)


def distributions(*folders: str) -> set[str]:
    """Return the distributions that the Python files of folders import."""
    modules: set[str] = set()
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        modules.update(imported(ast.parse(path.read_text(encoding="utf-8"))))
    tops = {module.partition(".")[0] for module in modules} - OWN - sys.stdlib_module_names
    known = packages_distributions()
    return {normal(known.get(top, [top])[0]) for top in tops}


def test_every_import_of_the_package_is_declared_and_nothing_more() -> None:
    optional = declared([*EXTRAS["study"], *EXTRAS["cluster"]])
    assert distributions("src") == declared(PROJECT["dependencies"]) | optional


def test_every_import_of_tests_and_scripts_is_declared() -> None:
    everything = declared([*PROJECT["dependencies"], *(r for e in EXTRAS.values() for r in e)])
    assert distributions(*ASIDE) <= everything


def test_the_package_says_that_it_is_typed() -> None:
    assert Path(qantar.__file__).with_name("py.typed").is_file()


def test_every_public_name_is_listed_and_can_be_loaded() -> None:
    lazy = {*qantar.__all__} - {"QantarError", "__version__"}
    assert lazy == set(qantar._HOMES)
    assert {*qantar.__all__} <= set(dir(qantar))
    assert all(getattr(qantar, name) is not None for name in qantar.__all__)


def test_listing_the_public_names_loads_none_of_them() -> None:
    code = "import sys, qantar; dir(qantar); print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_name_that_is_not_there_is_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'runs'"):
        _ = qantar.runs
