"""The tidy table of a sensitivity analysis, and the units in which its columns stand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from qantar.arrays import Numbers
from qantar.study.observations import Observations
from qantar.study.sensitivity.screening import Effects
from qantar.study.sensitivity.variance import Shares

Columns = dict[str, Numbers]
"""Float arrays (unknowns, targets) by the name of a column."""


def effect_columns(effects: Effects, prior: Numbers, error: Numbers) -> Columns:
    """Return the columns of a screening.

    Parameters
    ----------
    prior : float array (draws, targets)
        The facts at draws from the prior: they tell how far a fact varies at all.
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
        "spread": _for_all(spread, effects.mean),
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
        "spread": _for_all(prior.std(axis=0, ddof=1), shares.first),
        "first": shares.first,
        "first_confidence": shares.first_confidence,
        "total": shares.total,
        "total_confidence": shares.total_confidence,
    }


def tidy(
    observations: Observations, groups: tuple[str, ...], unknowns: pd.DataFrame, columns: Columns
) -> pd.DataFrame:
    """Return one row for every unknown and fact, the facts of an unknown together."""
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


def _for_all(values: Numbers, like: Numbers) -> Numbers:
    return np.broadcast_to(values, like.shape)
