"""Claims, conflicts and targets as the page takes them, in values that JSON has."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from qantar.evidence import Claim, Conflict, Reconciled
from qantar.evidence.conflicts import DAY_KINDS
from qantar.explorer.plain import number, plain
from qantar.view.evidence.disputed import Dispute, disputes
from qantar.view.evidence.entries import Entry, source_entries
from qantar.view.evidence.goals import RULES, Goal, goal_sets
from qantar.view.evidence.names import Reader

UNEXPLAINED = "Nothing in the claims explains the difference."


def claim_row(reader: Reader, claim: Claim, entry: Entry) -> dict[str, Any]:
    """Return one claim: what it says, who says it where, and how firmly."""
    start, end = claim.dates
    return {
        "id": claim.claim,
        "source": claim.source,
        "letter": reader.badges[claim.source].letter,
        "locator": claim.locator,
        "says": claim.paraphrase,
        "about": entry.about,
        "value": entry.value,
        "unit": claim.unit,
        "place": entry.place or reader.ledger.gazetteer.country,
        "dates": entry.dates,
        "day_from": start.isoformat() if start else None,
        "day_to": end.isoformat() if end else None,
        "as_of": claim.as_of,
        "modality": claim.modality,
        "by": claim.attributed_to,
        "category": claim.category,
        "note": claim.note,
    }


def conflict_row(reader: Reader, dispute: Dispute, conflict: Conflict) -> dict[str, Any]:
    """Return one conflict with every side of it: who says which."""
    sides: dict[str, list[Claim]] = {}
    for each in conflict.claims:
        sides.setdefault(_side(reader, each), []).append(each)
    return {
        "id": dispute.anchor,
        "title": dispute.title,
        "open": dispute.open,
        "why": dispute.reasons or UNEXPLAINED,
        "clash": dispute.clash,
        "sides": [
            {
                "value": value,
                "claims": [each.claim for each in own],
                "sources": list(dict.fromkeys(reader.ref(each).letter for each in own)),
            }
            for value, own in sides.items()
        ],
    }


def _side(reader: Reader, claim: Claim) -> str:
    """Return what a claim says; whom a number counts, and where, belongs to it."""
    says, aside = reader.says(claim), reader.aside(claim)
    kind = reader.ledger.codebook.kind(claim)
    return f"{says} ({aside})" if aside and kind in ("number", *DAY_KINDS) else says


def target_row(goal: Goal, made: Reconciled, first_day: dt.date) -> dict[str, Any]:
    """Return one target; where it is a day, its bounds are days after `first_day`."""
    target = made.target
    low, high = target.interval(first_day)
    return {
        "id": target.target,
        "what": goal.what,
        "says": goal.says,
        "rule": RULES[goal.rule],
        "use": target.use,
        "note": plain(goal.note),
        "low": number(low),
        "high": number(high),
        "unit": target.unit,
        "variable": target.variable,
        "level": target.level,
        "name": target.name,
        "beyond": plain(made.rule.beyond),
        "claims": [each.claim for each in made.used],
        "set_aside": [{"claim": name, "why": why} for name, why in made.set_aside.items()],
    }


def entries_of(reader: Reader) -> dict[str, Entry]:
    """Return every claim in words, by id."""
    return {entry.claim: entry for own in source_entries(reader, {}) for entry in own.entries}


def disputes_of(
    reader: Reader, conflicts: tuple[Conflict, ...]
) -> dict[str, tuple[Dispute, Conflict]]:
    """Return every conflict in words and as it is, by its anchor, the widest first."""
    by_key = {(each.subject, each.predicate, each.item): each for each in conflicts}
    told = disputes(reader, conflicts, None)
    return {dispute.anchor: (dispute, by_key[dispute.key]) for dispute in told}


def goals_of(
    reader: Reader, episode: str, targets: tuple[Reconciled, ...]
) -> dict[str, tuple[Goal, Reconciled]]:
    """Return every target in words and as it came about, by name, in the order of a reader."""
    made = {each.target.target: each for each in targets}
    sets = goal_sets(reader, {episode: targets})
    goals = (goal for own in sets for group in own.groups for goal in group.goals)
    return {goal.name: (goal, made[goal.name]) for goal in goals}


def by_claim(parts: Iterable[tuple[str, tuple[Claim, ...]]]) -> dict[str, list[str]]:
    """Return the names of what rests on each claim."""
    found: dict[str, list[str]] = {}
    for name, claims in parts:
        for claim in claims:
            found.setdefault(claim.claim, []).append(name)
    return found
