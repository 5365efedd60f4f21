"""Tables and JSON on the terminal; imports nothing heavy, so that ``list`` and ``show`` start fast.

Tables are as wide as the terminal, or as ``COLUMNS`` says, or 80 columns. Words and names are never
broken: a table that does not fit is printed row by row instead.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

GAP = 2
"""Blank columns between the columns of a table."""

NARROW, ROWS = 24, 3
"""A column narrower than this with a text of more lines than this is hard to read."""


def print_json(value: object) -> None:
    """Print a value as JSON to standard output.

    Parameters
    ----------
    value : object
        Mappings, sequences, dataclasses, text, numbers (also numpy's), dates and paths. NaN and
        infinity become null.
    """
    text = json.dumps(json_value(value), indent=2, ensure_ascii=False, allow_nan=False)
    sys.stdout.write(text + "\n")


def json_value(value: Any) -> Any:
    """Return a value with only the types that JSON has; NaN and infinity become null."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Path | dt.date | dt.time):
        return str(value) if isinstance(value, Path) else value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): json_value(each) for key, each in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {field.name: json_value(getattr(value, field.name)) for field in fields}
    if isinstance(value, Set):
        return sorted(json_value(each) for each in value)
    if isinstance(value, Iterable):
        return [json_value(each) for each in value]
    if hasattr(value, "item"):  # a numpy scalar
        return json_value(value.item())
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def print_table(
    title: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    console: Console | None = None,
    right: Set[str] = frozenset(),
) -> None:
    """Print a table that fits the terminal and breaks no word; see `table`."""
    screen = console or Console(highlight=False)
    screen.print(table(title, headings, rows, width=screen.width, right=right))


def table(
    title: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    width: int,
    right: Set[str] = frozenset(),
) -> RenderableType:
    """Return a table no wider than `width`, or its rows one below the other if it cannot fit.

    Parameters
    ----------
    title : str
    headings : sequence of str
        The first column holds the names of the rows.
    rows : sequence of sequence of str
    width : int
        Columns of the terminal.
    right : set of str
        Headings of columns of numbers.
    """
    columns = [[heading, *cells] for heading, *cells in zip(headings, *rows, strict=True)]
    least = [max(_longest_word(cell) for cell in column) for column in columns]
    wanted = [max(cell_len(line) for cell in column for line in cell.split("\n") or [""])
              for column in columns]  # fmt: skip
    widths = _widths(least, wanted, width - GAP * (len(columns) - 1))
    if widths is None:
        return _records(title, headings, rows)
    drawn = Table(
        title=title, title_justify="left", box=None, pad_edge=False, padding=(0, GAP, 0, 0)
    )
    for number, (heading, size) in enumerate(zip(headings, widths, strict=True)):
        drawn.add_column(
            heading,
            width=size,
            justify="right" if heading in right else "left",
            style="bold" if number == 0 else "",
        )
    for row in rows:
        drawn.add_row(*(Text(cell) for cell in row))
    return drawn


def _longest_word(text: str) -> int:
    return max((cell_len(word) for word in text.split()), default=0)


def _widths(least: list[int], wanted: list[int], room: int) -> list[int] | None:
    """Return a width for each column, or None if a text does not fit or becomes a narrow strip."""
    if sum(least) > room:
        return None
    widths = list(least)
    spare = room - sum(least)
    while spare and any(now < most for now, most in zip(widths, wanted, strict=True)):
        # The column that lacks least gets what it needs first: short columns are not wrapped.
        open_ = [k for k in range(len(widths)) if widths[k] < wanted[k]]
        k = min(open_, key=lambda j: wanted[j] - widths[j])
        given = min(wanted[k] - widths[k], max(1, spare // len(open_)))
        widths[k] += given
        spare -= given
    cramped = any(
        now < NARROW and most > ROWS * now for now, most in zip(widths, wanted, strict=True)
    )
    return None if cramped else widths


def _records(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> RenderableType:
    """Return the rows one below the other, each cell on a line of its own with its heading."""
    margin = max(map(cell_len, headings[1:]), default=0) + GAP
    parts: list[RenderableType] = [Text(title, style="italic")]
    for name, *cells in rows:
        parts.append(Text(name, style="bold"))
        grid = Table.grid(padding=(0, GAP, 0, 0))
        grid.add_column(width=margin - GAP, no_wrap=True)
        grid.add_column()
        for heading, cell in zip(headings[1:], cells, strict=True):
            if cell:
                grid.add_row(heading, Text(cell))
        parts.append(Padding(grid, (0, 0, 0, 2)))
    return Group(*parts)
