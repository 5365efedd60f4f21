"""Frames: what the map shows at every hour, as quantiles over members and as single members."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import zarr
from numpy.typing import NDArray

from qantar.errors import QantarError
from qantar.explorer.units import Block, How, Units
from qantar.store.run_directory import MEMBERS_PER_CHUNK

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Quantiles over members, in the order of a frame."""

SHUTDOWN, TROOPS = "shutdown", "foreign_troops"
"""Arrays that worlds keep besides the recorded variables: orders in force."""

MIDDLE = QUANTILES.index(0.5)
"""Row of the median, and of the mean in a difference: where most pairs do not differ, the median
is nought, and says nothing of those that do."""

Frames = NDArray[np.float32]
"""float array (quantiles, hours, units)."""

DIFFERENCE = "difference"
"""The side that is the changed world minus the world as it was, within pairs."""


class Layer(NamedTuple):
    """Something the map can show: the array it is read from, and how places add up."""

    array: str
    how: How


LAYERS = {
    "crowd": Layer("crowd", "sum"),
    "violence": Layer("militants", "sum"),
    "deaths": Layer("deaths", "sum"),
    "detained": Layer("detained", "sum"),
    "shutdown": Layer(SHUTDOWN, "mean"),
    "troops": Layer(TROOPS, "mean"),
}


def layers_in(group: zarr.Group) -> tuple[str, ...]:
    """Return the layers whose arrays were recorded, in the order of `LAYERS`."""
    return tuple(name for name, layer in LAYERS.items() if layer.array in group)


def quantiles(values: NDArray[np.float32]) -> Frames:
    """Return the quantiles of the last axis, interpolated linearly as `numpy.quantile` does.

    Most places are empty in most hours, so only what varies between members is sorted.

    Parameters
    ----------
    values : float array (hours, units, members)

    Returns
    -------
    float array (quantiles, hours, units)
    """
    members = values.shape[-1]
    rows = values.reshape(-1, members)
    result = np.repeat(rows[None, :, 0], len(QUANTILES), axis=0)
    varied = np.flatnonzero((rows != rows[:, :1]).any(axis=1))
    ordered = np.sort(rows[varied], axis=1)
    for k, share in enumerate(QUANTILES):
        at = share * (members - 1)
        low = int(at)
        lower = ordered[:, low].astype(np.float64)
        upper = ordered[:, min(low + 1, members - 1)]
        result[k, varied] = lower + (upper - lower) * (at - low)
    frames: Frames = result.reshape(len(QUANTILES), *values.shape[:-1])
    return frames


def by_unit(group: zarr.Group, layer: str, units: Units) -> NDArray[np.float32]:
    """Return a layer of all members: float array (hours, units, members)."""
    array = array_of(group, layer)
    members, hours, _ = array.shape
    result = np.empty((hours, units.size, members), np.float32)
    for start in range(0, members, MEMBERS_PER_CHUNK):
        stop = min(start + MEMBERS_PER_CHUNK, members)
        block = units.together(_block(array, start, stop), LAYERS[layer].how)
        result[:, :, start:stop] = np.moveaxis(block, 0, 2)
    return result


def one_member(group: zarr.Group, layer: str, units: Units, number: int) -> NDArray[np.float32]:
    """Return a layer of one member: float array (hours, units)."""
    block = _block(array_of(group, layer), number, number + 1)
    values: NDArray[np.float32] = units.together(block, LAYERS[layer].how)[0]
    return values


def array_of(group: zarr.Group, layer: str) -> zarr.Array[Any]:
    """Return the array a layer is read from.

    Raises
    ------
    QantarError
        If it was not recorded.
    """
    found = group.get(LAYERS[layer].array)
    if not isinstance(found, zarr.Array):
        raise QantarError(
            f"the layer {layer!r} was not recorded", expected=", ".join(layers_in(group))
        )
    return found


def _block(array: zarr.Array[Any], start: int, stop: int) -> Block:
    return np.asarray(array[start:stop], np.float32)


def write_frames(
    folder: Path,
    groups: Mapping[str, zarr.Group],
    units: Units,
    each: Callable[[], None] = lambda: None,
) -> tuple[str, ...]:
    """Write the quantiles of every layer and side, and of the difference where there are two.

    The middle row of a difference is its mean; see `MIDDLE`.

    Parameters
    ----------
    folder : Path
    groups : mapping of str to Group
        Arrays by side: ``base``, or ``base`` and ``changed``.
    units : Units
    each : callable
        Called when a layer is written.

    Returns
    -------
    tuple of str
        The layers.
    """
    layers = layers_in(groups["base"])
    for layer in layers:
        values = {side: by_unit(group, layer, units) for side, group in groups.items()}
        if "changed" in values:
            apart = values["changed"] - values["base"]
            found = quantiles(apart)
            found[MIDDLE] = apart.mean(axis=-1)
            _save(folder, DIFFERENCE, layer, found)
        for side, own in values.items():
            _save(folder, side, layer, quantiles(own))
        each()
    return layers


def frames_file(folder: Path, side: str, layer: str) -> Path:
    """Return where the quantiles of a layer lie."""
    return folder / f"frames-{side}-{layer}.npy"


def _save(folder: Path, side: str, layer: str, frames: Frames) -> None:
    ordered = np.ascontiguousarray(frames.astype("<f4", copy=False))
    np.save(frames_file(folder, side, layer), ordered, allow_pickle=False)
