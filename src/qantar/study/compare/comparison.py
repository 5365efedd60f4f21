"""The comparison of accounts: calibrate each, weigh them by two methods, and judge the methods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from qantar.study.compare import tables
from qantar.study.compare.folds import folds_of
from qantar.study.compare.leading import headline_of
from qantar.study.compare.power import Facts, power
from qantar.study.compare.power import Runs as Observed
from qantar.study.compare.proof import try_methods
from qantar.study.compare.trial import left_out_task
from qantar.study.inference.calibration import Calibration, calibrate, prior_runs
from qantar.study.inference.case import Case, fitted_on, opened
from qantar.study.inference.design import Design
from qantar.study.inference.judges import judging_runs
from qantar.study.inference.predictive import ALL, score_groups
from qantar.study.inference.runs import Desk, Runs
from qantar.study.inference.summary import fact_table, held_scores, prior_check
from qantar.study.tasks import Task

_FOLD, _POWER = 25, 26
POWER_RUNS = 250
"""Judging runs of each account among which a further observation is looked for."""


@dataclass(frozen=True)
class Comparison:
    """What a comparison found, as tables that can be kept and shown.

    Attributes
    ----------
    tables : dict of DataFrame
        By name; see `qantar.study.compare.tables` for their columns.
    headline : str
        The verdict on all accounts.
    found : dict of Calibration
        By account; empty if the comparison was read from a shelf.
    """

    tables: dict[str, pd.DataFrame]
    headline: str
    found: dict[str, Calibration]


def compare(desk: Desk, cases: Sequence[Case], design: Design) -> Comparison:
    """Calibrate accounts on an episode and compare them.

    Parameters
    ----------
    desk : Desk
        Who does the work, and where it is kept.
    cases : sequence of Case
        At least two accounts of one episode.
    design : Design

    Returns
    -------
    Comparison
    """
    prior = prior_runs(desk, cases, design)
    found = calibrate(desk, prior, design)
    judges = judging_runs(desk, cases, design)
    trials, odds, spread = try_methods(desk, found, judges, design)
    checks = {case: prior_check(case, prior[case]) for case in cases}
    facts = {case: fact_table(opened(case), found[case].predictive) for case in cases}
    made = {
        "accounts": tables.account_table(found, checks, facts, trials, odds, spread),
        "pairs": tables.pair_table(cases, trials, odds),
        "confusion": tables.confusion_table(cases, trials),
        "reliability": tables.reliability_table(trials),
        "methods": tables.method_table(trials),
        "ranks": tables.rank_table(trials),
        "coverage": tables.coverage_table(trials),
        "prior-check": tables.by_account(checks),
        "facts": tables.by_account(facts),
        "parameters": tables.parameters_table(found),
        "discrepancy": tables.discrepancies_table(found),
        "scores": tables.by_account(
            {case: held_scores(opened(case), found[case].predictive.facts) for case in cases}
        ),
        "folds": _folds(desk, found, design),
        "power": _power(judges[1], design),
    }
    made["hindsight"] = tables.hindsight_table(made)
    return Comparison(made, headline_of(made), {case.account: found[case] for case in cases})


def _folds(desk: Desk, found: dict[Case, Calibration], design: Design) -> pd.DataFrame:
    """Leave real facts out by place and by time, and score their prediction from the others."""
    tasks, told = [], []
    for case, calibration in found.items():
        at, fit = opened(case), fitted_on(case)
        for number, fold in enumerate(folds_of(at.observations.targets, fit, at.layout)):
            shown = np.setdiff1d(fit, fold.left_out)
            if len(shown) == 0:  # a few facts in one place: there is nothing to predict from
                continue
            sizes = (design.particles, design.moves)
            seed = (design.seed, _FOLD, number)
            emulator = calibration.emulator.arrays()
            arguments = (case, emulator, shown, fold.left_out, sizes, seed)
            tasks.append(Task(f"{case.account}/fold-{number}", left_out_task, arguments))
            told.append((case, fold))
    rows = []
    for (case, fold), piece in zip(told, desk.do(tasks), strict=True):
        scored = score_groups(opened(case), piece["predicted"], fold.left_out, seen=True)
        whole = scored[scored["group"] == ALL].iloc[0]
        rows.append((case.account, fold.kind, fold.name, *whole.drop("group").tolist()))
    columns = ["account", "kind", "fold", "facts", "crps", "interval", "energy", "covered"]
    return pd.DataFrame(rows, columns=columns)


def _power(judges: dict[Case, Runs], design: Design) -> pd.DataFrame:
    """Return which further observation would separate accounts."""
    first = next(iter(judges))
    at, fit = opened(first), fitted_on(first)
    names = tuple(at.observations.names[k] for k in fit)
    observed = {
        case.account: Observed(runs.facts[:POWER_RUNS, fit], runs.further[:POWER_RUNS])
        for case, runs in judges.items()
    }
    facts = Facts(names, at.expected_error[fit])
    return power(observed, facts, at.further, seed=design.seed * 100 + _POWER).table
