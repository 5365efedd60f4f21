"""Results appear whole or not at all."""

from __future__ import annotations

import errno
import warnings
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from qantar.analysis import array_labels
from qantar.analysis import run_directory as module
from qantar.analysis.run_directory import RunWriter, open_run
from qantar.base.errors import FileError, OutputError, QantarError
from qantar.results import open_writer, write_run
from qantar.simulate.scenario import make_scenario

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
    assert (run.path / "facts.csv").read_text() == "a\n1\n"
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
    with pytest.raises(OutputError, match=r"file/run cannot be written"):
        RunWriter(tmp_path / "file" / "run", NAMES, PLACES, members=1, hours=24)


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="is not a run directory"):
        open_run(tmp_path)
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(FileError, match="is damaged"):
        open_run(tmp_path)


def test_arrays_have_coordinates_and_units_and_open_without_a_warning(tmp_path: Path) -> None:
    scenario = make_scenario("spring-unrest", pack="template")
    writing = open_writer(scenario, tmp_path / "run", members=2)
    finished, _ = write_run(scenario, writing, members=2, seed=1, netcdf=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        opened = xr.open_zarr(finished.path / "arrays.zarr", chunks=None)
    assert {"member", "hour", "place", "region", "time", "local_time"} == set(opened.coords)
    assert opened["crowd"].attrs["units"] == "persons"
    assert all(opened[name].attrs["long_name"] for name in opened.variables)
    regions = [place.region for place in scenario.country.places]
    assert opened["region"].values.tolist() == regions
    environment = scenario.environment
    offsets = environment.of_places(environment.places["clock_offset"]).astype("timedelta64[h]")
    first = np.datetime64(scenario.episode.first_day)
    np.testing.assert_array_equal(opened["local_time"][0], first + offsets)
    summed = opened["crowd"].groupby("region").sum()
    assert set(summed["region"].values) == set(regions)
    with xr.open_dataset(finished.path / "arrays.nc") as same:
        np.testing.assert_array_equal(same["crowd"], opened["crowd"])
        np.testing.assert_array_equal(same["local_time"], opened["local_time"])
        assert same["region"].values.tolist() == regions


def test_netcdf_without_xarray_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(array_labels, "find_spec", lambda _: None)
    scenario = make_scenario("spring-unrest", pack="template")
    writing = open_writer(scenario, tmp_path / "run", members=1)
    with pytest.raises(QantarError, match="needs xarray") as caught:
        write_run(scenario, writing, members=1, seed=1, netcdf=True)
    assert "qantar[study]" in caught.value.hint
    assert _nothing_left(tmp_path)
