"""Tables to take away: CSV whose first lines say what it is, how to read it and whom to cite."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from qantar.explorer.frames import MIDDLE, QUANTILES, Frames

TABLES = ("facts", "differences", "decisions", "attribution", "chain", "regimes", "hours")
"""What can be downloaded of a world; differences and causes only where there is a change."""

_PAIRS = "over pairs of twins that share parameters and luck"
COLUMNS = {
    "facts": (
        "one row per quantity, place, region or country, and date, in the world as it was",
        "q05 to q95: quantiles over members; mean: over the members in which it happened",
        "low, high, target: what the sources say, where a target asks for the quantity",
    ),
    "differences": (
        "one row per quantity, for the country and by region",
        f"baseline, changed: means over members; difference: mean {_PAIRS}",
        "low, high: 90 % interval of that mean; pair_low, pair_high: the middle 90 % of pairs",
        "fewer, same, more: shares of pairs",
    ),
    "decisions": (
        "one row per decision of the state; change empty: as it was",
        "earliest, latest: what the sources allow; q05, q50, q95: when it was taken in the model",
        "all in hours from the beginning of the first day; taken: share of members",
        f"difference: mean shift in hours, {_PAIRS}, with its 90 % interval",
    ),
    "attribution": (
        "one row per quantity and cause",
        "mean: how much of the difference passes through the cause; low, high: 90 % interval",
        "the rows of one quantity add up to the difference of the pairs that were traced",
    ),
    "chain": (
        "one row per cause",
        "first_hour: median hour at which it first differs, from the beginning of the first day",
        "places: median number of places; pairs: share of pairs; place: where it differs first",
    ),
    "regimes": (
        "share of pairs by the kind of course without and with the change",
    ),
    "hours": (
        "one row per hour",
        "time: the beginning of the hour on the clock of the episode; hour: counted from 0",
        "q05 to q95: quantiles over members, at the end of the hour",
        "of a difference: over pairs of twins, with their mean in the middle",
    ),
}  # fmt: skip
"""What the columns of each table mean."""

LICENCE = (
    "Data: made with Qantar (MIT licence). Sources keep their own terms, see NOTICE; "
    "coordinates of towns: GeoNames, CC BY 4.0."
)

CAUTION = "What a model gives under one account; no facts about the world."


def with_head(name: str, table: str, about: Mapping[str, Any], more: Iterable[str] = ()) -> str:
    """Return a table with the lines before it that say what it is.

    Parameters
    ----------
    name : str
        One of `TABLES`.
    table : str
        As CSV.
    about : mapping
        What is told of the world: ``title``, ``query``, ``command`` and ``citation``.
    more : iterable of str
        Further lines, such as the unit and the layer.

    Returns
    -------
    str
        ``pandas.read_csv(..., comment="#")`` reads it.
    """
    lines = [
        f"{about['title']}: {name}",
        *more,
        CAUTION,
        f"Command: {about['command']}",
        f"Link: in `qantar explore`, /?{about['query']}",
        'Read with: pandas.read_csv(FILE, comment="#")',
        *(f"Columns: {line}" for line in COLUMNS[name]),
        f"Licence. {LICENCE}",
        *(f"Cite: {line}" for line in about["citation"]),
    ]
    return "".join(f"# {_one_line(line)}\n" for line in lines) + table.replace("#", "No.")


def hours_table(
    frames: Frames, unit: int, first_day: str, clock: str, *, difference: bool = False
) -> str:
    """Return the hourly quantiles of one unit as CSV.

    Parameters
    ----------
    frames : float array (quantiles, hours, units)
    unit : int
        Position of the unit.
    first_day, clock : str
        ISO day on which the first hour begins, and the offset of its clock, such as ``+06:00``.
    difference : bool
        Whether the frames are of a difference, whose middle row is a mean.
    """
    names = [f"q{round(100 * share):02d}" for share in QUANTILES]
    if difference:
        names[MIDDLE] = "mean"
    start = dt.datetime.fromisoformat(f"{first_day}T00:00:00{clock}")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["time", "hour", *names])
    for hour, values in enumerate(np.asarray(frames[:, :, unit], np.float64).T):
        time = (start + dt.timedelta(hours=hour)).isoformat()
        writer.writerow([time, hour, *(f"{value:.6g}" for value in values)])
    return text.getvalue()


def _one_line(text: str) -> str:
    return " ".join(text.split())
