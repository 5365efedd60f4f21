"""The places, regions and days of a run."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qantar.base.arrays import Flags, Hours
from qantar.base.errors import UnknownNameError


@dataclass(frozen=True)
class Layout:
    """The places, regions and days of a run, and the size of a visible crowd.

    Attributes
    ----------
    country : str
    places, regions : tuple of str
    region_of : tuple of str
        The region of each place.
    first_day : date
    days : int
    offsets : int array (places,)
        Hours to add to the episode's clock for local time.
    visible : float
        Smallest crowd that sources would report, persons.
    """

    country: str
    places: tuple[str, ...]
    regions: tuple[str, ...]
    region_of: tuple[str, ...]
    first_day: dt.date
    days: int
    offsets: Hours
    visible: float

    def date(self, day: int) -> str:
        """Return a day of the window as an ISO date.

        Parameters
        ----------
        day : int
            Index of the day, counted from 0.

        Returns
        -------
        str
        """
        return (self.first_day + dt.timedelta(days=day)).isoformat()

    @cached_property
    def dates(self) -> tuple[str, ...]:
        """Every day of the window."""
        return tuple(self.date(day) for day in range(self.days))

    def mask(self, level: str, name: str) -> Flags:
        """Return which places belong to a unit.

        Parameters
        ----------
        level, name : str
            ``country``, ``region`` or ``place``, and its name.

        Returns
        -------
        bool array (places,)

        Raises
        ------
        UnknownNameError
            If there is no such unit.
        """
        if level == "country" and name == self.country:
            return np.ones(len(self.places), np.bool_)
        if level == "region" and name in self.regions:
            return np.array([region == name for region in self.region_of])
        if level == "place" and name in self.places:
            return np.array([place == name for place in self.places])
        known = {"country": (self.country,), "region": self.regions, "place": self.places}
        raise UnknownNameError(level, name, known.get(level, ()))

    @cached_property
    def unit_names(self) -> tuple[tuple[str, str], ...]:
        """Level and name of the country and of every region."""
        return ("country", self.country), *(("region", region) for region in self.regions)

    @cached_property
    def units(self) -> tuple[Flags, ...]:
        """The places of the country and of every region, see `mask`."""
        return tuple(self.mask(*unit) for unit in self.unit_names)
