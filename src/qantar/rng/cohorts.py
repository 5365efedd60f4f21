"""Random numbers and binomial draws of many cohorts at once.

A mechanism lists the places in which something can happen (`uniforms`), sets the hazard of every
cohort there, and draws (`draw_affected`). The counts are those of `binomial_hazard`, one cohort at
a time; here loops over cohorts become vector instructions. Most draws are 0 by a bound that needs
no exponential. The others are sorted by their expected number: small ones sum the distribution, one
term for all of them at a time, large ones use the expansion. What remains is drawn one by one.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from qantar.base.arrays import Hours, Numbers, People
from qantar.base.compilation import compiled, inlined
from qantar.rng.binomial import EXPANDED, INVERSE, draw_one, expansion
from qantar.rng.elementary import exp, expm1
from qantar.rng.philox import HALF_WORD, Key, philox4x32, to_unit

_SMALL, _LARGE = 0, 1
"""Lists of draws by their expected number."""

_TERMS = 32
"""Largest count found by summing all draws together."""

_WIDTH = 8
"""Numbers of the widest vector."""


@cache
def draws_record(places: int, groups: int) -> np.dtype[Any]:
    """Return the record type of the buffers of draws.

    Every mechanism may overwrite them; nothing is kept in them between two mechanisms.

    hazard, other : hazards in every place.
    place, place_id : indices and ids of the places at risk.
    uniform, risk : uniform number and hazard of every group in the places at risk.
    able : persons of every group in every place to whom something can happen.
    group, at, affected : group, place and number of the cohorts with a draw that may not be 0.
    group_count, group_id : number of groups, and the hashes of their names.

    The others belong to `draw_affected`. Those with two rows hold its lists of small and of large
    draws: their persons, hazards, uniform numbers and indices in `affected`.
    """
    cohorts = groups * places
    return np.dtype(
        [
            *((name, np.float64, (places,)) for name in ("hazard", "other")),
            *((name, np.float64, (groups, places)) for name in ("uniform", "risk")),
            *((name, np.float64, (2, cohorts)) for name in ("persons", "hazards", "uniforms")),
            *(
                (name, np.float64, (cohorts,))
                for name in ("odds", "mass", "total", "left", "count")
            ),
            *((name, np.int64, (places,)) for name in ("place", "place_id", "among", "possible")),
            ("able", np.int64, (groups, places)),
            *((name, np.int64, (cohorts,)) for name in ("group", "at", "affected")),
            ("index", np.int64, (2, cohorts)),
            ("listed", np.int64, (2,)),
            ("group_id", np.int64, (groups,)),
            ("group_count", np.int64),
        ],
        align=True,
    )


@compiled
def uniforms(
    draws: Any, at_risk: Numbers, key: Key, mechanism: int, places: Hours, hour: int
) -> int:
    """Draw the uniform numbers of every group in the places at risk, all of them at once.

    Parameters
    ----------
    draws : record of `draws_record`
        `place` and `uniform` are set; `group_id` and `group_count` are read.
    at_risk : float array (places,)
        Positive where numbers are needed.
    places : int array (places,)
        Ids of the places.

    Returns
    -------
    int
        Number of places at risk.
    """
    count = 0
    for i in range(at_risk.size):
        draws.place[count] = i
        draws.place_id[count] = places[i]
        count += at_risk[i] > 0.0
    unit = np.uint64(mechanism) << HALF_WORD
    for g in range(draws.group_count):
        group = unit | np.uint64(draws.group_id[g])
        # Over places, because the longer loop vectorises better, and without a remainder.
        for k in range(_whole(count)):
            a, b, _, _ = philox4x32(
                np.uint64(hour),
                np.uint64(draws.place_id[k]),
                group,
                key.member,
                key.seed_low,
                key.seed_high,
            )
            draws.uniform[g, k] = to_unit(a, b)
    return count


@inlined
def _whole(size: int) -> int:
    """Return the size with the last vector filled up: what is read there has no effect."""
    return _WIDTH * ((size + _WIDTH - 1) // _WIDTH)


@compiled
def draw_affected(draws: Any, people: People, where: Numbers, at_risk: int) -> int:
    """Draw how many people of every cohort are affected by an event in one hour.

    Parameters
    ----------
    draws : record of `draws_record`
        `risk` and `uniform` are read, for the places at risk in `place`. The result is in `group`,
        `at` and `affected`: cohorts and their counts. Other cohorts have none.
    people : int array (groups, places)
        Persons to whom it can happen.
    where : float array (places,)
        Positive where there may be any.
    at_risk : int
        Number of places at risk.

    Returns
    -------
    int
        Number of cohorts listed.
    """
    size = _list_possible(draws, people, where, at_risk)
    _sort_by_size(draws, people, size)
    _draw_small(draws, draws.listed[_SMALL])
    _draw_large(draws, draws.listed[_LARGE])
    return size


@compiled
def move_affected(draws: Any, source: People, target: People, where: Numbers, at_risk: int) -> int:
    """Move the people of `draw_affected` from one stance to another, and return their number."""
    moved = 0
    for e in range(draw_affected(draws, source, where, at_risk)):
        g, i, n = draws.group[e], draws.at[e], draws.affected[e]
        source[g, i] -= n
        target[g, i] += n
        moved += n
    return moved


@compiled
def set_same_risk(draws: Any, hazard: Numbers, at_risk: int) -> None:
    """Give every group in a place at risk the hazard of the place: float array (places,)."""
    for g in range(draws.group_count):
        for k in range(at_risk):
            draws.risk[g, k] = hazard[draws.place[k]]


@compiled
def _list_possible(draws: Any, people: People, where: Numbers, at_risk: int) -> int:
    """List the cohorts whose draw may not be 0, with their index among the places at risk."""
    count = 0
    for k in range(at_risk):
        draws.among[count] = k
        count += where[draws.place[k]] > 0.0
    size = 0
    for g in range(draws.group_count):
        for j in range(_whole(count)):
            k = draws.among[j]
            # exp(-x) >= 1 - x: if u is below that bound, the draw is 0
            bound = 1.0 - people[g, draws.place[k]] * draws.risk[g, k]
            draws.possible[j] = draws.uniform[g, k] >= bound
        for j in range(count):
            draws.group[size] = g
            draws.at[size] = draws.among[j]
            size += draws.possible[j]
    return size


@compiled
def _sort_by_size(draws: Any, people: People, size: int) -> None:
    """Sort the listed cohorts by their expected number, and replace the index by the place."""
    draws.listed[_SMALL] = draws.listed[_LARGE] = 0
    for e in range(size):
        g, k = draws.group[e], draws.at[e]
        i = draws.place[k]
        n, hazard = float(people[g, i]), draws.risk[g, k]
        which = _SMALL if (n * hazard <= EXPANDED) & (hazard <= 0.5) else _LARGE
        last = draws.listed[which]
        draws.at[e] = i
        draws.persons[which, last] = n
        draws.hazards[which, last] = hazard
        draws.uniforms[which, last] = draws.uniform[g, k]
        draws.index[which, last] = e
        draws.listed[which] = last + 1


@compiled
def _draw_small(draws: Any, size: int) -> None:
    """Draw those with a small expected number, by summing the distribution from 0."""
    persons, hazards, us = draws.persons[_SMALL], draws.hazards[_SMALL], draws.uniforms[_SMALL]
    whole = _whole(size)
    for k in range(whole):
        draws.odds[k] = expm1(hazards[k])
        draws.left[k] = draws.odds[k] * persons[k]
        draws.mass[k] = draws.total[k] = exp(-hazards[k] * persons[k])
        draws.count[k] = 0.0
    unfinished = size
    term = 0
    while unfinished > 0 and term < _TERMS:
        for _ in range(4):
            term += 1
            for k in range(whole):
                draws.count[k] += 1.0 if draws.total[k] < us[k] else 0.0
                draws.mass[k] *= draws.left[k] * INVERSE[term]
                draws.left[k] -= draws.odds[k]
                draws.total[k] += draws.mass[k]
        unfinished = 0
        for k in range(size):
            unfinished += draws.total[k] < us[k]
    for k in range(size):
        found = draws.total[k] >= us[k]
        n = int(persons[k])
        count = min(int(draws.count[k]), n) if found else draw_one(n, hazards[k], us[k])
        draws.affected[draws.index[_SMALL, k]] = count


@compiled
def _draw_large(draws: Any, size: int) -> None:
    """Draw those with a large expected number, by the expansion where it is certain."""
    persons, hazards, us = draws.persons[_LARGE], draws.hazards[_LARGE], draws.uniforms[_LARGE]
    for k in range(_whole(size)):
        odds = expm1(hazards[k])
        draws.count[k] = expansion(persons[k], odds / (1.0 + odds), us[k])
    for k in range(size):
        count = draws.count[k]
        one = int(count) if count >= 0.0 else draw_one(int(persons[k]), hazards[k], us[k])
        draws.affected[draws.index[_LARGE, k]] = one
