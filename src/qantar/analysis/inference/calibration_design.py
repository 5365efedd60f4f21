"""The design of a calibration, and rounds of runs of several inference problems at once.

A round is split into batches, which any worker can run and whose results a workbook stores.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from qantar.analysis.inference.problem import InferenceProblem, runs_of
from qantar.base.arrays import Hours, Numbers
from qantar.base.checkpoints import Workbook
from qantar.base.parallel import TaskPool, run_tasks
from qantar.base.worker_process import Task


@dataclass(frozen=True)
class Design:
    """Sizes of every stage of a calibration.

    Attributes
    ----------
    prior : int
        Runs drawn from the prior.
    path, passes : int
        Members of the ensemble smoother, and number of its passes.
    refine, rounds : int
        Runs at draws of the current posterior that refine the emulator, and number of rounds.
    particles, moves, chains : int
        Of the tempering; the chains are independent.
    predict : int
        Runs drawn from the posterior at the end: the posterior predictive.
    judges, judge_passes : int
        Members of the independently fitted reference ensemble, and number of its passes.
    trials, prior_trials : int
        Simulated data sets of every account on which the methods are validated: from the
        reference runs, and from the prior.
    trial_particles, trial_moves : int
        Of the tempering on a simulated data set.
    batch : int
        Runs in one task. The unfinished task is lost if the work is interrupted.
    seed : int
    """

    prior: int = 1200
    path: int = 800
    passes: int = 4
    refine: int = 1500
    rounds: int = 3
    particles: int = 1000
    moves: int = 8
    chains: int = 4
    predict: int = 400
    judges: int = 250
    judge_passes: int = 4
    trials: int = 8
    prior_trials: int = 20
    trial_particles: int = 120
    trial_moves: int = 3
    batch: int = 50
    seed: int = 2022

    def plan(self) -> dict[str, Any]:
        """Return the design as an entry of a workbook's plan."""
        return asdict(self)

    @property
    def simulations(self) -> int:
        """Number of model runs for one account."""
        return self.prior + self.path * self.passes + self.refine * self.rounds + self.predict

    @property
    def inferences(self) -> int:
        """Number of emulators fitted and posteriors sampled for one account."""
        return 2 * self.rounds + 1 + self.chains

    @property
    def stages(self) -> int:
        """Number of rounds of tasks; each needs the results of the one before."""
        return 1 + self.passes + 3 * self.rounds + 3


QUICK = Design(
    prior=150,
    path=100,
    passes=2,
    refine=50,
    rounds=1,
    particles=150,
    moves=3,
    chains=2,
    predict=60,
    judges=60,
    judge_passes=2,
    batch=20,
)
"""A small design for previews and tests: minutes instead of an hour, not for citation."""


def design_of(*, quick: bool, seed: int | None) -> Design:
    """Return the default design, or the small one if `quick`, with a random seed if given."""
    design = QUICK if quick else Design()
    return design if seed is None else replace(design, seed=seed)


@dataclass(frozen=True)
class TaskRunner:
    """Runs tasks: the workers, the workbook that stores results, and the progress callback.

    Attributes
    ----------
    pool : TaskPool
    book : Workbook or None
    report : callable or None
        Called with the weight of every finished task.
    """

    pool: TaskPool
    book: Workbook | None = None
    report: Callable[[int], None] | None = None

    def do(self, tasks: list[Task]) -> list[dict[str, Numbers]]:
        """Run tasks, or load the results that the workbook already has."""
        return run_tasks(tasks, self.pool, self.book, self.report)


@dataclass(frozen=True)
class Runs:
    """Runs of one inference problem.

    Attributes
    ----------
    unknowns : float array (runs, unknowns)
        Standard normal scores.
    facts : float array (runs, targets)
    candidates : float array (runs, candidate observations)
        Without columns if they were not read.
    """

    unknowns: Numbers
    facts: Numbers
    candidates: Numbers

    def __len__(self) -> int:
        return len(self.unknowns)

    def first(self, count: int) -> Runs:
        """Return the first runs."""
        return Runs(self.unknowns[:count], self.facts[:count], self.candidates[:count])


def run_all(
    runner: TaskRunner,
    stage: str,
    tables: Mapping[InferenceProblem, Numbers],
    *,
    seed: int,
    first: int,
    batch: int,
    candidates: bool = False,
) -> dict[InferenceProblem, Runs]:
    """Run several inference problems, each at its own table of scores.

    Parameters
    ----------
    stage : str
        Name of the round; results are stored as ``account/stage/number``.
    tables : mapping of InferenceProblem to float array (runs, unknowns)
    seed, first : int
        Random seed of the runs, and the number of the first.
    batch : int
        Runs in a task.
    candidates : bool
        Whether candidate observations are read, which is a tenth of the work.
    """
    run = partial(runs_of, candidates=candidates)
    tasks, owners = [], []
    for case, table in tables.items():
        for start in range(0, len(table), batch):
            part = table[start : start + batch]
            name = f"{case.account}/{stage}/{start // batch:03d}"
            tasks.append(Task(name, run, (case, part, seed, first + start), len(part)))
            owners.append(case)
    done = runner.do(tasks)
    gathered = {}
    for case, table in tables.items():
        own = [piece for piece, owner in zip(done, owners, strict=True) if owner == case]
        gathered[case] = Runs(
            table,
            np.vstack([piece["facts"] for piece in own]),
            np.vstack([piece["further"] for piece in own]),
        )
    return gathered


def subsample(rows: int, count: int) -> Hours:
    """Return indices of `count` rows, evenly spaced from the first row to the last.

    Particles with a common ancestor are neighbours, so every family is sampled in proportion.

    Parameters
    ----------
    rows : int
        Number of rows.
    count : int
        Number of indices; if larger than `rows`, some repeat.
    """
    return np.linspace(0, rows - 1, count).round().astype(np.int64)
