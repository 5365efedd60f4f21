"""What is established: quantities on which two or more sources say the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qantar.evidence import Conflict
from qantar.evidence.established import Established, find_established
from qantar.view.evidence.names import Reader, Ref
from qantar.view.evidence.window import Window


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
