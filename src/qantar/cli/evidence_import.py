"""``qantar evidence import``: turn an event file into a source of claims."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from qantar.evidence.events import ImportedEvents, ImportRequest, load_mapping
from qantar.evidence.events import import_events as bring_in
from qantar.packs.country import COMMON, packs_folder
from qantar.packs.evidence import country_ledger
from qantar.packs.loading import load_country

SHOWN = 8
"""Most unmatched names that are printed; all are in unmatched.csv."""


def import_events(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file of events.")],
    mapping: Annotated[str, typer.Option("--as", help="acled, gdelt, plain or a YAML file.")],
    source: Annotated[str, typer.Option("--id", help="Id of the new source, such as my-acled.")],
    title: Annotated[str, typer.Option(help="What the file is, as you would cite it.")],
    date: Annotated[str, typer.Option(help="When the file was made: 2022-02-01.")],
    subject: Annotated[str, typer.Option(help="What its events belong to: january-2022.")],
    out: Annotated[Path, typer.Option(help="Folder to write; must not exist.")],
    since: Annotated[str, typer.Option("--from", help="Only events from this day.")] = "",
    until: Annotated[str, typer.Option("--to", help="Only events to this day.")] = "",
    accept_near: Annotated[
        bool, typer.Option("--accept-near", help="Use near misses of place names.")
    ] = False,
    complete: Annotated[
        bool, typer.Option("--complete", help="It runs until all was over: last days are ends.")
    ] = False,
    pack: Annotated[str, typer.Option(help="A shipped pack or a folder.")] = "kazakhstan",
) -> None:
    """Import an event file as a source of claims, whole or not at all."""
    request = ImportRequest(
        path=path,
        mapping=load_mapping(mapping, packs_folder() / COMMON / "evidence" / "mappings"),
        id=source,
        title=title,
        date=date,
        subject=subject,
        since=since,
        until=until,
        accept_near=accept_near,
        complete=complete,
    )
    ledger = country_ledger(load_country(pack))
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,} rows"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task("opening the file", total=None)

        def report(doing: str, done: int, of: int) -> None:
            bar.update(task, description=doing, completed=done, total=of or None)

        imported = bring_in(ledger, request, out, report)
    console = Console(soft_wrap=True, highlight=False, markup=False)
    for line in _summary(imported):
        console.print(line)


def _summary(imported: ImportedEvents) -> list[str]:
    report, folder = imported.report, imported.folder
    lines = [*report.lines()]
    names = list(report.unmatched_rows())
    if names:
        lines.append("Places with no exact match (all in unmatched.csv):")
    for name, region, rows, _, used, why, candidates in names[:SHOWN]:
        where = f"{name}, {region}" if region else f"{name}"
        near = f"; nearest: {candidates}" if candidates else ""
        count = "1 row" if rows == 1 else f"{rows} rows"
        lines.append(f"  {where} ({count}): {why or 'a near miss'}, {used} used{near}")
    if report.rejected:
        lines.append(f"Rejected rows: {folder / 'rejected.csv'}")
    claims, targets = len(imported.claims), len(imported.targets)
    lines.append(f"{claims:,} claims and {targets:,} targets in {folder}")
    return lines
