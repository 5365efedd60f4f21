"""A bar for a long work: what is done, how long it took, how long it will take.

A desk that tells which stage of a comparison is being worked on, with a bar for each.
"""

from __future__ import annotations

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

from qantar.analysis.inference.design import Design, Desk
from qantar.base.arrays import Numbers
from qantar.base.errors import QantarError
from qantar.base.parallel import run_tasks
from qantar.base.worker_process import Task

SECONDS_TO_LOOK_BACK = 3600.0
"""The time left follows from the speed of the last hour: a task may take minutes, and what was
loaded in an instant after ``--resume`` must be forgotten in the end."""


@contextmanager
def tracked(console: Console, total: int, what: str) -> Iterator[Callable[[int], None]]:
    """Show a bar while the body runs.

    Parameters
    ----------
    console : Console
        Where; a quiet one shows nothing.
    total : int
        All that is to be done, in the unit of the reports.
    what : str
        What is being done, such as ``simulations``.

    Yields
    ------
    callable
        To be called with how much more is done.
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
"""The last stage with a bar; after it further observations are searched."""


def stages_of(design: Design) -> int:
    """Return how many stages with tasks a comparison has."""
    judging = 1 + design.judge_passes
    trials, classifiers, truths, folds = 1, 1, 2, 1
    return design.stages + judging + trials + classifiers + truths + folds


@dataclass(frozen=True)
class StagedDesk(Desk):
    """A desk with a bar for every stage.

    Attributes
    ----------
    console : Console
    stages : int
        How many there will be; see `stages_of`.
    seen : dict of str to int
        Number of every stage so far, by name: one that is asked for again keeps its number.
    """

    console: Console = field(default_factory=Console)
    stages: int = 0
    seen: dict[str, int] = field(default_factory=dict)

    def do(self, tasks: list[Task]) -> list[dict[str, Numbers]]:
        """Do tasks under a bar, or load them where the book has them."""
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
    """Refuse a long work at its beginning if a library is missing that it needs in the end.

    Raises
    ------
    QantarError
        If one is missing.
    """
    missing = [name for name in needed if find_spec(name) is None]
    if missing:
        raise QantarError(
            f"{work} needs {' and '.join(missing)}", mend="pip install 'qantar[study]'"
        )
