"""Groups of facts: what a quantity is about, in the order in which a reader asks."""

from __future__ import annotations

import datetime as dt

from qantar.evidence import Target

ENDING = "When it ended"
OTHER = "Other"

GROUPS: dict[str, tuple[str, ...]] = {
    "When it began": ("onset_day",),
    "How far it spread": ("active", "active_places", "active_elsewhere", "regions_active"),
    "How many came": ("crowd_peak", "participants"),
    "Where it turned violent": ("violent", "peaceful_share"),
    "Damage": ("buildings_attacked", "businesses_looted"),
    "Dead and wounded": ("deaths", "deaths_share", "security_deaths", "wounded"),
    "Detained": ("detained_cumulative", "detained_published"),
    ENDING: ("last_day",),
}
"""Groups of facts and the quantities in each, in the order in which a reader asks for them."""

STREET = ("active", "active_places", "participants", "crowd_peak")
"""Quantities of the street on a day; late in an episode they tell whether it is over."""


def group_of_variable(variable: str) -> str:
    """Return the group of facts that a quantity belongs to, whatever its day."""
    for group, variables in GROUPS.items():
        if variable in variables:
            return group
    return OTHER


def group_of(target: Target, late: dt.date | None = None) -> str:
    """Return the group of facts that a target belongs to.

    Parameters
    ----------
    late : date, optional
        From this day on a count of the street belongs to the ending. By default none does.
    """
    if late is not None and target.variable in STREET and _day(target) >= late:
        return ENDING
    return group_of_variable(target.variable)


def _day(target: Target) -> dt.date:
    """Return the day of a target; the first day of all where it names none."""
    try:
        return dt.date.fromisoformat(target.date)
    except ValueError:
        return dt.date.min
