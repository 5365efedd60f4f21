"""Arrays of a run directory that does not keep every hour: daily values of places, or facts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import zarr

from qantar.analysis.array_labels import ArrayLabels
from qantar.analysis.facts import UNITS, fact_keys
from qantar.analysis.member_values import CUMULATIVE, DAILY, EVENING_CROWD, UNIT_CROWD
from qantar.analysis.outcomes import Layout, Outcome
from qantar.analysis.run import Run
from qantar.analysis.run_directory import COMPRESSION, add_coordinate

MEANINGS = {
    "crowd_peak": "largest crowd of the local day",
    "participants": "in the street at the start of the local day, plus all who came out during it",
    EVENING_CROWD: "in the street at the end of the hour from 18:00 local time",
    UNIT_CROWD: "in the street at the end of the hour",
}
"""Meaning of the values that are not running totals."""

_MEMBERS, _FACTS = 256, 256  # of a chunk


def meaning_of(name: str, labels: ArrayLabels) -> str:
    """Return what a value of a place and day means."""
    if name in MEANINGS:
        return MEANINGS[name]
    total = labels.attributes_of(CUMULATIVE[name])["long_name"]
    return f"{total}, at the end of the local day"


def write_daily_values(path: Path, outcome: Outcome, labels: ArrayLabels) -> None:
    """Write everything that an outcome keeps of places and days, and crowds of regions by hour.

    Parameters
    ----------
    path : Path
        Folder of the arrays, which must not exist.
    outcome : Outcome
    labels : ArrayLabels
    """
    layout = outcome.layout
    group = zarr.open_group(path, mode="w", attributes=dict(labels.attributes))
    for name in (*DAILY, UNIT_CROWD):
        daily = name in DAILY
        attributes = {"units": UNITS.get(name, "persons"), "long_name": meaning_of(name, labels)}
        coordinates = "region" if daily else "time"
        values = outcome.values(name)
        array = group.create_array(
            name,
            shape=values.shape,
            chunks=(min(_MEMBERS, outcome.members), *values.shape[1:]),
            dtype="float32",
            compressors=COMPRESSION,
            dimension_names=("member", "place", "day") if daily else ("member", "unit", "hour"),
            attributes={**attributes, "coordinates": coordinates},
        )
        array[...] = values
    found = labels.coordinates(outcome.members, 24 * layout.days)
    for name in ("member", "hour", "region", "time"):
        add_coordinate(group, name, *found[name])
    days = np.arange(layout.days, dtype=np.int64)
    since = f"days since {layout.first_day.isoformat()}"
    about = {"long_name": "local day", "units": since, "calendar": "proleptic_gregorian"}
    add_coordinate(group, "day", ("day",), days, about)
    texts = {"place": layout.places, "unit": tuple(name for _, name in layout.unit_names)}
    for name, values_of_texts in texts.items():
        words = {"long_name": "place" if name == "place" else "country or region"}
        add_coordinate(group, name, (name,), np.array(values_of_texts, object), words)


def read_daily_values(group: zarr.Group, layout: Layout) -> Outcome:
    """Return the outcome of a run from the arrays that `write_daily_values` wrote.

    Raises
    ------
    KeyError
        If an array is missing.
    """
    arrays: dict[str, Any] = {name: group[name] for name in (*DAILY, UNIT_CROWD)}
    members = arrays[UNIT_CROWD].shape[0]
    outcome = Outcome(layout, "places", members)
    for first in range(0, members, _MEMBERS):
        some = slice(first, first + _MEMBERS)
        outcome.add_values({name: np.asarray(each[some]) for name, each in arrays.items()})
    return outcome


def write_fact_samples(path: Path, run: Run, labels: ArrayLabels) -> None:
    """Write the facts of every member: one array (member, fact).

    Parameters
    ----------
    path : Path
        Folder of the arrays, which must not exist.
    run : Run
    labels : ArrayLabels
    """
    outcome = run.outcome
    keys = fact_keys(outcome.layout, run.targets)
    group = zarr.open_group(path, mode="w", attributes=dict(labels.attributes))
    array = group.create_array(
        "value",
        shape=(outcome.members, len(keys)),
        chunks=(outcome.members, min(_FACTS, len(keys))),
        dtype="float64",
        compressors=COMPRESSION,
        dimension_names=("member", "fact"),
        attributes={
            "long_name": "value of the fact; days count from the first day",
            "coordinates": "variable level name date unit",
        },
    )
    for first in range(0, len(keys), _FACTS):
        some = keys[first : first + _FACTS]
        values = np.stack([outcome.samples(*key) for key in some], axis=1)
        array[:, first : first + len(some)] = values
    add_coordinate(group, "member", *labels.coordinates(outcome.members, 1)["member"])
    texts = {"variable": 0, "level": 1, "name": 2, "date": 3}
    for name, k in texts.items():
        words = np.array([key[k] for key in keys], object)
        add_coordinate(group, name, ("fact",), words, {"long_name": f"{name} of the fact"})
    units = np.array([UNITS[key[0]] for key in keys], object)
    add_coordinate(group, "unit", ("fact",), units, {"long_name": "unit of the fact"})
