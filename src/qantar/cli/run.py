"""``qantar run``: simulate an ensemble of an episode and print its scorecard.

The readers of options that other commands share (``--belief``, ``--mode``, ``--set``) are here too.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, cast, get_args

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from qantar.analysis.run import Run
from qantar.analysis.run_directory import RunDirectory, run_name
from qantar.analysis.scores import tally
from qantar.base.compilation import is_warm
from qantar.base.errors import QantarError, UnknownNameError
from qantar.cli.output import new_results_folder, screen_for_results
from qantar.reports.terminal import scorecard_table
from qantar.results import AFTER_MEMBERS, open_writer, write_run
from qantar.simulate.draws import Belief
from qantar.simulate.scenario import Decisions, Scenario, make_scenario

ACCOUNT_HELP = "Whose causes are on: a name, or a file such as my.yaml."


def run(
    episode: Annotated[str, typer.Argument(help="Name of an episode, such as january-2022.")],
    account: Annotated[str, typer.Option(help=ACCOUNT_HELP)] = "union",
    members: Annotated[int, typer.Option(min=1, help="Realisations.")] = 100,
    seed: Annotated[int, typer.Option(min=0, help="The run's luck.")] = 1,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Hold a parameter at a value."),
    ] = None,
    belief: Annotated[
        str | None, typer.Option(help="Parameters from: posterior, fitted, prior or middle.")
    ] = None,
    posterior: Annotated[
        bool, typer.Option("--posterior", help="Short for --belief posterior.")
    ] = False,
    mode: Annotated[
        str, typer.Option(help="How the state decides: script (dates) or rules (what it sees).")
    ] = "script",
    pack: Annotated[str, typer.Option(help="A shipped pack or a folder.")] = "kazakhstan",
    threads: Annotated[int | None, typer.Option(min=1, help="Worker threads.")] = None,
    out: Annotated[Path | None, typer.Option(help="Run directory; must not exist.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print scores as JSON.")] = False,
) -> None:
    """Run an episode and say how far the model is from what the sources say."""
    console = Console(stderr=True, quiet=as_json)
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
    name = run_name(scenario.episode.name, scenario.account.name, seed)
    destination = out or new_results_folder(name)
    writing = open_writer(scenario, destination, members)
    opening = f"running {scenario.episode.name}"
    if not is_warm():
        opening = "compiling the model (first time only, about half a minute)"
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeRemainingColumn(),
        console=console,
    )
    with bar:
        task = bar.add_task(opening, total=members + AFTER_MEMBERS)

        def step(doing: str, done: int) -> None:
            bar.update(task, advance=done, description=doing)

        finished, result = write_run(
            scenario, writing, members=members, seed=seed, threads=threads, step=step
        )
    if as_json:
        typer.echo(json.dumps(_scores_as_json(result, finished), indent=2))
        return
    screen = screen_for_results()
    screen.print(scorecard_table(result.scores, result.outcome.layout))
    counts = tally(result.scores)
    for use, meaning in (("fit", "used to fit"), ("held", "held back")):
        c = counts[use]
        screen.print(
            f"Targets {meaning}: {c['hit']} hit, {c['near']} near, {c['miss']} missed, "
            f"{c['uninformative']} not informative."
        )
    screen.print(f"Report: {finished.report}", soft_wrap=True)


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
        raise UnknownNameError("way of deciding", text, get_args(Decisions))
    return cast("Decisions", text)


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
    """Return what ``--json`` prints; a quantile that is not a number becomes null."""
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
                "q05": _finite(item.q05),
                "q50": _finite(item.q50),
                "q95": _finite(item.q95),
                "verdict": item.verdict,
            }
            for item in result.scores
        ],
    }


def _finite(value: float) -> float | None:
    return value if value == value else None
