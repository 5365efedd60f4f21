"""The command line: parses options, calls the library, prints results and errors."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from importlib.metadata import version
from itertools import pairwise
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperCommand, TyperGroup

from qantar.base.errors import QantarError

LOOK, SIMULATE, FIT, OWN = (
    "Look around",
    "Simulate",
    "Fit and compare accounts",
    "Bring your own, check and cite",
)
"""Groups of commands in ``qantar --help``."""

COMMANDS = {
    "explore": (
        "explore",
        "Open the explorer in a browser: the unrest hour by hour, what-ifs, sources.",
        LOOK,
    ),
    "list": (
        "list_names",
        "List the episodes, accounts, interventions, sources and other names of a pack.",
        LOOK,
    ),
    "show": (
        "show",
        "Show one episode, account, source, mechanism or other name in full, with its references.",
        LOOK,
    ),
    "evidence": ("app", "Query what the sources claim, where they disagree, and targets.", LOOK),
    "run": ("run", "Simulate an episode and compare the results with the sources.", SIMULATE),
    "whatif": ("whatif", "Change one decision and compare paired simulations.", SIMULATE),
    "years": (
        "years",
        "Run the years before and after month by month; compare them with what happened.",
        SIMULATE,
    ),
    "reform": (
        "reform",
        "Compare packages of reforms with doing nothing, under every law, with the same luck.",
        SIMULATE,
    ),
    "precedents": (
        "run_precedents",
        "Simulate earlier episodes with the parameters of a later one.",
        SIMULATE,
    ),
    "compare": (
        "compare",
        "Say which account of an episode fits best, how sure that is, and what would settle it.",
        FIT,
    ),
    "calibrate": (
        "calibrate",
        "Fit an account's parameters to the facts; check if they are plausible under it.",
        FIT,
    ),
    "sensitivity": (
        "sensitivity",
        "Say which parameters drive which facts, and which drive none.",
        FIT,
    ),
    "new": ("new", "Write a new country, account, intervention or source to start from.", OWN),
    "check": (
        "check",
        "Check a pack, or the file of an account, intervention or source, and report its grades.",
        OWN,
    ),
    "cite": ("cite", "Print the citations of a run: software, sources, literature.", OWN),
}
"""Every command: the name of its function, in the module named after the command, its help, and its
group.

The help is repeated here so that ``qantar --help`` imports no command; a test compares both.
"""


class _LazyGroup(TyperGroup):
    """A group of commands that imports a command only when it is called."""

    def __init__(self, **attrs: Any) -> None:
        super().__init__(**attrs)
        # Help, completion and "did you mean" use these stubs.
        for name, (_, text, panel) in COMMANDS.items():
            self.commands[name] = TyperCommand(name, help=text, rich_help_panel=panel)

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command by its name."""
        if cmd_name not in COMMANDS:
            return None
        function_name = COMMANDS[cmd_name][0]
        found = getattr(import_module(f"qantar.cli.{cmd_name}"), function_name)
        if not isinstance(found, typer.Typer):
            function, found = found, typer.Typer(add_completion=False)
            found.command(name=cmd_name)(function)
        loaded = typer.main.get_command(found)
        loaded.name = cmd_name
        return loaded

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the list of commands from `COMMANDS`, without importing them."""
        self._stubs().format_help(ctx, formatter)

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Complete the name of a command or an option, without importing the commands."""
        return self._stubs().shell_complete(ctx, incomplete)

    def _stubs(self) -> TyperGroup:
        """Return this group with stubs in place of its commands."""
        return TyperGroup(
            name=self.name,
            help=self.help,
            commands=dict(self.commands),
            params=self.params,
            rich_markup_mode=self.rich_markup_mode,
        )


app: typer.Typer = typer.Typer(
    cls=_LazyGroup,
    name="qantar",
    no_args_is_help=True,
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
        text = _with_pack(str(error), sys.argv)
        Console(stderr=True, soft_wrap=True).print(f"qantar: {text}", markup=False, highlight=False)
        sys.exit(2)
    except KeyboardInterrupt:
        Console(stderr=True).print("qantar: interrupted; no partial results were kept")
        sys.exit(130)


_COMMAND = re.compile(
    r"`(qantar (?:list (?!packs)|show |run |whatif |compare |calibrate |evidence )"
    r"(?:(?!--pack)[^`])+)`"
)
"""A command in a message that takes ``--pack`` and does not have it."""


def _with_pack(message: str, words: list[str]) -> str:
    """Add ``--pack`` to the commands in a message, if the command line has it."""
    pairs = [*pairwise(words), *(word.split("=", 1) for word in words)]
    packs = [pair[1] for pair in pairs if pair[0] == "--pack" and len(pair) == 2]
    if not packs:
        return message
    return _COMMAND.sub(rf"`\1 --pack {packs[-1]}`", message)
