"""Codebook: categories and predicates of claims, and how worded numbers become intervals."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from qantar.base.files import Declared, read_yaml
from qantar.evidence.claims import PARTS_OF_DAY, Claim

Kind = Literal["number", "day", "period", "choice", "text", "stance"]

Interval = tuple[float, float]


def intersect(one: Interval, other: Interval) -> bool:
    """Return whether two intervals intersect."""
    return one[0] <= other[1] and other[0] <= one[1]


class Predicate(Declared):
    """A predicate: what a claim says about its subject.

    Attributes
    ----------
    kind : str
        The content: a number, a day, a period, one of a few words, free text, or a stance on a
        cause.
    meaning : str
        Definition for coders.
    units : tuple of str
        Allowed units; empty if any unit is allowed.
    cumulative : bool
        Whether it is a running count, which cannot fall over time.
    repeats : bool
        For a day: whether the event can recur, so that days far apart do not conflict.
    exclusive : tuple of str
        For a period: values that only one subject can have at a time, such as an office.
    alternatives : tuple of str
        For a choice: the mutually exclusive words.
    """

    kind: Kind
    meaning: str
    units: tuple[str, ...] = ()
    cumulative: bool = False
    repeats: bool = False
    exclusive: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()


class ReadingRule(Declared):
    """The interval of a worded number, as factors of the printed number.

    Without a factor, that side is open. `strict` excludes the number itself: "more than 225" does
    not include 225.
    """

    low: float | None
    high: float | None
    strict: bool = False
    meaning: str

    @model_validator(mode="after")
    def _ordered(self) -> ReadingRule:
        if self.high is not None and self.low is not None and self.high < self.low:
            raise ValueError("`high` is below `low`")
        return self


class Sequence(Declared):
    """Two predicates of one subject that must occur in this order."""

    earlier: str
    later: str
    because: str


class Codebook(Declared):
    """A codebook.

    Attributes
    ----------
    categories : dict
        Description of each category.
    predicates : dict
    readings : dict
        Rules by the value of a claim's column `reading`.
    days : dict
        Length of each unit of time in days.
    stages : tuple of str
        Stages of an event or decision, in chronological order.
    sequences : tuple of Sequence
        Predicates that must occur in order.
    """

    categories: dict[str, str]
    predicates: dict[str, Predicate]
    readings: dict[str, ReadingRule]
    days: dict[str, float] = Field(default_factory=dict)
    stages: tuple[str, ...] = ()
    sequences: tuple[Sequence, ...] = Field(default=())

    def kind(self, claim: Claim) -> Kind:
        """Return the kind of content of a claim."""
        return self.predicates[claim.predicate].kind

    def interval(self, claim: Claim) -> Interval | None:
        """Return the interval of a claim's number; None if it has no number."""
        bottom, top = claim.printed
        if bottom is None:
            bottom = top
        if top is None:
            top = bottom
        if bottom is None or top is None:
            return None
        rule = self.readings[claim.reading]
        low = -math.inf if rule.low is None else rule.low * bottom
        high = math.inf if rule.high is None else rule.high * top
        if rule.strict and math.isinf(high):
            low = math.nextafter(low, math.inf)
        elif rule.strict:
            high = math.nextafter(high, -math.inf)
        return low, high

    def measure(self, claim: Claim) -> tuple[Interval, str] | None:
        """Return a claim's interval and unit, with durations converted to days."""
        interval = self.interval(claim)
        if interval is None:
            return None
        length = self.days.get(claim.unit)
        if length is None:
            return interval, claim.unit
        return (interval[0] * length, interval[1] * length), "days"

    def item(self, claim: Claim) -> str:
        """Return the value of a claim if it distinguishes quantities, such as survey options."""
        kind = self.kind(claim)
        if kind == "choice" or (kind == "day" and claim.value in PARTS_OF_DAY):
            return ""
        return claim.value if kind in ("number", "day", "period") else ""


def load_codebook(path: Path) -> Codebook:
    """Return the codebook of a file.

    Raises
    ------
    FileError
        With the line of the first invalid entry.
    """
    return read_yaml(path, Codebook)
