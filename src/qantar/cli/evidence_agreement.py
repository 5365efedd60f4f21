"""``qantar evidence agreement``: intercoder agreement on the claims of a pack."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from qantar.base.errors import FileError
from qantar.base.files import refuse_existing
from qantar.cli.output import write_new
from qantar.evidence.agreement import Agreement, compare
from qantar.evidence.claims import load_claims
from qantar.packs.evidence import country_ledger
from qantar.packs.loading import load_country

SHOWN = 20
"""Most lines of a list that are printed; ``--out`` writes all."""


def agreement(
    file: Annotated[Path, typer.Argument(help="The second coder's claims file.")],
    pack: Annotated[str, typer.Option(help="A shipped pack or a folder.")] = "kazakhstan",
    out: Annotated[
        Path | None, typer.Option(help="A new CSV file for everything that has to be settled.")
    ] = None,
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
            mend="keep the ids of the sample that was drawn, or name another --pack",
        )
    console = Console()
    console.print(_table(found))
    if found.only_second:
        ids = ", ".join(claim.claim for claim in found.only_second[:SHOWN])
        rest = len(found.only_second) - SHOWN
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
    for each in found.disagreements[:SHOWN]:
        cells = (each.claim, each.locator, each.field, each.first or "-", each.second or "-")
        table.add_row(*(Text(cell) for cell in cells))
    console.print()
    if not found.disagreements:
        console.print("nothing to settle: the two agree in every field")
        return
    console.print(table)
    rest = len(found.disagreements) - SHOWN
    if rest > 0:
        console.print(f"and {rest} more: --out FILE.csv writes all of them")


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
