"""``qantar evidence`` and ``qantar show mechanism`` on the small pack, as a user meets them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from command_line import run_qantar
from qantar.evidence.claims import COLUMNS

VIEWS = (
    "summary", "claims", "conflicts", "checks", "timeline", "decisions", "causes", "entity",
    "targets",
)  # fmt: skip

HOLDS = {
    "summary": ("category", "deaths"),
    "claims": ("claim", "obs-deaths"),
    "conflicts": ("conflict", "spring-unrest deaths"),
    "checks": ("check", "sum of parts"),
    "timeline": ("day", "2030-03-05"),
    "decisions": ("event", "Internet shutdown"),
    "causes": ("cause", "foreign_hand"),
    "entity": ("entity", "gas-price"),
    "targets": ("target", "deaths-country"),
}
"""A column of every view, and what must stand in it."""


class Done(NamedTuple):
    """How a call of the command line ended."""

    status: int
    out: str
    err: str

    def rows(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.out)))


Call = Callable[..., Done]


@pytest.fixture
def qantar(monkeypatch: pytest.MonkeyPatch) -> Call:
    """Return a caller of the command line in this process; the template pack is added."""
    monkeypatch.setenv("COLUMNS", "200")

    def call(*words: str, pack: str | Path = "template") -> Done:
        done = run_qantar(*words, "--pack", str(pack))
        return Done(done.returncode, done.stdout, done.stderr)

    return call


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_in_every_format(qantar: Call, view: str) -> None:
    column, value = HOLDS[view]
    as_csv = qantar("evidence", view, "--format", "csv")
    assert (as_csv.status, as_csv.err) == (0, "")
    rows = as_csv.rows()
    assert value in [row[column] for row in rows]
    assert all(None not in row and None not in row.values() for row in rows)
    as_json = json.loads(qantar("evidence", view, "--format", "json").out)
    assert [[*row] for row in as_json] == [[*row] for row in rows]
    assert value in [row[column] for row in as_json]
    as_table = qantar("evidence", view)
    assert as_table.status == 0
    assert value in as_table.out
    assert as_table.out.strip() != as_csv.out.strip()


@pytest.mark.parametrize("view", VIEWS[:-2])
@pytest.mark.parametrize("as_format", ["table", "csv", "json"])
def test_nothing_found_is_said_and_no_crash(qantar: Call, view: str, as_format: str) -> None:
    empty = ("--source", "arv-ministry", "--category", "prices")
    done = qantar("evidence", view, *empty, "--format", as_format)
    assert (done.status, done.err) == (0, "")
    if as_format == "json" and view != "causes":
        assert json.loads(done.out) == []
    if as_format == "table" and view != "causes":
        assert "no rows match these conditions" in done.out


def test_claims_as_csv_are_a_claims_file(qantar: Call) -> None:
    rows = qantar("evidence", "claims", "--format", "csv").rows()
    assert len(rows) == 15
    assert tuple(rows[0]) == COLUMNS


FILTERS: dict[str, tuple[tuple[str, ...], set[str]]] = {
    "source": (("--source", "arv-ministry", "--category", "deaths"), {"min-deaths"}),
    "category": (("--category", "prices"), {"obs-price"}),
    "place": (("--place", "Arven"), {"obs-crowd-arven", "obs-deaths-arven"}),
    "place in another spelling": (
        ("--place", "harro"), {"obs-onset-harrow", "obs-deaths-harrow", "obs-cause-price"}
    ),
    "region": (("--place", "Midland", "--source", "arv-ministry"), {"min-emergency"}),
    "date": (
        ("--date", "2030-03-05", "--category", "communications"), {"min-shutdown"}
    ),
    "month": (
        ("--date", "2030-03", "--category", "communications"), {"min-shutdown", "obs-shutdown"}
    ),
    "as of": (("--as-of", "2030-03-20", "--category", "communications"), {"min-shutdown"}),
    "before anything was known": (("--as-of", "2030-03-19"), set()),
}  # fmt: skip


@pytest.mark.parametrize(("words", "claims"), FILTERS.values(), ids=FILTERS.keys())
def test_filters(qantar: Call, words: tuple[str, ...], claims: set[str]) -> None:
    done = qantar("evidence", "claims", *words, "--format", "csv")
    assert {row["claim"] for row in done.rows()} == claims


def test_failing_leaves_what_is_open_or_wrong(qantar: Call) -> None:
    checks = qantar("evidence", "checks", "--failing", "--format", "csv").rows()
    assert {row["holds"] for row in checks} == {"False"}
    assert "9 + 2 = 11; stated 12 persons; off by 1" in [row["sum"] for row in checks]
    every = qantar("evidence", "checks", "--format", "csv").rows()
    assert len(every) > len(checks)
    conflicts = qantar("evidence", "conflicts", "--failing", "--format", "csv").rows()
    assert {row["open"] for row in conflicts} == {"True"}
    assert {row["conflict"] for row in conflicts} == {"spring-unrest deaths"}


@pytest.mark.parametrize("view", ["summary", "claims", "timeline", "decisions", "causes"])
def test_failing_goes_with_conflicts_and_checks_only(qantar: Call, view: str) -> None:
    done = qantar("evidence", view, "--failing")
    assert (done.status, done.out) == (2, "")
    assert "--failing goes with conflicts and checks only" in done.err


MISTAKES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "source": (("claims", "--source", "arv-observr"), ("source", "did you mean 'arv-observer'?")),
    "category": (("claims", "--category", "death"), ("category", "did you mean 'deaths'?")),
    "place": (("claims", "--place", "Timbuktu"), ("'Timbuktu'", "a place of the pack")),
    "no place": (("claims", "--place", "gas-price"), ("unknown place 'gas-price'",)),
    "date": (("claims", "--date", "5.3.2030"), ("--date", "'5.3.2030'", "2022-01-05")),
    "as of": (("targets", "--as-of", "2030-13"), ("--as-of",)),
    "entity": (("entity", "Zzyzx"), ("no entity has a name similar to 'Zzyzx'", "for example")),
    "targets": (("targets", "spring-unrst"), ("did you mean 'spring-unrest'?",)),
    "targets of a source": (("targets", "--source", "x"), ("there is no source called 'x'",)),
}


@pytest.mark.parametrize(("words", "says"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_answered_with_the_remedy(
    qantar: Call, words: tuple[str, ...], says: tuple[str, ...]
) -> None:
    done = qantar("evidence", *words)
    assert (done.status, done.out) == (2, "")
    for part in says:
        assert part in done.err
    assert "Traceback" not in done.err


def test_a_pack_without_evidence_says_so(qantar: Call, pack: Path) -> None:
    (pack / "evidence").rename(pack / "elsewhere")
    done = qantar("evidence", "claims", pack=pack)
    assert done.status == 2
    assert "this pack brings no evidence" in done.err
    assert "packs/template/evidence" in done.err


RADIO = """\
id: arv-radio
source: {title: Radio (invented), kind: press, date: "2030-03-25"}
claims:
  - {claim: rad-deaths, source: arv-radio, locator: minute 3, category: deaths,
     subject: spring-unrest, predicate: deaths, value_low: "70", value_high: "70", reading: exact,
     unit: persons, as_of: "2030-03-20", place: Arvenia, modality: stated,
     paraphrase: "INVENTED: seventy."}
"""


def test_with_a_further_source(qantar: Call, tmp_path: Path) -> None:
    path = tmp_path / "radio.yaml"
    path.write_text(RADIO, encoding="utf-8")
    more = ("--with", str(path))
    claims = qantar("evidence", "claims", *more, "--source", "arv-radio", "--format", "csv").rows()
    assert [row["claim"] for row in claims] == ["rad-deaths"]
    conflicts = qantar("evidence", "conflicts", *more, "--format", "csv").rows()
    assert "70 persons" in {row["says"] for row in conflicts}
    for words, high in (((), "12"), (more, "70")):
        targets = qantar("evidence", "targets", *words, "--format", "csv").rows()
        (deaths,) = [row for row in targets if row["target"] == "deaths-country"]
        assert (deaths["low"], deaths["high"]) == ("3", high)
    missing = qantar("evidence", "claims", "--with", str(tmp_path / "nowhere.yaml"))
    assert missing.status == 2
    assert "nowhere.yaml" in missing.err


def test_targets_tell_what_leaving_out_a_source_does(qantar: Call) -> None:
    rows = {r["target"]: r for r in qantar("evidence", "targets", "--format", "csv").rows()}
    deaths = rows["deaths-country"]
    assert (deaths["set"], deaths["rule"], deaths["use"]) == ("spring-unrest", "total", "held")
    assert deaths["claims"] == "min-deaths;obs-deaths"
    assert deaths["leaving_out"] == "arv-ministry: narrower; arv-observer: narrower"
    assert rows["crowd-arven-05"]["leaving_out"] == "arv-observer: nothing left"


def test_targets_that_cannot_be_made_are_said(qantar: Call) -> None:
    done = qantar("evidence", "targets", "--source", "arv-ministry", "--format", "csv")
    assert done.status == 0
    assert [row["target"] for row in done.rows()] == ["deaths-country"]
    assert "3 cannot be made" in done.err
    assert "crowd-arven-05" in done.err
    none = qantar("evidence", "targets", "--as-of", "2030-03-01")
    assert none.status == 0
    assert "4 cannot be made" in none.err


@pytest.mark.parametrize("as_format", ["table", "csv", "json"])
def test_out_writes_a_whole_file(qantar: Call, tmp_path: Path, as_format: str) -> None:
    path = tmp_path / "new" / "claims.txt"
    shown = qantar("evidence", "claims", "--format", as_format)
    done = qantar("evidence", "claims", "--format", as_format, "--out", str(path))
    assert (done.status, done.err) == (0, "")
    assert f"Written: {path}" in done.out.replace("\n", "")
    assert [p.name for p in path.parent.iterdir()] == ["claims.txt"]
    text = path.read_text(encoding="utf-8")
    if as_format == "table":
        assert all(f"{n}" in text for n in ("obs-deaths", "min-inquiry", "Claims"))
    else:
        assert text == shown.out


def test_out_that_cannot_be_written_leaves_nothing(qantar: Call, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept", encoding="utf-8")
    done = qantar("evidence", "claims", "--out", str(tmp_path / "file" / "claims.csv"))
    assert done.status == 2
    assert "cannot be written" in done.err
    assert (tmp_path / "file").read_text(encoding="utf-8") == "kept"


def test_entity_shows_spellings_and_claims(qantar: Call) -> None:
    done = qantar("evidence", "entity", "Harro")
    assert "claims about Harrow" in done.out
    assert "3 claims about Harrow" in done.out
    rows = qantar("evidence", "entity", "harro", "--format", "csv").rows()
    assert {r["claim"] for r in rows} == {
        "obs-onset-harrow",
        "obs-deaths-harrow",
        "obs-cause-price",
    }


def two_harrows(pack: Path) -> None:
    path = pack / "evidence" / "entities.csv"
    path.write_text(path.read_text(encoding="utf-8") + "harrow-fair,event,Harrow,en,\n", "utf-8")


@pytest.mark.parametrize("as_format", ["csv", "json"])
def test_a_name_of_two_entities_is_one_document(qantar: Call, pack: Path, as_format: str) -> None:
    two_harrows(pack)
    done = qantar("evidence", "entity", "Harrow", "--format", as_format, pack=pack)
    rows = json.loads(done.out) if as_format == "json" else done.rows()
    assert {r["claim"] for r in rows} == {
        "obs-onset-harrow",
        "obs-deaths-harrow",
        "obs-cause-price",
    }


def test_entity_out_holds_what_the_screen_shows(qantar: Call, tmp_path: Path) -> None:
    qantar("evidence", "entity", "Harro", "--out", str(tmp_path / "harrow.txt"))
    text = (tmp_path / "harrow.txt").read_text(encoding="utf-8")
    assert "claims about Harrow" in text
    assert "claims about Harrow" in text


# ---- show mechanism


def test_show_mechanism_tells_who_asserts_it(qantar: Call) -> None:
    done = qantar("show", "mechanism", "price_shock")
    assert done.status == 0
    for part in (
        "price_shock: ", "parameter   price_shock.", "cause price_shock: The jump of the price",
        "in the model  price_shock", "arv-observer (Nine days in spring (invented)): asserts",
        "asserts p2: INVENTED: the price brought the dockers out.",
    ):  # fmt: skip
        assert part in done.out


def test_show_mechanism_takes_a_cause(qantar: Call) -> None:
    done = qantar("show", "mechanism", "foreign_hand")
    assert "in the model  not modelled yet (not modelled)" in done.out
    assert "asserts p3: INVENTED: the disorders were steered from abroad." in done.out
    assert "literature" not in done.out


def test_show_mechanism_without_a_cause_and_without_evidence(qantar: Call, pack: Path) -> None:
    assert "no disputed cause rests on it" in qantar("show", "mechanism", "looting").out
    (pack / "evidence").rename(pack / "elsewhere")
    assert "no disputed cause" in qantar("show", "mechanism", "price_shock", pack=pack).out


def test_show_mechanism_offers_the_nearest(qantar: Call) -> None:
    for wrong, right in (("price_shok", "price_shock"), ("foreign_hnd", "foreign_hand")):
        done = qantar("show", "mechanism", wrong)
        assert done.status == 2
        assert f"did you mean {right!r}?" in done.err
