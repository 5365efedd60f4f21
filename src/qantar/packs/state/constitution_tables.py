"""Schemas of the constitution of a pack: powers, offices, persons, amendments, rules, holders."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import Field

from qantar.base.files import Declared
from qantar.packs.state.rows import Sourced
from qantar.packs.years_tables import Moment, Month

HEADER, RULES, HOLDERS = "constitution.yaml", "constitution.csv", "constitution_holders.csv"

VOTERS, LAW = "voters", "law"
"""Who fills an office if no other office does: a popular vote, or the law itself (for life)."""

WORDS = ("filled_by", "held_with", "successor", "exempt", "counts")
"""Rules whose value is a name: who fills the office; of which other office the holder holds it too;
who takes it over in mid-term; whom the limit of terms does not bind; whether terms count in a
``row`` or over a ``life``."""

NUMBERS = ("term", "limit", "least_age", "most_age", "immunity", "seats", "named", "abolished")
"""Rules whose value is a number: years, terms, ages in years, 1 or 0, members, members whom the
office names in a chamber, 1 if the office ends."""

DAYS = ("counts_from",)
"""Rules whose value is a day: terms that began before it do not count against the limit."""

POWER = "power."
"""Begins a rule that gives the office a share of a power, as ``power.laws``."""

Occasion = Literal["start", "vote", "term", "challenge", "handover", "promise", "unknown"]
"""Why an amendment came when it did: a new state; a vote ahead; the leader's term or age; a
challenge from parliament, the street or the elite; a handover; a promise; none is told."""


class Power(Declared):
    """A power of the state that the constitution divides among offices.

    Attributes
    ----------
    label, definition : str
    weight : float
        Its weight in the index, relative to the others.
    """

    label: str
    definition: str
    weight: float = Field(default=1.0, gt=0, allow_inf_nan=False, description="above 0")


class OfficeOfState(Declared):
    """An office, or a body whose members decide by vote.

    Attributes
    ----------
    label : str
    body : bool
        Whether several decide in it by vote.
    heir : str
        For an office made for one person: the office that would have its powers if it never was.
    """

    label: str
    body: bool = False
    heir: str = ""


class Person(Sourced):
    """Somebody whom the sources name as the holder of an office.

    Attributes
    ----------
    label : str
    born : str
        Empty if not known: ages are then not checked.
    status : tuple of str
        What the rule `exempt` may name.
    """

    label: str
    born: Moment | None = None
    status: tuple[str, ...] = ()


class Vote(Declared):
    """Ballots of a referendum."""

    took_part: int = Field(ge=0, description="a number of voters")
    turnout: float = Field(gt=0, le=100, description="percent of the electorate, 0 to 100")
    yes: int = Field(ge=0, description="a number of voters")
    no: int = Field(ge=0, description="a number of voters")


class Amendment(Sourced):
    """A dated event that changes rules, or the name or the seat of the state.

    Attributes
    ----------
    date : str
    label : str
    form : {"constitution", "law", "decree", "handover"}
    step : bool
        Whether it counts as a step in the law of when amendments come.
    occasion : str
        One of `Occasion`, and in `why` what that is read from.
    """

    date: Moment
    label: str
    form: Literal["constitution", "law", "decree", "handover"]
    step: bool = True
    occasion: Occasion = "unknown"
    why: str = ""
    vote: Vote | None = None


class ConstitutionHeader(Declared):
    """Content of ``constitution.yaml``.

    Attributes
    ----------
    recorded_until : str
        Last month for which amendments are entered.
    """

    recorded_until: Month
    powers: dict[str, Power] = Field(min_length=1)
    offices: dict[str, OfficeOfState] = Field(min_length=1)
    persons: dict[str, Person] = Field(default={})
    amendments: dict[str, Amendment] = Field(min_length=1)
    note: str = ""


class RuleRow(Sourced):
    """A row of ``constitution.csv``: what an amendment sets for an office.

    Attributes
    ----------
    amendment, office, rule : str
    value : str
    until : str
        Last day of the rule; if empty it holds until another row sets the same rule.
    """

    amendment: str
    office: str
    rule: str
    value: str
    until: Moment | None = None

    @property
    def power(self) -> str:
        """The power of which the row gives a share, or an empty string."""
        return self.rule.removeprefix(POWER) if self.rule.startswith(POWER) else ""


class HolderRow(Sourced):
    """A row of ``constitution_holders.csv``: who held an office, from and to.

    Attributes
    ----------
    manner : {"elected", "appointed", "acting", "law"}
        ``elected`` and ``appointed`` holders begin a term; one who is ``acting`` ends another's.
    """

    office: str
    person: str
    begins: Moment = Field(alias="from")
    ends: Moment | None = Field(default=None, alias="to")
    manner: Literal["elected", "appointed", "acting", "law"]


_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def number_of(row: RuleRow) -> float | None:
    """Return the number of a rule, or None where the value is none."""
    try:
        return float(row.value)
    except ValueError:
        return None


def known_rules(powers: Any) -> tuple[str, ...]:
    """Return the names of all rules of a constitution with these powers."""
    return (*WORDS, *NUMBERS, *DAYS, *(POWER + name for name in powers))


def is_day(text: str) -> bool:
    """Whether a text has the form of a day."""
    return _DAY.fullmatch(text) is not None
