"""Running many members at once: threads share nothing, so their number changes nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from qantar.engine.member import Recorded, run_member
from qantar.model.hour import Member
from qantar.model.state import Ground

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
