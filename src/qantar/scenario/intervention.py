"""Interventions: one decision taken otherwise, or one standing number changed, as a file says it.

A file says what happened instead, what theory and sources expect, and what is held. It holds no
outcome: a decision is held within bounds, and its effect is left to the mechanisms that feel it.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, PlainValidator, model_validator

from qantar.model.actions import Action
from qantar.provenance import Grade
from qantar.reading import Declared

KINDS = tuple(kind.name.lower() for kind in Action)
"""What a hold can be put on."""

Outcome = Literal[
    "participants",
    "crowd_peak",
    "active_places",
    "deaths",
    "security_deaths",
    "wounded",
    "detained_cumulative",
    "buildings_attacked",
    "businesses_looted",
]
"""What an intervention can be expected to move, by the names of the facts of a run."""

Sign = Literal["fewer", "more", "either"]
"""Which way; `either` where theory or the sources disagree."""

_NUMBER = r"\d+(?:\.\d*)?|\.\d+"
_AMOUNT = re.compile(
    rf"(?:(?P<constant>{_NUMBER})\s*(?P<sign>[+-])\s*)?(?:(?P<slope>{_NUMBER})\s*\*\s*)?dose"
)


@dataclass(frozen=True)
class Amount:
    """A number, or a line in the dose: ``constant + slope * dose``."""

    constant: float
    slope: float = 0.0

    def at(self, dose: float | None) -> float:
        """Return the number at a dose; a number that no dose enters needs none."""
        if self.slope == 0.0:
            return self.constant
        if dose is None:
            raise ValueError("the amount needs a dose")
        return self.constant + self.slope * dose


def amount_from(value: Any) -> Amount:
    """Read ``0.5``, ``dose``, ``1 - dose`` or ``1 - 0.5 * dose``.

    Raises
    ------
    ValueError
        If the value is none of them, or not finite.
    """
    if isinstance(value, Amount):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if not np.isfinite(value):
            raise ValueError("give a finite number")
        return Amount(float(value))
    found = _AMOUNT.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError("give a number, `dose`, `1 - dose` or `1 - 0.5 * dose`")
    sign = -1.0 if found["sign"] == "-" else 1.0
    return Amount(float(found["constant"] or 0.0), sign * float(found["slope"] or 1.0))


def moment_from(value: Any) -> dt.datetime:
    """Read a day (its first hour) or a whole hour of the episode's clock.

    Raises
    ------
    ValueError
        If the value is no moment, carries a time zone or lies within an hour.
    """
    try:
        moment = value if isinstance(value, dt.date) else dt.datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ValueError("give a day or an hour, such as 2022-01-03T12:00") from error
    if not isinstance(moment, dt.datetime):
        moment = dt.datetime.combine(moment, dt.time())
    if moment.tzinfo is not None:
        raise ValueError("give the hour on the clock of the episode, without a time zone")
    if (moment.minute, moment.second, moment.microsecond) != (0, 0, 0):
        raise ValueError("give a whole hour: a run goes from hour to hour")
    return dt.datetime(moment.year, moment.month, moment.day, moment.hour)


def _edge_from(value: Any) -> dt.datetime | Literal["date"]:
    return "date" if value == "date" else moment_from(value)


Quantity = Annotated[Amount, PlainValidator(amount_from)]
Moment = Annotated[dt.datetime, PlainValidator(moment_from)]
Edge = Annotated[dt.datetime | Literal["date"], PlainValidator(_edge_from)]
"""A moment, or the word `date` for the date of the intervention."""


class Expected(Declared):
    """What is expected of an outcome before any run, and why."""

    outcome: Outcome
    sign: Sign
    because: str = Field(min_length=1)


class Dose(Declared):
    """How much of the intervention: one number that its amounts may use."""

    label: str
    unit: str
    default: float
    low: float
    high: float
    meaning: str = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> Dose:
        if not self.low <= self.default <= self.high:
            raise ValueError("`default` does not lie between `low` and `high`")
        return self


class Dating(Declared):
    """When: one moment that its holds may use."""

    default: Moment
    earliest: Moment
    latest: Moment

    @model_validator(mode="after")
    def _in_order(self) -> Dating:
        if not self.earliest <= self.default <= self.latest:
            raise ValueError("`default` does not lie between `earliest` and `latest`")
        return self


class Placed(Declared):
    """Something that holds in regions."""

    where: Literal["everywhere"] | tuple[str, ...] = "everywhere"
    excluded: tuple[str, ...] = Field(default=(), alias="except")

    def touches(self, region: str) -> bool:
        """Whether it holds in a region."""
        named = self.where == "everywhere" or region in self.where
        return named and region not in self.excluded

    def meets(self, other: Placed) -> bool:
        """Whether both hold in some region; two that hold everywhere but somewhere always do."""
        if self.where == "everywhere":
            return other.where == "everywhere" or any(
                map(self.touches, filter(other.touches, other.where))
            )
        return any(map(other.touches, filter(self.touches, self.where)))


class Hold(Placed):
    """A decision held within bounds for some hours, whoever takes it.

    Attributes
    ----------
    kind : str
        An `Action`, in lower case.
    least, most : Amount or None
        Bounds of its intensity, 0 to 1; the other bound stays open.
    begins, until : datetime, "date" or None
        From when and until when; None is the beginning, or the end, of the episode.
    lasts : int or None
        Hours, instead of `until`.
    """

    kind: str
    least: Quantity | None = None
    most: Quantity | None = None
    begins: Edge | None = Field(default=None, alias="from")
    until: Edge | None = None
    lasts: int | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _complete(self) -> Hold:
        if self.least is None and self.most is None:
            raise ValueError("give `least`, `most` or both")
        if self.lasts is not None and (self.begins is None or self.until is not None):
            raise ValueError("`lasts` needs `from`, and takes the place of `until`")
        return self

    def amounts(self) -> tuple[Amount, Amount]:
        """Return both bounds; one that is left out is open."""
        return self.least or Amount(0.0), self.most or Amount(1.0)

    def hours(self, date: dt.datetime | None) -> tuple[dt.datetime, dt.datetime]:
        """Return from when and until when it holds, if the intervention has this date."""
        begins = date if self.begins == "date" else self.begins
        ends = date if self.until == "date" else self.until
        if self.lasts is not None and begins is not None:
            ends = begins + dt.timedelta(hours=self.lasts)
        return begins or dt.datetime.min, ends or dt.datetime.max


class _Stepped(Declared):
    """A number that is added to, multiplied or set."""

    add: Quantity | None = None
    multiply: Quantity | None = None
    set: Quantity | None = None

    @model_validator(mode="after")
    def _one(self) -> _Stepped:
        if sum(each is not None for each in (self.add, self.multiply, self.set)) != 1:
            raise ValueError("give one of `add`, `multiply` and `set`")
        return self

    @property
    def how(self) -> Literal["add", "multiply", "set"]:
        """What is done to the number."""
        if self.add is not None:
            return "add"
        return "multiply" if self.multiply is not None else "set"

    @property
    def amount(self) -> Amount:
        """By how much."""
        found: Amount = getattr(self, self.how)
        return found


class ParameterStep(_Stepped):
    """A parameter of a mechanism or of an office, changed for the whole episode."""

    name: str


class GroundStep(_Stepped, Placed):
    """A variable of the pack, changed in its own unit for the whole episode.

    Attributes
    ----------
    variable : str
        One of `GROUND_VARIABLES`, or of `COUNTRYWIDE`, which has no `where`.
    """

    variable: str


class Intervention(Declared):
    """What a file says of an intervention.

    Attributes
    ----------
    baseline, reason : str
        What happened instead; why one asks.
    claims : tuple of str
        Claims of the ledger that it rests on.
    episodes : tuple of str
        The episodes it belongs to; empty for any.
    dose, date : Dose, Dating or None
        What may be chosen when it is used.
    decisions, parameters, ground : tuples
        What is changed.
    caution : str
        What must be said beside every answer.
    """

    name: str
    title: str
    baseline: str = Field(min_length=1)
    reason: str = Field(min_length=1)
    grade: Grade
    claims: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    episodes: tuple[str, ...] = ()
    expected: tuple[Expected, ...] = Field(min_length=1)
    dose: Dose | None = None
    date: Dating | None = None
    decisions: tuple[Hold, ...] = ()
    parameters: tuple[ParameterStep, ...] = ()
    ground: tuple[GroundStep, ...] = ()
    caution: str = ""
    note: str = ""

    @model_validator(mode="after")
    def _changes_something(self) -> Intervention:
        if not (self.decisions or self.parameters or self.ground):
            raise ValueError("changes nothing: give `decisions`, `parameters` or `ground`")
        return self

    def amounts(self) -> list[Amount]:
        """Return every amount of the intervention."""
        held = [amount for hold in self.decisions for amount in hold.amounts()]
        return [*held, *(step.amount for step in (*self.parameters, *self.ground))]

    def edges(self) -> list[dt.datetime | Literal["date"]]:
        """Return every moment that its holds name."""
        both = [edge for hold in self.decisions for edge in (hold.begins, hold.until)]
        return [edge for edge in both if edge is not None]
