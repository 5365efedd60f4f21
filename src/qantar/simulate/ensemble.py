"""Run one member, or an ensemble on several threads.

Threads share no state, so their number does not change the result.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from qantar.model.hour import TERMS, Member, follow, initial_state, run
from qantar.model.hour import VARIABLES as VARIABLES
from qantar.model.hour import Recorded as Recorded
from qantar.model.state import ACTION_KINDS, HOURS_PER_DAY, Environment, State

Block: TypeAlias = NDArray[np.float32]
"""Records of some members by variable: float array (variables, members, hours, places)."""

MEMBERS_PER_BLOCK = 32
"""Largest number of members in a block."""

_CELLS = 2_000_000  # of one variable in a block, so that blocks of a large country fit into memory


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


class Checkpoint(NamedTuple):
    """Where a run branches off from another one, which is the same until then.

    Attributes
    ----------
    hour : int
        The first hour of its own.
    state : State
        The state at the beginning of that hour.
    followed : Followed
        The other run.
    """

    hour: int
    state: State
    followed: Followed


def run_member(
    environment: Environment, member: Member, hours: int, *, start: Checkpoint | None = None
) -> Recorded:
    """Run one member to the last hour.

    Parameters
    ----------
    start : Checkpoint, optional
        Where to start; by default at the first hour.

    Returns
    -------
    float array (hours, places, variables)
        In the order of `qantar.model.hour.VARIABLES`.
    """
    record = np.zeros((hours, environment.place_count, len(VARIABLES)), np.float32)
    if start is None:
        run(initial_state(environment), environment, member, record, 0)
    else:
        record[: start.hour] = start.followed.record[: start.hour]
        run(copy_of(start.state), environment, member, record, start.hour)
    return record


def follow_member(
    environment: Environment,
    member: Member,
    hours: int,
    *,
    terms: bool = True,
    start: Checkpoint | None = None,
    saved: list[State] | None = None,
) -> Followed:
    """Run one member like `run_member`, and record the terms and decisions of every hour.

    Parameters
    ----------
    terms : bool
        Whether terms are recorded; if not, their array has no hours.
    start : Checkpoint, optional
        Where to start; by default at the first hour.
    saved : list of State, optional
        Filled with the state at the beginning of every day, if the run starts at the first hour.
    """
    places = environment.place_count
    followed = Followed(
        np.zeros((hours, places, len(VARIABLES)), np.float32),
        np.zeros((hours if terms else 0, places, len(TERMS))),
        np.zeros((hours, ACTION_KINDS, places)),
    )
    if start is not None:
        followed.record[: start.hour] = start.followed.record[: start.hour]
        if terms:
            followed.terms[: start.hour] = start.followed.terms[: start.hour]
        followed.ordered[: start.hour] = start.followed.ordered[: start.hour]
        follow(copy_of(start.state), environment, member, *followed, start.hour, hours)
        return followed
    state = initial_state(environment)
    length = hours if saved is None else HOURS_PER_DAY
    for first in range(0, hours, length):
        if saved is not None:
            # Ties are set before the first hour, and draws whenever they are used.
            saved.append(
                state._replace(
                    places=state.places.copy(),
                    people=state.people.copy(),
                    regions=state.regions.copy(),
                    centre=state.centre.copy(),
                )
            )
        follow(state, environment, member, *followed, first, min(first + length, hours))
    return followed


def copy_of(state: State) -> State:
    """Return a copy of a state that shares no memory with it."""
    return State(*(record.copy() for record in state))


Kept = TypeVar("Kept")

_AHEAD = 3
"""Results for each thread that may wait to be taken, so that no thread waits for a slow member."""


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


def members_per_block(hours: int, places: int) -> int:
    """Return how many members a block has: fewer if a member is large."""
    return max(1, min(MEMBERS_PER_BLOCK, _CELLS // max(hours * places, 1)))


def block_of(records: Sequence[Recorded]) -> Block:
    """Return the records of some members as a block."""
    hours, places, variables = records[0].shape
    block = np.empty((variables, len(records), hours, places), np.float32)
    for number, record in enumerate(records):
        block[:, number] = np.moveaxis(record, 2, 0)
    return block


def run_blocks(
    environment: Environment,
    member: Callable[[int], Member],
    *,
    members: int,
    hours: int,
    threads: int | None = None,
) -> Iterator[Block]:
    """Run members and yield them in order, in blocks.

    Parameters are those of `run_ensemble`.

    Yields
    ------
    float array (variables, members, hours, places)
        `members_per_block` members, fewer in the last block.
    """
    size = members_per_block(hours, environment.place_count)
    with ThreadPoolExecutor(max_workers=threads or os.cpu_count() or 1) as pool:

        def begin(first: int) -> tuple[Block, list[Future[None]]]:
            number = min(size, members - first)
            shape = (len(VARIABLES), number, hours, environment.place_count)
            block = np.empty(shape, np.float32)

            def run(k: int) -> None:
                record = run_member(environment, member(first + k), hours)
                block[:, k] = np.moveaxis(record, 2, 0)  # here, while it is in the cache

            return block, [pool.submit(run, k) for k in range(number)]

        try:
            begun = begin(0)
            for following in range(size, members + size, size):
                block, running = begun
                if following < members:  # workers go on while this block is used
                    begun = begin(following)
                for one in running:
                    one.result()
                yield block
                del block
        finally:
            pool.shutdown(cancel_futures=True)


def in_order(
    run: Callable[[int], Kept], members: int, threads: int | None = None
) -> Iterator[Kept]:
    """Call a function for every member on threads, and yield the results in order.

    The next member starts whenever a result is taken.

    Parameters
    ----------
    run : callable
        Called with the index of a member.
    threads : int, optional
        Worker threads, by default one per core.
    """
    workers = threads or os.cpu_count() or 1
    with ThreadPoolExecutor(max_workers=workers) as pool:
        ahead: deque[Future[Kept]] = deque()
        try:
            for number in range(members):
                ahead.append(pool.submit(run, number))
                if len(ahead) > _AHEAD * workers:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            for waiting in ahead:
                waiting.cancel()
