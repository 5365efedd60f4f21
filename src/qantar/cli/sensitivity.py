"""``qantar sensitivity``: screen or decompose the influence of parameters on outcomes."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import time
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console

from qantar.analysis.design_points import facts_at
from qantar.analysis.sensitivity import Analysis, manifest
from qantar.analysis.sensitivity_methods import METHODS, Sensitivity
from qantar.base.checkpoints import Workbook
from qantar.base.errors import UnknownNameError
from qantar.base.files import AtomicDirectory, refuse_existing
from qantar.base.parallel import PoolSettings, open_pool
from qantar.cli.output import (
    new_results_folder,
    resumable,
    screen_for_results,
    seconds_per_simulation,
    tracked,
    unfinished_folder,
)
from qantar.cli.run import ACCOUNT_HELP
from qantar.reports.sensitivity import drivers_table, idle_sentence, render_sensitivity, svg_file
from qantar.simulate.scenario import make_scenario

TABLE, PICTURE, PAGE = "sensitivity.csv", "sensitivity.svg", "sensitivity.html"
MANIFEST = "manifest.json"

PROBES = 16
"""Simulations that measure how long one takes."""


def sensitivity(
    episode: Annotated[str, typer.Argument(help="Name of an episode, such as january-2022.")],
    account: Annotated[str, typer.Option(help=ACCOUNT_HELP)] = "union",
    method: Annotated[
        str,
        typer.Option(help="morris: every parameter. sobol: shares by mechanism, places, chance."),
    ] = "morris",
    size: Annotated[
        int | None, typer.Option(min=2, help="Trajectories (morris), or base points (sobol).")
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, help="Random seed of the design and of the runs.")
    ] = 1,
    pack: Annotated[str, typer.Option(help="A shipped pack or a folder.")] = "kazakhstan",
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; default all.")] = None,
    cluster: Annotated[str | None, typer.Option(help="Address of a Dask scheduler.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for results; must not exist.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue after an interruption.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only print how long it would take.")
    ] = False,
) -> None:
    """Say which parameters drive which facts, and which drive none."""
    console = Console(stderr=True, highlight=False)
    scenario = make_scenario(episode, account=account, pack=pack, belief="prior")
    if method not in METHODS:
        raise UnknownNameError("method", method, METHODS)
    analysis = Analysis(scenario, method=method, size=size, seed=seed)
    settings = PoolSettings(workers or os.cpu_count() or 1, cluster)
    stem = f"{scenario.episode.name}--{scenario.account.name}"
    destination = out or new_results_folder(f"{stem}--sensitivity-{analysis.method}--seed{seed}")
    if dry_run:
        typer.echo(_expectation(analysis, settings, destination))
        return
    refuse_existing(destination)
    result = _run(analysis, settings, destination, console, resume=resume)
    screen = screen_for_results()
    screen.print(drivers_table(result))
    screen.print(idle_sentence(result), highlight=False)
    screen.print(f"Page: {destination / PAGE}", soft_wrap=True, highlight=False)


def _run(
    analysis: Analysis,
    settings: PoolSettings,
    destination: Path,
    console: Console,
    *,
    resume: bool,
) -> Sensitivity:
    """Run with a progress bar and write the results atomically."""
    started, clock = dt.datetime.now(dt.UTC), time.perf_counter()
    unfinished = unfinished_folder(destination)
    book = Workbook(unfinished, analysis.plan, resume=resume)
    bar = tracked(console, analysis.simulations, "simulations")
    with resumable(console, unfinished), bar as report, open_pool(settings) as pool:
        result = analysis.run(pool, book, report)
    about = manifest(analysis, started=started, wall_seconds=time.perf_counter() - clock)
    title = analysis.scenario.episode.title
    files = {
        TABLE: result.table.to_csv(index=False, float_format="%.6g"),
        PICTURE: svg_file(result),
        PAGE: render_sensitivity(result, title, _provenance(analysis, about)),
        MANIFEST: json.dumps(about, indent=2, ensure_ascii=False) + "\n",
    }
    with AtomicDirectory(destination) as folder:
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    shutil.rmtree(unfinished, ignore_errors=True)
    return result


def _provenance(analysis: Analysis, about: dict[str, Any]) -> list[tuple[str, str]]:
    """Return how the results were made, as labels and values for the page."""
    account = analysis.scenario.account
    design = "trajectories" if analysis.method == "morris" else "base points of each sample"
    return [
        ("Account", f"{account.title} ({account.name})"),
        ("Parameters", "prior"),
        ("Design", f"{analysis.method}, {analysis.size} {design}, seed {analysis.seed}"),
        ("Simulations", f"{analysis.simulations:,}"),
        ("Country pack", f"{about['pack']}, fingerprint {about['pack_fingerprint'][:16]}"),
        ("Versions", f"Qantar {about['qantar_version']}, Python {about['python']}"),
        ("Started", about["started"]),
        ("Took", f"{about['wall_seconds']:.0f} seconds"),
    ]


def _expectation(analysis: Analysis, settings: PoolSettings, destination: Path) -> str:
    """Return how many simulations there are and how long they take, measured on a few."""

    def simulate(count: int) -> None:
        points = analysis.points
        # Spread over the design: a run with large crowds takes longer than a quiet one.
        chosen = points.rows(np.linspace(0, len(points) - 1, count).astype(np.int64))
        facts_at(analysis.scenario, analysis.observations, chosen, analysis.seed)

    each = seconds_per_simulation(simulate, PROBES)
    minutes = each * analysis.simulations / settings.workers / 60
    noun = "worker" if settings.workers == 1 else "workers"
    takes = f"about {minutes:.1f} minutes with {settings.workers} {noun}"
    if settings.cluster is not None:
        takes = f"about {each * analysis.simulations / 60:.1f} minutes of one core of this machine"
    return (
        f"{analysis.method}, size {analysis.size}: {analysis.simulations:,} simulations of "
        f"{each:.2f} seconds, {takes}. Results go to {destination}."
    )
