"""The job queue: worlds and run directories that worker processes compute.

Two workers run jobs and a few jobs wait. A request for what is already queued joins that job. The
folder of a finished job is moved to its destination atomically; any other job leaves nothing.
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
from qantar.explorer.request import problem_of, without_folders
from qantar.explorer.workdir import make_owned_folder


@dataclass(frozen=True)
class Progress:
    """One progress report; picklable, as it is sent between processes.

    Attributes
    ----------
    stage : str
        Stage of the work, such as ``running members``.
    done, total : int
        Steps of this stage; ``total`` is 0 if unknown.
    partial : dict or None
        Intermediate result, if there is a change:
        ``{"pairs": int, "deaths": {"mean": float, "low": float, "high": float}}``.
    counted : str
        What `done` counts, where a reader knows it: ``members`` or ``pairs``.
    preview : str
        Name of the newest folder beside that of the task with the results so far; empty if none.
    """

    stage: str
    done: int = 0
    total: int = 0
    partial: dict[str, Any] | None = None
    counted: str = ""
    preview: str = ""


Status = Literal["waiting", "running", "done", "failed", "stopped"]

WORKERS = 2
MOST_WAITING = 8
MOST_REMEMBERED = 64
"""Finished jobs that are still listed."""

SECONDS_A_JOB = 600.0

NICE = 10
"""Niceness of workers, so that the page stays responsive; see `os.nice`."""

SCRATCH = ".qantar-work-"
"""Prefix of the folders of running jobs, which no run directory has."""

_LOG = logging.getLogger(__name__)


class BusyError(QantarError):
    """Too many jobs are waiting."""

    def __init__(self) -> None:
        super().__init__(
            f"{MOST_WAITING} works are waiting already",
            hint="wait until one is done, or stop one of them, and ask again",
        )


class NoSuchJobError(QantarError):
    """There is no such job, or it ended long ago."""

    def __init__(self, job: str) -> None:
        super().__init__(f"there is no work called {job!r}", hint="ask for it again")


class UnwritableError(QantarError):
    """The results cannot be written to their destination."""

    def __init__(self, error: OSError) -> None:
        super().__init__(
            f"the results cannot be written: {error.strerror}",
            expected="a folder that can be written to, and room on its disk",
            hint="make room, or start the explorer with another --runs",
        )


class InternalError(QantarError):
    """A job failed unexpectedly; the details are logged to the terminal only."""

    def __init__(self) -> None:
        super().__init__(
            "the work failed inside Qantar",
            hint="ask again; the terminal in which the explorer runs says more",
        )


@dataclass(frozen=True)
class Order:
    """A request for a job.

    Attributes
    ----------
    id : str
        Equal orders have equal ids.
    kind : str
        ``world``, ``keep`` or ``years``.
    key, query, title : str
        Of the world; see `qantar.explorer.request.WorldRequest`.
    task : Task
        Its function gets, after its own arguments, a folder that does not exist and a callable for
        `Progress`.
    beside : Path
        Folder in which the scratch folder is created, on the file system of the destination.
    folder : str
        Name of the folder that the task creates.
    place : callable
        Moves the finished folder to its destination and returns a message.
    is_there : callable
        Whether the result of an earlier job still exists.
    place_preview : callable
        Moves a folder with the results so far to its destination.
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
    place_preview: Callable[[Path], None] = lambda _folder: None


@dataclass
class Job:
    """An order and its state. Only `Jobs` changes it.

    Attributes
    ----------
    askers : int
        Number of clients that wait for it.
    """

    order: Order
    waiting_clients: int = 1
    status: Status = "waiting"
    progress: Progress = field(default_factory=lambda: Progress(""))
    message: str = ""
    hint: str = ""
    stopping: bool = False
    began: float = field(default_factory=time.monotonic)
    ended: float | None = None

    def is_joinable(self) -> bool:
        """Return whether it is waiting or running, or done and its result still exists."""
        if self.status == "done":
            return self.order.is_there()
        return self.status in ("waiting", "running") and not self.stopping

    def as_json(self, position: int) -> dict[str, Any]:
        """Return the payload; ``position`` in the queue counts from 1, 0 for not waiting."""
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
            "counted": progress.counted,
            "preview": progress.preview or None,
            "message": self.message,
            "hint": self.hint,
            "seconds": round(until - self.began, 1),
        }


class Jobs:
    """All jobs of a server. All methods are thread-safe.

    Parameters
    ----------
    warm : tuple of Task
        What workers do before their first job, to be ready for it.
    workers : int
        Worker processes.
    seconds : float
        Time limit of one job.
    """

    def __init__(
        self, warm: tuple[Task, ...] = (), *, workers: int = WORKERS, seconds: float = SECONDS_A_JOB
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
        """Stop all workers; unfinished jobs leave nothing. May be called twice."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def ask(self, order: Order) -> dict[str, Any]:
        """Queue an order, or join the job of an equal one.

        Raises
        ------
        BusyError
            If too many jobs are waiting.
        """
        with self._changed:
            job = self._jobs.get(order.id)
            if job is None or not job.is_joinable():
                job = self._queued(order)
            else:
                job.waiting_clients += 1
            return self._payload(job)

    def get(self, name: str) -> dict[str, Any]:
        """Return a job.

        Raises
        ------
        NoSuchJobError
        """
        with self._changed:
            return self._payload(self._job(name))

    def all(self) -> list[dict[str, Any]]:
        """Return all jobs, the newest first."""
        with self._changed:
            return [self._payload(job) for job in reversed(self._jobs.values())]

    def stop(self, name: str) -> dict[str, Any]:
        """Stop a waiting or running job; one that has ended stays as it is.

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
            return self._payload(job)

    def leave(self, name: str) -> dict[str, Any]:
        """Withdraw one request for a job, which is stopped if no other client waits for it.

        Raises
        ------
        NoSuchJobError
        """
        with self._changed:
            job = self._job(name)
            job.waiting_clients -= 1
            return self.stop(name) if job.waiting_clients <= 0 else self._payload(job)

    def _job(self, name: str) -> Job:
        if name not in self._jobs:
            raise NoSuchJobError(name)
        return self._jobs[name]

    def _payload(self, job: Job) -> dict[str, Any]:
        position = self._waiting.index(job) + 1 if job.status == "waiting" else 0
        return job.as_json(position)

    def _queued(self, order: Order) -> Job:
        """Return a new job in the queue, or a finished one if its result already exists."""
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
        """Run jobs on a worker, in a thread of its own, until the server stops."""
        try:
            while True:
                with suppress(OSError):  # tried again, and reported, when there is a job
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
        """Run a job, move its result to its destination, and record how it ended."""
        try:
            message = self._run_in_scratch(worker, job)
        except TaskCancelledError as error:
            outcome: tuple[Status, QantarError] = "stopped", error
        except QantarError as error:
            outcome = "failed", _explained(error)
        except OSError as error:
            _LOG.error("%s: %s", job.order.title, error)
            outcome = "failed", UnwritableError(error)
        except Exception:  # noqa: BLE001 - no job may stay running for ever
            _LOG.exception("%s", job.order.title)
            outcome = "failed", InternalError()
        else:
            with self._changed:
                job.message = message
                self._end(job, "done")
            return
        with self._changed:
            self._end(job, *outcome)

    def _run_in_scratch(self, worker: WorkerProcess, job: Job) -> str:
        """Run a job in a scratch folder and return its message."""
        order = job.order
        order.beside.mkdir(parents=True, exist_ok=True)
        scratch = make_owned_folder(order.beside, SCRATCH)

        def report(progress: Progress) -> None:
            if progress.preview not in ("", job.progress.preview):
                try:
                    order.place_preview(scratch / progress.preview)
                except OSError as error:  # the whole result is still to come
                    _LOG.warning("%s: no preview: %s", order.title, error)
            with self._changed:
                job.progress = progress

        try:
            folder = scratch / order.folder
            worker.run(
                replace(order.task, arguments=(*order.task.arguments, folder)),
                report=report,
                cancelled=lambda: job.stopping or self._closing,
                time_limit=self._seconds,
            )
            return order.place(folder)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _end(self, job: Job, status: Status, error: QantarError | None = None) -> None:
        job.status, job.ended = status, time.monotonic()
        if error is not None:
            expected = f" (expected: {error.expected})" if error.expected else ""
            own = (str(job.order.beside),)
            job.message = without_folders(f"{problem_of(error)}{expected}", own)
            job.hint = without_folders(error.hint, own)
        self._forget()
        self._changed.notify_all()


def _explained(error: QantarError) -> QantarError:
    """Return the error of a failed job as the page shows it, with advice that fits the page."""
    if isinstance(error, TaskError):
        if isinstance(error.error, QantarError):
            return error.error
        _LOG.error("%s\n%s", error.task, error.trace)
        return InternalError()
    if isinstance(error, WorkerCrashedError):
        hint = "ask again; if it happens again, ask for fewer members"
    elif isinstance(error, TaskTimeoutError):
        hint = "ask for fewer members, or run it with `qantar run` or `qantar whatif`"
    else:
        return error
    return QantarError(error.problem, expected=error.expected, hint=hint)
