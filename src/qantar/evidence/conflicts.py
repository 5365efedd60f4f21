"""Conflicts between claims, their possible explanations, and agreements between sources.

`find_conflicts` compares claims about the same quantity and reports whether scope, area, stage or
dates explain a difference. `find_agreements` returns the quantities on which sources agree.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from qantar.evidence.causes import STANCE
from qantar.evidence.claims import Claim
from qantar.evidence.codebook import intersect
from qantar.evidence.dates import overlap
from qantar.evidence.ledger import Ledger

DAY_KINDS = ("day", "period")
"""Kinds of content that are dates."""

COMPARABLE_KINDS = ("number", "day", "period", "choice")
"""Kinds of content on which sources can agree; free text is never compared."""

PART_RELATIONS = ("part of", "makes up", "share of")
"""Relations by which one number is a part of another."""

ORDER_RELATIONS = ("before", "after", "follows")
"""Relations by which one claim refers to a later time than another."""

MAX_SAME_EVENT_GAP = dt.timedelta(days=31)
"""Two dates of a recurring event at most this far apart mean the same occurrence."""


@dataclass(frozen=True)
class ClaimPair:
    """Two conflicting claims.

    Attributes
    ----------
    one, other : Claim
    why : tuple of str
        Explanations of the difference; empty if the claims offer none.
    """

    one: Claim
    other: Claim
    why: tuple[str, ...]


@dataclass(frozen=True)
class Conflict:
    """Claims about one quantity that conflict with each other.

    Attributes
    ----------
    subject, predicate, item : str
        The quantity.
    claims : tuple of Claim
        Every claim in a conflicting pair.
    clashes : tuple of ClaimPair
        The conflicting pairs, unexplained ones first.
    """

    subject: str
    predicate: str
    item: str
    claims: tuple[Claim, ...]
    clashes: tuple[ClaimPair, ...]

    @property
    def open(self) -> bool:
        """Whether at least one conflicting pair is unexplained."""
        return any(not clash.why for clash in self.clashes)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Every explanation found, without duplicates."""
        return tuple(dict.fromkeys(reason for clash in self.clashes for reason in clash.why))

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of explanation found, such as ``different scope``, without duplicates."""
        return tuple(dict.fromkeys(reason.partition(":")[0] for reason in self.reasons))

    @property
    def between_sources(self) -> bool:
        """Whether more than one source is involved."""
        return len(sources_of(self.claims)) > 1


def find_conflicts(ledger: Ledger) -> tuple[Conflict, ...]:
    """Return every conflict of a ledger, open ones first, then by subject.

    Two claims are compared if they have the same subject and predicate (and item, such as a survey
    option), overlapping areas and, unless the count is cumulative, overlapping dates. Numbers
    conflict if their codebook intervals are disjoint, days if their periods are, choices if the
    words differ, and stances on a cause if one supports it and the other rejects it.
    """
    quantities: dict[tuple[str, str, str], list[Claim]] = {}
    for (subject, predicate), claims in ledger.by_quantity.items():
        if ledger.codebook.predicates[predicate].kind != "text":
            for claim in claims:
                key = (subject, predicate, ledger.codebook.item(claim))
                quantities.setdefault(key, []).append(claim)
    conflicts = []
    for key, same in quantities.items():
        clashes = [
            ClaimPair(one, other, _explain(ledger, one, other))
            for one, other in combinations(same, 2)
            if _comparable(ledger, one, other) and _clash(ledger, one, other)
        ]
        if clashes:
            involved = {c.claim: c for clash in clashes for c in (clash.one, clash.other)}
            ordered = sorted(clashes, key=lambda clash: bool(clash.why))
            members = tuple(sorted(involved.values(), key=lambda c: c.claim))
            conflicts.append(Conflict(*key, members, tuple(ordered)))
    return tuple(sorted(conflicts, key=lambda c: (not c.open, c.subject, c.predicate, c.item)))


def describe(claim: Claim, ledger: Ledger) -> str:
    """Return the content of a claim in a few words: its number, day or value."""
    kind = ledger.codebook.kind(claim)
    if kind in DAY_KINDS:
        words = claim.when
        if kind == "day":  # an open side is a bound on the day, not the start or end of a period
            words = words.replace("since ", "on or after ").replace("until ", "on or before ")
        if claim.value and not ledger.codebook.item(claim):
            words += f", {claim.value}"
    else:
        words = number_text(claim) if kind == "number" else claim.value
    return f"{words} ({claim.basis})" if claim.basis else words


def number_text(claim: Claim) -> str:
    """Return the number of a claim in the wording of the source."""
    low, high = (f"{v:,.10g}" if v is not None else "" for v in claim.printed)
    unit = f" {claim.unit}" if claim.unit else ""
    if not low and not high:
        return claim.value or "no number"
    if low and high:
        body = low if low == high else f"{low} to {high}"
        prefix = "about " if claim.reading == "about" else ""
        return f"{prefix}{body}{unit}"
    words = claim.reading.replace("_", " ").replace("more than", "over")
    return f"{words} {low or high}{unit}"


def _comparable(ledger: Ledger, one: Claim, other: Claim) -> bool:
    """Return whether two claims about one quantity overlap in area and time and share a unit."""
    if ledger.gazetteer.compare(one.places, other.places) == "apart":
        return False
    table = ledger.cells.get(one.claim)
    if table is not None and table == ledger.cells.get(other.claim):
        return False
    predicate = ledger.codebook.predicates[one.predicate]
    if predicate.kind in DAY_KINDS:
        return True
    if not predicate.cumulative and not overlap(one.dates, other.dates):
        return False
    here, there = ledger.codebook.measure(one), ledger.codebook.measure(other)
    return here is None or there is None or here[1] == there[1]


def _clash(ledger: Ledger, one: Claim, other: Claim) -> bool:
    """Return whether two comparable claims contradict each other."""
    kind = ledger.codebook.kind(one)
    if kind == "number":
        here, there = ledger.codebook.measure(one), ledger.codebook.measure(other)
        return bool(here and there and not intersect(here[0], there[0]))
    if kind == "day":
        return _days_apart(ledger, one, other)
    if kind == "period":
        return _terms_differ(one, other)
    if kind == "stance":
        supportive = ("asserts", "reports")
        return (one.value in supportive) != (other.value in supportive)
    return bool(one.value and other.value and one.value != other.value)


def _terms_differ(one: Claim, other: Claim) -> bool:
    """Return whether two overlapping terms of office begin or end in different years.

    A claim that somebody held an office in one year does not define a term.
    """
    for start, end in (one.dates, other.dates):
        if start and end and start.year == end.year:
            return False
    ends = zip(one.dates, other.dates, strict=True)
    differ = any(a and b and a.year != b.year for a, b in ends)
    return differ and overlap(one.dates, other.dates)


def _days_apart(ledger: Ledger, one: Claim, other: Claim) -> bool:
    """Return whether two claims date one event to different days.

    Dates of a recurring event are taken as one occurrence only within `MAX_SAME_EVENT_GAP`.
    """
    if overlap(one.dates, other.dates):
        return False
    if not ledger.codebook.predicates[one.predicate].repeats:
        return True
    ends_and_starts = ((one.dates[1], other.dates[0]), (other.dates[1], one.dates[0]))
    return all(start - end <= MAX_SAME_EVENT_GAP for end, start in ends_and_starts if end and start)


def _explain(ledger: Ledger, one: Claim, other: Claim) -> tuple[str, ...]:
    """Return the explanations of a difference that two claims offer."""
    predicate = ledger.codebook.predicates[one.predicate]
    reasons = []
    if one.scope != other.scope:
        reasons.append(f"different scope: {one.scope or 'all'}, {other.scope or 'all'}")
    if ledger.gazetteer.compare(one.places, other.places) != "same":
        here, there = (
            ", ".join(claim.places) or ledger.gazetteer.country for claim in (one, other)
        )
        reasons.append(f"different area: {here}, {there}")
    if one.stage != other.stage:
        reasons.append(f"different stage: {one.stage or 'happened'}, {other.stage or 'happened'}")
    closed = None not in (*one.dates, *other.dates)
    periodic = predicate.kind == "number" and not predicate.cumulative
    if periodic and closed and one.dates != other.dates:
        reasons.append(f"different periods: {one.when}, {other.when}")
    if "retracted" in (one.modality, other.modality):
        reasons.append("one of them was retracted")
    related = {
        relation.kind
        for claim, counterpart in ((one, other), (other, one))
        for relation in claim.relations
        if relation.of == counterpart.claim
    }
    if related & set(PART_RELATIONS):
        reasons.append("one is declared a part or a share of the other")
    if related & set(ORDER_RELATIONS) and predicate.kind != "day":
        reasons.append("one is declared to come after the other")
    if one.predicate != STANCE and predicate.cumulative:
        reasons += _explained_by_growth(ledger, one, other)
    return tuple(reasons)


def _explained_by_growth(ledger: Ledger, one: Claim, other: Claim) -> list[str]:
    """Return an explanation if a running count is higher on the later of two days."""
    days = {claim.claim: claim.held_on or ledger.published(claim.source) for claim in (one, other)}
    dated = sorted((day, claim) for claim, day in days.items() if day is not None)
    if len(dated) < 2 or dated[0][0] == dated[1][0]:
        return []
    (first, earlier), (second, later) = dated
    before = ledger.codebook.interval(ledger.claims[earlier])
    after = ledger.codebook.interval(ledger.claims[later])
    if before and after and before[0] <= after[1]:
        return [f"different as-of dates: {first}, {second}"]
    return []


def sources_of(claims: Iterable[Claim]) -> tuple[str, ...]:
    """Return the sources of claims in order, without duplicates."""
    return tuple(dict.fromkeys(claim.source for claim in claims))


@dataclass(frozen=True)
class Established:
    """Claims of several sources about one quantity that agree with each other.

    Attributes
    ----------
    subject, predicate, item : str
        The quantity.
    claims : tuple of Claim
        Claims with the same area, scope, stage and unit, and overlapping dates.
    """

    subject: str
    predicate: str
    item: str
    claims: tuple[Claim, ...]

    @property
    def sources(self) -> int:
        """Number of sources."""
        return len(sources_of(self.claims))


def find_agreements(ledger: Ledger, conflicts: Iterable[Conflict]) -> tuple[Established, ...]:
    """Return the quantities on which two or more sources agree, most sources first.

    Sources may copy from each other, so agreement does not mean independent confirmation.
    """
    clashing = {
        frozenset((clash.one.claim, clash.other.claim))
        for conflict in conflicts
        for clash in conflict.clashes
    }
    groups: dict[tuple[object, ...], list[Claim]] = {}
    for (subject, predicate), claims in ledger.by_quantity.items():
        if ledger.codebook.predicates[predicate].kind in COMPARABLE_KINDS:
            for claim in claims:
                if not claim.usable or not _has_content(ledger, claim):
                    continue
                item, area = ledger.codebook.item(claim), ledger.gazetteer.area(claim.places)
                about = (subject, predicate, item, area, claim.scope, claim.stage, claim.unit)
                groups.setdefault(about, []).append(claim)
    found = [
        Established(own[0].subject, own[0].predicate, ledger.codebook.item(own[0]), tuple(own))
        for own in groups.values()
        if len(sources_of(own)) > 1
        and all(
            frozenset((one.claim, other.claim)) not in clashing and _agree(ledger, one, other)
            for one, other in combinations(own, 2)
        )
    ]
    return tuple(sorted(found, key=lambda e: (-e.sources, e.subject, e.predicate, e.item)))


def _has_content(ledger: Ledger, claim: Claim) -> bool:
    """Return whether a claim gives the number or day that its predicate requires."""
    kind = ledger.codebook.kind(claim)
    if kind == "number":
        return ledger.codebook.interval(claim) is not None or bool(claim.value)
    return kind != "day" or claim.dates != (None, None)


def _agree(ledger: Ledger, one: Claim, other: Claim) -> bool:
    """Return whether two claims overlap in time and agree in their number or word."""
    if not overlap(one.dates, other.dates):
        return False
    here, there = ledger.codebook.interval(one), ledger.codebook.interval(other)
    if here and there:
        return intersect(here, there)
    return ledger.codebook.kind(one) != "choice" or one.value == other.value
