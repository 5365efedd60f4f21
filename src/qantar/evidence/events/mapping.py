"""Mappings: how the columns and words of an event file are read, as data."""

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
"""What kind of event a row is, in the words of Qantar."""

NEEDED = ("id", "date", "place")


class Columns(Declared):
    """Names of the file's columns by what they hold; empty where the file has no such column.

    `day_precision` and `place_precision` hold a code that says how exactly day and place are known.
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
        """Return their column by ours, for those that the file has."""
        return {ours: theirs for ours, theirs in self.model_dump().items() if theirs}


class Mapping(Declared):
    """How an event file is read.

    Attributes
    ----------
    title : str
    columns : Columns
    optional : tuple of str
        Ours; columns that a file may lack.
    date_formats : tuple of str
        As for `datetime.strptime`; the first that fits is taken.
    delimiter, encoding : str
    kinds : dict
        Kind by code; a code that ends with ``*`` stands for every code with that beginning.
    kind_of_all : str
        The kind of every row, where no column says it.
    protest, violent : tuple of str
        Kinds that count as protest, and as violent. Rows of neither give no number of events.
    exact_days, exact_places : tuple of str
        Codes of the precision columns that mean an exact day or place.
    countries : dict
        Further names and codes of a country, by its name in the pack.
    place_split : str
        Only what stands before the first of these is the name of the place.
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
                raise ValueError(f"{form!r} is no form of a date") from error
            if back != day:
                raise ValueError(f"{form!r} leaves out the day, the month or the year")
        return formats

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, name: str) -> str:
        try:
            return codecs.lookup(name).name
        except LookupError as error:
            raise ValueError(f"{name!r} is no encoding that Python knows") from error

    @model_validator(mode="after")
    def _complete(self) -> Mapping:
        has = self.columns.named()
        for name in self.optional:
            if name not in has or name in NEEDED:
                raise ValueError(f"`optional` names {name!r}, which is needed or has no column")
        if bool(has.get("kind")) == (self.kind_of_all is not None):
            raise ValueError("give either the column `kind` or `kind_of_all`")
        if "kind" in has and not self.kinds:
            raise ValueError("`kinds` is empty: say what each code of the file means")
        for column, codes in (("day_precision", "exact_days"), ("place_precision", "exact_places")):
            if (column in has) != bool(getattr(self, codes)):
                raise ValueError(f"`{column}` and `{codes}` go together")
        return self

    def kind(self, code: str) -> Kind | None:
        """Return the kind that a code means; None if the mapping does not say."""
        if self.kind_of_all is not None:
            return self.kind_of_all
        if code in self.kinds:
            return self.kinds[code]
        return next((kind for start, kind in self._beginnings if code.startswith(start)), None)

    def place(self, text: str) -> str:
        """Return the name of the place in a cell."""
        return text.partition(self.place_split)[0].strip() if self.place_split else text

    def keeps(self, country: str) -> Callable[[str], bool]:
        """Return whether a cell of the country column means a country."""
        names = {name.casefold() for name in (country, *self.countries.get(country, ()))}
        return lambda text: text.casefold() in names

    @cached_property
    def _beginnings(self) -> list[tuple[str, Kind]]:
        starred = [(c.removesuffix("*"), k) for c, k in self.kinds.items() if c.endswith("*")]
        return sorted(starred, key=lambda pair: -len(pair[0]))


def load_mapping(name: str, shipped: Path) -> Mapping:
    """Return a mapping.

    Parameters
    ----------
    name : str
        Of a shipped mapping, or the path of a file.
    shipped : Path
        The folder of the shipped ones.

    Raises
    ------
    QantarError
        If there is none of that name, or it is out of shape.
    """
    known = {path.stem: path for path in shipped.glob("*.yaml")}
    path = known.get(name, Path(name))
    if path.suffix not in (".yaml", ".yml"):
        raise QantarError(
            f"there is no mapping called {name!r}",
            expected=nearest(name, known) or ", ".join(sorted(known)),
            hint="name a shipped mapping or a YAML file of your own",
        )
    return read_yaml(path, Mapping)
