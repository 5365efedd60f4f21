"""Precedents: earlier episodes run with a later one's parameters, as out-of-sample tests.

An episode that takes its beliefs from another was never fitted. What its file declares to have been
different (learning, solidarity, fear) is applied, and left out for comparison; the state acts on
the dates of the sources, or by its rules.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from qantar.analysis.run import Evidence, Run, episode_targets, run
from qantar.analysis.scores import VERDICTS, Score
from qantar.analysis.whatif.twins import EXTENTS, extents
from qantar.base.errors import QantarError
from qantar.packs.episode import list_episodes, load_episode
from qantar.packs.evidence import country_ledger, has_evidence
from qantar.packs.loading import load_country
from qantar.simulate.scenario import Decisions, Scenario, make_scenario

DECISION_MODES: tuple[Decisions, ...] = ("script", "rules")
"""Both modes of the state's decisions."""

COLUMNS = (
    "episode decisions conditions local several national places regions "
    "deaths_low deaths deaths_high detained hit near miss "
    "uninformative"
)
"""Columns of the table of precedents.

``decisions`` is ``script`` or ``rules``; ``conditions`` says whether the declared changes of
parameters were applied. ``local``, ``several`` and ``national`` are shares of members by how far
they spread; ``places``, ``regions``, ``deaths`` and ``detained`` are medians, with the 5 and 95 %
quantiles of deaths; ``hit``, ``near``, ``miss`` and ``uninformative`` count targets.
"""


@dataclass(frozen=True)
class Precedent:
    """One episode run in one way.

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
        """Its targets compared with the results."""
        return self.run.scores


def precedent_scenarios(pack: str | Path, account: str | Path) -> tuple[Scenario, ...]:
    """Return the scenarios of a pack's precedents, and of the episodes that they learn from.

    Parameters
    ----------
    pack, account : str or Path
        As `make_scenario` takes them.

    Raises
    ------
    QantarError
        If no episode of the pack takes its beliefs from another.
    """
    country = load_country(pack)
    episodes = [load_episode(country, name) for name in list_episodes(country)]
    earlier = [each for each in episodes if each.beliefs_from is not None]
    if not earlier:
        raise QantarError(
            "the pack has no precedents",
            expected="an episode with `beliefs_from`",
            hint="see docs/howto/run-a-precedent.md",
        )
    found = []
    by_date = sorted(earlier, key=lambda each: each.first_day)
    learned = dict.fromkeys(str(each.beliefs_from) for each in earlier)
    for name in (*(each.name for each in by_date), *learned):
        scenario = make_scenario(name, account=account, pack=pack)
        both = (True,) if name in learned else (True, False)
        found += [
            replace(scenario, decisions=by, conditions=conditions)
            for by, conditions in product(DECISION_MODES, both)
        ]
    return tuple(found)


def precedents(
    scenarios: Sequence[Scenario],
    *,
    members: int = 100,
    seed: int = 1,
    threads: int | None = None,
    each: Callable[[Precedent], None] | None = None,
) -> tuple[Precedent, ...]:
    """Run precedents.

    Parameters
    ----------
    scenarios : sequence of Scenario
        Of one country, see `precedent_scenarios`.
    each : callable, optional
        Called after every run.
    """
    country = scenarios[0].country
    ledger = country_ledger(country) if has_evidence(country) else None
    known: dict[str, Evidence] = {}
    found = []
    for scenario in scenarios:
        name = scenario.episode.name
        if name not in known:
            targets = episode_targets(country, scenario.episode, ledger) if ledger else ()
            known[name] = (ledger, targets)
        one = run(scenario, members=members, seed=seed, threads=threads, evidence=known[name])
        found.append(Precedent(scenario.decisions, scenario.conditions, one))
        if each is not None:
            each(found[-1])
    return tuple(found)


def precedent_table(found: tuple[Precedent, ...]) -> pd.DataFrame:
    """Return one row for every run; see `COLUMNS`."""
    rows: list[list[object]] = []
    for precedent in found:
        outcome = precedent.run.outcome
        country = outcome.layout.country
        extent = extents(outcome)
        deaths = outcome.samples("deaths", "country", country, "total")
        places = outcome.samples("active_places", "country", country, "any")
        regions = outcome.samples("regions_active", "country", country, "any")
        detained = outcome.samples("detained_cumulative", "country", country, "total")
        verdicts = [score.verdict for score in precedent.scores]
        rows.append(
            [
                precedent.episode,
                precedent.decisions,
                precedent.conditions,
                *(float(np.mean(extent == k)) for k in range(len(EXTENTS))),
                float(np.median(places)),
                float(np.median(regions)),
                *(float(v) for v in np.quantile(deaths, (0.05, 0.5, 0.95))),
                float(np.median(detained)),
                *(verdicts.count(verdict) for verdict in VERDICTS),
            ]
        )
    return pd.DataFrame(rows, columns=COLUMNS.split())
