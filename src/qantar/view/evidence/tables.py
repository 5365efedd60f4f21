"""Data sets that the sources print: shares with exact intervals, and the tables as printed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from qantar.evidence.tables import Cell, Table
from qantar.view.evidence.draw import Line, Scale, rows_figure
from qantar.view.evidence.names import Badge, Reader, when
from qantar.view.style import many, percent

_PERCENT = Scale(0.0, 1.0, False, tuple((k / 4, f"{25 * k} %") for k in range(5)))


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
    badge: Badge
    locator: str
    issuer: str
    base: int
    multiple: bool
    representative: bool
    note: str
    questions: tuple[Question, ...]
    printed: Printed


def data_sets(reader: Reader) -> list[DataSet]:
    """Return every table of the ledger."""
    return [_data_set(reader, name, table) for name, table in reader.ledger.tables.items()]


def _data_set(reader: Reader, name: str, table: Table) -> DataSet:
    header = table.header
    return DataSet(
        anchor=f"table-{name}",
        title=header.title,
        badge=reader.badges[header.source],
        locator=header.locator,
        issuer=header.issuer,
        base=header.base,
        multiple=header.multiple,
        representative=header.representative,
        note=header.note,
        questions=_questions(reader, table),
        printed=_printed(reader, table),
    )


def _questions(reader: Reader, table: Table) -> tuple[Question, ...]:
    shares = table.shares()
    if shares.empty:
        return ()
    linked = {
        (claim.subject, claim.value): claim.claim
        for claim in reversed(reader.ledger.claims.values())
        if claim.source == table.header.source
    }
    questions = []
    for subject, own in shares.groupby("subject", sort=False):
        title = reader.name(str(subject))
        rows = [{str(key): value for key, value in row.items()} for row in own.to_dict("records")]
        lines = [_line(row, linked) for row in rows]
        said = "; ".join(f"{line.label} {line.value}" for line in lines)
        questions.append(Question(title, rows_figure(lines, _PERCENT, f"{title}. {said}.")))
    return tuple(questions)


def _line(row: Mapping[str, Any], linked: Mapping[tuple[str, str], str]) -> Line:
    share, printed = float(row["share"]), float(row["printed"])
    other = ""
    if not math.isnan(printed) and abs(printed - share) > 0.0006:
        other = f"; printed {100 * printed:.1f} %"
    return Line(
        label=str(row["label"] or row["item"]),
        value=f"{100 * share:.1f} % ({row['count']} of {row['base']}{other})",
        low=float(row["low"]),
        high=float(row["high"]),
        dot=share,
        claim=linked.get((str(row["subject"]), str(row["item"])), ""),
        title=f"95 % interval of chance: {percent(row['low'])} to {percent(row['high'])}",
    )


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
    """Return how many tables there are, and how many stand for a population."""
    loose = sum(not each.representative for each in sets)
    text = f"The sources print {many(len(sets), 'data set')}"
    return text + (
        f"; {loose} of them {'is' if loose == 1 else 'are'} not representative." if loose else "."
    )
