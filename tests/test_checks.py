"""Checks of arithmetic: each finds what does not add up, and lets pass what does."""

from __future__ import annotations

import random
from functools import cache
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qantar.base.provenance import Source
from qantar.evidence import Claim, Finding, Ledger, find_checks
from qantar.evidence.checks.arithmetic import possible_counts, rounds_to
from qantar.evidence.codebook import load_codebook
from qantar.evidence.datasets import Cell, Table, TableHeader, exact_interval
from qantar.evidence.entities import Entities, Gazetteer, Spelling
from qantar.packs.country import packs_folder
from qantar.packs.evidence import CODEBOOK, country_ledger
from qantar.packs.loading import load_country

BOOK = load_codebook(packs_folder() / CODEBOOK)
PLACES = Gazetteer("Arvenia", {"Harrow": "Westmarch", "Saltby": "Westmarch", "Arven": "Midland"})
RIOT = Entities([Spelling(entity="riot", kind="event", name="Riot")])
SOURCES = {n: Source(title=n, kind="report", date="2030-03-20") for n in ("a", "b")}

Cells = dict[str, str]


def claim(name: str, **cells: str) -> Claim:
    row = {
        "claim": name, "source": "a", "locator": "p1", "category": "deaths",
        "subject": "riot", "predicate": "deaths", "modality": "stated", "paraphrase": "x", **cells,
    }  # fmt: skip
    return Claim.model_validate(row)


def number(figure: str, **cells: str) -> Cells:
    words = {"value_low": figure, "value_high": figure, "reading": "exact", "unit": "persons"}
    return {**words, **cells}


def percent(figure: str, relates: str) -> Cells:
    return number(figure, unit="percent", predicate="share", value="men", relates=relates)


def on(first: str, last: str = "", **cells: str) -> Cells:
    return {"predicate": "date", "date_from": first, "date_to": last or first, **cells}


def lasted(days: str, **cells: str) -> Cells:
    words = {"date_from": "2030-03-01", "date_to": "2030-03-11", "unit": "days", **cells}
    return number(days, predicate="duration", **words)


def holder(subject: str, first: str, last: str) -> Cells:
    term = on(first, last, predicate="holds_office", value="prime minister")
    return {**term, "subject": subject, "category": "appointment"}


def ledger(claims: dict[str, Cells], tables: dict[str, Table] | None = None) -> Ledger:
    every = [claim(name, **cells) for name, cells in claims.items()]
    every += [c for table in (tables or {}).values() for c in table.claims]
    return Ledger({c.claim: c for c in every}, SOURCES, BOOK, PLACES, RIOT, {}, tables or {})


class Case(NamedTuple):
    """Claims, the one finding they must give, whether it holds, and its sum."""

    check: str
    holds: bool
    sum: str
    claims: dict[str, Cells]


DURATION = "duration against dates"
PARTS = {"x": number("9", value="men", relates="makes up w")}
SERIES = {"x": number("20", as_of="2030-03-05")}
MEN = {"n": number("77", predicate="count"), "b": number("124", predicate="respondents")}
OF_52 = {"b": number("52", predicate="respondents")}

CASES: dict[str, Case] = {
    "parts make up the whole": Case("sum of parts", True, "9 + 3 = 12; stated 12 persons",
        {"w": number("12"), **PARTS, "y": number("3", value="women", relates="makes up w")}),
    "parts fall short": Case(
        "sum of parts", False, "9 + 2 = 11; stated 12 persons; off by 1",
        {"w": number("12"), **PARTS, "y": number("2", value="women", relates="makes up w")}),
    "a component fits": Case("components within total", True, "9 of 12 persons; 3 unaccounted for",
        {"w": number("12"), "x": number("9", value="men", relates="part of w")}),
    "components pass the whole": Case("components within total", False, "9 + 4 = 13 of 12 persons",
        {"w": number("12"), "x": number("9", value="men", relates="part of w"),
         "y": number("4", value="women", relates="part of w")}),
    "a list is as long as said": Case("list length", True, "2 listed; stated 2 persons",
        {"w": number("2", predicate="count", relates="count of x; count of y"),
         "x": {"predicate": "burned"}, "y": {"predicate": "burned"}}),
    "a list is shorter than said": Case(
        "list length", False, "1 listed; stated 2 persons",
        {"w": number("2", predicate="count", relates="count of x"), "x": {"predicate": "burned"}}),
    "a share of its counts": Case(
        "percentage against counts", True, "77 / 124 = 62.10 %; stated 62.1 %",
        {**MEN, "s": percent("62.1", "share n of b")}),
    "a share of other counts": Case(
        "percentage against counts", False, "77 / 124 = 62.10 %; stated 67.1 %",
        {**MEN, "s": percent("67.1", "share n of b")}),
    "a share that whole persons give": Case(
        "possible percentage", True, "15.4 % of 52 = 8, a possible count",
        {**OF_52, "s": percent("15.4", "share of b")}),
    "a share that no whole persons give": Case(
        "possible percentage", False, "15.5 % of 52 = 8.06; 8 of 52 would be 15.38 %",
        {**OF_52, "s": percent("15.5", "share of b")}),
    "a running count grows": Case(
        "running count", True, "20 persons by 2030-03-05, 25 persons by 2030-03-06",
        {**SERIES, "y": number("25", as_of="2030-03-06", source="b")}),
    "a running count falls": Case(
        "running count", False, "20 persons by 2030-03-05, 10 persons by 2030-03-06",
        {**SERIES, "y": number("10", as_of="2030-03-06", source="b")}),
    "a town within its region": Case("area within area", True, "5 persons of 8 persons",
        {"x": number("5", place="Harrow"), "y": number("8", place="Westmarch")}),
    "a town with more than its region": Case("area within area", False, "9 persons of 8 persons",
        {"x": number("9", place="Harrow"), "y": number("8", place="Westmarch")}),
    "a duration between its dates": Case(
        DURATION, True, "2030-03-01 to 2030-03-11 = 10 days; stated 10 days",
        {"x": lasted("10")}),
    "counted with both ends": Case(DURATION, True, "stated 11 days", {"x": lasted("11")}),
    "too long": Case(DURATION, False, "= 10 days; stated 12 days", {"x": lasted("12")}),
    "too short": Case(DURATION, False, "= 10 days; stated 9 days", {"x": lasted("9")}),
    "a duration of months": Case(DURATION, True, "= 1 to 58 days",
        {"x": lasted("1", unit="months", date_from="2030-01", date_to="2030-02")}),
    "days between, as said": Case(
        "days between", True, "2030-03-02 to 2030-03-05 = 3 days; stated 3 days",
        {"x": on("2030-03-02"), "y": on("2030-03-05", relates="follows x by 3 days")}),
    "days between, other than said": Case("days between", False, "= 3 days; stated 5 days",
        {"x": on("2030-03-02"), "y": on("2030-03-05", relates="follows x by 5 days")}),
    "in the order told": Case("stated order", True, "2030-03-02, then 2030-03-05",
        {"x": on("2030-03-02", relates="before y"), "y": on("2030-03-05")}),
    "against the order told": Case("stated order", False, "2030-03-05, then 2030-03-02",
        {"x": on("2030-03-02", relates="after y"), "y": on("2030-03-05")}),
    "ends after it begins": Case("required order", True, "2030-03-02, then 2030-03-05",
        {"x": on("2030-03-02", predicate="onset"), "y": on("2030-03-05", predicate="end")}),
    "ends before it begins": Case("required order", False, "2030-03-05, then 2030-03-02",
        {"x": on("2030-03-05", predicate="onset"), "y": on("2030-03-02", predicate="end")}),
    "stages in order": Case("order of stages", True, "2030-03-02, then 2030-03-05",
        {"x": on("2030-03-02", stage="requested"), "y": on("2030-03-05", stage="began")}),
    "stages out of order": Case("order of stages", False, "2030-03-05, then 2030-03-02",
        {"x": on("2030-03-05", stage="requested"), "y": on("2030-03-02", stage="began")}),
    "an event after its source": Case(
        "dated after publication",
        False,
        "2030-03-21; a is dated 2030-03-20",
        {"x": on("2030-03-21")},
    ),
    "a figure after its source": Case(
        "dated after publication", False, "2030-04-01", {"x": number("5", as_of="2030-04-01")}
    ),
    "two in one office": Case("two holders of one office", False, "overlap by 1096 days",
        {"x": holder("ann", "2020-01-01", "2025-01-01"),
         "y": holder("bob", "2022-01-01", "2028-01-01")}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_one_check(case: Case) -> None:
    (finding,) = find_checks(ledger(case.claims))
    assert (finding.check, finding.holds) == (case.check, case.holds)
    assert case.sum in finding.sum
    assert set(finding.claims) <= set(case.claims)


QUIET: dict[str, dict[str, Cells]] = {
    "counts of other scopes": {**SERIES, "y": number("1", as_of="2030-03-06", scope="police")},
    "a disputed count": {**SERIES, "y": number("1", as_of="2030-03-06", modality="disputed")},
    "a count that is not cumulative": {
        "x": number("20", predicate="crowd", as_of="2030-03-05"),
        "y": number("10", predicate="crowd", as_of="2030-03-06"),
    },
    "a plan for later": {"x": on("2031", stage="planned")},
    "a forecast": {"x": on("2031", category="forecast")},
    "an office handed over": {
        "x": holder("ann", "2020", "2025"), "y": holder("bob", "2025", "2029"),
    },
    "a term interrupted": {"x": holder("ann", "2020", "2022"), "y": holder("ann", "2021", "2029")},
    "ends elsewhere before it begins": {
        "x": on("2030-03-05", predicate="onset", place="Harrow"),
        "y": on("2030-03-02", predicate="end", place="Arven"),
    },
    "ends in another source": {
        "x": on("2030-03-05", predicate="onset"), "y": on("2030-03-02", predicate="end", source="b")
    },
}  # fmt: skip


@pytest.mark.parametrize("claims", QUIET.values(), ids=QUIET.keys())
def test_what_is_no_contradiction_is_not_found(claims: dict[str, Cells]) -> None:
    assert find_checks(ledger(claims)) == ()


def test_a_figure_for_the_month_of_publication_is_not_late() -> None:
    assert find_checks(ledger({"x": number("5", as_of="2030-03")})) == ()


def test_stages_at_places_apart_have_no_order() -> None:
    claims = {
        "x": on("2030-03-05", stage="began", place="Harrow"),
        "y": on("2030-03-02", stage="ended", place="Arven"),
    }
    assert find_checks(ledger(claims)) == ()


def test_parts_are_held_against_every_figure_for_the_whole() -> None:
    parts = {"x": number("9", relates="makes up w"), "y": number("3", relates="makes up w")}
    claims = {"w": number("12"), **parts, "r": number("20", source="b")}
    found = {f.claims[0]: (f.holds, f.sum) for f in find_checks(ledger(claims))}
    assert found == {
        "w": (True, "9 + 3 = 12; stated 12 persons"),
        "r": (False, "9 + 3 = 12; stated 20 persons; off by 8"),
    }


def table(name: str, *rows: tuple[str, ...], **header: object) -> Table:
    """Return a table of (item, first, last, printed, unit, predicate)."""
    columns = ("item", "date_from", "date_to", "printed", "unit", "predicate")
    cells = [Cell(subject="riot", **dict(zip(columns, row, strict=True))) for row in rows]
    plain = {"title": name, "source": "a", "locator": "t", "file": "f", "category": "protest"}
    return Table(name, TableHeader.model_validate({**plain, **header}), tuple(cells))


def years(*figures: str, first: int = 2010) -> list[tuple[str, ...]]:
    return [
        ("", f"{first + n}", f"{first + n}", f, "events", "events") for n, f in enumerate(figures)
    ]


def shares(*figures: str, year: str = "2010") -> list[tuple[str, ...]]:
    return [(f"item{n}", year, year, f, "percent", "share") for n, f in enumerate(figures)]


def told(*tables: Table, **claims: Cells) -> dict[str, list[tuple[bool, str]]]:
    found: dict[str, list[tuple[bool, str]]] = {}
    for finding in find_checks(ledger(claims, {t.table: t for t in tables})):
        found.setdefault(finding.check, []).append((finding.holds, finding.sum))
    return found


def test_percentages_of_a_period_make_a_hundred() -> None:
    def added(*figures: str, **header: object) -> list[tuple[bool, str]]:
        return told(table("t", *shares(*figures), **header)).get("percentages add up to 100", [])

    assert added("33.3", "66.7", complete=True) == [(True, "33.3 + 66.7 = 100 %")]
    assert added("40", "53", complete=True) == [(False, "40 + 53 = 93 %")]
    assert added("40", "53") == []
    assert added("60", "53") == [(False, "60 + 53 = 113 %")]
    several = [(True, "60 + 53 = 113 % (several answers were allowed)")]
    assert added("60", "53", multiple=True) == several


@pytest.mark.parametrize(("printed", "holds"), [("62.1", True), ("61.9", False), ("62", True)])
def test_a_printed_percentage_comes_from_its_count(printed: str, holds: bool) -> None:
    rows = [("a", "", "", "77", "answers", "count"), ("a", "", "", printed, "percent", "share")]
    found = told(table("t", *rows, base=124))["table: percentage against count"]
    assert found == [(holds, f"77 / 124 = 62.10 %; printed {printed} %")]


def test_a_percentage_is_held_against_the_count_of_another_table() -> None:
    counts = table("counts", *years("52", first=2016))
    for printed, holds in (("15.5", False), ("15.4", True)):
        found = told(counts, table("shares", *shares(printed, year="2016")))
        assert [h for h, _ in found["possible percentage"]] == [holds]


def test_a_percentage_of_none_is_no_crash() -> None:
    """A count of 0 has no percentage, so there is nothing to check."""
    assert told(table("counts", *years("0")), table("shares", *shares("15.5"))) == {}


def test_text_and_table() -> None:
    counts = table("t", *years("10", "30", "20"))
    events = {"predicate": "events", "unit": "events"}
    total = {"date_from": "2010", "date_to": "2012"}
    assert told(counts, x=number("60", **events, **total)) == {
        "table against stated total": [(True, "10 + 30 + 20 = 60; stated 60 events")]
    }
    assert told(counts, x=number("50", **events, **total))["table against stated total"] == [
        (False, "10 + 30 + 20 = 60; stated 50 events; off by 10")
    ]
    for figure, holds in (("30", True), ("31", False)):
        cell = number(figure, **events, date_from="2011", date_to="2011")
        found = told(counts, x=cell)["text against table"]
        assert found == [(holds, f"text {figure} events; table 30 events")]
    for year, holds in (("2011", True), ("2012", False)):
        found = told(counts, x=on(year, predicate="peak"))["text against table"]
        assert found == [(holds, f"text {year}; table 2011 with 30 events")]
    assert told(counts, x=number("31", source="b", **events)) == {}


def test_periods_of_a_table_overlap_or_leave_a_gap() -> None:
    rows = [("", f, t, "1", "events", "events") for f, t in (("2010", "2011"), ("2011", "2012"))]
    found = told(table("t", *rows))
    assert found == {"periods overlap": [(False, "2011-12-31 to 2011-01-01: 365 days in both")]}
    gap = [*years("1", "1"), *years("1", first=2013)]
    assert told(table("t", *gap)) == {
        "periods leave a gap": [(False, "2011-12-31 to 2013-01-01: 366 days missing")]
    }
    assert told(table("t", *years("1", "1", "1"))) == {}


@given(st.integers(1, 300), st.integers(0, 300), st.integers(0, 2))
def test_every_whole_count_passes_its_own_granularity_test(
    base: int, count: int, decimals: int
) -> None:
    count = min(count, base)
    printed = float(f"{100 * count / base:.{decimals}f}")
    assert count in possible_counts(printed, base, decimals) or decimals == 0


@given(st.integers(1, 150), st.integers(0, 1000))
def test_the_granularity_test_agrees_with_trying_every_count(base: int, tenths: int) -> None:
    printed = tenths / 10
    possible = any(rounds_to(100 * n / base, printed, 1) for n in range(base + 1))
    assert bool(possible_counts(printed, base, 1)) == possible


def test_exact_interval_is_that_of_clopper_and_pearson() -> None:
    """Of 0 of 10: from 0 to 1 - 0.025 ** (1 / 10)."""
    assert exact_interval(0, 10) == pytest.approx((0, 1 - 0.025**0.1))
    assert exact_interval(10, 10) == pytest.approx((0.025**0.1, 1))


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_claims_does_not_matter(seed: int) -> None:
    every = {
        f"{n}{name}": {"subject": f"s{n}", **cells}
        for n, case in enumerate(CASES.values())
        for name, cells in case.claims.items()
        if "relates" not in cells
    }
    mixed = list(every.items())
    random.Random(seed).shuffle(mixed)
    assert find_checks(ledger(dict(mixed))) == find_checks(ledger(every))


@cache
def kazakhstan() -> Ledger:
    return country_ledger(load_country("kazakhstan"))


@cache
def its_findings() -> tuple[Finding, ...]:
    return find_checks(kazakhstan())


SHARE, TEXT, PARTS_SUM = "percentage against counts", "text against table", "sum of parts"
FOUND = [
    ("table against stated total", False, ("= 1,353; stated 1,053 events; off by 300",)),
    (SHARE, False, ("77 / 124 = 62.10 %; stated 67.1 %",)),
    (SHARE, False, ("48 / 124 = 38.71 %; stated 37.8 %",)),
    (SHARE, False, ("99 / 124 = 79.84 %; stated 78.8 %",)),
    (TEXT, False, ("text 67.1 percent; table 62.1 percent",)),
    (TEXT, False, ("text 37.8 percent; table 38.7 percent",)),
    (TEXT, False, ("text 78.8 percent; table 79.8 percent",)),
    ("possible percentage", False, ("15.5 % of 52 = 8.06",)),
    (PARTS_SUM, True, ("= 2,030", "stated 2,030 persons")),
    (PARTS_SUM, False, ("= 2,030", "stated 3,600 persons; off by 1,570")),
    (PARTS_SUM, False, ("= 2,030", "stated almost 4,000 persons")),
]


@pytest.mark.parametrize(("check", "holds", "sums"), FOUND)
def test_what_does_not_add_up_in_kazakhstan_is_found(
    check: str, holds: bool, sums: tuple[str, ...]
) -> None:
    same = [f for f in its_findings() if (f.check, f.holds) == (check, holds)]
    assert any(all(part in f.sum for part in sums) for f in same), [f.sum for f in same]


def test_the_force_of_five_states_is_summed_part_by_part() -> None:
    terms = {"1,480", "200", "150", "100"}
    sums = [f.sum for f in its_findings() if "= 2,030" in f.sum]
    assert len(sums) >= 3
    for text in sums:
        parts = text.partition(" = ")[0].split(" + ")
        assert (len(parts), set(parts)) == (5, terms)


def test_shuffling_kazakhstan_changes_nothing() -> None:
    claims = list(kazakhstan().claims.values())
    random.Random(7).shuffle(claims)
    assert find_checks(kazakhstan().only(claims)) == its_findings()
