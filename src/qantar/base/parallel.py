"""Who does the work: this process, processes beside it, or a Dask cluster.

Each kind of worker takes calls and hands back, in any order, the number and the result of each.

Tasks: a long work cut into pieces that any number of workers does, with the same results.

A task is a function of a module and its arguments. Its result may depend on nothing else, so that
it does not matter who does it, when, or beside whom; randomness comes from seeds among the
arguments.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import wait
from types import TracebackType
from typing import Any, Protocol, TypeAlias

from numpy.typing import NDArray

from qantar.base.checkpoints import Workbook
from qantar.base.errors import QantarError

Result: TypeAlias = dict[str, NDArray[Any]]
Call: TypeAlias = tuple[Callable[..., Result], tuple[Any, ...]]
Numbered: TypeAlias = Generator[tuple[int, Result], None, None]

NEW_POOLS = 2
"""Times that killed processes are replaced: a machine has bad moments, a bad task has no end."""

RETRIES = 3
"""Times that Dask may repeat a task, for a node may fail while it reads or imports."""

SECONDS_TO_CONNECT = 10
"""A scheduler that runs answers in far less."""

ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)
"""What numerical libraries read when they are loaded: sums in threads differ in the last bits."""


class CallError(Exception):
    """A call raised.

    Attributes
    ----------
    number : int
        Which call.
    error : Exception
        What it raised.
    """

    def __init__(self, number: int, error: BaseException) -> None:
        super().__init__(number, error)
        self.number = number
        self.error = error


class Workers(Protocol):
    """Somebody who works calls off."""

    def each(self, calls: Sequence[Call]) -> Numbered:
        """Hand back number and result of each call as it finishes; `CallError` if one raises."""
        ...

    def close(self, *, at_once: bool) -> None:
        """Go home: after the running calls, or at once."""
        ...


class Here:
    """Works in this process, one call after another."""

    def each(self, calls: Sequence[Call]) -> Numbered:
        """Work the calls off in their order."""
        for number, (function, arguments) in enumerate(calls):
            try:
                result = _with_one_thread(function, arguments)
            except Exception as error:
                raise CallError(number, error) from error
            yield number, result

    def close(self, *, at_once: bool) -> None:
        """Nothing is held."""


class Beside:
    """Works in processes of this machine, which are replaced if they are killed."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def each(self, calls: Sequence[Call]) -> Numbered:
        """Work the calls off; after a killed process once more what it left open."""
        left = dict(enumerate(calls))
        for _ in range(NEW_POOLS + 1):
            try:
                for number, result in self._round(left):
                    del left[number]
                    yield number, result
            except BrokenProcessPool as error:
                self.close(at_once=True)
                lost = error
            else:
                return
        raise QantarError(
            f"worker processes were killed {NEW_POOLS + 1} times",
            expected="enough memory for all workers; in a script, a call under "
            "`if __name__ == '__main__':`",
            mend="fewer --workers; finished pieces are kept, go on with --resume",
        ) from lost

    def close(self, *, at_once: bool) -> None:
        """Let the processes end; `at_once` also ends the calls that run."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        processes = list((getattr(pool, "_processes", None) or {}).values())
        pool.shutdown(wait=not at_once, cancel_futures=True)
        if at_once:
            for process in processes:
                process.terminate()

    def _round(self, calls: Mapping[int, Call]) -> Numbered:
        futures: dict[Future[Result], int] = {}
        broken: BrokenProcessPool | None = None
        try:
            for number, call in sorted(calls.items()):
                futures[self._started().submit(work, *call)] = number
            for future in as_completed(futures):
                error = future.exception()
                if isinstance(error, BrokenProcessPool):
                    # Others may have finished before: their results come first.
                    broken = error
                elif error is not None:
                    raise CallError(futures[future], error)
                else:
                    yield futures[future], future.result()
        finally:
            for future in futures:
                future.cancel()
        if broken is not None:
            raise broken

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # Spawned, not forked: a fork copies locks of threads that it does not copy.
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._workers, context, initializer=_begin_work)
        return self._pool


class Cluster:
    """Works on a Dask cluster, which replaces lost workers by itself."""

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
        except ImportError as error:
            raise QantarError(
                "work on a cluster needs Dask", mend="pip install 'qantar[cluster]'"
            ) from error
        try:
            self._client = Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            raise QantarError(
                f"no Dask scheduler answers at {address}",
                expected="an address such as tcp://host:8786",
                mend="start `dask scheduler`, or see whether this machine may reach it",
            ) from error

    def each(self, calls: Sequence[Call]) -> Numbered:
        """Send all calls, and hand back what comes."""
        from distributed import as_completed as as_completed_there

        # A call goes as one function without arguments: Dask would look into arguments for its own.
        futures = {
            self._client.submit(partial(work, *call), pure=False, retries=RETRIES): number
            for number, call in enumerate(calls)
        }
        try:
            for future in as_completed_there(list(futures), loop=self._client.loop):
                number = futures[future]
                try:
                    result = future.result()
                except Exception as error:
                    raise CallError(number, error) from error
                # The cluster keeps a result as long as somebody here points at it.
                del futures[future]
                yield number, result
        finally:
            self._client.cancel(list(futures))

    def close(self, *, at_once: bool) -> None:
        """Take leave of the scheduler; the cluster stays."""
        self._client.close()


def work(function: Callable[..., Result], arguments: tuple[Any, ...]) -> Result:
    """Work one call off in a worker process, with one thread for good.

    Raises
    ------
    Exception
        What the function raised, in a form that can travel between processes.
    """
    from threadpoolctl import threadpool_limits

    os.environ.update(ONE_THREAD)
    # Not restored: a Dask worker may run two calls in two threads, and the limit is for all.
    threadpool_limits(1)
    try:
        return function(*arguments)
    except Exception as error:  # noqa: BLE001 - raised again below, without what it came from
        failure = _able_to_travel(error)
    raise failure


def _with_one_thread(function: Callable[..., Result], arguments: tuple[Any, ...]) -> Result:
    """Work one call off in this process, and leave it as it was."""
    from threadpoolctl import threadpool_limits

    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(ONE_THREAD)
    try:
        with threadpool_limits(1):
            return function(*arguments)
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _able_to_travel(error: Exception) -> Exception:
    """Return the error, or one with its words: an error that cannot be unpickled kills a pool."""
    if isinstance(error, QantarError):
        return QantarError(error.problem, expected=error.expected, mend=error.mend)
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001 - whatever an error's own code raises here
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _begin_work() -> None:
    """Leave Ctrl-C to the parent, and end when the parent is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


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
