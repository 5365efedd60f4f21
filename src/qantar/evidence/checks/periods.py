"""Offices held by two at once, and tables whose periods overlap or leave years out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import combinations, pairwise

from qantar.evidence.checks.finding import Finding
from qantar.evidence.claims import Claim
from qantar.evidence.dates import Span, tell
from qantar.evidence.ledger import Ledger
from qantar.evidence.tables import Table

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
