"""How far the sparse ties of a large country depart from the ties of all pairs of places."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from qantar.model.hour import initial_state
from qantar.model.mechanisms import ties
from qantar.model.state import MOST_PAIRED, Environment
from qantar.packs.country import Country
from qantar.simulate.parameters import Number
from qantar.simulate.ties import blocks_of_distances

_ENDS = (-1.645, 1.645)
"""Standard normal scores of the ends of a 90 % range."""


class TieAccuracy(NamedTuple):
    """How the ties of a country are represented.

    Attributes
    ----------
    one_by_one : float
        Share of the weight of all ties that is represented one by one: the strongest ties of every
        place, and those between workmates.
    by_district : float
        Largest share of the ties of a place that is represented by district.
    error : float
        Largest error of the news that a place hears in an hour, whatever the crowds, as a share of
        the largest crowd (0 to 1): half the sum, over all places that it hears of, of the
        differences of their weights.
    """

    one_by_one: float
    by_district: float
    error: float


def accuracy_of_ties(
    country: Country, environment: Environment, numbers: Sequence[Number]
) -> tuple[TieAccuracy, float]:
    """Return the accuracy of ties at the middle of the parameters, and the largest error nearby.

    Parameters
    ----------
    numbers : sequence of Number
        The parameters of a scenario.

    Returns
    -------
    TieAccuracy
        With every parameter at its middle.
    float
        The largest `error` there and at the ends of the 90 % ranges of `distance_decay` and
        `size_pull`.
    """
    prefix = f"{ties.MECHANISM.name}."
    own = {
        number.name.removeprefix(prefix): number
        for number in numbers
        if number.name.startswith(prefix)
    }
    middle = ties.Parameters(*(own[name].value for name in ties.Parameters._fields))
    ends = [
        middle._replace(
            distance_decay=own["distance_decay"].at(low), size_pull=own["size_pull"].at(high)
        )
        for low, high in product(_ENDS, repeat=2)
    ]
    found = tie_accuracy(country, environment, [middle, *ends])
    return found[0], max(each.error for each in found)


def tie_accuracy(
    country: Country, environment: Environment, cases: Sequence[ties.Parameters]
) -> list[TieAccuracy]:
    """Compare the weights that the mechanism uses with those of all pairs, for given parameters.

    Takes time proportional to the square of the number of places.
    """
    count = environment.place_count
    if count <= MOST_PAIRED:
        return [TieAccuracy(1.0, 0.0, 0.0) for _ in cases]
    used = []
    for p in cases:
        state = initial_state(environment)
        ties.set_tie_weights(state, environment, p)
        used.append(state.ties)
    sparse = environment.sparse_ties
    population = environment.of_places(environment.places["population"])
    district = sparse["district"][:count]
    talked_about = np.repeat(np.arange(count), np.diff(sparse["first"][: count + 1]))
    by_hearer = np.argsort(sparse["hearer"][: len(talked_about)], kind="stable").reshape(count, -1)
    strongest = talked_about[by_hearer]
    kept, error = np.zeros((2, len(cases), count))
    for rows, log_distance in blocks_of_distances(country):
        here = np.arange(len(log_distance))
        itself = here, here + rows.start
        for case, (p, weights) in enumerate(zip(cases, used, strict=True)):
            exact = np.exp(p.size_pull * np.log(population) - p.distance_decay * log_distance)
            exact[itself] = 0.0
            exact *= (1.0 - p.work_share) / exact.sum(axis=1, keepdims=True)
            own = weights["by_district"][:, rows].T[:, district] * weights["pull"][:count]
            own[itself] += weights["own"][rows]
            own[here[:, None], strongest[rows]] += weights["one_by_one"][by_hearer[rows]]
            kept[case, rows] = np.take_along_axis(exact, strongest[rows], axis=1).sum(axis=1)
            error[case, rows] = np.abs(exact - own).sum(axis=1) / 2
    workmates = sparse["workmates"][:, :count]
    others = workmates.sum(axis=1, keepdims=True) - workmates
    work = (sparse["hears_workmates"][:, :count] * others).sum(axis=0)
    result = []
    for case, p in enumerate(cases):
        total = 1.0 - p.work_share + p.work_share * work
        exactly = kept[case] + p.work_share * work
        result.append(
            TieAccuracy(
                float(exactly.sum() / total.sum()),
                float((1.0 - exactly / total).max()),
                float(error[case].max()),
            )
        )
    return result
