"""Where and how commands write their results: folders, the terminal, tables and pages.

It also holds what happens when a long command is interrupted: the finished parts are kept in a
folder next to the results, from which ``--resume`` continues.
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
"""Folder of results, relative to the working directory."""


def new_results_folder(stem: str) -> Path:
    """Return a folder under ./runs that does not exist yet; see `free_folder`."""
    return free_folder(RUNS, stem)


def screen_for_results(*, highlight: bool = True) -> Console:
    """Return the console for results, at most as wide as their tables.

    Parameters
    ----------
    highlight : bool
        Whether numbers and paths are coloured.
    """
    screen = Console(highlight=highlight)
    screen.width = min(screen.width, WIDTH) if screen.is_terminal else WIDTH
    return screen


INTERRUPTED = 130
"""Exit status after Ctrl-C, as in shells."""

UNFINISHED = ".unfinished"
"""Suffix of the folder that keeps the finished parts until the results are complete."""


def unfinished_folder(destination: Path) -> Path:
    """Return the folder, next to the results, that keeps the finished parts."""
    return destination.with_name(destination.name + UNFINISHED)


@contextmanager
def resumable(console: Console, unfinished: Path) -> Iterator[None]:
    """End the command at Ctrl-C, with a message that the finished parts are kept.

    Parameters
    ----------
    console : Console
        Where to print it.
    unfinished : Path
        The folder of the finished parts.

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
    """Write a text to the screen, or atomically to a file.

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
    """Write a file that does not exist yet, atomically.

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
    """Write a table: some columns as text, or all as CSV or JSON.

    Parameters
    ----------
    columns : dict
        Columns of the printed table, with their headings; all if empty.
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
    """Return a table as text, as wide as the terminal if no width is given."""
    shown = columns or {str(name): str(name).replace("_", " ") for name in frame.columns}
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for heading in shown.values():
        table.add_column(heading, overflow="fold")
    for row in frame[list(shown)].itertuples(index=False):
        table.add_row(*(_cell(value) for value in row))
    with (console := Console(width=width)).capture() as captured:
        console.print(table)
    return captured.get()


def _cell(value: object) -> str:
    """Return a value as text in which rich finds no markup."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).replace("[", "\\[")
