"""Rows of the courts of a pack: counts of judges who lost their posts, cases of public figures."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from qantar.packs.state.rows import Sourced
from qantar.packs.years_tables import Moment, last_day, month_number, names_of

COUNTS, CASES = "court_counts.csv", "cases.csv"

CountKind = Literal["dismissed", "prosecuted", "jailed", "dismissed_by_jury"]
"""What was counted; ``dismissed_by_jury`` is the narrower count of a disciplinary body."""

SENTENCED, RELEASED = "sentenced", "released"


def _some_moment() -> Any:
    """Return a field that may be empty, else holds a year, a month or a day."""
    return Field(default=None, description="YYYY[-MM[-DD]]")


class CourtCount(Sourced):
    """A row of ``court_counts.csv``: how many judges, from a first to a last month.

    Attributes
    ----------
    count : str
        Name of the row.
    kind : str
    value : float
    subset_of : str
        The count that this one is a part of, if any.
    """

    count: str
    kind: CountKind
    begins: Moment = Field(alias="from")
    ends: Moment = Field(alias="to")
    value: float = Field(ge=0, allow_inf_nan=False, description="judges, 0 or more")
    subset_of: str = ""

    @property
    def months(self) -> int:
        """How many months it covers."""
        last = last_day(self.ends)
        return last.year * 12 + last.month - month_number(self.begins)

    @property
    def month_at_middle(self) -> float:
        """The middle of its spell, in months from January of the year 0."""
        return month_number(self.begins) + self.months / 2

    @property
    def yearly(self) -> float:
        """The count a year."""
        return self.value * 12 / self.months


class Case(Sourced):
    """A row of ``cases.csv``: the case of a public figure.

    Attributes
    ----------
    case, person, role, accusation : str
    kind : {"tried", "absent", "died_untried"}
        Tried, tried in absence, or dead by violence or in dispute before any trial.
    political : {"yes", "no"}
        Whether a source calls it political.
    charged, sentenced, released, died : str
        Moments; empty where nothing tells. `charged` may be the arrest.
    verdict : {"convicted", "acquitted", ""}
    sentence_years, served_years : float, optional
        Years of prison set, and years served where a source says so.
    release : str
        How the person came out.
    bodies : str
        Foreign bodies that the sources name as speaking up, divided by ``;``.
    noticed : str
        When the first of them did.
    recalled : str
        Columns whose values no source read here gives, divided by ``;``.
    """

    case: str
    person: str
    role: str
    accusation: str = ""
    kind: Literal["tried", "absent", "died_untried"]
    political: Literal["yes", "no"]
    charged: Moment | None = _some_moment()
    verdict: Literal["convicted", "acquitted", ""] = ""
    sentenced: Moment | None = _some_moment()
    sentence_years: float | None = Field(
        default=None, ge=0, le=100, allow_inf_nan=False, description="years, 0 to 100"
    )
    released: Moment | None = _some_moment()
    release: Literal["pardon", "amnesty", "parole", "probation", "served", ""] = ""
    served_years: float | None = Field(
        default=None, ge=0, le=100, allow_inf_nan=False, description="years, 0 to 100"
    )
    died: Moment | None = _some_moment()
    bodies: str = ""
    noticed: Moment | None = _some_moment()
    recalled: str = ""

    @property
    def attention(self) -> float:
        """Foreign attention, 0 to below 1: n bodies make n / (n + 1)."""
        bodies = len(names_of(self.bodies))
        return bodies / (bodies + 1)

    def month(self, column: str) -> int | None:
        """Return the month of a moment, from January of the year 0; a bare year is its middle.

        A bare year never puts an event after what came later, or before what came earlier.
        """
        moment: str | None = getattr(self, column)
        if moment is None:
            return None
        found = month_number(moment)
        place = _ORDER.index(column)
        if len(moment) == len("YYYY"):
            later: list[str | None] = [getattr(self, name) for name in _ORDER[place + 1 :]]
            known = [month_number(each) for each in later if each and len(each) > len("YYYY")]
            found = min([found + 6, *known])
        earlier = [self.month(name) for name in _ORDER[:place]]
        return max([found, *(each for each in earlier if each is not None)])


_ORDER = ("charged", SENTENCED, RELEASED, "died")
"""Moments of a case in the order in which they come."""
