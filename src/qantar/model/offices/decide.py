"""Decisions of the state by the rules of its offices instead of a dated script.

The offices in order, each in its own file:

 1. reports            information reaches the capital, late and incomplete
 2. interior_forces    obedience of the police, and the trust of the capital in them
 3. akims              regional concessions and emergencies
 4. government         the national concession
 5. president          resignation, Security Council, new cabinet, mourning
 6. security_council   emergency, shutdown, foreign troops, the order to shoot

Offices respond to the information they have and to the actions in force, whether decided by
themselves or imposed by an intervention, and never to a date. An office decides once its patience,
a number of hours of full pressure, is used up. Effects are left to the mechanisms.
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
from qantar.model.records import Records, record_of
from qantar.model.state import Environment, State


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
    """Update reports and the obedience of the police."""
    r = rules[0]
    reports.update_reports(state, environment, r.reports)
    interior_forces.update_loyalty(state, environment, r.interior_forces)


@compiled
def decide(state: State, environment: Environment, rules: Records, hour: int) -> None:
    """Let every office decide."""
    r = rules[0]
    akims.decide(state, environment, r.akims, r.reports, hour)
    government.decide(state, environment, r.government, r.reports, hour)
    president.decide(state, r.president, r.reports, hour)
    security_council.decide(state, r.security_council, r.reports, hour)
