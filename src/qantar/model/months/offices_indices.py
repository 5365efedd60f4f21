"""Indices of the elite, and the connection of each region's akim.

See `qantar.model.months.offices` for what they mean.
"""

from __future__ import annotations

from qantar.base.compilation import compiled, inlined
from qantar.model.months.declaration import MONTHS_PER_YEAR
from qantar.model.months.offices_data import (
    CHANGES,
    OPEN_KIN,
    REGIONAL,
    STARTED,
    UNKNOWN,
    VACANT,
    OfficesGiven,
    OfficesState,
)
from qantar.model.records import Record

OLD_HAND = MONTHS_PER_YEAR
"""Months in office, of any post, from which on a holder is held over."""

_THIRD = 1.0 / 3.0


@compiled
def measure_elite(country: Record, given: OfficesGiven, own: OfficesState, month: int) -> None:
    """Set the indices of the elite; posts without a known holder do not count."""
    _count_holders(country, given, own, month)
    cohesion = 0.0
    for faction in range(own.faction_share.shape[0]):
        cohesion += own.faction_share[faction] * own.faction_share[faction]
    country.elite_cohesion = cohesion
    country.top_faction_share = 0.0
    if own.faction[given.top] != UNKNOWN:
        country.top_faction_share = own.faction_share[own.faction[given.top]]
    country.office_changes = own.counters[CHANGES]
    if own.counters[STARTED] > 0:
        score_akims(given, own)
        for r in range(given.area.shape[0]):
            moved = given.connection[r] + own.score[r] - own.base[r]
            own.connection[r] = min(max(moved, 0.0), 1.0)
            own.connection_shift[r] = own.connection[r] - given.connection[r]
    mean = 0.0
    for r in range(given.area.shape[0]):
        mean += given.population_share[r] * own.connection[r]
    country.akim_connection = mean


@inlined
def _count_holders(country: Record, given: OfficesGiven, own: OfficesState, month: int) -> None:
    """Set the shares of holders by faction, kin, origin and time in office."""
    own.faction_share[:] = 0.0
    total, kin, old, known, placed, home = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    top_area = UNKNOWN
    if own.origin[given.top] != UNKNOWN:
        top_area = given.area[own.origin[given.top]]
    for post in range(given.rank.shape[0]):
        if own.holder[post] == VACANT:
            continue
        rank = given.rank[post]
        total += rank
        known += 1.0
        own.faction_share[own.faction[post]] += rank
        if own.kin[post] != UNKNOWN:
            kin += rank
        if month - own.entered[post] >= OLD_HAND:
            old += 1.0
        if own.origin[post] != UNKNOWN:
            placed += 1.0
            if given.area[own.origin[post]] == top_area:
                home += 1.0
    for faction in range(own.faction_share.shape[0]):
        own.faction_share[faction] /= max(total, 1e-9)
    country.kin_share = kin / max(total, 1e-9)
    country.holdover = old / max(known, 1.0)
    country.home_share = home / max(placed, 1.0)
    country.posts_told = known / given.rank.shape[0]


@compiled
def score_akims(given: OfficesGiven, own: OfficesState) -> None:
    """Set the score of each akim: a third each for kin, faction or tie, and home with the top."""
    top, named = given.top, given.faction.shape[0]
    kin = own.kin[top]
    if kin == UNKNOWN:
        kin = OPEN_KIN + own.since[top]
    for post in range(given.rank.shape[0]):
        if given.post_kind[post] != REGIONAL or own.holder[post] == VACANT:
            continue
        value = 0.0
        if own.kin[post] == kin:
            value += _THIRD
        tied = own.faction[post] == own.faction[top]
        if 0 <= own.holder[post] < named and 0 <= own.holder[top] < named:
            tied = tied or given.tied[own.holder[post], own.holder[top]] > 0.0
        if tied:
            value += _THIRD
        placed = own.origin[post] != UNKNOWN and own.origin[top] != UNKNOWN
        if placed and given.area[own.origin[post]] == given.area[own.origin[top]]:
            value += _THIRD
        own.score[given.post_region[post]] = value
