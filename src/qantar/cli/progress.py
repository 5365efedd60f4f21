"""A bar for a long work: what is done, how long it took, how long it will take."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

SECONDS_TO_LOOK_BACK = 3600.0
"""The time left follows from the speed of the last hour: a task may take minutes, and what was
loaded in an instant after ``--resume`` must be forgotten in the end."""


@contextmanager
def tracked(console: Console, total: int, what: str) -> Iterator[Callable[[int], None]]:
    """Show a bar while the body runs.

    Parameters
    ----------
    console : Console
        Where; a quiet one shows nothing.
    total : int
        All that is to be done, in the unit of the reports.
    what : str
        What is being done, such as ``simulations``.

    Yields
    ------
    callable
        To be called with how much more is done.
    """
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        speed_estimate_period=SECONDS_TO_LOOK_BACK,
    )
    with bar:
        yield partial(bar.advance, bar.add_task(what, total=total))
