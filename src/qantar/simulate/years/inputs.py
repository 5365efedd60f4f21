"""From the years of a pack to arrays: what is given from outside, and imposed outcomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from qantar.base.arrays import Numbers
from qantar.base.errors import FileError, QantarError
from qantar.model.month import MOST_TRIGGERS
from qantar.model.months.declaration import (
    ANSWERS,
    FRAMES,
    KINDS,
    MONTHS_PER_YEAR,
    SERIES,
    Given,
    Past,
)
from qantar.model.months.experience import SEVERAL
from qantar.model.months.monitors import MOST_MONITORS
from qantar.packs.country import Country
from qantar.packs.years import Years
from qantar.packs.years_tables import FOLDER, HEADER, TRIGGERS, Trigger, last_day, month_number
from qantar.rng import stable_id

RATE_YEARS = 12
"""Years before the last dated trigger from which rates of triggers are taken."""

JEFFREYS = 0.5
"""Added to the number of dated triggers of a frame: the median of few counts is not zero."""

ELECTION_MONTHS = (-1, 0, 1)
"""Months around an election in which it matters."""

ALWAYS = "9999-12"
"""A month after all: outcomes of every dated trigger are imposed."""

_BIT = 0x7FFF_FFFF
_ANSWER_OF = {"concede": "concede", "promise": "promise", "repress": "repress", "arrest": "repress"}
_COUNTED_AS = {
    "economic": (1.0, 0.0, 0.0),
    "social": (0.0, 1.0, 0.0),
    "political": (0.0, 0.0, 1.0),
    "labour": (1.0, 0.0, 0.0),
    "price": (1.0, 0.0, 0.0),
    "land": (0.0, 1.0, 0.0),
    "all": (1.0, 1.0, 1.0),
}


def month_index(years: Years, moment: str) -> int:
    """Return the months from the first month of a pack's years to a moment."""
    return month_number(moment) - month_number(years.header.first)


def month_span(years: Years, begins: str, ends: str) -> tuple[int, int]:
    """Return the months of a period, from the first to before the last, as `month_index`."""
    end = last_day(ends)
    return month_index(years, begins), month_index(years, f"{end.year}-{end.month:02d}") + 1


def dated_months(years: Years) -> int:
    """Return the number of months for which triggers are dated."""
    return month_index(years, years.header.observed_until) + 1


def regions_out(country: Country, trigger: Trigger) -> set[str]:
    """Return the regions that came out after a trigger: those named, and those of places named."""
    region_of = {place: region.region for place, region in country.region_of.items()}
    return {region_of.get(name, name) for name in trigger.out}


def first_rows(of_month: Sequence[int], months: int) -> NDArray[np.int64]:
    """Return where the rows of each month begin, and after the last month where they end.

    Parameters
    ----------
    of_month : sequence of int
        Month of every row, in order.
    """
    return np.searchsorted(of_month, np.arange(months + 1)).astype(np.int64)


def challenges(
    country: Country, triggers: Iterable[Trigger], least: float = SEVERAL
) -> list[Trigger]:
    """Return the triggers whose waves took so many regions that they challenge the state."""
    return [each for each in triggers if len(regions_out(country, each)) >= least]


def dated_triggers(years: Years) -> tuple[Trigger, ...]:
    """Return the triggers within the observed months, in order of date."""
    last = dated_months(years)
    dated = [t for t in years.triggers if 0 <= month_index(years, t.begins) < last]
    return tuple(sorted(dated, key=lambda t: (month_number(t.begins), t.begins, t.trigger)))


def make_past(country: Country, years: Years, months: int) -> Past:
    """Return what is given from outside.

    Parameters
    ----------
    country : Country
    years : Years
    months : int
        Months of a history, from the pack's first month.

    Raises
    ------
    FileError
        If the pack declares no series of a name that the model reads, has too many monitors or
        triggers of one month, or does not begin with a January.
    """
    triggers = dated_triggers(years)
    _check_calendar(country, years, triggers)
    towns = [place for place in country.places if place.kind == "town"]
    names = [region.region for region in country.regions]
    months_of = [month_index(years, t.begins) for t in triggers]
    series = np.column_stack([_series(country, years, name, months) for name in SERIES])
    priors = [_prior(country, years, name) for name in SERIES]
    return Past(
        months=months,
        region_count=len(names),
        town_count=len(towns),
        trigger_count=len(triggers),
        monitor_count=len(years.header.monitors),
        series=series,
        **{
            f"series_{part}": np.array([prior[k] for prior in priors])
            for k, part in enumerate(("mean", "sd", "persistence", "low", "high"))
        },
        poverty=_by_region(country, years, "poverty", months),
        town_id=np.array([stable_id(town.place) for town in towns]),
        **_regions(country, years),
        town_region=np.array([names.index(town.region) for town in towns]),
        town_size=np.log([town.population / 100_000 for town in towns]),
        first_triggers=first_rows(months_of, months),
        trigger_frame=np.array([FRAMES.index(t.frame) for t in triggers], np.int64),
        trigger_id=np.array([stable_id(t.trigger) & _BIT for t in triggers], np.int64),
        trigger_announced=np.array([float(t.frame in ("election", "symbol")) for t in triggers]),
        salience=np.array([_salience(country, t) for t in triggers]).reshape(-1, len(towns)),
        frame_rate=_rates(years, triggers),
        dated_months=dated_months(years),
        election=_elections(years, months),
        opening=_openings(years, months),
        monitor_kinds=_monitor_kinds(country, years),
        monitor_on=_monitor_months(years, months),
    )


def given_outcomes(country: Country, years: Years, until: str | None) -> Given:
    """Return the outcomes of dated triggers before a month, to be imposed.

    Parameters
    ----------
    until : str or None
        The first month whose outcomes are simulated, as ``YYYY-MM`` or `ALWAYS`; None imposes
        nothing. Triggers whose outcome no source states are always simulated.
    """
    triggers = dated_triggers(years)
    names = [region.region for region in country.regions]
    given = Given(
        np.zeros(len(triggers)),
        np.zeros((len(triggers), len(names))),
        np.zeros(len(triggers)),
        np.zeros(len(triggers)),
        np.zeros(len(triggers)),
        np.zeros((len(triggers), len(ANSWERS))),
    )
    for k, trigger in enumerate(triggers):
        if until is None or month_number(trigger.begins) >= month_number(until):
            continue
        if trigger.outcome == "unknown":
            continue
        given.imposed[k] = 1.0
        for name in regions_out(country, trigger):
            given.regions_out[k, names.index(name)] = 1.0
        given.towns_out[k] = max(trigger.towns_out or 0, len(trigger.out))
        given.killed[k] = trigger.killed or 0.0
        given.detained[k] = trigger.detained or 0.0
        for answer in years.answers:
            if answer.trigger == trigger.trigger and answer.kind in _ANSWER_OF:
                given.answers[k, ANSWERS.index(_ANSWER_OF[answer.kind])] = 1.0
    return given


def _check_calendar(country: Country, years: Years, triggers: tuple[Trigger, ...]) -> None:
    """Refuse years that do not begin with a January, and too many triggers of one month."""
    folder = country.folder / FOLDER
    if month_number(years.header.first) % MONTHS_PER_YEAR != 0:
        raise FileError(
            folder / HEADER,
            f"the years begin with {years.header.first}",
            expected="a January: budgets and yearly series go by calendar years",
        )
    by_month = Counter(month_number(t.begins) for t in triggers)
    if max(by_month.values(), default=0) > MOST_TRIGGERS:
        raise FileError(
            folder / TRIGGERS,
            f"has {max(by_month.values())} triggers in one month",
            expected=f"{MOST_TRIGGERS} or fewer",
        )


def _series(country: Country, years: Years, name: str, months: int) -> Numbers:
    """Return a national series by month; NaN where nobody gives a value."""
    values = np.full(months, np.nan)
    if name not in years.header.series:
        raise FileError(
            country.folder / FOLDER / HEADER,
            f"declares no series {name!r}, which the model reads",
            expected="one of each of " + ", ".join(SERIES),
            hint="declare it with `missing` if there are no data: that is its stated prior",
        )
    known = {
        month_index(years, period): (
            MONTHS_PER_YEAR if len(period) == len("YYYY") else 1,
            row.value,
        )
        for (area, period), row in years.series(name).items()
        if area == country.header.country
    }
    if known and years.header.series[name].between == "linear":
        middles = [first + (length - 1) / 2 for first, (length, _) in sorted(known.items())]
        inside = np.arange(max(min(known), 0), min(max(known), months))
        values[inside] = np.interp(inside, middles, [known[first][1] for first in sorted(known)])
    for first, (length, value) in known.items():
        values[max(first, 0) : max(first + length, 0)] = value
    return values


def _prior(country: Country, years: Years, name: str) -> tuple[float, float, float, float, float]:
    """Return mean, spread and persistence of a series without data, and its bounds."""
    declared = years.header.series[name]
    if declared.missing is None:
        values = [
            r.value for (a, _), r in years.series(name).items() if a == country.header.country
        ]
        return values[-1], 0.0, 1.0, declared.low, declared.high
    missing = declared.missing
    return missing.mean, missing.sd, missing.persistence, declared.low, declared.high


def _by_region(country: Country, years: Years, name: str, months: int) -> Numbers:
    """Return a regional series by year; NaN where nobody gives a value."""
    count = -(-months // MONTHS_PER_YEAR)
    values = np.full((count, len(country.regions)), np.nan)
    names = [region.region for region in country.regions]
    for (area, period), row in years.series(name).items():
        year = month_index(years, period) // MONTHS_PER_YEAR
        if area in names and 0 <= year < count:
            values[year, names.index(area)] = row.value
    return values


def _regions(country: Country, years: Years) -> dict[str, Numbers]:
    """Return the constants of regions; where the pack has no such variable, all are alike."""

    def of(variable: str, alike: float) -> Numbers:
        if variable not in country.variables:
            return np.full(len(country.regions), alike)
        return np.array([country.region_value(r.region, variable).value for r in country.regions])

    people = of("population", 1.0)
    share = people / people.sum()
    product, users, poverty = (
        of("grp_per_capita", 1.0),
        of("internet_users", 1.0),
        of("poverty", 1.0),
    )
    largest = years.header.series["kazakh_share"].missing
    return {
        "population_share": share,
        "income": product / (share * product).sum(),
        "connection": of("elite_patronage", 0.0),
        "exclusion": of("territorial_exclusion", 0.0),
        "activism": of("civic_activism", 0.5),
        "reach_ratio": users / (share * users).sum(),
        "kazakh_share": np.clip(of("kazakh_share", largest.mean if largest else 0.5), 0.01, 0.99),
        "poverty_ratio": poverty / (share * poverty).sum(),
    }


def _salience(country: Country, trigger: Trigger) -> Numbers:
    """Return how much a trigger matters in each town."""
    towns = [place for place in country.places if place.kind == "town"]
    if trigger.salience_by == "everywhere":
        return np.full(len(towns), trigger.salience)
    if trigger.salience_by == "origin":
        there = [float({town.place, town.region} & set(trigger.origins) != set()) for town in towns]
        return trigger.salience * np.array(there)
    return trigger.salience * np.array([country.number(t, trigger.salience_by) for t in towns])


def _rates(years: Years, triggers: tuple[Trigger, ...]) -> Numbers:
    """Return the triggers of each frame in a year, from the last dated years."""
    last = month_number(years.header.observed_until)
    span = min(RATE_YEARS, (last - month_number(years.header.first) + 1) / MONTHS_PER_YEAR)
    recent = [t for t in triggers if month_number(t.begins) > last - span * MONTHS_PER_YEAR]
    counts: Counter[str] = Counter(t.frame for t in recent)
    if not triggers:
        return np.zeros(len(FRAMES))
    return np.array([(counts[frame] + JEFFREYS) / span for frame in FRAMES])


def _elections(years: Years, months: int) -> Numbers:
    values = np.zeros(months)
    for election in years.elections:
        for shift in ELECTION_MONTHS:
            month = month_index(years, election.date) + shift
            if 0 <= month < months:
                values[month] = 1.0
    return values


def _openings(years: Years, months: int) -> Numbers:
    values = np.zeros(months)
    for opening in years.header.opening:
        first, last = month_index(years, opening.begins), month_index(years, opening.ends)
        values[max(first, 0) : max(last + 1, 0)] = 1.0
    return values


def _monitor_kinds(country: Country, years: Years) -> Numbers:
    monitors = years.header.monitors
    if len(monitors) > MOST_MONITORS:
        raise FileError(
            country.folder / FOLDER / HEADER,
            f"declares {len(monitors)} monitors",
            expected=f"{MOST_MONITORS} or fewer",
        )
    rows = [
        np.max([_COUNTED_AS[kind] for kind in monitor.kinds], axis=0)
        for monitor in monitors.values()
    ]
    return np.array(rows).reshape(len(monitors), len(KINDS))


def _monitor_months(years: Years, months: int) -> Numbers:
    monitors = years.header.monitors.values()
    values = np.zeros((len(monitors), months))
    for row, monitor in zip(values, monitors, strict=True):
        first, last = month_span(years, monitor.begins, monitor.ends)
        row[max(first, 0) : max(last, 0)] = 1.0
    return values


def months_until(years: Years, until: str) -> int:
    """Return the number of months of a history that ends with a month or year.

    Raises
    ------
    QantarError
        If it ends before it begins.
    """
    _, months = month_span(years, years.header.first, until)
    if months < MONTHS_PER_YEAR:
        raise QantarError(
            f"the years end with {until}, before the first one is over",
            expected=f"a year or month at least a year after {years.header.first}",
        )
    return months
