"""The ledger: files that read back as written, dates, selection, names, and Kazakhstan whole."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from qantar.base.errors import FileError, QantarError
from qantar.evidence import Claim, Ledger, find_checks, load_claims, write_claims
from qantar.evidence.claims import COLUMNS, MODALITIES
from qantar.evidence.dates import first_day, format_span, last_day, overlap
from qantar.evidence.entities import Entities, Spelling, fold
from qantar.model.hour import mechanisms
from qantar.packs.evidence import country_ledger
from qantar.packs.loading import load_country


@cache
def ledger_of(pack: str) -> Ledger:
    return country_ledger(load_country(pack))


def claim(name: str = "x", **cells: str) -> Claim:
    row = {
        "claim": name, "source": "arv-observer", "locator": "p1", "category": "deaths",
        "subject": "spring-unrest", "predicate": "deaths", "modality": "stated",
        "paraphrase": "INVENTED.", **cells,
    }  # fmt: skip
    return Claim.model_validate(row)


# ---- what is written reads back

AWKWARD = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r")
    | st.sampled_from(list(",;\"\n\t '\\") + list("ЖәңғүұқөһіØß—")),
    max_size=20,
)
SAID = AWKWARD.filter(bool)
DAYS = st.one_of(
    st.just(""),
    st.dates().map(str),
    st.dates().map(lambda day: str(day)[:7]),
    st.dates().map(lambda day: str(day)[:4]),
)
NUMBERS: st.SearchStrategy[dict[str, str]] = st.one_of(
    st.just({}),
    st.tuples(st.integers(0, 10**9), st.integers(0, 10**6)).map(
        lambda n: {"value_low": str(n[0]), "value_high": str(sum(n)), "reading": "between"}
    ),
    st.decimals(0, 1000, places=2).map(lambda n: {"value_low": str(n), "reading": "at_least"}),
)


@st.composite
def claims(draw: st.DrawFn, name: str) -> Claim:
    texts = {c: draw(AWKWARD) for c in ("value", "unit", "place", "scope", "stage", "note")}
    said = {c: draw(SAID) for c in ("locator", "subject", "paraphrase", "attributed_to")}
    start, end = sorted((draw(DAYS), draw(DAYS)))
    dates = {"date_from": start, "date_to": end if (last_day(end) or dt.date.max) >= (
        first_day(start) or dt.date.min) else "", "as_of": draw(DAYS)}  # fmt: skip
    relates = draw(st.sampled_from(["", "part of x", "share a of b; follows c by 3 days"]))
    modality = draw(st.sampled_from(MODALITIES))
    cells = {**texts, **said, **dates, **draw(NUMBERS), "relates": relates, "modality": modality}
    return claim(name, **cells)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(own=st.lists(SAID, unique=True, max_size=4).flatmap(lambda n: st.tuples(*map(claims, n))))
def test_claims_read_back_as_written(
    own: tuple[Claim, ...], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "round-trip.csv"
    path.write_bytes(write_claims(own).encode("utf-8"))
    again = load_claims(path)
    assert list(again.values()) == list(own)
    assert write_claims(again.values()) == write_claims(own)


def test_a_carriage_return_is_refused() -> None:
    with pytest.raises(ValidationError, match="carriage return"):
        claim(note="one\rtwo")


def test_the_order_of_columns_does_not_matter(tmp_path: Path) -> None:
    one = claim(value_low="3", value_high="3", reading="exact", note="a, b")
    header = ",".join(reversed(COLUMNS))
    cells = ",".join(f'"{getattr(one, column)}"' for column in reversed(COLUMNS))
    (tmp_path / "c.csv").write_text(f"{header}\n{cells}\n", encoding="utf-8-sig")
    assert load_claims(tmp_path / "c.csv") == {"x": one}


# ---- dates

PARTIAL = {
    "2011": ("2011-01-01", "2011-12-31"),
    "2012-02": ("2012-02-01", "2012-02-29"),
    "2011-02": ("2011-02-01", "2011-02-28"),
    "2011-12": ("2011-12-01", "2011-12-31"),
    "2011-12-16": ("2011-12-16", "2011-12-16"),
}


@pytest.mark.parametrize("text", PARTIAL)
def test_a_date_means_all_its_days(text: str) -> None:
    assert (str(first_day(text)), str(last_day(text))) == PARTIAL[text]
    whole = claim(date_from=text, date_to=text)
    assert tuple(map(str, whole.dates)) == PARTIAL[text]
    assert format_span(whole.dates) == text


@pytest.mark.parametrize(
    "text", ["11-02", "2011-2", "2011-13", "2011-02-30", "0000", "2011-02-", "16.12.2011", "today"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a date|is not a calendar date"):
        first_day(text)


def test_an_open_side_reaches_for_ever() -> None:
    fifth = (first_day("2030-03-05"), last_day("2030-03-05"))
    assert (first_day(""), last_day("")) == (None, None)
    assert overlap((None, None), fifth)
    assert overlap((None, last_day("2030-03-05")), fifth)
    assert not overlap((None, last_day("2030-03-04")), fifth)
    assert not overlap((first_day("2030-03-06"), None), fifth)


def test_a_figure_holds_on_the_last_day_it_is_given_for() -> None:
    assert claim(as_of="2030-03", date_to="2030-01").held_on == dt.date(2030, 3, 31)
    assert claim(date_to="2030-02").held_on == dt.date(2030, 2, 28)
    assert claim(date_from="2030-02").held_on is None


# ---- choosing


def chosen(**wanted: str) -> set[str]:
    return set(ledger_of("template").select(**wanted).claims)


def test_select_by_source_category_and_subject() -> None:
    assert chosen() == set(ledger_of("template").claims)
    assert len(chosen(source="arv-ministry")) == 5
    assert chosen(category="prices") == {"obs-price"}
    assert chosen(subject="internet-shutdown") == {"obs-shutdown", "min-shutdown"}
    assert chosen(subject="internet-shutdown", source="arv-ministry") == {"min-shutdown"}


def test_select_by_place_takes_what_lies_inside() -> None:
    inside = {"obs-onset-harrow", "obs-deaths-harrow", "obs-cause-price"}
    assert chosen(place="Harrow") == inside
    assert chosen(place="Westmarch") == {*inside, "obs-price", "obs-concession"}
    placed = {c.claim for c in ledger_of("template").claims.values() if c.places}
    assert chosen(place="Arvenia") == placed
    for spelling in ("Harro", "HARROW", "harrow", "Harow"):
        assert chosen(place=ledger_of("template").claim_place_name(spelling)) == inside
    with pytest.raises(QantarError):
        ledger_of("template").claim_place_name("Timbuktu")
    with pytest.raises(QantarError, match="unknown place 'gas-price'"):
        ledger_of("template").claim_place_name("gas-price")


def test_select_takes_a_place_in_any_spelling() -> None:
    assert chosen(place="Harro") == chosen(place="Harrow")


def test_select_by_date_and_by_what_was_known() -> None:
    assert chosen(date="2030-03-04") == {"obs-concession", "obs-shutdown", *counted()}
    assert chosen(date="2030-03-09") == {"min-inquiry", *counted()}
    assert chosen(date="2031") == set()
    assert chosen(as_of="2030-03-19") == set()
    ministry = chosen(source="arv-ministry")
    assert chosen(as_of="2030-03-20") == ministry | counted()
    assert chosen(as_of="2030-04-02") == chosen()
    assert chosen(as_of="2030-04") == chosen()


def counted() -> set[str]:
    """Counts up to a day: about every day before it."""
    return {"obs-deaths", "obs-deaths-arven", "obs-deaths-harrow", "min-deaths"}


def test_without_and_frame() -> None:
    whole = ledger_of("template")
    rest = whole.without("arv-ministry")
    assert {c.source for c in rest.claims.values()} == {"arv-observer"}
    assert list(whole.frame.columns) == list(COLUMNS)
    assert list(whole.frame["claim"]) == list(whole.claims)


# ---- a further source

RADIO = """\
id: arv-radio
source: {title: Radio (invented), kind: press, date: "2030-03-25"}
claims:
  - {claim: rad-deaths, source: arv-radio, locator: minute 3, category: deaths,
     subject: spring-unrest, predicate: deaths, value_low: "7", value_high: "7", reading: exact,
     unit: persons, as_of: "2030-03-24", modality: stated, paraphrase: "INVENTED: seven."}
"""


def test_a_source_is_one_yaml_file(tmp_path: Path) -> None:
    path = tmp_path / "radio.yaml"
    path.write_text(RADIO, encoding="utf-8")
    whole = country_ledger(load_country("template"), [path])
    assert whole.sources["arv-radio"].title == "Radio (invented)"
    assert set(whole.claims) == {*ledger_of("template").claims, "rad-deaths"}
    assert whole.published("arv-radio") == dt.date(2030, 3, 25)
    with pytest.raises(FileError, match="the source is already declared"):
        country_ledger(load_country("template"), [path, path])


def test_a_source_may_keep_its_claims_in_a_table(tmp_path: Path) -> None:
    path = tmp_path / "radio.yaml"
    path.write_text(RADIO.partition("claims:")[0] + "table: radio.csv\n", encoding="utf-8")
    own = claim("rad-1", source="arv-radio")
    (tmp_path / "radio.csv").write_text(write_claims([own]), encoding="utf-8")
    assert country_ledger(load_country("template"), [path]).claims["rad-1"] == own
    (tmp_path / "radio.csv").write_text(write_claims([claim("rad-1")]), encoding="utf-8")
    with pytest.raises(FileError, match="rad-1: belongs to another source") as caught:
        country_ledger(load_country("template"), [path])
    assert "arv-radio" in str(caught.value)


def test_more_claims_of_a_known_source_are_one_csv(tmp_path: Path) -> None:
    path = tmp_path / "more.csv"
    path.write_text(write_claims([claim("obs-more")]), encoding="utf-8")
    assert "obs-more" in country_ledger(load_country("template"), [path]).claims


# ---- names

SPELLINGS = {
    "tokayev": ("Tokayev", "Tokaev", "Токаев", "Тоқаев", "Toqayev", "Kassym-Jomart Tokayev"),
    "nazarbayev": ("Nazarbayev", "Nazarbaev", "Назарбаев", "Nursultan Nazarbayev"),
    "massimov": ("Massimov", "Masimov", "Масимов", "Karim Massimov"),
    "mangystau": ("Mangystau", "Mangistau", "Мангистау", "Маңғыстау", "Mangistau Oblast"),
    "kyzylorda": ("Kyzylorda", "Qyzylorda", "Qyzl Orda", "Кызылорда", "Қызылорда"),
}


@pytest.mark.parametrize("entity", SPELLINGS)
def test_every_spelling_finds_its_entity(entity: str) -> None:
    for spelling in SPELLINGS[entity]:
        found = [e.entity.casefold() for e in ledger_of("kazakhstan").entities.find(spelling)]
        assert set(found) == {entity}, spelling


def test_no_entity_stands_twice_under_two_ids() -> None:
    ids = [e.casefold().replace(" ", "-") for e in ledger_of("kazakhstan").entities.by_id]
    assert len(ids) == len(set(ids))


ROMANISED = [
    ("Tokayev", "Tokaev", "Toqayev", "Токаев", "Тоқаев"),
    ("Nazarbayev", "Nazarbaev", "Назарбаев"),
    ("Massimov", "Masimov", "Масимов", "Mäsimov"),
    ("Mangystau", "Mangistau", "Мангистау", "Mangistau Oblast"),
    ("Kyzylorda", "Qyzylorda", "Кызылорда", "Қызылорда"),
    ("Zhanaozen", "Janaozen", "Жанаозен", "Жаңаөзен"),
    ("Almaty", "Алматы"),
]


@pytest.mark.parametrize("names", ROMANISED, ids=[names[0] for names in ROMANISED])
def test_the_rule_folds_romanisations_to_one_key(names: tuple[str, ...]) -> None:
    assert len({fold(name) for name in names}) == 1, {name: fold(name) for name in names}


def test_persons_with_one_family_name_stay_apart() -> None:
    entities = ledger_of("kazakhstan").entities
    for name, person in {
        "Nazarbayev": "nazarbayev",
        "Dariga Nazarbayeva": "dariga-nazarbayeva",
        "Aliya Nazarbayeva": "aliya-nazarbayeva",
        "Timur Tokayev": "timur-tokayev",
        "Tokayev": "tokayev",
    }.items():
        assert [e.entity for e in entities.find(name)] == [person]
    keys: dict[str, set[str]] = {}
    for entity in entities.by_id.values():
        for spelling in entity.spellings if entity.kind == "person" else ():
            keys.setdefault(fold(spelling.name), set()).add(entity.entity)
    assert not {key: owners for key, owners in keys.items() if len(owners) > 1}


def test_a_near_miss_is_recognised_and_a_far_one_refused() -> None:
    rows = [("ann", "Ann Harrow"), ("bob", "Bob Harrow"), ("knb", "KNB"),
            ("knb", "National Security Committee")]  # fmt: skip
    entities = Entities([Spelling(entity=e, kind="person", name=n) for e, n in rows])
    assert [e.entity for e in entities.find("Anne Harrow")] == ["ann"]
    assert [e.entity for e in entities.find("NATIONAL security committee")] == ["knb"]
    knb = entities.by_id["knb"]
    assert [knb.merged_by(s) for s in knb.spellings] == ["rule", "hand"]
    with pytest.raises(QantarError, match="no entity has a name similar to 'Zzyzx'"):
        entities.find("Zzyzx")


# ---- Kazakhstan


def test_every_claim_of_kazakhstan_can_be_looked_up() -> None:
    whole = ledger_of("kazakhstan")
    assert len(whole.claims) >= 500
    for name, each in whole.claims.items():
        assert each.claim == name
        assert each.locator.strip(), name
        assert each.paraphrase.strip(), name
        assert each.source in whole.sources, name


def test_every_seed_of_kazakhstan_has_claims() -> None:
    whole = ledger_of("kazakhstan")
    seeds = {name for name, source in whole.sources.items() if source.kind == "seed"}
    assert {"seed-000", "seed-001", "seed-002", "seed-003", "seed-004"} <= seeds
    assert seeds <= {each.source for each in whole.claims.values()}


def test_no_claim_is_later_than_its_source_but_those_the_checks_list() -> None:
    whole = ledger_of("kazakhstan")
    listed = {
        name
        for f in find_checks(whole)
        if f.check == "dated after publication"
        for name in f.claims
    }
    for each in whole.claims.values():
        published = whole.published(each.source)
        days = [day for day in (each.dates[0], first_day(each.as_of)) if day]
        to_come = each.category in ("forecast", "recommendation") or each.stage
        if published and days and max(days) > published and not to_come:
            assert each.claim in listed


def test_every_cause_names_mechanisms_of_the_model() -> None:
    for pack in ("kazakhstan", "template"):
        causes = ledger_of(pack).causes
        assert causes
        for name, cause in causes.items():
            assert set(cause.mechanisms) <= set(mechanisms()), name
            assert cause.mechanisms or cause.note, f"{name}: not modelled, and not said why"
