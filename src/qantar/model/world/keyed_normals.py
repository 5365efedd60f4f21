"""Standard normal numbers of many members at once, keyed as those of the compiled model."""

from __future__ import annotations

from typing import Any

import numpy as np

from qantar.base.arrays import Numbers
from qantar.rng import key_of, philox4x32, stable_id

_MASK = 0xFFFF
_UNIT = 1.0 / 9007199254740992.0
_WORD, _SPARE, _HALF = np.uint64(32), np.uint64(11), np.uint64(16)


def normals(seed: int, mechanism: str, unit: str, members: int, times: int) -> Numbers:
    """Return standard normal numbers, each a function of seed, member, mechanism, unit and time.

    Parameters
    ----------
    seed : int
    mechanism, unit : str
        Names; their hashes enter the counter.
    members, times : int
        How many of each, counted from 0.

    Returns
    -------
    float array (members, times)
        The same numbers as `qantar.rng.normal`, whatever else is drawn beside them.
    """
    key = key_of(seed, 0)
    shape = (members, times)

    def words(values: Any) -> Any:
        return np.broadcast_to(np.asarray(values, np.uint64), shape)

    group = (stable_id(mechanism) & _MASK) << int(_HALF)
    # The generator is written for scalars; its Python source does the same with arrays.
    blocks: Any = getattr(philox4x32, "py_func", philox4x32)
    a, b, c, d = blocks(
        words(np.arange(times)[None, :]),
        words(stable_id(unit)),
        words(group),
        words(np.arange(members)[:, None]),
        key.seed_low,
        key.seed_high,
    )
    radius = np.sqrt(-2.0 * np.log(_uniform(a, b)))
    result: Numbers = radius * np.cos(2.0 * np.pi * _uniform(c, d))
    return result


def _uniform(high: Any, low: Any) -> Numbers:
    bits: Numbers = ((high << _WORD) | low) >> _SPARE
    return (bits.astype(np.float64) + 0.5) * _UNIT
