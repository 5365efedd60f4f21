"""Run one member, or an ensemble on several threads.

Threads share no state, so their number does not change the result.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from qantar.model.hour import TERMS, Member, follow, initial_state, run
from qantar.model.hour import VARIABLES as VARIABLES
from qantar.model.hour import Recorded as Recorded
from qantar.model.state import ACTION_KINDS, Environment


def run_member(environment: Environment, member: Member, hours: int) -> Recorded:
    """Run one member from the first hour to the last.

    Returns
    -------
    float array (hours, places, variables)
        In the order of `qantar.model.hour.VARIABLES`.
    """
    state = initial_state(environment)
    record = np.zeros((hours, environment.place_count, len(VARIABLES)), np.float32)
    run(state, environment, member, record)
    return record


class Followed(NamedTuple):
    """Detailed record of a member.

    Attributes
    ----------
    record : float array (hours, places, variables)
    terms : float array (hours, places, terms)
        Terms of the mechanisms, in the order of `qantar.model.hour.TERMS`.
    ordered : float array (hours, kinds, places)
        Orders of the script or the offices, before interventions.
    """

    record: Recorded
    terms: NDArray[np.float64]
    ordered: NDArray[np.float64]


def follow_member(
    environment: Environment, member: Member, hours: int, *, terms: bool = True
) -> Followed:
    """Run one member like `run_member`, and record the terms and decisions of every hour.

    Parameters
    ----------
    terms : bool
        Whether terms are recorded; if not, their array has no hours.
    """
    state = initial_state(environment)
    places = environment.place_count
    followed = Followed(
        np.zeros((hours, places, len(VARIABLES)), np.float32),
        np.zeros((hours if terms else 0, places, len(TERMS))),
        np.zeros((hours, ACTION_KINDS, places)),
    )
    follow(state, environment, member, *followed)
    return followed


Kept = TypeVar("Kept")


def run_ensemble(
    environment: Environment,
    member: Callable[[int], Member],
    *,
    members: int,
    hours: int,
    threads: int | None = None,
) -> Iterator[Recorded]:
    """Run members and yield their records in order.

    Parameters
    ----------
    member : callable
        Returns the member with an index.
    threads : int, optional
        Worker threads, by default one per core. The result does not depend on it.

    Yields
    ------
    float array (hours, places, variables)
    """

    def run(number: int) -> Recorded:
        return run_member(environment, member(number), hours)

    return in_order(run, members, threads)


def in_order(
    run: Callable[[int], Kept], members: int, threads: int | None = None
) -> Iterator[Kept]:
    """Call a function for every member on threads, and yield the results in order.

    Parameters
    ----------
    run : callable
        Called with the index of a member.
    threads : int, optional
        Worker threads, by default one per core.
    """
    workers = threads or os.cpu_count() or 1
    with ThreadPoolExecutor(max_workers=workers) as pool:
        ahead = 4 * workers
        for start in range(0, members, ahead):
            yield from pool.map(run, range(start, min(start + ahead, members)))
