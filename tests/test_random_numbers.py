"""Keyed randomness: known answers, no two draws alike by accident, exact and monotone binomials."""

from __future__ import annotations

import math
import re
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri
from scipy.stats import binom

from qantar import rng
from qantar.base.compilation import compiled
from qantar.model.mechanism import stream
from qantar.model.records import place_capacity, zeros
from qantar.packs.loading import load_country
from qantar.rng import (
    binomial,
    binomial_hazard,
    draw_affected,
    key_of,
    normal,
    stable_id,
    uniform,
    uniforms,
)
from qantar.rng.cohorts import draws_record
from qantar.rng.normal import normal_quantile

SOURCE = Path(rng.__file__).resolve().parents[1]
KEY = key_of(2022, 7)


@compiled
def philox(c0, c1, c2, c3, k0, k1):  # noqa: ANN001, ANN201
    return rng.philox4x32(c0, c1, c2, c3, k0, k1)


@compiled
def many(key, mechanism, place, group, hours):  # noqa: ANN001, ANN201
    out = np.empty(hours)
    for hour in range(hours):
        out[hour] = uniform(key, mechanism, place, group, hour)
    return out


@compiled
def many_normals(key, mechanism, hours):  # noqa: ANN001, ANN201
    out = np.empty(hours)
    for hour in range(hours):
        out[hour] = normal(key, mechanism, 0, 0, hour)
    return out


@compiled
def many_binomials(n, p, us):  # noqa: ANN001, ANN201
    out = np.empty(us.size, np.int64)
    for k in range(us.size):
        out[k] = binomial(n, p, us[k])
    return out


@compiled
def many_hazard_draws(n, hazard, us):  # noqa: ANN001, ANN201
    out = np.empty(us.size, np.int64)
    for k in range(us.size):
        out[k] = binomial_hazard(n, hazard, us[k])
    return out


# ---------------------------------------------------------------------------- known answers


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [  # kat_vectors of Random123, philox4x32 10
        ("00000000 " * 4, "00000000 " * 2, "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ("ffffffff " * 4, "ffffffff " * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        (
            "243f6a88 85a308d3 13198a2e 03707344",
            "a4093822 299f31d0",
            "d16cfe09 94fdcceb 5001e420 24126ea1",
        ),
    ],
)
def test_philox_gives_the_published_words(counter: str, key: str, expected: str) -> None:
    words = [np.uint64(int(word, 16)) for word in (counter + " " + key).split()]
    assert [f"{int(word):08x}" for word in philox(*words)] == expected.split()


@given(
    seed=st.integers(0, 2**64 - 1),
    member=st.integers(0, 2**32 - 1),
    mechanism=st.integers(0, 0xFFFF),
    places=st.lists(st.tuples(st.integers(0, 2**32 - 1), st.booleans()), max_size=128),
    groups=st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=6),
    hour=st.integers(0, 2**32 - 1),
)
@settings(deadline=None)
def test_many_at_a_time_are_the_same_one_by_one(
    seed: int,
    member: int,
    mechanism: int,
    places: list[tuple[int, bool]],
    groups: list[int],
    hour: int,
) -> None:
    length = place_capacity(len(places))
    draws, key = zeros(draws_record(length, 16)), key_of(seed, member)
    draws["group_count"], draws["group_id"][: len(groups)] = len(groups), groups
    ids, at_risk = np.zeros(length, np.int64), np.zeros(length)
    for i, (place, risk) in enumerate(places):
        ids[i], at_risk[i] = place, risk
    found = uniforms(draws, at_risk, key, mechanism, ids, hour)
    assert draws["place"][:found].tolist() == [i for i, (_, risk) in enumerate(places) if risk]
    drawn = draws["uniform"][: len(groups), :found]
    expected = [
        [uniform(key, mechanism, place, group, hour) for place, risk in places if risk]
        for group in groups
    ]
    assert drawn.tolist() == expected
    assert ((drawn > 0) & (drawn < 1)).all()


@pytest.mark.parametrize(("seed", "member"), [(-1, 0), (2**64, 0), (0, -1), (0, 2**32)])
def test_a_key_out_of_range_is_refused(seed: int, member: int) -> None:
    with pytest.raises(ValueError, match="must be between 0 and"):
        key_of(seed, member)


@given(
    cohorts=st.lists(
        st.tuples(
            st.integers(-1, 300_000),
            st.one_of(st.just(0.0), st.floats(1e-9, 3.0), st.floats(1e-6, 1e-3)),
            st.floats(1e-9, 1 - 1e-9),
            st.booleans(),
        ),
        min_size=1,
        max_size=60,
    ),
    group_count=st.integers(1, 3),
)
@settings(deadline=None)
def test_draws_of_many_cohorts_are_those_one_by_one(
    cohorts: list[tuple[int, float, float, bool]], group_count: int
) -> None:
    length = place_capacity(len(cohorts))
    draws = zeros(draws_record(length, 16))
    draws["group_count"] = group_count
    people, where = np.zeros((16, length), np.int64), np.zeros(length)
    draws["place"][: len(cohorts)] = range(len(cohorts))
    expected = np.zeros_like(people)
    for i, (n, hazard, u, there) in enumerate(cohorts):
        where[i] = there
        for g in range(group_count):
            people[g, i] = n * (g + 1)
            draws["risk"][g, i], draws["uniform"][g, i] = hazard / (g + 1), u
            expected[g, i] = there and binomial_hazard(people[g, i], hazard / (g + 1), u)
    size = draw_affected(draws, people, where, len(cohorts))
    found = np.zeros_like(people)
    np.add.at(found, (draws["group"][:size], draws["at"][:size]), draws["affected"][:size])
    np.testing.assert_array_equal(found, expected)


# ----------------------------------------------------------------- uniform and independent

DRAWS = 20_000


def distance_from_uniform(values: np.ndarray) -> float:
    """Return the Kolmogorov-Smirnov statistic times the root of the sample size."""
    n = values.size
    steps = np.arange(1, n + 1) / n
    values = np.sort(values)
    gap = max((steps - values).max(), (values - steps + 1 / n).max())
    return float(gap * math.sqrt(n))


def test_uniform_numbers_are_uniform() -> None:
    for place in range(10):
        values = many(KEY, 3, place, 0, DRAWS)
        assert distance_from_uniform(values) < 2.2  # exceeded once in 8,000 by chance
        assert np.unique(values).size == DRAWS


OTHERS = {
    "mechanism": many(KEY, 4, 5, 6, DRAWS),
    "place": many(KEY, 3, 6, 6, DRAWS),
    "group": many(KEY, 3, 5, 7, DRAWS),
    "hour": many(KEY, 3, 5, 6, DRAWS + 1)[1:],
    "member": many(key_of(2022, 8), 3, 5, 6, DRAWS),
    "seed": many(key_of(2023, 7), 3, 5, 6, DRAWS),
    "high seed word": many(key_of(2022 + 2**32, 7), 3, 5, 6, DRAWS),
}


@pytest.mark.parametrize("what", OTHERS)
def test_neighbouring_keys_are_independent(what: str) -> None:
    """One step in any word of the counter or the key, and nothing is shared."""
    mine, other = many(KEY, 3, 5, 6, DRAWS), OTHERS[what]
    assert not np.isin(mine, other).all()
    assert not (mine == other).any()
    assert abs(np.corrcoef(mine, other)[0, 1]) < 5 / math.sqrt(DRAWS)
    table, *_ = np.histogram2d(mine, other, bins=10, range=[[0, 1], [0, 1]])
    expected = DRAWS / 100
    chi2 = float(((table - expected) ** 2 / expected).sum())
    assert chi2 < 99 + 5 * math.sqrt(2 * 99)


def test_normal_numbers_are_normal() -> None:
    values = many_normals(KEY, 9, DRAWS)
    cdf = np.array([0.5 * math.erfc(-v / math.sqrt(2)) for v in values])
    assert distance_from_uniform(cdf) < 2.2


def stream_names() -> list[str]:
    pattern = re.compile(r"""stream\(\s*["']([^"']+)["']\s*\)""")
    texts = [path.read_text(encoding="utf-8") for path in sorted(SOURCE.rglob("*.py"))]
    return [name for text in texts for name in pattern.findall(text)]


def test_no_two_streams_are_alike() -> None:
    names = stream_names()
    assert len(names) >= 15
    assert len(set(names)) == len(names), "two rules use one stream"
    assert len({stream(name) for name in names}) == len(names)


@pytest.mark.parametrize("pack", ["kazakhstan", "template"])
def test_no_two_places_or_groups_share_their_luck(pack: str) -> None:
    country = load_country(pack)
    places = [place.place for place in country.places]
    groups = list(country.header.groups)
    assert len({stable_id(name) for name in places}) == len(places)
    assert len({stable_id(name) & 0xFFFF for name in groups}) == len(groups)


# ------------------------------------------------------------------------- exact binomials


def exact(n: int, p: Fraction, u: float) -> int:
    """Return the smallest k with P(X <= k) >= u, in rational numbers."""
    target, total = Fraction(u), Fraction(0)
    for k in range(n + 1):
        total += math.comb(n, k) * p**k * (1 - p) ** (n - k)
        if total >= target:
            return k
    return n


US = (1e-9, 0.001, 0.0237, 0.1, 0.3, 0.49, 0.5001, 0.77, 0.9, 0.975, 0.9991, 1 - 1e-9)


@pytest.mark.parametrize("n", [1, 2, 3, 7, 20, 45])
@pytest.mark.parametrize("p", [1e-6, 0.003, 0.07, 0.25, 0.5, 0.51, 0.8, 0.97, 1 - 1e-6])
def test_binomial_is_exact_for_small_numbers(n: int, p: float) -> None:
    for u in US:
        assert binomial(n, p, u) == exact(n, Fraction(p), u), (n, p, u)


def decimal_brackets(n: int, p: Decimal, k: int) -> tuple[Decimal, Decimal]:
    """Return P(X <= k - 1) and P(X <= k), to 50 digits."""
    mass = (1 - p) ** n
    total, before = mass, Decimal(0)
    for j in range(k):
        mass *= (n - j) * p / ((j + 1) * (1 - p))
        before, total = total, total + mass
    return (before, total)


@pytest.mark.parametrize(
    ("n", "p"),
    [
        *[(1000, 0.001), (1000, 0.04), (5000, 0.5), (5000, 0.93), (40_000, 0.002)],
        *[(20_000, 0.31), (2_000_000, 2e-6), (1_500_000, 1e-3), (300, 0.999)],
    ],
)
def test_binomial_brackets_u_for_large_numbers(n: int, p: float) -> None:
    """The number u lies between the distribution just below the draw and at it, to 1e-9."""
    with localcontext() as context:
        context.prec = 50
        for u in (1e-6, 0.02, 0.31, 0.5, 0.84, 0.999, 1 - 1e-7):
            below, at = decimal_brackets(n, Decimal(p), binomial(n, p, u))
            assert below - Decimal("1e-9") < Decimal(u) <= at + Decimal("1e-9"), (n, p, u)


@pytest.mark.parametrize(
    ("n", "hazard"),
    [
        *[(1, 0.4), (30, 0.02), (500, 0.01), (500, 0.7), (10_000, 0.0031), (900, 0.0333)],
        *[(2_000_000, 1.1e-6), (70_000, 1e-9), (50, 3.0)],
    ],
)
def test_binomial_hazard_brackets_u(n: int, hazard: float) -> None:
    """`binomial_hazard` is the binomial of 1 - exp(-hazard), in each of its branches."""
    with localcontext() as context:
        context.prec = 50
        p = 1 - (-Decimal(hazard)).exp()
        for u in (1e-6, 0.02, 0.31, 0.5, 0.84, 0.999, 1 - 1e-7):
            below, at = decimal_brackets(n, p, binomial_hazard(n, hazard, u))
            assert below - Decimal("1e-9") < Decimal(u) <= at + Decimal("1e-9"), (n, hazard, u)


INSIDE = st.floats(1e-6, 1 - 1e-6)
"""Deeper in the tails the sum is off by up to 1e-8 of probability (see the last test but one)."""

COUNT = st.integers(0, 3_000_000)


@given(n=COUNT, p=st.floats(0, 1), q=st.floats(0, 1), u=INSIDE, v=INSIDE)
@settings(deadline=None, max_examples=400)
def test_binomial_is_monotone(n: int, p: float, q: float, u: float, v: float) -> None:
    p, q, u, v = min(p, q), max(p, q), min(u, v), max(u, v)
    assert 0 <= binomial(n, p, u) <= binomial(n, q, u) <= binomial(n, q, v) <= n


@given(n=COUNT, a=st.floats(0, 5), b=st.floats(0, 5), u=INSIDE, v=INSIDE)
@settings(deadline=None, max_examples=400)
def test_binomial_hazard_is_monotone(n: int, a: float, b: float, u: float, v: float) -> None:
    a, b, u, v = min(a, b), max(a, b), min(u, v), max(u, v)
    assert (
        0 <= binomial_hazard(n, a, u) <= binomial_hazard(n, b, u) <= binomial_hazard(n, b, v) <= n
    )


@given(n=st.integers(1, 2_000_000), centre=st.floats(1e-7, 0.9), u=INSIDE)
@settings(deadline=None, max_examples=200)
def test_binomial_hazard_is_monotone_where_its_ways_meet(n: int, centre: float, u: float) -> None:
    """Around an expectation of 30 and a hazard of one half the computation changes its way."""
    for switch in (30.0 / n, 0.5, 1e-6, centre):
        hazards = switch * np.array([1 - 1e-3, 1 - 1e-9, 1.0, 1 + 1e-9, 1 + 1e-3])
        draws = [binomial_hazard(n, float(h), u) for h in hazards]
        assert draws == sorted(draws)


@pytest.mark.parametrize(("n", "p"), [(0, 0.5), (10, 0.0), (10, -1.0), (10, 1.0), (10, 2.0)])
def test_binomial_at_its_edges(n: int, p: float) -> None:
    assert binomial(n, p, 0.5) == (n if p >= 1 else 0)
    assert (
        binomial_hazard(n, 0.0, 0.5)
        == binomial_hazard(n, -1.0, 0.5)
        == binomial_hazard(0, 1.0, 0.5)
        == 0
    )


@pytest.mark.parametrize(
    ("n", "p"), [(1, 0.3), (12, 0.05), (200, 0.5), (5000, 0.9), (1_000_000, 3e-5), (400_000, 0.2)]
)
def test_mean_and_variance_over_many_keys(n: int, p: float) -> None:
    """Within five standard errors of n p and n p (1 - p), through both doors."""
    us = many(KEY, 11, 12, 13, DRAWS)
    variance = n * p * (1 - p)
    kurtosis = 3 + (1 - 6 * p * (1 - p)) / variance
    hazard = -math.log1p(-p)
    for draws in (many_binomials(n, p, us), many_hazard_draws(n, hazard, us)):
        assert abs(draws.mean() - n * p) < 5 * math.sqrt(variance / DRAWS)
        assert abs(draws.var() - variance) < 5 * variance * math.sqrt((kurtosis - 1) / DRAWS)


def test_a_one_in_ten_billion_draw_is_no_wild_one() -> None:
    """However near u is to 0 or 1, the draw lies within 9.5 standard deviations of the mean."""
    for n, p in (
        (1000, 0.3),
        (100_000, 0.01),
        (2_000_000, 0.001),
        (500_000, 0.45),
        (500_000, 0.55),
    ):
        for u in (1e-13, 1e-11, 1 - 1e-10, 1 - 1e-14):
            off = abs(binomial(n, p, u) - n * p)
            assert off < 9.5 * math.sqrt(n * p * (1 - p)), (n, p, u)


def test_streams_keep_their_names() -> None:
    """A stream is keyed by its name: renaming one changes every draw of its rule.

    So a stream keeps its name when its module is renamed or moved. New ones may come.
    """
    assert set(stream_names()) >= {
        "arrests.street",
        "arrests.sweep",
        "attacks",
        "beliefs.parameters",
        "beliefs.propensity",
        "beliefs.rules",
        "beliefs.threshold",
        "coordinated_attack",
        "coordinated_attack.towns",
        "escalation",
        "joining",
        "leaving",
        "lethal_force.death",
        "lethal_force.hit",
        "looting",
        "power.noise",
        "returning",
        "script.begins",
        "script.ends",
        "security_losses.death",
        "security_losses.wound",
        "sensitivity.scores",
        "smoother.noise",
        "whatif.order",
    }


@pytest.mark.parametrize("variance", [5.05, 6, 8, 12, 20, 45, 150, 2000, 9000])
@pytest.mark.parametrize("p", [1e-4, 0.002, 0.05, 0.3, 0.5, 0.8, 0.99])
def test_draws_with_a_large_variance_agree_with_the_sum_of_the_distribution(
    variance: float, p: float
) -> None:
    """Points all over the steps, most of them at the edges, where an expansion is least certain."""
    n = math.ceil(variance / (p * (1 - p)))
    spread = math.sqrt(n * p * (1 - p))
    low, high = (max(0, math.floor(n * p + side * 3.1 * spread)) for side in (-1, 1))
    cumulative = binom.cdf(np.arange(low, min(high, n) + 1), n, p)
    part = np.concatenate([np.geomspace(1e-6, 0.5, 200), 1 - np.geomspace(1e-6, 0.5, 200)])
    steps = np.diff(cumulative)
    some = np.unique(np.linspace(0, len(steps) - 1, 60).astype(int))
    us = (cumulative[some, None] + steps[some, None] * part).ravel()
    from_edge = (steps[some, None] * np.minimum(part, 1 - part)).ravel()
    wanted = np.repeat(low + some + 1, part.size)
    clear = from_edge > 3e-8  # the rounding error of a sum, with a margin
    found = many_binomials(n, p, us)
    np.testing.assert_array_equal(found[clear], wanted[clear])


def test_normal_quantiles_are_those_of_scipy() -> None:
    us = np.concatenate([np.linspace(0.001, 0.999, 999), np.geomspace(1e-300, 1e-3, 50)])
    found = np.array([normal_quantile(u) for u in us])
    np.testing.assert_allclose(found, ndtri(us), rtol=1e-14, atol=1e-15)
