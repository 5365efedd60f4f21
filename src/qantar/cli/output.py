"""Where a command puts its results if it is not told.

The screen for results: as wide as their tables are laid out for, or as wide as the terminal.

A long work that is interrupted: where its finished pieces stay, and how the command ends.

Writing a table or a page to the screen or to a file, whole or not at all.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

import pandas as pd
import typer
from rich.console import Console
from rich.table import Table

from qantar.analysis.run_directory import free_folder
from qantar.base.files import refuse_existing, write_text
from qantar.reports.terminal import WIDTH

RUNS = Path("runs")
"""Folder of results, in the one where the command is called."""


def fresh_folder(stem: str) -> Path:
    """Return a folder under ./runs that does not exist yet; see `free_folder`."""
    return free_folder(RUNS, stem)


def screen_for_results(*, highlight: bool = True) -> Console:
    """Return where results are printed.

    Parameters
    ----------
    highlight : bool
        Whether numbers and paths stand out by their colour.
    """
    screen = Console(highlight=highlight)
    screen.width = min(screen.width, WIDTH) if screen.is_terminal else WIDTH
    return screen


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


class Format(StrEnum):
    """How a table is written."""

    table = "table"
    csv = "csv"
    json = "json"
    html = "html"


def emit(text: str, out: Path | None) -> None:
    """Write a text to the screen, or to a file that appears whole.

    Raises
    ------
    OutputError
        If the file exists or cannot be written.
    """
    if out is None:
        sys.stdout.write(text)
        return
    write_new(text, out)
    Console().print(f"Written: {out}", highlight=False)


def write_new(text: str, out: Path) -> None:
    """Write a file that does not exist yet, whole or not at all.

    Raises
    ------
    OutputError
        If the file exists or cannot be written; nothing is left behind.
    """
    refuse_existing(out)
    write_text(out, text)


def emit_frame(
    frame: pd.DataFrame, as_format: Format, out: Path | None, columns: dict[str, str], title: str
) -> None:
    """Write a table as text for a reader, or whole as CSV or JSON.

    Parameters
    ----------
    columns : dict
        Columns that the table for a reader shows, with their headings; all if empty.
    """
    if frame.empty and as_format is Format.table:
        emit(f"{title}: nothing answers these conditions\n", out)
    elif as_format is Format.csv:
        emit(frame.to_csv(index=False), out)
    elif as_format is Format.json:
        emit(frame.to_json(orient="records", force_ascii=False, indent=1) + "\n", out)
    else:
        emit(frame_text(frame, columns, title, width=None if out is None else 160), out)


def frame_text(
    frame: pd.DataFrame, columns: dict[str, str], title: str, width: int | None = None
) -> str:
    """Return a table as text, as wide as the screen if no width is given."""
    with (console := Console(width=width)).capture() as captured:
        console.print(_table(frame, columns, title))
    return captured.get()


def _table(frame: pd.DataFrame, columns: dict[str, str], title: str) -> Table:
    shown = columns or {str(name): str(name).replace("_", " ") for name in frame.columns}
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for heading in shown.values():
        table.add_column(heading, overflow="fold")
    for row in frame[list(shown)].itertuples(index=False):
        table.add_row(*(_cell(value) for value in row))
    return table


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).replace("[", "\\[")
