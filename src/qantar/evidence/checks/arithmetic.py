"""What a check finds.

Parts against their whole, percentages against their counts, lists against their number.

Running counts that fall, and parts of the country with more than all of it.

Tables against themselves, against each other and against what their text says of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from qantar.evidence.claims import Claim
from qantar.evidence.codebook import Interval, meet
from qantar.evidence.conflicts import worded
from qantar.evidence.datasets import Cell, Table
from qantar.evidence.dates import Span, overlap, tell
from qantar.evidence.ledger import Ledger


@dataclass(frozen=True)
class Finding:
    """One piece of arithmetic over claims or a table.

    Attributes
    ----------
    check : str
        The kind of check.
    holds : bool
        Whether the numbers agree.
    title : str
        What was compared, in a line.
    sum : str
        The arithmetic, with its numbers.
    claims : tuple of str
        The claims it rests on.
    tables : tuple of str
        The tables it rests on.
    """

    check: str
    holds: bool
    title: str
    sum: str
    claims: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


def number(value: float) -> str:
    """Return a number without needless digits."""
    return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"


def span(low: float, high: float) -> str:
    """Return an interval, or one number where both ends agree."""
    if low == high:
        return number(low)
    if low == float("-inf"):
        return f"up to {number(high)}"
    return f"{number(low)} or more" if high == float("inf") else f"{number(low)} to {number(high)}"


def check_sums(ledger: Ledger) -> Iterator[Finding]:
    """Yield what the declared relations between claims add up to."""
    for whole, parts in _related(ledger, "makes up").items():
        yield from _complete(ledger, ledger.claims[whole], parts)
    for whole, parts in _related(ledger, "part of").items():
        yield from _components(ledger, ledger.claims[whole], parts)
    for claim in ledger.claims.values():
        items = [relation.of for relation in claim.relations if relation.kind == "count of"]
        if items:
            yield from _count(ledger, claim, items)
        for relation in claim.relations:
            if relation.kind == "share of":
                yield from _share(ledger, claim, relation.numerator, relation.of)


def _complete(ledger: Ledger, whole: Claim, parts: list[Claim]) -> Iterator[Finding]:
    """Compare parts that make up a whole with it and with every rival figure for it."""
    known = _numbers(ledger, whole, parts)
    if len(known) < 2:
        return
    terms, summed = _added(known)
    for rival in _same_quantity(ledger, whole):
        against = ledger.codebook.interval(rival)
        if against is None:
            continue
        agrees = meet(summed, against)
        gap = "" if agrees else f"; off by {_gap(summed, against)}"
        yield Finding(
            "parts against whole",
            agrees,
            f"{len(known)} parts against {rival.subject} {rival.predicate}"
            + ("" if rival is whole else ", another figure for the same whole"),
            f"{terms} = {span(*summed)}; stated {worded(rival)}{gap}",
            (rival.claim, *(part.claim for part, _ in known)),
        )


def _components(ledger: Ledger, whole: Claim, parts: list[Claim]) -> Iterator[Finding]:
    """Ask whether components, which need not be all there are, fit into their whole."""
    total, known = ledger.codebook.interval(whole), _numbers(ledger, whole, parts)
    if total is None or not known:
        return
    terms, summed = _added(known)
    rest = f"; {number(total[0] - summed[0])} left" if summed[0] < total[0] else ""
    yield Finding(
        "components within whole",
        summed[0] <= total[1],
        f"{whole.subject} {whole.predicate} {whole.value}".rstrip(),
        f"{terms}{f' = {span(*summed)}' if len(known) > 1 else ''} of {worded(whole)}{rest}",
        (whole.claim, *(part.claim for part, _ in known)),
    )


def _numbers(ledger: Ledger, whole: Claim, parts: list[Claim]) -> list[tuple[Claim, Interval]]:
    """Return the parts that have a number in the unit of the whole."""
    return [(p, i) for p in parts if (i := ledger.codebook.interval(p)) and p.unit == whole.unit]


def _added(known: list[tuple[Claim, Interval]]) -> tuple[str, Interval]:
    summed = (sum(i[0] for _, i in known), sum(i[1] for _, i in known))
    return " + ".join(span(*i) for _, i in known), summed


def _same_quantity(ledger: Ledger, whole: Claim) -> list[Claim]:
    """Return a whole and every other claim of the same quantity."""
    rivals = [
        claim
        for claim in ledger.by_quantity[whole.subject, whole.predicate]
        if (claim.value, claim.scope, claim.unit) == (whole.value, whole.scope, whole.unit)
        and claim is not whole
        and ledger.gazetteer.compare(claim.places, whole.places) == "same"
        and (claim.dates == whole.dates or None in (*claim.dates, *whole.dates))
        and not any(relation.kind in ("part of", "makes up") for relation in claim.relations)
    ]
    return [whole, *rivals]


def _count(ledger: Ledger, whole: Claim, items: list[str]) -> Iterator[Finding]:
    """Compare the number a source gives for a list with the length of the list."""
    stated = ledger.codebook.interval(whole)
    if stated is None:
        return
    yield Finding(
        "list against its number",
        stated[0] <= len(items) <= stated[1],
        f"{whole.subject} {whole.predicate}: things listed against the number given",
        f"{len(items)} listed; stated {worded(whole)}",
        (whole.claim, *items),
    )


def _share(ledger: Ledger, share: Claim, numerator: str, base: str) -> Iterator[Finding]:
    """Compare a percentage with its counts, or ask whether any whole count can give it."""
    of = ledger.codebook.interval(ledger.claims[base])
    printed = share.printed[0] if share.printed[0] is not None else share.printed[1]
    if of is None or of[0] <= 0 or of[0] != of[1] or printed is None or share.reading != "exact":
        return
    percent = printed * 100 if share.unit == "share" else printed
    text = share.value_low
    decimals = len(text.partition(".")[2]) - (2 if share.unit == "share" else 0)
    if numerator:
        top = ledger.codebook.interval(ledger.claims[numerator])
        if top is None or top[0] != top[1]:
            return
        exact = 100 * top[0] / of[0]
        yield Finding(
            "percentage against counts",
            rounds_to(exact, percent, decimals),
            f"{share.subject} {share.value or share.predicate}",
            f"{number(top[0])} / {number(of[0])} = {exact:.2f} %; stated {number(percent)} %",
            (share.claim, numerator, base),
        )
    else:
        yield Finding(
            "percentage of a whole number",
            bool(whole_counts(percent, int(of[0]), decimals)),
            f"{share.subject} {share.value or share.predicate}",
            possible(percent, int(of[0]), decimals),
            (share.claim, base),
        )


def rounds_to(exact: float, printed: float, decimals: int) -> bool:
    """Say whether a percentage is what was printed, rounded or cut at the printed decimals."""
    step = 10.0 ** -max(decimals, 0)
    return abs(exact - printed) <= step / 2 + 1e-9 or 0 <= exact - printed < step


def whole_counts(percent: float, base: int, decimals: int) -> list[int]:
    """Return the counts out of `base` that give a percentage as printed.

    Notes
    -----
    The granularity test of Brown and Heathers (2017).
    """
    near = round(percent * base / 100)
    return [
        count
        for count in range(max(near - 1, 0), min(near + 1, base) + 1)
        if rounds_to(100 * count / base, percent, decimals)
    ]


def possible(percent: float, base: int, decimals: int) -> str:
    """Return in words which whole count of a base gives a percentage, or that none does."""
    found = whole_counts(percent, base, decimals)
    near = round(percent * base / 100)
    if found:
        return f"{number(percent)} % of {base} = {found[0]}, a whole number"
    return (
        f"{number(percent)} % of {base} = {percent * base / 100:.2f}; "
        f"{near} of {base} would be {100 * near / base:.2f} %"
    )


def _related(ledger: Ledger, kind: str) -> dict[str, list[Claim]]:
    found: dict[str, list[Claim]] = {}
    for claim in sorted(ledger.claims.values(), key=lambda c: c.claim):
        for relation in claim.relations:
            if relation.kind == kind and relation.of in ledger.claims:
                found.setdefault(relation.of, []).append(claim)
    return found


def _gap(one: Interval, other: Interval) -> str:
    """Return how far apart two intervals are; the least where one of them is no single number."""
    gap = number(other[0] - one[1] if one[1] < other[0] else one[0] - other[1])
    return gap if one[0] == one[1] and other[0] == other[1] else f"at least {gap}"


def check_totals(ledger: Ledger) -> Iterator[Finding]:
    """Yield contradictions among counts of the same thing by day and by area."""
    groups: dict[tuple[str, str, str, str], list[Claim]] = {}
    for (subject, predicate), claims in ledger.by_quantity.items():
        if ledger.codebook.predicates[predicate].cumulative:
            for claim in claims:
                if claim.usable and ledger.codebook.interval(claim):
                    key = (subject, predicate, claim.value, claim.unit)
                    groups.setdefault(key, []).append(claim)
    for group in groups.values():
        for one, other in combinations(group, 2):
            yield from _series(ledger, one, other)
            yield from _areas(ledger, one, other)


def _series(ledger: Ledger, one: Claim, other: Claim) -> Iterator[Finding]:
    """Compare two counts of one scope and area that hold for different days."""
    same = one.scope == other.scope and ledger.gazetteer.compare(one.places, other.places) == "same"
    if not same or one.held_on is None or other.held_on is None or one.held_on == other.held_on:
        return
    early, late = (one, other) if one.held_on < other.held_on else (other, one)
    before, after = ledger.codebook.interval(early), ledger.codebook.interval(late)
    if before is None or after is None:
        return
    yield Finding(
        "running count",
        after[1] >= before[0],
        f"{one.subject} {one.predicate} {one.scope}".rstrip() + " may not fall with time",
        f"{worded(early)} by {early.held_on}, {worded(late)} by {late.held_on}",
        (early.claim, late.claim),
    )


def _areas(ledger: Ledger, one: Claim, other: Claim) -> Iterator[Finding]:
    """Compare a count somewhere with one of the same thing in an area around it."""
    extent = ledger.gazetteer.compare(one.places, other.places)
    if extent not in ("within", "around") or one.scope != other.scope:
        return
    inner, outer = (one, other) if extent == "within" else (other, one)
    small, large = ledger.codebook.interval(inner), ledger.codebook.interval(outer)
    later = inner.held_on and outer.held_on and outer.held_on < inner.held_on
    if small is None or large is None or later:
        return
    yield Finding(
        "area within area",
        small[0] <= large[1],
        f"{one.subject} {one.predicate}: {', '.join(inner.places)} within "
        f"{', '.join(outer.places) or ledger.gazetteer.country}",
        f"{worded(inner)} of {worded(outer)}",
        (inner.claim, outer.claim),
    )


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
