"""From the parties of a pack to arrays."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from qantar.base.arrays import Numbers
from qantar.model.months.parties import EVENTS, PartiesGiven, no_parties
from qantar.model.months.party_state import STANCES
from qantar.packs.state.parties import Parties
from qantar.packs.years_tables import month_number
from qantar.simulate.years.inputs import first_rows

PERCENT = 100.0


def given_parties(parties: Parties | None, first: str, months: int, dated: int) -> PartiesGiven:
    """Return what a pack says of its parties.

    Parameters
    ----------
    parties : Parties or None
        None if the pack describes none.
    first : str
        First month of the years.
    months : int
        Months of a history.
    dated : int
        Months of the record; events after it are not used.
    """
    if parties is None:
        return no_parties()
    names = [each.party for each in parties.parties]
    start = month_number(first)
    events = [
        (max(month_number(each.date) - start, 0), names.index(each.party), EVENTS.index(each.kind))
        for each in parties.events
    ]
    votes = sorted(
        (month_number(each.election) - start, names.index(each.party), each.share / PERCENT)
        for each in parties.votes
    )
    votes = [each for each in votes if each[0] >= 0]
    seats, threshold = _rules(parties, start, months)
    return PartiesGiven(
        record_months=dated,
        stance=_whole(STANCES.index(each.stance) for each in parties.parties),
        led=_whole(int(each.led) for each in parties.parties),
        parent=_whole(names.index(p.parent) if p.parent else -1 for p in parties.parties),
        first_events=first_rows([month for month, _, _ in events], dated),
        event_unit=_whole(unit for _, unit, _ in events),
        event_kind=_whole(kind for _, _, kind in events),
        first_votes=first_rows([month for month, _, _ in votes], dated),
        vote_unit=_whole(unit for _, unit, _ in votes),
        vote_share=np.array([share for _, _, share in votes], np.float64),
        list_seats=seats,
        threshold=threshold,
    )


def _whole(values: Iterable[int]) -> NDArray[np.int64]:
    return np.array(list(values), np.int64)


def _rules(parties: Parties, start: int, months: int) -> tuple[Numbers, Numbers]:
    """Return list seats and threshold by month; no seats before the first rule."""
    seats, threshold = np.zeros(months), np.zeros(months)
    for rule in parties.rules:
        begins = max(month_number(rule.begins) - start, 0)
        seats[begins:], threshold[begins:] = rule.list_seats, rule.threshold / PERCENT
    return seats, threshold
