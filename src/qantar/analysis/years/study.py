"""A run of the years with, beside a posterior, the same run under the prior alone.

A chance of something to come says little without the prior's own answer beside it, so both are
made together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from qantar.analysis.after.overview import AfterRecord, describe_after
from qantar.analysis.after.scorecard_polls import LINKS, polls_under
from qantar.analysis.after.scorecards import scores_under
from qantar.analysis.state.overview import StateRecord, describe_state
from qantar.analysis.years.futures import futures_table
from qantar.analysis.years.money import money_table
from qantar.analysis.years.opening import OpenedWave, open_wave
from qantar.analysis.years.run import YearsRun, plan_of, run_years
from qantar.analysis.years.tables import (
    country_table,
    monitor_table,
    region_table,
    trigger_table,
)
from qantar.analysis.years.targets import target_table
from qantar.base.checkpoints import Workbook
from qantar.base.compilation import source_fingerprint
from qantar.base.errors import QantarError
from qantar.base.parallel import TaskPool
from qantar.model.after.arenas import INDICES
from qantar.model.months.declaration import MONTHS_PER_YEAR
from qantar.packs.after.scorecards import load_scorecards
from qantar.packs.years_tables import first_day
from qantar.simulate.years.histories import Histories
from qantar.simulate.years.scenario import YearsScenario

PRIOR_ALONE = "prior alone"
"""What the run without any fit is called wherever a chance is shown."""

SCORED = (2023, 2025, 2030, 2035)
"""Years of which monitors and polls are shown with reforms, at their end."""

OWN, PRIOR = "run", "prior"
"""Folders of the two runs in a workbook."""


@dataclass(frozen=True)
class YearsStudy:
    """A run of the years and what the prior alone gives.

    Attributes
    ----------
    run : YearsRun
    prior : YearsRun or None
        The same run under the prior; None if the run itself is.
    opened : OpenedWave or None
        A wave run by the hour, from which the outlook goes on.
    """

    run: YearsRun
    prior: YearsRun | None
    opened: OpenedWave | None = None

    @property
    def scenario(self) -> YearsScenario:
        """What was run."""
        return self.run.scenario

    @property
    def parts(self) -> dict[str, Histories]:
        """The histories by name: ``free``, ``outlook`` and ``without``, those that there are."""
        run = self.run
        found = {"free": run.free, "outlook": run.outlook, "without": run.without}
        return {name: part for name, part in found.items() if part is not None}

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables ``country``, ``regions``, ``triggers``, ``monitors``, ``money``, ``futures``.

        ``country`` and ``regions`` have a column ``histories`` that names the part. ``futures`` is
        missing if the run ends with the dated months. ``targets`` is there if the pack has targets
        of the years; ``opened``, ``opened_conditions``, ``opened_scopes`` and ``from_years`` (as
        an episode reads it) if a wave was opened; ``scores`` and ``polls``, what monitors and polls
        would show with the reforms, if there are any and the pack has monitors.
        """
        run = self.run
        found = {
            "country": _by_part({k: country_table(run, part) for k, part in self.parts.items()}),
            "regions": _by_part({k: region_table(run, part) for k, part in self.parts.items()}),
            "triggers": trigger_table(run),
            "monitors": monitor_table(run),
            "money": money_table(run),
        }
        targets = target_table(run)
        if not targets.empty:
            found["targets"] = targets
        if self.opened is not None:
            found["opened"] = self.opened.table()
            found["opened_conditions"] = self.opened.conditions
            found["from_years"] = self.opened.from_years_table()
            found["opened_scopes"] = self.opened.agreement()
        if run.outlook is not None:
            found["futures"] = futures_table(run, self.prior)
        return found | self._monitors_later()

    def _monitors_later(self) -> dict[str, pd.DataFrame]:
        """Return what monitors and polls would show with the reforms; nothing without reforms."""
        run, country = self.run, self.scenario.country
        if run.outlook is None or run.without is None or load_scorecards(country) is None:
            return {}
        first, months = self.scenario.years.header.first, self.scenario.months
        last = (int(first[:4]) * MONTHS_PER_YEAR + int(first[5:]) - 1 + months) // MONTHS_PER_YEAR
        years = [year for year in SCORED if year < last]
        if not years:
            return {}
        own, other = (
            {name: part.series(name).astype(np.float64) for name in INDICES}
            for part in (run.outlook, run.without)
        )
        polled = {name: run.outlook.series(name).astype(np.float64) for name in LINKS.values()}
        return {
            "scores": scores_under(country, own, first, without=other, years=years),
            "polls": polls_under(country, polled, first, years),
        }

    @cached_property
    def state(self) -> StateRecord | None:
        """The state of the pack: record, checks, laws of events; None if it has no such part."""
        return describe_state(self.scenario.country, self.scenario.years)

    @cached_property
    def after(self) -> AfterRecord | None:
        """The time after a crisis and the world outside; None if the pack has no such part."""
        return describe_after(self.scenario.country, self.scenario.years)

    @cached_property
    def prior_triggers(self) -> pd.DataFrame:
        """The table of triggers under the prior alone."""
        return self.tables["triggers"] if self.prior is None else trigger_table(self.prior)


def run_study(
    scenario: YearsScenario,
    *,
    members: int = 200,
    seed: int = 1,
    pool: TaskPool | None = None,
    folder: Path | None = None,
    resume: bool = False,
    report: Callable[[int], None] | None = None,
    open_trigger: str | None = None,
) -> YearsStudy:
    """Run the years, and beside a posterior the prior alone.

    Parameters
    ----------
    scenario : YearsScenario
    members, seed : int
    pool : TaskPool, optional
        Where batches run, by default in this process. The result does not depend on it.
    folder : Path, optional
        Where finished batches are saved.
    resume : bool
        Whether to go on with what is in that folder.
    report : callable, optional
        Called with the number of histories just finished.
    open_trigger : str, optional
        A dated trigger that is run by the hour, from what the years leave behind.

    Returns
    -------
    YearsStudy

    Raises
    ------
    QantarError
        If there are no members.
    OutputError
        If the folder exists and is not to be resumed, or was made with other choices.
    """
    if members < 1:
        raise QantarError(f"{members} members give no result", expected="1 or more")
    _ = scenario.past  # raises now what would stop the work later
    opened = None
    if open_trigger is not None:
        opened = open_wave(scenario, open_trigger, members=members, seed=seed)
    scenarios = {OWN: scenario}
    if scenario.belief != "prior":
        scenarios[PRIOR] = replace(scenario, belief="prior")
    books: dict[str, Workbook | None] = dict.fromkeys(scenarios)
    if folder is not None:
        for name, each in scenarios.items():
            plan = study_plan(each, members, seed) | {"open": open_trigger}
            books[name] = Workbook(folder / name, plan, resume=resume)
    runs = {
        name: run_years(
            each,
            members=members,
            seed=seed,
            pool=pool,
            book=books[name],
            report=report,
            opened=opened,
        )
        for name, each in scenarios.items()
    }
    return YearsStudy(runs[OWN], runs.get(PRIOR), opened)


def histories_to_run(scenario: YearsScenario, members: int) -> int:
    """Return how many histories `run_study` simulates."""
    return len(plan_of(scenario, 0)) * members * (1 if scenario.belief == "prior" else 2)


def study_plan(scenario: YearsScenario, members: int, seed: int) -> dict[str, Any]:
    """Return everything that the histories depend on, as a workbook's plan."""
    return {
        "work": "years",
        **choices_of(scenario, members, seed),
        "pack_fingerprint": scenario.country.fingerprint,
        "model": source_fingerprint(),
        "qantar_version": version("qantar"),
    }


def choices_of(scenario: YearsScenario, members: int, seed: int) -> dict[str, Any]:
    """Return what the user chose, in full."""
    return {
        "pack": scenario.country.header.name,
        "law": scenario.law_name,
        "belief": scenario.belief,
        "members": members,
        "seed": seed,
        "until": scenario.until,
        "reforms": list(scenario.reforms),
        "overrides": {n.name: n.value for n in scenario.numbers if n.name in scenario.overridden},
    }


def check_since(scenario: YearsScenario, since: int | None) -> int:
    """Return the first year that is shown, by default the first one of the pack.

    Raises
    ------
    QantarError
        If it is not one of the free histories, which end with the dated months at the latest.
    """
    first = first_day(scenario.years.header.first).year
    last = min(first_day(scenario.until), first_day(scenario.years.header.observed_until)).year
    if since is None:
        return first
    if not first <= since <= last:
        raise QantarError(
            f"the years cannot be shown from {since} on", expected=f"{first} to {last}"
        )
    return since


def _by_part(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    parts = [table.assign(histories=name) for name, table in tables.items()]
    found = pd.concat(parts, ignore_index=True)
    return found[["histories", *found.columns.drop("histories")]]
