"""What monitors would publish in later years, without and under a package of reforms.

Nothing is drawn at random: results are exact but for the grid of two numbers of the rule
(`qantar.model.after.scorecards`) and for ten values that stand for all members.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from qantar.analysis.after.scorecard_posteriors import (
    FEWEST,
    NAMES,
    SHOWN,
    chance_above,
    posterior_of,
    prior_of,
)
from qantar.base.arrays import Numbers
from qantar.base.errors import QantarError
from qantar.model.after.arenas import INDICES, arena_scores
from qantar.model.after.scorecards import Mixture, predict, quantiles, slope_of, walk
from qantar.packs.after.scorecards import LEVELS, Monitor, Scorecards, load_scorecards
from qantar.packs.country import Country
from qantar.packs.years_tables import month_number

AHEAD = (2, 3, 4)
"""Years after the last score whose ends are predicted by default; their scores are held back."""

Arenas = Mapping[tuple[str, int], Numbers]
"""Equally likely values by arena and year."""


def arenas_by_year(indices: Mapping[str, Numbers], first: str) -> dict[tuple[str, int], Numbers]:
    """Return the arenas in December of every whole year of histories.

    Parameters
    ----------
    indices : mapping of float arrays (members, months)
        Every index that an arena needs, see `qantar.model.after.arenas.INDICES`; others are
        ignored.
    first : str
        The first month.

    Returns
    -------
    dict of float arrays (members,)

    Raises
    ------
    QantarError
        If an index is missing.
    """
    missing = [name for name in INDICES if name not in indices]
    if missing:
        raise QantarError(
            f"the histories lack {', '.join(missing)}",
            expected=", ".join(INDICES),
            hint="pass `{name: histories.series(name) for name in INDICES}`",
        )
    scores = arena_scores({name: np.atleast_2d(indices[name]) for name in INDICES})
    start = month_number(first)
    months = scores["all"].shape[1]
    decembers = [m for m in range(months) if (start + m) % 12 == 11]
    return {
        (arena, (start + m) // 12): values[:, m]
        for arena, values in scores.items()
        for m in decembers
    }


def thinned(values: Numbers) -> Numbers:
    """Return at most ten equally likely values that stand for the members."""
    if len(values) <= len(LEVELS):
        return np.asarray(values, float)
    kept: Numbers = np.quantile(np.asarray(values, float), LEVELS)
    return kept


def arena_table(cards: Scorecards) -> pd.DataFrame:
    """Return the arenas of the pack by year: arena, year, q05, q50, q95."""
    rows = [
        (arena, year, *np.quantile(values, SHOWN)) for (arena, year), values in cards.arenas.items()
    ]
    return pd.DataFrame(rows, columns=["arena", "year", "q05", "q50", "q95"])


def predictions(
    country: Country, arenas: Arenas | None = None, years: Sequence[int] | None = None
) -> pd.DataFrame:
    """Return what each monitor would show at the end of later years.

    Parameters
    ----------
    country : Country
    arenas : mapping, optional
        From `arenas_by_year` of a run; by default those that the pack ships, without reforms.
    years : sequence of int, optional
        By default two to four years after the last score of the pack: 2023 to 2025.

    Returns
    -------
    DataFrame
        monitor, label, publisher, edition, arena, year, last_year, last (score); q05, q50, q95 by
        the rule; walk_* by a random walk from the last score; prior_* by the rule before any score
        is seen; in the units of the monitor. Empty for a pack without monitors. Years in which a
        monitor does not publish are left out.
    """
    cards = load_scorecards(country)
    if cards is None or not cards.scores:
        return pd.DataFrame()
    last = max(score.year for score in cards.scores)
    chosen = [last + ahead for ahead in AHEAD] if years is None else years
    later = cards.arenas if arenas is None else arenas
    rows = [
        prediction(cards, monitor, int(year), later)
        for monitor in cards.monitors
        for year in chosen
    ]
    return pd.DataFrame([row for row in rows if row])


def prediction(cards: Scorecards, monitor: Monitor, year: int, later: Arenas) -> dict[str, Any]:
    """Return a row of `predictions`; empty if nothing is published or known for that year."""
    found = posterior_of(cards, monitor)
    if len(found.seen.year) < FEWEST or (monitor.arena, year) not in later:
        return {}
    last = int(found.seen.year[-1])
    if year <= last or (year - last) % monitor.every:
        return {}
    values = thinned(anchored(later, monitor.arena, year, last))
    row: dict[str, Any] = {name: getattr(monitor, name) for name in NAMES}
    row |= {"year": year, "last_year": last}
    row |= {"last": monitor.published(float(found.seen.score[-1]))}
    row |= _published(monitor, "", predict(found, year, values))
    row |= _published(monitor, "walk_", walk(found.seen, year))
    return row | _published(monitor, "prior_", predict(prior_of(cards, monitor), year, values))


def anchored(later: Arenas, arena: str, year: int, last: int) -> Numbers:
    """Return an arena in a later year, each member moved to the middle of the last scored year.

    Members differ in the level of an arena that no score told, such as the rule of law; that level
    belongs into the intercept and must not look like a change. Histories that do not reach back
    are left as they are.
    """
    values = later[arena, year]
    if (arena, last) not in later:
        return values
    begin = later[arena, last]
    return np.clip(float(np.median(begin)) + values - begin, 0.0, 1.0)


def _published(monitor: Monitor, name: str, mixture: Mixture) -> dict[str, float]:
    """Return quantiles in the units of a monitor, within its scale, the lowest first."""
    values = sorted(monitor.published(float(v)) for v in quantiles(mixture, SHOWN))
    return {f"{name}q{100 * p:02.0f}": v for p, v in zip(SHOWN, values, strict=True)}


def scores_under(
    country: Country,
    indices: Mapping[str, Numbers],
    first: str = "1991-01",
    *,
    without: Mapping[str, Numbers] | None = None,
    years: Sequence[int] | None = None,
) -> pd.DataFrame:
    """Return what each monitor would show under the histories of a package.

    Parameters
    ----------
    country : Country
    indices : mapping of float arrays (members, months)
        Indices of histories by name, see `qantar.model.after.arenas.INDICES`.
    first : str
        Their first month.
    without : mapping, optional
        The same members without the package: adds what the package changes.
    years : sequence of int

    Returns
    -------
    DataFrame
        As `predictions`; with `without` also change_q05, change_q50, change_q95: the difference to
        the twins in units of the monitor, whose errors cancel; change_up: the probability that
        the package brings a better score, and prior_change_up: before any score is seen. The slope
        is learnt from thirty years in which arenas moved little, so a large change is extrapolated.
    """
    own = arenas_by_year(indices, first)
    table = predictions(country, own, years)
    cards = load_scorecards(country)
    if without is None or cards is None or table.empty:
        return table
    other = arenas_by_year(without, first)
    changes = [_change(cards, other, own, name, year) for name, year in _keys(table)]
    return pd.concat([table, pd.DataFrame(changes)], axis=1)


def _keys(table: pd.DataFrame) -> list[tuple[str, int]]:
    return list(zip(table["monitor"], table["year"].astype(int), strict=True))


def _change(
    cards: Scorecards, other: Arenas, own: Arenas, name: str, year: int
) -> dict[str, float]:
    monitor = cards.monitor(name)
    assert monitor is not None
    steps = thinned(own[monitor.arena, year] - other[monitor.arena, year])
    mixture = slope_of(posterior_of(cards, monitor), steps)
    unit = monitor.best - monitor.worst
    values = sorted(unit * float(v) for v in quantiles(mixture, SHOWN))
    if not steps.any():  # the mixture keeps a least width, and nothing changes exactly nothing
        values = [0.0] * len(SHOWN)
    row = {f"change_q{100 * p:02.0f}": v for p, v in zip(SHOWN, values, strict=True)}
    unseen = slope_of(prior_of(cards, monitor), steps)
    return row | {"change_up": chance_above(mixture), "prior_change_up": chance_above(unseen)}
