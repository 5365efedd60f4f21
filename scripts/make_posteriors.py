"""Make what a pack ships on rival accounts: the posterior of each, and their comparison.

    python scripts/make_posteriors.py january-2022

Calibrates every account of the pack on the episode, compares them, and writes
<pack>/posteriors/<episode>/<account>.csv with a .yaml that says how it was made, and the tables of
the comparison beside them. Takes about three minutes of one core for an account, and a quarter as
much again for the tests of the methods: half an hour on two cores for twelve accounts. Finished
pieces stay in a workbook until all is written: after a kill, the same command goes on where it
stopped.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import shutil
import time
from pathlib import Path

from rich.console import Console

from qantar.analysis.compare.archive import (
    archive_folder,
    archive_metadata,
    manifest,
    write_archive,
)
from qantar.analysis.compare.comparison import compare
from qantar.analysis.inference.calibration_design import QUICK, Design
from qantar.analysis.inference.posteriors import write_posterior
from qantar.analysis.inference.problem import InferenceProblem
from qantar.base.checkpoints import Workbook
from qantar.base.parallel import PoolSettings, open_pool
from qantar.cli.output import StagedTaskRunner, count_stages
from qantar.packs.account import list_accounts
from qantar.packs.loading import load_country
from qantar.simulate.draws import posterior_file


def main() -> None:
    """Read the arguments, compare, and write into the pack."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("episode")
    parser.add_argument("--pack", default="kazakhstan")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--cluster", help="address of a Dask scheduler")
    parser.add_argument("--book", type=Path, help="folder for finished pieces")
    parser.add_argument("--quick", action="store_true", help="for a trial; nothing to ship")
    options = parser.parse_args()
    make(options, QUICK if options.quick else Design())


def make(options: argparse.Namespace, design: Design) -> None:
    """Compare all accounts of an episode and put the results into the pack."""
    started, clock = dt.datetime.now(dt.UTC), time.perf_counter()
    country = load_country(options.pack)
    names = tuple(list_accounts(country))
    cases = [InferenceProblem(options.pack, options.episode, name) for name in names]
    own = archive_metadata(country, options.episode, names, design)
    plan = {"what": "comparison", **vars(own), "accounts": list(names)}
    folder = options.book or Path("runs") / f"{options.episode}--posteriors.unfinished"
    book = Workbook(folder, plan, resume=True)
    console = Console()
    with open_pool(PoolSettings(options.workers, options.cluster)) as pool:
        runner = StagedTaskRunner(pool, book, console=console, stages=count_stages(design))
        found = compare(runner, cases, design)
    place = posterior_file(country, options.episode, names[0]).parent
    for calibration in found.found.values():
        path = write_posterior(place, calibration, design=design)
        console.print(f"written: {path}", soft_wrap=True)
    said = manifest(cases, started=started, wall_seconds=time.perf_counter() - clock)
    write_archive(archive_folder(country, options.episode), found, own, said)
    console.print(f"written: {archive_folder(country, options.episode)}", soft_wrap=True)
    console.print(found.headline)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
