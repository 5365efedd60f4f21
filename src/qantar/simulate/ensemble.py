"""Running one member: the hours in a row, with what happened written down.

Running many members at once: threads share nothing, so their number changes nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from qantar.base.compilation import compiled
from qantar.model.actions import ACTION_KINDS
from qantar.model.hour import Member, begin, step
from qantar.model.mediators import TERMS, write_terms
from qantar.model.state import Ground, State, initial_state

Recorded: TypeAlias = NDArray[np.float32]
"""What a member leaves behind: float array (hours, places, variables)."""


class Variable(NamedTuple):
    """A quantity recorded for every place and hour."""

    name: str
    unit: str
    meaning: str


VARIABLES = (
    Variable("crowd", "persons", "in the street, protesting or militant, at the end of the hour"),
    Variable("militants", "persons", "of these violent"),
    Variable("joined", "persons", "who came out during the hour"),
    Variable("detained", "persons", "held so far"),
    Variable("wounded", "persons", "wounded so far"),
    Variable("deaths", "persons", "killed so far, forces not counted"),
    Variable("security_wounded", "persons", "police and soldiers wounded so far"),
    Variable("security_deaths", "persons", "police and soldiers killed so far"),
    Variable("buildings_attacked", "buildings", "of the state attacked so far"),
    Variable("businesses_looted", "firms", "trading sites robbed so far"),
    Variable("control", "share", "of the place that the state holds"),
    Variable("detained_published", "persons", "detentions published so far"),
    Variable("deaths_published", "persons", "deaths published so far"),
)


def run_member(ground: Ground, member: Member, hours: int) -> Recorded:
    """Run one member from the first hour to the last.

    Returns
    -------
    float array (hours, places, variables)
        In the order of `VARIABLES`.
    """
    state = initial_state(ground)
    record = np.zeros((hours, ground.places.size, len(VARIABLES)), np.float32)
    _run(state, ground, member, record)
    return record


class Followed(NamedTuple):
    """What a member leaves behind when it is watched closely.

    Attributes
    ----------
    record : float array (hours, places, variables)
    terms : float array (hours, places, terms)
        What each mechanism wrote, in the order of `qantar.model.mediators.TERMS`.
    ordered : float array (hours, kinds, places)
        What the script or the offices had ordered, interventions left aside.
    """

    record: Recorded
    terms: NDArray[np.float64]
    ordered: NDArray[np.float64]


def follow_member(ground: Ground, member: Member, hours: int, *, terms: bool = True) -> Followed:
    """Run one member as `run_member` does, and keep the terms and the decisions of every hour.

    Parameters
    ----------
    terms : bool
        Whether terms are kept; if not, their array has no hours.
    """
    state = initial_state(ground)
    places = ground.places.size
    followed = Followed(
        np.zeros((hours, places, len(VARIABLES)), np.float32),
        np.zeros((hours if terms else 0, places, len(TERMS))),
        np.zeros((hours, ACTION_KINDS, places)),
    )
    _follow(state, ground, member, followed)
    return followed


@compiled
def _follow(state: State, ground: Ground, member: Member, followed: Followed) -> None:
    begin(state, ground, member)
    for hour in range(followed.record.shape[0]):
        step(state, ground, member, hour)
        _write(state, followed.record[hour])
        if hour < followed.terms.shape[0]:
            write_terms(state, followed.terms[hour])
        followed.ordered[hour] = state.ordered


@compiled
def _run(state: State, ground: Ground, member: Member, record: Recorded) -> None:
    begin(state, ground, member)
    for hour in range(record.shape[0]):
        step(state, ground, member, hour)
        _write(state, record[hour])


@compiled
def _write(state: State, row: Recorded) -> None:
    for i in range(row.shape[0]):
        here = state.places[i]
        row[i, 0] = here.crowd
        row[i, 1] = here.militants
        row[i, 2] = here.joined
        for g in range(state.people.shape[1]):
            who = state.people[i, g]
            row[i, 3] += who.detained
            row[i, 4] += who.wounded
            row[i, 5] += who.dead
        row[i, 6] = here.security_wounded
        row[i, 7] = here.security_dead
        row[i, 8] = here.buildings_attacked
        row[i, 9] = here.businesses_looted
        row[i, 10] = here.control
        row[i, 11] = here.detained_published
        row[i, 12] = here.deaths_published


Kept = TypeVar("Kept")


def run_ensemble(
    ground: Ground,
    member: Callable[[int], Member],
    *,
    members: int,
    hours: int,
    threads: int | None = None,
) -> Iterator[Recorded]:
    """Run members and yield what each left behind, in their order.

    Parameters
    ----------
    member : callable
        Returns the member of a number.
    threads : int, optional
        Worker threads, by default one per core. The result does not depend on it.

    Yields
    ------
    float array (hours, places, variables)
    """

    def run(number: int) -> Recorded:
        return run_member(ground, member(number), hours)

    return in_order(run, members, threads)


def in_order(
    run: Callable[[int], Kept], members: int, threads: int | None = None
) -> Iterator[Kept]:
    """Do something for every member on threads, and yield what came of it in their order.

    Parameters
    ----------
    run : callable
        Called with the number of a member.
    threads : int, optional
        Worker threads, by default one per core.
    """
    workers = threads or os.cpu_count() or 1
    with ThreadPoolExecutor(max_workers=workers) as pool:
        ahead = 4 * workers
        for start in range(0, members, ahead):
            yield from pool.map(run, range(start, min(start + ahead, members)))
