"""Batches of tasks, with the same results for any pool of workers.

A task is a function and its arguments. Its result may depend on nothing else, so any pool gives the
same results. Random numbers come from seeds among the arguments.

`run_tasks` runs a batch of named tasks on a `TaskPool` and saves each result as it arrives. The
pool is this process, worker processes, or a Dask cluster; `open_pool` opens one.
"""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import wait
from typing import Any, Protocol, TypeAlias

from numpy.typing import NDArray

from qantar.base.errors import QantarError
from qantar.base.worker_process import SINGLE_THREAD, WorkerProcess, picklable
from qantar.base.worker_process import Task as Task
from qantar.base.worker_process import TaskError as TaskError
from qantar.base.worker_process import WorkerCrashedError as WorkerCrashedError

Result: TypeAlias = dict[str, NDArray[Any]]
"""What a task of a batch returns: arrays by name."""

NumberedResults: TypeAlias = Generator[tuple[int, Result], None, None]
"""Number and result of each task as it finishes, in any order."""

MAX_CRASHES = 3
"""Retry limit of a task whose worker process crashes."""

DASK_RETRIES = 3
"""Retry limit of Dask, because a node may fail while it reads or imports."""

DASK_CONNECT_SECONDS = 10
"""Timeout for connecting to a Dask scheduler."""


class TaskPool(Protocol):
    """Something that runs batches of tasks; see `open_pool`."""

    def run(self, tasks: Sequence[Task]) -> NumberedResults:
        """Yield number and result of each task as it finishes, in any order.

        Raises
        ------
        TaskError
            If a task raised an error. Unfinished tasks are abandoned.
        WorkerCrashedError
            If a task lost `MAX_CRASHES` worker processes.
        """
        ...

    def close(self) -> None:
        """End the workers."""
        ...


class InProcessPool:
    """Runs tasks in this process, one after the other."""

    def run(self, tasks: Sequence[Task]) -> NumberedResults:
        """Yield number and result of each task; see `TaskPool.run`."""
        from threadpoolctl import threadpool_limits

        for number, task in enumerate(tasks):
            try:
                with _environment(SINGLE_THREAD), threadpool_limits(1):
                    result = task.call()
            except Exception as error:
                raise TaskError(task.name, error) from error
            yield number, result

    def close(self) -> None:
        """Do nothing: there are no workers."""


class WorkerPool:
    """Runs tasks in processes of this machine. A task whose process is killed is run again.

    Parameters
    ----------
    workers : int
        Number of processes, 1 or more.
    """

    def __init__(self, workers: int) -> None:
        self._workers = [WorkerProcess() for _ in range(workers)]

    def run(self, tasks: Sequence[Task]) -> NumberedResults:
        """Yield number and result of each task; see `TaskPool.run`."""
        waiting = deque(range(len(tasks)))
        running: dict[WorkerProcess, int] = {}
        crashes: Counter[int] = Counter()
        self._start(len(tasks))
        try:
            while waiting or running:
                for worker in self._workers:
                    if waiting and worker not in running:
                        running[worker] = waiting.popleft()
                        worker.submit(tasks[running[worker]])
                for worker in _with_messages(running):
                    number = running[worker]
                    try:
                        kind, content = worker.receive()
                    except WorkerCrashedError as error:
                        del running[worker]
                        crashes[number] += 1
                        if crashes[number] == MAX_CRASHES:
                            raise _too_many_crashes(tasks[number]) from error
                        waiting.appendleft(number)
                    else:
                        if kind == "result":
                            del running[worker]
                            yield number, content
        finally:
            for worker in running:
                worker.kill()

    def _start(self, most: int) -> None:
        """Start workers before there is work for each, so that they import at the same time."""
        for worker in self._workers[:most]:
            with suppress(OSError):  # tried again with the task
                worker.start()

    def close(self) -> None:
        """End the processes."""
        for worker in self._workers:
            worker.kill()


class DaskPool:
    """Runs tasks on a Dask cluster, which replaces lost workers by itself.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://host:8786``.

    Raises
    ------
    QantarError
        If Dask is not installed, or the scheduler does not answer.
    """

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
        except ImportError as error:
            raise QantarError(
                "work on a cluster needs Dask", hint="pip install 'qantar[cluster]'"
            ) from error
        try:
            self._client = Client(address, timeout=DASK_CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            raise QantarError(
                f"no Dask scheduler answers at {address}",
                expected="an address such as tcp://host:8786",
                hint="start `dask scheduler`, or see whether this machine may reach it",
            ) from error

    def run(self, tasks: Sequence[Task]) -> NumberedResults:
        """Yield number and result of each task; see `TaskPool.run`."""
        from distributed import as_completed

        # A task is sent as a function without arguments, because Dask would inspect arguments.
        futures = {
            self._client.submit(
                partial(_call_on_cluster, task), pure=False, retries=DASK_RETRIES
            ): n
            for n, task in enumerate(tasks)
        }
        try:
            for future in as_completed(list(futures), loop=self._client.loop):
                number = futures[future]
                try:
                    result = future.result()
                except Exception as error:
                    raise TaskError(tasks[number].name, error) from error
                # The cluster keeps a result as long as a reference to its future exists.
                del futures[future]
                yield number, result
        finally:
            self._client.cancel(list(futures))

    def close(self) -> None:
        """Disconnect from the scheduler; the cluster keeps running."""
        self._client.close()


@dataclass(frozen=True)
class PoolSettings:
    """Where batches of tasks run.

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


@contextmanager
def open_pool(settings: PoolSettings) -> Iterator[TaskPool]:
    """Open a pool for any number of batches, and end its workers afterwards.

    Parameters
    ----------
    settings : PoolSettings

    Yields
    ------
    TaskPool

    Raises
    ------
    QantarError
        If Dask is not installed or its scheduler does not answer.
    """
    pool: TaskPool
    if settings.cluster is not None:
        pool = DaskPool(settings.cluster)
    elif settings.workers > 1:
        pool = WorkerPool(settings.workers)
    else:
        pool = InProcessPool()
    with closing(pool):
        yield pool


class ResultStore(Protocol):
    """Keeps results by the names of their tasks, such as `qantar.base.checkpoints.Workbook`."""

    def has(self, name: str) -> bool:
        """Return whether there is a result of this name."""
        ...

    def load(self, name: str) -> Result:
        """Return a result."""
        ...

    def save(self, name: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Save a result atomically."""
        ...


def run_tasks(
    tasks: Sequence[Task],
    pool: TaskPool,
    store: ResultStore | None = None,
    report: Callable[[int], None] | None = None,
) -> list[Result]:
    """Run all tasks whose results are not stored yet, and save each result as it arrives.

    Parameters
    ----------
    tasks : sequence of Task
        No two of the same name.
    pool : TaskPool
        From `open_pool`.
    store : ResultStore, optional
        Where finished results are loaded from and saved.
    report : callable, optional
        Called with the weight of each task once its result is computed or loaded.

    Returns
    -------
    list of dict of str to array
        One result for each task, in the order of the tasks; the same for any pool.

    Raises
    ------
    TaskError
        If a task raised an error, with its name.
    WorkerCrashedError
        If the worker process of a task was killed repeatedly. In both cases, finished results stay
        in the store.
    FileError, OutputError
        If a result cannot be read or written.
    """
    twice = [name for name, times in Counter(task.name for task in tasks).items() if times > 1]
    if twice:
        raise QantarError(f"two tasks are called {twice[0]!r}", expected="a name for each")
    results: dict[int, Result] = {}
    for number, task in enumerate(tasks):
        if store is not None and store.has(task.name):
            results[number] = store.load(task.name)
            if report is not None:
                report(task.weight)
    missing = [number for number in range(len(tasks)) if number not in results]
    with closing(pool.run([tasks[number] for number in missing])) as finished:
        for position, result in finished:
            number = missing[position]
            if store is not None:
                store.save(tasks[number].name, result)
            results[number] = result
            if report is not None:
                report(tasks[number].weight)
    return [results[number] for number in range(len(tasks))]


def _with_messages(workers: Collection[WorkerProcess]) -> list[WorkerProcess]:
    """Wait until some workers have a message or are dead, and return them."""
    connections = [worker.connection for worker in workers if worker.connection is not None]
    ready = wait(connections, timeout=None if len(connections) == len(workers) else 0)
    return [w for w in workers if w.connection is None or w.connection in ready]


def _too_many_crashes(task: Task) -> WorkerCrashedError:
    return WorkerCrashedError(
        f"{task.name}: its worker process was killed {MAX_CRASHES} times",
        expected="enough memory for all workers; in a script, a call under "
        "`if __name__ == '__main__':`",
        hint="fewer --workers; finished pieces are kept, go on with --resume",
    )


def _call_on_cluster(task: Task) -> Result:
    """Run a task on a Dask worker."""
    from threadpoolctl import threadpool_limits

    os.environ.update(SINGLE_THREAD)
    # Not restored: a Dask worker may run two tasks in two threads, and the limit is for all.
    threadpool_limits(1)
    try:
        result: Result = task.call()
    except Exception as error:  # noqa: BLE001 - raised again below, without what it came from
        failure = picklable(error)
    else:
        return result
    raise failure


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables while the body runs."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
