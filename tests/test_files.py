"""Files and folders are complete or not there."""

from __future__ import annotations

import errno
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qantar.base.errors import OutputError
from qantar.base.files import UNFINISHED, AtomicDirectory, atomic_file, write_bytes, write_text

PATIENCE = 60.0
"""Seconds that a process may take to begin on a busy machine."""


def _refuse(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_text_is_written_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "facts.csv"
    write_text(path, "Ақтау\r\n")
    write_text(path, "Ақтау\n")
    assert path.read_bytes() == "Ақтау\n".encode()
    assert [each.name for each in path.parent.iterdir()] == ["facts.csv"]


def test_a_file_may_be_read_by_others_as_any_file(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    write_bytes(tmp_path / "ours", b"")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert len(modes) == 1


def _write_half(path: Path, error: BaseException) -> None:
    with atomic_file(path) as file:
        file.write(b"half")
        raise error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError()], ids=repr)
def test_an_error_leaves_the_file_that_was_there(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "facts.csv"
    path.write_bytes(b"whole")
    with pytest.raises(type(error)):
        _write_half(path, error)
    assert path.read_bytes() == b"whole"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_leaves_the_file_that_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "facts.csv"
    path.write_bytes(b"whole")
    monkeypatch.setattr("qantar.base.files.os.fsync", _refuse)
    with pytest.raises(OutputError, match="No space left on device") as caught:
        write_bytes(path, b"new", hint="make room")
    assert caught.value.hint == "make room"
    assert path.read_bytes() == b"whole"
    assert list(tmp_path.iterdir()) == [path]


def test_a_directory_appears_when_it_is_complete(tmp_path: Path) -> None:
    destination = tmp_path / "deep" / "run"
    with AtomicDirectory(destination) as folder:
        (folder / "facts.csv").write_text("a\n", encoding="utf-8")
        assert not destination.exists()
        assert folder.parent.parent == destination.parent
    assert (destination / "facts.csv").read_text(encoding="utf-8") == "a\n"
    assert [each.name for each in destination.parent.iterdir()] == ["run"]
    (tmp_path / "plain").mkdir()
    assert destination.stat().st_mode == (tmp_path / "plain").stat().st_mode


def _fill_half(destination: Path, error: BaseException) -> None:
    with AtomicDirectory(destination) as folder:
        (folder / "half").touch()
        raise error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError()], ids=repr)
def test_an_error_leaves_no_directory(tmp_path: Path, error: BaseException) -> None:
    with pytest.raises(type(error)):
        _fill_half(tmp_path / "deep" / "er" / "run", error)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_refuses_within_a_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="run cannot be written: No space left on device"):
        _fill_half(tmp_path / "run", OSError(errno.ENOSPC, "No space left on device"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["directory", "file", "broken link"])
def test_a_directory_never_replaces_anything(tmp_path: Path, kind: str) -> None:
    there = tmp_path / "run"
    if kind == "directory":
        there.mkdir()
    elif kind == "file":
        there.touch()
    else:
        there.symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputError, match="exists already"), AtomicDirectory(there):
        pytest.fail("nothing is made")
    assert list(tmp_path.iterdir()) == [there]


def test_what_another_process_made_meanwhile_stays(tmp_path: Path) -> None:
    there = tmp_path / "run"
    with pytest.raises(OutputError, match="exists already"), AtomicDirectory(there):
        there.mkdir()
    assert list(tmp_path.iterdir()) == [there]


def test_a_directory_can_be_committed_early(tmp_path: Path) -> None:
    making = AtomicDirectory(tmp_path / "run")
    with making as folder:
        (folder / "facts.csv").touch()
        making.commit()
        assert (tmp_path / "run" / "facts.csv").exists()
    assert [each.name for each in tmp_path.iterdir()] == ["run"]


KILLED = """
import sys, time
from pathlib import Path
from qantar.base.files import AtomicDirectory, atomic_file
folder = Path(sys.argv[1])
with AtomicDirectory(folder / "run") as run, atomic_file(folder / "facts.csv") as file:
    (run / "half").touch()
    file.write(b"half")
    file.flush()
    (folder / "ready").touch()
    time.sleep(600)
"""


def test_a_killed_process_leaves_nothing_under_a_final_name(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)]) as process:
        try:
            ends = time.monotonic() + PATIENCE
            while not (tmp_path / "ready").exists():
                assert time.monotonic() < ends, "waited in vain"
                time.sleep(0.02)
        finally:
            process.kill()
    assert process.returncode == -signal.SIGKILL
    left = [path.name for path in tmp_path.iterdir() if path.name != "ready"]
    assert len(left) == 2
    assert all(name.startswith(".") for name in left)
    assert sum(name.endswith(UNFINISHED) for name in left) == 1
