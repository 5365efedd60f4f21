"""From what mechanisms declare to one model: the order of the hour, checked, and its records."""

from __future__ import annotations

import inspect
import keyword
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from qantar.base.errors import QantarError, nearest
from qantar.model.mechanism import ARGUMENTS, Field, Function, Mechanism, Step, Variable
from qantar.model.mediators import Mediator
from qantar.model.state import STANCES

Line: TypeAlias = Mechanism | Step
"""A line of the hour."""


@dataclass(frozen=True)
class Model:
    """The model, put together.

    Attributes
    ----------
    lines : tuple of Mechanism or Step
        The hour, in order; a step may stand in it several times.
    mechanisms : dict of Mechanism
        By name, in the order of the hour.
    fields : tuple of Field
        What changes every hour in a place.
    variables : tuple of Variable
        The columns of the record of a run.
    terms : dict of Mediator
        The fields that a what-if can hold, in the order in which they are recorded.
    """

    lines: tuple[Line, ...]
    mechanisms: dict[str, Mechanism]
    fields: tuple[Field, ...]
    variables: tuple[Variable, ...]
    terms: dict[str, Mediator]

    @property
    def place(self) -> np.dtype[Any]:
        """The record of a place: real numbers, then whole ones."""
        ordered = sorted(self.fields, key=lambda each: each.whole)
        return np.dtype(
            [(each.name, np.int64 if each.whole else np.float64) for each in ordered], align=True
        )


def compose(
    hour: Sequence[Line],
    outside: Iterable[Mechanism] = (),
    *,
    first_records: Sequence[str] = (),
    first_terms: Sequence[str] = (),
) -> Model:
    """Put a model together and refuse declarations that contradict each other.

    Parameters
    ----------
    hour : sequence of Mechanism or Step
        The mechanisms of Qantar, in order.
    outside : iterable of Mechanism
        Those of other packages. Each says after which one it runs.
    first_records, first_terms : sequence of str
        Recorded variables and terms that come first; all others follow in the order of the hour.

    Raises
    ------
    QantarError
        If a name is taken twice or cannot be one, a mechanism runs after one that does not exist, a
        field has two owners, a record or a term names no field of its mechanism, or a function asks
        for something that nobody gives it.
    """
    lines = _in_order(hour, outside)
    once = list({line.name: line for line in lines}.values())
    mechanisms = {line.name: line for line in once if isinstance(line, Mechanism)}
    for line in once:
        _check(line)
    fields = tuple(each for line in once for each in line.fields)
    variables = tuple(each for line in once for each in line.records)
    terms = {name: part for each in mechanisms.values() for name, part in each.terms.items()}
    # Those of other packages last, so that they are told and not the mechanisms of Qantar.
    owners = sorted(once, key=lambda line: isinstance(line, Mechanism) and line.after is not None)
    _check_owned_once("field", [(line.name, each.name) for line in owners for each in line.fields])
    _check_owned_once(
        "recorded variable", [(line.name, each.name) for line in owners for each in line.records]
    )
    by_name = {each.name: each for each in variables}
    return Model(
        lines,
        mechanisms,
        fields,
        tuple(by_name[name] for name in _with_first(first_records, by_name)),
        {name: terms[name] for name in _with_first(first_terms, terms)},
    )


def named_tuple(name: str, fields: dict[str, type]) -> Any:
    """Return a type of named tuples whose fields are known only now."""
    return NamedTuple(name, list(fields.items()))


def _with_first(first: Sequence[str], names: Iterable[str]) -> list[str]:
    """Return names with some of them moved to the front."""
    return [*first, *(name for name in names if name not in first)]


def _in_order(hour: Sequence[Line], outside: Iterable[Mechanism]) -> tuple[Line, ...]:
    """Return the hour with each mechanism from outside directly after the one that it names."""
    lines = list(hour)
    names = {line.name for line in lines}
    waiting = list(outside)
    for mechanism in waiting:
        if mechanism.name in names:
            raise QantarError(
                f"there are two mechanisms or steps called {mechanism.name!r}",
                mend="rename one, and register it only once: by an entry point or by a call",
            )
        names.add(mechanism.name)
    # Backwards, so that of several after the same one the first registered comes first.
    waiting.reverse()
    while waiting:
        at = {line.name: k for k, line in enumerate(lines) if isinstance(line, Mechanism)}
        ready = [each for each in waiting if each.after in at]
        if not ready:
            raise _no_such_place(waiting[-1], list(at))
        for mechanism in ready:
            here = next(k for k, line in enumerate(lines) if line.name == mechanism.after)
            lines.insert(here + 1, mechanism)
            waiting.remove(mechanism)
    return tuple(lines)


def _no_such_place(mechanism: Mechanism, names: list[str]) -> QantarError:
    if mechanism.after is None:
        problem = f"the mechanism {mechanism.name!r} does not say after which other one it runs"
    else:
        problem = f"the mechanism {mechanism.name!r} is to run after {mechanism.after!r}: no such"
    hint = nearest(mechanism.after or "", names) or "one of " + ", ".join(names)
    return QantarError(problem, expected=hint, mend="set `after` to the name of a mechanism")


def _check(line: Line) -> None:
    """Refuse a declaration that is wrong by itself."""
    for name in (line.name, *(each.name for each in line.fields)):
        if not name.isidentifier() or keyword.iskeyword(name):
            raise QantarError(
                f"{name!r} in the declaration of {line.name!r} cannot be a name",
                expected="a name of Python: letters, digits and underscores",
            )
    own = [each.name for each in line.fields]
    for each in line.fields:
        if not each.low <= each.neutral <= each.high:
            raise QantarError(
                f"{line.name}: the neutral value {each.neutral:g} of the field {each.name!r} "
                "lies outside its range",
                expected=f"{each.low:g} to {each.high:g}",
            )
    for variable in line.records:
        _check_source(line.name, variable, own)
    if isinstance(line, Mechanism):
        _check_mechanism(line, own)
    else:
        _check_function(line.name, line.hour, set(ARGUMENTS) - {"p"})


def _check_mechanism(mechanism: Mechanism, own: list[str]) -> None:
    if mechanism.parameters is not None and not hasattr(mechanism.parameters, "_fields"):
        raise QantarError(
            f"{mechanism.name}: its parameters are {mechanism.parameters!r}",
            expected="a class derived from `typing.NamedTuple`, every field a float",
        )
    for term in mechanism.terms:
        if term not in own:
            raise _not_owned(mechanism.name, "the term", term, own)
    known = set(ARGUMENTS)
    if mechanism.parameters is None:
        known -= {"p"}
    for function, offered in (
        (mechanism.begin, known - {"hour"}),
        (mechanism.hour, known),
        (mechanism.off, known),
    ):
        if function is not None:
            _check_function(mechanism.name, function, offered)


def _check_source(owner: str, variable: Variable, own: list[str]) -> None:
    if variable.stance:
        if variable.stance not in STANCES:
            raise QantarError(
                f"{owner}: the recorded variable {variable.name!r} counts people who are "
                f"{variable.stance!r}: no such stance",
                expected=nearest(variable.stance, STANCES) or ", ".join(STANCES),
            )
    elif variable.source not in own:
        raise _not_owned(owner, f"the recorded variable {variable.name!r}", variable.source, own)


def _not_owned(owner: str, what: str, name: str, own: list[str]) -> QantarError:
    return QantarError(
        f"{owner}: {what} names {name!r}, which is no field of {owner!r}",
        expected=nearest(name, own) or ("one of " + ", ".join(own) if own else "a field"),
        mend=f"declare it in `fields`: Field({name!r}, ...)",
    )


def _check_function(owner: str, function: Function, offered: set[str]) -> None:
    label = getattr(function, "__name__", repr(function))
    if not hasattr(function, "py_func"):
        raise QantarError(
            f"{owner}: the function {label!r} is not compiled",
            mend="decorate it with `@qantar.base.compilation.compiled`",
        )
    if getattr(sys.modules.get(function.__module__), label, None) is not function:
        raise QantarError(
            f"{owner}: the function {label!r} cannot be found in {function.__module__!r}",
            expected="a function at the top level of its module, under its own name",
        )
    for name in inspect.signature(function).parameters:
        if name not in offered:
            raise QantarError(
                f"{owner}: the function {label!r} asks for {name!r}, which it is not given",
                expected=nearest(name, offered) or "one of " + ", ".join(sorted(offered)),
                mend="`p` needs `parameters`, and `begin` has no `hour`"
                if name in ARGUMENTS
                else "",
            )


def _check_owned_once(kind: str, owned: list[tuple[str, str]]) -> None:
    owners: dict[str, str] = {}
    for owner, name in owned:
        if name in owners:
            raise QantarError(
                f"{owner}: the {kind} {name!r} already belongs to {owners[name]!r}",
                mend="call it something else; any mechanism can read and change it there",
            )
        owners[name] = owner
