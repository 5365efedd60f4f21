"""Tasks: a long work cut into pieces that any number of workers does, with the same results.

A task is a function of a module and its arguments. Its result may depend on nothing else, so that
it does not matter who does it, when, or beside whom; randomness comes from seeds among the
arguments.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from qantar.errors import QantarError
from qantar.store.workbook import Workbook
from qantar.study.workers import Beside, CallError, Cluster, Here, Numbered, Result, Workers


@dataclass(frozen=True)
class Task:
    """One piece of a long work.

    Attributes
    ----------
    name : str
        Name of the task, and of its piece in a workbook.
    function : callable
        What to do: a function of a module, that can be pickled. It returns arrays by name.
    arguments : tuple
        Its arguments, that can be pickled.
    weight : int
        How much work it is, such as the number of simulations, for the time left.
    """

    name: str
    function: Callable[..., Result]
    arguments: tuple[Any, ...]
    weight: int = 1


@dataclass(frozen=True)
class Workforce:
    """Who shall do the work.

    Attributes
    ----------
    workers : int
        Processes on this machine. One means this process itself.
    cluster : str or None
        Address of a Dask scheduler, such as ``tcp://host:8786``; then `workers` is not used.

    Raises
    ------
    QantarError
        If there are no workers.
    """

    workers: int = 1
    cluster: str | None = None

    def __post_init__(self) -> None:
        if self.workers < 1:
            raise QantarError(f"--workers {self.workers} does nothing", expected="1 or more")


class Crew:
    """A workforce at work: several rounds of tasks use the same workers.

    Use as a context manager. Leaving it with an exception, such as Ctrl-C, ends the workers at
    once. Worker processes are spawned: they import the functions of the tasks anew, and with them
    the parent's main module if that is a script. This works from the command line, from pytest,
    from a notebook and from a script that begins its work under ``if __name__ == "__main__":``.

    Parameters
    ----------
    force : Workforce

    Raises
    ------
    QantarError
        On entering, if Dask is not installed or its scheduler does not answer.
    """

    def __init__(self, force: Workforce) -> None:
        self.force = force
        self._workers: Workers | None = None

    def __enter__(self) -> Crew:
        if self.force.cluster is not None:
            self._workers = Cluster(self.force.cluster)
        elif self.force.workers > 1:
            self._workers = Beside(self.force.workers)
        else:
            self._workers = Here()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._workers is not None:
            self._workers.close(at_once=kind is not None)
            self._workers = None

    def each(self, tasks: Sequence[Task]) -> Numbered:
        """Hand back number and result of each task as it finishes, in any order.

        Raises
        ------
        QantarError
            If a task fails; what has not begun is cancelled.
        """
        if self._workers is None:
            raise QantarError(
                "this crew is not at work", mend="with Crew(Workforce()) as crew: ..."
            )
        with closing(self._workers.each([(task.function, task.arguments) for task in tasks])) as at:
            try:
                yield from at
            except CallError as failed:
                raise _failure(tasks[failed.number], failed.error) from failed.error


def do_all(
    tasks: Sequence[Task],
    crew: Crew,
    book: Workbook | None = None,
    report: Callable[[int], None] | None = None,
) -> list[Result]:
    """Do all tasks that a workbook does not have yet, and save each as soon as it is finished.

    Parameters
    ----------
    tasks : sequence of Task
        No two of the same name.
    crew : Crew
        Who does them.
    book : Workbook, optional
        Where finished pieces are, and go.
    report : callable, optional
        Is told the weight of each task when it is there, done or loaded.

    Returns
    -------
    list of dict of str to array
        One result for each task, in the order of the tasks; the same for any crew.

    Raises
    ------
    QantarError
        If a task fails, with its name, or if worker processes are killed again and again. What
        was finished by then stays in the workbook.
    FileError, OutputError
        If a piece cannot be read or written.
    """
    _check_names(tasks)
    tell = report or _silent
    results: dict[int, Result] = {}
    for number, task in enumerate(tasks):
        if book is not None and book.has(task.name):
            results[number] = book.load(task.name)
            tell(task.weight)
    open_tasks = [number for number in range(len(tasks)) if number not in results]
    with closing(crew.each([tasks[number] for number in open_tasks])) as finished:
        for position, result in finished:
            number = open_tasks[position]
            if book is not None:
                book.save(tasks[number].name, result)
            results[number] = result
            tell(tasks[number].weight)
    return [results[number] for number in range(len(tasks))]


def _check_names(tasks: Sequence[Task]) -> None:
    twice = [name for name, times in Counter(task.name for task in tasks).items() if times > 1]
    if twice:
        raise QantarError(f"two tasks are called {twice[0]!r}", expected="a name for each")


def _failure(task: Task, error: BaseException) -> QantarError:
    if isinstance(error, QantarError):
        return QantarError(
            f"{task.name} failed: {error.problem}", expected=error.expected, mend=error.mend
        )
    return QantarError(f"{task.name} failed: {error}")


def _silent(_weight: int) -> None:
    """Tell nobody."""
