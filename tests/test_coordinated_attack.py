"""A planned attack: who comes out, where and when, and that a plan that strikes nobody is none."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from qantar.base.arrays import Numbers
from qantar.model.crowd import count
from qantar.model.hour import SWITCHES, VARIABLES, Member, begin, initial_state, step
from qantar.model.mechanisms.coordinated_attack import REFERENCE_POPULATION, attack
from qantar.model.state import STANCES, Environment, State
from qantar.simulate.ensemble import run_member
from qantar.simulate.scenario import Scenario, make_scenario

MECHANISM = "coordinated_attack"
EVERY_TOWN = {"towns": 0.999, "by_size": 0.0, "by_named": 0.0}
SURELY = 4.5
"""Standard deviations off that chance gives once in a hundred thousand times."""


@cache
def arvenia(belief: str, held: tuple[tuple[str, float], ...]) -> Scenario:
    return make_scenario("spring-unrest", pack="template", belief=belief, overrides=dict(held))


def scenario_with(belief: str = "middle", **held: float) -> Scenario:
    names = {name if "." in name else f"{MECHANISM}.{name}": v for name, v in held.items()}
    return arvenia(belief, tuple(sorted(names.items())))


def member_of(scenario: Scenario, number: int, *, seed: int = 1, alone: bool = True) -> Member:
    """Return a member, by default with no other mechanism on."""
    member = scenario.member(seed, number, scenario.draws(seed, number + 1))
    if not alone:
        return member
    only = np.zeros(1, SWITCHES)
    only[MECHANISM] = 1.0
    return member._replace(switches=only)


def militants_by_hour(
    scenario: Scenario, number: int, hours: int, environment: Environment | None = None
) -> tuple[Numbers, State]:
    """Return the militants of every place after every hour, and the state at the end."""
    environment = scenario.environment if environment is None else environment
    member = member_of(scenario, number)
    state = initial_state(environment)
    begin(state, environment, member)
    rows = []
    for hour in range(hours):
        step(state, environment, member, hour)
        rows.append(environment.of_places(state.places["militants"]).copy())
    return np.array(rows), state


def due(
    scenario: Scenario, number: int, environment: Environment | None = None, seed: int = 1
) -> Numbers:
    """Return with how many attackers each place of a member is to be struck."""
    where = scenario.environment if environment is None else environment
    state = initial_state(where)
    begin(state, where, member_of(scenario, number, seed=seed))
    return np.array(where.of_places(state.places["attackers_due"]))


def named(environment: Environment, marks: Numbers) -> Environment:
    land = environment.places.copy()
    environment.of_places(land["named"])[:] = marks
    return environment._replace(places=land)


# --------------------------------------------------------------------------------- who


@pytest.mark.parametrize("size", [1.0, 300.0, 20_000.0])
@pytest.mark.parametrize("lasting", [1.0, 7.3])
def test_attackers_are_people_of_the_place(size: float, lasting: float) -> None:
    """Nobody comes from nowhere, also where the plan asks for more than there are."""
    scenario = scenario_with(**EVERY_TOWN, size=size, hour=2.0, lasting=lasting)
    # A tenth of the people, so that the largest plan asks for more than there are in some towns.
    environment = scenario.environment._replace(cohort=scenario.environment.cohort // 10)
    rows, state = militants_by_hour(scenario, 0, 12, environment)
    people = np.stack([environment.of_cohorts(state.people[stance]) for stance in STANCES])
    assert (people >= 0).all()
    assert (people.sum(axis=0) == environment.cohort).all()
    came = environment.cohort - environment.of_cohorts(state.people["quiet"])
    assert (came == environment.of_cohorts(state.people["militant"])).all()
    militancy = environment.groups["militancy"][: environment.group_count]
    assert not came[:, militancy == 0].any()
    assert (rows[-1] == came.sum(axis=1)).all()
    assert came.any()


def test_a_place_where_nobody_is_able_is_not_struck() -> None:
    scenario = scenario_with(**EVERY_TOWN, size=300.0, hour=0.0, lasting=3.0)
    environment, member = scenario.environment, member_of(scenario, 0)
    state = initial_state(environment)
    begin(state, environment, member)
    state.people["detained"][:, 0] = state.people["quiet"][:, 0]
    state.people["quiet"][:, 0] = 0
    for hour in range(3):
        attack(state, environment, member.parameters[0][MECHANISM], member.key, hour)
    count(state, environment)
    militants = environment.of_places(state.places["militants"])
    assert militants[0] == 0
    assert (militants[1:] > 0).all()


@pytest.mark.parametrize("lasting", [1.0, 8.0])
def test_as_many_come_out_as_the_plan_says(lasting: float) -> None:
    """A struck town gives close to `size`: binomial draws of hazards that add up to it."""
    members, size, towns = 60, 40.0, EVERY_TOWN["towns"]
    scenario = scenario_with(**EVERY_TOWN, size=size, hour=1.0, lasting=lasting)
    environment = scenario.environment
    hours = 2 + int(lasting)
    got = sum(militants_by_hour(scenario, k, hours)[0][-1].sum() for k in range(members))
    quiet = environment.cohort
    militancy = environment.groups["militancy"][: environment.group_count]
    able = (quiet * militancy).sum(axis=1, keepdims=True)
    risk = -np.expm1(-size * militancy / able)  # of a person, over all hours of the plan
    struck = members * towns
    expected = struck * (quiet * risk).sum()
    variance = struck * (quiet * risk * (1 - risk)).sum()
    variance += members * towns * (1 - towns) * ((quiet * risk).sum(axis=1) ** 2).sum()
    assert abs(got - expected) < SURELY * np.sqrt(variance)
    assert expected == pytest.approx(struck * size * len(quiet), rel=0.01)


# -------------------------------------------------------------------------------- when


@pytest.mark.parametrize(
    ("hour", "lasting", "first", "last"),
    [(5.0, 1.0, 5, 5), (5.0, 4.0, 5, 8), (4.5, 4.0, 5, 8), (4.5, 3.2, 5, 7), (0.0, 2.0, 0, 1)],
)
def test_nobody_comes_out_before_the_hour_or_after_the_last(
    hour: float, lasting: float, first: int, last: int
) -> None:
    scenario = scenario_with(**EVERY_TOWN, size=500.0, hour=hour, lasting=lasting)
    rows, _ = militants_by_hour(scenario, 0, 14)
    came = np.diff(rows.sum(axis=1), prepend=0.0)
    assert np.flatnonzero(came).tolist() == list(range(first, last + 1))


def test_members_differ_in_hour_and_in_towns() -> None:
    scenario = scenario_with(belief="prior", size=500.0)
    draws = scenario.draws(1, 40)
    hours = {
        float(scenario.member(1, k, draws).parameters[0][MECHANISM]["hour"]) for k in range(40)
    }
    assert len(hours) == 40
    assert min(hours) >= 0.0
    assert max(hours) <= 240.0
    even = scenario_with(towns=0.5, by_size=0.0, size=1.0)
    plans = [tuple(due(even, k)) for k in range(40)]
    assert len(set(plans)) > 20
    assert plans == [tuple(due(even, k)) for k in range(40)], "the same member, the same towns"
    assert plans[0] != tuple(due(even, 0, seed=2)) or plans[1] != tuple(due(even, 1, seed=2))


# ------------------------------------------------------------------------------- where


def chosen(scenario: Scenario, members: int, environment: Environment | None = None) -> Numbers:
    """Return which place is struck in which member: 1 or 0 (members, places)."""
    return np.array([due(scenario, k, environment) > 0 for k in range(members)], dtype=float)


@pytest.mark.slow
def test_the_share_of_struck_towns_is_the_stated_chance() -> None:
    members, towns, by_size = 400, 0.2, 0.8
    scenario = scenario_with(towns=towns, by_size=by_size, size=1.0)
    environment = scenario.environment
    population = environment.of_places(environment.places["population"])
    odds = towns / (1 - towns) * (population / REFERENCE_POPULATION) ** by_size
    chance = odds / (1 + odds)
    sd = np.sqrt(chance * (1 - chance) / members)
    assert (abs(chosen(scenario, members).mean(axis=0) - chance) < SURELY * sd).all()


def test_naming_raises_the_chance_of_named_places_only() -> None:
    marks = np.zeros(scenario_with().environment.place_count)
    marks[[0, -1]] = 1.0
    struck = []
    for weight in (0.0, 1.0, 3.0, 20.0):
        scenario = scenario_with(towns=0.1, by_size=0.0, by_named=weight, size=1.0)
        struck.append(chosen(scenario, 60, named(scenario.environment, marks)))
        unnamed = chosen(scenario, 60)
        assert (unnamed == struck[0]).all(), "where nothing is named the weight is not felt"
    for before, after in pairwise(struck):
        assert (after[:, marks == 0] == before[:, marks == 0]).all()
        assert (after >= before).all()
        assert after.sum() > before.sum()
    assert struck[-1][:, marks == 1].all()


def test_a_larger_weight_of_size_favours_the_large_and_spares_the_small() -> None:
    plain = scenario_with().environment
    land = plain.places.copy()
    population = plain.of_places(land["population"])
    population[:] = REFERENCE_POPULATION * np.geomspace(0.1, 10.0, len(population))
    environment = plain._replace(places=land)
    large = population > 1.01 * REFERENCE_POPULATION
    small = population < 0.99 * REFERENCE_POPULATION
    struck = [
        chosen(scenario_with(towns=0.3, by_size=weight, size=1.0), 80, environment)
        for weight in (-2.0, -0.5, 0.0, 0.7, 2.0)
    ]
    for before, after in pairwise(struck):
        assert (after[:, large] >= before[:, large]).all()
        assert (after[:, small] <= before[:, small]).all()
        assert after[:, large].sum() > before[:, large].sum()
        assert after[:, small].sum() < before[:, small].sum()


# --------------------------------------------------------------------- a part of the hour


def test_a_plan_that_strikes_no_town_is_no_plan() -> None:
    """Bit for bit: its draws are its own, so that its presence moves nobody else's luck."""
    lively = {"joining.gate_threshold": 2000.0, "joining.willing": 0.1, "escalation.rate": 0.005}
    nowhere = {"towns": 0.000001, "by_size": 0.0, "hour": 20.0, "size": 5000.0}
    deaths = [variable.name for variable in VARIABLES].index("deaths")
    without, somewhere = [], []
    for number in range(6):
        for towns in (0.000001, 0.9):
            scenario = scenario_with("prior", **{**lively, **nowhere, "towns": towns})
            member = member_of(scenario, number, alone=False)
            switches = member.switches.copy()
            switches[MECHANISM] = 0.0
            hours = scenario.episode.hours
            on = run_member(scenario.environment, member, hours)
            off = run_member(scenario.environment, member._replace(switches=switches), hours)
            (without if towns < 0.5 else somewhere).append((on, off))
    assert any(off[:, :, deaths].any() for _, off in without)
    assert all(on.tobytes() == off.tobytes() for on, off in without)
    assert all(on.tobytes() != off.tobytes() for on, off in somewhere)


def test_it_needs_no_protest() -> None:
    """Without a price that rises nobody else comes out, and the attack takes place all the same."""
    scenario = scenario_with("prior", **EVERY_TOWN, size=200.0, hour=10.0, lasting=2.0)
    land = scenario.environment.places.copy()
    land["price_rise"] = 0.0
    environment = scenario.environment._replace(places=land)
    crowd = [variable.name for variable in VARIABLES].index("crowd")
    for number in range(3):
        member = member_of(scenario, number, alone=False)
        record = run_member(environment, member, scenario.episode.hours)
        assert not record[:10, :, crowd].any()
        assert record[10, :, crowd].any()
