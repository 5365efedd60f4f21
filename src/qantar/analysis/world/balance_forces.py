"""What moves the distance from a partner, month by month, as a pack tells it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qantar.base.arrays import Numbers
from qantar.model.world.balance import Forces
from qantar.packs.country import Country
from qantar.packs.state.composition import Pressure, load_composition
from qantar.packs.world.balance import Balance
from qantar.packs.world.balance_tables import IMPORTS, SANCTIONS, Dependence
from qantar.packs.years_tables import first_day, last_day, month_number

FIRST, LAST = "2014-01", "2025-12"
"""Months of the index."""

TOLD = "2022-12"
"""Last month of which the sources tell; what holds then holds in every later month."""

FORECAST = "2022-01-11"
"""Day on which the rival forecasts are compared: what comes later is not known to them."""

PARTNER = "Russia"
RIVAL = "West"
"""The partner from whom distance is measured, and the one that threatens with sanctions."""

MONTHS = month_number(LAST) - month_number(FIRST) + 1


def index_of_month(moment: str) -> int:
    """Return the months from the first month of the index to a moment."""
    return month_number(moment) - month_number(FIRST)


@dataclass(frozen=True)
class Scenario:
    """What is taken as known, and what as going on.

    Attributes
    ----------
    known_until : str
        Day after which nothing is known: no war, no pressure and no new number.
    war_goes_on : bool
        Whether a war without an end goes on after the last month of the sources.
    """

    known_until: str = TOLD
    war_goes_on: bool = True


GIVEN = Scenario()
BEFORE = Scenario(known_until=FORECAST)
ENDED = Scenario(war_goes_on=False)


def forces_of(country: Country, balance: Balance, scenario: Scenario = GIVEN) -> Forces:
    """Return the forces of every month: pressure of the state's tables, dependence of the world's.

    Parameters
    ----------
    country : Country
    balance : Balance
        As `load_balance` read it.
    scenario : Scenario
    """
    composition = load_composition(country)
    pressure = composition.pressure if composition is not None else ()
    known = [each for each in pressure if _is_known(each.begins, scenario)]
    words = np.zeros(MONTHS)
    for each in known:
        if each.kind == "statement":
            _spread(words, each.begins)
    for act in balance.acts:
        if act.actor == "abroad" and act.partner == PARTNER and _is_known(act.date, scenario):
            _spread(words, act.date)
    troops = np.zeros(MONTHS)
    for each in known:
        if each.kind == "troops":
            _spread(troops, each.begins)
    imports = _held(balance.series(IMPORTS, PARTNER), scenario)
    return Forces(
        war=_war(known, scenario),
        words=words,
        sanctions=_held(balance.series(SANCTIONS, RIVAL), scenario),
        imports=imports - imports[0],
        troops=np.minimum(troops, 1.0),
    )


def _is_known(moment: str, scenario: Scenario) -> bool:
    return first_day(moment) <= last_day(scenario.known_until)


def _spread(arrivals: Numbers, moment: str) -> None:
    """Add one to a month, or a twelfth to every month of a year without a month."""
    at = index_of_month(moment)
    months = 12 if len(moment) == len("YYYY") else 1
    for month in range(max(at, 0), min(at + months, MONTHS)):
        arrivals[month] += 1.0 / months


def _war(pressure: list[Pressure], scenario: Scenario) -> Numbers:
    """Return 1 in months in which the partner is at war or takes land elsewhere."""
    war = np.zeros(MONTHS)
    for each in pressure:
        if each.kind in ("war", "annexation"):
            last = last_day(each.ends or (LAST if scenario.war_goes_on else TOLD))
            end = index_of_month(f"{last:%Y-%m}")
            war[max(index_of_month(each.begins), 0) : end + 1] = 1.0
    return war


def _held(rows: tuple[Dependence, ...], scenario: Scenario) -> Numbers:
    """Return a series by month: the last known value holds on, the first one holds before it.

    A row is known once its time is over; a series of which nothing is known is 0.
    """
    first = month_number(FIRST)
    values = np.zeros(MONTHS)
    known = [row for row in rows if last_day(row.ends) <= last_day(scenario.known_until)]
    for row in known:
        values[max(row.months[0] - first, 0) :] = row.middle
    if known and (gap := known[0].months[0] - first) > 0:
        values[:gap] = known[0].middle
    return values
