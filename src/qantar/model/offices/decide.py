"""One hour of the state, where its decisions follow rules instead of a dated script.

The order, each line an office with a file of its own:

 1. reports            what happens in the towns reaches the capital, late and incomplete
 2. interior_forces    police obey or not, and the capital trusts them or not
 3. akims              a region concedes, or asks for an emergency
 4. government         the concession for the country
 5. president          the government, the old guard, the words after the end
 6. security_council   emergency, shutdown, foreign troops, the order to shoot

Offices act on what they see and on what is in force, by their own decision or by an intervention,
never on a date. An office under pressure uses up its patience: it
decides after so many hours of full pressure. What a decision does is left to the mechanisms.
"""

from __future__ import annotations

from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.offices import (
    akims,
    government,
    interior_forces,
    president,
    reports,
    security_council,
)
from qantar.model.state import Environment, Records, State, record_of


class Rules(NamedTuple):
    """The parameters of every office."""

    reports: reports.Parameters
    interior_forces: interior_forces.Parameters
    akims: akims.Parameters
    government: government.Parameters
    president: president.Parameters
    security_council: security_council.Parameters


RULES = record_of(Rules)
"""`Rules` as one record."""


@compiled
def update_information(state: State, environment: Environment, rules: Records) -> None:
    """Let reports arrive and forces waver."""
    r = rules[0]
    reports.update_reports(state, environment, r.reports)
    interior_forces.update_loyalty(state, environment, r.interior_forces)


@compiled
def decide(state: State, environment: Environment, rules: Records, hour: int) -> None:
    """Let every office weigh what it sees, and decide."""
    r = rules[0]
    akims.decide(state, environment, r.akims, r.reports, hour)
    government.decide(state, r.government, r.reports, hour)
    president.decide(state, r.president, r.reports, hour)
    security_council.decide(state, r.security_council, r.reports, hour)
