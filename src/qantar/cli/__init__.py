"""The command line: thin, and every complaint says how to mend it."""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from qantar.cli import checking, citing, evidence, listing, running, showing
from qantar.errors import QantarError

app = typer.Typer(
    name="qantar",
    help="Contested accounts of a political upheaval as one executable, tested system.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command(name="run")(running.run)
app.command(name="list")(listing.list_names)
app.command(name="show")(showing.show)
app.command(name="check")(checking.check)
app.command(name="cite")(citing.cite)
app.add_typer(evidence.app, name="evidence")


def main() -> None:
    """Run the command line; a mistake of the user ends with its message and status 2."""
    try:
        app()
    except QantarError as error:
        Console(stderr=True, soft_wrap=True).print(
            f"qantar: {error}", markup=False, highlight=False
        )
        sys.exit(2)
    except KeyboardInterrupt:
        Console(stderr=True).print("qantar: interrupted; nothing was left behind")
        sys.exit(130)
