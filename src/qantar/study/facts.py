"""Facts: a run as one tidy table, beside what the sources say where they say something."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np
import pandas as pd

from qantar.arrays import Numbers
from qantar.evidence.targets import DATED, Target
from qantar.study.outcome import CUMULATIVE, Layout, Outcome

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
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


def facts(outcome: Outcome, targets: tuple[Target, ...]) -> pd.DataFrame:
    """Return the tidy table of a run.

    One row per variable, unit and date. Quantiles run over members. Days are ISO dates; a
    quantile that falls on members in which the thing never happened is empty, and `mean` is
    then the mean over those in which it did. For a probability every member is 0 or 1, and
    `mean` is the share of members.

    Returns
    -------
    DataFrame
        With the columns `COLUMNS`.
    """
    wanted: dict[tuple[str, str, str, str], Target] = {
        (t.variable, t.level, t.name, t.date): t for t in targets
    }
    keys = dict.fromkeys([*_keys(outcome.layout), *wanted])
    rows = []
    for variable, level, name, date in keys:
        target = wanted.get((variable, level, name, date))
        samples = outcome.samples(variable, level, name, date)
        summary = _summary(outcome.layout, variable, samples)
        observed = (target.low, target.high, target.target) if target else ("", "", "")
        rows.append((variable, level, name, date, UNITS[variable], *summary, *observed))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def quantiles_or_never(samples: Numbers) -> list[float]:
    """Return the quantiles of samples, with those that never happened above all others."""
    filled = np.where(np.isnan(samples), np.inf, samples)
    values = np.quantile(filled, QUANTILES, method="inverted_cdf")
    return [float(value) if np.isfinite(value) else float("nan") for value in values]


def _summary(layout: Layout, variable: str, samples: Numbers) -> list[object]:
    """Return five quantiles and the mean, as they stand in the table."""
    happened = samples[~np.isnan(samples)]
    mean = float(happened.mean()) if len(happened) else float("nan")
    if variable in DATED:
        days = quantiles_or_never(samples)
        return [*(_day(layout, value) for value in days), _day(layout, mean)]
    values = (
        quantiles_or_never(samples)
        if len(happened) < len(samples)
        else [float(v) for v in np.quantile(samples, QUANTILES)]
    )
    return [_number(value) for value in (*values, mean)]


def _day(layout: Layout, value: float) -> str:
    if np.isnan(value):
        return ""
    return (layout.first_day + dt.timedelta(days=round(value))).isoformat()


def _number(value: float) -> object:
    return "" if np.isnan(value) else round(value, 4)


def _keys(layout: Layout) -> Iterator[tuple[str, str, str, str]]:
    """Yield every quantity that a run is always asked for."""
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
