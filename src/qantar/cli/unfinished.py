"""A long work that is interrupted: where its finished pieces stay, and how the command ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.console import Console

INTERRUPTED = 130
"""Status of a process that Ctrl-C ended, as shells have it."""

UNFINISHED = ".unfinished"
"""Ending of the folder beside the results that keeps finished pieces until all are there."""


def unfinished_folder(destination: Path) -> Path:
    """Return the folder beside the results that keeps finished pieces."""
    return destination.with_name(destination.name + UNFINISHED)


@contextmanager
def resumable(console: Console, unfinished: Path) -> Iterator[None]:
    """Say at Ctrl-C that the finished pieces are kept, and end the command.

    Parameters
    ----------
    console : Console
        Where to say it.
    unfinished : Path
        The folder of the pieces.

    Raises
    ------
    typer.Exit
        With the status `INTERRUPTED`, if the body is interrupted.
    """
    try:
        yield
    except KeyboardInterrupt:
        console.print(f"qantar: interrupted; {unfinished} is kept, go on with --resume")
        raise typer.Exit(INTERRUPTED) from None
