"""Exponential and logarithm in plain arithmetic, so that loops over places vectorise.

A call of the C library cannot be vectorised, and its last bit depends on the library and on the
processor. These functions use additions, multiplications, divisions and shifts only, in a fixed
order, and give the same bits on every machine with IEEE arithmetic. Their error is below 1 unit in
the last place.

Methods: Cody and Waite (1980), Software manual for the elementary functions; the logarithm after
Ng's `log` in fdlibm (Sun Microsystems 1993); Muller (2016), Elementary functions, 3rd edition.
"""

from __future__ import annotations

import math

import numpy as np

from qantar.base.compilation import inlined

_ROUND = 6755399441055744.0
"""1.5 times 2**52: the sum with it is rounded to a whole number, which its lowest bits hold."""

_PER_LN2 = 1.4426950408889634
_LN2_HIGH = 6.93147180369123816490e-01
"""Leading bits of log 2: its product with a whole number below 2**20 is exact."""

_LN2_LOW = 1.90821492927058770002e-10
_EXPONENT = np.int64(52)
_ONE_BITS = np.int64(1023 << 52)
_FRACTION_BITS = np.int64((1 << 52) - 1)
_SQRT_HALF_BITS = np.int64(0x3FE6A09E667F3BCD)
_OFFSET_BITS = np.int64(0x4330000000000000)
"""Bits of 2**52: its lowest bits hold a whole number."""

_OFFSET = 4503599627370496.0 + 1023.0
_SMALLEST_NORMAL = 2.2250738585072014e-308
_TWO_54 = 18014398509481984.0


@inlined
def exp(x: float) -> float:
    """Return e to the power of x."""
    # Beyond these bounds the result is 0 or infinity.
    x = 710.0 if x > 710.0 else x
    x = -746.0 if x < -746.0 else x
    k, r, lost = _reduced(x)
    whole = 1.0 + r
    tail = ((1.0 - whole) + r) + (lost + r * r * _after_linear(r))
    # Two factors, because 2**k alone may be out of range where the result is not.
    half = 0.5 * k + _ROUND
    rest = (k - (half - _ROUND)) + _ROUND
    return (whole + tail) * _power_of_two(half) * _power_of_two(rest)


@inlined
def expm1(x: float) -> float:
    """Return e to the power of x, minus 1, exact for x near 0."""
    x = 710.0 if x > 710.0 else x
    x = -40.0 if x < -40.0 else x
    k, r, lost = _reduced(x)
    # One half of the result, because 2**k alone may be out of range where the result is not.
    scale = _power_of_two((k - 1.0) + _ROUND)
    start = scale - 0.5
    linear = scale * r
    whole = start + linear
    tail = ((start - whole) + linear) + scale * (lost + r * r * _after_linear(r))
    return 2.0 * (whole + tail)


@inlined
def log(x: float) -> float:
    """Return the natural logarithm of x."""
    small = x < _SMALLEST_NORMAL
    bits = np.float64(x * _TWO_54 if small else x).view(np.int64)
    # A factor between the square root of 1/2 and that of 2, and a power of two.
    shifted = bits - _SQRT_HALF_BITS + _ONE_BITS
    whole = np.int64((shifted >> _EXPONENT) | _OFFSET_BITS).view(np.float64) - _OFFSET
    power = whole - 54.0 if small else whole
    factor = np.int64((shifted & _FRACTION_BITS) + _SQRT_HALF_BITS).view(np.float64)
    f = factor - 1.0
    s = f / (2.0 + f)
    z = s * s
    series = 1.479819860511658591e-01 * z + 1.531383769920937332e-01
    series = series * z + 1.818357216161805012e-01
    series = series * z + 2.222219843214978396e-01
    series = series * z + 2.857142874366239149e-01
    series = series * z + 3.999999999940941908e-01
    series = series * z + 6.666666666666735130e-01
    series = series * z
    square = 0.5 * f * f
    result = power * _LN2_HIGH - ((square - (s * (square + series) + power * _LN2_LOW)) - f)
    below = -math.inf if x == 0.0 else math.nan
    return (x if x == math.inf else result) if x > 0.0 else below


@inlined
def log1p(x: float) -> float:
    """Return the natural logarithm of 1 + x, exact for x near 0."""
    total = 1.0 + x
    # What the sum lost in rounding, relative to it.
    lost = ((total - 1.0) - x) / total if 0.0 < total < math.inf else 0.0
    return log(total) - lost


@inlined
def _reduced(x: float) -> tuple[float, float, float]:
    """Return x as k log 2 + r: the whole number k, r, and what r lost in rounding."""
    k = (x * _PER_LN2 + _ROUND) - _ROUND
    high = x - k * _LN2_HIGH
    low = k * _LN2_LOW
    r = high - low
    return k, r, (high - r) - low


@inlined
def _after_linear(r: float) -> float:
    """Return (exp(r) - 1 - r) / r**2 for r up to half of log 2, by its Taylor series."""
    series = r / 6227020800.0 + 1.0 / 479001600.0
    series = series * r + 1.0 / 39916800.0
    series = series * r + 1.0 / 3628800.0
    series = series * r + 1.0 / 362880.0
    series = series * r + 1.0 / 40320.0
    series = series * r + 1.0 / 5040.0
    series = series * r + 1.0 / 720.0
    series = series * r + 1.0 / 120.0
    series = series * r + 1.0 / 24.0
    series = series * r + 1.0 / 6.0
    return series * r + 1.0 / 2.0


@inlined
def _power_of_two(rounded: float) -> float:
    """Return 2**k, where `rounded` is the whole number k plus `_ROUND`."""
    bits = np.float64(rounded).view(np.int64)
    return np.int64((bits << _EXPONENT) + _ONE_BITS).view(np.float64)
