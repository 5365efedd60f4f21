"""Arithmetic checks: sums of parts, percentages, running counts and tables.

Every check takes the ledger and yields findings. A finding cites its claims and tables and shows
the arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from qantar.evidence.claims import Claim
from qantar.evidence.codebook import Interval, intersect
from qantar.evidence.conflicts import number_text
from qantar.evidence.datasets import Cell, Table
from qantar.evidence.dates import Span, format_span, overlap, within
from qantar.evidence.ledger import Ledger

Part = tuple[Claim, Interval]
"""A claim about a part of a total, with the interval of its number."""


@dataclass(frozen=True)
class Finding:
    """The result of one check of claims or a table.

    Attributes
    ----------
    check : str
        The kind of check.
    holds : bool
        Whether the numbers agree.
    title : str
        What was compared, in one line.
    sum : str
        The arithmetic, with its numbers.
    claims : tuple of str
        The claims it is based on.
    tables : tuple of str
        The tables it is based on.
    """

    check: str
    holds: bool
    title: str
    sum: str
    claims: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


def _format_number(value: float) -> str:
    """Return a number with up to six significant digits."""
    return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"


def _format_interval(low: float, high: float) -> str:
    """Return an interval, or one number if both ends are equal."""
    if low == high:
        return _format_number(low)
    if low == float("-inf"):
        return f"up to {_format_number(high)}"
    if high == float("inf"):
        return f"{_format_number(low)} or more"
    return f"{_format_number(low)} to {_format_number(high)}"


def check_sums_of_parts(ledger: Ledger) -> Iterator[Finding]:
    """Compare the sum of exhaustive parts with every figure for their total."""
    for whole, parts in _totals_with_parts(ledger, "makes up"):
        if len(parts) < 2:
            continue
        terms, total = _sum_of_parts(parts)
        others = [
            claim
            for claim in ledger.by_quantity[whole.subject, whole.predicate]
            if (claim.value, claim.scope, claim.unit) == (whole.value, whole.scope, whole.unit)
            and claim is not whole
            and ledger.gazetteer.compare(claim.places, whole.places) == "same"
            and (claim.dates == whole.dates or None in (*claim.dates, *whole.dates))
            and not any(relation.kind in ("part of", "makes up") for relation in claim.relations)
        ]
        for claim in (whole, *others):
            stated = ledger.codebook.interval(claim)
            if stated is None:
                continue
            gap = ""
            if not intersect(total, stated):
                apart = _format_number(max(stated[0] - total[1], total[0] - stated[1]))
                exact = total[0] == total[1] and stated[0] == stated[1]
                gap = f"; off by {apart}" if exact else f"; off by at least {apart}"
            yield Finding(
                "sum of parts",
                not gap,
                f"{len(parts)} parts of {claim.subject} {claim.predicate}"
                + ("" if claim is whole else ", another figure for the same total"),
                f"{terms} = {_format_interval(*total)}; stated {number_text(claim)}{gap}",
                (claim.claim, *(part.claim for part, _ in parts)),
            )


def check_components(ledger: Ledger) -> Iterator[Finding]:
    """Check that components, which need not be exhaustive, do not exceed their total."""
    for whole, parts in _totals_with_parts(ledger, "part of"):
        stated = ledger.codebook.interval(whole)
        if stated is None or not parts:
            continue
        terms, total = _sum_of_parts(parts)
        if len(parts) > 1:
            terms += f" = {_format_interval(*total)}"
        rest = (
            f"; {_format_number(stated[0] - total[0])} unaccounted for"
            if total[0] < stated[0]
            else ""
        )
        yield Finding(
            "components within total",
            total[0] <= stated[1],
            f"{whole.subject} {whole.predicate} {whole.value}".rstrip(),
            f"{terms} of {number_text(whole)}{rest}",
            (whole.claim, *(part.claim for part, _ in parts)),
        )


def _totals_with_parts(ledger: Ledger, kind: str) -> Iterator[tuple[Claim, list[Part]]]:
    """Yield every total with the related claims that give a number in the same unit."""
    related: dict[str, list[Claim]] = {}
    for claim in sorted(ledger.claims.values(), key=lambda c: c.claim):
        for relation in claim.relations:
            if relation.kind == kind and relation.of in ledger.claims:
                related.setdefault(relation.of, []).append(claim)
    for name, claims in related.items():
        whole = ledger.claims[name]
        intervals = [(c, ledger.codebook.interval(c)) for c in claims if c.unit == whole.unit]
        yield whole, [(claim, interval) for claim, interval in intervals if interval]


def _sum_of_parts(parts: list[Part]) -> tuple[str, Interval]:
    """Return the sum of parts as text and as an interval."""
    terms = " + ".join(_format_interval(*interval) for _, interval in parts)
    return terms, (sum(low for _, (low, _) in parts), sum(high for _, (_, high) in parts))


def check_list_lengths(ledger: Ledger) -> Iterator[Finding]:
    """Compare the stated length of a list with the number of items listed."""
    for claim in ledger.claims.values():
        items = [relation.of for relation in claim.relations if relation.kind == "count of"]
        stated = ledger.codebook.interval(claim)
        if not items or stated is None:
            continue
        yield Finding(
            "list length",
            stated[0] <= len(items) <= stated[1],
            f"{claim.subject} {claim.predicate}: items listed against number stated",
            f"{len(items)} listed; stated {number_text(claim)}",
            (claim.claim, *items),
        )


def check_percentages(ledger: Ledger) -> Iterator[Finding]:
    """Compare percentages with their counts, or test whether any count can give them."""
    shares = [
        (claim, relation)
        for claim in ledger.claims.values()
        for relation in claim.relations
        if relation.kind == "share of"
    ]
    for claim, relation in shares:
        base = ledger.codebook.interval(ledger.claims[relation.of])
        printed = claim.printed[0] if claim.printed[0] is not None else claim.printed[1]
        if base is None or base[0] <= 0 or base[0] != base[1]:
            continue
        if printed is None or claim.reading != "exact":
            continue
        percent = printed * 100 if claim.unit == "share" else printed
        decimals = len(claim.value_low.partition(".")[2]) - (2 if claim.unit == "share" else 0)
        title = f"{claim.subject} {claim.value or claim.predicate}"
        if not relation.numerator:
            cited = (claim.claim, relation.of)
            yield _granularity_finding(title, percent, int(base[0]), decimals, claims=cited)
            continue
        count = ledger.codebook.interval(ledger.claims[relation.numerator])
        if count is None or count[0] != count[1]:
            continue
        exact = 100 * count[0] / base[0]
        yield Finding(
            "percentage against counts",
            rounds_to(exact, percent, decimals),
            title,
            f"{_format_number(count[0])} / {_format_number(base[0])} = {exact:.2f} %; "
            f"stated {_format_number(percent)} %",
            (claim.claim, relation.numerator, relation.of),
        )


def rounds_to(exact: float, printed: float, decimals: int) -> bool:
    """Return whether a percentage equals the printed one when rounded or truncated."""
    step = 10.0 ** -max(decimals, 0)
    return abs(exact - printed) <= step / 2 + 1e-9 or 0 <= exact - printed < step


def possible_counts(percent: float, base: int, decimals: int) -> list[int]:
    """Return the counts out of `base` that give a percentage as printed.

    Notes
    -----
    The GRIM test of Brown and Heathers (2017).
    """
    near = round(percent * base / 100)
    return [
        count
        for count in range(max(near - 1, 0), min(near + 1, base) + 1)
        if rounds_to(100 * count / base, percent, decimals)
    ]


def _granularity_finding(
    title: str,
    percent: float,
    base: int,
    decimals: int,
    *,
    claims: tuple[str, ...] = (),
    tables: tuple[str, ...] = (),
) -> Finding:
    """Return a finding on whether any count out of a base gives a percentage."""
    counts = possible_counts(percent, base, decimals)
    if counts:
        arithmetic = f"{_format_number(percent)} % of {base} = {counts[0]}, a possible count"
    else:
        near = round(percent * base / 100)
        arithmetic = (
            f"{_format_number(percent)} % of {base} = {percent * base / 100:.2f}; "
            f"{near} of {base} would be {100 * near / base:.2f} %"
        )
    return Finding("possible percentage", bool(counts), title, arithmetic, claims, tables)


def check_running_counts(ledger: Ledger) -> Iterator[Finding]:
    """Check that running counts of the same scope and area do not fall over time."""
    for one, other in _cumulative_pairs(ledger):
        if one.scope != other.scope:
            continue
        if ledger.gazetteer.compare(one.places, other.places) != "same":
            continue
        if one.held_on is None or other.held_on is None or one.held_on == other.held_on:
            continue
        early, late = (one, other) if one.held_on < other.held_on else (other, one)
        before, after = ledger.codebook.interval(early), ledger.codebook.interval(late)
        if before is None or after is None:
            continue
        yield Finding(
            "running count",
            after[1] >= before[0],
            f"{one.subject} {one.predicate} {one.scope}".rstrip() + " must not fall over time",
            f"{number_text(early)} by {early.held_on}, {number_text(late)} by {late.held_on}",
            (early.claim, late.claim),
        )


def check_areas(ledger: Ledger) -> Iterator[Finding]:
    """Check that a count in an area does not exceed the count in a larger area around it."""
    for one, other in _cumulative_pairs(ledger):
        extent = ledger.gazetteer.compare(one.places, other.places)
        if extent not in ("within", "around") or one.scope != other.scope:
            continue
        inner, outer = (one, other) if extent == "within" else (other, one)
        small, large = ledger.codebook.interval(inner), ledger.codebook.interval(outer)
        later = inner.held_on and outer.held_on and outer.held_on < inner.held_on
        if small is None or large is None or later:
            continue
        yield Finding(
            "area within area",
            small[0] <= large[1],
            f"{one.subject} {one.predicate}: {', '.join(inner.places)} within "
            f"{', '.join(outer.places) or ledger.gazetteer.country}",
            f"{number_text(inner)} of {number_text(outer)}",
            (inner.claim, outer.claim),
        )


def _cumulative_pairs(ledger: Ledger) -> Iterator[tuple[Claim, Claim]]:
    """Yield pairs of usable claims that give running counts of the same quantity."""
    groups: dict[tuple[str, str, str, str], list[Claim]] = {}
    for (subject, predicate), claims in ledger.by_quantity.items():
        if ledger.codebook.predicates[predicate].cumulative:
            for claim in claims:
                if claim.usable:
                    key = (subject, predicate, claim.value, claim.unit)
                    groups.setdefault(key, []).append(claim)
    for group in groups.values():
        yield from combinations(group, 2)


def check_column_sums(ledger: Ledger) -> Iterator[Finding]:
    """Add up the percentages of each period or question of a table."""
    for table in ledger.tables.values():
        columns: dict[tuple[str, Span], list[Cell]] = {}
        for cell in table.cells:
            if cell.unit == "percent" and cell.item:
                columns.setdefault((cell.subject, cell.dates), []).append(cell)
        for (subject, dates), cells in columns.items():
            total = sum(cell.value for cell in cells)
            if not table.header.complete and total <= 100:
                continue
            rounding = sum(10.0**-cell.decimals / 2 for cell in cells)
            when = "" if dates == (None, None) else f", {format_span(dates)}"
            terms = " + ".join(cell.printed for cell in cells)
            answers = " (several answers were allowed)" if table.header.multiple else ""
            yield Finding(
                "percentages add up to 100",
                abs(total - 100) <= rounding + 1e-9 or table.header.multiple,
                f"{table.header.title}: {subject}{when}",
                f"{terms} = {_format_number(total)} %{answers}",
                tables=(table.table,),
            )


def check_table_percentages(ledger: Ledger) -> Iterator[Finding]:
    """Compare every percentage of a table with its count over the base."""
    for table in ledger.tables.values():
        base = table.header.base
        counts = {(c.subject, c.item): c for c in table.cells if c.predicate == "count"}
        for cell in table.cells:
            count = counts.get((cell.subject, cell.item))
            if cell.unit != "percent" or count is None or not base:
                continue
            exact = 100 * count.value / base
            yield Finding(
                "table: percentage against count",
                rounds_to(exact, cell.value, cell.decimals),
                f"{table.header.title}: {cell.subject} {cell.item}",
                f"{count.printed} / {base} = {exact:.2f} %; printed {cell.printed} %",
                tables=(table.table,),
            )


def check_granularity(ledger: Ledger) -> Iterator[Finding]:
    """Test percentages against the base that another table gives for the same period."""
    for table in ledger.tables.values():
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
            title = f"{table.header.title}: {cell.item}, {format_span(cell.dates)}"
            tables = (table.table, name)
            yield _granularity_finding(title, cell.value, base, cell.decimals, tables=tables)


def check_table_text(ledger: Ledger) -> Iterator[Finding]:
    """Compare each cell of a table with claims in the text of its source about the same number."""
    for table in ledger.tables.values():
        for cell in table.cells:
            for claim in _text_claims(ledger, table, cell.subject, cell.predicate):
                stated = ledger.codebook.interval(claim)
                quantity = (claim.value, claim.unit, claim.dates)
                if quantity != (cell.item, cell.unit, cell.dates) or stated is None:
                    continue
                yield Finding(
                    "text against table",
                    stated[0] - 1e-9 <= cell.value <= stated[1] + 1e-9,
                    f"{cell.subject} {cell.item or cell.predicate}: "
                    f"{claim.cite()} against {table.cite()}",
                    f"text {number_text(claim)}; table {cell.printed} {cell.unit}",
                    (claim.claim,),
                    (table.table,),
                )


def check_table_totals(ledger: Ledger) -> Iterator[Finding]:
    """Compare the sum over periods of a table with totals in the text of its source."""
    for table in ledger.tables.values():
        cells = _period_counts(table)
        if not cells:
            continue
        last_year = max((cell.dates[1].year for cell in cells if cell.dates[1]), default=0)
        for claim in _text_claims(ledger, table, cells[0].subject, cells[0].predicate):
            stated = ledger.codebook.interval(claim)
            inside = [cell for cell in cells if within(cell.dates, claim.dates)]
            if claim.value or claim.scope or stated is None or len(inside) < 2:
                continue
            end = claim.dates[1]
            if end is None or end.year > last_year:  # the table ends before the period of the total
                continue
            total = sum(cell.value for cell in inside)
            holds = stated[0] <= total <= stated[1]
            gap = "" if holds else f"; off by {_format_number(abs(total - stated[0]))}"
            yield Finding(
                "table against stated total",
                holds,
                f"{table.header.title}: {claim.when}",
                f"{' + '.join(cell.printed for cell in inside)} = {_format_number(total)}; "
                f"stated {number_text(claim)}{gap}",
                (claim.claim,),
                (table.table,),
            )


def check_peaks(ledger: Ledger) -> Iterator[Finding]:
    """Compare the peak period according to the text with the peak in the table."""
    for table in ledger.tables.values():
        cells = _period_counts(table)
        if not cells:
            continue
        top = max(cells, key=lambda cell: cell.value)
        for claim in _text_claims(ledger, table, top.subject, "peak"):
            yield Finding(
                "text against table",
                overlap(claim.dates, top.dates),
                f"{table.header.title}: peak period",
                f"text {claim.when}; table {format_span(top.dates)} with {top.printed} {top.unit}",
                (claim.claim,),
                (table.table,),
            )


def _period_counts(table: Table) -> list[Cell]:
    """Return the counts of a table by period; empty if there are fewer than two."""
    cells = [cell for cell in table.cells if not cell.item and cell.unit != "percent"]
    return cells if len(cells) > 1 else []


def _text_claims(ledger: Ledger, table: Table, subject: str, predicate: str) -> list[Claim]:
    """Return the claims about a quantity in the text of a table's source."""
    return [
        claim
        for claim in ledger.by_quantity.get((subject, predicate), ())
        if claim.source == table.header.source and ledger.cells.get(claim.claim) != table.table
    ]
