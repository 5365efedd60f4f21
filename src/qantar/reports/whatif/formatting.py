"""Formats of numbers, the table of differences, and axes shared by the parts of a what-if report.

`Rows` looks up the table of differences. The functions on changes describe what is changed in a
world, and whether several worlds form a range of one change.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from qantar.analysis.outcomes import Layout
from qantar.analysis.whatif.result import COLUMNS, WhatIf, World
from qantar.packs.episode import Episode
from qantar.reports.style import (
    BLUE,
    MUTED,
    ORANGE,
    RULE,
    VERMILION,
    axis_number,
    long_day,
    many,
    short_day,
)
from qantar.reports.timeline import name_days
from qantar.simulate.changes import Change, Changes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DAYS = ("last_day", "onset_day")
"""Quantities whose values are days of the window; differences are in days."""

SHARES = ("probability", "share")
"""Units of values between 0 and 1; differences are in percentage points."""

UNITS = {"probability": "points", "share": "points", "day": "days"}
"""Units of differences that are not the unit of the value."""

NOTHING = 0.05
"""Share of pairs that must differ for an effect to count."""

FEW_PAIRS = 50
"""Pairs below which a what-if is a preview: effects only in tables, with their intervals.

The bootstrap intervals of a mean are too narrow for so few pairs.
"""

LEAST = 3
"""Fewest worlds that are drawn as a curve over doses or dates."""

BEFORE, AFTER = BLUE, VERMILION
"""Colours of the baseline and of the changed world."""

BAND = {BEFORE: "#56B4E9", AFTER: ORANGE}
"""Colour of the band of each line."""

NONE = "none"
MINUS = "\u2212"
_WHOLE, _THREE_DIGITS = 10.0, 1000.0


@dataclass(frozen=True)
class Row:
    """One quantity in two worlds; see `qantar.analysis.whatif.result.COLUMNS`."""

    change: str
    mode: str
    account: str
    quantity: str
    level: str
    name: str
    unit: str
    baseline: float
    changed: float
    difference: float
    low: float
    high: float
    pair_low: float
    pair_high: float
    fewer: float
    same: float
    more: float
    variance_ratio: float
    flipped: float
    stable_ratio: float

    @property
    def clear(self) -> bool:
        """Whether there is a clear effect: enough pairs differ, and the interval excludes zero."""
        known = not math.isnan(self.low)
        return known and not self.alike and not self.low <= 0.0 <= self.high

    @property
    def alike(self) -> bool:
        """Whether almost no pair differs."""
        return self.same > 1.0 - NOTHING

    @property
    def sign(self) -> int:
        """-1 for fewer, 1 for more, 0 for no clear effect."""
        return 0 if not self.clear else (1 if self.difference > 0 else -1)


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
    """One change, as described by its file."""

    title: str
    how: str
    baseline: str
    reason: str
    grade: str
    claims: str
    note: str


def figure(value: float) -> str:
    """Return a number: three significant digits from 1000, an integer from 10, else one decimal."""
    if math.isnan(value):
        return NONE
    size = abs(value)
    if size >= _THREE_DIGITS:
        step = 10.0 ** (math.floor(math.log10(size)) - 2)
        text = f"{round(size / step) * step:,.0f}"
    elif size >= _WHOLE - 0.05:
        text = f"{size:.0f}"
    else:
        text = f"{size:.1f}".removesuffix(".0")
    return f"{MINUS}{text}" if value < 0 and text != "0" else text


def signed(value: float) -> str:
    """Return a difference with its sign: +12, −0.4 or 0."""
    text = figure(value)
    return text if text in ("0", NONE) or text.startswith(MINUS) else f"+{text}"


def format_value(quantity: str, unit: str, value: float, layout: Layout) -> str:
    """Return the value of a quantity in one world: 104, 37 % or 12 Mar."""
    if math.isnan(value):
        return NONE
    if quantity in DAYS:
        return short_day(layout.first_day + dt.timedelta(days=math.floor(value + 0.5)))
    return f"{100 * value:.0f}\u00a0%" if unit in SHARES else figure(value)


def format_difference(unit: str, value: float) -> str:
    """Return a difference with its sign, in percentage points where values are shares."""
    return signed(100 * value if unit in SHARES else value)


def difference_unit(unit: str) -> str:
    """Return the unit of a difference."""
    return UNITS.get(unit, unit)


def reach(unit: str, low: float, high: float) -> str:
    """Return an interval of differences: −55 to −12."""
    return f"{format_difference(unit, low)} to {format_difference(unit, high)}"


def table_of(result: WhatIf, name: str) -> pd.DataFrame:
    """Return a table of the result; empty if it was not made."""
    found = result.tables.get(name)
    return pd.DataFrame(columns=COLUMNS[name].split()) if found is None else found


def records_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as dictionaries."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


class Rows:
    """The table of differences of a what-if."""

    def __init__(self, result: WhatIf) -> None:
        names = list(Row.__annotations__)
        table = table_of(result, "differences")
        self._rows = [Row(**record) for record in records_of(table[names])]
        self.mode: str = result.scenario.decisions
        self.account: str = result.scenario.account.name
        self.country: str = result.baseline.outcome.layout.country

    def find(
        self,
        change: str,
        quantity: str,
        *,
        region: str | None = None,
        mode: str | None = None,
        account: str | None = None,
    ) -> Row | None:
        """Return a row or None; by default of the country, and of the run's mode and account."""
        where = ("country", self.country) if region is None else ("region", region)
        key = (change, mode or self.mode, account or self.account, quantity, *where)
        for row in self._rows:
            if (row.change, row.mode, row.account, row.quantity, row.level, row.name) == key:
                return row
        return None

    def of_change(self, change: str, level: str) -> list[Row]:
        """Return the rows of one change at a level, in the order of the table."""
        key = (change, self.mode, self.account, level)
        return [r for r in self._rows if (r.change, r.mode, r.account, r.level) == key]

    @property
    def modes(self) -> list[str]:
        """Decision modes under the account of the run, its own first."""
        found = dict.fromkeys(r.mode for r in self._rows if r.account == self.account)
        return sorted(found, key=lambda mode: mode != self.mode)

    @property
    def accounts(self) -> list[str]:
        """Accounts under the decision mode of the run, its own first."""
        found = dict.fromkeys(r.account for r in self._rows if r.mode == self.mode)
        return sorted(found, key=lambda account: account != self.account)


def number_axis(axes: Axes) -> None:
    """Write short numbers along the vertical axis."""
    axes.yaxis.set_major_formatter(lambda value, _: axis_number(value))
    axes.grid(axis="y")


def day_axis(axes: Axes, episode: Episode, *, labels: bool, every: int) -> None:
    """Mark midnights of an episode, and label days at noon."""
    for k in range(1, len(episode.days)):
        axes.axvline(24.0 * k, color=RULE, linewidth=0.5, zorder=0)
    name_days(axes, episode.days, labels=labels, every=every)


def zero_line(axes: Axes) -> None:
    """Draw the line of no difference."""
    axes.axhline(0, color=MUTED, linewidth=1)


def change_titles(changes: Changes) -> str:
    """Return the titles of all changes of a world, with dose and date if they have any."""
    titles = []
    for change in changes:
        chosen = _choice(change)
        title = str(change.intervention.title)
        titles.append(f"{title} ({chosen})" if chosen else title)
    return " and ".join(titles)


def preview_warning(count: int, noun: str) -> list[str]:
    """Return the warning for fewer pairs or members than `FEW_PAIRS`; empty for enough."""
    return [f"Only {many(count, noun)}; treat as a preview."] if count < FEW_PAIRS else []


def change_warnings(changes: Changes, pairs: int) -> tuple[str, ...]:
    """Return the warnings on a world: few pairs, and the cautions of its changes.

    Parameters
    ----------
    changes : Changes
    pairs : int
        Number of pairs.
    """
    return tuple(dict.fromkeys([*preview_warning(pairs, "pair"), *change_cautions(changes)]))


def change_cautions(changes: Changes) -> tuple[str, ...]:
    """Return the cautions of the changes of a world, each once."""
    return tuple(dict.fromkeys(c.intervention.caution for c in changes if c.intervention.caution))


def expected_effects(changes: Changes) -> dict[str, tuple[str, str]]:
    """Return the expected sign of each quantity, with the reason.

    If two changes of a world expect different signs of one quantity, either is expected.
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


def describe_changes(changes: Changes) -> list[Told]:
    """Return every change of a world as described by its file."""
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


def varied_range(worlds: Sequence[World]) -> Range | None:
    """Return the single dose or date in which all worlds differ, or None."""
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
    dates = [value for value in values if isinstance(value, dt.datetime)]
    points = []
    for world, value in zip(worlds, values, strict=True):
        if isinstance(value, dt.datetime):
            hours = (value - min(dates)).total_seconds() / 3600
            points.append((world.label, hours, format_moment(value)))
        else:
            points.append((world.label, value, f"{value:g}"))
    points.sort(key=lambda point: point[1])
    varied = column[0].intervention
    axis = "date of the change"
    if attribute == "dose":
        axis = f"{varied.dose.label} ({varied.dose.unit})" if varied.dose else "dose"
    return Range(varied.title, axis, attribute == "date", tuple(points))


def format_moment(moment: dt.datetime) -> str:
    """Return a moment as 5 March 18:00; midnight as the day alone."""
    day = long_day(moment.date())
    return day if moment.time() == dt.time() else f"{day} {moment:%H:%M}"


def _choice(change: Change) -> str:
    """Return the dose and the date of a change, if it has any."""
    parts = []
    dose = change.intervention.dose
    if change.dose is not None and dose is not None:
        parts.append(f"{dose.label}: {change.dose:g} {dose.unit}".strip())
    if change.date is not None:
        parts.append(format_moment(change.date))
    return ", ".join(parts)
