"""The matrix of causes: where each source stands, and which rules of the model carry them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qantar.evidence.causes import matrix
from qantar.view.evidence.names import Reader, Ref


@dataclass(frozen=True)
class Stance:
    """A stance as it is shown: a word, a symbol and a colour with words that can be read on it."""

    word: str
    symbol: str
    ground: str
    ink: str
    meaning: str


STANCES = {
    stance.word: stance
    for stance in (
        Stance("asserts", "+", "#0072B2", "#ffffff", "says that it is so"),
        Stance("reports", "“", "#cce9f8", "#1a1a1a", "tells that others say so"),
        Stance("divided", "±", "#d9d9d9", "#1a1a1a", "asserts in one place, doubts in another"),
        Stance("doubts", "?", "#fbe0b0", "#1a1a1a", "says that it is unlikely or unproven"),
        Stance("denies", "−", "#a33f00", "#ffffff", "says that it is not so"),
    )
}


@dataclass(frozen=True)
class CauseCell:
    """Where one source stands, with its claims by stance; no stance if it is silent."""

    source: str
    stance: Stance | None
    claims: tuple[tuple[str, tuple[Ref, ...]], ...]
    total: int


@dataclass(frozen=True)
class CauseRow:
    """One cause with what every source makes of it."""

    cause: str
    title: str
    note: str
    mechanisms: tuple[str, ...]
    cells: tuple[CauseCell, ...]
    sides: int


@dataclass(frozen=True)
class CauseGroup:
    """Causes of one kind."""

    group: str
    rows: tuple[CauseRow, ...]


def cause_groups(reader: Reader) -> list[CauseGroup]:
    """Return the causes that some source speaks of, by kind, in the order of their file."""
    stands = matrix(reader.ledger.causes, reader.ledger.claims.values())
    groups: dict[str, list[CauseRow]] = {}
    for name, cause in reader.ledger.causes.items():
        cells = []
        for source in reader.badges:
            stand = stands.get((name, source))
            held = stand.claims if stand else {}
            cells.append(
                CauseCell(
                    source=source,
                    stance=STANCES.get(stand.word) if stand else None,
                    claims=tuple((word, reader.refs(own)) for word, own in held.items()),
                    total=sum(len(own) for own in held.values()),
                )
            )
        if any(cell.stance for cell in cells):
            row = CauseRow(
                name, cause.title, cause.note, cause.mechanisms, tuple(cells), _sides(cells)
            )
            groups.setdefault(cause.group, []).append(row)
    return [CauseGroup(group, tuple(rows)) for group, rows in groups.items()]


def silent_causes(reader: Reader, groups: Sequence[CauseGroup]) -> list[str]:
    """Return the titles of the causes that no source speaks of."""
    spoken = {row.cause for group in groups for row in group.rows}
    return [cause.title for name, cause in reader.ledger.causes.items() if name not in spoken]


def _sides(cells: Sequence[CauseCell]) -> int:
    """Return 2 if some source is for and another against, 1 if all who speak are on one side."""
    words = {cell.stance.word for cell in cells if cell.stance}
    pro, con = words & {"asserts", "reports"}, words & {"doubts", "denies"}
    return 2 if (pro and con) or "divided" in words else 1
