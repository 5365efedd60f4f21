"""One part of the state alone, month by month, apart from the rest of the years.

For checks, for the record of a pack, and for tests: the mechanism as it runs inside the years, with
no waves but those that are given. The record of the country has every field of the month, so the
machine code is that of the years.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from qantar.base.arrays import Numbers
from qantar.model.month import COUNTRY_FIELDS, initial_state
from qantar.model.months.declaration import MonthlyMechanism
from qantar.model.months.event_log import EventLog
from qantar.model.records import Record, record_of
from qantar.packs.country import COMMON, packs_folder
from qantar.packs.parameters import Parameter, load_parameters
from qantar.packs.years_tables import FOLDER
from qantar.rng import Key

_NAMES = [each.name for each in COUNTRY_FIELDS]


def declared_numbers(mechanism: MonthlyMechanism) -> dict[str, Parameter]:
    """Return the declared parameters of a mechanism, by name."""
    return load_parameters(packs_folder() / COMMON / FOLDER / f"{mechanism.name}.yaml")


def numbers_at(
    mechanism: MonthlyMechanism, scores: Mapping[str, float] | None = None, **held: float
) -> Record:
    """Return parameters at standard normal scores, the middle by default, some held at a value."""
    values = {}
    for name, parameter in declared_numbers(mechanism).items():
        values[name] = parameter.central
        if parameter.prior is not None:
            score = (scores or {}).get(name, 0.0)
            values[name] = parameter.clip(parameter.prior.value_at(score))
    return as_record(mechanism, values | held)


def as_record(mechanism: MonthlyMechanism, values: Mapping[str, float]) -> Record:
    """Return parameters by name as the record that the mechanism gets; 0 where none is given."""
    assert mechanism.parameters is not None
    record = np.zeros(1, record_of(mechanism.parameters))[0]
    for name, value in values.items():
        record[name] = value
    return record


def follow_alone(
    mechanism: MonthlyMechanism,
    move: Callable[..., None],
    given: Any,
    own: Any,
    numbers: Callable[[int], Record],
    log: EventLog,
    key: Key,
    months: int,
    *,
    challenged: Numbers | None = None,
    reach: Numbers | None = None,
    watch: Callable[[int], None] | None = None,
) -> Numbers:
    """Run one part for so many months from the first.

    Parameters
    ----------
    mechanism : MonthlyMechanism
    move : callable
        Its function.
    given, own : tuple of arrays
        What the pack says of the part, and its state before the first month, which is moved.
    numbers : callable
        The parameters of a month.
    log : EventLog
    key : Key
    months : int
    challenged : float array (months,), optional
        1 in months within a year of a large wave; none by default.
    reach : float array (months,), optional
        Residents whom uncensored news reaches (`mean_reach`), which another mechanism sets.
    watch : callable, optional
        Called after every month.

    Returns
    -------
    float array (months, fields)
        The fields that the mechanism owns, in order.
    """
    state = initial_state(1)
    columns = [_NAMES.index(each.name) for each in mechanism.country]
    table = np.zeros((months, len(columns)))
    for month in range(months):
        if reach is not None:
            state.country["mean_reach"] = reach[month]
        wave = 0.0 if challenged is None else float(challenged[month])
        move(state.country, given, own, numbers(month), log, key, month, wave)
        table[month] = state.country_values[columns]
        if watch is not None:
            watch(month)
    return table
