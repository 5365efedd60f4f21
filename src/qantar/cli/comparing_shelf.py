"""``qantar compare`` from the shelf: shipped tables, and predictions that are run anew."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from pathlib import Path

import typer

from qantar.cli.comparing_output import Finished, Order, finish, warn_forbidden, warn_stale
from qantar.cli.progress import tracked
from qantar.errors import FileError
from qantar.study.compare.anew import Ensemble, comparators, predict_anew, predict_task
from qantar.study.compare.narrowed import narrowed
from qantar.study.compare.shelf import MANIFEST, is_stale, read_about, read_shelf, shelf_of
from qantar.study.inference.runs import Desk
from qantar.study.tasks import Crew

PROBES = 20
"""Runs that measure how long one takes."""


def compare_from_shelf(order: Order, seed: int, *, dry_run: bool) -> None:
    """Read the comparison that the pack ships, predict anew, write and show the results.

    Parameters
    ----------
    order : Order
    seed : int
        Luck of the runs that predict.
    dry_run : bool
        Whether only to say how long it takes.

    Raises
    ------
    FileError
        If the pack ships no comparison of the episode, or it is damaged.
    QantarError
        If an account was not compared, or its posterior is not there or was changed.
    """
    started, clock = dt.datetime.now(dt.UTC), time.perf_counter()
    folder = _shelf(order)
    found = read_shelf(folder)
    if order.accounts:
        found = narrowed(found, order.accounts)
    cases = order.cases(list(found.tables["accounts"]["account"]))
    ensembles = [*(Ensemble(case, "posterior") for case in cases), *comparators(cases)]
    for ensemble in ensembles:
        ensemble.scenario.draws(seed, 1)  # complains now of what would stop the work later
    if dry_run:
        typer.echo(_expectation(order, ensembles, seed))
        return
    changed = is_stale(folder, order.country)
    warn_stale(order.console, changed)
    warn_forbidden(order, found.tables["prior-check"], cases[0])
    total = order.members * len(ensembles)
    with tracked(order.console, total, "runs") as report, Crew(order.force) as crew:
        desk = Desk(crew, report=report)
        held = predict_anew(desk, ensembles, members=order.members, seed=seed)
    own = read_about(folder)
    finish(order, Finished(found, own, held, order.members, seed, changed, started, clock))


def _shelf(order: Order) -> Path:
    """Return the folder of the shipped comparison."""
    folder = shelf_of(order.country, order.episode)
    if not (folder / MANIFEST).is_file():
        raise FileError(
            folder,
            f"this pack ships no comparison of accounts on {order.episode}",
            expected=f"a folder with {MANIFEST}",
            mend="make one: add --from-scratch, and --quick for a first look within minutes; "
            "--dry-run says how long it takes",
        )
    return folder


def _expectation(order: Order, ensembles: Sequence[Ensemble], seed: int) -> str:
    predict_task(ensembles[0], PROBES, 0, 1, seed)  # compiles the model, if it must be
    clock = time.perf_counter()
    predict_task(ensembles[0], PROBES, 0, PROBES, seed)
    each = (time.perf_counter() - clock) / PROBES
    total = order.members * len(ensembles)
    seconds = each * total / order.force.workers
    return (
        f"From the shelf: {len(ensembles)} ensembles of {order.members} runs, {total:,} "
        f"simulations of {each:.3f} seconds, about {seconds:.0f} seconds with "
        f"{order.force.workers} at work. Results go to {order.destination}."
    )
