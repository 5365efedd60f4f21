"""Laws of the offices: they see late, decide under pressure only, and never by chance or date."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from example_runs import LIVELY, arvenia, first_hour, followed, holding, members
from qantar.model import offices
from qantar.model.hour import initial_state
from qantar.model.mechanisms import control, policing, state_decisions
from qantar.model.mechanisms.state_decisions import Decider
from qantar.model.offices import decide, reports
from qantar.model.records import Records
from qantar.model.state import (
    ACTION_KINDS,
    Action,
    Amendments,
    Environment,
    Script,
    State,
    no_amendments,
)
from qantar.packs.intervention import load_intervention
from qantar.simulate.changes import Change, Changes
from qantar.simulate.draws import rule_names, rule_record
from qantar.simulate.ensemble import follow_member
from qantar.simulate.scenario import Scenario, make_scenario

HOURS = 150
HUGE = 2000.0
NEVER = np.inf

Street = Callable[[State, int], None]
"""Puts what happens in the towns of an hour into the state, before the offices look."""


@cache
def environment() -> Environment:
    return arvenia().environment


@cache
def january() -> Scenario:
    return make_scenario("january-2022", belief="prior", decisions="rules")


def rules(**held: float) -> Records:
    """Return the middle of every rule, but for those that are held (`office__number`)."""
    numbers = {rule.name: rule.value for rule in arvenia().rules}
    middle = {"reports__withheld": 0.0, "reports__sharpness": 3.0, **held}
    numbers |= {name.replace("__", "."): value for name, value in middle.items()}
    assert set(numbers) == set(rule_names())
    return rule_record(np.array([numbers[name] for name in rule_names()]))


def no_script() -> Script:
    hours, places = np.zeros(0, np.int64), environment().place_count
    return Script(hours, hours, hours, np.zeros(0), np.zeros((0, places), np.bool_))


def bound(kind: Action, least: float, most: float, begins: int = 0, ends: int = 999) -> Amendments:
    where = np.ones((1, environment().place_count), np.bool_)
    return Amendments(
        np.array([int(kind)]), np.array([begins]), np.array([ends]),
        np.array([least]), np.array([most]), where,
    )  # fmt: skip


class Governed(NamedTuple):
    """What offices did about a street made by hand: arrays over hours."""

    ordered: np.ndarray
    in_force: np.ndarray
    centre: np.ndarray

    def hour(self, kind: Action, place: int | slice = slice(None)) -> float:
        """Return when an action was first ordered."""
        own = self.ordered[:, int(kind), place].reshape(len(self.ordered), -1)
        found = np.flatnonzero(own.max(axis=1) > 0)
        return float(found[0]) if len(found) else NEVER


def govern(
    street: Street,
    by: Records | None = None,
    amendments: Amendments | None = None,
    hours: int = HOURS,
) -> Governed:
    """Let the offices, and nothing else, run for some hours over a street made by hand."""
    land = environment()
    state = initial_state(land)
    offices_by = rules() if by is None else by
    bounds = no_amendments(land.place_count) if amendments is None else amendments
    kept: tuple[list[np.ndarray], ...] = ([], [], [])
    for hour in range(hours):
        street(state, hour)
        state_decisions.put_in_force(
            state, land, no_script(), bounds, int(Decider.OFFICES), offices_by, hour
        )
        orders = (land.of_places(state.places[name]) for name in ("ordered", "in_force"))
        for series, value in zip(kept, (*orders, state.centre), strict=True):
            series.append(value.copy())
    return Governed(*(np.array(series) for series in kept))


def unrest(state: State, _hour: int) -> None:
    """Fill every town, with violence, officers killed and seats lost."""
    state.places["crowd"] = 3000.0
    state.places["militants"] = 300.0
    state.places["control"] = 0.3
    state.places["security_dead"] = 3
    state.places["regime_demand"] = 0.6
    state.places["deaths_published"] = 4


def quiet(_state: State, _hour: int) -> None:
    """Nothing happens."""


def until(last: int, street: Street = unrest) -> Street:
    """Return a street that empties for good at an hour."""

    def shown(state: State, hour: int) -> None:
        street(state, hour)
        if hour >= last:
            state.places["crowd"] = 0.0
            state.places["militants"] = 0.0
            state.places["control"] = 1.0

    return shown


# ------------------------------------------------------------------------------ the reports


@pytest.mark.parametrize("delay", [1.0, 4.0, 24.0])
def test_reports_lag_by_an_exponential_and_reach_the_truth(delay: float) -> None:
    """A street that is the same every hour is known to 1 - (1 - 1/delay)^n after n hours."""
    seen = govern(until(100), rules(reports__delay=delay, interior_forces__defection_rate=0.0))
    middle = {rule.name: rule.value for rule in arvenia().rules}
    towns = environment().place_count * 3000.0 / (3000.0 + middle["reports.noticed_crowd"])
    known = towns * (1 - (1 - 1 / delay) ** np.arange(1, 101))
    assert seen.centre["unrest"][:100] == pytest.approx(known, rel=1e-9)
    after = known[-1] * (1 - 1 / delay) ** np.arange(1, 51)
    assert seen.centre["unrest"][100:] == pytest.approx(after, rel=1e-9, abs=1e-12)
    lost = environment().places["seat"].sum() * 0.7
    told = lost * (1 - (1 - 1 / delay) ** np.arange(1, 101))
    assert seen.centre["lost_seats"][:100] == pytest.approx(told, rel=1e-9)
    losses = 3.0 * environment().place_count
    assert seen.centre["losses"][149] == pytest.approx(losses, rel=1e-2)


def test_a_new_council_chair_ends_withholding() -> None:
    by = rules(reports__withheld=1.0, president__council_patience=HUGE)
    blind = govern(unrest, by)
    assert not blind.centre["violence"].any()
    assert blind.hour(Action.EMERGENCY) == NEVER
    told = govern(unrest, by, bound(Action.COUNCIL_CHAIR_CHANGES, 1.0, 1.0, 60))
    assert not told.centre["violence"][:60].any()
    assert (told.centre["violence"][61:] > 0).all()
    assert 60 < told.hour(Action.EMERGENCY) < NEVER
    half = govern(unrest, rules(reports__withheld=0.5, president__council_patience=HUGE))
    whole = govern(unrest, rules(reports__withheld=0.0, president__council_patience=HUGE))
    assert half.centre["violence"] == pytest.approx(0.5 * whole.centre["violence"])
    assert np.array_equal(half.centre["unrest"], whole.centre["unrest"])


SEEN = {
    "crowd", "militants", "control", "security_dead", "regime_demand", "deaths_published",
    "loyalty", "reinforcement", "in_force", "ordered",
}  # fmt: skip
"""What an office may act on. The rest of a place is known to nobody in the capital."""


def test_decisions_rest_on_nothing_that_the_state_cannot_see() -> None:
    source = np.random.default_rng(4)
    plain = govern(until(60))
    assert min(plain.hour(Action[k]) for k in ("SHOOT_ORDER", "FOREIGN_TROOPS")) < NEVER

    def hidden(state: State, hour: int) -> None:
        until(60)(state, hour)
        for name in set(state.places.dtype.names or ()) - SEEN:
            state.places[name][:] = source.uniform(0, 1000, state.places[name].shape)
        for record in (state.people, state.ties, state.draws):
            for name in record.dtype.names or ():
                record[name] = source.uniform(0, 1000, record[name].shape)

    found = govern(hidden)
    assert found.ordered.tobytes() == plain.ordered.tobytes()
    assert found.centre.tobytes() == plain.centre.tobytes()


def test_offices_have_no_luck() -> None:
    folder = Path(inspect.getfile(offices)).parent
    names = []
    for path in [*folder.glob("*.py"), Path(inspect.getfile(state_decisions))]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                names.append(node.module or "")
            elif isinstance(node, ast.Import):
                names += [each.name for each in node.names]
            elif isinstance(node, ast.FunctionDef):
                assert "key" not in [each.arg for each in node.args.args], (path.name, node.name)
    assert "qantar.model.state" in names
    assert not [name for name in names if "chance" in name or "random" in name]


# ------------------------------------------------------------------------------ pressure

LIMITS = {
    "akims.concession_towns": Action.PRICE_CONCESSION,
    "akims.concession_patience": Action.PRICE_CONCESSION,
    "akims.emergency_towns": Action.EMERGENCY,
    "akims.emergency_patience": Action.EMERGENCY,
    "government.concession_towns": Action.PRICE_CONCESSION,
    "government.concession_patience": Action.PRICE_CONCESSION,
    "government.freeze_patience": Action.UTILITIES_FREEZE,
    "president.resignation_towns": Action.GOVERNMENT_RESIGNS,
    "president.resignation_patience": Action.GOVERNMENT_RESIGNS,
    "president.council_towns": Action.COUNCIL_CHAIR_CHANGES,
    "president.council_patience": Action.COUNCIL_CHAIR_CHANGES,
    "president.cabinet_patience": Action.NEW_CABINET,
    "security_council.shutdown_towns": Action.SHUTDOWN,
    "security_council.shutdown_patience": Action.SHUTDOWN,
    "security_council.emergency_towns": Action.EMERGENCY,
    "security_council.emergency_patience": Action.EMERGENCY,
    "security_council.troops_seats": Action.FOREIGN_TROOPS,
    "security_council.troops_patience": Action.FOREIGN_TROOPS,
    "security_council.order_losses": Action.SHOOT_ORDER,
    "security_council.order_patience": Action.SHOOT_ORDER,
}
ALONE = {
    "akims.concession": {"government__concession_patience": HUGE},
    "akims.emergency": {"security_council__emergency_patience": HUGE},
    "government.concession": {"akims__concession_patience": HUGE},
    "security_council.emergency": {"akims__emergency_patience": HUGE},
}
"""Where two offices can order the same, the other one waits for ever."""


@pytest.mark.parametrize("name", LIMITS)
def test_a_lower_limit_or_less_patience_never_delays(name: str) -> None:
    """The street, and so the reports, are the same whatever is decided."""
    held = {"president__cabinet_patience": 20.0, **ALONE.get(name.rpartition("_")[0], {})}
    middle = {rule.name: rule.value for rule in arvenia().rules}
    value = held.get(name.replace(".", "__"), middle[name])
    hours = []
    for factor in (0.25, 1.0, 4.0, 64.0):
        by = rules(**{**held, name.replace(".", "__"): factor * value})
        hours.append(govern(unrest, by).hour(LIMITS[name]))
    assert hours[0] < NEVER
    assert all(a <= b for a, b in pairwise(hours)), hours
    assert hours[0] < hours[-1], hours


@given(luck=st.integers(0, 2**32), spread=st.floats(0, 3))
@settings(max_examples=15, deadline=None)
def test_nothing_is_decided_without_pressure(luck: int, spread: float) -> None:
    scores = spread * np.random.default_rng(luck).normal(size=len(arvenia().rules))
    values = [n.at(z) for n, z in zip(arvenia(held=None).rules, scores, strict=True)]
    still = govern(quiet, rule_record(np.array(values)))
    assert not still.ordered.any()
    assert not still.centre["alarmed"].any()
    assert (still.centre["trust"] == 1).all()


PATIENCE = [name for name in rule_names() if name.endswith("patience") and "cabinet" not in name]


@pytest.mark.parametrize("name", PATIENCE)
def test_without_pressure_even_the_least_patience_decides_nothing(name: str) -> None:
    """No patience at all is within the allowed range, and `elected-akims=1` brings it about."""
    office, _, short = name.partition(".")
    assert arvenia().country.rules[office][short].low == 0
    by = rules(**{name.replace(".", "__"): 0.0})
    taken = np.flatnonzero(govern(quiet, by).ordered.max(axis=(0, 2)))
    assert taken.tolist() == []


def test_elected_akims_do_not_concede_to_an_empty_street() -> None:
    """At the highest dose of the file their patience is zero; with the cap kept nobody protests."""
    akims = load_intervention(january().country, "elected-akims")
    assert akims.dose is not None
    change = Changes((Change(akims, akims.dose.high),)) + holding("price_cap_lifted", most=0)
    (run,) = followed(january().changed(change), 1)
    assert first_hour(run, Action.PRICE_CONCESSION) > 0


def test_a_dead_country_sees_no_decision_but_the_trigger() -> None:
    """Nobody comes out where no cap is lifted and no attack is planned."""
    scenario = arvenia()
    triggers = [int(Action.PRICE_CAP_LIFTED), int(Action.OTHER_TRIGGER)]
    land = scenario.environment.places.copy()
    land["price_rise"] = 0.0
    for member in members(scenario, 4):
        switches = member.switches.copy()
        switches["coordinated_attack"] = 0.0
        own = scenario.environment._replace(places=land)
        run = follow_member(own, member._replace(switches=switches), scenario.episode.hours)
        assert run.ordered[:, triggers].any()
        assert not np.delete(run.ordered, triggers, axis=1).any()
        assert not run.record[:, :, 0].any()


# ------------------------------------------------------------------------------ each office


def test_a_region_concedes_for_itself_only() -> None:
    """Only Westmarch is in the street, and the capital waits for ever."""
    region = environment().of_places(environment().places["region"])
    west = region == region[0]

    def local(state: State, hour: int) -> None:
        unrest(state, hour)
        for name in ("crowd", "militants"):
            environment().of_places(state.places[name])[:] *= west

    by = rules(government__concession_patience=HUGE, security_council__emergency_patience=HUGE)
    run = govern(local, by)
    for kind in (Action.PRICE_CONCESSION, Action.EMERGENCY):
        assert run.ordered[-1, int(kind)].tolist() == west.astype(float).tolist()
        own = run.ordered[:, int(kind)]
        assert (own == own[:, :1] * west).all(), "all of it at one hour"


def test_no_emergency_no_shoot_order() -> None:
    free = govern(unrest)
    assert free.hour(Action.EMERGENCY) < free.hour(Action.SHOOT_ORDER) < NEVER
    banned = govern(unrest, amendments=bound(Action.EMERGENCY, 0.0, 0.0))
    assert banned.hour(Action.EMERGENCY) < NEVER, "it is still ordered, and held to nothing"
    assert not banned.in_force[:, int(Action.EMERGENCY)].any()
    assert banned.hour(Action.SHOOT_ORDER) == NEVER
    patient = {
        "akims__emergency_patience": HUGE, "security_council__emergency_patience": HUGE,
    }  # fmt: skip
    assert govern(unrest, rules(**patient)).hour(Action.SHOOT_ORDER) == NEVER
    imposed = govern(unrest, rules(**patient), bound(Action.EMERGENCY, 1.0, 1.0, 30))
    assert 30 < imposed.hour(Action.SHOOT_ORDER) < NEVER


def test_without_a_concession_no_government_goes_for_it() -> None:
    free, banned = arvenia(), arvenia().changed(holding("price_concession", most=0))
    assert min(first_hour(r, Action.GOVERNMENT_RESIGNS) for r in followed(free)) < NEVER
    for run in followed(banned):
        assert first_hour(run, Action.PRICE_CONCESSION) < NEVER
        assert first_hour(run, Action.GOVERNMENT_RESIGNS) == NEVER
        assert first_hour(run, Action.UTILITIES_FREEZE) == NEVER
        assert first_hour(run, Action.NEW_CABINET) == NEVER


@pytest.mark.parametrize("travel", [1.0, 1.9, 18.0, 30.5])
def test_foreign_troops_arrive_when_they_have_travelled(travel: float) -> None:
    """They are called in the hour in which patience is used up; whole hours count."""
    patience = 5.0
    run = govern(
        unrest, rules(security_council__troops_travel=travel,
                      security_council__troops_patience=patience),
    )  # fmt: skip
    called = np.flatnonzero(run.centre["pressure"][:, int(Action.FOREIGN_TROOPS)] >= patience)[0]
    assert run.hour(Action.FOREIGN_TROOPS) == called + int(travel)
    assert run.ordered[-1, int(Action.FOREIGN_TROOPS)].all()


def test_measures_end_after_days_of_calm_and_not_before() -> None:
    by = rules(
        security_council__lifted_after=20.0,
        security_council__reopened_after=30.0,
        security_council__troops_stay=40.0,
        security_council__reopened_level=0.8,
    )
    run = govern(until(60), by, hours=200)
    calm = run.centre["calm"]
    assert not calm[:60].any()
    for kind, after, level in (
        (Action.EMERGENCY, 20, 0.0),
        (Action.SHUTDOWN, 30, 0.8),
        (Action.FOREIGN_TROOPS, 40, 0.0),
    ):
        own = run.ordered[:, int(kind)]
        turns = np.flatnonzero(own[:, 0] == 1.0)
        last = int(np.flatnonzero(calm >= after)[0])
        assert turns[-1] == last - 1, kind.name
        assert (own[last:] == level).all(), kind.name


def test_mourning_waits_for_calm_and_for_a_published_death() -> None:
    by = rules(president__mourning_after=10.0, president__mourning_lasts=24.0)
    run = govern(until(60), by)
    begins = int(np.flatnonzero(run.centre["calm"] >= 10)[0])
    mourned = np.flatnonzero(run.ordered[:, int(Action.MOURNING), 0])
    assert mourned.tolist() == list(range(begins, begins + 24))

    def unpublished(state: State, hour: int) -> None:
        until(60)(state, hour)
        state.places["deaths_published"] = 0

    assert govern(unpublished, by).hour(Action.MOURNING) == NEVER


def test_obedience_falls_before_a_crowd_and_comes_back() -> None:
    """In a steady crowd it settles where leaving and return are equal: r / (r + d)."""
    land = environment()
    rate, back = 0.05, 0.02
    by = rules(
        interior_forces__defection_rate=rate,
        interior_forces__return_rate=back,
        interior_forces__by_sympathy=0.0,
        interior_forces__by_foreign_troops=0.0,
    )
    state = initial_state(land)
    for hour in range(400):
        unrest(state, hour)
        decide.update_information(state, land, by)
    leaving = rate * 3000.0 / (3000.0 + land.of_places(land.places["police"]) + 1.0)
    settled = back / (1.0 - (1.0 - back) * (1.0 - leaving))  # return is of those left by then
    assert land.of_places(state.places["loyalty"]) == pytest.approx(settled, rel=1e-6)
    assert 0 < state.centre["trust"] < 1
    state.places["crowd"] = 0.0
    for _ in range(400):
        decide.update_information(state, land, by)
    assert state.places["loyalty"] == pytest.approx(1.0, rel=1e-3)


def test_pressure_is_half_at_the_limit_and_rises() -> None:
    numbers = rules()[0]["reports"]
    seen = [reports.pressing(x, 4.0, numbers) for x in (0.0, 1.0, 4.0, 16.0, 1e9)]
    assert seen[0] == 0.0
    assert seen[2] == 0.5
    assert all(a < b for a, b in pairwise(seen))
    assert seen[4] == pytest.approx(1.0)


# ------------------------------------------------------------------------------ what orders do

SHARES = (0.0, 0.25, 0.5, 0.9, 1.0)


def any_state(luck: int) -> State:
    """Return places with any crowd, forces and control, some of them empty or without police."""
    source = np.random.default_rng(luck)
    state = initial_state(environment())
    places = len(state.places["crowd"])
    state.places["crowd"] = np.floor(10 ** source.uniform(-2, 5, places))
    state.places["militants"] = np.floor(state.places["crowd"] * source.uniform(size=places))
    state.places["control"] = source.choice([0.0, 0.3, 0.9, 1.0], places)
    state.places["loyalty"] = source.choice([0.0, 0.5, 1.0], places)
    state.places["reinforcement"] = source.choice([0.0, 50.0, 4000.0], places)
    state.places["in_force"][int(Action.EMERGENCY)] = source.integers(0, 2, places)
    return state


def moved(luck: int, kind: Action, share: float, then: str) -> np.ndarray:
    """Return control, or force and dispersal, an hour on from any state with an order at work."""
    state = any_state(luck)
    numbers = members(arvenia("script"), 1, luck % 50)[0].parameters[0]
    state.places["in_force"][int(kind)] = share
    if then == "control":
        control.update_control(state, environment(), numbers["control"])
        return environment().of_places(state.places["control"]).copy()
    policing.set_police_force(state, environment(), numbers["policing"])
    both = np.stack([state.places["force"], state.places["dispersal"]])
    return environment().of_places(both)


@given(luck=st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_restraint_withdrawal_and_standing_push_one_way_only(luck: int) -> None:
    force = [moved(luck, Action.RESTRAINT, share, "force") for share in SHARES]
    left = [moved(luck, Action.WITHDRAWAL, share, "control") for share in SHARES]
    stood = [moved(luck, Action.STAND, share, "control") for share in SHARES]
    for values in (*force, *left, *stood):
        assert np.isfinite(values).all()
        assert ((values >= 0) & (values <= 1)).all() or values.ndim == 2
    assert all((b <= a).all() for a, b in pairwise(force))
    assert not force[-1].any(), "force that is withheld in full is none"
    assert all((b <= a).all() for a, b in pairwise(left))
    assert all((b >= a).all() for a, b in pairwise(stood))
    before = environment().of_places(any_state(luck).places["control"])
    assert (stood[-1] >= before).all(), "environment is never lost"


def test_a_withdrawal_gives_up_a_street_in_which_nobody_stands() -> None:
    state, numbers = initial_state(environment()), members(arvenia("script"), 1)[0].parameters[0]
    state.places["in_force"][int(Action.WITHDRAWAL)] = 1.0
    for _ in range(400):
        control.update_control(state, environment(), numbers["control"])
    held = environment().of_places(state.places["control"])
    assert (held < 0.05).all()
    state.places["in_force"][int(Action.WITHDRAWAL)] = 0.0
    for _ in range(2000):
        control.update_control(state, environment(), numbers["control"])
    assert held == pytest.approx(1.0, abs=0.05)


CONTESTED = ("fear.by_shoot_order", "anger.by_shoot_order", "lethal_force.by_shoot_order",
             "anger.by_shutdown", "fear.by_foreign_troops", "anger.by_foreign_troops",
             "fear.by_emergency", "anger.by_force", "fear.by_force", "demands.price_trust",
             "demands.resignation_trust")  # fmt: skip


@pytest.mark.parametrize("name", CONTESTED)
def test_a_contested_effect_may_have_either_sign(name: str) -> None:
    """At least one in a hundred draws of the prior lies on each side of nothing."""
    number = next(n for n in january().numbers if n.name == name)
    draws = np.array([number.at(z) for z in np.random.default_rng(1).normal(size=4000)])
    assert min((draws < 0).mean(), (draws > 0).mean()) > 0.01
    assert number.declared.low < 0 < number.declared.high


def test_every_kind_of_action_is_felt_by_a_mechanism() -> None:
    """A held decision that nothing feels would be a change without an effect."""
    folder = Path(inspect.getfile(control)).parent
    text = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py")
                   if path.name not in ("actions.py", "state_decisions.py"))  # fmt: skip
    assert len(Action) == ACTION_KINDS
    for kind in Action:
        assert f"Action.{kind.name})" in text, kind.name


def test_lively_numbers_leave_the_rules_alone() -> None:
    """The helper holds numbers of mechanisms; were one a rule, tests above would not say so."""
    assert not {*LIVELY} & {*rule_names()}
