"""`compare`: rival accounts of an episode compared, with plots, tables and a verdict."""

from __future__ import annotations

import datetime as dt
import html
import textwrap
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from qantar.analysis.compare.archive import ArchiveMetadata, manifest, write_archive
from qantar.analysis.compare.comparison import Comparison as ComparisonResult
from qantar.analysis.compare.comparison import is_undecided
from qantar.analysis.compare.shipped import (
    DEFAULT_SEED,
    ShippedComparison,
    load_shipped_comparison,
    select_accounts,
)
from qantar.analysis.inference.calibration_design import Design, TaskRunner
from qantar.analysis.inference.posteriors import shipped_inference_data
from qantar.analysis.inference.problem import InferenceProblem, load_problem
from qantar.analysis.inference.summary import inference_data
from qantar.base.errors import UnknownNameError
from qantar.base.files import AtomicDirectory
from qantar.base.parallel import PoolSettings, open_pool
from qantar.packs.country import Country
from qantar.packs.episode import load_episode
from qantar.packs.loading import load_country
from qantar.reports.comparison import charts, figure_files, render_comparison
from qantar.reports.comparison.rows import Shown
from qantar.reports.comparison.summary import HEADINGS, account_cells, caption
from qantar.reports.style import styled

if TYPE_CHECKING:
    from arviz import InferenceData
    from matplotlib.axes import Axes

Method = Literal["likelihood", "classifier"]

HELD = "held-back"
"""Name of the table of predictions of facts that were held back."""

PAGE, FIGURES = "report.html", "figures"

PREVIEW = "a preview, not for citation: "
"""Mark of a comparison whose sizes are below the default."""

LONG_NAME = 48
"""Longest title, in characters, that names a source without an author."""

LINE = 88
"""Characters of a line of the text representation."""

_WIDE, _TALL, _SQUARE, _ROW = 7.5, 5.5, (7.0, 5.6), 0.42
"""Sizes of figures, and the height of a row of bars, in inches."""


@dataclass(frozen=True, repr=False)
class Comparison:
    """Accounts compared on the evidence of an episode.

    Attributes
    ----------
    country : Country
    result : qantar.analysis.compare.comparison.Comparison
        The tables, and the calibrations if the comparison was made from scratch.
    metadata : ArchiveMetadata
        Design, random seed and hashes of the inputs of the comparison.
    cases : tuple of InferenceProblem
        The accounts.
    held_back : DataFrame
        Scores of the predictions of held-back facts, by account and group of facts.
    members, seed : int
        Number of runs of each prediction, and their random seed.
    stale : tuple of str
        Inputs that have changed since the comparison was made; its results are then out of date.
    started : datetime
    wall_seconds : float
        Duration of the computation.
    """

    country: Country
    result: ComparisonResult
    metadata: ArchiveMetadata
    cases: tuple[InferenceProblem, ...]
    held_back: pd.DataFrame
    members: int
    seed: int
    stale: tuple[str, ...] = ()
    started: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    wall_seconds: float = 0.0

    @property
    def episode(self) -> str:
        """Name of the episode."""
        return self.metadata.episode

    @property
    def accounts(self) -> list[str]:
        """Names of the accounts, the most probable first."""
        return self.shown.accounts

    @property
    def verdict(self) -> str:
        """What the comparison says about all accounts."""
        return self.result.headline

    @property
    def undecided(self) -> bool:
        """Whether no two accounts with causes can be told apart."""
        return is_undecided(self.result.tables["pairs"])

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by name.

        ``accounts``, ``pairs``, ``confusion`` and so on are described in
        `qantar.analysis.compare.comparison_tables`; ``held-back`` is `held_back`.
        """
        return {**self.result.tables, HELD: self.held_back}

    @property
    def plot(self) -> ComparisonPlots:
        """Plots; every method returns matplotlib Axes."""
        return ComparisonPlots(self)

    @cached_property
    def shown(self) -> Shown:
        """The comparison as reports show it."""
        at = load_problem(self.cases[0])
        return Shown(
            self.result,
            at.scenario.episode.title,
            self.held_back,
            at.scenario.episode.first_day,
            targets={target.target: target for target in at.observations.targets},
            candidates=at.candidates,
            tellers=_source_names(self.country),
            members=self.members,
            stale=self.stale,
        )

    def to_frame(self) -> pd.DataFrame:
        """Return the table of accounts, the most probable first.

        Returns
        -------
        DataFrame
            Indexed by account; see `qantar.analysis.compare.comparison_tables.account_table`.
        """
        return self.result.tables["accounts"].set_index("account").loc[self.accounts]

    def to_inference_data(self, account: str) -> InferenceData:
        """Return the posterior of an account as ArviZ data.

        Parameters
        ----------
        account : str

        Returns
        -------
        arviz.InferenceData
            After a comparison from scratch as from `qantar.calibrate`. A shipped comparison has
            only the group ``posterior``, with the draws that the pack ships in their units.

        Raises
        ------
        UnknownNameError
            If the account was not compared.
        QantarError
            If ArviZ is not installed, or the pack ships no posterior.
        """
        by_name = {case.account: case for case in self.cases}
        if account not in by_name:
            raise UnknownNameError("account", account, by_name)
        if account in self.result.found:
            return inference_data(self.result.found[account])
        return shipped_inference_data(by_name[account])

    def save(self, folder: str | Path, more: Callable[[Path], None] | None = None) -> Path:
        """Write the tables, figures and the page ``report.html`` into a new folder.

        Parameters
        ----------
        folder : str or Path
            Must not exist.
        more : callable, optional
            Writes further files into the folder before it is complete.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        OutputError
            If the folder exists or cannot be written.
        """
        about = manifest(self.cases, started=self.started, wall_seconds=self.wall_seconds)
        shown = replace(self.shown, made=self._provenance(about), citations=about["citations"])
        own = replace(self.metadata, accounts=tuple(case.account for case in self.cases))
        entries = {
            **about,
            "prediction": {"members": self.members, "seed": self.seed},
            "stale": list(self.stale),
        }
        destination = Path(folder)
        with AtomicDirectory(destination) as unfinished:
            write_archive(unfinished, replace(self.result, tables=self.tables), own, entries)
            files = figure_files(shown)
            (unfinished / PAGE).write_text(render_comparison(shown, files), encoding="utf-8")
            (unfinished / FIGURES).mkdir()
            for name, text in files.items():
                (unfinished / FIGURES / name).write_text(text, encoding="utf-8")
            if more is not None:
                more(unfinished)
        return destination

    def _provenance(self, about: dict[str, Any]) -> list[tuple[str, str]]:
        """Return how the results were made, as labels and values for the page."""
        own, full = self.metadata, Design().plan()
        is_small = any(
            own.design.get(name, 0) < full[name] for name in ("prior", "predict", "judges")
        )
        sizes = ", ".join(f"{name} {value}" for name, value in own.design.items() if name != "seed")
        return [
            ("Design", (PREVIEW if is_small else "") + sizes),
            ("Seeds", f"{own.seed} of the comparison, {self.seed} of the predictions"),
            ("Calibrated with", f"Qantar {own.qantar_version}, pack {own.pack}"),
            (
                "Based on",
                f"{len(own.basis)} files and accounts, whose hashes are in comparison.json",
            ),
            ("Page made with", f"Python {about['python']}, code {about['git']}"),
            ("Started", about["started"]),
            ("Took", f"{about['wall_seconds']:.0f} seconds"),
        ]

    def _about(self) -> str:
        """Return what was compared, in a sentence."""
        text = (
            f"{len(self.cases)} accounts of {self.episode}; {self.members} runs in each "
            f"prediction, seed {self.seed}."
        )
        if self.stale:
            text += f" Out of date: {len(self.stale)} inputs have changed since."
        return text

    def __repr__(self) -> str:
        """Return the verdict and what was compared."""
        hint = "See .tables, .to_frame() and .plot."
        return "\n".join(
            textwrap.fill(text, LINE) for text in (self.verdict, f"{self._about()} {hint}")
        )

    def _repr_html_(self) -> str:
        """Return the verdict and the table of accounts for a notebook."""
        table = pd.DataFrame(account_cells(self.shown), columns=list(HEADINGS))
        verdict, about, how = (
            html.escape(text.replace("`", ""))
            for text in (self.verdict, self._about(), caption(self.shown))
        )
        return (
            f"<p><strong>{verdict}</strong></p>{table.to_html(index=False, border=0)}"
            f"<p>{how} {about}</p>"
        )


class ComparisonPlots:
    """Plots of a comparison. Every method draws on the given axes or on a new figure.

    Parameters
    ----------
    comparison : Comparison
    """

    def __init__(self, comparison: Comparison) -> None:
        self._comparison = comparison

    def __repr__(self) -> str:
        names = [name for name in dir(self) if not name.startswith("_")]
        return f"<Plots of a comparison: {', '.join(names)}>"

    def probabilities(self, ax: Axes | None = None) -> Axes:
        """Plot the recalibrated probability of every account by both methods.

        Parameters
        ----------
        ax : Axes, optional

        Returns
        -------
        Axes
        """
        size = (_WIDE, 1.0 + _ROW * len(self._comparison.cases))
        return _drawn(ax, size, charts.draw_probabilities, self._comparison.shown)

    def predictive(self, ax: Axes | None = None) -> Axes:
        """Plot how well every account predicts the facts that were held back.

        Parameters
        ----------
        ax : Axes, optional

        Returns
        -------
        Axes
            Mean CRPS over all held-back facts, and over each group of them.
        """
        size = (_WIDE, 1.2 + _ROW * len(self._comparison.shown.predictions))
        return _drawn(ax, size, charts.draw_predictions, self._comparison.shown)

    def confusion(self, method: Method = "likelihood", ax: Axes | None = None) -> Axes:
        """Plot the mean probability that a method gives each account, by true account.

        Parameters
        ----------
        method : str
            ``likelihood`` or ``classifier``.
        ax : Axes, optional

        Returns
        -------
        Axes
        """
        _check_method(method)
        return _drawn(ax, _SQUARE, charts.draw_confusion, self._comparison.shown, method)

    def reliability(self, method: Method = "likelihood", ax: Axes | None = None) -> Axes:
        """Plot stated probabilities against how often they came true on simulated data.

        Parameters
        ----------
        method : str
            ``likelihood`` or ``classifier``.
        ax : Axes, optional

        Returns
        -------
        Axes
        """
        _check_method(method)
        return _drawn(ax, _SQUARE, charts.draw_reliability, self._comparison.shown, method)

    def ranks(self, ax: Axes | None = None) -> Axes:
        """Plot the ranks of true parameters in their posteriors (simulation-based calibration).

        Parameters
        ----------
        ax : Axes, optional

        Returns
        -------
        Axes
        """
        return _drawn(ax, _SQUARE, charts.draw_ranks, self._comparison.shown)


def _check_method(method: str) -> None:
    if method not in charts.LOOK:
        raise UnknownNameError("method", method, charts.LOOK)


def _drawn(
    ax: Axes | None, size: tuple[float, float], draw: Callable[..., None], *arguments: object
) -> Axes:
    """Draw on axes, or on those of a new figure in the style of the reports."""
    if ax is not None:
        draw(ax, *arguments)
        return ax
    import matplotlib.pyplot as plt

    with styled():
        _, axes = plt.subplots(figsize=size, layout="constrained")
        draw(axes, *arguments)
    return axes


def compare(
    episode: str,
    accounts: Sequence[str | Path] | None = None,
    *,
    members: int = 100,
    seed: int = DEFAULT_SEED,
    pack: str | Path = "kazakhstan",
    workers: int | None = None,
) -> Comparison:
    """Compare rival accounts on the evidence of an episode.

    The tables of the comparison that the pack ships are read, and the predictions of held-back
    facts are simulated. ``qantar compare --from-scratch`` repeats the whole comparison.

    Parameters
    ----------
    episode : str
        Name of an episode of the pack.
    accounts : sequence of str or Path, optional
        Names, or files, of at least two accounts; by default all that were compared.
    members : int
        Number of runs in each prediction.
    seed : int
        Random seed of the predictions.
    pack : str or Path
        A shipped pack or a folder.
    workers : int, optional
        Number of processes; by default this one alone. The result does not depend on it. With
        more than one, a script must call this under ``if __name__ == "__main__":``.

    Returns
    -------
    Comparison

    Raises
    ------
    FileError
        If the pack ships no comparison of the episode, or it is damaged.
    QantarError
        If an account was not compared, or its posterior is missing or was changed.
    """
    country = load_country(pack)
    name = load_episode(country, episode).name
    chosen = [] if accounts is None else select_accounts(country, accounts)
    shipped = load_shipped_comparison(country, str(pack), name, chosen)
    with open_pool(PoolSettings(workers or 1)) as pool:
        return predict_shipped(country, shipped, TaskRunner(pool), members=members, seed=seed)


def predict_shipped(
    country: Country, shipped: ShippedComparison, runner: TaskRunner, *, members: int, seed: int
) -> Comparison:
    """Simulate the predictions of a shipped comparison.

    Parameters
    ----------
    country : Country
    shipped : ShippedComparison
    runner : TaskRunner
        Runs the simulations and reports their number.
    members, seed : int
        Number of runs in each prediction, and their random seed.

    Returns
    -------
    Comparison
    """
    started, clock = dt.datetime.now(dt.UTC), time.perf_counter()
    shipped.check(seed)
    held = shipped.predict(runner, members=members, seed=seed)
    return Comparison(
        country,
        shipped.comparison,
        shipped.metadata,
        shipped.cases,
        held,
        members,
        seed,
        shipped.stale,
        started,
        time.perf_counter() - clock,
    )


def _source_names(country: Country) -> dict[str, str]:
    """Return the name of every source: its author, or else its title."""
    names = {}
    for key, source in country.sources.items():
        title = source.title
        if len(title) > LONG_NAME:
            title = title[:LONG_NAME].rsplit(" ", 1)[0] + " …"
        names[key] = source.author or f"“{title}”"
    return names
