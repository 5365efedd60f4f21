"""Triggers, waves, answers and monitors of the month, and Poisson draws, worked out by hand."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import poisson as scipy_poisson

from one_month import DATED, TOWNS, ids, make_past, make_state, numbers
from qantar.base.arrays import Numbers
from qantar.model.month import MOST_TRIGGERS
from qantar.model.months import answers, calendar, monitors, waves
from qantar.model.months.declaration import FRAMES, WAVE_COLUMNS, Past, State
from qantar.rng import key_of
from qantar.rng.poisson import poisson

LN2 = 0.693147180559945

near = pytest.approx


# ---- calendar


def found_triggers(past: Past, rate: float, member: int, month: int) -> NDArray[np.int64]:
    found = np.zeros(MOST_TRIGGERS, np.int64)
    p = numbers("calendar", rate=rate)
    return found[: calendar.triggers_of(past, p, key_of(1, member), month, found)]


def test_dated_triggers_come_in_their_month_and_in_no_other() -> None:
    past = make_past(first_triggers=np.array([0, 2, 2, *[7] * 22], np.int64))
    assert list(found_triggers(past, 3.0, 0, 0)) == [0, 1]
    assert list(found_triggers(past, 3.0, 0, 1)) == []
    assert list(found_triggers(past, 3.0, 0, 2)) == [2, 3, 4, 5, 6]
    assert list(found_triggers(past, 3.0, 0, 3)) == []


@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_drawn_triggers_come_at_the_stated_rate(factor: float) -> None:
    past = make_past()
    past.frame_rate[1] = 0
    past.trigger_frame[3] = 2  # two about labour, none about elections
    count = np.zeros(len(FRAMES))
    months = 0
    for member in range(250):
        for month in range(DATED, 24):
            count += np.bincount(found_triggers(past, math.log(factor), member, month), minlength=7)
            months += 1
    expected = months * (1 - math.exp(-0.6 * factor / 12))
    assert (count[1], count[2] + count[3]) == (0, near(expected, abs=4.5 * math.sqrt(expected)))
    assert count[2] == near(expected / 2, abs=4.5 * math.sqrt(expected / 2))
    assert count[[0, 4, 5, 6]] == near([expected] * 4, abs=4.5 * math.sqrt(expected))


# ---- waves


@dataclass(frozen=True)
class Spread:
    """Towns that came out, by member."""

    out: NDArray[np.int64]

    @property
    def towns(self) -> float:
        return float(self.out.sum(axis=1).mean())


def spread(
    past: Past, *, frame: str = "labour", members: int = 300, state: State | None = None, **p: float
) -> Spread:
    """Spread a trigger of a frame in many members, with the intercept 6 and the salience 2."""
    parameters = numbers("waves", **({"intercept": 6, "salience": 2, "half_towns": 2} | p))
    state = make_state() if state is None else state
    trigger = FRAMES.index(frame)
    out = np.zeros((members, past.town_count), np.int64)
    hazards = np.zeros((4, past.town_count))
    for member in range(members):
        number = waves.spread(
            state, past, parameters, key_of(1, member), trigger, 77, 0, hazards, out[member]
        )
        assert number == out[member].sum()
    return Spread(out)


def test_a_town_alone_comes_out_as_often_as_its_hazard_says() -> None:
    found = spread(make_past(), members=1500)
    # exp(2 - 6) * 2 / 2.05 a day, for 12 days: 1 - exp(-0.214435).
    expected = 0.192996
    error = 4.5 * math.sqrt(expected * (1 - expected) / 1500)
    assert found.out.mean(axis=0) == near([expected] * 6, abs=error)


@pytest.mark.parametrize("frame", FRAMES)
def test_nobody_comes_out_where_nothing_matters(frame: str) -> None:
    past = make_past(salience=np.zeros((7, 6)))
    assert spread(past, frame=frame, intercept=-5, contagion=5, breadth=3).towns == 0


def test_a_general_rise_of_prices_matters_for_prices_only() -> None:
    past = make_past(salience=np.zeros((7, 6)))
    state = make_state(breadth=1.0)
    assert spread(past, frame="price", state=state, intercept=0, breadth=2).towns == 6
    assert spread(past, frame="land", state=state, intercept=0, breadth=2).towns == 0
    dear = make_state(price_gap=2.0)
    assert spread(make_past(), frame="price", state=dear, gap=1).towns > 2
    assert spread(make_past(), frame="land", state=dear, gap=1).towns == spread(make_past()).towns


def test_the_more_an_issue_matters_the_more_towns_come_out() -> None:
    state = make_state()
    state.regions["reach"][:3] = 0.8
    found = [
        spread(make_past(salience=np.full((7, 6), s)), state=state, contagion=1, intercept=5).out
        for s in (0.0, 0.1, 0.4, 0.7, 1.0)
    ]
    assert all(np.all(less <= more) for less, more in itertools.pairwise(found))
    towns = [each.sum() for each in found]
    assert towns == sorted(set(towns))


@pytest.mark.parametrize(
    ("name", "fewer", "more"),
    [
        ("contagion", 0.0, 3.0),
        ("norm", 0.0, 3.0),
        ("fear", 1.0, 0.0),
        ("pre_emption", 2.0, 0.0),
        ("size", 0.0, 1.0),
    ],
)
def test_what_carries_and_what_holds_back(name: str, fewer: float, more: float) -> None:
    past = make_past(town_size=np.full(6, 1.5), trigger_announced=np.ones(7))
    state = make_state(norm=1.0)
    state.regions["reach"][:3] = 0.8
    state.regions["fear"][:3] = 1.0
    base = {"contagion": 1.0, "intercept": 5.0}
    less = spread(past, state=state, **(base | {name: fewer})).out
    much = spread(past, state=state, **(base | {name: more})).out
    assert np.all(less <= much)
    assert less.sum() < much.sum()


def test_changed_institutions_move_the_hazard_like_its_intercept() -> None:
    past = make_past()
    for frame in FRAMES:
        base = spread(past, frame=frame, intercept=6.0).out
        less = spread(past, frame=frame, intercept=5.5).out
        assert less.sum() > base.sum()
        moved = spread(past, frame=frame, intercept=6.0, state=make_state(wave_shift=0.5)).out
        np.testing.assert_array_equal(moved, less)
        by_unions = make_state(wave_labour_shift=0.5)
        moved = spread(past, frame=frame, intercept=6.0, state=by_unions).out
        np.testing.assert_array_equal(moved, less if frame in ("price", "labour") else base)
        in_one = make_state(wave_local_shift=(0.0, 0.5, 0.0))
        moved = spread(past, frame=frame, intercept=6.0, state=in_one).out
        np.testing.assert_array_equal(moved[:, [0, 1, 4, 5]], base[:, [0, 1, 4, 5]])
        np.testing.assert_array_equal(moved[:, 2:4], less[:, 2:4])


def test_another_region_leaves_the_draws_of_the_others_alone() -> None:
    past = make_past()
    names = ("First", *TOWNS)
    larger = past._replace(
        region_count=4,
        town_count=7,
        population_share=np.array([0.4, 0.3, 0.2, 0.1]),
        town_id=ids(names),
        town_region=np.array([3, 0, 0, 1, 1, 2, 2]),
        town_size=np.zeros(7),
        salience=np.ones((7, 7)),
    )
    np.testing.assert_array_equal(spread(past).out, spread(larger).out[:, 1:])


def test_a_shock_is_common_to_all_towns() -> None:
    towns = spread(make_past(), members=600, shock=2).out.sum(axis=1)
    alone = spread(make_past(), members=600).out.sum(axis=1)
    assert towns.var() > 2 * alone.var()


# ---- answers


def test_chances_of_answers_by_hand() -> None:
    p = numbers(
        "answers",
        concede_scope=1,
        promise=math.log(3),
        repress=-LN2,
        repress_political=LN2,
    )
    assert answers.chance_of(0, p, 0, 1.0) == near(2 / 3)
    assert answers.chance_of(0, p, 0, 17.0) == near(18 / 19)
    assert answers.chance_of(1, p, 0, 17.0) == near(3 / 4)
    assert answers.chance_of(2, p, FRAMES.index("price"), 5.0) == near(1 / 3)
    assert answers.chance_of(2, p, FRAMES.index("election"), 5.0) == near(1 / 2)
    assert answers.chance_of(2, p, FRAMES.index("symbol"), 5.0) == near(1 / 2)


def answer(members: int, towns: float, regions: float, **values: float) -> Numbers:
    """Return killed, detained and answers to a wave by member."""
    found = np.zeros((members, 5))
    for member in range(members):
        answers.answer_wave(
            numbers("answers", **values), key_of(1, member), 0, 5, towns, regions, found[member], 0
        )
    return found


def test_answers_come_as_often_as_their_chance() -> None:
    found = answer(1500, 4, 3, concede=math.log(3), repress=-math.log(4), held_a_town=10)
    error = 4.5 * 0.5 / math.sqrt(1500)
    assert found[:, 2:].mean(axis=0) == near([0.75, 0.5, 0.2], abs=error)
    repressed = found[:, 4] == 1
    assert set(found[repressed, 1]) == {40}
    assert set(found[~repressed, 1]) == {0}
    assert np.corrcoef(found[:, 2:].T)[~np.eye(3, dtype=bool)] == near([0] * 6, abs=0.12)


def test_people_are_killed_only_where_force_turns_lethal() -> None:
    always = answer(800, 4, 3, repress=50, violent=50, killed_a_region=2)
    assert always[:, 0].mean() == near(6, abs=4.5 * math.sqrt(6 / 800))
    assert answer(200, 4, 3, repress=50, violent=-50, killed_a_region=2)[:, 0].sum() == 0
    assert answer(200, 4, 3, repress=-50, violent=50, killed_a_region=2)[:, 0].sum() == 0


def test_there_is_no_answer_to_nobody() -> None:
    found = answer(50, 0, 0, concede=50, promise=50, repress=50, violent=50, held_a_town=10)
    assert found.sum() == 0


def test_columns_of_answers_follow_each_other() -> None:
    first = WAVE_COLUMNS.index("killed")
    assert WAVE_COLUMNS[first : first + 5] == (
        "killed",
        "detained",
        "concede",
        "promise",
        "repress",
    )


# ---- monitors


def published(past: Past, months: range, state: State, member: int = 0, **p: float) -> Numbers:
    """Return what the monitors publish: float array (months, monitors)."""
    drift = np.zeros(past.monitor_count)
    found = np.zeros((len(months), past.monitor_count), np.float32)
    for k, month in enumerate(months):
        monitors.count(
            state, past, numbers("monitors", **p), key_of(1, member), month, drift, found[k]
        )
    return found.astype(float)


def test_a_monitor_publishes_while_it_counts() -> None:
    past = make_past()
    past.monitor_on[1, :20] = 0
    found = published(past, range(24), make_state(held_social=5.0))
    assert np.isnan(found[:20, 1]).all()
    assert not np.isnan(found[20:, 1]).any()
    assert not np.isnan(found[:, 0]).any()


def test_a_monitor_that_covers_all_counts_all_on_average() -> None:
    past = make_past()
    past.monitor_kinds[1] = (1, 0, 0)
    state = make_state(held_economic=3.0, held_social=4.0, held_political=5.0, wave_events=2.0)
    found = np.concatenate([published(past, range(24), state, m) for m in range(40)])
    error = 4.5 / math.sqrt(len(found))
    assert found[:, 0].mean() == near(14, abs=error * math.sqrt(14))
    assert found[:, 1].mean() == near(5, abs=error * math.sqrt(5))
    halved = [published(past, range(24), state, m, coverage_1=-LN2) for m in range(40)]
    assert np.concatenate(halved)[:, 0].mean() == near(7, abs=error * math.sqrt(7))


def test_every_monitor_has_a_coverage_of_its_own() -> None:
    values = {f"coverage_{k + 1}": float(k) for k in range(monitors.MOST_MONITORS)}
    p = numbers("monitors", **values)
    assert [monitors.coverage_of(p, k) for k in range(monitors.MOST_MONITORS)] == list(range(8))


def test_coverage_drifts_once_a_year() -> None:
    logs = []
    for member in range(400):
        state = make_state(held_social=1e6)
        found = published(make_past(), range(24), state, member, drift=0.5)[[0, 11, 12], 0]
        logs.append(np.log(found / 1e6))
    first, last, next_year = np.array(logs).T
    assert np.abs(first - last).max() < 0.02
    assert first.std() == near(0.5, rel=0.16)
    assert (next_year - last).std() == near(0.5, rel=0.16)


# ---- Poisson draws

UNIFORMS = np.concatenate([np.linspace(1e-5, 1 - 1e-5, 1001), [1e-9, 1e-7, 1 - 1e-7, 1 - 1e-9]])
UNIFORMS.sort()


def quantiles(mean: float) -> Numbers:
    return np.array([poisson(u, mean) for u in UNIFORMS])


@pytest.mark.parametrize("mean", [0.0, 0.01, 0.5, 1.0, 3.7, 12.0, 29.99])
def test_poisson_is_exact_for_small_means(mean: float) -> None:
    expected = np.zeros(len(UNIFORMS)) if mean == 0 else scipy_poisson.ppf(UNIFORMS, mean)
    np.testing.assert_array_equal(quantiles(mean), expected)


@pytest.mark.parametrize("mean", [30.0, 33.3, 50.0, 300.0, 1e4])
def test_poisson_is_within_one_for_large_means(mean: float) -> None:
    assert np.abs(quantiles(mean) - scipy_poisson.ppf(UNIFORMS, mean)).max() <= 1


def test_poisson_is_monotone_in_the_uniform_number_and_in_the_mean() -> None:
    table = np.array([quantiles(m) for m in (0, 0.1, 2, 10, 29, 29.9999, 30, 30.1, 31, 40, 100)])
    assert np.all(np.diff(table, axis=0) >= 0)
    assert np.all(np.diff(table, axis=1) >= 0)
