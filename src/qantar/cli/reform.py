"""``qantar reform``: compare packages of reforms with doing nothing, under every rival law."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from qantar.analysis.run_directory import REPORT
from qantar.analysis.years.packages import (
    HORIZONS,
    PackagePlan,
    PackageStudy,
    plan_packages,
    run_packages,
)
from qantar.api.packages import ReformResult
from qantar.base.checkpoints import Workbook
from qantar.base.compilation import is_warm
from qantar.base.errors import QantarError
from qantar.base.files import refuse_existing
from qantar.base.parallel import PoolSettings, open_pool
from qantar.cli.names import PACK, complete_names
from qantar.cli.output import (
    new_results_folder,
    resumable,
    screen_for_results,
    tracked,
    unfinished_folder,
)
from qantar.cli.run import Seed
from qantar.cli.years import COMPILED, COMPILING, parse_until
from qantar.packs.loading import load_country
from qantar.reports.years.packages_page import answer_rows, shown_year, summary
from qantar.simulate.years.packages import find_package, names_of
from qantar.simulate.years.scenario import laws as known_laws
from qantar.simulate.years.scenario import splits_of


def reform(
    country: Annotated[
        str,
        typer.Argument(
            help="A shipped pack or a folder, with years.", autocompletion=complete_names("pack")
        ),
    ] = PACK,
    package: Annotated[
        list[str] | None,
        typer.Option(
            help="A package or a reform of the pack, reforms as a+b, or a file. May be repeated.",
            autocompletion=complete_names("package"),
        ),
    ] = None,
    until: Annotated[str, typer.Option(help="Last year, such as 2035.")] = HORIZONS[-1],
    law: Annotated[
        list[str] | None,
        typer.Option(
            help="A rival law; default all. May be repeated.", autocompletion=complete_names("law")
        ),
    ] = None,
    left_out: Annotated[
        bool, typer.Option("--left-out", help="Also with fits that have not seen one wave.")
    ] = False,
    members: Annotated[int, typer.Option(min=2, help="Histories of each world.")] = 200,
    seed: Seed = 1,
    out: Annotated[Path | None, typer.Option(help="Folder for results; must not exist.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue after an interruption.")
    ] = False,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
) -> None:
    """Compare packages of reforms with doing nothing, under every law, with the same luck."""
    console = Console(stderr=True, highlight=False)
    pack = load_country(country)
    chosen = [find_package(pack, word) for word in package or ()]
    if not chosen:
        raise QantarError(
            "no package is given",
            hint="--package new-kazakhstan, or any name that qantar list packages shows",
        )
    laws = law or list(known_laws())
    splits = splits_of(pack) if left_out else splits_of(pack)[:1]
    plan = plan_packages(
        pack,
        dict(chosen),
        laws=laws,
        until=str(parse_until(until)),
        splits=splits,
        members=members,
        seed=seed,
    )
    destination = out or new_results_folder(f"{pack.header.name}--{names_of(chosen)}--seed{seed}")
    refuse_existing(destination)
    found = _run(plan, destination, PoolSettings(workers), console, resume=resume)
    found.save(destination)
    shutil.rmtree(unfinished_folder(destination), ignore_errors=True)
    _print(found.study, destination)


def _run(
    plan: PackagePlan,
    destination: Path,
    settings: PoolSettings,
    console: Console,
    *,
    resume: bool,
) -> ReformResult:
    """Run the histories with a progress bar; finished batches are kept."""
    started, clock = dt.datetime.now(dt.UTC), time.perf_counter()
    unfinished = unfinished_folder(destination)
    if not is_warm(COMPILED):
        console.print(COMPILING)
    with (
        resumable(console, unfinished),
        open_pool(settings) as pool,
        tracked(console, plan.histories, "histories") as report,
    ):
        book = Workbook(unfinished, plan.plain(), resume=resume)
        study = run_packages(plan, pool=pool, book=book, report=report)
    return ReformResult(study, started, time.perf_counter() - clock)


def _print(study: PackageStudy, destination: Path) -> None:
    """Print the result in sentences, a table of the changes by law, and the path of the page."""
    screen = screen_for_results()
    year = shown_year(study)
    drawn = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        caption=f"Chance of a national wave by the end of {year}, in percent, and change by the "
        "package in points; ± one standard error of sampling. Prior: the same before any data.",
        caption_justify="left",
    )
    for name in ("law, fit", "nothing changed", "change", "prior", "prior: change"):
        drawn.add_column(name, no_wrap=True)
    shown = ""
    for row in answer_rows(study):
        if (row["scope"], row["until"]) == ("national", year):
            if row["package"] != shown:
                shown = row["package"]
                drawn.add_row(f"[bold]{shown}[/bold]")
            fit = "" if row["fit"] == "full" else f", {row['fit']}"
            drawn.add_row(
                "  " + row["law"] + fit,
                row["without"],
                row["change"],
                row["prior_without"],
                row["prior_change"],
            )
    screen.print(drawn)
    for line in summary(study):
        screen.print(line + "\n", highlight=False)
    screen.print(f"Report: {destination / REPORT}", soft_wrap=True, highlight=False)
