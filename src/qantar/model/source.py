"""The compiled hour, written as a Python file from what the mechanisms declare.

It is a file, and not only text in memory, so that numba keeps the machine code between runs and a
reader or a debugger can open it. Its name is made from its text and from the sources of mechanisms
of other packages: a change to any of them gives another file, and with it new machine code.
"""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from qantar.base.compilation import CACHE
from qantar.model.compose import Model
from qantar.model.mechanism import Function, Mechanism
from qantar.model.mediators import Mediator

GIVEN = {
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
"""What stands in a call for each parameter name of `qantar.model.mechanism.ARGUMENTS`."""

_WRITTEN_AT = 1_640_995_200  # one time for all: numba takes a file of another time for another file

_HEAD = '''"""The compiled hour. Written by qantar.model.source: do not edit it."""

from qantar.base.compilation import compiled
{imports}


@compiled
def begin(state, environment, member):
    """Work out what holds for the whole episode."""
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


{holders}@compiled
def write_record(state, row):
    """Write what is recorded of this hour: float array (places, variables)."""
    for i in range(row.shape[0]):
        here = state.places[i]
{record}


@compiled
def write_terms(state, row):
    """Write the terms of this hour: float array (places, terms)."""
    for i in range(row.shape[0]):
        here = state.places[i]
{terms}


@compiled
def run(state, environment, member, record):
    """Run all hours and record them: float array (hours, places, variables)."""
    begin(state, environment, member)
    for hour in range(record.shape[0]):
        step(state, environment, member, hour)
        write_record(state, record[hour])


@compiled
def follow(state, environment, member, record, terms, ordered):
    """Run all hours as `run` does, and keep terms and what was ordered of every hour, too."""
    begin(state, environment, member)
    for hour in range(record.shape[0]):
        step(state, environment, member, hour)
        write_record(state, record[hour])
        if hour < terms.shape[0]:
            write_terms(state, terms[hour])
        ordered[hour] = state.ordered
'''


def source_of(model: Model) -> str:
    """Return the text of a module with the compiled functions of a model."""
    called = _Called()
    begin, step = [], []
    for line in model.lines:
        if not isinstance(line, Mechanism):
            step.append(f"    {called(line.name, line.hour)}")
            continue
        if line.begin is not None:
            begin += _switched(line, called(line.name, line.begin))
        if line.hour is not None:
            off = called(line.name, line.off) if line.off is not None else ""
            step += _switched(line, called(line.name, line.hour), off)
        for part in dict.fromkeys(line.terms.values()):
            # Asked here and not inside: a call that holds nothing would still pass the whole state.
            step += [
                f"    if held[{int(part)}] > 0.0:",
                f"        {_holder_name(line, part)}(state, member.held_mediators.terms[hour])",
            ]
    return _HEAD.format(
        imports="\n".join(sorted(called.imports.values())),
        begin="\n".join(begin),
        step="\n".join(step),
        holders="".join(
            _holder(model, each, part)
            for each in model.mechanisms.values()
            for part in dict.fromkeys(each.terms.values())
        ),
        record="\n".join(_record(model)),
        terms="\n".join(
            f"        row[i, {column}] = here.{name}" for column, name in enumerate(model.terms)
        )
        or "        pass",
    )


class _Called:
    """Writes calls of the functions of mechanisms, and remembers which modules they need."""

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
            GIVEN[name].format(name=mechanism) for name in inspect.signature(function).parameters
        )
        return f"{self._names[module]}.{function.__name__}({', '.join(given)})"


def _switched(mechanism: Mechanism, call: str, off: str = "") -> list[str]:
    """Return a call that is made if the mechanism is on, and another one if it is off."""
    lines = [f"    if on.{mechanism.name} > 0.0:", f"        {call}"]
    return [*lines, "    else:", f"        {off}"] if off else lines


def _holder_name(mechanism: Mechanism, part: Mediator) -> str:
    return f"hold_{part.name.lower()}_of_{mechanism.name}"


def _holder(model: Model, mechanism: Mechanism, part: Mediator) -> str:
    """Return a function that holds the terms by which a mechanism takes part in a cause."""
    columns = {name: column for column, name in enumerate(model.terms)}
    held = [
        f"        state.places[i].{name} = row[i, {columns[name]}]"
        for name, owner in mechanism.terms.items()
        if owner == part
    ]
    head = [
        "@compiled",
        f"def {_holder_name(mechanism, part)}(state, row):",
        '    """Hold terms to their course in another run: float array (places, terms)."""',
        "    for i in range(state.places.size):",
    ]
    return "\n".join([*head, *held]) + "\n\n\n"


def _record(model: Model) -> list[str]:
    """Return the lines that record one place: its fields, then its people by stance."""
    fields, stances = [], []
    for column, variable in enumerate(model.variables):
        if variable.stance:
            stances.append(f"            row[i, {column}] += who.{variable.stance}")
        else:
            fields.append(f"        row[i, {column}] = here.{variable.source}")
    if not stances:
        return fields
    loop = [
        "        for g in range(state.people.shape[1]):",
        "            who = state.people[i, g]",
    ]
    return [*fields, *loop, *stances]


def load(model: Model, outside: Iterable[Mechanism] = ()) -> ModuleType:
    """Write the module of a model into the folder of compiled code, once, and import it.

    Parameters
    ----------
    outside : iterable of Mechanism
        Those whose sources are not covered by the name of that folder.

    Notes
    -----
    Several processes may do this at once: each writes a file of its own and renames it, and all of
    them write the same.
    """
    text = source_of(model)
    digest = hashlib.sha256(text.encode())
    for source in _sources(outside):
        digest.update(source)
    name = f"hour_{digest.hexdigest()[:16]}"
    path = CACHE / f"{name}.py"
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        with tempfile.NamedTemporaryFile(
            "w", dir=CACHE, suffix=".tmp", encoding="utf-8", newline="\n", delete=False
        ) as file:
            file.write(text)
        os.utime(file.name, (_WRITTEN_AT, _WRITTEN_AT))
        Path(file.name).replace(path)
    # Named as a part of this package, so that its machine code is kept: see
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
    """Return the text of every source file of the packages that mechanisms come from."""
    found: set[Path] = set()
    for mechanism in outside:
        for function in (mechanism.begin, mechanism.hour, mechanism.off):
            if function is None:
                continue
            own = Path(inspect.unwrap(function).__code__.co_filename)
            if not own.is_file():
                # Typed into a notebook: nothing tells whether what it calls is still the same.
                return [os.urandom(16)]
            top = sys.modules[function.__module__.partition(".")[0]]
            folders = [Path(each) for each in getattr(top, "__path__", ())]
            found |= {own, *(path for folder in folders for path in folder.rglob("*.py"))}
    return [path.read_bytes() for path in sorted(found)]
