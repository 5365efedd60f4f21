"""Arithmetic: what does not add up, and what does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qantar.evidence import Finding
from qantar.view.evidence.names import Reader, Ref


@dataclass(frozen=True)
class Sum:
    """One finding, ready to be read."""

    anchor: str
    check: str
    holds: bool
    title: str
    sum: str
    refs: tuple[Ref, ...]
    tables: tuple[str, ...]


def sums(reader: Reader, findings: Sequence[Finding]) -> list[Sum]:
    """Return every finding, those that fail first, with an anchor each."""
    return [
        Sum(
            anchor=f"finding-{number}",
            check=finding.check,
            holds=finding.holds,
            title=_named(reader, finding),
            sum=finding.sum,
            refs=reader.refs(dict.fromkeys(finding.claims)),
            tables=_tables(reader, finding),
        )
        for number, finding in enumerate(findings, start=1)
    ]


def _named(reader: Reader, finding: Finding) -> str:
    """Return the title of a finding with its subjects called by their names."""
    claims = (reader.ledger.claims[name] for name in finding.claims if name in reader.ledger.claims)
    names = {claim.subject: reader.name(claim.subject) for claim in claims}
    titles = [reader.ledger.tables[name].header.title for name in _tables(reader, finding)]
    if not names or any(finding.title.startswith(title) for title in titles):
        return finding.title
    longest = sorted(names, key=len, reverse=True)
    pattern = rf"(?<![\w-])({'|'.join(map(re.escape, longest))})(?![\w-])"
    return re.sub(pattern, lambda found: names[found[1]], finding.title)


def _tables(reader: Reader, finding: Finding) -> tuple[str, ...]:
    return tuple(name for name in finding.tables if name in reader.ledger.tables)
