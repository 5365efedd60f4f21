"""``qantar precedents``: the model on earlier episodes, with one set of parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from qantar.analysis.precedents import Precedent, precedent_scenarios, precedent_table, precedents
from qantar.base.files import AtomicDirectory, refuse_existing
from qantar.cli.console import print_table
from qantar.cli.names import PACK
from qantar.cli.output import new_results_folder, screen_for_results, tracked
from qantar.cli.run import AccountName, PackName, Seed, Threads, print_parameter_source
from qantar.reports.terminal import missed_target_lines, precedents_table

TABLE, MISSES = "precedents.csv", "misses.md"


def run_precedents(
    account: AccountName = "union",
    members: Annotated[
        int, typer.Option(min=2, help="Number of simulations of each episode and mode.")
    ] = 100,
    seed: Seed = 1,
    pack: PackName = PACK,
    threads: Threads = None,
    out: Annotated[Path | None, typer.Option(help="Folder for results; must not exist.")] = None,
) -> None:
    """Simulate earlier episodes with the parameters of a later one."""
    scenarios = precedent_scenarios(pack, account)
    destination = out or new_results_folder(f"precedents--{scenarios[0].account.name}--seed{seed}")
    refuse_existing(destination)
    console = Console(stderr=True)
    print_parameter_source(scenarios[0], console)
    with tracked(console, members * len(scenarios), "members") as report:

        def each(_: Precedent) -> None:
            report(members)

        found = precedents(scenarios, members=members, seed=seed, threads=threads, each=each)
    table = precedent_table(found)
    lines = missed_target_lines(found)
    with AtomicDirectory(destination) as folder:
        text = table.to_csv(index=False, float_format="%.6g")
        (folder / TABLE).write_text(text, encoding="utf-8")
        (folder / MISSES).write_text("\n".join(lines) + "\n", encoding="utf-8")
    screen = screen_for_results()
    shown = precedents_table(table)
    columns = [[str(cell) for cell in column.cells] for column in shown.columns]
    headings = [str(column.header) for column in shown.columns]
    right = set(headings[2:])
    rows = list(zip(*columns, strict=True))
    print_table("precedents", headings, rows, console=screen, right=right)
    screen.print(shown.caption, highlight=False)
    for line in lines:
        screen.print(line, highlight=False, markup=False)
    screen.print(f"Table: {destination / TABLE}", soft_wrap=True)
