"""Strikes, channels, honours, statements, polls and composition: packs, faults, computation."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from file_edits import HERE, Break
from qantar.analysis.state import (
    beliefs,
    beliefs_checks,
    composition,
    polls_checks,
    society,
    society_checks,
)
from qantar.analysis.state.checks import Check
from qantar.base.errors import FileError
from qantar.packs.country import Country
from qantar.packs.evidence import country_ledger
from qantar.packs.loading import load_country
from qantar.packs.state.composition import Composition, Pressure, load_composition
from qantar.packs.state.honours import Honour, Honours, load_honours
from qantar.packs.state.narratives import load_narratives
from qantar.packs.state.order import check_once
from qantar.packs.state.polls import Answer, Question, load_polls
from qantar.packs.state.rows import Sourced
from qantar.packs.state.society import load_society
from qantar.packs.years import load_years

LABOUR, SOCIETY, CHANNELS = "state/labour.csv", "state/society.csv", "state/channels.csv"
HONOURS, NARRATIVES, POLLS = "state/honours.csv", "state/narratives.csv", "state/polls.csv"
SHARES, PRESSURE = "state/regional_shares.csv", "state/pressure.csv"

LOADERS: tuple[Callable[[Country], object], ...] = (
    load_society,
    load_honours,
    load_narratives,
    load_polls,
    load_composition,
)

BREAKS = {
    "strike ends before it begins": Break(
        LABOUR, "2027-03-20", "2027-02-20", HERE, ("`to` lies before `from`", "exchange")
    ),
    "strike in an unknown place": Break(
        LABOUR, ",Harrow,", ",Harow,", HERE, ("unknown place", "did you mean 'Harrow'", "regions")
    ),
    "unknown outcome": Break(
        LABOUR, "conceded to some", "conceeded", HERE, ("outcome", "conceeded", "conceded")
    ),
    "conceded to nobody": Break(
        LABOUR, "crane drivers only", "", "dockers-2027", ("not who", "`conceded_to`", "fill")
    ),
    "value without unit": Break(SOCIETY, ",3,ratio,", ",3,,", HERE, ("without a unit", "fill")),
    "share of a fact above 100": Break(
        SOCIETY, ",3,ratio,", ",103,percent,", HERE, ("is no share", "0 to 100", "right unit")
    ),
    "channel of an unknown region": Break(
        CHANNELS, "turnout,observer,Westmarch", "turnout,observer,Harrow", HERE, ("regions.csv",)
    ),
    "unknown channel": Break(
        CHANNELS, "turnout,observer", "turnouts,observer", HERE, ("turnouts", "turnout")
    ),
    "honour ended before it was granted": Break(
        HONOURS,
        "2030-03-06,false,crowd",
        "2023-03-06,false,crowd",
        HERE,
        ("`until` lies before `from`", "2024-05-01", "after it is granted"),
    ),
    "honour seen before it was granted": Break(
        HONOURS, ",2029,2030-03-06", ",2023,2030-03-06", HERE, ("`seen` lies before", "correct")
    ),
    "honour ended by nobody": Break(
        HONOURS, "false,crowd", "false,", HERE, ("end without a cause", "say who ended it")
    ),
    "unknown office": Break(
        NARRATIVES,
        ",President,",
        ",Presidnt,",
        HERE,
        ("unknown office", "did you mean 'President'"),
    ),
    "office without a holder": Break(
        NARRATIVES,
        "2030-03-06,President,,200,persons,2030-03-09",
        "2019-03-06,President,,200,persons,2030-03-09",
        HERE,
        ("nobody held the office", "2019-03-06", "offices.csv"),
    ),
    "walked back before it was issued": Break(
        NARRATIVES,
        "persons,2030-03-09",
        "persons,2030-03-05",
        HERE,
        (
            "`walked_back` lies before `issued`",
            "on or after 2030-03-06",
            "leave it empty",
        ),
    ),
    "nobody said it": Break(
        NARRATIVES,
        "Ministry of the Interior",
        "",
        "steered-again",
        ("names nobody", "either `office`"),
    ),
    "number without unit": Break(
        NARRATIVES, ",200,persons,", ",200,,", HERE, ("number without a unit", "what was counted")
    ),
    "statement twice": Break(
        NARRATIVES,
        "steered-again,",
        "steered,",
        "the disorders were steered",
        ("appears twice", "one row each", "keep one"),
    ),
    "share above 100": Break(
        POLLS, ",75,150,200,", ",175,150,200,", HERE, ("share", "175", "0 to 100 percent", "unit")
    ),
    "count does not give share": Break(
        POLLS, ",20,40,200,", ",20,44,200,", HERE, ("does not give", "22.0 percent", "correct")
    ),
    "count above sample": Break(
        POLLS, ",20,40,200,", ",100,240,200,", HERE, ("does not give the share", "correct one")
    ),
    "single answers above 100": Break(
        POLLS, ",75,150,200,", ",85,170,200,", HERE, ("more than all", "105.0", "`multiple`")
    ),
    "samples differ": Break(
        POLLS,
        ",75,150,200,",
        ",75,75,100,",
        HERE,
        ("differs from another", "as on line 2", "group"),
    ),
    "bounds turned round": Break(
        SHARES, ",20,30,", ",30,20,", HERE, ("lower bound is above", "exchange the two")
    ),
    "regional share above 100": Break(
        SHARES, ",20,30,", ",20,130,", HERE, ("high", "0 to 100 percent", "right unit")
    ),
    "share of an unknown region": Break(
        SHARES, "Eastvale", "Eastvail", HERE, ("unknown place or region", "did you mean 'Eastvale'")
    ),
    "pressure ends before it begins": Break(
        PRESSURE, "2029-10,2029-10", "2029-10,2029-09", HERE, ("`to` lies before `from`",)
    ),
    "unknown reference": Break(
        PRESSURE, "arv-observer", "arv-obsrver", HERE, ("unknown reference", "sources.yaml")
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_refused(pack: Path, name: str) -> None:
    path, line = BREAKS[name].make(pack)
    country = load_country(pack)
    with pytest.raises(FileError) as caught:
        _load_all(country)
    assert (caught.value.path, caught.value.line) == (path, line)
    for text in BREAKS[name].says:
        assert text in str(caught.value)
    assert caught.value.line is not None


def _load_all(country: Country) -> list[object]:
    return [load(country) for load in LOADERS]


def test_a_pack_without_the_files_has_none(pack: Path) -> None:
    for file in (LABOUR, SOCIETY, CHANNELS, HONOURS, NARRATIVES, POLLS, SHARES, PRESSURE):
        (pack / file).unlink()
    country = load_country(pack)
    assert _load_all(country) == [None] * len(LOADERS)
    assert _checks(country) == []


def test_one_table_alone_is_read(pack: Path) -> None:
    (pack / LABOUR).unlink()
    (pack / SHARES).unlink()
    country = load_country(pack)
    people, bounds = load_society(country), load_composition(country)
    assert people is not None
    assert people.strikes == ()
    assert len(people.facts) == 2
    assert bounds is not None
    assert bounds.shares == ()
    assert len(bounds.pressure) == 1


def _rows(country: Country) -> list[Sourced]:
    people, bounds = load_society(country), load_composition(country)
    honours, said, polls = load_honours(country), load_narratives(country), load_polls(country)
    assert people
    assert bounds
    assert honours
    assert said
    assert polls
    tables = (people.strikes, people.facts, people.channels, bounds.shares, bounds.pressure)
    return [row for table in (*tables, honours.rows, said.rows, polls.rows) for row in table]


@pytest.mark.parametrize("name", ["kazakhstan", "template"])
def test_every_claim_is_in_the_ledger(name: str) -> None:
    country = load_country(name)
    claims = country_ledger(country).claims
    rows = _rows(country)
    assert {claim for row in rows for claim in row.claim_ids} <= set(claims)
    cited = {c for check in _checks(country) for c in check.claims}
    assert cited <= set(claims)


def test_what_no_source_tells_is_assumed() -> None:
    """A row without a claim rests on memory, or on a report that the ledger does not hold."""
    for row in _rows(load_country("kazakhstan")):
        if not row.claim_ids and row.reference == "qantar-assumption":
            assert row.grade == "assumed"
            assert "recalled" in row.note
        if row.grade == "reported" and row.reference.startswith("seed"):
            assert row.claim_ids
            assert row.locator


def _checks(country: Country) -> list[Check]:
    modules = (beliefs_checks, polls_checks, society_checks)
    return [check for module in modules for check in module.checks(country)]


# ---- the pack of Kazakhstan against the ledger


def test_polls_are_the_table_of_the_ledger() -> None:
    country = load_country("kazakhstan")
    polls = load_polls(country)
    assert polls is not None
    with (country.folder / "evidence/tables/survey.csv").open(encoding="utf-8") as file:
        cells = {
            (r["subject"], r["predicate"], r["item"]): r["printed"] for r in csv.DictReader(file)
        }
    rows = [row for row in polls.rows if row.poll == "thesis"]
    assert len(rows) == 36
    for row in rows:
        assert float(cells[f"survey-{row.question}", "share", row.answer]) == row.share
        assert float(cells[f"survey-{row.question}", "count", row.answer]) == row.count


def test_the_years_hold_table_1() -> None:
    country = load_country("kazakhstan")
    table = composition.census_shares(country_ledger(country).tables["composition"])
    years = load_years(country)
    for series, group in (("kazakh_share", "Kazakhs"), ("russian_share", "Russians")):
        for year, share in table[group].items():
            assert years.series(series)["Kazakhstan", str(year)].value == pytest.approx(share)


def test_verdicts() -> None:
    found = {check.fact: check for check in _checks(load_country("kazakhstan"))}
    strike = found["Oil workers of OzenMunaiGas walk out: length"]
    assert strike.verdict == "hit"
    assert strike.found.startswith("204 days")
    assert found["thesis q2: Terrorists used the situation for a coup"].stated.startswith("39.5")
    assert found["Kazakhs in 1989"].found == "39.69"
    assert found["Kazakhs in 2009, from the censuses before and after"].verdict == "miss"
    assert found["Russians in 2009, from the censuses before and after"].verdict == "hit"
    assert found["The majority follows propaganda, says the title of the report"].verdict == "miss"
    assert found["The renaming of the capital is the high point of the cult"].verdict == "hit"
    days = {f"Statements of 2022-01-{day}" for day in ("07", "08", "10", "11")}
    assert days <= found.keys()
    assert all(found[day].verdict == "input" for day in days)
    north = found["Russians are 33 to 50 percent of 6 regions"]
    assert north.verdict == "hit"


def test_the_two_reporters_contradict_each_other() -> None:
    country = load_country("kazakhstan")
    people = load_society(country)
    assert people is not None
    index = society.channel_index(people, country)
    west = {"Aktobe", "Atyrau", "Mangystau", "West Kazakhstan"}
    assert {region for region, value in index.items() if value == min(index.values())} == west
    orders = {r: society.protest_order(people, country, r) for r in ("seed-000", "KIBHR")}
    tops = {r: {x for x, value in order.items() if value > 0} for r, order in orders.items()}
    assert tops["seed-000"] == west
    assert tops["KIBHR"] == {"East Kazakhstan", "Almaty (city)", "Nur-Sultan"}
    assert society.concordance(index, orders["seed-000"]).gamma == -1
    assert society.concordance(index, orders["KIBHR"]).gamma > 0


def test_channels_by_year() -> None:
    country = load_country("kazakhstan")
    people = load_society(country)
    assert people is not None
    rows = society.channel_table(people, country, load_years(country))
    assert {row.year for row in rows} == set(range(1991, 2022))
    assert len(rows) == 31 * len(country.regions)
    assert {row.regional for row in rows if row.region == "Atyrau"} == {-4}
    assert all(0 <= row.country <= 1 for row in rows)


# ---- computation, by hand


def honour(name: str, begins: str = "", ends: str = "", **more: object) -> Honour:
    cells: dict[str, object] = {
        "honour": name, "kind": "statue", "label": name, "person": "X", "from": begins,
        "seen": begins or "2000", "until": ends, "ended_by": "crowd" if ends else "",
        "grade": "assumed", "reference": "none",
    }  # fmt: skip
    return Honour.model_validate(cells | more)


def test_cult_index() -> None:
    rows = (
        honour("a", "2000", "2005-06-01"),
        honour("b", "2004-03", from_recalled=True),
        honour("c", "2010", or_from="2012", from_recalled=True),
        honour("d"),
    )
    honours = Honours(rows)
    assert beliefs.cult_index(honours, "1999") == 0
    assert beliefs.cult_index(honours, "2004") == pytest.approx(2 / 3)
    assert beliefs.cult_index(honours, "2005-05-31") == pytest.approx(2 / 3)
    assert beliefs.cult_index(honours, "2005-06-01") == pytest.approx(1 / 3)
    assert beliefs.cult_index(honours, "2010") == pytest.approx(2 / 3)
    assert beliefs.cult_index(honours, "2011", recalled=False) == 0
    assert beliefs.cult_index(honours, "2012", recalled=False) == pytest.approx(1 / 2)
    assert beliefs.peak(honours, 2000, 2003) == (2000, 2001, 2002, 2003)
    assert math.isnan(beliefs.cult_index(Honours(()), "2000"))


@given(st.lists(st.tuples(st.integers(1991, 2020), st.integers(0, 15)), min_size=1, max_size=8))
def test_an_honour_more_never_lowers_the_number_in_force(spells: list[tuple[int, int]]) -> None:
    """Granting adds, ending takes away: the index moves by the balance of the year."""
    rows = [
        honour(str(k), str(begin), str(begin + length) if length else "")
        for k, (begin, length) in enumerate(spells)
    ]
    honours = Honours(tuple(rows))
    values = [beliefs.cult_index(honours, str(year)) for year in range(1990, 2037)]
    assert all(0 <= value <= 1 for value in values)
    for year, (before, after) in enumerate(pairwise(values), start=1991):
        granted = sum(r.begins == str(year) for r in rows)
        ended = sum(r.ends == str(year) for r in rows)
        assert (after - before) * len(rows) == pytest.approx(granted - ended)


def test_lifelines() -> None:
    said = load_narratives(load_country("kazakhstan"))
    assert said is not None
    life = beliefs.life_of(said, "terrorists", published="2022-01-14")
    assert (life.first, life.last) == (date(2022, 1, 6), date(2022, 1, 14))
    assert (life.largest, life.last_number) == (20000, date(2022, 1, 8))
    assert (life.shortest, life.longest) == (1, 7)
    assert beliefs.life_of(said, "terrorists").longest == 24
    confession = beliefs.life_of(said, "foreign hand")
    assert (confession.shortest, confession.longest) == (1, 1)
    assert beliefs.life_of(said, "coup").longest is None


def answer(share: float, count: int | None, sample: int | None, *, multiple: bool) -> Answer:
    cells = {
        "poll": "p", "question": "q", "answer": str(share), "label": "l", "about": "a",
        "share": share, "count": count, "sample": sample, "multiple": multiple,
        "representative": "no", "grade": "assumed", "reference": "none",
    }  # fmt: skip
    return Answer.model_validate(cells)


def test_belief() -> None:
    found = beliefs.belief(answer(50, 50, 100, multiple=False))
    assert (found.share, found.standard_error) == (0.5, 0.05)
    assert found.low == pytest.approx(0.3983, abs=1e-4)
    assert found.high == pytest.approx(0.6017, abs=1e-4)
    medianet = beliefs.belief(answer(36, None, 1100, multiple=False))
    assert medianet.standard_error == pytest.approx(math.sqrt(0.36 * 0.64 / 1100))
    assert all(math.isnan(x) for x in beliefs.belief(answer(20, None, None, multiple=False))[1:])


def test_two_answers() -> None:
    one, two = answer(36, None, 1100, multiple=False), answer(13, None, 1100, multiple=False)
    apart, error = beliefs.difference(one, two)
    assert apart == pytest.approx(0.23)
    assert error == pytest.approx(math.sqrt((0.49 - 0.23**2) / 1100))
    assert beliefs.either(one, two) == pytest.approx((0.49, 0.49))
    several = answer(60, 6, 10, multiple=True), answer(50, 5, 10, multiple=True)
    assert beliefs.either(*several) == (0.6, 1.0)
    with pytest.raises(ValueError, match="single answers"):
        beliefs.difference(*several)


@given(
    st.lists(st.lists(st.booleans(), min_size=3, max_size=3).filter(any), min_size=1, max_size=30)
)
def test_bounds_of_several_answers_hold(ticks: list[list[bool]]) -> None:
    """Whoever ticked what: the true numbers lie within the bounds that the counts give."""
    sample = len(ticks)
    counts = [sum(row[k] for row in ticks) for k in range(3)]
    rows = tuple(
        answer(round(100 * count / sample, 6), count, sample, multiple=True) for count in counts
    )
    least, most = beliefs.ticked_several(Question("p", "q", "all", rows))
    assert least <= sum(sum(row) > 1 for row in ticks) <= most
    low, high = beliefs.either(rows[0], rows[1])
    assert low - 1e-6 <= sum(row[0] or row[1] for row in ticks) / sample <= high + 1e-6


def test_shares_between_censuses() -> None:
    known = {2000: 0.5, 2010: 0.5, 2020: 0.8}
    assert composition.between(known, 2005) == pytest.approx(0.5)
    assert composition.between(known, 2015) == pytest.approx(2 / 3)  # odds 1 and 4, so 2
    assert composition.between(known, 2020) == pytest.approx(0.8)
    assert composition.left_out(known) == {2010: pytest.approx(2 / 3)}
    with pytest.raises(ValueError, match="does not lie between"):
        composition.between(known, 2021)


@given(st.floats(0.2, 0.9))
def test_regions_give_the_share_of_the_country(share: float) -> None:
    country = KAZAKHSTAN
    found = composition.regions_at(country, share)
    assert composition.country_mean(country, found) == pytest.approx(share, abs=1e-4)
    assert all(0 < value < 1 for value in found.values())


KAZAKHSTAN = load_country("kazakhstan")


def press(kind: str, begins: str, ends: str) -> Pressure:
    cells = {
        "pressure": kind,
        "kind": kind,
        "label": kind,
        "by": "them",
        "from": begins,
        "to": ends,
    }
    return Pressure.model_validate({**cells, "grade": "assumed", "reference": "none"})


def test_pressure() -> None:
    rows = (press("troops", "2022-01-06", "2022-01"), press("statement", "2020", "2020"))
    found = Composition((), rows)
    months = ("2019-12", "2020-01", "2021-12", "2022-01", "2022-02")
    assert [composition.pressure(found, month) for month in months] == [0, 0.5, 0.5, 1, 0]
    lasting = Composition((), (press("war", "2022-02", ""),))
    assert composition.pressure(lasting, "2030-01") == 0.5


def test_tension_is_bounded_and_follows_the_share() -> None:
    bounds = load_composition(KAZAKHSTAN)
    assert bounds is not None
    found = composition.tension(KAZAKHSTAN, bounds, "Russians", "2022-01")
    assert tuple(found["North Kazakhstan"]) == (0.33, 0.5)
    assert found["Atyrau"][0] == 0
    assert found["Atyrau"][1] == pytest.approx(0.07)
    assert found["East Kazakhstan"][1] == pytest.approx(0.38)  # no more than are no Kazakhs
    for both in found.values():
        assert 0 <= both[0] <= both[1] <= 1
    calm = composition.tension(KAZAKHSTAN, bounds, "Russians", "2018-06")
    assert all(not both.any() for both in calm.values())


def test_strikes_and_events() -> None:
    people = load_society(KAZAKHSTAN)
    assert people is not None
    assert [society.strike_days(row) for row in people.strikes] == [204, None, None, None]
    assert math.isnan(society.strike_months(people.strikes[1]))
    assert society.event_months(people)[0] == (2011 * 12 + 4, "strike")
    events = beliefs.event_months(load_honours(KAZAKHSTAN), load_narratives(KAZAKHSTAN))
    assert (2022 * 12 + 8, "ended by decree") in events
    assert (2022 * 12, "ended by crowd") in events
    assert events == sorted(events)


def test_concordance() -> None:
    first = {"a": 0.0, "b": 1.0, "c": 2.0}
    assert society.concordance(first, first) == (1, 3)
    assert society.concordance(first, {"a": 2.0, "b": 1.0, "c": 1.0}) == (-1, 2)
    assert math.isnan(society.concordance(first, dict.fromkeys(first, 0.0)).gamma)


def test_twice_is_named() -> None:
    with pytest.raises(FileError, match="a; b"):
        check_once(Path("x.csv"), 3, ("a", "b"), {("a", "b")}, "the row")


def test_answers_of_the_survey_by_question() -> None:
    """The nine totals, against 124 persons: more than one answer each, in every question."""
    polls = load_polls(KAZAKHSTAN)
    assert polls is not None
    asked = {q.question: q for q in polls.questions if q.poll == "thesis"}
    totals = {name: sum(row.count or 0 for row in q.answers) for name, q in asked.items()}
    assert [totals[f"q{k}"] for k in range(1, 10)] == [147, 136, 130, 139, 135, 135, 152, 132, 137]
    for question in asked.values():
        least, _ = beliefs.ticked_several(question)
        assert least > 0
    found = {check.fact: check for check in polls_checks.checks(KAZAKHSTAN)}
    wrong = [check for fact, check in found.items() if fact.startswith("Share in the text")]
    assert [check.verdict for check in wrong] == ["miss"] * 3
