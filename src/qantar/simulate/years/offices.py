"""What a pack tells of offices, as arrays for the monthly mechanism `offices`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from qantar.base.arrays import Numbers
from qantar.model.months.event_log import blank_log
from qantar.model.months.offices import MECHANISM, move_offices
from qantar.model.months.offices_data import (
    APPOINTED,
    ARRESTED,
    DIED,
    DISMISSED,
    LEFT,
    POST_KINDS,
    RESIGNED,
    SILENT,
    OfficesGiven,
    OfficesState,
    blank_offices,
)
from qantar.packs.country import Country
from qantar.packs.state.offices import Holding, Offices
from qantar.packs.years_tables import first_day, last_day, month_number
from qantar.rng import key_of, stable_id
from qantar.simulate.years.alone import as_record, follow_alone
from qantar.simulate.years.inputs import first_rows

ENDINGS = {
    "resigned": RESIGNED,
    "left": LEFT,
    "moved": LEFT,
    "abolished": LEFT,
    "lost": LEFT,
    "dismissed": DISMISSED,
    "arrested": ARRESTED,
    "died": DIED,
    "not told": SILENT,
}
"""Kind of event of each way in which a holding ends."""

_HALF = 0.5


class DatedChange(NamedTuple):
    """A change of a holder: month from the first, day for the order, post, person, kind, an end."""

    month: int
    order: tuple[dt.date, int]
    post: str
    person: str
    kind: int
    ends: bool


def seats(part: Offices) -> tuple[str, ...]:
    """Return the names of the units: one for each seat of each post, in the order of the table."""
    return tuple(
        post.post if post.seats == 1 else f"{post.post}/{k + 1}"
        for post in part.posts
        for k in range(post.seats)
    )


def dated_changes(part: Offices, first: str) -> list[DatedChange]:
    """Return the changes that the pack dates, in order.

    Parameters
    ----------
    part : Offices
    first : str
        The first month of the years; what is earlier happens in it.
    """
    found = [change for row in part.holdings for change in _changes(row, month_number(first))]
    return sorted(found, key=lambda each: (each.month, each.order))


def _changes(row: Holding, first: int) -> Iterator[DatedChange]:
    """Yield the beginning and the end of a holding."""
    begins = max(month_number(row.since) - first, 0)
    yield DatedChange(begins, (first_day(row.since), 1), row.post, row.person, APPOINTED, False)
    if not row.until:
        return
    kind = ENDINGS[row.how]
    month = month_number(row.until) - first
    if kind == SILENT:
        month += 1
    if month >= 0:
        # An end without a day comes last: a successor of the same month has then taken over.
        day = last_day(row.until)
        yield DatedChange(max(month, begins), (day, 0), row.post, row.person, kind, True)


def given_offices(
    part: Offices | None,
    country: Country,
    first: str,
    population_share: Numbers,
    connection: Numbers,
    until: str | None = None,
) -> OfficesGiven:
    """Return what a pack tells of offices; nothing at all for a pack without them.

    Parameters
    ----------
    part : Offices or None
    country : Country
    first : str
        The first month of the years, as ``YYYY-MM``.
    population_share, connection : float array (R,)
    until : str, optional
        The first month that the record does not cover; by default the one after its last change.
    """
    if part is None:
        return _without_posts(population_share, connection)
    changes = dated_changes(part, first)
    months = max((change.month for change in changes), default=-1) + 1
    if until is not None:
        months = min(months, month_number(until) - month_number(first))
    changes = [change for change in changes if change.month < months]
    units = seats(part)
    posts = [post for post in part.posts for _ in range(post.seats)]
    people = [person.person for person in part.people]
    regions = [region.region for region in country.regions]
    factions = [faction.faction for faction in part.factions]
    kin = sorted({person.kin for person in part.people if person.kin})
    given = OfficesGiven(
        record_months=months,
        top=units.index(part.top.post),
        post_id=np.array([stable_id(unit) for unit in units], np.int64),
        post_kind=_positions([post.kind for post in posts], POST_KINDS),
        post_region=_positions([post.region for post in posts], regions),
        post_team=_positions([post.team for post in posts], units),
        rank=np.array([post.rank for post in posts]),
        carried=np.array([float(post.carried == "yes") for post in posts]),
        faction=_positions([person.faction for person in part.people], factions),
        kin=_positions([person.kin for person in part.people], kin),
        origin=_positions([person.origin for person in part.people], regions),
        tied=_tied(part, people),
        faction_share=np.full(len(factions), 1.0 / len(factions)),
        area=_positions(area_of_regions(part, regions), area_names(part, regions)),
        population_share=population_share,
        connection=connection,
        first_events=first_rows([c.month for c in changes], months),
        event_post=np.array([units.index(c.post) for c in changes], np.int64),
        event_person=np.array([people.index(c.person) for c in changes], np.int64),
        event_kind=np.array([c.kind for c in changes], np.int64),
        event_ends=np.array([float(c.ends) for c in changes]),
    )
    own, _ = follow_record(given)
    holders = own.faction[own.holder >= 0]
    counts = np.bincount(holders, minlength=len(factions)) + _HALF
    return given._replace(faction_share=counts / counts.sum())


def follow_record(given: OfficesGiven) -> tuple[OfficesState, Numbers]:
    """Return the holders at the end of the record, and the fields of the country in its months."""
    own, numbers = blank_offices(given), as_record(MECHANISM, {"from_record": 1.0})
    months, key = given.record_months, key_of(0, 0)
    table = follow_alone(
        MECHANISM, move_offices, given, own, lambda _: numbers, blank_log(0), key, months
    )
    return own, table


def area_of_regions(part: Offices, regions: list[str]) -> list[str]:
    """Return the area of each region; a region of none is one of its own."""
    area_of = {row.region: row.area for row in part.areas}
    return [area_of.get(region, region) for region in regions]


def area_names(part: Offices, regions: list[str]) -> list[str]:
    """Return the names of areas, in the order of their numbers."""
    return sorted(set(area_of_regions(part, regions)))


def _positions(names: list[str], known: tuple[str, ...] | list[str]) -> np.ndarray:
    """Return the positions of names; -1 for those that are empty."""
    return np.array([list(known).index(name) if name else -1 for name in names], np.int64)


def _tied(part: Offices, people: list[str]) -> Numbers:
    """Return 1 for each pair of people with a tie."""
    tied = np.zeros((len(people), len(people)))
    for tie in part.ties:
        one, other = people.index(tie.first), people.index(tie.second)
        tied[one, other] = tied[other, one] = 1.0
    return tied


def _without_posts(population_share: Numbers, connection: Numbers) -> OfficesGiven:
    """Return what a pack without posts tells."""
    none, nothing = np.zeros(0, np.int64), np.zeros(0)
    return OfficesGiven(
        *(0, 0, none, none, none, none, nothing, nothing, none, none, none),
        np.zeros((0, 0)),
        nothing,
        np.zeros(len(connection), np.int64),
        population_share,
        connection,
        np.zeros(1, np.int64),
        *(none, none, none, nothing),
    )
