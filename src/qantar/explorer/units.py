"""Units of the map: every place, then every region, then the country, and how places add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from qantar.arrays import Numbers
from qantar.country.pack import Country
from qantar.errors import QantarError, nearest

How = Literal["sum", "mean"]
"""Whether places add up, or are averaged by their inhabitants."""

Block = NDArray[np.float32]
"""float array (members, hours, places or units)."""


@dataclass(frozen=True)
class Units:
    """Places with their regions and inhabitants, and the regions and the country above them.

    Attributes
    ----------
    country : str
    places, regions : tuple of str
        In the order of the pack.
    region_of : tuple of str
        The region of each place.
    populations : tuple of float
        Inhabitants of each place.
    """

    country: str
    places: tuple[str, ...]
    regions: tuple[str, ...]
    region_of: tuple[str, ...]
    populations: tuple[float, ...]

    @property
    def size(self) -> int:
        """How many units there are."""
        return len(self.places) + len(self.regions) + 1

    @property
    def ids(self) -> tuple[str, ...]:
        """Every unit as links name it: ``place:Almaty``, ``region:Mangystau``."""
        places = [f"place:{name}" for name in self.places]
        regions = [f"region:{name}" for name in self.regions]
        return (*places, *regions, f"country:{self.country}")

    def index(self, unit: str | None) -> int:
        """Return the position of a unit; None and an empty text are the country.

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
            ``sum``, or ``mean`` weighted by inhabitants.

        Returns
        -------
        float array (members, hours, units)
            Of float32; the first units are the places, bit by bit as given.
        """
        wide = block.astype(np.float64) @ (self._sums if how == "sum" else self._means)
        return np.concatenate([block, wide.astype(np.float32)], axis=2, dtype=np.float32)

    @cached_property
    def _sums(self) -> Numbers:
        """Return which place is in which region and in the country: (places, regions + 1)."""
        inside = [[home == region for region in self.regions] for home in self.region_of]
        return np.column_stack([np.array(inside, np.float64), np.ones(len(self.places))])

    @cached_property
    def _means(self) -> Numbers:
        weighed = self._sums * np.array(self.populations)[:, None]
        total = weighed.sum(axis=0)
        return np.asarray(weighed / np.where(total > 0.0, total, 1.0))

    def told(self) -> dict[str, Any]:
        """Return the units as JSON has them; `from_told` reads them back."""
        return {
            "country": self.country,
            "places": list(self.places),
            "regions": list(self.regions),
            "region_of": list(self.region_of),
            "populations": list(self.populations),
        }

    @classmethod
    def from_told(cls, told: Mapping[str, Any]) -> Units:
        """Return the units that `told` has written down."""
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
