"""Balance among partners: rules by hand, accounts and their scores, checks, and refused files."""

from __future__ import annotations

import math
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from file_edits import HERE, Break
from qantar.analysis.state.checks import Check
from qantar.analysis.world.balance import (
    NULL,
    act_table,
    reading_table,
    score_members,
    score_table,
    sign_table,
    split,
)
from qantar.analysis.world.balance_checks import checks
from qantar.analysis.world.balance_forces import (
    BEFORE,
    ENDED,
    MONTHS,
    forces_of,
    index_of_month,
)
from qantar.analysis.world.balance_members import (
    ACCOUNTS,
    DISTANCE,
    OPEN,
    RUSSOCENTRIC,
    SENTIMENT,
    declared,
    members_of,
    numbers_of,
    own_acts,
    quantiles,
)
from qantar.analysis.world.balance_picture import partner_table, picture_of
from qantar.analysis.world.balance_predictions import YEARS, predictions
from qantar.analysis.world.balance_sentiment import sentiment_of
from qantar.base.errors import FileError
from qantar.model.world import balance as rule
from qantar.model.world import sentiment
from qantar.model.world.keyed_normals import normals
from qantar.packs.country import Country, packs_folder
from qantar.packs.evidence import country_ledger
from qantar.packs.loading import load_country
from qantar.packs.world.balance import Balance, load_balance
from qantar.reports.world.balance import ROWS, balance_figure, balance_rows
from qantar.rng import key_of, normal, stable_id

DEPENDENCE, ACTS, BODIES = (
    "world/dependence.csv",
    "world/statements.csv",
    "world/memberships.csv",
)


@pytest.fixture(scope="module")
def country() -> Country:
    return load_country("kazakhstan")


@pytest.fixture(scope="module")
def balance(country: Country) -> Balance:
    found = load_balance(country)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def found(country: Country) -> list[Check]:
    return checks(country)


# ---- the rule of distance


def parameters(members: int = 1, **given: float) -> rule.Parameters:
    """Return numbers of the rule: 0 but for times of one month, and what is given."""
    usual = dict.fromkeys(rule.Parameters._fields, 0.0)
    usual |= {"lag": 1.0, "word_time": 1.0, "debt_time": 1.0}
    return rule.Parameters(**{k: np.full(members, v) for k, v in (usual | given).items()})


def forces(months: int = 4, **given: list[float]) -> rule.Forces:
    nothing = dict.fromkeys(rule.Forces._fields, [0.0] * months)
    return rule.Forces(**{k: np.array(v) for k, v in (nothing | given).items()})


def follow(f: rule.Forces, p: rule.Parameters) -> list[float]:
    return rule.follow_policy(f, p, np.zeros((1, len(f.war))))[0].tolist()


def test_policy_by_hand() -> None:
    """War from the second month; half of the way is gone in one month."""
    p = parameters(base=0.5, war=2.0, lag=1 / math.log(2))
    assert follow(forces(war=[0, 1, 1, 0]), p) == pytest.approx([0.5, 1.5, 2.0, 1.25])


def test_debt_and_words_fade_by_hand() -> None:
    half = 1 / math.log(2)
    fast = 1e-9
    p = parameters(lag=fast, debt=-1.0, debt_time=half, words=0.4, word_time=half)
    f = forces(troops=[0, 1, 0, 0], words=[1, 0, 0, 1])
    expected = [0.4, -1 + 0.2, -0.5 + 0.1, -0.25 + 0.45]
    assert follow(f, p) == pytest.approx(expected)


def test_pull_is_for_ten_points_of_imports() -> None:
    p = parameters(lag=1e-9, pull=0.3)
    assert follow(forces(imports=[0, 10, -10, 0]), p) == pytest.approx([0, -0.3, 0.3, 0])


def test_no_force_changes_nothing_and_no_effect_changes_nothing() -> None:
    still = follow(forces(), parameters(base=0.7, war=1, debt=1, pull=1, sanctions=1, words=1))
    moved = forces(war=[1] * 4, words=[1] * 4, sanctions=[1] * 4, imports=[9] * 4, troops=[1] * 4)
    assert still == pytest.approx([0.7] * 4)
    assert follow(moved, parameters(base=0.7)) == pytest.approx([0.7] * 4)


@pytest.mark.parametrize(
    ("effect", "force", "sign"),
    [
        ("war", "war", 1),
        ("words", "words", 1),
        ("sanctions", "sanctions", 1),
        ("pull", "imports", -1),
        ("debt", "troops", 1),
    ],
)
def test_every_effect_is_monotone(effect: str, force: str, sign: int) -> None:
    f = forces(**{force: [0, 1, 1, 1]})
    ends = [follow(f, parameters(**{effect: size}))[-1] for size in (-1.0, 0.0, 1.0)]
    assert [sign * end for end in ends] == sorted(sign * end for end in ends)
    assert len(set(ends)) == 3


def test_the_index_is_a_share() -> None:
    assert rule.index_of(np.array([0.0, math.log(3)])).tolist() == pytest.approx([0.5, 0.75])


# ---- the rule of sentiment


def feeling(step: float, media: float, exposure: float, war: list[float]) -> list[float]:
    p = sentiment.Parameters(*(np.array([v]) for v in (0.5, step, media, 1 / math.log(2))))
    return sentiment.follow_sentiment(np.array(war), np.array([exposure]), p)[0].tolist()


def test_sentiment_by_hand() -> None:
    """Each month of war weighs half of the one before; peace leaves things as they are."""
    assert feeling(0.4, 0.2, 0.5, [0, 1, 0, 1]) == pytest.approx([0, 0.3, 0.3, 0.45])


def test_sentiment_is_still_without_war_and_falls_with_exposure() -> None:
    assert feeling(0.4, 0.2, 1.0, [0, 0, 0]) == [0, 0, 0]
    ends = [feeling(0.4, 0.2, exposure, [1, 1, 1])[-1] for exposure in (0.0, 0.5, 1.0)]
    assert ends == sorted(ends, reverse=True)
    assert feeling(0.2, 0.2, 1.0, [1, 1, 1]) == pytest.approx([0, 0, 0])


# ---- luck


def test_normals_are_those_of_the_compiled_model() -> None:
    values = normals(7, "balance", "month", 3, 2)
    single = normal(key_of(7, 2), stable_id("balance") & 0xFFFF, stable_id("month"), 0, 1)
    assert values[2, 1] == pytest.approx(single)
    assert np.array_equal(values[:2], normals(7, "balance", "month", 2, 2))
    assert not np.array_equal(values, normals(8, "balance", "month", 3, 2))


def test_more_members_leave_the_first_as_they_are(country: Country, balance: Balance) -> None:
    few = members_of(country, balance, OPEN, members=5)
    many = members_of(country, balance, OPEN, members=9)
    assert np.array_equal(few.state, many.state[:5])


def test_accounts_share_luck_and_differ_in_the_disputed_signs(
    country: Country, balance: Balance
) -> None:
    turn, distance = (members_of(country, balance, a, members=50) for a in ACCOUNTS[1:])
    for name in rule.Parameters._fields:
        same = np.array_equal(turn.numbers[name], distance.numbers[name])
        assert same == (name not in ("war", "debt")), name


@pytest.mark.parametrize("account", ACCOUNTS)
def test_every_number_of_the_rule_is_declared(account: str) -> None:
    assert set(numbers_of(account)) == set(rule.Parameters._fields)
    assert set(declared(SENTIMENT)) == {*sentiment.Parameters._fields, "sample"}


def test_disputed_signs_are_open() -> None:
    for name in ("war", "debt"):
        prior = numbers_of(OPEN)[name].prior
        assert prior is not None
        assert prior.value_at(-1.645) < 0 < prior.value_at(1.645)


# ---- forces of the shipped pack


def test_forces_of_the_pack(country: Country, balance: Balance) -> None:
    f = forces_of(country, balance)
    at = index_of_month
    assert f.war.sum() == 12 + MONTHS - at("2022-02")
    assert (f.war[: at("2015-01")].all(), f.war[at("2022-01")]) == (True, 0)
    assert f.troops.nonzero()[0].tolist() == [at("2022-01")]
    assert f.words[at("2020-03")] == pytest.approx(1 / 12)
    assert (f.words[at("2022-01")], f.words[at("2022-07")], f.words.sum()) == pytest.approx(
        (1, 1, 3)
    )
    assert (f.imports[0], f.imports[-1]) == pytest.approx((0, -2.5))
    assert [f.sanctions[at(m)] for m in ("2022-01", "2022-02", "2022-09")] == [0, 0.5, 1]


def test_what_comes_later_is_not_known_before(country: Country, balance: Balance) -> None:
    f = forces_of(country, balance, BEFORE)
    assert f.war[12:].sum() == 0
    assert f.troops.sum() == 1
    assert f.sanctions.sum() == 0
    assert np.all(f.imports == 0)
    assert forces_of(country, balance, ENDED).war[index_of_month("2023-01") :].sum() == 0


def test_an_act_is_predicted_by_the_month_before(country: Country, balance: Balance) -> None:
    members = members_of(country, balance, OPEN, members=20)
    act = balance.act("mir-blocked")
    assert act is not None
    chance = np.exp(members.log_chances([act]))[:, 0]
    assert chance == pytest.approx(members.index[:, index_of_month("2022-08")])


# ---- scores


def test_acts_of_the_window(balance: Balance) -> None:
    before, after = split(own_acts(balance))
    assert Counter(act.direction for act in before) == {"toward": 3, "away": 1}
    assert Counter(act.direction for act in after) == {"toward": 1, "away": 3}
    assert len(own_acts(balance, business=False)) == len(own_acts(balance)) - 1


def test_scores_of_members_by_hand(country: Country, balance: Balance) -> None:
    """Two members of equal weight that give 1/2 and 3/4 to each act away."""
    members = members_of(country, balance, OPEN, members=2)
    members.state[:] = [[0.0], [math.log(3)]]
    _, after = split(own_acts(balance))
    chance, joint, brier = score_members(members, [], after)
    assert chance == pytest.approx(0.625)
    assert joint == pytest.approx(math.log((0.5**4 + 0.75**3 * 0.25) / 2))
    assert brier == pytest.approx((3 * 0.375**2 + 0.625**2) / 4)


def test_the_null_by_hand(country: Country, balance: Balance) -> None:
    null = score_table(country, balance).set_index("account").loc[NULL]
    assert null.log_score == pytest.approx(math.log(2 / 6 * 3 / 7 * 4 / 8 * 4 / 9))
    assert null.chance == pytest.approx(2 / 6)


def test_accounts_order_as_their_signs_and_are_not_told_apart(
    country: Country, balance: Balance
) -> None:
    table = score_table(country, balance)
    for _, rows in table[table.account != NULL].groupby("knowledge"):
        chance = rows.set_index("account").chance
        assert chance[RUSSOCENTRIC] < chance[OPEN] < chance[DISTANCE]
    assert set(table.verdict) == {"the null", "cannot be told apart"}
    readings = reading_table(country, balance)
    assert set(readings.verdict) == {"cannot be told apart"}
    assert (readings.lead > 0).all()


def test_telling_away_more_often_raises_its_chance(country: Country, balance: Balance) -> None:
    members = members_of(country, balance, OPEN, members=20)
    act = balance.act("quasi-states")
    assert act is not None
    assert (members.log_chances([act], 3.0) > members.log_chances([act])).all()


def test_signs_stay_open(country: Country, balance: Balance) -> None:
    table = sign_table(country, balance)
    rows = table[table.account == OPEN]
    assert rows.posterior.between(0.05, 0.95).all()
    assert (rows.without_one_low <= rows.posterior).all()
    assert (rows.without_one_high >= rows.posterior).all()
    assert len(act_table(country, balance)) == len(own_acts(balance))


def test_quantiles_of_weights() -> None:
    values = np.arange(101.0)
    assert quantiles(values)[1] == pytest.approx(50)
    weights = np.where(values == 80, 1.0, 1e-12)
    assert quantiles(values, weights / weights.sum())[1] == pytest.approx(80, abs=0.6)


# ---- sentiment, checks, predictions and drawing


def test_sentiment_starts_from_the_poll(country: Country, balance: Balance) -> None:
    groups = sentiment_of(country, balance, members=500)
    shares = {}
    for each in groups:
        assert each.answer is not None
        month = index_of_month(each.answer.ends)
        shares[each.group] = quantiles(each.anchored[:, month])[1]
    assert shares == pytest.approx({"Kazakh speakers": 0.2, "Russian speakers": 0.06}, abs=0.01)
    fewer = sentiment_of(country, balance, members=50)
    assert np.array_equal(fewer[0].anchored, groups[0].anchored[:50])


def test_checks_of_the_shipped_pack(found: list[Check]) -> None:
    assert {check.system for check in found} == {"C2", "C3"}
    count = Counter(check.verdict for check in found)
    assert (count["hit"], count["miss"]) == (1, 1)
    facts = {check.fact: check for check in found}
    assert len(facts) == len(found)
    assert facts["The forecast of a turn toward Russia is not borne out"].verdict == "not told"
    gap = "Exposure to Russian media explains the gap between language groups"
    assert facts[gap].verdict == "miss"
    assert facts["More than half see Russian influence negatively"].verdict == "hit"


def test_every_claim_is_in_the_ledger(country: Country, balance: Balance) -> None:
    known = country_ledger(country).claims
    rows = (*balance.dependence, *balance.acts, *balance.memberships)
    assert [claim for row in rows for claim in row.claim_ids if claim not in known] == []


def test_what_rests_on_memory_or_judgement_is_assumed(balance: Balance) -> None:
    for row in (*balance.dependence, *balance.memberships):
        assert (row.grade == "assumed") == ("qantar-assumption" in row.reference)
    for body in balance.memberships:
        assert (body.grade == "assumed") == bool(body.recalled)


def test_predictions(country: Country) -> None:
    rows = predictions(country)
    assert {row.period[:4] for row in rows} == {str(year) for year in YEARS}
    assert {row.system for row in rows} == {"C2", "C3"}
    for row in rows:
        assert 0 <= row.prior_low <= row.prior <= row.prior_high <= 1
        assert 0 <= row.low <= row.median <= row.high <= 1
    narrower = [row for row in rows if row.high - row.low < row.prior_high - row.prior_low]
    assert len(narrower) == len(rows)


def test_no_prediction_knows_a_later_year(balance: Balance) -> None:
    dates = [act.date for act in balance.acts] + [row.ends for row in balance.dependence]
    assert max(dates) < "2023"


def test_partners(balance: Balance) -> None:
    table = partner_table(balance).set_index("partner")
    assert table.loc["Russia", ["toward", "away", "open"]].tolist() == [4, 4, 2]
    assert table.loc["China", "imports_after"] == 27.3
    assert not table.loc[["West", "China", "Turkic states"], ["toward", "away"]].to_numpy().any()


def test_drawing(country: Country) -> None:
    picture = picture_of(country)
    assert picture is not None
    text = balance_figure(picture)
    assert text.startswith("<svg")
    assert "8 acts away, 5 toward, 2 open" in text
    rows = balance_rows(picture)
    assert len(rows) == len(picture.acts)
    assert all(tuple(row) == ROWS for row in rows)


# ---- refused files

HEADERS = {
    DEPENDENCE: "row,series,partner,group,from,to,low,high,unit,grade,"
    "reference,locator,claims,note",
    ACTS: "act,label,date,other_date,actor,body,partner,kind,direction,number,unit,grade,"
    "reference,locator,claims,note",
    BODIES: "body,label,partners,from,to,recalled,seen_in,grade,reference,locator,claims,note",
}
ROWS_OF = {
    DEPENDENCE: (
        "imports,import_share,Norland,,2020,2020,40,41,percent,assumed,qantar-assumption,,,",
        "later,import_share,Norland,,2021,2021,38,38,percent,assumed,qantar-assumption,,,",
    ),
    ACTS: ("talks,Talks,2021-03,,state,President,Norland,meeting,toward,2,persons,assumed,"
           "qantar-assumption,,,",),
    BODIES: ("bloc,A bloc,Norland,2001,,from,2021,assumed,qantar-assumption,,,",),
}  # fmt: skip

BREAKS = {
    "bounds turned": Break(
        DEPENDENCE, "40,41,percent", "41,40,percent", HERE, ("above the upper", "exchange the two")
    ),
    "more than all": Break(
        DEPENDENCE,
        "40,41,percent",
        "40,141,percent",
        HERE,
        ("outside its unit", "0 to 100 percent"),
    ),
    "wrong unit": Break(
        DEPENDENCE, "40,41,percent", "40,41,share", HERE, ("another unit", "percent", "correct")
    ),
    "dates turned": Break(
        DEPENDENCE, "2020,2020,40", "2020,2019,40", HERE, ("lies before", "exchange the two dates")
    ),
    "overlap": Break(
        DEPENDENCE, "2021,2021,38", "2020-06,2021,38", HERE, ("overlaps with the row 'imports'",)
    ),
    "row twice": Break(
        DEPENDENCE,
        "later,import_share,Norland,,2021",
        "imports,import_share,Norland,,2021",
        HERE,
        ("the row appears twice", "keep one"),
    ),
    "unknown series": Break(DEPENDENCE, "later,import_share", "later,imports", HERE, ("series",)),
    "unknown reference": Break(
        DEPENDENCE,
        "38,percent,assumed,qantar-assumption",
        "38,percent,assumed,qantar-assumptions",
        HERE,
        ("unknown reference", "did you mean 'qantar-assumption'"),
    ),
    "no direction": Break(ACTS, "meeting,toward", "meeting,sideways", HERE, ("direction",)),
    "number without unit": Break(
        ACTS, "2,persons", "2,", HERE, ("a number without a unit", "fill the other cell")
    ),
    "no date": Break(ACTS, "2021-03", "2021-13", HERE, ("date",)),
    "left before it joined": Break(
        BODIES, "2001,,from", "2001,2000,from", HERE, ("lies before", "exchange the two dates")
    ),
    "unknown column recalled": Break(
        BODIES, "2001,,from", "2001,,start", HERE, ("unknown column", "memberships.csv")
    ),
}


@pytest.fixture
def template(tmp_path: Path) -> Path:
    folder = tmp_path / "template"
    shutil.copytree(packs_folder() / "template", folder)
    (folder / "world").mkdir(exist_ok=True)
    for file, header in HEADERS.items():
        (folder / file).write_text("\n".join([header, *ROWS_OF[file], ""]), encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", BREAKS)
def test_refused(template: Path, name: str) -> None:
    path, line = BREAKS[name].make(template)
    with pytest.raises(FileError) as caught:
        load_balance(load_country(template))
    assert (caught.value.path, caught.value.line) == (path, line)
    for part in BREAKS[name].says:
        assert part in str(caught.value)


def test_a_pack_without_acts_has_no_index(template: Path) -> None:
    country = load_country(template)
    balance = load_balance(country)
    assert balance is not None
    assert own_acts(balance) == ()
    assert picture_of(country) is None
    assert predictions(country) == []
    assert {check.verdict for check in checks(country)} <= {"input", "not told"}


def test_a_pack_without_the_files_is_off(template: Path) -> None:
    shutil.rmtree(template / "world")
    country = load_country(template)
    assert load_balance(country) is None
    assert (checks(country), predictions(country), picture_of(country)) == ([], [], None)


def test_one_file_is_enough(template: Path) -> None:
    (template / ACTS).unlink()
    (template / BODIES).unlink()
    balance = load_balance(load_country(template))
    assert balance is not None
    assert (len(balance.dependence), balance.acts, balance.memberships) == (2, (), ())
