"""Twins: the same citizens and the same luck in several worlds that differ in one decision."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from qantar.engine.ensemble import in_order
from qantar.engine.member import Followed, follow_member
from qantar.scenario.amending import in_force
from qantar.scenario.change import Changes
from qantar.scenario.scenario import Scenario
from qantar.study.decisions import action_hours
from qantar.study.outcome import Outcome
from qantar.study.run import layout_of
from qantar.study.whatif.result import World

Watch = Callable[[int, Sequence[Followed]], None]
"""Called with a member's number and what it left behind in every world, in the order of members."""


def worlds_of(
    scenario: Scenario,
    alternatives: Sequence[Changes],
    *,
    members: int,
    seed: int,
    threads: int | None = None,
    each: Callable[[], None] | None = None,
    watch: Watch | None = None,
) -> tuple[World, ...]:
    """Run every member in every world.

    Parameters
    ----------
    scenario : Scenario
        The world without change.
    alternatives : sequence of Changes
    members, seed : int
        Member k has the same parameters, place effects and luck in every world.
    threads : int, optional
        Worker threads; the result does not depend on it.
    each : callable, optional
        Called when a member has run in all worlds.
    watch : callable, optional
        See `Watch`. What was ordered is given before amendments; nothing of it is kept here.

    Returns
    -------
    tuple of World
        The world without change, then one for every alternative.
    """
    changes = (Changes(), *alternatives)
    outcomes = [Outcome(layout_of(scenario)) for _ in changes]
    hours: list[list[list[float]]] = [[] for _ in changes]
    scenarios = [scenario.changed(change) for change in changes]
    for number, followed in enumerate(_runs(scenario, scenarios, members, seed, threads)):
        for k, one in enumerate(followed):
            outcomes[k].add(one.record)
            held = in_force(one.ordered, scenarios[k].amendments)
            found = action_hours(scenario.country, scenario.episode, held)
            hours[k].append(list(found.values()))
        if watch is not None:
            watch(number, followed)
        if each is not None:
            each()
    return tuple(
        World(change, outcome, np.array(when).reshape(members, -1))
        for change, outcome, when in zip(changes, outcomes, hours, strict=True)
    )


def _runs(
    scenario: Scenario,
    worlds: Sequence[Scenario],
    members: int,
    seed: int,
    threads: int | None,
) -> Iterator[list[Followed]]:
    """Yield what each member leaves behind in every world."""
    base = scenario.draws_before_changes(seed, members)
    draws = [world.after_changes(base) for world in worlds]
    grounds = [world.ground for world in worlds]
    hours = scenario.episode.hours

    def run(number: int) -> list[Followed]:
        return [
            follow_member(ground, world.member(seed, number, own), hours, terms=False)
            for world, ground, own in zip(worlds, grounds, draws, strict=True)
        ]

    return in_order(run, members, threads)
