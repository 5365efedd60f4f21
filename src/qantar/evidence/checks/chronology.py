"""Chronology checks: order of events, durations, publication dates, terms of office, periods."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import combinations, pairwise

from qantar.evidence.checks.arithmetic import Finding
from qantar.evidence.claims import Claim
from qantar.evidence.conflicts import number_text
from qantar.evidence.dates import Span, first_day, format_span, last_day
from qantar.evidence.ledger import Ledger

DURATION = "duration"
"""Predicate of claims about the duration of something."""

HANDOVER = dt.timedelta(days=366)
"""Maximum overlap of two terms: if given in years, both include the year of the handover."""


def check_durations(ledger: Ledger) -> Iterator[Finding]:
    """Compare a duration with the start and end dates of the same claim.

    The precision of the dates is allowed for. A duration in weeks, months or years may be off by
    half a unit, and a duration in days may or may not include both ends.
    """
    for claim in ledger.claims.values():
        length, stated = ledger.codebook.days.get(claim.unit), ledger.codebook.measure(claim)
        if claim.predicate != DURATION or length is None or stated is None:
            continue
        if not claim.date_from or not claim.date_to or claim.date_from == claim.date_to:
            continue
        start = (first_day(claim.date_from), last_day(claim.date_from))
        end = (first_day(claim.date_to), last_day(claim.date_to))
        least, most = _days_between(start, end)
        slack = length / 2 if length > 1 else 0
        yield Finding(
            "duration against dates",
            least <= stated[0][1] + slack and most + 1 >= stated[0][0] - slack,
            f"{claim.subject}: duration",
            f"{claim.date_from} to {claim.date_to} = {_days(least, most)}; "
            f"stated {number_text(claim)}",
            (claim.claim,),
        )


def check_publication(ledger: Ledger) -> Iterator[Finding]:
    """Find figures and events dated after the publication of their source."""
    for claim in ledger.claims.values():
        published = ledger.published(claim.source)
        happened = claim.dates[0]
        if claim.category in ("forecast", "recommendation"):
            happened = None
        if claim.stage in ("announced", "planned", "requested", "ordered"):
            happened = None
        for day, what in ((happened, "happened"), (first_day(claim.as_of), "held")):
            if published and day and day > published:
                yield Finding(
                    "dated after publication",
                    False,
                    f"{claim.subject} {claim.predicate}: {what} after the source was published",
                    f"{day}; {claim.source} is dated {ledger.sources[claim.source].date}",
                    (claim.claim,),
                )


def check_relations(ledger: Ledger) -> Iterator[Finding]:
    """Check the declared relations ``before``, ``after`` and ``follows``."""
    pairs = [
        (claim, relation, ledger.claims[relation.of])
        for claim in ledger.claims.values()
        for relation in claim.relations
        if relation.of in ledger.claims
    ]
    for claim, relation, of in pairs:
        if relation.kind == "before":
            yield from _ordered("stated order", claim, of)
        elif relation.kind == "after":
            yield from _ordered("stated order", of, claim)
        elif relation.kind == "follows" and claim.dates[0] and of.dates[0]:
            least, most = _days_between(of.dates, claim.dates)
            yield Finding(
                "days between",
                least <= relation.days <= most,
                f"{claim.subject} {claim.predicate} after {of.subject} {of.predicate}",
                f"{of.when} to {claim.when} = {_days(least, most)}; stated {relation.days} days",
                (of.claim, claim.claim),
            )


def _days_between(one: Span, other: Span) -> tuple[int, int]:
    """Return the minimum and maximum number of days from one period to another."""
    start = [day or dt.date.min for day in one]
    end = [day or dt.date.max for day in other]
    return (end[0] - start[1]).days, (end[1] - start[0]).days


def _days(least: int, most: int) -> str:
    return f"{least} days" if least == most else f"{least} to {most} days"


def check_sequences(ledger: Ledger) -> Iterator[Finding]:
    """Check the order of predicates that must follow each other, within each source."""
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
                    if ledger.gazetteer.compare(early.places, late.places) == "same":
                        yield from _ordered("required order", early, late, rule.because)


def check_stages(ledger: Ledger) -> Iterator[Finding]:
    """Check the order of stages such as requested, begun and ended, within each source."""
    order = {stage: place for place, stage in enumerate(ledger.codebook.stages)}
    staged: dict[tuple[str, str, str], list[Claim]] = {}
    for claim in sorted(ledger.claims.values(), key=lambda c: c.claim):
        if claim.stage in order and ledger.codebook.kind(claim) == "day":
            key = (claim.subject, claim.predicate, claim.source)
            staged.setdefault(key, []).append(claim)
    for claims in staged.values():
        for early in claims:
            for late in claims:
                if order[early.stage] >= order[late.stage]:
                    continue
                if ledger.gazetteer.compare(early.places, late.places) == "same":
                    yield from _ordered("order of stages", early, late)


def _ordered(check: str, early: Claim, late: Claim, because: str = "") -> Iterator[Finding]:
    """Check that one claim can be earlier than another, if both have dates."""
    first, last = early.dates[0], late.dates[1]
    if first is None or last is None:
        return
    before = f"{early.subject} {early.predicate} {early.stage}".rstrip()
    after = f"{late.subject} {late.predicate} {late.stage}".rstrip()
    yield Finding(
        check,
        first <= last,
        f"{before} before {after}" + (f" ({because})" if because else ""),
        f"{early.when}, then {late.when}",
        (early.claim, late.claim),
    )


def check_offices(ledger: Ledger) -> Iterator[Finding]:
    """Find offices with two simultaneous holders, beyond the time of a handover."""
    held: dict[tuple[str, str], list[Claim]] = {}
    for claim in sorted(ledger.claims.values(), key=lambda c: c.claim):
        if claim.value in ledger.codebook.predicates[claim.predicate].exclusive:
            held.setdefault((claim.predicate, claim.value), []).append(claim)
    for (_, office), claims in held.items():
        for one, other in combinations(claims, 2):
            starts = [day for day in (one.dates[0], other.dates[0]) if day]
            ends = [day for day in (one.dates[1], other.dates[1]) if day]
            if one.subject == other.subject or len(starts) < 2 or len(ends) < 2:
                continue
            shared = min(ends) - max(starts)
            if shared > HANDOVER:
                yield Finding(
                    "two holders of one office",
                    False,
                    f"{office}: {one.subject} and {other.subject}",
                    f"{one.when} and {other.when} overlap by {shared.days} days",
                    (one.claim, other.claim),
                )


def check_periods(ledger: Ledger) -> Iterator[Finding]:
    """Find periods of a table that overlap or leave a gap."""
    for table in ledger.tables.values():
        spans = sorted({cell.dates for cell in table.cells if None not in cell.dates}, key=str)
        closed = [(start, end) for start, end in spans if start and end]
        gaps = [(following - end).days - 1 for (_, end), (following, _) in pairwise(closed)]
        if all(gap > 0 for gap in gaps):  # a table of separate years, such as census years
            continue
        for ((start, end), (following, last)), gap in zip(pairwise(closed), gaps, strict=True):
            if gap == 0:
                continue
            yield Finding(
                "periods overlap" if gap < 0 else "periods leave a gap",
                False,
                f"{table.header.title}: {format_span((start, end))} and "
                f"{format_span((following, last))}",
                f"{end} to {following}: {abs(gap)} days {'in both' if gap < 0 else 'missing'}",
                tables=(table.table,),
            )
