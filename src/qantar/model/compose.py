"""Build a model from the declarations of its mechanisms, and compile it.

`compose` checks the schedule and builds the record types. `load` writes the compiled schedule as a
Python file into the cache folder and imports it. It is a file so that numba can cache the machine
code between runs and so that a debugger can open it. The file name is a hash of its text and of the
sources of mechanisms from other packages, so any change leads to a new file and a new compilation.
"""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import keyword
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from qantar.base.compilation import CACHE
from qantar.base.errors import QantarError, nearest
from qantar.base.files import atomic_file
from qantar.model.mechanism import ARGUMENTS, Field, Function, Mechanism, Step, Variable
from qantar.model.mediators import Mediator
from qantar.model.state import ACTION_KINDS, STANCES

ORDERS = ("in_force", "ordered")
"""Arrays of the record of places that no mechanism owns."""

ScheduleItem: TypeAlias = Mechanism | Step
"""A mechanism or step of the schedule."""


@dataclass(frozen=True)
class Model:
    """A composed model.

    Attributes
    ----------
    lines : tuple of Mechanism or Step
        The schedule of one hour; a step may appear several times.
    mechanisms : dict of Mechanism
        By name, in schedule order.
    fields : tuple of Field
        State variables of a place.
    variables : tuple of Variable
        Columns of the record of a run.
    terms : dict of Mediator
        Fields that a what-if can hold, in recording order.
    """

    lines: tuple[ScheduleItem, ...]
    mechanisms: dict[str, Mechanism]
    fields: tuple[Field, ...]
    variables: tuple[Variable, ...]
    terms: dict[str, Mediator]

    def place_record(self, capacity: int) -> np.dtype[Any]:
        """Return the record type of the state of all places: see `State.places`."""
        ordered = sorted(self.fields, key=lambda each: each.whole)
        return np.dtype(
            [
                *(
                    (each.name, np.int64 if each.whole else np.float64, (capacity,))
                    for each in ordered
                ),
                *((name, np.float64, (ACTION_KINDS, capacity)) for name in ORDERS),
            ],
            align=True,
        )


def compose(
    hour: Sequence[ScheduleItem],
    outside: Iterable[Mechanism] = (),
    *,
    first_records: Sequence[str] = (),
    first_terms: Sequence[str] = (),
) -> Model:
    """Compose a model and check its declarations.

    Parameters
    ----------
    hour : sequence of Mechanism or Step
        The schedule of Qantar's own mechanisms.
    outside : iterable of Mechanism
        Mechanisms of other packages, each with `after` set.
    first_records, first_terms : sequence of str
        Recorded variables and terms that come first; all others follow in schedule order.

    Raises
    ------
    QantarError
        If a name is invalid or used twice, `after` names an unknown mechanism, a field has two
        owners, a record or term names a field that its mechanism does not own, or a function has a
        parameter that is not in `ARGUMENTS`.
    """
    lines = _in_order(hour, outside)
    once = list({line.name: line for line in lines}.values())
    mechanisms = {line.name: line for line in once if isinstance(line, Mechanism)}
    for line in once:
        _check(line)
    fields = tuple(each for line in once for each in line.fields)
    variables = tuple(each for line in once for each in line.records)
    terms = {name: part for each in mechanisms.values() for name, part in each.terms.items()}
    # Mechanisms of other packages come last, so that errors name them and not those of Qantar.
    owners = sorted(once, key=lambda line: isinstance(line, Mechanism) and line.after is not None)
    _check_single_owner(
        "field",
        [
            *(("state", name) for name in ORDERS),
            *((line.name, each.name) for line in owners for each in line.fields),
        ],
    )
    _check_single_owner(
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
    """Return a named tuple type with fields determined at run time."""
    return NamedTuple(name, list(fields.items()))


def _with_first(first: Sequence[str], names: Iterable[str]) -> list[str]:
    """Return the names with those in `first` moved to the front."""
    return [*first, *(name for name in names if name not in first)]


def _in_order(
    hour: Sequence[ScheduleItem], outside: Iterable[Mechanism]
) -> tuple[ScheduleItem, ...]:
    """Return the schedule with each outside mechanism directly after the one it names."""
    lines = list(hour)
    names = {line.name for line in lines}
    waiting = list(outside)
    for mechanism in waiting:
        if mechanism.name in names:
            raise QantarError(
                f"two mechanisms or steps are called {mechanism.name!r}",
                hint="rename one; register a mechanism once, either by entry point or by a call",
            )
        names.add(mechanism.name)
    # In reverse, so that of several with the same `after` the first registered comes first.
    waiting.reverse()
    while waiting:
        at = {line.name: k for k, line in enumerate(lines) if isinstance(line, Mechanism)}
        ready = [each for each in waiting if each.after in at]
        if not ready:
            raise _invalid_after(waiting[-1], list(at))
        for mechanism in ready:
            here = next(k for k, line in enumerate(lines) if line.name == mechanism.after)
            lines.insert(here + 1, mechanism)
            waiting.remove(mechanism)
    return tuple(lines)


def _invalid_after(mechanism: Mechanism, names: list[str]) -> QantarError:
    if mechanism.after is None:
        problem = f"the mechanism {mechanism.name!r} does not set `after`"
    else:
        problem = f"{mechanism.name!r} runs after an unknown mechanism, {mechanism.after!r}"
    hint = nearest(mechanism.after or "", names) or "one of " + ", ".join(names)
    return QantarError(problem, expected=hint, hint="set `after` to the name of a mechanism")


def _check(line: ScheduleItem) -> None:
    """Check one declaration."""
    for name in (line.name, *(each.name for each in line.fields)):
        if not name.isidentifier() or keyword.iskeyword(name):
            raise QantarError(
                f"{name!r} in the declaration of {line.name!r} is not a valid name",
                expected="a Python identifier: letters, digits and underscores",
            )
    own = [each.name for each in line.fields]
    for each in line.fields:
        if not each.low <= each.neutral <= each.high:
            raise QantarError(
                f"{line.name}: the neutral value {each.neutral:g} of the field {each.name!r} "
                "is outside its range",
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
            f"{mechanism.name}: `parameters` is {mechanism.parameters!r}",
            expected="a subclass of `typing.NamedTuple` with float fields",
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
                f"{owner}: the recorded variable {variable.name!r} has an unknown stance, "
                f"{variable.stance!r}",
                expected=nearest(variable.stance, STANCES) or ", ".join(STANCES),
            )
    elif variable.source not in own:
        raise _not_owned(owner, f"the recorded variable {variable.name!r}", variable.source, own)


def _not_owned(owner: str, what: str, name: str, own: list[str]) -> QantarError:
    return QantarError(
        f"{owner}: {what} names {name!r}, which is not a field of {owner!r}",
        expected=nearest(name, own) or ("one of " + ", ".join(own) if own else "a field"),
        hint=f"declare it in `fields`: Field({name!r}, ...)",
    )


def _check_function(owner: str, function: Function, offered: set[str]) -> None:
    label = getattr(function, "__name__", repr(function))
    if not hasattr(function, "py_func"):
        raise QantarError(
            f"{owner}: the function {label!r} is not compiled",
            hint="decorate it with `@qantar.base.compilation.compiled`",
        )
    if getattr(sys.modules.get(function.__module__), label, None) is not function:
        raise QantarError(
            f"{owner}: the function {label!r} is not found in {function.__module__!r}",
            expected="a module-level function that is not renamed",
        )
    for name in inspect.signature(function).parameters:
        if name not in offered:
            raise QantarError(
                f"{owner}: the function {label!r} has an unknown parameter, {name!r}",
                expected=nearest(name, offered) or "one of " + ", ".join(sorted(offered)),
                hint="`p` needs `parameters`, and `begin` has no `hour`"
                if name in ARGUMENTS
                else "",
            )


def _check_single_owner(kind: str, owned: list[tuple[str, str]]) -> None:
    owners: dict[str, str] = {}
    for owner, name in owned:
        if name in owners:
            raise QantarError(
                f"{owner}: the {kind} {name!r} already belongs to {owners[name]!r}",
                hint="choose another name, or use the existing one: any mechanism may write it",
            )
        owners[name] = owner


ARGUMENT_EXPRESSIONS = {
    "state": "state",
    "environment": "environment",
    "p": "s.{name}",
    "key": "member.key",
    "hour": "hour",
    "script": "member.script",
    "amendments": "member.amendments",
    "decider": "member.decider",
    "rules": "member.rules",
    "propensity": "member.latent.propensity",
    "threshold_score": "member.latent.threshold",
}
"""Expression passed for each parameter name of `qantar.model.mechanism.ARGUMENTS`."""

_MODIFIED_TIME = 1_640_995_200
"""Modification time of every generated file: numba's cache is keyed by it."""

_TEMPLATE = '''"""The compiled schedule. Generated by qantar.model.compose: do not edit."""

from qantar.base.compilation import compiled
from qantar.model.state import add_up
{imports}


@compiled
def begin(state, environment, member):
    """Initialise what stays constant during the episode."""
    s = member.parameters[0]
    on = member.switches[0]
{begin}


@compiled
def step(state, environment, member, hour):
    """Run one hour."""
    s = member.parameters[0]
    on = member.switches[0]
    held = member.held_mediators.held
{step}


{hold_functions}@compiled
def write_record(state, row):
    """Write the recorded variables of this hour: float array (places, variables)."""
    places = state.places
    total = state.draws.hazard
    groups = state.draws.group_count
{record}


@compiled
def write_terms(state, row):
    """Write the terms of this hour: float array (places, terms)."""
    places = state.places
    for i in range(row.shape[0]):
{terms}


@compiled
def run(state, environment, member, record, first):
    """Run the hours from `first` and record them: float array (hours, places, variables)."""
    if first == 0:
        begin(state, environment, member)
    for hour in range(first, record.shape[0]):
        step(state, environment, member, hour)
        write_record(state, record[hour])


@compiled
def follow(state, environment, member, record, terms, ordered, first, last):
    """Run hours from `first` to before `last`; also record the terms and the orders of each."""
    if first == 0:
        begin(state, environment, member)
    for hour in range(first, last):
        step(state, environment, member, hour)
        write_record(state, record[hour])
        if hour < terms.shape[0]:
            write_terms(state, terms[hour])
        ordered[hour] = state.places.ordered[:, : ordered.shape[2]]
'''


def source_of(model: Model) -> str:
    """Return the source of the module with the compiled functions of a model."""
    call = _CallWriter()
    begin, step = [], []
    for line in model.lines:
        if not isinstance(line, Mechanism):
            step.append(f"    {call(line.name, line.hour)}")
            continue
        if line.begin is not None:
            begin += _if_on(line, call(line.name, line.begin))
        if line.hour is not None:
            off = call(line.name, line.off) if line.off is not None else ""
            step += _if_on(line, call(line.name, line.hour), off)
        for part in dict.fromkeys(line.terms.values()):
            # Test outside the function, because calls pass the whole state.
            step += [
                f"    if held[{int(part)}] > 0.0:",
                f"        {_hold_name(line, part)}(state, member.held_mediators.terms[hour])",
            ]
    return _TEMPLATE.format(
        imports="\n".join(sorted(call.imports.values())),
        begin="\n".join(begin),
        step="\n".join(step),
        hold_functions="".join(
            _hold_function(model, each, part)
            for each in model.mechanisms.values()
            for part in dict.fromkeys(each.terms.values())
        ),
        record="\n".join(_record_lines(model)),
        terms="\n".join(
            f"        row[i, {column}] = places.{name}[i]"
            for column, name in enumerate(model.terms)
        )
        or "        pass",
    )


class _CallWriter:
    """Writes calls of mechanism functions and collects the imports they need."""

    def __init__(self) -> None:
        self.imports: dict[str, str] = {}
        self._names: dict[str, str] = {}

    def __call__(self, mechanism: str, function: Function) -> str:
        module = function.__module__
        if module not in self._names:
            package, _, last = module.rpartition(".")
            short = last.strip("_")
            while short in self._names.values():
                short += "_"
            self._names[module] = short
            start = f"from {package} import {last}" if package else f"import {last}"
            self.imports[module] = start if short == last else f"{start} as {short}"
        given = (
            ARGUMENT_EXPRESSIONS[name].format(name=mechanism)
            for name in inspect.signature(function).parameters
        )
        return f"{self._names[module]}.{function.__name__}({', '.join(given)})"


def _if_on(mechanism: Mechanism, call: str, off: str = "") -> list[str]:
    """Return a call made if the mechanism is on, and another if it is off."""
    lines = [f"    if on.{mechanism.name} > 0.0:", f"        {call}"]
    return [*lines, "    else:", f"        {off}"] if off else lines


def _hold_name(mechanism: Mechanism, part: Mediator) -> str:
    return f"hold_{part.name.lower()}_of_{mechanism.name}"


def _hold_function(model: Model, mechanism: Mechanism, part: Mediator) -> str:
    """Return the source of a function that holds the terms of a mechanism for one mediator."""
    columns = {name: column for column, name in enumerate(model.terms)}
    held = [
        f"        state.places.{name}[i] = row[i, {columns[name]}]"
        for name, owner in mechanism.terms.items()
        if owner == part
    ]
    head = [
        "@compiled",
        f"def {_hold_name(mechanism, part)}(state, row):",
        '    """Hold terms to their course in another run: float array (places, terms)."""',
        "    for i in range(row.shape[0]):",
    ]
    return "\n".join([*head, *held]) + "\n\n\n"


def _record_lines(model: Model) -> list[str]:
    """Return the source lines that record an hour: fields, and people by stance."""
    lines = []
    for column, variable in enumerate(model.variables):
        if variable.stance:
            lines += [
                f"    add_up(total, state.people.{variable.stance}, groups, row.shape[0])",
                "    for i in range(row.shape[0]):",
                f"        row[i, {column}] = total[i]",
            ]
        else:
            lines += [
                "    for i in range(row.shape[0]):",
                f"        row[i, {column}] = places.{variable.source}[i]",
            ]
    return lines


def load(model: Model, outside: Iterable[Mechanism] = ()) -> ModuleType:
    """Write the module of a model into the cache folder if it is missing, and import it.

    Parameters
    ----------
    outside : iterable of Mechanism
        Mechanisms of other packages: their sources are not part of the name of the cache folder.

    Notes
    -----
    Safe for concurrent processes: each writes a temporary file with the same text and renames it.
    """
    text = source_of(model)
    digest = hashlib.sha256(text.encode())
    for source in _sources(outside):
        digest.update(source)
    name = f"hour_{digest.hexdigest()[:16]}"
    path = CACHE / f"{name}.py"
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        with atomic_file(path) as file:
            file.write(text.encode())
            file.flush()
            os.utime(file.name, (_MODIFIED_TIME, _MODIFIED_TIME))
    # A name inside this package, so that the machine code is cached: see
    # `qantar.base.compilation`.
    name = f"{__package__}.{name}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot import {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _sources(outside: Iterable[Mechanism]) -> list[bytes]:
    """Return every source file of the packages that define the mechanisms."""
    found: set[Path] = set()
    for mechanism in outside:
        for function in (mechanism.begin, mechanism.hour, mechanism.off):
            if function is None:
                continue
            own = Path(inspect.unwrap(function).__code__.co_filename)
            if not own.is_file():
                # Defined in a notebook: whether the functions it calls have changed is unknown.
                return [os.urandom(16)]
            top = sys.modules[function.__module__.partition(".")[0]]
            folders = [Path(each) for each in getattr(top, "__path__", ())]
            found |= {own, *(path for folder in folders for path in folder.rglob("*.py"))}
    return [path.read_bytes() for path in sorted(found)]
