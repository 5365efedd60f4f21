"""Verdicts of the default runs on every target of the shipped pack, computed beforehand.

`default_scores.csv` holds what `qantar run EPISODE` and `qantar years` say with default options.
``python scripts/make_systems.py --run`` writes it. Run it after every change of the model or of the
targets. A verdict is left out where the target of a pack is not the one that was scored.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from qantar.analysis.years.targets import TARGETS as YEARS
from qantar.evidence.targets import Target
from qantar.packs.country import Country
from qantar.packs.episode import list_episodes, load_episode
from qantar.packs.evidence import country_ledger, has_evidence, list_targets, reconciled
from qantar.packs.years import load_years

PACK = "kazakhstan"
SEED = 1
MEMBERS = 100
HISTORIES = 200
"""Default numbers of members of an episode, and of histories of the years."""

FILE = Path(__file__).with_suffix(".csv")

NOT_MODELLED = "not modelled"
"""The verdict on a quantity that no run gives."""


@dataclass(frozen=True)
class TargetScore:
    """A target and the verdict of the default run on it.

    Attributes
    ----------
    targets : str
        The set of targets: an episode, or ``years``.
    target, variable, use : str
    low, high : float
        The interval of the sources; days count from the first day of the episode or of the years.
    q05, q50, q95 : float
        Quantiles of the run; NaN if there are none.
    verdict : str
        As the report of the run gives it: see `qantar.analysis.scores.Score` and
        `qantar.analysis.years.targets.target_table`; ``not modelled`` for what no run gives.
    """

    targets: str
    target: str
    variable: str
    use: str
    low: float
    high: float
    q05: float
    q50: float
    q95: float
    verdict: str


NUMBERS = ("low", "high", "q05", "q50", "q95")
COLUMNS = tuple(field.name for field in fields(TargetScore))


def targets_of(country: Country) -> dict[tuple[str, str], tuple[Target, float, float]]:
    """Return every target of a pack with its interval, by set and name.

    Parameters
    ----------
    country : Country

    Returns
    -------
    dict
        Sets are in the order of `list_targets`; those of no episode and not of the years are left
        out.
    """
    if not has_evidence(country):
        return {}
    ledger, episodes = country_ledger(country), list_episodes(country)
    found = {}
    for name in list_targets(country):
        if name in episodes:
            first = load_episode(country, name).first_day
        elif name == YEARS:
            first = np.datetime64(load_years(country).header.first, "D").astype(object)
        else:
            continue
        for each in reconciled(country, ledger, name):
            found[name, each.target.target] = (each.target, *each.target.interval(first))
    return found


def default_scores(country: Country, path: Path = FILE) -> tuple[TargetScore, ...]:
    """Return the verdicts of the default runs of a pack; none if it is not the shipped one.

    Parameters
    ----------
    country : Country
    path : Path
        The table of verdicts.

    Returns
    -------
    tuple of TargetScore
        Of every target that the pack has with the interval that was scored.
    """
    if country.header.name != PACK:
        return ()
    known = targets_of(country)
    found = []
    for score in read_scores(path):
        _, low, high = known.get((score.targets, score.target), (None, np.nan, np.nan))
        if np.allclose((score.low, score.high), (low, high), rtol=1e-5):
            found.append(score)
    return tuple(found)


def read_scores(path: Path = FILE) -> tuple[TargetScore, ...]:
    """Return the rows of a table of verdicts."""
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(map(_score, csv.DictReader(file)))


def _score(row: dict[str, str]) -> TargetScore:
    """Return a row of the table."""
    low, high, q05, q50, q95 = (float(row[name] or "nan") for name in NUMBERS)
    texts = (row["targets"], row["target"], row["variable"], row["use"])
    return TargetScore(*texts, low, high, q05, q50, q95, row["verdict"])


def write_scores(scores: tuple[TargetScore, ...], path: Path = FILE) -> None:
    """Write a table of verdicts; numbers have six digits."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for score in scores:
            values = (getattr(score, name) for name in COLUMNS)
            writer.writerow(_text(value) for value in values)


def _text(value: str | float) -> str:
    """Return a cell; nothing for not-a-number."""
    if isinstance(value, str):
        return value
    return "" if np.isnan(value) else f"{value:.6g}"
