"""Precedents: earlier episodes run with the parameters of a later one.

An episode that takes its beliefs from another has no fit of its own. A joint fit may use its
targets (`qantar.analysis.inference.joint_fit`); if none did, the run is an out-of-sample test. It
is run with and without the changes of parameters that its file declares, and with decisions of the
state by script or by rules.
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
"""Both decision modes of the state."""

COLUMNS = (
    "episode decisions conditions local several national places regions "
    "deaths_low deaths deaths_high detained hit near miss "
    "uninformative"
)
"""Columns of the table of precedents.

``decisions`` is ``script`` or ``rules``; ``conditions`` says whether the declared changes of
parameters were applied. ``local``, ``several`` and ``national`` are shares of members by spatial
extent; ``places``, ``regions``, ``deaths`` and ``detained`` are medians, with the 5 and 95 %
quantiles of deaths; ``hit``, ``near``, ``miss`` and ``uninformative`` count targets.
"""


@dataclass(frozen=True)
class Precedent:
    """A run of an episode with one decision mode and set of conditions.

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
        """The scores of its targets."""
        return self.run.scores


def precedent_scenarios(pack: str | Path, account: str | Path) -> tuple[Scenario, ...]:
    """Return the scenarios of a pack's precedents, and of the episodes that provide their beliefs.

    Parameters
    ----------
    pack, account : str or Path
        As in `make_scenario`.

    Raises
    ------
    QantarError
        If no episode of the pack has `beliefs_from`.
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
    fitted = dict.fromkeys(str(each.beliefs_from) for each in earlier)
    for name in (*(each.name for each in by_date), *fitted):
        scenario = make_scenario(name, account=account, pack=pack)
        both = (True,) if name in fitted else (True, False)
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
        Scenarios of one country, see `precedent_scenarios`.
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
    """Return a table with one row per run; see `COLUMNS`."""
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
