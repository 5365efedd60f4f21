"""Balance of a pack among Russia, the West, China and the Turkic states.

Three tables of the folder ``world``: ``dependence.csv`` (trade, shares of imports and transit,
exposure to sanctions and to Russian media), ``statements.csv`` (dated acts, toward or away from a
partner) and ``memberships.csv``. Polls and pressure from abroad are tables of the state and are
read there.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path

from qantar.base.errors import FileError
from qantar.base.files import read_rows
from qantar.packs.country import Country
from qantar.packs.state.order import check_once, check_order
from qantar.packs.state.rows import Sourced, check_source
from qantar.packs.world.balance_tables import (
    DEPENDENCE,
    MEMBERSHIPS,
    MOST,
    STATEMENTS,
    UNITS,
    Act,
    Dependence,
    Membership,
)
from qantar.packs.years_faults import unknown

FOLDER = "world"
"""Folder of a pack that describes the world outside."""

_TURNED = "exchange the two dates"


@dataclass(frozen=True)
class Balance:
    """Dependence, acts and memberships of a pack; a table that it lacks is empty."""

    dependence: tuple[Dependence, ...]
    acts: tuple[Act, ...]
    memberships: tuple[Membership, ...]

    def series(self, name: str, partner: str = "", group: str = "") -> tuple[Dependence, ...]:
        """Return the rows of a series, earliest first; of every partner if none is named."""
        rows = (
            row
            for row in self.dependence
            if row.series == name and row.partner == (partner or row.partner) and row.group == group
        )
        return tuple(sorted(rows, key=lambda row: row.months))

    @property
    def groups(self) -> tuple[str, ...]:
        """Groups of residents of which some number is told, in the order of the file."""
        return tuple(dict.fromkeys(row.group for row in self.dependence if row.group))

    def own_acts(self, partner: str, *, business: bool = True) -> tuple[Act, ...]:
        """Return acts of the state toward or away from a partner, earliest first.

        Parameters
        ----------
        partner : str
        business : bool
            Whether acts of firms count as well.
        """
        actors = ("state", "business") if business else ("state",)
        found = (
            act
            for act in self.acts
            if act.actor in actors and act.partner == partner and act.direction != "open"
        )
        return tuple(sorted(found, key=lambda act: (act.month, act.date)))

    def act(self, name: str) -> Act | None:
        """Return an act by its name, or None."""
        return next((act for act in self.acts if act.act == name), None)


def load_balance(country: Country) -> Balance | None:
    """Return the balance of a pack, or None if it has no such file.

    Parameters
    ----------
    country : Country

    Returns
    -------
    Balance or None

    Raises
    ------
    FileError
        If bounds are turned round or outside their unit, rows of a series overlap, an act or a body
        appears twice, a number has no unit, or a reference is unknown.
    """
    folder = country.folder / FOLDER
    files = [folder / name for name in (DEPENDENCE, STATEMENTS, MEMBERSHIPS)]
    if not any(path.is_file() for path in files):
        return None
    dependence = read_rows(files[0], Dependence) if files[0].is_file() else []
    acts = read_rows(files[1], Act) if files[1].is_file() else []
    memberships = read_rows(files[2], Membership) if files[2].is_file() else []
    _check_dependence(files[0], country, dependence)
    _check_acts(files[1], country, acts)
    _check_memberships(files[2], country, memberships)
    return Balance(
        tuple(row for _, row in dependence),
        tuple(row for _, row in acts),
        tuple(row for _, row in memberships),
    )


def _check_dependence(path: Path, country: Country, rows: list[tuple[int, Dependence]]) -> None:
    seen: set[Hashable] = set()
    for line, row in rows:
        check_source(path, row, country, line)
        check_once(path, line, row.row, seen, "the row")
        check_order(path, line, ("from", row.begins), ("to", row.ends), _TURNED)
        most = MOST.get(row.unit, float("inf"))
        bounds = f"{row.low:g} to {row.high:g}"
        problem = expected = hint = ""
        if row.unit != UNITS[row.series]:
            problem, expected = "has another unit than its series", UNITS[row.series]
            bounds, hint = row.unit, "correct the unit, or the series"
        elif row.low > row.high:
            problem, expected = "the lower bound is above the upper", "`low` at most `high`"
            hint = "exchange the two"
        elif row.low < 0 or row.high > most:
            problem, expected = "lies outside its unit", f"0 to {most:g} {row.unit}"
            hint = "correct the number; is it in the right unit?"
        if problem:
            raise _wrong(path, line, problem, bounds, expected, hint)
    _check_apart(path, rows)


def _check_apart(path: Path, rows: list[tuple[int, Dependence]]) -> None:
    """Refuse two rows of a series, partner and group that hold in the same month."""
    last: dict[tuple[str, str, str], Dependence] = {}
    for line, row in sorted(rows, key=lambda each: each[1].months):
        key = (row.series, row.partner, row.group)
        before = last.get(key)
        if before is not None and row.months[0] <= before.months[1]:
            raise _wrong(path, line, f"overlaps with the row {before.row!r}",
                         f"{row.begins} to {row.ends}", f"a beginning after {before.ends}",
                         "correct the dates, or give the second another group")  # fmt: skip
        last[key] = row


def _check_acts(path: Path, country: Country, rows: list[tuple[int, Act]]) -> None:
    seen: set[Hashable] = set()
    for line, row in rows:
        check_source(path, row, country, line)
        check_once(path, line, row.act, seen, "the act")
        if (row.number is None) != (not row.unit):
            raise _wrong(path, line, "has a number without a unit, or a unit without a number",
                         row.unit if row.number is None else row.number,
                         "both `number` and `unit`, or neither",
                         "fill the other cell, or empty this one")  # fmt: skip


def _check_memberships(path: Path, country: Country, rows: list[tuple[int, Membership]]) -> None:
    seen: set[Hashable] = set()
    columns = set(Membership.model_fields) - set(Sourced.model_fields)
    known = {"from", "to", *columns} - {"begins", "ends"}
    for line, row in rows:
        check_source(path, row, country, line)
        check_once(path, line, row.body, seen, "the body")
        check_order(path, line, ("from", row.begins), ("to", row.ends), _TURNED)
        check_order(path, line, ("from", row.begins), ("seen_in", row.seen_in), _TURNED)
        for name in row.recalled_columns:
            if name not in known:
                raise unknown(path, "column", name, sorted(known), line, MEMBERSHIPS)


def _wrong(
    path: Path, line: int, problem: str, value: object, expected: str, hint: str
) -> FileError:
    return FileError(path, problem, line=line, value=value, expected=expected, hint=hint)
