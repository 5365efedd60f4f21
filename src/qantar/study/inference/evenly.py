"""Some of many rows, evenly from all of them."""

from __future__ import annotations

import numpy as np

from qantar.arrays import Hours


def evenly(rows: int, count: int) -> Hours:
    """Return the numbers of so many rows, evenly from the first to the last.

    Particles with one ancestor stand side by side, so this takes from every family its share.

    Parameters
    ----------
    rows : int
        How many there are.
    count : int
        How many are wanted; if more than there are, some stand several times.
    """
    return np.linspace(0, rows - 1, count).round().astype(np.int64)
