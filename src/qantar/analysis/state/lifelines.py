"""Lifelines: what a post, party, outlet, case or honour was, from when to when, and what happened.

One shape for every part of the state, so that a page can draw all of them the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Stretch:
    """A time during which the status of a unit did not change.

    Attributes
    ----------
    begins, ends : str
        First and last year, month or day; an empty `ends` is: still so when the record ends.
    status : str
        One of a few words that the part declares, such as ``registered`` or ``banned``.
    label : str
        What is written on it, such as the holder of a post.
    claims : tuple of str
        Claims of the ledger, by id.
    """

    begins: str
    ends: str
    status: str
    label: str = ""
    claims: tuple[str, ...] = ()


@dataclass(frozen=True)
class Moment:
    """A dated event in the life of a unit.

    Attributes
    ----------
    date : str
    kind : str
        What happened, in one or two words.
    label : str
        A sentence.
    source : str
        Reference and locator.
    claims : tuple of str
        Claims of the ledger, by id.
    """

    date: str
    kind: str
    label: str = ""
    source: str = ""
    claims: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lifeline:
    """The life of one unit.

    Attributes
    ----------
    name : str
        Its id in the table of its part.
    label : str
    group : str
        The heading under which it is drawn.
    stretches : tuple of Stretch
        They do not overlap.
    moments : tuple of Moment
        By date.
    """

    name: str
    label: str
    group: str
    stretches: tuple[Stretch, ...] = ()
    moments: tuple[Moment, ...] = ()

    @property
    def claims(self) -> tuple[str, ...]:
        """All claims that it names, each once."""
        told: tuple[Stretch | Moment, ...] = (*self.stretches, *self.moments)
        return tuple(dict.fromkeys(key for each in told for key in each.claims))


@dataclass(frozen=True)
class LifelinePart:
    """The lifelines of one part of the state.

    Attributes
    ----------
    part, title : str
    statuses : mapping
        Every status with the words that explain it, in the order of the key.
    lines : tuple of Lifeline
    note : str
        What the reader must know to read it.
    """

    part: str
    title: str
    statuses: Mapping[str, str]
    lines: tuple[Lifeline, ...]
    note: str = ""
    systems: tuple[str, ...] = field(default=())


def lifeline_table(parts: Iterable[LifelinePart]) -> pd.DataFrame:
    """Return all lifelines as a table.

    Returns
    -------
    DataFrame
        part, unit, label, from, to, what, detail, source, claims.
    """
    import pandas as pd

    rows: list[tuple[str, ...]] = []
    for part in parts:
        for line in part.lines:
            unit = (part.part, line.name, line.label)
            for s in line.stretches:
                rows.append((*unit, s.begins, s.ends, s.status, s.label, "", "; ".join(s.claims)))
            for m in line.moments:
                about = (m.kind, m.label, m.source, "; ".join(m.claims))
                rows.append((*unit, m.date, m.date, *about))
    columns = ["part", "unit", "label", "from", "to", "what", "detail", "source", "claims"]
    return pd.DataFrame(rows, columns=columns)
