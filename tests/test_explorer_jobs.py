"""Jobs and workers: joined, bounded, stopped, killed; and nothing of them is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import explorer_tasks
from qantar.base.worker_process import Task
from qantar.explorer import workdir
from qantar.explorer.jobs import (
    MOST_REMEMBERED,
    MOST_WAITING,
    SCRATCH,
    BusyError,
    Jobs,
    NoSuchJobError,
    Order,
)
from qantar.explorer.service import Explorer
from qantar.explorer.workdir import RUN, ShownWorld, WorldCache, WorldGoneError

pytestmark = pytest.mark.slow

PATIENCE = 60.0
"""Seconds after which a test gives up: processes start slowly on a busy machine."""


def wait_for(what: Callable[[], Any]) -> Any:
    ends = time.monotonic() + PATIENCE
    while not (found := what()):
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.02)
    return found


class Desk:
    """Jobs on a folder of a test."""

    def __init__(self, folder: Path, **limits: Any) -> None:
        self.work = folder / "work"
        self.done = folder / "done"
        self.go = folder / "go"
        self.done.mkdir()
        self.jobs = Jobs(**limits)

    def order(self, name: str, function: str, *arguments: object) -> Order:
        place = self.done / name

        def put(folder: Path) -> str:
            folder.rename(place)
            return f"put {name}"

        where = f"{explorer_tasks.__name__}:{function}"
        task = Task(name, where, arguments, reports_progress=True)
        return Order(
            name, "world", name, "", name, task, self.work, "world", put, lambda: place.is_dir()
        )

    def quick(self, name: str) -> dict[str, Any]:
        return self.jobs.ask(self.order(name, "quick", name))

    def patient(self, name: str) -> dict[str, Any]:
        return self.jobs.ask(self.order(name, "patient", name, self.go))

    def until(self, name: str, *statuses: str) -> dict[str, Any]:
        def there() -> dict[str, Any] | None:
            job = self.jobs.get(name)
            return job if job["status"] in statuses else None

        found: dict[str, Any] = wait_for(there)
        return found

    def pid_of(self, name: str) -> int:
        return int(wait_for(lambda: self.jobs.get(name)["stage"]))

    def left(self) -> list[Path]:
        return [*self.work.iterdir()] if self.work.is_dir() else []


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    desk.jobs.start()
    yield desk
    desk.jobs.close()
    assert desk.left() == []


@pytest.fixture
def idle(tmp_path: Path) -> Iterator[Desk]:
    """A desk at which nobody works."""
    desk = Desk(tmp_path)
    yield desk
    desk.jobs.close()


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that is dead and not yet fetched by its parent does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_a_job_runs_and_its_folder_appears_whole(desk: Desk) -> None:
    desk.quick("one")
    job = desk.until("one", "done", "failed")
    assert (job["status"], job["message"]) == ("done", "put one")
    assert (job["stage"], job["done"], job["total"]) == ("counting", 2, 2)
    assert job["partial"] == {"pairs": 2}
    assert (desk.done / "one" / "world.json").read_text(encoding="utf-8") == "one"


def test_the_same_asked_twice_is_one_job(desk: Desk) -> None:
    desk.patient("one")
    pid = desk.pid_of("one")
    assert desk.patient("one")["status"] == "running"
    assert len(desk.jobs.all()) == 1
    desk.go.touch()
    desk.until("one", "done")
    assert desk.patient("one")["status"] == "done"
    assert [job["stage"] for job in desk.jobs.all()] == [str(pid)]


def test_a_result_that_is_gone_is_made_again(desk: Desk) -> None:
    desk.quick("one")
    desk.until("one", "done")
    (desk.done / "one" / "world.json").unlink()
    (desk.done / "one").rmdir()
    assert desk.quick("one")["status"] == "waiting"
    desk.until("one", "done")
    assert (desk.done / "one" / "world.json").is_file()


def test_a_result_that_is_there_needs_no_work(idle: Desk) -> None:
    (idle.done / "one").mkdir()
    assert idle.quick("one")["status"] == "done"


def test_two_work_and_the_others_wait_in_their_order(desk: Desk) -> None:
    for name in "abcd":
        desk.patient(name)
    assert desk.pid_of("a") != desk.pid_of("b")
    assert [desk.jobs.get(name)["position"] for name in "abcd"] == [0, 0, 1, 2]
    assert [desk.jobs.get(name)["status"] for name in "cd"] == ["waiting", "waiting"]
    desk.go.touch()
    for name in "abcd":
        desk.until(name, "done")


def test_the_queue_is_bounded(idle: Desk) -> None:
    for number in range(MOST_WAITING):
        idle.quick(str(number))
    with pytest.raises(BusyError):
        idle.quick("one too many")
    assert idle.quick("0")["position"] == 1  # joined, not refused
    idle.jobs.stop("3")
    assert idle.quick("now")["position"] == MOST_WAITING


def test_only_so_many_ends_are_remembered(idle: Desk) -> None:
    idle.quick("first")
    for number in range(MOST_REMEMBERED + 1):
        idle.quick(str(number))
        idle.jobs.stop(str(number))
    names = {job["id"] for job in idle.jobs.all()}
    assert "first" in names  # it still waits
    assert "0" not in names
    assert len(names) == MOST_REMEMBERED + 1


def test_nobody_has_asked_for_it(idle: Desk) -> None:
    for ask in (idle.jobs.get, idle.jobs.stop, idle.jobs.leave):
        with pytest.raises(NoSuchJobError):
            ask("nothing")


def test_a_job_goes_on_until_the_last_who_asked_has_left_it(idle: Desk) -> None:
    idle.quick("one")
    idle.quick("one")
    assert idle.jobs.leave("one")["status"] == "waiting"
    assert idle.jobs.leave("one")["status"] == "stopped"


def test_a_waiting_job_is_stopped(idle: Desk) -> None:
    idle.quick("one")
    assert idle.jobs.stop("one")["status"] == "stopped"
    assert idle.quick("one")["status"] == "waiting"


def test_a_running_job_is_stopped_and_its_worker_is_replaced(desk: Desk) -> None:
    desk.patient("one")
    pid = desk.pid_of("one")
    assert desk.jobs.stop("one")["status"] == "stopped"
    assert not is_alive(pid)
    assert desk.left() == []
    assert desk.jobs.stop("one")["status"] == "stopped"
    desk.go.touch()
    desk.patient("one")
    assert desk.until("one", "done", "failed")["status"] == "done"


def test_a_killed_worker_fails_its_job_only(desk: Desk) -> None:
    desk.patient("one")
    desk.patient("two")
    os.kill(desk.pid_of("one"), signal.SIGKILL)
    job = desk.until("one", "done", "failed")
    assert job["status"] == "failed"
    assert "ended from outside" in job["message"]
    assert "ask again" in job["hint"]
    desk.go.touch()
    desk.until("two", "done")
    desk.patient("one")
    assert desk.until("one", "done", "failed")["status"] == "done"


def test_a_worker_killed_while_it_was_idle_is_replaced_without_a_word(tmp_path: Path) -> None:
    desk = Desk(tmp_path, workers=1)
    desk.jobs.start()
    desk.quick("one")
    desk.until("one", "done")
    pid = desk.jobs.workers[0].pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not is_alive(pid))
    desk.quick("two")
    assert desk.until("two", "done", "failed")["status"] == "done"
    desk.jobs.close()


def test_a_task_that_ends_its_process_fails(desk: Desk) -> None:
    desk.jobs.ask(desk.order("one", "ends_itself"))
    assert "ended from outside" in desk.until("one", "done", "failed")["message"]


def test_a_job_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    desk = Desk(tmp_path, seconds=0.3)
    desk.jobs.start()
    desk.patient("one")
    job = desk.until("one", "done", "failed")
    assert (job["status"], "longer than" in job["message"]) == ("failed", True)
    assert "fewer members" in job["hint"]
    desk.jobs.close()
    assert desk.left() == []


def test_a_refusal_of_the_house_is_told_in_full(desk: Desk) -> None:
    desk.jobs.ask(desk.order("one", "refuses"))
    job = desk.until("one", "done", "failed")
    assert job["status"] == "failed"
    assert (job["message"], job["hint"]) == ("no such place (expected: a place)", "write it")


def test_what_nobody_foresaw_is_told_to_the_terminal_alone(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.jobs.ask(desk.order("one", "breaks"))
    job = desk.until("one", "done", "failed")
    assert "secret" not in str(job)
    assert "ValueError: the secret of the machine" in caplog.text


def test_a_place_that_cannot_be_written_is_said(desk: Desk) -> None:
    (desk.done / "one").write_text("in the way", encoding="utf-8")
    desk.quick("one")
    job = desk.until("one", "done", "failed")
    assert job["status"] == "failed"
    assert "cannot be written" in job["message"]


def test_closing_ends_workers_and_leaves_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.jobs.start()
    desk.patient("one")
    desk.patient("two")
    pids = [desk.pid_of("one"), desk.pid_of("two")]
    desk.jobs.close()
    desk.jobs.close()
    assert not any(is_alive(pid) for pid in pids)
    assert desk.left() == []
    assert not any(thread.is_alive() for thread in desk.jobs._threads)


PARENT = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
import test_explorer_jobs as t
if __name__ == "__main__":
    desk = t.Desk(Path(sys.argv[1]))
    desk.jobs.start()
    desk.patient("busy")
    desk.pid_of("busy")
    t.wait_for(lambda: all(worker.pid for worker in desk.jobs.workers))
    print(*(worker.pid for worker in desk.jobs.workers), flush=True)
    time.sleep(600)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes")
def test_workers_end_when_the_server_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT, encoding="utf-8")
    (tmp_path / "desk").mkdir()
    command = [sys.executable, str(script), str(tmp_path / "desk"), str(Path(__file__).parent)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        try:
            assert parent.stdout is not None
            pids = [int(word) for word in parent.stdout.readline().split()]
            assert len(pids) == 2
            assert all(is_alive(pid) for pid in pids)
            parent.kill()
            wait_for(lambda: not any(is_alive(pid) for pid in pids))
        finally:
            parent.kill()


class FakeWorld:
    """A folder, opened."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def payload(self) -> bytes:
        return (self.folder / "world.json").read_bytes()

    def frames(self, side: str, layer: str) -> bytes:
        return b""

    def member(self, side: str, k: int, layer: str) -> bytes:
        return b""

    def csv(self, name: str, **_: object) -> str:
        return ""


def fake_run(runs: Path, name: str, cache: Path) -> ShownWorld:
    (cache / "made").touch(exist_ok=False)
    return FakeWorld(runs / name)


@pytest.fixture
def cache(tmp_path: Path) -> WorldCache:
    runs = tmp_path / "runs"
    runs.mkdir()
    return WorldCache(tmp_path / "work" / "worlds", runs, FakeWorld, fake_run, most=2)


def put(cache: WorldCache, tmp_path: Path, key: str) -> None:
    folder = tmp_path / "made"
    folder.mkdir()
    (folder / "world.json").write_text(key, encoding="utf-8")
    cache.put(key, folder)


def test_the_world_that_nobody_looks_at_goes_first(cache: WorldCache, tmp_path: Path) -> None:
    put(cache, tmp_path, "a")
    put(cache, tmp_path, "b")
    assert cache.get("a").payload() == b"a"
    put(cache, tmp_path, "c")
    assert (cache.has("a"), cache.has("b"), cache.has("c")) == (True, False, True)
    assert sorted(p.name for p in (tmp_path / "work" / "worlds").iterdir()) == ["a", "c"]
    with pytest.raises(WorldGoneError):
        cache.get("b")


def test_a_run_is_opened_once_until_it_is_made_anew(cache: WorldCache, tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "mine"
    folder.mkdir()
    manifest = folder / "manifest.json"
    manifest.write_text("{}", encoding="utf-8")
    first = cache.get(f"{RUN}mine")
    assert cache.get(f"{RUN}mine") is first
    os.utime(manifest, ns=(1, 1))
    assert cache.get(f"{RUN}mine") is not first


def dead_pid() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
        return process.pid


def left_over(base: Path, pid: object, *, hours: float, prefix: str = workdir.PREFIX) -> Path:
    folder = base / f"{prefix}{pid}-{hours}"
    folder.mkdir()
    (folder / workdir.PID).write_text(str(pid), encoding="ascii")
    moment = time.time() - hours * 3600
    os.utime(folder, (moment, moment))
    return folder


def test_folders_of_dead_servers_are_swept_after_a_day(tmp_path: Path) -> None:
    dead = dead_pid()
    old = left_over(tmp_path, dead, hours=25)
    kept = [
        left_over(tmp_path, dead, hours=23),
        left_over(tmp_path, os.getpid(), hours=25),
        left_over(tmp_path, "no number", hours=25),
    ]
    stranger = tmp_path / "something-else"
    stranger.mkdir()
    mine = workdir.make_workdir(tmp_path)
    assert not old.exists()
    assert sorted(tmp_path.iterdir()) == sorted([*kept, stranger, mine])
    workdir.remove_workdir(mine)
    assert not mine.exists()


def test_what_a_dead_server_left_beside_the_runs_is_swept(tmp_path: Path) -> None:
    old = left_over(tmp_path, dead_pid(), hours=25, prefix=SCRATCH)
    run = tmp_path / "january-2022--union--seed1"
    run.mkdir()
    explorer = Explorer(tmp_path, jobs=Jobs(workers=0), beside=tmp_path)
    assert not old.exists()
    assert run.is_dir()
    explorer.close()


def test_a_link_that_leads_out_is_not_swept(tmp_path: Path) -> None:
    base, outside = tmp_path / "base", tmp_path / "outside"
    base.mkdir()
    outside.mkdir()
    (outside / workdir.PID).write_text(str(dead_pid()), encoding="ascii")
    os.utime(outside, (0, 0))
    (base / f"{workdir.PREFIX}link").symlink_to(outside)
    assert workdir.sweep(base) == []
    assert outside.is_dir()


def test_stopping_does_not_hold_others_up(desk: Desk) -> None:
    """Who asks how far jobs are gets an answer while somebody waits for a stop."""
    desk.patient("one")
    desk.pid_of("one")
    thread = threading.Thread(target=desk.jobs.stop, args=("one",))
    thread.start()
    assert desk.jobs.get("one")["status"] in ("running", "stopped")
    thread.join()
    assert desk.jobs.get("one")["status"] == "stopped"
