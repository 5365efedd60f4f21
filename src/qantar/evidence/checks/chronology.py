"""Dates out of order, durations against their dates, figures older than their source.

Offices held by two at once, and tables whose periods overlap or leave years out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import combinations, pairwise

from qantar.evidence.checks.arithmetic import Finding
from qantar.evidence.claims import Claim
from qantar.evidence.conflicts import worded
from qantar.evidence.datasets import Table
from qantar.evidence.dates import Span, first_day, last_day, tell
from qantar.evidence.ledger import Ledger

DURATION = "duration"


def check_order(ledger: Ledger) -> Iterator[Finding]:
    """Yield what fails, and what holds, about time."""
    for claim in ledger.claims.values():
        yield from _duration(ledger, claim)
        yield from _publication(ledger, claim)
        for relation in claim.relations:
            if relation.of in ledger.claims:
                yield from _relation(
                    claim, relation.kind, ledger.claims[relation.of], relation.days
                )
    yield from _sequences(ledger)
    yield from _stages(ledger)


def _duration(ledger: Ledger, claim: Claim) -> Iterator[Finding]:
    """Compare a duration with the two dates the same claim gives, as exact as they are given.

    A duration in whole weeks, months or years may be half a unit off; days count either end.
    """
    length, stated = ledger.codebook.days.get(claim.unit), ledger.codebook.measure(claim)
    if claim.predicate != DURATION or length is None or stated is None:
        return
    if not (claim.date_from and claim.date_to) or claim.date_from == claim.date_to:
        return
    start, end = (_day_of(claim.date_from), _day_of(claim.date_to))
    least, most = (end[0] - start[1]).days, (end[1] - start[0]).days
    slack = length / 2 if length > 1 else 0
    yield Finding(
        "duration against dates",
        least <= stated[0][1] + slack and most + 1 >= stated[0][0] - slack,
        f"{claim.subject}: how long it lasted",
        f"{claim.date_from} to {claim.date_to} = "
        + (f"{least} days" if least == most else f"{least} to {most} days")
        + f"; stated {worded(claim)}",
        (claim.claim,),
    )


def _day_of(text: str) -> tuple[dt.date, dt.date]:
    """Return the first and the last day that a date can mean."""
    first, last = first_day(text), last_day(text)
    return first or dt.date.min, last or dt.date.max


def _publication(ledger: Ledger, claim: Claim) -> Iterator[Finding]:
    """Find a figure or an event that lies after its own source was published."""
    published = ledger.published(claim.source)
    happened = claim.dates[0] if claim.category not in ("forecast", "recommendation") else None
    if claim.stage in ("announced", "planned", "requested", "ordered"):
        happened = None
    for day, what in ((happened, "happened"), (first_day(claim.as_of), "held")):
        if published and day and day > published:
            yield Finding(
                "later than its source",
                False,
                f"{claim.subject} {claim.predicate}: {what} after the source appeared",
                f"{day}; {claim.source} is dated {ledger.sources[claim.source].date}",
                (claim.claim,),
            )


def _relation(claim: Claim, kind: str, of: Claim, days: int) -> Iterator[Finding]:
    if kind in ("before", "after"):
        early, late = (claim, of) if kind == "before" else (of, claim)
        yield from _ordered("order as told", early, late, "")
    elif kind == "follows" and claim.dates[0] and of.dates[0]:
        least, most = _apart(of.dates, claim.dates)
        yield Finding(
            "days between",
            least <= days <= most,
            f"{claim.subject} {claim.predicate} after {of.subject} {of.predicate}",
            f"{of.when} to {claim.when} = "
            + (f"{least} days" if least == most else f"{least} to {most} days")
            + f"; stated {days} days",
            (of.claim, claim.claim),
        )


def _sequences(ledger: Ledger) -> Iterator[Finding]:
    """Compare, within a source, things of one subject that must come one after the other."""
    by_key: dict[tuple[str, str, str, str], list[Claim]] = {}
    for claim in sorted(ledger.claims.values(), key=lambda c: c.claim):
        item = ledger.codebook.item(claim)
        by_key.setdefault((claim.subject, claim.predicate, item, claim.source), []).append(claim)
    for rule in ledger.codebook.sequences:
        for (subject, predicate, item, source), earlier in by_key.items():
            if predicate != rule.earlier:
                continue
            for early in earlier:
                for late in by_key.get((subject, rule.later, item, source), ()):
                    if ledger.gazetteer.compare(early.places, late.places) != "same":
                        continue
                    yield from _ordered("order of things", early, late, rule.because)


def _stages(ledger: Ledger) -> Iterator[Finding]:
    """Compare the stages that a source gives of one thing: requested, begun, ended."""
    order = {stage: place for place, stage in enumerate(ledger.codebook.stages)}
    staged: dict[tuple[str, str, str], list[Claim]] = {}
    for claim in sorted(ledger.claims.values(), key=lambda c: c.claim):
        if claim.stage in order and ledger.codebook.kind(claim) == "day":
            key = (claim.subject, claim.predicate, claim.source)
            staged.setdefault(key, []).append(claim)
    for claims in staged.values():
        for early in claims:
            for late in claims:
                apart = ledger.gazetteer.compare(early.places, late.places) != "same"
                if order[early.stage] < order[late.stage] and not apart:
                    yield from _ordered("order of stages", early, late, "")


def _ordered(check: str, early: Claim, late: Claim, because: str) -> Iterator[Finding]:
    first, last = early.dates[0], late.dates[1]
    if first is None or last is None:
        return
    same = f"{early.subject} {early.predicate} {early.stage}".rstrip()
    yield Finding(
        check,
        first <= last,
        f"{same} before {late.subject} {late.predicate} {late.stage}".rstrip()
        + (f" ({because})" if because else ""),
        f"{early.when}, then {late.when}",
        (early.claim, late.claim),
    )


def _apart(one: Span, other: Span) -> tuple[int, int]:
    """Return the fewest and most days from one period to another."""
    start = [day or dt.date.min for day in one]
    end = [day or dt.date.max for day in other]
    return (end[0] - start[1]).days, (end[1] - start[0]).days


HANDOVER = dt.timedelta(days=366)
"""Two terms given by years may share the year of the handover."""


def check_periods(ledger: Ledger) -> Iterator[Finding]:
    """Yield overlapping terms of an office and the gaps and overlaps of tables."""
    yield from _offices(ledger)
    for table in ledger.tables.values():
        yield from _columns(table)


def _offices(ledger: Ledger) -> Iterator[Finding]:
    held: dict[tuple[str, str], list[Claim]] = {}
    for claim in sorted(ledger.claims.values(), key=lambda c: c.claim):
        if claim.value in ledger.codebook.predicates[claim.predicate].exclusive:
            held.setdefault((claim.predicate, claim.value), []).append(claim)
    for (_, office), claims in held.items():
        for one, other in combinations(claims, 2):
            if one.subject != other.subject and (shared := _shared(one.dates, other.dates)):
                yield Finding(
                    "one office, two holders",
                    False,
                    f"{office}: {one.subject} and {other.subject}",
                    f"{one.when} and {other.when} share {shared.days} days",
                    (one.claim, other.claim),
                )


def _shared(one: Span, other: Span) -> dt.timedelta | None:
    """Return how long two closed periods share, if longer than a handover."""
    if None in (*one, *other):
        return None
    start = max(day for day in (one[0], other[0]) if day)
    end = min(day for day in (one[1], other[1]) if day)
    return end - start if end - start > HANDOVER else None


def _columns(table: Table) -> Iterator[Finding]:
    """Compare each period of a table with the next."""
    spans = sorted({cell.dates for cell in table.cells if None not in cell.dates}, key=str)
    closed = [(start, end) for start, end in spans if start and end]
    gaps = [(following - end).days - 1 for (_, end), (following, _) in pairwise(closed)]
    if all(gap > 0 for gap in gaps):  # a table of single years, such as censuses
        return
    for ((start, end), (following, last)), gap in zip(pairwise(closed), gaps, strict=True):
        if gap == 0:
            continue
        kind = "periods overlap" if gap < 0 else "periods leave a gap"
        yield Finding(
            kind,
            False,
            f"{table.header.title}: {tell((start, end))} and {tell((following, last))}",
            f"{end} to {following}: {abs(gap)} days {'twice' if gap < 0 else 'missing'}",
            tables=(table.table,),
        )
