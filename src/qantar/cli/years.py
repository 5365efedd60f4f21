"""``qantar years``: run a country month by month and compare with what happened."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from pathlib import Path
from typing import Annotated, cast, get_args

import typer
from rich.console import Console

from qantar.analysis.after.overview import PARTS as AFTER_PARTS
from qantar.analysis.after.overview import AfterRecord
from qantar.analysis.run_directory import REPORT
from qantar.analysis.state.overview import PARTS, StateRecord
from qantar.analysis.years.directory import AFTER, STATE, years_name
from qantar.analysis.years.study import check_since, histories_to_run, run_study
from qantar.api.years import YearsResult
from qantar.base.compilation import is_warm
from qantar.base.errors import QantarError, UnknownNameError
from qantar.base.files import refuse_existing
from qantar.base.parallel import PoolSettings, open_pool
from qantar.cli.names import PACK, complete_from, complete_names
from qantar.cli.output import (
    new_results_folder,
    resumable,
    screen_for_results,
    tracked,
    unfinished_folder,
)
from qantar.cli.run import Overrides, Seed, parse_overrides
from qantar.simulate.years.scenario import YearsBelief, YearsScenario, make_years_scenario

COMPILING = "compiling the model of the years (first time only, about two minutes)"

COMPILED = "month.run_history"
"""The function whose machine code is there once the years have run."""


def years(
    country: Annotated[
        str,
        typer.Argument(
            help="A shipped pack or a folder, with years.", autocompletion=complete_names("pack")
        ),
    ] = PACK,
    until: Annotated[
        str | None,
        typer.Option(help="Last year or month, such as 2035; default the last dated month."),
    ] = None,
    since: Annotated[
        int | None,
        typer.Option("--from", help="First year that the screen and the report show."),
    ] = None,
    law: Annotated[
        str, typer.Option(help="Rival law.", autocompletion=complete_names("law"))
    ] = "stocks",
    reform: Annotated[
        list[str] | None,
        typer.Option(
            help="A reform of the pack, or several as a+b. May be repeated.",
            autocompletion=complete_names("reform", after="+"),
        ),
    ] = None,
    open_trigger: Annotated[
        str | None,
        typer.Option("--open", help="A dated trigger to run by the hour, such as lpg-2022."),
    ] = None,
    members: Annotated[int, typer.Option(min=1, help="Number of histories.")] = 200,
    seed: Seed = 1,
    belief: Annotated[
        str | None,
        typer.Option(
            help="Where parameters come from: posterior (default if there is one) or prior.",
            autocompletion=complete_from(get_args(YearsBelief)),
        ),
    ] = None,
    changes: Overrides = None,
    out: Annotated[Path | None, typer.Option(help="Folder for results; must not exist.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue after an interruption.")
    ] = False,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    cluster: Annotated[str | None, typer.Option(help="Address of a Dask scheduler.")] = None,
) -> None:
    """Run the years before and after month by month; compare them with what happened."""
    console = Console(stderr=True, highlight=False)
    scenario = make_years_scenario(
        country,
        law=law,
        until=parse_until(until),
        reforms=parse_reforms(reform or []),
        belief=parse_years_belief(belief),
        overrides=parse_overrides(changes or []),
    )
    first = check_since(scenario, since)
    settings = PoolSettings(workers, cluster)
    destination = out or new_results_folder(years_name(scenario, seed))
    refuse_existing(destination)
    if belief is None and scenario.belief == "prior":
        console.print(
            f"Parameters come from the prior: the pack ships no fit of the law {law!r}.",
            soft_wrap=True,
        )
    found = _run(
        scenario, members, seed, settings, destination, console, resume=resume, wave=open_trigger
    )
    with console.status("writing the report (the first time of a pack takes half a minute)"):
        found.save(destination, since=first)
    shutil.rmtree(unfinished_folder(destination), ignore_errors=True)
    _print(found, first, destination)


def _run(
    scenario: YearsScenario,
    members: int,
    seed: int,
    settings: PoolSettings,
    destination: Path,
    console: Console,
    *,
    resume: bool,
    wave: str | None,
) -> YearsResult:
    """Run the histories with a progress bar; finished batches are kept."""
    started, clock = dt.datetime.now(dt.UTC), time.perf_counter()
    unfinished = unfinished_folder(destination)
    if not is_warm(COMPILED):
        console.print(COMPILING)
    total = histories_to_run(scenario, members)
    with (
        resumable(console, unfinished),
        open_pool(settings) as pool,
        tracked(console, total, "histories") as report,
    ):
        study = run_study(
            scenario,
            members=members,
            seed=seed,
            pool=pool,
            folder=unfinished,
            resume=resume,
            report=report,
            open_trigger=wave,
        )
    return YearsResult(study, started, time.perf_counter() - clock)


def _print(found: YearsResult, since: int, destination: Path) -> None:
    """Print the short tables, the sentences and the path of the report."""
    from qantar.reports.years.terminal import (
        futures_summary,
        lines,
        opened_summary,
        trigger_summary,
    )

    screen = screen_for_results()
    screen.print(trigger_summary(found.study, since))
    futures = futures_summary(found.study)
    if futures is not None:
        screen.print(futures)
    if found.study.opened is not None:
        screen.print(opened_summary(found.study.opened))
    screen.print()
    for line in lines(found.study):
        screen.print(line + "\n", highlight=False)
    screen.print(f"Report: {destination / REPORT}", soft_wrap=True, highlight=False)
    for line in state_lines(found.study.state, destination):
        screen.print(line, soft_wrap=True, highlight=False)
    for line in after_lines(found.study.after, destination):
        screen.print(line, soft_wrap=True, highlight=False)


def state_lines(state: StateRecord | None, destination: Path) -> list[str]:
    """Return where the page of the state is, and which parts of it are off."""
    if state is None:
        return ["The state is off: the pack has none of its files."]
    lines = [f"The state: {destination / STATE}"]
    if state.absent:
        off = ", ".join(PARTS[name][0] for name in state.absent)
        lines.append(f"Parts of the state that are off, because the pack has no files: {off}.")
    return lines


def after_lines(record: AfterRecord | None, destination: Path) -> list[str]:
    """Return where the page after the crisis is, and which parts of it are off."""
    if record is None:
        return ["After the crisis is off: the pack has no files in `after` and `world`."]
    lines = [f"After the crisis: {destination / AFTER}"]
    if record.absent:
        off = ", ".join(AFTER_PARTS[name] for name in record.absent)
        lines.append(f"Parts of it that are off, because the pack has no files: {off}.")
    return lines


def parse_until(text: str | None) -> str | None:
    """Return a year or month as given to ``--until``.

    Raises
    ------
    QantarError
        If it is neither.
    """
    if text is None:
        return None
    for form in ("%Y", "%Y-%m"):
        try:
            day = dt.datetime.strptime(text, form)
        except ValueError:
            continue
        if day.strftime(form) == text:
            return text
    raise QantarError(f"--until {text!r} cannot be read", expected="a year or month: 2035, 2035-06")


def parse_reforms(words: list[str]) -> tuple[str, ...]:
    """Return the names of reforms; each word of ``--reform`` may join several by ``+``.

    Raises
    ------
    QantarError
        If a name is empty or given twice.
    """
    names = [name.strip() for word in words for name in word.split("+")]
    for name in names:
        if not name:
            raise QantarError("--reform has an empty name", expected="names such as a+b")
        if names.count(name) > 1:
            raise QantarError(f"--reform {name} is given twice", hint="keep one of the two")
    return tuple(names)


def parse_years_belief(text: str | None) -> YearsBelief | None:
    """Return where parameters come from, as given to ``--belief``.

    Raises
    ------
    UnknownNameError
        If there is no such source.
    """
    if text is None:
        return None
    if text not in get_args(YearsBelief):
        raise UnknownNameError("belief", text, get_args(YearsBelief))
    return cast("YearsBelief", text)
