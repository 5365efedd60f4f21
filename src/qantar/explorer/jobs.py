"""Jobs: what was asked to be run, in its order, with how far it is.

Two workers run jobs; a few jobs wait; whoever asks for the same joins it. A finished job has put
its folder in its place whole; any other has left nothing.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from qantar.base.errors import QantarError
from qantar.base.worker_process import (
    Task,
    TaskCancelledError,
    TaskError,
    TaskTimeoutError,
    WorkerCrashedError,
    WorkerProcess,
)
from qantar.explorer.json_values import problem_of, without_folders
from qantar.explorer.progress import Progress
from qantar.explorer.workdir import make_signed

Status = Literal["waiting", "running", "done", "failed", "stopped"]

WORKERS = 2
MOST_WAITING = 8
MOST_REMEMBERED = 64
"""Finished jobs whose end is still told."""

SECONDS_A_JOB = 600.0

NICE = 10
"""How far workers stand back behind the page, as `os.nice` counts."""

SCRATCH = ".qantar-work-"
"""How folders of jobs under way begin: no run directory does."""

_LOG = logging.getLogger(__name__)


class BusyError(QantarError):
    """Enough is waiting."""

    def __init__(self) -> None:
        super().__init__(
            f"{MOST_WAITING} works are waiting already",
            mend="wait until one is done, or stop one of them, and ask again",
        )


class NoSuchJobError(QantarError):
    """Nobody asked for it, or it is long over."""

    def __init__(self, job: str) -> None:
        super().__init__(f"there is no work called {job!r}", mend="ask for it again")


class UnwritableError(QantarError):
    """The results cannot be put where they belong."""

    def __init__(self, error: OSError) -> None:
        super().__init__(
            f"the results cannot be written: {error.strerror}",
            expected="a folder that can be written to, and room on its disk",
            mend="make room, or start the explorer with another --runs",
        )


class InternalError(QantarError):
    """A job failed in a way that nobody foresaw; what went wrong is for the terminal alone."""

    def __init__(self) -> None:
        super().__init__(
            "the work failed inside Qantar",
            mend="ask again; the terminal in which the explorer runs says more",
        )


@dataclass(frozen=True)
class Order:
    """What is asked.

    Attributes
    ----------
    id : str
        Equal orders have equal ids.
    kind : str
        ``world`` or ``keep``.
    key, query, title : str
        Of the world; see `qantar.explorer.request.WorldAsked`.
    task : Task
        Its function gets, after its own arguments, a folder that does not exist and a callable for
        `Progress`.
    beside : Path
        Folder on whose disk the work is done.
    folder : str
        Name of the folder that the function makes.
    place : callable
        Puts the finished folder in its place and says what to tell.
    is_there : callable
        Whether it was done before and is still there.
    """

    id: str
    kind: str
    key: str
    query: str
    title: str
    task: Task
    beside: Path
    folder: str
    place: Callable[[Path], str]
    is_there: Callable[[], bool]


@dataclass
class Job:
    """An order and what became of it so far. Only `Jobs` changes it.

    Attributes
    ----------
    askers : int
        How often it was asked for, less those who no longer want it.
    """

    order: Order
    askers: int = 1
    status: Status = "waiting"
    progress: Progress = field(default_factory=lambda: Progress(""))
    message: str = ""
    mend: str = ""
    stopping: bool = False
    began: float = field(default_factory=time.monotonic)
    ended: float | None = None

    def can_be_joined(self) -> bool:
        """Say whether it is under way, or done and what it made still there."""
        if self.status == "done":
            return self.order.is_there()
        return self.status in ("waiting", "running") and not self.stopping

    def as_json(self, position: int) -> dict[str, Any]:
        """Return what the page gets; ``position`` counts from 1 and is 0 off the queue."""
        order, progress = self.order, self.progress
        until = time.monotonic() if self.ended is None else self.ended
        return {
            "id": order.id,
            "kind": order.kind,
            "key": order.key,
            "query": order.query,
            "title": order.title,
            "status": self.status,
            "position": position,
            "stage": progress.stage,
            "done": progress.done,
            "total": progress.total,
            "partial": progress.partial,
            "message": self.message,
            "mend": self.mend,
            "seconds": round(until - self.began, 1),
        }


class Jobs:
    """All jobs of a server. Every method may be called from any thread.

    Parameters
    ----------
    warm : tuple of str
        Modules that workers import before their first task.
    workers : int
        Worker processes.
    seconds : float
        Limit of one job.
    """

    def __init__(
        self, warm: tuple[str, ...] = (), *, workers: int = WORKERS, seconds: float = SECONDS_A_JOB
    ) -> None:
        self._jobs: dict[str, Job] = {}
        self._waiting: deque[Job] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._seconds = seconds
        self.workers: tuple[WorkerProcess, ...] = tuple(
            WorkerProcess(warm=warm, nice=NICE) for _ in range(workers)
        )
        self._threads = [
            threading.Thread(target=self._work, args=(worker,), daemon=True)
            for worker in self.workers
        ]

    def start(self) -> None:
        """Start the workers."""
        with self._changed:
            if not self._closing:
                for thread in self._threads:
                    thread.start()

    def close(self) -> None:
        """End every worker; jobs that are not done leave nothing. Calling it twice is fine."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def ask(self, order: Order) -> dict[str, Any]:
        """Take an order, or join the same one.

        Raises
        ------
        BusyError
            If too many are waiting.
        """
        with self._changed:
            job = self._jobs.get(order.id)
            if job is None or not job.can_be_joined():
                job = self._taken(order)
            else:
                job.askers += 1
            return self._told(job)

    def get(self, name: str) -> dict[str, Any]:
        """Return a job.

        Raises
        ------
        NoSuchJobError
        """
        with self._changed:
            return self._told(self._job(name))

    def all(self) -> list[dict[str, Any]]:
        """Return every job, the last asked first."""
        with self._changed:
            return [self._told(job) for job in reversed(self._jobs.values())]

    def stop(self, name: str) -> dict[str, Any]:
        """Stop a job that waits or runs; one that is over stays as it is.

        Raises
        ------
        NoSuchJobError
        """
        with self._changed:
            job = self._job(name)
            if job.status == "waiting":
                self._waiting.remove(job)
                self._end(job, "stopped", TaskCancelledError())
            elif job.status == "running":
                job.stopping = True
                while job.status == "running" and not self._closing:
                    self._changed.wait(1.0)
            return self._told(job)

    def leave(self, name: str) -> dict[str, Any]:
        """Say that one who asked for a job no longer wants it; it is stopped if nobody else does.

        Raises
        ------
        NoSuchJobError
        """
        with self._changed:
            job = self._job(name)
            job.askers -= 1
            return self.stop(name) if job.askers <= 0 else self._told(job)

    def _job(self, name: str) -> Job:
        if name not in self._jobs:
            raise NoSuchJobError(name)
        return self._jobs[name]

    def _told(self, job: Job) -> dict[str, Any]:
        position = self._waiting.index(job) + 1 if job.status == "waiting" else 0
        return job.as_json(position)

    def _taken(self, order: Order) -> Job:
        """Return a new job in the queue, or one that is done because its world is there."""
        job = Job(order)
        if order.is_there():
            job.status, job.ended = "done", job.began
        elif len(self._waiting) >= MOST_WAITING:
            raise BusyError
        else:
            self._waiting.append(job)
        self._jobs.pop(order.id, None)
        self._jobs[order.id] = job
        self._forget()
        self._changed.notify_all()
        return job

    def _forget(self) -> None:
        over = [name for name, job in self._jobs.items() if job.ended is not None]
        for name in over[: max(0, len(over) - MOST_REMEMBERED)]:
            del self._jobs[name]

    def _work(self, worker: WorkerProcess) -> None:
        """Run jobs on a worker, in a thread of its own, until the server ends."""
        try:
            while True:
                with suppress(OSError):  # it is tried again, and said, when there is work
                    worker.start()
                job = self._next()
                if job is None:
                    return
                self._run(worker, job)
        finally:
            worker.kill()

    def _next(self) -> Job | None:
        with self._changed:
            while not self._waiting and not self._closing:
                self._changed.wait()
            if self._closing:
                return None
            job = self._waiting.popleft()
            job.status, job.began = "running", time.monotonic()
            return job

    def _run(self, worker: WorkerProcess, job: Job) -> None:
        """Run a job, put its result in its place, and say how it ended."""
        try:
            message = self._run_in_scratch(worker, job)
        except TaskCancelledError as error:
            self._end_locked(job, "stopped", error)
        except QantarError as error:
            self._end_locked(job, "failed", _explained(error))
        except OSError as error:
            _LOG.error("%s: %s", job.order.title, error)
            self._end_locked(job, "failed", UnwritableError(error))
        except Exception:  # noqa: BLE001 - no job may stay under way for ever
            _LOG.exception("%s", job.order.title)
            self._end_locked(job, "failed", InternalError())
        else:
            with self._changed:
                job.message = message
                self._end(job, "done")

    def _run_in_scratch(self, worker: WorkerProcess, job: Job) -> str:
        order = job.order
        order.beside.mkdir(parents=True, exist_ok=True)
        scratch = make_signed(order.beside, SCRATCH)
        try:
            folder = scratch / order.folder
            worker.run(
                replace(order.task, arguments=(*order.task.arguments, folder)),
                report=self._reporter(job),
                cancelled=lambda: job.stopping or self._closing,
                time_limit=self._seconds,
            )
            return order.place(folder)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _reporter(self, job: Job) -> Callable[[Progress], None]:
        def report(progress: Progress) -> None:
            with self._changed:
                job.progress = progress

        return report

    def _end_locked(self, job: Job, status: Status, error: QantarError) -> None:
        with self._changed:
            self._end(job, status, error)

    def _end(self, job: Job, status: Status, error: QantarError | None = None) -> None:
        job.status, job.ended = status, time.monotonic()
        if error is not None:
            expected = f" (expected: {error.expected})" if error.expected else ""
            own = (str(job.order.beside),)
            job.message = without_folders(f"{problem_of(error)}{expected}", own)
            job.mend = without_folders(error.mend, own)
        self._forget()
        self._changed.notify_all()


def _explained(error: QantarError) -> QantarError:
    """Return what the page is told of a job that failed, with what to do about it there."""
    if isinstance(error, TaskError):
        if isinstance(error.error, QantarError):
            return error.error
        _LOG.error("%s\n%s", error.task, error.trace)
        return InternalError()
    if isinstance(error, WorkerCrashedError):
        mend = "ask again; if it happens again, ask for fewer members"
    elif isinstance(error, TaskTimeoutError):
        mend = "ask for fewer members, or run it with `qantar run` or `qantar whatif`"
    else:
        return error
    return QantarError(error.problem, expected=error.expected, mend=mend)
