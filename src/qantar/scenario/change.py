"""Changes: interventions with their dose and date chosen, and how several go together.

A `Change` is one intervention as it is used; `Changes` are several at once, and none is the null
change. They are plain values: equal changes are interchangeable, and their order means nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, NamedTuple

from qantar.errors import QantarError
from qantar.scenario.intervention import Intervention, Placed

HOUR = "%Y-%m-%dT%H:%M"
"""How a label writes an hour."""


class Held(NamedTuple):
    """A hold with its bounds and hours as numbers and moments."""

    kind: str
    least: float
    most: float
    begins: dt.datetime
    ends: dt.datetime
    where: Placed


class Step(NamedTuple):
    """A number that is added to, multiplied or set, and where."""

    name: str
    how: Literal["add", "multiply", "set"]
    amount: float
    where: Placed


_EVERYWHERE = Placed()


@dataclass(frozen=True)
class Change:
    """An intervention with its dose and its date.

    Attributes
    ----------
    intervention : Intervention
    dose : float or None
        Within the range of the intervention; None for one that has no dose.
    date : datetime or None
        Likewise.

    Raises
    ------
    QantarError
        If a dose or a date is missing, out of range, or given to an intervention without one.
    """

    intervention: Intervention
    dose: float | None = None
    date: dt.datetime | None = None

    def __post_init__(self) -> None:
        """Refuse a dose or a date that the intervention does not allow."""
        _check_dose(self.intervention, self.dose)
        _check_date(self.intervention, self.date)

    @property
    def label(self) -> str:
        """The text that gives this change back, with its dose and date written out."""
        date = "" if self.date is None else f"@{self.date:{HOUR}}"
        dose = "" if self.dose is None else f"={shown(self.dose)}"
        return f"{self.intervention.name}{date}{dose}"

    @property
    def holds(self) -> tuple[Held, ...]:
        """What it holds decisions to."""
        return tuple(
            Held(hold.kind, least.at(self.dose), most.at(self.dose), *hold.hours(self.date), hold)
            for hold in self.intervention.decisions
            for least, most in (hold.amounts(),)
        )

    @property
    def parameter_steps(self) -> tuple[Step, ...]:
        """What it does to parameters of mechanisms and offices."""
        return tuple(
            Step(step.name, step.how, step.amount.at(self.dose), _EVERYWHERE)
            for step in self.intervention.parameters
        )

    @property
    def ground_steps(self) -> tuple[Step, ...]:
        """What it does to the ground."""
        return tuple(
            Step(step.variable, step.how, step.amount.at(self.dose), step)
            for step in self.intervention.ground
        )


@dataclass(frozen=True)
class Changes:
    """Several changes at once, in the order of their labels; none is the null change.

    A change that is there already adds nothing. Adding is commutative and associative: what is
    refused is refused in every order.

    Raises
    ------
    QantarError
        If it would depend on the order what they do, or if no run could do them all.
    """

    changes: tuple[Change, ...] = ()

    def __post_init__(self) -> None:
        """Sort, drop what stands twice, and refuse what does not go together."""
        kept: dict[Change, None] = dict.fromkeys(self.changes)
        ordered = tuple(sorted(kept, key=lambda change: change.label))
        object.__setattr__(self, "changes", ordered)
        for first, second in combinations(ordered, 2):
            _refuse_twice(first, second)
        _refuse_bounds([(change, held) for change in ordered for held in change.holds])
        _refuse_steps([(change, step) for change in ordered for step in change.parameter_steps])
        _refuse_steps([(change, step) for change in ordered for step in change.ground_steps])

    def __add__(self, other: Changes) -> Changes:
        """Return both together."""
        if not isinstance(other, Changes):
            return NotImplemented
        return Changes((*self.changes, *other.changes))

    def __iter__(self) -> Iterator[Change]:
        """Yield the changes in the order of their labels."""
        return iter(self.changes)

    def __len__(self) -> int:
        """Return how many there are; the null change is false."""
        return len(self.changes)

    @property
    def label(self) -> str:
        """The text that gives them back; empty for the null change."""
        return "+".join(change.label for change in self.changes)


def shown(dose: float) -> str:
    """Return a dose as short as it can be read back exactly."""
    return repr(float(dose)).removesuffix(".0")


def _check_dose(intervention: Intervention, dose: float | None) -> None:
    name, declared = intervention.name, intervention.dose
    if declared is None:
        if dose is not None:
            raise QantarError(
                f"{name!r} has no dose", expected=f"`{name}` alone", mend="leave out `=...`"
            )
        return
    expected = f"{declared.low:g} to {declared.high:g} {declared.unit}: {declared.label}"
    if dose is None:
        raise QantarError(f"{name!r} needs a dose", expected=expected)
    if not declared.low <= dose <= declared.high:
        raise QantarError(
            f"{name}={shown(dose)}: the dose is out of range",
            expected=expected,
            mend=f"`qantar show intervention {name}` tells what it means",
        )


def _check_date(intervention: Intervention, date: dt.datetime | None) -> None:
    name, declared = intervention.name, intervention.date
    if declared is None:
        if date is not None:
            raise QantarError(
                f"{name!r} has no date to choose",
                expected=f"`{name}` alone",
                mend="leave out `@...`",
            )
        return
    expected = f"{declared.earliest:{HOUR}} to {declared.latest:{HOUR}}"
    if date is None:
        raise QantarError(f"{name!r} needs a date", expected=expected)
    if not declared.earliest <= date <= declared.latest:
        raise QantarError(
            f"{name}@{date:{HOUR}}: the date is out of range",
            expected=expected,
            mend=f"`qantar show intervention {name}` tells what it means",
        )


def _refuse_twice(first: Change, second: Change) -> None:
    """One intervention has one dose and one date, and one name means one intervention."""
    if first.intervention.name != second.intervention.name:
        return
    same = first.label == second.label
    why = "from two files" if same else "with two doses or dates"
    raise QantarError(
        f"{first.intervention.name!r} stands twice, {why}: {first.label}, {second.label}",
        expected="one of them",
        mend="rename one of the files" if same else "run them as two what-ifs, or as a range",
    )


def _refuse_bounds(held: list[tuple[Change, Held]]) -> None:
    """A decision cannot be held above one bound and below a lower one at once."""
    for (first, a), (second, b) in combinations(held, 2):
        if a.kind != b.kind or max(a.least, b.least) <= min(a.most, b.most):
            continue
        begins, ends = max(a.begins, b.begins), min(a.ends, b.ends)
        if begins < ends and a.where.meets(b.where):
            raise QantarError(
                f"{_both(first, second)} hold {a.kind} to bounds that exclude each other: "
                f"at least {max(a.least, b.least):g}, at most {min(a.most, b.most):g}",
                expected="hours or regions that do not overlap, or bounds that leave room",
                mend="leave one of them out, or choose another date or dose",
            )


def _refuse_steps(steps: list[tuple[Change, Step]]) -> None:
    """Sums go together and products go together; anything else depends on the order."""
    for (first, a), (second, b) in combinations(steps, 2):
        if a.name != b.name or not a.where.meets(b.where):
            continue
        if a.how == b.how and (a.how != "set" or a.amount == b.amount):
            continue
        what = f"to {a.amount:g} and to {b.amount:g}" if a.how == b.how else "in two ways"
        ways = " and ".join(sorted({a.how, b.how}))
        raise QantarError(
            f"{_both(first, second)} change {a.name} {what} ({ways})",
            expected="steps that only add, or only multiply, or one value",
            mend="leave one of them out: the result would depend on their order",
        )


def _both(first: Change, second: Change) -> str:
    """Name two changes, or the one that is at odds with itself."""
    names = dict.fromkeys((first.label, second.label))
    return " and ".join(names)
