"""Output of commands: result folders, the terminal, tables and pages, progress bars.

It also handles interruption of long commands: finished parts are kept in a folder next to the
results, from which ``--resume`` continues.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from qantar.analysis.inference.calibration_design import Design, TaskRunner
from qantar.analysis.run_directory import free_folder
from qantar.base.arrays import Numbers
from qantar.base.errors import QantarError
from qantar.base.files import refuse_existing, write_text
from qantar.base.parallel import run_tasks
from qantar.base.worker_process import Task
from qantar.cli.console import print_json as print_json
from qantar.cli.console import print_table

if TYPE_CHECKING:
    import pandas as pd

WIDTH = 100
"""Most characters in a line of results."""

RUNS = Path("runs")
"""Folder of results, relative to the working directory."""


def new_results_folder(stem: str) -> Path:
    """Return a folder under ./runs that does not exist yet; see `free_folder`."""
    return free_folder(RUNS, stem)


def screen_for_results(*, highlight: bool = True) -> Console:
    """Return the console for results: as wide as the terminal, 80 in a pipe, `WIDTH` at most.

    Parameters
    ----------
    highlight : bool
        Whether numbers and paths are coloured.
    """
    screen = Console(highlight=highlight)
    screen.width = min(screen.width, WIDTH)
    return screen


INTERRUPTED = 130
"""Exit status after Ctrl-C, as in shells."""

UNFINISHED = ".unfinished"
"""Suffix of the folder that keeps the finished parts until the results are complete."""


def unfinished_folder(destination: Path) -> Path:
    """Return the folder, next to the results, that keeps the finished parts."""
    return destination.with_name(destination.name + UNFINISHED)


@contextmanager
def resumable(console: Console, unfinished: Path) -> Iterator[None]:
    """End the command at Ctrl-C, with a message that the finished parts are kept.

    Parameters
    ----------
    console : Console
        Where to print it.
    unfinished : Path
        The folder of the finished parts.

    Raises
    ------
    typer.Exit
        With the status `INTERRUPTED`, if the body is interrupted.
    """
    try:
        yield
    except KeyboardInterrupt:
        console.print(f"qantar: interrupted; {unfinished} is kept, go on with --resume")
        raise typer.Exit(INTERRUPTED) from None


class Format(StrEnum):
    """How a table is written."""

    table = "table"
    csv = "csv"
    json = "json"
    html = "html"


def emit(text: str, out: Path | None) -> None:
    """Write a text to the screen, or atomically to a file.

    Raises
    ------
    OutputError
        If the file exists or cannot be written.
    """
    if out is None:
        sys.stdout.write(text)
        return
    write_new(text, out)
    Console().print(f"Written: {out}", highlight=False)


def write_new(text: str, out: Path) -> None:
    """Write a file that does not exist yet, atomically.

    Raises
    ------
    OutputError
        If the file exists or cannot be written; nothing is left behind.
    """
    refuse_existing(out)
    write_text(out, text)


def emit_frame(
    frame: pd.DataFrame, as_format: Format, out: Path | None, columns: dict[str, str], title: str
) -> None:
    """Write a table: some columns as text, or all as CSV or JSON.

    Parameters
    ----------
    columns : dict
        Columns of the printed table, with their headings; all if empty.
    """
    if frame.empty and as_format is Format.table:
        emit(f"{title}: no rows match these conditions\n", out)
    elif as_format is Format.csv:
        emit(frame.to_csv(index=False), out)
    elif as_format is Format.json:
        emit(frame.to_json(orient="records", force_ascii=False, indent=1) + "\n", out)
    else:
        emit(frame_text(frame, columns, title, width=None if out is None else 160), out)


def frame_text(
    frame: pd.DataFrame, columns: dict[str, str], title: str, width: int | None = None
) -> str:
    """Return a table as text, as wide as the terminal if no width is given.

    Empty columns are left out.
    """
    shown = columns or {str(name): str(name).replace("_", " ") for name in frame.columns}
    cells = {heading: [_cell(value) for value in frame[name]] for name, heading in shown.items()}
    filled = {heading: column for heading, column in cells.items() if any(column)}
    rows = list(zip(*filled.values(), strict=True))
    with (console := Console(width=width)).capture() as captured:
        right = {heading for heading, column in filled.items() if all(map(str.isdecimal, column))}
        print_table(title, list(filled), rows, console=console, right=right)
    return captured.get()


def _cell(value: object) -> str:
    """Return a value as text; a list separated by semicolons may be wrapped at each."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return re.sub(r";(?=\S)", "; ", str(value))


SECONDS_TO_LOOK_BACK = 3600.0
"""Window from which the remaining time is estimated. It is long because one task may take
minutes, and finite because results that ``--resume`` loads at once must not distort it."""


@contextmanager
def tracked(console: Console, total: int, what: str) -> Iterator[Callable[[int], None]]:
    """Show a progress bar while the body runs.

    Parameters
    ----------
    console : Console
        Where to show it; a quiet console shows nothing.
    total : int
        Number of steps, in the unit in which they are reported.
    what : str
        What is counted, such as ``simulations``.

    Yields
    ------
    callable
        To be called with the number of further steps done.
    """
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        speed_estimate_period=SECONDS_TO_LOOK_BACK,
    )
    with bar:
        yield partial(bar.advance, bar.add_task(what, total=total))


WORDS = {
    "prior": "runs from the priors",
    "path": "runs on the way to the facts",
    "emulator": "emulators",
    "draft": "posteriors, first draft",
    "refine": "runs at the draft",
    "posterior": "posteriors",
    "predictive": "runs at the posteriors",
    "judge": "judging runs",
    "trial": "trials on simulated data",
    "classifier": "classifiers",
    "truth": "recovery of known truth",
    "fold": "facts left out",
}
"""What is counted in a stage, by the first word of the names of its tasks."""

LAST = "fold"
"""The last stage with a bar; the search for further observations follows it."""


def count_stages(design: Design) -> int:
    """Return the number of stages of a comparison that have tasks."""
    judging = 1 + design.judge_passes
    trials, classifiers, truths, folds = 1, 1, 2, 1
    return design.stages + judging + trials + classifiers + truths + folds


@dataclass(frozen=True)
class StagedTaskRunner(TaskRunner):
    """Runs the tasks of an analysis, with a progress bar for every stage.

    Attributes
    ----------
    console : Console
    stages : int
        Total number of stages; see `count_stages`.
    seen : dict of str to int
        Number of every stage so far, by name; a stage that is run again keeps its number.
    """

    console: Console = field(default_factory=Console)
    stages: int = 0
    seen: dict[str, int] = field(default_factory=dict)

    def do(self, tasks: list[Task]) -> list[dict[str, Numbers]]:
        """Run tasks with a progress bar, or load the results that are stored already."""
        if not tasks:
            return []
        stage = tasks[0].name.split("/")[1]
        number = self.seen.setdefault(stage, len(self.seen) + 1)
        word = stage.split("-")[0]
        what = f"stage {number} of {self.stages}: {WORDS.get(word, word)}"
        with tracked(self.console, sum(task.weight for task in tasks), what) as report:
            done = run_tasks(tasks, self.pool, self.book, report)
        if word == LAST:
            self.console.print("searching further observations (no bar; may take some minutes)")
        return done


def check_libraries(work: str, needed: tuple[str, ...]) -> None:
    """Check, before long work begins, that the libraries it needs later are installed.

    Raises
    ------
    QantarError
        If a library is missing.
    """
    missing = [name for name in needed if find_spec(name) is None]
    if missing:
        raise QantarError(
            f"{work} needs {' and '.join(missing)}", hint="pip install 'qantar[study]'"
        )


def seconds_per_simulation(simulate: Callable[[int], None], count: int) -> float:
    """Measure how long one simulation takes, on average over a few.

    Parameters
    ----------
    simulate : callable
        Runs as many simulations as its argument says. It is called once before the measurement,
        so that the compilation of the model is not measured.
    count : int
        Number of simulations that are measured.
    """
    simulate(1)
    clock = time.perf_counter()
    simulate(count)
    return (time.perf_counter() - clock) / count
