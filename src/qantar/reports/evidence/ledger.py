"""Contents of the evidence page: claims by source, targets, causes and data sets.

Each function returns small records that the template prints: every claim in full with the parts of
the page that rest on it, the targets that claims are reconciled into, the matrix of causes by
source, and the tables that sources print.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from qantar.analysis.facts import GROUPS, OTHER, group_of
from qantar.evidence import Reconciled
from qantar.evidence.causes import stance_matrix
from qantar.evidence.datasets import Cell, Table
from qantar.reports.evidence.charts import Line, Scale, rows_figure
from qantar.reports.evidence.names import (
    ClaimLink,
    Reader,
    SourceBadge,
    dated,
    format_date,
    slug,
    when,
)
from qantar.reports.phrases import said, subject
from qantar.reports.style import many, percent

RULES = {
    "agree": "what the claims share; where they share nothing, all that the sharpest of them span",
    "by": "the claims show a thing under way: it began on their day or before",
    "as_of": "figures of the day, bounded by earlier and later ones",
    "total": "the last figure of every source, never below an earlier floor",
    "add": "counts of different scopes added up",
    "floor": "the highest of the lower bounds; no upper bound",
    "listed": "as many as the claims list one by one; no upper bound",
    "happened": "0.5 to 1; 0 to 1 if the sources conflict",
    "never": "0 to 0.5; 0 to 1 if the sources conflict",
    "worded": "the claims have words and no number; both bounds are declared",
}
"""Rules of reconciliation in words."""

_EFFECT_SYMBOLS = {"same": "=", "wider": "↔", "narrower": "→←", "moved": "⇄", "nothing left": "∅"}

_PERCENT = Scale(0.0, 1.0, False, tuple((k / 4, f"{25 * k} %") for k in range(5)))

_ROUNDING = 0.0006
"""A printed share is shown too if it differs by more than this from the counts."""


@dataclass(frozen=True)
class Entry:
    """One claim, ready to be read; `used` holds the parts of the page that rest on it."""

    claim: str
    paraphrase: str
    locator: str
    about: str
    value: str
    dates: str
    place: str
    who: str
    modality: str
    note: str
    used: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SourceEntries:
    """All claims of a source."""

    badge: SourceBadge
    note: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Effect:
    """What leaving out a source does to a target."""

    letter: str
    colour: str
    source: str
    word: str
    symbol: str


@dataclass(frozen=True)
class TargetEntry:
    """One target, ready to be read."""

    anchor: str
    name: str
    what: str
    about: str
    says: str
    unit: str
    rule: str
    use: str
    note: str
    used: tuple[ClaimLink, ...]
    set_aside: tuple[tuple[ClaimLink, str], ...]
    effects: tuple[Effect, ...]


@dataclass(frozen=True)
class TargetGroup:
    """Targets of one kind of fact."""

    kind: str
    goals: tuple[TargetEntry, ...]


@dataclass(frozen=True)
class TargetSet:
    """A set of targets: those of an episode or a period."""

    anchor: str
    title: str
    total: int
    several: int
    sturdy: int
    groups: tuple[TargetGroup, ...]


@dataclass(frozen=True)
class Stance:
    """How a stance is shown: a word, a symbol, and a colour with a readable text colour."""

    word: str
    symbol: str
    ground: str
    ink: str
    meaning: str


STANCES = {
    stance.word: stance
    for stance in (
        Stance("asserts", "+", "#0072B2", "#ffffff", "says that it is so"),
        Stance("reports", "“", "#cce9f8", "#1a1a1a", "says that others say so"),
        Stance("divided", "±", "#d9d9d9", "#1a1a1a", "asserts in one place, doubts in another"),
        Stance("doubts", "?", "#fbe0b0", "#1a1a1a", "says that it is unlikely or unproven"),
        Stance("denies", "−", "#a33f00", "#ffffff", "says that it is not so"),
    )
}


@dataclass(frozen=True)
class CauseCell:
    """The stance of one source with its claims by stance; none if it says nothing."""

    source: str
    stance: Stance | None
    claims: tuple[tuple[str, tuple[ClaimLink, ...]], ...]
    total: int


@dataclass(frozen=True)
class CauseRow:
    """One cause with what every source says of it.

    `sides` is 2 if some source is for and another against, and 1 if all are on one side.
    """

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


@dataclass(frozen=True)
class Question:
    """One question of a survey with its answers as a figure."""

    title: str
    figure: Markup


@dataclass(frozen=True)
class Printed:
    """A table as printed: headings, and rows that begin with their own heading."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class DataSet:
    """One table of a source, ready to be read."""

    anchor: str
    title: str
    badge: SourceBadge
    locator: str
    issuer: str
    base: int
    multiple: bool
    representative: bool
    note: str
    questions: tuple[Question, ...]
    printed: Printed


def source_entries(
    reader: Reader, used: Mapping[str, Sequence[tuple[str, str]]]
) -> list[SourceEntries]:
    """Return every claim by source, in the order of the ledger.

    Parameters
    ----------
    reader : Reader
    used : mapping
        Words and anchors of the parts of the page that rest on a claim, by claim.
    """
    by_source: dict[str, list[Entry]] = {source: [] for source in reader.badges}
    for claim in reader.ledger.claims.values():
        value = reader.says(claim)
        is_number = reader.ledger.codebook.kind(claim) == "number"
        if is_number and claim.value and claim.value not in value:
            value = f"{claim.value}: {value}"
        as_of = f"as of {format_date(claim.as_of)}" if claim.as_of else ""
        dates = dated(claim) if claim.dates != (None, None) else ""
        about = f"{reader.name(claim.subject)}, {claim.predicate.replace('_', ' ')}"
        entry = Entry(
            claim=claim.claim,
            paraphrase=claim.paraphrase,
            locator=claim.locator,
            about=", ".join(filter(None, (about, claim.scope, claim.stage))),
            value="" if value in ("no date", "no number") else value,
            dates=", ".join(filter(None, ("" if dates == value else dates, as_of))),
            place=reader.place(claim),
            who=claim.attributed_to,
            modality="" if claim.modality == "stated" else claim.modality,
            note=claim.note,
            used=tuple(dict.fromkeys(used.get(claim.claim, ()))),
        )
        by_source[claim.source].append(entry)
    result = []
    for source, entries in by_source.items():
        known = reader.ledger.sources.get(source)
        note = known.note if known else ""
        result.append(SourceEntries(reader.badges[source], note, tuple(entries)))
    return result


def goal_sets(reader: Reader, targets: Mapping[str, Sequence[Reconciled]]) -> list[TargetSet]:
    """Return every set of targets by kind of fact, the largest first."""
    sets = []
    for name, own in targets.items():
        groups = []
        for kind in (*GROUPS, OTHER):
            goals = tuple(_goal(reader, name, r) for r in own if group_of(r.target) == kind)
            if goals:
                groups.append(TargetGroup(kind, goals))
        several = [r for r in own if len(r.without) > 1]
        sturdy = sum(all(r.change(s) in ("same", "narrower") for s in r.without) for r in several)
        sets.append(
            TargetSet(
                anchor=slug("targets", name),
                title=name,
                total=len(own),
                several=len(several),
                sturdy=sturdy,
                groups=tuple(groups),
            )
        )
    return sorted(sets, key=lambda each: (-each.total, each.title))


def _goal(reader: Reader, name: str, reconciled: Reconciled) -> TargetEntry:
    target = reconciled.target
    what = subject(target)
    undated = target.date in ("", "first", "any", "total", "window")
    effects = []
    for source in reconciled.without:
        badge, word = reader.badges[source], reconciled.change(source)
        effects.append(Effect(badge.letter, badge.colour, badge.short, word, _EFFECT_SYMBOLS[word]))
    return TargetEntry(
        anchor=slug("target", name, target.target),
        name=target.target,
        what=what[:1].upper() + what[1:],
        about="" if undated else format_date(target.date),
        says=said(target),
        unit="" if target.unit in ("day", "probability") else target.unit,
        rule=reconciled.rule.rule,
        use=target.use,
        note=target.note,
        used=reader.refs(reconciled.used),
        set_aside=tuple(
            (reader.ref(claim), why)
            for claim, why in reconciled.set_aside.items()
            if claim in reader.ledger.claims
        ),
        effects=tuple(effects),
    )


def cause_groups(reader: Reader) -> list[CauseGroup]:
    """Return the causes that some source speaks of, by kind, in the order of their file."""
    stands = stance_matrix(reader.ledger.causes, reader.ledger.claims.values())
    groups: dict[str, list[CauseRow]] = {}
    for name, cause in reader.ledger.causes.items():
        cells = []
        for source in reader.badges:
            stand = stands.get((name, source))
            claims = stand.claims if stand else {}
            cells.append(
                CauseCell(
                    source=source,
                    stance=STANCES.get(stand.word) if stand else None,
                    claims=tuple((word, reader.refs(own)) for word, own in claims.items()),
                    total=sum(len(own) for own in claims.values()),
                )
            )
        words = {cell.stance.word for cell in cells if cell.stance}
        if not words:
            continue
        disputed = "divided" in words or (
            words & {"asserts", "reports"} and words & {"doubts", "denies"}
        )
        row = CauseRow(
            cause=name,
            title=cause.title,
            note=cause.note,
            mechanisms=cause.mechanisms,
            cells=tuple(cells),
            sides=2 if disputed else 1,
        )
        groups.setdefault(cause.group, []).append(row)
    return [CauseGroup(group, tuple(rows)) for group, rows in groups.items()]


def silent_causes(reader: Reader, groups: Sequence[CauseGroup]) -> list[str]:
    """Return the titles of the causes that no source speaks of."""
    spoken = {row.cause for group in groups for row in group.rows}
    return [cause.title for name, cause in reader.ledger.causes.items() if name not in spoken]


def data_sets(reader: Reader) -> list[DataSet]:
    """Return every table of the ledger."""
    return [
        DataSet(
            anchor=f"table-{name}",
            title=table.header.title,
            badge=reader.badges[table.header.source],
            locator=table.header.locator,
            issuer=table.header.issuer,
            base=table.header.base,
            multiple=table.header.multiple,
            representative=table.header.representative,
            note=table.header.note,
            questions=_questions(reader, table),
            printed=_printed(reader, table),
        )
        for name, table in reader.ledger.tables.items()
    ]


def _questions(reader: Reader, table: Table) -> tuple[Question, ...]:
    shares = table.shares()
    if shares.empty:
        return ()
    claim_of = {
        (claim.subject, claim.value): claim.claim
        for claim in reversed(reader.ledger.claims.values())
        if claim.source == table.header.source
    }
    questions = []
    for topic, own in shares.groupby("subject", sort=False):
        lines = []
        for row in own.to_dict("records"):
            share, printed = float(row["share"]), float(row["printed"])
            other = ""
            if not math.isnan(printed) and abs(printed - share) > _ROUNDING:
                other = f"; printed {100 * printed:.1f} %"
            lines.append(
                Line(
                    label=str(row["label"] or row["item"]),
                    value=f"{100 * share:.1f} % ({row['count']} of {row['base']}{other})",
                    low=float(row["low"]),
                    high=float(row["high"]),
                    dot=share,
                    claim=claim_of.get((str(row["subject"]), str(row["item"])), ""),
                    title="95 % interval of chance: "
                    f"{percent(row['low'])} to {percent(row['high'])}",
                )
            )
        title = reader.name(str(topic))
        words = "; ".join(f"{line.label} {line.value}" for line in lines)
        questions.append(Question(title, rows_figure(lines, _PERCENT, f"{title}. {words}.")))
    return tuple(questions)


def _printed(reader: Reader, table: Table) -> Printed:
    """Return the table with a column for each period, or for each unit if it has no periods."""
    dated = any(cell.dates != (None, None) for cell in table.cells)
    several = len(Counter(cell.subject for cell in table.cells)) > 1 and not dated

    def column(cell: Cell) -> str:
        return when(cell.dates) if dated else cell.unit

    def row(cell: Cell) -> str:
        label = cell.label or cell.item or reader.name(cell.subject)
        return f"{reader.name(cell.subject)}: {label}" if several else label

    ordered = sorted(table.cells, key=lambda cell: (cell.date_from, cell.date_to))
    columns = tuple(dict.fromkeys(column(cell) for cell in ordered))
    held: dict[str, dict[str, str]] = {}
    for cell in table.cells:
        unit = "\u00a0%" if cell.unit == "percent" and dated else ""
        held.setdefault(row(cell), {})[column(cell)] = cell.printed + unit
    rows = tuple((name, tuple(own.get(c, "") for c in columns)) for name, own in held.items())
    return Printed(columns, rows)


def summary(sets: Sequence[DataSet]) -> str:
    """Return how many tables there are, and how many are not representative."""
    loose = sum(not each.representative for each in sets)
    text = f"The sources print {many(len(sets), 'data set')}"
    return text + (
        f"; {loose} of them {'is' if loose == 1 else 'are'} not representative." if loose else "."
    )
