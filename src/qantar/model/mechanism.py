"""What a mechanism declares about itself: the one place where all of it is said.

From these declarations `qantar.model.compose` builds the records of the state and the compiled
hour. Nothing about a mechanism is written anywhere else, besides its line in the order of the hour.
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
"""A compiled function whose parameters are named after what it needs; see `ARGUMENTS`."""

ARGUMENTS = {
    "state": "what changes every hour: `qantar.model.state.State`",
    "environment": "what does not change during an episode: `qantar.model.state.Environment`",
    "p": "the mechanism's own parameters",
    "key": "the member's luck, for the functions of `qantar.rng`",
    "hour": "hours since the episode began; not for `begin`",
    "script": "the dated state actions of the member",
    "amendments": "what interventions hold decisions to",
    "decider": "who takes the state's decisions: a `state_decisions.Decider`",
    "rules": "the parameters of the offices",
    "propensity": "float array (P,): readiness of each place, in standard deviations",
    "threshold_score": "float array (P,): threshold of each place, in standard deviations",
}
"""What a function of a mechanism can ask for, by the names of its parameters, in any order."""


@dataclass(frozen=True)
class Field:
    """One number per place that a mechanism owns and that every mechanism can read.

    Attributes
    ----------
    name, unit : str
        A mechanism reads and writes ``state.places[i].NAME``.
    low, high : float
        The range that the number never leaves.
    neutral : float
        Its value before the first hour, and for as long as its mechanism is off.
    meaning : str
    whole : bool
        Whether it is a whole number.
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
        The field of the place that is recorded; by default the one of the same name.
    stance : str
        Instead of a field: the stance in which the people of the place are counted.
    """

    name: str
    unit: str
    meaning: str
    field: str = ""
    stance: str = ""

    @property
    def source(self) -> str:
        """The field that is recorded, or an empty string if people are counted."""
        return "" if self.stance else self.field or self.name


@dataclass(frozen=True)
class Step:
    """A line of the hour that always runs: bookkeeping, or what several mechanisms share.

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
        What it does, in a line.
    references : tuple of str
        Keys of the literature it comes from (``references.yaml``).
    parameters : type or None
        The named tuple of numbers it reads; None if it reads none.
    fields : tuple of Field
        The numbers per place that it owns.
    records : tuple of Variable
        What of its fields, or of the people, it adds to the record of a run.
    terms : mapping of str to Mediator
        Those of its fields that a what-if can hold, and the cause each belongs to. They are held
        as soon as the mechanism has run.
    begin : Function, optional
        Run once, before the first hour.
    hour : Function, optional
        Run every hour.
    off : Function, optional
        Run every hour instead, if an account switches the mechanism off.
    after : str, optional
        Only for a mechanism of another package: the mechanism directly after which it runs.
    folder : Path, optional
        Only for a mechanism of another package: where its ``parameters.yaml`` and its
        ``references.yaml`` are. Those of Qantar are in ``packs/common``.

    Notes
    -----
    The functions are compiled by `qantar.base.compilation.compiled`. The names of their parameters
    say what they are given: see `ARGUMENTS`.
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
        """Path of the file with its functions, below the folder that Python imports from."""
        function = self.hour or self.begin or self.off
        if function is None:
            return ""
        module = sys.modules[function.__module__]
        suffix = "/__init__.py" if hasattr(module, "__path__") else ".py"
        return module.__name__.replace(".", "/") + suffix


def stream(name: str) -> int:
    """Return the 16-bit number that keeps the draws of one rule apart from all others."""
    return stable_id(name) & 0xFFFF
