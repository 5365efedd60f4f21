"""Records whose fields are arrays, and their lengths.

The fields of a record cannot overlap and have no reference count: a compiled function takes one
pointer for all of them, and its loops vectorise.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeAlias, get_type_hints

import numpy as np
from numpy.typing import NDArray

Record: TypeAlias = Any
"""One record, as numba sees it: a pointer to its fields."""

Records: TypeAlias = NDArray[Any]
"""A record array."""


def capacity(number: int, least: int) -> int:
    """Return the length of an array for so many values: a power of two, at least `least`."""
    return max(least, 1 << (number - 1).bit_length())


def place_capacity(places: int) -> int:
    """Return the length of arrays over places: of a power of two, and eight more.

    Rows whose length is a power of two would compete for the same lines of the processor's cache.
    """
    return capacity(places, 128) + 8


def group_capacity(groups: int) -> int:
    """Return the length of arrays over groups."""
    return capacity(groups, 16)


def region_capacity(regions: int) -> int:
    """Return the length of arrays over regions."""
    return capacity(regions, 32)


@cache
def record_type(shape: tuple[int, ...], numbers: str, whole: str = "") -> np.dtype[Any]:
    """Return the type of a record of arrays of one shape, from space-separated names.

    Parameters
    ----------
    shape : tuple of int
        Shape of every field.
    numbers, whole : str
        Names of fields of floats and of integers.
    """
    reals = [(name, np.float64, shape) for name in numbers.split()]
    return np.dtype([*reals, *((name, np.int64, shape) for name in whole.split())], align=True)


def zeros(kind: np.dtype[Any]) -> Record:
    """Return a record of zeros."""
    return np.zeros(1, kind)[0]


def record_of(group: type) -> np.dtype[Any]:
    """Return the record type of a named tuple, nested where a field is a named tuple."""
    fields = []
    for name, kind in get_type_hints(group).items():
        fields.append((name, record_of(kind) if hasattr(kind, "_fields") else np.float64))
    return np.dtype(fields, align=True)
