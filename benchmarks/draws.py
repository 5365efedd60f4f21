"""How fast are binomial draws? By number and probability, against scipy and numpy.

python benchmarks/draws.py [--json FILE]
"""

from __future__ import annotations

import numpy as np
from scipy.stats import binom

from qantar.base.arrays import Hours, Numbers
from qantar.base.compilation import compiled
from qantar.rng import Key, binomial, key_of, uniform
from table import Row, cpu_seconds, main

TITLE = "Binomial draws per second, one core"
SIZES = (
    *((10, 0.01), (300, 0.001), (300, 0.1), (300, 0.5), (3000, 0.01), (3000, 0.3)),
    *((100_000, 1e-5), (100_000, 0.001), (100_000, 0.3)),
)
DRAWS = 100_000
SLOW = 10_000
"""Draws for scipy, which takes longer."""


def measure() -> list[Row]:
    """Time draws of every size, from given and from keyed uniform numbers."""
    rows = []
    for n, p in SIZES:
        rows += _rows(n, p)
    return rows


def _rows(n: int, p: float) -> list[Row]:
    source, key = np.random.default_rng(1), key_of(1, 0)
    us, out = source.uniform(size=DRAWS), np.zeros(DRAWS, np.int64)
    few = us[:SLOW]
    counts, chances = np.full(DRAWS, n), np.full(DRAWS, p)
    given = DRAWS / cpu_seconds(lambda: _given(n, p, us, out))
    if not np.array_equal(out[:SLOW], binom.ppf(few, n, p)):
        raise RuntimeError(f"draws with n = {n}, p = {p:g} differ from scipy")
    keyed = DRAWS / cpu_seconds(lambda: _keyed(n, p, key, out))
    scipy = SLOW / cpu_seconds(lambda: binom.ppf(few, n, p))
    numpy = DRAWS / cpu_seconds(lambda: source.binomial(counts, chances))
    return [
        Row(
            f"n = {n:,}, p = {p:g}: from uniform numbers",
            given / 1e6,
            "million/s",
            given / scipy,
            "scipy.stats.binom.ppf",
            "the same function of the same uniform numbers, with the same results.",
        ),
        Row(
            f"n = {n:,}, p = {p:g}: with a random number",
            keyed / 1e6,
            "million/s",
            keyed / numpy,
            "numpy Generator.binomial",
            "the same distribution, from arrays of n and p. But numpy's draws have no key, and a "
            "higher p does not always give as many, so worlds cannot be paired by them.",
        ),
    ]


@compiled
def _given(n: int, p: float, us: Numbers, out: Hours) -> None:
    for k in range(us.size):
        out[k] = binomial(n, p, us[k])


@compiled
def _keyed(n: int, p: float, key: Key, out: Hours) -> None:
    for k in range(out.size):
        out[k] = binomial(n, p, uniform(key, 1, 2, 3, k))


if __name__ == "__main__":
    main(TITLE, measure)
