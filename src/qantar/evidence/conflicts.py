"""Conflicts: the same thing said differently, and whether the difference explains itself.

What is established: quantities on which two or more sources say the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from qantar.evidence.causes import STANCE
from qantar.evidence.claims import Claim
from qantar.evidence.codebook import meet
from qantar.evidence.dates import overlap
from qantar.evidence.ledger import Ledger

DAY_KINDS = ("day", "period")

PARTS = ("part of", "makes up", "share of")
"""Relations that make one number a part of another."""

ORDERS = ("before", "after", "follows")
"""Relations that put one state of a thing after another."""

SAME_EVENT = dt.timedelta(days=31)
"""Days within which two dates of a thing that can happen again are taken to mean one happening."""


@dataclass(frozen=True)
class Clash:
    """Two claims that cannot both be right as they stand.

    Attributes
    ----------
    one, other : Claim
    why : tuple of str
        What explains the difference; empty if nothing in the claims does.
    """

    one: Claim
    other: Claim
    why: tuple[str, ...]


@dataclass(frozen=True)
class Conflict:
    """All claims about one quantity among which some clash.

    Attributes
    ----------
    subject, predicate, item : str
        The quantity.
    claims : tuple of Claim
        Every claim that takes part in a clash.
    clashes : tuple of Clash
        Unexplained ones first.
    """

    subject: str
    predicate: str
    item: str
    claims: tuple[Claim, ...]
    clashes: tuple[Clash, ...]

    @property
    def open(self) -> bool:
        """Whether a clash is left that nothing in the claims explains."""
        return any(not clash.why for clash in self.clashes)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Every explanation found, each once."""
        return tuple(dict.fromkeys(reason for clash in self.clashes for reason in clash.why))

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return the kinds of explanation found, such as ``different scope``, each once."""
        return tuple(dict.fromkeys(reason.partition(":")[0] for reason in self.reasons))

    @property
    def between_sources(self) -> bool:
        """Whether more than one source takes part."""
        return len({claim.source for claim in self.claims}) > 1


def find_conflicts(ledger: Ledger) -> tuple[Conflict, ...]:
    """Return every conflict of a ledger, open ones first, then by subject.

    Claims are compared when they speak of the same subject and predicate (and item, such as the
    option of a survey), of areas that overlap and, unless the count is cumulative, of times that
    overlap. Numbers clash when the intervals that the codebook reads into them are apart, days
    when their periods are, choices when the words differ, stances towards a cause when one is
    for and one against.
    """
    conflicts = []
    for key, claims in _quantities(ledger).items():
        clashes = [
            Clash(one, other, _explain(ledger, one, other))
            for one, other in combinations(claims, 2)
            if _comparable(ledger, one, other) and _clash(ledger, one, other)
        ]
        if clashes:
            taking_part = {c.claim: c for clash in clashes for c in (clash.one, clash.other)}
            ordered = sorted(clashes, key=lambda clash: bool(clash.why))
            who = tuple(sorted(taking_part.values(), key=lambda c: c.claim))
            conflicts.append(Conflict(*key, who, tuple(ordered)))
    return tuple(sorted(conflicts, key=lambda c: (not c.open, c.subject, c.predicate, c.item)))


def describe(claim: Claim, ledger: Ledger) -> str:
    """Return what a claim says, in a few words: its number, its day or its word."""
    kind = ledger.codebook.kind(claim)
    mark = f" ({claim.basis})" if claim.basis else ""
    if kind in DAY_KINDS:
        part = f", {claim.value}" if claim.value and not ledger.codebook.item(claim) else ""
        return (claim.when if kind == "period" else _on(claim)) + part + mark
    return (worded(claim) if kind == "number" else claim.value) + mark


def _on(claim: Claim) -> str:
    """Return on which day a thing happened; a bound is no beginning."""
    return claim.when.replace("since ", "on or after ").replace("until ", "on or before ")


def worded(claim: Claim) -> str:
    """Return a claim's number as the source words it."""
    low, high = (f"{v:,.10g}" if v is not None else "" for v in claim.printed)
    unit = f" {claim.unit}" if claim.unit else ""
    if not low and not high:
        return claim.value or "no number"
    if low and high:
        body = low if low == high else f"{low} to {high}"
        before = "about " if claim.reading == "about" else ""
        return f"{before}{body}{unit}"
    words = claim.reading.replace("_", " ").replace("more than", "over")
    return f"{words} {low or high}{unit}"


def _quantities(ledger: Ledger) -> dict[tuple[str, str, str], list[Claim]]:
    found: dict[tuple[str, str, str], list[Claim]] = {}
    for (subject, predicate), claims in ledger.by_quantity.items():
        if ledger.codebook.predicates[predicate].kind != "text":
            for claim in claims:
                key = (subject, predicate, ledger.codebook.item(claim))
                found.setdefault(key, []).append(claim)
    return found


def _comparable(ledger: Ledger, one: Claim, other: Claim) -> bool:
    """Say whether two claims of one quantity speak of the same place, time and unit."""
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
    kind = ledger.codebook.kind(one)
    if kind == "number":
        here, there = ledger.codebook.measure(one), ledger.codebook.measure(other)
        return bool(here and there and not meet(here[0], there[0]))
    if kind == "day":
        return _days_apart(ledger, one, other)
    if kind == "period":
        return _terms_differ(one, other)
    if kind == "stance":
        return _for(one) != _for(other)
    return bool(one.value and other.value and one.value != other.value)


def _terms_differ(one: Claim, other: Claim) -> bool:
    """Say whether two overlapping terms begin or end in different years.

    A claim that only says somebody held a post in one year gives no term.
    """
    for start, end in (one.dates, other.dates):
        if start and end and start.year == end.year:
            return False
    ends = zip(one.dates, other.dates, strict=True)
    differ = any(a and b and a.year != b.year for a, b in ends)
    return differ and overlap(one.dates, other.dates)


def _days_apart(ledger: Ledger, one: Claim, other: Claim) -> bool:
    """Say whether two claims date one happening to different days.

    A thing that can happen again is taken for the same one only within `SAME_EVENT`.
    """
    if overlap(one.dates, other.dates):
        return False
    gap = max(
        (later - earlier for earlier, later in (
            (one.dates[1], other.dates[0]), (other.dates[1], one.dates[0])
        ) if earlier and later),
        default=dt.timedelta(0),
    )  # fmt: skip
    return not ledger.codebook.predicates[one.predicate].repeats or gap <= SAME_EVENT


def _for(claim: Claim) -> bool:
    """Say whether a stance is for its cause."""
    return claim.value in ("asserts", "reports")


def _explain(ledger: Ledger, one: Claim, other: Claim) -> tuple[str, ...]:
    """Return what in two claims accounts for their difference."""
    reasons = []
    if one.scope != other.scope:
        reasons.append(f"different scope: {_or_all(one.scope)}, {_or_all(other.scope)}")
    extent = ledger.gazetteer.compare(one.places, other.places)
    if extent != "same":
        reasons.append(f"different area: {_where(ledger, one)}, {_where(ledger, other)}")
    if one.stage != other.stage:
        reasons.append(f"different stage: {one.stage or 'happened'}, {other.stage or 'happened'}")
    if ledger.codebook.kind(one) == "number" and _other_period(ledger, one, other):
        reasons.append(f"different periods: {one.when}, {other.when}")
    if "retracted" in (one.modality, other.modality):
        reasons.append("one of them was retracted")
    related = {
        relation.kind
        for claim, counterpart in ((one, other), (other, one))
        for relation in claim.relations
        if relation.of == counterpart.claim
    }
    if related & set(PARTS):
        reasons.append("one is declared a part or a share of the other")
    if related & set(ORDERS) and ledger.codebook.kind(one) != "day":
        reasons.append("one is declared to come after the other")
    if one.predicate != STANCE and ledger.codebook.predicates[one.predicate].cumulative:
        reasons += _grew(ledger, one, other)
    return tuple(reasons)


def _other_period(ledger: Ledger, one: Claim, other: Claim) -> bool:
    """Say whether two counts that are not cumulative are for different closed periods."""
    if ledger.codebook.predicates[one.predicate].cumulative:
        return False
    return one.dates != other.dates and None not in (*one.dates, *other.dates)


def _grew(ledger: Ledger, one: Claim, other: Claim) -> list[str]:
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


def _or_all(scope: str) -> str:
    return scope or "all"


def _where(ledger: Ledger, claim: Claim) -> str:
    return ", ".join(claim.places) or ledger.gazetteer.country


def sources_of(claims: Iterable[Claim]) -> tuple[str, ...]:
    """Return the sources of claims, each once, in order."""
    return tuple(dict.fromkeys(claim.source for claim in claims))


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
