"""Facts: the results of a run as one tidy table, with the sources' intervals where there are any.

Facts are grouped by what they are about, in the order in which a reader asks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np
import pandas as pd

from qantar.analysis.outcomes import CUMULATIVE, Layout, Outcome
from qantar.base.arrays import Numbers
from qantar.evidence.targets import DATED, Target

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
"""Groups of facts and the quantities in each."""

STREET = ("active", "active_places", "participants", "crowd_peak")
"""Quantities of the street on a day; late in an episode they show whether it is over."""

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Quantiles over members."""

COLUMNS = (
    "variable",
    "level",
    "name",
    "date",
    "unit",
    *(f"q{round(100 * q):02d}" for q in QUANTILES),
    "mean",
    "observed_low",
    "observed_high",
    "target",
)
"""Columns of the table of facts."""

UNITS = {
    "participants": "persons",
    "crowd_peak": "persons",
    "onset_day": "day",
    "last_day": "day",
    "active": "probability",
    "active_places": "places",
    "active_elsewhere": "probability",
    "regions_active": "regions",
    "violent": "probability",
    "peaceful_share": "share",
    "deaths_share": "share",
    "deaths": "persons",
    "security_deaths": "persons",
    "wounded": "persons",
    "detained_cumulative": "persons",
    "detained_published": "persons",
    "buildings_attacked": "buildings",
    "businesses_looted": "firms",
}
"""Unit of every quantity."""


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
        From this day on a quantity of the street belongs to the ending. By default none does.
    """
    if late is not None and target.variable in STREET:
        try:
            if dt.date.fromisoformat(target.date) >= late:
                return ENDING
        except ValueError:
            pass  # the target is about no single day
    return group_of_variable(target.variable)


def facts(outcome: Outcome, targets: tuple[Target, ...]) -> pd.DataFrame:
    """Return the tidy table of a run.

    One row per variable, unit and date. Quantiles are over members. Days are ISO dates; a
    quantile is empty where it falls on members in which the event never happened, and `mean` is
    then the mean over those in which it did. For a probability every member is 0 or 1, and
    `mean` is the share of members.

    Parameters
    ----------
    outcome : Outcome
        What a run gave.
    targets : tuple of Target
        What the sources say; each is put beside the quantity that it is about.

    Returns
    -------
    DataFrame
        With the columns `COLUMNS`.
    """
    wanted: dict[tuple[str, str, str, str], Target] = {
        (t.variable, t.level, t.name, t.date): t for t in targets
    }
    keys = dict.fromkeys([*_default_quantities(outcome.layout), *wanted])
    rows = []
    for variable, level, name, date in keys:
        target = wanted.get((variable, level, name, date))
        samples = outcome.samples(variable, level, name, date)
        summary = _summary(outcome.layout, variable, samples)
        observed = (target.low, target.high, target.target) if target else ("", "", "")
        rows.append((variable, level, name, date, UNITS[variable], *summary, *observed))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def quantiles_or_never(samples: Numbers) -> list[float]:
    """Return the quantiles of samples; not-a-number counts as larger than all others."""
    filled = np.where(np.isnan(samples), np.inf, samples)
    values = np.quantile(filled, QUANTILES, method="inverted_cdf")
    return [float(value) if np.isfinite(value) else float("nan") for value in values]


def _summary(layout: Layout, variable: str, samples: Numbers) -> list[object]:
    """Return five quantiles and the mean, as written in the table."""
    happened = samples[~np.isnan(samples)]
    mean = float(happened.mean()) if len(happened) else float("nan")
    if variable in DATED:
        days = quantiles_or_never(samples)
        return [*(_date_text(layout, value) for value in days), _date_text(layout, mean)]
    values = (
        quantiles_or_never(samples)
        if len(happened) < len(samples)
        else [float(v) for v in np.quantile(samples, QUANTILES)]
    )
    return ["" if np.isnan(value) else round(value, 4) for value in (*values, mean)]


def _date_text(layout: Layout, value: float) -> str:
    """Return a day of the window as an ISO date; empty for not-a-number."""
    if np.isnan(value):
        return ""
    return (layout.first_day + dt.timedelta(days=round(value))).isoformat()


def _default_quantities(layout: Layout) -> Iterator[tuple[str, str, str, str]]:
    """Yield the quantities of every run as variable, level, name and date."""
    units = [("country", layout.country)]
    units += [("region", region) for region in layout.regions]
    units += [("place", place) for place in layout.places]
    for level, name in units:
        for date in layout.dates:
            yield "participants", level, name, date
            yield "crowd_peak", level, name, date
        yield "participants", level, name, "any"
        yield "crowd_peak", level, name, "any"
        yield "onset_day", level, name, "first"
        yield "last_day", level, name, "window"
        yield "active", level, name, "any"
        yield "violent", level, name, "any"
        for variable in CUMULATIVE:
            yield variable, level, name, "total"
    for level, name in units[: 1 + len(layout.regions)]:
        for variable in CUMULATIVE:
            for date in layout.dates:
                yield variable, level, name, date
        yield "active_places", level, name, "any"
        yield "peaceful_share", level, name, "window"
        for date in layout.dates:
            yield "active_places", level, name, date
    for region in layout.regions:
        yield "deaths_share", "region", region, "total"
