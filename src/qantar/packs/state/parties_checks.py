"""Checks of the tables of parties: names, order of events, who could stand, sums of votes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qantar.base.errors import FileError
from qantar.packs.country import Country
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
from qantar.packs.state.rows import check_source
from qantar.packs.years_faults import unknown
from qantar.packs.years_tables import ELECTIONS, Election, first_day, last_day

WHOLE = 100.0
"""All votes, in percent."""

_TWO_SIDED = ("split", "merged")
_ENDS = ("merged", "dissolved")
_AFTER_A_BAN = ("relaunched", "leader_jailed", "leader_freed", "exiled", "dissolved")
_BEFORE_WORD = {"banned": "is banned before it is founded"}


@dataclass(frozen=True)
class Rows:
    """Rows of the tables, each with its line.

    Attributes
    ----------
    folder : Path
    parties, events, votes, rules : list
    elections : tuple of Election
    """

    folder: Path
    parties: list[tuple[int, Party]]
    events: list[tuple[int, PartyEvent]]
    votes: list[tuple[int, PartyVote]]
    rules: list[tuple[int, ElectionRule]]
    elections: tuple[Election, ...]

    def in_time(self) -> list[tuple[int, PartyEvent]]:
        """Return the events by date; those of one day keep their order."""
        return sorted(self.events, key=lambda each: first_day(each[1].date))


def check_parties(country: Country, rows: Rows) -> None:
    """Check the tables.

    Raises
    ------
    FileError
        If a name or source is unknown, a party appears twice, has no beginning or descends from
        itself, an event comes before the party exists or cannot follow the one before, or a vote
        belongs to no election or to a party that was not registered.
    """
    names = [row.party for _, row in rows.parties]
    _check_names(rows, names)
    _check_ancestors(rows)
    _check_events(rows, names)
    _check_votes(rows, names)
    _check_rules(rows)
    for file, table in (
        (PARTIES, rows.parties),
        (EVENTS, rows.events),
        (VOTES, rows.votes),
        (RULES, rows.rules),
    ):
        for line, row in table:
            check_source(rows.folder / file, row, country, line)


def _check_names(rows: Rows, names: list[str]) -> None:
    path = rows.folder / PARTIES
    for k, (line, row) in enumerate(rows.parties):
        if row.party in names[:k]:
            raise FileError(
                path,
                f"the party {row.party!r} appears twice",
                line=line,
                expected="one row a party",
                hint="put what happens to it later into " + EVENTS,
            )
        if row.parent and row.parent not in names:
            raise unknown(path, "parent", row.parent, names, line, PARTIES)


def _check_ancestors(rows: Rows) -> None:
    """Refuse a party that is its own ancestor."""
    parent = {row.party: row.parent for _, row in rows.parties}
    for line, row in rows.parties:
        seen, name = [row.party], row.parent
        while name:
            if name in seen:
                raise FileError(
                    rows.folder / PARTIES,
                    f"the party {row.party!r} descends from itself",
                    line=line,
                    value=row.parent,
                    expected="a party that is older",
                    hint="leave `parent` empty for a party that split from no other",
                )
            seen.append(name)
            name = parent[name]


def _check_events(rows: Rows, names: list[str]) -> None:
    path = rows.folder / EVENTS
    for line, row in rows.events:
        if row.party not in names:
            raise unknown(path, "party", row.party, names, line, PARTIES)
        if row.other and row.other not in names:
            raise unknown(path, "party", row.other, names, line, PARTIES)
        _check_other(path, row, line)
    for line, party in rows.parties:
        own = [each for each in rows.in_time() if each[1].party == party.party]
        if not any(event.kind == "founded" for _, event in own):
            raise FileError(
                rows.folder / PARTIES,
                f"the party {party.party!r} is never founded",
                line=line,
                expected=f"a row of kind founded in {EVENTS}",
                hint="a rough date will do: a year, with a note",
            )
        _check_order(path, party.party, own)
    _check_births(rows)


def _check_other(path: Path, row: PartyEvent, line: int) -> None:
    """Check the second party of a split or a merger."""
    problem, expected = "", "empty, as only " + " and ".join(_TWO_SIDED) + " have a second party"
    if row.kind in _TWO_SIDED and not row.other:
        problem, expected = f"names no party in `other` ({row.kind})", "the other party"
    elif row.kind in _TWO_SIDED and row.other == row.party:
        problem, expected = f"is a {row.kind} of {row.party!r} with itself", "another party"
    elif row.kind not in _TWO_SIDED and row.other:
        problem = f"names a second party ({row.kind})"
    if problem:
        raise FileError(
            path,
            problem,
            line=line,
            value=row.other,
            expected=expected,
            hint="the half that keeps the name is `party`, the one that leaves is `other`",
        )


def _check_order(path: Path, party: str, own: list[tuple[int, PartyEvent]]) -> None:
    """Check that each event of a party can follow those before it."""
    founding = next(event for _, event in own if event.kind == "founded")
    state = ""
    for line, event in own:
        problem, expected = "", ""
        if event.kind == "founded" and state:
            problem, expected = "is founded twice", "relaunched, if it was banned before"
        elif event.kind != "founded" and not state:
            problem = _BEFORE_WORD.get(event.kind, f"has an event ({event.kind}) before it exists")
            expected = f"{founding.date} or later, when it is founded"
        elif state in _ENDS:
            problem, expected = (
                f"has an event ({event.kind}) after it was {state}",
                "none after that",
            )
        elif state == "banned" and event.kind not in _AFTER_A_BAN:
            problem = f"has an event ({event.kind}) while it is banned"
            expected = "relaunched before that"
        elif event.kind == "relaunched" and state != "banned":
            problem, expected = "is relaunched, but was not banned", "a ban before"
        if problem:
            raise FileError(
                path,
                f"the party {party!r} {problem}",
                line=line,
                value=event.date,
                expected=expected,
                hint="correct one of the dates, or the kind; rows of one day count in their order",
            )
        state = _state_after(event.kind, state)


def _state_after(kind: str, state: str) -> str:
    """Return whether a party exists, is banned or has ended after an event."""
    if kind == "banned" or kind in _ENDS:
        return kind
    return "exists" if kind in ("founded", "relaunched") else state


def _check_births(rows: Rows) -> None:
    """Refuse a party that is founded before the one from which it split."""
    born = {e.party: (line, e.date) for line, e in rows.events if e.kind == "founded"}
    for _, party in rows.parties:
        if not party.parent:
            continue
        line, date = born[party.party]
        if last_day(date) < first_day(born[party.parent][1]):
            raise FileError(
                rows.folder / EVENTS,
                f"the party {party.party!r} is founded before its parent {party.parent!r}",
                line=line,
                value=date,
                expected=f"{born[party.parent][1]} or later",
                hint=f"correct one of the dates, or the parent in {PARTIES}",
            )


def _check_votes(rows: Rows, names: list[str]) -> None:
    """Check that votes belong to an election, to a party that could stand, and fit into 100 %."""
    path = rows.folder / VOTES
    won = {e.date: e.winner_share or 0.0 for e in rows.elections if e.kind != "referendum"}
    total: dict[str, float] = dict(won)
    seen: set[tuple[str, str]] = set()
    for line, row in rows.votes:
        if row.party not in names:
            raise unknown(path, "party", row.party, names, line, PARTIES)
        if row.election not in won:
            raise unknown(path, "election", row.election, won, line, f"years/{ELECTIONS}")
        total[row.election] += row.share
        problem, expected = "", ""
        if (row.election, row.party) in seen:
            problem, expected = "has two results", "one row a party and election"
        elif not _is_registered(rows, row):
            problem, expected = "got votes without being registered", "a party that may stand"
        elif total[row.election] > WHOLE:
            problem = f"brings the votes to {total[row.election]:g} %, the winner's included"
            expected = "100 % or less in all"
        if problem:
            raise FileError(
                path,
                f"the party {row.party!r} {problem}",
                line=line,
                value=f"{row.share:g} % in {row.election}",
                expected=expected,
                hint=f"the winner's share stands in years/{ELECTIONS}, registration in {EVENTS}",
            )
        seen.add((row.election, row.party))


def _is_registered(rows: Rows, vote: PartyVote) -> bool:
    """Say whether a party is registered on the day of an election."""
    registered = False
    for _, event in rows.in_time():
        if event.party == vote.party and first_day(event.date) <= first_day(vote.election):
            if event.kind == "registered":
                registered = True
            elif event.kind in ("refused", "banned", *_ENDS):
                registered = False
    return registered


def _check_rules(rows: Rows) -> None:
    seen: set[str] = set()
    for line, row in rows.rules:
        if row.begins in seen:
            raise FileError(
                rows.folder / RULES,
                "has two rules from one month on",
                line=line,
                value=row.begins,
                expected="one row a month",
                hint="keep the one that held",
            )
        seen.add(row.begins)
