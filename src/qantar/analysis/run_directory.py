"""A run on disk: manifest, facts, arrays and report, and the default names of result folders.

The folder is moved into place when all of it is complete.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.codecs import BloscCodec

from qantar.base.errors import FileError, OutputError
from qantar.base.files import AtomicDirectory, disk_error, refuse_existing
from qantar.simulate.ensemble import MEMBERS_PER_BLOCK, Block, block_of, members_per_block

if TYPE_CHECKING:
    import pandas as pd

    from qantar.analysis.array_labels import ArrayLabels

MOST = 10_000
"""Results of one name that are told apart by a number."""

_NAMED = 3  # interventions that a name lists; of more, the first ones


def run_name(episode: str, account: str, seed: int) -> str:
    """Return what a run is called."""
    return f"{episode}--{account}--seed{seed}"


def whatif_name(episode: str, interventions: Iterable[str], seed: int) -> str:
    """Return what a what-if is called, by the interventions in it, each once."""
    names = [*dict.fromkeys(interventions)][:_NAMED]
    return f"{episode}--whatif-{'-and-'.join(names)}--seed{seed}"


def free_folder(parent: Path, name: str) -> Path:
    """Return a folder that does not exist yet.

    Parameters
    ----------
    parent : Path
        Where it shall be; it need not exist.
    name : str
        If it is taken, ``--2``, ``--3`` and so on stand behind it.

    Raises
    ------
    OutputError
        If too many of that name are there.
    """
    for k in range(1, MOST):
        folder = parent / (name if k == 1 else f"{name}--{k}")
        if not folder.exists():
            return folder
    raise OutputError(
        f"there are {MOST - 1} results called {name!r} already", hint="remove some of them"
    )


MANIFEST = "manifest.json"
FACTS = "facts.csv"
ARRAYS = "arrays.zarr"
NETCDF = "arrays.nc"
REPORT = "report.html"
EVIDENCE = "evidence.html"
MEMBERS_PER_CHUNK = MEMBERS_PER_BLOCK
"""Largest number of members in a chunk of the arrays."""

COMPRESSION = BloscCodec(cname="zstd", clevel=1, shuffle="shuffle", blocksize=2**19)
"""The lowest level, in large blocks: as small as level 3 in small ones, in half the time."""


@dataclass(frozen=True)
class RunDirectory:
    """A finished run on disk.

    Attributes
    ----------
    path : Path
    manifest : dict
        How it was made.
    """

    path: Path
    manifest: dict[str, Any] = field(repr=False)

    @property
    def report(self) -> Path:
        """The HTML report."""
        return self.path / REPORT

    @cached_property
    def facts(self) -> pd.DataFrame:
        """The tidy table of results, see `qantar.facts`; read once."""
        from qantar.analysis.facts import read_facts  # pandas is slow to import

        return read_facts(self.path / FACTS)

    def arrays(self) -> zarr.Group:
        """Open the arrays: one per variable, (member, hour, place) if every hour is kept."""
        return zarr.open_group(self.path / ARRAYS, mode="r", use_consolidated=False)


def open_run(path: Path) -> RunDirectory:
    """Open a finished run.

    Raises
    ------
    FileError
        If the folder is not a run directory.
    """
    manifest = path / MANIFEST
    try:
        return RunDirectory(path, json.loads(manifest.read_text(encoding="utf-8")))
    except OSError as error:
        raise FileError(
            path, "is not a run directory", expected=f"a folder with {MANIFEST}"
        ) from error
    except ValueError as error:
        raise FileError(manifest, f"is damaged: {error}") from error


class RunWriter:
    """Writes a run beside its final place and moves it there at the end.

    Use as a context manager: leaving it with an exception removes everything that was written.

    Parameters
    ----------
    destination : Path
        Where the run shall be. It must not exist yet.
    variables : sequence of str
        Names of the recorded variables.
    places : sequence of str
        Names of the places, written beside the arrays.
    members, hours : int
        Extent of the arrays, with the places.
    labels : ArrayLabels, optional
        Further coordinates, units and names; by default the arrays have names of places only.
    hourly : bool
        Whether hourly arrays are written. If not, `add` is not called, and what is kept instead
        is written into the folder `arrays_folder` before the end.

    Raises
    ------
    OutputError
        If the destination exists; on entering, if it cannot be written.
    """

    folder: Path
    """Where files are written before the run is finished; made on entering."""

    def __init__(
        self,
        destination: Path,
        variables: tuple[str, ...],
        places: tuple[str, ...],
        *,
        members: int,
        hours: int,
        labels: ArrayLabels | None = None,
        hourly: bool = True,
    ) -> None:
        refuse_existing(destination)
        self.destination = destination
        self._directory = AtomicDirectory(destination)
        self._variables = variables
        self._places = places
        self._labels = labels
        self._shape = (members, hours, len(places))
        self._hourly = hourly
        self._per_chunk = members_per_block(hours, len(places))
        self._waiting: list[Block] = []
        self._written = 0
        self._arrays: list[zarr.Array[Any]] = []

    def __enter__(self) -> RunWriter:
        self.folder = self._directory.create()
        with ExitStack() as undo:
            undo.push(self)
            if self._hourly:
                self._create_arrays()
            undo.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._directory.discard()
        if isinstance(error, OSError):
            raise disk_error(f"writing {self.destination} failed", error) from error

    def add(self, record: NDArray[np.float32]) -> None:
        """Take one more member: float array (hours, places, variables)."""
        self.add_block(block_of([record]))

    def add_block(self, block: Block) -> None:
        """Take more members: float array (variables, members, hours, places)."""
        self._waiting.append(block)
        if sum(each.shape[1] for each in self._waiting) >= self._per_chunk:
            self._flush()

    @property
    def arrays_folder(self) -> Path:
        """Where the arrays are written before the run is finished."""
        return self.folder / ARRAYS

    def write_text(self, name: str, text: str) -> None:
        """Write one file of the run."""
        (self.folder / name).write_text(text, encoding="utf-8")

    def close_arrays(self) -> Path:
        """Write the members that are still in memory, and return the path of the arrays."""
        self._flush()
        with warnings.catch_warnings():
            # Zarr 3 has no standard for it yet; xarray looks for it and warns where it is missing.
            warnings.filterwarnings("ignore", message="Consolidated metadata is currently not part")
            zarr.consolidate_metadata(self.arrays_folder)
        return self.arrays_folder

    def finish(self, manifest: dict[str, Any]) -> RunDirectory:
        """Write the manifest and move the run into place, all at once."""
        self.close_arrays()
        self.write_text(MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
        self._directory.commit()
        return RunDirectory(self.destination, manifest)

    def _create_arrays(self) -> None:
        """Create the arrays, still without numbers, and their coordinates."""
        members, hours, places = self._shape
        labels = self._labels
        group = zarr.open_group(
            self.arrays_folder, mode="w", attributes=dict(labels.attributes) if labels else {}
        )
        for name in self._variables:
            attributes: dict[str, Any] = {}
            if labels is not None:
                attributes = {**labels.attributes_of(name), "coordinates": labels.auxiliary}
            array = group.create_array(
                name,
                shape=self._shape,
                chunks=(min(self._per_chunk, members), hours, places),
                dtype="float32",
                compressors=COMPRESSION,
                dimension_names=("member", "hour", "place"),
                attributes=attributes,
                config={"write_empty_chunks": True},  # so that Zarr does not look for zeros again
            )
            self._arrays.append(array)
        names = np.array(self._places, dtype=object)
        add_coordinate(group, "place", ("place",), names, {"long_name": "place"})
        if labels is not None:
            for name, each in labels.coordinates(members, hours).items():
                add_coordinate(group, name, *each)

    def _flush(self) -> None:
        """Write the members that are waiting, one chunk per variable."""
        if not self._waiting:
            return
        one = len(self._waiting) == 1
        block = self._waiting[0] if one else np.concatenate(self._waiting, axis=1)
        stop = self._written + block.shape[1]
        for column, array in enumerate(self._arrays):
            if block[column].any():  # zeros are the fill value
                array[self._written : stop] = block[column]
        self._written = stop
        self._waiting.clear()


def add_coordinate(
    group: zarr.Group,
    name: str,
    dimensions: tuple[str, ...],
    values: NDArray[Any],
    attributes: Mapping[str, str],
) -> None:
    """Write a coordinate; texts are of variable length."""
    array = group.create_array(
        name,
        shape=values.shape,
        dtype=str if values.dtype == object else values.dtype,
        dimension_names=dimensions,
        attributes=dict(attributes),
    )
    array[...] = values
