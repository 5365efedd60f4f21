"""The exponential and the logarithm: error, extremes, and the same bits in any loop."""

from __future__ import annotations

import decimal
import math
from collections.abc import Callable
from decimal import Decimal

import numpy as np
import pytest

from qantar.base.compilation import compiled
from qantar.rng import elementary

CONTEXT = decimal.Context(prec=60, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)
SOURCE = np.random.default_rng(1)


@compiled
def exps(x, out):  # noqa: ANN001, ANN201
    for i in range(x.size):
        out[i] = elementary.exp(x[i])


@compiled
def expm1s(x, out):  # noqa: ANN001, ANN201
    for i in range(x.size):
        out[i] = elementary.expm1(x[i])


@compiled
def logs(x, out):  # noqa: ANN001, ANN201
    for i in range(x.size):
        out[i] = elementary.log(x[i])


@compiled
def log1ps(x, out):  # noqa: ANN001, ANN201
    for i in range(x.size):
        out[i] = elementary.log1p(x[i])


def of(loop: Callable[..., None], values: np.ndarray) -> np.ndarray:
    out = np.empty_like(values)
    loop(values, out)
    return out


def exact(name: str, x: float) -> Decimal:
    value = Decimal(float(x))
    if name == "exp":
        return CONTEXT.exp(value)
    if name == "expm1":
        return CONTEXT.subtract(CONTEXT.exp(value), 1)
    return CONTEXT.ln(value if name == "log" else CONTEXT.add(1, value))


CASES = {
    "exp": (exps, [(-708, 709), (-5, 5), (-0.4, 0.4)]),
    "expm1": (expm1s, [(-50, 709), (-5, 5), (-0.4, 0.4), (-1e-9, 1e-9)]),
    "log": (logs, [(1e-300, 1e300), (0.5, 2.0), (1e-6, 1e7)]),
    "log1p": (log1ps, [(-0.9, 2.0), (0.0, 1e5), (-1e-9, 1e-9)]),
}


@pytest.mark.parametrize("name", CASES)
def test_the_error_is_about_one_unit_in_the_last_place(name: str) -> None:
    loop, ranges = CASES[name]
    for low, high in ranges:
        x = SOURCE.uniform(low, high, 1500)
        if name == "log" and high > 1e6:
            x = np.exp(SOURCE.uniform(np.log(low), np.log(high), 1500))
        for each, found in zip(x, of(loop, x), strict=True):
            truth = exact(name, each)
            unit = Decimal(math.ulp(float(truth)))
            assert abs(Decimal(float(found)) - truth) < Decimal("1.1") * unit, (name, each)


@pytest.mark.parametrize("name", CASES)
def test_values_out_of_range_are_those_of_the_library(name: str) -> None:
    loop, _ = CASES[name]
    x = np.array([0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1e300, -1e300, 709.7, 710.0, -744.0])
    x = np.append(x, [-746.0, 5e-324, 1e-310, 2.3e-308])
    with np.errstate(all="ignore"):
        expected = getattr(np, name)(x)
    np.testing.assert_allclose(of(loop, x), expected, rtol=4e-16, atol=5e-324)


@pytest.mark.parametrize("name", CASES)
def test_a_value_is_the_same_at_any_position_of_a_loop(name: str) -> None:
    """The last values of a loop are computed one by one, all others several at a time."""
    loop, _ = CASES[name]
    x = SOURCE.uniform(0.0, 20.0, 97)
    whole = of(loop, x)
    for length in (1, 2, 3, 5, 8, 96):
        assert of(loop, x[:length].copy()).tobytes() == whole[:length].tobytes()


def test_whole_numbers_of_deaths_cost_no_accuracy() -> None:
    deaths = np.arange(5000.0)
    assert of(log1ps, deaths)[0] == 0.0
    np.testing.assert_allclose(of(log1ps, deaths), np.log1p(deaths), rtol=4e-16)
