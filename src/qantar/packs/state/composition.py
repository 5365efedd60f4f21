"""Composition of regions and pressure from abroad in a pack.

``regional_shares.csv`` bounds the share of a group in regions; ``pressure.csv`` dates foreign
troops, annexations and statements about the country's territory. They feed one index of *worry
about territory*; see RESPONSIBLE_USE.md for what that index must not be used for.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from qantar.base.errors import FileError
from qantar.base.files import read_rows
from qantar.packs.country import Country
from qantar.packs.state.order import check_areas, check_once, check_order
from qantar.packs.state.rows import FOLDER, Sourced, check_source
from qantar.packs.years_tables import Moment, names_of

SHARES, PRESSURE = "regional_shares.csv", "pressure.csv"

_PERCENT = "0 to 100 percent"


class RegionalShare(Sourced):
    """A row of ``regional_shares.csv``: bounds of the share of a group in some regions.

    Attributes
    ----------
    group : str
    area : str
        Regions, divided by ``;``; the bounds hold for each of them.
    date : str
    low, high : float
        In percent.
    """

    group: str
    area: str
    date: Moment
    low: float = Field(ge=0, le=100, allow_inf_nan=False, description=_PERCENT)
    high: float = Field(ge=0, le=100, allow_inf_nan=False, description=_PERCENT)

    @property
    def areas(self) -> tuple[str, ...]:
        """Regions that the row speaks of."""
        return names_of(self.area)


class Pressure(Sourced):
    """A row of ``pressure.csv``: what made people fear for the territory of the country.

    Attributes
    ----------
    kind : {"troops", "statement", "annexation", "war"}
        Foreign troops in the country; words about its land; land taken, or a war, elsewhere.
    begins, ends : str
        Troops leave at the end; anything else has the end of the act itself.
    """

    pressure: str
    kind: Literal["troops", "statement", "annexation", "war"]
    label: str
    by: str
    begins: Moment = Field(alias="from")
    ends: Moment | Literal[""] = Field(alias="to", default="")


@dataclass(frozen=True)
class Composition:
    """Bounds of shares and pressure of a pack; a table that it lacks is empty."""

    shares: tuple[RegionalShare, ...]
    pressure: tuple[Pressure, ...]


def load_composition(country: Country) -> Composition | None:
    """Return composition and pressure, or None if the pack has neither file.

    Parameters
    ----------
    country : Country

    Returns
    -------
    Composition or None

    Raises
    ------
    FileError
        If a share lies outside 0 to 100 or its bounds are turned round, a region is unknown, or
        something ends before it begins.
    """
    folder = country.folder / FOLDER
    shares, pressure = folder / SHARES, folder / PRESSURE
    if not (shares.is_file() or pressure.is_file()):
        return None
    bounds = read_rows(shares, RegionalShare) if shares.is_file() else []
    events = read_rows(pressure, Pressure) if pressure.is_file() else []
    _check_shares(shares, country, bounds)
    names: set[Hashable] = set()
    for line, row in events:
        check_source(pressure, row, country, line)
        check_once(pressure, line, row.pressure, names, "the pressure")
        check_order(
            pressure, line, ("from", row.begins), ("to", row.ends), "exchange the two dates"
        )
    return Composition(tuple(row for _, row in bounds), tuple(row for _, row in events))


def _check_shares(path: Path, country: Country, rows: list[tuple[int, RegionalShare]]) -> None:
    seen: set[Hashable] = set()
    for line, row in rows:
        check_source(path, row, country, line)
        check_areas(path, line, country, row.areas, places=False)
        for area in row.areas:
            check_once(path, line, (row.group, area, row.date), seen, "the share of a region")
        if row.low > row.high:
            raise FileError(
                path,
                "the lower bound is above the upper",
                line=line,
                value=f"{row.low:g} to {row.high:g}",
                expected="`low` at most `high`",
                hint="exchange the two",
            )
