"""Finished worlds on disk: payload, frames, members and CSV tables.

`World` reads what `qantar.explorer.simulate` or `qantar.explorer.import_run` has written. A table
for download starts with comment lines: what it is, its columns, its licence and how to cite it.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import zarr

from qantar.analysis.run_directory import ARRAYS
from qantar.base.errors import QantarError, nearest
from qantar.explorer.frames import (
    DIFFERENCE,
    MIDDLE,
    QUANTILES,
    Frames,
    Units,
    frames_file,
    one_member,
)
from qantar.explorer.workdir import WORLD

ASK_AGAIN = "request it again to run it"

TABLES = ("facts", "differences", "decisions", "attribution", "chain", "regimes", "hours")
"""Tables of a world; those about differences and causes only where there is a change."""

_PAIRS = "over pairs that share parameters and random numbers"
COLUMNS: dict[str, tuple[str, ...]] = {
    "facts": (
        "one row per quantity, place, region or country, and date, in the baseline",
        "q05 to q95: quantiles over members; mean: over the members in which it happened",
        "observed_low, observed_high, target: what the sources say, where a target asks for it",
        "day_q05 to day_observed_high: the same for quantities that are days",
    ),
    "differences": (
        "one row per quantity, for the country and by region",
        f"baseline, changed: means over members; difference: mean {_PAIRS}",
        "low, high: 90 % interval of that mean; pair_low, pair_high: the middle 90 % of pairs",
        "fewer, same, more: shares of pairs",
    ),
    "decisions": (
        "one row per decision of the state; change empty: baseline",
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
        "of a difference: over pairs, with their mean in the middle",
    ),
}  # fmt: skip
"""Meaning of the columns of each table."""

LICENCE = (
    "Data: made with Qantar (MIT licence). Sources keep their own terms, see NOTICE; "
    "coordinates of towns: GeoNames, CC BY 4.0."
)

CAUTION = "Results of a model under one account, not facts about the world."


def with_header(name: str, table: str, about: Mapping[str, Any], more: Iterable[str] = ()) -> str:
    """Return a table with comment lines that describe it.

    Parameters
    ----------
    name : str
        One of `TABLES`.
    table : str
        As CSV.
    about : mapping
        Payload of the world: ``title``, ``query``, ``command`` and ``citation``.
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
    head = "".join(f"# {' '.join(line.split())}\n" for line in lines)
    return head + table.replace("#", "No.")


def hours_table(
    frames: Frames, unit: int, first_day: str, clock: str, *, difference: bool = False
) -> str:
    """Return the hourly quantiles of one unit as CSV.

    Parameters
    ----------
    frames : float array (quantiles, hours, units)
    unit : int
        Index of the unit.
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


class World:
    """A finished world. Reading changes nothing, so threads may share it.

    Parameters
    ----------
    folder : Path
        As written by `qantar.explorer.simulate.run_world`.
    arrays : mapping of str to Path, optional
        Arrays by side, if not in the folder.
    tables : Path, optional
        Folder of the tables, if another one.

    Raises
    ------
    QantarError
        If there is no world in the folder, or its payload is damaged.
    """

    def __init__(
        self, folder: Path, arrays: Mapping[str, Path] | None = None, tables: Path | None = None
    ) -> None:
        self.folder = folder
        self._arrays = dict(arrays or {})
        self._tables = tables or folder
        try:
            self._payload = (folder / WORLD).read_bytes()
            self.told: dict[str, Any] = json.loads(self._payload)
        except OSError as error:
            raise QantarError("this world no longer exists", hint=ASK_AGAIN) from error
        except ValueError as error:
            raise QantarError(
                "the stored results of this world are damaged", hint=ASK_AGAIN
            ) from error

    @cached_property
    def units(self) -> Units:
        """The units of the map."""
        return Units.from_json(self.told["units"])

    @property
    def sides(self) -> tuple[str, ...]:
        """``base``, and with a change ``changed`` and ``difference``."""
        return tuple(self.told["sides"])

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that were recorded."""
        return tuple(self.told["layers"])

    def payload(self) -> bytes:
        """Return the payload as JSON."""
        return self._payload

    def frames(self, side: str, layer: str) -> bytes:
        """Return the quantiles of a layer: little-endian float32 [quantiles][hours][units].

        Raises
        ------
        QantarError
            If there is no such side or layer, or the world is gone.
        """
        return self.quantiles(side, layer).tobytes()

    def quantiles(self, side: str, layer: str) -> Frames:
        """Return the quantiles of a layer: float array (quantiles, hours, units)."""
        self._check(side, layer)
        try:
            return np.asarray(np.load(frames_file(self.folder, side, layer)), "<f4")
        except (OSError, ValueError, EOFError) as error:
            raise QantarError("this world no longer exists", hint=ASK_AGAIN) from error

    def member(self, side: str, k: int, layer: str) -> bytes:
        """Return one member of a layer: little-endian float32 [hours][units].

        Parameters
        ----------
        side : str
            ``difference`` is the changed world minus the baseline, for one pair.
        k : int
            Number of the member, counted from 0.

        Raises
        ------
        QantarError
            If there is no such side, layer or member, or the world is gone.
        """
        self._check(side, layer)
        if not self.told["single_members"]:
            raise QantarError(
                "single members of this world are not there yet",
                hint="wait until all members have been run",
            )
        members = int(self.told["members"])
        if not 0 <= k < members:
            raise QantarError(
                f"there is no member {k} in this world", expected=f"0 to {members - 1}"
            )
        if side == DIFFERENCE:
            changed, base = (self._member(each, k, layer) for each in ("changed", "base"))
            values = changed - base
        else:
            values = self._member(side, k, layer)
        return values.astype("<f4", copy=False).tobytes()

    def csv(
        self,
        name: str,
        *,
        side: str | None = None,
        layer: str | None = None,
        unit: str | None = None,
    ) -> str:
        """Return a table as CSV, with comment lines that describe it and say how to cite it.

        Parameters
        ----------
        name : str
            One of `qantar.explorer.worlds.TABLES`.
        side, layer, unit : str, optional
            For ``hours``; by default the baseline, the crowd and the country.

        Raises
        ------
        QantarError
            If there is no such table, side, layer or unit.
        """
        if name not in TABLES:
            hint = nearest(name, TABLES) or ", ".join(TABLES)
            raise QantarError(f"there is no table {name!r}", expected=hint)
        if name == "hours":
            return self._hours(side or "base", layer or "crowd", unit)
        path = self._tables / f"{name}.csv"
        if path.is_symlink():
            raise QantarError(f"the table {name!r} is a link, and links are not followed")
        try:
            if name == "facts" and not path.is_file():
                from qantar.explorer.context import facts_file  # imports the model, which is slow

                path = facts_file(self.folder, self._group("base"), self.told)
            table = path.read_text(encoding="utf-8")
        except (OSError, KeyError, ValueError) as error:
            there = [each for each in TABLES if (self._tables / f"{each}.csv").is_file()]
            raise QantarError(
                f"this world has no table {name!r}",
                expected=", ".join([*there, "hours"]),
                hint="a world with a change has differences, attribution and chain",
            ) from error
        return with_header(name, table, self.told)

    def _hours(self, side: str, layer: str, unit: str | None) -> str:
        frames = self.quantiles(side, layer)
        at = self.units.index(unit)
        start = self.told["first_day"], self.told["clock"]
        table = hours_table(frames, at, *start, difference=side == DIFFERENCE)
        what = f"Unit: {self.units.ids[at]}; layer: {layer}; side: {side}"
        return with_header("hours", table, self.told, [what])

    def _check(self, side: str, layer: str) -> None:
        if side not in self.sides:
            raise QantarError(
                f"this world has no side {side!r}",
                expected=", ".join(self.sides),
                hint="a world with a change has all three",
            )
        if layer not in self.layers:
            raise QantarError(
                f"the layer {layer!r} was not recorded in this world",
                expected=", ".join(self.layers),
            )

    def _member(self, side: str, number: int, layer: str) -> Frames:
        try:
            return one_member(self._group(side), layer, self.units, number)
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise QantarError("the arrays of this world are damaged", hint=ASK_AGAIN) from error

    def _group(self, side: str) -> zarr.Group:
        path = self._arrays.get(side, self.folder / side / ARRAYS)
        try:
            return zarr.open_group(path, mode="r", zarr_format=3, use_consolidated=False)
        except (OSError, ValueError, KeyError) as error:
            raise QantarError("this world no longer exists", hint=ASK_AGAIN) from error
