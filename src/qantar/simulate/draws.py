"""Draws for each member: parameters of mechanisms and offices, and latent effects of places.

They come from the prior, from a fitted ensemble or a posterior shipped with the pack, or are the
medians of the priors. Latent effects of places are in standard deviations.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_type_hints

import numpy as np

from qantar.base.arrays import Numbers
from qantar.base.errors import FileError, QantarError
from qantar.base.files import parse_yaml, read_text
from qantar.model.mechanism import stream
from qantar.model.offices.decide import RULES, Rules
from qantar.model.plugins import outside_mechanisms
from qantar.model.records import Records
from qantar.packs.country import Country
from qantar.rng import key_of, normal, stable_id
from qantar.simulate.parameters import Number

Belief = Literal["posterior", "fitted", "prior", "middle"]
"""Source of the parameters of a run."""

FIT_AGAIN = "run scripts/fit_default.py again, or run with --belief prior"
CALIBRATE_AGAIN = (
    "run `qantar calibrate` again and copy posterior.csv and posterior.yaml, "
    "or run with --belief prior"
)

PARAMETERS = stream("beliefs.parameters")
PROPENSITY = stream("beliefs.propensity")
THRESHOLD = stream("beliefs.threshold")


@dataclass(frozen=True)
class Draws:
    """Drawn values of every member.

    Attributes
    ----------
    parameters : float array (members, parameters)
        In the order of `parameter_names`.
    propensity, threshold : float array (members, places)
        Latent effects, in standard deviations.
    rules : float array (members, rules) or None
        Parameters of the offices, in the order of `rule_names`; None if the script decides.
    """

    parameters: Numbers
    propensity: Numbers
    threshold: Numbers
    rules: Numbers | None = None


def prior_scores(seed: int, members: int, names: list[str], draw: int) -> Numbers:
    """Return standard normal numbers for every member and name; each name has its own stream.

    Returns
    -------
    float array (members, names)
    """
    ids = [stable_id(name) for name in names]
    table = np.empty((members, len(names)))
    for member in range(members):
        key = key_of(seed, member)
        table[member] = [normal(key, draw, unit, 0, 0) for unit in ids]
    return table


def from_prior(numbers: tuple[Number, ...], places: list[str], seed: int, members: int) -> Draws:
    """Draw from the prior."""
    scores = prior_scores(seed, members, [number.name for number in numbers], PARAMETERS)
    return Draws(
        values_at(numbers, scores),
        prior_scores(seed, members, places, PROPENSITY),
        prior_scores(seed, members, places, THRESHOLD),
    )


def prior_medians(numbers: tuple[Number, ...], places: list[str], members: int) -> Draws:
    """Return the median of every prior, with latent effects of zero."""
    zeros = np.zeros((members, len(places)))
    values = values_at(numbers, np.zeros((members, len(numbers))))
    return Draws(values, zeros, zeros.copy())


def values_at(numbers: tuple[Number, ...], scores: Numbers) -> Numbers:
    """Return parameter values at standard normal scores of their priors."""
    return np.array(
        [[n.at(score) for n, score in zip(numbers, row, strict=True)] for row in scores]
    )


def fitted_file(country: Country, episode: str, account: str) -> Path:
    """Return the path of the fitted ensemble of an account for an episode."""
    return country.folder / "fitted" / f"{episode}--{account}.csv"


def posterior_file(country: Country, episode: str, account: str) -> Path:
    """Return the path of the posterior draws of an account for an episode."""
    return country.folder / "posteriors" / episode / f"{account}.csv"


def read_posterior_draws(
    path: Path,
    numbers: tuple[Number, ...],
    places: list[str],
    members: int,
    *,
    seed: int,
    off: Collection[str] = (),
) -> Draws:
    """Verify the checksum of posterior draws and read them like `read_fitted_draws`.

    Raises
    ------
    FileError
        If the checksum differs, or the file does not contain exactly the parameters and places of
        the scenario.
    """
    verify_checksum(path)
    return read_fitted_draws(
        path, numbers, places, members, seed=seed, off=off, hint=CALIBRATE_AGAIN
    )


def verify_checksum(path: Path) -> None:
    """Check that the SHA-256 of a file is that stated in its YAML file."""
    note = path.with_suffix(".yaml")
    stated = str(parse_yaml(note).get("sha256", ""))
    found = digest_of_text(path.read_bytes())
    if found != stated:
        raise FileError(
            path,
            "was edited or is damaged",
            value=f"sha256 {found[:16]}...",
            expected=f"sha256 {stated[:16] or '(none)'}..., as stated in {note.name}",
            hint=CALIBRATE_AGAIN,
        )


def digest_of_text(raw: bytes) -> str:
    """Return the SHA-256 of text with normalised line endings."""
    return hashlib.sha256(raw.replace(b"\r\n", b"\n")).hexdigest()


def read_fitted_draws(
    path: Path,
    numbers: tuple[Number, ...],
    places: list[str],
    members: int,
    *,
    seed: int,
    off: Collection[str] = (),
    hint: str = FIT_AGAIN,
) -> Draws:
    """Read a fitted ensemble and assign its rows to the members, cyclically if there are more.

    A parameter that is fixed in the scenario keeps its value. One that the file does not contain is
    drawn from its prior if its mechanism is off or comes from another package.

    Parameters
    ----------
    seed : int
        For draws from the prior.
    off : collection of str
        Mechanisms that the account switches off; the file may predate them.

    Raises
    ------
    FileError
        If the file does not contain exactly the parameters and places of the scenario.
    """
    rows = list(csv.reader(io.StringIO(read_text(path))))
    newer = {*off, *(each.name for each in outside_mechanisms())}
    known = tuple(n for n in numbers if n.name in rows[0] or n.name.partition(".")[0] not in newer)
    if rows[0] != fitted_columns(known, places):
        odd = sorted(set(rows[0]) ^ set(fitted_columns(known, places)))[:3]
        raise FileError(
            path,
            "was fitted with different parameters or places",
            line=1,
            value=odd,
            hint=hint,
        )
    try:
        table = np.array(rows[1:], dtype=np.float64)
    except ValueError as error:
        raise FileError(path, f"contains a value that is not a number: {error}") from error
    if len(table) == 0:
        raise FileError(path, "contains no members")
    table = table[np.arange(members) % len(table)]
    fitted, propensity, threshold = split(table, known, places)
    values = from_prior(numbers, [], seed, members).parameters if known != numbers else fitted
    column_of = {number.name: column for column, number in enumerate(known)}
    for column, number in enumerate(numbers):
        if number.prior is None:
            values[:, column] = number.value
        elif number.name in column_of:
            values[:, column] = fitted[:, column_of[number.name]]
    return Draws(values, propensity, threshold)


def fitted_columns(numbers: tuple[Number, ...], places: list[str]) -> list[str]:
    """Return the header of a fitted ensemble."""
    return [
        *(number.name for number in numbers),
        *(f"propensity of {place}" for place in places),
        *(f"threshold of {place}" for place in places),
    ]


def split(
    table: Numbers, numbers: tuple[Number, ...], places: list[str]
) -> tuple[Numbers, Numbers, Numbers]:
    """Split a table into parameters, propensities and thresholds."""
    first, second = len(numbers), len(numbers) + len(places)
    return table[:, :first].copy(), table[:, first:second], table[:, second:]


RULE_SCORES = stream("beliefs.rules")

_PARTS = get_type_hints(Rules)


def rule_names() -> tuple[str, ...]:
    """Return the names of all parameters of offices, in the order of the offices."""
    return tuple(f"{office}.{name}" for office, part in _PARTS.items() for name in part._fields)


def rule_numbers(country: Country, overrides: dict[str, float]) -> tuple[Number, ...]:
    """Return the parameters of the offices, in the order of `rule_names`.

    Raises
    ------
    FileError
        If a parameter is read but not declared, or declared but not read.
    QantarError
        If an override is out of range.
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
                    hint=f"`qantar show parameter {name}` explains it",
                )
            result.append(Number(name, parameter, None, fixed))
        else:
            result.append(Number(name, parameter, parameter.prior, parameter.central))
    return tuple(result)


def rule_record(values: Numbers) -> Records:
    """Return one member's rules from values in the order of `rule_names`."""
    record = np.zeros(1, RULES)
    record.view(np.float64)[:] = values
    return record


def rules_file(country: Country, episode: str) -> Path:
    """Return the path of the rules fitted to the dates of an episode."""
    return country.folder / "fitted" / f"rules--{episode}.csv"


def rules_from_prior(numbers: tuple[Number, ...], seed: int, members: int) -> Numbers:
    """Draw the rules of every member from the prior: float array (members, rules)."""
    names = [number.name for number in numbers]
    return values_at(numbers, prior_scores(seed, members, names, RULE_SCORES))


def rules_from_fit(path: Path, numbers: tuple[Number, ...], members: int) -> Numbers:
    """Read fitted rules and assign them to the members, cyclically if there are more.

    Raises
    ------
    FileError
        If the file does not contain exactly the parameters of the offices.
    """
    rows = list(csv.reader(io.StringIO(read_text(path))))
    if not rows or rows[0] != [number.name for number in numbers]:
        raise FileError(
            path,
            "was fitted with different parameters of the offices",
            line=1,
            hint="run scripts/fit_rules.py again",
        )
    try:
        table = np.array(rows[1:], dtype=np.float64)
    except ValueError as error:
        raise FileError(path, f"contains a value that is not a number: {error}") from error
    if len(table) == 0:
        raise FileError(path, "contains no members")
    table = table[np.arange(members) % len(table)]
    for column, number in enumerate(numbers):
        if number.prior is None:
            table[:, column] = number.value
    return table
