"""Parts against their whole, percentages against their counts, lists against their number."""

from __future__ import annotations

from collections.abc import Iterator

from qantar.evidence.checks.finding import Finding, number, span
from qantar.evidence.claims import Claim
from qantar.evidence.codebook import Interval, meet
from qantar.evidence.conflicts import worded
from qantar.evidence.ledger import Ledger


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
