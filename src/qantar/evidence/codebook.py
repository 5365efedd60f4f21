"""The codebook: categories and predicates of claims, and the intervals that worded numbers mean."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from qantar.base.files import Declared, read_yaml
from qantar.evidence.claims import PARTS_OF_DAY, Claim

Kind = Literal["number", "day", "period", "choice", "text", "stance"]

Interval = tuple[float, float]


def meet(one: Interval, other: Interval) -> bool:
    """Say whether two intervals share a number."""
    return one[0] <= other[1] and other[0] <= one[1]


class Predicate(Declared):
    """What can be said of a subject.

    Attributes
    ----------
    kind : str
        The content: a number, a day, a period, one of a few words, free text, or a stance towards
        a cause.
    meaning : str
        For the coder.
    units : tuple of str
        Units that can be compared; empty if any.
    cumulative : bool
        A running count, which cannot fall with time.
    repeats : bool
        For a day: it can happen more than once, so two days far apart do not conflict.
    exclusive : tuple of str
        For a period: values that only one subject at a time can have, such as an office.
    alternatives : tuple of str
        For a choice: words that exclude each other.
    """

    kind: Kind
    meaning: str
    units: tuple[str, ...] = ()
    cumulative: bool = False
    repeats: bool = False
    exclusive: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()


class ReadingRule(Declared):
    """The interval that a worded number means, as factors of the number printed.

    A factor left empty leaves its side open. `strict` excludes the number itself: more than 225
    is not 225.
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
    """Two predicates of one subject that must follow each other in time."""

    earlier: str
    later: str
    because: str


class Codebook(Declared):
    """A whole codebook.

    Attributes
    ----------
    categories : dict
        What each category holds.
    predicates : dict
    readings : dict
        By the word in a claim's column `reading`.
    days : dict
        Length of each unit of time in days.
    stages : tuple of str
        Stages of an event or decision, in order of time.
    sequences : tuple of Sequence
        Predicates that follow each other.
    """

    categories: dict[str, str]
    predicates: dict[str, Predicate]
    readings: dict[str, ReadingRule]
    days: dict[str, float] = Field(default_factory=dict)
    stages: tuple[str, ...] = ()
    sequences: tuple[Sequence, ...] = Field(default=())

    def kind(self, claim: Claim) -> Kind:
        """Return what kind of content a claim has."""
        return self.predicates[claim.predicate].kind

    def interval(self, claim: Claim) -> Interval | None:
        """Return the interval that a claim's number means; None if it has no number."""
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
        """Return a claim's interval and its unit, with every duration converted to days."""
        interval = self.interval(claim)
        if interval is None:
            return None
        length = self.days.get(claim.unit)
        if length is None:
            return interval, claim.unit
        return (interval[0] * length, interval[1] * length), "days"

    def item(self, claim: Claim) -> str:
        """Return a claim's value if it distinguishes quantities, such as survey options."""
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
