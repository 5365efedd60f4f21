"""What scores of monitors say of the rule: posteriors beside priors, and rival laws compared."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

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
from qantar.packs.after.scorecards import Monitor, Scorecards
from qantar.packs.parameters import Parameter

SHOWN = (0.05, 0.5, 0.95)
"""Levels of the quantiles that are shown."""

_SCORES = (np.linspace(-2.4, 2.4, 13), np.linspace(-3.0, 3.0, 25))
"""Standard normal scores of persistence and innovation on the grid."""

NAMES = ("monitor", "label", "publisher", "edition", "arena")
"""What a table says of a monitor."""

FEWEST = 2
"""Fewest scores from which anything is predicted."""

_FEW = 20
"""Monitors with fewer scores are read again with each of them left out."""

_BEFORE = 4
"""Scores before a year of which the laws are compared."""

_COMPARED = 8
"""Last scores of a monitor, each predicted from those before it."""

LAWS = ("rule", "without arenas", "random walk", "prior")
"""Laws that are compared: the rule; the same with slope 0; a random walk; the rule, unseen."""

_NOTHING = 1e-6
"""A change of a score, as a share of the scale, that counts as none."""


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


def posterior_table(cards: Scorecards) -> pd.DataFrame:
    """Return what the scores say of each monitor, beside the prior.

    Returns
    -------
    DataFrame
        monitor, label, edition, arena, scores (number), first, last; slope_* and prior_slope_*:
        quantiles of b; rises and prior_rises: probability of b above 0; loo_low, loo_high: the
        median of b with one score left out, for monitors with few scores; persistence,
        innovation: posterior means.
    """
    rows = []
    for monitor in cards.monitors:
        found, prior = posterior_of(cards, monitor), prior_of(cards, monitor)
        seen = found.seen
        row: dict[str, object] = {name: getattr(monitor, name) for name in NAMES}
        row |= {"scores": len(seen.year)}
        row |= {"first": int(seen.year[0]), "last": int(seen.year[-1])} if len(seen.year) else {}
        row |= _named("slope", slope_of(found)) | _named("prior_slope", slope_of(prior))
        row |= {
            "rises": chance_above(slope_of(found)),
            "prior_rises": chance_above(slope_of(prior)),
        }
        low, high = _left_out(cards, monitor)
        row |= {"loo_low": low, "loo_high": high}
        row |= {"persistence": float(found.grid.weight @ found.grid.persistence)}
        row |= {"innovation": float(found.grid.weight @ found.grid.innovation)}
        rows.append(row)
    return pd.DataFrame(rows)


def _named(name: str, mixture: Mixture) -> dict[str, float]:
    values = quantiles(mixture, SHOWN)
    return {f"{name}_q{100 * p:02.0f}": float(v) for p, v in zip(SHOWN, values, strict=True)}


def _left_out(cards: Scorecards, monitor: Monitor) -> tuple[float, float]:
    """Return the lowest and highest median of the slope when one score is left out."""
    seen = cards.seen(monitor)
    if not FEWEST <= len(seen.year) < _FEW:
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


def chance_above(mixture: Mixture) -> float:
    """Return the probability of more than nothing."""
    return max(1.0 - float(below_of(mixture, np.array([_NOTHING]))[0]), 0.0)


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
        cuts = range(max(_BEFORE, len(seen.year) - _COMPARED), len(seen.year))
        total = dict.fromkeys(LAWS, 0.0)
        for k in cuts:
            before = seen._replace(year=seen.year[:k], arena=seen.arena[:k], score=seen.score[:k])
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
