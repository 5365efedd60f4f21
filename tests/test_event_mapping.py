"""What the columns of an event file mean is declared, and a wrong declaration is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from qantar.base.errors import FileError, QantarError
from qantar.evidence.events import Mapping, load_mapping
from qantar.packs.country import packs_folder

MAPPINGS = packs_folder() / "common" / "evidence" / "mappings"


def test_every_shipped_mapping_reads() -> None:
    assert {path.stem for path in MAPPINGS.glob("*.yaml")} >= {"acled", "gdelt", "plain"}
    for path in MAPPINGS.glob("*.yaml"):
        assert load_mapping(path.stem, MAPPINGS).note


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("date_formats: ['%d.%m']", "leaves out"),
        ("date_formats: ['%Q']", "not a date format"),
        ("encoding: utf-99", "not an encoding"),
        ("kinds: {a: strike}", "strike"),
        ("kind_of_all: riot", "either the column"),
        ("optional: [place]", "required"),
        ("exact_days: ['1']", "given together"),
        ("colums: {}", "did you mean 'columns'"),
    ],
)
def test_a_bad_mapping_is_refused(change: str, says: str, tmp_path: Path) -> None:
    parts = {
        "title": "title: own",
        "columns": "columns: {id: a, date: b, place: c, kind: d}",
        "date_formats": "date_formats: ['%Y-%m-%d']",
        "kinds": "kinds: {a: riot}",
    }
    parts[change.partition(":")[0]] = change
    path = tmp_path / "own.yaml"
    path.write_text("\n".join(parts.values()) + "\n", encoding="utf-8")
    with pytest.raises(FileError) as caught:
        load_mapping(str(path), tmp_path)
    assert says in str(caught.value)
    assert f"{path}:" in str(caught.value)


def test_an_unknown_mapping_offers_the_nearest() -> None:
    with pytest.raises(QantarError, match="did you mean 'acled'"):
        load_mapping("acld", MAPPINGS)


def test_a_beginning_of_a_code_means_what_the_longest_fitting_key_says() -> None:
    mapping = Mapping.model_validate(
        {
            "title": "x",
            "columns": {"id": "a", "date": "b", "place": "c", "kind": "d"},
            "date_formats": ["%Y-%m-%d"],
            "kinds": {"14*": "protest", "145*": "riot", "1453": "other"},
        }
    )
    assert [mapping.kind(code) for code in ("141", "1451", "1453", "20")] == [
        "protest",
        "riot",
        "other",
        None,
    ]
