"""``qantar compare --from-scratch``: calibrate all accounts, compare them, test the methods."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import typer

from qantar.analysis.compare.archive import POSTERIORS, archive_metadata
from qantar.analysis.compare.comparison import Comparison, compare
from qantar.analysis.compare.posterior_predictive import (
    comparators,
    folds_of,
    score_posterior_predictive,
)
from qantar.analysis.compare.validation import COMMITTEE
from qantar.analysis.inference.calibration import prior_runs
from qantar.analysis.inference.design import QUICK, Design, TaskRunner
from qantar.analysis.inference.posteriors import write_posterior
from qantar.analysis.inference.problem import InferenceProblem, fitted_on, load_problem, runs_of
from qantar.analysis.inference.summary import prior_check
from qantar.base.checkpoints import Workbook
from qantar.base.errors import QantarError
from qantar.base.parallel import TaskPool, open_pool
from qantar.cli.compare_output import Finished, Order, finish, warn_forbidden
from qantar.cli.output import resumable, unfinished_folder
from qantar.cli.progress import (
    StagedTaskRunner,
    check_libraries,
    count_stages,
    seconds_per_simulation,
)
from qantar.packs.account import list_accounts

PROBES = 20
"""Simulations that measure how long one takes."""


def design_of(*, quick: bool, seed: int | None) -> Design:
    """Return the design that ``--quick`` and ``--seed`` select."""
    design = QUICK if quick else Design()
    return design if seed is None else replace(design, seed=seed)


def compare_from_scratch(order: Order, design: Design, *, resume: bool, dry_run: bool) -> None:
    """Repeat the whole comparison, and write and print the results.

    Parameters
    ----------
    order : Order
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
    cases = order.chosen or order.cases(list_accounts(order.country))
    if len(cases) < 2:
        raise QantarError(
            f"{order.pack} has {len(cases)} account", expected="at least two to compare"
        )
    if dry_run:
        typer.echo(_expectation(order, cases, design))
        return
    check_libraries("a comparison from scratch", ("sklearn",))
    own = archive_metadata(
        order.country, order.episode, [case.account_or_file for case in cases], design
    )
    unfinished = unfinished_folder(order.destination)
    plan = {"what": "comparison", **own.__dict__, "accounts": list(own.accounts)}
    book = Workbook(unfinished, plan, resume=resume)
    with resumable(order.console, unfinished), open_pool(order.pool_settings) as pool:
        runner = StagedTaskRunner(pool, book, console=order.console, stages=count_stages(design))
        prior = prior_runs(runner, cases, design)
        for case in cases:  # print excluded facts before the long work, not after it
            check = prior_check(case, prior[case]).assign(account=case.account)
            warn_forbidden(order, check, case)
        found = compare(runner, cases, design)  # loads the runs from the prior out of the book
        held = _scores_on_held_facts(pool, found, cases, design)

    def write_posteriors(folder: Path) -> None:
        for calibration in found.found.values():
            write_posterior(folder / POSTERIORS, calibration, design=design)

    done = Finished(
        found, own, held, design.predict, design.seed, [], started, clock, more=write_posteriors
    )
    finish(order, done)
    shutil.rmtree(unfinished, ignore_errors=True)


def _scores_on_held_facts(
    pool: TaskPool, found: Comparison, cases: Sequence[InferenceProblem], design: Design
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


def _expectation(order: Order, cases: Sequence[InferenceProblem], design: Design) -> str:
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
    minutes = each * work.simulations / order.pool_settings.workers / 60
    return (
        f"From scratch: {len(cases)} accounts, {work.simulations:,} simulations of {each:.3f} "
        f"seconds, about {minutes:.0f} minutes with {order.pool_settings.workers} at work; then "
        f"{work.tasks:,} pieces of inference, which are not measured here. "
        f"Results go to {order.destination}."
    )
