"""Schemas of the years of a pack: series, triggers, answers and published counts."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from qantar.base.files import Declared
from qantar.base.provenance import Grade

FOLDER = "years"
"""Folder of a pack that holds its years."""

HEADER = "years.yaml"
"""File of the folder that declares series, openings and monitors."""

DRIVERS, TRIGGERS, ANSWERS, COUNTS = ("drivers.csv", "triggers.csv", "answers.csv", "counts.csv")
ELECTIONS, EVENTS = "elections.csv", "events.csv"

Frame = Literal["price", "land", "labour", "election", "symbol", "killing", "ethnic"]
"""What a trigger is about."""

CountKind = Literal["all", "economic", "social", "political", "labour", "land", "price"]
"""What the assemblies of a count are about."""

_MOMENT = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")


def first_day(moment: str) -> dt.date:
    """Return the first day of a year, a month or a day."""
    year, month, day = [int(part) for part in moment.split("-")] + [1] * (2 - moment.count("-"))
    return dt.date(year, month, day)


def last_day(moment: str) -> dt.date:
    """Return the last day of a year, a month or a day."""
    parts = [int(part) for part in moment.split("-")]
    if len(parts) == 3:
        return first_day(moment)
    year, month = parts[0], parts[1] if len(parts) == 2 else 12
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def month_number(moment: str) -> int:
    """Return the months from January of the year 0 to the first month of a moment."""
    day = first_day(moment)
    return day.year * 12 + day.month - 1


def _is_moment(text: str) -> str:
    if not _MOMENT.fullmatch(text):
        raise ValueError("is no year, month or day")
    first_day(text)
    return text


def _is_month(text: str) -> str:
    if len(_is_moment(text)) != len("YYYY-MM"):
        raise ValueError("is no month")
    return text


Moment = Annotated[
    str, BeforeValidator(str), AfterValidator(_is_moment), Field(description="YYYY[-MM[-DD]]")
]
Month = Annotated[
    str, BeforeValidator(str), AfterValidator(_is_month), Field(description="YYYY-MM")
]
Number = Annotated[float, Field(allow_inf_nan=False, description="a finite number")]
Count = Annotated[float, Field(ge=0, allow_inf_nan=False, description="a number, 0 or more")]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, description="0 to 1")]


def _some_count() -> Any:
    """Return a field that may be empty, else holds a number of 0 or more."""
    what = "a number, 0 or more"
    return Field(default=None, ge=0, allow_inf_nan=False, description=what)


def _some_percent() -> Any:
    """Return a field that may be empty, else holds a percentage."""
    return Field(default=None, ge=0, le=100, allow_inf_nan=False, description="0 to 100")


class Sourced(Declared):
    """What every row states about where it comes from."""

    grade: Grade
    reference: str
    locator: str = ""
    note: str = ""


class Prior(Declared):
    """Stated prior of a series where it has no value: an AR(1) by year around a mean."""

    mean: Number
    sd: Count
    persistence: Share
    grade: Grade
    references: tuple[str, ...] = Field(min_length=1)
    note: str = ""


class Series(Declared):
    """Declaration of a driver.

    Attributes
    ----------
    level : {"country", "region"}
        A series of regions may have values of the country beside them.
    resolution : {"year", "month"}
    low, high : float
        The values it may take.
    missing : Prior, optional
        What holds where it has no value. A series without one must have every value.
    between : {"drawn", "linear"}
        What holds between two values: a draw from `missing`, or a straight line.
    """

    label: str
    unit: str
    level: Literal["country", "region"]
    resolution: Literal["year", "month"]
    low: Number
    high: Number
    missing: Prior | None = None
    between: Literal["drawn", "linear"] = "drawn"
    note: str = ""


class Opening(Sourced):
    """A time in which the state allowed more than before."""

    begins: Month = Field(alias="from")
    ends: Month = Field(alias="to")
    label: str


class Monitor(Sourced):
    """Who counted assemblies, and what counted as one."""

    label: str
    definition: str
    unit: str
    min_size: int | None = Field(default=None, ge=1)
    kinds: tuple[CountKind, ...] = Field(min_length=1)
    begins: Moment = Field(alias="from")
    ends: Moment = Field(alias="to")


class YearsHeader(Declared):
    """Content of ``years.yaml``.

    Attributes
    ----------
    first : str
        The first month.
    observed_until : str
        The last month whose triggers are entered.
    """

    first: Month
    observed_until: Month
    series: dict[str, Series]
    opening: tuple[Opening, ...] = ()
    monitors: dict[str, Monitor] = Field(default={})
    note: str = ""


class Driver(Sourced):
    """A row of ``drivers.csv``: the value of a series in an area and a period."""

    series: str
    area: str
    period: Moment
    value: Number
    unit: str


class Trigger(Sourced):
    """A row of ``triggers.csv``: an event that could have brought people out.

    Attributes
    ----------
    salience_by : str
        A variable of the pack that spreads the salience, ``origin`` or ``everywhere``.
    outcome : {"waved", "nobody", "unknown"}
        Whether towns came out; ``unknown`` is not used for fitting.
    episode : str
        The episode of the pack that runs it hour by hour, if there is one.
    """

    trigger: str
    label: str
    begins: Moment = Field(alias="from")
    ends: Moment = Field(alias="to")
    frame: Frame
    salience: Share
    salience_by: str
    origin: str = ""
    outcome: Literal["waved", "nobody", "unknown"]
    regions_out: str = ""
    towns_out: float | None = _some_count()
    killed: float | None = _some_count()
    detained: float | None = _some_count()
    episode: str = ""

    @property
    def origins(self) -> tuple[str, ...]:
        """Regions and places in which it happened."""
        return names_of(self.origin)

    @property
    def out(self) -> tuple[str, ...]:
        """Regions and places that came out."""
        return names_of(self.regions_out)


class Answer(Sourced):
    """A row of ``answers.csv``: what the state did about a trigger, or in general."""

    date: Moment
    trigger: str = ""
    kind: Literal["ignore", "concede", "promise", "repress", "arrest"]
    label: str


class Election(Sourced):
    """A row of ``elections.csv``; shares in percent, empty where nothing was found."""

    date: Moment
    kind: Literal["presidential", "parliamentary", "referendum"]
    label: str
    turnout: float | None = _some_percent()
    winner_share: float | None = _some_percent()
    contested: bool


class Event(Sourced):
    """A row of ``events.csv``: a dated fact of the institutions."""

    date: Moment
    kind: Literal["constitution", "party", "media", "office", "law", "security"]
    label: str


class PublishedCount(Sourced):
    """A row of ``counts.csv``: how many assemblies a monitor counted.

    Attributes
    ----------
    alternative : float, optional
        A second reading of the same number.
    use : {"fit", "held", "weak"}
    """

    monitor: str
    begins: Moment = Field(alias="from")
    ends: Moment = Field(alias="to")
    kind: CountKind
    value: Count
    alternative: float | None = _some_count()
    unit: str
    use: Literal["fit", "held", "weak"]


def names_of(cell: str) -> tuple[str, ...]:
    """Return the names of a cell that divides them by ``;``."""
    return tuple(name.strip() for name in cell.split(";") if name.strip())
