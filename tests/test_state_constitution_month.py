"""The constitution in the month: imposed in the record, renewed after it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from qantar.base.arrays import Numbers
from qantar.model.months.constitution import (
    CONCENTRATES,
    DIVIDED,
    EVENTS,
    JOINED,
    MECHANISM,
    NEITHER,
    SPREADS,
    ConstitutionGiven,
    Parameters,
    blank_constitution,
    divided,
    draw_gap,
    gap_beyond,
    move_constitution,
    no_constitution,
)
from qantar.model.months.event_log import CONSTITUTION, blank_log
from qantar.packs.loading import load_country
from qantar.packs.parameters import load_parameters
from qantar.packs.state.constitution import load_constitution
from qantar.rng import key_of
from qantar.simulate.years.constitution import (
    first_presidents,
    given_constitution,
    monthly,
    turns,
)

near = pytest.approx

RECORD = ConstitutionGiven(
    record_months=6,
    concentration=np.array([0.4, 0.4, 0.5, 0.3, 0.3, 0.5]),
    dual=np.array([0, 0, 0, 0.2, 0.2, 0]),
    plain=np.array([0.4, 0.4, 0.5, 0.5, 0.5, 0.5]),
    amended=np.array([-5, 2], np.int64),
    turn=np.array([NEITHER, CONCENTRATES], np.int64),
    step=np.array([1, 1], np.int64),
)

NULL = Parameters(
    from_record=1,
    first_president=1,
    mean_gap=20,
    regularity=0,
    after_challenge=0,
    concentrates=0.5,
    concentrates_challenge=0,
    size=0.1,
    split_rate=0,
    split_time=10,
    split_size=0.2,
)

Logged = list[tuple[int, int, int]]


def history(
    p: Parameters,
    months: int = 6,
    member: int = 0,
    given: ConstitutionGiven = RECORD,
    challenged: float = 0.0,
    later: tuple[int, Parameters] | None = None,
) -> tuple[Numbers, Logged]:
    """Return the fields by month, and the events as month, unit and kind."""
    record: Any = np.zeros(1, np.dtype([(each.name, float) for each in MECHANISM.country]))[0]
    own, log, key = blank_constitution(given), blank_log(1000), key_of(1, member)
    rows = []
    for month in range(months):
        now = later[1] if later and month >= later[0] else p
        move_constitution(record, given, own, now, log, key, month, challenged)
        rows.append(list(record))
    events = log.rows[: log.used[0]]
    assert set(events[:, 1]) <= {CONSTITUTION}
    return np.array(rows), [(int(r[0]), int(r[2]), int(r[3])) for r in events]


def drawn(p: Parameters, months: int, members: int, challenged: float = 0.0) -> list[Logged]:
    """Return the events of several members, none of whose months is imposed."""
    free = p._replace(from_record=0)
    return [history(free, months, m, challenged=challenged)[1] for m in range(members)]


# ---- the record


def test_the_record_is_imposed() -> None:
    rows, events = history(NULL)
    np.testing.assert_allclose(rows[:, 0], RECORD.concentration)
    np.testing.assert_allclose(rows[:, 1], RECORD.dual)
    np.testing.assert_array_equal(rows[:, 2], 0)
    assert events == [(2, 1, CONCENTRATES), (3, -1, DIVIDED), (5, -1, JOINED)]


def test_without_the_offices_made_for_one_person_power_is_never_divided() -> None:
    rows, events = history(NULL._replace(first_president=0))
    np.testing.assert_allclose(rows[:, 0], RECORD.plain)
    np.testing.assert_array_equal(rows[:, 1], 0)
    np.testing.assert_allclose(rows[:, 2], RECORD.plain - RECORD.concentration)
    assert [kind for _, _, kind in events] == [CONCENTRATES]


def test_a_reform_that_changes_nothing_changes_nothing() -> None:
    p = NULL._replace(regularity=0.7, split_rate=0.5)
    alone, events = history(p, 300)
    again, same = history(p, 300, later=(3, p))
    np.testing.assert_array_equal(alone, again)
    assert events == same
    other, _ = history(p, 300, later=(3, p._replace(size=0.2)))
    np.testing.assert_array_equal(alone[:6], other[:6])


def test_without_a_constitution_the_fields_stay_neutral() -> None:
    rows, events = history(NULL, 50, given=no_constitution())
    assert not rows.any()
    assert events == []


def test_the_shift_is_against_the_last_month_of_the_record() -> None:
    rows, _ = history(NULL._replace(mean_gap=5), 100)
    np.testing.assert_allclose(rows[6:, 2], rows[6:, 0] - RECORD.concentration[-1])
    assert np.ptp(rows[6:, 0]) > 0


# ---- when amendments come


def gaps(regularity: float, number: int = 4000) -> Numbers:
    return np.array(
        [draw_gap(key_of(1, k), math.exp(regularity), 40.0, 0, 0) for k in range(number)]
    )


@pytest.mark.parametrize("regularity", [-0.7, 0, 0.7, 1.5])
def test_gaps_are_gamma_distributed(regularity: float) -> None:
    found, shape = gaps(regularity), math.exp(regularity)
    assert found.mean() == near(40, rel=0.08)
    assert found.std() == near(40 / math.sqrt(shape), rel=0.08)


def test_shape_one_is_a_constant_rate() -> None:
    found = np.sort(gaps(0.0))
    ranks = np.arange(1, found.size + 1) / found.size
    assert np.abs(1 - np.exp(-found / 40) - ranks).max() < 1.36 / math.sqrt(found.size)


def test_who_has_waited_waits_on() -> None:
    """A constant rate forgets; a regular renewal is the nearer the longer nothing came."""
    left = {
        shape: np.mean([gap_beyond(key_of(1, k), shape, 40.0, 0, 40.0) - 40 for k in range(1500)])
        for shape in (1.0, 4.0)
    }
    assert left[1.0] == near(40, rel=0.1)
    assert left[4.0] < 20


def number(events: list[Logged], *kinds: int) -> int:
    return sum(kind in kinds for each in events for _, _, kind in each)


def test_the_rate_follows_the_mean_gap_and_the_challenge() -> None:
    def steps(p: Parameters, challenged: float = 0.0) -> int:
        return number(drawn(p, 400, 40, challenged), CONCENTRATES, SPREADS)

    usual = steps(NULL)
    assert usual == near(40 * 400 / 20, rel=0.15)
    assert steps(NULL._replace(mean_gap=10)) == near(2 * usual, rel=0.15)
    faster = NULL._replace(after_challenge=math.log(2))
    assert steps(faster) == usual
    assert steps(faster, 1.0) == near(2 * usual, rel=0.15)


# ---- what they do


def test_what_an_amendment_does() -> None:
    always = history(NULL._replace(concentrates=1 - 1e-9, mean_gap=3), 200)[0]
    assert (np.diff(always[6:, 0]) >= 0).all()
    never = history(NULL._replace(concentrates=1e-9, mean_gap=3), 200)[0]
    assert (np.diff(never[6:, 0]) <= 0).all()
    for rows in (always, never):
        assert rows[:, 0].min() >= 0
        assert rows[:, 0].max() <= 1
    half = drawn(NULL, 400, 40)
    assert number(half, CONCENTRATES) == near(number(half, SPREADS), rel=0.2)
    odds = NULL._replace(concentrates_challenge=3.0)
    pushed = drawn(odds, 400, 40, 1.0)
    assert number(pushed, CONCENTRATES) > 5 * number(pushed, SPREADS)


def test_power_may_be_divided_and_joined_again() -> None:
    split = NULL._replace(split_rate=0.5, mean_gap=1e6)
    rows, _ = history(split, 2000)
    after = rows[6:]
    assert set(after[:, 1]) == {0.0, 0.2}
    assert after[after[:, 1] == 0, 0] == near(0.5)
    assert after[after[:, 1] > 0, 0] == near(0.5 - 0.2 * (math.sqrt(0.5) - 0.1))
    share = 10 / (10 + 24)
    assert (after[:, 1] > 0).mean() == near(share, rel=0.35)


def test_division_by_hand() -> None:
    """A leader with .6 who leaves .1 to another keeps .5: .36 becomes .26."""
    assert divided(0.36, 0.2) == near(0.5**2 + 0.1**2)
    assert divided(0.36, 0.0) == 0.36
    assert divided(0.0, 1.0) == 0.0


# ---- from the packs


def test_arrays_of_arvenia() -> None:
    found = load_constitution(load_country("template"))
    assert found is not None
    given = given_constitution(found, "2020-01")
    assert given.record_months == 120
    early, late = 0.45**2 + 0.15**2 + 0.4**2 / 60, 0.6**2 + 0.15**2 + 0.25**2 / 60
    np.testing.assert_allclose(given.concentration[:44], early)
    np.testing.assert_allclose(given.concentration[44:], late)
    np.testing.assert_array_equal(given.plain, given.concentration)
    assert list(given.turn) == [NEITHER, CONCENTRATES]
    assert list(given.amended) == [0, 44]
    assert given_constitution(found, "2031-01").record_months == 0
    assert given_constitution(None, "2020-01").record_months == 0


def test_arrays_of_kazakhstan() -> None:
    found = load_constitution(load_country("kazakhstan"))
    assert found is not None
    given = given_constitution(found, "1991-01")
    assert list(np.flatnonzero(given.dual)) == list(range(338, 373))
    assert given.dual[372] == near(given.dual[371] * 4 / 31), "four days of January 2022"
    names = [name for name, _ in found.amendments]
    by_name = dict(zip(names, turns(found), strict=True))
    up = {name for name, turn in by_name.items() if turn == CONCENTRATES}
    assert up == {
        "decree-1995",
        "constitution-1995",
        "amendment-1998",
        "amendment-2011",
        "council-2022",
    }
    assert by_name["amendment-2022-september"] == by_name["law-2000"] == NEITHER
    assert monthly(found, "1991-01")[0].max() <= 1


def test_a_reform_equals_the_same_rule_in_the_pack() -> None:
    """The First President's offices taken away by the parameter, and taken out of the pack."""
    found = load_constitution(load_country("kazakhstan"))
    assert found is not None
    given = given_constitution(found, "1991-01")
    never = given_constitution(found.without(first_presidents(found)), "1991-01")
    reform, events = history(NULL._replace(first_president=0), 384, given=given)
    pack, _ = history(NULL, 384, given=never)
    np.testing.assert_allclose(reform[:, :2], pack[:, :2], atol=1e-12)
    assert (reform[339:372, 2] > 0.1).all(), "one person would have had it all, 2019 to 2022"
    assert not reform[:338, 2].any()
    assert len(events) == 15


def test_every_parameter_is_declared_with_a_reference() -> None:
    country = load_country("kazakhstan")
    declared = load_parameters(country.folder.parent / "common" / "years" / "constitution.yaml")
    assert set(declared) == set(Parameters._fields)
    for parameter in declared.values():
        assert set(parameter.references) <= set(country.references)
    for name in ("after_challenge", "concentrates_challenge", "regularity"):
        prior = declared[name].prior
        assert prior is not None
        assert prior.value_at(-1.645) < 0 < prior.value_at(1.645)
    assert len(EVENTS) == len(set(EVENTS)) == 5
