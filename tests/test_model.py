"""Laws of the model: nobody is lost, luck is keyed, and effects have the signs they must have."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from example_runs import random_member
from qantar.model.hour import (
    VARIABLES,
    Latent,
    Member,
    Recorded,
    Switches,
    begin,
    initial_state,
    step,
)
from qantar.model.mechanisms import media, shutdown, state_decisions
from qantar.model.mechanisms.state_decisions import Decider
from qantar.model.state import (
    STANCES,
    Action,
    Environment,
    Script,
    no_amendments,
)
from qantar.packs.episode import RECORD, load_episode
from qantar.rng import key_of, stable_id
from qantar.simulate.draws import rule_record
from qantar.simulate.ensemble import run_ensemble, run_member
from qantar.simulate.scenario import Scenario, make_scenario
from qantar.simulate.script import draw_action_hours, draw_script, plan_actions

COLUMN = {variable.name: k for k, variable in enumerate(VARIABLES)}

LIVELY = {"joining.gate_threshold": 2000.0, "joining.willing": 0.1, "escalation.rate": 0.005}
"""Held high, so that the small country sees crowds, violence and deaths in most members."""


@cache
def arvenia(account: str = "union", belief: str = "prior", **held: float) -> Scenario:
    numbers = {name.replace("__", "."): value for name, value in held.items()}
    return make_scenario(
        "spring-unrest", pack="template", account=account, belief=belief, overrides=numbers
    )


def lively(**held: float) -> Scenario:
    return arvenia(**{name.replace(".", "__"): v for name, v in {**LIVELY, **held}.items()})


@cache
def kazakhstan() -> Scenario:
    return make_scenario("january-2022", belief="prior")


def members_of(scenario: Scenario, seed: int, count: int) -> Callable[[int], Member]:
    draws = scenario.draws(seed, count)
    return lambda number: scenario.member(seed, number, draws)


def records(
    scenario: Scenario,
    *,
    seed: int = 1,
    count: int = 4,
    threads: int = 2,
    environment: Environment | None = None,
) -> list[Recorded]:
    where = scenario.environment if environment is None else environment
    member = members_of(scenario, seed, count)
    hours = scenario.episode.hours
    return list(run_ensemble(where, member, members=count, hours=hours, threads=threads))


def alike(a: Recorded, b: Recorded) -> bool:
    return a.shape == b.shape and a.tobytes() == b.tobytes()


# -------------------------------------------------------------------------- conservation


def check_nobody_is_lost(environment: Environment, member: Member, hours: int) -> None:
    state = initial_state(environment)
    begin(state, environment, member)
    for hour in range(hours):
        step(state, environment, member, hour)
        stances = np.stack([state.people[stance] for stance in STANCES])
        assert (stances >= 0).all(), hour
        assert (environment.of_cohorts(stances.sum(axis=0)) == environment.cohort).all(), hour
        assert stances.sum() == environment.cohort.sum(), hour
        in_street = state.people["protesting"] + state.people["militant"]
        assert (state.places["crowd"] == in_street.sum(axis=0)).all(), hour
        assert (state.places["militants"] == state.people["militant"].sum(axis=0)).all(), hour
        for name in state.places.dtype.names or ():
            assert np.isfinite(state.places[name]).all(), (hour, name)
        shares = [state.places["control"], state.places["loyalty"], state.centre["trust"]]
        shares += [state.places["in_force"], state.places["ordered"]]
        for share in shares:
            assert ((share >= 0) & (share <= 1)).all(), hour
        assert (state.places["buildings_attacked"] <= environment.places["buildings"]).all(), hour
        assert (state.places["businesses_looted"] <= environment.places["businesses"]).all(), hour


@given(
    luck=st.integers(0, 2**32),
    on=st.lists(st.booleans(), min_size=len(Switches._fields), max_size=len(Switches._fields)),
    spread=st.floats(0, 3),
    decider=st.sampled_from([Decider.SCRIPT, Decider.OFFICES]),
)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_nobody_is_lost_whatever_is_switched_on(
    luck: int, on: list[bool], spread: float, decider: Decider
) -> None:
    scenario = lively()
    member = random_member(scenario, luck, on, spread, decider)
    check_nobody_is_lost(scenario.environment, member, 120)


@pytest.mark.parametrize("decider", [Decider.SCRIPT, Decider.OFFICES])
@pytest.mark.parametrize("luck", [1, 2])
def test_nobody_is_lost_in_kazakhstan(luck: int, decider: Decider) -> None:
    scenario = kazakhstan()
    everything = [True] * len(Switches._fields)
    member = random_member(scenario, luck, everything, 1.0, decider)
    check_nobody_is_lost(scenario.environment, member, scenario.episode.hours)


# --------------------------------------------------------------------------- keyed luck


def test_the_number_of_threads_changes_nothing() -> None:
    for one, many in zip(records(lively(), threads=1), records(lively(), threads=3), strict=True):
        assert alike(one, many)


def test_neither_order_nor_number_of_members_changes_a_member() -> None:
    scenario = lively()
    whole = records(scenario, count=6)
    few = records(scenario, count=3)
    assert all(alike(a, b) for a, b in zip(whole, few, strict=False))
    member = members_of(scenario, 1, 6)
    for number in (5, 0, 3):  # backwards, and with others left out
        assert alike(
            run_member(scenario.environment, member(number), scenario.episode.hours), whole[number]
        )
    assert not alike(whole[0], whole[1])


def test_holding_a_number_at_its_own_value_changes_nothing() -> None:
    plain = arvenia(belief="middle")
    before = records(plain, count=2)
    assert before[0][:, :, COLUMN["joined"]].sum() > 0
    for number in plain.numbers:
        if number.name in (
            "joining.spark_rate",
            "shutdown.cut",
            "lethal_force.rate",
            "fear.by_force",
        ):
            held = arvenia(belief="middle", **{number.name.replace(".", "__"): number.value})
            assert all(alike(a, b) for a, b in zip(before, records(held, count=2), strict=True))


def test_without_a_trigger_nobody_comes_out() -> None:
    """A price that is the same before and after is no episode, whatever the state then does.

    A planned attack alone needs no trigger, and is left out.
    """
    scenario = lively()
    land = scenario.environment.places.copy()
    land["price_rise"] = 0.0
    environment, member = scenario.environment._replace(places=land), members_of(scenario, 1, 6)
    for number in range(6):
        switches = member(number).switches.copy()
        switches["coordinated_attack"] = 0.0
        record = run_member(
            environment, member(number)._replace(switches=switches), scenario.episode.hours
        )
        for name in ("crowd", "joined", "detained", "deaths", "businesses_looted"):
            assert not record[:, :, COLUMN[name]].any(), name


def with_one_more_place(environment: Environment) -> Environment:
    """Return the environment with a copy of the first place, of another name, at the end."""
    places = environment.place_count
    assert places < len(environment.places["place_id"])
    land = environment.places.copy()
    for name in land.dtype.names or ():
        land[name][places] = land[name][0]
    land["place_id"][places] = stable_id("Newtown")
    wide = np.pad(environment.log_distance, ((0, 1), (0, 1)), mode="edge")
    return environment._replace(
        place_count=places + 1,
        places=land,
        cohort=np.concatenate([environment.cohort, environment.cohort[:1]]),
        log_distance=np.ascontiguousarray(wide),
        likeness=np.ascontiguousarray(np.pad(environment.likeness, ((0, 1), (0, 1)))),
    )


CONNECTING = ("ties", "media", "reinforcement")
"""Mechanisms that carry something from place to place.

Besides these only deaths elsewhere (`fear.by_distant_deaths`) do; and, where `price_shock` is
switched off, the evenly spread spark, whose mean is over the country. The pack's own arithmetic
(poverty against the national mean, a national total spread over places) is outside of a run.
"""


def test_a_new_place_leaves_all_others_as_they_were_if_nothing_connects_them() -> None:
    def grown(member: Member) -> Member:
        more = [np.append(part, 0.3) for part in member.latent]
        where = np.concatenate([member.script.where, member.script.where[:, :1]], axis=1)
        script = member.script._replace(where=np.ascontiguousarray(where))
        return member._replace(latent=Latent(*more), script=script)

    def apart(member: Member) -> Member:
        switches = member.switches.copy()
        for name in CONNECTING:
            switches[name] = 0.0
        return member._replace(switches=switches)

    def same(scenario: Scenario, change: Callable[[Member], Member]) -> list[bool]:
        environment, hours = scenario.environment, scenario.episode.hours
        bigger = with_one_more_place(environment)
        members = [change(members_of(scenario, 1, 6)(k)) for k in range(6)]
        old = [run_member(environment, member, hours) for member in members]
        new = [run_member(bigger, grown(member), hours)[:, :-1] for member in members]
        assert any(record[:, :, COLUMN["deaths"]].any() for record in old)
        return [alike(a, np.ascontiguousarray(b)) for a, b in zip(old, new, strict=True)]

    held = {"fear.by_distant_deaths": 0.0, "joining.gate_threshold": 500.0, "escalation.rate": 0.02}
    assert all(same(lively(**held), apart))
    assert not all(same(lively(**held), lambda member: member)), "ties should connect"
    distant = lively(**{**held, "fear.by_distant_deaths": 0.2})
    assert not all(same(distant, apart)), "deaths elsewhere should connect"


# ---------------------------------------------------------------------- expected signs

MEMBERS = 80
TOLERANCE = 0.02
"""Of the mean over members: luck is shared, but a longer chain of draws is no longer monotone."""


def expected(
    name: str, scenario: Scenario, environment: Environment | None = None, place: int | None = None
) -> float:
    """Return the mean over members, and over three seeds, of a final or summed quantity."""
    column = COLUMN[name]
    totals = []
    for seed in (1, 2, 3):
        for record in records(scenario, seed=seed, count=MEMBERS, environment=environment):
            table = record[:, :, column] if place is None else record[:, place : place + 1, column]
            totals.append(table.sum() if name == "joined" else table[-1].sum())
    return float(np.mean(totals))


def check_rising(values: list[float]) -> None:
    assert values[0] > 0
    for before, after in pairwise(values):
        assert after >= before * (1 - TOLERANCE), values
    assert values[-1] > values[0], values


@pytest.mark.slow
def test_a_higher_price_brings_more_people_out() -> None:
    scenario = arvenia()
    harrow = [place.place for place in scenario.country.places].index("Harrow")
    turnout = []
    for factor in (0.5, 1.0, 1.5):
        land = scenario.environment.places.copy()
        land["price_rise"][harrow] *= factor
        environment = scenario.environment._replace(places=land)
        turnout.append(expected("joined", scenario, environment, harrow))
    check_rising(turnout)


@pytest.mark.slow
def test_more_sweep_capacity_detains_more() -> None:
    middle = next(n for n in lively().numbers if n.name == "arrests.sweep_capacity").value
    check_rising(
        [
            expected("detained", lively(**{"arrests.sweep_capacity": factor * middle}))
            for factor in (0.5, 1.0, 2.0)
        ]
    )


@pytest.mark.slow
def test_more_lethal_force_kills_more() -> None:
    middle = next(n for n in lively().numbers if n.name == "lethal_force.rate").value
    check_rising(
        [
            expected("deaths", lively(**{"lethal_force.rate": factor * middle}))
            for factor in (0.5, 1.0, 2.0)
        ]
    )


def test_a_shutdown_cuts_the_news_and_leaves_the_street() -> None:
    scenario = lively()
    environment, member = scenario.environment, members_of(scenario, 1, 1)(0)
    open_, dark = initial_state(environment), initial_state(environment)
    for state in (open_, dark):
        begin(state, environment, member)
        for hour in range(60):
            step(state, environment, member, hour)
        state.places["in_force"][int(Action.SHUTDOWN)] = 0.0
    assert open_.places["crowd"].any()
    there = environment.of_places
    assert (there(open_.places["media_news"]) > 0).all()
    dark.places["in_force"][int(Action.SHUTDOWN)] = 1.0
    numbers = member.parameters[0]["media"].copy()
    numbers["kept_in_mind"] = 0.0
    street = dark.places["street"].copy()
    for state in (open_, dark):
        shutdown.cut_communications(state, environment, member.parameters[0]["shutdown"])
    for _ in range(24):  # the same crowds, told for a day
        media.spread_news(open_, environment, numbers)
        media.spread_news(dark, environment, numbers)
        assert (dark.places["media_news"] <= open_.places["media_news"]).all()
    assert (there(dark.places["media_news"]) < 0.9 * there(open_.places["media_news"])).all()
    assert dark.places["street"].tolist() == street.tolist() == open_.places["street"].tolist()
    assert dark.places["crowd"].tolist() == open_.places["crowd"].tolist()


# ------------------------------------------------------------------------------ the script


JANUARY = load_episode(kazakhstan().country, "january-2022")
FELT = [name for name, action in JANUARY.actions.items() if action.kind != RECORD]


def force_by_hour(script: Script) -> np.ndarray:
    """Return what a script puts in force: float array (hours, kinds, places)."""
    environment = kazakhstan().environment
    state = initial_state(environment)
    now = environment.of_places(state.places["in_force"])
    result = np.zeros((JANUARY.hours, *now.shape))
    rules = rule_record(np.array([rule.value for rule in kazakhstan().rules]))
    none, decider = no_amendments(environment.place_count), int(Decider.SCRIPT)
    for hour in range(JANUARY.hours):
        state_decisions.put_in_force(state, environment, script, none, decider, rules, hour)
        result[hour] = now
    return result


@cache
def followed(number: int) -> tuple[dict[str, int], np.ndarray]:
    key = key_of(5, number)
    planned = plan_actions(kazakhstan().country, JANUARY)
    return draw_action_hours(planned, key), force_by_hour(draw_script(planned, key))


@pytest.mark.parametrize("name", FELT)
def test_every_action_of_january_is_in_force_where_and_when_it_should_be(name: str) -> None:
    action = JANUARY.actions[name]
    kind = int(Action[action.kind.upper()])
    touched = np.array([action.touches(p.place, p.region) for p in kazakhstan().country.places])
    first, last = JANUARY.hour_of(action.begins.earliest), JANUARY.hour_of(action.begins.latest)
    others = [n for n in FELT if n != name and JANUARY.actions[n].kind == action.kind]
    for number in range(12):
        hours, force = followed(number)
        begins = hours[name]
        assert first <= begins <= last
        assert (force[begins, kind, touched] >= action.intensity).all()
        if not others:
            assert not force[:begins, kind].any()
            assert not force[:, kind, ~touched].any()
        if action.ends_with is not None:
            ends = hours[action.ends_with]
        elif action.ends is not None:
            ends = JANUARY.hour_of(action.ends.earliest)
            assert ends == JANUARY.hour_of(action.ends.latest), "give this test a drawn end"
            assert not force[ends:, kind].any()
        else:
            ends = JANUARY.hours
        assert (force[begins:ends, kind][:, touched] == action.intensity).all()


@pytest.mark.parametrize(
    ("kind", "hour", "region", "level"),
    [
        (Action.PRICE_CAP_LIFTED, 0, "Mangystau", 1.0),
        (Action.PRICE_CONCESSION, 72 - 1, "Mangystau", 0.0),  # before 4 January
        (Action.PRICE_CONCESSION, 96, "Mangystau", 1.0),  # from 5 January
        (Action.PRICE_CONCESSION, 72 + 11, "Almaty (city)", 0.0),  # not before noon of the 4th
        (Action.PRICE_CONCESSION, 144, "Almaty (city)", 1.0),
        (Action.SHUTDOWN, 72 - 1, "Shymkent", 0.0),
        (Action.SHUTDOWN, 120, "Shymkent", 1.0),  # whole from 6 January
        (Action.SHUTDOWN, 240, "Shymkent", 0.8),  # a few hours a day from 10 January on
        (Action.EMERGENCY, 96 + 11, "Almaty (city)", 0.0),
        (Action.EMERGENCY, 144, "Kostanay", 1.0),
        (Action.SHOOT_ORDER, 120 - 1, "Almaty (city)", 0.0),
        (Action.SHOOT_ORDER, 168, "Almaty (city)", 1.0),
        (Action.FOREIGN_TROOPS, 120 - 1, "Nur-Sultan", 0.0),
        (Action.FOREIGN_TROOPS, 144, "Nur-Sultan", 1.0),
        (Action.GOVERNMENT_RESIGNS, 96 + 5, "Akmola", 0.0),
        (Action.GOVERNMENT_RESIGNS, 96 + 12, "Akmola", 1.0),
        (Action.MOURNING, 216, "Turkistan", 1.0),  # 10 January, the whole day and no more
        (Action.MOURNING, 240, "Turkistan", 0.0),
        (Action.NEW_CABINET, 240 - 1, "Pavlodar", 0.0),
        (Action.NEW_CABINET, 264, "Pavlodar", 1.0),
    ],
)
def test_january_by_the_calendar(kind: Action, hour: int, region: str, level: float) -> None:
    """Hours count from the first of January, as one who reads the sources would."""
    inside = np.array([p.region == region for p in kazakhstan().country.places])
    assert inside.any()
    for number in range(12):
        _, force = followed(number)
        assert (force[hour, int(kind), inside] == level).all(), number
