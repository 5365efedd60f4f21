"""Running counts that fall, and parts of the country with more than all of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from qantar.evidence.checks.finding import Finding
from qantar.evidence.claims import Claim
from qantar.evidence.conflicts import worded
from qantar.evidence.ledger import Ledger


def check_totals(ledger: Ledger) -> Iterator[Finding]:
    """Yield contradictions among counts of the same thing by day and by area."""
    groups: dict[tuple[str, str, str, str], list[Claim]] = {}
    for (subject, predicate), claims in ledger.by_quantity.items():
        if ledger.codebook.predicates[predicate].cumulative:
            for claim in claims:
                if claim.usable and ledger.codebook.interval(claim):
                    key = (subject, predicate, claim.value, claim.unit)
                    groups.setdefault(key, []).append(claim)
    for group in groups.values():
        for one, other in combinations(group, 2):
            yield from _series(ledger, one, other)
            yield from _areas(ledger, one, other)


def _series(ledger: Ledger, one: Claim, other: Claim) -> Iterator[Finding]:
    """Compare two counts of one scope and area that hold for different days."""
    same = one.scope == other.scope and ledger.gazetteer.compare(one.places, other.places) == "same"
    if not same or one.held_on is None or other.held_on is None or one.held_on == other.held_on:
        return
    early, late = (one, other) if one.held_on < other.held_on else (other, one)
    before, after = ledger.codebook.interval(early), ledger.codebook.interval(late)
    if before is None or after is None:
        return
    yield Finding(
        "running count",
        after[1] >= before[0],
        f"{one.subject} {one.predicate} {one.scope}".rstrip() + " may not fall with time",
        f"{worded(early)} by {early.held_on}, {worded(late)} by {late.held_on}",
        (early.claim, late.claim),
    )


def _areas(ledger: Ledger, one: Claim, other: Claim) -> Iterator[Finding]:
    """Compare a count somewhere with one of the same thing in an area around it."""
    extent = ledger.gazetteer.compare(one.places, other.places)
    if extent not in ("within", "around") or one.scope != other.scope:
        return
    inner, outer = (one, other) if extent == "within" else (other, one)
    small, large = ledger.codebook.interval(inner), ledger.codebook.interval(outer)
    later = inner.held_on and outer.held_on and outer.held_on < inner.held_on
    if small is None or large is None or later:
        return
    yield Finding(
        "area within area",
        small[0] <= large[1],
        f"{one.subject} {one.predicate}: {', '.join(inner.places)} within "
        f"{', '.join(outer.places) or ledger.gazetteer.country}",
        f"{worded(inner)} of {worded(outer)}",
        (inner.claim, outer.claim),
    )
