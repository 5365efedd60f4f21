"""``qantar evidence import`` and ``qantar evidence agreement``.

The first turns an event file into a source of claims, the second measures intercoder agreement.
"""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from qantar.base.errors import FileError
from qantar.base.files import refuse_existing
from qantar.cli.output import write_new
from qantar.evidence.agreement import Agreement, compare
from qantar.evidence.claims import load_claims
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
    title: Annotated[str, typer.Option(help="Title of the file, as you would cite it.")],
    date: Annotated[str, typer.Option(help="When the file was made: 2022-02-01.")],
    subject: Annotated[str, typer.Option(help="The subject of its events: january-2022.")],
    out: Annotated[Path, typer.Option(help="Folder to write; must not exist.")],
    since: Annotated[str, typer.Option("--from", help="Only events from this day.")] = "",
    until: Annotated[str, typer.Option("--to", help="Only events to this day.")] = "",
    accept_near: Annotated[
        bool, typer.Option("--accept-near", help="Accept near matches of place names.")
    ] = False,
    complete: Annotated[
        bool,
        typer.Option(
            "--complete", help="The file covers the whole episode, so last days are ends."
        ),
    ] = False,
    pack: Annotated[str, typer.Option(help="A shipped pack or a folder.")] = "kazakhstan",
) -> None:
    """Import an event file as a source of claims."""
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


DIFFERENCES_SHOWN = 20
"""Most lines of a list that are printed; ``--out`` writes all."""


def agreement(
    file: Annotated[Path, typer.Argument(help="The second coder's claims file.")],
    pack: Annotated[str, typer.Option(help="A shipped pack or a folder.")] = "kazakhstan",
    out: Annotated[Path | None, typer.Option(help="A new CSV file for all disagreements.")] = None,
) -> None:
    """Compare a second coder's claims with the first's, field by field."""
    if out is not None:
        refuse_existing(out)
    second = load_claims(file)
    found = compare(country_ledger(load_country(pack)).claims, second)
    if not found.fields[0].units:
        raise FileError(
            file,
            "shares no claim with the first coder",
            value=next(iter(second), "no row"),
            expected=f"ids of claims of the pack {pack}",
            hint="keep the ids of the sample that was drawn, or name another --pack",
        )
    console = Console()
    console.print(_table(found))
    if found.only_second:
        ids = ", ".join(claim.claim for claim in found.only_second[:DIFFERENCES_SHOWN])
        rest = len(found.only_second) - DIFFERENCES_SHOWN
        more = f", and {rest} more (--out lists all)" if rest > 0 else ""
        number = _count(len(found.only_second), "claim")
        console.print(Text(f"\nonly second ({number}): {ids}{more}"))
    if found.only_first:
        number = _count(len(found.only_first), "claim")
        console.print(Text(f"\n{number} of the first are not in the second's file"))
    if out is None:
        _print_disagreements(console, found)
        return
    # What only the first coder has is mostly outside the sample: it is counted, not listed.
    rows = [(d.claim, d.locator, d.field, d.first, d.second) for d in found.disagreements]
    rows += [(c.claim, c.locator, "claim", "not coded", "coded") for c in found.only_second]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([("claim", "locator", "field", "first", "second"), *rows])
    write_new(text.getvalue(), out)
    console.print(Text(f"wrote {out}: {_count(len(rows), 'line')} to settle"), soft_wrap=True)


def _table(found: Agreement) -> Table:
    table = Table(
        title=f"{_count(found.fields[0].units, 'claim')} coded by both",
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    table.add_column("field", style="bold", no_wrap=True)
    for name in ("units", "same, %", "alpha", "95 % interval"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("verdict")
    for each in found.fields:
        alpha = "-" if math.isnan(each.alpha) else f"{each.alpha:.3f}"
        between = "-" if each.interval is None else "{:.2f} to {:.2f}".format(*each.interval)
        units, same = str(each.units), f"{each.percent:.1f}"
        table.add_row(each.field, units, same, alpha, between, each.verdict)
    return table


def _print_disagreements(console: Console, found: Agreement) -> None:
    table = Table(title="to settle", title_justify="left", box=None, pad_edge=False)
    for name in ("claim", "locator", "field", "first", "second"):
        table.add_column(name, overflow="fold")
    for each in found.disagreements[:DIFFERENCES_SHOWN]:
        cells = (each.claim, each.locator, each.field, each.first or "-", each.second or "-")
        table.add_row(*(Text(cell) for cell in cells))
    console.print()
    if not found.disagreements:
        console.print("nothing to settle: the two agree in every field")
        return
    console.print(table)
    rest = len(found.disagreements) - DIFFERENCES_SHOWN
    if rest > 0:
        console.print(f"and {rest} more: --out FILE.csv writes all of them")


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
