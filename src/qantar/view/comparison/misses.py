"""Which facts each account misses, in words."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any, NamedTuple

from qantar.view.comparison.shown import Shown
from qantar.view.phrases import said, subject
from qantar.view.style import percent, rounded, short_day, span

HAPPENED = 0.5
"""From here on a flag stands for yes."""


class Missed(NamedTuple):
    """A fact that an account misses."""

    what: str
    says: str
    gives: str
    held: bool


def missed_facts(shown: Shown) -> list[tuple[str, list[Missed]]]:
    """Return the facts that each account misses after it was fitted, most probable account first.

    A fact is missed if what the sources say lies outside the middle 90 % of what would be seen.
    """
    table = shown.table("facts")
    result = []
    for name in shown.accounts:
        own = table[(table["account"] == name) & table["missed"]].sort_values("tail")
        result.append((name, [_missed(shown, row) for row in own.to_dict("records")]))
    return result


def fact_words(shown: Shown) -> dict[str, str]:
    """Return every fact in words, by name."""
    return {name: subject(target) for name, target in shown.targets.items()}


def _missed(shown: Shown, row: dict[Any, Any]) -> Missed:
    name, kind = str(row["target"]), str(row["kind"])
    target = shown.targets.get(name)
    low, high = (in_words(kind, float(row[q]), shown.first_day) for q in ("q05", "q95"))
    gives = span(low, high)
    if kind == "flag":
        gives = f"yes in the middle run: {'yes' if float(row['q50']) >= HAPPENED else 'no'}"
    says = said(target) if target else in_words(kind, float(row["observed"]), shown.first_day)
    return Missed(subject(target) if target else name, says, gives, row["use"] == "held")


def in_words(kind: str, value: float, first_day: dt.date) -> str:
    """Return a value on the scale of its kind as people say it."""
    if kind == "day":
        return short_day(first_day + dt.timedelta(days=math.floor(value)))
    if kind == "log":
        return rounded(math.expm1(value))
    if kind == "flag":
        return "yes" if value >= HAPPENED else "no"
    return percent(min(max(value, 0.0), 1.0))
