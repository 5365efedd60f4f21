"""Places as claims name them: which lies in which, so that like is compared with like."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

Extent = Literal["same", "within", "around", "partly", "apart"]
"""How the area of one claim lies to that of another."""


class Gazetteer:
    """The towns of a country by region.

    Parameters
    ----------
    country : str
        Name of the country; a claim without a place is about all of it.
    regions : mapping
        Region by town or rural rest.
    abroad : iterable of str
        Further names that claims may use: other countries, cities abroad, sites in no town.

    Notes
    -----
    `areas` holds, for every name a claim may use, the towns that it covers. A region that shares
    its name with a town is called ``<name> Region`` in claims.
    """

    def __init__(
        self, country: str, regions: Mapping[str, str], abroad: Iterable[str] = ()
    ) -> None:
        self.country = country
        self.region_of = dict(regions)
        self.regions: dict[str, str] = {}
        self.areas: dict[str, frozenset[str]] = {country: frozenset(regions)}
        for region in dict.fromkeys(regions.values()):
            name = f"{region} Region" if region in regions else region
            self.regions[region] = name
            self.areas[name] = frozenset(p for p, r in regions.items() if r == region)
        for name in (*regions, *abroad):
            self.areas.setdefault(name, frozenset([name]))

    def area(self, places: Iterable[str]) -> frozenset[str]:
        """Return the towns that names cover; no name stands for the whole country."""
        names = list(places) or [self.country]
        return frozenset().union(*(self.areas.get(name, frozenset([name])) for name in names))

    def compare(self, one: Iterable[str], other: Iterable[str]) -> Extent:
        """Say how the area of `one` lies to the area of `other`."""
        here, there = self.area(one), self.area(other)
        if here == there:
            return "same"
        if not here & there:
            return "apart"
        if here < there:
            return "within"
        return "around" if here > there else "partly"

    def name(self, level: str, name: str) -> str:
        """Return what claims call a place or region of the pack."""
        return self.regions.get(name, name) if level == "region" else name
