"""The parts of the state of a pack as arrays for the months."""

from __future__ import annotations

from qantar.model.months.declaration import Past
from qantar.model.months.institutions import Institutions
from qantar.packs.country import Country
from qantar.packs.state.outlets import load_outlets
from qantar.packs.years import Years
from qantar.simulate.years.outlets import given_outlets


def make_institutions(country: Country, years: Years, past: Past) -> Institutions:
    """Return what a pack says of the parts of the state.

    The record ends with the dated months. A part without files is empty, and off.

    Raises
    ------
    FileError
        At the first error in a file.
    """
    record = min(past.dated_months, past.months)
    first = years.header.first
    return Institutions(
        outlets=given_outlets(load_outlets(country), first, record, past.election),
    )
