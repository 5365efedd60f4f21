"""``qantar evidence agreement``: a second coder's claims beside the first's."""

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
from qantar.evidence.agreement import Agreement, FieldAgreement, compare
from qantar.evidence.claims import Claim, load_claims
from qantar.packs.evidence import country_ledger
from qantar.packs.loading import load_country

SHOWN = 20
"""How many lines of a list are printed where a file can hold all of it."""


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
    _tell_unmatched(console, found.only_second)
    if found.only_first:
        number = _count(len(found.only_first), "claim")
        console.print(Text(f"\n{number} of the first are not in the second's file"))
    if out is None:
        _tell_disagreements(console, found)
    else:
        lines = _write(out, _to_settle(found))
        console.print(Text(f"wrote {out}: {_count(lines, 'line')} to settle"), soft_wrap=True)


def _to_settle(found: Agreement) -> list[tuple[str, str, str, str, str]]:
    """Return every disagreement, then every claim that only the second coder has.

    What only the first has is mostly outside the sample; the screen counts it.
    """
    here, gone = "coded", "not coded"
    return [
        *((d.claim, d.locator, d.field, d.first, d.second) for d in found.disagreements),
        *((claim.claim, claim.locator, "claim", gone, here) for claim in found.only_second),
    ]


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
        table.add_row(*_cells(each))
    return table


def _cells(each: FieldAgreement) -> list[str]:
    alpha = "-" if math.isnan(each.alpha) else f"{each.alpha:.3f}"
    between = "-" if each.interval is None else "{:.2f} to {:.2f}".format(*each.interval)
    return [each.field, str(each.units), f"{each.percent:.1f}", alpha, between, each.verdict]


def _tell_unmatched(console: Console, claims: tuple[Claim, ...]) -> None:
    if claims:
        ids = ", ".join(claim.claim for claim in claims[:SHOWN])
        rest = len(claims) - SHOWN
        more = f", and {rest} more (--out lists all)" if rest > 0 else ""
        console.print(Text(f"\nonly second ({_count(len(claims), 'claim')}): {ids}{more}"))


def _tell_disagreements(console: Console, found: Agreement) -> None:
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


def _write(path: Path, rows: list[tuple[str, str, str, str, str]]) -> int:
    """Write a CSV, and return how many lines it has below its header."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([("claim", "locator", "field", "first", "second"), *rows])
    write_new(text.getvalue(), path)
    return len(rows)
