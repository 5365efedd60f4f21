"""``qantar compare --from-scratch``: calibrate all accounts, compare them, test the methods.

The options, the results folder and the output, which the comparison of shipped results shares, are
here too.
"""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import typer
from rich.console import Console
from rich.text import Text

from qantar.analysis.compare.archive import (
    POSTERIORS,
    ArchiveMetadata,
    archive_metadata,
    manifest,
    write_archive,
)
from qantar.analysis.compare.comparison import Comparison, compare
from qantar.analysis.compare.posterior_predictive import (
    comparators,
    folds_of,
    score_posterior_predictive,
)
from qantar.analysis.compare.validation import COMMITTEE
from qantar.analysis.inference.calibration import prior_runs
from qantar.analysis.inference.design import QUICK, Design, TaskRunner
from qantar.analysis.inference.posteriors import write_posterior
from qantar.analysis.inference.problem import InferenceProblem, fitted_on, load_problem, runs_of
from qantar.analysis.inference.summary import prior_check
from qantar.analysis.manifest import list_names
from qantar.base.checkpoints import Workbook
from qantar.base.errors import QantarError
from qantar.base.files import AtomicDirectory
from qantar.base.parallel import PoolSettings, TaskPool, open_pool
from qantar.cli.output import (
    StagedTaskRunner,
    check_libraries,
    count_stages,
    resumable,
    screen_for_results,
    seconds_per_simulation,
    unfinished_folder,
)
from qantar.packs.account import list_accounts
from qantar.packs.country import Country
from qantar.reports.comparison import figure_files, render_comparison
from qantar.reports.comparison.rows import Shown
from qantar.reports.comparison.sentences import (
    bonus_lines,
    fact_words,
    forbidden_lines,
    method_lines,
    prediction_lines,
    verdict,
)
from qantar.reports.terminal import comparison_table

PAGE, FIGURES = "report.html", "figures"
HELD = "held-back"
"""Name of the table of predictions of facts that were held back."""

FIRST_LOOK = "a first look, nothing to cite: "

LONG_NAME = 48
"""Longest title, in characters, that names a source without an author."""


@dataclass(frozen=True)
class Order:
    """The options of a comparison.

    Attributes
    ----------
    country : Country
    pack, episode : str
        `pack` as the user named it.
    chosen : tuple of InferenceProblem
        The accounts that were named; empty for all of the pack.
    pool_settings : PoolSettings
    destination : Path
        Folder of the results; does not exist.
    members : int
        Number of simulations of each prediction.
    console : Console
        Where progress and warnings are printed.
    """

    country: Country
    pack: str
    episode: str
    chosen: tuple[InferenceProblem, ...]
    pool_settings: PoolSettings
    destination: Path
    members: int
    console: Console

    def cases(self, names: Sequence[str]) -> tuple[InferenceProblem, ...]:
        """Return accounts as cases of the episode."""
        chosen = {case.account: case for case in self.chosen}
        return tuple(
            chosen.get(name) or InferenceProblem(self.pack, self.episode, name)
            for name in map(str, names)
        )


@dataclass(frozen=True)
class Finished:
    """A comparison that is ready to be written.

    Attributes
    ----------
    comparison : Comparison
    about : ArchiveMetadata
    held : DataFrame
        Scores of predictions of facts held back.
    members, seed : int
        Number of simulations of each prediction, and their seed.
    stale : list of str
        What changed since the comparison was made.
    started : datetime
    clock : float
        Reading of `time.perf_counter` at the start.
    more : callable, optional
        Writes further files into the folder.
    """

    comparison: Comparison
    about: ArchiveMetadata
    held: pd.DataFrame
    members: int
    seed: int
    stale: list[str]
    started: dt.datetime
    clock: float
    more: Callable[[Path], None] | None = None


def warn_forbidden(order: Order, check: pd.DataFrame, case: InferenceProblem) -> None:
    """Print which accounts exclude, by their prior, a fact that is used to fit."""
    targets = {t.target: t for t in load_problem(case).observations.targets}
    blank = Shown(Comparison({}, "", {}), "", pd.DataFrame(), dt.date.min, targets)
    for line in forbidden_lines(check, fact_words(blank)):
        order.console.print(Text(f"Before any fit, {line}", style="yellow"), soft_wrap=True)


def warn_stale(console: Console, changed: Sequence[str]) -> None:
    """Warn that the results are out of date, if any input changed."""
    if changed:
        text = (
            "OUT OF DATE: this comparison was made from other files than you have now. Changed: "
            f"{list_names(changed)}. Make it anew with --from-scratch before you rely on it."
        )
        console.print(Text(text, style="bold red"), soft_wrap=True)


def finish(order: Order, done: Finished) -> None:
    """Write the results folder atomically and print the results."""
    cases = order.cases(list(done.comparison.tables["accounts"]["account"]))
    about = manifest(cases, started=done.started, wall_seconds=time.perf_counter() - done.clock)
    at = load_problem(cases[0])
    shown = Shown(
        done.comparison,
        at.scenario.episode.title,
        done.held,
        at.scenario.episode.first_day,
        targets={target.target: target for target in at.observations.targets},
        candidates=at.candidates,
        tellers=_source_names(order.country),
        members=done.members,
        stale=done.stale,
        made=_provenance(done, about),
        citations=about["citations"],
    )
    tables = {**done.comparison.tables, HELD: done.held}
    whole = replace(done.comparison, tables=tables)
    names = tuple(case.account for case in cases)
    more = {
        **about,
        "prediction": {"members": done.members, "seed": done.seed},
        "stale": list(done.stale),
    }
    with AtomicDirectory(order.destination) as folder:
        write_archive(folder, whole, replace(done.about, accounts=names), more)
        (folder / PAGE).write_text(render_comparison(shown), encoding="utf-8")
        (folder / FIGURES).mkdir()
        for name, text in figure_files(shown).items():
            (folder / FIGURES / name).write_text(text, encoding="utf-8")
        if done.more is not None:
            done.more(folder)
    screen = screen_for_results(highlight=False)
    screen.print(Text(verdict(shown), style="bold"))
    screen.print(comparison_table(shown))
    for line in (*method_lines(shown), *prediction_lines(shown), *bonus_lines(shown)):
        screen.print(Text(line))
    warn_stale(order.console, shown.stale)
    screen.print(f"Report: {order.destination / PAGE}", soft_wrap=True)


def _source_names(country: Country) -> dict[str, str]:
    """Return the name of every source: its author, or else its title."""
    names = {}
    for key, source in country.sources.items():
        title = source.title
        if len(title) > LONG_NAME:
            title = title[:LONG_NAME].rsplit(" ", 1)[0] + " …"
        names[key] = source.author or f"“{title}”"
    return names


def _provenance(done: Finished, about: dict[str, Any]) -> list[tuple[str, str]]:
    """Return how the results were made, as labels and values for the page."""
    own = done.about
    full = Design().plan()
    is_small = any(own.design.get(name, 0) < full[name] for name in ("prior", "predict", "judges"))
    sizes = ", ".join(f"{name} {value}" for name, value in own.design.items() if name != "seed")
    return [
        ("Design", (FIRST_LOOK if is_small else "") + sizes),
        ("Seeds", f"{own.seed} of the comparison, {done.seed} of the predictions"),
        ("Calibrated with", f"Qantar {own.qantar_version}, pack {own.pack}"),
        ("Rests on", f"{len(own.basis)} files and accounts, whose hashes are in comparison.json"),
        ("Page made with", f"Python {about['python']}, code {about['git']}"),
        ("Started", about["started"]),
        ("Took", f"{about['wall_seconds']:.0f} seconds"),
    ]


PROBES = 20
"""Simulations that measure how long one takes."""


def design_of(*, quick: bool, seed: int | None) -> Design:
    """Return the design that ``--quick`` and ``--seed`` select."""
    design = QUICK if quick else Design()
    return design if seed is None else replace(design, seed=seed)


def compare_from_scratch(order: Order, design: Design, *, resume: bool, dry_run: bool) -> None:
    """Repeat the whole comparison, and write and print the results.

    Parameters
    ----------
    order : Order
    design : Design
    resume : bool
        Whether to continue an interrupted comparison.
    dry_run : bool
        Whether only to print how long it takes.

    Raises
    ------
    QantarError
        If there are fewer than two accounts, or one cannot be run.
    OutputError
        If an interrupted comparison has another plan, or a file cannot be written.
    """
    started, clock = dt.datetime.now(dt.UTC), time.perf_counter()
    cases = order.chosen or order.cases(list_accounts(order.country))
    if len(cases) < 2:
        raise QantarError(
            f"{order.pack} has {len(cases)} account", expected="at least two to compare"
        )
    if dry_run:
        typer.echo(_expectation(order, cases, design))
        return
    check_libraries("a comparison from scratch", ("sklearn",))
    own = archive_metadata(
        order.country, order.episode, [case.account_or_file for case in cases], design
    )
    unfinished = unfinished_folder(order.destination)
    plan = {"what": "comparison", **own.__dict__, "accounts": list(own.accounts)}
    book = Workbook(unfinished, plan, resume=resume)
    with resumable(order.console, unfinished), open_pool(order.pool_settings) as pool:
        runner = StagedTaskRunner(pool, book, console=order.console, stages=count_stages(design))
        prior = prior_runs(runner, cases, design)
        for case in cases:  # print excluded facts before the long work, not after it
            check = prior_check(case, prior[case]).assign(account=case.account)
            warn_forbidden(order, check, case)
        found = compare(runner, cases, design)  # loads the runs from the prior out of the book
        held = _scores_on_held_facts(pool, found, cases, design)

    def write_posteriors(folder: Path) -> None:
        for calibration in found.found.values():
            write_posterior(folder / POSTERIORS, calibration, design=design)

    done = Finished(
        found, own, held, design.predict, design.seed, [], started, clock, more=write_posteriors
    )
    finish(order, done)
    shutil.rmtree(unfinished, ignore_errors=True)


def _scores_on_held_facts(
    pool: TaskPool, found: Comparison, cases: Sequence[InferenceProblem], design: Design
) -> pd.DataFrame:
    """Return scores on facts held back, of the accounts and of the ensembles they compete with."""
    scores = found.tables["scores"].assign(belief="posterior")
    others = comparators(cases)
    if others:
        more = score_posterior_predictive(
            TaskRunner(pool), others, members=design.predict, seed=design.seed
        )
        scores = pd.concat([scores, more], ignore_index=True)
    return scores[["account", "belief", *(c for c in scores if c not in ("account", "belief"))]]


@dataclass(frozen=True)
class Extent:
    """Amount of work of a comparison from scratch.

    Attributes
    ----------
    simulations : int
        Number of simulations, over all accounts.
    tasks : int
        Number of inference tasks: emulators, posteriors, trials.
    """

    simulations: int
    tasks: int


def extent(design: Design, accounts: int, folds: int) -> Extent:
    """Return the amount of work of a comparison.

    Parameters
    ----------
    design : Design
    accounts, folds : int
        Number of accounts, and of folds of the cross-validation.
    """
    judged = design.judges * (design.judge_passes + 1)
    trying = accounts + 2  # as many parts of data as accounts, and two recoveries of truth
    return Extent(
        accounts * (design.simulations + judged),
        accounts * (design.inferences + trying + folds) + COMMITTEE,
    )


def _expectation(order: Order, cases: Sequence[InferenceProblem], design: Design) -> str:
    """Return how much work there is and how long it takes, measured on a few simulations."""
    at, fit = load_problem(cases[0]), fitted_on(cases[0])
    folds = len(folds_of(at.observations.targets, fit, at.layout))
    work = extent(design, len(cases), folds)
    tables: dict[InferenceProblem, Any] = {
        case: load_problem(case).prior(design.seed, PROBES) for case in cases
    }

    def simulate(count: int) -> None:
        for number in range(count):  # the accounts in turn
            case = cases[number % len(cases)]
            runs_of(case, np.asarray(tables[case][number : number + 1]), design.seed, number)

    each = seconds_per_simulation(simulate, PROBES)
    minutes = each * work.simulations / order.pool_settings.workers / 60
    return (
        f"From scratch: {len(cases)} accounts, {work.simulations:,} simulations of {each:.3f} "
        f"seconds, about {minutes:.0f} minutes with {order.pool_settings.workers} at work; then "
        f"{work.tasks:,} pieces of inference, which are not measured here. "
        f"Results go to {order.destination}."
    )
