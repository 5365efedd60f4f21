"""``qantar whatif``: compare paired runs that differ in one decision only.

Both runs of a pair have the same citizens and the same random numbers.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from qantar.analysis.run_directory import whatif_name
from qantar.analysis.whatif.designs import box_table, crossed, discover_box, interactions
from qantar.analysis.whatif.result import WhatIf
from qantar.analysis.whatif.run import Tracker, WhatIfSettings, manifest, what_if
from qantar.base.compilation import is_warm
from qantar.base.errors import QantarError
from qantar.base.files import refuse_existing
from qantar.cli.output import check_libraries, new_results_folder, screen_for_results
from qantar.cli.run import (
    ACCOUNT_HELP,
    parse_belief,
    parse_decisions,
    parse_overrides,
    print_parameter_source,
)
from qantar.packs.account import list_accounts, load_account
from qantar.reports.terminal import whatif_lines
from qantar.reports.whatif.sentences import box_sentences
from qantar.results import WHATIF_PAGE, write_whatif
from qantar.simulate.changes import Changes, parse_changes
from qantar.simulate.draws import Belief, posterior_file
from qantar.simulate.scenario import Scenario, make_scenario


def whatif(
    episode: Annotated[str, typer.Argument(help="Name of an episode, such as january-2022.")],
    change: Annotated[
        list[str],
        typer.Option(
            help="NAME, NAME@DATE, NAME=DOSE, a range (NAME@FROM..TO/12h, NAME=0..1/0.25), or "
            "A+B; again for alternatives. See `qantar list interventions`."
        ),
    ],
    account: Annotated[str, typer.Option(help=ACCOUNT_HELP)] = "union",
    all_accounts: Annotated[
        bool, typer.Option("--all-accounts", help="Ask the same under every account.")
    ] = False,
    cross: Annotated[
        bool, typer.Option("--cross", help="Also run every combination of the changes.")
    ] = False,
    mode: Annotated[
        str, typer.Option(help="How the state decides: rules (what it sees) or script (dates).")
    ] = "rules",
    one_mode: Annotated[
        bool, typer.Option("--one-mode", help="Do not run the other way of deciding.")
    ] = False,
    members: Annotated[int, typer.Option(min=2, help="Pairs of twins.")] = 100,
    explained: Annotated[
        int, typer.Option(min=0, help="Pairs whose difference is traced through its causes.")
    ] = 20,
    discover: Annotated[
        bool, typer.Option("--discover", help="Look for beliefs under which more people die.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="The run's luck.")] = 1,
    belief: Annotated[
        str | None, typer.Option(help="Where parameters come from: fitted, posterior, prior.")
    ] = None,
    changes: Annotated[
        list[str] | None, typer.Option("--set", help="Hold a parameter, in every world.")
    ] = None,
    pack: Annotated[str, typer.Option(help="A shipped pack or a folder.")] = "kazakhstan",
    threads: Annotated[int | None, typer.Option(min=1, help="Worker threads.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for results; must not exist.")] = None,
) -> None:
    """Change one decision, keep the citizens and their luck, and see what follows and why."""
    scenario = make_scenario(
        episode,
        account=account,
        pack=pack,
        belief=parse_belief(belief),
        overrides=parse_overrides(changes or []),
        decisions=parse_decisions(mode),
    )
    rivals: list[Scenario] = []
    if all_accounts:
        scenario, rivals = _all_accounts(scenario, option=belief)
    single = tuple(
        parsed
        for text in change
        for parsed in parse_changes(scenario.country, scenario.episode, text)
    )
    if not single:
        raise QantarError("nothing is asked", hint="add --change")
    alternatives = crossed(single) if cross else tuple(dict.fromkeys(single))
    if discover:
        check_libraries("--discover", ("prim",))
    names = (part.intervention.name for change_set in single for part in change_set)
    destination = out or new_results_folder(whatif_name(scenario.episode.name, names, seed))
    refuse_existing(destination)
    effort = WhatIfSettings(members, seed, explained, not one_mode, threads)
    started, clock = dt.datetime.now(dt.UTC), time.perf_counter()
    console = Console(stderr=True)
    if belief is None:
        print_parameter_source(scenario, console)
    with _bars(console) as tracker:
        result = what_if(scenario, alternatives, effort=effort, rivals=rivals, tracker=tracker)
    result = _with_requested_tables(result, single, cross=cross, discover=discover)
    about = manifest(result, rivals, started=started, wall_seconds=time.perf_counter() - clock)
    write_whatif(destination, result, about)
    screen = screen_for_results()
    for line in whatif_lines(result):
        screen.print(line)
    if discover:
        for sentence in box_sentences(result.tables["boxes"]):
            screen.print(sentence, highlight=False)
    screen.print(f"Report: {destination / WHATIF_PAGE}", soft_wrap=True)


def _all_accounts(scenario: Scenario, *, option: str | None) -> tuple[Scenario, list[Scenario]]:
    """Return the scenario and its rivals, all with parameters from the same source.

    The source is the one that ``--belief`` selects; by default the posterior if the pack ships
    one for every account, else the prior.
    """
    country = scenario.country
    names = list_accounts(country)
    every = {scenario.account.name, *names}
    files = [posterior_file(country, scenario.parameters_episode, name) for name in every]
    default: Belief = "posterior" if all(file.is_file() for file in files) else "prior"
    belief = parse_belief(option) or default
    rivals = [
        replace(scenario, account=load_account(country, name), belief=belief)
        for name in names
        if name != scenario.account.name
    ]
    return replace(scenario, belief=belief), rivals


def _with_requested_tables(
    result: WhatIf, single: tuple[Changes, ...], *, cross: bool, discover: bool
) -> WhatIf:
    """Add the tables of ``--cross`` (interactions) and ``--discover`` (boxes) to a result."""
    tables = dict(result.tables)
    if cross:
        table = tables["differences"]
        account, mode = result.scenario.account.name, result.scenario.decisions
        own = table[(table["account"] == account) & (table["mode"] == mode)]
        tables["interactions"] = interactions(own, single)
    if discover:
        boxes = [discover_box(result, world) for world in result.worlds]
        tables["boxes"] = box_table([box for box in boxes if box is not None])
    return replace(result, tables=tables)


@contextmanager
def _bars(console: Console) -> Iterator[Tracker]:
    """Show a progress bar for every stage of the work."""
    if not is_warm():
        console.print("compiling the model (first time only, about half a minute)")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console) as progress:

        def opened(stage: str, steps: int) -> Callable[[], None]:
            return partial(progress.advance, progress.add_task(stage, total=steps))

        yield opened
