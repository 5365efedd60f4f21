"""The parts of the state of a pack as arrays for the months."""

from __future__ import annotations

from qantar.model.months.declaration import Past
from qantar.model.months.institutions import Institutions
from qantar.packs.country import Country
from qantar.packs.state.constitution import load_constitution
from qantar.packs.state.courts import load_courts
from qantar.packs.state.offices import load_offices
from qantar.packs.state.outlets import load_outlets
from qantar.packs.state.parties import load_parties
from qantar.packs.years import Years
from qantar.simulate.years.constitution import given_constitution
from qantar.simulate.years.courts import given_courts
from qantar.simulate.years.offices import given_offices
from qantar.simulate.years.outlets import given_outlets
from qantar.simulate.years.parties import given_parties


def make_institutions(country: Country, years: Years, past: Past) -> Institutions:
    """Return what a pack says of the parts of the state.

    The records of parties, courts and outlets end with the dated months. A part without files is
    empty, and off.

    Raises
    ------
    FileError
        At the first error in a file.
    """
    record = past.dated_months
    first = years.header.first
    return Institutions(
        constitution=given_constitution(load_constitution(country), first),
        offices=given_offices(
            load_offices(country), country, first, past.population_share, past.connection
        ),
        parties=given_parties(load_parties(country), first, past.months, record),
        courts=given_courts(load_courts(country), first, record),
        outlets=given_outlets(load_outlets(country), first, record, past.election),
    )
