"""The rules by which the offices decide: which numbers exist, and one member's values of them."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import get_type_hints

import numpy as np

from qantar.arrays import Numbers
from qantar.country.pack import Country
from qantar.errors import FileError, QantarError
from qantar.model.mechanism import stream
from qantar.model.offices.decide import RULES, Rules
from qantar.model.state import Records
from qantar.reading import read_text
from qantar.scenario.beliefs import prior_scores, values_at
from qantar.scenario.strengths import Number

RULE_SCORES = stream("beliefs.rules")

_PARTS = get_type_hints(Rules)


def rule_names() -> tuple[str, ...]:
    """Return every number that an office reads, in the order of the offices."""
    return tuple(f"{office}.{name}" for office, part in _PARTS.items() for name in part._fields)


def rule_numbers(country: Country, overrides: dict[str, float]) -> tuple[Number, ...]:
    """Return the numbers of the offices, in the order of `rule_names`.

    Raises
    ------
    FileError
        If an office reads a number that no file declares, or a file declares one that none reads.
    QantarError
        If a number held by the user lies outside its allowed range.
    """
    names, declared = rule_names(), country.rule_files
    odd = sorted({*names} ^ {*declared})
    if odd:
        where = declared.get(odd[0], Path(f"rules/{odd[0].partition('.')[0]}.yaml"))
        problem = "is read by no office" if odd[0] in declared else "is declared by no file"
        raise FileError(where, f"{odd[0]!r} {problem}")
    result = []
    for name in names:
        office, _, short = name.partition(".")
        parameter = country.rules[office][short]
        if name in overrides or parameter.prior is None:
            fixed = overrides.get(name, parameter.central)
            if not parameter.low <= fixed <= parameter.high:
                raise QantarError(
                    f"{name} = {fixed:g} is out of range",
                    expected=f"{parameter.low:g} to {parameter.high:g} {parameter.unit}",
                    mend=f"`qantar show parameter {name}` tells what it means",
                )
            result.append(Number(name, parameter, None, fixed))
        else:
            result.append(Number(name, parameter, parameter.prior, parameter.central))
    return tuple(result)


def rules_of(values: Numbers) -> Records:
    """Return one member's rules from values in the order of `rule_names`."""
    record = np.zeros(1, RULES)
    record.view(np.float64)[:] = values
    return record


def rules_file(country: Country, episode: str) -> Path:
    """Return where a pack keeps rules fitted to the dates of an episode."""
    return country.folder / "fitted" / f"rules--{episode}.csv"


def rules_from_prior(numbers: tuple[Number, ...], seed: int, members: int) -> Numbers:
    """Draw the rules of every member from their priors: float array (members, rules)."""
    names = [number.name for number in numbers]
    return values_at(numbers, prior_scores(seed, members, names, RULE_SCORES))


def rules_from_fit(path: Path, numbers: tuple[Number, ...], members: int) -> Numbers:
    """Read fitted rules and deal them out to the members, over again if there are more.

    Raises
    ------
    FileError
        If the file does not hold exactly the numbers of the offices.
    """
    rows = list(csv.reader(io.StringIO(read_text(path))))
    if not rows or rows[0] != [number.name for number in numbers]:
        raise FileError(
            path,
            "was fitted with other numbers of the offices",
            line=1,
            mend="run scripts/fit_rules.py again",
        )
    try:
        table = np.array(rows[1:], dtype=np.float64)
    except ValueError as error:
        raise FileError(path, f"holds something that is no number: {error}") from error
    if len(table) == 0:
        raise FileError(path, "holds no member")
    table = table[np.arange(members) % len(table)]
    for column, number in enumerate(numbers):
        if number.prior is None:
            table[:, column] = number.value
    return table
