"""Packages of reforms compared with doing nothing: every rival law, the prior beside, twins.

A chance of a wave never stands alone here. `Answer` holds the chance with and without a package
under the fit of one law, and the same two under that law's prior; a table has every law asked for.
What holds under all of them is worked out in `verdicts`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qantar.analysis.years.futures import standard_error
from qantar.analysis.years.reforms import TOLD_APART
from qantar.analysis.years.run import Job, plan_of, scenario_of
from qantar.analysis.years.scopes import SCOPES, scope_of
from qantar.base.arrays import Numbers
from qantar.base.checkpoints import Workbook
from qantar.base.errors import QantarError
from qantar.base.parallel import InProcessPool, Result, Task, TaskPool, run_tasks
from qantar.packs.country import Country
from qantar.packs.years import load_years
from qantar.simulate.years.histories import run_histories
from qantar.simulate.years.inputs import dated_months, given_outcomes, month_index
from qantar.simulate.years.packages import Package
from qantar.simulate.years.scenario import FULL, YearsScenario, make_years_scenario

BATCH = 100
"""Members of a task."""

ASKED = ("several", "wide", "national")
"""Scopes of which chances are given: that or a wider one."""

HORIZONS = ("2027", "2032", "2035")
"""Years by the end of which a wave may come."""


@dataclass(frozen=True)
class Estimate:
    """A chance and its standard error of sampling by members."""

    value: float
    error: float


@dataclass(frozen=True)
class Answer:
    """What a package does to the chance of a wave, under one law.

    The answer of the prior belongs to it: data that inform little leave the prior's own answer,
    and a reader must be able to see that.

    Attributes
    ----------
    package, law, split : str
        ``split`` is the fit: `FULL`, or one without a wave.
    scope, until : str
        A wave of this scope or a wider one, by the end of this year.
    without, change : Estimate
        The chance with nothing changed, and what the package adds to it; by pairs of members.
    prior_without, prior_change : Estimate
        The same under the prior of the law alone.
    """

    package: str
    law: str
    split: str
    scope: str
    until: str
    without: Estimate
    change: Estimate
    prior_without: Estimate
    prior_change: Estimate

    @property
    def told(self) -> str:
        """Sign of the change, ``0`` if it is exactly none, empty if it cannot be told from none."""
        return sign_of(self.change)


def sign_of(change: Estimate) -> str:
    """Return ``+`` or ``-``; ``0`` for no change at all, empty for one that is not told apart."""
    if change.value == 0.0:
        return "0"
    if abs(change.value) < TOLD_APART * change.error:
        return ""
    return "+" if change.value > 0 else "-"


@dataclass(frozen=True)
class PackageStudy:
    """Packages compared with doing nothing.

    Attributes
    ----------
    plan : PackagePlan
    answers : tuple of Answer
    """

    plan: PackagePlan
    answers: tuple[Answer, ...]

    def table(self) -> pd.DataFrame:
        """Return the answers, a row each."""
        rows = []
        for each in self.answers:
            row: dict[str, Any] = {
                "package": each.package,
                "law": each.law,
                "fit": each.split,
                "scope": each.scope,
                "until": each.until,
            }
            for name in ("without", "change", "prior_without", "prior_change"):
                estimate = getattr(each, name)
                row |= {name: estimate.value, f"{name}_error": estimate.error}
            rows.append(row | {"told": each.told})
        return pd.DataFrame(rows)

    def verdicts(self) -> pd.DataFrame:
        """Return what holds under all laws and fits: package, scope, until, lowest, highest, holds.

        ``lowest`` and ``highest`` are of the changes over laws and fits. ``holds`` says under how
        many of them the change is told from none, and whether the signs agree.
        """
        rows = []
        for package in self.plan.packages:
            for scope in ASKED:
                for until in self.horizons:
                    found = [
                        each
                        for each in self.answers
                        if (each.package, each.scope, each.until) == (package, scope, until)
                    ]
                    changes = [each.change.value for each in found]
                    rows.append(
                        {
                            "package": package,
                            "scope": scope,
                            "until": until,
                            "lowest": min(changes),
                            "highest": max(changes),
                            "holds": holds([each.told for each in found]),
                        }
                    )
        return pd.DataFrame(rows)

    @property
    def horizons(self) -> tuple[str, ...]:
        """Years of the answers."""
        return tuple(dict.fromkeys(each.until for each in self.answers))


def holds(signs: Sequence[str]) -> str:
    """Return in words how far the signs of all laws and fits agree."""
    count, up, down = len(signs), signs.count("+"), signs.count("-")
    if signs.count("0") == count:
        return "no history differs from its twin"
    if up and down:
        return f"depends on the law: more in {up}, less in {down} of {count}"
    if not up and not down:
        return "cannot be told from no change"
    direction, number = ("more", up) if up else ("less", down)
    if number == count:
        return f"{direction} under every law"
    return f"{direction} in {number} of {count}, not told in the others"


World = tuple[str, str, str]
"""Package, law, and fit (or `PRIOR`)."""

PRIOR = "prior"


@dataclass(frozen=True)
class PackagePlan:
    """What is to be compared.

    Attributes
    ----------
    country : Country
    packages : dict of Package
        By name.
    laws, splits : tuple of str
        Rival laws; fits: `FULL`, and those without a wave.
    until : str
        Last year.
    members, seed : int
    worlds : dict
        For every package, law and fit the job with and the one without the package.
    """

    country: Country
    packages: dict[str, Package]
    laws: tuple[str, ...]
    splits: tuple[str, ...]
    until: str
    members: int
    seed: int
    worlds: dict[World, tuple[Job, Job]]

    @property
    def jobs(self) -> list[Job]:
        """The jobs, each once: packages share a history with nothing changed."""
        return list(dict.fromkeys(job for pair in self.worlds.values() for job in pair))

    @property
    def histories(self) -> int:
        """Number of histories to run."""
        return self.members * len(self.jobs)

    def plain(self) -> dict[str, Any]:
        """Return all that the result depends on, as plain values."""
        return {
            "pack": self.country.header.name,
            "pack_fingerprint": self.country.fingerprint,
            "packages": {name: list(each.reforms) for name, each in self.packages.items()},
            "laws": list(self.laws),
            "fits": list(self.splits),
            "until": self.until,
            "members": self.members,
            "seed": self.seed,
        }


def plan_packages(
    country: Country,
    packages: dict[str, Package],
    *,
    laws: Sequence[str],
    until: str = HORIZONS[-1],
    splits: Sequence[str] = (FULL,),
    members: int = 200,
    seed: int = 1,
) -> PackagePlan:
    """Return what is to be run.

    Parameters
    ----------
    splits : sequence of str
        A law that lacks one of these fits is left out there.

    Raises
    ------
    QantarError
        If no package is given, or a reform contradicts another or begins outside the years.
    UnknownNameError
        If there is no such law.
    """
    if not packages:
        raise QantarError("no package is given", hint="qantar list packages shows them")
    _data.cache_clear()  # a pack may have changed since the last comparison
    worlds = _worlds(country, packages, laws, until, splits, seed)
    return PackagePlan(country, packages, tuple(laws), tuple(splits), until, members, seed, worlds)


def run_packages(
    plan: PackagePlan,
    *,
    pool: TaskPool | None = None,
    book: Workbook | None = None,
    report: Callable[[int], None] | None = None,
) -> PackageStudy:
    """Compare packages with doing nothing, under every law and its prior, with the same luck.

    Parameters
    ----------
    plan : PackagePlan
    pool : TaskPool, optional
    book : Workbook, optional
        Where finished batches are kept.
    report : callable, optional
        Called with the number of histories just finished.
    """
    jobs = plan.jobs
    firsts = range(0, plan.members, BATCH)
    tasks = [
        Task(
            f"{number:03d}-{first:06d}",
            first_waves,
            (job, first, min(first + BATCH, plan.members)),
            min(BATCH, plan.members - first),
        )
        for number, job in enumerate(jobs)
        for first in firsts
    ]
    results = run_tasks(tasks, pool or InProcessPool(), book, report)
    found = {}
    for k, job in enumerate(jobs):
        batches = results[k * len(firsts) : (k + 1) * len(firsts)]
        found[job] = np.concatenate([each["first"] for each in batches])
    return PackageStudy(plan, tuple(_answers(plan, found)))


def _worlds(
    country: Country,
    packages: dict[str, Package],
    laws: Sequence[str],
    until: str,
    splits: Sequence[str],
    seed: int,
) -> dict[World, tuple[Job, Job]]:
    """Return for every package, law and fit the job with and without the package."""
    found: dict[World, tuple[Job, Job]] = {}
    for name, package in packages.items():
        for law in laws:
            for split in (*splits, PRIOR):
                scenario = _scenario(country, package, law, until, split)
                if scenario is None:
                    continue
                plan = plan_of(scenario, seed)
                without = plan["without"]
                if _after_the_record(scenario):
                    # Nothing is left of a record that has ended, so one twin serves all packages.
                    without = replace(without, leaving=(), leaves=None)
                found[name, law, split] = (plan["outlook"], without)
    return found


def _scenario(
    country: Country, package: Package, law: str, until: str, split: str
) -> YearsScenario | None:
    """Return the scenario of a package; None if the law was not fitted without that wave."""
    alone = split == PRIOR
    try:
        return make_years_scenario(
            country.folder,
            like=_data(str(country.folder), until),
            law=law,
            until=until,
            reforms=package.reforms,
            belief="prior" if alone else "posterior",
            split=FULL if alone else split,
        )
    except QantarError as error:
        if split in (FULL, PRIOR) or "has no fit" not in str(error):
            raise
        return None


@lru_cache(maxsize=1)
def _data(pack: str, until: str) -> YearsScenario:
    """Return a scenario whose data all jobs of a comparison share."""
    return make_years_scenario(pack, until=until, belief="prior")


def _after_the_record(scenario: YearsScenario) -> bool:
    """Return whether the reforms begin when the record of every part has ended."""
    given = scenario.institutions
    ends = max(part.record_months for part in given)
    begins = min(month_index(scenario.years, each.begins) for each in scenario.reforms.values())
    return begins >= max(ends, dated_months(scenario.years))


def first_waves(job: Job, first: int, last: int) -> Result:
    """Run members of a job; return the month of the first wave of every scope after the dated ones.

    Returns
    -------
    dict
        ``first``: float array (members, scopes), infinite where none comes.
    """
    scenario = scenario_of(job, _data(job.pack, job.until))
    given = given_outcomes(scenario.country, scenario.years, job.observed_to)
    values = scenario.draw(job.seed, first, last)
    histories = run_histories(scenario, given, values, seed=job.seed, first=first)
    month, member = histories.wave("month"), histories.wave("member").astype(int) - first
    scope = scope_of(histories.wave("regions"), len(scenario.country.regions))
    start = dated_months(scenario.years)
    found = np.full((last - first, len(ASKED)), np.inf)
    for k, name in enumerate(ASKED):
        chosen = (scope >= SCOPES.index(name)) & (month >= start)
        np.minimum.at(found[:, k], member[chosen], month[chosen])
    return {"first": found}


def _answers(plan: PackagePlan, found: dict[Job, NDArray[np.float64]]) -> list[Answer]:
    """Return the answers by package, law, fit, scope and year."""
    rows, years = [], load_years(plan.country)
    for (package, law, split), pair in plan.worlds.items():
        if split == PRIOR:
            continue
        prior = plan.worlds[package, law, PRIOR]
        for k, scope in enumerate(ASKED):
            for year in _horizons(plan.until):
                end = month_index(years, f"{year}-12"[: len("YYYY-MM")]) + 1
                own, beside = (_pair(found, each, k, end) for each in (pair, prior))
                rows.append(Answer(package, law, split, scope, year, *own, *beside))
    return rows


def _horizons(until: str) -> tuple[str, ...]:
    """Return the years of the answers: those asked for that are in the run, and its end."""
    return tuple(dict.fromkeys([*(year for year in HORIZONS if year < until), until]))


def _pair(
    found: dict[Job, NDArray[np.float64]], pair: tuple[Job, Job], scope: int, end: int
) -> tuple[Estimate, Estimate]:
    """Return the chance without a package by a month, and the change by pairs of members."""
    with_it, without = ((found[job][:, scope] < end).astype(np.float64) for job in pair)
    return _chance(without), paired_change(with_it, without)


def _chance(happens: Numbers) -> Estimate:
    share = float(happens.mean())
    return Estimate(share, standard_error(share, len(happens)))


def paired_change(with_it: Numbers, without: Numbers) -> Estimate:
    """Return the mean difference over pairs, and its standard error.

    Equal pairs do not prove that there is no effect: unless all agree for every member of a long
    run, the error is that of a share of none (Jeffreys).
    """
    pairs = with_it - without
    error = float(pairs.std() / np.sqrt(len(pairs)))
    return Estimate(float(pairs.mean()), max(error, standard_error(0.0, len(pairs))))
