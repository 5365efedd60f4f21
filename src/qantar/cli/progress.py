"""Progress of long work: bars, the bars of a staged analysis, and estimates of its duration."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from qantar.analysis.inference.design import Design, TaskRunner
from qantar.base.arrays import Numbers
from qantar.base.errors import QantarError
from qantar.base.parallel import run_tasks
from qantar.base.worker_process import Task

SECONDS_TO_LOOK_BACK = 3600.0
"""Window from which the remaining time is estimated. It is long because one task may take
minutes, and finite because what ``--resume`` loads in an instant must not count for ever."""


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
            f"{work} needs {' and '.join(missing)}", mend="pip install 'qantar[study]'"
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
