"""What those in power said of a crisis: who said it, when, with which number, and when it went."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from qantar.base.errors import FileError
from qantar.base.files import read_rows
from qantar.packs.country import Country
from qantar.packs.state.order import check_once, check_order
from qantar.packs.state.rows import FOLDER, Sourced, check_source
from qantar.packs.tables import Office
from qantar.packs.years_faults import unknown
from qantar.packs.years_tables import Moment, first_day, last_day

NARRATIVES = "narratives.csv"


class Statement(Sourced):
    """A row of ``narratives.csv``: one statement.

    Attributes
    ----------
    narrative : str
        What it belongs to, such as ``terrorists``; several statements share one.
    issued : str
    office : str
        The office of ``offices.csv`` that said it.
    body : str
        Who said it, if that is no office of the table: a staff, state television, a ruler abroad.
    number : float, optional
        The number claimed.
    walked_back : str
        When it was taken back, softened or given up; empty if nobody tells so.
    evidence : {"none", "discredited", "not told"}
        What was shown for it.
    """

    statement: str
    narrative: str
    label: str
    issued: Moment
    office: str = ""
    body: str = ""
    number: float | None = Field(default=None, ge=0, allow_inf_nan=False, description="0 or more")
    unit: str = ""
    walked_back: Moment | Literal[""] = ""
    evidence: Literal["none", "discredited", "not told"] = "not told"


@dataclass(frozen=True)
class Narratives:
    """Statements of a pack, in the order of the file."""

    rows: tuple[Statement, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The narratives, in the order of their first row."""
        return tuple(dict.fromkeys(row.narrative for row in self.rows))

    def of(self, narrative: str) -> tuple[Statement, ...]:
        """Return the statements of a narrative by the day on which they can have come first."""
        own = (row for row in self.rows if row.narrative == narrative)
        return tuple(sorted(own, key=lambda row: (first_day(row.issued), last_day(row.issued))))


def load_narratives(country: Country) -> Narratives | None:
    """Return the statements of a pack, or None if it has no such file.

    Parameters
    ----------
    country : Country

    Returns
    -------
    Narratives or None

    Raises
    ------
    FileError
        If an office is unknown or empty on that day, nobody is named, a statement is walked back
        before it is issued, or a number has no unit.
    """
    path = country.folder / FOLDER / NARRATIVES
    if not path.is_file():
        return None
    rows = read_rows(path, Statement)
    seen: set[Hashable] = set()
    for line, row in rows:
        check_source(path, row, country, line)
        check_once(path, line, row.statement, seen, "the statement")
        _check_speaker(path, line, row, country)
        hint = "correct the dates; if it was never taken back, leave it empty"
        check_order(path, line, ("issued", row.issued), ("walked_back", row.walked_back), hint)
        if (row.number is None) != (not row.unit):
            raise FileError(
                path,
                "claims a number without a unit, or a unit without a number",
                line=line,
                value=row.unit if row.number is None else row.number,
                expected="both `number` and `unit`, or neither",
                hint="say what was counted",
            )
    return Narratives(tuple(row for _, row in rows))


def _check_speaker(path: Path, line: int, row: Statement, country: Country) -> None:
    """Refuse a statement of nobody, of two, of an unknown office or of an empty one."""
    if bool(row.office) == bool(row.body):
        raise FileError(
            path,
            "names nobody, or two, who said it",
            line=line,
            value=f"{row.office} and {row.body}" if row.office else "nothing",
            expected="either `office` or `body`",
            hint="an office of offices.csv; `body` for anybody else who spoke for the state",
        )
    offices = {held.office: None for held in country.offices}
    if row.office and row.office not in offices:
        raise unknown(path, "office", row.office, offices, line, "offices.csv")
    holders = [held for held in country.offices if held.office == row.office]
    if holders and not any(_held(held, row.issued) for held in holders):
        raise FileError(
            path,
            f"nobody held the office {row.office!r} then",
            line=line,
            value=row.issued,
            expected="a day on which offices.csv has a holder",
            hint="correct the date, or add the holder to offices.csv",
        )


def _held(held: Office, moment: str) -> bool:
    """Say whether somebody may have held an office at a moment."""
    begun = not held.since or first_day(held.since) <= last_day(moment)
    return begun and (not held.until or last_day(held.until) >= first_day(moment))
