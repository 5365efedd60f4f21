"""Philox4x32-10, the counter-based generator of Salmon et al. (2011).

Parallel random numbers: as easy as 1, 2, 3. SC11, doi 10.1145/2063384.2063405.

The four counter words are hour, place, mechanism and group, and member; the two key words are the
seed of the run. The generator has no state.
"""

from __future__ import annotations

import math
import zlib
from typing import NamedTuple

import numpy as np

from qantar.base.compilation import compiled, inlined

_MULTIPLIER_0 = np.uint64(0xD2511F53)
_MULTIPLIER_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)
_WEYL_1 = np.uint64(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)
HALF_WORD = np.uint64(16)
_TO_53_BITS = np.uint64(11)
_UNIT = 1.0 / 9007199254740992.0


class Key(NamedTuple):
    """Random key of one member of a run.

    Attributes
    ----------
    seed_low, seed_high : numpy.uint64
        Seed of the run, split into two 32-bit words.
    member : numpy.uint64
        Index of the member in the ensemble.
    """

    seed_low: np.uint64
    seed_high: np.uint64
    member: np.uint64


def key_of(seed: int, member: int) -> Key:
    """Return the key of one member of a run.

    Parameters
    ----------
    seed : int
        0 to 2**64 - 1.
    member : int
        0 to 2**32 - 1.

    Raises
    ------
    ValueError
        If either is out of range.
    """
    if not 0 <= seed < 2**64:
        raise ValueError(f"a seed must be between 0 and 2**64 - 1, not {seed}")
    if not 0 <= member < 2**32:
        raise ValueError(f"a member index must be between 0 and 2**32 - 1, not {member}")
    return Key(np.uint64(seed & 0xFFFFFFFF), np.uint64(seed >> 32), np.uint64(member))


def stable_id(name: str) -> int:
    """Return a 32-bit id that depends only on the name: adding a place changes no other draw."""
    return zlib.crc32(name.encode("utf-8"))


@inlined
def philox4x32(
    c0: np.uint64, c1: np.uint64, c2: np.uint64, c3: np.uint64, k0: np.uint64, k1: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Return the four 32-bit output words for a counter and a key, after ten rounds."""
    for _ in range(10):
        # The factors are masked here and not where they arise: a vector multiplication of 32-bit
        # numbers needs no mask.
        product_0 = _MULTIPLIER_0 * (c0 & _LOW)
        product_1 = _MULTIPLIER_1 * (c2 & _LOW)
        c0 = (product_1 >> _SHIFT) ^ (c1 ^ k0)
        c1 = product_1
        c2 = (product_0 >> _SHIFT) ^ (c3 ^ k1)
        c3 = product_0
        k0 = (k0 + _WEYL_0) & _LOW
        k1 = (k1 + _WEYL_1) & _LOW
    return c0 & _LOW, c1 & _LOW, c2 & _LOW, c3 & _LOW


@compiled
def uniform(key: Key, mechanism: int, place: int, group: int, hour: int) -> float:
    """Return the uniform number in (0, 1) of this key, mechanism, place, group and hour.

    Parameters
    ----------
    key : Key
        Seed and member.
    mechanism, group : int
        Below 65,536 each.
    place, hour : int
        Below 2**32 each.
    """
    unit = (np.uint64(mechanism) << HALF_WORD) | np.uint64(group)
    a, b, _, _ = philox4x32(
        np.uint64(hour), np.uint64(place), unit, key.member, key.seed_low, key.seed_high
    )
    return to_unit(a, b)


@inlined
def to_unit(high: np.uint64, low: np.uint64) -> float:
    """Return the number in (0, 1) of two random words of 32 bits."""
    bits = np.int64(((high << _SHIFT) | low) >> _TO_53_BITS)
    return (float(bits) + 0.5) * _UNIT


@compiled
def normal(key: Key, mechanism: int, place: int, group: int, hour: int) -> float:
    """Return the standard normal number of this key and unit (Box and Muller 1958)."""
    unit = (np.uint64(mechanism) << HALF_WORD) | np.uint64(group)
    a, b, c, d = philox4x32(
        np.uint64(hour), np.uint64(place), unit, key.member, key.seed_low, key.seed_high
    )
    return math.sqrt(-2.0 * math.log(to_unit(a, b))) * math.cos(2.0 * math.pi * to_unit(c, d))
