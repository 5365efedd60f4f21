"""``qantar run``: simulate an ensemble of an episode and print its scorecard.

The readers of options that other commands share (``--belief``, ``--mode``, ``--set``) are here too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, cast, get_args

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

from qantar.analysis.expected_cost import refuse_beyond_memory
from qantar.analysis.outcomes import Keep, Outcome
from qantar.analysis.run import Run
from qantar.analysis.run_directory import RunDirectory, run_name
from qantar.analysis.scores import tally
from qantar.base.compilation import is_warm
from qantar.base.errors import QantarError, UnknownNameError
from qantar.cli.console import print_json
from qantar.cli.live import Live, LiveProgress, LiveTable, is_live
from qantar.cli.names import BELIEFS, KEPT, MODES, PACK, complete_from, complete_names
from qantar.cli.output import new_results_folder, screen_for_results
from qantar.results import Step, open_writer, write_run
from qantar.simulate.draws import Belief
from qantar.simulate.scenario import Decisions, Scenario, make_scenario

ACCOUNT_HELP = "Account: a name, or a file such as my.yaml."

COMPILING = "compiling the model (first time only, about half a minute)"

EpisodeName = Annotated[
    str,
    typer.Argument(
        help="Name of an episode, such as january-2022.", autocompletion=complete_names("episode")
    ),
]
AccountName = Annotated[
    str, typer.Option(help=ACCOUNT_HELP, autocompletion=complete_names("account"))
]
PackName = Annotated[
    str, typer.Option(help="A shipped pack or a folder.", autocompletion=complete_names("pack"))
]
Seed = Annotated[int, typer.Option(min=0, help="Random seed.")]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Hold a parameter at a value. May be repeated.",
        autocompletion=complete_names("parameter"),
    ),
]
BeliefName = Annotated[
    str | None,
    typer.Option(
        help="Where parameters come from: posterior, fitted, prior or middle.",
        autocompletion=complete_from(BELIEFS),
    ),
]
Mode = Annotated[
    str,
    typer.Option(
        help="How the state decides: script (dates) or rules (what it sees).",
        autocompletion=complete_from(MODES),
    ),
]
Threads = Annotated[int | None, typer.Option(min=1, help="Worker threads; default all.")]


def run(
    episode: EpisodeName,
    account: AccountName = "union",
    members: Annotated[int, typer.Option(min=1, help="Number of simulations.")] = 100,
    seed: Seed = 1,
    changes: Overrides = None,
    belief: BeliefName = None,
    posterior: Annotated[
        bool, typer.Option("--posterior", help="Short for --belief posterior.")
    ] = False,
    mode: Mode = "script",
    pack: PackName = PACK,
    threads: Threads = None,
    out: Annotated[Path | None, typer.Option(help="Run directory; must not exist.")] = None,
    netcdf: Annotated[
        bool, typer.Option("--netcdf", help="Write arrays.nc too; needs the extra `study`.")
    ] = False,
    keep: Annotated[
        str,
        typer.Option(
            help="What to keep of every member: facts, places (daily values) or all (every hour).",
            autocompletion=complete_from(KEPT),
        ),
    ] = "all",
    ignore_memory: Annotated[
        bool,
        typer.Option(
            "--ignore-memory", help="Run even if it seems to need more memory than there is."
        ),
    ] = False,
    live: Live = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print scores as JSON.")] = False,
) -> None:
    """Simulate an episode and compare the results with the sources."""
    console = Console(stderr=True, quiet=as_json)
    table = _facts_table(members) if is_live(live, console, as_json=as_json) else None
    scenario = make_scenario(
        episode,
        account=account,
        pack=pack,
        belief=parse_belief(belief, posterior=posterior),
        overrides=parse_overrides(changes or []),
        decisions=parse_decisions(mode),
    )
    if belief is None and not posterior:
        print_parameter_source(scenario, console)
    kept = parse_keep(keep, netcdf=netcdf)
    if not ignore_memory:
        refuse_beyond_memory(scenario, members, threads=threads, keep=kept)
    name = run_name(scenario.episode.name, scenario.account.name, seed)
    destination = out or new_results_folder(name)
    writing = open_writer(scenario, destination, members, kept)
    with members_bar(console, members, table) as step:
        finished, result = write_run(
            scenario,
            writing,
            members=members,
            seed=seed,
            threads=threads,
            step=step,
            netcdf=netcdf,
            keep=kept,
            so_far=table.update if table else None,
        )
    if as_json:
        print_json(_scores_as_json(result, finished))
        return
    from qantar.reports.terminal import scorecard_table

    screen = screen_for_results()
    screen.print(scorecard_table(result.scores, result.outcome.layout))
    screen.print(f"Report: {finished.report}", soft_wrap=True)


def _facts_table(members: int) -> LiveTable[Outcome]:
    from qantar.reports.live import facts_so_far  # imports what draws pages

    return LiveTable(lambda outcome: facts_so_far(outcome, members))


@contextmanager
def members_bar(
    console: Console, members: int, table: LiveTable[Outcome] | None = None
) -> Iterator[Step]:
    """Show a progress bar that counts finished members; later steps change its text alone.

    A table below it shows the results so far.
    """
    bar = LiveProgress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("members"),
        TimeRemainingColumn(),
        console=console,
        table=table,
    )
    opening = "simulating" if is_warm() else COMPILING
    if opening == COMPILING and not console.is_terminal:  # which shows a bar as it moves
        console.print(COMPILING)
    with bar:
        task = bar.add_task(opening, total=members)

        def step(doing: str, done: int) -> None:
            bar.update(task, advance=done, description=doing)

        yield step


def print_parameter_source(scenario: Scenario, console: Console) -> None:
    """Print that parameters come from the prior, if the pack ships no fitted ensemble."""
    if scenario.belief == "prior":
        console.print(
            f"Parameters come from the prior: the pack ships no fitted ensemble of "
            f"{scenario.account.name!r} on {scenario.parameters_episode!r}.",
            highlight=False,
            soft_wrap=True,
        )


def parse_belief(text: str | None, *, posterior: bool = False) -> Belief | None:
    """Return the source of parameters that ``--belief`` and ``--posterior`` select.

    Raises
    ------
    QantarError
        If the source is unknown, or the two options contradict each other.
    """
    if posterior and text not in (None, "posterior"):
        raise QantarError(
            f"--posterior and --belief {text} contradict each other", hint="keep one of the two"
        )
    if posterior:
        return "posterior"
    if text is None:
        return None
    for known in get_args(Belief):
        if text == known:
            return cast("Belief", known)
    raise QantarError(
        f"--belief {text!r} is unknown", expected="posterior, fitted, prior or middle"
    )


def parse_decisions(text: str) -> Decisions:
    """Return how the state decides, as selected by ``--mode``.

    Raises
    ------
    UnknownNameError
        If the mode is unknown.
    """
    if text not in get_args(Decisions):
        raise UnknownNameError("mode", text, get_args(Decisions))
    return cast("Decisions", text)


def parse_keep(text: str, *, netcdf: bool) -> Keep:
    """Return what is kept of every member, as selected by ``--keep``.

    Raises
    ------
    UnknownNameError
        If there is no such choice.
    QantarError
        If ``--netcdf`` asks for what is not kept.
    """
    if text not in get_args(Keep):
        raise UnknownNameError("value of --keep", text, get_args(Keep))
    if netcdf and text != "all":
        raise QantarError(
            f"--netcdf writes every hour, which --keep {text} leaves out",
            hint="leave out one of the two",
        )
    return cast("Keep", text)


def parse_overrides(changes: list[str]) -> dict[str, float]:
    """Read the ``name=value`` pairs of ``--set``.

    Raises
    ------
    QantarError
        If a pair is malformed, or a name is given twice.
    """
    result: dict[str, float] = {}
    for change in changes:
        name, equals, text = change.partition("=")
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not equals or value != value:
            raise QantarError(
                f"--set {change!r} cannot be read", expected="--set mechanism.parameter=number"
            )
        if name in result:
            raise QantarError(f"--set {name} is given twice", hint="keep one of the two")
        result[name] = value
    return result


def _scores_as_json(result: Run, finished: RunDirectory) -> dict[str, object]:
    """Return what ``--json`` prints."""
    return {
        "run": str(finished.path),
        "report": str(finished.report),
        "tally": tally(result.scores),
        "targets": [
            {
                "target": item.target.target,
                "variable": item.target.variable,
                "level": item.target.level,
                "name": item.target.name,
                "date": item.target.date,
                "use": item.target.use,
                "observed": [item.target.low, item.target.high],
                "q05": item.q05,
                "q50": item.q50,
                "q95": item.q95,
                "verdict": item.verdict,
            }
            for item in result.scores
        ],
    }
