"""Schemas of the tables of parties."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from qantar.model.months.event_kinds import PartyEventKind
from qantar.packs.state.rows import Sourced
from qantar.packs.years_tables import Moment, Month

PARTIES, EVENTS = "parties.csv", "party_events.csv"
VOTES, RULES = "party_votes.csv", "election_rules.csv"

Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False, description="0 to 100")]


class Party(Sourced):
    """A row of ``parties.csv``.

    Attributes
    ----------
    party : str
        Name in the other tables.
    stance : {"ruling", "satellite", "opposition"}
        When it is founded. Whether it is registered follows from its events.
    parent : str
        The party from which it split.
    led : bool
        Whether it has a leader with whom the state could bargain.
    """

    party: str
    label: str
    stance: Literal["ruling", "satellite", "opposition"]
    parent: str = ""
    led: bool = True


class PartyEvent(Sourced):
    """A row of ``party_events.csv``.

    Attributes
    ----------
    other : str
        The party that leaves (``split``) or that takes it over (``merged``).
    years : float, optional
        Sentence of a leader.
    """

    party: str
    date: Moment
    kind: PartyEventKind
    other: str = ""
    years: float | None = Field(default=None, gt=0, description="years above 0")


class PartyVote(Sourced):
    """A row of ``party_votes.csv``: votes of a party that did not win.

    Attributes
    ----------
    election : str
        Date of a vote of ``years/elections.csv`` that is no referendum: a vote by list, or one for
        president in which the party had a candidate.
    share : float
        Percent.
    seats : int, optional
        Seats by list that it got.
    """

    election: Moment
    party: str
    share: Percent
    seats: int | None = Field(default=None, ge=0, description="a whole number, 0 or more")


class ElectionRule(Sourced):
    """A row of ``election_rules.csv``: how parliament is elected from a month on.

    Attributes
    ----------
    list_seats : int
        Seats by party list.
    threshold : float
        Percent of votes below which a list gets none.
    """

    begins: Month = Field(alias="from")
    list_seats: int = Field(gt=0, description="a whole number above 0")
    threshold: Percent
