"""Rows of the alliance of a pack: crises and requests, contingents and moments, members."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from qantar.packs.state.rows import Sourced
from qantar.packs.years_tables import Moment, Share, names_of

REQUESTS, CONTINGENTS, MEMBERS = "requests.csv", "contingents.csv", "members.csv"

TROOPS = "troops"
"""Decision that sends soldiers; the other one is ``no troops``."""

FEATURES = ("external", "incumbent", "territory", "interstate", "interest")
"""Features of a crisis that the rule of consent reads, in the order of its weights."""

MOMENTS = ("requested", "arrived", "stabilised", "leaving", "left")
"""Moments of a deployment."""


class Request(Sourced):
    """A row of ``requests.csv``: a crisis in which the alliance was asked, or could have been.

    Attributes
    ----------
    crisis, label, state : str
    when : str
    asked : {"yes", "no", "not told"}
    asked_by : {"incumbent", "interim", "nobody", "not told"}
    decision : {"troops", "no troops"}
    use : {"fit", "held out"}
        Whether the rule of consent is conditioned on the decision.
    external, incumbent, territory, interstate, interest : float
        Features, 0 to 1; 0.5 where nothing tells.
    overwhelmed : float
        How far the forces of the state fail, 0 to 1.
    recalled : str
        Columns whose values no source read here gives, divided by ``;``.
    """

    crisis: str
    label: str
    state: str
    when: Moment
    asked: Literal["yes", "no", "not told"]
    asked_by: Literal["incumbent", "interim", "nobody", "not told"]
    decision: Literal["troops", "no troops"]
    use: Literal["fit", "held out"]
    external: Share
    incumbent: Share
    territory: Share
    interstate: Share
    interest: Share
    overwhelmed: Share
    recalled: str = ""

    @property
    def sent(self) -> bool:
        """Whether troops were sent."""
        return self.decision == TROOPS

    @property
    def recalled_columns(self) -> tuple[str, ...]:
        """Columns that rest on memory."""
        return names_of(self.recalled)


def _some_persons() -> Any:
    """Return a field that may be empty, else holds a number of persons."""
    return Field(default=None, ge=0, allow_inf_nan=False, description="persons, 0 or more")


class Contingent(Sourced):
    """A row of ``contingents.csv``: a contingent, a total, a moment or a guarded site.

    Attributes
    ----------
    row : str
        Its name; of a moment one of `MOMENTS`.
    kind : {"contingent", "total", "moment", "site"}
    country : str
        Of a contingent, the state that sent it.
    day : str
        The day of the number, or the first day on which the moment can have been.
    until : str
        The last such day.
    persons : float, optional
    reading : {"exact", "almost"}
        ``almost``: the number is an upper bound that is nearly reached.
    """

    row: str
    kind: Literal["contingent", "total", "moment", "site"]
    country: str = ""
    day: Moment
    until: Moment | Literal[""] = ""
    persons: float | None = _some_persons()
    reading: Literal["exact", "almost"] = "exact"

    @property
    def begins(self) -> str:
        """First day on which it can have been."""
        return self.day

    @property
    def ends(self) -> str:
        """Last day on which it can have been."""
        return self.until or self.day


def _some_share() -> Any:
    """Return a field that may be empty, else holds a share."""
    return Field(default=None, ge=0, le=1, allow_inf_nan=False, description="0 to 1")


class Member(Sourced):
    """A row of ``members.csv``: a state and an organisation.

    Attributes
    ----------
    country, organisation : str
    member : {"yes", "no"}
    since : str
        When it joined; empty for others.
    leads : {"yes", ""}
        Whether the state leads the organisation.
    chair : str
        Who chaired the council in the crisis, if the state did.
    near, similar, past : float, optional
        Likeness with the host: nearness, similar rule with lower income, own unrest in the past.
    seen : str
        Latest moment at which a source tells the membership.
    """

    country: str
    organisation: str
    member: Literal["yes", "no"]
    since: Moment | Literal[""] = ""
    leads: Literal["yes", ""] = ""
    chair: str = ""
    near: float | None = _some_share()
    similar: float | None = _some_share()
    past: float | None = _some_share()
    seen: Moment | Literal[""] = ""

    @property
    def likeness(self) -> tuple[float, float, float] | None:
        """Nearness, similarity and past unrest, or None if the row has none."""
        if self.near is None or self.similar is None or self.past is None:
            return None
        return self.near, self.similar, self.past
