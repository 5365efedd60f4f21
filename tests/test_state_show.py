"""Units of the state on the command line: `qantar show` and `qantar list`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from command_line import run_qantar
from qantar.analysis.state.lookup import STATE_KINDS, units_of
from qantar.analysis.state.record import record_of_state
from qantar.cli import names
from qantar.packs.evidence import country_ledger
from qantar.packs.loading import load_country
from qantar.packs.state.contents import load_contents

UNITS = [
    ("post", "prime-minister", "Karim Massimov"),
    ("post", "president", "Kassym-Jomart Tokayev, elected"),
    ("person", "tokayev", "Prime minister"),
    ("party", "dck", "banned"),
    ("outlet", "yegemen-qazaqstan", "state"),
    ("case", "zhakiyanov-2002", "7 years, in prison"),
    ("honour", "leader-of-the-nation", "title"),
    ("narrative", "attacked-7", "20,000 persons"),
    ("amendment", "amendment-2022", "turnout"),
]


def shown(*words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run_qantar("show", *words, "--json").stdout)
    return found


@pytest.mark.parametrize(("kind", "name", "text"), UNITS)
def test_a_unit_is_shown_with_its_claims(kind: str, name: str, text: str) -> None:
    printed = run_qantar("show", kind, name)
    assert printed.returncode == 0
    assert text in printed.stdout
    found = shown(kind, name)
    assert (found["kind"], found["name"], found["pack"]) == (kind, name, "kazakhstan")
    ledger = country_ledger(load_country("kazakhstan"))
    named = {
        key
        for line in found["lifelines"]
        for each in (*line["stretches"], *line["moments"])
        for key in each["claims"]
    }
    assert named == set(found["claims"])
    for key, claim in found["claims"].items():
        assert claim["cite"] == ledger.claims[key].cite()
        assert claim["paraphrase"] in printed.stdout
        assert claim["cite"] in printed.stdout


@pytest.mark.parametrize("kind", STATE_KINDS)
def test_every_unit_that_is_listed_can_be_shown(kind: str) -> None:
    (plural,) = (key for key, singular in names.KINDS.items() if singular == kind)
    listed = json.loads(run_qantar("list", plural, "--json").stdout)[plural]
    assert listed
    known = units_of(load_country("kazakhstan"), kind)
    assert [each["name"] for each in listed] == list(known)
    assert all(each["title"] and each["claims"] >= 0 for each in listed)
    assert all(s.begins for units in known.values() for u in units for s in u.line.stretches)


def test_the_kinds_are_those_that_are_completed() -> None:
    assert tuple(STATE_KINDS) == names.STATE_KINDS


def test_a_post_in_two_parts_is_shown_from_both() -> None:
    parts = [each["part"] for each in shown("post", "president")["lifelines"]]
    assert parts == ["Posts and holders", "Constitution"]


def test_an_amendment_names_the_rules_that_it_sets() -> None:
    (line,) = shown("amendment", "amendment-2022-september")["lifelines"]
    sets = [each["label"] for each in line["moments"] if each["kind"] == "sets"]
    assert "President: term = 7" in sets


def test_the_kind_may_be_left_out() -> None:
    assert run_qantar("show", "zhakiyanov-2002").stdout.startswith("zhakiyanov-2002: ")
    assert shown("amendment-2022")["kind"] == "amendment"
    assert shown("anger.by_shutdown")["kind"] == "parameter"
    several = run_qantar("show", "president")
    assert several.returncode != 0
    assert "qantar show post president" in several.stderr
    assert "qantar show party NAME" in run_qantar("show", "party").stderr


@pytest.mark.parametrize(
    ("words", "close"),
    [
        (("post", "prime-ministr"), "prime-minister"),
        (("case", "zhakianov-2002"), "zhakiyanov-2002"),
        (("amendment", "amendement-2022"), "amendment-2022"),
        (("zhakianov-2002",), "zhakiyanov-2002"),
    ],
)
def test_a_misspelt_name_is_answered_with_the_closest(words: tuple[str, ...], close: str) -> None:
    failed = run_qantar("show", *words)
    assert failed.returncode != 0
    assert f"did you mean {close!r}?" in failed.stderr


def test_a_pack_without_state_has_no_units(tmp_path: Path) -> None:
    pack = tmp_path / "arvenia"
    shutil.copytree(load_country("template").folder, pack)
    shutil.rmtree(pack / "state")
    country = load_country(str(pack))
    assert record_of_state(load_contents(country)) == []
    assert all(units_of(country, kind) == {} for kind in STATE_KINDS)
    assert all(names.names_of(kind, str(pack)) == [] for kind in STATE_KINDS)
    failed = run_qantar("show", "party", "order", "--pack", str(pack))
    assert "nothing is declared" in failed.stderr
