"""The command line: parses options, calls the library, prints results and errors."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperCommand, TyperGroup

from qantar.base.errors import QantarError

COMMANDS = {
    "run": ("run", "Run an episode and say how far the model is from what the sources say."),
    "evidence": ("app", "What the sources claim, where they clash, and what follows."),
    "list": (
        "list_names",
        "List episodes, accounts, interventions, mechanisms, causes, parameters, offices "
        "and packs.",
    ),
    "show": (
        "show",
        "Show one parameter, mechanism, office, episode, account or intervention with its sources.",
    ),
    "check": (
        "check",
        "Check a pack and say what in it is assumed rather than measured; or check an account.",
    ),
    "cite": ("cite", "Print whom to cite for a run: software, sources, literature."),
    "sensitivity": ("sensitivity", "Say which parameters drive which facts, and which drive none."),
    "compare": (
        "compare",
        "Say which account of an episode fits best, how sure that is, and what would settle it.",
    ),
    "calibrate": (
        "calibrate",
        "Find what an account's parameters must be, given the facts, and whether it can have them.",
    ),
    "whatif": (
        "whatif",
        "Change one decision, keep the citizens and their luck, and see what follows and why.",
    ),
    "precedents": (
        "run_precedents",
        "Run earlier episodes with the parameters of a later one, and say what is missed.",
    ),
    "explore": (
        "explore",
        "Look at January 2022 hour by hour, change a decision, and follow every number.",
    ),
}
"""Every command: the name of its function, in the module named after the command, and its help.

The help is repeated here so that ``qantar --help`` imports no command; a test compares both.
"""


class _LazyGroup(TyperGroup):
    """A group of commands that imports a command only when it is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command by its name."""
        if cmd_name not in COMMANDS:
            return None
        function_name, _ = COMMANDS[cmd_name]
        found = getattr(import_module(f"qantar.cli.{cmd_name}"), function_name)
        if not isinstance(found, typer.Typer):
            function, found = found, typer.Typer(add_completion=False)
            found.command(name=cmd_name)(function)
        loaded = typer.main.get_command(found)
        loaded.name = cmd_name
        return loaded

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the list of commands from `COMMANDS`, without importing them."""
        stubs = [TyperCommand(name, help=text) for name, (_, text) in COMMANDS.items()]
        listing = TyperGroup(
            name=self.name,
            help=self.help,
            commands=stubs,
            params=self.params,
            rich_markup_mode=self.rich_markup_mode,
        )
        listing.format_help(ctx, formatter)


app: typer.Typer = typer.Typer(
    cls=_LazyGroup,
    name="qantar",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"qantar {version('qantar')}")
        raise typer.Exit


@app.callback()
def _qantar(
    show_version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Contested accounts of a political upheaval as one executable, tested system."""


def main() -> None:
    """Run the command line; an error of the user prints its message and exits with status 2."""
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
