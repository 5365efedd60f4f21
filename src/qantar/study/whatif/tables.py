"""Tables of a what-if besides the differences: courses, decisions, chain of causes, attribution."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from qantar.arrays import Numbers
from qantar.country.pack import Country
from qantar.scenario.episode import Episode
from qantar.study.decisions import action_spans, decided_actions
from qantar.study.whatif.causes import DIRECT, LABELS, PARTS
from qantar.study.whatif.difference import NINETY, resampling
from qantar.study.whatif.explaining import Explanation
from qantar.study.whatif.regime import flips
from qantar.study.whatif.result import COLUMNS, World

_DAY = 24.0
_QUARTILES = (0.05, 0.5, 0.95)


def regime_table(worlds: Iterable[World], baseline: World) -> pd.DataFrame:
    """Return how pairs move between kinds of course."""
    rows = [
        (world.label, before, after, share)
        for world in worlds
        for (before, after), share in flips(baseline.outcome, world.outcome).items()
    ]
    return pd.DataFrame(rows, columns=COLUMNS["regimes"].split())


def decision_table(
    episode: Episode, worlds: Iterable[World], baseline: World, seed: int
) -> pd.DataFrame:
    """Return when the state decided, without change and with each, beside the sources."""
    rows = []
    spans = action_spans(episode)
    for world in (baseline, *worlds):
        for k, name in enumerate(decided_actions(episode)):
            first, last = spans[name]
            hours = world.hours[:, k]
            taken = hours[~np.isnan(hours)]
            near = (taken >= first - _DAY) & (taken <= last + _DAY)
            quantiles = np.quantile(taken, _QUARTILES) if len(taken) else np.full(3, np.nan)
            rows.append(
                [
                    "" if world is baseline else world.label,
                    name,
                    episode.actions[name].label,
                    first,
                    last,
                    len(taken) / len(hours),
                    *quantiles,
                    float(near.sum()) / len(hours),
                    *_mean(hours - baseline.hours[:, k], seed),
                ]
            )
    return pd.DataFrame(rows, columns=COLUMNS["decisions"].split())


def order_kept(episode: Episode, world: World) -> float:
    """Return how well runs keep the order in which decisions were taken, by the sources.

    Returns
    -------
    float
        Share of pairs of decisions in the order of the sources, over all members and all pairs
        that the sources put in an order and that a member took (one half is chance).
    """
    spans = list(action_spans(episode).values())
    right, of = 0, 0
    for a, (_, last) in enumerate(spans):
        for b, (first, _) in enumerate(spans):
            if last < first:
                earlier, later = world.hours[:, a], world.hours[:, b]
                both = ~(np.isnan(earlier) | np.isnan(later))
                right += int((earlier[both] < later[both]).sum())
                of += int(both.sum())
    return right / of if of else float("nan")


def chain_table(country: Country, found: Mapping[str, Explanation]) -> pd.DataFrame:
    """Return which causes moved first, and where."""
    rows = []
    for change, explanation in found.items():
        for k, name in enumerate(PARTS):
            hours = explanation.first_hours[:, k]
            moved = ~np.isnan(hours)
            places = explanation.first_places[moved, k]
            common = np.bincount(places).argmax() if len(places) else -1
            rows.append(
                [
                    change,
                    name,
                    LABELS[name],
                    float(np.median(hours[moved])) if moved.any() else np.nan,
                    float(np.median(explanation.places_moved[:, k])),
                    float(moved.mean()),
                    country.places[common].place if common >= 0 else "",
                ]
            )
    return pd.DataFrame(rows, columns=COLUMNS["chain"].split())


def attribution_table(found: Mapping[str, Explanation], seed: int) -> pd.DataFrame:
    """Return how much of each difference passes through each cause."""
    rows = []
    for change, explanation in found.items():
        for quantity, parts in explanation.parts.items():
            for k, name in enumerate((*PARTS, DIRECT)):
                rows.append([change, quantity, name, LABELS[name], *_mean(parts[:, k], seed)])
    return pd.DataFrame(rows, columns=COLUMNS["attribution"].split())


def _mean(values: Numbers, seed: int) -> list[float]:
    """Return a mean over pairs with its 90 % interval; values that do not exist are left out."""
    own = values[~np.isnan(values)]
    if len(own) == 0:
        return [np.nan] * 3
    means = resampling(len(own), seed) @ own
    return [float(own.mean()), *(float(v) for v in np.quantile(means, NINETY))]
