"""Look up one unit of the state by name: a post, person, party, outlet, case, honour and others.

A unit is a `Lifeline` with the part that tells of it. Nothing here imports pandas, so that looking
up a name is quick.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from qantar.analysis.state.lifelines import Lifeline, LifelinePart, Moment, Stretch
from qantar.analysis.state.record import (
    case_lines,
    constitution_lines,
    honour_lines,
    narrative_lines,
    office_lines,
    outlet_lines,
    party_lines,
)
from qantar.evidence.claims import Claim
from qantar.packs.country import Country
from qantar.packs.evidence import country_ledger, has_evidence
from qantar.packs.state.constitution import Constitution, load_constitution
from qantar.packs.state.constitution_tables import Amendment
from qantar.packs.state.courts import load_courts
from qantar.packs.state.honours import load_honours
from qantar.packs.state.narratives import load_narratives
from qantar.packs.state.offices import Offices, load_offices
from qantar.packs.state.outlets import load_outlets
from qantar.packs.state.parties import load_parties
from qantar.packs.state.rows import Sourced


@dataclass(frozen=True)
class Unit:
    """A unit of the state.

    Attributes
    ----------
    part : str
        Title of the part that tells of it.
    line : Lifeline
    statuses : dict
        What the statuses of its stretches mean.
    note : str
        What the reader must know about the part.
    """

    part: str
    line: Lifeline
    statuses: dict[str, str]
    note: str = ""


def units_of(country: Country, kind: str) -> dict[str, tuple[Unit, ...]]:
    """Return all units of one kind by name.

    Parameters
    ----------
    country : Country
    kind : str
        One of `STATE_KINDS`.

    Returns
    -------
    dict
        In the order of the pack; none if the pack does not describe the part. A post may be in two
        parts: among the posts, and among the offices of the constitution.
    """
    found: dict[str, tuple[Unit, ...]] = {}
    for part in STATE_KINDS[kind](country):
        for line in part.lines:
            unit = Unit(part.title, line, dict(part.statuses), part.note)
            found[line.name] = (*found.get(line.name, ()), unit)
    return found


def claims_behind(country: Country, lines: Iterable[Lifeline]) -> dict[str, Claim]:
    """Return the claims that lifelines name, by id, in the order in which they are named."""
    known = country_ledger(country).claims if has_evidence(country) else {}
    named = dict.fromkeys(key for line in lines for key in line.claims if key in known)
    return {key: known[key] for key in named}


def claim_values(claim: Claim) -> dict[str, str]:
    """Return what a reader needs of a claim: where it stands and what it says."""
    return {
        "source": claim.source,
        "cite": claim.cite(),
        "attributed_to": claim.attributed_to,
        "paraphrase": claim.paraphrase,
    }


def line_values(line: Lifeline) -> dict[str, Any]:
    """Return a lifeline in values that JSON has."""
    return {
        "name": line.name,
        "label": line.label,
        "group": line.group,
        "stretches": [
            {
                "from": each.begins,
                "to": each.ends,
                "status": each.status,
                "label": each.label,
                "claims": list(each.claims),
            }
            for each in line.stretches
        ],
        "moments": [
            {
                "date": each.date,
                "kind": each.kind,
                "label": each.label,
                "source": each.source,
                "claims": list(each.claims),
            }
            for each in line.moments
        ],
    }


def _posts(country: Country) -> list[LifelinePart]:
    """Return posts, those without a named holder too, and the offices of the constitution."""
    found = []
    if (offices := load_offices(country)) is not None:
        part = office_lines(offices)
        drawn = {line.name: line for line in part.lines}
        lines = tuple(
            drawn.get(post.post, Lifeline(post.post, post.label, f"Posts: {post.kind}"))
            for post in offices.posts
        )
        found.append(LifelinePart(part.part, part.title, part.statuses, lines, part.note))
    if (constitution := load_constitution(country)) is not None:
        part = constitution_lines(constitution)
        held = tuple(line for line in part.lines if line.stretches)
        found.append(LifelinePart(part.part, part.title, part.statuses, held, part.note))
    return found


def _source(row: Sourced) -> str:
    return f"{row.reference} {row.locator}".strip() + f", {row.grade}"


def _amendments(country: Country) -> list[LifelinePart]:
    """Return every amendment with the rules that it sets."""
    constitution = load_constitution(country)
    if constitution is None:
        return []
    lines = tuple(
        Lifeline(name, each.label, "Amendments", (), tuple(_amendment(constitution, name, each)))
        for name, each in constitution.amendments
    )
    note = "Rules not named here stay as they were."
    return [LifelinePart("constitution", "Constitution", {}, lines, note)]


def _amendment(constitution: Constitution, name: str, each: Amendment) -> Iterable[Moment]:
    yield Moment(each.date, each.form, each.note, _source(each), each.claim_ids)
    if each.vote is not None:
        vote = f"{each.vote.yes:,} yes, {each.vote.no:,} no, turnout {each.vote.turnout:g} %"
        yield Moment(each.date, "vote", vote)
    offices = constitution.header.offices
    for row in constitution.rows:
        if row.amendment != name:
            continue
        office = offices[row.office].label if row.office in offices else row.office
        until = f", until {row.until}" if row.until else ""
        label = f"{office}: {row.rule.replace('_', ' ')} = {row.value}{until}"
        yield Moment(each.date, "sets", label, _source(row), row.claim_ids)


def _persons(country: Country) -> list[LifelinePart]:
    """Return everybody whom the pack names in a post, with posts, cases and honours."""
    offices, constitution = load_offices(country), load_constitution(country)
    names: dict[str, str] = {}
    if offices is not None:
        names |= {person.person: person.name for person in offices.people}
    if constitution is not None:
        names = {k: p.label for k, p in constitution.header.persons.items()} | names
    if not names:
        return []
    lines = tuple(
        Lifeline(
            name,
            label,
            _faction(offices, name),
            tuple(_held_by(offices, constitution, name)),
            tuple(sorted(_told_of(country, label), key=lambda moment: moment.date)),
        )
        for name, label in names.items()
    )
    return [LifelinePart("offices", "Posts and holders", {}, lines, PERSON_NOTE)]


def _faction(offices: Offices | None, name: str) -> str:
    if offices is None:
        return ""
    labels = {row.faction: row.label for row in offices.factions}
    return next((labels[each.faction] for each in offices.people if each.person == name), "")


def _held_by(
    offices: Offices | None, constitution: Constitution | None, name: str
) -> Iterable[Stretch]:
    """Return the posts of a person; an office that is among the posts too is given once."""
    found: list[Stretch] = []
    posts: set[str] = set()
    if offices is not None:
        labels = {post.post: post.label for post in offices.posts}
        posts = {row.post for row in offices.holdings if row.person == name}
        found += [
            Stretch(row.since, row.until, row.how, labels[row.post], row.claim_ids)
            for row in offices.holdings
            if row.person == name
        ]
    if constitution is not None:
        found += [
            Stretch(
                row.begins,
                row.ends or "",
                row.manner,
                constitution.header.offices[row.office].label,
                row.claim_ids,
            )
            for row in constitution.holders
            if row.person == name and row.office not in posts
        ]
    return sorted(found, key=lambda stretch: stretch.begins)


def _told_of(country: Country, person: str) -> Iterable[Moment]:
    """Return the cases against a person and the honours given, which name them by name."""
    if (courts := load_courts(country)) is not None:
        names = {case.case for case in courts.cases if case.person == person}
        for line in case_lines(courts).lines:
            yield from line.moments if line.name in names else ()
    if (honours := load_honours(country)) is not None:
        for row in honours.rows:
            if row.person == person:
                begins = row.begins or row.seen
                yield Moment(begins, row.kind, row.label, _source(row), row.claim_ids)


PERSON_NOTE = (
    "Only people whom a source names as holders of a public office or as public figures are here."
)


def _part_of(
    load: Callable[[Country], Any], lines: Callable[[Any], LifelinePart]
) -> Callable[[Country], list[LifelinePart]]:
    """Return what gives one part of a pack, or none if the pack does not describe it."""

    def read(country: Country) -> list[LifelinePart]:
        part = load(country)
        return [] if part is None else [lines(part)]

    return read


STATE_KINDS: dict[str, Callable[[Country], list[LifelinePart]]] = {
    "post": _posts,
    "person": _persons,
    "party": _part_of(load_parties, party_lines),
    "outlet": _part_of(load_outlets, outlet_lines),
    "case": _part_of(load_courts, case_lines),
    "honour": _part_of(load_honours, honour_lines),
    "narrative": _part_of(load_narratives, narrative_lines),
    "amendment": _amendments,
}
"""Kinds of units, each with what reads them from a pack."""
