"""``qantar compare --from-scratch``: calibrate all accounts, compare them, test the methods.

The options and the printed output, which are the same for a shipped comparison, are here too.
"""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import typer
from rich.console import Console
from rich.text import Text

from qantar.analysis.compare.archive import POSTERIORS, archive_metadata
from qantar.analysis.compare.comparison import Comparison as ComparisonResult
from qantar.analysis.compare.comparison import compare
from qantar.analysis.compare.posterior_predictive import (
    comparators,
    folds_of,
    score_posterior_predictive,
)
from qantar.analysis.compare.validation import COMMITTEE
from qantar.analysis.inference.calibration import prior_runs
from qantar.analysis.inference.calibration_design import Design, TaskRunner
from qantar.analysis.inference.posteriors import write_posterior
from qantar.analysis.inference.problem import InferenceProblem, fitted_on, load_problem, runs_of
from qantar.analysis.inference.summary import prior_check
from qantar.analysis.manifest import list_names
from qantar.api.comparison import HELD, PAGE, Comparison
from qantar.base.checkpoints import Workbook
from qantar.base.errors import QantarError
from qantar.base.parallel import PoolSettings, TaskPool, open_pool
from qantar.cli.console import print_json, table
from qantar.cli.output import (
    StagedTaskRunner,
    count_stages,
    resumable,
    seconds_per_simulation,
    unfinished_folder,
)
from qantar.packs.account import list_accounts
from qantar.packs.country import Country
from qantar.reports.comparison.summary import (
    HEADINGS,
    NUMBERS,
    account_cells,
    caption,
    excluded_lines,
    summary_lines,
)
from qantar.reports.phrases import subject

PRINTED_TABLES = ("accounts", "pairs", "methods", "hindsight", HELD)
"""Tables that ``--json`` prints; the results folder has all of them."""

WIDEST = 100
"""Most columns of the printed results."""


@dataclass(frozen=True)
class ComparisonOptions:
    """The options of a comparison.

    Attributes
    ----------
    country : Country
    pack, episode : str
        `pack` as the user named it.
    chosen : tuple of InferenceProblem
        The accounts that were named; empty for all of the pack.
    pool_settings : PoolSettings
    destination : Path
        Folder of the results; does not exist.
    members : int
        Number of simulations of each prediction.
    console : Console
        Where progress and warnings are printed.
    as_json : bool
        Whether the results are printed as JSON.
    """

    country: Country
    pack: str
    episode: str
    chosen: tuple[InferenceProblem, ...]
    pool_settings: PoolSettings
    destination: Path
    members: int
    console: Console
    as_json: bool = False

    def cases(self, names: Sequence[str]) -> tuple[InferenceProblem, ...]:
        """Return accounts as inference problems of the episode."""
        return tuple(InferenceProblem(self.pack, self.episode, name) for name in names)


def warn_excluded(options: ComparisonOptions, check: pd.DataFrame, case: InferenceProblem) -> None:
    """Print which accounts exclude, by their prior, a fact that is used to fit.

    Parameters
    ----------
    options : ComparisonOptions
    check : DataFrame
        The table ``prior-check`` of all accounts.
    case : InferenceProblem
        Any of the accounts.
    """
    words = {t.target: subject(t) for t in load_problem(case).observations.targets}
    for line in excluded_lines(check, words):
        options.console.print(Text(line, style="yellow"), soft_wrap=True)


def warn_stale(console: Console, changed: Sequence[str]) -> None:
    """Warn that the results are out of date, if any input changed."""
    if changed:
        text = (
            "OUT OF DATE: inputs have changed since this comparison was made: "
            f"{list_names(changed)}. Repeat it with --from-scratch before you rely on it."
        )
        console.print(Text(text, style="bold red"), soft_wrap=True)


def print_comparison(options: ComparisonOptions, found: Comparison) -> None:
    """Print the results of a comparison whose folder has been written."""
    if options.as_json:
        print_json(
            {
                "episode": found.episode,
                "pack": found.metadata.pack,
                "verdict": found.verdict.replace("`", ""),
                "undecided": found.undecided,
                "accounts": found.accounts,
                "members": found.members,
                "seed": found.seed,
                "stale": found.stale,
                "results": options.destination,
                "tables": {name: found.tables[name].to_dict("records") for name in PRINTED_TABLES},
            }
        )
        return
    screen = Console(highlight=False)  # as wide as the terminal, or 80 columns in a pipe
    screen.width = min(screen.width, WIDEST)
    screen.print(Text(found.verdict, style="bold"))
    rows = account_cells(found.shown)
    screen.print(table("", HEADINGS, rows, width=screen.width, right=NUMBERS))
    for line in (caption(found.shown), *summary_lines(found.shown)):
        screen.print(Text(line.replace("\u00a0", " ")))
    screen.print(f"Report: {options.destination / PAGE}", soft_wrap=True)


PROBES = 20
"""Simulations that measure how long one takes."""


def compare_from_scratch(
    options: ComparisonOptions, design: Design, *, resume: bool, dry_run: bool
) -> None:
    """Repeat the whole comparison, and write and print the results.

    Parameters
    ----------
    options : ComparisonOptions
    design : Design
    resume : bool
        Whether to continue an interrupted comparison.
    dry_run : bool
        Whether only to print how long it takes.

    Raises
    ------
    QantarError
        If there are fewer than two accounts, or one cannot be run.
    OutputError
        If an interrupted comparison has another plan, or a file cannot be written.
    """
    started, clock = dt.datetime.now(dt.UTC), time.perf_counter()
    cases = options.chosen or options.cases(list_accounts(options.country))
    if len(cases) < 2:
        raise QantarError(
            f"{options.pack} has {len(cases)} account", expected="at least two to compare"
        )
    if dry_run:
        typer.echo(_expectation(options, cases, design))
        return
    own = archive_metadata(
        options.country, options.episode, [case.account_or_file for case in cases], design
    )
    unfinished = unfinished_folder(options.destination)
    plan = {"what": "comparison", **own.__dict__, "accounts": list(own.accounts)}
    book = Workbook(unfinished, plan, resume=resume)
    with resumable(options.console, unfinished), open_pool(options.pool_settings) as pool:
        runner = StagedTaskRunner(pool, book, console=options.console, stages=count_stages(design))
        prior = prior_runs(runner, cases, design)
        # Print excluded facts before the long work, not after it.
        checks = [prior_check(case, prior[case]).assign(account=case.account) for case in cases]
        warn_excluded(options, pd.concat(checks, ignore_index=True), cases[0])
        result = compare(runner, cases, design)  # loads the prior runs from the workbook
        held = _scores_on_held_facts(pool, result, cases, design)

    def write_posteriors(folder: Path) -> None:
        for calibration in result.found.values():
            write_posterior(folder / POSTERIORS, calibration, design=design)

    found = Comparison(
        options.country,
        result,
        own,
        cases,
        held,
        design.predict,
        design.seed,
        started=started,
        wall_seconds=time.perf_counter() - clock,
    )
    found.save(options.destination, more=write_posteriors)
    print_comparison(options, found)
    shutil.rmtree(unfinished, ignore_errors=True)


def _scores_on_held_facts(
    pool: TaskPool, found: ComparisonResult, cases: Sequence[InferenceProblem], design: Design
) -> pd.DataFrame:
    """Return scores on facts held back, of the accounts and of the ensembles they compete with."""
    scores = found.tables["scores"].assign(belief="posterior")
    others = comparators(cases)
    if others:
        more = score_posterior_predictive(
            TaskRunner(pool), others, members=design.predict, seed=design.seed
        )
        scores = pd.concat([scores, more], ignore_index=True)
    return scores[["account", "belief", *(c for c in scores if c not in ("account", "belief"))]]


@dataclass(frozen=True)
class Extent:
    """Amount of work of a comparison from scratch.

    Attributes
    ----------
    simulations : int
        Number of simulations, over all accounts.
    tasks : int
        Number of inference tasks: emulators, posteriors, trials.
    """

    simulations: int
    tasks: int


def extent(design: Design, accounts: int, folds: int) -> Extent:
    """Return the amount of work of a comparison.

    Parameters
    ----------
    design : Design
    accounts, folds : int
        Number of accounts, and of folds of the cross-validation.
    """
    judged = design.judges * (design.judge_passes + 1)
    trying = accounts + 2  # as many parts of data as accounts, and two recoveries of truth
    return Extent(
        accounts * (design.simulations + judged),
        accounts * (design.inferences + trying + folds) + COMMITTEE,
    )


def _expectation(
    options: ComparisonOptions, cases: Sequence[InferenceProblem], design: Design
) -> str:
    """Return how much work there is and how long it takes, measured on a few simulations."""
    at, fit = load_problem(cases[0]), fitted_on(cases[0])
    folds = len(folds_of(at.observations.targets, fit, at.layout))
    work = extent(design, len(cases), folds)
    tables: dict[InferenceProblem, Any] = {
        case: load_problem(case).prior(design.seed, PROBES) for case in cases
    }

    def simulate(count: int) -> None:
        for number in range(count):  # the accounts in turn
            case = cases[number % len(cases)]
            runs_of(case, np.asarray(tables[case][number : number + 1]), design.seed, number)

    each = seconds_per_simulation(simulate, PROBES)
    workers = options.pool_settings.workers
    minutes = each * work.simulations / workers / 60
    return (
        f"From scratch: {len(cases)} accounts, {work.simulations:,} simulations of {each:.3f} "
        f"seconds, about {minutes:.0f} minutes with {workers} "
        f"{'worker' if workers == 1 else 'workers'}; then {work.tasks:,} inference tasks, which "
        f"are not timed here. "
        f"Results go to {options.destination}."
    )
