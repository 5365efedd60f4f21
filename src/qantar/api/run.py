"""Runs for notebooks: a table, a data set and plots of the results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from qantar.analysis import run as plain
from qantar.analysis.array_labels import import_xarray
from qantar.analysis.facts import facts
from qantar.analysis.outcomes import Keep
from qantar.analysis.run import Evidence
from qantar.analysis.scores import tally
from qantar.api.datasets import outcome_dataset
from qantar.api.display import as_html, as_text, card_rows, headline_cards, shorten
from qantar.api.plots import RunPlots
from qantar.base.errors import QantarError, UnknownNameError
from qantar.model.hour import Recorded
from qantar.reports.style import VERDICTS
from qantar.simulate.scenario import Scenario, make_scenario

if TYPE_CHECKING:
    import pandas as pd
    import xarray

_SHORT, _LONGEST = 68, 75
"""Characters of a value, as text and in HTML."""


class Run(plain.Run):
    """A run with its results as a table, a data set and plots.

    Attributes
    ----------
    scenario : Scenario
    members : int
        Number of realisations.
    seed : int
        Random seed.
    outcome : Outcome
        Summaries of every member, by place and day, or samples of facts.
    ledger : Ledger or None
        The evidence of the country, if the pack has any.
    reconciled : tuple of Reconciled
        The targets of the episode, each with how it was derived.
    scores : tuple of Score
        The targets compared with the results.
    """

    @classmethod
    def of(cls, result: plain.Run) -> Run:
        """Return the same run with this interface."""
        return cls(**{each.name: getattr(result, each.name) for each in fields(result)})

    @cached_property
    def facts(self) -> pd.DataFrame:
        """The tidy table of results, see `qantar.facts`; computed once."""
        return facts(self.outcome, self.targets)

    @property
    def plot(self) -> RunPlots:
        """Plots: `timeline`, `map`, `deaths` and `scorecard`."""
        return RunPlots(self, self.facts)

    def to_xarray(self) -> xarray.Dataset:
        """Return crowds by hour and all else by day, with the region of each place.

        Returns
        -------
        Dataset
            ``crowd`` (member, hour, place) if all is kept, and by (member, day, place)
            ``crowd_peak``, ``participants`` and the running totals. `qantar.open` of a run
            directory gives every recorded variable by hour.

        Raises
        ------
        QantarError
            If xarray is not installed, or the run keeps facts only.
        """
        return outcome_dataset(self.scenario, self.outcome)

    def to_inference_data(self) -> Any:
        """Return the draws of a run with a posterior as ArviZ data.

        Returns
        -------
        arviz.InferenceData
            ``posterior`` (parameters and place effects of every member), ``posterior_predictive``
            (the quantity of every target), ``observed_data`` (middle of the interval of the
            sources) and ``constant_data`` (its bounds). Days count from the first day.

        Raises
        ------
        QantarError
            If the parameters were not drawn from a posterior, or ArviZ is not installed.
        """
        scenario = self.scenario
        if scenario.belief != "posterior":
            raise QantarError(
                f"this run has no posterior: its parameters are from {scenario.belief!r}",
                hint="make the scenario with belief='posterior'",
            )
        import_xarray("ArviZ data")
        import arviz

        draws = scenario.draws(self.seed, self.members)
        layout, targets = self.outcome.layout, self.targets
        bounds = np.array([target.interval(layout.first_day) for target in targets]).reshape(-1, 2)
        keys = [(each.variable, each.level, each.name, each.date) for each in targets]
        samples = [self.outcome.samples(*key) for key in keys]
        values = np.array(samples).reshape(len(samples), self.members).T
        return arviz.from_dict(
            posterior={
                "parameter": draws.parameters[None],
                "propensity": draws.propensity[None],
                "threshold": draws.threshold[None],
            },
            posterior_predictive={"fact": values[None]},
            observed_data={"fact": bounds.mean(axis=1)},
            constant_data={"low": bounds[:, 0], "high": bounds[:, 1]},
            coords={
                "name": [number.name for number in scenario.numbers],
                "place": list(layout.places),
                "target": [target.target for target in targets],
            },
            dims={
                "parameter": ["name"],
                "propensity": ["place"],
                "threshold": ["place"],
                "fact": ["target"],
                "low": ["target"],
                "high": ["target"],
            },
        )

    def __repr__(self) -> str:
        rows = [(name, shorten(value, _SHORT)) for name, value in self._rows[2:]]
        return as_text(self._title, rows)

    def _repr_html_(self) -> str:
        return as_html("Run", self._rows)

    @property
    def _title(self) -> str:
        scenario = self.scenario
        return f"Run of {shorten(scenario.episode.name, 30)}, {shorten(scenario.account.name, 30)}"

    @property
    def _rows(self) -> list[tuple[str, str]]:
        """Return what the short representations show."""
        counts = tally(self.scores)
        told = ", ".join(
            f"{sum(count[verdict] for count in counts.values())} {mark.word}"
            for verdict, mark in VERDICTS.items()
        )
        parts = [
            *(
                (name, shorten(value, _LONGEST))
                for name, value in self.scenario.summary()
                if name != "decisions"
            ),
            ("members, seed", f"{self.members}, {self.seed}"),
            *card_rows(headline_cards(self)),
        ]
        if self.scores:
            parts.append(("scores", f"{len(self.scores)} targets: {told}"))
        return parts


def run(
    scenario: Scenario | str,
    *,
    members: int = 100,
    seed: int = 1,
    threads: int | None = None,
    each: Callable[[Recorded], None] | None = None,
    evidence: Evidence | None = None,
    keep: Keep = "all",
) -> Run:
    """Run a scenario.

    Parameters
    ----------
    scenario : Scenario or str
        What `qantar.make_scenario` returns. The name of an episode means
        ``make_scenario(name)``.
    members : int
        Number of realisations, at least 1.
    seed : int
        Random seed.
    threads : int, optional
        Worker threads; the result does not depend on it.
    each : callable, optional
        Called with every member's record, in order, for example to store it.
    evidence : tuple, optional
        Claims and targets of the episode; they are loaded if not given.
    keep : str
        What is kept of every member. ``all``: crowds by hour and place, and all else by day.
        ``places``: crowds by hour for the country and its regions only. ``facts``: the quantities
        of the table `facts`, enough for `facts`, `scores` and ``outcome.samples`` of them.

    Returns
    -------
    Run

    Raises
    ------
    QantarError
        If `members` is below 1, `keep` is unknown, or if the account, an action or a target
        cites a claim that does not exist.
    """
    if members < 1:
        raise QantarError(f"members is {members}", expected="at least 1")
    if keep not in get_args(Keep):
        raise UnknownNameError("value of keep", keep, get_args(Keep))
    if isinstance(scenario, str):
        scenario = make_scenario(scenario)
    result = plain.run(
        scenario,
        members=members,
        seed=seed,
        threads=threads,
        each=each,
        evidence=evidence,
        keep=keep,
    )
    return Run.of(result)
