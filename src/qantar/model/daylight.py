"""Hours of the day: when people are out, and how cold the night is. No mechanism, only a clock."""

from __future__ import annotations

import math

from qantar.base.compilation import compiled

HOURS_PER_DAY = 24


@compiled
def local_hour(hour: int, offset: int) -> int:
    """Return the hour of the local day, 0 to 23."""
    return (hour + offset) % HOURS_PER_DAY


@compiled
def activity(local: int, night_level: float) -> float:
    """Return how ready people are to go out at a local hour, 0 to 1.

    A half sine from `FIRST` to midnight, raised to `night_level` in the dark hours.
    """
    waking = 0.0
    if local >= FIRST:
        waking = math.sin(math.pi * (local - FIRST + 0.5) / (HOURS_PER_DAY - FIRST))
    return night_level + (1.0 - night_level) * waking


FIRST = 7
"""The hour at which a town wakes."""
