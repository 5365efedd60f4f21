"""The log of what happens to a single post, party, outlet or court case in a history.

Stocks of the month are recorded as numbers. A party that is banned is an event with a date and a
name, so the mechanisms of the state write rows into one log per history.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qantar.base.compilation import compiled

LOGGED = ("constitution", "offices", "parties", "courts", "outlets")
"""Parts of the state that write into the log; the position of a name is its number there."""

CONSTITUTION, OFFICES, PARTIES, COURTS, OUTLETS = range(5)


class EventLog(NamedTuple):
    """Events of one history, in the order in which they happen.

    Attributes
    ----------
    used : int array (1,)
        How many rows are filled.
    rows : int array (capacity, 4)
        Month, part of the state (a position in `LOGGED`), the unit (a position in the part's
        table), and the kind of event (a position in the part's ``EVENTS``). Events beyond the
        capacity are counted in `used` and not kept.
    """

    used: NDArray[np.int64]
    rows: NDArray[np.int32]


def blank_log(capacity: int) -> EventLog:
    """Return an empty log."""
    return EventLog(np.zeros(1, np.int64), np.zeros((capacity, 4), np.int32))


@compiled
def note_event(log: EventLog, month: int, part: int, unit: int, kind: int) -> None:
    """Write an event into the log."""
    row = log.used[0]
    if row < log.rows.shape[0]:
        log.rows[row, 0], log.rows[row, 1] = month, part
        log.rows[row, 2], log.rows[row, 3] = unit, kind
    log.used[0] = row + 1
