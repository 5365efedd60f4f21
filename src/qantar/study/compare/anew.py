"""The posterior predictive, run anew: what calibrated accounts foretell of facts held back.

Tables can be shipped, but a prediction that anybody can repeat is worth more. Every account is run
from its shipped posterior, beside the default ensemble, which the pack ships for everyday runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from qantar.arrays import Numbers
from qantar.engine.member import run_member
from qantar.scenario.account import list_accounts
from qantar.scenario.beliefs import Belief
from qantar.scenario.scenario import Scenario, make_scenario
from qantar.study.inference.case import Case, opened
from qantar.study.inference.runs import Desk
from qantar.study.inference.summary import held_scores
from qantar.study.outcome import Outcome
from qantar.study.run import layout_of
from qantar.study.tasks import Task

DEFAULT, NULL = "union", "null"
"""Accounts that every prediction is set beside: the one that a run takes by default, as fitted
for it, and the one without causes."""

BATCH = 25
"""Runs in a task: half a second of two cores, so that the bar moves."""


@dataclass(frozen=True)
class Ensemble:
    """Runs that predict: an account, and where its parameters come from."""

    case: Case
    belief: Belief

    @property
    def scenario(self) -> Scenario:
        """The scenario that is run."""
        return _scenario(self)


@cache
def _scenario(ensemble: Ensemble) -> Scenario:
    """Return a scenario, opened once in every process: reading a pack takes longer than a run."""
    case = ensemble.case
    return make_scenario(case.episode, account=case.account, pack=case.pack, belief=ensemble.belief)


def comparators(cases: Sequence[Case]) -> list[Ensemble]:
    """Return what the predictions of some accounts are set beside, if the pack ships it.

    The default ensemble, and the posterior of the null account if it is not among them.
    """
    pack, episode = cases[0].pack, cases[0].episode
    known = list_accounts(opened(cases[0]).scenario.country)
    wanted = []
    if DEFAULT in known:
        wanted.append(Ensemble(Case(pack, episode, DEFAULT), "fitted"))
    if NULL in known and NULL not in {case.account for case in cases}:
        wanted.append(Ensemble(Case(pack, episode, NULL), "posterior"))
    return [each for each in wanted if each.scenario.fit_file.is_file()]


def predict_anew(
    desk: Desk, ensembles: Sequence[Ensemble], *, members: int, seed: int
) -> pd.DataFrame:
    """Run ensembles and score them on the targets that were never used to fit.

    Parameters
    ----------
    desk : Desk
    ensembles : sequence of Ensemble
    members : int
        Runs of each.
    seed : int
        Their luck, the same for all.

    Returns
    -------
    DataFrame
        ``account``, ``belief``, then what `held_scores` tells by group of facts.
    """
    tasks, whose = [], []
    for ensemble in ensembles:
        for first in range(0, members, BATCH):
            count = min(BATCH, members - first)
            name = f"{ensemble.case.account}/{ensemble.belief}/{first // BATCH:03d}"
            tasks.append(Task(name, predict_task, (ensemble, members, first, count, seed), count))
            whose.append(ensemble)
    done = list(zip(desk.do(tasks), whose, strict=True))
    parts = []
    for ensemble in ensembles:
        facts = np.vstack([piece["facts"] for piece, owner in done if owner == ensemble])
        scores = held_scores(opened(ensemble.case), facts)
        parts.append(scores.assign(account=ensemble.case.account, belief=ensemble.belief))
    table = pd.concat(parts, ignore_index=True)
    return table[["account", "belief", *(c for c in table if c not in ("account", "belief"))]]


def predict_task(
    ensemble: Ensemble, members: int, first: int, count: int, seed: int
) -> dict[str, Numbers]:
    """Run some members of an ensemble: ``facts`` float array (count, targets)."""
    scenario = ensemble.scenario
    draws = scenario.draws(seed, members)
    outcome = Outcome(layout_of(scenario))
    for number in range(first, first + count):
        member = scenario.member(seed, number, draws)
        outcome.add(run_member(scenario.ground, member, scenario.episode.hours))
    return {"facts": opened(ensemble.case).observations.read(outcome)}
