"""The parameters of a scenario: names, priors, and values of a member."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_type_hints

import numpy as np

from qantar.base.arrays import Numbers
from qantar.base.errors import FileError, QantarError, UnknownNameError, nearest
from qantar.model.hour import MECHANISMS, PARAMETERS, Parameters
from qantar.model.records import Records
from qantar.packs.account import Account
from qantar.packs.country import COMMON, PARAMETERS_FILE, Country, packs_folder
from qantar.packs.parameters import Parameter, Prior, line_of_parameter

_PARTS = get_type_hints(Parameters)


@dataclass(frozen=True)
class Number:
    """A parameter of a scenario: fixed, or with a prior.

    Attributes
    ----------
    name : str
        ``mechanism.parameter``.
    declared : Parameter
        Its declaration in the pack.
    prior : Prior or None
        Prior in this scenario; None if fixed.
    value : float
        The value if fixed, else the median of the prior.
    """

    name: str
    declared: Parameter
    prior: Prior | None
    value: float

    def at(self, score: float) -> float:
        """Return the value at a standard normal score of the prior."""
        if self.prior is None:
            return self.value
        return self.declared.clip(self.prior.value_at(score))


def parameter_names() -> tuple[str, ...]:
    """Return the names of all parameters of mechanisms, in schedule order."""
    return tuple(f"{m}.{name}" for m, part in _PARTS.items() for name in part._fields)


def scenario_parameters(
    country: Country, account: Account | None, overrides: dict[str, float]
) -> tuple[Number, ...]:
    """Return every parameter of a scenario, in the order of `parameter_names`.

    Parameters
    ----------
    account : Account or None
        None gives the parameters as the pack declares them.
    overrides : dict
        Values fixed by the user, by parameter name.

    Raises
    ------
    FileError
        If a parameter is read but not declared, or declared but not read.
    UnknownNameError, QantarError
        If an override is unknown or out of range.
    """
    check_declared(country)
    names = parameter_names()
    for name, value in overrides.items():
        _check_override(country, names, name, value)
    result = []
    for name in names:
        mechanism, _, short = name.partition(".")
        declared = country.parameters[mechanism][short]
        fixed = overrides.get(name)
        if fixed is None and account is not None and name in account.fixed:
            fixed = account.fixed[name].value
        if fixed is not None or declared.prior is None:
            result.append(
                Number(name, declared, None, declared.central if fixed is None else fixed)
            )
        else:
            own = account.beliefs.get(name) if account is not None else None
            prior = own.prior if own else declared.prior
            result.append(Number(name, declared, prior, declared.clip(prior.value_at(0.0))))
    return tuple(result)


def check_declared(country: Country) -> None:
    """Refuse parameters that are read but not declared, or declared but not read."""
    read = set(parameter_names())
    declared = set(country.parameter_files)
    for name in sorted(read - declared):
        mechanism = name.partition(".")[0]
        own = MECHANISMS[mechanism].folder
        raise FileError(
            own / PARAMETERS_FILE
            if own is not None
            else packs_folder() / COMMON / "parameters" / f"{mechanism}.yaml",
            f"the model reads {name!r}, but no file declares it",
        )
    for name in sorted(declared - read):
        raise FileError(
            country.parameter_files[name],
            f"declares {name!r}, which no mechanism reads",
            expected=nearest(name, read),
        )


def parameter_record(values: Numbers) -> Records:
    """Return the parameter record of a member from values in the order of `parameter_names`."""
    record = np.zeros(1, PARAMETERS)
    record.view(np.float64)[:] = values
    return record


def _check_override(country: Country, names: tuple[str, ...], name: str, value: float) -> None:
    if name not in names:
        raise UnknownNameError("parameter", name, names)
    mechanism, _, short = name.partition(".")
    declared = country.parameters[mechanism][short]
    if not declared.low <= value <= declared.high:
        path = country.parameter_files[name]
        raise QantarError(
            f"{name} = {value:g} is out of range ({path}:{line_of_parameter(path, short)})",
            expected=f"{declared.low:g} to {declared.high:g} {declared.unit}",
            hint=f"`qantar show parameter {name}` explains it",
        )
