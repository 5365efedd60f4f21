"""Conditions: what differs in an episode from the pack, in the environment and in parameters."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field, PrivateAttr, model_validator

from qantar.base.arrays import Numbers
from qantar.base.errors import FileError, nearest
from qantar.base.files import Declared, line_of, read_rows
from qantar.base.provenance import Grade
from qantar.packs.country import Country

TRIGGER = "trigger"
"""How much a trigger other than the gas price matters in a place, 0 to 1."""

ENVIRONMENT_VARIABLES = (
    "lpg_price_after",
    "lpg_price_before",
    "lpg_dependence",
    "territorial_exclusion",
    "poverty",
    "elite_patronage",
    "civic_activism",
    "protest_experience",
    "seat",
    "news_reach",
    "shutdown_reach",
    "night_temperature",
    "police_per_1000",
    "capital_guard",
    "named_target",
    "state_buildings",
    "businesses",
)
"""Variables that define the environment; an episode or an intervention may change them. Population
is not among them."""

COUNTRYWIDE = (
    "mobile_reserve",
    "foreign_contingent",
    "price_breadth",
    "learned_restraint",
    "usable_police",
)
"""Environment variables of the whole country; an episode or an intervention may change them."""

FROM_YEARS = "from_years.csv"
"""File of an episode with what the years leave behind before it begins."""

LEFT_BEHIND = ("protest_experience", "news_reach", "price_breadth", "learned_restraint")
"""Environment variables that the years hand down to the hour."""

IF_CHANGED = ("usable_police",)
"""Those that they hand down where a reform has changed the elite, and not otherwise."""


class _Change(Declared):
    """A change of a value: exactly one of `set`, `multiply` and `add`.

    Attributes
    ----------
    to : float or None
        The new value (``set`` in the file).
    multiply, add : float or None
        Factor, or summand.
    because : str
    """

    to: float | None = Field(default=None, alias="set")
    multiply: float | None = None
    add: float | None = None
    because: str = Field(min_length=1)

    @model_validator(mode="after")
    def _one_way(self) -> _Change:
        given = self._ways()
        if sum(way is not None for way in given.values()) != 1:
            *most, last = (f"`{name}`" for name in given)
            raise ValueError(f"give exactly one of {', '.join(most)} and {last}")
        return self

    def _ways(self) -> dict[str, float | str | None]:
        """Return the ways to change a value, by their names in the file."""
        return {"set": self.to, "multiply": self.multiply, "add": self.add}

    def apply_to(self, values: Numbers) -> Numbers:
        """Return the changed values."""
        if self.to is not None:
            return np.full_like(values, self.to)
        if self.multiply is not None:
            return values * self.multiply
        return values + (self.add or 0.0)


class EnvironmentChange(_Change):
    """A different value of an environment variable.

    Attributes
    ----------
    variable : str
        One of `ENVIRONMENT_VARIABLES` or of `COUNTRYWIDE`, or ``trigger``.
    taken_from : str or None
        The variable of the pack whose values are taken (``from`` in the file), as an alternative to
        `to`, `multiply` and `add`. They are the values of the pack, without earlier changes.
    where : str or None
        ``everywhere``, or None if regions or places are named. The only possibility for a variable
        of the whole country.
    regions, places : tuple of str
    reference : str
        A source of the pack; `locator` is the passage.
    grade : str
    """

    variable: str
    taken_from: str | None = Field(default=None, alias="from")
    where: Literal["everywhere"] | None = None
    regions: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    reference: str
    locator: str = ""
    grade: Grade

    @model_validator(mode="after")
    def _somewhere(self) -> EnvironmentChange:
        if (self.where is not None) == bool(self.regions or self.places):
            raise ValueError("give `where: everywhere`, or name `regions` or `places`")
        return self

    def _ways(self) -> dict[str, float | str | None]:
        return {**super()._ways(), "from": self.taken_from}

    def touches(self, place: str, region: str) -> bool:
        """Return whether the change applies to a place."""
        return self.where is not None or place in self.places or region in self.regions


class ParameterChange(_Change):
    """A parameter that differs between this episode and the one it was fitted to.

    Attributes
    ----------
    parameter : str
        ``mechanism.parameter``.
    claims : tuple of str
        Claims of the ledger that say so, by id.
    always : bool
        Whether the change is a fact of the episode and not something that people had learned. Such
        a change is made even if the others are left out.
    """

    parameter: str
    claims: tuple[str, ...] = Field(min_length=1)
    always: bool = False


class LeftBehind(Declared):
    """A row of `FROM_YEARS`: an environment variable as the years leave it behind.

    Attributes
    ----------
    variable : str
        One of `LEFT_BEHIND` or `IF_CHANGED`.
    region : str
        A region, or the country for a variable of the whole country.
    value : float
        Median of the members, in the unit of the variable.
    q05, q95 : float
        Quantiles of the members.
    """

    variable: str
    region: str
    value: float = Field(allow_inf_nan=False, description="a number")
    q05: float = Field(allow_inf_nan=False, description="a number")
    q95: float = Field(allow_inf_nan=False, description="a number")

    def change(self) -> EnvironmentChange:
        """Return the row as a change of the environment."""
        wide = self.variable in COUNTRYWIDE
        return EnvironmentChange.model_validate(
            {
                "variable": self.variable,
                "set": self.value,
                "because": "what the years leave behind before the trigger (median of the members)",
                "reference": "qantar-assumption",
                "grade": "calibrated",
                **({"where": "everywhere"} if wide else {"regions": (self.region,)}),
            }
        )


class Conditions(Declared):
    """Differences of an episode from the pack, applied in order.

    Attributes
    ----------
    ground : tuple of EnvironmentChange
    from_years : bool
        Whether the file `FROM_YEARS` of the episode says what the years leave behind.
    parameters : tuple of ParameterChange
    """

    ground: tuple[EnvironmentChange, ...] = ()
    from_years: bool = False
    parameters: tuple[ParameterChange, ...] = ()
    _left_behind: tuple[EnvironmentChange, ...] = PrivateAttr(default=())

    @property
    def left_behind(self) -> tuple[EnvironmentChange, ...]:
        """The rows of `FROM_YEARS`, once they are read.

        They are applied after `ground`, whose values for the same variables hold only where the
        years are left out.
        """
        return self._left_behind

    @property
    def environment(self) -> tuple[EnvironmentChange, ...]:
        """Every change of the environment, in the order in which they are applied."""
        return (*self.ground, *self.left_behind)

    def with_years(self, rows: Iterable[LeftBehind]) -> Conditions:
        """Return conditions in which the years leave these values behind."""
        found = self.model_copy()
        found._left_behind = tuple(row.change() for row in rows)
        return found

    def moved(self, *, learned: bool) -> tuple[ParameterChange, ...]:
        """Return the changes of parameters, with or without those that people had learned."""
        return tuple(change for change in self.parameters if learned or change.always)


def check_conditions(path: Path, document: Any, country: Country, conditions: Conditions) -> None:
    """Check that conditions are valid for the pack and the model.

    Parameters
    ----------
    path : Path
        The file of the episode.
    document : mapping
        Its content, with line numbers.

    Raises
    ------
    FileError
        With the line of the first invalid change.
    """
    for number, change in enumerate(conditions.ground):
        _check_ground(path, line_of(document, ("conditions", "ground", number)), country, change)
    for number, moved in enumerate(conditions.parameters):
        line = line_of(document, ("conditions", "parameters", number))
        _check_parameter(path, line, country, moved)


def read_left_behind(path: Path, country: Country) -> list[LeftBehind]:
    """Read and check what the years leave behind before an episode.

    Raises
    ------
    FileError
        With the line of the first unknown name, repeated row or value out of range.
    """
    seen = set[tuple[str, str]]()
    found = list[LeftBehind]()
    for line, row in read_rows(path, LeftBehind):
        check_name(path, line, "variable", row.variable, [*LEFT_BEHIND, *IF_CHANGED], FROM_YEARS)
        wide = row.variable in COUNTRYWIDE
        owners = [country.header.country] if wide else [r.region for r in country.regions]
        if row.region not in owners:
            raise FileError(
                path,
                f"{row.variable}: unknown region",
                line=line,
                value=row.region,
                expected=nearest(row.region, owners) or owners[0],
            )
        if (row.variable, row.region) in seen:
            raise FileError(
                path,
                f"{row.variable} of {row.region!r} appears twice",
                line=line,
                expected="one row",
            )
        seen.add((row.variable, row.region))
        low, high = allowed(country, row.variable)
        if not low <= row.value <= high:
            raise FileError(
                path,
                f"{row.variable} is out of range",
                line=line,
                value=row.value,
                expected=f"{low:g} to {high:g}",
            )
        found.append(row)
    return found


def _check_ground(
    path: Path, line: int | None, country: Country, change: EnvironmentChange
) -> None:
    names: list[tuple[str, str, list[str]]] = [
        ("variable", change.variable, [*ENVIRONMENT_VARIABLES, *COUNTRYWIDE, TRIGGER]),
        *(("region", name, [r.region for r in country.regions]) for name in change.regions),
        *(("place", name, [p.place for p in country.places]) for name in change.places),
        *(("source", part.strip(), [*country.sources]) for part in change.reference.split(";")),
    ]
    for what, name, known in names:
        check_name(path, line, what, name, known)
    low, high = allowed(country, change.variable)
    if change.to is not None and not low <= change.to <= high:
        raise FileError(
            path,
            f"conditions: {change.variable} is out of range",
            line=line,
            value=change.to,
            expected=f"{low:g} to {high:g}",
        )
    if change.variable in COUNTRYWIDE and change.where is None:
        raise FileError(
            path,
            f"conditions: {change.variable} is a variable of the whole country",
            line=line,
            expected="`where: everywhere`",
        )
    if change.taken_from is not None:
        _check_taken(path, line, country, change, change.taken_from)


def _check_taken(
    path: Path, line: int | None, country: Country, change: EnvironmentChange, name: str
) -> None:
    """Check that the values of another variable exist and are in range where they are taken."""
    known = [each for each in country.variables if each not in COUNTRYWIDE]
    check_name(path, line, "variable", name, known)
    if change.variable in COUNTRYWIDE:
        raise FileError(
            path,
            f"conditions: {change.variable} is a variable of the whole country",
            line=line,
            value=f"from: {name}",
            expected="`set`, `multiply` or `add`",
        )
    low, high = allowed(country, change.variable)
    for place in country.places:
        if not change.touches(place.place, place.region):
            continue
        value = country.number(place, name)
        if not low <= value <= high:
            raise FileError(
                path,
                f"conditions: {name} of {place.place!r} is out of the range of {change.variable}",
                line=line,
                value=value,
                expected=f"{low:g} to {high:g}",
            )


def _check_parameter(
    path: Path, line: int | None, country: Country, change: ParameterChange
) -> None:
    check_name(path, line, "parameter", change.parameter, list(country.parameter_files))
    mechanism, _, short = change.parameter.partition(".")
    if country.parameters[mechanism][short].prior is None:
        raise FileError(
            path,
            f"conditions: {change.parameter} is fixed in the pack",
            line=line,
            expected="a parameter with a prior",
        )


def check_name(
    path: Path,
    line: int | None,
    what: str,
    name: str,
    known: list[str],
    within: str = "conditions",
) -> None:
    """Refuse a name that is not known.

    Parameters
    ----------
    line : int or None
        Where it stands in the file.
    what : str
        What it names, for the message.
    within : str
        The part of the file.
    """
    if name not in known:
        raise FileError(
            path,
            f"{within}: unknown {what}",
            line=line,
            value=name,
            expected=nearest(name, known) or f"a {what} of the pack",
        )


def allowed(country: Country, variable: str) -> tuple[float, float]:
    """Return the allowed range of an environment variable, in its unit."""
    if variable == TRIGGER:
        return 0.0, 1.0
    declared = country.variables[variable]
    return float(declared.low), float(declared.high)
