"""From the constitution of a pack to arrays by month: what the mechanism of the month is given."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import numpy as np

from qantar.base.arrays import Numbers
from qantar.model.months.constitution import (
    CONCENTRATES,
    NEITHER,
    SPREADS,
    ConstitutionGiven,
    no_constitution,
)
from qantar.packs.state.constitution import Constitution
from qantar.packs.state.power import concentration, dual_power
from qantar.packs.years_tables import first_day, last_day, month_number

SAME = 1e-9
"""A change of concentration below this is none."""


def first_presidents(constitution: Constitution) -> dict[str, str]:
    """Return the offices made for one person, each with the office that would have its powers."""
    return {name: each.heir for name, each in constitution.header.offices.items() if each.heir}


def monthly(constitution: Constitution, first: str) -> tuple[Numbers, Numbers]:
    """Return concentration and dual power by month, each the mean over the days of the month.

    Parameters
    ----------
    constitution : Constitution
    first : str
        The first month, ``"YYYY-MM"``.
    """
    months = month_number(constitution.header.recorded_until) - month_number(first) + 1
    found = np.zeros((2, max(months, 0)))
    begins, ends = first_day(first), last_day(constitution.header.recorded_until)
    inside = [day for day in constitution.changes if begins < day <= ends]
    edges = [begins, *inside, ends + dt.timedelta(1)]
    for start, stop in pairwise(edges):
        values = (concentration(constitution, start), dual_power(constitution, start)[0])
        day = start
        while day < stop:
            after = min(_next_month(day), stop)
            share = (after - day).days / (_next_month(day) - day.replace(day=1)).days
            found[:, month_number(day.isoformat()) - month_number(first)] += np.multiply(
                values, share
            )
            day = after
    return found[0], found[1]


def _next_month(day: dt.date) -> dt.date:
    """Return the first day of the next month."""
    return dt.date(day.year + day.month // 12, day.month % 12 + 1, 1)


def days_before(constitution: Constitution) -> tuple[dt.date, ...]:
    """Return the day with which each amendment, in order of date, is compared.

    A change of the text is compared with the text before it, that is with the day of the last such
    change: rule by decree between two constitutions is not what the second one changed. Any other
    amendment is compared with the day before. The first has nothing before it but itself.
    """
    found: list[dt.date] = []
    text: dt.date | None = None
    for _, amendment in constitution.amendments:
        day = first_day(amendment.date)
        before = day - dt.timedelta(1) if found else day
        found.append(text if amendment.step and text else before)
        text = day if amendment.step else text
    return tuple(found)


def turns(constitution: Constitution) -> tuple[int, ...]:
    """Return whether each amendment, in order of date, concentrates or spreads power or neither."""
    found = []
    days = days_before(constitution)
    for (_, amendment), before in zip(constitution.amendments, days, strict=True):
        change = concentration(constitution, amendment.date) - concentration(constitution, before)
        found.append(CONCENTRATES if change > SAME else SPREADS if change < -SAME else NEITHER)
    return tuple(found)


def given_constitution(constitution: Constitution | None, first: str) -> ConstitutionGiven:
    """Return what the mechanism of the month is given.

    Parameters
    ----------
    constitution : Constitution or None
        None for a pack without one.
    first : str
        The first month of the years, ``"YYYY-MM"``.
    """
    if constitution is None or constitution.header.recorded_until < first:
        return no_constitution()
    recorded, dual = monthly(constitution, first)
    plain = monthly(constitution.without(first_presidents(constitution)), first)[0]
    dates = [each.date for _, each in constitution.amendments]
    return ConstitutionGiven(
        record_months=len(recorded),
        concentration=recorded,
        dual=dual,
        plain=plain,
        amended=np.array([month_number(d) - month_number(first) for d in dates], np.int64),
        turn=np.array(turns(constitution), np.int64),
        step=np.array([each.step for _, each in constitution.amendments], np.int64),
    )
