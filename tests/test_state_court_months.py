"""Courts by month: hand-computed values, the record, reforms, and the directions of effects."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import pytest

from qantar.analysis.state.court_histories import CourtHistory, follow_courts
from qantar.base.arrays import Numbers
from qantar.model.months.court_cases import served_months
from qantar.model.months.courts import (
    EVENTS,
    MECHANISM,
    CourtsGiven,
    Parameters,
    expected_dismissals,
    no_courts,
    obedience_of,
)
from qantar.packs.loading import load_country
from qantar.packs.state.courts import load_courts
from qantar.rng import key_of
from qantar.simulate.years.alone import as_record, declared_numbers, numbers_at
from qantar.simulate.years.courts import given_courts

HALF = 1.4426950408889634
"""Months after which exp(-1 / HALF) is one half."""

KEY = key_of(3, 0)
MONTHS = 540
RECORD = 373
values_of = partial(numbers_at, MECHANISM)


def numbers(**values: float) -> Any:
    """Return parameters: these, and 0 for the others."""
    return as_record(MECHANISM, {"memory": HALF, "trust_time": HALF, "served": 1.0, **values})


def small(**changes: Any) -> CourtsGiven:
    """Return a land of one case within 12 recorded months, 12 dismissals a year."""
    given = no_courts()._replace(
        record_months=12,
        dismissed=np.full(12, np.nan),
        dismissal_rate=12.0,
        case_rate=1.0,
        trial_months=2.0,
        term=2.0,
        attention=0.5,
        charged=np.array([2]),
        sentenced=np.array([4]),
        released=np.array([9]),
        died=np.array([-1]),
        convicted=np.ones(1),
        political=np.ones(1),
        years=np.array([1.0]),
        noticed=np.array([0.5]),
    )
    return given._replace(**changes)


def kazakhstan() -> CourtsGiven:
    return given_courts(load_courts(load_country("kazakhstan")), "1991-01", RECORD)


def named(history: CourtHistory) -> list[tuple[int, int, str]]:
    return [(int(m), int(unit), EVENTS[kind]) for m, unit, kind in history.events]


def column(history: CourtHistory, name: str) -> Numbers:
    return np.asarray(history.fields[name])


# ---- by hand


def test_obedience_by_hand() -> None:
    p = numbers(calls=0.5, called=math.log(9), uncalled=math.log(3), threat=math.log(2))
    # With a call 0.9, without 0.75.
    assert obedience_of(p, 1.0, 1.0, 1.0) == pytest.approx((0.825, 0.75))
    # Twice the usual dismissals: odds of 18 after a call.
    assert obedience_of(p, 2.0, 1.0, 1.0)[0] == pytest.approx(0.5 * 18 / 19 + 0.375)
    # Nobody calls: precedent alone.
    assert obedience_of(p, 1.0, 1.0, 0.0) == pytest.approx((0.75, 0.75))
    # More calls than cases are all of them.
    assert obedience_of(p, 1.0, 1.0, 9.0)[0] == pytest.approx(0.9)


def test_the_rate_of_dismissals_by_hand() -> None:
    given = small(level_change=10, level_step=math.log(4))
    assert expected_dismissals(given, numbers(), 0, 1.0) == pytest.approx(1.0)
    p = numbers(step=1.0, challenge=math.log(3), rate=math.log(2))
    assert expected_dismissals(given, p, 9, 0.0) == pytest.approx(1.0)
    assert expected_dismissals(given, p, 10, 0.0) == pytest.approx(4.0)
    assert expected_dismissals(given, p, 10, 1.0) == pytest.approx(12.0)


def test_time_served_by_hand() -> None:
    p = numbers(served=0.5, early=math.log(2))
    assert served_months(p, 10.0, 0.0) == 60
    assert served_months(p, 10.0, 1.0) == 30
    assert served_months(numbers(served=0.5, early=-5.0), 10.0, 1.0) == 120
    assert served_months(p, 0.01, 1.0) == 1


def test_memory_and_independence_by_hand() -> None:
    p = numbers(from_record=1.0, calls=0.5, called=0.0, uncalled=0.0, lesson=1.0)
    history = follow_courts(small(case_rate=0.0), KEY, 3, p)
    # One dismissal a month, half forgotten: 0.5, 0.75 and 0.875 of the usual memory.
    without = [1 / (1 + math.exp(0.5)), 1 / (1 + math.exp(0.25)), 1 / (1 + math.exp(0.125))]
    assert column(history, "obedience_uncalled") == pytest.approx(without)
    obedience = [0.25 + 0.5 * each for each in without]
    assert column(history, "judicial_independence") == pytest.approx([1 - o for o in obedience])


def test_trust_by_hand() -> None:
    p = numbers(from_record=1.0, calls=1.0, trust_low=0.1, trust_free=0.5, trust_case=0.05)
    history = follow_courts(small(case_rate=1e-9), KEY, 6, p)
    # Independence is one half: trust halves its way from 0.5 to 0.3, and loses 0.05 by a verdict.
    assert column(history, "court_trust") == pytest.approx(
        [0.4, 0.35, 0.325, 0.3125, 0.25625, 0.278125]
    )


def test_a_count_is_spread_over_its_months() -> None:
    dismissed = np.full(12, np.nan)
    dismissed[3:6] = 2.5
    history = follow_courts(small(dismissed=dismissed), KEY, 12, numbers(from_record=1.0))
    assert column(history, "dismissals") == pytest.approx([1] * 3 + [2.5] * 3 + [1] * 6)


# ---- the record


def test_cases_happen_as_recorded() -> None:
    history = follow_courts(small(), KEY, 12, numbers(from_record=1.0))
    assert named(history) == [(2, 0, "charged"), (4, 0, "convicted"), (9, 0, "released")]
    assert column(history, "political_prisoners") == pytest.approx([0] * 4 + [1] * 5 + [0] * 3)
    assert column(history, "political_cases") == pytest.approx([0, 0, 1] + [0] * 9)


def test_a_death_without_trial_is_a_case_of_its_own_kind() -> None:
    nothing = np.array([-1])
    given = small(charged=nothing, sentenced=nothing, released=nothing, died=np.array([5]))
    history = follow_courts(given, KEY, 12, numbers(from_record=1.0))
    assert named(history) == [(5, 0, "died")]
    assert column(history, "political_cases")[5] == 1
    assert column(history, "political_prisoners").max() == 0


def test_the_record_of_kazakhstan_holds_whatever_the_draws() -> None:
    given = kazakhstan()
    histories = [follow_courts(given, key_of(seed, 7), RECORD, values_of()) for seed in (1, 2)]
    np.testing.assert_array_equal(histories[0].fields, histories[1].fields)
    assert not column(histories[0], "courts_shift").any()
    counted = column(histories[0], "dismissals")[264:366]
    assert counted.sum() == pytest.approx(104)
    assert counted[60:].sum() == pytest.approx(60)
    events = named(histories[0])
    year = {(unit, kind): 1991 + month // 12 for month, unit, kind in events}
    assert year[0, "released"] == 2003
    assert year[1, "released"] == 2006
    assert year[2, "released"] == 2004
    assert year[5, "released"] - year[5, "charged"] == 15
    assert [unit for _, unit, kind in events if kind == "died"] == [3, 4, 5]


def test_waves_do_not_move_the_record() -> None:
    given = kazakhstan()
    calm = follow_courts(given, KEY, RECORD, values_of())
    wild = follow_courts(given, KEY, RECORD, values_of(), challenged=np.ones(RECORD))
    np.testing.assert_array_equal(calm.fields, wild.fields)


def test_fields_stay_in_their_ranges_for_any_parameters() -> None:
    given = kazakhstan()
    source = np.random.default_rng(5)
    names = tuple(declared_numbers(MECHANISM))
    for member in range(40):
        scores = dict(zip(names, source.normal(0, 2, len(names)), strict=True))
        free = {"from_record": float(member % 2)}
        history = follow_courts(given, key_of(1, member), MONTHS, values_of(scores, **free))
        for field in MECHANISM.country:
            values = column(history, field.name)
            assert np.isfinite(values).all()
            assert values.min() >= field.low - 1e-12
            assert values.max() <= field.high + 1e-12


def test_cases_are_charged_before_verdicts_and_released_after() -> None:
    history = follow_courts(kazakhstan(), KEY, MONTHS, values_of(from_record=0.0))
    stage: dict[int, str] = {}
    follows = {"convicted": "charged", "acquitted": "charged", "released": "convicted"}
    for _, unit, kind in named(history):
        if kind in follows:
            assert stage[unit] == follows[kind]
        stage[unit] = kind
    assert len(history.events) > 100


# ---- reforms


def test_a_reform_that_changes_nothing_changes_nothing() -> None:
    given, p = kazakhstan(), values_of()
    plain = follow_courts(given, KEY, MONTHS, p)
    for reform in (0, 200, RECORD, 450):
        null = follow_courts(given, KEY, MONTHS, p, values_of(), reform)
        np.testing.assert_array_equal(plain.fields, null.fields)
        np.testing.assert_array_equal(plain.events, null.events)


def test_a_reform_from_the_start_is_the_same_rule_throughout() -> None:
    given = kazakhstan()
    reformed = values_of(from_record=0.0, dismissal=0.0, calling=0.5)
    throughout = follow_courts(given, KEY, MONTHS, reformed)
    from_start = follow_courts(given, KEY, MONTHS, values_of(), reformed, 0)
    np.testing.assert_array_equal(throughout.fields, from_start.fields)


def test_levers_act_only_once_the_record_is_not_imposed() -> None:
    given = kazakhstan()
    plain = follow_courts(given, KEY, MONTHS, values_of())
    safe = follow_courts(given, KEY, MONTHS, values_of(dismissal=0.0, calling=0.0))
    np.testing.assert_array_equal(plain.fields[:RECORD], safe.fields[:RECORD])
    assert not column(safe, "dismissals")[RECORD:].any()
    assert (column(safe, "courts_shift")[-24:] > column(plain, "courts_shift")[-24:]).all()


def test_safer_judges_and_fewer_calls_make_courts_more_independent() -> None:
    given = kazakhstan()

    def shift(**levers: float) -> float:
        after = values_of(from_record=0.0, **levers)
        history = follow_courts(given, KEY, RECORD, values_of(), after, 264)
        return float(column(history, "courts_shift")[-1])

    by_dismissal = [shift(dismissal=factor) for factor in (0.0, 0.5, 1.0, 3.0)]
    assert by_dismissal == sorted(by_dismissal, reverse=True)
    assert by_dismissal[0] > 0.01
    by_calls = [shift(calling=factor) for factor in (0.0, 0.5, 1.0, 2.0)]
    assert by_calls == sorted(by_calls, reverse=True)
    # The sign is that of the weights, which may be negative.
    against = {"threat": -0.4, "lesson": -0.4, "from_record": 0.0}
    safe = follow_courts(
        given, KEY, RECORD, values_of(**{**against, "from_record": 1.0}),
        values_of(**against, dismissal=0.0), 264,
    )  # fmt: skip
    assert column(safe, "courts_shift")[-1] < 0


def test_without_weights_dismissals_change_no_verdict() -> None:
    """As the thesis expects of dismissals for corruption."""
    given = kazakhstan()
    zero = {"threat": 0.0, "lesson": 0.0}
    plain = follow_courts(given, KEY, MONTHS, values_of(**zero))
    safe = follow_courts(given, KEY, MONTHS, values_of(**zero, dismissal=0.0))
    np.testing.assert_array_equal(column(plain, "obedience"), column(safe, "obedience"))


# ---- after the record


def test_attention_shortens_prison_and_changes_no_verdict() -> None:
    given = kazakhstan()
    unseen = follow_courts(given, KEY, MONTHS, values_of(from_record=0.0, noticed=0.0))
    seen = follow_courts(given, KEY, MONTHS, values_of(from_record=0.0, noticed=1.0))
    for kind in ("charged", "convicted", "acquitted"):
        months = [[m for m, _, k in named(each) if k == kind] for each in (unseen, seen)]
        assert months[0] == months[1]
        assert months[0]
    np.testing.assert_array_equal(column(unseen, "obedience"), column(seen, "obedience"))
    held = [column(each, "political_prisoners")[120:].mean() for each in (unseen, seen)]
    assert held[1] < 0.8 * held[0]
    worse = values_of(from_record=0.0, noticed=1.0, early=-0.3, soften=-0.3)
    longer = follow_courts(given, KEY, MONTHS, worse)
    assert column(longer, "political_prisoners")[120:].mean() > held[0]


def test_dismissals_are_drawn_at_the_rate_and_more_after_a_challenge() -> None:
    given = kazakhstan()
    p = values_of(from_record=0.0, challenge=math.log(2), step=0.0)

    def mean(challenged: float) -> float:
        waves = np.full(MONTHS, challenged)
        drawn = [
            column(follow_courts(given, key_of(9, k), MONTHS, p, challenged=waves), "dismissals")
            for k in range(20)
        ]
        return float(np.mean(drawn)) * 12

    assert mean(0.0) == pytest.approx(given.dismissal_rate, rel=0.05)
    assert mean(1.0) == pytest.approx(2 * given.dismissal_rate, rel=0.05)


def test_the_shift_continues_from_the_last_month_of_the_record() -> None:
    given = kazakhstan()
    history = follow_courts(given, KEY, MONTHS, values_of())
    independence = column(history, "judicial_independence")
    expected = independence[RECORD:] - independence[RECORD - 1]
    assert column(history, "courts_shift")[RECORD:] == pytest.approx(expected)


def test_a_reform_measures_against_the_record_of_the_same_month() -> None:
    given = kazakhstan()
    plain = follow_courts(given, KEY, RECORD, values_of())
    after = values_of(from_record=0.0, dismissal=0.0)
    safe = follow_courts(given, KEY, RECORD, values_of(), after, 264)
    gap = column(safe, "judicial_independence") - column(plain, "judicial_independence")
    assert column(safe, "courts_shift") == pytest.approx(gap)


def test_named_cases_that_are_open_go_on_by_rule() -> None:
    after = numbers(from_record=0.0, calls=1.0, called=20.0, uncalled=20.0)
    # The case is charged in month 2; the reform is in month 3, the trial takes 2 months.
    history = follow_courts(small(), KEY, 40, numbers(from_record=1.0), after, 3)
    own = [(month, kind) for month, unit, kind in named(history) if unit == 0]
    assert own == [(2, "charged"), (4, "convicted"), (16, "released")]


def test_a_pack_without_courts_leaves_every_field_neutral() -> None:
    history = follow_courts(no_courts(), KEY, 24, values_of())
    for field in MECHANISM.country:
        assert (column(history, field.name) == field.neutral).all()
    assert not len(history.events)
    assert given_courts(None, "1991-01", 12).record_months == 0


def test_every_parameter_is_declared_in_order() -> None:
    declared = declared_numbers(MECHANISM)
    assert tuple(declared) == Parameters._fields
    for name in ("threat", "lesson", "challenge", "soften", "early", "trust_dismissal"):
        prior = declared[name].prior
        assert prior
        assert prior.value_at(-1.7) < 0 < prior.value_at(1.7)


def test_arrays_of_the_template() -> None:
    given = given_courts(load_courts(load_country("template")), "2020-01", 120)
    assert given.dismissal_rate == pytest.approx(4.0)
    assert given.level_change == 72
    assert given.level_step == pytest.approx(math.log(2))
    assert given.death_share == pytest.approx(1 / 3)
    assert given.charged.tolist() == [37, 62, -1]
    assert given.released.tolist() == [57, 113, -1]
    assert np.nansum(given.dismissed) == pytest.approx(24)
    assert given.term == 4.5
