"""Conflicts: what clashes, what only looks like it, and what the difference is put down to."""

from __future__ import annotations

import random
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qantar.base.provenance import Source
from qantar.evidence import Claim, Conflict, Ledger, find_conflicts
from qantar.evidence.causes import Cause
from qantar.evidence.codebook import load_codebook
from qantar.evidence.conflicts import number_text
from qantar.evidence.datasets import Cell, Table, TableHeader
from qantar.evidence.entities import Entities, Gazetteer, Spelling
from qantar.packs.country import packs_folder
from qantar.packs.evidence import CODEBOOK, country_ledger
from qantar.packs.loading import load_country

BOOK = load_codebook(packs_folder() / CODEBOOK)
PLACES = Gazetteer("Arvenia", {"Harrow": "Westmarch", "Saltby": "Westmarch", "Arven": "Midland"})
RIOT = Entities([Spelling(entity="riot", kind="event", name="Riot")])
PUBLISHED = {"a": "2030-03-10", "b": "2030-03-20", "c": "2030-03-20"}
SOURCES = {n: Source(title=n, kind="report", date=day) for n, day in PUBLISHED.items()}

Cells = dict[str, str]


def claim(name: str, source: str, **cells: str) -> Claim:
    row = {
        "claim": name, "source": source, "locator": "p1", "category": "protest",
        "subject": "riot", "predicate": "crowd", "modality": "stated", "paraphrase": "x", **cells,
    }  # fmt: skip
    return Claim.model_validate(row)


def ledger(*claims: Claim, tables: dict[str, Table] | None = None) -> Ledger:
    causes = {"hand": Cause(title="A hand from abroad", group="foreign")}
    own = [c for table in (tables or {}).values() for c in table.claims]
    every = {c.claim: c for c in (*claims, *own)}
    return Ledger(every, SOURCES, BOOK, PLACES, RIOT, causes, tables or {})


def number(low: float, high: float | None = None, **cells: str) -> Cells:
    top = low if high is None else high
    words = {"reading": "exact" if high is None else "between", "unit": "persons", **cells}
    return {"value_low": f"{low:g}", "value_high": f"{top:g}", **words}


def about(figure: float, **cells: str) -> Cells:
    return number(figure, None, reading="about", **cells)


def at_least(figure: float) -> Cells:
    return {"value_low": f"{figure:g}", "reading": "at_least", "unit": "persons"}


def deaths(figure: float, **cells: str) -> Cells:
    return number(figure, None, predicate="deaths", **cells)


def on(first: str, last: str = "", **cells: str) -> Cells:
    return {"predicate": "date", "date_from": first, "date_to": last or first, **cells}


def held(first: str, last: str, **cells: str) -> Cells:
    return on(first, last, predicate="holds_office", value="prime minister", **cells)


def arrested(day: str, **cells: str) -> Cells:
    return on(day, predicate="arrested", **cells)


def violent(word: str, **cells: str) -> Cells:
    return {"predicate": "violent", "value": word, **cells}


def stance(word: str, **cells: str) -> Cells:
    return {"subject": "hand", "predicate": "stance", "value": word, **cells}


def found(one: Cells, other: Cells) -> tuple[Conflict, ...]:
    return find_conflicts(ledger(claim("x", "a", **one), claim("y", "b", **other)))


CLASHING: dict[str, tuple[Cells, Cells]] = {
    "numbers apart": (number(10), number(20)),
    "about 10 is 9 to 11": (about(10), number(12)),
    "at least": (at_least(30), number(20)),
    "more than a number is not that number": (
        number(225), {"value_low": "225", "reading": "more_than", "unit": "persons"}
    ),
    "weeks and days": (
        number(2, predicate="duration", unit="weeks"),
        number(20, predicate="duration", unit="days"),
    ),
    "days": (on("2030-03-04"), on("2030-03-05")),
    "a month and a day outside it": (on("2030-02"), on("2030-03-01")),
    "a thing that repeats, within a month": (arrested("2030-03-04"), arrested("2030-04-04")),
    "a thing that does not, years apart": (on("2030-03-04"), on("2034-03-04")),
    "terms that begin in other years": (held("2020", "2030"), held("2022", "2030")),
    "words that exclude each other": (violent("yes"), violent("no")),
    "stances": (stance("asserts"), stance("doubts")),
    "a report and a denial": (stance("reports"), stance("denies")),
    "counts of other days that fell": (
        deaths(20, as_of="2030-03-05"), deaths(10, as_of="2030-03-06")
    ),
}  # fmt: skip

AGREEING: dict[str, tuple[Cells, Cells]] = {
    "one number within another": (number(10, 30), number(20)),
    "about 10 and 11": (about(10), number(11)),
    "at least and more": (at_least(30), number(40)),
    "a day within a month": (on("2030-03"), on("2030-03-05")),
    "a thing that repeats, later": (arrested("2030-03-04"), arrested("2030-04-05")),
    "terms in the same years": (held("2020-01", "2030"), held("2020-05-03", "2030-02")),
    "a post held in one year": (held("2025", "2025"), held("2020", "2030")),
    "terms one after the other": (held("2010", "2019"), held("2020", "2030")),
    "the same word": (violent("yes"), violent("yes")),
    "stances both for": (stance("asserts"), stance("reports")),
    "stances both against": (stance("doubts"), stance("denies")),
    "other units": (number(10), number(20, unit="percent")),
    "weeks and days alike": (
        number(2, predicate="duration", unit="weeks"),
        number(14, predicate="duration", unit="days"),
    ),
    "other items": (number(10, value="men"), number(20, value="women")),
    "other subjects": (number(10), number(20, subject="strike")),
    "other predicates": (number(10), deaths(20)),
    "crowds of different days": (
        number(10, date_from="2030-03-04", date_to="2030-03-04"),
        number(20, date_from="2030-03-05", date_to="2030-03-05"),
    ),
    "free text": ({"predicate": "said", "value": "a"}, {"predicate": "said", "value": "b"}),
    "towns apart": (number(10, place="Harrow"), number(20, place="Arven")),
    "days at towns apart": (on("2030-03-04", place="Harrow"), on("2030-03-06", place="Arven")),
    "words about towns apart": (violent("yes", place="Harrow"), violent("no", place="Saltby")),
    "a town and the region of another": (
        deaths(10, place="Arven"), deaths(20, place="Westmarch")
    ),
}  # fmt: skip


@pytest.mark.parametrize(("one", "other"), CLASHING.values(), ids=CLASHING.keys())
def test_a_clash_that_nothing_explains_is_open(one: Cells, other: Cells) -> None:
    for pair in ((one, other), (other, one)):
        (conflict,) = found(*pair)
        assert conflict.open
        assert conflict.reasons == ()
        assert [c.claim for c in conflict.claims] == ["x", "y"]
        assert conflict.between_sources


@pytest.mark.parametrize(("one", "other"), AGREEING.values(), ids=AGREEING.keys())
def test_what_can_both_be_right_is_no_conflict(one: Cells, other: Cells) -> None:
    assert found(one, other) == ()
    assert found(other, one) == ()


MARCH = {"date_from": "2030-03-01", "date_to": "2030-03-20"}
FIFTH = {"date_from": "2030-03-05", "date_to": "2030-03-05"}

EXPLAINED: dict[str, tuple[Cells, Cells, str]] = {
    "scope": (number(10), number(20, scope="police"), "different scope: all, police"),
    "area": (
        number(10, place="Harrow"), number(20, place="Westmarch"),
        "different area: Harrow, Westmarch",
    ),
    "area, the country": (number(10, place="Arven"), number(20), "different area: Arven, Arvenia"),
    "stage": (on("2030-03-04", stage="ordered"), on("2030-03-05"),
              "different stage: ordered, happened"),
    "periods": (number(10, None, **FIFTH), number(20, None, **MARCH),
                "different periods: 2030-03-05, 2030-03-01 to 2030-03-20"),
    "retracted": (number(10, modality="retracted"), number(20), "one of them was retracted"),
    "part": (number(10, relates="part of y"), number(20),
             "one is declared a part or a share of the other"),
    "share": (number(10, relates="share of y"), number(20),
              "one is declared a part or a share of the other"),
    "order": (number(10, relates="before y"), number(20),
              "one is declared to come after the other"),
    "as-of dates": (
        deaths(10, as_of="2030-03-05"), deaths(20, as_of="2030-03-06"),
        "different as-of dates: 2030-03-05, 2030-03-06",
    ),
    "day of publication": (deaths(10), deaths(20), "different as-of dates: 2030-03-10, 2030-03-20"),
}  # fmt: skip


@pytest.mark.parametrize(("one", "other", "why"), EXPLAINED.values(), ids=EXPLAINED.keys())
def test_a_difference_that_explains_itself(one: Cells, other: Cells, why: str) -> None:
    (conflict,) = found(one, other)
    assert not conflict.open
    assert conflict.reasons == (why,)


@pytest.mark.parametrize("relation", ["before y", "same event as y", "follows y by 3 days"])
def test_order_is_no_part_and_explains_nothing(relation: str) -> None:
    (conflict,) = found(on("2030-03-04", relates=relation), on("2030-03-09"))
    assert "one is declared a part or a share of the other" not in conflict.reasons


def test_open_ones_come_first_and_open_clashes_within_one() -> None:
    claims = (
        claim("x", "a", **number(10)),
        claim("y", "b", **number(20, scope="police")),
        claim("z", "c", **number(30)),
        claim("u", "a", **number(1, subject="alpha", scope="men")),
        claim("v", "b", **number(2, subject="alpha")),
    )
    first, second = find_conflicts(ledger(*claims))
    assert (first.subject, first.open) == ("riot", True)
    assert (second.subject, second.open) == ("alpha", False)
    assert [bool(clash.why) for clash in first.clashes] == [False, True, True]


def test_one_source_may_contradict_itself() -> None:
    (conflict,) = find_conflicts(
        ledger(claim("x", "a", **number(10)), claim("y", "a", **number(20)))
    )
    assert conflict.open
    assert not conflict.between_sources


def table_of(*printed: str) -> Table:
    header = TableHeader(title="T", source="a", locator="table 1", file="t.csv", category="protest")
    cells = tuple(
        Cell(
            subject="riot", predicate="crowd", printed=text, unit="persons", date_from=f"203{n}",
            date_to="2039",
        )
        for n, text in enumerate(printed)
    )  # fmt: skip
    return Table("t", header, cells)


def test_cells_of_one_table_are_never_compared_but_a_text_and_a_table_are() -> None:
    table = {"t": table_of("10", "20", "30")}
    assert find_conflicts(ledger(tables=table)) == ()
    text = claim("text", "a", **number(99, date_from="2030", date_to="2039"))
    (conflict,) = find_conflicts(ledger(text, tables=table))
    assert {c.claim for c in conflict.claims} == {"text", "t--2030", "t--2031", "t--2032"}
    assert all("text" in (c.one.claim, c.other.claim) for c in conflict.clashes)


def test_numbers_are_worded_as_the_source_does() -> None:
    assert number_text(claim("x", "a", **at_least(1000))) == "at least 1,000 persons"
    assert number_text(claim("x", "a", **number(10, 20))) == "10 to 20 persons"
    assert number_text(claim("x", "a", **about(12000))) == "about 12,000 persons"


POOL = [
    claim(f"{kind}-{side}-{at}", "ab"[at], **{**cells, "subject": cells.get("subject", kind)})
    for kind, pairs in (("clash", CLASHING), ("agree", AGREEING))
    for side, pair in enumerate(pairs.values())
    for at, cells in enumerate(pair)
]


@given(st.permutations(POOL))
@settings(max_examples=40, deadline=None)
def test_the_order_of_claims_does_not_matter(mixed: list[Claim]) -> None:
    assert find_conflicts(ledger(*mixed)) == find_conflicts(ledger(*POOL))


# ---- Kazakhstan


@cache
def kazakhstan() -> Ledger:
    return country_ledger(load_country("kazakhstan"))


@cache
def its_conflicts() -> tuple[Conflict, ...]:
    return find_conflicts(kazakhstan())


@pytest.mark.parametrize(
    ("subject", "predicate"),
    [
        ("csto-deployment", "size"),
        ("csto-deployment", "date"),
        ("security-council-chair-change", "date"),
        ("security-council-chair-change", "left_office"),
        ("shoot-order", "date"),
        ("internet-shutdown", "date"),
        ("january-2022", "deaths"),
        ("january-2022", "detained"),
        ("january-2022", "end"),
        ("zhanaozen-2011", "deaths"),
    ],
)
def test_what_the_sources_of_kazakhstan_dispute_is_found(subject: str, predicate: str) -> None:
    named = [c for c in its_conflicts() if (c.subject, c.predicate) == (subject, predicate)]
    assert named


def test_every_conflict_of_kazakhstan_holds_its_own_claims() -> None:
    for conflict in its_conflicts():
        assert len(conflict.claims) >= 2
        inside = {c.claim for clash in conflict.clashes for c in (clash.one, clash.other)}
        assert {c.claim for c in conflict.claims} == inside
        for each in conflict.claims:
            assert (each.subject, each.predicate) == (conflict.subject, conflict.predicate)


@pytest.mark.parametrize("seed", range(5))
def test_shuffling_kazakhstan_changes_nothing(seed: int) -> None:
    claims = list(kazakhstan().claims.values())
    random.Random(seed).shuffle(claims)
    assert find_conflicts(kazakhstan().only(claims)) == its_conflicts()


def test_an_unrelated_source_changes_no_conflict() -> None:
    whole = kazakhstan()
    more = [
        claim("n1", "seed-000", **number(10, subject="fair")),
        claim("n2", "seed-000", **number(20, subject="fair")),
        claim("n3", "seed-000", **violent("yes", subject="fair")),
    ]
    grown = find_conflicts(whole.only([*whole.claims.values(), *more]))
    assert [c for c in grown if c.subject != "fair"] == list(its_conflicts())
    assert [c.predicate for c in grown if c.subject == "fair"] == ["crowd"]


def test_leaving_out_a_source_leaves_no_conflict_with_it() -> None:
    for source in ("seed-001", "seed-003"):
        for conflict in find_conflicts(kazakhstan().without(source)):
            assert source not in {c.source for c in conflict.claims}
            (same,) = [
                c for c in its_conflicts()
                if (c.subject, c.predicate, c.item)
                == (conflict.subject, conflict.predicate, conflict.item)
            ]  # fmt: skip
            assert set(conflict.clashes) <= set(same.clashes)
