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
        """Free the causes one by one, in the given order and in reverse."""
        hours = self.before.episode.hours
        saved: list[State] = []
        was = follow_member(self.before.environment, self.baseline, hours, saved=saved)
        start = checkpoint(self.before, self.after, was, saved)
        became = follow_member(self.after.environment, self.changed, hours, start=start)
        all_held = self._with_free(was, start, ())
        all_free = self._measured(became.record)
        parts = {name: np.zeros(len(EXPLAINED)) for name in PARTS}
        for sequence in (order, order[::-1]):
            value = all_held
            for k, name in enumerate(sequence):
                last = k + 1 == len(sequence)
                new = all_free if last else self._with_free(was, start, sequence[: k + 1])
                parts[name] += (new - value) / 2.0
                value = new
        baseline = self._measured(was.record)
        parts[DIRECT] = all_held - baseline
        return _PairAttribution(*_first_moves(was, became), parts, all_free - baseline)

    def _with_free(self, was: Followed, start: Checkpoint | None, free: Sequence[str]) -> Numbers:
        """Return the quantities if only some causes may respond to the change."""
        held = np.array([0.0 if part.name.lower() in free else 1.0 for part in Mediator])
        member = self.changed._replace(held_mediators=HeldMediators(held, was.terms))
        if DECISIONS not in free and self.changed.decider == int(Decider.OFFICES):
            member = member._replace(
                decider=int(Decider.REPLAY), script=script_from_orders(was.ordered)
            )
        hours = self.before.episode.hours
        return self._measured(run_member(self.after.environment, member, hours, start=start))

    def _measured(self, record: Recorded) -> Numbers:
        """Return the quantities of one run."""
        outcome = Outcome(layout_of(self.before))
        outcome.add(record)
        country = outcome.layout.country
        dates = {"participants": "any"}
        return np.array(
            [
                outcome.samples(quantity, "country", country, dates.get(quantity, "total"))[0]
                for quantity in EXPLAINED
            ]
        )


def _first_moves(
    was: Followed, became: Followed
) -> tuple[Numbers, NDArray[np.int64], NDArray[np.int64]]:
    """Return the hour and place of the first change of each cause, and the number of places."""
    hours, places, counts = [], [], []
    for name, part in PARTS.items():
        if name == DECISIONS:
            gap = np.abs(became.ordered - was.ordered).max(axis=1)
        else:
            own = [k for k, owner in enumerate(TERMS.values()) if owner == part]
            scale = np.abs(was.terms[:, :, own]).max(axis=(0, 1))
            apart = np.abs(became.terms[:, :, own] - was.terms[:, :, own])
            gap = (apart / np.where(scale > 0.0, scale, 1.0)).max(axis=2)
        material = gap > MATERIAL
        moved = np.flatnonzero(material.any(axis=1))
        hours.append(float(moved[0]) if len(moved) else np.nan)
        places.append(int(gap[moved[0]].argmax()) if len(moved) else -1)
        counts.append(int(material.any(axis=0).sum()))
    return np.array(hours), np.array(places, np.int64), np.array(counts, np.int64)
