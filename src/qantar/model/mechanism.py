"""Declarations of mechanisms: their fields, recorded variables, terms and functions.

From these declarations `qantar.model.compose` builds the record types of the state and the compiled
schedule. Apart from its entry in the schedule, a mechanism is declared nowhere else.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from qantar.model.mediators import Mediator
from qantar.rng import stable_id

Function: TypeAlias = Callable[..., None]
"""A compiled function; its parameter names select its arguments, see `ARGUMENTS`."""

ARGUMENTS = {
    "state": "the state of the country: `qantar.model.state.State`",
    "environment": "constant during an episode: `qantar.model.state.Environment`",
    "p": "parameters of the mechanism",
    "key": "random key of the member, for the functions of `qantar.rng`",
    "hour": "hours since the episode began; not available to `begin`",
    "script": "dated state actions of the member",
    "amendments": "bounds that interventions put on decisions",
    "decider": "who takes the state's decisions: a `state_decisions.Decider`",
    "rules": "parameters of the offices",
    "propensity": "float array (P,): latent readiness of each place, in standard deviations",
    "threshold_score": "float array (P,): latent threshold of each place, in standard deviations",
}
"""Arguments available to the functions of a mechanism, by parameter name, in any order."""


@dataclass(frozen=True)
class Field:
    """A state variable of every place, owned by one mechanism and readable by all.

    Attributes
    ----------
    name, unit : str
        Accessed as ``state.places.NAME[i]``.
    low, high : float
        Range of the values.
    neutral : float
        Initial value, kept as long as the mechanism is off.
    meaning : str
    whole : bool
        Whether it is an integer.
    """

    name: str
    unit: str
    low: float
    high: float
    neutral: float
    meaning: str
    whole: bool = False


@dataclass(frozen=True)
class Variable:
    """A quantity recorded for every place and hour.

    Attributes
    ----------
    name, unit, meaning : str
    field : str
        The field of the place that is recorded; by default the one with the same name.
    stance : str
        If given, the number of people in this stance is recorded instead of a field.
    """

    name: str
    unit: str
    meaning: str
    field: str = ""
    stance: str = ""

    @property
    def source(self) -> str:
        """The recorded field, or an empty string if people are counted."""
        return "" if self.stance else self.field or self.name


@dataclass(frozen=True)
class Step:
    """A step of the schedule that always runs: bookkeeping, or code shared by mechanisms.

    Attributes
    ----------
    name, title : str
    hour : Function
        Run every hour.
    fields, records
        As for a `Mechanism`.
    """

    name: str
    title: str
    hour: Function
    fields: tuple[Field, ...] = ()
    records: tuple[Variable, ...] = ()


@dataclass(frozen=True)
class Mechanism:
    """One causal rule of the model.

    Attributes
    ----------
    name : str
        The name used in accounts and parameter files.
    title : str
        One-line description.
    references : tuple of str
        Keys of its literature (``references.yaml``).
    parameters : type or None
        Named tuple of its parameters; None if it has none.
    fields : tuple of Field
        State variables that it owns.
    records : tuple of Variable
        Variables that it adds to the record of a run.
    terms : mapping of str to Mediator
        Fields that a what-if can hold, with their mediator. They are held directly after the
        mechanism has run.
    begin : Function, optional
        Run once, before the first hour.
    hour : Function, optional
        Run every hour.
    off : Function, optional
        Run every hour in place of `hour` if an account switches the mechanism off.
    after : str, optional
        For mechanisms of other packages: the mechanism directly after which it runs.
    folder : Path, optional
        For mechanisms of other packages: the folder of its ``parameters.yaml`` and
        ``references.yaml``. Those of Qantar are in ``packs/common``.

    Notes
    -----
    Functions must be compiled with `qantar.base.compilation.compiled`. Their parameter names select
    their arguments: see `ARGUMENTS`.
    """

    name: str
    title: str
    references: tuple[str, ...]
    parameters: type | None
    fields: tuple[Field, ...] = ()
    records: tuple[Variable, ...] = ()
    terms: Mapping[str, Mediator] = field(default_factory=dict)
    begin: Function | None = None
    hour: Function | None = None
    off: Function | None = None
    after: str | None = None
    folder: Path | None = None

    @property
    def code(self) -> str:
        """Path of the source file of its functions, relative to the import root."""
        function = self.hour or self.begin or self.off
        if function is None:
            return ""
        module = sys.modules[function.__module__]
        suffix = "/__init__.py" if hasattr(module, "__path__") else ".py"
        return module.__name__.replace(".", "/") + suffix


def stream(name: str) -> int:
    """Return the 16-bit id of a random stream."""
    return stable_id(name) & 0xFFFF
