"""Type aliases of arrays."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.float64]
"""Real quantities."""

People: TypeAlias = NDArray[np.int64]
"""Counts of persons, buildings or shops."""

Hours: TypeAlias = NDArray[np.int64]
"""Hours of an episode's clock, or indices."""

Flags: TypeAlias = NDArray[np.bool_]
"""Yes or no."""
