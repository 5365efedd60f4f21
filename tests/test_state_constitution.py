"""Constitutions: rules by date, who may stand, concentration, dual power, and what is refused."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from file_edits import HERE, Break
from qantar.analysis.state.constitution import checks, dual_months, event_months, robust_turns
from qantar.base.errors import FileError, UnknownNameError
from qantar.packs.country import Country, packs_folder
from qantar.packs.loading import load_country
from qantar.packs.state.constitution import Constitution, OfficeRules, load_constitution
from qantar.packs.state.constitution_tables import OfficeOfState, Power
from qantar.packs.state.eligibility import (
    GAP,
    Terms,
    after_years,
    eligibility,
    successor_at,
    vote_due,
    who_may_stand,
)
from qantar.packs.state.power import concentration, dual_power, power_share
from qantar.packs.years import load_years

HEAD = "state/constitution.yaml"
RULES = "state/constitution.csv"
HOLDERS = "state/constitution_holders.csv"

near = pytest.approx


@pytest.fixture(scope="module")
def kazakhstan() -> Country:
    return load_country("kazakhstan")


@pytest.fixture(scope="module")
def constitution(kazakhstan: Country) -> Constitution:
    return loaded(kazakhstan)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    shutil.copytree(packs_folder() / "template", tmp_path / "arvenia")
    return tmp_path / "arvenia"


def loaded(country: Country) -> Constitution:
    found = load_constitution(country)
    assert found is not None
    return found


# ---- the tiny constitution of Arvenia, worked out by hand


def test_rules_hold_until_an_amendment_sets_them_again() -> None:
    arvenia = loaded(load_country("template"))
    before, after = arvenia.rules_at("2023-08-31"), arvenia.rules_at("2023-09")
    assert before.offices["president"].term == 5
    assert after.offices["president"].term == 7
    assert after.offices["president"].limit == 2
    assert before.powers["laws"] == {"president": 0.2, "assembly": 0.8}
    assert after.powers["laws"] == {"president": 0.5, "assembly": 0.5}
    assert arvenia.rules_at("2019-12-31").offices == {}
    assert event_months(arvenia) == ["2020-01", "2023-09"]


def test_concentration_is_a_herfindahl_index_over_persons() -> None:
    """President .45, premier .15, and sixty members of the assembly who share .4; then .6, .15."""
    arvenia = loaded(load_country("template"))
    assert concentration(arvenia, "2022-07-01") == near(0.45**2 + 0.15**2 + 0.4**2 / 60)
    assert concentration(arvenia, "2024-01-01") == near(0.6**2 + 0.15**2 + 0.25**2 / 60)
    assert power_share(arvenia, "president-one", "2024-01-01") == near(0.6)
    assert concentration(arvenia, "2019-01-01") == 0
    assert dual_power(arvenia, "2024-01-01") == (0, ()), "the president names the premier"


def test_when_the_next_vote_is_due() -> None:
    """The sitting president's term is that of the day on which it began."""
    arvenia = loaded(load_country("template"))
    assert vote_due(arvenia, "president", "2025-01-01") == dt.date(2027, 6, 20)
    assert vote_due(arvenia, "premier", "2025-01-01") is None
    assert successor_at(arvenia, "president", "2025-01-01") == ""


def test_unknown_names() -> None:
    arvenia = loaded(load_country("template"))
    with pytest.raises(UnknownNameError, match="did you mean 'premier'"):
        arvenia.holder_at("premir", "2024-01-01")
    with pytest.raises(UnknownNameError, match="no person"):
        who_may_stand(arvenia, "president", "somebody", "2024-01-01")
    with pytest.raises(UnknownNameError, match="no office"):
        who_may_stand(arvenia, "president", "president-one", "2019-01-01")
    with pytest.raises(UnknownNameError, match="no office"):
        arvenia.without({"premir": "president"})


def test_a_pack_without_a_constitution(template: Path) -> None:
    shutil.rmtree(template / "state")
    assert load_constitution(load_country(str(template))) is None


# ---- who may stand: by hand, then by properties

TWO_TERMS = OfficeRules(term=5, limit=2)
BEGUN = dt.date(2000, 1, 1)


def terms(*years: int) -> Terms:
    """Return terms of five years that begin on 1 January of these years."""
    return tuple((dt.date(y, 1, 1), dt.date(y + 5, 1, 1)) for y in years)


def test_a_limit_in_a_row_makes_one_wait_for_a_term() -> None:
    again = eligibility(TWO_TERMS, terms(2000, 2005), dt.date(2009, 12, 1))
    assert not again.may_stand
    assert again.earliest == dt.date(2015, 1, 1)
    assert "2 of 2 terms in a row" in again.reasons[0]
    assert eligibility(TWO_TERMS, terms(2000, 2005), dt.date(2015, 1, 1)).may_stand
    assert eligibility(TWO_TERMS, terms(2000), dt.date(2004, 12, 1)).may_stand
    assert eligibility(TWO_TERMS, terms(2000, 2010), dt.date(2014, 12, 1)).may_stand


def test_a_limit_for_life_never_ends() -> None:
    single = OfficeRules(term=7, limit=1, counts="life")
    assert eligibility(single, (), BEGUN).may_stand
    never = eligibility(single, terms(1980), BEGUN)
    assert (never.may_stand, never.earliest) == (False, None)


def test_terms_before_a_day_do_not_count_and_a_status_exempts() -> None:
    since = OfficeRules(term=5, limit=2, counts_from=dt.date(2004, 1, 1))
    assert eligibility(since, terms(2000, 2005), dt.date(2009, 12, 1)).may_stand
    spared = OfficeRules(term=5, limit=2, exempt="founder")
    asked = (spared, terms(2000, 2005), dt.date(2009, 12, 1))
    assert not eligibility(*asked).may_stand
    founder = eligibility(*asked, status=("founder",))
    assert founder.may_stand
    assert "founder is exempt" in founder.reasons[0]


def test_ages() -> None:
    aged = OfficeRules(term=5, least_age=40, most_age=65)
    born = dt.date(1960, 7, 6)
    assert eligibility(aged, (), BEGUN, born).earliest == dt.date(2000, 7, 6)
    old = eligibility(aged, (), dt.date(2026, 7, 6), born)
    assert (old.may_stand, old.earliest, old.latest) == (False, None, dt.date(2026, 7, 5))
    assert "older than 65" in old.reasons[0]
    waits = OfficeRules(term=5, limit=2, most_age=65)
    late = eligibility(waits, terms(2012, 2017), dt.date(2021, 12, 1), born)
    assert late.earliest is None, "he may not stand before 2027, when he is too old"
    assert len(late.reasons) == 2
    leap = after_years(dt.date(2000, 2, 29), 1)
    assert leap == dt.date(2001, 2, 28)


days = st.dates(dt.date(1950, 1, 1), dt.date(2090, 12, 31))
rule_books = st.builds(
    OfficeRules,
    term=st.sampled_from([1, 2, 4, 5, 6, 7]),
    limit=st.integers(0, 4),
    counts=st.sampled_from(["row", "life"]),
    least_age=st.integers(18, 45),
    most_age=st.sampled_from([0, 50, 65, 80]),
    exempt=st.sampled_from(["", "founder"]),
)


@st.composite
def careers(draw: st.DrawFn) -> Terms:
    """Return terms one after the other, some with a gap."""
    begins, found = draw(st.dates(dt.date(1960, 1, 1), dt.date(1990, 1, 1))), []
    for _ in range(draw(st.integers(0, 5))):
        ends = after_years(begins, draw(st.integers(1, 7)))
        found.append((begins, ends))
        begins = ends + dt.timedelta(draw(st.sampled_from([0, 1, 200, GAP, 3000])))
    return tuple(found)


@settings(deadline=None, max_examples=150)
@given(rules=rule_books, held=careers(), date=days, born=days)
def test_on_the_earliest_day_the_same_rules_let_one_stand(
    rules: OfficeRules, held: Terms, date: dt.date, born: dt.date
) -> None:
    held = tuple(each for each in held if each[1] is not None and each[1] <= date)
    found = eligibility(rules, held, date, born)
    assert found.may_stand == (found.earliest == date)
    assert found.reasons
    if found.earliest is None:
        return
    assert found.earliest >= date
    assert eligibility(rules, held, found.earliest, born).may_stand
    if found.earliest > date:
        day_before = found.earliest - dt.timedelta(1)
        assert not eligibility(rules, held, day_before, born).may_stand


@settings(deadline=None, max_examples=150)
@given(rules=rule_books, held=careers(), date=days, born=days)
def test_stricter_rules_never_let_more_people_stand(
    rules: OfficeRules, held: Terms, date: dt.date, born: dt.date
) -> None:
    found = eligibility(rules, held, date, born)
    free = eligibility(OfficeRules(term=rules.term), held, date, born)
    assert free.may_stand == (date >= born)
    assert eligibility(replace(rules, limit=0), held, date, born).may_stand or not found.may_stand
    spared = eligibility(replace(rules, exempt="founder"), held, date, born, ("founder",))
    assert spared.may_stand or not found.may_stand
    if rules.limit:
        life = eligibility(replace(rules, counts="life"), held, date, born)
        assert found.may_stand or rules.counts == "life" or not life.may_stand
    if rules.most_age and found.latest and date > found.latest:
        assert not found.may_stand
    if date < after_years(born, rules.least_age):
        assert not found.may_stand


@settings(deadline=None, max_examples=60)
@given(
    shares=st.lists(st.floats(0.05, 1), min_size=2, max_size=4),
    seats=st.integers(1, 400),
)
def test_concentration_of_an_invented_constitution(shares: list[float], seats: int) -> None:
    """Offices of one person and a body: the index is the sum of squares, within its bounds."""
    arvenia = loaded(load_country("template"))
    total = sum(shares)
    offices = {f"office-{k}": OfficeOfState(label="An office") for k in range(len(shares) - 1)}
    offices["body"] = OfficeOfState(label="A body", body=True)
    rows = []
    for name, share in zip(offices, shares, strict=True):
        for rule, value in (
            ("filled_by", "voters"),
            ("seats", str(seats if name == "body" else 1)),
            ("power.all", repr(share / total)),
        ):
            changes = {"amendment": "founding", "office": name, "rule": rule, "value": value}
            rows.append(arvenia.rows[0].model_copy(update=changes))
    powers = {"all": Power(label="All", definition="everything")}
    header = arvenia.header.model_copy(update={"offices": offices, "powers": powers})
    invented = Constitution(header, tuple(rows), ())
    found = concentration(invented, "2021-01-01")
    parts = [share / total for share in shares]
    assert found == near(sum(p * p for p in parts[:-1]) + parts[-1] ** 2 / seats)
    assert 0 < found <= 1
    joined = invented.without({"office-0": "body"}) if len(shares) == 2 else None
    if joined is not None:
        assert concentration(joined, "2021-01-01") == near(1 / seats)


# ---- Kazakhstan


def test_powers_sum_to_one_on_every_day_of_change(constitution: Constitution) -> None:
    for day in constitution.changes:
        for power, shares in constitution.rules_at(day).powers.items():
            assert sum(shares.values()) == near(1), f"{power} on {day}"


def test_every_post_has_at_most_one_holder_who_exists(constitution: Constitution) -> None:
    for office in constitution.header.offices:
        rows = sorted(
            (row.begins, row.ends) for row in constitution.holders if row.office == office
        )
        for (_, ends), (begins, _) in pairwise(rows):
            assert ends is not None
            assert ends <= begins
    assert {row.person for row in constitution.holders} <= set(constitution.header.persons)


def test_dated_rules_of_the_president(constitution: Constitution) -> None:
    def president(date: str) -> OfficeRules:
        return constitution.rules_at(date).offices["president"]

    assert [president(f"{y}-12-31").term for y in (1995, 1998, 2007, 2021, 2022)] == [5, 7, 5, 5, 7]
    assert [president(d).most_age for d in ("1998-10-06", "1998-10-07")] == [65, 0]
    assert [president(d).named for d in ("2022-06-04", "2022-06-05")] == [15, 10]
    assert (president("2022-09-16").limit, president("2022-09-16").counts) == (2, "row")
    assert (president("2022-09-17").limit, president("2022-09-17").counts) == (1, "life")


def test_who_held_what(constitution: Constitution) -> None:
    chair = "security-council-chair"
    holders = {d: constitution.holder_at(chair, d) for d in ("2010-01-01", "2020-01-01")}
    assert set(holders.values()) == {"nazarbayev"}
    assert constitution.holder_at(chair, "2022-01-05") == "tokayev"
    assert constitution.holder_at("first-president", "2022-06-05") == ""
    assert successor_at(constitution, "president", "2019-03-19") == "tokayev"
    assert vote_due(constitution, "president", "2023-01-01") == dt.date(2029, 11, 26)


def test_the_exemption_of_the_first_president_is_a_rule(constitution: Constitution) -> None:
    asked = ("president", "nazarbayev", "2011-04-03")
    assert who_may_stand(constitution, *asked).may_stand
    kept = constitution.without(rules=("exempt",))
    barred = who_may_stand(kept, *asked)
    assert (barred.may_stand, barred.earliest) == (False, dt.date(2016, 4, 3))
    assert not who_may_stand(constitution, "president", "tokayev", "2029-11-01").may_stand


def test_dual_power_is_found_in_the_months_of_the_opening(
    kazakhstan: Country, constitution: Constitution
) -> None:
    months = dual_months(constitution, "1991-01")
    assert (months[0], months[-1], len(months)) == ("2019-03", "2022-01", 35)
    assert dual_power(constitution, "2020-01-01")[1] == ("nazarbayev", "tokayev")
    never = constitution.without(
        {"first-president": "president", "security-council-chair": "president"}
    )
    assert dual_months(never, "1991-01") == []
    assert concentration(never, "2020-01-01") > concentration(constitution, "2020-01-01")
    verdicts = {each.fact: each.verdict for each in checks(constitution, load_years(kazakhstan))}
    assert verdicts["two independent persons hold the same powers"] == "hit"


def test_which_turns_do_not_hang_on_how_powers_are_weighed(constitution: Constitution) -> None:
    raised = robust_turns(constitution, draws=20)
    assert raised["constitution-1995"] == 1, "against the text of 1993, not the months of decrees"
    assert raised["decree-1995"] == 1
    assert raised["handover-2019"] == 0
    assert raised["council-2022"] == 1
    assert raised["amendment-2022-september"] == 0


def test_cited_claims_exist_in_the_ledger(kazakhstan: Country, constitution: Constitution) -> None:
    ids: set[str] = set()
    for path in (kazakhstan.folder / "evidence" / "claims").glob("*.csv"):
        with path.open(encoding="utf-8") as file:
            ids |= {row["claim"] for row in csv.DictReader(file)}
    header = constitution.header
    cited = {
        claim
        for row in (
            *constitution.rows,
            *constitution.holders,
            *header.persons.values(),
            *header.amendments.values(),
        )
        for claim in row.claim_ids
    }
    cited |= {c for each in checks(constitution, load_years(kazakhstan)) for c in each.claims}
    assert len(cited) > 60
    assert cited <= ids


def test_what_rests_on_memory_says_so(constitution: Constitution) -> None:
    for row in (*constitution.rows, *constitution.holders):
        if row.reference == "qantar-assumption":
            assert row.grade == "assumed"
            assert row.note


# ---- what is refused

BREAKS = {
    "office nobody may fill": Break(
        RULES,
        "founding,premier,filled_by,president,,reported,arv-observer,p3,,\n",
        "",
        "founding,premier,power.command",
        ("nobody may fill the office 'premier'", "filled_by", "voters"),
    ),
    "office filled by one that is gone": Break(
        RULES,
        "longer-terms,president,term,7",
        "longer-terms,assembly,abolished,1,,reported,arv-observer,p3,,\n"
        "longer-terms,premier,filled_by,assembly,,reported,arv-observer,p3,,\n"
        "longer-terms,president,term,7",
        "longer-terms,premier,filled_by,assembly",
        ("nobody may fill the office 'assembly'", "an office in being"),
    ),
    "nobody is of a fitting age": Break(
        RULES,
        "founding,president,least_age,40,,assumed,arv-assumption,,,years\n",
        "founding,president,least_age,40,,assumed,arv-assumption,,,years\n"
        "founding,president,most_age,30,,assumed,arv-assumption,,,years\n",
        "founding,president,most_age",
        ("nobody may fill", "'40 to 30'", "0 for no bar"),
    ),
    "circular appointment": Break(
        RULES,
        "founding,president,filled_by,voters",
        "founding,president,filled_by,premier",
        "founding,premier,filled_by",
        ("circular appointment", "president <- premier <- president", "voters"),
    ),
    "an office that fills itself": Break(
        RULES,
        "founding,premier,filled_by,president",
        "founding,premier,held_with,premier",
        HERE,
        ("circular appointment", "premier <- premier"),
    ),
    "unknown office": Break(
        RULES,
        "founding,premier,filled_by",
        "founding,premir,filled_by",
        HERE,
        ("unknown office", "did you mean 'premier'", "constitution.yaml"),
    ),
    "filled by an unknown office": Break(
        RULES,
        "founding,premier,filled_by,president",
        "founding,premier,filled_by,presidnt",
        HERE,
        ("unknown office", "did you mean 'president'"),
    ),
    "unknown rule": Break(
        RULES,
        "founding,president,limit,2",
        "founding,president,limits,2",
        HERE,
        ("unknown rule", "did you mean 'limit'", "write-a-constitution"),
    ),
    "unknown power": Break(
        RULES,
        "founding,premier,power.command",
        "founding,premier,power.commands",
        HERE,
        ("unknown power", "did you mean 'command'"),
    ),
    "unknown amendment": Break(
        RULES,
        "longer-terms,president,term",
        "longer-term,president,term",
        HERE,
        ("unknown amendment", "did you mean 'longer-terms'"),
    ),
    "overlapping rules on one day": Break(
        RULES,
        "founding,president,limit,2,,reported,arv-observer,p3,,terms in a row\n",
        "founding,president,limit,2,,reported,arv-observer,p3,,\n"
        "founding,president,limit,3,,reported,arv-observer,p3,,\n",
        "founding,president,limit,3",
        ("rules overlap", "one value at a time", "line 4"),
    ),
    "a rule that lasts into the next": Break(
        RULES,
        "founding,president,term,5,,",
        "founding,president,term,5,2024-01,",
        "longer-terms,president,term",
        ("rules overlap", "correct `until`"),
    ),
    "a rule that ends before it begins": Break(
        RULES,
        "longer-terms,president,term,7,,",
        "longer-terms,president,term,7,2023-01,",
        HERE,
        ("ends before it begins", "exchange"),
    ),
    "shares that do not sum to 1": Break(
        RULES,
        "longer-terms,assembly,power.laws,0.5",
        "longer-terms,assembly,power.laws,0.6",
        HERE,
        ("'laws' do not sum to 1", "1.1", "same amendment"),
    ),
    "a share above 1": Break(
        RULES, "president,power.laws,0.2", "president,power.laws,1.2", HERE, ("0 to 1", "1.2")
    ),
    "a term of no length": Break(
        RULES, "founding,president,term,5", "founding,president,term,0", HERE, ("above 0",)
    ),
    "a number in words": Break(
        RULES, "founding,president,term,5", "founding,president,term,five", HERE, ("a number",)
    ),
    "unknown reference": Break(
        RULES,
        "founding,president,term,5,,reported,arv-observer",
        "founding,president,term,5,,reported,arv-obsever",
        HERE,
        ("unknown reference", "did you mean 'arv-observer'"),
    ),
    "a term that ends before it begins": Break(
        HOLDERS,
        "2022-06-20,,elected",
        "2022-06-20,2021-06-20,elected",
        HERE,
        ("a term ends before it begins", "exchange"),
    ),
    "two holders at a time": Break(
        HOLDERS,
        "office\n",
        "office\npresident,president-one,2023-01-01,,elected,reported,arv-observer,p1,,\n",
        "president,president-one,2023",
        ("two holders at a time", "no end given"),
    ),
    "held before it exists": Break(
        HOLDERS, "2022-06-20,,elected", "2012-06-20,,elected", HERE, ("before it exists",)
    ),
    "unknown person": Break(
        HOLDERS,
        "president,president-one",
        "president,president-two",
        HERE,
        ("unknown person", "did you mean 'president-one'"),
    ),
    "unknown office of a holder": Break(
        HOLDERS,
        "president,president-one",
        "presidant,president-one",
        HERE,
        ("unknown office", "did you mean 'president'"),
    ),
    "amendment after the record": Break(
        HEAD,
        "date: 2023-09",
        "date: 2031-09",
        "  longer-terms:",
        ("later than the record", "recorded_until"),
    ),
    "unknown heir": Break(
        HEAD,
        'premier: {label: "Premier"}',
        'premier: {label: "Premier", heir: presidnt}',
        HERE,
        ("unknown office", "did you mean 'president'"),
    ),
    "no powers": Break(
        HEAD,
        "form: constitution\n    occasion: start",
        "form: charter\n    occasion: start",
        "    form: charter",
        ("form",),
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_one_thing_wrong_is_refused(template: Path, name: str) -> None:
    edit = BREAKS[name]
    path, line = edit.make(template)
    with pytest.raises(FileError) as caught:
        load_constitution(load_country(str(template)))
    assert caught.value.path == path
    assert caught.value.line == line
    message = caught.value.message()
    for text in edit.says:
        assert text in message


def test_a_file_that_is_missing(template: Path) -> None:
    (template / HOLDERS).unlink()
    with pytest.raises(FileError, match="stands without constitution_holders"):
        load_constitution(load_country(str(template)))
