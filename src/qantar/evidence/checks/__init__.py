"""Consistency checks of claims and tables; every finding cites claims and shows the arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from qantar.evidence.checks import arithmetic, chronology
from qantar.evidence.checks.arithmetic import Finding as Finding
from qantar.evidence.ledger import Ledger

CHECKS: tuple[Callable[[Ledger], Iterator[Finding]], ...] = (
    arithmetic.check_sums_of_parts,
    arithmetic.check_components,
    arithmetic.check_list_lengths,
    arithmetic.check_percentages,
    arithmetic.check_running_counts,
    arithmetic.check_areas,
    arithmetic.check_column_sums,
    arithmetic.check_table_percentages,
    arithmetic.check_granularity,
    arithmetic.check_table_text,
    arithmetic.check_table_totals,
    arithmetic.check_peaks,
    chronology.check_durations,
    chronology.check_publication,
    chronology.check_relations,
    chronology.check_sequences,
    chronology.check_stages,
    chronology.check_offices,
    chronology.check_periods,
)
"""Every check."""


def find_checks(ledger: Ledger) -> tuple[Finding, ...]:
    """Return the findings of all checks, failures first."""
    findings = [finding for check in CHECKS for finding in check(ledger)]
    return tuple(sorted(findings, key=lambda f: (f.holds, f.check, f.title, f.claims)))
