"""Coordinates and attributes of the arrays of a run, after the CF conventions where they apply.

Arrays on disk and data sets in memory share them. xarray is imported only where it is needed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qantar.analysis.run import layout_of
from qantar.base.arrays import Hours
from qantar.base.errors import QantarError
from qantar.model.hour import VARIABLES
from qantar.simulate.scenario import Scenario

if TYPE_CHECKING:
    import xarray

DIMENSIONS = ("member", "hour", "place")
"""Dimensions of every recorded variable."""

CALENDAR = "proleptic_gregorian"


class Coordinate(NamedTuple):
    """The values of a coordinate with its dimensions and attributes."""

    dimensions: tuple[str, ...]
    values: NDArray[Any]
    attributes: dict[str, str]


@dataclass(frozen=True)
class ArrayLabels:
    """The labels of the arrays of a scenario.

    Attributes
    ----------
    places, regions : tuple of str
        Names of the places, and the region of each.
    first_day : date
    offsets : int array (places,)
        Hours to add to the episode's clock for local time.
    clock : str
        The episode's clock, such as ``UTC+6``.
    variables : dict
        Unit and meaning of every recorded variable.
    attributes : dict
        Of the whole group of arrays.
    """

    places: tuple[str, ...]
    regions: tuple[str, ...]
    first_day: dt.date
    offsets: Hours
    clock: str
    variables: Mapping[str, tuple[str, str]]
    attributes: Mapping[str, str]

    @property
    def since(self) -> str:
        """The unit of times on disk."""
        return f"hours since {self.first_day.isoformat()} 00:00:00"

    def attributes_of(self, variable: str) -> dict[str, str]:
        """Return the attributes of a recorded variable."""
        unit, meaning = self.variables[variable]
        return {"units": unit, "long_name": meaning}

    def coordinates(self, members: int, hours: int) -> dict[str, Coordinate]:
        """Return every coordinate except the places; times count hours from the first day.

        Parameters
        ----------
        members, hours : int
            Extent of the arrays.
        """
        clock = np.arange(hours, dtype=np.int64)
        local = clock[:, None] + np.asarray(self.offsets, np.int64)[None, :]
        times = {"units": self.since, "calendar": CALENDAR, "standard_name": "time"}
        return {
            "member": Coordinate(
                ("member",),
                np.arange(members, dtype=np.int64),
                {"long_name": "member of the ensemble", "standard_name": "realization"},
            ),
            "hour": Coordinate(
                ("hour",), clock, {"long_name": "hour of the window, counted from 0", "units": "h"}
            ),
            "region": Coordinate(
                ("place",), np.array(self.regions, object), {"long_name": "region of the place"}
            ),
            "time": Coordinate(
                ("hour",),
                clock,
                {
                    **times,
                    "long_name": f"beginning of the hour on the episode's clock, {self.clock}",
                },
            ),
            "local_time": Coordinate(
                ("hour", "place"),
                local,
                {**times, "long_name": "beginning of the hour in local time"},
            ),
        }

    @property
    def auxiliary(self) -> str:
        """Names of the coordinates that are not dimensions, for the attribute ``coordinates``."""
        return "region time local_time"


def labels_of(scenario: Scenario) -> ArrayLabels:
    """Return the labels of the arrays of a scenario."""
    layout, episode = layout_of(scenario), scenario.episode
    return ArrayLabels(
        places=layout.places,
        regions=layout.region_of,
        first_day=layout.first_day,
        offsets=layout.offsets,
        clock=scenario.country.header.clock,
        variables={each.name: (each.unit, each.meaning) for each in VARIABLES},
        attributes={
            "Conventions": "CF-1.11",
            "title": f"{episode.title}, account {scenario.account.name}",
            "source": "Qantar",
            "country": scenario.country.header.country,
            "episode": episode.name,
            "account": scenario.account.name,
        },
    )


def import_xarray(work: str) -> Any:
    """Return the module xarray.

    Parameters
    ----------
    work : str
        What needs it, for the message.

    Raises
    ------
    QantarError
        If it is not installed.
    """
    if find_spec("xarray") is None:
        raise QantarError(f"{work} needs xarray", hint="pip install 'qantar[study]'")
    return import_module("xarray")


def open_arrays(path: Path) -> xarray.Dataset:
    """Open the arrays of a run; values are read when they are used.

    Raises
    ------
    QantarError
        If xarray is not installed.
    """
    xr = import_xarray("opening arrays as a data set")
    opened: xarray.Dataset = xr.open_zarr(path, chunks=None, consolidated=True)
    return opened


def write_netcdf(arrays: Path, path: Path) -> None:
    """Write the arrays of a run as one netCDF file.

    Raises
    ------
    QantarError
        If xarray is not installed.
    """
    # netCDF-3 with 64-bit offsets: SciPy writes it, so that no other library is needed.
    with open_arrays(arrays) as opened:
        opened.drop_encoding().to_netcdf(path, engine="scipy", format="NETCDF3_64BIT")
