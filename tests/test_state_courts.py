"""Courts of the packs: they load and agree with the ledger; each wrong thing is refused."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import pytest
from scipy.integrate import quad
from scipy.stats import norm, poisson

from file_edits import HERE, Break
from qantar.analysis.state.checks import Check
from qantar.analysis.state.court_releases import served_months_by_rule
from qantar.analysis.state.courts import beside_vdem, checks, event_months, shares_score
from qantar.analysis.state.dismissal_laws import (
    Spell,
    chance_of_last,
    growth_ratio,
    score_laws,
    spells_of,
    verdict_on,
)
from qantar.base.errors import FileError
from qantar.evidence.claims import load_claims
from qantar.packs.country import Country, packs_folder
from qantar.packs.loading import load_country
from qantar.packs.state.courts import Courts, load_courts
from qantar.packs.years import load_years
from qantar.packs.years_tables import month_number

COUNTS, CASES = "state/court_counts.csv", "state/cases.csv"

PART = "dismissed-2026-2027,dismissed,2026-01,2027-12,12,dismissed-2022-2027"
EDITOR = "tried,yes,2023-02,convicted,2023-06,4,2024-10,pardon"

BREAKS = {
    # ---- counts
    "counts overlap": Break(
        COUNTS,
        PART,
        "dismissed-2026-2027,dismissed,2026-01,2027-12,12,",
        HERE,
        ("counts of kind 'dismissed' overlap", "a beginning after"),
    ),
    "negative count": Break(
        COUNTS, "2027-12,5,,", "2027-12,-5,,", HERE, ("0 or more", "correct the number")
    ),
    "part larger than its whole": Break(
        COUNTS,
        PART,
        PART.replace(",12,dismissed", ",25,dismissed"),
        HERE,
        ("is larger than 'dismissed-2022-2027'", "at most 24", "subset_of"),
    ),
    "part outside its whole": Break(
        COUNTS,
        PART,
        PART.replace("2027-12", "2028-06"),
        HERE,
        ("lies outside 'dismissed-2022-2027'", "2022-01 to 2027-12"),
    ),
    "part of nothing": Break(
        COUNTS,
        PART,
        PART.replace(",dismissed-2022-2027", ",dismissed-2022"),
        HERE,
        ("unknown count", "did you mean 'dismissed-20"),
    ),
    "part of itself": Break(
        COUNTS,
        PART,
        PART.replace(",dismissed-2022-2027", ",dismissed-2026-2027"),
        HERE,
        ("part of a part", "a whole that is no part"),
    ),
    "parts that do not fill their whole": Break(
        COUNTS,
        "dismissed-2022-2027,dismissed,2022-01",
        "dismissed-2022-2027,dismissed,2026-01",
        "dismissed-2026-2027",
        ("do not sum to it", "24"),
    ),
    "spell turned round": Break(
        COUNTS,
        "jailed-2026-2027,jailed,2026-01,2027-12",
        "jailed-2026-2027,jailed,2026-01,2025-12",
        HERE,
        ("ends before it begins",),
    ),
    "count twice": Break(
        COUNTS,
        "jailed-2026-2027",
        "prosecuted-2026-2027",
        "prosecuted-2026-2027,jailed",
        ("twice",),
    ),
    "unknown kind of count": Break(COUNTS, ",jailed,", ",jaled,", HERE, ("did you mean 'jailed'",)),
    "unknown reference of a count": Break(
        COUNTS,
        "2027-12,5,,reported,arv-observer",
        "2027-12,5,,reported,arv-obsever",
        HERE,
        ("unknown reference", "did you mean 'arv-observer'"),
    ),
    # ---- cases
    "sentence before charge": Break(
        CASES,
        EDITOR,
        EDITOR.replace("2023-06", "2022-12"),
        HERE,
        ("has `sentenced` before `charged`", "2023-02 or later", "exchange"),
    ),
    "release before sentence": Break(
        CASES,
        EDITOR,
        EDITOR.replace("2024-10", "2023-05"),
        HERE,
        ("has `released` before `sentenced`", "2023-06 or later"),
    ),
    "released and never sentenced": Break(
        CASES,
        EDITOR,
        EDITOR.replace("2023-06,4", ",4"),
        HERE,
        ("released before it was sentenced", "a moment in `sentenced`"),
    ),
    "sentenced and never charged": Break(
        CASES, EDITOR, EDITOR.replace("2023-02", ""), HERE, ("never charged",)
    ),
    "sentence without a conviction": Break(
        CASES, EDITOR, EDITOR.replace("convicted", "acquitted"), HERE, ("no conviction",)
    ),
    "negative sentence": Break(CASES, EDITOR, EDITOR.replace(",4,", ",-4,"), HERE, ("0 to 100",)),
    "death without a date": Break(
        CASES, ",,,,,,,,2027-04", ",,,,,,,,", "deputy-2027", ("died untried", "`died`")
    ),
    "death without trial, and a verdict": Break(
        CASES,
        "died_untried,yes,,,",
        "died_untried,yes,,convicted,",
        HERE,
        ("died untried, but has a verdict",),
    ),
    "attention from nobody": Break(
        CASES, "Union of Reporters (invented)", "", "editor-2023", ("names bodies or `noticed`",)
    ),
    "recalled column that is none": Break(
        CASES,
        "2023-07,,reported",
        "2023-07,sentensed,reported",
        HERE,
        ("did you mean 'sentenced'",),
    ),
    "case twice": Break(CASES, "mayor-2025", "editor-2023", "editor-2023,The Mayor", ("twice",)),
    "unknown reference of a case": Break(
        CASES,
        "reported,arv-observer,p11",
        "reported,arv-obsever,p11",
        HERE,
        ("unknown reference", "did you mean 'arv-observer'"),
    ),
    "impossible month": Break(CASES, "2025-03", "2025-13", HERE, ("month",)),
}


@pytest.fixture
def template(tmp_path: Path) -> Path:
    folder = tmp_path / "arvenia"
    shutil.copytree(packs_folder() / "template", folder)
    return folder


def kazakhstan() -> tuple[Country, Courts]:
    country = load_country("kazakhstan")
    courts = load_courts(country)
    assert courts
    return country, courts


@pytest.mark.parametrize("name", BREAKS)
def test_refused(template: Path, name: str) -> None:
    path, line = BREAKS[name].make(template)
    with pytest.raises(FileError) as caught:
        load_courts(load_country(template))
    message = str(caught.value)
    assert str(path) in message
    assert f"line {line}" in message or f":{line}" in message
    assert "hint" in message or "did you mean" in message or "expected" in message
    for text in BREAKS[name].says:
        assert text in message


def test_template(template: Path) -> None:
    courts = load_courts(load_country(template))
    assert courts
    assert courts.pieces("dismissed") == ((2022 * 12, 48, 12.0), (2026 * 12, 24, 12.0))
    assert courts.pieces("jailed") == ((2026 * 12, 24, 2.0),)
    assert [case.attention for case in courts.cases] == [0.5, 0, 0]


def test_a_pack_without_courts(template: Path) -> None:
    (template / CASES).unlink()
    courts = load_courts(load_country(template))
    assert courts
    assert not courts.cases
    (template / COUNTS).unlink()
    assert load_courts(load_country(template)) is None


def test_a_part_in_the_middle_leaves_a_rest_on_both_sides(template: Path) -> None:
    path = template / COUNTS
    text = path.read_text(encoding="utf-8").replace(
        PART, PART.replace("2026-01,2027", "2023-01,2024")
    )
    path.write_text(text, encoding="utf-8")
    courts = load_courts(load_country(template))
    assert courts
    # 12 are left for 12 months before and 36 after.
    assert courts.pieces("dismissed") == (
        (2022 * 12, 12, 3.0),
        (2023 * 12, 24, 12.0),
        (2025 * 12, 36, 9.0),
    )


def test_kazakhstan_counts() -> None:
    _, courts = kazakhstan()
    whole, part = courts.counts_of("dismissed")
    assert (whole.value, whole.months, part.value, part.months) == (104, 102, 60, 42)
    assert courts.pieces("dismissed") == ((2013 * 12, 60, 44.0), (2018 * 12, 42, 60.0))
    rates = [judges / months * 12 for _, months, judges in courts.pieces("dismissed")]
    assert rates == pytest.approx([8.8, 17.142857])


def test_kazakhstan_cases() -> None:
    _, courts = kazakhstan()
    by_name = {case.case: case for case in courts.cases}
    ablyazov, atabek = by_name["ablyazov-2002"], by_name["atabek-2006"]
    assert (ablyazov.sentence_years, ablyazov.released) == (6, "2003")
    assert by_name["zhakiyanov-2002"].attention == 0.75
    assert by_name["duvanov-2002"].released == "2004"
    assert atabek.served_years == 15
    untried = {case.case for case in courts.cases if case.kind == "died_untried"}
    assert untried == {"nurkadilov-2005", "sarsenbayuly-2006"}
    for case in courts.cases:
        months = [case.month(c) for c in ("charged", "sentenced", "released", "died")]
        known = [month for month in months if month is not None]
        assert known == sorted(known)


def test_a_bare_year_does_not_push_a_known_month() -> None:
    _, courts = kazakhstan()
    bapi = next(case for case in courts.cases if case.case == "bapi-2009")
    assert (bapi.charged, bapi.sentenced) == ("2009", "2009-04")
    assert bapi.month("charged") == bapi.month("sentenced") == month_number("2009-04")


def test_claims_that_are_cited_exist() -> None:
    country, courts = kazakhstan()
    folder = country.folder / "evidence" / "claims"
    known = {claim for path in folder.glob("*.csv") for claim in load_claims(path)}
    cited = {claim for row in (*courts.counts, *courts.cases) for claim in row.claim_ids}
    assert cited
    assert cited <= known


def test_every_recalled_date_says_so() -> None:
    """A row rests on a source; columns that are only remembered are named."""
    _, courts = kazakhstan()
    recalled = {case.case for case in courts.cases if case.recalled}
    assert {"dzhakishev-2009", "atabek-2006", "ablyazov-absent"} <= recalled
    assert not any(case.recalled for case in courts.cases if case.case.startswith("zhakiyanov"))


# ---- laws of dismissals


def test_laws_of_one_count_are_alike() -> None:
    spells = [Spell(0, 12, 3.0, 0.0)]
    scores = {each.law: each.log_score for each in score_laws(spells)}
    # The chance of 3 for a rate that is lognormal around 10 with a standard deviation of 1.
    expected, _ = quad(lambda z: norm.pdf(z) * poisson.pmf(3, 10 * math.exp(z)), -8, 8)
    assert scores["constant"] == pytest.approx(math.log(expected), abs=1e-3)
    assert max(scores.values()) - min(scores.values()) < 1e-6
    assert score_laws([]) == ()


def test_equal_rates_prefer_the_constant_and_unequal_ones_do_not() -> None:
    even = {s.law: s.log_score for s in score_laws([Spell(0, 60, 50, 0), Spell(60, 60, 50, 0)])}
    assert even["constant"] > even["step"]
    assert even["constant"] > even["trend"]
    odd = {s.law: s.log_score for s in score_laws([Spell(0, 60, 44, 0.2), Spell(60, 42, 60, 0.0)])}
    assert odd["step"] - odd["constant"] == pytest.approx(4.0, abs=0.3)
    assert odd["step"] == pytest.approx(odd["trend"], abs=0.3)


def test_judges_who_go_together_tell_less() -> None:
    spells = [Spell(0, 60, 44, 0), Spell(60, 42, 60, 0)]
    gaps = []
    for together in (1, 2, 4):
        scores = {s.law: s.log_score for s in score_laws(spells, together)}
        gaps.append(scores["step"] - scores["constant"])
    assert gaps == sorted(gaps, reverse=True)
    assert verdict_on(score_laws(spells, 2), 2).startswith("2 counts cannot tell")


def test_challenges_explain_growth_only_where_they_fell() -> None:
    there = {s.law: s for s in score_laws([Spell(0, 60, 44, 0), Spell(60, 42, 60, 1.0)])}
    assert there["after a challenge"].size == pytest.approx(there["step"].size, rel=0.01)
    away = {s.law: s for s in score_laws([Spell(0, 60, 44, 1.0), Spell(60, 42, 60, 0)])}
    assert away["after a challenge"].size < 0


def test_chance_and_ratio_by_hand() -> None:
    spells = [Spell(0, 12, 1, 0), Spell(12, 12, 3, 0)]
    # 3 or 4 of 4 in a half: 5/16.
    assert chance_of_last(spells) == pytest.approx(5 / 16)
    assert growth_ratio(spells) == 3
    assert math.isnan(growth_ratio(spells[:1]))


def test_the_counts_of_kazakhstan_speak_against_a_constant_rate_and_tell_no_more() -> None:
    country, courts = kazakhstan()
    spells = spells_of(courts, country, load_years(country).triggers)
    assert [spell.challenged for spell in spells] == [pytest.approx(12 / 60), 0]
    words = verdict_on(score_laws(spells), len(spells))
    assert words.startswith("2 counts speak against a constant rate (")
    assert "nothing can be told" in words


def test_shares_by_hand() -> None:
    _, courts = kazakhstan()
    jury = courts.counts_of("dismissed_by_jury")
    ways = math.factorial(19) / math.factorial(11) / math.factorial(6) / math.factorial(2)
    assert shares_score(jury, 0.0) == pytest.approx(math.log(ways / 3**19), abs=2e-3)
    assert shares_score(jury, -0.5) > shares_score(jury, 0.0) > shares_score(jury, 0.5)


# ---- checks


def all_checks() -> list[Check]:
    country, courts = kazakhstan()
    return checks(country, courts, load_years(country))


def test_checks_never_call_an_input_a_hit() -> None:
    by_fact = {each.fact: each for each in all_checks()}
    for name in ("dismissed-2013-2021", "dismissed-2018-2021", "prosecuted-2018-2021"):
        assert by_fact[name].verdict == "input"
    assert by_fact["jailed-2018-2021"].stated.startswith("15 judges")
    assert by_fact["trust in the courts in 2022"].verdict == "input"
    assert by_fact["share that wants reform of the courts"].verdict == "hit"
    assert by_fact["law of dismissals"].verdict == "not told"
    assert by_fact["trend in a second count"].verdict == "miss"


def test_checks_of_another_pack_claim_nothing_of_this_one() -> None:
    country = load_country("template")
    courts = load_courts(country)
    assert courts
    assert all(not each.claims for each in checks(country, courts, load_years(country)))


def test_the_rule_of_release_by_hand() -> None:
    _, courts = kazakhstan()
    case = next(c for c in courts.cases if c.case == "zhakiyanov-2002")
    alone = served_months_by_rule(case, unnoticed=True)
    seen = served_months_by_rule(case)
    assert alone.max() <= 84
    # Medians: 0.7 of 84 months; under three bodies, exp(-0.5 x 0.75) of that.
    assert sorted(alone)[len(alone) // 2] == pytest.approx(58.8, rel=0.03)
    assert sorted(seen)[len(seen) // 2] == pytest.approx(58.8 * math.exp(-0.375), rel=0.05)


def test_dated_events_are_of_political_cases_in_order() -> None:
    _, courts = kazakhstan()
    found = event_months(courts)
    assert found == sorted(found)
    assert "supreme-court-2019" not in {each.unit for each in found}
    died = {each.unit: each.month for each in found if each.kind == "died"}
    assert died["sarsenbayuly-2006"] == month_number("2006-02")
    assert {each.kind for each in found if each.recalled} >= {"sentenced", "released"}


def test_vdem_stands_beside_and_is_not_used() -> None:
    country, courts = kazakhstan()
    years = load_years(country)
    pairs = beside_vdem(courts, years)
    assert sorted(pairs) == list(range(1991, 2022))
    ours = [value for value, _ in pairs.values()]
    assert len({round(value, 3) for value in ours}) > 10
    assert pairs[2021][1] == 0.155
