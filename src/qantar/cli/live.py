"""``--live``: a table of the results so far, below the progress bar of a command."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Annotated, Generic, TypeVar

import typer
from rich.console import Console, RenderableType
from rich.progress import Progress, ProgressColumn

from qantar.base.errors import QantarError

SECONDS_BETWEEN = 0.5
SHARE_OF_TIME = 0.1
"""Drawing tables takes at most this share of the time."""

Live = Annotated[
    bool, typer.Option("--live", help="Show preliminary results while the members are run.")
]

Results = TypeVar("Results")


class LiveTable(Generic[Results]):
    """A table of the results so far, drawn again from time to time.

    Parameters
    ----------
    draw : callable
        Returns the table, from the results so far.
    """

    def __init__(self, draw: Callable[[Results], RenderableType]) -> None:
        self._draw = draw
        self._next = 0.0
        self.content: RenderableType | None = None

    def update(self, results: Callable[[], Results]) -> None:
        """Draw the table if it is time.

        Parameters
        ----------
        results : callable
            Returns the results so far.
        """
        began = time.monotonic()
        if began < self._next:
            return
        self.content = self._draw(results())
        now = time.monotonic()
        self._next = now + max(SECONDS_BETWEEN, (now - began) / SHARE_OF_TIME)


class LiveProgress(Progress):
    """A progress bar with a table below it, which is removed at the end.

    Parameters
    ----------
    columns : str or ProgressColumn
    console : Console
    table : LiveTable, optional
    """

    def __init__(
        self, *columns: str | ProgressColumn, console: Console, table: LiveTable[Results] | None
    ) -> None:
        self._table = table
        super().__init__(*columns, console=console)

    def get_renderables(self) -> Iterable[RenderableType]:
        """Yield the bar and the table."""
        yield from super().get_renderables()
        if self._table is not None and self._table.content is not None:
            yield self._table.content

    def stop(self) -> None:
        """Remove the table and stop."""
        self._table = None
        super().stop()


def is_live(wanted: bool, console: Console, *, as_json: bool) -> bool:
    """Return whether preliminary results are shown; say so if they cannot be.

    Parameters
    ----------
    wanted : bool
        Whether ``--live`` is given.
    console : Console
        Where they would be shown.
    as_json : bool
        Whether ``--json`` is given.

    Raises
    ------
    QantarError
        If both options are given.
    """
    if wanted and as_json:
        raise QantarError("--live and --json contradict each other", hint="keep one of the two")
    if wanted and not console.is_terminal:
        console.print("--live needs a terminal: the results follow when all members are run.")
        return False
    return wanted
