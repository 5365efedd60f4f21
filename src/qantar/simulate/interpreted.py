"""Run the model in the Python interpreter: the reference of the compiled code.

The source of every mechanism is executed as it stands, so that `print` and a debugger work in it.
The result is the same to the last bit, and takes thousands of times longer.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from qantar.model.hour import TERMS, VARIABLES, Member, follow, initial_state
from qantar.model.records import Record
from qantar.model.state import ACTION_KINDS, Environment, State
from qantar.simulate.ensemble import Followed, copy_of


def follow_interpreted(
    environment: Environment,
    member: Member,
    first: int,
    last: int,
    *,
    start: State | None = None,
    replaced: Mapping[Any, Callable[..., Any]] | None = None,
) -> tuple[State, Followed]:
    """Run hours of one member without compiled code.

    Parameters
    ----------
    first, last : int
        The hours from `first` to before `last` are run.
    start : State, optional
        The state at the beginning of the first hour, which is not changed; by default the initial
        state, and then `first` must be 0.
    replaced : mapping, optional
        Functions to be called instead of compiled ones.

    Returns
    -------
    State
        At the end of the last hour.
    Followed
        As from `qantar.simulate.ensemble.follow_member`; hours before `first` are zero.
    """
    if start is None and first > 0:
        raise ValueError(f"a run from hour {first} needs the state at its beginning")
    places = environment.place_count
    followed = Followed(
        np.zeros((last, places, len(VARIABLES)), np.float32),
        np.zeros((last, places, len(TERMS))),
        np.zeros((last, ACTION_KINDS, places)),
    )
    state = copy_of(start or initial_state(environment))
    records: dict[str, Any] = {
        name: [_Fields(getattr(member, name)[0])] for name in ("parameters", "switches", "rules")
    }
    # As in compiled code: a number divided by zero is infinite, and integers have 64 bits.
    with np.errstate(all="ignore"):
        interpreted(follow, replaced)(
            State(*map(_Fields, state)),
            environment._replace(
                places=_Fields(environment.places), groups=_Fields(environment.groups)
            ),
            member._replace(**records),
            *followed,
            first,
            last,
        )
    return state, followed


def interpreted(
    function: Any, replaced: Mapping[Any, Callable[..., Any]] | None = None
) -> Callable[..., Any]:
    """Return a compiled function as one for the interpreter, as all that it calls will be.

    Parameters
    ----------
    replaced : mapping, optional
        Functions to be called instead of compiled ones.
    """
    copies: dict[str, SimpleNamespace] = {}

    def version(value: Any) -> Any:
        """Return what stands for a value of a module."""
        if value is math:
            return _LIKE_COMPILED
        if isinstance(value, ModuleType) and any(map(_is_compiled, vars(value).values())):
            return copy_of_module(value)
        if not _is_compiled(value):
            return value
        if replaced and value in replaced:
            return replaced[value]
        own = copy_of_module(sys.modules[value.__module__])
        source = value.py_func
        return FunctionType(source.__code__, vars(own), source.__name__, source.__defaults__)

    def copy_of_module(module: ModuleType) -> SimpleNamespace:
        if module.__name__ not in copies:
            copies[module.__name__] = own = SimpleNamespace()
            for name, value in vars(module).items():
                setattr(own, name, version(value))
        return copies[module.__name__]

    result: Callable[..., Any] = version(function)
    return result


def _is_compiled(value: Any) -> bool:
    return hasattr(value, "py_func")


def _like_compiled(function: Callable[..., float]) -> Callable[..., float]:
    """Return a function of `math` that raises no error, and a number that may be divided by 0."""

    def call(*arguments: float) -> float:
        try:
            result = function(*arguments)
        except OverflowError:
            result = math.inf
        except ValueError:
            result = -math.inf if function is math.log and arguments[0] == 0.0 else math.nan
        return np.float64(result) if isinstance(result, float) else result

    return call


_LIKE_COMPILED = SimpleNamespace(
    **{
        name: _like_compiled(value) if callable(value) else value
        for name, value in vars(math).items()
    }
)
"""The module `math` as compiled code has it."""


class _Fields:
    """A record with its fields as attributes, as in compiled code."""

    def __init__(self, record: Record) -> None:
        object.__setattr__(self, "_record", record)

    def __getattr__(self, name: str) -> Any:
        value = self._record[name]
        return _Fields(value) if isinstance(value, np.void) else value

    def __setattr__(self, name: str, value: Any) -> None:
        self._record[name] = value
