"""The courts alone, month by month, apart from the rest of the years."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qantar.base.arrays import Numbers
from qantar.model.months.courts import MECHANISM, CourtsGiven, blank_courts, move_courts
from qantar.model.months.event_log import blank_log
from qantar.rng import Key
from qantar.simulate.years.alone import follow_alone

FIELDS = np.dtype([(each.name, np.float64) for each in MECHANISM.country], align=True)
"""The fields of the country that courts own."""

LOG_CAPACITY = 4096


class CourtHistory(NamedTuple):
    """One history of the courts.

    Attributes
    ----------
    fields : record array (months,)
    events : int array (events, 3)
        Month, case and kind of event.
    """

    fields: NDArray[Any]
    events: NDArray[np.int32]


def follow_courts(
    given: CourtsGiven,
    key: Key,
    months: int,
    before: Any,
    after: Any = None,
    reform: int = -1,
    challenged: Numbers | None = None,
) -> CourtHistory:
    """Follow the courts of a pack for so many months.

    Parameters
    ----------
    given : CourtsGiven
    key : Key
    months : int
    before, after : record of Parameters
        Before and from the month of a reform on.
    reform : int
        That month; -1 for none.
    challenged : float array (months,), optional
        1 in months within a year of a large wave; none by default.
    """
    log = blank_log(LOG_CAPACITY)
    table = follow_alone(
        MECHANISM,
        move_courts,
        given,
        blank_courts(given),
        lambda month: after if 0 <= reform <= month else before,
        log,
        key,
        months,
        challenged=challenged,
    )
    used = min(int(log.used[0]), LOG_CAPACITY)
    return CourtHistory(table.view(FIELDS)[:, 0], log.rows[:used][:, [0, 2, 3]])
