"""Scenarios, changes and runs in the small country that the tests of offices and twins share."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from qantar.model.hour import SWITCHES, VARIABLES, Latent, Member, Switches
from qantar.model.mechanisms.state_decisions import Decider
from qantar.model.mediators import nothing_held
from qantar.model.state import ACTION_KINDS, Action, Amendments
from qantar.packs.intervention import Intervention
from qantar.rng import key_of
from qantar.simulate.changes import Change, Changes
from qantar.simulate.draws import rule_record
from qantar.simulate.ensemble import Followed, follow_member
from qantar.simulate.parameters import parameter_record
from qantar.simulate.scenario import Decisions, Scenario, make_scenario

COLUMN = {variable.name: k for k, variable in enumerate(VARIABLES)}

LIVELY = {
    "joining.gate_threshold": 2000.0,
    "joining.willing": 0.1,
    "escalation.rate": 0.01,
    "lethal_force.rate": 0.005,
    "security_losses.rate": 0.002,
}
"""Held high, so that the small country sees crowds, violence and deaths in most members."""

EAGER = {
    "reports.withheld": 0.3,
    "akims.concession_towns": 0.4,
    "akims.concession_patience": 10.0,
    "akims.emergency_towns": 0.3,
    "akims.emergency_patience": 6.0,
    "government.concession_towns": 1.5,
    "government.concession_patience": 8.0,
    "president.resignation_towns": 1.0,
    "president.resignation_patience": 6.0,
    "president.council_towns": 0.8,
    "president.council_patience": 8.0,
    "president.cabinet_patience": 20.0,
    "president.mourning_after": 6.0,
    "security_council.shutdown_towns": 1.5,
    "security_council.shutdown_patience": 6.0,
    "security_council.emergency_towns": 0.5,
    "security_council.emergency_patience": 4.0,
    "security_council.troops_seats": 0.2,
    "security_council.troops_patience": 6.0,
    "security_council.troops_travel": 18.0,
    "security_council.order_losses": 0.5,
    "security_council.order_patience": 6.0,
}
"""Limits low enough that every office of so small a country decides within the window."""


@cache
def _arvenia(decisions: Decisions, belief: str, held: tuple[tuple[str, float], ...]) -> Scenario:
    return make_scenario(
        "spring-unrest",
        pack="template",
        belief=belief,  # type: ignore[arg-type]
        overrides=dict(held),
        decisions=decisions,
    )


def arvenia(
    decisions: Decisions = "rules", held: dict[str, float] | None = None, belief: str = "prior"
) -> Scenario:
    """Return the lively country with eager offices, and more held."""
    numbers = {**LIVELY, **EAGER, **(held or {})}
    return _arvenia(decisions, belief, tuple(sorted(numbers.items())))


def change(name: str, **parts: Any) -> Changes:
    """Return an intervention of the test's own, from what a file would hold."""
    date, dose = parts.pop("date_chosen", None), parts.pop("dose_chosen", None)
    kept = {
        "name": name,
        "title": "t",
        "baseline": "b",
        "reason": "r",
        "grade": "assumed",
        "expected": ({"outcome": "deaths", "sign": "either", "because": "x"},),
    }
    return Changes((Change(Intervention.model_validate(kept | parts), dose, date),))


def holding(kind: str, name: str = "", **bounds: Any) -> Changes:
    """Return a change that holds one decision: `least`, `most`, `from`, `until`, `where`."""
    return change(name or f"hold-{kind}", decisions=({"kind": kind, **bounds},))


def stepping(number: str, name: str = "", **how: float) -> Changes:
    """Return a change that adds to, multiplies or sets one number."""
    return change(name or f"step-{number}", parameters=({"name": number, **how},))


def members(scenario: Scenario, count: int, seed: int = 1) -> list[Member]:
    """Return the first members of a run."""
    draws = scenario.draws(seed, count)
    return [scenario.member(seed, k, draws) for k in range(count)]


def random_amendments(source: np.random.Generator, places: int, hours: int) -> Amendments:
    """Return bounds of any kind, anywhere, for any time: none to five of them."""
    rows = int(source.integers(0, 6))
    edges = np.sort(source.integers(0, hours + 10, (rows, 2)), axis=1)
    bounds = np.sort(np.round(4 * source.uniform(size=(rows, 2))) / 4, axis=1)
    return Amendments(
        kind=source.integers(0, ACTION_KINDS, rows),
        begins=np.ascontiguousarray(edges[:, 0]),
        ends=np.ascontiguousarray(edges[:, 1]),
        least=np.ascontiguousarray(bounds[:, 0]),
        most=np.ascontiguousarray(bounds[:, 1]),
        where=source.uniform(size=(rows, places)) < 0.7,
    )


def random_member(
    scenario: Scenario, luck: int, on: list[bool], spread: float, decider: Decider
) -> Member:
    """Return a member with any scores, place effects, switches, rules and interventions."""
    source = np.random.Generator(np.random.Philox(luck))
    values = [n.at(z) for n, z in zip(scenario.numbers, _scores(source, spread), strict=False)]
    offices = [n.at(z) for n, z in zip(scenario.rules, _scores(source, spread), strict=False)]
    switches = np.zeros(1, SWITCHES)
    for name, flag in zip(Switches._fields, on, strict=True):
        switches[name] = float(flag)
    places = len(scenario.country.places)
    key = key_of(luck, 0)
    return Member(
        key=key,
        script=scenario.script(key),
        parameters=parameter_record(np.array(values)),
        switches=switches,
        latent=Latent(spread * source.normal(size=places), spread * source.normal(size=places)),
        decider=int(decider),
        rules=rule_record(np.array(offices)),
        amendments=random_amendments(source, places, 120),
        held_mediators=nothing_held(),
    )


def _scores(source: np.random.Generator, spread: float) -> np.ndarray:
    return spread * source.normal(size=999)


def followed(scenario: Scenario, count: int = 4, seed: int = 1) -> list[Followed]:
    """Return what the first members of a run leave behind."""
    hours = scenario.episode.hours
    return [follow_member(scenario.environment, m, hours) for m in members(scenario, count, seed)]


def bits(one: Followed, *, orders: bool = True) -> bytes:
    """Return everything recorded of a run: equal bytes are equal runs."""
    ordered = one.ordered.tobytes() if orders else b""
    return one.record.tobytes() + one.terms.tobytes() + ordered


def total(runs: list[Followed], name: str) -> float:
    """Return a quantity at the end of all runs together; people who came out are added up."""
    records = [run.record[:, :, COLUMN[name]] for run in runs]
    return float(sum(r.sum() if name == "joined" else r[-1].sum() for r in records))


def first_hour(run: Followed, kind: Action, place: int | slice = slice(None)) -> float:
    """Return the hour at which an action was first ordered; infinite if it never was."""
    ordered = run.ordered[:, int(kind), place].reshape(len(run.ordered), -1)
    hours = np.flatnonzero(ordered.max(axis=1) > 0)
    return float(hours[0]) if len(hours) else np.inf
