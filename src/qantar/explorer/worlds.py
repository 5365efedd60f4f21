"""Worlds on disk: reading what `simulate` or the opening of a run directory has written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import zarr

from qantar.errors import QantarError, nearest
from qantar.explorer.downloads import TABLES, hours_table, with_head
from qantar.explorer.frames import DIFFERENCE, Frames, frames_file, one_member
from qantar.explorer.units import Units
from qantar.store.run_directory import ARRAYS

WORLD = "world.json"
"""What the page is told, in the folder of a world."""

ASK_AGAIN = "ask for it again; it is run anew"


class World:
    """A world that was run. Reading changes nothing, so threads may share it.

    Parameters
    ----------
    folder : Path
        As `qantar.explorer.simulate.run_world` fills it.
    arrays : mapping of str to Path, optional
        Where the arrays of a side lie, if not in the folder.
    tables : Path, optional
        Where the tables lie, if not in the folder.

    Raises
    ------
    QantarError
        If there is no world in the folder, or what is told of it is damaged.
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
            raise QantarError("this world is not there any more", mend=ASK_AGAIN) from error
        except ValueError as error:
            raise QantarError("what was kept of this world is damaged", mend=ASK_AGAIN) from error

    @cached_property
    def units(self) -> Units:
        """The units of its map."""
        return Units.from_told(self.told["units"])

    @property
    def sides(self) -> tuple[str, ...]:
        """``base``, and with a change ``changed`` and ``difference``."""
        return tuple(self.told["sides"])

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that were recorded."""
        return tuple(self.told["layers"])

    def payload(self) -> bytes:
        """Return what the page is told, as JSON."""
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
            raise QantarError("this world is not there any more", mend=ASK_AGAIN) from error

    def member(self, side: str, k: int, layer: str) -> bytes:
        """Return one member of a layer: little-endian float32 [hours][units].

        Parameters
        ----------
        side : str
            On ``difference`` the changed world minus the world as it was, of one pair.
        k : int
            Number of the member, counted from 0.

        Raises
        ------
        QantarError
            If there is no such side, layer or member, or the world is gone.
        """
        self._check(side, layer)
        members = int(self.told["members"])
        if not 0 <= k < members:
            raise QantarError(
                f"there is no member {k} in this world", expected=f"0 to {members - 1}"
            )
        if side == DIFFERENCE:
            became, was = (self._member(each, k, layer) for each in ("changed", "base"))
            values = became - was
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
        """Return a table to take away, with its citation before it.

        Parameters
        ----------
        name : str
            One of `qantar.explorer.downloads.TABLES`.
        side, layer, unit : str, optional
            For ``hours``: what is wanted; by default the world as it was, the crowd, the country.

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
                from qantar.explorer.facts import facts_file  # the model: only here is it needed

                path = facts_file(self.folder, self._group("base"), self.told)
            table = path.read_text(encoding="utf-8")
        except (OSError, KeyError, ValueError) as error:
            there = [each for each in TABLES if (self._tables / f"{each}.csv").is_file()]
            raise QantarError(
                f"this world has no table {name!r}",
                expected=", ".join([*there, "hours"]),
                mend="a world with a change has differences, attribution and chain",
            ) from error
        return with_head(name, table, self.told)

    def _hours(self, side: str, layer: str, unit: str | None) -> str:
        frames = self.quantiles(side, layer)
        at = self.units.index(unit)
        start = self.told["first_day"], self.told["clock"]
        table = hours_table(frames, at, *start, difference=side == DIFFERENCE)
        what = f"Unit: {self.units.ids[at]}; layer: {layer}; side: {side}"
        return with_head("hours", table, self.told, [what])

    def _check(self, side: str, layer: str) -> None:
        if side not in self.sides:
            raise QantarError(
                f"this world has no side {side!r}",
                expected=", ".join(self.sides),
                mend="a world with a change has all three",
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
            raise QantarError("the arrays of this world are damaged", mend=ASK_AGAIN) from error

    def _group(self, side: str) -> zarr.Group:
        path = self._arrays.get(side, self.folder / side / ARRAYS)
        try:
            return zarr.open_group(path, mode="r", zarr_format=3)
        except (OSError, ValueError, KeyError) as error:
            raise QantarError("this world is not there any more", mend=ASK_AGAIN) from error
