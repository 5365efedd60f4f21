"""What each member believes: scores of its parameters and of its places.

A score is a standard normal number: 0 is the middle of a prior. Scores come from the prior
itself, from a fitted ensemble shipped with the pack, or are all 0 (the prior's middle).
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from qantar.arrays import Numbers
from qantar.chance import key_of, normal, stable_id
from qantar.country.pack import Country
from qantar.reading import read_text
from qantar.errors import FileError, QantarError
from qantar.model.mechanism import stream

Belief = Literal["fitted", "prior", "middle"]
"""Where a run's parameters come from."""

_PARAMETERS = stream("beliefs.parameters")
_PROPENSITY = stream("beliefs.propensity")
_THRESHOLD = stream("beliefs.threshold")


@dataclass(frozen=True)
class Scores:
    """Scores of every member.

    Attributes
    ----------
    parameters : float array (members, parameters)
    propensity, threshold : float array (members, places)
    """

    parameters: Numbers
    propensity: Numbers
    threshold: Numbers


def prior_scores(seed: int, members: int, names: list[str], places: list[str]) -> Scores:
    """Draw scores from the prior: one keyed normal per member and name.

    Parameters
    ----------
    names, places : list of str
        Parameters and places; each name has its own stream, so adding one moves no other.
    """
    return Scores(
        _normals(seed, members, names, _PARAMETERS),
        _normals(seed, members, places, _PROPENSITY),
        _normals(seed, members, places, _THRESHOLD),
    )


def middle_scores(members: int, names: list[str], places: list[str]) -> Scores:
    """Return the middle of every prior, with every place middling."""
    nowhere = np.zeros((members, len(places)))
    return Scores(np.zeros((members, len(names))), nowhere, nowhere.copy())


def fitted_file(country: Country, episode: str, account: str) -> Path:
    """Return where a pack keeps the fitted ensemble of an account on an episode."""
    return country.folder / "fitted" / f"{episode}--{account}.csv"


def fitted_scores(path: Path, members: int, names: list[str], places: list[str]) -> Scores:
    """Read a fitted ensemble and deal it out to the members, over again if there are more.

    Raises
    ------
    FileError
        If the file does not hold exactly the parameters and places of the scenario.
    """
    rows = list(csv.reader(io.StringIO(read_text(path))))
    header = rows[0]
    wanted = [
        *names,
        *(f"propensity of {place}" for place in places),
        *(f"threshold of {place}" for place in places),
    ]
    if header != wanted:
        odd = sorted(set(header) ^ set(wanted))[:3]
        raise FileError(
            path,
            "was fitted with other parameters or places",
            line=1,
            value=odd,
            mend="run scripts/fit_default.py again, or run with --belief prior",
        )
    try:
        table = np.array(rows[1:], dtype=np.float64)
    except ValueError as error:
        raise FileError(path, f"holds something that is no number: {error}") from error
    if len(table) == 0:
        raise FileError(path, "holds no member")
    table = table[np.arange(members) % len(table)]
    cut = np.cumsum([len(names), len(places)])
    parameters, propensity, threshold = np.split(table, cut, axis=1)
    return Scores(parameters, propensity, threshold)


def scores_for(
    belief: Belief,
    *,
    country: Country,
    episode: str,
    account: str,
    seed: int,
    members: int,
    names: list[str],
) -> Scores:
    """Return the scores of a run.

    Raises
    ------
    QantarError
        If a fitted ensemble is asked for and the pack has none.
    """
    places = [place.place for place in country.places]
    if belief == "prior":
        return prior_scores(seed, members, names, places)
    if belief == "middle":
        return middle_scores(members, names, places)
    path = fitted_file(country, episode, account)
    if not path.is_file():
        raise QantarError(
            f"the pack has no fitted ensemble of {account!r} on {episode!r}",
            expected=str(path),
            mend="run with --belief prior",
        )
    return fitted_scores(path, members, names, places)


def _normals(seed: int, members: int, names: list[str], draw: int) -> Numbers:
    ids = [stable_id(name) for name in names]
    table = np.empty((members, len(names)))
    for member in range(members):
        key = key_of(seed, member)
        table[member] = [normal(key, draw, unit, 0, 0) for unit in ids]
    return table
