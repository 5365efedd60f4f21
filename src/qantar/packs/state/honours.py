"""Honours in a pack: titles, names, statues and privileges of a ruler, and what ended them."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from qantar.base.errors import FileError
from qantar.base.files import read_rows
from qantar.packs.country import Country
from qantar.packs.state.order import check_areas, check_once, check_order
from qantar.packs.state.rows import FOLDER, Sourced, check_source
from qantar.packs.years_tables import Moment, names_of

HONOURS = "honours.csv"

Ending = Literal["crowd", "decree", "constitution", "law"]
"""What ended an honour."""


class Honour(Sourced):
    """A row of ``honours.csv``.

    Attributes
    ----------
    begins : str
        When it was granted; empty if nobody tells.
    other_begin : str
        When another source has it granted.
    begin_recalled : bool
        The beginning rests on memory alone.
    seen : str
        A moment at which a source has it in force; later ones may exist.
    ends : str
        When it ended; empty while it lasts.
    end_recalled : bool
        The end rests on memory alone.
    ended_by : {"crowd", "decree", "constitution", "law"}, optional
    """

    honour: str
    kind: Literal["title", "capital", "name", "statue", "day", "privilege"]
    label: str
    person: str
    place: str = ""
    begins: Moment | Literal[""] = Field(alias="from", default="")
    other_begin: Moment | Literal[""] = Field(alias="or_from", default="")
    begin_recalled: bool = Field(alias="from_recalled", default=False)
    seen: Moment
    ends: Moment | Literal[""] = Field(alias="until", default="")
    end_recalled: bool = Field(alias="until_recalled", default=False)
    ended_by: Ending | Literal[""] = ""


@dataclass(frozen=True)
class Honours:
    """Honours of a pack, in the order of the file."""

    rows: tuple[Honour, ...]

    def honour(self, name: str) -> Honour | None:
        """Return an honour by its name, or None."""
        return next((row for row in self.rows if row.honour == name), None)


def load_honours(country: Country) -> Honours | None:
    """Return the honours of a pack, or None if it has no such file.

    Parameters
    ----------
    country : Country

    Returns
    -------
    Honours or None

    Raises
    ------
    FileError
        If an honour ended before it was granted or seen, ended without a cause, appears twice, or
        stands in an unknown place.
    """
    path = country.folder / FOLDER / HONOURS
    if not path.is_file():
        return None
    rows = read_rows(path, Honour)
    names: set[Hashable] = set()
    for line, row in rows:
        check_source(path, row, country, line)
        check_once(path, line, row.honour, names, "the honour")
        check_areas(path, line, country, names_of(row.place))
        hint = "correct the dates; an honour ends after it is granted"
        for begin in (row.begins, row.other_begin):
            check_order(path, line, ("from", begin), ("until", row.ends), hint)
            check_order(path, line, ("from", begin), ("seen", row.seen), hint)
        check_order(path, line, ("seen", row.seen), ("until", row.ends), hint)
        if bool(row.ends) != bool(row.ended_by):
            raise FileError(
                path,
                "has an end without a cause, or a cause without an end",
                line=line,
                value=row.ends or row.ended_by,
                expected="both `until` and `ended_by`, or neither",
                hint="say who ended it: crowd, decree, constitution or law",
            )
    return Honours(tuple(row for _, row in rows))
