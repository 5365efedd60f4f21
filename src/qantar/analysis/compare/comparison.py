"""The comparison of accounts: calibrate each, compare them by two methods, test the methods.

`compare` makes a comparison and `comparison_headline` states its verdict.
`restrict_to_accounts` restricts it to some of its accounts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from qantar.analysis.compare import comparison_tables
from qantar.analysis.compare.comparison_tables import pairs_with
from qantar.analysis.compare.posterior_predictive import NULL, folds_of
from qantar.analysis.compare.power import Facts, power
from qantar.analysis.compare.power import Runs as ObservedRuns
from qantar.analysis.compare.reliability import headline, join_names
from qantar.analysis.compare.validation import held_out_prediction_task, validate_methods
from qantar.analysis.inference.calibration import Calibration, calibrate, prior_runs
from qantar.analysis.inference.calibration_design import Design, TaskRunner
from qantar.analysis.inference.ensemble_path import reference_runs
from qantar.analysis.inference.problem import InferenceProblem, fitted_on, load_problem
from qantar.analysis.inference.summary import (
    ALL,
    discrepancy_table,
    fact_table,
    held_scores,
    parameter_table,
    prior_check,
    score_groups,
)
from qantar.base.errors import QantarError, nearest
from qantar.base.worker_process import Task
from qantar.packs.account import FRAMES

POWER_RUNS = 250
"""Reference runs of each account in which candidate observations are evaluated."""

UNDECIDED = "No account with causes can be told from another on these facts."
"""The verdict where the methods distinguish no two accounts other than `NULL`."""

POOLED = "all"
"""Name of all accounts together in the tables of ranks and of coverage."""

PROBABILITIES = (
    "probability",
    "recalibrated",
    "classifier_probability",
    "classifier_recalibrated",
)
"""Columns that sum to one over the accounts."""

_PAIR_COLUMNS = {
    "pairs": ("better", "worse"),
    "confusion": ("true", "stated"),
    "power": ("first", "second"),
}
"""Tables of which a row concerns two accounts."""

_METHOD_TABLES = ("reliability", "methods")
"""Tables about the methods, which were tried on all accounts together."""

_FOLD_SEED, _POWER_SEED = 25, 26
"""Parts of the random seeds of the stages."""


@dataclass(frozen=True)
class Comparison:
    """The result of a comparison, as tables that can be archived and shown.

    Attributes
    ----------
    tables : dict of DataFrame
        By name; see `qantar.analysis.compare.comparison_tables` for their columns.
    headline : str
        The verdict on all accounts.
    found : dict of Calibration
        By account; empty if the comparison was read from an archive.
    """

    tables: dict[str, pd.DataFrame]
    headline: str
    found: dict[str, Calibration]


def compare(runner: TaskRunner, cases: Sequence[InferenceProblem], design: Design) -> Comparison:
    """Calibrate accounts on an episode and compare them.

    Parameters
    ----------
    runner : TaskRunner
        Runs the tasks and keeps their results.
    cases : sequence of InferenceProblem
        At least two accounts of one episode.
    design : Design

    Returns
    -------
    Comparison
    """
    prior = prior_runs(runner, cases, design)
    found = calibrate(runner, prior, design)
    reference = reference_runs(runner, cases, design)
    trials, odds, spread = validate_methods(runner, found, reference, design)

    first = cases[0]
    at, fit = load_problem(first), fitted_on(first)
    observed = {
        case.account: ObservedRuns(runs.facts[:POWER_RUNS, fit], runs.candidates[:POWER_RUNS])
        for case, runs in reference[1].items()
    }
    names = tuple(at.observations.names[k] for k in fit)
    separated = power(
        observed,
        Facts(names, at.expected_error[fit]),
        at.candidates,
        seed=design.seed * 100 + _POWER_SEED,
    )

    checks = {case: prior_check(case, prior[case]) for case in cases}
    facts = {case: fact_table(load_problem(case), found[case].predictive) for case in cases}
    tables = {
        "accounts": comparison_tables.account_table(found, checks, facts, trials, odds, spread),
        "pairs": comparison_tables.pair_table(cases, trials, odds),
        "confusion": comparison_tables.confusion_table(cases, trials),
        "reliability": comparison_tables.reliability_table(trials),
        "methods": comparison_tables.method_table(trials),
        "ranks": comparison_tables.rank_table(trials),
        "coverage": comparison_tables.coverage_table(trials),
        "prior-check": comparison_tables.by_account(checks),
        "facts": comparison_tables.by_account(facts),
        "parameters": comparison_tables.by_account(
            {case: parameter_table(own) for case, own in found.items()}
        ),
        "discrepancy": comparison_tables.by_account(
            {case: discrepancy_table(own) for case, own in found.items()}
        ),
        "scores": comparison_tables.by_account(
            {case: held_scores(load_problem(case), found[case].predictive.facts) for case in cases}
        ),
        "folds": _fold_scores(runner, found, design),
        "power": separated.table,
    }
    tables["hindsight"] = comparison_tables.hindsight_table(tables)
    return Comparison(
        tables, comparison_headline(tables), {case.account: found[case] for case in cases}
    )


def _fold_scores(
    runner: TaskRunner, found: dict[InferenceProblem, Calibration], design: Design
) -> pd.DataFrame:
    """Leave real facts out by place and by time, and score their prediction from the others."""
    tasks, folds = [], []
    for case, calibration in found.items():
        at, fit = load_problem(case), fitted_on(case)
        for number, fold in enumerate(folds_of(at.observations.targets, fit, at.layout)):
            shown = np.setdiff1d(fit, fold.left_out)
            if len(shown) == 0:  # all facts are about one place: none is left to predict from
                continue
            sizes = (design.particles, design.moves)
            seed = (design.seed, _FOLD_SEED, number)
            emulator = calibration.emulator.arrays()
            arguments = (case, emulator, shown, fold.left_out, sizes, seed)
            tasks.append(Task(f"{case.account}/fold-{number}", held_out_prediction_task, arguments))
            folds.append((case, fold))
    rows = []
    for (case, fold), piece in zip(folds, runner.do(tasks), strict=True):
        scored = score_groups(load_problem(case), piece["predicted"], fold.left_out, seen=True)
        whole = scored[scored["group"] == ALL].iloc[0]
        rows.append((case.account, fold.kind, fold.name, *whole.drop("group").tolist()))
    columns = ["account", "kind", "fold", "facts", "crps", "interval", "energy", "covered"]
    return pd.DataFrame(rows, columns=columns)


def leader(accounts: pd.DataFrame) -> str:
    """Return the most probable account, by the likelihood, among those without hindsight.

    An account with hindsight is represented by its blind twin. Where only frames are compared, the
    more probable one is returned.
    """
    with_hindsight = accounts["account"].isin(set(accounts["blind_twin_of"]))
    candidates = accounts[~with_hindsight & ~accounts["account"].isin(FRAMES)]
    if candidates.empty:
        candidates = accounts
    return str(candidates.sort_values("probability", ascending=False)["account"].iloc[0])


def comparison_headline(tables: dict[str, pd.DataFrame]) -> str:
    """Return the verdict on all accounts, from the tables of a comparison.

    No leader is named where no two accounts with causes can be told apart.
    """
    accounts, pairs = tables["accounts"], tables["pairs"]
    best = leader(accounts)
    titles = {name: f"`{name}`" for name in accounts["account"]}
    gains = tables.get("hindsight")
    with_hindsight = gains is not None and not gains.empty
    if is_undecided(pairs):
        with_null = pairs[(pairs["better"] == NULL) | (pairs["worse"] == NULL)]
        text = f"{UNDECIDED} {_null_sentence(with_null)}".strip()
    else:
        text = headline(best, pairs_with(pairs, best), titles)
        if with_hindsight:
            text = f"Among the accounts without hindsight, {text}"
    if gains is None or not with_hindsight:
        return text
    bonus = gains["log_evidence_bonus"]
    names = join_names([f"`{name}`" for name in gains["account"]])
    counted = "" if is_undecided(pairs) else ", and is not counted"
    return (
        f"{text} Hindsight (places and hours that nobody could have known beforehand) is worth "
        f"{min(bonus):.1f} to {max(bonus):.1f} nats to {names}{counted}."
    )


def is_undecided(pairs: pd.DataFrame) -> bool:
    """Return whether there are accounts with causes and no two of them can be told apart."""
    with_causes = pairs[(pairs["better"] != NULL) & (pairs["worse"] != NULL)]
    return not with_causes.empty and bool((with_causes["strength"] == "not").all())


def _null_sentence(pairs: pd.DataFrame) -> str:
    """Return how the account without causes compares with the others; empty if not compared."""
    if pairs.empty:
        return ""
    counts = pairs[pairs["worse"] == NULL]["strength"].value_counts()
    total = len(pairs)
    parts = []
    for strength in ("clearly", "somewhat"):
        count = int(counts.get(strength, 0))
        if count:
            number = "All" if count == total > 1 else f"{count} of {total}"
            parts.append(f"{number} are {strength} better supported than `{NULL}`")
    if not parts:
        return f"None of them is better supported than `{NULL}`, the account without causes."
    return f"{' and '.join(parts)}, the account without causes."


def restrict_to_accounts(comparison: Comparison, accounts: Sequence[str]) -> Comparison:
    """Return a comparison restricted to some of its accounts.

    Probabilities are renormalised over those accounts. Rows of the confusion matrix no longer sum
    to one, as the rest went to the accounts left out; the methods stay judged on all accounts.

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
                hint="choose from these, or compare others with --from-scratch",
            )
    chosen = [name for name in known if name in accounts]
    if len(chosen) < 2:
        raise QantarError(
            f"there is nothing to compare {chosen[0] if chosen else 'nothing'!r} with",
            expected="at least two accounts",
            hint=f"--accounts {','.join(known[:2])}, or leave it out",
        )
    if chosen == known:
        return comparison
    tables = {}
    for name, table in comparison.tables.items():
        if name in _PAIR_COLUMNS:
            first, second = _PAIR_COLUMNS[name]
            kept = table[first].isin(chosen) & table[second].isin(chosen)
        elif name not in _METHOD_TABLES and "account" in table:
            kept = table["account"].isin([*chosen, POOLED])
        else:
            tables[name] = table
            continue
        tables[name] = table[kept].reset_index(drop=True)
    shares = tables["accounts"][list(PROBABILITIES)]
    tables["accounts"] = tables["accounts"].assign(**shares / shares.sum())
    if "scores" in tables:
        tables["hindsight"] = comparison_tables.hindsight_table(tables)
    found = {name: comparison.found[name] for name in chosen if name in comparison.found}
    return Comparison(tables, comparison_headline(tables), found)
