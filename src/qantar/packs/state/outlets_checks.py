"""Checks of outlets: names, owners in turn, and lives that hold together."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from qantar.base.errors import FileError
from qantar.packs.country import Country
from qantar.packs.state.outlets_tables import (
    EVENTS,
    OUTLETS,
    OWNERS,
    Outlet,
    OutletEvent,
    Ownership,
)
from qantar.packs.state.rows import check_source
from qantar.packs.years_faults import turned, unknown
from qantar.packs.years_tables import first_day, last_day


def check_outlets(
    country: Country,
    folder: Path,
    outlets: list[tuple[int, Outlet]],
    owners: list[tuple[int, Ownership]],
    events: list[tuple[int, OutletEvent]],
) -> None:
    """Check the outlets of a pack; events are in order of month.

    Raises
    ------
    FileError
        If a name is unknown or appears twice, two owners hold one outlet at once, or what befalls
        an outlet does not fit together.
    """
    names = _check_names(folder / OUTLETS, outlets)
    rows = ((OUTLETS, outlets), (OWNERS, owners), (EVENTS, events))
    for name, table in rows:
        for line, row in table:
            check_source(folder / name, row, country, line)
    for name, table in rows[1:]:
        for line, row in table:
            if row.outlet not in names:
                raise unknown(folder / name, "outlet", row.outlet, names, line, OUTLETS)
    for line, outlet in outlets:
        held = [each for each in owners if each[1].outlet == outlet.outlet]
        life = [each for each in events if each[1].outlet == outlet.outlet]
        _check_owners(folder / OWNERS, held)
        _check_life(folder, line, outlet, life, [row for _, row in events])
        _check_hands(folder, life, held)


def _check_names(path: Path, rows: list[tuple[int, Outlet]]) -> dict[str, int]:
    """Check that each outlet appears once and succeeds another one; return their lines."""
    names: dict[str, int] = {}
    for line, row in rows:
        if row.outlet in names:
            raise FileError(
                path,
                f"the outlet {row.outlet!r} appears twice",
                line=line,
                expected=f"one row an outlet; line {names[row.outlet]} has the other",
                hint="a new owner is a row of outlet_owners.csv; a new name is an outlet too",
            )
        names[row.outlet] = line
    for line, row in rows:
        others = [name for name in names if name != row.outlet]
        if row.successor_of and row.successor_of not in others:
            raise unknown(path, "successor_of", row.successor_of, others, line, OUTLETS)
    return names


def _check_owners(path: Path, rows: list[tuple[int, Ownership]]) -> None:
    """Refuse owners of one outlet that overlap, or end before they begin."""
    ordered = sorted(rows, key=lambda each: first_day(each[1].begins))
    for line, row in ordered:
        if row.ends is not None and first_day(row.begins) > last_day(row.ends):
            raise turned(path, row.begins, row.ends, line)
    for (_, before), (line, after) in pairwise(ordered):
        if before.ends is None or last_day(before.ends) >= first_day(after.begins):
            raise FileError(
                path,
                f"{after.outlet!r} has two owners at once",
                line=line,
                value=f"{after.owner} from {after.begins}",
                expected=f"a beginning after {before.owner!r}, to {before.ends or 'open'}",
                hint="end the earlier row before the later begins",
            )


def _check_life(
    folder: Path,
    line: int,
    outlet: Outlet,
    life: list[tuple[int, OutletEvent]],
    events: list[OutletEvent],
) -> None:
    """Check the order of what befalls one outlet."""
    if not life:
        raise FileError(
            folder / OUTLETS,
            f"the outlet {outlet.outlet!r} is never founded",
            line=line,
            expected=f"a row `founded` or `refounded` in {EVENTS}",
            hint="give the year; a year before the first month means that it was there already",
        )
    working, seen = False, set()
    for k, (at, event) in enumerate(life):
        problem, expected = "", ""
        begins = event.kind in ("founded", "refounded")
        if (event.date, event.kind) in seen:
            problem, expected = f"is {event.kind} twice in {event.date}", "one row an event"
        elif k == 0 and not begins:
            problem = f"is {event.kind} before it is founded"
            expected = "`founded` or `refounded` first"
        elif k == 0 and event.kind == "refounded" and not _fell(outlet.successor_of, event, events):
            problem = "is refounded, but nothing was closed before"
            expected = "`successor_of` an outlet that was closed, taken over or exiled by then"
        elif k > 0 and working and begins:
            problem, expected = f"is {event.kind} while it works", "an end before a new beginning"
        elif k > 0 and not working and event.kind != "refounded":
            problem = f"is {event.kind} after it was closed"
            expected = "`refounded` first"
        if problem:
            raise FileError(
                folder / EVENTS,
                f"{outlet.outlet!r} {problem}",
                line=at,
                value=f"{event.kind} {event.date}",
                expected=expected,
                hint="correct the date or the kind, or enter the event that is missing",
            )
        seen.add((event.date, event.kind))
        working = event.kind != "closed"


def _fell(name: str, event: OutletEvent, events: list[OutletEvent]) -> bool:
    """Say whether an outlet had fallen when its people began again."""
    return any(
        each.outlet == name
        and each.kind in ("closed", "taken_over", "exiled")
        and each.month <= event.month
        for each in events
    )


def _check_hands(
    folder: Path, life: list[tuple[int, OutletEvent]], held: list[tuple[int, Ownership]]
) -> None:
    """Check that somebody holds the outlet, and that owners and takeovers go together."""
    line, first = life[0]
    begins = [row.begins for _, row in held]
    if not any(first_day(each) <= last_day(first.date) for each in begins):
        raise FileError(
            folder / EVENTS,
            f"{first.outlet!r} has no owner when it is founded",
            line=line,
            value=first.date,
            expected=f"a row of {OWNERS} from {first.date} or earlier",
            hint="state whose it was, if only by kind, with the grade `assumed`",
        )
    for line, event in life:
        if event.kind == "taken_over" and event.date not in begins:
            raise FileError(
                folder / EVENTS,
                f"{event.outlet!r} is taken over, but by nobody",
                line=line,
                value=event.date,
                expected=f"an owner in {OWNERS} from {event.date}",
                hint="give both the same date",
            )
    changes = {event.date for _, event in life if event.kind == "taken_over"}
    for line, row in sorted(held, key=lambda each: first_day(each[1].begins))[1:]:
        if row.begins not in changes:
            raise FileError(
                folder / OWNERS,
                f"{row.outlet!r} changes hands without an event",
                line=line,
                value=row.begins,
                expected=f"`taken_over` on that date in {EVENTS}",
                hint="give both the same date",
            )
