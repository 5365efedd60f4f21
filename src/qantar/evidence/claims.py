"""Claims: individual checkable statements by sources, each with its locator and modality."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import re
from collections.abc import Iterable
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal, get_args

from pydantic import Field, ValidationInfo, field_validator, model_validator

from qantar.base.errors import FileError
from qantar.base.files import Declared, read_rows
from qantar.evidence.dates import Span, first_day, last_day, overlap

Modality = Literal["stated", "attributed", "disputed", "retracted", "speculated"]
Reading = Literal[
    "", "exact", "about", "more_than", "at_least", "almost", "less_than", "up_to", "between",
    "order", "none",
]  # fmt: skip
"""How a source words a number; the codebook assigns an interval to each word."""

Basis = Literal["", "reckoned"]
"""Empty if the source prints the day or number, ``reckoned`` if the coder computed it."""

MODALITIES: tuple[str, ...] = get_args(Modality)
PARTS_OF_DAY = ("morning", "afternoon", "evening", "night")

_BOTH, _LOW, _HIGH = (True, True), (True, False), (False, True)
_SIDES: dict[str, tuple[bool, bool]] = {
    "": (False, False), "exact": _BOTH, "about": _BOTH, "between": _BOTH, "order": _BOTH,
    "none": _BOTH, "more_than": _LOW, "at_least": _LOW,
    "almost": _HIGH, "less_than": _HIGH, "up_to": _HIGH,
}  # fmt: skip
"""Which of `value_low` and `value_high` each reading fills."""


class Relation(Declared):
    """A relation of one claim to another, such as ``part of c003-csto-2030``.

    Attributes
    ----------
    kind : str
        ``part of`` (a component of a total), ``makes up`` (one of the components that add up to a
        total), ``share of``, ``count of`` (the number of items that other claims list),
        ``retracts``, ``before``, ``after``, ``follows`` or ``same event as``.
    of : str
        The claim it points to.
    numerator : str
        For ``share A of B``: A.
    days : int
        For ``follows B by N days``: N.
    """

    kind: str
    of: str
    numerator: str = ""
    days: int = 0


_RELATIONS = (
    re.compile(
        r"(?P<kind>part of|makes up|count of|retracts|before|after|same event as) (?P<of>\S+)"
    ),
    re.compile(r"(?P<kind>share) (?:(?P<numerator>\S+) )?of (?P<of>\S+)"),
    re.compile(r"(?P<kind>follows) (?P<of>\S+) by (?P<days>\d+) days?"),
)


class Claim(Declared):
    """A claim: one row of a claims file.

    Attributes
    ----------
    claim, source, locator : str
        Id of the claim, id of its source, and location in the source.
    category, subject, predicate : str
        The kind of claim, what it is about, and what it says about it.
    value : str
        A word, such as an option or a stance.
    value_low, value_high, reading : str
        A number as printed, and how it is worded, such as ``about`` or ``at_least``.
    unit : str
    date_from, date_to : str
        When it was true or happened: days, months or years, as precise as the source.
    place : str
        Names, separated by semicolons.
    scope : str
        The people that a number counts, such as civilians.
    stage : str
        Such as ``announced``, ``requested``, ``begun`` or ``ended``; empty if it happened.
    as_of : str
        The day for which a figure holds or on which it was published.
    attributed_to : str
        Whom the source cites for it.
    modality : str
        Whether the source states, attributes, disputes, retracts or speculates about it.
    relates : str
        Relations to other claims, see `Relation`.
    paraphrase : str
        What the source says, in the words of the coder.
    note : str
    basis : str
        ``reckoned`` if the coder computed a day or number from what the source prints.
    """

    claim: str = Field(min_length=1)
    source: str = Field(min_length=1)
    locator: str = Field(min_length=1)
    category: str
    subject: str
    predicate: str
    value: str = ""
    value_low: str = ""
    value_high: str = ""
    reading: Reading = ""
    unit: str = ""
    date_from: str = ""
    date_to: str = ""
    place: str = ""
    scope: str = ""
    stage: str = ""
    as_of: str = ""
    attributed_to: str = ""
    modality: Modality
    relates: str = ""
    paraphrase: str = Field(min_length=1)
    note: str = ""
    basis: Basis = ""

    @field_validator("value_low", "value_high")
    @classmethod
    def _number(cls, text: str) -> str:
        return plain_number(text) if text else text

    @field_validator("value", "paraphrase", "note", "attributed_to")
    @classmethod
    def _text(cls, text: str) -> str:
        if "\r" in text:
            raise ValueError("contains a carriage return; lines must end in LF")
        return text

    @field_validator("date_from", "date_to", "as_of")
    @classmethod
    def _date(cls, text: str, _: ValidationInfo) -> str:
        first_day(text)
        return text

    @field_validator("relates")
    @classmethod
    def _related(cls, text: str) -> str:
        parse_relations(text)
        return text

    @model_validator(mode="after")
    def _ordered(self) -> Claim:
        start, end = self.dates
        if start and end and end < start:
            raise ValueError(f"`date_to` {self.date_to} is before `date_from` {self.date_from}")
        low, high = self.printed
        if low is not None and high is not None and high < low:
            raise ValueError(f"`value_high` {self.value_high} is below `value_low`")
        if (low is not None, high is not None) != _SIDES[self.reading]:
            raise ValueError(
                f"the reading {self.reading or 'left blank'!r} does not match the numbers given: "
                "exact, about, between, order and none need both `value_low` and `value_high`; "
                "more_than and at_least only `value_low`; almost, less_than and up_to only "
                "`value_high`"
            )
        return self

    @cached_property
    def dates(self) -> Span:
        """First and last day; None where a side is open."""
        return first_day(self.date_from), last_day(self.date_to)

    @cached_property
    def printed(self) -> tuple[float | None, float | None]:
        """The number as printed; None where a side is open."""
        low = float(self.value_low) if self.value_low else None
        high = float(self.value_high) if self.value_high else None
        return low, high

    @cached_property
    def held_on(self) -> dt.date | None:
        """The last day for which a figure holds according to the source."""
        return last_day(self.as_of) or self.dates[1]

    @cached_property
    def places(self) -> tuple[str, ...]:
        """The places of the claim."""
        return tuple(part.strip() for part in self.place.split(";") if part.strip())

    @cached_property
    def relations(self) -> tuple[Relation, ...]:
        """The relations of the claim to others."""
        return parse_relations(self.relates)

    @property
    def when(self) -> str:
        """The dates in words, as precise as they are given."""
        start, end = self.date_from, self.date_to
        if start == end:
            return start or "no date"
        if not start or not end:
            return f"since {start}" if start else f"until {end}"
        return f"{start} to {end}"

    @property
    def usable(self) -> bool:
        """Whether the claim is stated or attributed, and not disputed, retracted or speculated."""
        return self.modality in ("stated", "attributed")

    def dated_within(self, span: Span) -> bool:
        """Return whether the dates of the claim overlap a period.

        Parameters
        ----------
        span : tuple of date or None
            First and last day of the period; None where a side is open.

        Returns
        -------
        bool
            False for a claim without dates.
        """
        return self.dates != (None, None) and overlap(self.dates, span)

    def cite(self) -> str:
        """Return the source and locator, such as ``seed-003 chronology January 8``.

        Returns
        -------
        str
        """
        return f"{self.source} {self.locator}"


COLUMNS = tuple(Claim.model_fields)
"""The columns of a claims file."""


def plain_number(text: str) -> str:
    """Return a text if it is a finite number.

    Raises
    ------
    ValueError
        If it is not a number, or not finite.
    """
    try:
        finite = math.isfinite(float(text))
    except ValueError:
        finite = False
    if not finite:
        raise ValueError(f"{text!r} is not a number: write plain digits, such as 225 or 0.5")
    return text


@lru_cache(maxsize=4096)  # of the same cell, when it is checked and when it is read
def parse_relations(text: str) -> tuple[Relation, ...]:
    """Return the relations written in a cell.

    Raises
    ------
    ValueError
        If a part of the text is not in one of the documented forms.
    """
    found = []
    for part in filter(None, (part.strip() for part in text.split(";"))):
        match = next((m for form in _RELATIONS if (m := form.fullmatch(part))), None)
        if match is None:
            raise ValueError(
                f"{part!r} is not a relation: write `part of ID`, `makes up ID`, `count of ID`, "
                "`share of ID`, `share ID of ID`, `retracts ID`, `before ID`, `after ID`, "
                "`same event as ID` or `follows ID by N days`"
            )
        named = {key: value for key, value in match.groupdict().items() if value}
        kind = "share of" if named["kind"] == "share" else named["kind"]
        found.append(Relation.model_validate({**named, "kind": kind}))
    return tuple(found)


def load_claims(path: Path) -> dict[str, Claim]:
    """Return the claims of a file by id.

    Raises
    ------
    FileError
        If an id is a duplicate or a row is invalid.
    """
    return {claim.claim: claim for _, claim in claims_by_line(path)}


def claims_by_line(path: Path) -> list[tuple[int, Claim]]:
    """Return the claims of a file, each with the line on which it begins."""
    rows = read_rows(path, Claim)
    seen: dict[str, int] = {}
    for line, claim in rows:
        if claim.claim in seen:
            raise FileError(
                path,
                "a claim id appears twice",
                line=line,
                value=claim.claim,
                expected=f"a unique id; line {seen[claim.claim]} has the same one",
            )
        seen[claim.claim] = line
    return rows


def write_claims(claims: Iterable[Claim]) -> str:
    """Return claims as the text of a claims file, which reads back as the same claims."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for claim in claims:
        writer.writerow([getattr(claim, column) for column in COLUMNS])
    return text.getvalue()
