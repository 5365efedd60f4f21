"""Parties of a pack: who they are, what happened to them, their votes, and the rules of elections.

Four tables of the folder ``state``: ``parties.csv`` and ``party_events.csv``, which belong
together, and ``party_votes.csv`` and ``election_rules.csv``, which a pack may leave out. Turnout
and the winner's share stand in ``years/elections.csv`` and are not repeated.
"""

from __future__ import annotations

from dataclasses import dataclass

from qantar.base.errors import FileError
from qantar.base.files import read_rows
from qantar.packs.country import Country
from qantar.packs.state.parties_checks import Rows, check_parties
from qantar.packs.state.parties_tables import (
    EVENTS,
    PARTIES,
    RULES,
    VOTES,
    ElectionRule,
    Party,
    PartyEvent,
    PartyVote,
)
from qantar.packs.state.rows import FOLDER
from qantar.packs.years_tables import ELECTIONS, Election
from qantar.packs.years_tables import FOLDER as YEARS


@dataclass(frozen=True, repr=False)
class Parties:
    """The parties of a pack.

    Attributes
    ----------
    parties : tuple of Party
    events : tuple of PartyEvent
        In order of date; those of one day in the order of the file.
    votes : tuple of PartyVote
    rules : tuple of ElectionRule
        In order of date.
    elections : tuple of Election
        Parliamentary and presidential votes and referendums of the years.
    """

    parties: tuple[Party, ...]
    events: tuple[PartyEvent, ...]
    votes: tuple[PartyVote, ...]
    rules: tuple[ElectionRule, ...]
    elections: tuple[Election, ...]

    def position(self, party: str) -> int:
        """Return the position of a party in the table."""
        return [each.party for each in self.parties].index(party)

    def rule_of(self, date: str) -> ElectionRule | None:
        """Return the rule in force on a day, month or year; None before the first."""
        found = [rule for rule in self.rules if rule.begins <= date[: len(rule.begins)]]
        return found[-1] if found else None

    def __repr__(self) -> str:
        return (
            f"<Parties: {len(self.parties)} parties, {len(self.events)} events, "
            f"{len(self.votes)} results>"
        )


def load_parties(country: Country) -> Parties | None:
    """Read and check the parties of a country.

    Parameters
    ----------
    country : Country

    Returns
    -------
    Parties or None
        None if the pack describes no parties.

    Raises
    ------
    FileError
        At the first error, with file and line.
    """
    folder = country.folder / FOLDER
    if not (folder / PARTIES).is_file():
        if (folder / EVENTS).is_file():
            raise FileError(
                folder / EVENTS,
                "tells of parties that nothing declares",
                expected=f"{PARTIES} beside it",
                hint=f"packs/template/{FOLDER}/{PARTIES} shows the smallest one",
            )
        return None
    rows = Rows(
        folder,
        read_rows(folder / PARTIES, Party),
        read_rows(folder / EVENTS, PartyEvent),
        read_rows(folder / VOTES, PartyVote) if (folder / VOTES).is_file() else [],
        read_rows(folder / RULES, ElectionRule) if (folder / RULES).is_file() else [],
        _elections(country),
    )
    check_parties(country, rows)
    return Parties(
        tuple(row for _, row in rows.parties),
        tuple(row for _, row in rows.in_time()),
        tuple(row for _, row in rows.votes),
        tuple(sorted((row for _, row in rows.rules), key=lambda rule: rule.begins)),
        rows.elections,
    )


def _elections(country: Country) -> tuple[Election, ...]:
    """Return the elections of the years; none if the pack has no years."""
    path = country.folder / YEARS / ELECTIONS
    return tuple(row for _, row in read_rows(path, Election)) if path.is_file() else ()
