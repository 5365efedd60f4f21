"""Checks: arithmetic over claims and tables; every finding names its claims and prints its sum."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from qantar.evidence.checks.arithmetic import Finding as Finding
from qantar.evidence.checks.arithmetic import check_sums, check_tables, check_totals
from qantar.evidence.checks.chronology import check_order, check_periods
from qantar.evidence.ledger import Ledger

CHECKS: tuple[Callable[[Ledger], Iterator[Finding]], ...] = (
    check_sums,
    check_totals,
    check_tables,
    check_periods,
    check_order,
)
"""Every check, in the order of the page."""


def find_checks(ledger: Ledger) -> tuple[Finding, ...]:
    """Return every finding of every check, those that fail first."""
    findings = [finding for check in CHECKS for finding in check(ledger)]
    return tuple(sorted(findings, key=lambda f: (f.holds, f.check, f.title, f.claims)))
