"""Run histories of a scenario, member by member on threads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qantar.base.arrays import Numbers
from qantar.model.month import (
    COUNTRY_FIELDS,
    REGION_FIELDS,
    History,
    Recorded,
    blank_record,
    initial_state,
    run_history,
)
from qantar.model.months.declaration import FRAMES, WAVE_COLUMNS, Given
from qantar.model.months.institutions import initial_institutions
from qantar.rng import key_of
from qantar.simulate.ensemble import in_order
from qantar.simulate.years.scenario import YearsScenario, parameter_record

COUNTRY_COLUMNS = tuple(each.name for each in COUNTRY_FIELDS)
REGION_COLUMNS = tuple(each.name for each in REGION_FIELDS)


@dataclass(frozen=True)
class Histories:
    """Records of some members.

    Attributes
    ----------
    country : float array (members, months, fields)
        In the order of `COUNTRY_COLUMNS`.
    regions : float array (members, years, fields, R)
        Every December and in the last month, in the order of `REGION_COLUMNS`.
    published : float array (members, months, monitors)
        What each monitor counts; NaN while it does not.
    waves : float array (waves, 1 + columns)
        Member and `WAVE_COLUMNS` of every trigger, in order of member and month.
    regions_out : bool array (waves, R)
    tally : float array (members, triggers, R + 1)
        See `qantar.model.month.run_history`.
    events : int array (events, 5)
        Member, and the rows of its `qantar.model.months.event_log.EventLog`.
    """

    country: NDArray[np.float32]
    regions: NDArray[np.float32]
    published: NDArray[np.float32]
    waves: NDArray[np.float32]
    regions_out: NDArray[np.bool_]
    tally: NDArray[np.float32]
    events: NDArray[np.int32]

    @property
    def members(self) -> int:
        """Number of members."""
        return len(self.country)

    def series(self, name: str) -> NDArray[np.float32]:
        """Return a variable of the country: float array (members, months)."""
        return self.country[:, :, COUNTRY_COLUMNS.index(name)]

    def by_region(self, name: str) -> NDArray[np.float32]:
        """Return a variable of regions: float array (members, years, R)."""
        return self.regions[:, :, REGION_COLUMNS.index(name)]

    def wave(self, column: str) -> NDArray[np.float32]:
        """Return a column of the waves, or ``member``."""
        return self.waves[:, 0 if column == "member" else 1 + WAVE_COLUMNS.index(column)]

    def members_with(self, chosen: NDArray[np.bool_]) -> Numbers:
        """Return for each member whether it has one of the chosen waves: 0 or 1."""
        found = np.zeros(self.members)
        found[np.unique(self.wave("member").astype(int)[chosen])] = 1.0
        return found

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays by name, to be saved."""
        return dict(vars(self))


def run_histories(
    scenario: YearsScenario,
    given: Given | Sequence[Given],
    values: Numbers,
    *,
    seed: int,
    first: int = 0,
    repeats: int = 0,
    threads: int | None = None,
) -> Histories:
    """Run the members with these parameters.

    Parameters
    ----------
    scenario : YearsScenario
    given : Given or sequence of Given
        Imposed outcomes, the same for all or one for each member.
    values : float array (members, parameters)
        See `YearsScenario.draw`.
    seed : int
    first : int
        Index of the first member, part of the random key.
    repeats : int
        See `qantar.model.month.run_history`.
    threads : int, optional
        Worker threads, by default one per core. The result does not depend on it.
    """
    past, switches, institutions = scenario.past, scenario.switches(), scenario.institutions
    changed, reform = scenario.after_reforms(values)
    later = max(past.months - past.dated_months, 0)
    capacity = past.trigger_count + len(FRAMES) * later + 1

    def one(number: int) -> Recorded:
        recorded = blank_record(past, capacity)
        history = History(
            key_of(seed, first + number),
            parameter_record(values[number]),
            parameter_record(changed[number]),
            reform,
            switches,
            given if isinstance(given, Given) else given[number],
        )
        own = initial_institutions(institutions, recorded.log)
        state = initial_state(past.region_count)
        run_history(state, past, institutions, own, history, recorded, repeats)
        return recorded

    return _stacked(list(in_order(one, len(values), threads)), first)


def joined(parts: list[Histories]) -> Histories:
    """Return the records of several batches of members as one."""
    return Histories(
        **{name: np.concatenate([vars(part)[name] for part in parts]) for name in vars(parts[0])}
    )


def _stacked(records: list[Recorded], first: int) -> Histories:
    waves, out, events = [], [], []
    for number, record in enumerate(records):
        count = int(record.waves.used[0])
        rows = np.empty((count, 1 + len(WAVE_COLUMNS)), np.float32)
        rows[:, 0] = first + number
        rows[:, 1:] = record.waves.values[:count]
        waves.append(rows)
        out.append(record.waves.regions_out[:count] > 0)
        logged = record.log.rows[: min(record.log.used[0], len(record.log.rows))]
        events.append(np.insert(logged, 0, first + number, axis=1))
    return Histories(
        np.stack([record.country for record in records]),
        np.stack([record.regions for record in records]),
        np.stack([record.published for record in records]),
        np.concatenate(waves),
        np.concatenate(out),
        np.stack([record.tally.astype(np.float32) for record in records]),
        np.concatenate(events),
    )
