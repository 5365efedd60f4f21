"""What each member holds true: values of its parameters and latent effects of its places.

They come from the prior, from a fitted ensemble or a posterior shipped with the pack, or are the
middle of every prior. Latent effects of places are in standard deviations.
"""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from qantar.arrays import Numbers
from qantar.chance import key_of, normal, stable_id
from qantar.country.pack import Country
from qantar.errors import FileError
from qantar.model.mechanism import stream
from qantar.reading import parse_yaml, read_text
from qantar.scenario.strengths import Number

Belief = Literal["posterior", "fitted", "prior", "middle"]
"""Where a run's parameters come from."""

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
    """Values of every member.

    Attributes
    ----------
    parameters : float array (members, parameters)
        In the order of `parameter_names`.
    propensity, threshold : float array (members, places)
        Latent effects, in standard deviations.
    rules : float array (members, rules) or None
        Numbers of the offices, in the order of `qantar.scenario.rules.rule_names`, where they
        decide.
    """

    parameters: Numbers
    propensity: Numbers
    threshold: Numbers
    rules: Numbers | None = None


def prior_scores(seed: int, members: int, names: list[str], draw: int) -> Numbers:
    """Return a standard normal number for every member and name; each name has its own stream.

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


def at_the_middle(numbers: tuple[Number, ...], places: list[str], members: int) -> Draws:
    """Return the middle of every prior, with every place middling."""
    nowhere = np.zeros((members, len(places)))
    values = values_at(numbers, np.zeros((members, len(numbers))))
    return Draws(values, nowhere, nowhere.copy())


def values_at(numbers: tuple[Number, ...], scores: Numbers) -> Numbers:
    """Return parameter values at standard normal scores of their priors."""
    return np.array(
        [[n.at(score) for n, score in zip(numbers, row, strict=True)] for row in scores]
    )


def fitted_file(country: Country, episode: str, account: str) -> Path:
    """Return where a pack keeps the fitted ensemble of an account on an episode."""
    return country.folder / "fitted" / f"{episode}--{account}.csv"


def posterior_file(country: Country, episode: str, account: str) -> Path:
    """Return where a pack keeps draws from the posterior of an account on an episode."""
    return country.folder / "posteriors" / episode / f"{account}.csv"


def from_posterior(
    path: Path, numbers: tuple[Number, ...], places: list[str], members: int
) -> Draws:
    """Read draws from a posterior as `from_fit` does, once they are what their note says.

    Raises
    ------
    FileError
        If the file differs from the one its note was written for, or does not hold exactly the
        parameters and places of the scenario.
    """
    check_untouched(path)
    return from_fit(path, numbers, places, members, mend=CALIBRATE_AGAIN)


def check_untouched(path: Path) -> None:
    """Refuse a file whose SHA-256 is not the one that the note beside it states."""
    note = path.with_suffix(".yaml")
    stated = str(parse_yaml(note).get("sha256", ""))
    found = digest_of_text(path.read_bytes())
    if found != stated:
        raise FileError(
            path,
            "was changed by hand or is damaged",
            value=f"sha256 {found[:16]}...",
            expected=f"sha256 {stated[:16] or '(none)'}..., as {note.name} says",
            mend=CALIBRATE_AGAIN,
        )


def digest_of_text(raw: bytes) -> str:
    """Return the SHA-256 of text, whatever the ends of its lines: git may rewrite them."""
    return hashlib.sha256(raw.replace(b"\r\n", b"\n")).hexdigest()


def from_fit(
    path: Path,
    numbers: tuple[Number, ...],
    places: list[str],
    members: int,
    *,
    mend: str = FIT_AGAIN,
) -> Draws:
    """Read a fitted ensemble and deal it out to the members, over again if there are more.

    A parameter that the scenario holds fixed keeps its fixed value.

    Raises
    ------
    FileError
        If the file does not hold exactly the parameters and places of the scenario.
    """
    rows = list(csv.reader(io.StringIO(read_text(path))))
    if rows[0] != fitted_columns(numbers, places):
        odd = sorted(set(rows[0]) ^ set(fitted_columns(numbers, places)))[:3]
        raise FileError(
            path,
            "was fitted with other parameters or places",
            line=1,
            value=odd,
            mend=mend,
        )
    try:
        table = np.array(rows[1:], dtype=np.float64)
    except ValueError as error:
        raise FileError(path, f"holds something that is no number: {error}") from error
    if len(table) == 0:
        raise FileError(path, "holds no member")
    table = table[np.arange(members) % len(table)]
    values, propensity, threshold = split(table, numbers, places)
    for column, number in enumerate(numbers):
        if number.prior is None:
            values[:, column] = number.value
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
    """Cut a table into parameters, propensities and thresholds."""
    first, second = len(numbers), len(numbers) + len(places)
    return table[:, :first].copy(), table[:, first:second], table[:, second:]
