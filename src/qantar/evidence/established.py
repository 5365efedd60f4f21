"""What is established: quantities on which two or more sources say the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from qantar.evidence.claims import Claim
from qantar.evidence.codebook import meet
from qantar.evidence.conflicts import Conflict
from qantar.evidence.dates import overlap
from qantar.evidence.ledger import Ledger

COMPARED = ("number", "day", "period", "choice")
"""Kinds of content that can agree; free text is never compared."""


@dataclass(frozen=True)
class Established:
    """Claims of several sources about one quantity, none of which clashes with another.

    Attributes
    ----------
    subject, predicate, item : str
        The quantity.
    claims : tuple of Claim
        Of one area, scope, stage, unit and time.
    """

    subject: str
    predicate: str
    item: str
    claims: tuple[Claim, ...]

    @property
    def sources(self) -> int:
        """How many sources say it."""
        return len({claim.source for claim in self.claims})


def find_established(ledger: Ledger, conflicts: Iterable[Conflict]) -> tuple[Established, ...]:
    """Return what two or more sources say alike, most sources first.

    Sources may copy from each other: agreement is not yet independence.
    """
    clashing = {
        frozenset((clash.one.claim, clash.other.claim))
        for conflict in conflicts
        for clash in conflict.clashes
    }
    groups: dict[tuple[object, ...], list[Claim]] = {}
    for (subject, predicate), claims in ledger.by_quantity.items():
        if ledger.codebook.predicates[predicate].kind in COMPARED:
            for claim in filter(lambda c: c.usable and _says_something(ledger, c), claims):
                item, area = ledger.codebook.item(claim), ledger.gazetteer.area(claim.places)
                about = (subject, predicate, item, area, claim.scope, claim.stage, claim.unit)
                groups.setdefault(about, []).append(claim)
    found = [
        Established(own[0].subject, own[0].predicate, ledger.codebook.item(own[0]), tuple(own))
        for own in groups.values()
        if len({claim.source for claim in own}) > 1 and _agree(ledger, own, clashing)
    ]
    return tuple(sorted(found, key=lambda e: (-e.sources, e.subject, e.predicate, e.item)))


def _says_something(ledger: Ledger, claim: Claim) -> bool:
    """Say whether a claim gives its number or its day."""
    kind = ledger.codebook.kind(claim)
    if kind == "number":
        return ledger.codebook.interval(claim) is not None or bool(claim.value)
    return kind != "day" or claim.dates != (None, None)


def _agree(ledger: Ledger, claims: list[Claim], clashing: set[frozenset[str]]) -> bool:
    """Say whether all claims are of one time and none clashes with another."""
    return all(
        frozenset((one.claim, other.claim)) not in clashing
        and overlap(one.dates, other.dates)
        and _meet(ledger, one, other)
        for one, other in combinations(claims, 2)
    )


def _meet(ledger: Ledger, one: Claim, other: Claim) -> bool:
    """Say whether the numbers of two claims overlap, and their words are the same."""
    here, there = ledger.codebook.interval(one), ledger.codebook.interval(other)
    if here and there:
        return meet(here, there)
    return ledger.codebook.kind(one) != "choice" or one.value == other.value
