"""Attribution: the causes that mediate a difference between twins, and which of them changed first.

A cause is a part of the model that can be held fixed. A pair is run again with some causes held to
their values in the baseline (natural direct and indirect effects, Pearl 2001). The contribution of
a cause depends on which others are already free, so it is averaged over the orders in which they
are freed: the Shapley value, estimated from one random order and its reverse per pair (Owen 2014;
Castro et al. 2009). The contributions add up to the difference exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qantar.analysis.outcomes import Outcome
from qantar.analysis.run import layout_of
from qantar.analysis.whatif.twins import checkpoint
from qantar.base.arrays import Numbers
from qantar.model.hour import TERMS, Member, Recorded
from qantar.model.mechanism import stream
from qantar.model.mechanisms.state_decisions import Decider
from qantar.model.mediators import HeldMediators, Mediator
from qantar.model.state import State
from qantar.rng import key_of, uniform
from qantar.simulate.changes import Changes
from qantar.simulate.ensemble import (
    Checkpoint,
    Followed,
    follow_member,
    in_order,
    run_member,
)
from qantar.simulate.scenario import Scenario
from qantar.simulate.script import script_from_orders

DECISIONS = "decisions"
"""Later decisions of the state, which change because its offices observe a different course."""

DIRECT = "direct"
"""The effect of the change with every cause held to the baseline."""

PARTS: dict[str, Mediator | None] = {
    **{part.name.lower(): part for part in Mediator},
    DECISIONS: None,
}
"""Causes by name; decisions are held by replaying them, other causes through terms of the model."""

LABELS = {
    "price": "the price that is felt",
    "news": "news of other places",
    "force": "police force and dispersal",
    "provocation": "provocation and instigation",
    "control": "control, obedience, reinforcement",
    "anger": "anger (brings people out)",
    "fear": "fear (keeps people in)",
    "belief": "demands and belief in concessions",
    "weariness": "weariness",
    "curiosity": "people who look for news and kin",
    "coordination": "agreeing on a place and an hour",
    DECISIONS: "further decisions of the state",
    DIRECT: "directly",
}
"""Label of each cause."""


_ORDER = stream("whatif.order")

METHOD = (
    "Shapley value over causes held to the course of the baseline, averaged over one random order "
    "and its reverse per pair"
)
"""The method of attribution, reported with its results."""

MATERIAL = 0.01
"""A term has changed if it differs by more than this share of its largest baseline value."""

EXPLAINED = ("deaths", "participants", "detained_cumulative")
"""Quantities of which the difference is attributed to causes."""


@dataclass(frozen=True)
class DifferenceAttribution:
    """The attribution of the effect of one change, by pair.

    Attributes
    ----------
    first_hours : float array (pairs, causes)
        Hour at which the terms of a cause first differ by more than `MATERIAL`; NaN if never.
    first_places : int array (pairs, causes)
        Index of the place where they differ most in that hour; -1 if never.
    places_moved : int array (pairs, causes)
        Number of places where they differ at any time.
    parts : dict of float array (pairs, causes + 1)
        By quantity: the contribution of each cause, then the direct effect of the change.
    totals : dict of float array (pairs,)
        By quantity: the difference.
    """

    first_hours: Numbers
    first_places: NDArray[np.int64]
    places_moved: NDArray[np.int64]
    parts: dict[str, Numbers]
    totals: dict[str, Numbers]


def attribute_difference(
    scenario: Scenario,
    change: Changes,
    *,
    pairs: int,
    seed: int,
    members: int,
    threads: int | None = None,
    each: Callable[[], None] | None = None,
) -> DifferenceAttribution:
    """Attribute the effect of a change to causes, for the first pairs of a run.

    Parameters
    ----------
    pairs : int
        Number of pairs; at most `members`.
    members, seed : int
        Size and seed of the run to which the pairs belong.
    threads : int, optional
        Worker threads; the result does not depend on it.
    each : callable, optional
        Called after every pair.
    """
    shared = scenario.draws_before_changes(seed, members)
    after = scenario.changed(change)
    draws, changed = scenario.after_changes(shared), after.after_changes(shared)
    _ = scenario.environment, after.environment  # build these before threads share them

    def one(number: int) -> _PairAttribution:
        key = key_of(seed, number)
        order = np.argsort([uniform(key, _ORDER, k, 0, 0) for k in range(len(PARTS))])
        baseline = scenario.member(seed, number, draws)
        twin = after.member(seed, number, changed)
        names = list(PARTS)
        return _TwinMembers(scenario, after, baseline, twin).attribute([names[k] for k in order])

    found = []
    for pair in in_order(one, pairs, threads):
        found.append(pair)
        if each is not None:
            each()
    names = (*PARTS, DIRECT)
    return DifferenceAttribution(
        np.array([pair.first_hours for pair in found]),
        np.array([pair.first_places for pair in found]),
        np.array([pair.places_moved for pair in found]),
        {
            quantity: np.array([[pair.parts[name][k] for name in names] for pair in found])
            for k, quantity in enumerate(EXPLAINED)
        },
        {
            quantity: np.array([pair.total[k] for pair in found])
            for k, quantity in enumerate(EXPLAINED)
        },
    )


@dataclass(frozen=True)
class _PairAttribution:
    """The attribution of one pair."""

    first_hours: Numbers
    first_places: NDArray[np.int64]
    places_moved: NDArray[np.int64]
    parts: dict[str, Numbers]
    total: Numbers


@dataclass(frozen=True)
class _TwinMembers:
    """Two members that differ only in a change."""

    before: Scenario
    after: Scenario
    baseline: Member
    changed: Member

    def attribute(self, order: Sequence[str]) -> _PairAttribution:
        """Hold the causes one by one, in the given order and in reverse."""
        hours = self.before.episode.hours
        saved: list[State] = []
        was = follow_member(self.before.environment, self.baseline, hours, saved=saved)
        start = checkpoint(self.before, self.after, was, saved)
        became = follow_member(self.after.environment, self.changed, hours, start=start)
        first = 0 if start is None else start.hour
        unmoved = _unmoved(was, became, first)
        replayed = self._with_decisions_of(was)
        runs = Outcome(layout_of(self.before))
        runs.add(was.record)
        runs.add(became.record)
        baseline, all_free, all_held = 0, 1, 0  # numbers of runs
        freed: list[tuple[str, int, int]] = []  # a cause, a run without and one with its response
        for sequence in (order, order[::-1]):
            now, same = all_free, unmoved
            for k in reversed(range(len(sequence))):
                name, previous = sequence[k], now
                if k == 0 and all_held:
                    now = all_held
                elif name not in same:  # holding a cause to the course that it has changes nothing
                    free = sequence[:k]
                    held = np.array([float(each.name.lower() not in free) for each in Mediator])
                    member = self.changed if DECISIONS in free else replayed
                    member = member._replace(held_mediators=HeldMediators(held, was.terms))
                    watched = k > 0 and sequence[k - 1] in (DECISIONS, *unmoved)
                    record, same = self._run(member, was, start, watched=watched)
                    now = runs.members
                    runs.add(record)
                freed.append((name, now, previous))
            all_held = now
        found = _measured(runs)
        parts = {name: np.zeros(len(EXPLAINED)) for name in PARTS}
        for name, without, free_ in freed:
            parts[name] += (found[free_] - found[without]) / 2.0
        parts[DIRECT] = found[all_held] - found[baseline]
        total = found[all_free] - found[baseline]
        return _PairAttribution(*_first_moves(was, became, first), parts, total)

    def _with_decisions_of(self, was: Followed) -> Member:
        """Return the changed member with the decisions of another run."""
        if self.changed.decider != int(Decider.OFFICES):
            return self.changed
        script = script_from_orders(was.ordered)
        return self.changed._replace(decider=int(Decider.REPLAY), script=script)

    def _run(
        self, member: Member, was: Followed, start: Checkpoint | None, *, watched: bool
    ) -> tuple[Recorded, set[str]]:
        """Run a member of the changed world.

        Returns
        -------
        record : float array (hours, places, variables)
        unmoved : set of str
            See `_unmoved`; empty if the run is not `watched`, which takes a little longer.
        """
        environment, hours = self.after.environment, self.before.episode.hours
        if not watched:
            return run_member(environment, member, hours, start=start), set()
        run = follow_member(environment, member, hours, start=start)
        return run.record, _unmoved(was, run, 0 if start is None else start.hour)


def _measured(runs: Outcome) -> Numbers:
    """Return the quantities of every run: float array (runs, quantities)."""
    country = runs.layout.country
    dates = {"participants": "any"}
    return np.stack(
        [
            runs.samples(quantity, "country", country, dates.get(quantity, "total"))
            for quantity in EXPLAINED
        ],
        axis=1,
    )


def _unmoved(was: Followed, run: Followed, first: int) -> set[str]:
    """Return the causes with the same course in two runs that are the same until an hour."""
    moved = (run.terms[first:] != was.terms[first:]).any(axis=(0, 1))
    names = {name for name in PARTS if name != DECISIONS and not moved[_columns(name)].any()}
    if np.array_equal(run.ordered[first:], was.ordered[first:]):
        names.add(DECISIONS)
    return names


def _columns(name: str) -> list[int]:
    """Return the columns of the terms that belong to a cause."""
    return [k for k, owner in enumerate(TERMS.values()) if owner == PARTS[name]]


def _first_moves(
    was: Followed, became: Followed, first: int
) -> tuple[Numbers, NDArray[np.int64], NDArray[np.int64]]:
    """Return the hour and place of the first change of each cause, and the number of places.

    Nothing differs before the hour `first`.
    """
    scale = np.abs(was.terms).max(axis=(0, 1))
    apart = np.abs(became.terms[first:] - was.terms[first:]) / np.where(scale > 0.0, scale, 1.0)
    hours, places, counts = [], [], []
    for name in PARTS:
        if name == DECISIONS:
            gap = np.abs(became.ordered[first:] - was.ordered[first:]).max(axis=1)
        else:
            gap = apart[:, :, _columns(name)].max(axis=2)
        material = gap > MATERIAL
        moved = np.flatnonzero(material.any(axis=1))
        hours.append(float(first + moved[0]) if len(moved) else np.nan)
        places.append(int(gap[moved[0]].argmax()) if len(moved) else -1)
        counts.append(int(material.any(axis=0).sum()))
    return np.array(hours), np.array(places, np.int64), np.array(counts, np.int64)
