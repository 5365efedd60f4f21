"""Disputed quantities: every value on one scale, and what explains the difference, if anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from qantar.evidence import Claim, Conflict
from qantar.evidence.conflicts import DAY_KINDS
from qantar.view.evidence.draw import Line, Scale, day_scale, number_scale, rows_figure
from qantar.view.evidence.names import Reader, Ref, slug
from qantar.view.evidence.window import Window
from qantar.view.style import many

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
