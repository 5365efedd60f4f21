"""The command line: thin, and every complaint says how to mend it."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from qantar.base.errors import QantarError

COMMANDS = {
    "run": "run:run",
    "evidence": "evidence:app",
    "list": "list:list_names",
    "show": "show:show",
    "check": "check:check",
    "cite": "cite:cite",
    "sensitivity": "sensitivity:sensitivity",
    "compare": "compare:compare",
    "calibrate": "calibrate:calibrate",
    "whatif": "whatif:whatif",
    "precedents": "precedents:precede",
    "explore": "explore:explore",
}
"""Where each command lives; its module is loaded when it is called, for most need no model."""


class _OnDemand(TyperGroup):
    """A group that loads a command only when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command by its name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        found = getattr(import_module(f"qantar.cli.{module}"), name)
        if not isinstance(found, typer.Typer):
            function, found = found, typer.Typer(add_completion=False)
            found.command(name=cmd_name)(function)
        command = typer.main.get_command(found)
        command.name = cmd_name
        return command


app: typer.Typer = typer.Typer(
    cls=_OnDemand,
    name="qantar",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _qantar() -> None:
    """Contested accounts of a political upheaval as one executable, tested system."""


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
