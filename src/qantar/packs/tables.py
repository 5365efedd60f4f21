"""Schemas of the tables of a pack, and of its variables."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Literal

from pydantic import Field, RootModel

from qantar.base.files import Declared, read_yaml
from qantar.base.provenance import Grade


class Region(Declared):
    """A row of ``regions.csv``: a first-level unit."""

    region: str
    iso: str
    kind: Literal["region", "city"]
    utc_offset: float = Field(
        ge=-12, le=14, multiple_of=0.25, description="hours from UTC, -12 to 14, in quarters"
    )
    boundary: str
    reference: str


class Place(Declared):
    """A row of ``places.csv``: a town, or the rural rest of a region."""

    place: str
    region: str
    kind: Literal["town", "rural"]
    latitude: float = Field(ge=-90, le=90, description="degrees north, -90 to 90")
    longitude: float = Field(ge=-180, le=180, description="degrees east, -180 to 180")
    population: int = Field(ge=1, description="an integer number of persons, 1 or more")
    population_date: str
    grade: Grade
    reference: str
    note: str = ""


class Value(Declared):
    """A value of a region or a place, with its provenance."""

    variable: str
    value: float = Field(allow_inf_nan=False, description="a number")
    unit: str
    date: str
    grade: Grade
    reference: str
    locator: str = ""
    note: str = ""


class RegionValue(Value):
    """A row of ``region_values.csv``; a row of the country is the default for all regions."""

    region: str


class PlaceValue(Value):
    """A row of ``place_values.csv``."""

    place: str


class Office(Declared):
    """A row of ``offices.csv``: who held which office in the state."""

    office: str
    holder: str
    since: str = ""
    until: str = ""
    appointed_by: str = ""
    grade: Grade
    reference: str
    locator: str = ""
    note: str = ""


class Variable(Declared):
    """Declaration of a variable; `note` has the formula if the values follow from others."""

    label: str
    level: Literal["region", "place"]
    unit: str
    low: float
    high: float
    default: float | None = None
    default_reference: str = ""
    note: str = ""


class Trait(Declared):
    """A numeric trait of a group of citizens."""

    value: float
    grade: Grade
    reference: str
    locator: str = ""
    note: str = ""


class SizeRule(Declared):
    """Rule for the size of a group in a place.

    ``share``: inhabitants of the place times the product of the factors.
    ``total``: a stated national total, spread over regions by a regional share and over the
    places of each region by population times a place weight.
    ``rest``: everyone who is in no other group.
    """

    rule: Literal["share", "total", "rest"]
    factors: tuple[str, ...] = ()
    scale: float = 1.0
    within: Literal["everywhere", "town", "rural"] = "everywhere"
    total: str = ""
    regional_share: str = ""
    place_weight: str = ""
    reference: str
    grade: Grade
    note: str = ""


class Group(Declared):
    """A group of citizens. Groups of workmates hear of each other across places."""

    label: str
    workmates: bool = False
    size: SizeRule
    traits: dict[str, Trait]


class PackHeader(Declared):
    """Content of ``pack.yaml``."""

    name: str
    title: str
    country: str
    as_of: dt.date
    clock_utc_offset: float = Field(ge=-12, le=14, multiple_of=0.25)
    capital: str
    population: int = Field(ge=0)
    population_reference: str
    groups: dict[str, Group]
    note: str = ""

    @property
    def clock(self) -> str:
        """The clock of the episodes, as ``UTC+6`` or ``UTC+5:30``."""
        hours, minutes = divmod(round(abs(self.clock_utc_offset) * 60), 60)
        sign = "-" if self.clock_utc_offset < 0 else "+"
        return f"UTC{sign}{hours}" + (f":{minutes:02d}" if minutes else "")


class _Variables(RootModel[dict[str, Variable]]):
    """A file of variables."""


def load_variables(path: Path) -> dict[str, Variable]:
    """Return the declared variables by name."""
    return read_yaml(path, _Variables).root
