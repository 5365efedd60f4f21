"""Compiled code against its own source, run by the interpreter: the same to the last bit."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from example_runs import arvenia, members, random_member
from qantar.base.arrays import Numbers, People
from qantar.model.hour import Member, Switches, initial_state
from qantar.model.mechanisms.state_decisions import Decider
from qantar.model.mediators import HeldMediators, Mediator
from qantar.model.records import Record
from qantar.model.state import HOURS_PER_DAY, Environment, State
from qantar.rng import binomial, binomial_hazard, draw_affected
from qantar.simulate.changes import parse_changes
from qantar.simulate.ensemble import (
    Checkpoint,
    Followed,
    copy_of,
    follow,
    follow_member,
    run_ensemble,
    run_member,
)
from qantar.simulate.interpreted import follow_interpreted
from qantar.simulate.scenario import Decisions, Scenario, make_scenario

DAYS = 5
"""Length of runs in the small country."""


@cache
def small_country() -> Scenario:
    return arvenia()


@cache
def january(account: str, decisions: Decisions, changes: str = "") -> Scenario:
    scenario = make_scenario("january-2022", account=account, decisions=decisions, belief="prior")
    if not changes:
        return scenario
    (parsed,) = parse_changes(scenario.country, scenario.episode, changes)
    return scenario.changed(parsed)


def differing(one: Followed, other: Followed, hours: slice) -> list[str]:
    """Return which arrays of two runs differ in these hours."""
    return [
        name
        for name, mine, theirs in zip(Followed._fields, one, other, strict=True)
        if mine[hours].tobytes() != theirs[hours].tobytes()
    ]


def differing_fields(one: State, other: State) -> list[str]:
    """Return which fields of two states differ."""
    return [
        f"{part}.{name}"
        for part, mine, theirs in zip(State._fields, one, other, strict=True)
        for name in mine.dtype.names
        if mine[name].tobytes() != theirs[name].tobytes()
    ]


def check_hours(environment: Environment, member: Member, day: int, hours: int) -> None:
    """Run hours from the beginning of a day both ways; compare what they record and the state."""
    first, last = HOURS_PER_DAY * day, HOURS_PER_DAY * day + hours
    saved: list[State] = []
    compiled = follow_member(environment, member, last, saved=saved)
    after = copy_of(saved[day])
    follow(after, environment, member, *compiled, first, last)
    state, reference = follow_interpreted(environment, member, first, last, start=saved[day])
    assert differing(compiled, reference, slice(first, last)) == []
    assert differing_fields(after, state) == []


# ------------------------------------------------------------------------- whole hours


@given(
    luck=st.integers(0, 2**32),
    on=st.lists(st.booleans(), min_size=len(Switches._fields), max_size=len(Switches._fields)),
    spread=st.floats(0, 3),
    decider=st.sampled_from([Decider.SCRIPT, Decider.OFFICES]),
    day=st.integers(0, DAYS - 1),
)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_member_is_the_same_to_the_last_bit(
    luck: int, on: list[bool], spread: float, decider: Decider, day: int
) -> None:
    scenario = small_country()
    member = random_member(scenario, luck, on, spread, decider)
    check_hours(scenario.environment, member, day, HOURS_PER_DAY)


@given(
    held=st.lists(st.booleans(), min_size=len(Mediator), max_size=len(Mediator)),
    numbers=st.tuples(st.integers(0, 20), st.integers(0, 20)),
    day=st.integers(0, DAYS - 1),
)
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_member_with_mediators_held_is_the_same(
    held: list[bool], numbers: tuple[int, int], day: int
) -> None:
    scenario = small_country()
    member, other = (members(scenario, 21)[number] for number in numbers)
    terms = follow_member(scenario.environment, other, DAYS * HOURS_PER_DAY).terms
    member = member._replace(held_mediators=HeldMediators(np.array(held, np.float64), terms))
    check_hours(scenario.environment, member, day, HOURS_PER_DAY)


ACCOUNTS = ("elite-split", "leaderless", "null", "police-first", "state", "territorial", "union")
CHANGES = ("", "no-shoot-order", "elected-akims", "no-shutdown", "forces-withdrawn")
DECISIONS: tuple[Decisions, ...] = ("script", "rules")


@pytest.mark.parametrize("account", ACCOUNTS)
@pytest.mark.parametrize("decisions", DECISIONS)
def test_hours_of_january_are_the_same(account: str, decisions: Decisions) -> None:
    source = np.random.default_rng([ACCOUNTS.index(account), DECISIONS.index(decisions)])
    scenario = january(account, decisions, str(source.choice(CHANGES)))
    member = members(scenario, 100)[int(source.integers(100))]
    check_hours(scenario.environment, member, day=int(source.integers(1, 8)), hours=2)


def test_draws_of_scipy_give_the_same_run() -> None:
    """An independent reference of the draws: the quantile of the binomial distribution."""
    drawn = []

    def quantile(n: int, p: float, u: float) -> int:
        return int(binom.ppf(u, n, min(p, 1.0))) if n > 0 and p > 0.0 else 0

    def of_hazard(n: int, hazard: float, u: float) -> int:
        return quantile(n, -np.expm1(-hazard), u)

    def of_cohorts(draws: Record, people: People, where: Numbers, at_risk: int) -> int:
        size = 0
        for k in range(at_risk):
            place = draws.place[k]
            for g in range(draws.group_count if where[place] > 0.0 else 0):
                drawn.append(people[g, place])
                draws.affected[size] = of_hazard(drawn[-1], draws.risk[g, k], draws.uniform[g, k])
                draws.group[size], draws.at[size] = g, place
                size += 1
        return size

    scenario, hours = small_country(), 2 * HOURS_PER_DAY
    member = members(scenario, 4)[3]
    _, reference = follow_interpreted(
        scenario.environment,
        member,
        0,
        hours,
        replaced={binomial: quantile, binomial_hazard: of_hazard, draw_affected: of_cohorts},
    )
    compiled = follow_member(scenario.environment, member, hours)
    assert max(drawn) > 1000
    assert differing(compiled, reference, slice(hours)) == []


# --------------------------------------------------------------- members, threads, parts


@cache
def references(count: int, hours: int) -> list[bytes]:
    """Return the records of the first members, as the interpreter makes them."""
    scenario = small_country()
    return [
        follow_interpreted(scenario.environment, member, 0, hours)[1].record.tobytes()
        for member in members(scenario, count)
    ]


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("count", [1, 5])
def test_any_number_of_members_on_any_number_of_threads(count: int, threads: int) -> None:
    scenario, hours = small_country(), 30
    found = run_ensemble(
        scenario.environment,
        members(scenario, count).__getitem__,
        members=count,
        hours=hours,
        threads=threads,
    )
    assert [record.tobytes() for record in found] == references(5, hours)[:count]


@given(
    luck=st.integers(0, 2**32),
    cuts=st.lists(st.integers(0, DAYS * HOURS_PER_DAY), max_size=5),
    decider=st.sampled_from([Decider.SCRIPT, Decider.OFFICES]),
)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_run_in_parts_is_the_run_in_one_go(luck: int, cuts: list[int], decider: Decider) -> None:
    scenario, hours = small_country(), DAYS * HOURS_PER_DAY
    environment = scenario.environment
    member = random_member(scenario, luck, [True] * len(Switches._fields), 1.0, decider)
    whole = follow_member(environment, member, hours)
    parts = Followed(*(np.zeros_like(each) for each in whole))
    state = initial_state(environment)
    edges = [0, *sorted(cuts), hours]
    for first, last in pairwise(edges):
        if first < last:
            follow(state, environment, member, *parts, first, last)
    assert differing(whole, parts, slice(hours)) == []
    assert run_member(environment, member, hours).tobytes() == whole.record.tobytes()


@pytest.mark.parametrize("day", range(1, DAYS))
def test_a_run_from_a_checkpoint_is_the_run_from_the_beginning(day: int) -> None:
    scenario, hours = small_country(), DAYS * HOURS_PER_DAY
    environment, member = scenario.environment, members(scenario, DAYS)[day]
    saved: list[State] = []
    whole = follow_member(environment, member, hours, saved=saved)
    start = Checkpoint(day * HOURS_PER_DAY, saved[day], whole)
    assert (
        differing(whole, follow_member(environment, member, hours, start=start), slice(hours)) == []
    )
    assert run_member(environment, member, hours, start=start).tobytes() == whole.record.tobytes()
