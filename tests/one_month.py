"""One mechanism of the month at a time: an invented land, in which a test sets what it needs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qantar.base.arrays import Numbers
from qantar.model.month import COUNTRY_FIELDS, PARAMETERS, REGION_FIELDS, initial_state
from qantar.model.months.declaration import FRAMES, KINDS, SERIES, Past, State
from qantar.rng import Key, key_of, stable_id

KEY: Key = key_of(1, 0)
REGIONS = ("Westmarch", "Midland", "Eastvale")
SHARES = (0.5, 0.3, 0.2)
TOWNS = ("Arven", "Dun", "Harrow", "Saltby", "Wick", "Yarrow")
DATED = 12


def make_past(**changes: Any) -> Past:
    """Return an invented land of three regions with two towns each, of one trigger of each frame.

    Every trigger is in the first month and matters fully everywhere; two years, the first dated.
    """
    regions, towns, months = len(REGIONS), len(TOWNS), 24
    frames = len(FRAMES)
    past = Past(
        months=months,
        region_count=regions,
        town_count=towns,
        trigger_count=frames,
        monitor_count=2,
        series=np.zeros((months, len(SERIES))),
        series_mean=np.zeros(len(SERIES)),
        series_sd=np.ones(len(SERIES)),
        series_persistence=np.full(len(SERIES), 0.5),
        series_low=np.full(len(SERIES), -100.0),
        series_high=np.full(len(SERIES), 100.0),
        poverty=np.full((2, regions), np.nan),
        town_id=ids(TOWNS),
        population_share=np.array(SHARES),
        income=np.ones(regions),
        connection=np.zeros(regions),
        exclusion=np.zeros(regions),
        activism=np.full(regions, 0.5),
        reach_ratio=np.ones(regions),
        kazakh_share=np.full(regions, 0.5),
        poverty_ratio=np.ones(regions),
        town_region=np.array([0, 0, 1, 1, 2, 2]),
        town_size=np.zeros(towns),
        first_triggers=np.array([0, *[frames] * months], np.int64),
        trigger_frame=np.arange(frames),
        trigger_id=ids(FRAMES),
        trigger_announced=np.zeros(frames),
        salience=np.ones((frames, towns)),
        frame_rate=np.full(frames, 0.6),
        dated_months=DATED,
        election=np.zeros(months),
        opening=np.zeros(months),
        monitor_kinds=np.ones((2, len(KINDS))),
        monitor_on=np.ones((2, months)),
    )
    return past._replace(**changes)


def ids(names: tuple[str, ...]) -> NDArray[np.int64]:
    """Return the hashes of names that make draws theirs."""
    return np.array([stable_id(name) for name in names], np.int64)


def series(**values: float) -> Numbers:
    """Return national series that keep these values; the others are 0."""
    table = np.zeros((24, len(SERIES)))
    for name, value in values.items():
        table[:, SERIES.index(name)] = value
    return table


def numbers(mechanism: str, **values: float) -> Any:
    """Return the parameters of a mechanism: these, and 0 for the others."""
    record = np.zeros(1, PARAMETERS)[0][mechanism]
    for name, value in values.items():
        record[name] = value
    return record


def make_state(**values: Any) -> State:
    """Return a neutral state with these fields of the country; an array is one of regions."""
    state = initial_state(len(REGIONS))
    for name, value in values.items():
        put(state, name, value)
    return state


def put(state: State, name: str, value: Any) -> None:
    """Set a field: a number for the country, one number for each region as a tuple."""
    if isinstance(value, tuple):
        state.regions[name][: len(value)] = value
    else:
        state.country[name] = value


def here(state: State, name: str) -> list[float]:
    """Return a field of the regions."""
    return [float(value) for value in state.regions[name][: len(REGIONS)]]


def fields() -> set[str]:
    """Return the names of all fields."""
    return {each.name for each in (*COUNTRY_FIELDS, *REGION_FIELDS)}
