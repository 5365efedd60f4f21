"""Institutions: the parts of the state run here, and what a change of theirs does to the street.

Up to the end of the record every part follows it, and nothing here acts: what the record did to
protest is in the data and in the fits. What acts is the difference that a later year or a reform
makes, a part's shift: how far an index stands from that of the record. Independent outlets carry
news past the state (Guriev and Treisman 2019). Legal parties and independent courts give discontent
another way than the street (Hirschman 1970), or bring leaders and take away fear; which prevails is
contested, so the signs of both are open. All sizes are assumed.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field
from qantar.model.months import outlets
from qantar.model.months.declaration import MONTHS_PER_YEAR, MonthlyMechanism, State
from qantar.model.months.event_log import EventLog
from qantar.model.months.outlets import OutletsGiven, OutletsState
from qantar.model.records import Record
from qantar.rng import Key

MEMORY = MONTHS_PER_YEAR
"""Months for which a wave of several regions counts as a challenge."""

SEVERAL = 3.0
"""Regions from which on a wave is a challenge."""


class Parameters(NamedTuple):
    """Effects of shifts of the parts: share of news, and log units of protest."""

    news: float


class Institutions(NamedTuple):
    """What a pack says of the parts of the state; a part that it lacks is empty."""

    outlets: OutletsGiven


class InstitutionsState(NamedTuple):
    """The parts in one history, and the log of their events."""

    outlets: OutletsState
    log: EventLog


def no_institutions() -> Institutions:
    """Return the institutions of a pack that describes none."""
    return Institutions(outlets.no_outlets())


def initial_institutions(given: Institutions, log: EventLog) -> InstitutionsState:
    """Return the institutions before the first month.

    Parameters
    ----------
    log : EventLog
        Empty; their events are written into it.
    """
    return InstitutionsState(outlets.blank_outlets(given.outlets), log)


@compiled
def move_institutions(
    state: State, given: Institutions, own: InstitutionsState, p: Record, key: Key, month: int
) -> None:
    """Move every part by a month, and set what their shifts do.

    Parameters
    ----------
    p : record
        Parameters of all mechanisms.
    """
    country = state.country
    challenged = 0.0
    if country.quiet_months < MEMORY:
        challenged = 1.0
    outlets.move_outlets(
        country, given.outlets, own.outlets, p.outlets, own.log, key, month, challenged
    )
    country.quiet_months += 1.0
    country.news_shift = p.institutions.news * country.outlets_shift


@compiled
def note_challenge(state: State, regions: float) -> None:
    """Remember a wave of several regions."""
    if regions >= SEVERAL:
        state.country.quiet_months = 0.0


MECHANISM = MonthlyMechanism(
    name="institutions",
    title="Changed institutions change news and protest",
    references=("guriev2019", "hirschman1970"),
    systems=("A9",),
    parameters=Parameters,
    country=(
        Field("quiet_months", "months", 0, math.inf, 1e6, "months since a wave of several regions"),
        Field("news_shift", "share", -1, 1, 0, "news that the state does not control, by outlets"),
    ),
)
