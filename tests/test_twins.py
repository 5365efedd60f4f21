"""Twins: the same luck in every world, no effect of a date, and sums that a hand can check."""

from __future__ import annotations

import datetime as dt
from functools import cache
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from example_runs import (
    COLUMN,
    arvenia,
    bits,
    change,
    followed,
    holding,
    members,
    stepping,
    total,
)
from qantar.analysis.outcomes import CUMULATIVE, Layout, Outcome
from qantar.analysis.run import layout_of
from qantar.analysis.whatif.designs import (
    MAX_CROSSED,
    crossed,
    interactions,
    regrets,
    robust_choice,
)
from qantar.analysis.whatif.result import BASELINE, COLUMNS, World
from qantar.analysis.whatif.twins import (
    QUANTITIES,
    REGIMES,
    checkpoint,
    comparison_values,
    differences,
    regime_shares,
    regimes,
    resampling,
    run_worlds,
    variance_ratio,
)
from qantar.base.errors import QantarError
from qantar.model.hour import TERMS, VARIABLES
from qantar.model.state import Action, State
from qantar.packs.intervention import Intervention
from qantar.simulate.changes import Change, Changes
from qantar.simulate.ensemble import Checkpoint, Followed, follow_member, run_member
from qantar.simulate.scenario import Decisions, Scenario, make_scenario

MODES: tuple[Decisions, ...] = ("script", "rules")
COUNT = 4
NO_SHUTDOWN = holding("shutdown", "no-shutdown", most=0)
STAND = holding("stand", least=1)


def same(one: list[Followed], other: list[Followed], *, orders: bool = True) -> bool:
    pairs = zip(one, other, strict=True)
    return all(bits(a, orders=orders) == bits(b, orders=orders) for a, b in pairs)


# ------------------------------------------------------------------------------ no change

NOTHING = {
    "null": Changes(),
    "after the end": holding("shutdown", least=1, **{"from": "2031-01-01"}),
    "before the beginning": holding("shutdown", least=1, until="2030-02-01"),
    "all kinds after the end": change(
        "late",
        decisions=tuple(
            {"kind": kind.name.lower(), "least": 1, "from": "2030-03-10"} for kind in Action
        ),
    ),
    "bounds that never bind": change(
        "open",
        decisions=tuple(
            {"kind": kind.name.lower(), "least": 0, "most": 1, "from": "2030-03-02T05:00"}
            for kind in Action
        ),
    ),
    "a factor of one": stepping("demands.drift", multiply=1.0),
    "nowhere": holding("shutdown", most=0, where=[]),
}


@pytest.mark.parametrize("decisions", MODES)
@pytest.mark.parametrize("what", NOTHING)
def test_a_change_of_nothing_changes_nothing(what: str, decisions: Decisions) -> None:
    scenario = arvenia(decisions)
    before = followed(scenario, COUNT)
    assert total(before, "deaths") > 0
    assert same(before, followed(scenario.changed(NOTHING[what]), COUNT))


@pytest.mark.parametrize("decisions", MODES)
def test_every_difference_of_the_null_change_is_nought(decisions: Decisions) -> None:
    before, after = run_worlds(arvenia(decisions), [Changes()], members=COUNT, seed=1)
    table = differences(
        before.outcome, after.outcome, seed=1, change="", mode=decisions, account="union"
    )
    assert list(table.columns) == COLUMNS["differences"].split()
    assert set(table["quantity"]) == set(QUANTITIES)
    for name in ("difference", "low", "high", "pair_low", "pair_high", "fewer", "more", "flipped"):
        assert (table[name] == 0).all(), name
    assert (table["same"] == 1).all()
    assert (table["baseline"] == table["changed"]).all()
    assert table[["variance_ratio", "stable_ratio"]].isna().all(axis=None)
    assert np.array_equal(before.hours, after.hours, equal_nan=True)


@pytest.mark.parametrize("decisions", MODES)
def test_the_order_in_which_changes_are_joined_means_nothing(decisions: Decisions) -> None:
    a, b, c = NO_SHUTDOWN, STAND, stepping("demands.drift", multiply=1.1)
    d = stepping("demands.drift", "again", multiply=0.7)
    scenario = arvenia(decisions)
    first = followed(scenario.changed(a + b + c + d), COUNT)
    assert same(first, followed(scenario.changed(d + c).changed(b).changed(a), COUNT))
    assert not same(first, followed(scenario.changed(a), COUNT))


# ------------------------------------------------------------------------------ no effect of a date

FEELS = {
    "shoot_order": (
        "lethal_force.by_shoot_order", "fear.by_shoot_order", "anger.by_shoot_order",
    ),
    "mourning": ("demands.mourning_respect",),
    # What remains of an emergency: mobile forces go nowhere without one, and no order to shoot
    # follows it by the rules; so both are kept from mattering too.
    "emergency": (
        "policing.by_emergency", "fear.by_emergency", "lethal_force.by_emergency",
        "leaving.by_curfew", "arrests.sweep_under_emergency", "reinforcement.pace",
        "lethal_force.by_shoot_order", "fear.by_shoot_order", "anger.by_shoot_order",
    ),
    "shutdown": (
        "shutdown.cut", "ties.by_phone", "reporting.slowed_by_shutdown",
    ),
    "foreign_troops": (
        "fear.by_foreign_troops", "anger.by_foreign_troops",
        "reinforcement.freed_by_foreign_troops", "reinforcement.morale_by_foreign_troops",
        "interior_forces.by_foreign_troops",
    ),
    "council_chair_changes": ("demands.council_trust", "reports.withheld"),
    "government_resigns": ("demands.resignation_trust", "demands.cabinet_trust"),
    "new_cabinet": ("demands.cabinet_trust",),
    "utilities_freeze": ("demands.freeze_trust",),
    # What remains of a concession by the rules: governments go after one, and bills are frozen.
    "price_concession": (
        "price_shock.concession_relief", "demands.price_trust", "demands.freeze_trust",
        "demands.resignation_trust", "demands.cabinet_trust",
    ),
}  # fmt: skip
"""By kind of order, every weight with which anything feels it, or what the rules let follow it."""


def moved_to(kind: str, moment: str) -> Changes:
    """Return a change that puts an order off, or forward, to a moment, and keeps it."""
    return change(
        f"move-{kind}",
        decisions=(
            {"kind": kind, "most": 0, "until": moment},
            {"kind": kind, "least": 1, "from": moment},
        ),
    )


@pytest.mark.parametrize("decisions", MODES)
@pytest.mark.parametrize("kind", FEELS)
def test_an_order_that_nobody_feels_does_nothing_whenever_it_comes(
    kind: str, decisions: Decisions
) -> None:
    """Forbidden or moved: not one bit of the people, of the forces or of the terms differs."""
    deaf = arvenia(decisions, dict.fromkeys(FEELS[kind], 0.0))
    before = followed(deaf, COUNT)
    for one in (
        holding(kind, most=0),
        moved_to(kind, "2030-03-02T10:00"),
        moved_to(kind, "2030-03-04T03:00"),
    ):
        unmoved = same(before, followed(deaf.changed(one), COUNT), orders=False)
        assert unmoved, one.label
    felt = arvenia(decisions)
    with_order = felt.changed(moved_to(kind, "2030-03-02T10:00"))
    assert not same(followed(felt, COUNT), followed(with_order, COUNT), orders=False)


# ------------------------------------------------------------------------------ expected signs


@pytest.mark.parametrize("decisions", MODES)
def test_without_the_price_nobody_comes_out_for_it(decisions: Decisions) -> None:
    """Plans of an attack need no price, and are made small."""
    held = {"coordinated_attack.towns": 0.001, "coordinated_attack.size": 1.0}
    scenario = arvenia(decisions, held)
    before = followed(scenario, 8)
    kept = followed(scenario.changed(holding("price_cap_lifted", most=0)), 8)
    assert total(kept, "joined") < 0.001 * total(before, "joined")
    assert total(kept, "deaths") == 0
    assert not sum(run.terms[:, :, list(TERMS).index("spark")].sum() for run in kept)


TRUST = ("price", "freeze", "resignation", "council", "cabinet")


def test_a_concession_that_is_believed_more_brings_fewer_out() -> None:
    for decisions in MODES:
        scenario, came = arvenia(decisions), []
        for more in (0.0, 0.5, 1.0):
            steps = tuple({"name": f"demands.{name}_trust", "add": more} for name in TRUST)
            one = change("believed", parameters=steps)
            came.append(total(followed(scenario.changed(one), 30), "joined"))
        assert all(b < a for a, b in pairwise(came)), came


def test_a_shutdown_leaves_less_news_where_the_news_moves_nobody() -> None:
    """The crowds are the same in both worlds, so that the news alone differs."""
    held = {
        "joining.media_weight": 0.0, "joining.rally": 0.0, "anger.by_shutdown": 0.0,
        "ties.by_phone": 0.0, "shutdown.cut": 1.0, "shutdown.curiosity": 0.0,
        "shutdown.coordination": 0.0, "shutdown.muted_concession": 0.0, "media.kept_in_mind": 0.0,
        "reporting.slowed_by_shutdown": 0.0,
    }  # fmt: skip
    scenario = arvenia("script", held)
    open_ = followed(scenario.changed(NO_SHUTDOWN), COUNT)
    dark = followed(scenario, COUNT)
    news = list(TERMS).index("media_news")
    for a, b in zip(open_, dark, strict=True):
        assert a.record.tobytes() == b.record.tobytes()
        assert (b.terms[:, :, news] <= a.terms[:, :, news]).all()
        # Eastvale (the last two places) keeps its net, and so its news.
        reached = (b.terms[:, :, news] < a.terms[:, :, news]).any(axis=0)
        assert reached.tolist() == [True] * 6 + [False] * 2


def test_an_imposed_decision_is_in_force_from_its_hour_in_its_region_only() -> None:
    one = holding("shutdown", least=1, where=["Eastvale"], **{"from": "2030-03-02T06:00"})
    scenario = arvenia("script", {"anger.by_shutdown": 2.0})
    before, after = followed(scenario, 1)[0], followed(scenario.changed(one), 1)[0]
    apart = np.flatnonzero((before.terms != after.terms).any(axis=(1, 2)))
    assert apart[0] == 30
    anger = list(TERMS).index("anger")
    differs = before.terms[30, :, anger] != after.terms[30, :, anger]
    assert differs.tolist() == [False] * 6 + [True] * 2
    assert before.ordered.tobytes() == after.ordered.tobytes(), "the script is as it was"


def test_withdrawal_never_holds_more_than_staying_in_the_mean() -> None:
    one = holding("withdrawal", least=0.9, **{"from": "2030-03-02T00:00"})
    for decisions in MODES:
        stay, leave = followed(arvenia(decisions), 8), followed(arvenia(decisions).changed(one), 8)
        held = [
            np.mean([r.record[:, :, COLUMN["control"]] for r in runs]) for runs in (stay, leave)
        ]
        assert held[1] < held[0]
        for run in leave:
            assert np.isfinite(run.record).all()
            assert np.isfinite(run.terms).all()


# ------------------------------------------------------------------------------ worlds


@cache
def worlds(threads: int, alternatives: tuple[Changes, ...]) -> tuple[World, ...]:
    return run_worlds(arvenia(), alternatives, members=5, seed=3, threads=threads)


def alike(a: World, b: World) -> bool:
    totals = all(
        np.array_equal(a.outcome.values(name), b.outcome.values(name)) for name in CUMULATIVE
    )
    return (
        totals
        and np.array_equal(a.outcome.crowds, b.outcome.crowds)
        and np.array_equal(a.outcome.participants, b.outcome.participants)
        and np.array_equal(a.hours, b.hours, equal_nan=True)
        and a.label == b.label
    )


def test_worlds_depend_neither_on_threads_nor_on_each_other() -> None:
    both = worlds(2, (NO_SHUTDOWN, STAND))
    assert [world.label for world in both] == ["baseline", "no-shutdown", "hold-stand"]
    for threads in (1, 3):
        again = worlds(threads, (NO_SHUTDOWN, STAND))
        assert all(alike(a, b) for a, b in zip(both, again, strict=True))
    swapped = worlds(2, (STAND, NO_SHUTDOWN))
    assert alike(both[0], swapped[0])
    assert alike(both[1], swapped[2])
    alone = worlds(2, (STAND,))
    assert alike(alone[1], both[2])
    assert not np.array_equal(both[0].outcome.crowds, both[1].outcome.crowds)


def direct(scenario: Scenario, count: int, seed: int) -> Outcome:
    outcome = Outcome(layout_of(scenario))
    for member in members(scenario, count, seed):
        outcome.add(run_member(scenario.environment, member, scenario.episode.hours))
    return outcome


def test_a_member_of_a_world_is_that_member_run_directly() -> None:
    wetter = stepping("demands.drift", multiply=1.5)
    poorer = change("g", ground=({"variable": "territorial_exclusion", "multiply": 0.5},))
    slow = stepping("akims.concession_patience", multiply=3.0)
    for one in (NO_SHUTDOWN, wetter, poorer, slow):
        before, after = run_worlds(arvenia(), [one], members=5, seed=3)
        assert np.array_equal(before.outcome.crowds, direct(arvenia(), 5, 3).crowds)
        own = direct(arvenia().changed(one), 5, 3)
        assert np.array_equal(after.outcome.crowds, own.crowds), one.label
        assert not np.array_equal(after.outcome.crowds, before.outcome.crowds), one.label


def test_a_world_branches_off_on_the_day_on_which_a_bound_first_matters() -> None:
    scenario = arvenia()
    member = members(scenario, 3, 3)[2]
    hours = scenario.episode.hours
    saved: list[State] = []
    followed_ = follow_member(scenario.environment, member, hours, saved=saved)
    assert len(saved) == hours // 24
    cut = followed_.ordered[:, Action.SHUTDOWN].any(axis=1)
    assert cut.any()
    start = checkpoint(scenario, scenario.changed(NO_SHUTDOWN), followed_, saved)
    assert start is not None
    assert start.hour == 24 * (int(np.flatnonzero(cut)[0]) // 24) > 0
    for own in (stepping("demands.drift", multiply=1.5), holding("stand", least=1)):
        assert checkpoint(scenario, scenario.changed(own), followed_, saved) is None
    again = follow_member(
        scenario.environment, member, hours, start=Checkpoint(48, saved[2], followed_)
    )
    for one, other in zip(followed_, again, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_scenario_that_is_changed_already_can_be_changed_again() -> None:
    """What was changed before stays changed once, in the baseline and in every world."""
    scenario = arvenia().changed(stepping("demands.drift", multiply=2.0))
    found = run_worlds(scenario, [NO_SHUTDOWN], members=5, seed=3)
    for world, own in zip(found, (scenario, scenario.changed(NO_SHUTDOWN)), strict=True):
        once = np.array_equal(world.outcome.crowds, direct(own, 5, 3).crowds)
        assert once, world.label


def test_what_is_forbidden_is_taken_in_no_run() -> None:
    """Hours of decisions are those at which they come into force."""
    before, after = worlds(2, (NO_SHUTDOWN,))
    names = [n for n, a in arvenia().episode.actions.items() if a.kind != "record"]
    k = [n for n in names if n != "price-doubled"].index("shutdown")
    assert not np.isnan(before.hours[:, k]).all()
    assert np.isnan(after.hours[:, k]).all()
    assert np.array_equal(
        np.delete(before.hours, k, 1), np.delete(after.hours, k, 1), equal_nan=True
    )


def test_january_has_twins_too() -> None:
    scenario = make_scenario("january-2022", belief="prior", decisions="rules")
    (null, late) = (Changes(), holding("shutdown", least=1, **{"from": "2022-03-01"}))
    base, *rest = run_worlds(scenario, [null, late, STAND], members=2, seed=1, threads=2)
    for world in rest[:2]:
        assert np.array_equal(world.outcome.crowds, base.outcome.crowds)
    assert np.array_equal(base.outcome.crowds, direct(scenario, 2, 1).crowds)


# ------------------------------------------------------------------------------ differences


NUMBERS = COLUMNS["differences"].split()[8:]


def row(was: list[float], became: list[float], stays: list[bool]) -> dict[str, float]:
    a, b = np.array(was, float), np.array(became, float)
    values = comparison_values(a, b, resampling(len(a), 1), np.array(stays))
    return dict(zip(NUMBERS, values, strict=True))


def test_one_row_by_hand() -> None:
    nan = np.nan
    found = row(
        [1, 2, nan, 4, nan, 6], [3, 2, 5, nan, nan, 3], [True, True, True, True, True, False]
    )
    assert found["baseline"] == 3.0  # 1, 2, 6
    assert found["changed"] == pytest.approx(8 / 3)  # 3, 2, 3
    assert found["difference"] == pytest.approx(-1 / 3)  # 2, 0, -3
    assert (found["fewer"], found["same"], found["more"]) == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    assert found["pair_low"] == pytest.approx(-2.7)
    assert found["pair_high"] == pytest.approx(1.8)
    assert found["flipped"] == pytest.approx(1 / 6)
    spread = np.var([1, 2, 6]) + np.var([3, 2, 3])
    assert found["variance_ratio"] == pytest.approx(spread / np.var([2, 0, -3]))
    assert found["stable_ratio"] == pytest.approx((0.25 + 0.25) / 1.0)  # 1, 2 against 3, 2
    assert -3 <= found["low"] < found["difference"] < found["high"] <= 2


def test_a_row_with_no_pair_is_empty() -> None:
    nan = np.nan
    assert all(np.isnan(v) for v in row([1, nan], [nan, 2], [True, True]).values())


def test_pairs_that_do_not_exist_do_not_pull_an_interval_to_nought() -> None:
    """Every difference that exists is 5, so no resample of them has a mean but 5."""
    nan = np.nan
    found = row([1, 2] + [nan] * 8, [6, 7] + [nan] * 8, [True] * 10)
    assert found["difference"] == 5.0
    assert (found["low"], found["high"]) == pytest.approx((5.0, 5.0))


def test_what_pairing_is_worth() -> None:
    source = np.random.default_rng(2)
    x, y = source.normal(size=(2, 20_000))
    assert variance_ratio(x, y) == pytest.approx(1.0, abs=0.05)
    assert np.isnan(variance_ratio(x, x))
    counts = np.round(100 * x)
    assert np.isnan(variance_ratio(counts, counts + 7))
    assert np.isnan(variance_ratio(x[:0], y[:0]))
    # Twins that share all but a tenth of their spread: 2 / 0.01.
    assert variance_ratio(x, x + 0.1 * y) == pytest.approx(201.0, rel=0.05)


def test_a_shift_of_numbers_that_are_not_whole_is_no_gain_without_bounds() -> None:
    """Rounding leaves differences apart in their last bit: that is no variance."""
    x = np.random.default_rng(3).uniform(size=50)
    ratio = variance_ratio(x, x + 0.3)
    assert np.isnan(ratio) or ratio < 1e12


def test_intervals_cover_as_often_as_they_say() -> None:
    """Of 90 % intervals about nine in ten hold the true mean; a few fewer at sixty pairs."""
    source = np.random.default_rng(5)
    gaps = source.normal(1.0, 2.0, (600, 60))
    means = gaps @ resampling(60, 9).T
    low, high = np.quantile(means, (0.05, 0.95), axis=1)
    share = np.mean((low <= 1.0) & (high >= 1.0))
    assert 0.86 <= share <= 0.93
    stays = np.ones(60, np.bool_)
    for k in range(3):
        found = comparison_values(np.zeros(60), gaps[k], resampling(60, 9), stays)
        assert found[3:5] == pytest.approx([low[k], high[k]])


def test_resampling_weighs_every_pair_alike_and_is_repeatable() -> None:
    weights = resampling(12, 4)
    assert weights.sum(axis=1) == pytest.approx(np.ones(len(weights)))
    assert weights.mean(axis=0) == pytest.approx(np.full(12, 1 / 12), rel=0.1)
    assert np.array_equal(weights, resampling(12, 4))
    assert not np.array_equal(weights, resampling(12, 5))


# ------------------------------------------------------------------------------ designs


def named(*names: str) -> list[Changes]:
    kinds = ("shutdown", "stand", "mourning", "emergency", "restraint", "withdrawal", "shoot_order")
    return [holding(kind, name, most=0) for kind, name in zip(kinds, names, strict=False)]


def test_crossing_gives_every_combination_once() -> None:
    a, b, c = named("a", "b", "c")
    labels = [changes.label for changes in crossed([a, b, c])]
    assert labels == ["a", "b", "c", "a+b", "a+c", "b+c", "a+b+c"]
    assert crossed([c, a]) == (c, a, a + c)
    assert crossed([a, a]) == (a,)
    assert len(crossed(named(*"abcdef"))) == 63
    assert MAX_CROSSED == 6
    with pytest.raises(QantarError, match="cannot be crossed"):
        crossed(named(*"abcdefg"))


def test_what_cannot_be_combined_is_not_crossed() -> None:
    a = holding("shutdown", "a", most=0)
    with pytest.raises(QantarError, match="exclude each other"):
        crossed([a, holding("shutdown", "b", least=1)])
    dosed = Intervention.model_validate(
        {
            "name": "d", "title": "t", "baseline": "b", "reason": "r", "grade": "assumed",
            "expected": [{"outcome": "deaths", "sign": "either", "because": "x"}],
            "dose": {"label": "l", "unit": "u", "default": 1, "low": 0, "high": 1, "meaning": "m"},
            "decisions": [{"kind": "stand", "least": "dose"}],
        }
    )  # fmt: skip
    half, full = (Changes((Change(dosed, dose=dose),)) for dose in (0.5, 1.0))
    with pytest.raises(QantarError, match="appears twice"):
        crossed([half, full])


def made_differences(rows: list[tuple[str, str, str, str, float]]) -> pd.DataFrame:
    """Return a table of change, account, mode, quantity and difference, for the country."""
    columns = ["change", "account", "mode", "quantity", "difference"]
    return pd.DataFrame(rows, columns=columns).assign(level="country")


def test_changes_that_add_up_do_not_interact() -> None:
    a, b, c = named("a", "b", "c")
    sizes = {"a": -10.0, "b": 4.0, "c": 1.0, "a+b": -6.0, "a+c": -9.0, "b+c": 5.0, "a+b+c": -5.0}
    rows = [(label, "union", "rules", "deaths", size) for label, size in sizes.items()]
    found = interactions(made_differences(rows), [a, b, c])
    assert found[["first", "second"]].to_numpy().tolist() == [["a", "b"], ["a", "c"], ["b", "c"]]
    assert (found["interaction"] == 0).all()
    rows[3] = ("a+b", "union", "rules", "deaths", -20.0)
    found = interactions(made_differences(rows), [a, b, c])
    assert found["interaction"].tolist() == [-14.0, 0.0, 0.0]
    assert found["sum"].tolist() == [-6.0, -9.0, 5.0]
    elsewhere = made_differences(rows).assign(level="region")
    assert len(interactions(elsewhere, [a, b, c])) == 0


TABLE = [
    ("a", "one", "rules", "deaths", -30.0),
    ("b", "one", "rules", "deaths", -10.0),
    ("a", "two", "rules", "deaths", 50.0),
    ("b", "two", "rules", "deaths", -5.0),
]


def test_the_robust_choice_by_hand() -> None:
    """In world one `a` is best (-30), in world two `b` (-5); `b` never costs more than 20."""
    found = regrets(made_differences(TABLE))
    table = found.pivot_table(index="change", columns="account", values="regret")
    assert table.loc["a"].tolist() == [0.0, 55.0]
    assert table.loc["b"].tolist() == [20.0, 0.0]
    assert table.loc[BASELINE].tolist() == [30.0, 5.0]
    assert robust_choice(found) == ("b", 20.0)
    harmful = [(c, k, m, q, abs(d)) for c, k, m, q, d in TABLE]
    assert robust_choice(regrets(made_differences(harmful))) == (BASELINE, 0.0)


def test_a_choice_that_was_never_tried_in_a_world_is_not_robust_for_it() -> None:
    """What `a` costs in world two is not known, so it cannot be called the robust choice."""
    rows = [*TABLE[:2], ("a", "two", "rules", "deaths", np.nan), TABLE[3]]
    assert robust_choice(regrets(made_differences(rows)))[0] != "a"
    assert robust_choice(regrets(made_differences([*TABLE[:2], TABLE[3]])))[0] != "a"


# ------------------------------------------------------------------------------ kinds of course

REGION_COUNT, DAYS = 6, 8


def layout() -> Layout:
    """Return six regions of one place each, eight days."""
    names = tuple(f"P{k}" for k in range(REGION_COUNT))
    regions = tuple(f"R{k}" for k in range(REGION_COUNT))
    offsets = np.zeros(REGION_COUNT, np.int64)
    return Layout("X", names, regions, regions, dt.date(2030, 1, 1), DAYS, offsets, 50.0)


def course(regions: int, deaths: dict[int, int]) -> np.ndarray:
    """Return a record: a visible crowd for a day in some regions, deaths at noon of some days."""
    record = np.zeros((DAYS * 24, REGION_COUNT, len(VARIABLES)), np.float32)
    record[30:40, :regions, COLUMN["crowd"]] = 50.0
    record[30:40, regions:, COLUMN["crowd"]] = 49.0  # too small for any source to report
    for day, dead in deaths.items():
        record[day * 24 + 12 :, 0, COLUMN["deaths"]] += dead
    return record


COURSES = {
    (0, ()): "local, few dead",
    (1, ((2, 9),)): "local, few dead",
    (1, ((2, 10),)): "local, put down",
    (1, ((2, 5), (5, 5))): "local, fighting to the end",
    (1, ((2, 6), (5, 4))): "local, put down",
    (1, ((4, 30),)): "local, put down",  # the last three days are 5, 6 and 7
    (2, ()): "in several regions, few dead",
    (2, ((7, 100),)): "in several regions, fighting to the end",
    (2, ((0, 100),)): "in several regions, put down",
    (3, ()): "national, few dead",
    (6, ((3, 10),)): "national, put down",
    (6, ((7, 10),)): "national, fighting to the end",
}


def outcome_of(*records: np.ndarray) -> Outcome:
    outcome = Outcome(layout())
    for record in records:
        outcome.add(record)
    return outcome


def test_courses_fall_into_their_kinds_each_from_itself_alone() -> None:
    records = [course(regions, dict(deaths)) for regions, deaths in COURSES]
    kinds = [REGIMES[k] for k in regimes(outcome_of(*records))]
    assert kinds == list(COURSES.values())
    assert set(kinds) == set(REGIMES)
    backwards = [REGIMES[k] for k in regimes(outcome_of(*records[::-1]))]
    assert backwards == kinds[::-1]
    assert [REGIMES[regimes(outcome_of(record))[0]] for record in records] == kinds


def test_flips_are_shares_of_pairs() -> None:
    quiet, local, national = course(1, {}), course(1, {2: 20}), course(6, {7: 20})
    before, after = (
        outcome_of(quiet, quiet, local, local),
        outcome_of(quiet, local, local, national),
    )
    found = regime_shares(before, after)
    assert found == {
        ("local, few dead", "local, few dead"): 0.25,
        ("local, few dead", "local, put down"): 0.25,
        ("local, put down", "local, put down"): 0.25,
        ("local, put down", "national, fighting to the end"): 0.25,
    }
    assert sum(found.values()) == 1.0
