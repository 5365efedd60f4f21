"""Whether a run directory can be shown on the map, told without opening its arrays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from qantar.country.pack import Country, load_country, packs_home
from qantar.errors import QantarError
from qantar.store.run_directory import ARRAYS

LARGEST = 40_000_000
"""Members x hours x places of the largest run that is opened: 1,300 members of January 2022."""

_NUMBERS = ("members", "hours", "seed")
_KEPT = 8  # packs that a process remembers


def why_not_open(path: Path, manifest: Mapping[str, Any]) -> str:
    """Return why a run directory cannot be shown on the map; empty if it can.

    Parameters
    ----------
    path : Path
        Of the run directory.
    manifest : mapping
        What it says about itself, which may be anything.
    """
    places = manifest.get("places")
    if not isinstance(places, list) or not all(isinstance(name, str) for name in places):
        return "its manifest names no places"
    if any(type(manifest.get(key)) is not int or manifest[key] < 0 for key in _NUMBERS):
        return f"its manifest does not give {', '.join(_NUMBERS)} as whole numbers"
    try:
        dt.date.fromisoformat(str(manifest.get("first_day")))
    except ValueError:
        return "its manifest gives no first day"
    cells = manifest["members"] * manifest["hours"] * len(places)
    if cells == 0:
        return "it has no members, hours or places"
    if cells > LARGEST:
        most = LARGEST // (manifest["hours"] * len(places))
        return f"it is too large: {manifest['members']:,} members, where {most:,} can be shown"
    arrays = path / ARRAYS
    if arrays.is_symlink() or not arrays.is_dir():
        return f"its arrays are missing: there is no {ARRAYS}"
    return _why_no_map(manifest)


def _why_no_map(manifest: Mapping[str, Any]) -> str:
    """Return why the places of a run cannot be put on the map; empty if they can."""
    pack = manifest.get("pack")
    try:
        country = shipped_country(pack) if isinstance(pack, str) else None
    except QantarError:
        return f"its country pack {pack!r} cannot be read; `qantar check pack` says why"
    if country is None:
        return f"its country pack {str(pack)!r} is not one that Qantar ships"
    if manifest["places"] != [place.place for place in country.places]:
        return f"its places are not those of the country pack {pack!r} as it is now"
    return ""


@lru_cache(maxsize=_KEPT)
def shipped_country(pack: str) -> Country | None:
    """Return a shipped pack by its name; None if Qantar ships none of that name.

    Raises
    ------
    QantarError
        If a file of it cannot be used.
    """
    plain = pack not in ("", ".", "..") and not {"/", "\\"} & set(pack)
    if not plain or not (packs_home() / pack / "pack.yaml").is_file():
        return None
    return load_country(packs_home() / pack)
