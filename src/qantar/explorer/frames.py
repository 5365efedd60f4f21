"""Frames of the map: quantiles over members at every hour and unit, and single members.

`Units` are all places, then all regions, then the country, with the sums and means over places. A
frame is read from the arrays of a run with `by_unit` and `quantiles`, and written by
`write_frames`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import zarr
from numpy.typing import NDArray

from qantar.analysis.run_directory import MEMBERS_PER_CHUNK
from qantar.base.arrays import Numbers
from qantar.base.errors import QantarError, nearest
from qantar.packs.country import Country

How = Literal["sum", "mean"]
"""Sum over places, or mean weighted by population."""

Block = NDArray[np.float32]
"""float array (members, hours, places or units)."""


@dataclass(frozen=True)
class Units:
    """The places of a country with their populations, its regions, and the country itself.

    Attributes
    ----------
    country : str
    places, regions : tuple of str
        In the order of the pack.
    region_of : tuple of str
        The region of each place.
    populations : tuple of float
        Population of each place.
    """

    country: str
    places: tuple[str, ...]
    regions: tuple[str, ...]
    region_of: tuple[str, ...]
    populations: tuple[float, ...]

    @property
    def size(self) -> int:
        """Number of units."""
        return len(self.places) + len(self.regions) + 1

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of all units, such as ``place:Almaty`` and ``region:Mangystau``."""
        places = [f"place:{name}" for name in self.places]
        regions = [f"region:{name}" for name in self.regions]
        return (*places, *regions, f"country:{self.country}")

    def index(self, unit: str | None) -> int:
        """Return the index of a unit; None and an empty text mean the country.

        Raises
        ------
        QantarError
            If there is no such unit.
        """
        ids = self.ids
        if unit is None or unit == "":
            return len(ids) - 1
        if unit not in ids:
            raise QantarError(
                f"there is no unit {unit!r} on this map",
                expected=nearest(unit, ids) or f"{ids[0]}, {ids[len(self.places)]} or {ids[-1]}",
            )
        return ids.index(unit)

    def together(self, block: Block, how: How) -> Block:
        """Return the values of all units from those of the places, member by member.

        Parameters
        ----------
        block : float array (members, hours, places)
        how : str
            ``sum``, or ``mean`` weighted by population.

        Returns
        -------
        float array (members, hours, units)
            Of float32; the first units are the places, unchanged.
        """
        wide = block.astype(np.float64) @ (self._sums if how == "sum" else self._means)
        return np.concatenate([block, wide.astype(np.float32)], axis=2, dtype=np.float32)

    @cached_property
    def _sums(self) -> Numbers:
        """Membership of places in regions and in the country: (places, regions + 1)."""
        inside = [[home == region for region in self.regions] for home in self.region_of]
        return np.column_stack([np.array(inside, np.float64), np.ones(len(self.places))])

    @cached_property
    def _means(self) -> Numbers:
        weighed = self._sums * np.array(self.populations)[:, None]
        total = weighed.sum(axis=0)
        return np.asarray(weighed / np.where(total > 0.0, total, 1.0))

    def told(self) -> dict[str, Any]:
        """Return the units as JSON values, which `from_json` reads."""
        return {
            "country": self.country,
            "places": list(self.places),
            "regions": list(self.regions),
            "region_of": list(self.region_of),
            "populations": list(self.populations),
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Units:
        """Return the units from the values that `told` returned."""
        names: Sequence[str] = ("places", "regions", "region_of", "populations")
        return cls(str(told["country"]), *(tuple(told[name]) for name in names))


def units_of(country: Country) -> Units:
    """Return the units of a pack."""
    return Units(
        country=country.header.country,
        places=tuple(place.place for place in country.places),
        regions=tuple(region.region for region in country.regions),
        region_of=tuple(place.region for place in country.places),
        populations=tuple(float(place.population) for place in country.places),
    )


QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Quantiles over members, in the order of a frame."""

SHUTDOWN, TROOPS = "shutdown", "foreign_troops"
"""Arrays of worlds in addition to the recorded variables: orders in force."""

MIDDLE = QUANTILES.index(0.5)
"""Row of the median, and of the mean in a difference: where most pairs do not differ, the median
is zero and says nothing about those that do."""

Arrays = zarr.Group | Mapping[str, Block]
"""Arrays by name: float array (members, hours, places), on disk or in memory."""

Frames = NDArray[np.float32]
"""float array (quantiles, hours, units)."""

DIFFERENCE = "difference"
"""The side for the changed world minus the baseline, within pairs."""


class Layer(NamedTuple):
    """A layer of the map: the array it is read from, and how places are aggregated."""

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


def layers_in(group: Arrays) -> tuple[str, ...]:
    """Return the layers whose arrays were recorded, in the order of `LAYERS`."""
    return tuple(name for name, layer in LAYERS.items() if layer.array in group)


def quantiles(values: NDArray[np.float32]) -> Frames:
    """Return the quantiles of the last axis, interpolated linearly as `numpy.quantile` does.

    Most places are zero in most hours, so only cells that vary between members are sorted.

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


def by_unit(group: Arrays, layer: str, units: Units) -> NDArray[np.float32]:
    """Return a layer of all members: float array (hours, units, members)."""
    array = array_of(group, layer)
    members, hours, _ = array.shape
    result = np.empty((hours, units.size, members), np.float32)
    for start in range(0, members, MEMBERS_PER_CHUNK):
        stop = min(start + MEMBERS_PER_CHUNK, members)
        block = units.together(_block(array, start, stop), LAYERS[layer].how)
        result[:, :, start:stop] = np.moveaxis(block, 0, 2)
    return result


def one_member(group: Arrays, layer: str, units: Units, number: int) -> NDArray[np.float32]:
    """Return a layer of one member: float array (hours, units)."""
    block = _block(array_of(group, layer), number, number + 1)
    values: NDArray[np.float32] = units.together(block, LAYERS[layer].how)[0]
    return values


def array_of(group: Arrays, layer: str) -> zarr.Array[Any] | Block:
    """Return the array that a layer is read from.

    Raises
    ------
    QantarError
        If it was not recorded.
    """
    found = group.get(LAYERS[layer].array)
    if not isinstance(found, (zarr.Array, np.ndarray)):
        raise QantarError(
            f"the layer {layer!r} was not recorded", expected=", ".join(layers_in(group))
        )
    return found


def _block(array: zarr.Array[Any] | Block, start: int, stop: int) -> Block:
    return np.asarray(array[start:stop], np.float32)


def write_frames(
    folder: Path,
    groups: Mapping[str, Arrays],
    units: Units,
    each: Callable[[], None] = lambda: None,
) -> tuple[str, ...]:
    """Write the quantiles of every layer and side, and of the difference where there are two.

    The middle row of a difference is its mean; see `MIDDLE`.

    Parameters
    ----------
    folder : Path
    groups : mapping of str to Arrays
        Arrays by side: ``base``, or ``base`` and ``changed``.
    units : Units
    each : callable
        Called after each layer.

    Returns
    -------
    tuple of str
        The layers.
    """
    layers = layers_in(groups["base"])
    for layer in layers:
        values = {side: by_unit(group, layer, units) for side, group in groups.items()}
        if "changed" in values:
            difference = values["changed"] - values["base"]
            found = quantiles(difference)
            found[MIDDLE] = difference.mean(axis=-1)
            _save(folder, DIFFERENCE, layer, found)
        for side, own in values.items():
            _save(folder, side, layer, quantiles(own))
        each()
    return layers


def frames_file(folder: Path, side: str, layer: str) -> Path:
    """Return the file of the quantiles of a layer."""
    return folder / f"frames-{side}-{layer}.npy"


def _save(folder: Path, side: str, layer: str, frames: Frames) -> None:
    ordered = np.ascontiguousarray(frames.astype("<f4", copy=False))
    np.save(frames_file(folder, side, layer), ordered, allow_pickle=False)
