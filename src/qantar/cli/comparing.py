"""``qantar compare``: rival accounts of an episode, weighed against each other."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from qantar.cli import comparing_scratch, comparing_shelf
from qantar.cli.comparing_output import Order
from qantar.cli.places import fresh_folder
from qantar.country.pack import Country, load_country
from qantar.errors import OutputError, QantarError
from qantar.scenario.account import load_account
from qantar.scenario.episode import load_episode
from qantar.study.tasks import Workforce

DEFAULT_SEED = 1
"""Luck of the runs that predict; a comparison from scratch takes that of its design."""


def compare(
    episode: Annotated[str, typer.Argument(help="Name of an episode, such as january-2022.")],
    accounts: Annotated[
        str | None, typer.Option(help="Names with commas between them; default all.")
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
        raise QantarError("--quick and --resume are for --from-scratch", mend="add --from-scratch")
    country = load_country(pack)
    chosen = load_episode(country, episode).name
    destination = out or fresh_folder(f"{chosen}--comparison")
    if destination.exists() and not dry_run:
        raise OutputError(f"{destination} exists already", mend="choose another --out")
    order = Order(
        country,
        pack,
        chosen,
        _names(country, accounts),
        Workforce(workers or os.cpu_count() or 1, cluster),
        destination,
        members,
        Console(stderr=True, highlight=False),
    )
    if from_scratch:
        design = comparing_scratch.design_of(quick=quick, seed=seed)
        comparing_scratch.compare_from_scratch(order, design, resume=resume, dry_run=dry_run)
    else:
        comparing_shelf.compare_from_shelf(
            order, DEFAULT_SEED if seed is None else seed, dry_run=dry_run
        )


def _names(country: Country, accounts: str | None) -> tuple[str, ...]:
    """Return the accounts that are asked for, each once; none if all are.

    Raises
    ------
    UnknownNameError
        If the pack lacks one.
    QantarError
        If only one is asked for.
    """
    if accounts is None:
        return ()
    names = tuple(dict.fromkeys(name for part in accounts.split(",") if (name := part.strip())))
    for name in names:
        load_account(country, name)
    if len(names) < 2:
        raise QantarError(
            f"--accounts {accounts!r} leaves nothing to compare",
            expected="at least two accounts, with commas between them",
            mend="name another one, or leave --accounts out to compare all",
        )
    return names
