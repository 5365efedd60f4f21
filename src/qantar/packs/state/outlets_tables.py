"""Schemas of outlets: who owned them when, and what befell them.

Two numbers are assumed, by rules that were written down before any outlet was scored, so that no
outlet is scored by what became of it:

- *reach*, the share of residents whom an outlet reaches in a week, follows medium and scope
  (`REACH`);
- *independence*, 0 to 1, follows the hands that hold the outlet (`INDEPENDENCE`). It is
  independence of the state, not neutrality: a paper of the opposition has all of it.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from qantar.model.months.event_kinds import OutletEventKind
from qantar.packs.state.rows import Sourced
from qantar.packs.years_tables import Moment, Share, month_number

OUTLETS, OWNERS, EVENTS = "outlets.csv", "outlet_owners.csv", "outlet_events.csv"

Medium = Literal["tv", "print", "web"]
Scope = Literal["national", "regional", "local", "niche"]
"""Whom an outlet is made for: ``niche`` is for readers of the opposition or of one interest."""

OwnerKind = Literal["state", "family", "loyal", "private", "opposition", "staff", "foreign"]
"""Hands: ``family`` is that of the ruler, ``loyal`` are owners who allow no criticism."""

REACH: dict[tuple[Medium, Scope], float] = {
    ("tv", "national"): 0.5,
    ("tv", "regional"): 0.1,
    ("tv", "local"): 0.03,
    ("tv", "niche"): 0.05,
    ("print", "national"): 0.1,
    ("print", "regional"): 0.03,
    ("print", "local"): 0.02,
    ("print", "niche"): 0.02,
    ("web", "national"): 0.1,
    ("web", "regional"): 0.03,
    ("web", "local"): 0.01,
    ("web", "niche"): 0.03,
}
"""Share of residents reached in a week where no source tells: orders of magnitude, assumed."""

INDEPENDENCE: dict[OwnerKind, float] = {
    "state": 0.0,
    "family": 0.0,
    "loyal": 0.1,
    "private": 0.5,
    "opposition": 1.0,
    "staff": 1.0,
    "foreign": 1.0,
}
"""Independence of the state by the hands that hold an outlet, assumed."""

_MIDDLE = 6
"""Months after January that stand for a year without a month: July."""


class Outlet(Sourced):
    """A row of ``outlets.csv``.

    Attributes
    ----------
    outlet, label : str
    medium : {"tv", "print", "web"}
    scope : {"national", "regional", "local", "niche"}
    reach : float
        Share of residents reached in a week.
    registered : str
        Where it is registered, or works from.
    abroad : bool
        Whether that is out of the state's hands.
    successor_of : str
        The outlet whose people made this one.
    watched_from : str, optional
        Since when bodies abroad watch over it.
    """

    outlet: str = Field(min_length=1)
    label: str
    medium: Medium
    scope: Scope
    reach: Share
    registered: str = ""
    abroad: bool = False
    successor_of: str = ""
    watched_from: Moment | None = None


class Ownership(Sourced):
    """A row of ``outlet_owners.csv``: who held an outlet from when to when; open to the end."""

    outlet: str
    begins: Moment = Field(alias="from")
    ends: Moment | None = Field(default=None, alias="to")
    owner: str = Field(min_length=1)
    kind: OwnerKind

    @property
    def independence(self) -> float:
        """Independence of the state in these hands."""
        return INDEPENDENCE[self.kind]


class OutletEvent(Sourced):
    """A row of ``outlet_events.csv``.

    Attributes
    ----------
    off_months : int, optional
        How long it was off the air, or blocked; open means until its next event.
    """

    outlet: str
    date: Moment
    kind: OutletEventKind
    off_months: int | None = Field(default=None, ge=0, description="months, 0 or more")
    label: str

    @property
    def month(self) -> int:
        """Months from January of the year 0; a year without a month counts as its July."""
        return month_number(self.date) + (_MIDDLE if len(self.date) == len("YYYY") else 0)

    @property
    def exact(self) -> bool:
        """Whether a source tells at least the month."""
        return self.grade != "assumed" and len(self.date) > len("YYYY")
