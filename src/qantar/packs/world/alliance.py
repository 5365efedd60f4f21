"""The alliance of a pack: who asked it for troops, what it sent, and who belongs to it.

``requests.csv`` holds every crisis in which help was asked for or could have been.
``contingents.csv`` holds contingents, disputed totals, moments and sites of the deployment.
``members.csv`` holds states and organisations.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from qantar.base.errors import FileError
from qantar.base.files import read_rows
from qantar.packs.country import COMMON, Country, packs_folder
from qantar.packs.parameters import Parameter, load_parameters, parameter_file
from qantar.packs.state.order import check_once, check_order
from qantar.packs.state.rows import check_source
from qantar.packs.world.alliance_tables import (
    CONTINGENTS,
    MEMBERS,
    MOMENTS,
    REQUESTS,
    Contingent,
    Member,
    Request,
)
from qantar.packs.years_faults import check_spell, unknown
from qantar.packs.years_tables import first_day, last_day

FOLDER = "world"
"""Folder of a pack, and of the common pack, that describes the world outside."""


@dataclass(frozen=True)
class Alliance:
    """The alliance of a country; every tuple is in the order of its file.

    Attributes
    ----------
    requests : tuple of Request
    contingents : tuple of Contingent
    members : tuple of Member
    """

    requests: tuple[Request, ...]
    contingents: tuple[Contingent, ...]
    members: tuple[Member, ...]

    def of_kind(self, kind: str) -> tuple[Contingent, ...]:
        """Return contingents, totals, moments or sites."""
        return tuple(row for row in self.contingents if row.kind == kind)

    def moment(self, name: str) -> tuple[dt.date, dt.date]:
        """Return the first and the last day on which a moment can have been.

        Raises
        ------
        KeyError
            If the pack does not have it.
        """
        row = next((each for each in self.of_kind("moment") if each.row == name), None)
        if row is None:
            raise KeyError(name)
        return first_day(row.begins), last_day(row.ends)

    @property
    def leader(self) -> Member:
        """The state that leads the alliance."""
        return next(row for row in self.members if row.leads)

    def states(self) -> tuple[Member, ...]:
        """Return states whose likeness with the host is told, members of the alliance or not."""
        rows = (row for row in self.members if row.organisation == self.leader.organisation)
        return tuple(row for row in rows if row.likeness is not None)


def load_alliance(country: Country) -> Alliance | None:
    """Return the alliance of a pack, or None if it has none of the three files.

    Raises
    ------
    FileError
        With file, line and hint, if a row is out of shape, appears twice or contradicts itself, a
        reference is unknown, moments run backwards, a contingent is of no member, the alliance has
        no leading state, or a file is missing.
    """
    folder = country.folder / FOLDER
    paths = [folder / name for name in (REQUESTS, CONTINGENTS, MEMBERS)]
    if not any(path.is_file() for path in paths):
        return None
    for path in paths:
        if not path.is_file():
            hint = f"add it, or remove the others of {', '.join(p.name for p in paths)}"
            raise FileError(path, "does not exist", expected="all three files or none", hint=hint)
    members = _members(paths[2], country)
    return Alliance(
        tuple(_requests(paths[0], country)),
        tuple(_contingents(paths[1], country, members)),
        tuple(members),
    )


def rule_numbers(rule: str) -> Mapping[str, Parameter]:
    """Return the declared numbers of a rule of the world outside, by name."""
    return load_parameters(parameter_file(packs_folder() / COMMON / FOLDER, rule))


def _requests(path: Path, country: Country) -> list[Request]:
    rows = read_rows(path, Request)
    seen: set[Hashable] = set()
    for line, row in rows:
        check_source(path, row, country, line)
        check_once(path, line, row.crisis, seen, "the crisis")
        columns = set(Request.model_fields) - {"crisis", "label", "recalled"}
        for name in row.recalled_columns:
            if name not in columns:
                raise unknown(path, "column", name, sorted(columns), line, REQUESTS)
        problem, expected = _contradiction(row)
        if problem:
            raise FileError(
                path,
                f"the crisis {row.crisis!r} {problem}",
                line=line,
                expected=expected,
                hint="correct the cells; write `not told` where no source says it",
            )
    return [row for _, row in rows]


def _contradiction(row: Request) -> tuple[str, str]:
    """Return what a request says against itself, and what would be right."""
    if row.sent and row.asked != "yes":
        return "sent troops that nobody asked for", "`asked` yes, or decision `no troops`"
    if row.asked == "no" and row.asked_by in ("incumbent", "interim"):
        return "was not asked, but says by whom", "`asked_by` nobody"
    if row.asked == "yes" and row.asked_by == "nobody":
        return "was asked by nobody", "`asked_by` incumbent, interim or not told"
    if row.asked_by == "interim" and row.incumbent > 0:
        return "was asked by an interim government with an incumbent", "`incumbent` 0"
    if row.asked_by == "incumbent" and row.incumbent < 1:
        return "was asked by an incumbent but has `incumbent` below 1", "`incumbent` 1"
    return "", ""


def _contingents(path: Path, country: Country, members: list[Member]) -> list[Contingent]:
    rows = read_rows(path, Contingent)
    seen: set[Hashable] = set()
    known = {each.country for each in members if each.member == "yes"}
    for line, row in rows:
        check_source(path, row, country, line)
        check_once(path, line, row.row, seen, "the row")
        check_spell(path, row, line)
        _check_kind(path, line, row)
        if row.kind == "contingent" and row.country not in known:
            raise unknown(path, "member", row.country, sorted(known), line, MEMBERS)
        if row.kind == "moment" and row.row not in MOMENTS:
            raise unknown(path, "moment", row.row, MOMENTS, line, "the moments of a deployment")
    _check_moments(path, {row.row: (line, row) for line, row in rows if row.kind == "moment"})
    return [row for _, row in rows]


def _check_kind(path: Path, line: int, row: Contingent) -> None:
    """Refuse a row that says more, or less, than its kind needs."""
    persons = row.kind in ("contingent", "total")
    if persons == (row.persons is not None) and (row.kind == "contingent") == bool(row.country):
        return
    raise FileError(
        path,
        f"the {row.kind} {row.row!r} has too many cells or too few",
        line=line,
        value=f"country {row.country or 'nothing'}, persons {row.persons}",
        expected="persons for a contingent or a total, a country for a contingent alone",
        hint="fill or empty the cells, or correct the kind",
    )


def _check_moments(path: Path, moments: Mapping[str, tuple[int, Contingent]]) -> None:
    """Refuse a deployment without all moments, or one that runs backwards."""
    for name in MOMENTS:
        if name not in moments:
            hint = f"add a row of kind `moment` named {name!r}"
            raise FileError(path, f"lacks the moment {name!r}", expected=str(MOMENTS), hint=hint)
    order = [name for name in MOMENTS if name != "stabilised"]
    for before, after in pairwise(order):
        line, row = moments[after]
        earlier = (before, moments[before][1].begins)
        check_order(path, line, earlier, (after, row.ends), "exchange or correct the dates")


def _members(path: Path, country: Country) -> list[Member]:
    rows = read_rows(path, Member)
    seen: set[Hashable] = set()
    for line, row in rows:
        check_source(path, row, country, line)
        check_once(path, line, (row.country, row.organisation), seen, "the state")
        hint = "correct the dates, or leave `seen` empty"
        check_order(path, line, ("since", row.since), ("seen", row.seen), hint)
        if (row.member == "yes") != bool(row.since):
            raise FileError(
                path,
                "is a member without a beginning, or a beginning without a member",
                line=line,
                value=row.since or "nothing",
                expected="`since` for members alone",
                hint="fill or empty `since`",
            )
    leaders = [row.country for _, row in rows if row.leads]
    if len(leaders) != 1:
        raise FileError(
            path,
            "has no leading state, or two",
            value=", ".join(leaders) or "none",
            expected="one row with `leads` yes",
            hint="write yes in `leads` of the state that leads the alliance, and only there",
        )
    return [row for _, row in rows]
