"""Worker processes: warm, polite to the rest of the machine, and never longer there than we are.

A `Hand` is one process that does one task at a time. One thread holds it and waits for it.
If the process is killed, the task is lost and the hand takes a new process for the next one.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from qantar.base.errors import QantarError
from qantar.explorer.progress import Progress

NICE = 10
"""How far a worker stands back behind the page, as `os.nice` counts."""

SECONDS_BETWEEN_LOOKS = 0.1
"""How soon a stop is noticed while a worker is silent."""


SILENCE = ("silence", None)


class WorkerLostError(QantarError):
    """The process of a task was ended from outside."""

    def __init__(self) -> None:
        super().__init__(
            "the worker that ran this was ended from outside",
            expected="enough memory for it",
            mend="ask again; if it happens again, ask for fewer members",
        )


class TookTooLongError(QantarError):
    """A task ran past its limit and was ended."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"this took longer than {seconds / 60:g} minutes and was ended",
            mend="ask for fewer members, or run it with `qantar run` or `qantar whatif`",
        )


class BrokenTaskError(QantarError):
    """A task failed in a way that nobody foresaw; its traceback is for the terminal alone.

    Attributes
    ----------
    trace : str
    """

    def __init__(self, trace: str) -> None:
        self.trace = trace
        super().__init__(
            "the work failed inside Qantar",
            mend="ask again; the terminal in which the explorer runs says more",
        )


class StoppedError(QantarError):
    """Somebody stopped the task."""

    def __init__(self) -> None:
        super().__init__("this was stopped", mend="ask again")


@dataclass(frozen=True)
class Task:
    """What a worker does: a function of some module, and what it is given before `report`.

    Attributes
    ----------
    function : str
        ``package.module:name``; it takes ``arguments`` and, last, a callable for `Progress`.
    arguments : tuple
        Values that can be pickled.
    """

    function: str
    arguments: tuple[Any, ...] = ()


class Hand:
    """One worker process, started when it is first needed and again when it was lost.

    Parameters
    ----------
    warm : tuple of str
        Modules that a fresh process imports before its first task.
    """

    def __init__(self, warm: tuple[str, ...] = ()) -> None:
        self._warm = warm
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None

    @property
    def pid(self) -> int | None:
        """Number of the process, if there is one."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Have a live process; it imports its modules in its own time."""
        if self._process is not None and self._process.is_alive():
            return
        self.kill()
        # Spawned, not forked: a fork copies locks of threads that it does not copy.
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, self._warm), name="qantar-explorer-worker", daemon=True
        )
        with _deaf_to_interrupts():
            self._process.start()
        theirs.close()

    def do(
        self,
        task: Task,
        report: Callable[[Progress], None],
        stopped: Callable[[], bool],
        limit: float,
    ) -> None:
        """Do a task and wait for it.

        Parameters
        ----------
        task : Task
        report : callable
            Gets every `Progress` of the task.
        stopped : callable
            Asked often; once true, the process is killed.
        limit : float
            Seconds that the task may take.

        Raises
        ------
        QantarError
            What the task raised, or `WorkerLostError`, `TookTooLongError`, `StoppedError` or
            `BrokenTaskError`.
        """
        ends = time.monotonic() + limit
        for kind, what in self._said(task):
            if kind == "done":
                return
            if kind in ("refused", "broken"):
                raise _error_of(kind, what)
            if kind == "progress":
                report(what)
            if stopped():
                self.kill()
                raise StoppedError
            if time.monotonic() > ends:
                self.kill()
                raise TookTooLongError(limit)

    def kill(self) -> None:
        """End the process at once, if there is one."""
        process, pipe = self._process, self._pipe
        self._process = self._pipe = None
        if process is not None:
            process.kill()
            process.join()
        if pipe is not None:
            pipe.close()

    def _said(self, task: Task) -> Iterator[tuple[str, Any]]:
        """Hand a task over; yield what the process says of it, and silence now and then."""
        self._hand_over(task)
        heard = replaced = False
        while True:
            try:
                said = self._next()
            except WorkerLostError:
                if heard or replaced:
                    raise
                # It died before it began: idle, or while it got ready. Another one, once.
                self._hand_over(task)
                replaced = True
                continue
            heard = heard or said != SILENCE
            yield said

    def _hand_over(self, task: Task) -> None:
        """Send a task; a process that died while it was idle is replaced without a word."""
        for _ in range(2):
            try:
                self.start()
                if self._pipe is not None:
                    self._pipe.send(task)
                    return
            except OSError:
                self.kill()
        raise WorkerLostError

    def _next(self) -> tuple[str, Any]:
        """Return what the process says next, or silence if it says nothing for a moment."""
        pipe = self._pipe
        try:
            if pipe is None:
                raise EOFError
            if not pipe.poll(SECONDS_BETWEEN_LOOKS):
                return SILENCE
            said: tuple[str, Any] = pipe.recv()
        except (EOFError, OSError):
            self.kill()
            raise WorkerLostError from None
        return said


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Let a process that is started here never hear Ctrl-C, not even while it starts."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _error_of(kind: str, what: Any) -> QantarError:
    if kind == "refused":
        problem, expected, mend = what
        return QantarError(problem, expected=expected, mend=mend)
    return BrokenTaskError(what)


def _serve(pipe: Connection, warm: tuple[str, ...]) -> None:
    """Be a worker process: do what comes, until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if "fork" in multiprocessing.get_all_start_methods():
        # Nothing is forked here; locks that libraries make have no name then, and a killed
        # worker leaves none of them behind.
        multiprocessing.set_start_method("fork", force=True)
    if hasattr(os, "nice"):
        os.nice(NICE)
    for name in warm:
        # What is wrong with a module is said by the task that needs it.
        with suppress(Exception):
            import_module(name)
    while True:
        try:
            task = pipe.recv()
            pipe.send(("begun", None))
            _do(task, pipe)
        except (EOFError, OSError):
            return


def _do(task: Task, pipe: Connection) -> None:
    module, _, name = task.function.partition(":")
    try:
        function = getattr(import_module(module), name)
        function(*task.arguments, lambda progress: pipe.send(("progress", progress)))
    except QantarError as error:
        pipe.send(("refused", (error.problem, error.expected, error.mend)))
    except Exception:  # noqa: BLE001 - whatever a task raises is told, and the worker lives on
        pipe.send(("broken", traceback.format_exc()))
    else:
        pipe.send(("done", None))


def _end_with_parent() -> None:
    """End even in the middle of a task when the server is gone, however it went."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
