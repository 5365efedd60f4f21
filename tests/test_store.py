"""Results appear whole or not at all."""

from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from qantar.analysis import run_directory as module
from qantar.analysis.run_directory import RunWriter, open_run
from qantar.base.errors import FileError, OutputError

NAMES = ("crowd", "deaths")
PLACES = ("A", "B", "Ö")


def _records(members: int) -> list[np.ndarray]:
    rng = np.random.Generator(np.random.Philox(5))
    return [rng.random((24, 3, len(NAMES))).astype(np.float32) for _ in range(members)]


def _nothing_left(folder: Path) -> bool:
    return list(folder.iterdir()) == []


@pytest.mark.parametrize("members", [1, module.MEMBERS_PER_CHUNK, module.MEMBERS_PER_CHUNK + 3])
def test_what_is_written_is_read_back(tmp_path: Path, members: int) -> None:
    records = _records(members)
    with RunWriter(tmp_path / "run", NAMES, PLACES, members=members, hours=24) as writer:
        for record in records:
            writer.add(record)
        writer.write_text("facts.csv", "a\n1\n")
        writer.finish({"seed": 1})
    run = open_run(tmp_path / "run")
    assert run.manifest == {"seed": 1}
    assert run.facts.read_text() == "a\n1\n"
    stored = run.arrays()["deaths"][:]
    np.testing.assert_array_equal(stored, np.stack(records)[:, :, :, 1])
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    opened = xr.open_zarr(tmp_path / "run" / "arrays.zarr")
    assert opened["deaths"].dims == ("member", "hour", "place")
    np.testing.assert_array_equal(opened["deaths"].sel(place="Ö"), stored[:, :, 2])


def _half_a_run(destination: Path) -> None:
    with RunWriter(destination, NAMES, PLACES, members=2, hours=24) as writer:
        writer.add(_records(1)[0])
        writer.write_text("facts.csv", "half")
        raise KeyboardInterrupt


def test_an_interrupt_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        _half_a_run(tmp_path / "run")
    assert _nothing_left(tmp_path)


def _run_on_a_full_disk(destination: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with RunWriter(destination, NAMES, PLACES, members=1, hours=24) as writer:
        monkeypatch.setattr(Path, "write_text", full)
        writer.write_text("facts.csv", "x")


def test_a_full_disk_leaves_nothing_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(OutputError, match="No space left on device") as caught:
        _run_on_a_full_disk(tmp_path / "run", monkeypatch)
    assert "nothing was left behind" in str(caught.value)
    assert _nothing_left(tmp_path)


def test_a_disk_that_is_full_at_the_beginning_is_said_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module.zarr, "open_group", full)
    writing = RunWriter(tmp_path / "run", NAMES, PLACES, members=1, hours=24)
    with pytest.raises(OutputError, match="No space left on device"), writing:
        pytest.fail("nothing can be written")
    assert _nothing_left(tmp_path)


def test_an_existing_run_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    with pytest.raises(OutputError, match="exists already"):
        RunWriter(tmp_path / "run", NAMES, PLACES, members=1, hours=24)


def test_a_file_where_a_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    writing = RunWriter(tmp_path / "file" / "run", NAMES, PLACES, members=1, hours=24)
    with pytest.raises(OutputError, match="cannot write into"), writing:
        pass


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="is no run directory"):
        open_run(tmp_path)
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(FileError, match="is damaged"):
        open_run(tmp_path)
