"""No order is wired to an outcome: what happens in January if the state does not act on its dates.

Everything is drawn from the priors, so these are properties of the law and not of a fit.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from example_runs import change, holding
from qantar.base.arrays import Numbers
from qantar.model.hour import TERMS, VARIABLES
from qantar.model.state import Action
from qantar.simulate.changes import Changes
from qantar.simulate.ensemble import follow_member
from qantar.simulate.scenario import Decisions, Scenario, make_scenario

MEMBERS = 40
COLUMN = {variable.name: k for k, variable in enumerate(VARIABLES)}
SENT = list(TERMS).index("reinforcement")
FEW = 100.0
"""Soldiers: below this no forces were sent to speak of."""

TRIGGER = Action.PRICE_CAP_LIFTED
WORLDS: dict[str, Changes] = {
    "script": Changes(),
    "no emergency": holding("emergency", most=0),
    "neither emergency nor order": change(
        "none", decisions=tuple({"kind": k, "most": 0} for k in ("emergency", "shoot_order"))
    ),
    "only the price": change(
        "bare",
        decisions=tuple({"kind": k.name.lower(), "most": 0} for k in Action if k != TRIGGER),
    ),
}


@cache
def january() -> Scenario:
    return make_scenario("january-2022", belief="prior")


@cache
def seen(world: str) -> dict[str, Numbers]:
    """Return the largest crowd, that of the last day, soldiers sent, deaths and storms."""
    scenario = january().changed(WORLDS[world])
    draws = scenario.after_changes(scenario.draws(1, MEMBERS))
    rows = []
    for number in range(MEMBERS):
        member = scenario.member(1, number, draws)
        run = follow_member(scenario.environment, member, scenario.episode.hours)
        crowd = run.record[:, :, COLUMN["crowd"]].sum(axis=1).reshape(-1, 24).max(axis=1)
        sent = run.terms[:, :, SENT].sum(axis=1).max()
        ends = [run.record[-1, :, COLUMN[name]].sum() for name in ENDS]
        rows.append([crowd.max(), crowd[-1], sent, *ends])
    return dict(zip(("peak", "last", "sent", *ENDS), np.array(rows).T, strict=True))


ENDS = ("deaths", "buildings_attacked")


@pytest.mark.parametrize(
    ("world", "part"),
    [
        ("script", 0.25),
        ("no emergency", 0.25),
        ("neither emergency nor order", 0.25),
        ("only the price", 0.5),
    ],
)
def test_protest_ends_in_most_runs_whatever_the_state_orders(world: str, part: float) -> None:
    """On the last day, a week after the peak, the crowd is a small part of what it was."""
    found = seen(world)
    large = found["peak"] > 1000
    assert large.mean() > 0.7
    assert (found["last"] < part * found["peak"])[large].mean() > 0.5


def test_whether_forces_come_is_not_decided_by_the_emergency_alone() -> None:
    without, with_it = seen("no emergency"), seen("script")
    came = without["sent"] > FEW
    assert (with_it["sent"] > FEW).mean() > came.mean() > 0.5
    stormed = without["buildings_attacked"] > 0
    assert stormed.any()
    assert came[stormed].mean() > 0.8, "a fallen seat of power calls them"
    assert not came[~stormed].any(), "nothing else does"


def test_people_die_without_an_order_to_shoot() -> None:
    found = seen("neither emergency nor order")
    assert (found["deaths"] > 0).mean() > 0.5


def test_where_nobody_comes_out_no_order_harms_anyone() -> None:
    """Every decision of January, and no trigger; a planned attack needs none and is left out."""
    held = {"coordinated_attack.towns": 1e-6}
    scenario = make_scenario("january-2022", belief="prior", overrides=held)
    scenario = scenario.changed(holding("price_cap_lifted", most=0))
    draws = scenario.after_changes(scenario.draws(1, 5))
    for number in range(5):
        member = scenario.member(1, number, draws)
        run = follow_member(scenario.environment, member, scenario.episode.hours)
        for name in ("crowd", "detained", "deaths", "businesses_looted"):
            assert not run.record[:, :, COLUMN[name]].any(), name
        assert not run.terms[:, :, SENT].any(), "an emergency sends nobody where nobody is needed"


@pytest.mark.parametrize("decisions", ["script", "rules"])
def test_rallies_are_announced_whoever_decides_for_the_state(decisions: Decisions) -> None:
    """Organisers call them, so they do not vanish where the offices decide."""
    scenario = make_scenario("land-2016", belief="prior", decisions=decisions)
    member = scenario.member(1, 0, scenario.draws(1, 1))
    run = follow_member(scenario.environment, member, scenario.episode.hours)
    kind = int(Action.ANNOUNCED_RALLY)
    called = np.zeros(run.ordered[:, kind].shape)
    script = member.script
    for a in np.flatnonzero(script.kind == kind):
        rows = slice(script.begins[a], script.ends[a])
        called[rows] = np.maximum(called[rows], script.where[a] * script.intensity[a])
    assert called.any()
    assert np.array_equal(run.ordered[:, kind], called)
