"""A mechanism of another package: the example in ``examples/curfew_patrols``, as if installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from made_patrols import BELIEFS, arvenia, digests, followed, january
from qantar.model.hour import TERMS, VARIABLES

EXAMPLE = Path(__file__).parents[1] / "examples" / "curfew_patrols"
PROJECT = tomllib.loads((EXAMPLE / "pyproject.toml").read_text(encoding="utf-8"))

HERE = Path(__file__).parent


def python(*arguments: str, paths: tuple[Path, ...] = ()) -> str:
    """Return what a fresh interpreter prints that has these folders on its path."""
    done = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def look(paths: tuple[Path, ...]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(python(str(HERE / "made_patrols.py"), paths=paths))
    return found


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The folders that an installed package consists of: its code, and what is known about it."""
    site = tmp_path_factory.mktemp("site")
    about = site / f"curfew_patrols-{PROJECT['project']['version']}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: curfew-patrols\nVersion: 0.1.0\n")
    lines = []
    for group, entries in PROJECT["project"]["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {value}" for name, value in entries.items())]
    (about / "entry_points.txt").write_text("\n".join(lines) + "\n")
    return site, EXAMPLE / "src"


@pytest.fixture(scope="module")
def with_it(installed: tuple[Path, Path]) -> dict[str, Any]:
    return look(installed)


@cache
def january_without_it() -> dict[str, Any]:
    return january()


def test_it_is_in_the_hour_where_it_says(with_it: dict[str, Any]) -> None:
    order = with_it["mechanisms"]
    assert order[order.index("leaving") + 1] == "curfew_patrols"
    assert with_it["variables"] == [*(v.name for v in VARIABLES), "sent_home"]
    assert with_it["terms"] == [*TERMS, "patrolled"]


def test_switched_off_it_changes_no_byte(with_it: dict[str, Any]) -> None:
    off = with_it["off"]
    plain = digests(followed(*arvenia()))
    assert {name: off[name] for name in plain} == plain
    assert off["sent_home"] == off["patrolled"] == [0.0, 0.0, 0.0]
    assert with_it["january"]["run"] == january_without_it()["run"]


@pytest.mark.parametrize("belief", BELIEFS)
def test_other_parameters_are_drawn_as_before(with_it: dict[str, Any], belief: str) -> None:
    """A shipped ensemble does not know its parameter: that is drawn from the prior."""
    there = with_it["january"]
    assert there[belief] == january_without_it()[belief]
    assert january_without_it()[f"own {belief}"] == []
    assert there[f"own {belief}"] == there["own prior"]
    assert len(set(there["own prior"])) == 5


def test_switched_on_it_changes_something_and_loses_nobody(with_it: dict[str, Any]) -> None:
    on, off = with_it["on"], with_it["off"]
    assert on["records"] != off["records"]
    assert min(on["sent_home"]) > 0
    assert 0 < min(on["patrolled"]) <= max(on["patrolled"]) <= 1
    assert on["nobody is lost"]
    assert off["nobody is lost"]


def test_its_term_can_be_held(with_it: dict[str, Any]) -> None:
    """Where no street was patrolled in the other run, nobody is sent home."""
    assert with_it["held"] == [0.0, 0.0]


def test_machine_code_is_kept_for_the_next_process(
    installed: tuple[Path, Path], with_it: dict[str, Any]
) -> None:
    again = look(installed)
    assert again["compiled again"] == 0
    assert again["on"] == with_it["on"]


def test_it_is_listed_and_shown(installed: tuple[Path, Path]) -> None:
    listed = python("-m", "qantar", "list", "mechanisms", paths=installed)
    assert "curfew_patrols" in listed
    shown = python("-m", "qantar", "show", "mechanism", "curfew_patrols", paths=installed)
    assert "Earl, J." in shown
    assert "rate" in shown


WORKERS = """
import multiprocessing, sys
import qantar, curfew_patrols

qantar.register_mechanism(curfew_patrols.MECHANISM, after="leaving")

def order(_):
    from qantar.model.hour import MECHANISMS, _COMPILED
    return list(MECHANISMS), _COMPILED.__file__

if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        there = pool.map(order, range(2))
    assert there == [order(0)] * 2, there
    assert "curfew_patrols" in there[0][0]
    print("as here")
"""


def test_a_call_at_the_top_of_a_script_reaches_worker_processes(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(WORKERS)
    assert python(str(script), paths=(EXAMPLE / "src",)) == "as here\n"


def test_a_second_registration_is_refused(installed: tuple[Path, Path]) -> None:
    """By an entry point and by a call: which place in the hour would hold?"""
    code = (
        "import qantar, curfew_patrols\n"
        "qantar.register_mechanism(curfew_patrols.MECHANISM)\n"
        "try:\n    qantar.make_scenario('spring-unrest', pack='template')\n"
        "except qantar.QantarError as error:\n    print(error)\n"
    )
    said = python("-c", code, paths=installed)
    assert "two mechanisms or steps are called 'curfew_patrols'" in said
    assert "register a mechanism once" in said
