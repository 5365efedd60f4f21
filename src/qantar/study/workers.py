"""Who does the work: this process, processes beside it, or a Dask cluster.

Each kind of worker takes calls and hands back, in any order, the number and the result of each.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing.connection import wait
from typing import Any, Protocol, TypeAlias

from numpy.typing import NDArray

from qantar.errors import QantarError

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
