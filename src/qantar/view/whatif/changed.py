"""What is changed in a world, in words, and whether several worlds form a range of one change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from qantar.scenario.change import Change, Changes
from qantar.study.whatif.result import World
from qantar.view.style import long_day

LEAST = 3
"""Worlds from which a dose or a date is drawn as a curve; two points show no course."""


@dataclass(frozen=True)
class Range:
    """Alternatives that differ in one dose or one date.

    Attributes
    ----------
    title : str
        The change that is varied.
    axis : str
        What is varied, with its unit.
    points : tuple of (label of the world, dose, date as text)
        In rising order; the number is the dose, or hours since the first date.
    """

    title: str
    axis: str
    dated: bool
    points: tuple[tuple[str, float, str], ...]


@dataclass(frozen=True)
class Told:
    """One change for the part on how the page was made."""

    title: str
    how: str
    baseline: str
    reason: str
    grade: str
    claims: str
    note: str


def titles_of(changes: Changes) -> str:
    """Return the titles of all changes of a world, with dose and date where they have one."""
    return " and ".join(_with_choice(change) for change in changes)


FEW = 30
"""Pairs below which an interval of their mean is not to be trusted."""


def cautions_of(changes: Changes, pairs: int) -> tuple[str, ...]:
    """Return what must be said beside every answer about a world, each thing once.

    Parameters
    ----------
    changes : Changes
    pairs : int
        How many the answer rests on.
    """
    told = [f"Only {pairs} pairs: a first look, nothing to cite."] if pairs < FEW else []
    told += [change.intervention.caution for change in changes]
    return tuple(dict.fromkeys(text for text in told if text))


def expected_of(changes: Changes) -> dict[str, tuple[str, str]]:
    """Return what is expected by quantity: a sign and the reason.

    Where two changes of a world expect different signs of one quantity, either is expected.
    """
    found: dict[str, tuple[str, str]] = {}
    for change in changes:
        for each in change.intervention.expected:
            sign, because = str(each.sign), str(each.because)
            if each.outcome in found:
                before, reason = found[each.outcome]
                sign = sign if sign == before else "either"
                because = f"{reason}; {because}"
            found[each.outcome] = (sign, because)
    return found


def told_of(changes: Changes) -> list[Told]:
    """Return every change of a world with what its file says of it."""
    return [
        Told(
            title=change.intervention.title,
            how=_choice(change),
            baseline=change.intervention.baseline,
            reason=change.intervention.reason,
            grade=str(change.intervention.grade),
            claims=", ".join(change.intervention.claims),
            note=change.intervention.note,
        )
        for change in changes
    ]


def range_of(worlds: Sequence[World]) -> Range | None:
    """Return the one dose or date in which all worlds differ, or None if they differ otherwise."""
    sets = [list(world.changes) for world in worlds]
    names = {tuple(change.intervention.name for change in changes) for changes in sets}
    if len(worlds) < LEAST or len(names) != 1:
        return None
    found = []
    for place in range(len(sets[0])):
        column = [changes[place] for changes in sets]
        for attribute in ("dose", "date"):
            values = [getattr(change, attribute) for change in column]
            if len(set(values)) > 1:
                found.append((column, attribute, values))
    if len(found) != 1 or None in found[0][2] or len(set(found[0][2])) < LEAST:
        return None
    column, attribute, values = found[0]
    return _range(worlds, column[0], attribute, values)


def _range(
    worlds: Sequence[World],
    change: Change,
    attribute: str,
    values: Sequence[float | dt.datetime],
) -> Range:
    labels = [world.label for world in worlds]
    dates = [value for value in values if isinstance(value, dt.datetime)]
    points = [
        (label, (value - min(dates)).total_seconds() / 3600, moment_in_words(value))
        if isinstance(value, dt.datetime)
        else (label, value, f"{value:g}")
        for label, value in zip(labels, values, strict=True)
    ]
    points.sort(key=lambda point: point[1])
    dated = attribute == "date"
    dose = change.intervention.dose
    axis = "date of the change"
    if not dated:
        axis = f"{dose.label} ({dose.unit})" if dose else "dose"
    return Range(change.intervention.title, axis, dated, tuple(points))


def moment_in_words(moment: dt.datetime) -> str:
    """Return a moment as 5 March 18:00, without the hour where the day begins."""
    day = long_day(moment.date())
    return day if moment.time() == dt.time() else f"{day} {moment:%H:%M}"


def _with_choice(change: Change) -> str:
    chosen = _choice(change)
    title: str = change.intervention.title
    return f"{title} ({chosen})" if chosen else title


def _choice(change: Change) -> str:
    """Return the dose and the date of a change, where it has one."""
    parts = []
    dose = change.intervention.dose
    if change.dose is not None and dose is not None:
        parts.append(f"{dose.label}: {change.dose:g} {dose.unit}".strip())
    if change.date is not None:
        parts.append(moment_in_words(change.date))
    return ", ".join(parts)
