"""Institutions: the parts of the state run here, and what a change of theirs does to the rest.

Up to the end of the record every part follows it, and nothing here acts: what the record did to
protest is in the data and in the fits. What acts is the difference that a later year or a reform
makes, a part's shift: how far an index stands from that of the record.

- Independent outlets carry news past the state (Guriev and Treisman 2019).
- Legal parties and independent courts give discontent another way than the street (Hirschman 1970),
  or bring leaders to the street and take away fear. Which prevails is contested: signs are open.
- Free unions bargain and strike by law in place of the street, or make it easier to call people
  out; the sign is open.
- Kin of the top in fewer posts leave less to resent.
- Elected akims have to answer their region, or give it a leader; the sign is open.
- Power that is divided at the top, or no longer is, opens or closes the opportunity that assemblies
  take (`qantar.model.months.assemblies`).
- Akims with other connections bring their regions other money.
- A divided elite may leave fewer police that obey, where a wave is run by the hour.

What moves assemblies moves waves too, by a factor whose prior includes none and the reverse: how
often people assemble and how far a trigger carries need not go together.

All sizes are assumed.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field
from qantar.model.months import constitution, courts, offices, outlets, parties
from qantar.model.months.constitution import ConstitutionGiven, ConstitutionState
from qantar.model.months.court_cases import CourtsGiven, CourtsState, blank_courts
from qantar.model.months.declaration import MONTHS_PER_YEAR, MonthlyMechanism, Past, State
from qantar.model.months.event_log import EventLog
from qantar.model.months.experience import SEVERAL
from qantar.model.months.offices_data import OfficesGiven, OfficesState, blank_offices
from qantar.model.months.outlet_state import OutletsGiven, OutletsState
from qantar.model.months.party_state import PartiesGiven, PartiesState, blank_parties
from qantar.model.records import Record
from qantar.rng import Key

MEMORY = MONTHS_PER_YEAR
"""Months for which a wave of several regions counts as a challenge to the state."""


class Parameters(NamedTuple):
    """Effects of shifts of the parts: share of news, and log units of protest.

    `free_unions` is 0 or 1, `unions_told` how free they are in the record, and `waves` the factor
    by which what moves assemblies moves the hazard of a town.
    """

    news: float
    parties: float
    courts: float
    kin: float
    akims: float
    unions: float
    free_unions: float
    unions_told: float
    waves: float
    obedience: float


class Institutions(NamedTuple):
    """What a pack says of the parts of the state; a part that it lacks is empty."""

    constitution: ConstitutionGiven
    offices: OfficesGiven
    parties: PartiesGiven
    courts: CourtsGiven
    outlets: OutletsGiven


class InstitutionsState(NamedTuple):
    """The parts in one history, and the log of their events."""

    constitution: ConstitutionState
    offices: OfficesState
    parties: PartiesState
    courts: CourtsState
    outlets: OutletsState
    log: EventLog


def initial_institutions(given: Institutions, log: EventLog) -> InstitutionsState:
    """Return the institutions before the first month.

    Parameters
    ----------
    log : EventLog
        Empty; their events are written into it.
    """
    return InstitutionsState(
        constitution.blank_constitution(given.constitution),
        blank_offices(given.offices),
        blank_parties(given.parties),
        blank_courts(given.courts),
        outlets.blank_outlets(given.outlets),
        log,
    )


@compiled
def move_institutions(
    state: State,
    past: Past,
    given: Institutions,
    own: InstitutionsState,
    p: Record,
    key: Key,
    month: int,
) -> None:
    """Move every part by a month, and set what their shifts do.

    Parameters
    ----------
    p : record
        Parameters of all mechanisms.
    """
    country, log = state.country, own.log
    challenged = 0.0
    if country.quiet_months < MEMORY:
        challenged = 1.0
    country.quiet_months += 1.0
    constitution.move_constitution(
        country, given.constitution, own.constitution, p.constitution, log, key, month, challenged
    )
    offices.move_offices(
        country, given.offices, own.offices, p.offices, log, key, month, challenged
    )
    parties.move_parties(
        country, given.parties, own.parties, p.parties, log, key, month, challenged
    )
    courts.move_courts(country, given.courts, own.courts, p.courts, log, key, month, challenged)
    outlets.move_outlets(
        country, given.outlets, own.outlets, p.outlets, log, key, month, challenged
    )
    country.opening_shift = _opening_shift(country.dual_power, given.constitution, month)
    country.news_shift = p.institutions.news * country.outlets_shift
    country.street_shift = (
        p.institutions.parties * country.parties_shift
        + p.institutions.courts * country.courts_shift
        + p.institutions.kin * country.kin_shift
    )
    freed = p.institutions.free_unions * (1.0 - p.institutions.unions_told)
    country.labour_shift = p.institutions.unions * freed
    country.wave_shift = p.institutions.waves * country.street_shift
    country.wave_labour_shift = p.institutions.waves * country.labour_shift
    country.police_shift = p.institutions.obedience * country.offices_shift
    for r in range(past.region_count):
        state.regions.connection_shift[r] = own.offices.connection_shift[r]
        state.regions.local_shift[r] = p.institutions.akims * own.offices.elected[r]
        state.regions.wave_local_shift[r] = p.institutions.waves * state.regions.local_shift[r]


@compiled
def _opening_shift(dual_power: float, given: ConstitutionGiven, month: int) -> float:
    """Return 1 if power is divided and was not in the record, -1 if it is the other way round."""
    if given.record_months == 0:
        return 0.0
    recorded = given.dual[min(month, given.record_months - 1)]
    return (1.0 if dual_power > 0.0 else 0.0) - (1.0 if recorded > 0.0 else 0.0)


@compiled
def note_challenge(state: State, regions: float) -> None:
    """Remember a wave of several regions."""
    if regions >= SEVERAL:
        state.country.quiet_months = 0.0


_LOG = "log units"
_ANY = (-math.inf, math.inf, 0)

MECHANISM = MonthlyMechanism(
    name="institutions",
    title="Changed institutions change news, protest and money",
    references=("guriev2019", "hirschman1970"),
    systems=("A10", "E1"),
    parameters=Parameters,
    country=(
        Field("quiet_months", "months", 0, math.inf, 1e6, "months since a wave of several regions"),
        Field("opening_shift", "number", -1, 1, 0, "power newly divided (1), or no longer (-1)"),
        Field("news_shift", "share", -1, 1, 0, "news that the state does not control, by outlets"),
        Field("street_shift", _LOG, *_ANY, "protest, by parties, courts and kin in posts"),
        Field("labour_shift", _LOG, *_ANY, "economic assemblies, by free unions"),
        Field("wave_shift", _LOG, *_ANY, "hazard of a town, by parties, courts and kin in posts"),
        Field("wave_labour_shift", _LOG, *_ANY, "the same for prices and labour, by free unions"),
        Field("police_shift", _LOG, *_ANY, "usable police of the hour, by cohesion of the elite"),
    ),
    regions=(
        Field("connection_shift", "index", -1, 1, 0, "connection of the akim, changed"),
        Field("local_shift", _LOG, *_ANY, "protest, by an elected akim"),
        Field("wave_local_shift", _LOG, *_ANY, "hazard of a town, by an elected akim"),
    ),
)
