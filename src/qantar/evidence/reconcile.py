"""Reconciliation: from claims that disagree to one interval, by a declared rule.

Every rule takes the firmest claims there are and never leaves the range that they span, but for
what the target declares on top: a bound where every claim is silent, an error of counting, a slack.

========== =====================================================================================
agree      what the claims share; where they share nothing, all that the sharpest of them span
by         the claims show a thing under way: it began on their day or before
as_of      a running count on a day: figures of the day, bounded by earlier and later ones
total      the last figure of every source, never below an earlier floor
add        counts of different scopes added up
floor      the highest least figure; the top is open
listed     as many as the claims list one by one; the top is open
happened   probability 0.5 to 1; 0 to 1 where the sources clash
never      probability 0 to 0.5; 0 to 1 where the sources clash
worded     the claims give words and no number; both bounds are declared
========== =====================================================================================
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from qantar.base.errors import QantarError
from qantar.evidence.claims import Claim
from qantar.evidence.codebook import Interval
from qantar.evidence.dates import first_day, last_day
from qantar.evidence.ledger import Ledger
from qantar.evidence.targets import DATED, Asked, Target, TargetRule

TIERS: tuple[tuple[str, ...], ...] = (("stated", "attributed"), ("disputed",), ("speculated",))
"""Modalities from firmest to weakest; retracted claims are kept in the ledger and never used."""

CONTINUOUS = ("share", "probability", "percent", "ratio")
"""Units in which a bound need not be a whole number."""

OPEN, NEVER = -math.inf, math.inf
"""A side that no claim closes."""


@dataclass(frozen=True)
class Admitted:
    """A claim that may speak to a target, with the interval it is taken to mean."""

    claim: Claim
    low: float
    high: float


@dataclass(frozen=True)
class Reconciled:
    """A target with how it came about.

    Attributes
    ----------
    target : Target
    rule : TargetRule
    used : tuple of Claim
        The claims behind the interval.
    set_aside : dict
        Claims that were asked for and not used, with the reason.
    without : dict
        For each source: the interval that the others give alone; None if nothing is left.
    """

    target: Target
    rule: TargetRule
    used: tuple[Claim, ...]
    set_aside: dict[str, str]
    without: dict[str, Interval | None]

    @property
    def interval(self) -> Interval:
        """The interval as numbers; days as ordinals of the calendar."""
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
        How it is made.

    Raises
    ------
    QantarError
        If no admissible claim answers, or a claim leaves a side open that nothing closes.
    """
    asked = claims_for(ledger, rule)
    admitted, set_aside = admit(ledger, rule, asked)
    interval = _interval(rule, admitted)
    if interval is None:
        raise QantarError(
            f"target {name!r}: no claim of the ledger can give it",
            expected=f"a claim that answers {_asked(rule)}, with a closed interval",
            mend="add the claim, name one under `also`, or declare a bound under `assume`",
        )
    used = tuple(each.claim for each in admitted)
    return Reconciled(
        target=_target(name, rule, interval, used),
        rule=rule,
        used=used,
        set_aside=set_aside,
        without={
            source: _interval(rule, [a for a in admitted if a.claim.source != source])
            for source in dict.fromkeys(claim.source for claim in used)
        },
    )


def claims_for(ledger: Ledger, rule: TargetRule) -> list[Claim]:
    """Return the claims that speak to a target, in the order of their ids."""
    place = ledger.gazetteer.name(rule.level, rule.name)
    found = {
        claim.claim: claim
        for asked in rule.asks
        for claim in ledger.by_quantity.get((asked.subject, asked.predicate), ())
        if _answers(ledger, claim, asked, place)
    }
    found |= {name: ledger.claims[name] for name in rule.also if name in ledger.claims}
    return [found[name] for name in sorted(found) if name not in rule.leave_out]


def admit(
    ledger: Ledger, rule: TargetRule, claims: Iterable[Claim]
) -> tuple[list[Admitted], dict[str, str]]:
    """Return the claims of the firmest tier there is, and why others are set aside."""
    set_aside: dict[str, str] = {}
    read: list[Admitted] = []
    for claim in claims:
        interval = _reading(ledger, rule, claim)
        if claim.modality == "retracted":
            set_aside[claim.claim] = "retracted"
        elif interval is None:
            set_aside[claim.claim] = "gives no number or day"
        else:
            read.append(Admitted(claim, *interval))
    for tier in TIERS:
        firm = [each for each in read if each.claim.modality in tier]
        if firm:
            weaker = [each for each in read if each not in firm]
            set_aside |= {each.claim.claim: f"only {each.claim.modality}" for each in weaker}
            return firm, set_aside
    return [], set_aside


def _answers(ledger: Ledger, claim: Claim, asked: Asked, place: str) -> bool:
    until = last_day(asked.held)
    return (
        asked.value in ("", claim.value)
        and claim.scope in asked.scope
        and (asked.stage is None or claim.stage in asked.stage)
        and ledger.gazetteer.compare(claim.places, [asked.place or place]) in asked.extent
        and (not asked.about or claim.happens_in((first_day(asked.about), last_day(asked.about))))
        and (until is None or claim.held_on is None or claim.held_on <= until)
    )


def _reading(ledger: Ledger, rule: TargetRule, claim: Claim) -> Interval | None:
    """Return what a claim says about a target: days, a number, yes or no, or one thing listed."""
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


def _agree(rule: TargetRule, admitted: list[Admitted]) -> Interval:
    """Return what the claims share; where they share nothing, all that the sharpest span.

    A claim that a sharper one refines (its interval holds the other's) widens nothing.
    """
    low, high = max(a.low for a in admitted), min(a.high for a in admitted)
    if low <= high:
        return low, high
    sharp = [a for a in admitted if not any(_refines(other, a) for other in admitted)]
    return _span(sharp)


def _refines(sharper: Admitted, wider: Admitted) -> bool:
    inside = wider.low <= sharper.low and sharper.high <= wider.high
    return inside and (sharper.low, sharper.high) != (wider.low, wider.high)


def _span(admitted: list[Admitted]) -> Interval:
    """Return all that claims span; an open side counts only if nothing closes it."""
    lows = [a.low for a in admitted if a.low > OPEN] or [OPEN]
    highs = [a.high for a in admitted if a.high != NEVER]
    top = max([*highs, *(a.low for a in admitted)]) if highs else NEVER
    return min(lows), top


def _by(rule: TargetRule, admitted: list[Admitted]) -> Interval:
    return OPEN, min(a.high for a in admitted)


def _as_of(rule: TargetRule, admitted: list[Admitted]) -> Interval:
    """Return figures of the day where there are any, else what others leave open."""
    day = last_day(rule.date)
    near = dt.timedelta(days=rule.near)
    dated = [(a.claim.held_on, a) for a in admitted]
    of_day = [a for held, a in dated if held and day and day - near <= held <= day + near]
    floors = [a.low for held, a in dated if held and day and held < day - near]
    tops = [a.high for held, a in dated if held and day and held > day + near]
    low, high = _agree(rule, of_day) if of_day else (OPEN, NEVER)
    floor, top = max([low, *floors]), min([high, *tops])
    if floor <= top:
        return floor, top
    closed = [bound for bound in (low, high, floor, top) if bound not in (OPEN, NEVER)]
    return min(closed), max(closed)


def _total(rule: TargetRule, admitted: list[Admitted]) -> Interval:
    """Return what the last figures of all sources span, above every earlier floor."""
    settled = last_day(rule.settled)
    last: dict[str, Admitted] = {}
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


def _add(rule: TargetRule, admitted: list[Admitted]) -> Interval:
    """Return the sum over scopes of what the claims of each scope agree on."""
    scopes = dict.fromkeys(each.claim.scope for each in admitted)
    parts = [_agree(rule, [a for a in admitted if a.claim.scope == scope]) for scope in scopes]
    return sum(part[0] for part in parts), sum(part[1] for part in parts)


def _floor(rule: TargetRule, admitted: list[Admitted]) -> Interval:
    return max(a.low for a in admitted), NEVER


def _listed(rule: TargetRule, admitted: list[Admitted]) -> Interval:
    """Return the number of different things listed, with no upper end."""
    things = {(a.claim.place, a.claim.subject, a.claim.value) for a in admitted}
    return float(len(things)), NEVER


def _probable(rule: TargetRule, admitted: list[Admitted]) -> Interval:
    said = {each.low for each in admitted}
    if said == {1.0}:
        return 0.5, 1.0
    return (0.0, 0.5) if said == {0.0} else (0.0, 1.0)


def _worded(rule: TargetRule, admitted: list[Admitted]) -> Interval:
    return OPEN, NEVER


_RULES: dict[str, Callable[[TargetRule, list[Admitted]], Interval]] = {
    "agree": _agree,
    "by": _by,
    "as_of": _as_of,
    "total": _total,
    "add": _add,
    "floor": _floor,
    "listed": _listed,
    "happened": _probable,
    "never": _probable,
    "worded": _worded,
}


def _interval(rule: TargetRule, admitted: list[Admitted]) -> Interval | None:
    """Return what a rule makes of claims; None if nothing or nothing closed is left."""
    if not admitted:
        return None
    low, high = _RULES[rule.rule](rule, admitted)
    if rule.assume is not None:
        floor, top = rule.assume.bounds()
        low = floor if low == OPEN and floor is not None else low
        high = top if high == NEVER and top is not None else high
    if low == OPEN and rule.variable not in DATED:  # nothing is less than none
        low = 0.0
    low, high = _widened(rule, low, high)
    if high == NEVER or low == OPEN or low > high:
        return None
    return _rounded(low), _rounded(high)


def _widened(rule: TargetRule, low: float, high: float) -> Interval:
    """Return an interval with the declared error and slack; a count stays a whole number."""
    if rule.assume is None:
        return low, high
    low = low * (1 - rule.assume.spread) - rule.assume.slack_low
    high = high * (1 + rule.assume.spread) + rule.assume.slack_high
    if rule.assume.spread and rule.unit not in CONTINUOUS and high != NEVER:
        low, high = float(math.ceil(low)), float(math.floor(high))
    return low, high


def _rounded(bound: float) -> float:
    """Return a bound without the last digits of the arithmetic, as it is printed."""
    return float(f"{bound:.10g}")


def _target(name: str, rule: TargetRule, interval: Interval, used: tuple[Claim, ...]) -> Target:
    if rule.variable in DATED:
        low, high = (dt.date.fromordinal(int(bound)).isoformat() for bound in interval)
    else:
        low, high = (f"{bound:.10g}" for bound in interval)
    because = rule.assume.because if rule.assume else ""
    return Target(
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
        note="; ".join(filter(None, (rule.note, because))),
    )


def _asked(rule: TargetRule) -> str:
    asked = [f"{a.subject} {a.predicate} {a.value}".rstrip() for a in rule.asks]
    return " or ".join([*asked, *rule.also]) or "nothing: `asks` and `also` are empty"
