"""Attribution: what is held stays held, the parts add up, and each cause gets what is its own."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from example_runs import LIVELY, arvenia, bits, change, followed, holding, members, stepping
from qantar.analysis.outcomes import Outcome
from qantar.analysis.run import layout_of
from qantar.analysis.whatif.attribution import (
    DECISIONS,
    DIRECT,
    EXPLAINED,
    LABELS,
    PARTS,
    DifferenceAttribution,
    attribute_difference,
)
from qantar.model.hour import FIELDS, TERMS, Member
from qantar.model.mechanisms.state_decisions import Decider
from qantar.model.mediators import HeldMediators, Mediator
from qantar.model.state import Action
from qantar.simulate.changes import Changes
from qantar.simulate.ensemble import Followed, follow_member, run_member
from qantar.simulate.scenario import Decisions, Scenario
from qantar.simulate.script import script_from_orders

MODES: tuple[Decisions, ...] = ("script", "rules")
NAMES = (*PARTS, DIRECT)


def replay(member: Member, was: Followed) -> Member:
    """Return a member whose state repeats what was ordered in another run."""
    return member._replace(decider=int(Decider.REPLAY), script=script_from_orders(was.ordered))


def held(member: Member, was: Followed, *parts: Mediator) -> Member:
    """Return a member with some causes held to another run."""
    flags = np.array([float(part in parts) for part in Mediator])
    return member._replace(held_mediators=HeldMediators(flags, was.terms))


# ------------------------------------------------------------------------------ replay


def test_a_replay_of_what_the_offices_ordered_is_the_same_run() -> None:
    scenario, decided = arvenia(), 0
    runs = zip(members(scenario, 6), followed(scenario, 6), strict=True)
    for member, was in runs:
        again = follow_member(scenario.environment, replay(member, was), scenario.episode.hours)
        assert bits(again) == bits(was)
        decided += int((was.ordered[-1] != was.ordered[0]).any())
    assert decided == 6


@pytest.mark.parametrize("decisions", MODES)
@pytest.mark.parametrize("parts", [tuple(Mediator), *((part,) for part in Mediator)])
def test_a_run_held_to_itself_is_the_same_run(decisions: Decisions, parts: list[Mediator]) -> None:
    scenario = arvenia(decisions)
    for member, was in zip(members(scenario, 3), followed(scenario, 3), strict=True):
        held_mediators = held(member, was, *parts)
        hours = scenario.episode.hours
        assert bits(follow_member(scenario.environment, held_mediators, hours)) == bits(was)
        if decisions == "rules":
            both = replay(held_mediators, was)
            assert bits(follow_member(scenario.environment, both, hours)) == bits(was)


@given(luck=st.integers(0, 2**32), turns=st.integers(0, 12))
@settings(max_examples=40, deadline=None)
def test_any_orders_can_be_written_as_a_script_and_read_back(luck: int, turns: int) -> None:
    """Orders step at random hours to random levels; a script raises levels and clears the rest."""
    scenario = arvenia()
    places, hours = scenario.environment.place_count, 40
    source = np.random.default_rng(luck)
    ordered = np.zeros((hours, len(Action), places))
    for _ in range(turns):
        kind, hour = source.integers(len(Action)), source.integers(hours)
        where = source.uniform(size=places) < 0.5
        ordered[hour:, kind, where] = source.choice([0.0, 0.1, 0.8, 1.0, source.uniform()])
    member = members(scenario, 1)[0]
    script = script_from_orders(ordered)
    run = follow_member(
        scenario.environment, member._replace(decider=int(Decider.REPLAY), script=script), hours
    )
    assert run.ordered.tobytes() == ordered.tobytes()


def test_terms_are_named_as_they_are_written() -> None:
    """Hold one cause to numbers of its own: its terms, and no others, are recorded so."""
    scenario = arvenia("script")
    member, hours = members(scenario, 1)[0], 30
    assert set(TERMS) <= {field.name for field in FIELDS}
    marks = 0.001 * (1.0 + np.arange(len(TERMS)))
    terms = np.tile(marks, (hours, scenario.environment.place_count, 1))
    for part in Mediator:
        flags = np.array([float(each == part) for each in Mediator])
        run = follow_member(
            scenario.environment, member._replace(held_mediators=HeldMediators(flags, terms)), hours
        )
        same = (run.terms == terms).all(axis=(0, 1))
        assert same.tolist() == [owner == part for owner in TERMS.values()], part.name


# ------------------------------------------------------------------------------ nothing leaks

OWN = {
    "price_shock.weight": (1.5, Mediator.PRICE),
    "price_shock.notice_time": (0.5, Mediator.PRICE),
    "ties.work_share": (0.5, Mediator.NEWS),
    "ties.delay": (0.5, Mediator.NEWS),
    "media.kept_in_mind": (0.1, Mediator.NEWS),
    "media.delay": (0.5, Mediator.NEWS),
    "policing.sympathy": (3.0, Mediator.FORCE),
    "policing.dispersal_rate": (2.0, Mediator.FORCE),
    "organised_violence.rate": (3.0, Mediator.PROVOCATION),
    "escalation.rate": (0.3, Mediator.PROVOCATION),
    "control.weight_of_militants": (3.0, Mediator.CONTROL),
    "control.pace_of_loss": (0.3, Mediator.CONTROL),
    "reinforcement.pace": (0.3, Mediator.CONTROL),
    "interior_forces.defection_rate": (20.0, Mediator.CONTROL),
    "anger.memory": (0.3, Mediator.ANGER),
    "anger.by_force": (2.0, Mediator.ANGER),
    "anger.by_shutdown": (5.0, Mediator.ANGER),
    "shutdown.curiosity": (5.0, Mediator.CURIOSITY),
    "shutdown.coordination": (5.0, Mediator.COORDINATION),
    "shutdown.muted_concession": (0.2, Mediator.BELIEF),
    "fear.by_deaths": (3.0, Mediator.FEAR),
    "fear.memory": (0.3, Mediator.FEAR),
    "demands.drift": (3.0, Mediator.BELIEF),
    "demands.resignation_trust": (3.0, Mediator.BELIEF),
    "weariness.onset_time": (0.3, Mediator.WEARINESS),
    "akims.concession_patience": (0.3, None),
    "security_council.shutdown_patience": (0.3, None),
    "president.council_patience": (0.3, None),
    "reports.delay": (0.3, None),
}
"""Numbers that work through one cause only: by what they are multiplied, and through which.

No part stands for further decisions of the state, which every test here lets a replay repeat.
"""


def free_and_held(
    scenario: Scenario, one: Changes, parts: tuple[Mediator, ...] = tuple(Mediator), count: int = 3
) -> tuple[bool, bool]:
    """Return whether a change moves any run, and whether it does with some causes held."""
    after = scenario.changed(one)
    draws = scenario.draws(1, count)
    changed = after.after_changes(draws)
    hours = scenario.episode.hours
    moves, leaks = False, False
    for k, was in enumerate(followed(scenario, count)):
        twin = after.member(1, k, changed)
        moves |= run_member(after.environment, twin, hours).tobytes() != was.record.tobytes()
        tied = held(twin, was, *parts)
        tied = replay(tied, was) if twin.decider == Decider.OFFICES else tied
        leaks |= run_member(after.environment, tied, hours).tobytes() != was.record.tobytes()
    return moves, leaks


@pytest.mark.parametrize("name", OWN)
def test_with_its_own_cause_held_a_number_does_nothing(name: str) -> None:
    """The other causes are free: a cause that is held has no way round its terms."""
    # Few give up their posts by default; here so many do that obedience can be seen to matter.
    own = {"interior_forces.defection_rate": 0.004} if name.startswith("interior") else {}
    factor, part = OWN[name]
    parts = () if part is None else (part,)
    moves, leaks = free_and_held(arvenia(held=own), stepping(name, multiply=factor), parts)
    assert moves, "the number should matter at all"
    assert not leaks


NO_ORDER = {
    "lethal_force.by_shoot_order": 0.0,
    "lethal_force.by_emergency": 0.0,
    "leaving.by_curfew": 0.0,
    "arrests.sweep_under_emergency": 0.0,
    "reporting.slowed_by_shutdown": 0.0,
}
"""Ways past every cause that orders have; without them they work through causes only."""

UNARMED = {
    "lethal_force.rate": 0.0, "security_losses.rate": 0.0, "arrests.street_capacity": 0.0,
    "arrests.sweep_capacity": 0.0,
}  # fmt: skip
"""What forces that have left the street cannot do there, which is no cause of its own."""

THROUGH: dict[str, dict[str, Any]] = {
    "shutdown": {"most": 0.0},
    "shoot_order": {"most": 0.0},
    "emergency": {"most": 0.0},
    "foreign_troops": {"least": 1.0, "from": "2030-03-02T06:00"},
    "government_resigns": {"least": 1.0, "from": "2030-03-02T07:00"},
    "council_chair_changes": {"least": 1.0, "from": "2030-03-02T07:00"},
    "mourning": {"least": 1.0, "from": "2030-03-03T00:00"},
    "restraint": {"least": 0.7},
    "stand": {"least": 1.0},
    "withdrawal": {"least": 0.5},
    "price_cap_lifted": {"most": 0.5},
    "price_concession": {"least": 1.0, "from": "2030-03-02T09:00"},
}


@pytest.mark.parametrize("decisions", MODES)
@pytest.mark.parametrize("kind", THROUGH)
def test_with_every_cause_held_a_decision_has_no_way_left(kind: str, decisions: Decisions) -> None:
    """Readiness is computed again at a decision, but with the price that is held."""
    unarmed = UNARMED if kind == "withdrawal" else {}
    scenario = arvenia(decisions, {**NO_ORDER, **unarmed})
    moves, leaks = free_and_held(scenario, holding(kind, **THROUGH[kind]))
    if decisions == "rules" or kind not in ("shoot_order", "foreign_troops"):
        assert moves, "the decision should matter at all"
    assert not leaks


# ------------------------------------------------------------------------------ the parts


@cache
def explained(kind: str, decisions: Decisions, threads: int = 2) -> DifferenceAttribution:
    scenario = arvenia(decisions)
    one = holding(kind, **THROUGH[kind])
    return attribute_difference(scenario, one, pairs=4, seed=1, members=6, threads=threads)


@pytest.mark.parametrize("decisions", MODES)
@pytest.mark.parametrize("kind", ["shutdown", "restraint", "price_concession"])
def test_parts_add_up_pair_by_pair(kind: str, decisions: Decisions) -> None:
    found = explained(kind, decisions)
    for quantity in EXPLAINED:
        parts, totals = found.parts[quantity], found.totals[quantity]
        assert parts.shape == (4, len(NAMES))
        assert parts.sum(axis=1) == pytest.approx(totals, rel=1e-12, abs=1e-9)
        assert np.array_equal(2 * parts, np.round(2 * parts)), "halves of whole persons"
    assert any(total.any() for total in found.totals.values())


@pytest.mark.parametrize("decisions", MODES)
def test_totals_are_those_of_the_same_members_run_directly(decisions: Decisions) -> None:
    scenario = arvenia(decisions)
    after = scenario.changed(holding("shutdown", **THROUGH["shutdown"]))
    was, became = (Outcome(layout_of(scenario)) for _ in range(2))
    for outcome, own in ((was, scenario), (became, after)):
        for run in followed(own, 6)[:4]:
            outcome.add(run.record)
    for quantity, date in zip(EXPLAINED, ("total", "any", "total"), strict=True):
        level, name = "country", was.layout.country
        gap = became.samples(quantity, level, name, date) - was.samples(quantity, level, name, date)
        found = explained("shutdown", decisions)
        assert np.array_equal(found.totals[quantity], gap)


def test_neither_threads_nor_the_number_of_pairs_change_an_explanation() -> None:
    scenario, one = arvenia(), holding("shutdown", **THROUGH["shutdown"])
    few = attribute_difference(scenario, one, pairs=2, seed=1, members=6, threads=1)
    for threads in (1, 3):
        whole = explained("shutdown", "rules", threads)
        for quantity in EXPLAINED:
            assert np.array_equal(few.parts[quantity], whole.parts[quantity][:2])
        assert np.array_equal(few.first_hours, whole.first_hours[:2], equal_nan=True)
        assert np.array_equal(few.places_moved, whole.places_moved[:2])


def test_in_a_script_the_state_decides_nothing_further() -> None:
    for kind in ("shutdown", "restraint", "price_concession"):
        found = explained(kind, "script")
        k = NAMES.index(DECISIONS)
        for quantity in EXPLAINED:
            assert not found.parts[quantity][:, k].any()
        assert np.isnan(found.first_hours[:, k]).all()
        assert (found.first_places[:, k] == -1).all()
        assert not found.places_moved[:, k].any()


def test_a_change_of_nothing_passes_through_nothing() -> None:
    for decisions in MODES:
        found = attribute_difference(arvenia(decisions), Changes(), pairs=2, seed=1, members=2)
        assert np.isnan(found.first_hours).all()
        assert (found.first_places == -1).all()
        assert not found.places_moved.any()
        for quantity in EXPLAINED:
            assert not found.parts[quantity].any()
            assert not found.totals[quantity].any()


def test_a_scenario_that_is_changed_already_is_explained_from_there() -> None:
    """A change of nothing on top of another explains nothing."""
    scenario = arvenia().changed(stepping("demands.drift", multiply=2.0))
    found = attribute_difference(scenario, Changes(), pairs=2, seed=1, members=2)
    assert np.isnan(found.first_hours).all()
    for quantity in EXPLAINED:
        assert not found.totals[quantity].any()


INERT = {
    "anger.by_force": 0.0, "anger.by_deaths": 0.0, "anger.by_shutdown": 0.0,
    "anger.by_foreign_troops": 0.0, "anger.by_shoot_order": 0.0,
    "joining.weariness": 0.0, "leaving.by_weariness": 0.0, "leaving.by_fear": 0.0,
    "leaving.by_belief": 0.0, "leaving.by_curfew": 0.0,
    "fear.by_force": 0.0, "fear.by_deaths": 0.0, "fear.by_distant_deaths": 0.0,
    "fear.by_emergency": 0.0, "fear.by_foreign_troops": 0.0, "fear.by_shoot_order": 0.0,
    "fear.by_soldiers": 0.0, "shutdown.curiosity": 0.0, "shutdown.coordination": 0.0,
    "shutdown.muted_concession": 0.0, "joining.media_weight": 0.0, "joining.ties_weight": 0.0,
    "joining.street_weight": 0.0, "joining.rally": 0.0, "lethal_force.firing_rate": 0.0,
    "demands.by_force": 0.0,
    "demands.price_trust": 0.0, "demands.freeze_trust": 0.0, "demands.resignation_trust": 0.0,
    "demands.council_trust": 0.0, "demands.cabinet_trust": 0.0, "demands.mourning_respect": 0.0,
    "escalation.by_regime_demand": 0.0, "escalation.by_force": 0.0,
    "escalation.by_lost_control": 0.0, "escalation.rate": 0.0, "organised_violence.rate": 0.0,
    "policing.dispersal_rate": 0.0,
    "lethal_force.rate": 0.0, "lethal_force.by_lost_control": 0.0,
    "security_losses.rate": 0.0, "policing.by_violence": 0.0,
    "coordinated_attack.size": 1.0, "coordinated_attack.towns": 0.001,
    "arrests.street_capacity": 0.0, "arrests.sweep_capacity": 0.0,
}  # fmt: skip
"""Every way from one cause to the next shut: people come out for the price and go home."""


def alone(**kept: float) -> Scenario:
    """Return the country with every cause inert but for what is kept."""
    own = {name.replace("__", "."): value for name, value in kept.items()}
    known = {number.name for number in arvenia("script").numbers}
    shut = {name: value for name, value in INERT.items() if name in known}
    return arvenia("script", {**LIVELY, **shut, **own})


ALONE = {
    "price": ({}, holding("price_cap_lifted", most=0.5)),
    "fear": (
        {"fear__by_shoot_order": 1.0},
        holding("shoot_order", least=1.0, **{"from": "2030-03-01T12:00"}),
    ),
    "anger": (
        {"anger__by_shutdown": 1.0},
        holding("shutdown", least=1.0, **{"from": "2030-03-01T12:00"}),
    ),
    "belief": (
        {"demands__resignation_trust": 2.0},
        holding("government_resigns", least=1.0, **{"from": "2030-03-01T12:00"}),
    ),
    "force": ({"policing__dispersal_rate": 0.5}, holding("restraint", least=1.0)),
    "curiosity": (
        {"shutdown__curiosity": 1.0},
        holding("shutdown", least=1.0, **{"from": "2030-03-01T12:00"}),
    ),
    "coordination": (
        {"shutdown__coordination": -1.0},
        holding("shutdown", least=1.0, **{"from": "2030-03-01T12:00"}),
    ),
    "news": ({"joining__media_weight": 1.0}, stepping("media.delay", multiply=0.2)),
    "control": (
        {"policing__dispersal_rate": 0.0, "arrests__street_capacity": 0.5},
        stepping("control.weight_of_crowd", multiply=50.0),
    ),
}


@pytest.mark.parametrize("cause", ALONE)
def test_all_of_it_goes_to_the_one_cause_that_is_at_work(cause: str) -> None:
    """The others never carry anything; that they are freed early or late is all the same."""
    kept, one = ALONE[cause]
    found = attribute_difference(alone(**kept), one, pairs=4, seed=1, members=4)
    quantity = "detained_cumulative" if cause == "control" else "participants"
    totals, parts = found.totals[quantity], found.parts[quantity]
    assert totals.any()
    expected = np.zeros_like(parts)
    expected[:, NAMES.index(cause)] = totals
    if cause == "news":  # more people in the street see more people in the street
        assert np.array_equal(parts[:, NAMES.index(cause)] + parts[:, -1], totals)
        assert not parts[:, -1].any()
    elif cause == "control":  # fewer detained are a larger crowd, which meets more force
        own = parts[:, NAMES.index(cause)]
        assert np.abs(own - totals).max() < 0.01 * np.abs(totals).max()
        assert not np.delete(parts, [NAMES.index("force"), NAMES.index(cause)], axis=1).any()
    else:
        assert parts.tolist() == expected.tolist()


def test_causes_that_never_move_get_exactly_nothing() -> None:
    for kind in ("shutdown", "restraint"):
        for decisions in MODES:
            found = explained(kind, decisions)
            for k in range(len(PARTS)):
                still = found.places_moved[:, k] == 0
                exactly = np.isnan(found.first_hours[:, k])
                assert np.array_equal(still, exactly)
    found = explained("restraint", "script")
    price = list(PARTS).index("price")
    assert np.isnan(found.first_hours[:, price]).all(), "restraint has no way to the price"
    for quantity in EXPLAINED:
        assert not found.parts[quantity][:, price].any()


def test_the_first_cause_to_move_is_the_one_that_is_changed() -> None:
    found = explained("restraint", "script")
    hours = np.where(np.isnan(found.first_hours), np.inf, found.first_hours)
    assert (hours.argmin(axis=1) == list(PARTS).index("force")).all()
    moved = found.first_places[:, list(PARTS).index("force")]
    assert ((moved >= 0) & (moved < len(arvenia().country.places))).all()


def test_every_cause_is_a_part_with_a_label() -> None:
    assert [name for name in PARTS if name != DECISIONS] == [p.name.lower() for p in Mediator]
    assert set(LABELS) == {*PARTS, DIRECT}
    assert set(TERMS.values()) == set(Mediator)


def test_direct_is_what_a_number_of_no_cause_does() -> None:
    """With all else inert nothing follows from people who come out unasked."""
    one = stepping("joining.spark_rate", multiply=3.0)
    found = attribute_difference(alone(), one, pairs=4, seed=1, members=4)
    parts, totals = found.parts["participants"], found.totals["participants"]
    assert (totals > 0).any()
    assert np.array_equal(parts[:, -1], totals)
    assert not parts[:, :-1].any()


def test_a_change_with_two_interventions_is_explained_as_one() -> None:
    one = change("both", decisions=({"kind": "shutdown", "most": 0}, {"kind": "stand", "least": 1}))
    two = holding("shutdown", most=0) + holding("stand", least=1)
    a = attribute_difference(arvenia(), one, pairs=2, seed=1, members=2)
    b = attribute_difference(arvenia(), two, pairs=2, seed=1, members=2)
    for quantity in EXPLAINED:
        assert np.array_equal(a.parts[quantity], b.parts[quantity])
