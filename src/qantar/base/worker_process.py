"""A worker process that runs one task at a time, reports progress, and can be cancelled.

Worker processes are spawned, not forked, because a fork copies locks held by threads that it does
not copy. They import the functions of the tasks again, and with them the parent's main module if
that is a script: a script must start its work under ``if __name__ == "__main__":``.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, TypeAlias

from qantar.base.errors import QantarError

Message: TypeAlias = tuple[str, Any]
"""A message of a worker process: ``started``, ``progress`` or ``result``, and a value."""

POLL_SECONDS = 0.1
"""Polling interval for cancellation and time limits."""

SINGLE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)
"""Environment of a worker: multi-threaded sums differ in the last bits."""


@dataclass(frozen=True)
class Task:
    """A function and its arguments, to be called in some process.

    Attributes
    ----------
    name : str
        Name of the task; in a batch also the name under which its result is saved.
    function : callable or str
        A function at the top level of a module, or ``package.module:name``, which only the worker
        imports.
    arguments : tuple
        Its arguments. They must be picklable.
    weight : int
        How much work it is, such as the number of simulations, for the time left.
    reports_progress : bool
        Whether the function takes, as its last argument, a callable that sends any picklable value
        to the parent. Only `WorkerProcess.run` passes these values on.
    """

    name: str
    function: Callable[..., Any] | str
    arguments: tuple[Any, ...] = ()
    weight: int = 1
    reports_progress: bool = False

    def call(self, report: Callable[[Any], None] | None = None) -> Any:
        """Call the function here and now, and return its result."""
        function = self.function
        if isinstance(function, str):
            module, _, name = function.partition(":")
            function = getattr(import_module(module), name)
        return function(*self.arguments, *([report] if self.reports_progress else []))


class TaskError(QantarError):
    """A task raised an error.

    Attributes
    ----------
    task : str
        Name of the task.
    error : Exception
        What it raised; a `QantarError` keeps its problem, expectation and hint.
    trace : str
        The traceback in the process of the task; empty where there is none.
    """

    def __init__(self, task: str, error: Exception, trace: str = "") -> None:
        self.task, self.error, self.trace = task, error, trace
        if isinstance(error, QantarError):
            problem, expected, hint = error.problem, error.expected, error.hint
        else:
            problem, expected, hint = str(error), "", ""
        super().__init__(f"{task} failed: {problem}", expected=expected, hint=hint)


class WorkerCrashedError(QantarError):
    """The process of a task was killed from outside, usually for lack of memory."""


class TaskTimeoutError(QantarError):
    """A task ran past its time limit, and its process was killed."""


class TaskCancelledError(QantarError):
    """A task was cancelled, and its process was killed."""

    def __init__(self) -> None:
        super().__init__("this was stopped", hint="ask again")


class WorkerProcess:
    """A process that runs one task at a time.

    It is started when first needed, and replaced if it was killed. It ignores Ctrl-C, exits with
    its parent even in the middle of a task, and its numerical libraries use one thread. Only one
    thread of the parent may use it at a time.

    Parameters
    ----------
    warm : sequence of Task
        What a new process does before its first task, such as loading what all tasks need.
    nice : int
        Niceness of the process, as for `os.nice`.
    """

    def __init__(self, *, warm: Sequence[Task] = (), nice: int = 0) -> None:
        self._warm = tuple(warm)
        self._nice = nice
        self._task = ""
        self._process: BaseProcess | None = None
        self.connection: Connection | None = None

    @property
    def pid(self) -> int | None:
        """Process id, or None if there is no process."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start the process if it is not running, without waiting for its imports.

        Raises
        ------
        OSError
            If the machine refuses another process.
        """
        if self._process is not None and self._process.is_alive():
            return
        self.kill()
        context = multiprocessing.get_context("spawn")
        connection, theirs = context.Pipe()
        process = context.Process(
            target=_worker_main,
            args=(theirs, self._warm, self._nice),
            name="qantar-worker",
            daemon=True,
        )
        try:
            with _interrupts_blocked():
                process.start()
        finally:
            theirs.close()
        self._process, self.connection = process, connection

    def submit(self, task: Task) -> None:
        """Send a task to the process, which must be idle; if it is dead, `receive` raises.

        Raises
        ------
        TaskError
            If the task cannot be pickled.
        """
        try:
            data = pickle.dumps(task)
        except Exception as error:
            raise TaskError(task.name, error) from error
        self._task = task.name
        try:
            self.start()
            if self.connection is not None:
                self.connection.send_bytes(data)
        except OSError:
            self.kill()

    def has_message(self, timeout: float) -> bool:
        """Wait some seconds at most, and say whether `receive` would return or raise at once."""
        try:
            return self.connection is None or self.connection.poll(timeout)
        except OSError:  # raised on Windows if the process is dead
            return True

    def receive(self) -> Message:
        """Wait for the next message and return it.

        Raises
        ------
        TaskError
            If the task raised an error.
        WorkerCrashedError
            If the process is dead.
        """
        try:
            if self.connection is None:
                raise EOFError
            kind, content = self.connection.recv()
        except (EOFError, OSError):
            self.kill()
            raise WorkerCrashedError(
                "the worker that ran this was ended from outside",
                expected="enough memory for it",
                hint="try again",
            ) from None
        if kind == "failed":
            raise TaskError(self._task, *content) from content[0]
        return kind, content

    def run(
        self,
        task: Task,
        *,
        report: Callable[[Any], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        time_limit: float = float("inf"),
    ) -> Any:
        """Run a task and wait for its result.

        Parameters
        ----------
        task : Task
        report : callable, optional
            Called with every value that the task reports.
        cancelled : callable, optional
            Called several times a second; once it returns true, the process is killed.
        time_limit : float
            Seconds that the task may take; then the process is killed.

        Returns
        -------
        object
            What the function of the task returned.

        Raises
        ------
        TaskError
            If the task raised an error.
        WorkerCrashedError, TaskTimeoutError, TaskCancelledError
        """
        ends = time.monotonic() + time_limit
        self.submit(task)
        began = replaced = False
        while True:
            try:
                message = self.receive() if self.has_message(POLL_SECONDS) else None
            except WorkerCrashedError:
                if began or replaced:
                    raise
                # It died before the task began: idle, or while it imported. Another one, once.
                self.submit(task)
                replaced, message = True, None
            if message is not None:
                began, (kind, content) = True, message
                if kind == "result":
                    return content
                if kind == "progress" and report is not None:
                    report(content)
            if cancelled is not None and cancelled():
                self.kill()
                raise TaskCancelledError
            if time.monotonic() > ends:
                self.kill()
                raise TaskTimeoutError(
                    f"this took longer than {time_limit / 60:g} minutes and was ended"
                )

    def kill(self) -> None:
        """Kill the process at once, if there is one."""
        process, connection = self._process, self.connection
        self._process = self.connection = None
        if process is not None:
            process.kill()
            process.join()
        if connection is not None:
            connection.close()


def picklable(error: Exception) -> Exception:
    """Return the error, or a picklable one with the same message."""
    if isinstance(error, QantarError):
        return QantarError(error.problem, expected=error.expected, hint=error.hint)
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001 - whatever an error's own code raises here
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _worker_main(connection: Connection, warm: tuple[Task, ...], nice: int) -> None:
    """Run tasks in a worker process, until the parent closes the connection."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    os.environ.update(SINGLE_THREAD)
    if "fork" in multiprocessing.get_all_start_methods():
        # Nothing is forked here. But locks that libraries make are then without a name, and a
        # killed worker leaves none of them behind.
        multiprocessing.set_start_method("fork", force=True)
    if nice and hasattr(os, "nice"):
        os.nice(nice)
    for each in warm:
        with suppress(Exception):  # the task that needs it raises the error
            each.call()
    while True:
        try:
            data = connection.recv_bytes()
            connection.send(("started", None))
            connection.send_bytes(_outcome(data, lambda said: connection.send(("progress", said))))
        except (EOFError, OSError):
            return


def _outcome(data: bytes, report: Callable[[Any], None]) -> bytes:
    """Run a pickled task, and return the pickled message that says how it ended."""
    from threadpoolctl import threadpool_limits

    try:
        task: Task = pickle.loads(data)
        threadpool_limits(1)  # libraries that are loaded no longer read the environment
        return pickle.dumps(("result", task.call(report)))
    except Exception as error:  # noqa: BLE001 - the parent raises it, and the worker lives on
        return pickle.dumps(("failed", (picklable(error), traceback.format_exc())))


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Let a process that is started here never receive Ctrl-C, not even while it starts."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _exit_with_parent() -> None:
    """Exit this process when its parent has ended for any reason."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
