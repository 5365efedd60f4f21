"""Police, escalation, control and mobile forces: each formula by hand, and what must not happen."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from one_mechanism import of, order, parameters, put, world
from qantar.base.arrays import Numbers
from qantar.model.mechanisms import control, escalation, fear, policing, reinforcement
from qantar.model.state import Action, Environment, State

PLACES = 8
HARROW, ARVEN = 0, 3
"""A regional seat and the capital."""


# --------------------------------------------------------------------------------- policing


@pytest.mark.parametrize(
    ("loyalty", "held", "soldiers", "rally", "withdrawn", "forces", "officers"),
    [
        (1.0, 1.0, 0.0, 0.0, 0.0, 100.0, 100.0),
        (0.5, 1.0, 0.0, 0.0, 0.0, 50.0, 50.0),
        (1.0, 0.4, 30.0, 0.0, 0.0, 130.0, 70.0),  # soldiers face the crowd everywhere
        (1.0, 1.0, 0.0, 1.0, 0.0, 250.0, 250.0),  # one and a half times more at a rally
        (1.0, 1.0, 0.0, 0.5, 0.0, 175.0, 175.0),
        (1.0, 0.5, 30.0, 0.0, 0.5, 65.0, 40.0),
        (1.0, 1.0, 30.0, 1.0, 1.0, 0.0, 0.0),
    ],
)
def test_officers(
    loyalty: float,
    held: float,
    soldiers: float,
    rally: float,
    withdrawn: float,
    forces: float,
    officers: float,
) -> None:
    environment, state = world(police=100.0)
    put(environment, state, loyalty=loyalty, control=held, reinforcement=soldiers)
    order(environment, state, Action.ANNOUNCED_RALLY, rally)
    order(environment, state, Action.WITHDRAWAL, withdrawn)
    policing.count_officers(state, environment, parameters("policing", at_rallies=1.5))
    assert of(environment, state, "forces") == pytest.approx(forces)
    assert of(environment, state, "officers") == pytest.approx(officers)


def test_usable_police_and_the_guard_of_the_capital() -> None:
    environment, _ = world()
    land = {name: environment.of_places(environment.places[name]) for name in STATIONED}
    assert (land["police"] <= land["investigators"] + land["police"][ARVEN]).all()
    share = land["police"][HARROW] / land["investigators"][HARROW]
    assert 0 < share < 1
    ordinary = np.arange(PLACES) != ARVEN
    assert land["police"][ordinary] == pytest.approx(share * land["investigators"][ordinary])


STATIONED = ("police", "investigators")


def test_force_by_an_independent_formula() -> None:
    environment, state = world(police=100.0, territorial=np.linspace(0, 1, PLACES))
    crowd = np.array([0.0, 0.5, 1.0, 20.0, 50.0, 400.0, 5000.0, 80000.0])
    put(environment, state, crowd=crowd, militants=crowd / 4)
    order(environment, state, Action.EMERGENCY, 0.5)
    order(environment, state, Action.RESTRAINT, 0.25)
    p = parameters("policing")
    policing.set_police_force(state, environment, p)
    seat = environment.of_places(environment.places["seat"])
    with np.errstate(divide="ignore"):
        odds = p["bias"] + p["by_seat"] * seat + p["by_size"] * np.log(crowd / p["visible_crowd"])
    odds += p["by_violence"] / 4 + 0.5 * p["by_emergency"]
    odds -= p["sympathy"] * np.linspace(0, 1, PLACES)
    force = 0.75 * crowd / (crowd + p["visible_crowd"]) / (1 + np.exp(-odds))
    force[crowd < 1] = 0.0
    assert of(environment, state, "force") == pytest.approx(force)
    dispersal = p["dispersal_rate"] * force * 100 / (100 + crowd)
    assert of(environment, state, "dispersal") == pytest.approx(dispersal)


# ------------------------------------------------------------------------------- escalation


def provocation(p: Any, **fields: Any) -> Numbers:
    environment, state = world(seat=0.0, experience=0.0, organised=0.0)
    put(environment, state, **{"control": 1.0, "crowd": 1000.0, **fields})
    escalation.set_provocation(state, environment, p)
    return of(environment, state, "provocation")


@pytest.mark.parametrize(
    ("crowd", "share"), [(1500.0, 0.5**1.5), (500.0, 0.25**1.5), (4500.0, 0.75**1.5)]
)
def test_a_large_crowd_is_anonymous(crowd: float, share: float) -> None:
    p = parameters("escalation", rate=0.01, anonymity_half=1500.0)
    assert provocation(p, crowd=crowd) == pytest.approx(0.01 * share)


@pytest.mark.parametrize(("officers", "share"), [(0.0, 1000 / 1001), (999.0, 0.5), (8999.0, 0.1)])
@pytest.mark.parametrize("weight", [2.0, -2.0, 0.0])
def test_force_provokes_those_who_outnumber_the_police(
    officers: float, share: float, weight: float
) -> None:
    p = parameters("escalation", by_force=weight)
    met = provocation(p, force=1.0, officers=officers)
    left = provocation(p, force=0.0, officers=officers)
    assert np.log(met / left) == pytest.approx(weight * share)


def test_control_seats_demands_and_experience() -> None:
    weights = {"by_lost_control": 2.0, "by_seat": 1.5, "by_regime_demand": 0.4}
    p = parameters("escalation", **weights, discipline=1.1, organised=10.0, anonymity_half=1e-9)
    environment, state = world(seat=0.5, experience=0.3, organised=0.05)
    put(environment, state, crowd=1000.0, control=0.25, regime_demand=0.5)
    escalation.set_provocation(state, environment, p)
    log_rate = np.log(of(environment, state, "provocation") / p["rate"])
    assert log_rate == pytest.approx(2 * 0.75**2 + 0.75 + 0.2 - 0.33 - 0.5)


# ---------------------------------------------------------------------------------- control


@pytest.mark.parametrize(
    ("forces", "militants", "crowd", "held"),
    [
        (100.0, 0.0, 1000.0, 0.5),  # a tenth of an officer each
        (100.0, 50.0, 0.0, 0.5),  # two officers each
        (300.0, 50.0, 0.0, 0.9),
        (100.0, 50.0, 1000.0, 0.2),
        (0.0, 0.0, 1.0, 0.0),
        (0.0, 0.0, 0.0, 1.0),
    ],
)
def test_control_is_the_balance_of_force(
    forces: float, militants: float, crowd: float, held: float
) -> None:
    environment, state = world()
    p = parameters("control", weight_of_militants=2.0, weight_of_crowd=0.1, pace_of_loss=1.0)
    put(environment, state, forces=forces, militants=militants, crowd=crowd)
    control.update_control(state, environment, p)
    assert of(environment, state, "control") == pytest.approx(held)
    assert of(environment, state, "against") == pytest.approx(2 * militants + 0.1 * crowd)


def test_control_comes_back_at_its_own_pace() -> None:
    environment, state = world()
    p = parameters("control", pace_of_loss=0.5, pace_of_recovery=0.1)
    put(environment, state, control=0.2, forces=100.0)
    for hour in range(1, 11):
        control.update_control(state, environment, p)
        assert of(environment, state, "control") == pytest.approx(1 - 0.8 * 0.9**hour)
    order(environment, state, Action.WITHDRAWAL)
    put(environment, state, control=1.0, forces=0.0)
    control.update_control(state, environment, p)
    assert of(environment, state, "control") == pytest.approx(0.5)
    order(environment, state, Action.STAND, 0.5)
    put(environment, state, control=1.0)
    control.update_control(state, environment, p)
    assert of(environment, state, "control") == pytest.approx(0.75)


# ---------------------------------------------------------------------------- mobile forces


def mobilised(reserve: float = 5000.0, troops: float = 0.0) -> tuple[Environment, State]:
    """Return a state in which mobile forces have been called and can be sent."""
    environment, state = world(country={"reserve": reserve, "foreign_troops": troops})
    ready = dict.fromkeys(("called_up", "mobilised_1", "mobilised_2", "mobilised"), 1.0)
    put(environment, state, **ready)
    return environment, state


def deployed(environment: Environment, state: State, p: Any, hours: int = 400) -> Numbers:
    for _ in range(hours):
        reinforcement.deploy(state, environment, p)
    return of(environment, state, "reinforcement")


def test_one_militant_does_not_draw_the_whole_reserve() -> None:
    """A place is sent what it needs: the margin times the officers that its crowd can hold off."""
    environment, state = mobilised()
    against = np.zeros(PLACES)
    against[HARROW] = 2.2  # one militant
    put(environment, state, against=against)
    p = parameters("reinforcement", margin=1.5, seat_priority=0.6)
    seat = environment.places["seat"][HARROW]
    sent = deployed(environment, state, p)
    assert sent[HARROW] == pytest.approx(1.5 * 2.2 * (0.4 + 0.6 * seat))
    assert not np.delete(sent, HARROW).any()


@given(
    against=st.lists(
        st.lists(st.floats(0, 1e5), min_size=PLACES, max_size=PLACES), min_size=2, max_size=5
    ),
    pace=st.floats(0.01, 1),
    back=st.floats(0, 1),
    freed=st.floats(-2, 3),
)
@settings(max_examples=60, deadline=None)
def test_never_more_are_out_than_there_are(
    against: list[list[float]], pace: float, back: float, freed: float
) -> None:
    """Forces come back slower than they go, so those still elsewhere must not be sent again."""
    environment, state = mobilised(reserve=5000.0, troops=2000.0)
    p = parameters("reinforcement", pace=pace, pace_of_return=back, freed_by_foreign_troops=freed)
    order(environment, state, Action.FOREIGN_TROOPS)
    strength = max(5000.0 + freed * 2000.0, 0.0)
    for needs in against:
        put(environment, state, against=np.array(needs))
        for _ in range(30):
            reinforcement.deploy(state, environment, p)
            out = of(environment, state, "reinforcement")
            assert (out >= 0).all()
            assert out.sum() <= strength * (1 + 1e-9)


def test_forces_are_called_back_when_the_need_is_over() -> None:
    environment, state = mobilised()
    p = parameters("reinforcement", pace_of_return=0.05)
    put(environment, state, against=1000.0)
    there = deployed(environment, state, p)
    put(environment, state, against=0.0)
    assert deployed(environment, state, p, 20) == pytest.approx(there * 0.95**20)


def test_a_call_takes_its_time_and_is_three_stages_long() -> None:
    environment, state = world()
    order(environment, state, Action.EMERGENCY)
    p = parameters("reinforcement", mobilising=20.0)
    stages, arrived = np.zeros(3), []
    for _ in range(60):
        reinforcement.deploy(state, environment, p)
        stages = stages + 0.15 * np.array(
            [1 - stages[0], stages[0] - stages[1], stages[1] - stages[2]]
        )
        arrived.append(stages[2])
        assert of(environment, state, "mobilised") == pytest.approx(stages[2])
    assert np.searchsorted(arrived, 0.5) == pytest.approx(18, abs=2)


def called(p: Any, *, attacked: int, held: float, seat: float, emergency: float = 0.0) -> float:
    environment, state = world(seat=[seat] + [0.0] * (PLACES - 1))
    order(environment, state, Action.EMERGENCY, emergency)
    put(environment, state, control=[held] + [1.0] * (PLACES - 1), buildings_attacked=attacked)
    reinforcement.deploy(state, environment, p)
    found = of(environment, state, "called_up")
    assert np.ptp(found) == 0
    return float(found[0])


@pytest.mark.parametrize(
    ("attacked", "held", "seat", "emergency", "expected"),
    [
        (0, 0.0, 1.0, 0.0, 0.0),  # nothing was stormed: nobody calls
        (1, 1.0, 1.0, 0.0, 0.0),  # stormed and held
        (1, 0.0, 1.0, 0.0, 0.7),
        (1, 0.5, 1.0, 0.0, 0.35),
        (1, 0.0, 0.2, 0.0, 0.14),
        (0, 1.0, 1.0, 1.0, 1.0),  # an emergency calls by itself
        (1, 0.0, 1.0, 0.5, 0.7),
    ],
)
def test_who_calls_forces(
    attacked: int, held: float, seat: float, emergency: float, expected: float
) -> None:
    p = parameters("reinforcement", called_by_lost_seat=0.7)
    found = called(p, attacked=attacked, held=held, seat=seat, emergency=emergency)
    assert found == pytest.approx(expected)


def test_without_a_call_nobody_is_sent() -> None:
    environment, state = world()
    put(environment, state, against=1e6, control=0.0)
    assert not deployed(environment, state, parameters("reinforcement")).any()


@pytest.mark.parametrize(("freed", "strength"), [(0.5, 1500.0), (0.0, 1000.0), (-0.5, 500.0)])
def test_foreign_troops_free_forces_or_tie_them_down(freed: float, strength: float) -> None:
    environment, state = mobilised(reserve=1000.0, troops=1000.0)
    order(environment, state, Action.FOREIGN_TROOPS)
    put(environment, state, against=1e5)
    p = parameters("reinforcement", freed_by_foreign_troops=freed)
    assert deployed(environment, state, p).sum() == pytest.approx(strength)


@pytest.mark.parametrize("weight", [0.3, 0.0, -0.3])
def test_foreign_troops_move_morale_either_way(weight: float) -> None:
    environment, state = world()
    order(environment, state, Action.FOREIGN_TROOPS, 0.5)
    p = parameters("reinforcement", morale_by_foreign_troops=weight)
    reinforcement.deploy(state, environment, p)
    assert of(environment, state, "morale") == pytest.approx(np.exp(weight / 2))
    put(environment, state, forces=100.0, militants=50.0)
    held = []
    for morale in (1.0, np.exp(weight / 2)):
        put(environment, state, control=0.0, morale=morale)
        control.update_control(state, environment, parameters("control"))
        held.append(of(environment, state, "control")[0])
    assert np.sign(held[1] - held[0]) == np.sign(weight)


@pytest.mark.parametrize("withdrawn", [0.0, 0.5, 0.99, 1.0])
def test_soldiers_are_at_most_all_of_the_forces_also_where_they_withdraw(withdrawn: float) -> None:
    environment, state = world(police=0.0)
    put(environment, state, reinforcement=1000.0)
    order(environment, state, Action.WITHDRAWAL, withdrawn)
    policing.count_officers(state, environment, parameters("policing"))
    p = parameters("fear", by_soldiers=1.0, by_force=0.0)
    fear.update_fear(state, environment, p)
    felt = of(environment, state, "fear")
    left = 1000 * (1 - withdrawn)
    assert felt == pytest.approx(left / (left + 1))


def test_more_mobile_forces_frighten_more() -> None:
    environment, state = world(police=100.0)
    felt = []
    for soldiers in (0.0, 50.0, 500.0, 5000.0):
        put(environment, state, reinforcement=soldiers)
        policing.count_officers(state, environment, parameters("policing"))
        fear.update_fear(state, environment, parameters("fear", by_soldiers=2.0))
        felt.append(float(of(environment, state, "fear")[0]))
    assert felt[0] == 0
    assert all(a < b for a, b in pairwise(felt))
    assert felt[-1] < 2
