"""Mappings: declarations of how the columns and codes of an event file are read."""

from __future__ import annotations

import codecs
import datetime as dt
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator

from qantar.base.errors import QantarError, nearest
from qantar.base.files import Declared, read_yaml

Kind = Literal["protest", "riot", "violence_against_civilians", "battle", "other"]
"""Kind of event, in Qantar's terms."""

REQUIRED = ("id", "date", "place")


class Columns(Declared):
    """Names of the file's columns by content; empty if the file has no such column.

    `day_precision` and `place_precision` contain codes for the precision of day and place.
    """

    id: str
    date: str
    place: str
    region: str = ""
    country: str = ""
    kind: str = ""
    deaths: str = ""
    persons: str = ""
    source: str = ""
    note: str = ""
    day_precision: str = ""
    place_precision: str = ""

    def named(self) -> dict[str, str]:
        """Return the file's column by our name, for the columns it has."""
        return {ours: theirs for ours, theirs in self.model_dump().items() if theirs}


class Mapping(Declared):
    """How an event file is read.

    Attributes
    ----------
    title : str
    columns : Columns
    optional : tuple of str
        Our names of columns that a file may lack.
    date_formats : tuple of str
        Formats of `datetime.strptime`; the first that matches is used.
    delimiter, encoding : str
    kinds : dict
        Kind by code; a code that ends with ``*`` matches every code with that prefix.
    kind_of_all : str
        The kind of every row, if there is no column for it.
    protest, violent : tuple of str
        Kinds that count as protest and as violent; other rows are not counted as events.
    exact_days, exact_places : tuple of str
        Codes of the precision columns that mean an exact day or place.
    countries : dict
        Other names and codes of countries, by the name in the pack.
    place_split : str
        Separator; only the text before the first one is the name of the place.
    note : str
    """

    title: str
    columns: Columns
    optional: tuple[str, ...] = ()
    date_formats: tuple[str, ...] = Field(min_length=1)
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    encoding: str = "utf-8"
    kinds: dict[str, Kind] = Field(default_factory=dict)
    kind_of_all: Kind | None = None
    protest: tuple[Kind, ...] = ("protest", "riot")
    violent: tuple[Kind, ...] = ("riot", "violence_against_civilians", "battle")
    exact_days: tuple[str, ...] = ()
    exact_places: tuple[str, ...] = ()
    countries: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    place_split: str = ""
    note: str = ""

    @field_validator("date_formats")
    @classmethod
    def _whole_dates(cls, formats: tuple[str, ...]) -> tuple[str, ...]:
        day = dt.date(2001, 11, 23)
        for form in formats:
            try:
                back = dt.datetime.strptime(day.strftime(form), form).date()
            except ValueError as error:
                raise ValueError(f"{form!r} is not a date format") from error
            if back != day:
                raise ValueError(f"{form!r} leaves out the day, the month or the year")
        return formats

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, name: str) -> str:
        try:
            return codecs.lookup(name).name
        except LookupError as error:
            raise ValueError(f"{name!r} is not an encoding known to Python") from error

    @model_validator(mode="after")
    def _complete(self) -> Mapping:
        has = self.columns.named()
        for name in self.optional:
            if name not in has or name in REQUIRED:
                raise ValueError(
                    f"`optional` contains {name!r}, which is required or has no column"
                )
        if bool(has.get("kind")) == (self.kind_of_all is not None):
            raise ValueError("give either the column `kind` or `kind_of_all`")
        if "kind" in has and not self.kinds:
            raise ValueError("`kinds` is empty: give the kind of each code")
        for column, codes in (("day_precision", "exact_days"), ("place_precision", "exact_places")):
            if (column in has) != bool(getattr(self, codes)):
                raise ValueError(f"`{column}` and `{codes}` must be given together")
        return self

    def kind(self, code: str) -> Kind | None:
        """Return the kind of a code; None if the mapping does not include it."""
        if self.kind_of_all is not None:
            return self.kind_of_all
        if code in self.kinds:
            return self.kinds[code]
        return next((kind for start, kind in self._prefixes if code.startswith(start)), None)

    def place(self, text: str) -> str:
        """Return the name of the place in a cell."""
        return text.partition(self.place_split)[0].strip() if self.place_split else text

    def country_test(self, country: str) -> Callable[[str], bool]:
        """Return a function that tests whether a cell of the country column means a country."""
        names = {name.casefold() for name in (country, *self.countries.get(country, ()))}
        return lambda text: text.casefold() in names

    @cached_property
    def _prefixes(self) -> list[tuple[str, Kind]]:
        starred = [(c.removesuffix("*"), k) for c, k in self.kinds.items() if c.endswith("*")]
        return sorted(starred, key=lambda pair: -len(pair[0]))


def load_mapping(name: str, shipped: Path) -> Mapping:
    """Return a mapping.

    Parameters
    ----------
    name : str
        Name of a shipped mapping, or path of a file.
    shipped : Path
        Folder of the shipped mappings.

    Raises
    ------
    QantarError
        If there is no such mapping, or it is invalid.
    """
    known = {path.stem: path for path in shipped.glob("*.yaml")}
    path = known.get(name, Path(name))
    if path.suffix not in (".yaml", ".yml"):
        raise QantarError(
            f"unknown mapping {name!r}",
            expected=nearest(name, known) or ", ".join(sorted(known)),
            hint="give a shipped mapping or the path of a YAML file",
        )
    return read_yaml(path, Mapping)
