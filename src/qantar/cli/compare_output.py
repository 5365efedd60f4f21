"""What both ways of ``qantar compare`` share: its options, its results folder, its output."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.text import Text

from qantar.analysis.compare.archive import ArchiveMetadata, manifest, write_archive
from qantar.analysis.compare.comparison import Comparison
from qantar.analysis.inference.design import Design
from qantar.analysis.inference.problem import InferenceProblem, load_problem
from qantar.analysis.manifest import list_names
from qantar.base.files import AtomicDirectory
from qantar.base.parallel import PoolSettings
from qantar.cli.output import screen_for_results
from qantar.packs.country import Country
from qantar.reports.comparison import Shown, figure_files, render_comparison
from qantar.reports.comparison.sentences import (
    bonus_lines,
    fact_words,
    forbidden_lines,
    method_lines,
    prediction_lines,
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
    screen.print(Text(shown.comparison.headline, style="bold"))
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
