"""``qantar compare --from-scratch``: calibrate every account, compare them, try the methods."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import typer

from qantar.analysis.compare.archive import POSTERIORS, about
from qantar.analysis.compare.comparison import Comparison, compare
from qantar.analysis.compare.posterior_predictive import comparators, folds_of, predict_anew
from qantar.analysis.compare.validation import COMMITTEE
from qantar.analysis.inference.calibration import prior_runs
from qantar.analysis.inference.design import QUICK, Design, Desk
from qantar.analysis.inference.posteriors import write_posterior
from qantar.analysis.inference.problem import Case, fitted_on, opened, runs_of
from qantar.analysis.inference.summary import prior_check
from qantar.base.checkpoints import Workbook
from qantar.base.errors import QantarError
from qantar.base.parallel import TaskPool, open_pool
from qantar.cli.compare_output import Finished, Order, finish, warn_forbidden
from qantar.cli.output import resumable, unfinished_folder
from qantar.cli.progress import StagedDesk, check_libraries, stages_of
from qantar.packs.account import list_accounts

PROBES = 20
"""Runs that measure how long one takes."""


def design_of(*, quick: bool, seed: int | None) -> Design:
    """Return the design that is asked for."""
    design = QUICK if quick else Design()
    return design if seed is None else replace(design, seed=seed)


def compare_from_scratch(order: Order, design: Design, *, resume: bool, dry_run: bool) -> None:
    """Compare accounts anew, write and show the results.

    Parameters
    ----------
    order : Order
    design : Design
    resume : bool
        Whether to go on with what an interrupted comparison left.
    dry_run : bool
        Whether only to say how long it takes.

    Raises
    ------
    QantarError
        If there are fewer than two accounts, or one cannot be run.
    OutputError
        If what an interrupted comparison left has another plan, or the disk refuses.
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
    own = about(order.country, order.episode, [case.account_or_file for case in cases], design)
    unfinished = unfinished_folder(order.destination)
    plan = {"what": "comparison", **own.__dict__, "accounts": list(own.accounts)}
    book = Workbook(unfinished, plan, resume=resume)
    with resumable(order.console, unfinished), open_pool(order.pool_settings) as pool:
        found = _compared(order, pool, book, cases, design)
        held = _held(order, pool, found, cases, design)
    done = Finished(found, own, held, design.predict, design.seed, [], started, clock)
    finish(order, replace(done, more=partial(_write_posteriors, found, design)))
    shutil.rmtree(unfinished, ignore_errors=True)


def _compared(
    order: Order, pool: TaskPool, book: Workbook, cases: Sequence[Case], design: Design
) -> Comparison:
    """Compare with a bar for every stage, and tell of forbidden facts before the long work."""
    desk = StagedDesk(pool, book, console=order.console, stages=stages_of(design))
    prior = prior_runs(desk, cases, design)
    for case in cases:
        check = prior_check(case, prior[case]).assign(account=case.account)
        warn_forbidden(order, check, case)
    return compare(desk, cases, design)  # loads the runs from the prior out of the book


def _held(
    order: Order, pool: TaskPool, found: Comparison, cases: Sequence[Case], design: Design
) -> pd.DataFrame:
    """Return scores on facts held back, those of the default ensemble beside the accounts'."""
    scores = found.tables["scores"].assign(belief="posterior")
    beside = comparators(cases)
    if beside:
        desk = Desk(pool)
        more = predict_anew(desk, beside, members=design.predict, seed=design.seed)
        scores = pd.concat([scores, more], ignore_index=True)
    return scores[["account", "belief", *(c for c in scores if c not in ("account", "belief"))]]


def _write_posteriors(found: Comparison, design: Design, folder: Path) -> None:
    for calibration in found.found.values():
        write_posterior(folder / POSTERIORS, calibration, design=design)


@dataclass(frozen=True)
class Extent:
    """How much work a comparison from scratch is.

    Attributes
    ----------
    simulations : int
        Runs of the model, over all accounts.
    tasks : int
        Pieces of inference: emulators, posteriors, trials.
    """

    simulations: int
    tasks: int


def extent(design: Design, accounts: int, folds: int) -> Extent:
    """Return how much work a comparison is.

    Parameters
    ----------
    design : Design
    accounts, folds : int
        How many there are.
    """
    judged = design.judges * (design.judge_passes + 1)
    trying = accounts + 2  # as many parts of data as accounts, and two recoveries of truth
    return Extent(
        accounts * (design.simulations + judged),
        accounts * (design.inferences + trying + folds) + COMMITTEE,
    )


def _expectation(order: Order, cases: Sequence[Case], design: Design) -> str:
    """Return how much work there is and how long the runs take, measured on a few."""
    at, fit = opened(cases[0]), fitted_on(cases[0])
    folds = len(folds_of(at.observations.targets, fit, at.layout))
    work = extent(design, len(cases), folds)
    each = _seconds_of_a_run(cases, design)
    minutes = each * work.simulations / order.pool_settings.workers / 60
    return (
        f"From scratch: {len(cases)} accounts, {work.simulations:,} simulations of {each:.3f} "
        f"seconds, about {minutes:.0f} minutes with {order.pool_settings.workers} at work; then "
        f"{work.tasks:,} pieces of inference, which are not measured here. "
        f"Results go to {order.destination}."
    )


def _seconds_of_a_run(cases: Sequence[Case], design: Design) -> float:
    """Measure some runs from the prior, of all accounts in turn."""
    tables: dict[Case, Any] = {case: opened(case).prior(design.seed, PROBES) for case in cases}
    runs_of(cases[0], tables[cases[0]][:1], design.seed, 0)  # compiles the model, if it must be
    clock = time.perf_counter()
    for number in range(PROBES):
        case = cases[number % len(cases)]
        runs_of(case, np.asarray(tables[case][number : number + 1]), design.seed, number)
    return (time.perf_counter() - clock) / PROBES
