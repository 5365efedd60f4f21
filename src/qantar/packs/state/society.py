"""Labour, youth, debt and the ways to be heard in a pack: strikes, facts and channels.

Three tables of the folder ``state``: ``labour.csv`` (strikes), ``society.csv`` (facts about labour,
the young, migration, debt and memory) and ``channels.csv`` (in which areas a way to be heard is
said to be narrower or wider than elsewhere, and where protest is said to be rarer or more
frequent). Each is optional.
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
from qantar.packs.years_tables import Moment, Number, names_of

STRIKES, FACTS, CHANNELS = "labour.csv", "society.csv", "channels.csv"

Outcome = Literal["crushed", "conceded", "conceded to some", "open", "not told"]
"""How a strike ended. "open": its end lies after the sources."""


def _some_number() -> float | None:
    """Return a field that may be empty, else holds a number of 0 or more."""
    field: float | None = Field(
        default=None, ge=0, allow_inf_nan=False, description="a number, 0 or more"
    )
    return field


class Strike(Sourced):
    """A row of ``labour.csv``: what workers did together.

    Attributes
    ----------
    form : {"strike", "gathering"}
        Workers who stopped work, or who came together and of whom nobody says that they did.
    begins, ends : str
        First and last day, month or year; an end that nobody tells is empty.
    place : str
        Regions and places, divided by ``;``.
    strikers, killed : float, optional
    demands : str
        Divided by ``;``.
    months : float, optional
        Its length as a source states it.
    conceded_to : str
        Whom a concession reached, and whom it did not.
    """

    strike: str
    form: Literal["strike", "gathering"]
    label: str
    begins: Moment = Field(alias="from")
    ends: Moment | Literal[""] = Field(alias="to", default="")
    place: str
    sector: str
    strikers: float | None = _some_number()
    killed: float | None = _some_number()
    demands: str = ""
    months: float | None = _some_number()
    outcome: Outcome
    conceded_to: str = ""

    @property
    def places(self) -> tuple[str, ...]:
        """Regions and places of the strike."""
        return names_of(self.place)

    @property
    def demanded(self) -> tuple[str, ...]:
        """What the strikers asked for."""
        return names_of(self.demands)


class SocialFact(Sourced):
    """A row of ``society.csv``: a number or a direction that a source states."""

    fact: str
    topic: Literal["labour", "youth", "migration", "debt", "poverty", "memory"]
    label: str
    area: str
    begins: Moment | Literal[""] = Field(alias="from", default="")
    ends: Moment | Literal[""] = Field(alias="to", default="")
    value: Number | None = None
    unit: str = ""
    direction: Literal["rises", "falls", "level"] = "level"


class ChannelReport(Sourced):
    """A row of ``channels.csv``: an area against the others, as one source orders them.

    Attributes
    ----------
    channel : {"ngos", "turnout", "ruling-party vote", "engagement", "unions", "protest"}
        ``protest`` is no channel: it is how often people are said to come out.
    reporter : str
        Who ordered the areas, for two sources may order them against each other.
    area : str
        Regions or the country, divided by ``;``.
    level : {"low", "high"}
        Below or above the areas that are not named.
    """

    channel: Literal["ngos", "turnout", "ruling-party vote", "engagement", "unions", "protest"]
    reporter: str
    area: str
    begins: Moment | Literal[""] = Field(alias="from", default="")
    ends: Moment | Literal[""] = Field(alias="to", default="")
    level: Literal["low", "high"]

    @property
    def areas(self) -> tuple[str, ...]:
        """Areas that the row speaks of."""
        return names_of(self.area)


@dataclass(frozen=True)
class Society:
    """Strikes, facts and channels of a pack; a table that it lacks is empty."""

    strikes: tuple[Strike, ...]
    facts: tuple[SocialFact, ...]
    channels: tuple[ChannelReport, ...]

    def fact(self, name: str) -> SocialFact | None:
        """Return a fact by its name, or None."""
        return next((row for row in self.facts if row.fact == name), None)


def load_society(country: Country) -> Society | None:
    """Return strikes, facts and channels, or None if the pack has no such file.

    Parameters
    ----------
    country : Country

    Returns
    -------
    Society or None

    Raises
    ------
    FileError
        If a place or a reference is unknown, a strike ends before it begins, a row appears twice
        or a value has no unit.
    """
    folder = country.folder / FOLDER
    files = [folder / name for name in (STRIKES, FACTS, CHANNELS)]
    if not any(path.is_file() for path in files):
        return None
    strikes = read_rows(files[0], Strike) if files[0].is_file() else []
    facts = read_rows(files[1], SocialFact) if files[1].is_file() else []
    channels = read_rows(files[2], ChannelReport) if files[2].is_file() else []
    _check_strikes(files[0], country, strikes)
    _check_facts(files[1], country, facts)
    _check_channels(files[2], country, channels)
    return Society(
        tuple(row for _, row in strikes),
        tuple(row for _, row in facts),
        tuple(row for _, row in channels),
    )


def _check_strikes(path: Path, country: Country, rows: list[tuple[int, Strike]]) -> None:
    seen: set[Hashable] = set()
    for line, row in rows:
        check_source(path, row, country, line)
        check_once(path, line, row.strike, seen, "the strike")
        check_areas(path, line, country, row.places)
        hint = "exchange the two dates, or leave `to` empty if nobody tells the end"
        check_order(path, line, ("from", row.begins), ("to", row.ends), hint)
        if row.outcome == "conceded to some" and not row.conceded_to:
            raise FileError(
                path,
                "says that some got what they asked for, but not who",
                line=line,
                expected="`conceded_to`",
                hint="fill the cell, or choose another outcome",
            )


def _check_facts(path: Path, country: Country, rows: list[tuple[int, SocialFact]]) -> None:
    seen: set[Hashable] = set()
    for line, row in rows:
        check_source(path, row, country, line)
        check_once(path, line, row.fact, seen, "the fact")
        check_areas(path, line, country, names_of(row.area))
        check_order(path, line, ("from", row.begins), ("to", row.ends), "exchange the two dates")
        if (row.value is None) != (not row.unit):
            raise FileError(
                path,
                "has a value without a unit, or a unit without a value",
                line=line,
                value=row.unit if row.value is None else row.value,
                expected="both `value` and `unit`, or neither",
                hint="fill the other cell, or empty this one",
            )
        if row.unit == "percent" and row.value is not None and not 0 <= row.value <= 100:
            raise FileError(
                path, "is no share", line=line, value=row.value, expected="0 to 100 percent",
                hint="correct the number; is it in the right unit?",
            )  # fmt: skip


def _check_channels(path: Path, country: Country, rows: list[tuple[int, ChannelReport]]) -> None:
    seen: set[Hashable] = set()
    for line, row in rows:
        check_source(path, row, country, line)
        check_areas(path, line, country, row.areas, places=False)
        check_order(path, line, ("from", row.begins), ("to", row.ends), "exchange the two dates")
        for area in row.areas:
            key = (row.channel, row.reporter, area, row.begins)
            check_once(path, line, key, seen, "the channel of an area")
