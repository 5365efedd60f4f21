"""Conditions of an episode: in what the country was different from the pack, and who says so.

A pack describes one moment. An episode of another year may declare what was otherwise then: values
of the ground, and parameters that learning, fear or a change at the top has moved since.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field, model_validator

from qantar.base.arrays import Numbers
from qantar.base.errors import FileError, nearest
from qantar.base.provenance import Grade
from qantar.base.reading import Declared, line_of
from qantar.packs.country import Country

TRIGGER = "trigger"
"""How hard a trigger other than the gas price falls on a place, in logarithms of a loss."""

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
    "internet_users",
    "shutdown_reach",
    "night_temperature",
    "police_per_1000",
    "named_target",
    "state_buildings",
    "businesses",
)
"""Variables of a pack that the ground of a run is made of; an episode or an intervention may
change them. Population is not among them: cohorts count the same people."""

COUNTRYWIDE = ("mobile_reserve", "foreign_contingent")
"""Ground that belongs to the country and to no place; an intervention may change it."""


class _Change(Declared):
    """One change, in exactly one of its three ways.

    Attributes
    ----------
    to : float or None
        The new value, written ``set`` in the file.
    multiply, add : float or None
        What the value is multiplied by, or what is added to it.
    because : str
    """

    to: float | None = Field(default=None, alias="set")
    multiply: float | None = None
    add: float | None = None
    because: str = Field(min_length=1)

    @model_validator(mode="after")
    def _one_way(self) -> _Change:
        if sum(way is not None for way in (self.to, self.multiply, self.add)) != 1:
            raise ValueError("give exactly one of `set`, `multiply` and `add`")
        return self

    def of(self, values: Numbers) -> Numbers:
        """Return values with the change made."""
        if self.to is not None:
            return np.full_like(values, self.to)
        if self.multiply is not None:
            return values * self.multiply
        return values + (self.add or 0.0)


class EnvironmentChange(_Change):
    """A value of the ground that was otherwise.

    Attributes
    ----------
    variable : str
        One of `ENVIRONMENT_VARIABLES`, or ``trigger``.
    where : str or None
        ``everywhere``, unless regions or places are named.
    regions, places : tuple of str
    reference : str
        A source of the pack; `locator` says where in it.
    grade : str
    """

    variable: str
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

    def touches(self, place: str, region: str) -> bool:
        """Whether the change holds in a place of a region."""
        return self.where is not None or place in self.places or region in self.regions


class ParameterChange(_Change):
    """A parameter that has moved between this episode and the one it was learned on.

    Attributes
    ----------
    parameter : str
        ``mechanism.parameter``.
    claims : tuple of str
        Claims of the ledger that say so, by id.
    always : bool
        Whether the change belongs to the episode itself (what was planned for another one), and not
        to what people had learned; then it is made even where the others are left out.
    """

    parameter: str
    claims: tuple[str, ...] = Field(min_length=1)
    always: bool = False


class Conditions(Declared):
    """What was otherwise; rows count one after the other."""

    ground: tuple[EnvironmentChange, ...] = ()
    parameters: tuple[ParameterChange, ...] = ()

    def moved(self, *, learned: bool) -> tuple[ParameterChange, ...]:
        """Return the changes of parameters, with or without what people had learned."""
        return tuple(change for change in self.parameters if learned or change.always)


def check_conditions(path: Path, document: Any, country: Country, conditions: Conditions) -> None:
    """Refuse conditions that name what the pack or the model does not know.

    Parameters
    ----------
    path : Path
        The file of the episode.
    document : mapping
        What stands in it, with its lines.

    Raises
    ------
    FileError
        With the line of the first change that cannot be made.
    """
    for number, change in enumerate(conditions.ground):
        _check_ground(path, line_of(document, ("conditions", "ground", number)), country, change)
    for number, moved in enumerate(conditions.parameters):
        line = line_of(document, ("conditions", "parameters", number))
        _check_parameter(path, line, country, moved)


def _check_ground(
    path: Path, line: int | None, country: Country, change: EnvironmentChange
) -> None:
    names: list[tuple[str, str, list[str]]] = [
        ("variable", change.variable, [*ENVIRONMENT_VARIABLES, TRIGGER]),
        *(("region", name, [r.region for r in country.regions]) for name in change.regions),
        *(("place", name, [p.place for p in country.places]) for name in change.places),
        *(("source", part.strip(), [*country.sources]) for part in change.reference.split(";")),
    ]
    for what, name, known in names:
        _check_name(path, line, what, name, known)
    low, high = allowed(country, change.variable)
    if change.to is not None and not low <= change.to <= high:
        raise FileError(
            path,
            f"conditions: {change.variable} is out of range",
            line=line,
            value=change.to,
            expected=f"{low:g} to {high:g}",
        )


def _check_parameter(
    path: Path, line: int | None, country: Country, change: ParameterChange
) -> None:
    _check_name(path, line, "parameter", change.parameter, list(country.parameter_files))
    mechanism, _, short = change.parameter.partition(".")
    if country.parameters[mechanism][short].prior is None:
        raise FileError(
            path,
            f"conditions: {change.parameter} is fixed in the pack",
            line=line,
            expected="a parameter with a prior",
        )


def _check_name(path: Path, line: int | None, what: str, name: str, known: list[str]) -> None:
    if name not in known:
        raise FileError(
            path,
            f"conditions: unknown {what}",
            line=line,
            value=name,
            expected=nearest(name, known) or f"a {what} that the pack knows",
        )


def allowed(country: Country, variable: str) -> tuple[float, float]:
    """Return the range of a variable of the ground, in its own unit."""
    if variable == TRIGGER:  # no loss is nothing, and a loss has no upper end
        return 0.0, float("inf")
    declared = country.variables[variable]
    return float(declared.low), float(declared.high)
