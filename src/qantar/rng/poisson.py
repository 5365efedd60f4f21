"""Poisson draws by inversion: monotone in both the uniform number and the mean."""

from __future__ import annotations

import math

from qantar.base.compilation import compiled
from qantar.rng.elementary import exp
from qantar.rng.normal import normal_quantile

_EXACT_BELOW = 30.0


@compiled
def poisson(u: float, mean: float) -> float:
    """Return the Poisson quantile at a uniform number.

    Parameters
    ----------
    u : float
        In (0, 1).
    mean : float
        0 or more. From 30 the quantile is that of a normal distribution, to the second order
        (Cornish and Fisher 1938), which is off by one at most in the bulk.
    """
    if mean <= 0.0:
        return 0.0
    exact = _summed(u, min(mean, _EXACT_BELOW))
    if mean < _EXACT_BELOW:
        return exact
    z = normal_quantile(u)
    value = mean + math.sqrt(mean) * z + (z * z - 1.0) / 6.0
    return max(math.floor(value + 0.5), exact)


@compiled
def _summed(u: float, mean: float) -> float:
    """Return the quantile by summing probabilities."""
    probability = exp(-mean)
    total = probability
    count = 0.0
    while u > total and count < 200.0:
        count += 1.0
        probability *= mean / count
        total += probability
    return count
