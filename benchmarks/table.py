"""Rows of a benchmark: measured, printed as a table, or written as JSON."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table


class Row(NamedTuple):
    """One figure.

    Attributes
    ----------
    what : str
    value : float
    unit : str
    ratio : float or None
        How many times faster than `to`, or how many times as much, measured in the same run.
    to : str
    note : str
        What is and is not comparable; printed once for each `to`.
    """

    what: str
    value: float
    unit: str
    ratio: float | None = None
    to: str = ""
    note: str = ""


def cpu_seconds(work: Callable[[], object], repeats: int = 3) -> float:
    """Return the least CPU time of all threads that the work takes, after one call unmeasured."""
    work()
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def main(title: str, measure: Callable[[], list[Row]]) -> None:
    """Measure one table, print it, and write it if asked to."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the rows as JSON")
    options = parser.parse_args()
    console, about = Console(width=118), machine()
    with _progress(console, title):
        rows = measure()
    console.print(_table(f"{title} ({about['date']}, {about['processor']})", rows))
    for to, note in dict.fromkeys((row.to, row.note) for row in rows if row.note):
        console.print(f"  [bold]{to}:[/bold] {note}")
    console.print()
    if options.json is not None:
        document = {**about, "title": title, "rows": [row._asdict() for row in rows]}
        options.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def machine() -> dict[str, object]:
    """Return what figures depend on."""
    names = Path("/proc/cpuinfo")
    lines = names.read_text(encoding="utf-8").splitlines() if names.is_file() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "processor": models[0] if models else platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("qantar", "numba", "numpy", "scipy")},
    }


@contextmanager
def _progress(console: Console, title: str) -> Iterator[None]:
    if console.is_terminal:
        with console.status(title):
            yield
    else:
        yield


def _table(title: str, rows: list[Row]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("measured")
    table.add_column("value", justify="right")
    table.add_column("ratio", justify="right")
    table.add_column("to")
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:,.3g}"
        table.add_row(row.what, f"{row.value:,.4g} {row.unit}", ratio, row.to)
    return table
