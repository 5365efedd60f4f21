"""Attacks, looting, shots and arrests: how often, and what has to come first."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from one_mechanism import KEY, SURELY, everyone, gather, of, order, parameters, put, world
from qantar.base.arrays import Numbers
from qantar.model.mechanisms import arrests, attacks, lethal_force, looting, security_losses
from qantar.model.state import STANCES, Action, Environment, State

PLACES = 8
DAWN, NIGHT, AFTERNOON = 6, 2, 15


def near(counts: Any, expected: float, variance: float | None = None) -> bool:
    """Return whether the mean of independent counts is near what it should be."""
    counts = np.asarray(counts, float).ravel()
    spread = np.std(counts) if variance is None else np.sqrt(variance)
    return bool(abs(counts.mean() - expected) <= SURELY * spread / np.sqrt(counts.size) + 1e-9)


# -------------------------------------------------------------------------------- buildings


@pytest.mark.parametrize(
    ("militants", "control", "hazard"),
    [
        (100.0, 0.0, 0.06 / 20),
        (400.0, 0.0, 0.24 / 20),
        (400.0, 0.5, 0.24 / 20 / np.e),
        (0.0, 0.0, 0.0),
    ],
)
def test_a_hundred_militants_attack_so_many_buildings_an_hour(
    militants: float, control: float, hazard: float
) -> None:
    environment, state = world(buildings=20)
    p = parameters("attacks", rate=0.06, deterrence=2.0)
    put(environment, state, militants=militants, control=control)
    taken = []
    for hour in range(500):
        put(environment, state, buildings_attacked=8)
        attacks.attack_buildings(state, environment, p, KEY, hour)
        taken.append(of(environment, state, "buildings_attacked") - 8)
    assert near(taken, 12 * -np.expm1(-hazard))


def test_no_more_buildings_are_attacked_than_there_are() -> None:
    environment, state = world(buildings=3)
    put(environment, state, militants=1e6, control=0.0)
    for hour in range(20):
        attacks.attack_buildings(state, environment, parameters("attacks", rate=5.0), KEY, hour)
    assert (of(environment, state, "buildings_attacked") == 3).all()


# ---------------------------------------------------------------------------------- looting


def looted(hour: int, *, militants: float, control: float, days: int = 150, **p: float) -> Numbers:
    environment, state = world(businesses=100, clock_offset=0.0)
    record = parameters("looting", **{"rate": 0.1, "mob": 1000.0, "deterrence": 3.0, **p})
    put(environment, state, militants=militants, control=control)
    rows = []
    for day in range(days):
        put(environment, state, businesses_looted=0)
        looting.loot(state, environment, record, KEY, 24 * day + hour)
        rows.append(of(environment, state, "businesses_looted"))
    return np.array(rows)


@pytest.mark.parametrize(
    ("hour", "militants", "control", "by_day", "hazard"),
    [
        (NIGHT, 1000.0, 0.0, 0.2, 0.1 / 8),  # half the mob, cubed
        (NIGHT, 9000.0, 0.0, 0.2, 0.1 * 0.729),
        (NIGHT, 100.0, 0.0, 0.2, 0.1 / 11**3),  # a few do not loot
        (NIGHT, 1000.0, 1.0, 0.2, 0.1 / 8 / np.e**3),
        (AFTERNOON, 1000.0, 0.0, 0.2, 0.1 / 8 * 0.2),  # the middle of the day
        (AFTERNOON, 1000.0, 0.0, 0.0, 0.0),
        (DAWN, 1000.0, 0.0, 1.0, 0.1 / 8),
    ],
)
def test_shops_are_looted_by_night_by_large_groups_where_police_are_absent(
    hour: int, militants: float, control: float, by_day: float, hazard: float
) -> None:
    found = looted(hour, militants=militants, control=control, by_day=by_day)
    assert near(found, 100 * -np.expm1(-hazard))


# ----------------------------------------------------------------------------------- shots

QUIET = {"firing_rate": 0.0}
WILD = {"rate": 0.2, "by_soldiers": 0.0, "by_lost_control": 0.0, "arming": 1.0, **QUIET}


def scene() -> tuple[Environment, State]:
    """Return a scene with people in the street, officers and nothing stormed yet."""
    environment, state = world()
    gather(environment, state, "protesting", 60)
    gather(environment, state, "militant", 20)
    there = everyone(environment, state, "protesting"), everyone(environment, state, "militant")
    assert there[0].all()
    put(environment, state, crowd=there[0] + there[1], militants=there[1], officers=300.0)
    return environment, state


def harmed(environment: Environment, state: State) -> Numbers:
    return everyone(environment, state, "dead") + everyone(environment, state, "wounded")


def test_nobody_is_shot_before_a_building_is_stormed() -> None:
    """Whatever is ordered and however violent the crowd is; a firing is something else."""
    environment, state = scene()
    order(environment, state, Action.SHOOT_ORDER)
    order(environment, state, Action.EMERGENCY)
    for hour in range(50):
        lethal_force.shoot(state, environment, parameters("lethal_force", **WILD), KEY, hour)
    assert not harmed(environment, state).any()
    put(environment, state, buildings_attacked=[1] + [0] * (PLACES - 1))
    lethal_force.shoot(state, environment, parameters("lethal_force", **WILD), KEY, 50)
    hit = harmed(environment, state)
    assert hit[0] > 0
    assert not hit[1:].any()


def test_live_ammunition_comes_with_a_delay() -> None:
    environment, state = scene()
    put(environment, state, buildings_attacked=1)
    p = parameters("lethal_force", **{**WILD, "arming": 10.0, "rate": 0.0})
    for hour in range(1, 31):
        lethal_force.shoot(state, environment, p, KEY, hour)
        assert of(environment, state, "armed") == pytest.approx(1 - 0.9**hour)


def test_militants_are_hit_and_those_next_to_them() -> None:
    environment, state = scene()
    p = parameters("lethal_force", **{**WILD, "wounds_per_death": 4.0, "spill": 0.5})
    before = {name: state.people[name].copy() for name in STANCES}
    militants, protesters = (
        everyone(environment, state, "militant"),
        everyone(environment, state, "protesting"),
    )
    put(environment, state, buildings_attacked=1, armed=1.0, control=1.0)
    of_militants, of_others = [], []
    for hour in range(400):
        for name, people in before.items():
            state.people[name][:] = people
        lethal_force.shoot(state, environment, p, KEY, hour)
        of_militants.append(militants - everyone(environment, state, "militant"))
        of_others.append(protesters - everyone(environment, state, "protesting"))
    risk = 5 * 0.2 * 300 / (300 + militants + 1)
    others = risk * 0.5 * militants / (militants + protesters)
    for counts, people, hazard in (
        (of_militants, militants, risk),
        (of_others, protesters, others),
    ):
        for i in range(PLACES):
            assert near(np.array(counts)[:, i], people[i] * -np.expm1(-hazard[i]))


@pytest.mark.parametrize("wounds", [0.0, 2.6, 10.0])
def test_the_dead_and_the_wounded(wounds: float) -> None:
    environment, state = scene()
    p = parameters("lethal_force", **{**WILD, "wounds_per_death": wounds})
    put(environment, state, buildings_attacked=1, armed=1.0)
    for hour in range(30):
        lethal_force.shoot(state, environment, p, KEY, hour)
    dead = everyone(environment, state, "dead").sum()
    hit = harmed(environment, state).sum()
    share = 1 / (1 + wounds)
    assert hit > 500
    assert abs(dead - share * hit) <= SURELY * np.sqrt(hit * share * (1 - share)) + 1e-9


def firings(hours: int, *, learned: float, force: float, officers: float, **p: float) -> Numbers:
    """Return how many were hit in every hour and place, on a crowd that has taken nothing."""
    environment, state = world(country={"learned_restraint": learned})
    gather(environment, state, "protesting", 400)
    quiet = {name: state.people[name].copy() for name in STANCES}
    crowd = everyone(environment, state, "protesting")
    put(environment, state, crowd=crowd, force=force, officers=officers)
    record = parameters("lethal_force", **p)
    rows = []
    for hour in range(hours):
        for name, people in quiet.items():
            state.people[name][:] = people
        lethal_force.shoot(state, environment, record, KEY, hour)
        rows.append(harmed(environment, state))
    return np.array(rows)


@pytest.mark.parametrize(
    ("learned", "force", "restraint", "rate"),
    [
        (0.0, 1.0, 2.0, 0.1),
        (0.0, 0.5, 2.0, 0.05),
        (1.0, 1.0, np.log(2.0), 0.05),  # what was learned halves it
        (0.5, 1.0, np.log(4.0), 0.05),
        (1.0, 1.0, -np.log(2.0), 0.2),  # or, of the other sign, doubles it
        (0.0, 0.0, 2.0, 0.0),
    ],
)
def test_a_firing_is_as_frequent_as_its_rate_says(
    learned: float, force: float, restraint: float, rate: float
) -> None:
    hits = firings(
        800, learned=learned, force=force, officers=0.0,
        firing_rate=0.1, firing_size=500.0, restraint=restraint,
    )  # fmt: skip
    # Nobody is hit in one of some five hundred firings.
    chance = -np.expm1(-rate)
    assert abs((hits > 0).mean() - chance) <= 0.003 * chance + SURELY * np.sqrt(
        chance * (1 - chance) / hits.size
    )


def test_a_firing_is_rare_and_kills_many_at_once() -> None:
    hits = firings(800, learned=0.0, force=1.0, officers=0.0, firing_rate=0.05, firing_size=120.0)
    events = hits[hits > 0]
    assert 0 < len(events) < 0.07 * hits.size
    assert near(events, 120.0 / (1 - 1 / 121))


def test_police_who_outnumber_a_crowd_do_not_fire() -> None:
    hits = firings(300, learned=0.0, force=1.0, officers=1e9, firing_rate=0.5, firing_size=120.0)
    assert not hits.any()


@pytest.mark.parametrize("withdrawn", [0.5, 0.999, 1.0])
def test_forces_that_withdraw_shoot_no_more_than_those_that_stay(withdrawn: float) -> None:
    hit = []
    for level in (0.0, withdrawn):
        environment, state = scene()
        there = 1.0 - level
        put(environment, state, reinforcement=2000.0, officers=2000.0 * there)
        put(environment, state, buildings_attacked=1, armed=1.0)
        order(environment, state, Action.WITHDRAWAL, level)
        p = parameters("lethal_force", **{**WILD, "by_soldiers": 4.0, "rate": 0.001})
        lethal_force.shoot(state, environment, p, KEY, 0)
        hit.append(harmed(environment, state))
    assert (hit[1] <= hit[0]).all()
    assert hit[1].any() == (withdrawn < 1)


def test_security_losses_by_the_encounter() -> None:
    environment, state = world()
    put(environment, state, officers=400.0, militants=100.0)
    p = parameters("security_losses", rate=0.01, wounds_per_death=10.0)
    rows = []
    for hour in range(400):
        put(environment, state, security_dead=0, security_wounded=0)
        security_losses.draw_losses(state, environment, p, KEY, hour)
        rows.append(
            (of(environment, state, "security_dead"), of(environment, state, "security_wounded"))
        )
    dead, wounded = np.array(rows).swapaxes(0, 1)
    assert near(dead, 400 * -np.expm1(-0.01 / 5))
    assert near(wounded, 400 * -np.expm1(-0.1 / 5))


# --------------------------------------------------------------------------------- arrests


def test_arrests_in_the_street_follow_the_officers() -> None:
    environment, state = world()
    gather(environment, state, "protesting", 100)
    people = {name: state.people[name].copy() for name in STANCES}
    crowd = everyone(environment, state, "protesting")
    put(environment, state, crowd=crowd, officers=200.0, force=0.5)
    p = parameters("arrests", street_capacity=0.3)
    taken = []
    for hour in range(500):
        for name, held in people.items():
            state.people[name][:] = held
        arrests.make_arrests(state, environment, p, KEY, hour)
        taken.append(everyone(environment, state, "detained"))
    risk = 0.3 * 200 * 0.5 / (crowd + 200)
    for i in range(PLACES):
        assert near(np.array(taken)[:, i], crowd[i] * -np.expm1(-risk[i]))
    assert (crowd * risk <= 0.3 * 200 * 0.5).all(), "officers can arrest only so many"


def swept(*, attacked: int, control: float = 1.0, zeal: float = 0.0, hours: int = 300) -> Numbers:
    """Return how many are found at home in an hour: the streets are empty, no officer is out."""
    environment, state = world(investigators=500.0)
    gather(environment, state, "withdrawn", 400)
    people = {name: state.people[name].copy() for name in STANCES}
    order(environment, state, Action.EMERGENCY)
    put(environment, state, buildings_attacked=attacked, control=control)
    p = parameters("arrests", sweep_capacity=0.02, sweep_after_peace=0.25)
    p["sweep_under_emergency"] = zeal
    taken = []
    for hour in range(hours):
        for name, held in people.items():
            state.people[name][:] = held
        arrests.make_arrests(state, environment, p, KEY, hour)
        taken.append(everyone(environment, state, "detained"))
    return np.array(taken)


@pytest.mark.parametrize(
    ("attacked", "control", "share"), [(1, 1.0, 1.0), (0, 1.0, 0.25), (1, 0.4, 0.4), (1, 0.0, 0.0)]
)
def test_detention_goes_on_after_the_streets_are_empty(
    attacked: int, control: float, share: float
) -> None:
    environment, state = world()
    gather(environment, state, "withdrawn", 400)
    gone = everyone(environment, state, "withdrawn")
    found = swept(attacked=attacked, control=control)
    risk = share * 0.02 * 500 / (gone + 500)
    for i in range(PLACES):
        assert near(found[:, i], gone[i] * -np.expm1(-risk[i]))
    assert found.mean() <= 0.02 * 500, "an officer finds only so many"
