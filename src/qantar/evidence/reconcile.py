"""Reconciliation: derive the interval of a target from its claims by a declared rule.

Every rule uses the claims of the strongest available modality and stays within the range that they
span, apart from assumptions declared by the target: a bound for an open side, a counting error, a
slack.

========== =====================================================================================
agree      the intersection of the claims; if it is empty, the span of the most precise ones
by         the claims show that something is under way: it began on that day or earlier
as_of      a running count on a day: figures of that day, bounded by earlier and later ones
total      the span of the last figures of all sources, not below any earlier figure
add        the sum of counts of different scopes
floor      the highest lower bound; the upper bound is open
listed     at least the number of items that the claims list; the upper bound is open
happened   probability 0.5 to 1; 0 to 1 where the sources conflict
never      probability 0 to 0.5; 0 to 1 where the sources conflict
worded     the claims are in words without a number; both bounds are declared
========== =====================================================================================
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass

from qantar.base.errors import QantarError
from qantar.evidence.claims import Claim
from qantar.evidence.codebook import Interval
from qantar.evidence.dates import first_day, last_day
from qantar.evidence.ledger import Ledger
from qantar.evidence.targets import DATED, Target, TargetQuery, TargetRule

MODALITY_TIERS: tuple[tuple[str, ...], ...] = (
    ("stated", "attributed"),
    ("disputed",),
    ("speculated",),
)
"""Modalities from strongest to weakest; retracted claims stay in the ledger but are never used."""

CONTINUOUS = ("share", "probability", "percent", "ratio")
"""Units in which a bound need not be an integer."""

OPEN_LOW, OPEN_HIGH = -math.inf, math.inf
"""An open lower and an open upper bound."""


@dataclass(frozen=True)
class AdmissibleClaim:
    """A claim that is evidence for a target, with its interval."""

    claim: Claim
    low: float
    high: float


@dataclass(frozen=True)
class Reconciled:
    """A target with the claims from which it was derived.

    Attributes
    ----------
    target : Target
    rule : TargetRule
    used : tuple of Claim
        The claims behind the interval.
    set_aside : dict
        Claims that match a query but are not used, with the reason.
    without : dict
        For each source, the interval without its claims; None if the others give none.
    """

    target: Target
    rule: TargetRule
    used: tuple[Claim, ...]
    set_aside: dict[str, str]
    without: dict[str, Interval | None]

    @property
    def interval(self) -> Interval:
        """The interval as numbers; days are ordinals as in `datetime.date.toordinal`."""
        low, high = self.target.interval(dt.date.min)
        first = dt.date.min.toordinal() if self.rule.variable in DATED else 0
        return low + first, high + first

    def change(self, source: str) -> str:
        """Return how the interval changes if a source is left out.

        Parameters
        ----------
        source : str
            Id of a source.

        Returns
        -------
        str
            ``nothing left``, ``same``, ``wider``, ``narrower`` or ``moved``.
        """
        other = self.without.get(source)
        low, high = self.interval
        if other is None:
            return "nothing left"
        if other == (low, high):
            return "same"
        if other[0] <= low and high <= other[1]:
            return "wider"
        return "narrower" if low <= other[0] and other[1] <= high else "moved"


def reconcile(ledger: Ledger, name: str, rule: TargetRule) -> Reconciled:
    """Derive a target from a ledger.

    Parameters
    ----------
    ledger : Ledger
    name : str
        The id of the target.
    rule : TargetRule
        How the target is derived.

    Raises
    ------
    QantarError
        If no admissible claim matches, or a side of the interval remains open.
    """
    admitted, set_aside = admit(ledger, rule, matching_claims(ledger, rule))
    interval = _interval(rule, admitted)
    if interval is None:
        asked = [f"{a.subject} {a.predicate} {a.value}".rstrip() for a in rule.asks]
        wanted = " or ".join([*asked, *rule.also]) or "no query: `asks` and `also` are empty"
        raise QantarError(
            f"target {name!r}: no claim in the ledger determines it",
            expected=f"a claim with a closed interval that matches {wanted}",
            hint="add the claim, name one under `also`, or declare a bound under `assume`",
        )
    if rule.variable in DATED:
        low, high = (dt.date.fromordinal(int(bound)).isoformat() for bound in interval)
    else:
        low, high = (f"{bound:.10g}" for bound in interval)
    used = tuple(each.claim for each in admitted)
    notes = (rule.note, rule.assume.because if rule.assume else "", rule.weak)
    return Reconciled(
        target=Target(
            target=name,
            variable=rule.variable,
            level=rule.level,
            name=rule.name,
            date=rule.date,
            unit=rule.unit,
            low=low,
            high=high,
            claims=";".join(claim.claim for claim in used),
            use=rule.use,
            note="; ".join(filter(None, notes)),
        ),
        rule=rule,
        used=used,
        set_aside=set_aside,
        without={
            source: _interval(rule, [a for a in admitted if a.claim.source != source])
            for source in dict.fromkeys(claim.source for claim in used)
        },
    )


def matching_claims(ledger: Ledger, rule: TargetRule) -> list[Claim]:
    """Return the claims that are evidence for a target, in the order of their ids."""
    place = ledger.gazetteer.name(rule.level, rule.name)
    found = {
        claim.claim: claim
        for asked in rule.asks
        for claim in ledger.by_quantity.get((asked.subject, asked.predicate), ())
        if _matches(ledger, claim, asked, place)
    }
    found |= {name: ledger.claims[name] for name in rule.also if name in ledger.claims}
    return [found[name] for name in sorted(found) if name not in rule.leave_out]


def _matches(ledger: Ledger, claim: Claim, asked: TargetQuery, place: str) -> bool:
    """Return whether a claim matches a query about a place."""
    until = last_day(asked.held)
    return (
        asked.value in ("", claim.value)
        and claim.scope in asked.scope
        and (asked.stage is None or claim.stage in asked.stage)
        and ledger.gazetteer.compare(claim.places, [asked.place or place]) in asked.extent
        and (not asked.about or claim.dated_within((first_day(asked.about), last_day(asked.about))))
        and (until is None or claim.held_on is None or claim.held_on <= until)
    )


def admit(
    ledger: Ledger, rule: TargetRule, claims: Iterable[Claim]
) -> tuple[list[AdmissibleClaim], dict[str, str]]:
    """Return the claims of the strongest modality available, and why others are set aside."""
    set_aside: dict[str, str] = {}
    read: list[AdmissibleClaim] = []
    for claim in claims:
        interval = _claim_interval(ledger, rule, claim)
        if claim.modality == "retracted":
            set_aside[claim.claim] = "retracted"
        elif interval is None:
            set_aside[claim.claim] = "no number or day"
        else:
            read.append(AdmissibleClaim(claim, *interval))
    for tier in MODALITY_TIERS:
        strongest = [each for each in read if each.claim.modality in tier]
        if strongest:
            weaker = [each for each in read if each not in strongest]
            set_aside |= {each.claim.claim: f"only {each.claim.modality}" for each in weaker}
            return strongest, set_aside
    return [], set_aside


def _claim_interval(ledger: Ledger, rule: TargetRule, claim: Claim) -> Interval | None:
    """Return the interval of a claim: days, a number, yes or no, or 1 for a listed item."""
    if rule.variable in DATED:
        start, end = claim.dates
        if start is None and end is None:
            return None
        low = float(start.toordinal()) if start else OPEN_LOW
        return low, float(end.toordinal()) if end else OPEN_HIGH
    if rule.rule in ("happened", "never"):
        if ledger.codebook.kind(claim) == "choice":
            return (1.0, 1.0) if claim.value == "yes" else (0.0, 0.0)
        return (1.0, 1.0) if rule.rule == "happened" else (0.0, 0.0)
    if rule.rule in ("listed", "worded"):
        return 1.0, 1.0
    interval = ledger.codebook.interval(claim)
    percent = 0.01 if claim.unit == "percent" and rule.unit == "share" else 1.0
    return (interval[0] * percent, interval[1] * percent) if interval else None


def _interval(rule: TargetRule, admitted: list[AdmissibleClaim]) -> Interval | None:
    """Return the interval given by a rule; None if there are no claims or a side is open."""
    if not admitted:
        return None
    low, high = _combine(rule, admitted)
    assume = rule.assume
    if assume is not None:
        floor, top = assume.bounds()
        low = floor if low == OPEN_LOW and floor is not None else low
        high = top if high == OPEN_HIGH and top is not None else high
    if low == OPEN_LOW and rule.variable not in DATED:  # counts and shares are non-negative
        low = 0.0
    if low == OPEN_LOW or high == OPEN_HIGH:
        return None
    if assume is not None:
        low = low * (1 - assume.spread) - assume.slack_low
        high = high * (1 + assume.spread) + assume.slack_high
        if assume.spread and rule.unit not in CONTINUOUS:  # keep counts integer
            low, high = float(math.ceil(low)), float(math.floor(high))
    if low > high:
        return None
    return _rounded(low), _rounded(high)


def _combine(rule: TargetRule, admitted: list[AdmissibleClaim]) -> Interval:
    """Return the interval given by a rule before the assumptions of the target are applied."""
    match rule.rule:
        case "agree":
            return _agree(admitted)
        case "as_of":
            return _as_of(rule, admitted)
        case "total":
            return _total(rule, admitted)
        case "add":
            scopes = dict.fromkeys(each.claim.scope for each in admitted)
            parts = [_agree([a for a in admitted if a.claim.scope == scope]) for scope in scopes]
            return sum(part[0] for part in parts), sum(part[1] for part in parts)
        case "by":
            return OPEN_LOW, min(each.high for each in admitted)
        case "floor":
            return max(each.low for each in admitted), OPEN_HIGH
        case "listed":
            items = {(a.claim.place, a.claim.subject, a.claim.value) for a in admitted}
            return float(len(items)), OPEN_HIGH
        case "happened" | "never":
            answers = {each.low for each in admitted}
            return 0.5 if answers == {1.0} else 0.0, 0.5 if answers == {0.0} else 1.0
        case "worded":
            return OPEN_LOW, OPEN_HIGH


def _agree(admitted: list[AdmissibleClaim]) -> Interval:
    """Return the intersection of the claims; if it is empty, the span of the most precise ones.

    A claim whose interval contains that of another claim does not widen the span.
    """
    low, high = max(a.low for a in admitted), min(a.high for a in admitted)
    if low <= high:
        return low, high
    intervals = {(a.low, a.high) for a in admitted}
    most_precise = [
        wider
        for wider in admitted
        if not any(
            wider.low <= low and high <= wider.high and (low, high) != (wider.low, wider.high)
            for low, high in intervals
        )
    ]
    return _span(most_precise)


def _span(admitted: list[AdmissibleClaim]) -> Interval:
    """Return the span of the claims; a side is open only if it is open in all of them."""
    lows = [a.low for a in admitted if a.low > OPEN_LOW] or [OPEN_LOW]
    highs = [a.high for a in admitted if a.high != OPEN_HIGH]
    top = max([*highs, *(a.low for a in admitted)]) if highs else OPEN_HIGH
    return min(lows), top


def _as_of(rule: TargetRule, admitted: list[AdmissibleClaim]) -> Interval:
    """Return the interval of the figures of a day, bounded by earlier and later figures."""
    day = last_day(rule.date)
    near = dt.timedelta(days=rule.near)
    dated = [(a.claim.held_on, a) for a in admitted]
    of_day = [a for held, a in dated if held and day and day - near <= held <= day + near]
    floors = [a.low for held, a in dated if held and day and held < day - near]
    tops = [a.high for held, a in dated if held and day and held > day + near]
    low, high = _agree(of_day) if of_day else (OPEN_LOW, OPEN_HIGH)
    floor, top = max([low, *floors]), min([high, *tops])
    if floor <= top:
        return floor, top
    closed = [bound for bound in (low, high, floor, top) if bound not in (OPEN_LOW, OPEN_HIGH)]
    return min(closed), max(closed)


def _total(rule: TargetRule, admitted: list[AdmissibleClaim]) -> Interval:
    """Return the span of the last figures of all sources, not below any earlier figure."""
    settled = last_day(rule.settled)
    last: dict[str, AdmissibleClaim] = {}
    floors = [OPEN_LOW]
    for each in sorted(admitted, key=lambda a: (a.claim.held_on or dt.date.max, a.claim.claim)):
        held = each.claim.held_on
        if settled and held and held < settled:
            floors.append(each.low)
        else:
            last[each.claim.source] = each
    if not last:
        return max(floors), OPEN_HIGH
    low, high = _span(list(last.values()))
    return max(low, min(max(floors), high)), high


def _rounded(bound: float) -> float:
    """Return a bound rounded to ten digits, as it is printed."""
    return float(f"{bound:.10g}")
