"""What a terminal or a pipe gets: tables that fit, JSON and nothing else, completion, hints."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import run_qantar
from qantar.cli.console import json_value, table
from qantar.cli.names import KINDS, SHOWN_KINDS, names_of


@pytest.mark.parametrize("kind", SHOWN_KINDS)
def test_names_for_completion_are_the_names_that_are_listed(kind: str) -> None:
    if kind in ("office", "source"):
        pytest.skip("listed are office holders; and sources without claims too")
    (plural,) = (each for each, singular in KINDS.items() if singular == kind)
    listed = json.loads(run_qantar("list", plural, "--json").stdout)[plural]
    assert {each["name"] for each in listed} == set(names_of(kind))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("qantar wha", {"whatif"}),
        ("qantar list sou", {"sources"}),
        ("qantar show source seed-00", {f"seed-00{k}" for k in range(5)}),
        ("qantar show cause price_s", {"price_shock"}),
        ("qantar list sources --pack te", {"template"}),
    ],
)
def test_completion_in_bash(line: str, expected: set[str]) -> None:
    environment = {
        "_QANTAR_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split()) - 1),
    }
    program = (
        "import sys; sys.argv = ['qantar']; from qantar.cli import app; app(prog_name='qantar')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert set(done.stdout.split()) == expected, done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("list",),
        ("list", "accounts"),
        ("list", "sources"),
        ("list", "parameters"),
        ("evidence", "summary"),
        ("evidence", "conflicts"),
        ("evidence", "causes"),
        ("evidence", "targets"),
    ],
    ids=" ".join,
)
def test_tables_fit_80_columns_and_break_no_word(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = {}
    for width in ("80", "400"):
        monkeypatch.setenv("COLUMNS", width)
        shown[width] = run_qantar(*words, "--pack", "template").stdout
    listing = [line for line in shown["80"].splitlines() if "`qantar" not in line]
    if words != ("evidence", "summary"):  # its sentences are left to the terminal
        assert max(len(line) for line in listing) <= 80
    assert "…" not in shown["80"]
    assert set(shown["80"].split()) <= set(shown["400"].split()) | {"NAME"}


@pytest.mark.parametrize(
    "words",
    [
        ("list",),
        ("show", "source", "arv-observer"),
        ("show", "cause", "price_shock"),
        ("show", "mechanism", "price_shock"),
        ("show", "episode", "spring-unrest"),
        ("show", "account", "union"),
        ("show", "intervention", "shared-revenue"),
        ("show", "office", "president"),
        ("show", "parameter", "joining.willing"),
        ("evidence", "summary"),
    ],
    ids=" ".join,
)
def test_json_is_all_that_is_printed(words: tuple[str, ...]) -> None:
    done = run_qantar(*words, "--pack", "template", "--json")
    assert done.returncode == 0, done.stderr
    assert isinstance(json.loads(done.stdout), dict)
    assert done.stderr == ""


def test_nan_and_infinity_become_null() -> None:
    assert json_value([float("nan"), float("inf"), 1.5]) == [None, None, 1.5]


def test_rows_that_cannot_fit_are_printed_one_below_the_other() -> None:
    wide = "x" * 30
    assert table("t", ("a", "b"), [(wide, wide)], width=70).__class__.__name__ == "Table"
    assert table("t", ("a", "b"), [(wide, wide)], width=50).__class__.__name__ == "Group"


def test_the_sources_are_listed_with_their_shares() -> None:
    sources = json.loads(run_qantar("list", "sources", "--json").stdout)["sources"]
    coded = [each for each in sources if each["claims"]]
    assert len(coded) == 5
    assert sum(each["share"] for each in coded) == pytest.approx(1)
    shown = run_qantar("show", "source", "seed-001").stdout
    assert "International Crisis Group" in shown
    assert "leaderless" in shown


@pytest.mark.parametrize(
    ("words", "expected", "hint"),
    [
        (("run", "x", "--pack", "template"), "spring-unrest",
         "`qantar list episodes --pack template`"),
        (("show", "source", "sed-001"), "did you mean 'seed-001'?", "`qantar list sources`"),
        (("show", "cause", "nothing"), "expected:", "`qantar list causes`"),
        (("evidence", "claims", "--source", "sed-001"), "'seed-001'", "`qantar list sources`"),
        (("whatif", "january-2022"), "--change NAME", "`qantar list interventions`"),
        (("show", "xyz", "x"), "episode", ""),
    ],
)  # fmt: skip
def test_hints_work_as_they_are_printed(
    words: tuple[str, ...], expected: str, hint: str, tmp_path: Path
) -> None:
    done = run_qantar(*words, folder=tmp_path)
    assert done.returncode == 2
    assert expected in done.stderr
    assert hint in done.stderr
    if hint:
        assert run_qantar(*hint.strip("`").split()[1:]).returncode == 0


def test_an_unknown_command_offers_the_nearest() -> None:
    assert "Did you mean 'evidence'?" in run_qantar("evidnce").stderr


def test_assumed_numbers_are_listed_on_request() -> None:
    assert "joining.willing" not in run_qantar("check", "template").stdout
    assert "joining.willing" in run_qantar("check", "template", "--verbose").stdout
