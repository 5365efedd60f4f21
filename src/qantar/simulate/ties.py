"""Distances and likeness of places, from which the mechanism `ties` gets its weights.

Of a large country the matrix of all pairs is never made: `sparse_ties` keeps the strongest ties of
every place and summarises all others by district. `qantar.simulate.tie_accuracy` says how far this
departs from the ties of all pairs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qantar.base.arrays import Numbers, People
from qantar.model.mechanisms import ties
from qantar.model.records import Record, group_capacity, place_capacity, zeros
from qantar.model.state import DISTRICTS, MOST_PAIRED, STRONGEST, sparse_ties_record
from qantar.packs.country import Country

EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG
NEAREST_KM = 5.0  # smallest distance between two places
_ROWS = 64  # places for which distances to all others are in memory at once


def log_distances(country: Country, rows: slice = slice(None)) -> Numbers:
    """Return the logarithm of great-circle kilometres between places (haversine).

    Parameters
    ----------
    rows : slice
        The places from which it is measured; by default all.

    Returns
    -------
    float array (rows, places)
    """
    latitude = np.radians([place.latitude for place in country.places])
    longitude = np.radians([place.longitude for place in country.places])
    half = (
        np.sin((latitude[rows, None] - latitude[None, :]) / 2) ** 2
        + np.cos(latitude)[rows, None]
        * np.cos(latitude)[None, :]
        * np.sin((longitude[rows, None] - longitude[None, :]) / 2) ** 2
    )
    kilometres = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    result: Numbers = np.log(np.maximum(kilometres, NEAREST_KM))
    return result


def likeness(country: Country, sizes: People) -> Numbers:
    """Return the share of attention that a place pays to workmates in each other place.

    A row sums to the square root of the ratio of the place's share of such workers to the largest
    share, so that towns with few of them hear little this way.

    Parameters
    ----------
    sizes : int array (places, groups)
        Persons in every cohort.

    Returns
    -------
    float array (places, places)
    """
    shares, roots, attention = _workmates(country, sizes)
    weights = np.zeros((len(sizes), len(sizes)))
    for share, root in zip(shares, roots, strict=True):
        weights += np.outer(share, root)
    np.fill_diagonal(weights, 0.0)
    total = weights.sum(axis=1, keepdims=True)
    rows = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
    result: Numbers = rows * attention[:, None]
    return result


def _workmates(country: Country, sizes: People) -> tuple[list[Numbers], list[Numbers], Numbers]:
    """Return roots of the share and of the number of workmates by group, and the attention."""
    population = np.array([float(place.population) for place in country.places])
    shares, roots = [], []
    attention = np.zeros(len(population))
    for column, group in enumerate(country.header.groups.values()):
        if group.workmates:
            shares.append(np.sqrt(sizes[:, column] / np.maximum(population, 1.0)))
            roots.append(np.sqrt(sizes[:, column]))
            attention = np.maximum(attention, shares[-1])
    if attention.max() > 0:
        attention = attention / attention.max()
    return shares, roots, attention


def sparse_ties(country: Country, sizes: People) -> Record:
    """Return the ties of a large country; a record of zeros if all pairs are kept.

    Ties are compared, and distances averaged, at the declared values of the parameters.
    """
    count = len(country.places)
    groups = group_capacity(len(country.header.groups))
    record = zeros(sparse_ties_record(place_capacity(count), groups))
    if count <= MOST_PAIRED:
        return record
    district = _districts(country)
    record["district"][:count] = district
    declared = country.parameters[ties.MECHANISM.name]
    decay, size_pull = declared["distance_decay"].central, declared["size_pull"].central
    pull = np.array([place.population for place in country.places]) ** size_pull
    strongest = np.zeros((count, STRONGEST), np.int64)
    distance_to = np.zeros((count, STRONGEST))
    for rows, log_distance in blocks_of_distances(country):
        strength = np.log(pull) - decay * log_distance
        here = np.arange(len(strength))
        strength[here, here + rows.start] = -np.inf
        chosen = np.sort(np.argpartition(-strength, STRONGEST - 1)[:, :STRONGEST])
        strongest[rows] = chosen
        distance_to[rows] = np.take_along_axis(log_distance, chosen, axis=1)
        weights = np.tile(pull, (len(here), 1))
        weights[here, here + rows.start] = 0.0
        np.put_along_axis(weights, chosen, 0.0, axis=1)
        mean, variance = _moments(log_distance, weights, district)
        record["mean_log_distance"][:, rows] = mean
        record["log_distance_variance"][:, rows] = variance
    by_talked_about = np.argsort(strongest, axis=None, kind="stable")
    record["hearer"][: strongest.size] = by_talked_about // STRONGEST
    record["log_distance"][: strongest.size] = distance_to.ravel()[by_talked_about]
    times = np.bincount(strongest.ravel(), minlength=count)
    record["first"][1 : count + 1] = np.cumsum(times)
    shares, roots, attention = _workmates(country, sizes)
    total = sum(share * (root.sum() - root) for share, root in zip(shares, roots, strict=True))
    for group, (share, root) in enumerate(zip(shares, roots, strict=True)):
        record["workmates"][group, :count] = root
        weight = np.divide(share * attention, total, out=np.zeros(count), where=total > 0)
        record["hears_workmates"][group, :count] = weight
    return record


def blocks_of_distances(country: Country) -> Iterator[tuple[slice, Numbers]]:
    """Yield distances from some places to all, so that memory grows with places only.

    Yields
    ------
    slice
        The places from which they are measured.
    float array (rows, places)
        See `log_distances`.
    """
    count = len(country.places)
    for first in range(0, count, _ROWS):
        rows = slice(first, min(first + _ROWS, count))
        yield rows, log_distances(country, rows)


def _districts(country: Country) -> NDArray[np.int64]:
    """Return the district of every place: the country is halved where it is widest, and again."""
    latitude = np.radians([place.latitude for place in country.places])
    longitude = np.radians([place.longitude for place in country.places])
    east, north = np.cos(latitude) * np.sin(longitude), np.sin(latitude)
    position = np.stack([np.cos(latitude) * np.cos(longitude), east, north], axis=1)
    parts = [np.arange(len(position))]
    while len(parts) < DISTRICTS:
        halves = []
        for part in parts:
            widest = np.ptp(position[part], axis=0).argmax()
            order = part[np.argsort(position[part, widest], kind="stable")]
            halves += [order[: len(order) // 2], order[len(order) // 2 :]]
        parts = halves
    district = np.zeros(len(position), np.int64)
    for number, part in enumerate(parts):
        district[part] = number
    return district


def _moments(
    log_distance: Numbers, weights: Numbers, district: NDArray[np.int64]
) -> tuple[Numbers, Numbers]:
    """Return weighted means and variances by district: float arrays (districts, rows).

    A district in which nothing has weight is put at the largest distance: its term is 0.
    """
    rows = len(log_distance)
    cell = (np.arange(rows)[:, None] * DISTRICTS + district).ravel()

    def sums(values: Numbers) -> Numbers:
        flat: NDArray[Any] = np.bincount(cell, values.ravel(), rows * DISTRICTS)
        return flat.reshape(rows, DISTRICTS)

    weight = sums(weights)
    farthest = np.repeat(log_distance.max(axis=1, keepdims=True), DISTRICTS, axis=1)
    mean = np.divide(sums(weights * log_distance), weight, out=farthest, where=weight > 0)
    off = log_distance - mean[np.arange(rows)[:, None], district]
    square = sums(weights * off * off)
    variance = np.divide(square, weight, out=np.zeros_like(square), where=weight > 0)
    return mean.T, variance.T
