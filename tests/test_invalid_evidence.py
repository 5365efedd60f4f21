"""One thing wrong at a time in the evidence of a pack: each is refused, and says where and what."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from file_edits import HERE, Break
from qantar.analysis.run import check_variables
from qantar.base.errors import FileError
from qantar.evidence.ledger import Ledger
from qantar.packs import evidence as study
from qantar.packs.loading import load_country

OBSERVER = "claims/arv-observer.csv"
MINISTRY = "claims/arv-ministry.csv"
ENTITIES = "entities.csv"
CAUSES = "causes.yaml"
TARGETS = "targets/spring-unrest.yaml"
TABLES = "tables/tables.yaml"
CELLS = "tables/protests.csv"
RADIO = "claims/radio.yaml"

HEADERS = """\
protests:
  title: "Protests by year (invented)"
  source: arv-observer
  locator: table 1
  file: protests.csv
  category: protest_history
"""
ROWS = """\
subject,predicate,item,label,date_from,date_to,printed,unit
spring-unrest,events,,Protests,2028,2028,12,events
spring-unrest,events,,Protests,2029,2029,15,events
"""
SOURCE = """\
id: arv-radio
source: {title: Radio (invented), kind: press, date: "2030-03-25"}
claims:
  - {claim: rad-1, source: arv-radio, locator: minute 1, category: deaths,
     subject: spring-unrest, predicate: deaths, modality: stated, paraphrase: "INVENTED."}
"""


@pytest.fixture
def evidence(pack: Path) -> Path:
    """The evidence of the template, with a table and a source in YAML beside it."""
    folder = pack / "evidence"
    (folder / "tables").mkdir()
    for file, text in ((TABLES, HEADERS), (CELLS, ROWS), (RADIO, SOURCE)):
        (folder / file).write_text(text, encoding="utf-8")
    return folder


def use(folder: Path) -> Ledger:
    """Read everything that a run or `qantar evidence` reads, and return the ledger."""
    country = load_country(folder.parent)
    ledger = study.country_ledger(country)
    targets = study.reconciled(country, ledger, "spring-unrest")
    check_variables(study.targets_file(country, "spring-unrest"), targets)
    return ledger


def test_the_copy_is_sound(evidence: Path) -> None:
    """Otherwise a refusal below could be due to something else than its edit."""
    ledger = use(evidence)
    assert {"obs-price", "min-deaths", "rad-1"} <= set(ledger.claims)
    assert [*ledger.tables] == ["protests"]


AT = ",2030-03-05,2030-03-05,Arven,"
FIRST = "obs-price,arv-observer,p1,prices,gas-price,price_ratio,,2,2,exact,ratio"

BREAKS = {
    # ---- claims: their words
    "id twice in a file": Break(
        OBSERVER, "obs-crowd-arven,", "obs-price,", "obs-price,arv-observer,p5",
        ("a claim id appears twice", "obs-price")),
    "id twice across files": Break(
        OBSERVER, "obs-crowd-arven,", "min-deaths,", HERE,
        ("a claim id appears twice", "min-deaths")),
    "unknown source": Break(
        OBSERVER, "obs-crowd-arven,arv-observer", "obs-crowd-arven,arv-observr", HERE,
        ("obs-crowd-arven: unknown source", "'arv-observr'", "'arv-observer'")),
    "unknown category": Break(
        OBSERVER, "p1,prices,", "p1,prces,", HERE, ("unknown category", "'prces'", "'prices'")),
    "unknown predicate": Break(
        OBSERVER, ",crowd,", ",crwd,", HERE, ("unknown predicate", "'crwd'", "'crowd'")),
    "unknown subject": Break(OBSERVER, "gas-price,price_ratio", "gas-prise,price_ratio", HERE,
        ("unknown subject", "entities.csv", "'gas-prise'", "'gas-price'")),
    "unknown place": Break(
        OBSERVER, AT, AT.replace("Arven", "Arvn"), HERE, ("unknown place", "'Arvn'", "'Arven'")),
    "unknown second place": Break(OBSERVER, "Midland;Westmarch", "Midland;Westmarsh", HERE,
        ("unknown place", "'Westmarsh'", "'Westmarch'")),
    "unknown cause": Break(MINISTRY, "foreign_hand", "foreign_hnd", HERE,
        ("unknown cause", "'foreign_hnd'", "'foreign_hand'")),
    "unknown stance": Break(MINISTRY, "stance,asserts", "stance,assertes", HERE,
        ("unknown stance", "'assertes'", "'asserts'")),
    "unknown word of a choice": Break(OBSERVER, "spring-unrest,crowd,,1000,9999,order,persons",
        "spring-unrest,violent,yess,,,,", HERE, ("unknown value of violent", "'yess'", "'yes'")),
    "unknown reading": Break(
        OBSERVER, "1000,9999,order", "1000,9999,ordr", HERE, ("'reading'", "'ordr'", "'order'")),
    "unknown modality": Break(
        MINISTRY, ",disputed,", ",disputd,", HERE, ("'modality'", "'disputd'", "'disputed'")),
    # ---- claims: relations, dates and numbers
    "relation to no claim": Break(
        OBSERVER, "makes up obs-deaths,INVENTED: two", "makes up obs-death,INVENTED: two", HERE,
        ("unknown claim in `relates`", "'obs-death'", "'obs-deaths'")),
    "share of no claim": Break(
        OBSERVER, "makes up obs-deaths,INVENTED: two", "share min-dead of obs-deaths,INVENTED: two",
        HERE, ("unknown claim in `relates`", "'min-dead'", "'min-deaths'")),
    "relation out of form": Break(
        OBSERVER, "makes up obs-deaths,INVENTED: two", "belongs to obs-deaths,INVENTED: two", HERE,
        ("'relates'", "'belongs to obs-deaths' is not a relation", "`part of ID`")),
    "impossible date": Break(
        OBSERVER, AT, ",2030-02-30,2030-03-05,Arven,", HERE,
        ("'date_from'", "'2030-02-30'", "calendar date")),
    "date in another form": Break(OBSERVER, AT, ",2030-03-05,5.3.2030,Arven,", HERE,
        ("'date_to'", "'5.3.2030' is not a date", "2022-01-05")),
    "date_to before date_from": Break(OBSERVER, AT, ",2030-03-05,2030-03-04,Arven,", HERE,
        ("`date_to` 2030-03-04 is before `date_from` 2030-03-05",)),
    "high below low": Break(
        OBSERVER, "1000,9999,order", "1000,999,order", HERE, ("`value_high` 999 is below",)),
    "reading without its numbers": Break(OBSERVER, "1000,9999,order", "1000,,order", HERE,
        ("the reading 'order' does not match the numbers", "need both `value_low`")),
    "numbers without a reading": Break(
        OBSERVER, "1000,9999,order", "1000,9999,", HERE, ("the reading 'left blank'", "need both")),
    "reading with the wrong side": Break(
        OBSERVER, "1000,9999,order", "1000,,up_to", HERE, ("'up_to'", "up_to only")),
    "number that is none": Break(
        OBSERVER, "1000,9999,order", "1000,many,order", HERE,
        ("'value_high'", "'many'", "plain digits")),
    "number that is not finite": Break(
        OBSERVER, "1000,9999,order", "nan,nan,exact", HERE, ("'nan'",)),
    # ---- claims: the file
    "unknown column": Break(OBSERVER, ",paraphrase,note", ",paraphrase,notes", HERE,
        ("unknown column 'notes'", "did you mean 'note'")),
    "missing column": Break(
        OBSERVER, "claim,source,locator,", "claim,source,", HERE, ("'locator' is missing",)),
    "missing cell": Break(
        OBSERVER, FIRST, FIRST.replace(",p1,", ",,"), HERE, ("'locator'", "required")),
    "row too long": Break(
        OBSERVER, "on 1 March.", "on 1 March, early.", HERE, ("wrong width", "double quotes")),
    "0 bytes": Break(OBSERVER, "", "", None, ("is empty",)),
    "not UTF-8": Break(
        OBSERVER, "dockers gathered", "d\udcf6ckers gathered", HERE,
        ("not UTF-8", "save the file")),
    # ---- a source in YAML
    "YAML source declared already": Break(RADIO, "id: arv-radio", "id: arv-observer", None,
        ("the source is already declared", "'arv-observer'", "rename")),
    "claim of another source": Break(RADIO, "source: arv-radio,", "source: arv-observer,", None,
        ("rad-1: belongs to another source", "'arv-observer'", "arv-radio")),
    "unknown predicate in YAML": Break(
        RADIO, "predicate: deaths", "predicate: deths", "claim: rad-1",
        ("rad-1: unknown predicate", "'deths'")),
    "unknown key of a claim in YAML": Break(
        RADIO, "locator: minute", "locater: minute", HERE, ("locater", "did you mean 'locator'")),
    "unknown kind of source": Break(RADIO, "kind: press", "kind: wireless", HERE, ("'wireless'",)),
    # ---- entities and causes
    "entity that changes its kind": Break(
        ENTITIES, "harrow,place,Harro,", "harrow,event,Harro,", HERE,
        ("the rows of 'harrow' differ in kind", "'event'", "expected: place")),
    "spelling twice": Break(
        ENTITIES, "harrow,place,Harro,", "harrow,place,Harrow,", "harrow,place,Harrow,en,an",
        ("a spelling appears twice", "'Harrow'")),
    "unknown kind of entity": Break(
        ENTITIES, "gas-price,topic", "gas-price,topc", HERE, ("'kind'", "'topc'", "'topic'")),
    "cause with an unknown key": Break(
        CAUSES, "mechanisms: []", "mechanism: []", HERE,
        ("mechanism", "did you mean 'mechanisms'")),
    "cause without a title": Break(
        CAUSES, 'title: "A hand from abroad"\n  ', "", None, ("foreign_hand.title", "required")),
    # ---- targets
    "unknown rule": Break(
        TARGETS, "rule: total", "rule: totl", HERE, ("deaths-country.rule", "'totl'", "'total'")),
    "unknown variable": Break(TARGETS, "variable: deaths", "variable: deths", None,
        ("no run gives this quantity", "'deths'", "'deaths'")),
    "unknown place of a target": Break(
        TARGETS, "name: Arven\n", "name: Arvn\n", None, ("unknown name", "'Arvn'", "'Arven'")),
    "place of the other level": Break(
        TARGETS, "level: region", "level: place", None, ("active-westmarch", "'Westmarch'")),
    "unknown subject asked for": Break(TARGETS, "{subject: spring-unrest, predicate: deaths}",
        "{subject: spring-unrst, predicate: deaths}", None,
        ("deaths-country: unknown name", "'spring-unrst'", "'spring-unrest'")),
    "unknown predicate asked for": Break(
        TARGETS, "predicate: deaths}", "predicate: deths}", None, ("'deths'", "'deaths'")),
    "unknown claim named": Break(
        TARGETS, "  rule: total\n", "  rule: total\n  also: [obs-death]\n", None,
        ("deaths-country: unknown name", "'obs-death'", "'obs-deaths'")),
    "unknown claim left out": Break(
        TARGETS, "  rule: total\n", "  rule: total\n  leave_out: [obs-death]\n", None,
        ("deaths-country: unknown name", "'obs-death'", "'obs-deaths'")),
    "target that no claim answers": Break(
        TARGETS, "predicate: deaths}", "predicate: wounded}", None,
        ("target 'deaths-country': no claim", "spring-unrest wounded", "add the claim")),
    "target with a misspelt key": Break(
        TARGETS, "rule: total", "rul: total", HERE, ("deaths-country.rul", "did you mean 'rule'")),
    "weak target without a reason": Break(
        TARGETS, "use: held\n  rule: total", "use: weak\n  rule: total", None,
        ("deaths-country", "has no reason: write it under `weak`")),
    "reason of a target that is not weak": Break(
        TARGETS, "use: held\n  rule: total", "use: held\n  weak: vague\n  rule: total", None,
        ("deaths-country", "`use` should be weak, not held")),
    "fit to what no run gives": Break(
        TARGETS, "use: held\n  rule: total", "use: fit\n  beyond: no\n  rule: total", None,
        ("deaths-country", "no run gives the quantity: `use` should be held")),
    "unknown use": Break(
        TARGETS, "use: held\n  rule: total", "use: weaks\n  rule: total", None,
        ("deaths-country.use", "'weaks'", "'weak'")),
    "target with an impossible date": Break(
        TARGETS, 'about: "2030-03-05"', 'about: "2030-03-32"', HERE,
        ("crowd-arven-05", "2030-03-32")),
    # ---- tables
    "table without rows": Break(
        CELLS, "", ROWS.partition("\n")[0] + "\n", None, ("has no rows below its header",)),
    "table with a number that is none": Break(
        CELLS, "2029,2029,15", "2029,2029,fifteen", HERE,
        ("'printed'", "'fifteen'", "plain digits")),
    "table with an impossible date": Break(
        CELLS, "2029,2029,15", "2029-13,2029,15", HERE, ("2029-13",)),
    "table of an unknown subject": Break(
        CELLS, "spring-unrest,events,,Protests,2029", "spring-unrst,events,,Protests,2029", HERE,
        ("unknown subject", "'spring-unrst'", "'spring-unrest'")),
    "table of an unknown source": Break(TABLES, "source: arv-observer", "source: arv-observr", None,
        ("unknown source", "'arv-observr'", "'arv-observer'")),
    "table whose file is missing": Break(
        TABLES, "file: protests.csv", "file: protsts.csv", None, ("protsts.csv", "cannot be read")),
}  # fmt: skip


REMEDY = re.compile(
    r"expected:|did you mean|hint:|should be|write |is not a calendar date|need both|required|"
    r"is before|is below"
)


@pytest.mark.parametrize("case", BREAKS.values(), ids=BREAKS.keys())
def test_one_thing_wrong_is_refused_and_named(evidence: Path, case: Break) -> None:
    path, line = case.make(evidence)
    with pytest.raises(FileError) as caught:
        use(evidence)
    message = str(caught.value)
    for word in case.says:
        assert word in message
    assert caught.value.path.is_relative_to(evidence), message
    assert REMEDY.search(message), message
    if line is not None:
        assert (caught.value.path, caught.value.line) == (path, line), message
        assert f"{path}:{line}:" in message


def test_a_wrong_name_in_a_target_names_its_line(evidence: Path) -> None:
    change(evidence / TARGETS, "name: Arven\n", "name: Arvn\n")
    with pytest.raises(FileError) as caught:
        use(evidence)
    assert caught.value.line is not None


def test_a_text_of_two_lines_moves_the_lines_below_it(evidence: Path) -> None:
    path = evidence / OBSERVER
    change(
        path, "INVENTED: dockers gathered in Harrow on 2 March.", '"INVENTED: dockers\ngathered."'
    )
    change(path, ",crowd,", ",crwd,")
    with pytest.raises(FileError, match="unknown predicate") as caught:
        use(evidence)
    assert caught.value.line == 6


def test_a_cell_too_long_for_a_csv_is_refused_in_words(evidence: Path) -> None:
    change(evidence / OBSERVER, "thousands stood", "x" * 140_000)
    with pytest.raises(FileError, match="no readable CSV"):
        use(evidence)


def test_lines_that_end_with_a_carriage_return_are_lines(evidence: Path) -> None:
    expected = use(evidence).claims
    path = evidence / OBSERVER
    path.write_bytes(path.read_text(encoding="utf-8").replace("\n", "\r").encode())
    assert use(evidence).claims == expected


def test_an_unknown_unit(evidence: Path) -> None:
    change(evidence / MINISTRY, "3,3,exact,persons", "3,3,exact,person")
    with pytest.raises(FileError, match="min-deaths: unknown unit of deaths") as caught:
        use(evidence)
    assert caught.value.line == 3
    assert "did you mean 'persons'?" in str(caught.value)


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
