"""The courts alone, month by month, apart from the rest of the years.

For checks and for the reader: the mechanism as it runs inside the years, with no waves but those
that are given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qantar.base.arrays import Numbers
from qantar.model.months.courts import (
    MECHANISM,
    CourtsGiven,
    Parameters,
    blank_courts,
    move_courts,
)
from qantar.model.months.event_log import blank_log
from qantar.model.records import record_of
from qantar.packs.country import COMMON, packs_folder
from qantar.packs.parameters import Parameter, load_parameters
from qantar.packs.years_tables import FOLDER
from qantar.rng import Key

COUNTRY = np.dtype([(each.name, np.float64) for each in MECHANISM.country], align=True)
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


def court_parameters() -> dict[str, Parameter]:
    """Return the declared parameters of the mechanism, by name."""
    return load_parameters(packs_folder() / COMMON / FOLDER / f"{MECHANISM.name}.yaml")


def values_of(scores: Mapping[str, float] | None = None, **held: float) -> Any:
    """Return parameters at standard normal scores (0 where none is given), some held at a value."""
    record = np.zeros(1, record_of(Parameters))[0]
    for name, parameter in court_parameters().items():
        score = (scores or {}).get(name, 0.0)
        value = parameter.clip(parameter.prior.value_at(score)) if parameter.prior else None
        record[name] = held.get(name, parameter.central if value is None else value)
    return record


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
    country = np.zeros(1, COUNTRY)[0]
    for each in MECHANISM.country:
        country[each.name] = each.neutral
    own, log = blank_courts(given), blank_log(LOG_CAPACITY)
    fields = np.zeros(months, COUNTRY)
    for month in range(months):
        p = after if 0 <= reform <= month else before
        wave = 0.0 if challenged is None else float(challenged[month])
        move_courts(country, given, own, p, log, key, month, wave)
        fields[month] = country
    used = min(int(log.used[0]), LOG_CAPACITY)
    return CourtHistory(fields, log.rows[:used][:, [0, 2, 3]])
