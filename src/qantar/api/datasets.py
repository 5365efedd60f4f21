"""Results as xarray data sets, with units, long names and the region of each place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from qantar.analysis.array_labels import ArrayLabels, import_xarray, labels_of
from qantar.analysis.facts import UNITS
from qantar.analysis.kept_arrays import meaning_of
from qantar.analysis.outcomes import CUMULATIVE, Outcome
from qantar.simulate.scenario import Scenario

if TYPE_CHECKING:
    import xarray

_TIMES = ("time", "local_time")


def coordinates(labels: ArrayLabels, members: int, hours: int) -> dict[str, Any]:
    """Return the coordinates of hourly arrays as xarray takes them, with times decoded.

    Parameters
    ----------
    labels : ArrayLabels
    members, hours : int
        Extent of the arrays.
    """
    first = np.datetime64(labels.first_day, "ns")
    found: dict[str, Any] = {
        "place": ("place", np.array(labels.places, object), {"long_name": "place"})
    }
    for name, each in labels.coordinates(members, hours).items():
        values, attributes = each.values, dict(each.attributes)
        if name in _TIMES:
            values = first + values.astype("timedelta64[h]").astype("timedelta64[ns]")
            del attributes["units"], attributes["calendar"]
        found[name] = (each.dimensions, values, attributes)
    return found


def outcome_dataset(scenario: Scenario, outcome: Outcome) -> xarray.Dataset:
    """Return the outcome of a run: crowds by hour, all else by day.

    Parameters
    ----------
    scenario : Scenario
    outcome : Outcome

    Returns
    -------
    Dataset
        ``crowd`` (member, hour, place) if the run keeps all, and by (member, day, place)
        ``crowd_peak``, ``participants`` and the running totals at the end of the local day.

    Raises
    ------
    QantarError
        If xarray is not installed, or the run keeps facts only.
    """
    xr = import_xarray("a data set of a run")
    labels, layout = labels_of(scenario), outcome.layout
    days = np.datetime64(layout.first_day, "ns") + np.arange(layout.days).astype("timedelta64[D]")
    daily = ("member", "day", "place")
    data: dict[str, Any] = {}
    if outcome.keep == "all":
        shape = ("member", "hour", "place")
        data["crowd"] = (shape, outcome.crowds, labels.attributes_of("crowd"))
    for name in ("crowd_peak", "participants", *CUMULATIVE):
        attributes = {"units": UNITS[name], "long_name": meaning_of(name, labels)}
        data[name] = (daily, outcome.values(name).transpose(0, 2, 1), attributes)
    coords = coordinates(labels, outcome.members, 24 * layout.days)
    coords["day"] = ("day", days, {"long_name": "local day", "standard_name": "time"})
    result: xarray.Dataset = xr.Dataset(data, coords=coords, attrs=dict(labels.attributes))
    return result


def worlds_dataset(
    scenario: Scenario, outcomes: Sequence[Outcome], names: Sequence[str]
) -> xarray.Dataset:
    """Return several worlds with the same members as one data set with a dimension ``world``."""
    xr = import_xarray("a data set of a what-if")
    parts = [outcome_dataset(scenario, outcome) for outcome in outcomes]
    index = xr.Variable("world", np.array(names, object), {"long_name": "world"})
    result: xarray.Dataset = xr.concat(parts, dim="world", join="exact", coords="minimal",
                                       compat="override", data_vars="all")  # fmt: skip
    return result.assign_coords(world=index)
