"""A referendum in a pack: printed counts and percentages, and what others printed beside them."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from qantar.base.errors import FileError
from qantar.base.files import read_rows
from qantar.packs.after.promises import FOLDER
from qantar.packs.country import Country
from qantar.packs.state.order import check_once
from qantar.packs.state.rows import Sourced, check_source
from qantar.packs.years_tables import Moment

REFERENDUM = "referendum.csv"
NEEDED = ("voters", "turnout", "yes", "no")
"""Facts that a referendum must have."""

OTHERS = ("press_yes", "press_no", "register_2019")
"""Facts that were printed apart from them, if any."""


class VoteFact(Sourced):
    """A row of ``referendum.csv``: a count, or a percentage."""

    fact: Literal["voters", "turnout", "yes", "no", "press_yes", "press_no", "register_2019"]
    label: str
    kind: Literal["count", "percent"]
    value: float = Field(ge=0, allow_inf_nan=False, description="a number, 0 or more")
    unit: str
    date: Moment


@dataclass(frozen=True)
class Referendum:
    """Printed facts of a referendum, by name."""

    facts: dict[str, VoteFact]

    def value(self, fact: str) -> float:
        """Return a printed number."""
        return self.facts[fact].value

    @property
    def electorate(self) -> int:
        """Electors that voters and turnout imply."""
        return round(100 * self.value("voters") / self.value("turnout"))

    @property
    def electorate_range(self) -> tuple[float, float]:
        """Electors that remain possible if turnout was rounded to two decimals."""
        voters, turnout = self.value("voters"), self.value("turnout")
        return 100 * voters / (turnout + 0.005), 100 * voters / (turnout - 0.005)

    @property
    def remainder(self) -> int:
        """Ballots for neither side."""
        return round(self.value("voters") - self.value("yes") - self.value("no"))

    @property
    def yes_of_valid(self) -> float:
        """Share of yes among yes and no, in percent."""
        return 100 * self.value("yes") / (self.value("yes") + self.value("no"))

    def of_ballots(self, fact: str) -> float:
        """Return a count in percent of those who took part."""
        return 100 * self.value(fact) / self.value("voters")


def load_referendum(country: Country) -> Referendum | None:
    """Return the referendum of a pack, or None if it has none.

    Raises
    ------
    FileError
        With file, line and hint: a row out of shape, a fact twice or missing, an unknown reference,
        a percentage above 100, or more votes than voters.
    """
    path = country.folder / FOLDER / REFERENDUM
    if not path.exists():
        return None
    rows = read_rows(path, VoteFact)
    seen: set[Hashable] = set()
    for line, row in rows:
        check_once(path, line, row.fact, seen, "the fact")
        check_source(path, row, country, line)
        if row.kind == "percent" and row.value > 100:
            raise FileError(
                path,
                f"{row.fact!r} is above 100 %",
                line=line,
                value=row.value,
                expected="0 to 100",
                hint="correct the number; is it a count?",
            )
    found = Referendum({row.fact: row for _, row in rows})
    _check_votes(path, found, {row.fact: line for line, row in rows})
    return found


def _check_votes(path: Path, vote: Referendum, lines: dict[str, int]) -> None:
    """Refuse a referendum without a needed fact, or with more votes than voters."""
    missing = [fact for fact in NEEDED if fact not in vote.facts]
    if missing:
        raise FileError(
            path,
            f"the referendum has no {missing[0]!r}",
            expected=f"rows for {', '.join(NEEDED)}",
            hint="add the row, or remove the file: the part is then off",
        )
    if vote.value("turnout") <= 0.005:
        raise FileError(
            path,
            "turnout is zero",
            line=lines["turnout"],
            expected="more than 0",
            hint="correct the number",
        )
    if vote.remainder < 0:
        raise FileError(
            path,
            "there are more votes than voters",
            line=lines["voters"],
            value=f"{vote.value('voters'):.0f}",
            expected=f"at least {vote.value('yes') + vote.value('no'):.0f}",
            hint="correct one of the counts",
        )
