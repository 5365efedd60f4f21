"""Rounds of runs: many cases at once, cut into batches that any worker does and a book keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from qantar.arrays import Numbers
from qantar.store.workbook import Workbook
from qantar.study.inference.case import Case, runs_of
from qantar.study.tasks import Crew, Task, do_all


@dataclass(frozen=True)
class Desk:
    """Where a long work is done: who works, where pieces are kept, who is told of progress.

    Attributes
    ----------
    crew : Crew
    book : Workbook or None
    report : callable or None
        Is told the weight of every finished task.
    """

    crew: Crew
    book: Workbook | None = None
    report: Callable[[int], None] | None = None

    def do(self, tasks: list[Task]) -> list[dict[str, Numbers]]:
        """Do tasks, or load them where the book has them."""
        return do_all(tasks, self.crew, self.book, self.report)


@dataclass(frozen=True)
class Runs:
    """Runs of one case.

    Attributes
    ----------
    unknowns : float array (runs, unknowns)
        Standard normal scores.
    facts : float array (runs, targets)
    further : float array (runs, further observations)
    """

    unknowns: Numbers
    facts: Numbers
    further: Numbers

    def __len__(self) -> int:
        return len(self.unknowns)


def run_all(
    desk: Desk, stage: str, tables: Mapping[Case, Numbers], *, seed: int, first: int, batch: int
) -> dict[Case, Runs]:
    """Run several cases, each at its own table of scores.

    Parameters
    ----------
    stage : str
        Name of the round; pieces are kept as ``account/stage/number``.
    tables : mapping of Case to float array (runs, unknowns)
    seed, first : int
        Luck of the runs, and the number of the first.
    batch : int
        Runs in a task.
    """
    tasks, whose = [], []
    for case, table in tables.items():
        for start in range(0, len(table), batch):
            part = table[start : start + batch]
            name = f"{case.account}/{stage}/{start // batch:03d}"
            tasks.append(Task(name, runs_of, (case, part, seed, first + start), len(part)))
            whose.append(case)
    done = desk.do(tasks)
    gathered = {}
    for case, table in tables.items():
        own = [piece for piece, owner in zip(done, whose, strict=True) if owner == case]
        gathered[case] = Runs(
            table,
            np.vstack([piece["facts"] for piece in own]),
            np.vstack([piece["further"] for piece in own]),
        )
    return gathered
