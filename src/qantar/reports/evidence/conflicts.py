"""Where sources agree and where they conflict, and which printed sums hold.

`agreed` lists the quantities on which two or more sources say the same. `disputes` lists every
conflict with its values on one scale, and what explains the difference, if anything. `sums` lists
the arithmetic checks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from qantar.evidence import Claim, Conflict, Finding
from qantar.evidence.conflicts import DAY_KINDS, find_agreements
from qantar.reports.evidence.charts import Line, day_scale, number_scale, rows_figure
from qantar.reports.evidence.names import ClaimLink, Reader, Window, slug
from qantar.reports.style import many


@dataclass(frozen=True)
class Agreed:
    """One quantity on which sources agree."""

    title: str
    about: str
    says: tuple[str, ...]
    refs: tuple[ClaimLink, ...]
    sources: int
    near: bool


@dataclass(frozen=True)
class Shared:
    """How many quantities several sources give, and how these fare."""

    total: int
    open: int
    explained: int

    @property
    def quiet(self) -> int:
        """Quantities about which no conflict was found."""
        return self.total - self.open - self.explained


@dataclass(frozen=True)
class Side:
    """A word that some claims use where others use another."""

    word: str
    refs: tuple[ClaimLink, ...]


@dataclass(frozen=True)
class Dispute:
    """One conflict, ready to be read.

    `figure` shows numbers and days; `sides` holds words that exclude each other. `cause` is the
    cause on which stances conflict, if that is what the conflict is about. `near` says whether it
    belongs to the days of the episode.
    """

    anchor: str
    title: str
    open: bool
    near: bool
    figure: Markup | None
    sides: tuple[Side, ...]
    clash: str
    reasons: str
    refs: tuple[ClaimLink, ...]
    cause: str
    key: tuple[str, str, str]


@dataclass(frozen=True)
class Sum:
    """One finding, ready to be read."""

    anchor: str
    check: str
    holds: bool
    title: str
    sum: str
    refs: tuple[ClaimLink, ...]
    tables: tuple[str, ...]


_MOST_PAIRS = 2
"""Pairs of values of a conflict that are written out."""


def agreed(reader: Reader, conflicts: Sequence[Conflict], window: Window | None) -> list[Agreed]:
    """Return what sources agree on: most sources first, the episode before other years."""
    found = []
    for each in find_agreements(reader.ledger, conflicts):
        first = each.claims[0]
        about = (reader.place(first), first.scope, first.stage)
        found.append(
            Agreed(
                title=reader.quantity(each.subject, each.predicate, each.item),
                about="; ".join(part for part in about if part),
                says=tuple(dict.fromkeys(reader.says(claim) for claim in each.claims)),
                refs=reader.refs(each.claims),
                sources=each.sources,
                near=_is_near(each.claims, window),
            )
        )
    return sorted(found, key=lambda a: (not a.near, -a.sources, a.title))


def shared(reader: Reader, conflicts: Sequence[Conflict]) -> Shared:
    """Return how many quantities two or more sources give."""
    sources: dict[tuple[str, str, str], set[str]] = {}
    for claim in reader.ledger.claims.values():
        if reader.ledger.codebook.kind(claim) != "text":
            key = (claim.subject, claim.predicate, reader.ledger.codebook.item(claim))
            sources.setdefault(key, set()).add(claim.source)
    several = {key for key, own in sources.items() if len(own) > 1}
    states = {(c.subject, c.predicate, c.item): c.open for c in conflicts}
    within = [states[key] for key in several if key in states]
    return Shared(len(several), sum(within), len(within) - sum(within))


def _is_near(claims: Sequence[Claim], window: Window | None) -> bool:
    return window is not None and any(window.touches(claim) for claim in claims)


def disputes(reader: Reader, conflicts: Sequence[Conflict], window: Window | None) -> list[Dispute]:
    """Return every conflict: those between most sources and of most claims first."""
    taken: Counter[str] = Counter()
    ranked = []
    for conflict in conflicts:
        key = (conflict.subject, conflict.predicate, conflict.item)
        anchor = slug("conflict", *key)
        taken[anchor] += 1
        if taken[anchor] > 1:
            anchor = f"{anchor}--{taken[anchor]}"
        kind = reader.ledger.codebook.kind(conflict.claims[0])
        drawn = kind == "number" or kind in DAY_KINDS
        dispute = Dispute(
            anchor=anchor,
            title=reader.name(key[0]) if kind == "stance" else reader.quantity(*key),
            open=conflict.open,
            near=_is_near(conflict.claims, window),
            figure=_figure(reader, conflict, days=kind in DAY_KINDS) if drawn else None,
            sides=() if drawn else _sides(reader, conflict),
            clash=_unexplained_pairs(reader, conflict),
            reasons=_explanations(conflict),
            refs=reader.refs(conflict.claims),
            cause=conflict.subject if kind == "stance" else "",
            key=key,
        )
        sources = {claim.source for claim in conflict.claims}
        ranked.append((-len(sources), -len(conflict.claims), anchor, dispute))
    ranked.sort(key=lambda entry: entry[:3])
    return [dispute for *_, dispute in ranked]


def _figure(reader: Reader, conflict: Conflict, *, days: bool) -> Markup:
    """Return a row for each value, lowest first; the same words of a source share one."""
    still_open = {
        claim.claim
        for clash in conflict.clashes
        if not clash.why
        for claim in (clash.one, clash.other)
    }
    rows: dict[tuple[str, str, str], Line] = {}
    for claim in conflict.claims:
        low, high = float("-inf"), float("inf")
        if days:
            start, end = claim.dates
            low = float(start.toordinal()) if start else low
            high = float(end.toordinal()) if end else high
        else:
            low, high = reader.ledger.codebook.interval(claim) or (low, high)
        value, aside = reader.says(claim), reader.aside(claim)
        badge = reader.badges[claim.source]
        line = Line(
            label=aside or badge.short,
            value=value,
            low=low,
            high=high,
            badge=badge,
            claim=claim.claim,
            hollow=bool(still_open) and claim.claim not in still_open,
            title=claim.paraphrase,
        )
        rows.setdefault((claim.source, value, aside), line)
    lines = sorted(rows.values(), key=lambda line: (line.low, line.high, line.label))
    values = [value for line in lines for value in (line.low, line.high)]
    title = reader.quantity(conflict.subject, conflict.predicate, conflict.item)
    words = "; ".join(f"{line.value} ({line.label})" for line in lines)
    scale = day_scale(values) if days else number_scale(values)
    return rows_figure(lines, scale, f"{title}. {words}.")


def _sides(reader: Reader, conflict: Conflict) -> tuple[Side, ...]:
    by_word: dict[str, list[Claim]] = {}
    for claim in conflict.claims:
        by_word.setdefault(claim.value, []).append(claim)
    ordered = sorted(by_word.items(), key=lambda pair: -len(pair[1]))
    return tuple(Side(word, reader.refs(claims)) for word, claims in ordered)


def _unexplained_pairs(reader: Reader, conflict: Conflict) -> str:
    """Return the pairs of values that nothing in the claims explains."""

    def value(claim: Claim) -> str:
        return f"{reader.says(claim)} ({reader.badges[claim.source].letter})"

    pairs = dict.fromkeys(
        f"{value(clash.one)} against {value(clash.other)}"
        for clash in conflict.clashes
        if not clash.why
    )
    shown = "; ".join(list(pairs)[:_MOST_PAIRS])
    rest = len(pairs) - _MOST_PAIRS
    return shown + (f"; and {many(rest, 'pair')} more" if rest > 0 else "")


def _explanations(conflict: Conflict) -> str:
    """Return what explains the conflicts: one explanation in full, several by kind."""
    if len(conflict.reasons) == 1:
        return conflict.reasons[0]
    kinds = Counter(
        kind
        for clash in conflict.clashes
        for kind in dict.fromkeys(reason.split(":")[0] for reason in clash.why)
    )
    return ", ".join(f"{kind} ({many(count, 'pair')})" for kind, count in kinds.most_common())


def sums(reader: Reader, findings: Sequence[Finding]) -> list[Sum]:
    """Return every finding, those that fail first, with an anchor each.

    A title that names subjects by their identifiers has their names put in, unless it is already
    the title of a table.
    """
    result = []
    for number, finding in enumerate(findings, start=1):
        tables = tuple(name for name in finding.tables if name in reader.ledger.tables)
        subjects = {
            reader.ledger.claims[name].subject
            for name in finding.claims
            if name in reader.ledger.claims
        }
        title = finding.title
        titles = [reader.ledger.tables[name].header.title for name in tables]
        if subjects and not any(title.startswith(each) for each in titles):
            longest_first = sorted(subjects, key=lambda name: (-len(name), name))
            pattern = rf"(?<![\w-])({'|'.join(map(re.escape, longest_first))})(?![\w-])"
            title = re.sub(pattern, lambda found: reader.name(found[1]), title)
        result.append(
            Sum(
                anchor=f"finding-{number}",
                check=finding.check,
                holds=finding.holds,
                title=title,
                sum=finding.sum,
                refs=reader.refs(dict.fromkeys(finding.claims)),
                tables=tables,
            )
        )
    return result
