"""The first quarter of 2022 by the law of posts, from the holders of the month before."""

from __future__ import annotations

import numpy as np

from qantar.analysis.state.checks import Check, Verdict
from qantar.analysis.state.office_laws import LIKELY, draw_parameters
from qantar.base.arrays import Numbers
from qantar.model.month import initial_state
from qantar.model.months.event_log import blank_log
from qantar.model.months.offices import MECHANISM, move_offices
from qantar.model.months.offices_data import OfficesGiven, OfficesState
from qantar.packs.country import Country
from qantar.packs.state.offices import Holding, Offices
from qantar.packs.years import Years
from qantar.packs.years_tables import month_number
from qantar.rng import key_of
from qantar.simulate.years.alone import as_record
from qantar.simulate.years.offices import follow_record, given_offices, seats

HISTORIES = 200
_BEFORE, _FIRST, _LAST = "2022-01", "2022-01", "2022-03"


def hindcast(part: Offices, country: Country, years: Years, given: OfficesGiven) -> list[Check]:
    """Check January to March 2022 by the law, from the holders of the month before."""
    before = given_offices(
        part,
        country,
        years.header.first,
        given.population_share,
        given.connection,
        until=_BEFORE,
    )
    own, _ = follow_record(before)
    leavers = departures(part)
    units, people = seats(part), [person.person for person in part.people]
    watched = [
        units.index(row.post)
        for row in leavers
        if before.carried[units.index(row.post)] > 0
        and own.holder[units.index(row.post)] == people.index(row.person)
    ]
    gone, old = _quarter(before, own, watched)
    likely = float(np.mean(gone >= len(watched)))
    low, high = np.quantile(gone, [(1 - LIKELY) / 2, (1 + LIKELY) / 2])
    share = [row for row in part.counts if row.code == "old"]
    low_old, high_old = np.quantile(old, [(1 - LIKELY) / 2, (1 + LIKELY) / 2])
    stated = share[0].number / share[0].of if share else float("nan")
    verdict: Verdict = "hit" if low_old <= stated <= high_old else "miss"
    return [
        Check(
            "B11",
            "Departures of January to March 2022",
            "; ".join(f"{row.person} ({row.until})" for row in leavers),
            f"{len(leavers)} holdings that end",
            "input",
            tuple(sorted({claim for row in leavers for claim in row.claim_ids})),
        ),
        Check(
            "B11",
            "All of them within a quarter, by the law",
            f"{len(watched)} of {len(watched)} who held a post that goes on",
            f"{low:.0f} to {high:.0f} leave; all of them in {likely:.3f} of histories",
            "hit" if likely >= (1 - LIKELY) / 2 else "miss",
            ("c003-412-family-trust",),
            "the thesis names those who left, so that all of them left is no draw; the prior of a "
            "purge was set knowing of this one",
        ),
        Check(
            "D3",
            "The elite of spring 2022 comes from the old system",
            f"{100 * stated:.0f} percent, by a political scientist",
            f"{100 * low_old:.0f} to {100 * high_old:.0f} percent of holders held a post before",
            verdict,
            ("c003-412-satpayev-90",),
            "the estimate is of the elite, the share here of the posts in the pack; a "
            "wide interval",
        ),
    ]


def departures(part: Offices) -> list[Holding]:
    """Return the holdings that sources let end from January to March 2022, but by death or rise."""
    found = []
    for row in part.holdings:
        ended = len(row.until) > len("YYYY") and _FIRST <= row.until[:7] <= _LAST
        before = month_number(row.since) < month_number(_FIRST)
        if ended and before and row.claim_ids and row.how not in ("moved", "died"):
            found.append(row)
    return found


def _quarter(
    given: OfficesGiven, record: OfficesState, watched: list[int]
) -> tuple[Numbers, Numbers]:
    """Return how many of the watched leave in a challenged quarter, and the share held over.

    The priors are drawn once for each history.
    """
    drawn = draw_parameters(HISTORIES)
    gone, old = np.zeros(HISTORIES), np.zeros(HISTORIES)
    first = given.record_months
    for k in range(HISTORIES):
        p = as_record(MECHANISM, {name: values[k] for name, values in drawn.items()})
        own, log = OfficesState._make(each.copy() for each in record), blank_log(0)
        country = initial_state(1).country
        for step in range(3):
            move_offices(country, given, own, p, log, key_of(1, k), first + step, 1.0)
        gone[k] = sum(own.holder[unit] != record.holder[unit] for unit in watched)
        held = own.holder >= 0
        old[k] = float(np.mean(own.entered[held] < first))
    return gone, old
