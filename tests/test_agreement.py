"""Two coders compared: cases worked by hand, and what may not change the result."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from qantar.base.errors import FileError, OutputError, QantarError
from qantar.cli import evidence_import
from qantar.evidence.agreement import FIELDS, FieldAgreement, alpha, compare, jackknife
from qantar.evidence.claims import Claim, write_claims


def claim(name: str, **cells: str) -> Claim:
    given = {
        "source": "s1",
        "locator": f"p{name}",
        "category": "toll",
        "subject": "people",
        "predicate": "killed",
        "modality": "stated",
        "paraphrase": "x",
        **cells,
    }
    return Claim.model_validate({"claim": name, **given})


def coder(*claims: Claim) -> dict[str, Claim]:
    return {each.claim: each for each in claims}


def field(first: dict[str, Claim], second: dict[str, Claim], name: str) -> FieldAgreement:
    return next(each for each in compare(first, second).fields if each.field == name)


def pairs(one: str, other: str) -> list[tuple[str, str]]:
    return list(zip(one, other, strict=True))


# ---- worked by hand

BINARY = pairs("0100000010", "1110010000")
"""Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, A: two observers, two values."""

NOMINAL = pairs("aabbdcccedda", "babbbccceddd")
"""The same, B: two observers, five values without an order."""


def test_two_observers_and_two_values() -> None:
    """Four of ten units differ; there are 14 zeros and 6 ones: 1 - 19 * 4 / (14 * 6)."""
    assert alpha(BINARY) == pytest.approx(1 - 76 / 84)
    assert round(alpha(BINARY), 3) == 0.095


def test_two_observers_and_five_values() -> None:
    """Three of twelve differ; a, b, c, d, e stand 4, 6, 6, 6, 2 times among the 24."""
    expected = 1 - (4 * 3 + 6 * 5 + 6 * 5 + 6 * 5 + 2 * 1) / (24 * 23)
    assert alpha(NOMINAL) == pytest.approx(1 - (3 / 12) / expected)
    assert round(alpha(NOMINAL), 3) == 0.692


def test_perfect_agreement() -> None:
    assert alpha(pairs("abcab", "abcab")) == 1
    assert jackknife(pairs("abcab", "abcab")) is None


def test_systematic_disagreement_is_worse_than_chance() -> None:
    """All four units differ, each value stands four times: 1 - 1 / (1 - 24 / 56)."""
    assert alpha(pairs("0101", "1010")) == pytest.approx(-0.75)


def test_one_label_throughout_says_nothing() -> None:
    both = coder(claim("1"), claim("2"))
    result = field(both, both, "category")
    assert result.percent == 100
    assert math.isnan(result.alpha)
    assert result.interval is None
    assert result.verdict == "undefined: one label only"


def test_bounds_of_the_verdict() -> None:
    def verdict(value: float) -> str:
        return FieldAgreement("stage", 9, 90.0, value, None).verdict

    assert [verdict(a) for a in (0.8, 0.799, 0.667, 0.666)] == [
        "reliable",
        "tentative",
        "tentative",
        "unreliable",
    ]


# ---- the interval


def test_the_interval_is_that_of_leaving_out_each_unit() -> None:
    without = [alpha(NOMINAL[:left] + NOMINAL[left + 1 :]) for left in range(12)]
    middle = sum(without) / 12
    error = math.sqrt(11 / 12 * sum((a - middle) ** 2 for a in without))
    interval = jackknife(NOMINAL)
    assert interval is not None
    assert interval[0] == pytest.approx(alpha(NOMINAL) - 1.96 * error)
    assert interval[1] == pytest.approx(min(1, alpha(NOMINAL) + 1.96 * error))


@pytest.mark.parametrize("labels", [("aaaa", "aaab"), ("ab", "aa"), ("aabb", "ccdd"), ("", "")])
def test_no_interval_where_leaving_out_says_nothing(labels: tuple[str, str]) -> None:
    """One unit carries all the variety, there are too few, all are alike, or there are none."""
    assert jackknife(pairs(*labels)) is None


# ---- what is compared


def test_labels_are_compared_by_meaning() -> None:
    first = claim(
        "1", value_low="10", value_high="10", reading="exact", place="Aktau; Almaty",
        date_from="2022-01", date_to="2022-01", as_of="2022-02", scope="the  dead",
    )  # fmt: skip
    second = claim(
        "1", value_low="10.0", value_high="1e1", reading="exact", place="Almaty;Aktau",
        date_from="2022-01-01", date_to="2022-01-31", as_of="2022-02-28", scope=" the dead",
    )  # fmt: skip
    assert compare(coder(first), coder(second)).disagreements == ()


@pytest.mark.parametrize("name", FIELDS)
def test_a_difference_in_a_field_is_found_there_alone(name: str) -> None:
    changes = {
        "number": {"value_low": "10", "reading": "more_than"},
        "dates": {"date_from": "2022-01-05"},
        "as_of": {"as_of": "2022-01-05"},
        "modality": {"modality": "disputed"},
    }
    first, second = claim("1"), claim("1", **changes.get(name, {name: "other"}))
    (found,) = compare(coder(first), coder(second)).disagreements
    assert (found.claim, found.locator, found.field) == ("1", "p1", name)
    assert found.first != found.second


def test_a_blank_cell_is_a_label() -> None:
    first = coder(claim("1", stage="begun"), claim("2"))
    second = coder(claim("1", stage="begun"), claim("2", stage="ended"))
    assert field(first, second, "stage").percent == 50
    assert compare(first, second).disagreements[0].first == ""


def test_units_of_one_coder_are_listed_and_not_counted() -> None:
    first = coder(claim("1"), claim("2"), claim("3"))
    second = coder(claim("4"), claim("2"))
    found = compare(first, second)
    assert [each.claim for each in found.only_first] == ["1", "3"]
    assert [each.claim for each in found.only_second] == ["4"]
    assert {each.units for each in found.fields} == {1}


def test_nothing_in_common() -> None:
    found = compare(coder(claim("1")), {})
    assert all(math.isnan(each.percent) for each in found.fields)
    assert {each.verdict for each in found.fields} == {"no units"}


def test_an_id_of_another_source_is_no_unit() -> None:
    with pytest.raises(QantarError, match="'s2'"):
        compare(coder(claim("1")), coder(claim("1", source="s2")))


WORDS = st.sampled_from(["", "one", "two", "three"])
CODED = st.dictionaries(st.sampled_from("abcdefghij"), st.tuples(WORDS, WORDS), min_size=1)


@settings(deadline=None)
@given(CODED, st.data())
def test_neither_the_order_nor_who_is_first_matters(
    coded: dict[str, tuple[str, str]], data: st.DataObject
) -> None:
    first = [claim(name, scope=words[0]) for name, words in coded.items()]
    second = [claim(name, scope=words[1]) for name, words in coded.items()]
    found = compare(coder(*first), coder(*second))
    mixed = [data.draw(st.permutations(each)) for each in (first, second)]
    assert repr(compare(coder(*mixed[0]), coder(*mixed[1]))) == repr(found)
    swapped = compare(coder(*second), coder(*first))
    one = field(coder(*first), coder(*second), "scope")
    other = next(each for each in swapped.fields if each.field == "scope")
    assert one.percent == other.percent
    assert one.alpha == pytest.approx(other.alpha, nan_ok=True)
    assert (one.interval is None) == (other.interval is None)
    if one.interval and other.interval:
        assert one.interval == pytest.approx(other.interval)
        assert one.interval[0] <= one.alpha <= one.interval[1]


# ---- the command


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    """The command alone, beside a first coder of 30 claims."""
    first = coder(*(claim(f"c{n:02}", scope="the [b]dead[/b]") for n in range(30)))
    monkeypatch.setattr(evidence_import, "load_country", lambda name: name)
    monkeypatch.setattr(evidence_import, "country_ledger", lambda _: SimpleNamespace(claims=first))
    app = typer.Typer()
    app.command()(evidence_import.agreement)
    return app


def second_file(folder: Path, *claims: Claim) -> str:
    path = folder / "second.csv"
    path.write_text(write_claims(claims), encoding="utf-8")
    return str(path)


def test_the_command_prints_the_first_lines(command: typer.Typer, tmp_path: Path) -> None:
    rows = [claim(f"c{n:02}", scope="killed") for n in range(25)]
    file = second_file(tmp_path, *rows, claim("new"))
    shown = CliRunner().invoke(command, [file], env={"COLUMNS": "120"})
    assert shown.exit_code == 0, shown.output
    assert "25 claims coded by both" in shown.output
    assert "only second (1 claim): new" in shown.output
    assert "5 claims of the first are not in the second" in shown.output
    assert "the [b]dead[/b]" in shown.output
    assert "c19" in shown.output
    assert "c20" not in shown.output
    assert "and 5 more" in shown.output


def test_the_command_writes_all_of_it(command: typer.Typer, tmp_path: Path) -> None:
    rows = [claim(f"c{n:02}") for n in range(25)]
    file = second_file(tmp_path, *rows, claim("new"))
    out = tmp_path / "new" / "adjudicate.csv"
    done = CliRunner().invoke(command, [file, "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "26 lines to settle" in done.output.replace("\n", " ")
    cells = list(csv.reader(out.read_text(encoding="utf-8").splitlines()))
    assert cells[0] == ["claim", "locator", "field", "first", "second"]
    assert cells[1] == ["c00", "pc00", "scope", "the [b]dead[/b]", ""]
    assert cells[26] == ["new", "pnew", "claim", "not coded", "coded"]
    assert len(cells) == 27
    assert [path.name for path in out.parent.iterdir()] == ["adjudicate.csv"]
    again = CliRunner().invoke(command, [file, "--out", str(out)])
    assert isinstance(again.exception, OutputError)


def test_the_command_refuses_the_wrong_file(command: typer.Typer, tmp_path: Path) -> None:
    other = CliRunner().invoke(command, [second_file(tmp_path, claim("z"))])
    assert isinstance(other.exception, FileError)
    assert "shares no claim" in str(other.exception)
    missing = CliRunner().invoke(command, [str(tmp_path / "none.csv")])
    assert isinstance(missing.exception, FileError)
    (tmp_path / "file").write_text("", encoding="utf-8")
    file = second_file(tmp_path, claim("c01"))
    blocked = CliRunner().invoke(command, [file, "--out", str(tmp_path / "file" / "a.csv")])
    assert isinstance(blocked.exception, OutputError)
