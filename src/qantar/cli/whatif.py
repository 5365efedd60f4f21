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
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

from qantar.analysis.run_directory import whatif_name
from qantar.analysis.whatif.designs import box_table, crossed, discover_box, interactions
from qantar.analysis.whatif.result import WhatIf, World
from qantar.analysis.whatif.run import Tracker, WhatIfSettings, manifest, preliminary, what_if
from qantar.base.compilation import is_warm
from qantar.base.errors import QantarError
from qantar.base.files import refuse_existing
from qantar.base.importing import begin_import
from qantar.cli.console import print_json
from qantar.cli.live import Live, LiveProgress, LiveTable, is_live
from qantar.cli.names import PACK, complete_names
from qantar.cli.output import check_libraries, new_results_folder, screen_for_results
from qantar.cli.run import (
    COMPILING,
    AccountName,
    BeliefName,
    EpisodeName,
    Mode,
    Overrides,
    PackName,
    Seed,
    Threads,
    parse_belief,
    parse_decisions,
    parse_overrides,
    print_parameter_source,
)
from qantar.packs.account import list_accounts, load_account
from qantar.reports.live import effects_so_far
from qantar.reports.terminal import whatif_lines
from qantar.reports.whatif.sentences import box_sentences
from qantar.results import WHATIF_PAGE, write_whatif
from qantar.simulate.changes import Changes, parse_changes
from qantar.simulate.draws import Belief, posterior_file
from qantar.simulate.scenario import Scenario, make_scenario


def whatif(
    episode: EpisodeName,
    change: Annotated[
        list[str] | None,
        typer.Option(
            help="NAME, NAME@DATE, NAME=DOSE, a range (NAME@FROM..TO/12h, NAME=0..1/0.25), or "
            "A+B; may be repeated for alternatives. See `qantar list interventions`.",
            autocompletion=complete_names("intervention", after="+"),
        ),
    ] = None,
    account: AccountName = "union",
    all_accounts: Annotated[
        bool, typer.Option("--all-accounts", help="Also run every other account of the pack.")
    ] = False,
    cross: Annotated[
        bool, typer.Option("--cross", help="Also run every combination of the changes.")
    ] = False,
    mode: Mode = "rules",
    one_mode: Annotated[
        bool, typer.Option("--one-mode", help="Do not run the other --mode as well.")
    ] = False,
    members: Annotated[int, typer.Option(min=2, help="Number of paired simulations.")] = 100,
    explained: Annotated[
        int, typer.Option(min=0, help="Pairs whose difference is traced through its causes.")
    ] = 20,
    discover: Annotated[
        bool,
        typer.Option("--discover", help="Look for parameter ranges in which more people die."),
    ] = False,
    seed: Seed = 1,
    belief: BeliefName = None,
    changes: Overrides = None,
    pack: PackName = PACK,
    threads: Threads = None,
    out: Annotated[Path | None, typer.Option(help="Folder for results; must not exist.")] = None,
    live: Live = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the differences as JSON.")] = False,
) -> None:
    """Change one decision and compare paired simulations."""
    console = Console(stderr=True, quiet=as_json)
    is_shown = is_live(live, console, as_json=as_json)
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
        for text in change or ()
        for parsed in parse_changes(scenario.country, scenario.episode, text)
    )
    if not single:
        suffix = "" if pack == PACK else f" --pack {pack}"
        raise QantarError(
            "no change is given",
            expected="at least one --change NAME",
            hint=f"`qantar list interventions{suffix}` shows every name",
        )
    alternatives = crossed(single) if cross else tuple(dict.fromkeys(single))
    if discover:
        check_libraries("--discover", ("prim",))
    begin_import("qantar.reports.whatif.page")
    names = (part.intervention.name for change_set in single for part in change_set)
    destination = out or new_results_folder(whatif_name(scenario.episode.name, names, seed))
    refuse_existing(destination)
    effort = WhatIfSettings(members, seed, explained, not one_mode, threads)
    started, clock = dt.datetime.now(dt.UTC), time.perf_counter()
    if belief is None:
        print_parameter_source(scenario, console)
    table = _effects_table(scenario, members, seed) if is_shown else None
    with _bars(console, members * (1 + (not one_mode) + len(rivals)), table) as tracker:
        result = what_if(
            scenario,
            alternatives,
            effort=effort,
            rivals=rivals,
            tracker=tracker,
            so_far=table.update if table else None,
        )
    result = _with_requested_tables(result, single, cross=cross, discover=discover)
    about = manifest(result, rivals, started=started, wall_seconds=time.perf_counter() - clock)
    write_whatif(destination, result, about)
    if as_json:
        print_json(_as_json(result, destination))
        return
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


def _as_json(result: WhatIf, folder: Path) -> dict[str, object]:
    """Return what ``--json`` prints: the differences for the country, one object a row."""
    differences = result.tables["differences"]
    country = differences[differences["level"] == "country"]
    answer: dict[str, object] = {
        "folder": folder,
        "report": folder / WHATIF_PAGE,
        "episode": result.scenario.episode.name,
        "account": result.scenario.account.name,
        "mode": result.scenario.decisions,
        "belief": result.scenario.belief,
        "members": result.members,
        "seed": result.seed,
        "changes": [world.label for world in result.worlds],
        "differences": country.to_dict("records"),
    }
    for name in ("interactions", "boxes"):
        if name in result.tables:
            answer[name] = result.tables[name].to_dict("records")
    return answer


def _effects_table(scenario: Scenario, members: int, seed: int) -> LiveTable[tuple[World, ...]]:
    return LiveTable(lambda worlds: effects_so_far(preliminary(scenario, worlds, seed), members))


@contextmanager
def _bars(
    console: Console, pairs: int, table: LiveTable[tuple[World, ...]] | None
) -> Iterator[Tracker]:
    """Show one progress bar for all pairs of simulations, and one for tracing causes.

    Parameters
    ----------
    console : Console
    pairs : int
        Number of pairs over all accounts and modes.
    table : LiveTable or None
        Shown below the bars.
    """
    counts = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    columns = (TextColumn("{task.description}"), *counts)
    with LiveProgress(*columns, console=console, table=table) as progress:
        opening = "simulating" if is_warm() else COMPILING
        shared = progress.add_task(opening, total=pairs)

        def opened(stage: str, steps: int) -> Callable[[], None]:
            if stage.startswith("tracing"):
                progress.update(shared, description="pairs of simulations")
                return partial(progress.advance, progress.add_task(stage, total=steps))
            progress.update(shared, description=f"pairs: {stage}")
            return partial(progress.advance, shared)

        yield opened
        progress.update(shared, description="pairs of simulations")
