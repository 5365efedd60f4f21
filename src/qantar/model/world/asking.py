"""Asking: whether a government in a crisis asks its alliance for troops.

Law: the log odds of a request are a base, plus a weight if the government's own forces fail, plus a
weight if an incumbent still holds office. Crisis Group reads the request of January 2022 as a sign
of how endangered the president felt (seed-001 p22); the form and every weight are assumed.
"""

from __future__ import annotations

from typing import NamedTuple

from qantar.base.arrays import Numbers
from qantar.model.world.consent import logistic


class Parameters(NamedTuple):
    """Weights in log odds, each a number or an array over draws."""

    base: Numbers
    overwhelmed: Numbers
    incumbent: Numbers


def chance_of_asking(p: Parameters, overwhelmed: float, incumbent: float) -> Numbers:
    """Return the probability of a request.

    Parameters
    ----------
    p : Parameters
        Float arrays (draws,).
    overwhelmed, incumbent : float
        0 to 1; 0.5 where nothing tells.

    Returns
    -------
    float array (draws,)
    """
    return logistic(p.base + p.overwhelmed * overwhelmed + p.incumbent * incumbent)
