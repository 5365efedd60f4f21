"""Interventions: a decision taken differently, or a parameter or environment variable changed.

A file states the change, the baseline, and what theory and sources expect. It does not state an
outcome: a decision is held within bounds, and its effects are left to the mechanisms.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, PlainValidator, model_validator

from qantar.base.errors import FileError, UnknownNameError, nearest
from qantar.base.files import Declared, line_of, parse_yaml, read_yaml
from qantar.base.provenance import Grade
from qantar.model.state import Action
from qantar.packs.conditions import COUNTRYWIDE, ENVIRONMENT_VARIABLES, allowed
from qantar.packs.country import Country
from qantar.packs.episode import list_episodes

KINDS = tuple(kind.name.lower() for kind in Action)
"""Kinds of decision that can be held."""

Outcome = Literal[
    "participants",
    "crowd_peak",
    "active_places",
    "deaths",
    "security_deaths",
    "wounded",
    "detained_cumulative",
    "buildings_attacked",
    "businesses_looted",
]
"""Outcomes for which an effect can be expected: names of facts of a run."""

Sign = Literal["fewer", "more", "either"]
"""Direction of an effect; `either` if theory or sources disagree."""

_NUMBER = r"\d+(?:\.\d*)?|\.\d+"
_AMOUNT = re.compile(
    rf"(?:(?P<constant>{_NUMBER})\s*(?P<sign>[+-])\s*)?(?:(?P<slope>{_NUMBER})\s*\*\s*)?dose"
)


@dataclass(frozen=True)
class Amount:
    """A number, or a linear function of the dose: ``constant + slope * dose``."""

    constant: float
    slope: float = 0.0

    def at(self, dose: float | None) -> float:
        """Return the number at a dose; the dose is needed only if `slope` is not 0."""
        if self.slope == 0.0:
            return self.constant
        if dose is None:
            raise ValueError("the amount needs a dose")
        return self.constant + self.slope * dose


def parse_amount(value: Any) -> Amount:
    """Read ``0.5``, ``dose``, ``1 - dose`` or ``1 - 0.5 * dose``.

    Raises
    ------
    ValueError
        If the value has another form or is not finite.
    """
    if isinstance(value, Amount):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if not np.isfinite(value):
            raise ValueError("give a finite number")
        return Amount(float(value))
    found = _AMOUNT.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError("give a number, `dose`, `1 - dose` or `1 - 0.5 * dose`")
    sign = -1.0 if found["sign"] == "-" else 1.0
    return Amount(float(found["constant"] or 0.0), sign * float(found["slope"] or 1.0))


def parse_moment(value: Any) -> dt.datetime:
    """Read a day (its first hour) or a full hour of the episode's clock.

    Raises
    ------
    ValueError
        If the value is not a date or time, has a time zone or is not a full hour.
    """
    try:
        moment = value if isinstance(value, dt.date) else dt.datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ValueError("give a day or an hour, such as 2022-01-03T12:00") from error
    if not isinstance(moment, dt.datetime):
        moment = dt.datetime.combine(moment, dt.time())
    if moment.tzinfo is not None:
        raise ValueError("give the hour without a time zone, on the clock of the episode")
    if (moment.minute, moment.second, moment.microsecond) != (0, 0, 0):
        raise ValueError("give a full hour: a run has hourly steps")
    return dt.datetime(moment.year, moment.month, moment.day, moment.hour)


def _edge_from(value: Any) -> dt.datetime | Literal["date"]:
    return "date" if value == "date" else parse_moment(value)


Quantity = Annotated[Amount, PlainValidator(parse_amount)]
Moment = Annotated[dt.datetime, PlainValidator(parse_moment)]
Edge = Annotated[dt.datetime | Literal["date"], PlainValidator(_edge_from)]
"""A time, or the word `date` for the date of the intervention."""


class Expected(Declared):
    """Expected effect on an outcome, stated before any run."""

    outcome: Outcome
    sign: Sign
    because: str = Field(min_length=1)


class Dose(Declared):
    """Strength of the intervention: a number used by its amounts."""

    label: str
    unit: str
    default: float
    low: float
    high: float
    meaning: str = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> Dose:
        if not self.low <= self.default <= self.high:
            raise ValueError("`default` is not between `low` and `high`")
        return self


class Dating(Declared):
    """Date of the intervention: a time used by its holds."""

    default: Moment
    earliest: Moment
    latest: Moment

    @model_validator(mode="after")
    def _in_order(self) -> Dating:
        if not self.earliest <= self.default <= self.latest:
            raise ValueError("`default` is not between `earliest` and `latest`")
        return self


class Placed(Declared):
    """Something that applies to some or all regions."""

    where: Literal["everywhere"] | tuple[str, ...] = "everywhere"
    excluded: tuple[str, ...] = Field(default=(), alias="except")

    def touches(self, region: str) -> bool:
        """Return whether it applies to a region."""
        named = self.where == "everywhere" or region in self.where
        return named and region not in self.excluded

    def meets(self, other: Placed) -> bool:
        """Return whether both apply to a common region (assumed if both apply everywhere)."""
        if self.where == "everywhere":
            return other.where == "everywhere" or any(
                map(self.touches, filter(other.touches, other.where))
            )
        return any(map(other.touches, filter(self.touches, self.where)))


class Hold(Placed):
    """Bounds on a decision for some hours.

    Attributes
    ----------
    kind : str
        An `Action`, in lower case.
    least, most : Amount or None
        Bounds of its intensity, 0 to 1; None leaves a bound open.
    begins, until : datetime, "date" or None
        Start and end; None is the start or end of the episode.
    lasts : int or None
        Duration in hours, instead of `until`.
    """

    kind: str
    least: Quantity | None = None
    most: Quantity | None = None
    begins: Edge | None = Field(default=None, alias="from")
    until: Edge | None = None
    lasts: int | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _complete(self) -> Hold:
        if self.least is None and self.most is None:
            raise ValueError("give `least`, `most` or both")
        if self.lasts is not None and (self.begins is None or self.until is not None):
            raise ValueError("`lasts` needs `from` and excludes `until`")
        return self

    def amounts(self) -> tuple[Amount, Amount]:
        """Return both bounds, 0 and 1 by default."""
        return self.least or Amount(0.0), self.most or Amount(1.0)

    def hours(self, date: dt.datetime | None) -> tuple[dt.datetime, dt.datetime]:
        """Return start and end for a date of the intervention."""
        begins = date if self.begins == "date" else self.begins
        ends = date if self.until == "date" else self.until
        if self.lasts is not None and begins is not None:
            ends = begins + dt.timedelta(hours=self.lasts)
        return begins or dt.datetime.min, ends or dt.datetime.max


class _Stepped(Declared):
    """A change of a number: `add`, `multiply` or `set`."""

    add: Quantity | None = None
    multiply: Quantity | None = None
    set: Quantity | None = None

    @model_validator(mode="after")
    def _one(self) -> _Stepped:
        if sum(each is not None for each in (self.add, self.multiply, self.set)) != 1:
            raise ValueError("give one of `add`, `multiply` and `set`")
        return self

    @property
    def how(self) -> Literal["add", "multiply", "set"]:
        """The operation."""
        if self.add is not None:
            return "add"
        return "multiply" if self.multiply is not None else "set"

    @property
    def amount(self) -> Amount:
        """The operand."""
        found: Amount = getattr(self, self.how)
        return found


class ParameterStep(_Stepped):
    """A change of a parameter of a mechanism or office for the whole episode."""

    name: str


class EnvironmentStep(_Stepped, Placed):
    """A change of an environment variable, in its unit, for the whole episode.

    Attributes
    ----------
    variable : str
        One of `ENVIRONMENT_VARIABLES` or of `COUNTRYWIDE`; the latter take no `where`.
    """

    variable: str


class Intervention(Declared):
    """Content of an intervention file.

    Attributes
    ----------
    baseline, reason : str
        What happened in reality; why the intervention is of interest.
    claims : tuple of str
        Ids of claims in the ledger that support it.
    episodes : tuple of str
        Episodes to which it applies; empty for any.
    dose, date : Dose, Dating or None
        Choices of the user.
    decisions, parameters, ground : tuples
        The changes.
    caution : str
        Caution shown with every result.
    """

    name: str
    title: str
    baseline: str = Field(min_length=1)
    reason: str = Field(min_length=1)
    grade: Grade
    claims: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    episodes: tuple[str, ...] = ()
    expected: tuple[Expected, ...] = Field(min_length=1)
    dose: Dose | None = None
    date: Dating | None = None
    decisions: tuple[Hold, ...] = ()
    parameters: tuple[ParameterStep, ...] = ()
    ground: tuple[EnvironmentStep, ...] = ()
    caution: str = ""
    note: str = ""

    @model_validator(mode="after")
    def _changes_something(self) -> Intervention:
        if not (self.decisions or self.parameters or self.ground):
            raise ValueError("no change: give `decisions`, `parameters` or `ground`")
        return self

    def amounts(self) -> list[Amount]:
        """Return every amount of the intervention."""
        held = [amount for hold in self.decisions for amount in hold.amounts()]
        return [*held, *(step.amount for step in (*self.parameters, *self.ground))]

    def edges(self) -> list[dt.datetime | Literal["date"]]:
        """Return the start and end times of its holds."""
        both = [edge for hold in self.decisions for edge in (hold.begins, hold.until)]
        return [edge for edge in both if edge is not None]


_SHOWN = 12  # names shown if none is similar


def list_interventions(country: Country) -> list[str]:
    """Return the names of a pack's interventions."""
    return sorted(path.stem for path in (country.folder / "interventions").glob("*.yaml"))


def intervention_file(country: Country, name: str) -> Path:
    """Return the file of an intervention."""
    return country.folder / "interventions" / f"{name}.yaml"


def load_intervention(country: Country, name: str | Path) -> Intervention:
    """Read an intervention of a pack, or from any file.

    Parameters
    ----------
    country : Country
    name : str or Path
        The name of an intervention of the pack, or a file whose name ends in ``.yaml``.

    Raises
    ------
    UnknownNameError
        If the pack has no such intervention.
    FileError
        If a name is unknown, a dose or date is used but not declared or declared but not used, or a
        value is out of range for some dose or date.
    """
    if str(name).endswith(".yaml"):
        path = Path(name)
    else:
        known = list_interventions(country)
        if name not in known:
            raise UnknownNameError("intervention", str(name), known)
        path = intervention_file(country, str(name))
    found = read_yaml(path, Intervention)
    _Checker(path, country, found).check()
    return found


class _Checker:
    """Checks of one file; every error has a line number."""

    def __init__(self, path: Path, country: Country, found: Intervention) -> None:
        self.path = path
        self.country = country
        self.found = found
        self.document = parse_yaml(path)

    def check(self) -> None:
        """Check what the schema cannot."""
        found = self.found
        if found.name != self.path.stem:
            raise self._error(
                ("name",), "`name` must match the file name", found.name, self.path.stem
            )
        self._known("episodes", found.episodes, list_episodes(self.country), "episode")
        self._known("references", found.references, self.country.references, "reference")
        self._once("expected", [each.outcome for each in found.expected], "outcome")
        self._check_dose_and_date()
        self._check_decisions()
        self._check_parameters()
        self._check_ground()

    def _check_dose_and_date(self) -> None:
        found = self.found
        dosed = any(amount.slope for amount in found.amounts())
        if dosed and found.dose is None:
            raise self._error((), "uses `dose` but does not declare it", None, "a section `dose`")
        if found.dose is not None and not dosed:
            raise self._error(
                ("dose",), "`dose` is declared but not used", None, "`dose` in an amount"
            )
        dated = "date" in found.edges()
        if dated and found.date is None:
            raise self._error((), "uses `date` but does not declare it", None, "a section `date`")
        if found.date is not None and not dated:
            raise self._error(("date",), "`date` is declared but not used", None, "`from: date`")
        if found.edges() and not found.episodes:
            raise self._error(
                ("decisions",),
                "has a date but no episode",
                None,
                "`episodes`, since a date belongs to an episode",
            )

    def _check_decisions(self) -> None:
        found = self.found
        dates = [found.date.earliest, found.date.latest] if found.date else [None]
        for k, hold in enumerate(found.decisions):
            at = ("decisions", k)
            if hold.kind not in KINDS:
                raise self._unknown((*at, "kind"), "kind of decision", hold.kind, KINDS)
            self._regions(at, hold.where, hold.excluded)
            least, most = hold.amounts()
            self._within((*at, "least"), "`least`", least, 0.0, 1.0)
            self._within((*at, "most"), "`most`", most, 0.0, 1.0)
            if any(
                low > high for low, high in zip(self._ends(least), self._ends(most), strict=True)
            ):
                raise self._error(
                    at, "`least` exceeds `most`", None, "`least` at most `most`, at every dose"
                )
            for date in dates:
                begins, ends = hold.hours(date)
                if begins >= ends:
                    raise self._error(at, "ends before it begins", str(ends), f"after {begins}")

    def _check_parameters(self) -> None:
        files = self.country.number_files
        self._once("parameters", [step.name for step in self.found.parameters], "parameter")
        for k, step in enumerate(self.found.parameters):
            if step.name not in files:
                raise self._unknown(("parameters", k, "name"), "parameter", step.name, files)
            if step.how == "set":
                group, _, short = step.name.partition(".")
                declared = self.country.numbers[group][short]
                at = ("parameters", k, "set")
                self._within(at, step.name, step.amount, declared.low, declared.high)

    def _check_ground(self) -> None:
        known = [*ENVIRONMENT_VARIABLES, *COUNTRYWIDE]
        for k, step in enumerate(self.found.ground):
            at = ("ground", k)
            if step.variable not in known:
                raise self._unknown((*at, "variable"), "environment variable", step.variable, known)
            self._regions(at, step.where, step.excluded)
            if step.variable in COUNTRYWIDE and (step.where != "everywhere" or step.excluded):
                raise self._error(
                    (*at, "where"),
                    f"{step.variable!r} is a variable of the whole country",
                    None,
                    "no `where`",
                )
            if step.how == "set":
                low, high = allowed(self.country, step.variable)
                self._within((*at, "set"), step.variable, step.amount, low, high)

    def _regions(self, at: tuple[int | str, ...], where: Any, excluded: tuple[str, ...]) -> None:
        known = [region.region for region in self.country.regions]
        for key, names in (("where", () if where == "everywhere" else where), ("except", excluded)):
            for name in names:
                if name not in known:
                    raise self._unknown((*at, key), "region", name, known)

    def _ends(self, amount: Amount) -> list[float]:
        """Return an amount at the lowest and highest dose; it is linear in between."""
        dose = self.found.dose
        return [amount.at(each) for each in ((dose.low, dose.high) if dose else (None, None))]

    def _within(
        self, at: tuple[int | str, ...], what: str, amount: Amount, low: float, high: float
    ) -> None:
        for value in self._ends(amount):
            if not low <= value <= high:
                raise self._error(
                    at, f"{what} is out of range for some dose", value, f"{low:g} to {high:g}"
                )

    def _known(self, key: str, names: tuple[str, ...], known: Iterable[str], kind: str) -> None:
        for k, name in enumerate(names):
            if name not in known:
                raise self._unknown((key, k), kind, name, known)

    def _once(self, key: str, names: list[str], kind: str) -> None:
        for k, name in enumerate(names):
            if name in names[:k]:
                raise self._error((key, k), f"the {kind} appears twice", name, "one entry")

    def _unknown(
        self, at: tuple[int | str, ...], kind: str, name: str, known: Iterable[str]
    ) -> FileError:
        names = list(known)
        hint = nearest(name, names) or ", ".join(names[:_SHOWN]) or "nothing is declared"
        return self._error(at, f"unknown {kind}", name, hint)

    def _error(
        self, at: tuple[int | str, ...], problem: str, value: object, expected: str
    ) -> FileError:
        line = line_of(self.document, at) or 1
        return FileError(self.path, problem, line=line, value=value, expected=expected)
