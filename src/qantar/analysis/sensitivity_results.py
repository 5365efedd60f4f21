"""Results of a sensitivity analysis: a tidy table, the main drivers, and the idle unknowns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from qantar.analysis.facts import GROUPS, OTHER
from qantar.analysis.observations import Observations
from qantar.analysis.sensitivity_methods import Effects, Shares
from qantar.base.arrays import Numbers

Method = Literal["morris", "sobol"]
METHODS: tuple[Method, ...] = get_args(Method)

Columns = dict[str, Numbers]
"""Float arrays (unknowns, targets) by the name of a column."""

MEASURE: dict[Method, str] = {"morris": "strength_in_spreads", "sobol": "total"}
"""The column by which unknowns are ranked."""

IDLE_MEASURE: dict[Method, str] = {"morris": "strength_in_errors", "sobol": "total"}
"""The column that shows whether facts could constrain an unknown."""

IDLE_BELOW: dict[Method, float] = {"morris": 0.5, "sobol": 0.05}
"""An unknown is idle if it is below this for every fact: over its whole range it changes no fact by
half an observation error, or it accounts for less than a twentieth of the variance of any fact."""


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
        ``total_confidence``, as shares of the variance. Not-a-number where a fact never varies.
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
    """Return the unknowns that change no fact, so that no fact constrains them.

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
        The facts at draws from the prior, which show how far a fact varies.
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
