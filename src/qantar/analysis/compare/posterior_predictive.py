"""Predictions of facts that were held back: cross-validation folds, and posterior predictive runs.

Facts of one town depend on each other, and so do facts of one day. Leaving out single facts would
let a prediction use its neighbours, so folds leave out whole regions and periods (Roberts et
al. 2017).

The posterior predictive is simulated from the shipped posteriors, so that it can be reproduced. The
default ensemble of the pack, which `qantar run` uses, is run for comparison.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from qantar.analysis.inference.calibration_design import TaskRunner
from qantar.analysis.inference.problem import InferenceProblem, load_problem, scenario_of
from qantar.analysis.inference.summary import held_scores
from qantar.analysis.outcomes import Layout, Outcome
from qantar.analysis.run import layout_of
from qantar.base.arrays import Hours, Numbers
from qantar.base.worker_process import Task
from qantar.evidence import Target
from qantar.evidence.targets import DATED
from qantar.packs.account import list_accounts
from qantar.simulate.draws import Belief, Draws
from qantar.simulate.ensemble import run_member
from qantar.simulate.scenario import Scenario

MIN_FACTS = 3
"""Regions with fewer facts are left out together."""

PERIODS = ("early", "middle", "late")
"""Dated facts are divided into these periods, with about equally many facts each."""

ELSEWHERE = "all other regions"
"""Name of the fold of those regions."""

DEFAULT, NULL = "union", "null"
"""Accounts that every prediction is compared with: the default account of a run, as fitted for it,
and the account without causes."""

BATCH = 25
"""Runs in a task: about half a second on two cores."""


@dataclass(frozen=True)
class Fold:
    """Facts that are left out together.

    Attributes
    ----------
    kind : str
        ``place`` or ``time``.
    name : str
    left_out : int array
        Indices of the facts.
    """

    kind: str
    name: str
    left_out: Hours


def folds_of(targets: tuple[Target, ...], among: Hours, layout: Layout) -> list[Fold]:
    """Return every fold among some of the targets.

    Facts of the whole country belong to no place, and facts without a day to no period.
    """
    return [*folds_by_place(targets, among, layout), *folds_by_time(targets, among, layout)]


def folds_by_place(targets: tuple[Target, ...], among: Hours, layout: Layout) -> list[Fold]:
    """Return one fold for every region, and one for the regions with few facts together."""
    region_of = dict(zip(layout.places, layout.region_of, strict=True))
    region = {
        int(k): targets[k].name if targets[k].level == "region" else region_of[targets[k].name]
        for k in among
        if targets[k].level != "country"
    }
    names = list(dict.fromkeys(region.values()))
    sizes = {name: sum(own == name for own in region.values()) for name in names}
    large = [name for name in names if sizes[name] >= MIN_FACTS]
    folds = [_fold("place", name, [k for k in region if region[k] == name]) for name in large]
    rest = [k for k in region if region[k] not in large]
    return [*folds, _fold("place", ELSEWHERE, rest)] if rest else folds


def folds_by_time(targets: tuple[Target, ...], among: Hours, layout: Layout) -> list[Fold]:
    """Return one fold for every period; days with many facts may leave a period without any."""
    days = {int(k): day for k in among if (day := _day_of(targets[k], layout)) is not None}
    ordered = sorted(set(days.values()))
    counts = np.cumsum([sum(own == day for own in days.values()) for day in ordered])
    folds = []
    for number, name in enumerate(PERIODS):
        low, high = (len(days) * step / len(PERIODS) for step in (number, number + 1))
        chosen = {day for day, count in zip(ordered, counts, strict=True) if low < count <= high}
        if chosen:
            span = f"{layout.date(min(chosen))} to {layout.date(max(chosen))}"
            left_out = [k for k in days if days[k] in chosen]
            folds.append(_fold("time", f"{name}: {span}", left_out))
    return folds


def _day_of(target: Target, layout: Layout) -> int | None:
    """Return the day of the window that a fact is about, None if it has none."""
    if target.variable in DATED:
        low, high = target.interval(layout.first_day)
        return int((low + high) // 2)
    try:
        return (dt.date.fromisoformat(target.date) - layout.first_day).days
    except ValueError:
        return None


def _fold(kind: str, name: str, numbers: list[int]) -> Fold:
    return Fold(kind, name, np.array(numbers, np.int64))


@dataclass(frozen=True)
class PredictiveEnsemble:
    """Runs that predict: an account, and where its parameters come from."""

    case: InferenceProblem
    belief: Belief

    @property
    def scenario(self) -> Scenario:
        """The scenario that is run."""
        return scenario_of(self.case, self.belief)


@lru_cache(maxsize=2)
def _draws(ensemble: PredictiveEnsemble, members: int, seed: int) -> Draws:
    """Return the draws of all members; the tasks of an ensemble follow each other."""
    return ensemble.scenario.draws(seed, members)


def comparators(cases: Sequence[InferenceProblem]) -> list[PredictiveEnsemble]:
    """Return the ensembles that predictions of some accounts are compared with, if shipped.

    These are the default ensemble, and the posterior of the null account unless it is among them.
    """
    pack, episode = cases[0].pack, cases[0].episode
    known = list_accounts(load_problem(cases[0]).scenario.country)
    wanted = []
    if DEFAULT in known:
        wanted.append(PredictiveEnsemble(InferenceProblem(pack, episode, DEFAULT), "fitted"))
    if NULL in known and NULL not in {case.account for case in cases}:
        wanted.append(PredictiveEnsemble(InferenceProblem(pack, episode, NULL), "posterior"))
    return [each for each in wanted if each.scenario.fit_file.is_file()]


def score_posterior_predictive(
    runner: TaskRunner, ensembles: Sequence[PredictiveEnsemble], *, members: int, seed: int
) -> pd.DataFrame:
    """Run ensembles and score them on the targets that were never used to fit.

    Parameters
    ----------
    runner : TaskRunner
    ensembles : sequence of PredictiveEnsemble
    members : int
        Runs of each.
    seed : int
        Random seed, the same for all.

    Returns
    -------
    DataFrame
        ``account``, ``belief``, then the columns of `held_scores` by group of facts.
    """
    tasks, owners = [], []
    for ensemble in ensembles:
        for first in range(0, members, BATCH):
            count = min(BATCH, members - first)
            name = f"{ensemble.case.account}/{ensemble.belief}/{first // BATCH:03d}"
            tasks.append(Task(name, predict_task, (ensemble, members, first, count, seed), count))
            owners.append(ensemble)
    done = list(zip(runner.do(tasks), owners, strict=True))
    parts = []
    for ensemble in ensembles:
        facts = np.vstack([piece["facts"] for piece, owner in done if owner == ensemble])
        scores = held_scores(load_problem(ensemble.case), facts)
        parts.append(scores.assign(account=ensemble.case.account, belief=ensemble.belief))
    table = pd.concat(parts, ignore_index=True)
    return table[["account", "belief", *(c for c in table if c not in ("account", "belief"))]]


def predict_task(
    ensemble: PredictiveEnsemble, members: int, first: int, count: int, seed: int
) -> dict[str, Numbers]:
    """Run some members of an ensemble: ``facts`` float array (count, targets)."""
    scenario = ensemble.scenario
    draws = _draws(ensemble, members, seed)
    outcome = Outcome(layout_of(scenario))
    for number in range(first, first + count):
        member = scenario.member(seed, number, draws)
        outcome.add(run_member(scenario.environment, member, scenario.episode.hours))
    return {"facts": load_problem(ensemble.case).observations.read(outcome)}
