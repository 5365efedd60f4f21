"""Outlets of a country (folder ``state``): who owned them when, and what befell them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from qantar.base.files import read_rows
from qantar.packs.country import Country
from qantar.packs.state.outlets_checks import check_outlets
from qantar.packs.state.outlets_tables import (
    EVENTS,
    OUTLETS,
    OWNERS,
    Outlet,
    OutletEvent,
    Ownership,
)
from qantar.packs.state.rows import FOLDER
from qantar.packs.years_tables import first_day, last_day


@dataclass(frozen=True, repr=False)
class Outlets:
    """The outlets of a country.

    Attributes
    ----------
    outlets : tuple of Outlet
    owners : tuple of Ownership
    events : tuple of OutletEvent
        In order of month; within a month, in that of the file.
    """

    outlets: tuple[Outlet, ...]
    owners: tuple[Ownership, ...]
    events: tuple[OutletEvent, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the outlets, in the order of the file."""
        return tuple(each.outlet for each in self.outlets)

    def owner_at(self, event: OutletEvent) -> Ownership:
        """Return who holds an outlet once an event has happened."""
        day = last_day(event.date)
        held = [o for o in self.owners if o.outlet == event.outlet and first_day(o.begins) <= day]
        return max(held, key=lambda each: first_day(each.begins))

    def of(self, outlet: str) -> tuple[OutletEvent, ...]:
        """Return what befell an outlet."""
        return tuple(each for each in self.events if each.outlet == outlet)

    def __repr__(self) -> str:
        return f"<Outlets: {len(self.outlets)}, with {len(self.events)} events>"


def load_outlets(country: Country) -> Outlets | None:
    """Read and check the outlets of a country.

    Parameters
    ----------
    country : Country

    Returns
    -------
    Outlets or None
        None if the pack has no ``state/outlets.csv``.

    Raises
    ------
    FileError
        At the first error in the three files.
    """
    folder = country.folder / FOLDER
    if not (folder / OUTLETS).is_file():
        return None
    outlets = read_rows(folder / OUTLETS, Outlet)
    owners = read_rows(folder / OWNERS, Ownership)
    events = sorted(read_rows(folder / EVENTS, OutletEvent), key=lambda each: each[1].month)
    check_outlets(country, folder, outlets, owners, events)
    return Outlets(
        tuple(row for _, row in outlets),
        tuple(row for _, row in owners),
        tuple(row for _, row in events),
    )
