"""What is established: quantities on which two or more sources say the same.

Disputed quantities: every value on one scale, and what explains the difference, if anything.

Arithmetic: what does not add up, and what does.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from qantar.evidence import Claim, Conflict, Finding
from qantar.evidence.conflicts import DAY_KINDS, Established, find_established
from qantar.reports.evidence.charts import Line, Scale, day_scale, number_scale, rows_figure
from qantar.reports.evidence.names import Reader, Ref, Window, slug
from qantar.reports.style import many


@dataclass(frozen=True)
class Agreed:
    """One quantity on which sources agree."""

    title: str
    about: str
    says: tuple[str, ...]
    refs: tuple[Ref, ...]
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
        """Quantities about which no clash was found."""
        return self.total - self.open - self.explained


def agreed(reader: Reader, conflicts: Sequence[Conflict], window: Window | None) -> list[Agreed]:
    """Return what sources agree on: most sources first, the episode before other years."""
    found = [_agreed(reader, each, window) for each in find_established(reader.ledger, conflicts)]
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


def _agreed(reader: Reader, each: Established, window: Window | None) -> Agreed:
    first = each.claims[0]
    about = (reader.place(first), first.scope, first.stage)
    return Agreed(
        title=reader.quantity(each.subject, each.predicate, each.item),
        about="; ".join(part for part in about if part),
        says=tuple(dict.fromkeys(reader.says(claim) for claim in each.claims)),
        refs=reader.refs(each.claims),
        sources=each.sources,
        near=window is not None and any(window.touches(claim) for claim in each.claims),
    )


_PAIRS = 2


@dataclass(frozen=True)
class Side:
    """A word that some claims use where others use another."""

    word: str
    refs: tuple[Ref, ...]


@dataclass(frozen=True)
class Dispute:
    """One conflict, ready to be read.

    `figure` shows numbers and days; `sides` holds words that exclude each other. `cause` is the
    cause on which stances clash, if that is what the conflict is about. `near` says whether it
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
    refs: tuple[Ref, ...]
    cause: str
    key: tuple[str, str, str]


def disputes(reader: Reader, conflicts: Sequence[Conflict], window: Window | None) -> list[Dispute]:
    """Return every conflict: those between most sources and of most claims first."""
    taken: Counter[str] = Counter()
    found = []
    for conflict in conflicts:
        anchor = slug("conflict", conflict.subject, conflict.predicate, conflict.item)
        taken[anchor] += 1
        if taken[anchor] > 1:
            anchor = f"{anchor}--{taken[anchor]}"
        near = window is not None and any(window.touches(claim) for claim in conflict.claims)
        sources = {claim.source for claim in conflict.claims}
        rank = (-len(sources), -len(conflict.claims), anchor)
        found.append((rank, _dispute(reader, conflict, anchor, near)))
    return [dispute for _, dispute in sorted(found, key=lambda pair: pair[0])]


def _dispute(reader: Reader, conflict: Conflict, anchor: str, near: bool) -> Dispute:
    kind = reader.ledger.codebook.kind(conflict.claims[0])
    key = (conflict.subject, conflict.predicate, conflict.item)
    stance = kind == "stance"
    drawn = kind == "number" or kind in DAY_KINDS
    return Dispute(
        anchor=anchor,
        title=reader.name(conflict.subject) if stance else reader.quantity(*key),
        open=conflict.open,
        near=near,
        figure=_figure(reader, conflict, days=kind in DAY_KINDS) if drawn else None,
        sides=() if drawn else _sides(reader, conflict),
        clash=_clash(reader, conflict),
        reasons=_reasons(conflict),
        refs=reader.refs(conflict.claims),
        cause=conflict.subject if stance else "",
        key=key,
    )


def _figure(reader: Reader, conflict: Conflict, *, days: bool) -> Markup:
    lines = _lines(reader, conflict, days=days)
    values = [value for line in lines for value in (line.low, line.high)]
    scale: Scale = day_scale(values) if days else number_scale(values)
    title = reader.quantity(conflict.subject, conflict.predicate, conflict.item)
    said = "; ".join(f"{line.value} ({line.label})" for line in lines)
    return rows_figure(lines, scale, f"{title}. {said}.")


def _lines(reader: Reader, conflict: Conflict, *, days: bool) -> list[Line]:
    """Return a row for each thing said, lowest first; the same words of a source share one."""
    still_open = {
        claim.claim
        for clash in conflict.clashes
        if not clash.why
        for claim in (clash.one, clash.other)
    }
    rows: dict[tuple[str, str, str], Line] = {}
    for claim in conflict.claims:
        low, high = _ends(reader, claim, days=days)
        key = (claim.source, reader.says(claim), reader.aside(claim))
        badge = reader.badges[claim.source]
        rows.setdefault(
            key,
            Line(
                label=reader.aside(claim) or badge.short,
                value=reader.says(claim),
                low=low,
                high=high,
                badge=badge,
                claim=claim.claim,
                hollow=bool(still_open) and claim.claim not in still_open,
                title=claim.paraphrase,
            ),
        )
    return sorted(rows.values(), key=lambda line: (line.low, line.high, line.label))


def _ends(reader: Reader, claim: Claim, *, days: bool) -> tuple[float, float]:
    if not days:
        return reader.ledger.codebook.interval(claim) or (float("-inf"), float("inf"))
    start, end = claim.dates
    return (
        float(start.toordinal()) if start else float("-inf"),
        float(end.toordinal()) if end else float("inf"),
    )


def _sides(reader: Reader, conflict: Conflict) -> tuple[Side, ...]:
    words: dict[str, list[Claim]] = {}
    for claim in conflict.claims:
        words.setdefault(claim.value, []).append(claim)
    ordered = sorted(words.items(), key=lambda pair: -len(pair[1]))
    return tuple(Side(word, reader.refs(claims)) for word, claims in ordered)


def _clash(reader: Reader, conflict: Conflict) -> str:
    """Return the pairs of values that nothing in the claims explains."""

    def told(claim: Claim) -> str:
        return f"{reader.says(claim)} ({reader.badges[claim.source].letter})"

    pairs = dict.fromkeys(
        f"{told(clash.one)} against {told(clash.other)}"
        for clash in conflict.clashes
        if not clash.why
    )
    shown = "; ".join(list(pairs)[:_PAIRS])
    rest = len(pairs) - _PAIRS
    return shown + (f"; and {many(rest, 'pair')} more" if rest > 0 else "")


def _reasons(conflict: Conflict) -> str:
    """Return what explains clashes: one explanation in full, several by kind."""
    if len(conflict.reasons) == 1:
        return conflict.reasons[0]
    kinds = Counter(
        kind
        for clash in conflict.clashes
        for kind in dict.fromkeys(reason.split(":")[0] for reason in clash.why)
    )
    return ", ".join(f"{kind} ({many(count, 'pair')})" for kind, count in kinds.most_common())


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
