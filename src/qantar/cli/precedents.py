"""``qantar precedents``: out-of-sample tests of the model on earlier episodes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from qantar.analysis.precedents import Precedent, precedent_scenarios, precedent_table, precedents
from qantar.base.files import AtomicDirectory, refuse_existing
from qantar.cli.output import new_results_folder, screen_for_results, tracked
from qantar.cli.run import ACCOUNT_HELP, print_parameter_source
from qantar.reports.terminal import missed_target_lines, precedents_table

TABLE, MISSES = "precedents.csv", "misses.md"


def run_precedents(
    account: Annotated[str, typer.Option(help=ACCOUNT_HELP)] = "union",
    members: Annotated[int, typer.Option(min=2, help="Realisations of each.")] = 100,
    seed: Annotated[int, typer.Option(min=0, help="Of luck.")] = 1,
    pack: Annotated[str, typer.Option(help="A shipped pack or a folder.")] = "kazakhstan",
    threads: Annotated[int | None, typer.Option(min=1, help="Worker threads.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for results; must not exist.")] = None,
) -> None:
    """Run earlier episodes with the parameters of a later one, and say what is missed."""
    scenarios = precedent_scenarios(pack, account)
    destination = out or new_results_folder(f"precedents--{scenarios[0].account.name}--seed{seed}")
    refuse_existing(destination)
    console = Console(stderr=True)
    print_parameter_source(scenarios[0], console)
    with tracked(console, len(scenarios), "episodes, every way") as report:

        def each(_: Precedent) -> None:
            report(1)

        found = precedents(scenarios, members=members, seed=seed, threads=threads, each=each)
    table = precedent_table(found)
    lines = missed_target_lines(found)
    with AtomicDirectory(destination) as folder:
        text = table.to_csv(index=False, float_format="%.6g")
        (folder / TABLE).write_text(text, encoding="utf-8")
        (folder / MISSES).write_text("\n".join(lines) + "\n", encoding="utf-8")
    screen = screen_for_results()
    screen.print(precedents_table(table))
    for line in lines:
        screen.print(line, highlight=False, markup=False)
    screen.print(f"Table: {destination / TABLE}", soft_wrap=True)
