"""A long work gives the same results whoever does it, and however often it is killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import StringIO
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from qantar.base.checkpoints import Workbook
from qantar.base.errors import QantarError
from qantar.base.parallel import PoolSettings, Result, TaskPool, open_pool, run_tasks
from qantar.base.worker_process import (
    SINGLE_THREAD,
    Task,
    TaskCancelledError,
    TaskError,
    TaskTimeoutError,
    WorkerProcess,
)
from qantar.cli.output import tracked
from task_functions import (
    counted,
    fails,
    killed_always,
    killed_once,
    product,
    products,
    sleep,
    slow_products,
    threads_and_process,
)

pytestmark = pytest.mark.slow

PATIENCE = 60.0
"""Seconds that something may take on a busy machine before a test fails."""

SCRIPT = """
import sys
from pathlib import Path

sys.path.insert(0, {tests!r})
from task_functions import slow_products

from qantar.base.checkpoints import Workbook
from qantar.base.parallel import open_pool, PoolSettings, run_tasks

if __name__ == "__main__":
    folder = Path({folder!r})
    book = Workbook(folder / "work", {{"seed": 1}}, resume=True)
    with open_pool(PoolSettings({workers})) as pool:
        run_tasks(slow_products({number}, folder / "tallies", {seconds}), pool, book)
"""


def _same(first: list[Result], second: list[Result]) -> None:
    assert len(first) == len(second)
    for one, other in zip(first, second, strict=True):
        assert list(one) == list(other)
        for key in one:
            np.testing.assert_array_equal(one[key], other[key])


def _here(tasks: list[Task], book: Workbook | None = None) -> list[Result]:
    with open_pool(PoolSettings()) as pool:
        return run_tasks(tasks, pool, book)


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def _lives(process: int) -> bool:
    with suppress(OSError):
        # A zombie is dead, though nobody has asked for its last word.
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@pytest.fixture
def tallies(tmp_path: Path) -> Path:
    folder = tmp_path / "tallies"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def three() -> Iterator[TaskPool]:
    """One pool for several tests, as for several rounds of one piece of work."""
    with open_pool(PoolSettings(3)) as pool:
        yield pool


def test_three_workers_do_what_one_does_to_the_last_bit(three: TaskPool) -> None:
    tasks = products(7)
    _same(run_tasks(tasks, three), _here(tasks))


def test_results_stand_in_the_order_of_the_tasks(three: TaskPool, tallies: Path) -> None:
    """Though the first is finished last."""
    delays = (1.0, 0.0, 0.3)
    tasks = [Task(f"{k}", counted, (k, tallies, delay)) for k, delay in enumerate(delays)]
    assert [int(result["seed"]) for result in run_tasks(tasks, three)] == [0, 1, 2]


def test_nothing_to_do_is_done(three: TaskPool) -> None:
    assert run_tasks([], three) == []


def test_every_task_has_one_thread(three: TaskPool) -> None:
    """Of each numerical library, wherever it runs; and the limit ends with the task."""
    task = Task("threads", threads_and_process, ())
    before = {name: os.environ.get(name) for name in SINGLE_THREAD}
    (here,) = _here([task])
    (there,) = run_tasks([task], three)
    assert int(here["process"]) == os.getpid() != int(there["process"])
    for result in (here, there):
        assert result["threads"].size
        assert set(result["threads"].tolist()) == {1}
    assert {name: os.environ.get(name) for name in SINGLE_THREAD} == before


def test_rounds_use_the_same_workers(three: TaskPool) -> None:
    tasks = [Task(f"{k}", threads_and_process, ()) for k in range(12)]
    seen = {int(r["process"]) for _ in range(2) for r in run_tasks(tasks, three)}
    assert len(seen) <= 3


def test_what_the_book_has_is_not_done_again(tmp_path: Path, tallies: Path) -> None:
    book = Workbook(tmp_path / "work", {}, resume=False)
    tasks = slow_products(4, tallies, 0.0)
    first = _here(tasks[1:3], book)
    told: list[int] = []
    with open_pool(PoolSettings()) as pool:
        every = run_tasks(tasks, pool, book, told.append)
    _same(every[1:3], first)
    assert told == [2, 3, 1, 4]
    assert _times(tallies) == [1, 1, 1, 1]
    assert book.pieces() == tuple(task.name for task in tasks)


def _times(tallies: Path) -> list[int]:
    """Return how often each task was finished, in the order of their seeds."""
    counts = Counter(int(path.name.partition("-")[0]) for path in tallies.iterdir())
    return [counts[seed] for seed in sorted(counts)]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_killed_work_loses_only_what_was_in_hand(
    tmp_path: Path, tallies: Path, workers: int
) -> None:
    """SIGKILL in the middle; resuming gives the arrays of a work that nobody killed."""
    number = 6
    script = tmp_path / "long_work.py"
    choices = {"tests": str(Path(__file__).parent), "folder": str(tmp_path), "number": number}
    script.write_text(SCRIPT.format(**choices, workers=workers, seconds=0.4))
    state = tmp_path / "work" / "state"
    with subprocess.Popen([sys.executable, str(script)]) as process:
        _until(lambda: len(list(state.glob("*.npz"))) >= 2)
        children = _children(process.pid)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    if workers > 1 and Path("/proc").exists():
        assert len(children) >= workers
    _until(lambda: not any(_lives(child) for child in children))
    saved = len(list(state.glob("*.npz")))
    finished = len(list(tallies.iterdir()))
    assert 2 <= saved < number
    assert finished - saved <= workers
    before = {path: path.stat().st_mtime_ns for path in state.glob("*.npz")}
    script.write_text(SCRIPT.format(**choices, workers=workers, seconds=0.0))
    subprocess.run([sys.executable, str(script)], check=True, timeout=PATIENCE)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert len(list(tallies.iterdir())) == finished + number - saved
    book = Workbook(tmp_path / "work", {"seed": 1}, resume=True)
    _same([book.load(name) for name in book.pieces()], _here(products(number)))


def _children(parent: int) -> list[int]:
    """Return the processes that a process has begun (Linux; none elsewhere)."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(stat.parent.name))
    return found


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("how", ["value", "house", "file"])
def test_a_failing_task_is_named_and_the_finished_are_kept(
    tmp_path: Path, workers: int, how: str
) -> None:
    book = Workbook(tmp_path / "work", {}, resume=False)
    tasks = [*products(2), Task("state/batch-09", fails, (how,))]
    with open_pool(PoolSettings(workers)) as pool:
        run_tasks(tasks[:2], pool, book)
        with pytest.raises(QantarError, match=r"^state/batch-09 failed: .*no such place") as caught:
            run_tasks(tasks, pool, book)
        again = run_tasks(products(3), pool)
    assert caught.value.hint == ("" if how == "value" else "write it")
    assert isinstance(caught.value.__cause__, ValueError if how == "value" else QantarError)
    assert book.pieces() == ("state/batch-00", "state/batch-01")
    _same(again, _here(products(3)))


def test_what_has_not_begun_is_cancelled_when_a_task_fails(tallies: Path) -> None:
    tasks = [Task("bad", fails, ("value",)), *slow_products(30, tallies, 0.2)]
    with open_pool(PoolSettings(2)) as pool, pytest.raises(QantarError, match="bad failed"):
        run_tasks(tasks, pool)
    assert len(list(tallies.iterdir())) < 15


def test_ctrl_c_keeps_what_is_finished_and_ends_the_workers(tmp_path: Path, tallies: Path) -> None:
    book = Workbook(tmp_path / "work", {}, resume=False)
    tasks = slow_products(3, tallies, 0.0)
    # The last would hold up the interrupt for as long as it runs, were it waited for.
    tasks.append(Task("long", counted, (99, tallies, 10 * PATIENCE)))
    others = set(multiprocessing.active_children())
    begun: set[BaseProcess] = set()

    def interrupt(_weight: int) -> None:
        if len(book.pieces()) == 3:
            begun.update(set(multiprocessing.active_children()) - others)
            raise KeyboardInterrupt

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt), open_pool(PoolSettings(2)) as pool:
        run_tasks(tasks, pool, book, interrupt)
    assert len(begun) == 2
    _until(lambda: not any(process.is_alive() for process in begun))
    assert time.monotonic() - started < PATIENCE
    assert book.pieces() == tuple(sorted(task.name for task in tasks[:3]))
    assert _times(tallies) == [1, 1, 1]


def test_a_killed_worker_is_replaced(tmp_path: Path) -> None:
    tasks = products(6)
    deadly = [*tasks[:3], Task(tasks[3].name, killed_once, (3, tmp_path / "mark")), *tasks[4:]]
    told: list[int] = []
    with open_pool(PoolSettings(2)) as pool:
        _same(run_tasks(deadly, pool, report=told.append), _here(tasks))
    assert sum(told) == len(tasks)
    assert (tmp_path / "mark").exists()


def test_a_task_that_kills_every_worker_ends_the_work(tmp_path: Path) -> None:
    book = Workbook(tmp_path / "work", {}, resume=False)
    with open_pool(PoolSettings(2)) as pool:
        run_tasks(products(2), pool, book)
        with pytest.raises(QantarError, match="killed 3 times"):
            run_tasks([*products(2), Task("deadly", killed_always, ())], pool, book)
    assert book.pieces() == ("state/batch-00", "state/batch-01")


def test_two_tasks_of_one_name_are_refused() -> None:
    with pytest.raises(QantarError, match="two tasks are called 'a'"):
        _here([Task("a", product, (1,)), Task("a", product, (2,))])


def test_no_workers_are_refused() -> None:
    with pytest.raises(QantarError, match="1 or more"):
        PoolSettings(0)


@pytest.mark.parametrize("quiet", [False, True])
def test_a_bar_shows_the_weights_that_are_done(quiet: bool) -> None:
    screen = StringIO()
    console = Console(file=screen, force_terminal=True, width=120, quiet=quiet)
    tasks = [Task(f"{seed}", product, (seed,), weight=20) for seed in range(3)]
    with open_pool(PoolSettings()) as pool, tracked(console, 80, "simulations") as report:
        run_tasks(tasks, pool, report=report)
    text = screen.getvalue()
    assert ("60/80" in text and "simulations" in text) != quiet
    assert "80/80" not in text


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        processes=True, n_workers=2, threads_per_worker=1, dashboard_address=None
    ) as running:
        yield running


def test_a_cluster_does_what_one_process_does(cluster: Any, tmp_path: Path) -> None:
    book = Workbook(tmp_path / "work", {}, resume=False)
    tasks = products(7)
    with open_pool(PoolSettings(cluster=cluster.scheduler_address)) as pool:
        _same(run_tasks(tasks, pool, book), _here(tasks))
        (limits,) = run_tasks([Task("threads", threads_and_process, ())], pool)
        with pytest.raises(QantarError, match=r"^bad failed: pack\.yaml: no such place"):
            run_tasks([Task("bad", fails, ("file",))], pool)
    assert set(limits["threads"].tolist()) == {1}
    assert int(limits["process"]) != os.getpid()
    assert book.pieces() == tuple(task.name for task in tasks)


def test_a_cluster_that_loses_a_worker_only_loses_time(cluster: Any, tallies: Path) -> None:
    number = 10
    victim = next(iter(cluster.workers.values())).pid
    killed: list[int] = []

    def kill(_weight: int) -> None:
        if not killed:
            killed.append(victim)
            os.kill(victim, signal.SIGKILL)

    with open_pool(PoolSettings(cluster=cluster.scheduler_address)) as pool:
        results = run_tasks(slow_products(number, tallies, 0.2), pool, report=kill)
    assert killed == [victim]
    _same(results, _here(products(number)))


def test_a_scheduler_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("qantar.base.parallel.DASK_CONNECT_SECONDS", 1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        with (
            pytest.raises(QantarError, match="no Dask scheduler answers"),
            open_pool(PoolSettings(cluster=address)),
        ):
            pass


def test_a_cluster_without_dask_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(QantarError, match=r"pip install 'qantar\[cluster\]'"),
        open_pool(PoolSettings(cluster="tcp://127.0.0.1:8786")),
    ):
        pass


@pytest.fixture
def worker() -> Iterator[WorkerProcess]:
    warm = (Task("ready", sleep, (0.0,)), Task("not there", "no_such_module:nothing"))
    worker = WorkerProcess(warm=warm, nice=3)
    yield worker
    worker.kill()


def test_a_worker_process_reports_and_stands_back(worker: WorkerProcess) -> None:
    heard: list[int] = []
    task = Task("told", "task_functions:told", ((1, 2),), reports_progress=True)
    assert worker.run(task, report=heard.append) == os.nice(0) + 3
    assert heard == [1, 2]


@pytest.mark.parametrize("end", ["limit", "cancel"])
def test_a_worker_process_is_killed_and_replaced(worker: WorkerProcess, end: str) -> None:
    assert worker.run(Task("warm", sleep, (0.0,))) is None
    first = worker.pid
    assert first is not None
    long = Task("long", sleep, (10 * PATIENCE,))
    if end == "limit":
        with pytest.raises(TaskTimeoutError, match="longer than"):
            worker.run(long, time_limit=0.2)
    else:
        with pytest.raises(TaskCancelledError):
            worker.run(long, cancelled=lambda: True)
    assert worker.pid is None
    assert not _lives(first)
    assert int(worker.run(Task("seed", product, (5,)))["seed"]) == 5
    assert worker.pid != first


def test_a_task_that_cannot_be_sent_or_found_is_named(worker: WorkerProcess) -> None:
    with pytest.raises(TaskError, match=r"^local failed: .*pickle"):
        worker.run(Task("local", lambda: None))
    with pytest.raises(TaskError, match=r"^lost failed: .*no_such_name") as caught:
        worker.run(Task("lost", "task_functions:no_such_name"))
    assert "Traceback" in caught.value.trace
