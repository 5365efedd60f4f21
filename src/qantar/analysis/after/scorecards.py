"""What monitors would publish: posteriors of the rule, predictions, and scores under a package.

Everything is exact up to a grid of two numbers (`qantar.model.after.scorecards`): no random numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from qantar.base.arrays import Numbers
from qantar.base.errors import QantarError
from qantar.model.after.arenas import INDICES, arena_scores
from qantar.model.after.scorecards import (
    Grid,
    Line,
    Mixture,
    Posterior,
    below_of,
    condition,
    log_density,
    predict,
    quantiles,
    slope_of,
    walk,
)
from qantar.packs.after.scorecards import LEVELS, Monitor, Scorecards, load_scorecards
from qantar.packs.country import Country
from qantar.packs.parameters import Parameter
from qantar.packs.years_tables import month_number

SHOWN = (0.05, 0.5, 0.95)
"""Levels of the quantiles that are shown."""

YEARS = (2023, 2024, 2025)
"""Years whose ends are predicted; their scores are held back."""

_SCORES = (np.linspace(-2.4, 2.4, 13), np.linspace(-3.0, 3.0, 25))
"""Standard normal scores of persistence and innovation on the grid."""

_TWO = 2
"""Fewest scores from which anything is predicted."""

_FEW = 20
"""Monitors with fewer scores are read again with each of them left out."""

_FEWEST = 4
"""Scores before a year of which the laws are compared."""

_COMPARED = 8
"""Last scores of a monitor, each predicted from those before it."""

LAWS = ("rule", "without arenas", "random walk", "prior")
"""Laws that are compared: the rule; the same with slope 0; a random walk; the rule, unseen."""

_NOTHING = 1e-6
"""A change of a score, as a share of the scale, that counts as none."""

Arenas = Mapping[tuple[str, int], Numbers]
"""Equally likely values by arena and year."""


def line_of(numbers: Mapping[str, Parameter], *, linked: bool = True) -> Line:
    """Return the normal priors of intercept and slope; not `linked`: the slope is 0."""
    a, b = numbers["intercept"], numbers["slope"]
    spread = [p.prior.value_at(1.0) - p.central for p in (a, b) if p.prior is not None]
    if not linked:
        return Line(a.central, spread[0], 0.0, 0.0)
    return Line(a.central, spread[0], b.central, spread[1])


def grid_of(numbers: Mapping[str, Parameter]) -> Grid:
    """Return the grid of persistence and innovation, weighted by their priors."""
    axes, weights = [], []
    for name, scores in zip(("persistence", "innovation"), _SCORES, strict=True):
        prior = numbers[name].prior
        values = [numbers[name].central if prior is None else prior.value_at(s) for s in scores]
        axes.append(np.array([numbers[name].clip(value) for value in values]))
        weights.append(np.exp(-0.5 * scores**2))
    persistence, innovation = np.meshgrid(*axes, indexing="ij")
    weight = np.outer(*weights).ravel()
    return Grid(persistence.ravel(), innovation.ravel(), weight / weight.sum())


def posterior_of(
    cards: Scorecards, monitor: Monitor, last: int | None = None, *, linked: bool = True
) -> Posterior:
    """Return the posterior of a monitor from its scores up to a year."""
    line = line_of(cards.numbers, linked=linked)
    return condition(line, grid_of(cards.numbers), cards.seen(monitor, last))


def prior_of(cards: Scorecards, monitor: Monitor) -> Posterior:
    """Return what is believed of a monitor before any score is seen."""
    return posterior_of(cards, monitor, last=0)


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
    return np.quantile(np.asarray(values, float), LEVELS)


def arena_table(cards: Scorecards) -> pd.DataFrame:
    """Return the arenas of the pack by year: arena, year, q05, q50, q95."""
    rows = [
        (arena, year, *np.quantile(values, SHOWN)) for (arena, year), values in cards.arenas.items()
    ]
    return pd.DataFrame(rows, columns=["arena", "year", "q05", "q50", "q95"])


def posterior_table(cards: Scorecards) -> pd.DataFrame:
    """Return what the scores say of each monitor, beside the prior.

    Returns
    -------
    DataFrame
        monitor, label, edition, arena, scores (number), first, last; slope_* and prior_slope_*:
        quantiles of b; rises and prior_rises: probability of b above 0; loo_low, loo_high: the
        median of b with one score left out, for monitors with few; persistence, innovation: posterior means.
    """
    rows = []
    for monitor in cards.monitors:
        found, prior = posterior_of(cards, monitor), prior_of(cards, monitor)
        seen = found.seen
        row: dict[str, object] = {name: getattr(monitor, name) for name in _NAMES}
        row |= {"scores": len(seen.year)}
        row |= {"first": int(seen.year[0]), "last": int(seen.year[-1])} if len(seen.year) else {}
        row |= _named("slope", slope_of(found)) | _named("prior_slope", slope_of(prior))
        row |= {"rises": _rises(found), "prior_rises": _rises(prior)}
        low, high = _left_out(cards, monitor)
        row |= {"loo_low": low, "loo_high": high}
        row |= {"persistence": float(found.grid.weight @ found.grid.persistence)}
        row |= {"innovation": float(found.grid.weight @ found.grid.innovation)}
        rows.append(row)
    return pd.DataFrame(rows)


_NAMES = ("monitor", "label", "publisher", "edition", "arena")


def _named(name: str, mixture: Mixture) -> dict[str, float]:
    values = quantiles(mixture, SHOWN)
    return {f"{name}_q{100 * p:02.0f}": float(v) for p, v in zip(SHOWN, values, strict=True)}


def _rises(found: Posterior) -> float:
    return 1.0 - float(below_of(slope_of(found), np.zeros(1))[0])


def _left_out(cards: Scorecards, monitor: Monitor) -> tuple[float, float]:
    """Return the lowest and highest median of the slope when one score is left out."""
    seen = cards.seen(monitor)
    if not _TWO <= len(seen.year) < _FEW:
        return float("nan"), float("nan")
    line, grid = line_of(cards.numbers), grid_of(cards.numbers)
    medians = []
    for k in range(len(seen.year)):
        rest = seen._replace(
            year=np.delete(seen.year, k),
            arena=np.delete(seen.arena, k),
            score=np.delete(seen.score, k),
        )
        medians.append(float(quantiles(slope_of(condition(line, grid, rest)), (0.5,))[0]))
    return min(medians), max(medians)


def predictions(
    country: Country, arenas: Arenas | None = None, years: Sequence[int] = YEARS
) -> pd.DataFrame:
    """Return what each monitor would show at the end of later years.

    Parameters
    ----------
    country : Country
    arenas : mapping, optional
        From `arenas_by_year` of a run; by default those that the pack ships, without reforms.
    years : sequence of int

    Returns
    -------
    DataFrame
        monitor, label, publisher, edition, arena, year, last_year, last (score); q05, q50, q95 by
        the rule; walk_* by a random walk from the last score; prior_* by the rule before any score
        is seen; in the units of the monitor. Empty for a pack without monitors. Years in which a
        monitor does not publish are left out.
    """
    cards = load_scorecards(country)
    if cards is None:
        return pd.DataFrame()
    later = cards.arenas if arenas is None else arenas
    rows = [
        prediction(cards, monitor, int(year), later)
        for monitor in cards.monitors
        for year in years
    ]
    return pd.DataFrame([row for row in rows if row])


def prediction(cards: Scorecards, monitor: Monitor, year: int, later: Arenas) -> dict[str, Any]:
    """Return a row of `predictions`; empty if nothing is published or known for that year."""
    found = posterior_of(cards, monitor)
    if len(found.seen.year) < _TWO or (monitor.arena, year) not in later:
        return {}
    last = int(found.seen.year[-1])
    if (year - last) % monitor.every:
        return {}
    values = thinned(anchored(later, monitor.arena, year, last))
    row: dict[str, Any] = {name: getattr(monitor, name) for name in _NAMES}
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
    years: Sequence[int] = YEARS,
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
        the package brings a better score, and prior_change_up: before any score is seen. The slope is learnt from thirty years in which arenas
        moved little, so a large change is extrapolated.
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
    row = {f"change_q{100 * p:02.0f}": v for p, v in zip(SHOWN, values, strict=True)}
    unseen = slope_of(prior_of(cards, monitor), steps)
    nothing = np.array([_NOTHING])
    row |= {"change_up": 1.0 - float(below_of(mixture, nothing)[0])}
    return row | {"prior_change_up": 1.0 - float(below_of(unseen, nothing)[0])}


def score_laws(cards: Scorecards) -> pd.DataFrame:
    """Return log scores of the last scores of each monitor, each predicted from those before.

    The arena of the predicted year is taken as known, which favours the rule.

    Returns
    -------
    DataFrame
        monitor, edition, predicted (scores), rule, without arenas, random walk, prior: sums of
        log densities on the scale from 0 to 1.
    """
    rows = []
    for monitor in cards.monitors:
        seen = cards.seen(monitor)
        cuts = range(max(_FEWEST, len(seen.year) - _COMPARED), len(seen.year))
        total = dict.fromkeys(LAWS, 0.0)
        for k in cuts:
            before = seen._replace(
                year=seen.year[:k], arena=seen.arena[:k], score=seen.score[:k]
            )
            year, value, at = float(seen.year[k]), float(seen.score[k]), seen.arena[k : k + 1]
            grid = grid_of(cards.numbers)
            free, bare = line_of(cards.numbers), line_of(cards.numbers, linked=False)
            found = (
                predict(condition(free, grid, before), year, at),
                predict(condition(bare, grid, before), year, at),
                walk(before, year),
                predict(prior_of(cards, monitor), year, at),
            )
            for law, mixture in zip(LAWS, found, strict=True):
                total[law] += log_density(mixture, value)
        row = {"monitor": monitor.monitor, "edition": monitor.edition, "predicted": len(cuts)}
        rows.append(row | total)
    return pd.DataFrame(rows)

