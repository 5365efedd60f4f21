"""Reconciliation: from claims that disagree to the interval of a target, by a declared rule.

Every rule uses the claims of the firmest modality and stays within the range that they span,
except for the assumptions that the target declares: a bound for a side that no claim closes, a
counting error, a slack.

========== =====================================================================================
agree      the intersection of the claims; if it is empty, the span of the sharpest of them
by         the claims show something under way: it began on their day or before
as_of      a running count on a day: figures of the day, bounded by earlier and later ones
total      the last figure of every source, not below any earlier figure
add        counts of different scopes added up
floor      the highest lower bound; the upper bound is open
listed     as many as the claims list one by one; the upper bound is open
happened   probability 0.5 to 1; 0 to 1 where the sources conflict
never      probability 0 to 0.5; 0 to 1 where the sources conflict
worded     the claims give words and no number; both bounds are declared
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
"""Modalities from firmest to weakest; retracted claims stay in the ledger and are never used."""

CONTINUOUS = ("share", "probability", "percent", "ratio")
"""Units in which a bound need not be a whole number."""

OPEN, NEVER = -math.inf, math.inf
"""An open lower and an open upper bound."""


@dataclass(frozen=True)
class AdmissibleClaim:
    """A claim that is evidence for a target, with the interval it means."""

    claim: Claim
    low: float
    high: float


@dataclass(frozen=True)
class Reconciled:
    """A target with the claims it was derived from.

    Attributes
    ----------
    target : Target
    rule : TargetRule
    used : tuple of Claim
        The claims behind the interval.
    set_aside : dict
        Claims that match a query and are not used, with the reason.
    without : dict
        For each source: the interval without its claims; None if the others give none.
    """

    target: Target
    rule: TargetRule
    used: tuple[Claim, ...]
    set_aside: dict[str, str]
    without: dict[str, Interval | None]

    @property
    def interval(self) -> Interval:
        """The interval as numbers; days as proleptic Gregorian ordinals."""
        low, high = self.target.interval(dt.date.min)
        first = dt.date.min.toordinal() if self.rule.variable in DATED else 0
        return low + first, high + first

    def change(self, source: str) -> str:
        """Say what leaving out a source does: nothing left, same, wider, narrower or moved.

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
    """Return the target that follows from a ledger.

    Parameters
    ----------
    ledger : Ledger
    name : str
        The id of the target.
    rule : TargetRule
        How it is derived.

    Raises
    ------
    QantarError
        If no admissible claim matches, or a side of the interval stays open.
    """
    admitted, set_aside = admit(ledger, rule, matching_claims(ledger, rule))
    interval = _interval(rule, admitted)
    if interval is None:
        asked = [f"{a.subject} {a.predicate} {a.value}".rstrip() for a in rule.asks]
        wanted = " or ".join([*asked, *rule.also]) or "nothing: `asks` and `also` are empty"
        raise QantarError(
            f"target {name!r}: no claim of the ledger can give it",
            expected=f"a claim that answers {wanted}, with a closed interval",
            hint="add the claim, name one under `also`, or declare a bound under `assume`",
        )
    if rule.variable in DATED:
        low, high = (dt.date.fromordinal(int(bound)).isoformat() for bound in interval)
    else:
        low, high = (f"{bound:.10g}" for bound in interval)
    used = tuple(each.claim for each in admitted)
    notes = (rule.note, rule.assume.because if rule.assume else "")
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
        if _answers(ledger, claim, asked, place)
    }
    found |= {name: ledger.claims[name] for name in rule.also if name in ledger.claims}
    return [found[name] for name in sorted(found) if name not in rule.leave_out]


def _answers(ledger: Ledger, claim: Claim, asked: TargetQuery, place: str) -> bool:
    """Say whether a claim matches a query about a place."""
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
    """Return the claims of the firmest modality available, and why others are set aside."""
    set_aside: dict[str, str] = {}
    read: list[AdmissibleClaim] = []
    for claim in claims:
        interval = _reading(ledger, rule, claim)
        if claim.modality == "retracted":
            set_aside[claim.claim] = "retracted"
        elif interval is None:
            set_aside[claim.claim] = "gives no number or day"
        else:
            read.append(AdmissibleClaim(claim, *interval))
    for tier in MODALITY_TIERS:
        firm = [each for each in read if each.claim.modality in tier]
        if firm:
            weaker = [each for each in read if each not in firm]
            set_aside |= {each.claim.claim: f"only {each.claim.modality}" for each in weaker}
            return firm, set_aside
    return [], set_aside


def _reading(ledger: Ledger, rule: TargetRule, claim: Claim) -> Interval | None:
    """Return the interval that a claim gives: days, a number, yes or no, or one thing listed."""
    if rule.variable in DATED:
        start, end = claim.dates
        if start is None and end is None:
            return None
        low = float(start.toordinal()) if start else OPEN
        return low, float(end.toordinal()) if end else NEVER
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
    """Return the interval that a rule gives; None if there are no claims or a side is open."""
    if not admitted:
        return None
    low, high = _combine(rule, admitted)
    assume = rule.assume
    if assume is not None:
        floor, top = assume.bounds()
        low = floor if low == OPEN and floor is not None else low
        high = top if high == NEVER and top is not None else high
    if low == OPEN and rule.variable not in DATED:  # counts and shares are not negative
        low = 0.0
    if low == OPEN or high == NEVER:
        return None
    if assume is not None:
        low = low * (1 - assume.spread) - assume.slack_low
        high = high * (1 + assume.spread) + assume.slack_high
        if assume.spread and rule.unit not in CONTINUOUS:  # a count stays a whole number
            low, high = float(math.ceil(low)), float(math.floor(high))
    if low > high:
        return None
    return _rounded(low), _rounded(high)


def _combine(rule: TargetRule, admitted: list[AdmissibleClaim]) -> Interval:
    """Return the interval that a rule makes of claims, before the assumptions of the target."""
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
            return OPEN, min(each.high for each in admitted)
        case "floor":
            return max(each.low for each in admitted), NEVER
        case "listed":
            things = {(a.claim.place, a.claim.subject, a.claim.value) for a in admitted}
            return float(len(things)), NEVER
        case "happened" | "never":
            answers = {each.low for each in admitted}
            return 0.5 if answers == {1.0} else 0.0, 0.5 if answers == {0.0} else 1.0
        case "worded":
            return OPEN, NEVER


def _agree(admitted: list[AdmissibleClaim]) -> Interval:
    """Return the intersection of the claims; if it is empty, the span of the sharpest of them.

    A claim whose interval contains that of another one does not widen the span.
    """
    low, high = max(a.low for a in admitted), min(a.high for a in admitted)
    if low <= high:
        return low, high
    intervals = {(a.low, a.high) for a in admitted}
    sharpest = [
        wider
        for wider in admitted
        if not any(
            wider.low <= low and high <= wider.high and (low, high) != (wider.low, wider.high)
            for low, high in intervals
        )
    ]
    return _span(sharpest)


def _span(admitted: list[AdmissibleClaim]) -> Interval:
    """Return the span of the claims; an open side counts only if no claim closes it."""
    lows = [a.low for a in admitted if a.low > OPEN] or [OPEN]
    highs = [a.high for a in admitted if a.high != NEVER]
    top = max([*highs, *(a.low for a in admitted)]) if highs else NEVER
    return min(lows), top


def _as_of(rule: TargetRule, admitted: list[AdmissibleClaim]) -> Interval:
    """Return the figures of a day, bounded by earlier and later figures."""
    day = last_day(rule.date)
    near = dt.timedelta(days=rule.near)
    dated = [(a.claim.held_on, a) for a in admitted]
    of_day = [a for held, a in dated if held and day and day - near <= held <= day + near]
    floors = [a.low for held, a in dated if held and day and held < day - near]
    tops = [a.high for held, a in dated if held and day and held > day + near]
    low, high = _agree(of_day) if of_day else (OPEN, NEVER)
    floor, top = max([low, *floors]), min([high, *tops])
    if floor <= top:
        return floor, top
    closed = [bound for bound in (low, high, floor, top) if bound not in (OPEN, NEVER)]
    return min(closed), max(closed)


def _total(rule: TargetRule, admitted: list[AdmissibleClaim]) -> Interval:
    """Return the span of the last figures of all sources, not below any earlier figure."""
    settled = last_day(rule.settled)
    last: dict[str, AdmissibleClaim] = {}
    floors = [OPEN]
    for each in sorted(admitted, key=lambda a: (a.claim.held_on or dt.date.max, a.claim.claim)):
        held = each.claim.held_on
        if settled and held and held < settled:
            floors.append(each.low)
        else:
            last[each.claim.source] = each
    if not last:
        return max(floors), NEVER
    low, high = _span(list(last.values()))
    return max(low, min(max(floors), high)), high


def _rounded(bound: float) -> float:
    """Return a bound rounded to the ten digits with which it is printed."""
    return float(f"{bound:.10g}")
