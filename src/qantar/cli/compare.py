"""``qantar compare``: how well rival accounts explain an episode.

By default the tables of the comparison that the pack ships are read, and only the predictions are
simulated. ``--from-scratch`` repeats the whole comparison: `qantar.cli.compare_from_scratch`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from qantar.analysis.compare.posterior_predictive import predict_task
from qantar.analysis.compare.shipped import DEFAULT_SEED, load_shipped_comparison, select_accounts
from qantar.analysis.inference.calibration_design import TaskRunner, design_of
from qantar.analysis.inference.problem import inference_problem_of
from qantar.api.comparison import predict_shipped
from qantar.base.errors import QantarError
from qantar.base.files import refuse_existing
from qantar.base.parallel import PoolSettings, open_pool
from qantar.cli import compare_from_scratch
from qantar.cli.compare_from_scratch import (
    ComparisonOptions,
    print_comparison,
    warn_excluded,
    warn_stale,
)
from qantar.cli.output import new_results_folder, seconds_per_simulation, tracked
from qantar.packs.account import Account
from qantar.packs.episode import load_episode
from qantar.packs.loading import load_country

PROBES = 20
"""Simulations that measure how long one takes."""

FEW_RUNS = 50
"""Runs of an account below which its predictions are called a preview."""


def compare(
    episode: Annotated[str, typer.Argument(help="Name of an episode, such as january-2022.")],
    accounts: Annotated[
        str | None, typer.Option(help="Names or files, separated by commas; default all.")
    ] = None,
    from_scratch: Annotated[
        bool,
        typer.Option(
            "--from-scratch", help="Calibrate every account: hours, or minutes with --quick."
        ),
    ] = False,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="With --from-scratch: a preview, not for citation."),
    ] = False,
    members: Annotated[
        int, typer.Option(min=2, help="Runs of each account that predict held-back facts.")
    ] = 100,
    seed: Annotated[
        int | None,
        typer.Option(min=0, help="Random seed of the predictions; with --from-scratch, of all."),
    ] = None,
    pack: Annotated[str, typer.Option(help="A shipped pack or a folder.")] = "kazakhstan",
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; default all.")] = None,
    cluster: Annotated[str | None, typer.Option(help="Address of a Dask scheduler.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for results; must not exist.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="With --from-scratch: continue after an interruption.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only print how long it would take.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the verdict and its tables as JSON.")
    ] = False,
) -> None:
    """Say which account of an episode fits best, how sure that is, and what would settle it."""
    if (quick or resume) and not from_scratch:
        raise QantarError("--quick and --resume are for --from-scratch", hint="add --from-scratch")
    country = load_country(pack)
    chosen = load_episode(country, episode).name
    destination = out or new_results_folder(f"{chosen}--comparison")
    if not dry_run:
        refuse_existing(destination)
    wanted: list[Account] = []
    if accounts is not None:
        names = [part.strip() for part in accounts.split(",")]
        wanted = select_accounts(country, [name for name in names if name])
    options = ComparisonOptions(
        country,
        pack,
        chosen,
        tuple(inference_problem_of(pack, chosen, account, country) for account in wanted),
        PoolSettings(workers or os.cpu_count() or 1, cluster),
        destination,
        members,
        Console(stderr=True, highlight=False),
        as_json,
    )
    if from_scratch:
        design = design_of(quick=quick, seed=seed)
        compare_from_scratch.compare_from_scratch(options, design, resume=resume, dry_run=dry_run)
    else:
        _compare_shipped(options, wanted, DEFAULT_SEED if seed is None else seed, dry_run=dry_run)


def _compare_shipped(
    options: ComparisonOptions, accounts: list[Account], seed: int, *, dry_run: bool
) -> None:
    """Simulate the predictions of the shipped comparison, and write and print the results."""
    shipped = load_shipped_comparison(options.country, options.pack, options.episode, accounts)
    shipped.check(seed)
    total = shipped.simulations(options.members)
    if dry_run:

        def simulate(count: int) -> None:
            predict_task(shipped.ensembles[0], PROBES, 0, count, seed)

        each = seconds_per_simulation(simulate, PROBES)
        workers = options.pool_settings.workers
        typer.echo(
            f"The comparison shipped with the pack, and {total:,} simulations "
            f"({len(shipped.ensembles)} ensembles of {options.members} runs): about "
            f"{each * total / workers:.0f} seconds with {workers} "
            f"{'worker' if workers == 1 else 'workers'}. Results go to {options.destination}."
        )
        return
    warn_stale(options.console, shipped.stale)
    if options.members < FEW_RUNS:
        options.console.print(
            f"Preview: predictions of held-back facts from {options.members} runs of each account "
            f"vary; use {FEW_RUNS} or more."
        )
    warn_excluded(options, shipped.comparison.tables["prior-check"], shipped.cases[0])
    with (
        tracked(options.console, total, "simulations") as report,
        open_pool(options.pool_settings) as pool,
    ):
        runner = TaskRunner(pool, report=report)
        found = predict_shipped(
            options.country, shipped, runner, members=options.members, seed=seed
        )
    found.save(options.destination)
    print_comparison(options, found)
