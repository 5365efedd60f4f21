"""``qantar calibrate``: from an account's prior to its posterior on an episode."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from qantar.analysis.inference import design as designs
from qantar.analysis.inference.calibration import Calibration, prior_runs
from qantar.analysis.inference.calibration import calibrate as calibrate_cases
from qantar.analysis.inference.design import Design, Desk, Runs
from qantar.analysis.inference.posteriors import manifest, plan_of, write_posterior
from qantar.analysis.inference.problem import Case, case_of, opened, runs_of
from qantar.analysis.inference.summary import (
    discrepancy_table,
    fact_table,
    inference_data,
    parameter_table,
    prior_check,
)
from qantar.base.checkpoints import Workbook
from qantar.base.files import AtomicDirectory, refuse_existing
from qantar.base.parallel import PoolSettings, open_pool
from qantar.base.provenance import SOFTWARE
from qantar.cli.output import fresh_folder, resumable, screen_for_results, unfinished_folder
from qantar.cli.progress import StagedDesk, check_libraries
from qantar.cli.run import ACCOUNT_HELP
from qantar.packs.account import load_account
from qantar.packs.loading import load_country
from qantar.reports.calibration import (
    narrowed_table,
    prior_check_sentence,
    prior_check_table,
    render_calibration,
    summary_lines,
    warnings_of,
)

REPORT, MANIFEST, POSTERIOR, DRAWS = "report.html", "manifest.json", "posterior", "posterior.nc"

PROBES = 20
"""Simulations that measure how long one takes."""

NEEDED = ("sklearn", "arviz")
"""Libraries that are missed only after hours of work, unless one looks."""


def calibrate(
    episode: Annotated[str, typer.Argument(help="Name of an episode, such as january-2022.")],
    account: Annotated[str, typer.Option(help=ACCOUNT_HELP)] = "union",
    pack: Annotated[str, typer.Option(help="A shipped pack or a folder.")] = "kazakhstan",
    out: Annotated[Path | None, typer.Option(help="Folder for results; must not exist.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where it stopped.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how long it takes.")] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Minutes instead of an hour; nothing to cite.")
    ] = False,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; default all.")] = None,
    cluster: Annotated[str | None, typer.Option(help="Address of a Dask scheduler.")] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Of every draw; default as the design has it.")
    ] = None,
) -> None:
    """Find what an account's parameters must be, given the facts, and whether it can have them."""
    console = Console(stderr=True, highlight=False)
    country = load_country(pack)
    case = case_of(pack, episode, load_account(country, account), country)
    _ = opened(case)
    design = designs.QUICK if quick else Design()
    design = replace(design, seed=design.seed if seed is None else seed)
    settings = PoolSettings(workers or os.cpu_count() or 1, cluster)
    stem = f"{case.episode}--{case.account}--calibration--seed{design.seed}"
    destination = out or fresh_folder(stem)
    if dry_run:
        typer.echo(_expectation(case, design, settings, destination))
        return
    refuse_existing(destination)
    check_libraries("a calibration", NEEDED)
    found = _run(case, design, settings, destination, console, resume=resume)
    screen = screen_for_results()
    screen.print(narrowed_table(found))
    for line in summary_lines(found):
        screen.print(line, highlight=False)
    for line in warnings_of(found):
        screen.print(f"Warning: {line}", style="bold red", highlight=False)
    screen.print(f"Report: {destination / REPORT}", soft_wrap=True, highlight=False)


def _run(
    case: Case,
    design: Design,
    settings: PoolSettings,
    destination: Path,
    console: Console,
    *,
    resume: bool,
) -> Calibration:
    """Calibrate with progress, and put the results in their place all at once."""
    started, clock = dt.datetime.now(dt.UTC), time.perf_counter()
    unfinished = unfinished_folder(destination)
    book = Workbook(unfinished, plan_of(case, design), resume=resume)
    with resumable(console, unfinished), open_pool(settings) as pool:
        desk = StagedDesk(pool, book, console=console, stages=design.stages)
        found = _calibrated(desk, case, design)
    with AtomicDirectory(destination) as folder:
        _write(folder, found, design, started, time.perf_counter() - clock)
    shutil.rmtree(unfinished, ignore_errors=True)
    return found


def _calibrated(desk: Desk, case: Case, design: Design) -> Calibration:
    """Run the prior, tell at once what it does not allow, and then do the long work."""
    prior = prior_runs(desk, [case], design)
    _tell_prior(case, prior[case])
    return calibrate_cases(desk, prior, design)[case]


def _tell_prior(case: Case, runs: Runs) -> None:
    screen, check = screen_for_results(), prior_check(case, runs)
    table = prior_check_table(check, opened(case), runs)
    if table is not None:
        screen.print(table)
    screen.print(prior_check_sentence(check), highlight=False)


def _write(
    folder: Path, found: Calibration, design: Design, started: dt.datetime, seconds: float
) -> None:
    """Write every file of the results."""
    case = found.case
    about = manifest(found, design, started=started, wall_seconds=seconds)
    tables = {
        "parameters": parameter_table(found),
        "facts": fact_table(opened(case), found.predictive),
        "discrepancy": discrepancy_table(found),
        "prior-check": prior_check(case, found.prior),
    }
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False, float_format="%.6g", lineterminator="\n")
    write_posterior(folder, found, name=POSTERIOR, design=design)
    data = inference_data(found)
    data.attrs.update(
        title=f"Posterior of {case.account} on {case.episode} of {case.pack}",
        history=f"{started:%Y-%m-%dT%H:%M:%SZ} qantar calibrate",
        source=SOFTWARE,
        references="\n".join(about["citations"]),
    )
    data.to_netcdf(str(folder / DRAWS))
    text = json.dumps(about, indent=2, ensure_ascii=False) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    (folder / REPORT).write_text(render_calibration(found, about), encoding="utf-8")


def _expectation(case: Case, design: Design, settings: PoolSettings, destination: Path) -> str:
    """Return how much work there is and how long its simulations take, measured on a few."""
    table = opened(case).prior(design.seed, PROBES)

    def probe(count: int) -> float:
        clock = time.perf_counter()
        runs_of(case, table[:count], design.seed, 0)
        return time.perf_counter() - clock

    probe(1)  # compiles the model, if it must be
    each = probe(PROBES) / PROBES
    whole = each * design.simulations / 60
    takes = f"about {whole / settings.workers:.1f} minutes with {settings.workers} workers"
    if settings.cluster is not None or settings.workers == 1:
        takes = f"about {whole:.1f} minutes of one core of this machine"
    return (
        f"{case.account} on {case.episode}: {design.simulations:,} simulations of {each:.2g} "
        f"seconds, {takes}; then {design.inferences} inference tasks, which are not timed "
        f"here. Results go to {destination}."
    )
