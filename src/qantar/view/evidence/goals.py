"""Targets: what claims are reconciled into, by which rule, and what each source does to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qantar.evidence import Reconciled
from qantar.study.fact_groups import GROUPS, OTHER, group_of
from qantar.view.evidence.names import Reader, Ref, date_words, slug
from qantar.view.phrases import said, subject

RULES = {
    "agree": "what the claims share; where they share nothing, all that the sharpest of them span",
    "by": "the claims show a thing under way: it began on their day or before",
    "as_of": "figures of the day, bounded by earlier and later ones",
    "total": "the last figure of every source, never below an earlier floor",
    "add": "counts of different scopes added up",
    "floor": "the highest least figure; the top is open",
    "listed": "as many as the claims list one by one; the top is open",
    "happened": "half to certain; anything where the sources clash",
    "never": "nought to half; anything where the sources clash",
    "worded": "the claims give words and no number; both bounds are declared",
}

_SYMBOLS = {"same": "=", "wider": "↔", "narrower": "→←", "moved": "⇄", "nothing left": "∅"}


@dataclass(frozen=True)
class Effect:
    """What leaving out a source does to a target."""

    letter: str
    colour: str
    source: str
    word: str
    symbol: str


@dataclass(frozen=True)
class Goal:
    """One target, ready to be read."""

    anchor: str
    name: str
    what: str
    about: str
    says: str
    unit: str
    rule: str
    use: str
    note: str
    used: tuple[Ref, ...]
    set_aside: tuple[tuple[Ref, str], ...]
    effects: tuple[Effect, ...]


@dataclass(frozen=True)
class GoalGroup:
    """Targets of one kind of fact."""

    kind: str
    goals: tuple[Goal, ...]


@dataclass(frozen=True)
class GoalSet:
    """A set of targets: those of an episode or a period."""

    anchor: str
    title: str
    total: int
    several: int
    sturdy: int
    groups: tuple[GoalGroup, ...]


def goal_sets(reader: Reader, targets: Mapping[str, Sequence[Reconciled]]) -> list[GoalSet]:
    """Return every set of targets by kind of fact, the largest first."""
    sets = [_set(reader, name, own) for name, own in targets.items()]
    return sorted(sets, key=lambda each: (-each.total, each.title))


def _set(reader: Reader, name: str, own: Sequence[Reconciled]) -> GoalSet:
    groups = []
    for kind in (*GROUPS, OTHER):
        goals = tuple(_goal(reader, name, r) for r in own if group_of(r.target) == kind)
        if goals:
            groups.append(GoalGroup(kind, goals))
    several = [r for r in own if len(r.without) > 1]
    sturdy = sum(all(r.change(s) in ("same", "narrower") for s in r.without) for r in several)
    return GoalSet(slug("targets", name), name, len(own), len(several), sturdy, tuple(groups))


def _goal(reader: Reader, name: str, each: Reconciled) -> Goal:
    target = each.target
    return Goal(
        anchor=slug("target", name, target.target),
        name=target.target,
        what=_sentence(subject(target)),
        about=""
        if target.date in ("", "first", "any", "total", "window")
        else date_words(target.date),
        says=said(target),
        unit="" if target.unit in ("day", "probability") else target.unit,
        rule=each.rule.rule,
        use=target.use,
        note=target.note,
        used=reader.refs(each.used),
        set_aside=tuple(
            (reader.ref(claim), why)
            for claim, why in each.set_aside.items()
            if claim in reader.ledger.claims
        ),
        effects=tuple(_effect(reader, each, source) for source in each.without),
    )


def _effect(reader: Reader, each: Reconciled, source: str) -> Effect:
    badge = reader.badges[source]
    word = each.change(source)
    return Effect(badge.letter, badge.colour, badge.short, word, _SYMBOLS[word])


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
