"""Facts: the results of a run as one tidy table, with the sources' intervals where there are any.

Facts are grouped by what they are about, in the order in which a reader asks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from qantar.analysis.outcomes import CUMULATIVE, Key, Layout, Outcome
from qantar.base.arrays import Numbers
from qantar.base.errors import FileError
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

TEXT_COLUMNS = ("variable", "level", "name", "date", "unit", "target")
"""Columns of text, never missing."""

SUMMARY_COLUMNS = (*(f"q{round(100 * q):02d}" for q in QUANTILES), "mean")
"""Quantiles and mean of quantities that are numbers."""

OBSERVED_COLUMNS = ("observed_low", "observed_high")
"""What the sources say about quantities that are numbers."""

DAY = "day_"
"""Prefix of the same columns for quantities that are days."""

NUMBER_COLUMNS = (*SUMMARY_COLUMNS, *OBSERVED_COLUMNS)
DAY_COLUMNS = tuple(f"{DAY}{name}" for name in NUMBER_COLUMNS)

COLUMNS = (
    *TEXT_COLUMNS[:-1],
    *SUMMARY_COLUMNS,
    *(f"{DAY}{name}" for name in SUMMARY_COLUMNS),
    *OBSERVED_COLUMNS,
    *(f"{DAY}{name}" for name in OBSERVED_COLUMNS),
    TEXT_COLUMNS[-1],
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

    One row per variable, unit and date. Quantiles are over members. Numbers are in the columns
    `NUMBER_COLUMNS`; rows whose unit is ``day`` use `DAY_COLUMNS` instead. A quantile is missing
    where it falls on members in which the event never happened, and the mean is then over those
    in which it did. For a probability every member is 0 or 1, and `mean` is the share of members.

    Parameters
    ----------
    outcome : Outcome
        The outcome of a run.
    targets : tuple of Target
        What the sources say; each is put next to the quantity that it is about.

    Returns
    -------
    DataFrame
        With the columns `COLUMNS`.
    """
    wanted: dict[Key, Target] = {(t.variable, t.level, t.name, t.date): t for t in targets}
    return facts_of(outcome, fact_keys(outcome.layout, targets), wanted)


def fact_keys(layout: Layout, targets: Iterable[Target]) -> list[Key]:
    """Return variable, level, name and date of every row of the table of facts."""
    wanted = ((t.variable, t.level, t.name, t.date) for t in targets)
    return list(dict.fromkeys([*_default_quantities(layout), *wanted]))


def facts_of(outcome: Outcome, keys: Iterable[Key], targets: Mapping[Key, Target]) -> pd.DataFrame:
    """Return the rows of some quantities, as `facts` does.

    Parameters
    ----------
    outcome : Outcome
    keys : iterable of (variable, level, name, date)
    targets : mapping
        Targets by the same keys.
    """
    listed = list(keys)
    # Some at a time, so that memory does not grow with the number of facts.
    together = max(1, min(_TOGETHER, _NUMBERS // max(outcome.members, 1)))
    summaries: list[list[float]] = []
    for start in range(0, len(listed), together):
        some = listed[start : start + together]
        summaries += _summaries([(key[0], outcome.samples(*key)) for key in some])
    rows = []
    for key, summary in zip(listed, summaries, strict=True):
        target = targets.get(key)
        variable, level, name, date = key
        texts = (variable, level, name, date, UNITS[variable])
        observed = target.interval(outcome.layout.first_day) if target else (np.nan, np.nan)
        rows.append((*texts, target.target if target else "", *summary, *observed))
    table = pd.DataFrame(rows, columns=[*TEXT_COLUMNS, *NUMBER_COLUMNS])
    dated = table["variable"].isin(DATED).to_numpy()
    first = np.datetime64(outcome.layout.first_day, "s")
    for name in NUMBER_COLUMNS:
        values = table[name].to_numpy(np.float64, copy=True)
        table[f"{DAY}{name}"] = _days(np.where(dated, values, np.nan), first)
        values[dated] = np.nan
        table[name] = values
    return table[list(COLUMNS)]


def read_facts(path: Path) -> pd.DataFrame:
    """Read a table of facts with the types that `facts` gives it.

    Tables of run directories written before days had columns of their own are converted.

    Raises
    ------
    FileError
        If there is no such file, or it is not a table of facts.
    """
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        if DAY_COLUMNS[0] not in table:
            _move_days(table)
        for name in NUMBER_COLUMNS:
            table[name] = table[name].replace("", "nan").astype(np.float64)
        for name in DAY_COLUMNS:
            table[name] = pd.to_datetime(table[name], format="%Y-%m-%d").astype("datetime64[s]")
        return table[list(COLUMNS)]
    except OSError as error:
        raise FileError(path, f"cannot be read: {error.strerror}") from error
    except (KeyError, ValueError) as error:
        raise FileError(
            path,
            f"is not a table of facts: {error}",
            expected=", ".join(COLUMNS),
            hint="repeat the run",
        ) from error


def _move_days(table: pd.DataFrame) -> None:
    """Move the days of a table with days and numbers in the same columns to the new columns."""
    dated = table["unit"] == "day"
    for name in NUMBER_COLUMNS:
        table[f"{DAY}{name}"] = table[name].where(dated, "")
        table[name] = table[name].where(~dated, "")


def _interpolated(variable: str, samples: Numbers) -> bool:
    """Say whether quantiles are interpolated between members."""
    return variable not in DATED and not np.isnan(samples).any()


def quantiles(variable: str, samples: Numbers) -> list[float]:
    """Return the quantiles of a quantity over the members, at `QUANTILES`.

    They are interpolated between members, except for days and for samples with not-a-number (never
    or undefined), which counts as larger than all others.
    """
    if _interpolated(variable, samples):
        return [float(value) for value in np.quantile(samples, QUANTILES)]
    filled = np.where(np.isnan(samples), np.inf, samples)
    values = np.quantile(filled, QUANTILES, method="inverted_cdf")
    return [float(value) if np.isfinite(value) else float("nan") for value in values]


_TOGETHER, _NUMBERS = 500, 1_000_000
"""Largest number of quantities that are summarised together, and of numbers."""


def _summaries(quantities: Sequence[tuple[str, Numbers]]) -> list[list[float]]:
    """Return the summary of every quantity; those that are interpolated are computed together."""
    plain = [k for k, (variable, own) in enumerate(quantities) if _interpolated(variable, own)]
    found: list[list[float]] = [[] for _ in quantities]
    if plain:
        samples = np.stack([quantities[k][1] for k in plain])
        columns = (*np.quantile(samples, QUANTILES, axis=1), samples.mean(axis=1))
        for k, values in zip(plain, np.stack(columns, axis=1).tolist(), strict=True):
            found[k] = [round(value, 4) for value in values]
    return [each or _summary(*quantities[k]) for k, each in enumerate(found)]


def _summary(variable: str, samples: Numbers) -> list[float]:
    """Return five quantiles and the mean, rounded; days count from the first day, which is 0."""
    happened = samples[~np.isnan(samples)]
    mean = float(happened.mean()) if len(happened) else float("nan")
    if variable in DATED:
        days = (*quantiles(variable, samples), mean)
        return [value if np.isnan(value) else float(round(value)) for value in days]
    return [round(value, 4) for value in (*quantiles(variable, samples), mean)]


def _days(values: Numbers, first: np.datetime64) -> pd.Series[pd.Timestamp]:
    """Return days that are counted from the first as dates, NaT for not-a-number."""
    missing = np.isnan(values)
    counted = np.where(missing, 0, values).astype("timedelta64[D]")
    dates = np.where(missing, np.datetime64("NaT", "s"), first + counted)
    return pd.Series(dates.astype("datetime64[s]"))


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
