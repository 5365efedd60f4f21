"""``qantar calibrate``: infer the posterior of an account's parameters from an episode."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from qantar.analysis.inference.calibration import calibrate as calibrate_cases
from qantar.analysis.inference.calibration import prior_runs
from qantar.analysis.inference.calibration_design import Design, design_of
from qantar.analysis.inference.posteriors import plan_of
from qantar.analysis.inference.problem import (
    InferenceProblem,
    inference_problem_of,
    load_problem,
    runs_of,
)
from qantar.analysis.inference.summary import prior_check
from qantar.api.calibration import REPORT, Calibration
from qantar.base.checkpoints import Workbook
from qantar.base.files import refuse_existing
from qantar.base.parallel import PoolSettings, open_pool
from qantar.cli.output import (
    StagedTaskRunner,
    check_libraries,
    new_results_folder,
    resumable,
    screen_for_results,
    seconds_per_simulation,
    unfinished_folder,
)
from qantar.cli.run import ACCOUNT_HELP
from qantar.packs.account import load_account
from qantar.packs.loading import load_country
from qantar.reports.calibration import (
    narrowed_table,
    prior_check_sentence,
    prior_check_table,
    summary_lines,
    warnings_of,
)

PROBES = 20
"""Simulations that measure how long one takes."""

NEEDED = ("arviz",)
"""Optional libraries, checked at the start because they are used only after hours of work."""


def calibrate(
    episode: Annotated[str, typer.Argument(help="Name of an episode, such as january-2022.")],
    account: Annotated[str, typer.Option(help=ACCOUNT_HELP)] = "union",
    pack: Annotated[str, typer.Option(help="A shipped pack or a folder.")] = "kazakhstan",
    out: Annotated[Path | None, typer.Option(help="Folder for results; must not exist.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue after an interruption.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only print how long it would take.")
    ] = False,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="Minutes instead of an hour: a preview, not for citation."),
    ] = False,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; default all.")] = None,
    cluster: Annotated[str | None, typer.Option(help="Address of a Dask scheduler.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Random seed; default 2022.")] = None,
) -> None:
    """Fit an account's parameters to the facts; check if they are plausible under it."""
    console = Console(stderr=True, highlight=False)
    country = load_country(pack)
    case = inference_problem_of(pack, episode, load_account(country, account), country)
    load_problem(case)  # raises now what would stop the work later
    design = design_of(quick=quick, seed=seed)
    settings = PoolSettings(workers or os.cpu_count() or 1, cluster)
    stem = f"{case.episode}--{case.account}--calibration--seed{design.seed}"
    destination = out or new_results_folder(stem)
    if dry_run:
        typer.echo(_expectation(case, design, settings, destination))
        return
    refuse_existing(destination)
    check_libraries("a calibration", NEEDED)
    found = _run(case, design, settings, destination, console, resume=resume)
    screen = screen_for_results()
    screen.print(narrowed_table(found.result))
    for line in summary_lines(found.result):
        screen.print(line, highlight=False)
    for line in warnings_of(found.result):
        screen.print(f"Warning: {line}", style="bold red", highlight=False)
    screen.print(f"Report: {destination / REPORT}", soft_wrap=True, highlight=False)


def _run(
    case: InferenceProblem,
    design: Design,
    settings: PoolSettings,
    destination: Path,
    console: Console,
    *,
    resume: bool,
) -> Calibration:
    """Calibrate with progress bars and write the results atomically."""
    started, clock = dt.datetime.now(dt.UTC), time.perf_counter()
    unfinished = unfinished_folder(destination)
    book = Workbook(unfinished, plan_of(case, design), resume=resume)
    with resumable(console, unfinished), open_pool(settings) as pool:
        runner = StagedTaskRunner(pool, book, console=console, stages=design.stages)
        prior = prior_runs(runner, [case], design)
        # Print at once what the prior excludes: the inference may take hours.
        screen, check = screen_for_results(), prior_check(case, prior[case])
        table = prior_check_table(check, load_problem(case), prior[case])
        if table is not None:
            screen.print(table)
        screen.print(prior_check_sentence(check), highlight=False)
        result = calibrate_cases(runner, prior, design)[case]
    found = Calibration(result, design, started, time.perf_counter() - clock)
    found.save(destination)
    shutil.rmtree(unfinished, ignore_errors=True)
    return found


def _expectation(
    case: InferenceProblem, design: Design, settings: PoolSettings, destination: Path
) -> str:
    """Return how much work there is and how long it takes, measured on a few simulations."""
    table = load_problem(case).prior(design.seed, PROBES)

    def simulate(count: int) -> None:
        runs_of(case, table[:count], design.seed, 0)

    each = seconds_per_simulation(simulate, PROBES)
    whole = each * design.simulations / 60
    takes = f"about {whole / settings.workers:.1f} minutes with {settings.workers} workers"
    if settings.cluster is not None or settings.workers == 1:
        takes = f"about {whole:.1f} minutes of one core of this machine"
    return (
        f"{case.account} on {case.episode}: {design.simulations:,} simulations of {each:.2g} "
        f"seconds, {takes}; then {design.inferences} inference tasks, which are not timed "
        f"here. Results go to {destination}."
    )
