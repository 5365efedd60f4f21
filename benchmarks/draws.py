"""How fast are binomial draws? By number and probability, against scipy and numpy.

python benchmarks/draws.py [--json FILE]
"""

from __future__ import annotations

import numpy as np
from scipy.stats import binom

from qantar.base.arrays import Hours, Numbers, People
from qantar.base.compilation import compiled
from qantar.model.records import Record, group_capacity, place_capacity, zeros
from qantar.rng import Key, binomial, draw_affected, key_of, uniforms
from qantar.rng.cohorts import draws_record
from table import Row, cpu_seconds, main

TITLE = "Binomial draws per second, one core"
SIZES = (
    *((10, 0.01), (300, 0.001), (300, 0.1), (300, 0.5), (3000, 0.01), (3000, 0.3)),
    *((100_000, 1e-5), (100_000, 0.001), (100_000, 0.3)),
)
DRAWS = 100_000
PLACES, GROUPS = 97, 9
SLOW = 10_000
"""Draws for scipy, which takes longer."""


def measure() -> list[Row]:
    """Time draws of every size, from given and from keyed uniform numbers."""
    rows = []
    for n, p in SIZES:
        rows += _rows(n, p)
    return rows


def _rows(n: int, p: float) -> list[Row]:
    source = np.random.default_rng(1)
    us, out = source.uniform(size=DRAWS), np.zeros(DRAWS, np.int64)
    few = us[:SLOW]
    counts, chances = np.full(DRAWS, n), np.full(DRAWS, p)
    given = DRAWS / cpu_seconds(lambda: _given(n, p, us, out))
    if not np.array_equal(out[:SLOW], binom.ppf(few, n, p)):
        raise RuntimeError(f"draws with n = {n}, p = {p:g} differ from scipy")
    scipy = SLOW / cpu_seconds(lambda: binom.ppf(few, n, p))
    numpy = DRAWS / cpu_seconds(lambda: source.binomial(counts, chances))
    keyed = _of_cohorts(n, p)
    return [
        Row(
            f"n = {n:,}, p = {p:g}: from uniform numbers",
            given / 1e6,
            "million/s",
            given / scipy,
            "scipy.stats.binom.ppf",
            "the same function of the same uniform numbers, one at a time, with the same results.",
        ),
        Row(
            f"n = {n:,}, p = {p:g}: of cohorts, with their random numbers",
            keyed / 1e6,
            "million/s",
            keyed / numpy,
            "numpy Generator.binomial",
            "the same distribution, from arrays of n and p. But numpy's draws have no key, and a "
            "higher p does not always give as many, so worlds cannot be paired by them.",
        ),
    ]


def _of_cohorts(n: int, p: float) -> float:
    """Return draws per second the way mechanisms draw: random numbers and counts of a country."""
    places = place_capacity(PLACES)
    draws = zeros(draws_record(places, group_capacity(GROUPS)))
    draws["group_count"], draws["risk"][:] = GROUPS, -np.log1p(-p)
    at_risk = np.arange(places) < PLACES
    people = np.full(draws["able"].shape, n)
    hours = DRAWS // (PLACES * GROUPS)
    ids, where = np.arange(places), at_risk.astype(np.float64)
    key = key_of(1, 0)
    return (
        hours * PLACES * GROUPS / cpu_seconds(lambda: _hours(draws, people, where, key, ids, hours))
    )


@compiled
def _hours(draws: Record, people: People, where: Numbers, key: Key, ids: Hours, hours: int) -> None:
    for hour in range(hours):
        draw_affected(draws, people, where, uniforms(draws, where, key, 1, ids, hour))


@compiled
def _given(n: int, p: float, us: Numbers, out: Hours) -> None:
    for k in range(us.size):
        out[k] = binomial(n, p, us[k])


if __name__ == "__main__":
    main(TITLE, measure)
