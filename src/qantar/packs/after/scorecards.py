"""Published scores of a country: monitors, the scores that they gave, and arenas by the years.

``monitors.csv`` names the monitors, each one edition of one index, with the ends of its scale.
``scores.csv`` holds what they published, also for other countries. ``arenas.csv`` holds what the
years give for the five arenas (`qantar.model.after.arenas`); it is written by
``scripts/make_arenas.py``. Scores after the last whole year that the pack observes are refused:
they are held back, so that predictions can be judged by them.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from qantar.base.arrays import Numbers
from qantar.base.errors import FileError
from qantar.base.files import Declared, read_rows
from qantar.model.after.scorecards import Seen
from qantar.packs.country import COMMON, Country, packs_folder
from qantar.packs.parameters import Parameter, load_parameters
from qantar.packs.state.order import check_once
from qantar.packs.state.rows import Sourced, check_source
from qantar.packs.years import has_years, load_years
from qantar.packs.years_faults import unknown
from qantar.packs.years_tables import Number, last_day

FOLDER = "after"
"""Folder of a pack on what follows its last dated wave."""

MONITORS, SCORES, ARENAS_FILE = "monitors.csv", "scores.csv", "arenas.csv"

Arena = Literal["civil", "political", "law", "bureaucracy", "economic", "all"]

LEVELS = tuple((2 * k + 1) / 20 for k in range(10))
"""Levels of the quantiles of ``arenas.csv``: ten equally likely values."""

Year = Field(ge=1900, le=2100, description="a year from 1900 to 2100")


class Monitor(Sourced):
    """A row of ``monitors.csv``: one edition of one index.

    Attributes
    ----------
    edition : str
        Editions are never joined: two of them are two monitors.
    arena : str
        What the monitor observes in the years, or ``all`` for the mean.
    worst, best : float
        Ends of the scale. For a rank `worst` is the number of countries in the last edition.
    step : float
        To which scores are rounded.
    every : int
        Years between two scores.
    ranked : {"yes", "no"}
        Whether scores are ranks, among as many countries as the score says.
    """

    monitor: str
    label: str
    publisher: str
    edition: str
    arena: Arena
    worst: Number
    best: Number
    step: float = Field(gt=0, allow_inf_nan=False, description="a number above 0")
    every: int = Field(ge=1, le=20, description="1 to 20 years")
    ranked: Literal["yes", "no"]

    def share(self, value: float, of: int | None = None) -> float:
        """Return a published value on the scale from 0, the worst, to 1, the best."""
        worst = float(of) if self.ranked == "yes" and of else self.worst
        return (value - worst) / (self.best - worst)

    def published(self, share: float) -> float:
        """Return what would be published for a share, which is held within the scale."""
        held = min(max(share, 0.0), 1.0)
        return self.worst + held * (self.best - self.worst)

    @property
    def rounding(self) -> float:
        """The step as a share of the scale."""
        return self.step / abs(self.best - self.worst)


class Score(Sourced):
    """A row of ``scores.csv``.

    Attributes
    ----------
    country : str
        Empty for the country of the pack.
    year : int
        As the source dates it.
    value : float
        As published.
    of : int, optional
        Countries that were ranked.
    status : {"sourced"}
        Only scores with a source are taken.
    """

    monitor: str
    country: str = ""
    year: int = Year
    value: Number
    of: int | None = Field(default=None, ge=2, description="2 or more countries")
    status: Literal["sourced"]


class ArenaYear(Declared):
    """A row of ``arenas.csv``: an arena in December of a year, by ten equally likely values."""

    arena: Arena
    year: int = Year
    values: str


@dataclass(frozen=True)
class Scorecards:
    """Monitors, scores and arenas of a pack.

    Attributes
    ----------
    monitors : tuple of Monitor
    scores : tuple of Score
    arenas : dict
        By arena and year: float array (10,), equally likely values.
    numbers : dict of Parameter
        Priors of the rule.
    """

    monitors: tuple[Monitor, ...]
    scores: tuple[Score, ...]
    arenas: dict[tuple[str, int], Numbers]
    numbers: dict[str, Parameter]

    def monitor(self, name: str) -> Monitor | None:
        """Return a monitor by its name, or None."""
        return next((each for each in self.monitors if each.monitor == name), None)

    def scores_of(self, monitor: str, country: str = "") -> tuple[Score, ...]:
        """Return the scores of a monitor, earliest first."""
        found = [s for s in self.scores if (s.monitor, s.country) == (monitor, country)]
        return tuple(sorted(found, key=lambda each: each.year))

    def arena(self, name: str, year: int) -> float | None:
        """Return the middle of an arena in December of a year, or None."""
        values = self.arenas.get((name, year))
        return None if values is None else float(np.median(values))

    def seen(self, monitor: Monitor, last: int | None = None) -> Seen:
        """Return the own scores of a monitor up to a year that have an arena beside them."""
        rows = [
            (s.year, self.arenas[monitor.arena, s.year], monitor.share(s.value, s.of))
            for s in self.scores_of(monitor.monitor)
            if (monitor.arena, s.year) in self.arenas and (last is None or s.year <= last)
        ]
        return Seen(
            np.array([float(year) for year, _, _ in rows]),
            np.array([float(np.median(values)) for _, values, _ in rows]),
            np.array([share for _, _, share in rows]),
            monitor.rounding,
        )


def scorecard_numbers() -> dict[str, Parameter]:
    """Return the priors of the rule by name."""
    return load_parameters(packs_folder() / COMMON / FOLDER / "scorecards.yaml")


def load_scorecards(country: Country) -> Scorecards | None:
    """Return the published scores of a pack, or None if it has no monitors.

    Raises
    ------
    FileError
        With file, line and hint, if a name or a reference is unknown, a score lies outside its
        scale, appears twice or is held back, or a rank has no number of countries.
    """
    folder = country.folder / FOLDER
    path = folder / MONITORS
    if not path.is_file():
        return None
    monitors = read_rows(path, Monitor)
    seen: set[Hashable] = set()
    for line, monitor in monitors:
        check_source(path, monitor, country, line)
        check_once(path, line, monitor.monitor, seen, "the monitor")
        _check_scale(path, line, monitor)
    scores = folder / SCORES
    rows = read_rows(scores, Score) if scores.is_file() else []
    _check_scores(scores, rows, {m.monitor: m for _, m in monitors}, country)
    return Scorecards(
        tuple(monitor for _, monitor in monitors),
        tuple(row for _, row in rows),
        _read_arenas(folder / ARENAS_FILE),
        scorecard_numbers(),
    )


def _check_scale(path: Path, line: int, monitor: Monitor) -> None:
    if monitor.worst == monitor.best or (monitor.ranked == "yes" and monitor.best != 1):
        raise FileError(
            path,
            "the scale of the monitor has no two ends",
            line=line,
            value=f"{monitor.worst:g} to {monitor.best:g}",
            expected="two different ends; for ranks `best` 1",
            hint="correct `worst` and `best`",
        )


def _check_scores(
    path: Path, rows: list[tuple[int, Score]], monitors: dict[str, Monitor], country: Country
) -> None:
    seen: set[Hashable] = set()
    last = _last_year(country)
    for line, row in rows:
        check_source(path, row, country, line)
        if row.monitor not in monitors:
            raise unknown(path, "monitor", row.monitor, monitors, line, MONITORS)
        key = (row.monitor, row.country or country.header.country, str(row.year))
        check_once(path, line, key, seen, "the score")
        problem, value, expected, hint = _fault(row, monitors[row.monitor], last)
        if problem:
            raise FileError(path, problem, line=line, value=value, expected=expected, hint=hint)


def _last_year(country: Country) -> int | None:
    """Return the last whole year that the pack observes, or None if it has no years."""
    if not has_years(country):
        return None
    until = last_day(load_years(country).header.observed_until)
    return until.year if (until.month, until.day) == (12, 31) else until.year - 1


def _fault(row: Score, monitor: Monitor, last: int | None) -> tuple[str, object, str, str]:
    """Return what is wrong with a score: problem, value, expected, hint; or empty texts."""
    if last is not None and row.year > last:
        return (
            "the score is later than the observed years",
            row.year,
            f"{last} or earlier",
            "leave it out: later scores are held back to judge predictions",
        )
    if (row.of is not None) != (monitor.ranked == "yes"):
        return (
            f"`of` does not fit the monitor {monitor.monitor!r}",
            "" if row.of is None else row.of,
            "the number of ranked countries" if monitor.ranked == "yes" else "an empty cell",
            "fill or empty `of`, or correct `ranked` of the monitor",
        )
    if not 0 <= monitor.share(row.value, row.of) <= 1:
        worst = float(row.of or monitor.worst)
        low, high = sorted((worst, monitor.best))
        return (
            "the score lies outside the scale of its monitor",
            f"{row.value:g}",
            f"{low:g} to {high:g}",
            "correct the score, or the scale in monitors.csv",
        )
    return "", "", "", ""


def _read_arenas(path: Path) -> dict[tuple[str, int], Numbers]:
    """Return the arenas by name and year; empty if the file is missing."""
    if not path.is_file():
        return {}
    found: dict[tuple[str, int], Numbers] = {}
    seen: set[Hashable] = set()
    for line, row in read_rows(path, ArenaYear):
        check_once(path, line, (row.arena, str(row.year)), seen, "the arena")
        try:
            values = np.array([float(part) for part in row.values.split()])
        except ValueError:
            values = np.zeros(0)
        if len(values) != len(LEVELS) or not np.all((values >= 0) & (values <= 1)):
            raise FileError(
                path,
                "the values of an arena are out of shape",
                line=line,
                value=row.values,
                expected=f"{len(LEVELS)} numbers from 0 to 1, divided by blanks",
                hint="write the file again with scripts/make_arenas.py",
            )
        found[row.arena, row.year] = values
    return found
