"""Changes: interventions with a dose and a date, and the syntax of ``--change``.

A `Change` is an intervention with its dose and date; `Changes` are several changes at once. Empty
`Changes` are the null change. Both are plain values; the order of changes has no effect.

``a`` is an intervention, ``a@2022-01-03`` or ``a@2022-01-03T12:00`` sets its date, ``a=0.5`` its
dose, and ``a+b`` combines two. ``a@2022-01-02..2022-01-06/12h`` and ``a=0..1/0.25`` are ranges of
dates or doses with one alternative per value.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product
from typing import Literal, NamedTuple

from qantar.base.errors import QantarError
from qantar.packs.country import Country
from qantar.packs.episode import Episode
from qantar.packs.intervention import Intervention, Placed, load_intervention, parse_moment

HOUR = "%Y-%m-%dT%H:%M"
"""Format of an hour in a label."""


class Held(NamedTuple):
    """A hold with numeric bounds and its start and end."""

    kind: str
    least: float
    most: float
    begins: dt.datetime
    ends: dt.datetime
    where: Placed


class Step(NamedTuple):
    """A change of a number, and where it applies."""

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
        Within the range of the intervention; None if it has no dose.
    date : datetime or None
        Within the range of the intervention; None if it has no date.

    Raises
    ------
    QantarError
        If a dose or a date is missing, out of range, or given to an intervention without one.
    """

    intervention: Intervention
    dose: float | None = None
    date: dt.datetime | None = None

    def __post_init__(self) -> None:
        """Check the dose and the date."""
        _check_dose(self.intervention, self.dose)
        _check_date(self.intervention, self.date)

    @property
    def label(self) -> str:
        """Text from which `parse_changes` gives this change, including dose and date."""
        date = "" if self.date is None else f"@{self.date:{HOUR}}"
        dose = "" if self.dose is None else f"={shown(self.dose)}"
        return f"{self.intervention.name}{date}{dose}"

    @property
    def holds(self) -> tuple[Held, ...]:
        """Its bounds on decisions."""
        return tuple(
            Held(hold.kind, least.at(self.dose), most.at(self.dose), *hold.hours(self.date), hold)
            for hold in self.intervention.decisions
            for least, most in (hold.amounts(),)
        )

    @property
    def parameter_steps(self) -> tuple[Step, ...]:
        """Its changes of parameters of mechanisms and offices."""
        return tuple(
            Step(step.name, step.how, step.amount.at(self.dose), _EVERYWHERE)
            for step in self.intervention.parameters
        )

    @property
    def ground_steps(self) -> tuple[Step, ...]:
        """Its changes of environment variables."""
        return tuple(
            Step(step.variable, step.how, step.amount.at(self.dose), step)
            for step in self.intervention.ground
        )


@dataclass(frozen=True)
class Changes:
    """A set of changes, sorted by label; empty for the null change.

    Duplicates are dropped. Addition is commutative and associative.

    Attributes
    ----------
    changes : tuple of Change

    Raises
    ------
    QantarError
        If the changes contradict each other or their effect would depend on the order.
    """

    changes: tuple[Change, ...] = ()

    def __post_init__(self) -> None:
        """Sort, drop duplicates and check for contradictions."""
        kept: dict[Change, None] = dict.fromkeys(self.changes)
        ordered = tuple(sorted(kept, key=lambda change: change.label))
        object.__setattr__(self, "changes", ordered)
        for first, second in combinations(ordered, 2):
            _check_names(first, second)
        _check_bounds([(change, held) for change in ordered for held in change.holds])
        _check_steps([(change, step) for change in ordered for step in change.parameter_steps])
        _check_steps([(change, step) for change in ordered for step in change.ground_steps])

    def __add__(self, other: Changes) -> Changes:
        """Return the union of both."""
        if not isinstance(other, Changes):
            return NotImplemented
        return Changes((*self.changes, *other.changes))

    def __iter__(self) -> Iterator[Change]:
        """Yield the changes in the order of their labels."""
        return iter(self.changes)

    def __len__(self) -> int:
        """Return the number of changes; the null change is false."""
        return len(self.changes)

    @property
    def label(self) -> str:
        """Text from which `parse_changes` gives these changes; empty for the null change."""
        return "+".join(change.label for change in self.changes)


def shown(dose: float) -> str:
    """Return the shortest text that reads back as exactly this dose."""
    return repr(float(dose)).removesuffix(".0")


def _check_dose(intervention: Intervention, dose: float | None) -> None:
    name, declared = intervention.name, intervention.dose
    if declared is None:
        if dose is not None:
            raise QantarError(
                f"{name!r} has no dose", expected=f"`{name}` alone", hint="leave out `=...`"
            )
        return
    expected = f"{declared.low:g} to {declared.high:g} {declared.unit}: {declared.label}"
    if dose is None:
        raise QantarError(f"{name!r} needs a dose", expected=expected)
    if not declared.low <= dose <= declared.high:
        raise QantarError(
            f"{name}={shown(dose)}: the dose is out of range",
            expected=expected,
            hint=f"`qantar show intervention {name}` explains it",
        )


def _check_date(intervention: Intervention, date: dt.datetime | None) -> None:
    name, declared = intervention.name, intervention.date
    if declared is None:
        if date is not None:
            raise QantarError(
                f"{name!r} has no date to choose",
                expected=f"`{name}` alone",
                hint="leave out `@...`",
            )
        return
    expected = f"{declared.earliest:{HOUR}} to {declared.latest:{HOUR}}"
    if date is None:
        raise QantarError(f"{name!r} needs a date", expected=expected)
    if not declared.earliest <= date <= declared.latest:
        raise QantarError(
            f"{name}@{date:{HOUR}}: the date is out of range",
            expected=expected,
            hint=f"`qantar show intervention {name}` explains it",
        )


def _check_names(first: Change, second: Change) -> None:
    """Refuse two changes with the same name."""
    if first.intervention.name != second.intervention.name:
        return
    same = first.label == second.label
    why = "from two files" if same else "with two doses or dates"
    raise QantarError(
        f"{first.intervention.name!r} appears twice, {why}: {first.label}, {second.label}",
        expected="one of them",
        hint="rename one of the files" if same else "run them as two what-ifs, or as a range",
    )


def _check_bounds(held: list[tuple[Change, Held]]) -> None:
    """Refuse bounds on a decision that exclude each other."""
    for (first, a), (second, b) in combinations(held, 2):
        if a.kind != b.kind or max(a.least, b.least) <= min(a.most, b.most):
            continue
        begins, ends = max(a.begins, b.begins), min(a.ends, b.ends)
        if begins < ends and a.where.meets(b.where):
            raise QantarError(
                f"{_both(first, second)} put bounds on {a.kind} that exclude each other: "
                f"at least {max(a.least, b.least):g}, at most {min(a.most, b.most):g}",
                expected="hours or regions that do not overlap, or compatible bounds",
                hint="leave one of them out, or choose another date or dose",
            )


def _check_steps(steps: list[tuple[Change, Step]]) -> None:
    """Refuse changes of a number whose result depends on the order."""
    for (first, a), (second, b) in combinations(steps, 2):
        if a.name != b.name or not a.where.meets(b.where):
            continue
        if a.how == b.how and (a.how != "set" or a.amount == b.amount):
            continue
        what = f"to {a.amount:g} and to {b.amount:g}" if a.how == b.how else "in two ways"
        ways = " and ".join(sorted({a.how, b.how}))
        raise QantarError(
            f"{_both(first, second)} change {a.name} {what} ({ways})",
            expected="changes that only add, only multiply, or set one value",
            hint="leave one of them out: the result would depend on their order",
        )


def _both(first: Change, second: Change) -> str:
    """Return the labels of two changes, or of one that contradicts itself."""
    names = dict.fromkeys((first.label, second.label))
    return " and ".join(names)


MAX_CURVE_POINTS = 200
"""Largest number of alternatives in a range: each is run in full."""

_PART = re.compile(r"(?P<name>.+?\.yaml|[^@=]+)(?:@(?P<date>[^@=]*))?(?:=(?P<dose>[^@=]*))?")
_RANGE = re.compile(r"(?P<first>.+?)\.\.(?P<last>.+?)/(?P<step>.+)")
_STEP_OF_TIME = re.compile(r"(?P<count>\d{1,6})(?P<unit>[hd])")
_HOURS = {"h": 1, "d": 24}
_TOLERANCE = 1e-9  # of a step: 0.1 + 0.1 + 0.1 still reaches 0.3
_DIGITS = 12  # of a dose in a range: 0.3 and not 0.30000000000000004

_FORMS = "NAME, NAME@DATE, NAME=DOSE, NAME@DATE=DOSE, joined by +"


def parse_changes(country: Country, episode: Episode, text: str) -> tuple[Changes, ...]:
    """Parse the text of ``--change``.

    Parameters
    ----------
    country : Country
    episode : Episode
        The episode to which the changes apply.
    text : str
        Interventions by name, or as paths that end in ``.yaml``. A path must not contain ``+``,
        ``@`` or ``=`` in its folder names.

    Returns
    -------
    tuple of Changes
        One, or one per value of a range.

    Raises
    ------
    UnknownNameError
        If an intervention does not exist.
    QantarError
        If the text is malformed or contains two ranges, a dose or date is out of range, an
        intervention belongs to another episode, or the changes contradict each other.
    """
    parts = [_part(country, episode, part.strip()) for part in text.split("+")]
    if sum(len(choices) > 1 for choices in parts) > 1:
        raise _two_ranges(text)
    return tuple(Changes(choice) for choice in product(*parts))


def _part(country: Country, episode: Episode, text: str) -> list[Change]:
    """Parse one intervention with its date and dose."""
    found = _PART.fullmatch(text)
    if found is None:
        raise QantarError(f"{text!r} is not a change", expected=_FORMS)
    intervention = load_intervention(country, found["name"].strip())
    _check_episode(intervention, episode)
    dates, doses = _dates(intervention, found["date"]), _doses(intervention, found["dose"])
    if len(dates) > 1 and len(doses) > 1:
        raise _two_ranges(text)
    return [Change(intervention, dose, date) for date in dates for dose in doses]


def _two_ranges(text: str) -> QantarError:
    return QantarError(
        f"{text!r} contains two ranges",
        expected="one range: a curve has one axis",
        hint="fix one of them, and run once for each value",
    )


def _check_episode(intervention: Intervention, episode: Episode) -> None:
    if intervention.episodes and episode.name not in intervention.episodes:
        raise QantarError(
            f"{intervention.name!r} does not belong to the episode {episode.name!r}",
            expected=", ".join(intervention.episodes),
            hint="`qantar list interventions` shows the episode of each",
        )


def _dates(intervention: Intervention, text: str | None) -> list[dt.datetime | None]:
    """Parse a date or a range of dates; without text, return the default."""
    if text is None:
        return [intervention.date.default if intervention.date else None]
    between = _RANGE.fullmatch(text.strip())
    if between is None:
        return [_moment(text)]
    first, last = _moment(between["first"]), _moment(between["last"])
    step = _STEP_OF_TIME.fullmatch(between["step"].strip())
    if step is None or int(step["count"]) == 0:
        raise QantarError(
            f"{between['step']!r} is not a step of a range of dates",
            expected="hours or days: 12h, 1d",
        )
    hours = int(step["count"]) * _HOURS[step["unit"]]
    count = _count(text, (last - first).total_seconds() / 3600, hours)
    return [first + dt.timedelta(hours=k * hours) for k in range(count)]


def _doses(intervention: Intervention, text: str | None) -> list[float | None]:
    """Parse a dose or a range of doses; without text, return the default."""
    if text is None:
        return [intervention.dose.default if intervention.dose else None]
    between = _RANGE.fullmatch(text.strip())
    if between is None:
        return [_number(text)]
    first, last, step = (_number(between[part]) for part in ("first", "last", "step"))
    if step <= 0:
        raise QantarError(f"{between['step']!r} is not a step of a range", expected="above zero")
    return [round(first + k * step, _DIGITS) for k in range(_count(text, last - first, step))]


def _count(text: str, length: float, step: float) -> int:
    """Return the number of values in a range, first and last included."""
    if length < 0:
        raise QantarError(f"the range {text!r} ends before it begins", expected="FIRST..LAST/STEP")
    steps = length / step
    if steps >= MAX_CURVE_POINTS:
        raise QantarError(
            f"the range {text!r} has too many values", expected=f"at most {MAX_CURVE_POINTS} values"
        )
    if abs(steps - round(steps)) > _TOLERANCE:
        raise QantarError(
            f"the steps of the range {text!r} do not reach its end",
            expected="a step that divides the range into equal parts",
        )
    return round(steps) + 1


def _moment(text: str) -> dt.datetime:
    try:
        return parse_moment(text.strip())
    except ValueError as error:
        raise QantarError(
            f"{text!r} is not a date: {error}",
            expected="2022-01-03 or 2022-01-03T12:00, or a range 2022-01-02..2022-01-06/12h",
        ) from error


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise QantarError(
            f"{text!r} is not a dose", expected="a number, or a range such as 0..1/0.25"
        )
    return number
