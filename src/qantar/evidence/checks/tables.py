"""Tables against themselves, against each other and against what their text says of them."""

from __future__ import annotations

from collections.abc import Iterator

from qantar.evidence.checks.finding import Finding, number
from qantar.evidence.checks.sums import possible, rounds_to, whole_counts
from qantar.evidence.claims import Claim
from qantar.evidence.conflicts import worded
from qantar.evidence.dates import Span, overlap, tell
from qantar.evidence.ledger import Ledger
from qantar.evidence.tables import Cell, Table


def check_tables(ledger: Ledger) -> Iterator[Finding]:
    """Yield what tables add up to and where text and table part."""
    for table in ledger.tables.values():
        yield from _hundred(table)
        yield from _counts(table)
        yield from _other_counts(ledger, table)
        for cell in table.cells:
            yield from _text(ledger, table, cell)
        yield from _sum(ledger, table)
        yield from _peak(ledger, table)


def _hundred(table: Table) -> Iterator[Finding]:
    """Add the percentages of each period or question."""
    groups: dict[tuple[str, Span], list[Cell]] = {}
    for cell in table.cells:
        if cell.unit == "percent" and cell.item:
            groups.setdefault((cell.subject, cell.dates), []).append(cell)
    for (subject, dates), cells in groups.items():
        total = sum(cell.value for cell in cells)
        step = sum(10.0**-cell.decimals / 2 for cell in cells)
        holds = abs(total - 100) <= step + 1e-9
        if not table.header.complete and total <= 100:
            continue
        when = "" if dates == (None, None) else f", {tell(dates)}"
        answers = " (several answers were allowed)" if table.header.multiple else ""
        yield Finding(
            "percentages against 100",
            holds or table.header.multiple,
            f"{table.header.title}: {subject}{when}",
            f"{' + '.join(cell.printed for cell in cells)} = {number(total)} %{answers}",
            tables=(table.table,),
        )


def _counts(table: Table) -> Iterator[Finding]:
    """Compare every printed percentage with its count over the base."""
    counts = {(c.subject, c.item): c for c in table.cells if c.predicate == "count"}
    for cell in table.cells:
        count = counts.get((cell.subject, cell.item))
        if cell.unit != "percent" or count is None or not table.header.base:
            continue
        exact = 100 * count.value / table.header.base
        yield Finding(
            "table: percentage against count",
            rounds_to(exact, cell.value, cell.decimals),
            f"{table.header.title}: {cell.subject} {cell.item}",
            f"{count.printed} / {table.header.base} = {exact:.2f} %; printed {cell.printed} %",
            tables=(table.table,),
        )


def _other_counts(ledger: Ledger, table: Table) -> Iterator[Finding]:
    """Ask whether a percentage can come from the count that another table gives its period."""
    counts = {
        (cell.subject, cell.dates): (other.table, int(cell.value))
        for other in ledger.tables.values()
        for cell in other.cells
        if other is not table and not cell.item and cell.unit != "percent" and cell.value >= 1
    }
    for cell in table.cells:
        found = counts.get((cell.subject, cell.dates))
        if cell.unit != "percent" or found is None or cell.dates == (None, None):
            continue
        name, base = found
        yield Finding(
            "percentage of a whole number",
            bool(whole_counts(cell.value, base, cell.decimals)),
            f"{table.header.title}: {cell.item}, {tell(cell.dates)}",
            possible(cell.value, base, cell.decimals),
            tables=(table.table, name),
        )


def _text(ledger: Ledger, table: Table, cell: Cell) -> Iterator[Finding]:
    """Compare a cell with every claim that speaks of the same number."""
    for claim in _about(ledger, table, cell.subject, cell.predicate):
        interval = ledger.codebook.interval(claim)
        same = claim.value == cell.item and claim.unit == cell.unit and claim.dates == cell.dates
        if not same or interval is None:
            continue
        holds = interval[0] - 1e-9 <= cell.value <= interval[1] + 1e-9
        yield Finding(
            "text against table",
            holds,
            f"{cell.subject} {cell.item or cell.predicate}: {claim.cite()} against {table.cite()}",
            f"text {worded(claim)}; table {cell.printed} {cell.unit}",
            (claim.claim,),
            (table.table,),
        )


def _sum(ledger: Ledger, table: Table) -> Iterator[Finding]:
    """Compare the sum of a table's periods with every total that a text gives for them."""
    cells = [cell for cell in table.cells if not cell.item and cell.unit != "percent"]
    if len(cells) < 2:
        return
    ends = [cell.dates[1] for cell in cells]
    for claim in _about(ledger, table, cells[0].subject, cells[0].predicate):
        interval = ledger.codebook.interval(claim)
        inside = [cell for cell in cells if _within(cell.dates, claim.dates)]
        whole = claim.dates[1] and any(d and d.year >= claim.dates[1].year for d in ends)
        if claim.value or claim.scope or interval is None or len(inside) < 2 or not whole:
            continue
        total = sum(cell.value for cell in inside)
        holds = interval[0] <= total <= interval[1]
        gap = "" if holds else f"; off by {number(abs(total - interval[0]))}"
        yield Finding(
            "table against stated total",
            holds,
            f"{table.header.title}: {claim.when}",
            f"{' + '.join(cell.printed for cell in inside)} = {number(total)}; "
            f"stated {worded(claim)}{gap}",
            (claim.claim,),
            (table.table,),
        )


def _peak(ledger: Ledger, table: Table) -> Iterator[Finding]:
    """Compare the period that a text calls the highest with the table's highest."""
    cells = [cell for cell in table.cells if not cell.item and cell.unit != "percent"]
    if len(cells) < 2:
        return
    top = max(cells, key=lambda cell: cell.value)
    for claim in _about(ledger, table, top.subject, "peak"):
        yield Finding(
            "text against table",
            overlap(claim.dates, top.dates),
            f"{table.header.title}: the highest period",
            f"text {claim.when}; table {tell(top.dates)} with {top.printed} {top.unit}",
            (claim.claim,),
            (table.table,),
        )


def _about(ledger: Ledger, table: Table, subject: str, predicate: str) -> list[Claim]:
    """Return the claims of the table's own source about one of its quantities."""
    return [
        claim
        for claim in ledger.by_quantity.get((subject, predicate), ())
        if claim.source == table.header.source and ledger.cells.get(claim.claim) != table.table
    ]


def _within(inner: Span, outer: Span) -> bool:
    if None in (*inner, *outer):
        return False
    return bool(
        outer[0] and inner[0] and inner[1] and outer[1]
        and outer[0] <= inner[0] and inner[1] <= outer[1]
    )  # fmt: skip
