"""Strikes and the ways to be heard: lengths, and orders of regions by two reporters.

Sources give no number for the channels between state and society, only an order: some areas have
less of it than the others. The **channel index** of a region is therefore a rank and nothing more:
the number of channels that are called wide there less those that are called narrow. A region that
nobody names has 0. By year, the order of the country is that of its index of civil society; the two
orders are shown side by side and never multiplied.

Two orders are compared by the share of pairs of regions that they order alike less the share that
they order contrariwise, among pairs that both order (Goodman and Kruskal's gamma).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import NamedTuple

from qantar.packs.country import Country
from qantar.packs.state.society import ChannelReport, Society, Strike
from qantar.packs.years import Years
from qantar.packs.years_tables import first_day, last_day, month_number

DAYS_PER_MONTH = 365.25 / 12
LEVELS = {"low": -1, "high": 1}


def strike_days(strike: Strike) -> int | None:
    """Return the days from the first to the last day of a strike; None if one is not told."""
    if not strike.ends or len(strike.begins) < len("YYYY-MM-DD") or len(strike.ends) < 10:
        return None
    return (first_day(strike.ends) - first_day(strike.begins)).days


def strike_months(strike: Strike) -> float:
    """Return the length of a strike in months; NaN if a day is not told."""
    days = strike_days(strike)
    return math.nan if days is None else days / DAYS_PER_MONTH


def _in_force(row: ChannelReport, year: int | None) -> bool:
    if year is None:
        return True
    begun = not row.begins or first_day(row.begins) <= dt.date(year, 12, 31)
    return begun and (not row.ends or last_day(row.ends) >= dt.date(year, 1, 1))


def channel_index(
    society: Society, country: Country, reporter: str = "", year: int | None = None
) -> dict[str, int]:
    """Return the order of regions by their channels: wide ones less narrow ones.

    Parameters
    ----------
    society : Society
    country : Country
    reporter : str, optional
        Only what one source says.
    year : int, optional
        Only rows that hold in a year.
    """
    rows = (row for row in society.channels if row.channel != "protest")
    return _levels(rows, country, reporter, year)


def protest_order(society: Society, country: Country, reporter: str) -> dict[str, int]:
    """Return the order of regions by protest as one source gives it."""
    rows = (row for row in society.channels if row.channel == "protest")
    return _levels(rows, country, reporter, None)


def _levels(
    rows: Iterable[ChannelReport], country: Country, reporter: str, year: int | None
) -> dict[str, int]:
    found = {region.region: 0 for region in country.regions}
    for row in rows:
        if (not reporter or row.reporter == reporter) and _in_force(row, year):
            for area in row.areas:
                for region in found if area == country.header.country else (area,):
                    found[region] += LEVELS[row.level]
    return found


class ChannelRow(NamedTuple):
    """Order of a region and of the country in a year.

    Attributes
    ----------
    country : float
        Index of civil society of the country; NaN where the pack has no value.
    regional : int
        Channel index of the region, an order only.
    """

    year: int
    region: str
    country: float
    regional: int


def channel_table(society: Society, country: Country, years: Years) -> list[ChannelRow]:
    """Return the channel index by year and region, beside the country's civil society."""
    known = years.series("civil_society")
    name = country.header.country
    rows = []
    for period in sorted({key[1] for key in known if key[0] == name}):
        year = int(period[:4])
        index = channel_index(society, country, year=year)
        level = known[name, period].value
        rows += [ChannelRow(year, region, level, order) for region, order in index.items()]
    return rows


class Concordance(NamedTuple):
    """How far two orders agree: 1 everywhere, -1 nowhere, over the pairs that both order."""

    gamma: float
    pairs: int


def concordance(first: Mapping[str, float], second: Mapping[str, float]) -> Concordance:
    """Return how far two orders of the same names agree.

    Returns
    -------
    Concordance
        With NaN if no pair is ordered by both.
    """
    alike, contrary = 0, 0
    for one, two in combinations(first, 2):
        product = (first[one] - first[two]) * (second[one] - second[two])
        alike += product > 0
        contrary += product < 0
    pairs = alike + contrary
    return Concordance((alike - contrary) / pairs if pairs else math.nan, pairs)


def event_months(society: Society) -> list[tuple[int, str]]:
    """Return month number and form of every action of workers with a month, in order of time."""
    return sorted(
        (month_number(row.begins), row.form)
        for row in society.strikes
        if len(row.begins) > len("YYYY")
    )
