"""Calendar: triggers of the month, dated ones from the sources and drawn ones afterwards.

A trigger is what people could protest about; most are followed by nothing. After the dated ones,
triggers of each frame come at the rate at which the sources date them, and each is like one that
was dated, drawn at random.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qantar.base.compilation import compiled
from qantar.model.mechanism import stream
from qantar.model.months.declaration import (
    FRAMES,
    MONTHS_PER_YEAR,
    MonthlyMechanism,
    Past,
)
from qantar.rng import Key, uniform
from qantar.rng.elementary import exp

_DRAW = stream("triggers")
_LIKE = stream("kind of a trigger")


class Parameters(NamedTuple):
    """Factor on the rates of triggers, in log units."""

    rate: float


@compiled
def triggers_of(past: Past, p: Parameters, key: Key, month: int, found: NDArray[np.int64]) -> int:
    """Write the numbers of the month's triggers, and return how many there are.

    Parameters
    ----------
    found : int array
        At least as long as the most triggers of a month.
    """
    number = 0
    if month < past.dated_months:
        for trigger in range(past.first_triggers[month], past.first_triggers[month + 1]):
            found[number] = trigger
            number += 1
        return number
    for frame in range(len(FRAMES)):
        rate = past.frame_rate[frame] * exp(p.rate) / MONTHS_PER_YEAR
        if uniform(key, _DRAW, frame, 0, month) < 1.0 - exp(-rate):
            trigger = _one_like(past, frame, uniform(key, _LIKE, frame, 0, month))
            if trigger >= 0:
                found[number] = trigger
                number += 1
    return number


@compiled
def _one_like(past: Past, frame: int, u: float) -> int:
    """Return the dated trigger of a frame at a uniform number, or -1 if there is none."""
    like = 0
    for trigger in range(past.trigger_count):
        if past.trigger_frame[trigger] == frame:
            like += 1
    left = int(u * like)
    for trigger in range(past.trigger_count):
        if past.trigger_frame[trigger] == frame:
            if left == 0:
                return trigger
            left -= 1
    return -1


MECHANISM = MonthlyMechanism(
    name="calendar",
    title="Triggers, dated ones and then drawn ones",
    references=("qantar-assumption",),
    systems=("A3", "A4", "E1"),
    parameters=Parameters,
)
