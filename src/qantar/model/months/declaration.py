"""What a mechanism of the month declares, and the arrays that its function gets.

Unlike the hour, the month is written out in code (`qantar.model.month.step`), because few
mechanisms have to be exchanged: rival laws differ by switches and parameters alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qantar.base.arrays import Numbers
from qantar.model.mechanism import Field
from qantar.model.records import Record

MONTHS_PER_YEAR = 12

FRAMES = ("price", "land", "labour", "election", "symbol", "killing", "ethnic")
"""What a trigger is about."""

PRICE, LABOUR = FRAMES.index("price"), FRAMES.index("labour")
POLITICAL_FRAMES = (FRAMES.index("election"), FRAMES.index("symbol"))

KINDS = ("economic", "social", "political")
"""Kinds of assemblies, as Kazakhstan's human rights bureau counts them."""

ECONOMIC, SOCIAL, POLITICAL = range(3)

ANSWERS = ("concede", "promise", "repress")
"""What the state may do about a wave; none of them is to ignore it."""

CONCEDE, PROMISE, REPRESS = range(3)

SERIES = (
    "oil_price",
    "growth",
    "inflation",
    "unemployment",
    "poverty",
    "gini",
    "internet_users",
    "civil_society",
    "free_expression",
    "judicial_constraints",
    "population",
    "kazakh_share",
)
"""National series of a pack (``years/drivers.csv``). No mechanism rests on the price of oil, free
expression and constraints by courts yet: they are recorded for the reader."""


@dataclass(frozen=True)
class MonthlyMechanism:
    """One causal rule of the month.

    Attributes
    ----------
    name, title : str
    references : tuple of str
        Keys of its literature (``references.yaml``).
    systems : tuple of str
        Systems of the sources that it stands for (docs/explanation/the-years.md).
    parameters : type or None
        Named tuple of its parameters.
    country, regions : tuple of Field
        State variables of the country and of every region that it owns. All are recorded: those of
        the country every month, those of regions every December and in the last month.
    """

    name: str
    title: str
    references: tuple[str, ...]
    systems: tuple[str, ...]
    parameters: type | None = None
    country: tuple[Field, ...] = ()
    regions: tuple[Field, ...] = ()


class State(NamedTuple):
    """State of one history in one month.

    Attributes
    ----------
    country : record
        One number for each field of the country.
    regions : record
        One array over regions for each field of a region.
    country_values : float array (fields,)
    region_values : float array (fields, capacity)
        The same memory, by position.
    """

    country: Record
    regions: Record
    country_values: Numbers
    region_values: Numbers


class Past(NamedTuple):
    """What is given from outside: data of a country, constant for a run. R regions, N towns.

    Attributes
    ----------
    months, region_count, town_count, trigger_count, monitor_count : int
    series : float array (months, series)
        `SERIES` by month; NaN where a value is drawn from the stated prior.
    series_mean, series_sd, series_persistence, series_low, series_high : float array (series,)
        The stated prior: yearly, first-order autoregressive.
    poverty : float array (years, R)
        Share below the subsistence minimum, percent; NaN where it follows the country's.
    town_id : int array (N,)
        Hashes of names, part of the random key.
    population_share, income, connection, exclusion, activism : float array (R,)
        Share of the population; gross regional product per head relative to the country's;
        connection of the akim to the elite, exclusion from it, and strength of civic
        organisations, each 0 to 1.
    reach_ratio, kazakh_share, poverty_ratio : float array (R,)
        Users of the internet relative to the country's; Kazakhs among the residents in the last
        census; poverty relative to the country's.
    town_region : int array (N,)
        Region of each town.
    town_size : float array (N,)
        Logarithm of population over 100,000.
    first_triggers : int array (months + 1,)
        The dated triggers of month t are ``first_triggers[t]`` to before ``first_triggers[t + 1]``.
    trigger_frame, trigger_id : int array (triggers,)
    trigger_announced : float array (triggers,)
        1 for triggers that were called beforehand, so that organisers can be held.
    salience : float array (triggers, N)
        How much the issue matters in each town, 0 to 1.
    frame_rate : float array (frames,)
        Triggers a year after the dated ones end.
    dated_months : int
        Months for which triggers are dated; may be more than those of a history.
    election : float array (months,)
        1 in months around an election.
    opening : float array (months,)
        1 while power is openly divided at the top.
    monitor_kinds : float array (monitors, kinds)
        Share of each kind that a monitor counts by its definition.
    monitor_on : float array (monitors, months)
        1 while it counts.
    """

    months: int
    region_count: int
    town_count: int
    trigger_count: int
    monitor_count: int
    series: Numbers
    series_mean: Numbers
    series_sd: Numbers
    series_persistence: Numbers
    series_low: Numbers
    series_high: Numbers
    poverty: Numbers
    town_id: NDArray[np.int64]
    population_share: Numbers
    income: Numbers
    connection: Numbers
    exclusion: Numbers
    activism: Numbers
    reach_ratio: Numbers
    kazakh_share: Numbers
    poverty_ratio: Numbers
    town_region: NDArray[np.int64]
    town_size: Numbers
    first_triggers: NDArray[np.int64]
    trigger_frame: NDArray[np.int64]
    trigger_id: NDArray[np.int64]
    trigger_announced: Numbers
    salience: Numbers
    frame_rate: Numbers
    dated_months: int
    election: Numbers
    opening: Numbers
    monitor_kinds: Numbers
    monitor_on: Numbers


class Given(NamedTuple):
    """Outcomes of dated triggers that are imposed instead of simulated.

    Attributes
    ----------
    imposed : float array (triggers,)
        1 if the outcome is imposed.
    regions_out : float array (triggers, R)
    towns_out, killed, detained : float array (triggers,)
    answers : float array (triggers, answers)
        `ANSWERS` that the state gave.
    """

    imposed: Numbers
    regions_out: Numbers
    towns_out: Numbers
    killed: Numbers
    detained: Numbers
    answers: Numbers


class Waves(NamedTuple):
    """Triggers of one history and what followed, in order; only the first `used[0]` rows count.

    Attributes
    ----------
    used : int array (1,)
    values : float array (capacity, columns)
        See `WAVE_COLUMNS`.
    regions_out : float array (capacity, R)
    """

    used: NDArray[np.int64]
    values: Numbers
    regions_out: Numbers


WAVE_COLUMNS = (
    "month",
    "trigger",
    "frame",
    "towns",
    "regions",
    "killed",
    "detained",
    "concede",
    "promise",
    "repress",
    "reach",
    "breadth",
)
"""Columns of a wave: month, number of the trigger (its template after the dated ones), frame, towns
and regions out, people killed and detained, what the state did, and reach and breadth in the month.
"""
