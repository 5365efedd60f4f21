"""The record of a pack's state as lifelines, from constitution and posts to courts and honours."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

from qantar.analysis.state.lifelines import Lifeline, LifelinePart, Moment, Stretch
from qantar.packs.state.constitution import Constitution
from qantar.packs.state.contents import StateContents
from qantar.packs.state.courts import Courts
from qantar.packs.state.courts_tables import Case
from qantar.packs.state.honours import Honours
from qantar.packs.state.narratives import Narratives
from qantar.packs.state.offices import Offices
from qantar.packs.state.outlets import Outlets
from qantar.packs.state.parties import Parties
from qantar.packs.state.rows import Sourced
from qantar.packs.state.society import Society
from qantar.packs.years_tables import first_day

OPEN = ""
"""End of a stretch that lasts to the end of the record."""

PARTY_STATUS = {
    "founded": "unregistered",
    "relaunched": "unregistered",
    "refused": "unregistered",
    "registered": "registered",
    "merged": "gone",
    "dissolved": "gone",
    "coopted": "co-opted",
    "banned": "banned",
}
"""What a party is after an event; events that are not named change nothing."""

OUTLET_STATUS = {
    "closed": "gone",
    "licence_lost": "off the air",
    "attacked": "off the air",
    "blocked": "blocked",
    "exiled": "abroad",
}
"""What an outlet is after an event that does not leave it with an owner at home."""


def record_of_state(contents: StateContents) -> list[LifelinePart]:
    """Return the lifelines of every part that a pack describes."""
    makers: tuple[tuple[Callable[[Any], LifelinePart], Any], ...] = (
        (constitution_lines, contents.constitution),
        (office_lines, contents.offices),
        (party_lines, contents.parties),
        (outlet_lines, contents.outlets),
        (case_lines, contents.courts),
        (honour_lines, contents.honours),
        (narrative_lines, contents.narratives),
        (strike_lines, contents.society),
    )
    return [make(part) for make, part in makers if part is not None]


def _source(row: Sourced) -> str:
    return f"{row.reference} {row.locator}".strip() + f", {row.grade}"


def _moment(row: Sourced, date: str, kind: str, label: str = "") -> Moment:
    return Moment(date, kind, label or row.note, _source(row), row.claim_ids)


def constitution_lines(constitution: Constitution) -> LifelinePart:
    """Return offices of state with their holders, and the amendments as one line of events."""
    offices, people = constitution.header.offices, constitution.header.persons
    amendments = tuple(
        _moment(each, each.date, each.form, each.label) for _, each in constitution.amendments
    )
    lines = [Lifeline("amendments", "Amendments", "Rules", (), amendments)]
    for name, office in offices.items():
        rows = sorted((h for h in constitution.holders if h.office == name), key=lambda h: h.begins)
        held = tuple(
            Stretch(h.begins, h.ends or OPEN, h.manner, people[h.person].label, h.claim_ids)
            for h in rows
        )
        if held:
            lines.append(Lifeline(name, office.label, "Offices of state", held))
    return LifelinePart(
        "constitution",
        "Constitution",
        {
            "elected": "by a vote",
            "appointed": "by another office",
            "acting": "for the rest of another's term",
            "law": "by a law made for the person",
        },
        tuple(lines),
        "Dated rules of the pack. Shares of power behind the index are readings of the rules, "
        "nearly all assumed.",
        ("A4", "A5"),
    )


def office_lines(part: Offices) -> LifelinePart:
    """Return posts with their holders."""
    names = {person.person: person for person in part.people}
    factions = {row.faction: row.label for row in part.factions}
    lines = []
    for post in part.posts:
        rows = part.of_post(post.post)
        if not rows:
            continue
        held = tuple(
            Stretch(
                row.since,
                row.until,
                factions[names[row.person].faction],
                names[row.person].name,
                row.claim_ids,
            )
            for row in rows
        )
        ends = tuple(_moment(row, row.until, row.how) for row in rows if row.until and row.how)
        lines.append(Lifeline(post.post, post.label, f"Posts: {post.kind}", held, ends))
    return LifelinePart(
        "offices",
        "Posts and holders",
        dict.fromkeys(factions.values(), "faction of the holder, as the pack reads it"),
        tuple(lines),
        "Holders whom the sources name as office holders or public figures. A gap means that no "
        "source read here names one.",
        ("A6", "B11", "D3", "D6"),
    )


def party_lines(part: Parties) -> LifelinePart:
    """Return parties and movements with their status."""
    stances = {"ruling": "Ruling", "satellite": "Loyal", "opposition": "Opposition"}
    lines = []
    for party in part.parties:
        events = sorted(
            (e for e in part.events if e.party == party.party), key=lambda e: first_day(e.date)
        )
        changes = [(e.date, PARTY_STATUS[e.kind]) for e in events if e.kind in PARTY_STATUS]
        moments = tuple(_moment(e, e.date, e.kind.replace("_", " ")) for e in events)
        lines.append(
            Lifeline(party.party, party.label, stances[party.stance], _stretches(changes), moments)
        )
    return LifelinePart(
        "parties",
        "Parties and movements",
        {
            "registered": "may stand",
            "unregistered": "exists without leave",
            "co-opted": "no longer stands against the state",
            "banned": "forbidden by a court",
        },
        tuple(lines),
        "",
        ("A7",),
    )


def outlet_lines(part: Outlets) -> LifelinePart:
    """Return outlets with their owners, and when they were off the air, blocked or abroad."""
    media = {"tv": "Television", "print": "Print", "web": "On the network"}
    lines = []
    for outlet in part.outlets:
        events = part.of(outlet.outlet)
        changes = [
            (e.date, OUTLET_STATUS.get(e.kind) or part.owner_at(e).kind)
            for e in events
            if e.kind != "moved_online"
        ]
        moments = tuple(_moment(e, e.date, e.kind.replace("_", " "), e.label) for e in events)
        lines.append(
            Lifeline(
                outlet.outlet, outlet.label, media[outlet.medium], _stretches(changes), moments
            )
        )
    kinds = dict.fromkeys(s.status for line in lines for s in line.stretches)
    words = {
        "off the air": "attacked, or its licence lost",
        "blocked": "blocked on the network",
        "abroad": "works from abroad",
    }
    return LifelinePart(
        "outlets",
        "Outlets",
        {kind: words.get(kind, f"in the hands of: {kind}") for kind in kinds if kind != "gone"},
        tuple(lines),
        "",
        ("A9",),
    )


def case_lines(part: Courts) -> LifelinePart:
    """Return the cases of public figures, from charge to the end of prison."""
    lines = []
    for case in part.cases:
        lines.append(Lifeline(case.case, case.person, "Cases", _case(case), _case_moments(case)))
    return LifelinePart(
        "courts",
        "Courts: cases of public figures",
        {"charged": "from charge or arrest to the verdict", "in prison": "after a sentence"},
        tuple(lines),
        "Cases that the sources tell of. What is recalled, and told by none, is marked as such.",
        ("A8", "C6"),
    )


def _case(case: Case) -> tuple[Stretch, ...]:
    found = []
    if case.charged and case.sentenced:
        found.append(Stretch(case.charged, case.sentenced, "charged", "", case.claim_ids))
    if case.sentenced and case.released and case.kind == "tried":
        years = f"{case.sentence_years:g} years" if case.sentence_years else ""
        found.append(Stretch(case.sentenced, case.released, "in prison", years, case.claim_ids))
    return tuple(found)


def _case_moments(case: Case) -> tuple[Moment, ...]:
    dates = (
        (case.charged, "charged", case.accusation),
        (case.sentenced, case.verdict or "sentenced", ""),
        (case.released, case.release or "released", ""),
        (case.died, "died", ""),
    )
    recalled = f"recalled: {case.recalled}" if case.recalled else ""
    return tuple(
        _moment(case, date, kind, label or recalled) for date, kind, label in dates if date
    )


def honour_lines(part: Honours) -> LifelinePart:
    """Return titles, names and statues while they were in force."""
    lines = []
    for row in part.rows:
        begins = row.begins or row.seen
        label = f"{row.label}{f', {row.place}' if row.place else ''}"
        stretch = Stretch(begins, row.ends, row.kind, "", row.claim_ids)
        end = (_moment(row, row.ends, row.ended_by or "ended"),) if row.ends else ()
        lines.append(Lifeline(row.honour, label, "Honours", (stretch,), end))
    return LifelinePart(
        "honours",
        "Honours",
        dict.fromkeys((row.kind for row in part.rows), "in force"),
        tuple(lines),
        "Titles, names and statues of the first presidents and of Soviet leaders.",
        ("A11",),
    )


def narrative_lines(part: Narratives) -> LifelinePart:
    """Return statements about January, from issue to withdrawal."""
    lines = []
    for row in part.rows:
        number = f"{row.number:,.0f} {row.unit}".strip() if row.number is not None else ""
        status = "walked back" if row.walked_back else "upheld"
        stretch = Stretch(row.issued, row.walked_back, status, number, row.claim_ids)
        said = _moment(row, row.issued, f"issued by {row.office or row.body or 'nobody named'}")
        lines.append(
            Lifeline(row.statement, row.label, row.narrative.replace("-", " "), (stretch,), (said,))
        )
    return LifelinePart(
        "narratives",
        "Official accounts of January",
        {"walked back": "until it was withdrawn", "upheld": "not withdrawn in the record"},
        tuple(lines),
        "",
        ("B10",),
    )


def strike_lines(part: Society) -> LifelinePart:
    """Return strikes and labour gatherings."""
    lines = [
        Lifeline(
            row.strike,
            row.label,
            "Labour",
            (Stretch(row.begins, row.ends or row.begins, row.outcome, "", row.claim_ids),),
            (_moment(row, row.begins, row.form, row.demands.replace(";", ", ")),),
        )
        for row in part.strikes
    ]
    outcomes = dict.fromkeys(row.outcome for row in part.strikes)
    return LifelinePart(
        "labour",
        "Strikes",
        {str(outcome): "how it ended" for outcome in outcomes},
        tuple(lines),
        "",
        ("E1", "E2"),
    )


def _stretches(changes: Iterable[tuple[str, str]]) -> tuple[Stretch, ...]:
    """Return the stretches between changes of status; ``gone`` ends without another."""
    ordered = list(changes)
    kept = [c for k, c in enumerate(ordered) if k == 0 or c[1] != ordered[k - 1][1]]
    found = [Stretch(a[0], b[0], a[1], a[1]) for a, b in pairwise(kept) if a[1] != "gone"]
    if kept and kept[-1][1] != "gone":
        found.append(Stretch(kept[-1][0], OPEN, kept[-1][1], kept[-1][1]))
    return tuple(found)
