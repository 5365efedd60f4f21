"""``qantar compare``: how well rival accounts explain an episode.

By default the tables of the comparison that the pack ships are read, and only the predictions are
simulated. ``--from-scratch`` repeats the whole comparison: `qantar.cli.compare_from_scratch`.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from qantar.analysis.compare.archive import (
    MANIFEST,
    archive_folder,
    is_stale,
    read_archive,
    read_archive_metadata,
)
from qantar.analysis.compare.comparison import restrict_to_accounts
from qantar.analysis.compare.posterior_predictive import (
    PredictiveEnsemble,
    comparators,
    predict_task,
    score_posterior_predictive,
)
from qantar.analysis.inference.calibration_design import TaskRunner
from qantar.analysis.inference.problem import inference_problem_of
from qantar.base.errors import FileError, QantarError
from qantar.base.files import refuse_existing
from qantar.base.parallel import PoolSettings, open_pool
from qantar.cli import compare_from_scratch
from qantar.cli.compare_from_scratch import Finished, Order, finish, warn_forbidden, warn_stale
from qantar.cli.output import new_results_folder, seconds_per_simulation, tracked
from qantar.packs.account import Account, load_account
from qantar.packs.country import Country
from qantar.packs.episode import load_episode
from qantar.packs.loading import load_country

PROBES = 20
"""Simulations that measure how long one takes."""

DEFAULT_SEED = 1
"""Seed of the predictions; a comparison from scratch uses the seed of its design."""


def compare(
    episode: Annotated[str, typer.Argument(help="Name of an episode, such as january-2022.")],
    accounts: Annotated[
        str | None, typer.Option(help="Names or files, with commas between them; default all.")
    ] = None,
    from_scratch: Annotated[
        bool, typer.Option("--from-scratch", help="Calibrate anew: hours, or minutes if --quick.")
    ] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="With --from-scratch: a first look, nothing to cite.")
    ] = False,
    members: Annotated[
        int, typer.Option(min=2, help="Runs of every account that predict facts held back.")
    ] = 100,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Of luck; with --from-scratch of the design too.")
    ] = None,
    pack: Annotated[str, typer.Option(help="A shipped pack or a folder.")] = "kazakhstan",
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; default all.")] = None,
    cluster: Annotated[str | None, typer.Option(help="Address of a Dask scheduler.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for results; must not exist.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="With --from-scratch: go on where it stopped.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how long it takes.")] = False,
) -> None:
    """Say which account of an episode fits best, how sure that is, and what would settle it."""
    if (quick or resume) and not from_scratch:
        raise QantarError("--quick and --resume are for --from-scratch", hint="add --from-scratch")
    country = load_country(pack)
    chosen = load_episode(country, episode).name
    destination = out or new_results_folder(f"{chosen}--comparison")
    if not dry_run:
        refuse_existing(destination)
    wanted = _chosen(country, accounts)
    order = Order(
        country,
        pack,
        chosen,
        tuple(inference_problem_of(pack, chosen, account, country) for account in wanted),
        PoolSettings(workers or os.cpu_count() or 1, cluster),
        destination,
        members,
        Console(stderr=True, highlight=False),
    )
    if from_scratch:
        design = compare_from_scratch.design_of(quick=quick, seed=seed)
        compare_from_scratch.compare_from_scratch(order, design, resume=resume, dry_run=dry_run)
    else:
        compare_from_archive(order, DEFAULT_SEED if seed is None else seed, dry_run=dry_run)


def _chosen(country: Country, accounts: str | None) -> list[Account]:
    """Return the accounts that ``--accounts`` names, each once; none if it is left out.

    Raises
    ------
    UnknownNameError
        If the pack lacks one.
    FileError
        If two files have the same name.
    QantarError
        If only one is named.
    """
    if accounts is None:
        return []
    chosen: dict[str, Account] = {}
    for text in (part.strip() for part in accounts.split(",")):
        if not text:
            continue
        account = load_account(country, text)
        first = chosen.setdefault(account.name, account)
        if not first.file.samefile(account.file):
            raise FileError(
                account.file,
                f"has the name of {first.file}",
                value=account.name,
                hint="rename one of the two, so that their results can be distinguished",
            )
    if len(chosen) < 2:
        raise QantarError(
            f"--accounts {accounts!r} leaves nothing to compare",
            expected="at least two accounts, with commas between them",
            hint="name another one, or leave --accounts out to compare all",
        )
    return list(chosen.values())


def compare_from_archive(order: Order, seed: int, *, dry_run: bool) -> None:
    """Read the shipped comparison, simulate the predictions, and write and print the results.

    Parameters
    ----------
    order : Order
    seed : int
        Seed of the predictions.
    dry_run : bool
        Whether only to print how long it takes.

    Raises
    ------
    FileError
        If the pack ships no comparison of the episode, or it is damaged.
    QantarError
        If an account was not compared, or its posterior is missing or was changed.
    """
    started, clock = dt.datetime.now(dt.UTC), time.perf_counter()
    folder = archive_folder(order.country, order.episode)
    if not (folder / MANIFEST).is_file():
        raise FileError(
            folder,
            f"this pack ships no comparison of accounts on {order.episode}",
            expected=f"a folder with {MANIFEST}",
            hint="make one: add --from-scratch, and --quick for a preview within minutes; "
            "--dry-run says how long it takes",
        )
    found = read_archive(folder)
    if order.chosen:
        found = restrict_to_accounts(found, [case.account for case in order.chosen])
    cases = order.cases(list(found.tables["accounts"]["account"]))
    ensembles = [*(PredictiveEnsemble(case, "posterior") for case in cases), *comparators(cases)]
    for ensemble in ensembles:
        ensemble.scenario.draws(seed, 1)  # raises now what would stop the work later
    total = order.members * len(ensembles)
    if dry_run:

        def simulate(count: int) -> None:
            predict_task(ensembles[0], PROBES, 0, count, seed)

        each = seconds_per_simulation(simulate, PROBES)
        seconds = each * total / order.pool_settings.workers
        typer.echo(
            f"From the shelf: {len(ensembles)} ensembles of {order.members} runs, {total:,} "
            f"simulations of {each:.3f} seconds, about {seconds:.0f} seconds with "
            f"{order.pool_settings.workers} at work. Results go to {order.destination}."
        )
        return
    changed = is_stale(folder, order.country)
    warn_stale(order.console, changed)
    warn_forbidden(order, found.tables["prior-check"], cases[0])
    with tracked(order.console, total, "runs") as report, open_pool(order.pool_settings) as pool:
        runner = TaskRunner(pool, report=report)
        held = score_posterior_predictive(runner, ensembles, members=order.members, seed=seed)
    own = read_archive_metadata(folder)
    finish(order, Finished(found, own, held, order.members, seed, changed, started, clock))
