"""Who leads a comparison, and the verdict in a few sentences.

The comparison of accounts: calibrate each, weigh them by two methods, and judge the methods.

A comparison narrowed to some of its accounts: what it says of these and no others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from qantar.analysis.compare import comparison_tables
from qantar.analysis.compare.comparison_tables import hindsight_table, pairs_with
from qantar.analysis.compare.posterior_predictive import folds_of
from qantar.analysis.compare.power import Facts, power
from qantar.analysis.compare.power import Runs as Observed
from qantar.analysis.compare.reliability import headline, listed
from qantar.analysis.compare.validation import left_out_task, try_methods
from qantar.analysis.inference.calibration import Calibration, calibrate, prior_runs
from qantar.analysis.inference.design import Design, Desk, Runs
from qantar.analysis.inference.ensemble_path import judging_runs
from qantar.analysis.inference.problem import Case, fitted_on, opened
from qantar.analysis.inference.summary import (
    ALL,
    fact_table,
    held_scores,
    prior_check,
    score_groups,
)
from qantar.base.errors import QantarError, nearest
from qantar.base.worker_process import Task
from qantar.packs.account import FRAMES


def leader(accounts: pd.DataFrame) -> str:
    """Return the most probable story, by the likelihood, of those told without hindsight.

    A story that names what it could not have known is represented by its blind twin. Where only
    frames are compared, the more probable of them leads.
    """
    with_hindsight = accounts["account"].isin(set(accounts["blind_twin_of"]))
    stories = accounts[~with_hindsight & ~accounts["account"].isin(FRAMES)]
    among = stories if len(stories) else accounts
    return str(among.sort_values("probability", ascending=False)["account"].iloc[0])


def headline_of(tables: dict[str, pd.DataFrame]) -> str:
    """Return the verdict on all accounts of some tables."""
    accounts = tables["accounts"]
    best = leader(accounts)
    titles = {name: f"`{name}`" for name in accounts["account"]}
    text = headline(best, pairs_with(tables["pairs"], best), titles)
    gains = tables.get("hindsight")
    if gains is None or gains.empty:
        return text
    bonus = gains["log_evidence_bonus"]
    names = listed([f"`{name}`" for name in gains["account"]])
    return (
        f"Of the stories told without hindsight, {text} Hindsight is worth {min(bonus):.1f} to "
        f"{max(bonus):.1f} nats to {names}, and is not counted."
    )


_FOLD, _POWER = 25, 26
POWER_RUNS = 250
"""Judging runs of each account among which a further observation is looked for."""


@dataclass(frozen=True)
class Comparison:
    """What a comparison found, as tables that can be kept and shown.

    Attributes
    ----------
    tables : dict of DataFrame
        By name; see `qantar.analysis.compare.comparison_tables` for their columns.
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
        "accounts": comparison_tables.account_table(found, checks, facts, trials, odds, spread),
        "pairs": comparison_tables.pair_table(cases, trials, odds),
        "confusion": comparison_tables.confusion_table(cases, trials),
        "reliability": comparison_tables.reliability_table(trials),
        "methods": comparison_tables.method_table(trials),
        "ranks": comparison_tables.rank_table(trials),
        "coverage": comparison_tables.coverage_table(trials),
        "prior-check": comparison_tables.by_account(checks),
        "facts": comparison_tables.by_account(facts),
        "parameters": comparison_tables.parameters_table(found),
        "discrepancy": comparison_tables.discrepancies_table(found),
        "scores": comparison_tables.by_account(
            {case: held_scores(opened(case), found[case].predictive.facts) for case in cases}
        ),
        "folds": _folds(desk, found, design),
        "power": _power(judges[1], design),
    }
    made["hindsight"] = comparison_tables.hindsight_table(made)
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


POOLED = "all"
"""What stands for all accounts together in the tables of ranks and of coverage."""

PROBABILITIES = (
    "probability",
    "recalibrated",
    "classifier_probability",
    "classifier_recalibrated",
)
_BOTH = {
    "pairs": ("better", "worse"),
    "confusion": ("true", "stated"),
    "power": ("first", "second"),
}
"""Tables of which a row concerns two accounts."""

_WHOLE = ("reliability", "methods")
"""Tables about the methods, which were tried on all accounts together."""


def narrowed(comparison: Comparison, accounts: Sequence[str]) -> Comparison:
    """Return what a comparison says of some of its accounts.

    Probabilities are among those accounts: they add up to one again. The rest of a row of a
    confusion matrix went to accounts that are left out, and the methods stay judged on all.

    Parameters
    ----------
    comparison : Comparison
    accounts : sequence of str
        At least two.

    Raises
    ------
    QantarError
        If there are fewer than two accounts, or one was not compared.
    """
    known = list(comparison.tables["accounts"]["account"])
    for name in accounts:
        if name not in known:
            raise QantarError(
                f"{name!r} is not among the accounts that were compared",
                expected=nearest(name, known) or ", ".join(known),
                mend="choose from these, or compare others with --from-scratch",
            )
    chosen = [name for name in known if name in accounts]
    if len(chosen) < 2:
        raise QantarError(
            f"there is nothing to compare {chosen[0] if chosen else 'nothing'!r} with",
            expected="at least two accounts",
            mend=f"--accounts {','.join(known[:2])}, or leave it out",
        )
    if chosen == known:
        return comparison
    tables = {name: _rows(name, table, chosen) for name, table in comparison.tables.items()}
    shares = tables["accounts"][list(PROBABILITIES)]
    tables["accounts"] = tables["accounts"].assign(**shares / shares.sum())
    if "scores" in tables:
        tables["hindsight"] = hindsight_table(tables)
    found = {name: comparison.found[name] for name in chosen if name in comparison.found}
    return Comparison(tables, headline_of(tables), found)


def _rows(name: str, table: pd.DataFrame, chosen: Sequence[str]) -> pd.DataFrame:
    if name in _WHOLE:
        return table
    if name in _BOTH:
        first, second = _BOTH[name]
        kept = table[first].isin(chosen) & table[second].isin(chosen)
    elif "account" in table:
        kept = table["account"].isin([*chosen, POOLED])
    else:
        return table
    return table[kept].reset_index(drop=True)
