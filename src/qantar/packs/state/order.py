"""Errors that several tables of the state share: what comes too early, and what appears twice."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path

from qantar.base.errors import FileError
from qantar.packs.country import Country
from qantar.packs.years_faults import unknown
from qantar.packs.years_tables import first_day, last_day


def check_order(
    path: Path, line: int, before: tuple[str, str], after: tuple[str, str], hint: str
) -> None:
    """Refuse two moments of which the second is over before the first begins.

    Parameters
    ----------
    path : Path
    line : int
    before, after : tuple of str
        Name of the column and its moment; an empty moment is not known and passes.
    hint : str
    """
    if before[1] and after[1] and last_day(after[1]) < first_day(before[1]):
        raise FileError(
            path,
            f"`{after[0]}` lies before `{before[0]}`",
            line=line,
            value=f"{before[0]} {before[1]}, {after[0]} {after[1]}",
            expected=f"`{after[0]}` on or after {before[1]}",
            hint=hint,
        )


def check_once(path: Path, line: int, key: Hashable, seen: set[Hashable], what: str) -> None:
    """Refuse a key that an earlier row has, and remember it."""
    if key in seen:
        raise FileError(
            path,
            f"{what} appears twice",
            line=line,
            value=key if isinstance(key, str) else "; ".join(map(str, key)),  # type: ignore[call-overload]
            expected="one row each",
            hint="keep one of the two, or give the second a name of its own",
        )
    seen.add(key)


def check_areas(
    path: Path, line: int, country: Country, areas: tuple[str, ...], *, places: bool = True
) -> None:
    """Refuse an area that is neither the country, nor a region, nor (if allowed) a place."""
    known = [country.header.country, *(region.region for region in country.regions)]
    if places:
        known += [place.place for place in country.places]
    for area in areas:
        if area not in known:
            where = "regions.csv and places.csv" if places else "regions.csv"
            raise unknown(path, "place or region", area, known, line, where)
