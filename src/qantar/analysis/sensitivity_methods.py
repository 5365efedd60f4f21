"""Methods of global sensitivity analysis, and the tables of their results.

Screening by elementary effects (Morris 1991; Campolongo, Cariboni and Saltelli 2007): a trajectory
visits one point more than there are unknowns and moves one unknown at a time. The change of an
output, over the whole range of the unknown that moved, is its elementary effect.

Shares of variance by group of unknowns (Sobol 2001): first-order indices by the estimator of
Saltelli et al. (2010), total ones by that of Jansen (1999). The columns of a group vary together,
so that a mechanism, the place effects or the random seed counts as one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from qantar.analysis.facts import GROUPS, OTHER
from qantar.analysis.observations import Observations
from qantar.base.arrays import Numbers
from qantar.base.errors import QantarError

REACH = 1.6448536269514722
"""Standard normal score of the 95 % quantile: unknowns run from minus this to plus this."""

LEVELS = 4
"""Levels of the grid; an even number makes all levels equally likely (Morris 1991)."""

RESAMPLES = 200
"""Bootstrap resamples of a confidence interval; its relative error is about a twentieth."""

CONFIDENCE = 0.95
"""Coverage of the confidence intervals, given as half-widths."""


@dataclass(frozen=True)
class Effects:
    """Elementary effects over the whole range of every unknown.

    Attributes
    ----------
    mean, strength, confidence, spread : float array (unknowns, outputs)
        Mean effect (its sign is the direction); mean absolute effect, mu* of Campolongo et al.
        (2007); half-width of its 95 % confidence; standard deviation of the effects, which is
        large where the effect depends on the other unknowns.
    """

    mean: Numbers
    strength: Numbers
    confidence: Numbers
    spread: Numbers


def trajectories(unknowns: int, count: int, seed: int) -> Numbers:
    """Return the points of a screening on the scale of standard normal scores.

    Parameters
    ----------
    unknowns, count : int
        Number of unknowns, and of trajectories, at least 2.
    seed : int

    Returns
    -------
    float array (count * (unknowns + 1), unknowns)
        One trajectory after the other.
    """
    morris = salib("sample.morris")
    points: Numbers = morris.sample(_morris_problem(unknowns), count, num_levels=LEVELS, seed=seed)
    return points


def effects(points: Numbers, outputs: Numbers, seed: int) -> Effects:
    """Return the elementary effects of a screening.

    Parameters
    ----------
    points : float array (points, unknowns)
        The result of `trajectories`.
    outputs : float array (points, outputs)
    seed : int
        Of the bootstrap; all outputs use the same resamples.
    """
    morris = salib("analyze.morris")
    problem = _morris_problem(points.shape[1])
    kept = ("mu", "mu_star", "mu_star_conf", "sigma")
    table = np.zeros((len(kept), points.shape[1], outputs.shape[1]))
    for column in range(outputs.shape[1]):
        found = morris.analyze(
            problem,
            points,
            np.ascontiguousarray(outputs[:, column]),
            num_levels=LEVELS,
            num_resamples=RESAMPLES,
            conf_level=CONFIDENCE,
            seed=seed,
        )
        table[:, :, column] = [np.asarray(found[key], np.float64) for key in kept]
    return Effects(*table)


def screen(forward: Callable[[Numbers], Numbers], unknowns: int, count: int, seed: int) -> Effects:
    """Screen any function of standard normal scores.

    Parameters
    ----------
    forward : callable
        Takes points (points, unknowns) and returns outputs (points, outputs).
    """
    points = trajectories(unknowns, count, seed)
    return effects(points, forward(points), seed)


def salib(module: str) -> Any:
    """Return a module of SALib.

    Raises
    ------
    QantarError
        If SALib is not installed.
    """
    try:
        return import_module(f"SALib.{module}")
    except ImportError as error:
        raise QantarError(
            "a sensitivity analysis needs SALib", hint="pip install 'qantar[study]'"
        ) from error


def _morris_problem(unknowns: int) -> dict[str, Any]:
    """Return the unknowns as SALib declares them."""
    return {
        "num_vars": unknowns,
        "names": [str(k) for k in range(unknowns)],
        "bounds": [[-REACH, REACH]] * unknowns,
    }


@dataclass(frozen=True)
class Shares:
    """Shares of the variance of every output; NaN where an output never varies.

    Attributes
    ----------
    groups : tuple of str
        In the order of their first column.
    first, first_confidence : float array (groups, outputs)
        First-order index: the share of variance that would vanish if the group were known; and the
        half-width of its 95 % confidence interval.
    total, total_confidence : float array (groups, outputs)
        Total index: the share that would remain if all but the group were known; and the
        half-width of its interval.
    """

    groups: tuple[str, ...]
    first: Numbers
    first_confidence: Numbers
    total: Numbers
    total_confidence: Numbers


def saltelli_sample(groups: Sequence[str], base: int, seed: int) -> Numbers:
    """Return the points of a variance analysis, uniform between 0 and 1.

    Parameters
    ----------
    groups : sequence of str
        The group of every column.
    base : int
        Points of each of the two base samples; a power of two, as scrambled Sobol points need.
    seed : int

    Returns
    -------
    float array (base * (groups + 2), columns)

    Raises
    ------
    QantarError
        If `base` is not a power of two.
    """
    sobol = salib("sample.sobol")
    check_base(base)
    points: Numbers = sobol.sample(_sobol_problem(groups), base, calc_second_order=False, seed=seed)
    return points


def check_base(base: int) -> None:
    """Refuse a number of base points that is not a power of two."""
    if base < 2 or base & (base - 1):
        raise QantarError(
            f"{base} base points are not balanced", expected="a power of two, such as 64 or 128"
        )


def base_rows(groups: int, base: int) -> Numbers:
    """Return indices of the rows of `saltelli_sample` that are draws from the prior."""
    block = np.arange(base) * (groups + 2)
    return np.sort(np.concatenate([block, block + groups + 1]))


def shares(groups: Sequence[str], outputs: Numbers, seed: int) -> Shares:
    """Return the shares of variance of every group.

    Parameters
    ----------
    groups : sequence of str
        The group of every column, as for `saltelli_sample`.
    outputs : float array (points, outputs)
    seed : int
        Of the bootstrap.
    """
    sobol = salib("analyze.sobol")
    problem, names = _sobol_problem(groups), tuple(dict.fromkeys(groups))
    base = base_rows(len(names), len(outputs) // (len(names) + 2))
    kept = ("S1", "S1_conf", "ST", "ST_conf")
    table = np.full((len(kept), len(names), outputs.shape[1]), np.nan)
    for column in range(outputs.shape[1]):
        one = np.ascontiguousarray(outputs[:, column])
        if float(np.ptp(one[base])) == 0.0:  # no variance to share
            continue
        found = sobol.analyze(
            problem,
            one,
            calc_second_order=False,
            num_resamples=RESAMPLES,
            conf_level=CONFIDENCE,
            seed=seed + 1,  # SALib treats 0 as no seed
        )
        table[:, :, column] = [np.asarray(found[key], np.float64) for key in kept]
    return Shares(names, *table)


def variance_shares(
    forward: Callable[[Numbers], Numbers], groups: Sequence[str], base: int, seed: int
) -> Shares:
    """Return the shares of variance of any function of uniform numbers.

    Parameters
    ----------
    forward : callable
        Takes points (points, columns) and returns outputs (points, outputs).
    """
    return shares(groups, forward(saltelli_sample(groups, base, seed)), seed)


def _sobol_problem(groups: Sequence[str]) -> dict[str, Any]:
    """Return the columns and their groups as SALib declares them."""
    return {
        "num_vars": len(groups),
        "names": [str(k) for k in range(len(groups))],
        "groups": list(groups),
        "bounds": [[0.0, 1.0]] * len(groups),
    }


Method = Literal["morris", "sobol"]
METHODS: tuple[Method, ...] = get_args(Method)

Columns = dict[str, Numbers]
"""Float arrays (unknowns, targets) by the name of a column."""

MEASURE: dict[Method, str] = {"morris": "strength_in_spreads", "sobol": "total"}
"""The column by which unknowns are ranked."""

IDLE_MEASURE: dict[Method, str] = {"morris": "strength_in_errors", "sobol": "total"}
"""The column that decides whether an unknown is idle."""

IDLE_BELOW: dict[Method, float] = {"morris": 0.5, "sobol": 0.05}
"""Limit below which an unknown is idle, for every fact: it changes no fact by half an observation
error over its range, or accounts for less than a twentieth of the variance of any fact."""


@dataclass(frozen=True)
class Sensitivity:
    """The result of a sensitivity analysis: which unknowns drive which facts.

    Attributes
    ----------
    method : str
        ``morris`` or ``sobol``.
    observations : Observations
        The facts.
    groups : tuple of str
        The group of facts of each.
    unknowns : DataFrame
        One row for every unknown: ``unknown``, ``mechanism``, ``label``.
    table : DataFrame
        Tidy, one row for every fact and unknown: ``target``, ``group``, ``unknown``,
        ``mechanism``, ``label``, ``error`` (of the observation) and ``spread`` (standard
        deviation over the prior), both on the scale of the fact. For ``morris``: ``direction``
        (mean effect), ``strength`` (mu*), ``confidence`` (95 % half-width of mu*) and
        ``interaction`` (sigma) on the scale of the fact, and the same ``_in_errors`` and
        ``_in_spreads``. For ``sobol``: ``first``, ``first_confidence``, ``total`` and
        ``total_confidence``, as shares of the variance. NaN where a fact never varies.
    simulations : int
    """

    method: Method
    observations: Observations
    groups: tuple[str, ...]
    unknowns: pd.DataFrame
    table: pd.DataFrame
    simulations: int

    def wide(self, column: str) -> pd.DataFrame:
        """Return one column as a table of unknowns by targets, in their declared order."""
        wide = self.table.pivot(index="unknown", columns="target", values=column)
        return wide.loc[list(self.unknowns["unknown"]), list(self.observations.names)]


def drivers(result: Sensitivity, k: int = 5) -> pd.DataFrame:
    """Return the strongest unknowns of every group of facts.

    Returns
    -------
    DataFrame
        ``group``, ``rank`` (from 1), ``unknown``, ``label``, ``value``: the mean over the facts
        of the group of mu* in prior spreads, or of the total index. Facts that never vary are
        left out.
    """
    value = MEASURE[result.method]
    rows: list[tuple[str, int, str, float]] = []
    for group in (*GROUPS, OTHER):
        own = result.table[result.table["group"] == group]
        means = own.groupby("unknown", sort=False)[value].mean().dropna()
        best = means.sort_values(ascending=False, kind="stable").head(k)
        for rank, (unknown, mean) in enumerate(best.items(), start=1):
            rows.append((group, rank, str(unknown), float(mean)))
    found = pd.DataFrame(rows, columns=["group", "rank", "unknown", "value"])
    return _labelled(found, result)


def idle(result: Sensitivity, below: float | None = None) -> pd.DataFrame:
    """Return the unknowns that have no influence on any fact.

    Parameters
    ----------
    below : float, optional
        Limit of mu* in observation errors, or of the total index, for every fact. By default
        `IDLE_BELOW`.

    Returns
    -------
    DataFrame
        ``unknown``, ``label``, ``value``: the largest over all facts; the weakest first.
    """
    limit = IDLE_BELOW[result.method] if below is None else below
    most = result.table.groupby("unknown", sort=False)[IDLE_MEASURE[result.method]].max().fillna(0)
    found = most[most < limit].sort_values(kind="stable").rename("value").reset_index()
    return _labelled(found, result)


def _labelled(found: pd.DataFrame, result: Sensitivity) -> pd.DataFrame:
    """Add the labels of unknowns."""
    return found.merge(result.unknowns[["unknown", "label"]], on="unknown", how="left")


def effect_columns(effects: Effects, prior: Numbers, error: Numbers) -> Columns:
    """Return the columns of a screening.

    Parameters
    ----------
    prior : float array (draws, targets)
        The facts at draws from the prior, for their spread.
    error : float array (targets,)
        Of the observations.
    """
    spread = prior.std(axis=0, ddof=1)
    varies = np.where(spread > 0, spread, np.nan)
    kept = {
        "direction": effects.mean,
        "strength": effects.strength,
        "confidence": effects.confidence,
        "interaction": effects.spread,
    }
    return {
        "spread": np.broadcast_to(spread, effects.mean.shape),
        **kept,
        **{f"{name}_in_errors": each / error for name, each in kept.items()},
        **{f"{name}_in_spreads": each / varies for name, each in kept.items()},
    }


def share_columns(shares: Shares, prior: Numbers) -> Columns:
    """Return the columns of a variance analysis.

    Parameters
    ----------
    prior : float array (draws, targets)
        The facts at draws from the prior.
    """
    return {
        "spread": np.broadcast_to(prior.std(axis=0, ddof=1), shares.first.shape),
        "first": shares.first,
        "first_confidence": shares.first_confidence,
        "total": shares.total,
        "total_confidence": shares.total_confidence,
    }


def tidy(
    observations: Observations, groups: tuple[str, ...], unknowns: pd.DataFrame, columns: Columns
) -> pd.DataFrame:
    """Return one row for every unknown and fact, sorted by unknown."""
    table = pd.DataFrame(
        {
            "target": np.tile(np.array(observations.names), len(unknowns)),
            "group": np.tile(np.array(groups), len(unknowns)),
        }
    )
    for name in ("unknown", "mechanism", "label"):
        table[name] = np.repeat(unknowns[name].to_numpy(), len(groups))
    table["error"] = np.tile(observations.error, len(unknowns))
    for name, values in columns.items():
        table[name] = values.ravel()
    return table
