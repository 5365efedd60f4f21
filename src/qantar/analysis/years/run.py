"""Run the years: histories free of what happened, and histories that go on from it.

The *free* histories simulate every wave from the first month to the last dated one: they say if
the model would have got there. The *outlook* imposes what happened until then and goes on to the
last month asked for. Both have the same members, with the same parameters and the same luck.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from qantar.analysis.years.opening import OpenedWave, given_after
from qantar.base.checkpoints import Workbook
from qantar.base.parallel import InProcessPool, Result, Task, TaskPool, run_tasks
from qantar.model.months.declaration import Given
from qantar.simulate.years.histories import Histories, joined, run_histories
from qantar.simulate.years.inputs import ALWAYS, dated_months, given_outcomes
from qantar.simulate.years.scenario import (
    FULL,
    YearsBelief,
    YearsScenario,
    make_years_scenario,
)

BATCH = 100
"""Members of one batch, which is saved when it is finished."""


@dataclass(frozen=True)
class YearsRun:
    """A run of the years.

    Attributes
    ----------
    scenario : YearsScenario
    members, seed : int
    free : Histories
        To the last dated month, every wave simulated.
    outlook : Histories or None
        From what happened to the last month of the scenario; None if that is the last dated one.
    without : Histories or None
        The same outlook without the reforms; None if there are none.
    """

    scenario: YearsScenario
    members: int
    seed: int
    free: Histories
    outlook: Histories | None
    without: Histories | None

    def month_labels(self, histories: Histories) -> np.ndarray:
        """Return the months of histories: datetime64[M] array."""
        first = np.datetime64(self.scenario.years.header.first, "M")
        return first + np.arange(histories.country.shape[1])


@dataclass(frozen=True)
class Job:
    """What a batch of members needs, as plain values that can be sent to another process."""

    pack: str
    law: str
    until: str
    reforms: tuple[str, ...]
    belief: YearsBelief
    overrides: tuple[tuple[str, float], ...]
    seed: int
    observed_to: str | None
    leaving: tuple[str, ...] = ()
    leaves: str | None = None
    split: str = FULL


def run_years(
    scenario: YearsScenario,
    *,
    members: int = 200,
    seed: int = 1,
    pool: TaskPool | None = None,
    book: Workbook | None = None,
    report: Callable[[int], None] | None = None,
    opened: OpenedWave | None = None,
) -> YearsRun:
    """Run the years.

    Parameters
    ----------
    scenario : YearsScenario
    members, seed : int
    pool : TaskPool, optional
        Where batches run, by default in this process. The result does not depend on it.
    book : Workbook, optional
        Where finished batches are saved, so that a run can be resumed.
    report : callable, optional
        Called with the number of histories just finished.
    opened : OpenedWave, optional
        A wave run by the hour with as many members: the outlook goes on from its outcomes.

    Returns
    -------
    YearsRun
    """
    plans = plan_of(scenario, seed)
    hours = None if opened is None else given_after(scenario, opened)
    tasks = [
        Task(
            f"{part}-{first:06d}",
            run_batch,
            (job, first, min(first + BATCH, members), _given(job, hours, first)),
            min(BATCH, members - first),
        )
        for part, job in plans.items()
        for first in range(0, members, BATCH)
    ]
    results = run_tasks(tasks, pool or InProcessPool(), book, report)
    parts: dict[str, list[Histories]] = {part: [] for part in plans}
    for task, result in zip(tasks, results, strict=True):
        parts[task.name.rpartition("-")[0]].append(Histories(**result))
    found = {part: joined(batches) for part, batches in parts.items()}
    return YearsRun(
        scenario, members, seed, found["free"], found.get("outlook"), found.get("without")
    )


def plan_of(scenario: YearsScenario, seed: int) -> dict[str, Job]:
    """Return the jobs of a run by the names of its parts."""
    job = Job(
        str(scenario.country.folder),
        scenario.law_name,
        min(scenario.years.header.observed_until, scenario.until),
        tuple(scenario.reforms),
        scenario.belief,
        tuple((n.name, n.value) for n in scenario.numbers if n.name in scenario.overridden),
        seed,
        None,
        split=scenario.split,
    )
    plans = {"free": replace(job, reforms=())}
    begins = min((reform.begins for reform in scenario.reforms.values()), default=None)
    # A part of the state that a reform changes is drawn from then on; so it is in the history
    # without the reform, or the difference would be that of the record from its own law.
    left: dict[str, Any] = {"reforms": (), "leaving": scenario.reformed_parts, "leaves": begins}
    if scenario.months > dated_months(scenario.years):
        until = ALWAYS if begins is None else min(ALWAYS, begins)
        after = replace(job, until=scenario.until, observed_to=until)
        plans["outlook"] = after
        if scenario.reforms:
            plans["without"] = replace(after, **left)
    elif scenario.reforms:
        plans = {"free": job, "without": replace(plans["free"], **left)}
    return plans


def _given(job: Job, hours: list[Given] | None, first: int) -> list[Given] | None:
    """Return the outcomes of an opened wave for a batch; None where nothing is imposed."""
    if hours is None or job.observed_to is None:
        return None
    return hours[first : first + BATCH]


def scenario_of(job: Job, like: YearsScenario | None = None) -> YearsScenario:
    """Return the scenario of a job.

    Parameters
    ----------
    like : YearsScenario, optional
        Another one of the same pack and end, whose data are used.
    """
    return make_years_scenario(
        job.pack,
        law=job.law,
        until=job.until,
        reforms=job.reforms,
        belief=job.belief,
        overrides=dict(job.overrides),
        leaving=job.leaving,
        leaves=job.leaves,
        split=job.split,
        like=like,
    )


def run_batch(job: Job, first: int, last: int, hours: list[Given] | None = None) -> Result:
    """Run members `first` to before `last` of a job, and return the arrays of `Histories`.

    Parameters
    ----------
    hours : list of Given, optional
        Outcomes to impose for each member, in place of what happened.
    """
    scenario = scenario_of(job)
    happened = given_outcomes(scenario.country, scenario.years, job.observed_to)
    values = scenario.draw(job.seed, first, last)
    found = run_histories(
        scenario, hours or happened, values, seed=job.seed, first=first, threads=1
    )
    arrays: dict[str, Any] = found.arrays()
    return arrays
