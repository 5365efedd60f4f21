"""What-ifs for notebooks: changes as text, tables, a data set and plots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from qantar.analysis.whatif import result as plain
from qantar.analysis.whatif.run import Tracker, WhatIfSettings, no_tracker
from qantar.analysis.whatif.run import what_if as run_what_if
from qantar.analysis.whatif.twins import MemberCallback
from qantar.api.datasets import worlds_dataset
from qantar.api.display import as_html, as_text, shorten
from qantar.api.plots import WhatIfPlots
from qantar.base.errors import QantarError
from qantar.reports.whatif.formatting import Rows, difference_unit, format_difference, reach
from qantar.simulate.changes import Changes, parse_changes
from qantar.simulate.scenario import Scenario

if TYPE_CHECKING:
    import xarray

_SHOWN = 3  # changes whose results a short representation gives
_QUANTITIES = ("deaths", "participants")


class WhatIf(plain.WhatIf):
    """A what-if with its results as tables, a data set and plots.

    Attributes
    ----------
    scenario : Scenario
        The world that is changed, with the way its state decides.
    members, seed : int
    baseline : World
    worlds : tuple of World
        One for every change, in the order given.
    tables : dict of DataFrame
        By name: ``differences``, ``regimes``, ``decisions``, ``chain`` and ``attribution``.
    explained : int
        Number of pairs on which chain and attribution rest.
    """

    @classmethod
    def of(cls, result: plain.WhatIf) -> WhatIf:
        """Return the same what-if with this interface."""
        return cls(**{each.name: getattr(result, each.name) for each in fields(result)})

    @property
    def plot(self) -> WhatIfPlots:
        """Plots: `timeline`, `deaths`, `difference_by_hour`, `differences` and `doses`."""
        return WhatIfPlots(self)

    def to_xarray(self) -> xarray.Dataset:
        """Return all worlds as one data set with the dimension ``world``, the baseline first.

        Returns
        -------
        Dataset
            Variables as in `Run.to_xarray`; member k is the twin of member k in every world.

        Raises
        ------
        QantarError
            If xarray is not installed.
        """
        worlds = (self.baseline, *self.worlds)
        outcomes = [world.outcome for world in worlds]
        return worlds_dataset(self.scenario, outcomes, [world.label for world in worlds])

    def __repr__(self) -> str:
        scenario = self.scenario
        title = f"WhatIf on {shorten(scenario.episode.name, 30)}, {scenario.account.name}"
        return as_text(shorten(title, 80), self._rows)

    def _repr_html_(self) -> str:
        scenario = self.scenario
        rows = [
            ("episode", f"{scenario.episode.title} ({scenario.episode.name})"),
            ("account", f"{scenario.account.title} ({scenario.account.name})"),
            *self._rows,
        ]
        return as_html("What if", rows)

    @property
    def _rows(self) -> list[tuple[str, str]]:
        """Return what the short representations show."""
        found = Rows(self)
        parts = [("pairs, seed", f"{self.members}, {self.seed}")]
        for world in self.worlds[:_SHOWN]:
            told = []
            for quantity in _QUANTITIES:
                row = found.find(world.label, quantity)
                if row is not None:
                    unit = difference_unit(row.unit)
                    difference = format_difference(row.unit, row.difference)
                    told.append(
                        f"{quantity} {difference} ({reach(row.unit, row.low, row.high)}) {unit}"
                    )
            parts.append((shorten(world.label, 30), "; ".join(told)))
        if len(self.worlds) > _SHOWN:
            parts.append(("more changes", str(len(self.worlds) - _SHOWN)))
        return parts


def what_if(
    scenario: Scenario,
    alternatives: str | Changes | Sequence[str | Changes],
    *,
    members: int | None = None,
    seed: int | None = None,
    effort: WhatIfSettings | None = None,
    rivals: Sequence[Scenario] = (),
    tracker: Tracker = no_tracker,
    watch: MemberCallback | None = None,
) -> WhatIf:
    """Run changes of a scenario and return their effects, with uncertainty and attribution.

    Parameters
    ----------
    scenario : Scenario
        The world that is changed.
    alternatives : str, Changes, or a sequence of them
        At least one. Text is what ``qantar whatif --change`` takes, for example
        ``"no-shoot-order"``; see `qantar.parse_changes`.
    members, seed : int, optional
        Pairs of twins and random seed; by default those of `effort`.
    effort : WhatIfSettings, optional
        Further sizes, such as the pairs whose difference is attributed to causes.
    rivals : sequence of Scenario
        The same episode under other accounts.
    tracker : callable, optional
        See `qantar.analysis.whatif.run.Tracker`.
    watch : callable, optional
        See `qantar.analysis.whatif.twins.MemberCallback`.

    Returns
    -------
    WhatIf

    Raises
    ------
    QantarError
        If there is no change, or one cannot be read.
    """
    chosen = effort or WhatIfSettings()
    if members is not None:
        chosen = replace(chosen, members=members)
    if seed is not None:
        chosen = replace(chosen, seed=seed)
    if chosen.members < 2:
        raise QantarError(f"members is {chosen.members}", expected="at least 2 pairs")
    listed = [alternatives] if isinstance(alternatives, str | Changes) else list(alternatives)
    parsed: list[Changes] = []
    for each in listed:
        if isinstance(each, str):
            parsed += parse_changes(scenario.country, scenario.episode, each)
        else:
            parsed.append(each)
    result = run_what_if(
        scenario, parsed, effort=chosen, rivals=rivals, tracker=tracker, watch=watch
    )
    return WhatIf.of(result)
