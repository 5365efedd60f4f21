"""Schemas of the balance of a pack: dependence, dated acts and memberships."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from qantar.packs.state.rows import Sourced
from qantar.packs.years_tables import Moment, Number, last_day, month_number, names_of

DEPENDENCE, STATEMENTS, MEMBERSHIPS = "dependence.csv", "statements.csv", "memberships.csv"

TRADE, IMPORTS, TRANSIT, SANCTIONS, MEDIA = (
    "trade",
    "import_share",
    "transit_share",
    "sanction_exposure",
    "media_exposure",
)
"""Series of ``dependence.csv``."""

UNITS = {
    TRADE: "bn USD",
    IMPORTS: "percent",
    TRANSIT: "percent",
    SANCTIONS: "share",
    MEDIA: "share",
}
"""Unit of every series."""

MOST = {"percent": 100.0, "share": 1.0}
"""Largest value of a unit that has one."""


class Dependence(Sourced):
    """A row of ``dependence.csv``: bounds of a number that ties the country to a partner.

    Attributes
    ----------
    row : str
        Name of the row.
    partner : str
        Country or group of countries.
    group : str
        Group of residents, if the number is theirs alone.
    begins, ends : str
        The time for which it is told; an empty beginning is not known.
    low, high : float
        Equal for a number that is told as one.
    """

    row: str
    series: Literal["trade", "import_share", "transit_share", "sanction_exposure", "media_exposure"]
    partner: str
    group: str = ""
    begins: Moment | Literal[""] = Field(alias="from", default="")
    ends: Moment = Field(alias="to")
    low: Number
    high: Number
    unit: str

    @property
    def middle(self) -> float:
        """The middle of the bounds."""
        return (self.low + self.high) / 2

    @property
    def months(self) -> tuple[int, int]:
        """First and last month of the row, from January of the year 0."""
        day = last_day(self.ends)
        return month_number(self.begins or self.ends), day.year * 12 + day.month - 1


class Act(Sourced):
    """A row of ``statements.csv``: what somebody did or said on a day, a month or a year.

    Attributes
    ----------
    other_date : str
        Another date that a source prints for it.
    actor : {"state", "business", "society", "abroad"}
        Who acted; ``abroad`` is no act of the country.
    body : str
        Office or organisation.
    partner : str
        Toward or away from whom; for acts from abroad, the partner that acts.
    direction : {"toward", "away", "open"}
        For acts from abroad: where they press the country. ``open``: it may be read either way.
    number : float, optional
    """

    act: str
    label: str
    date: Moment
    other_date: Moment | Literal[""] = ""
    actor: Literal["state", "business", "society", "abroad"]
    body: str = ""
    partner: str
    kind: Literal["statement", "act", "meeting", "ruling", "rally", "petition", "aid"]
    direction: Literal["toward", "away", "open"]
    number: float | None = Field(
        default=None, ge=0, allow_inf_nan=False, description="a number, 0 or more"
    )
    unit: str = ""

    @property
    def month(self) -> int:
        """Its month from January of the year 0; the middle of a year without a month."""
        first = month_number(self.date)
        return first + 6 if len(self.date) == len("YYYY") else first


class Membership(Sourced):
    """A row of ``memberships.csv``: a body to which the country belongs.

    Attributes
    ----------
    partners : str
        Partners that the body stands for, divided by ``;``.
    ends : str
        Empty for a member that has not left.
    recalled : str
        Columns that no source read here gives, divided by ``;``.
    seen_in : str
        Latest year for which a source speaks of the membership; empty if none does.
    """

    body: str
    label: str
    partners: str
    begins: Moment = Field(alias="from")
    ends: Moment | Literal[""] = Field(alias="to", default="")
    recalled: str = ""
    seen_in: Moment | Literal[""] = ""

    @property
    def recalled_columns(self) -> tuple[str, ...]:
        """Columns that rest on memory alone."""
        return names_of(self.recalled)
