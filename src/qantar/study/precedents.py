"""Precedents: earlier episodes run with a later one's parameters, as tests out of sample.

An episode that takes its beliefs from another was never fitted. What its file declares to have been
otherwise (learning, solidarity, fear) is applied, and left out for comparison; the state acts on
the dates of the sources, or by its rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from qantar.country.pack import Country, load_country
from qantar.errors import QantarError
from qantar.scenario.episode import list_episodes, load_episode
from qantar.scenario.scenario import Decisions, Scenario, make_scenario
from qantar.study.run import Run, run
from qantar.study.score import Score, tally
from qantar.study.whatif.regime import EXTENTS, extents

COLUMNS = (
    "episode decisions conditions local several national places regions "
    "deaths_low deaths deaths_high detained hit near miss"
)
"""Columns of the table of precedents.

``decisions`` is ``script`` or ``rules``; ``conditions`` says whether the declared changes of
parameters were applied. ``local``, ``several`` and ``national`` are shares of members by how far
they spread; ``places``, ``regions``, ``deaths`` and ``detained`` are medians, with the 5 and 95 %
quantiles of deaths; ``hit``, ``near`` and ``miss`` count targets.
"""


@dataclass(frozen=True)
class Precedent:
    """One episode run one way.

    Attributes
    ----------
    decisions : str
    conditions : bool
        Whether the declared changes of parameters were applied.
    run : Run
    """

    decisions: Decisions
    conditions: bool
    run: Run

    @property
    def episode(self) -> str:
        """The name of the episode."""
        return self.run.scenario.episode.name

    @property
    def scores(self) -> tuple[Score, ...]:
        """Its targets beside what the run gave."""
        return self.run.scores


def ways(country: Country, pack: str | Path, account: str) -> Iterator[Scenario]:
    """Yield every way in which the precedents of a pack are run, and the episode they learn from.

    Raises
    ------
    QantarError
        If no episode of the pack takes its beliefs from another.
    """
    episodes = [load_episode(country, name) for name in list_episodes(country)]
    earlier = [each for each in episodes if each.beliefs_from is not None]
    if not earlier:
        raise QantarError(
            "the pack has no precedents",
            expected="an episode with `beliefs_from`",
            mend="see docs/howto/run-a-precedent.md",
        )
    decisions: tuple[Decisions, ...] = ("script", "rules")
    for episode in sorted(earlier, key=lambda each: each.first_day):
        for by, conditions in product(decisions, (True, False)):
            yield make_scenario(
                episode.name, account=account, pack=pack, decisions=by, conditions=conditions
            )
    for learned in dict.fromkeys(str(each.beliefs_from) for each in earlier):
        for by in decisions:
            yield make_scenario(learned, account=account, pack=pack, decisions=by)


def precedents(
    pack: str | Path,
    *,
    account: str = "union",
    members: int = 100,
    seed: int = 1,
    threads: int | None = None,
    each: Callable[[Precedent], None] | None = None,
) -> tuple[Precedent, ...]:
    """Run the precedents of a pack every way, and at last the episode that they learn from.

    Parameters
    ----------
    each : callable, optional
        Called after every run.
    """
    found = []
    for scenario in ways(load_country(pack), pack, account):
        one = run(scenario, members=members, seed=seed, threads=threads)
        found.append(Precedent(scenario.decisions, scenario.conditions, one))
        if each is not None:
            each(found[-1])
    return tuple(found)


def precedent_table(found: tuple[Precedent, ...]) -> pd.DataFrame:
    """Return one row for every run; see `COLUMNS`."""
    return pd.DataFrame([_row(each) for each in found], columns=COLUMNS.split())


def _row(precedent: Precedent) -> list[object]:
    outcome = precedent.run.outcome
    country = outcome.layout.country
    extent = extents(outcome)
    spread = [float(np.mean(extent == k)) for k in range(len(EXTENTS))]
    deaths = outcome.samples("deaths", "country", country, "total")
    counts = {
        verdict: sum(tally(precedent.scores)[use][verdict] for use in ("fit", "held"))
        for verdict in ("hit", "near", "miss")
    }
    return [
        precedent.episode,
        precedent.decisions,
        precedent.conditions,
        *spread,
        float(np.median(outcome.samples("active_places", "country", country, "any"))),
        float(np.median(outcome.samples("regions_active", "country", country, "any"))),
        *(float(v) for v in np.quantile(deaths, (0.05, 0.5, 0.95))),
        float(np.median(outcome.samples("detained_cumulative", "country", country, "total"))),
        counts["hit"],
        counts["near"],
        counts["miss"],
    ]
