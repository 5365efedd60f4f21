"""Binomial draws by inversion: one uniform in, one count out, monotone in the probability.

Inversion keeps twins close: for the same uniform number, a higher probability never gives a lower
count (Glasserman and Yao 1992, Management Science 38:884). Where the variance is large, the count
is computed from that of the normal distribution by the expansion of Cornish and Fisher (1938, Revue
de l'Institut International de Statistique 5:307), and accepted where it is not close to the step
between two counts. Elsewhere the distribution is summed, starting where the lower tail is
negligible (below 1e-12). Both ways give the same count; the tests compare them.

Probabilities are correct to about 1e-9, the error of log factorials of large cohorts. Further out
in the tails, which one draw in a billion reaches, a count can be off by one, and neither exactness
nor monotonicity is certain.
"""

from __future__ import annotations

import math

import numpy as np

from qantar.base.compilation import compiled, inlined
from qantar.rng.normal import near_quantile

_TAIL = 7.0  # standard deviations below the mean at which the lower tail is under 1e-12
_SMALL = 30.0  # mean up to which the sum starts at zero
_TINY = 1e-6  # below this hazard, two terms of expm1 are exact in double precision
_NEGLIGIBLE = 1e-18  # past the mean, stop at this term: only rounding keeps the sum below u
_TABLE = 4096  # size of the lookup tables of inverses and log factorials
INVERSE = np.concatenate([[0.0], 1.0 / np.arange(1, _TABLE)])
_LOG_FACTORIAL = np.array([math.lgamma(n + 1.0) for n in range(_TABLE)])
_MARGIN = 10.0  # added to the tail because a binomial is not exactly normal
EXPANDED = 5.0  # variance above which the expansion is tried
_FAR = 3.0  # standard deviations from the mean up to which the expansion is accurate


@inlined
def binomial_hazard(n: int, hazard: float, u: float) -> int:
    """Draw the number of people, out of n, affected by an event with this hazard in one hour.

    Parameters
    ----------
    n : int
        Number of persons; a negative number counts as zero.
    hazard : float
        Rate per hour; each person is unaffected with probability exp(-hazard).
    u : float
        Uniform number in (0, 1).

    Returns
    -------
    int
        Between 0 and n: a binomial draw, non-decreasing in `hazard` and in `u`.
    """
    # exp(-x) >= 1 - x: if u is below that bound, the draw is 0
    return 0 if u < 1.0 - n * hazard else draw_one(n, hazard, u)


@compiled
def draw_one(n: int, hazard: float, u: float) -> int:
    """Return the draw of `binomial_hazard` if it is not 0 by the bound."""
    expected = n * hazard
    if expected > _SMALL or hazard > 0.5:
        return binomial(n, -math.expm1(-hazard), u)
    if expected > EXPANDED:
        count = expansion(float(n), -math.expm1(-hazard), u)
        if count >= 0.0:
            return int(count)
    odds = math.expm1(hazard) if hazard > _TINY else hazard * (1.0 + 0.5 * hazard)
    return _invert_from(n, math.exp(-expected), odds, 0, u)


@compiled
def binomial(n: int, p: float, u: float) -> int:
    """Return the smallest k with P(X <= k) >= u for X binomial with n trials of probability p.

    Parameters
    ----------
    n : int
        Number of persons, 0 or more.
    p : float
        Probability, clipped to 0..1.
    u : float
        Uniform number in (0, 1).

    Returns
    -------
    int
        Between 0 and n.
    """
    if n <= 0 or p <= 0.0:
        return 0
    if p >= 1.0:
        return n
    if u < 1.0 - n * p:
        return 0
    if n * p * (1.0 - p) >= EXPANDED:
        count = expansion(float(n), p, u)
        if count >= 0.0:
            return int(count)
    if p > 0.5:
        return n - _invert_survivors(n, 1.0 - p, 1.0 - u)
    k = _start(n, p)
    return _invert_from(n, _mass(n, p, k), p / (1.0 - p), k, u)


@inlined
def expansion(n: float, p: float, u: float) -> float:
    """Return the count by the expansion of Cornish and Fisher, or -1 if it is not certain.

    There are no branches, so that loops over it vectorise. The cumulants have Sheppard's
    corrections, because counts are whole numbers. The terms are those of Lee and Lin (1992, Applied
    Statistics 41:233) up to the fourth order. Within three standard deviations the largest error
    found is 0.008 counts at a variance of 5, less at larger ones.
    """
    spread = p * (1.0 - p)
    variance = n * spread
    z = near_quantile(u)
    scale = 1.0 / math.sqrt(variance - 1.0 / 12.0)
    square = scale * scale
    lean = 1.0 - 2.0 * p
    g1 = variance * lean * scale * square
    g2 = (variance * (1.0 - 6.0 * spread) + 1.0 / 120.0) * square * square
    g3 = variance * lean * (1.0 - 12.0 * spread) * scale * square * square
    g4 = (variance * (1.0 - 30.0 * spread * (1.0 - 4.0 * spread)) - 1.0 / 252.0) * (
        square * square * square
    )
    gg = g1 * g1
    zz = z * z
    h2 = zz - 1.0  # Hermite polynomials
    h3 = z * (zz - 3.0)
    h4 = (zz - 6.0) * zz + 3.0
    h5 = z * ((zz - 10.0) * zz + 15.0)
    first = g1 * h2 * (1.0 / 6.0)
    second = g2 * h3 * (1.0 / 24.0) - gg * (2.0 * h3 + z) * (1.0 / 36.0)
    third = (
        g3 * h4 * (1.0 / 120.0)
        - g1 * g2 * (h4 + h2) * (1.0 / 24.0)
        + g1 * gg * (12.0 * h4 + 19.0 * h2) * (1.0 / 324.0)
    )
    fourth = (
        g4 * h5 * (1.0 / 720.0)
        - g2 * g2 * (3.0 * h5 + 6.0 * h3 + 2.0 * z) * (1.0 / 384.0)
        - g1 * g3 * (2.0 * h5 + 3.0 * h3) * (1.0 / 180.0)
        + gg * g2 * (14.0 * h5 + 37.0 * h3 + 8.0 * z) * (1.0 / 288.0)
        - gg * gg * (252.0 * h5 + 832.0 * h3 + 227.0 * z) * (1.0 / 7776.0)
    )
    at = n * p + (z + first + second + third + fourth) / scale - 0.5
    below = math.floor(at)
    doubt = 0.002 + 0.5 / (variance * variance)
    certain = (at - below >= doubt) & (at - below <= 1.0 - doubt)
    certain &= (variance >= EXPANDED) & (abs(z) <= _FAR)
    return min(max(below + 1.0, 0.0), n) if certain else -1.0


@compiled
def _invert_from(n: int, mass: float, odds: float, k: int, u: float) -> int:
    """Return the smallest count at which the cumulative probability, from `mass` at k, is u."""
    mean = n * odds / (1.0 + odds)
    left = odds * (n - k)
    total = mass
    while total < u and k < n:
        k += 1
        mass *= left * (INVERSE[k] if k < _TABLE else 1.0 / k)
        left -= odds
        total += mass
        if mass < _NEGLIGIBLE and k > mean:
            break
    return k


@compiled
def _invert_survivors(n: int, q: float, limit: float) -> int:
    """Return the first count whose cumulative probability exceeds `limit`."""
    k = _start(n, q)
    odds = q / (1.0 - q)
    left = odds * (n - k)
    mass = _mass(n, q, k)
    total = mass
    while total <= limit and k < n:
        k += 1
        mass *= left * (INVERSE[k] if k < _TABLE else 1.0 / k)
        left -= odds
        total += mass
        if mass < _NEGLIGIBLE and k > n * q:
            break
    return k


@compiled
def _start(n: int, p: float) -> int:
    """Return a count below which the probability mass is negligible."""
    mean = n * p
    if mean < _SMALL:
        return 0
    return max(0, int(mean - _TAIL * math.sqrt(mean * (1.0 - p)) - _MARGIN))


@compiled
def _mass(n: int, p: float, k: int) -> float:
    """Return P(X = k)."""
    if k == 0:
        return math.exp(n * math.log1p(-p))
    return math.exp(
        _log_factorial(n)
        - _log_factorial(k)
        - _log_factorial(n - k)
        + k * math.log(p)
        + (n - k) * math.log1p(-p)
    )


@compiled
def _log_factorial(n: int) -> float:
    """Return log(n!), from a table for small n."""
    return float(_LOG_FACTORIAL[n]) if n < _TABLE else math.lgamma(n + 1.0)
