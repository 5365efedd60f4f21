"""Promises, referendum and fund after a crisis: rules by hand, bad files, checks of the pack."""

from __future__ import annotations

import math
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from file_edits import HERE, Break
from qantar.analysis.after.fund import divided_spending, draw_fund, fund_table
from qantar.analysis.after.numbers import declared, drawn
from qantar.analysis.after.promise_outlook import ALL, ENACTED, make_board, predict
from qantar.analysis.after.promise_scores import all_scores, left_out, score_laws
from qantar.analysis.after.promise_study import (
    RECENT,
    SILENT,
    PromiseStudy,
    likelihood,
    make_study,
    status_by_month,
    told_fates,
    weights_of,
)
from qantar.analysis.after.promises import checks, monthly_status, predictions, promise_board
from qantar.analysis.after.referendum import PRIOR, draw_votes, electors_of
from qantar.base.arrays import Numbers
from qantar.base.errors import FileError
from qantar.model.after.fund import FundNumbers, divide, follow_fund
from qantar.model.after.promises import (
    COSTS,
    LAWS,
    NEVER,
    NULL,
    PRESSURE,
    PromiseNumbers,
    chance_enacted,
    follow_promise,
    recent_waves,
    reversal_rate,
    step_rates,
)
from qantar.model.after.referendum import VoteNumbers, hold_vote, shifted
from qantar.packs.after.fund import load_fund
from qantar.packs.after.promises import load_promises
from qantar.packs.after.referendum import load_referendum
from qantar.packs.country import Country, packs_folder
from qantar.packs.loading import load_country
from qantar.reports.after.promises import board_figure, board_rows, prediction_rows
from qantar.rng import key_of

PROMISES, HEADER = "after/promises.csv", "after/promises.yaml"
REFERENDUM, FUND = "after/referendum.csv", "after/fund.csv"
DOCKS = "fair-docks,Pay by the hour at the docks,economy,spring address,2027-04-10"
BOOKS = "open,assumed,charter-2028,2027-10,2028-02,"

BREAKS = {
    # ---- promises
    "promise without a date": Break(
        PROMISES, DOCKS, DOCKS.replace("2027-04-10", ""), HERE, ("has no date", "fall due")
    ),
    "impossible month": Break(
        PROMISES, DOCKS, DOCKS.replace("2027-04-10", "2027-13"), HERE, ("month",)
    ),
    "enacted before it was drafted": Break(
        PROMISES,
        "2027-06,2027-09",
        "2027-09,2027-06",
        HERE,
        ("`enacted` before `drafted`", "2027-09 or later", "exchange"),
    ),
    "not kept before it was made": Break(
        PROMISES, ",,,,,2029-12,", ",,,,,2026-12,", HERE, ("`open_until` before `promised`",)
    ),
    "reversed and never enacted": Break(
        PROMISES,
        "2027-06,2027-09,,",
        "2027-06,,2028-01,",
        HERE,
        ("reversed but never enacted", "a moment in `enacted`"),
    ),
    "enacted and not kept": Break(
        PROMISES,
        "2027-06,2027-09,,,",
        "2027-06,2027-09,,2028-01,",
        HERE,
        ("was enacted and not kept", "only one"),
    ),
    "fate without a grade": Break(
        PROMISES,
        "2027-06,2027-09,,,reported",
        "2027-06,2027-09,,,",
        HERE,
        ("a fate without a grade", "fate_grade"),
    ),
    "fate after the sources": Break(
        PROMISES, ",,,,,2029-12,", ",,,,,2030-01,", HERE, ("after the last month", "2029-12")
    ),
    "package with two fates": Break(
        PROMISES,
        BOOKS,
        BOOKS.replace("2028-02", "2028-03"),
        HERE,
        ("'charter-2028' has two fates", "2028-02"),
    ),
    "core neither yes nor no": Break(
        PROMISES, "2027-04-10,no", "2027-04-10,opn", HERE, ("core", "did you mean 'open'")
    ),
    "promise twice": Break(PROMISES, "open-books", "free-guild", "free-guild,The tr", ("twice",)),
    "unknown reference": Break(
        PROMISES,
        "arv-observer,p12,,told",
        "arv-obsever,p12,,told",
        HERE,
        ("unknown reference", "did you mean 'arv-observer'"),
    ),
    "ends before it is told": Break(
        HEADER, "ends: 2035-12", "ends: 2029-12", None, ("`ends` is not after", "hint")
    ),
    "points of no occasion": Break(
        HEADER, '"spring address"', '"winter address"', None, ("no promise was made", "spring")
    ),
    # ---- referendum
    "more votes than voters": Break(
        REFERENDUM, "1200000", "1100000", HERE, ("more votes than voters", "at least 1150000")
    ),
    "turnout above 100": Break(
        REFERENDUM, "percent,60,", "percent,160,", HERE, ("above 100 %", "is it a count")
    ),
    "no turnout at all": Break(REFERENDUM, "percent,60,", "percent,0,", HERE, ("turnout is zero",)),
    "negative count": Break(REFERENDUM, "800000", "-800000", HERE, ("0 or more",)),
    "referendum without a count": Break(
        REFERENDUM,
        "no,Against the charter,count,350000,persons,2028-02-20,reported,arv-observer,p12,,\n",
        "",
        None,
        ("has no 'no'", "the part is then off"),
    ),
    "fact twice": Break(REFERENDUM, "no,Against", "yes,Against", HERE, ("twice",)),
    # ---- fund
    "amount without a unit": Break(
        FUND,
        "The great merchants,,,,",
        "The great merchants,,5,,",
        HERE,
        ("an amount without a unit", "both or neither"),
    ),
    "unknown kind": Break(FUND, "merchants,donor", "merchants,doner", HERE, ("'donor'",)),
    "fund that nobody founded": Break(
        FUND, "order,founded", "order,name", None, ("no row is of kind 'founded'", "hint")
    ),
    "item twice": Break(FUND, "clinics,", "schools,", "schools,purpose,Clinics", ("twice",)),
}


@pytest.fixture
def template(tmp_path: Path) -> Path:
    folder = tmp_path / "arvenia"
    shutil.copytree(packs_folder() / "template", folder)
    return folder


@pytest.fixture(scope="module")
def kazakhstan() -> Country:
    return load_country("kazakhstan")


@pytest.fixture(scope="module")
def study(kazakhstan: Country) -> PromiseStudy:
    found = make_study(kazakhstan, draws=200)
    assert found
    return found


def numbers(**changed: float) -> PromiseNumbers:
    values = {
        "draft_time": 2.0,
        "enact_time": 4.0,
        "stale_time": 1e12,
        "cost": 0.0,
        "pressure": 0.0,
        "pressure_months": 24.0,
        "reversal": 0.12,
        "reversal_cost": 0.0,
        "open_cost": 0.5,
    }
    return PromiseNumbers(**{k: np.array([v]) for k, v in (values | changed).items()})


def chance(
    law: str, cost: float = 0.0, months: int = 6, recent: float = 0, **changed: float
) -> Numbers:
    rates = step_rates(numbers(**changed), law, cost, np.full((1, months), recent))
    found: Numbers = chance_enacted(*rates)[0]
    return found


# ---- files


def load_all(template: Path) -> None:
    country = load_country(template)
    load_promises(country)
    load_referendum(country)
    load_fund(country)


@pytest.mark.parametrize("name", BREAKS)
def test_refused(template: Path, name: str) -> None:
    path, line = BREAKS[name].make(template)
    with pytest.raises(FileError) as caught:
        load_all(template)
    message = str(caught.value)
    assert str(path) in message
    assert line is None or f":{line}" in message
    assert "hint" in message or "did you mean" in message or "expected" in message
    for text in BREAKS[name].says:
        assert text in message


def test_a_pack_without_the_files_has_the_part_off(template: Path) -> None:
    shutil.rmtree(template / "after")
    country = load_country(template)
    assert checks(country) == []
    assert predictions(country) == []
    assert promise_board(country) is None
    assert monthly_status(country, NULL) == {}


def test_the_template_runs_from_end_to_end(template: Path) -> None:
    country = load_country(template)
    assert {check.system for check in checks(country)} == {"D1", "D2", "D4"}
    board = promise_board(country)
    assert board
    assert board.years == (2030, 2031, 2032)
    assert "svg" in board_figure(board)


def test_kazakhstan_has_the_promises_of_the_sources(kazakhstan: Country) -> None:
    promises = load_promises(kazakhstan)
    assert promises
    assert len(promises.points) == 10
    assert all(row.promised for row in promises.rows)
    dates = {row.promised for row in promises.rows}
    assert {"2022-01-11", "2022-03-16", "2022-06-15", "2022-09"} <= dates
    told = [row.promise for row in promises.points if row.told]
    assert [name[6:8] for name in told] == ["01", "02", "06", "08"]
    term = next(row for row in promises.rows if row.promise == "single-term")
    assert term.enacted == "2022-09"
    assert all(row.claim_ids for row in promises.rows)


def test_a_bare_year_is_its_middle_and_never_before_the_promise(kazakhstan: Country) -> None:
    promises = load_promises(kazakhstan)
    assert promises
    fund = next(row for row in promises.rows if row.promise == "fund")
    assert fund.month("enacted") == 2022 * 12 + 6


# ---- the rule of promises


def test_chances_by_hand() -> None:
    """Drafted at rate 1/2 and enacted at 1/4 a month, from the month after the draft on."""
    draft, enact = 1 - math.exp(-0.5), 1 - math.exp(-0.25)
    second = draft * enact
    third = second + (draft * (1 - enact) + (1 - draft) * draft) * enact
    assert chance(NULL)[:3] == pytest.approx([0.0, second, third])


def test_a_stale_promise_may_never_be_enacted() -> None:
    fresh, stale = chance(NULL, months=600)[-1], chance(NULL, months=600, stale_time=3.0)[-1]
    assert fresh == pytest.approx(1.0)
    assert stale < 0.7


def test_steps_by_hand() -> None:
    """With luck 1/e every wait is 1: drafted after rates of 1, enacted after rates of 1."""
    rates = (np.full((1, 12), 0.5), np.full((1, 12), 0.25))
    steps = follow_promise(*rates, np.array([0.5]), np.full((1, 3), math.exp(-1)))
    assert [int(each[0]) for each in steps] == [1, 5, 7]
    late = follow_promise(*rates, np.array([0.0]), np.full((1, 3), math.exp(-5)))
    assert [int(each[0]) for each in late] == [9, NEVER, NEVER]


def test_steps_come_as_often_as_the_chances_say() -> None:
    draws, months = 4000, 8
    p = PromiseNumbers(*(np.full(draws, float(each[0])) for each in numbers()))
    rates = step_rates(p, NULL, 0.0, np.zeros((draws, months)))
    grid = (np.arange(draws) + 0.5) / draws
    luck = np.column_stack([grid, (grid * 1597) % 1, grid])
    steps = follow_promise(*rates, reversal_rate(p, NULL, 0.0), luck)
    shares = [(steps.enacted <= month).mean() for month in range(months)]
    assert shares == pytest.approx(chance(NULL, months=months), abs=0.02)


def test_the_null_law_knows_neither_cost_nor_pressure() -> None:
    plain = chance(NULL)
    assert np.array_equal(plain, chance(NULL, 1.0, recent=1, pressure=2.0))
    assert np.array_equal(reversal_rate(numbers(reversal_cost=2.0), NULL, 1.0), [0.01])


@pytest.mark.parametrize("law", [COSTS, PRESSURE])
def test_a_law_without_effect_is_the_null(law: str) -> None:
    assert np.array_equal(chance(NULL, 1.0, recent=1), chance(law, 1.0, recent=1))


def test_effects_are_monotone() -> None:
    costs = [
        chance_enacted(*step_rates(numbers(cost=size), COSTS, 1.0, np.zeros((1, 9))))[0, -1]
        for size in (-1.0, 0.0, 1.0, 2.0)
    ]
    pressed = [chance(PRESSURE, recent=1, pressure=size)[-1] for size in (-1.0, 0.0, 1.0, 2.0)]
    assert costs == sorted(costs, reverse=True)
    assert pressed == sorted(pressed)
    undone = [
        float(reversal_rate(numbers(reversal_cost=each), COSTS, 1.0)[0]) for each in (-1, 0, 1)
    ]
    assert undone == sorted(undone)


def test_a_wave_is_recent_for_less_than_its_months() -> None:
    found = recent_waves(100, 6, (98, 104), np.array([3.0, 2.0]))
    assert found.tolist() == [[1, 0, 0, 0, 1, 1], [0, 0, 0, 0, 1, 1]]


def test_an_unknown_law_is_refused() -> None:
    with pytest.raises(ValueError, match="known are same-for-all"):
        step_rates(numbers(), "costs", 0.0, np.zeros((1, 3)))
    with pytest.raises(ValueError, match="known are constant"):
        follow_fund(FundNumbers(*np.ones((3, 1))), "rising", 12)


# ---- weights, scores, outlook


def test_draws_are_keyed(kazakhstan: Country, study: PromiseStudy) -> None:
    """More draws and another order change none; another seed changes all."""
    few = make_study(kazakhstan, draws=50)
    other = make_study(kazakhstan, draws=50, seed=2)
    assert few
    assert other
    for name in ("cost", "draft_time"):
        first = getattr(study.numbers, name)[:50]
        assert np.array_equal(getattr(few.numbers, name), first)
        assert not np.any(getattr(other.numbers, name) == first)
    assert np.array_equal(few.luck("fund", 0, 1), study.luck("fund", 0, 1)[:50])


def test_contested_effects_may_be_zero_or_negative() -> None:
    for rule, name in (
        ("promises", "cost"),
        ("promises", "pressure"),
        ("promises", "reversal_cost"),
        ("referendum", "lift"),
    ):
        draws = drawn(rule, 500)[name]
        assert 0.02 < (draws < 0).mean() < 0.98
        assert "contested" in declared(rule)[name].note


def test_a_package_is_one_decision(study: PromiseStudy) -> None:
    fates = told_fates(study)
    assert Counter(fate.enacted for fate in fates) == {True: 4, False: 2}
    assert sum(len(fate.rows) for fate in fates) == 24
    assert len(told_fates(study, RECENT)) == 4
    assert len(told_fates(study, SILENT)) > len(fates)


def test_left_out_is_the_ratio_of_evidences(study: PromiseStudy) -> None:
    likely = likelihood(study, NULL, told_fates(study))
    for k, each in enumerate(left_out(study, NULL)):
        rest = np.delete(likely, k, axis=1).prod(axis=1).mean()
        ratio = likely.prod(axis=1).mean() / rest
        assert ratio == pytest.approx(each.left_out if each.fate.enacted else 1 - each.left_out)
    assert weights_of(likely).sum() == pytest.approx(1)


def test_no_law_is_told_from_the_null(study: PromiseStudy) -> None:
    scores = all_scores(study)
    assert {score.verdict for score in scores} == {"the null", "cannot be told"}
    assert all(score.decisions for score in scores)
    null = score_laws(study)[0]
    assert null.promises == 24
    assert null.decisions == 6


def test_statuses_sum_to_one_and_follow_the_record(study: PromiseStudy) -> None:
    rows = {row.promise: row for row in study.promises.rows}
    powers = status_by_month(study, COSTS, rows["point-01-powers"], told=True)
    assert powers.sum(axis=1) == pytest.approx(1)
    assert powers.min() >= -1e-12
    assert powers[[0, 2, 3, 6]] == pytest.approx(np.eye(4))
    media = status_by_month(study, NULL, rows["point-07-media"], told=False)
    assert len(media) == 2035 * 12 + 11 - (2022 * 12 + 2) + 1
    assert np.all(np.diff(media[:, 0]) <= 1e-12)
    listening = status_by_month(study, NULL, rows["listening-state"], told=True)
    assert listening[: 3 * 12, 2:].max() == pytest.approx(0)


def test_predictions_stand_beside_the_prior(study: PromiseStudy) -> None:
    found = predict(study)
    assert {(each.law, each.by[:4]) for each in found} == {
        (law, year) for law in (*LAWS, ALL) for year in ("2023", "2024", "2025")
    }
    for each in found:
        assert each.left_out[0] <= each.left_out[1]
        assert each.prior.low <= each.prior.mean <= each.prior.high
        if each.quantity == ENACTED:
            assert each.told.low >= 0.4 - 1e-9  # four of ten are told
    means = [each.told.mean for each in found if each.law == ALL and each.quantity == ENACTED]
    assert means == sorted(means)
    assert all("(" in row["prior"] for row in prediction_rows(found))


def test_the_board_shows_every_promise(study: PromiseStudy) -> None:
    board = make_board(study)
    figure, rows = board_figure(board), board_rows(board)
    assert len(rows) == len(study.promises.rows)
    assert 'role="img"' in figure
    assert "aria-label" in figure
    for symbol in "○◐●↺✗":
        assert symbol in figure
    assert "cannot be told" in figure
    by_name = {row.promise.promise: row for row in board.rows}
    assert by_name["point-01-powers"].status == "reversed"
    assert by_name["eco-fee"].status == "promised"
    assert by_name["listening-state"].given[0] < by_name["listening-state"].prior[0]


# ---- referendum


def test_arithmetic_of_the_printed_counts(kazakhstan: Country) -> None:
    vote = load_referendum(kazakhstan)
    assert vote
    assert vote.electorate == 11_735_149
    assert vote.remainder == 331_783
    assert round(100 * vote.remainder / vote.value("voters"), 2) == 4.15
    assert round(vote.of_ballots("yes"), 2) == 77.18
    assert round(vote.yes_of_valid, 2) == 80.53
    low, high = vote.electorate_range
    assert low < 11_735_149 < high


def test_votes_are_conserved_and_electors_are_shared_out(kazakhstan: Country) -> None:
    electors = electors_of(kazakhstan, 11_735_149)
    assert sum(electors.values()) == 11_735_149
    assert len(electors) == 17
    p = VoteNumbers(0.7, 0.6, 0.3, 0.04, 0.4, 0.3)
    for member in range(20):
        vote = hold_vote(electors, p, key_of(1, member))
        assert np.array_equal(vote.yes + vote.no + vote.invalid, vote.voters)
        assert np.all(vote.voters <= vote.electors)
        assert min(vote.yes.min(), vote.no.min(), vote.invalid.min()) >= 0


def test_another_region_changes_no_vote() -> None:
    p = VoteNumbers(0.7, 0.6, 0.0, 0.04, 0.4, 0.3)
    one = hold_vote({"A": 1000}, p, key_of(1, 3))
    two = hold_vote({"B": 5000, "A": 1000}, p, key_of(1, 3))
    assert one.yes[0] == two.yes[1]
    assert one.no[0] == two.no[1]


def test_more_approval_and_mobilisation_never_lower_their_shares() -> None:
    electors = {"A": 20_000, "B": 80_000}
    low = VoteNumbers(0.5, 0.4, 0.0, 0.0, 0.4, 0.3)
    base = hold_vote(electors, low, key_of(1, 1))
    keen = hold_vote(electors, low._replace(mobilisation=0.7), key_of(1, 1))
    fond = hold_vote(electors, low._replace(approval=0.6), key_of(1, 1))
    assert keen.turnout > base.turnout
    assert fond.yes_share > base.yes_share
    even = low._replace(region_turnout=0.0, region_approval=0.0)
    flat = hold_vote({"A": 10**6}, even, key_of(1, 1))
    assert flat.turnout == pytest.approx(0.5, abs=0.005)
    assert flat.yes_share == pytest.approx(0.4, abs=0.005)
    assert shifted(0.5, math.log(3)) == pytest.approx(0.75)


def test_regions_differ_by_more_than_chance(kazakhstan: Country) -> None:
    vote = next(each for each in draw_votes(kazakhstan, 10) if each.belief == PRIOR)
    first = vote.votes[0]
    turnout = first.voters / first.electors
    binomial = math.sqrt(0.25 / first.electors.min())
    assert np.std(turnout) > 10 * binomial


# ---- fund


def test_fund_by_hand() -> None:
    p = FundNumbers(np.array([24.0]), np.array([1.0]), np.array([1 - 0.5**12]))
    flows = follow_fund(p, "constant", 24)
    assert flows.donations[0, :3] == pytest.approx([2, 2, 2])
    assert flows.spending[0, :3] == pytest.approx([1, 1.5, 1.75])
    assert flows.balance[0, :3] == pytest.approx([1, 1.5, 1.75])


def test_money_is_conserved_in_every_month(kazakhstan: Country) -> None:
    fund = load_fund(kazakhstan)
    assert fund
    for law in ("constant", "fading"):
        flows = draw_fund(fund, law, 100)
        given = np.cumsum(flows.donations, axis=1)
        used = np.cumsum(flows.spending, axis=1) + flows.balance
        assert np.allclose(given, used, rtol=1e-12)
        assert flows.balance.min() >= 0
        parts = divided_spending(fund, flows)
        assert list(parts) == ["health", "education", "social"]
        assert np.allclose(sum(parts.values()), flows.spending.sum(axis=1))
    assert np.allclose(divide(np.array([9.0]), np.array([[1.0, 2.0]])), [[3, 6]])


def test_both_laws_of_gifts_begin_alike(kazakhstan: Country) -> None:
    fund = load_fund(kazakhstan)
    assert fund
    first, second = (draw_fund(fund, law, 50).donations for law in ("constant", "fading"))
    assert np.allclose(first[:, :12].sum(axis=1), second[:, :12].sum(axis=1))
    assert np.all(second[:, -12:].sum(axis=1) < first[:, -12:].sum(axis=1))
    years = {row.year for row in fund_table(kazakhstan)}
    assert (min(years), max(years)) == (2022, 2035)


# ---- checks of the shipped pack


def test_checks_of_kazakhstan(kazakhstan: Country) -> None:
    found = checks(kazakhstan)
    verdicts = {check.fact: check.verdict for check in found}
    assert {check.system for check in found} == {"D1", "D2", "D4", "D5"}
    assert all(found_check.found and found_check.stated for found_check in found)
    arithmetic = [check for check in found if check.fact.startswith("arithmetic")]
    assert len(arithmetic) == 5
    assert {check.verdict for check in arithmetic} == {"hit"}
    assert verdicts["turnout, drawn from earlier votes"] == "miss"
    assert verdicts["yes, of ballots, drawn from earlier votes"] == "hit"
    assert verdicts["turnout, drawn from prior"] == "not told"
    assert verdicts["amounts given and spent"] == "not told"
    assert verdicts["month of the single term of seven years"] == "input"
    assert verdicts["law of promises"] == "not told"
    decisions = [check for check in found if check.fact.startswith("decision")]
    assert len(decisions) == 6
    misses = [check.fact for check in decisions if check.verdict == "miss"]
    assert len(misses) >= 5
    assert verdicts["decision september-2022, 3 promises settled at once"] == "miss"
