"""Quantiles of the normal distribution: algorithm AS 241.

Wichura, M. J. (1988). The percentage points of the normal distribution. Applied Statistics 37:477.
The relative error is about 1e-16.
"""

from __future__ import annotations

import math

from qantar.base.compilation import compiled, inlined
from qantar.rng.elementary import log

_CENTRAL = 0.425
_CENTRAL_SQUARED = 0.180625
_FAR = 5.0
_SHIFT = 1.6
_NEAR = 6.0

_CENTRE = (
    (2509.0809287301226727, 5226.495278852854561),
    (33430.575583588128105, 28729.085735721942674),
    (67265.770927008700853, 39307.89580009271061),
    (45921.953931549871457, 21213.794301586595867),
    (13731.693765509461125, 5394.1960214247511077),
    (1971.5909503065514427, 687.1870074920579083),
    (133.14166789178437745, 42.313330701600911252),
    (3.387132872796366608, 1.0),
)
_TAIL = (
    (7.7454501427834140764e-4, 1.05075007164441684324e-9),
    (0.0227238449892691845833, 5.475938084995344946e-4),
    (0.24178072517745061177, 0.0151986665636164571966),
    (1.27045825245236838258, 0.14810397642748007459),
    (3.64784832476320460504, 0.68976733498510000455),
    (5.7694972214606914055, 1.6763848301838038494),
    (4.6303378461565452959, 2.05319162663775882187),
    (1.42343711074968357734, 1.0),
)
_FAR_TAIL = (
    (2.01033439929228813265e-7, 2.04426310338993978564e-15),
    (2.71155556874348757815e-5, 1.4215117583164458887e-7),
    (0.0012426609473880784386, 1.8463183175100546818e-5),
    (0.026532189526576123093, 7.868691311456132591e-4),
    (0.29656057182850489123, 0.0148753612908506148525),
    (1.7848265399172913358, 0.13692988092273580531),
    (5.4637849111641143699, 0.59983220655588793769),
    (6.6579046435011037772, 1.0),
)
"""Coefficients of numerator and denominator, highest power first."""


@compiled
def normal_quantile(u: float) -> float:
    """Return z with P(Z <= z) = u for a standard normal Z.

    Parameters
    ----------
    u : float
        In (0, 1).
    """
    z = near_quantile(u)
    if abs(z) < _NEAR:
        return z
    r = math.sqrt(-log(min(u, 1.0 - u)))
    far = _ratio(_FAR_TAIL, r - _FAR) if r > _FAR else abs(z)
    return -far if u < 0.5 else far


@inlined
def near_quantile(u: float) -> float:
    """Return the normal quantile of u in (1.4e-11, 1 - 1.4e-11), without branches."""
    q = u - 0.5
    central = q * _ratio(_CENTRE, _CENTRAL_SQUARED - q * q)
    tail = _ratio(_TAIL, math.sqrt(-log(u if q < 0.0 else 1.0 - u)) - _SHIFT)
    return central if abs(q) <= _CENTRAL else math.copysign(tail, q)


@inlined
def _ratio(coefficients: tuple[tuple[float, float], ...], r: float) -> float:
    """Return the quotient of two polynomials in r."""
    above = below = 0.0
    for one, other in coefficients:
        above = above * r + one
        below = below * r + other
    return above / below
