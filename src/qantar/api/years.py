"""`years`: a country month by month over the years, for notebooks and for the command line."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from qantar.analysis.years.directory import write_years, years_manifest
from qantar.analysis.years.study import YearsStudy, check_since, run_study
from qantar.api.display import as_html, as_text, shorten
from qantar.base.files import refuse_existing
from qantar.base.parallel import PoolSettings, open_pool
from qantar.reports.after.files import after_files
from qantar.reports.years.page import render_years
from qantar.reports.years.sentences import headline
from qantar.reports.years.state_page import render_state
from qantar.simulate.years.histories import Histories
from qantar.simulate.years.scenario import YearsBelief, YearsScenario, make_years_scenario


@dataclass(frozen=True, repr=False)
class YearsResult:
    """Histories of a country over the years, and what the prior alone gives.

    Attributes
    ----------
    study : qantar.analysis.years.study.YearsStudy
    started : datetime
    wall_seconds : float
        Duration of the computation.
    """

    study: YearsStudy
    started: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    wall_seconds: float = 0.0

    @property
    def scenario(self) -> YearsScenario:
        """What was run."""
        return self.study.scenario

    @property
    def histories(self) -> dict[str, Histories]:
        """The histories by name.

        ``free`` simulates every wave until the last dated month; ``outlook`` goes on from what
        happened, ``without`` does so without the reforms.
        """
        return self.study.parts

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables ``country``, ``regions``, ``triggers``, ``monitors``, ``money``, ``futures``.

        ``futures`` is there only if the run goes beyond the dated months. It gives no chance
        without the one of the prior alone beside it.
        """
        return self.study.tables

    def to_frame(self) -> pd.DataFrame:
        """Return the dated triggers: what happened, and how far they carry in the histories.

        Returns
        -------
        DataFrame
            See `qantar.analysis.years.tables.trigger_table`.
        """
        return self.tables["triggers"]

    def save(self, folder: str | Path, *, since: int | None = None) -> Path:
        """Write manifest, tables, arrays and report into a new folder, all at once.

        Parameters
        ----------
        folder : str or Path
            It must not exist.
        since : int, optional
            First year that the report shows.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        OutputError
            If the folder exists, or the disk refuses.
        QantarError
            If the run does not have that year.
        """
        destination = Path(folder)
        refuse_existing(destination)
        first = check_since(self.scenario, since)
        manifest = years_manifest(self.study, started=self.started, wall_seconds=self.wall_seconds)
        page = render_years(self.study, manifest, since=first)
        state = "" if self.study.state is None else render_state(self.study, manifest, first)
        after = self.study.after
        others = {} if after is None else after_files(after, state_page=bool(state))
        write_years(
            self.study, destination, manifest=manifest, page=page, state_page=state, others=others
        )
        return destination

    def __repr__(self) -> str:
        return as_text(f"Years of {self.scenario.country.header.country}", self._rows)

    def _repr_html_(self) -> str:
        return as_html(f"Years of {self.scenario.country.header.country}", self._rows)

    @property
    def _rows(self) -> list[tuple[str, str]]:
        """Return what the short representations show."""
        run, scenario = self.study.run, self.scenario
        said = [("result", shorten(line, 300)) for line in headline(self.study)]
        return [
            ("months", f"{scenario.years.header.first} to {scenario.until}"),
            ("law, parameters", f"{scenario.law_name}, {scenario.belief}"),
            ("members, seed", f"{run.members}, {run.seed}"),
            *said,
        ]


def years(
    pack: str | Path = "kazakhstan",
    *,
    law: str = "stocks",
    until: str | None = None,
    reforms: Sequence[str] = (),
    members: int = 200,
    seed: int = 1,
    belief: YearsBelief | None = None,
    overrides: Mapping[str, float] | None = None,
    workers: int | None = None,
    open_trigger: str | None = None,
) -> YearsResult:
    """Run the years of a country month by month and compare them with what happened.

    Beside a posterior the same run is made under the prior alone. ``qantar years`` does the same,
    shows progress and can be resumed.

    Parameters
    ----------
    pack : str or Path
        A shipped pack or a folder, with years.
    law : str
        Name of a rival law (``packs/common/laws``).
    until : str, optional
        Last year or month, such as ``2035``; by default the last month whose triggers are dated.
    reforms : sequence of str
        Names of reforms of the pack.
    members : int
        Number of histories, each with its own parameters and luck.
    seed : int
        Random seed.
    belief : {"posterior", "prior"}, optional
        By default the posterior, if the pack ships one for this law.
    overrides : mapping, optional
        Values of parameters, by name.
    workers : int, optional
        Number of processes; by default this one alone. The result does not depend on it. With
        more than one, a script must call this under ``if __name__ == "__main__":``.
    open_trigger : str, optional
        A dated trigger with an episode, such as ``lpg-2022``: it is run by the hour from what the
        years leave behind, and the outlook goes on from its outcomes.

    Returns
    -------
    YearsResult

    Raises
    ------
    QantarError
        If a name or value is wrong, the pack has no years, or no posterior is shipped.
    """
    started, clock = dt.datetime.now(dt.UTC), time.perf_counter()
    scenario = make_years_scenario(
        pack, law=law, until=until, reforms=reforms, belief=belief, overrides=overrides
    )
    with open_pool(PoolSettings(workers or 1)) as pool:
        study = run_study(
            scenario, members=members, seed=seed, pool=pool, open_trigger=open_trigger
        )
    return YearsResult(study, started, time.perf_counter() - clock)
