"""Tables of a comparison in tidy form, with every number that its report shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import cast

import numpy as np
import pandas as pd
from scipy.special import softmax
from scipy.stats import chi2

from qantar.analysis.compare.reliability import (
    PairVerdict,
    Strength,
    brier,
    calibration_curve,
    confusion,
    expected_calibration_error,
    log_score,
    pair_accuracy,
    verdict_of,
)
from qantar.analysis.compare.validation import METHODS, SimulatedDataCheck
from qantar.analysis.inference.calibration import Calibration
from qantar.analysis.inference.problem import InferenceProblem, load_problem
from qantar.analysis.inference.summary import convergence
from qantar.base.arrays import Numbers

BINS = 10
"""Bins of calibration curves and rank histograms."""

NOMINAL = (0.5, 0.9)
"""Nominal levels of the central intervals whose coverage is counted."""


def account_table(
    found: Mapping[InferenceProblem, Calibration],
    checks: Mapping[InferenceProblem, pd.DataFrame],
    facts: Mapping[InferenceProblem, pd.DataFrame],
    trials: SimulatedDataCheck,
    odds: Mapping[str, Numbers],
    spread: Mapping[str, Numbers],
) -> pd.DataFrame:
    """Return one row per account: evidence and probability by each method, and convergence.

    Parameters
    ----------
    found : mapping of InferenceProblem to Calibration
    checks, facts : mapping of InferenceProblem to DataFrame
        The tables of `prior_check` and `fact_table` for every account.
    trials : SimulatedDataCheck
    odds, spread : mapping of str to float array (accounts,)
        Log evidence on the real facts and its error, by method.

    Returns
    -------
    DataFrame
        ``account``, ``title``, ``told_by``, ``blind_twin_of``; ``log_evidence`` and its
        ``error``, ``probability`` by the likelihood and ``recalibrated``; the same four with the
        prefix ``classifier_`` (its log evidence counts from the best account); ``forbidden``,
        ``strained`` (facts, by the prior); ``missed_fit``, ``missed_held`` (facts outside the
        middle 90 % of the posterior predictive); then the entries of `convergence`.
    """
    rows = []
    for k, (case, own) in enumerate(found.items()):
        account = load_problem(case).scenario.account
        check = checks[case]["verdict"].value_counts()
        missed = facts[case][facts[case]["missed"]]["use"].value_counts()
        row: dict[str, object] = {
            "account": case.account,
            "title": account.title,
            "told_by": " ".join(account.told_by),
            "blind_twin_of": account.blind_twin_of or "",
        }
        for method, prefix in zip(METHODS, ("", "classifier_"), strict=True):
            row[f"{prefix}log_evidence"] = float(odds[method][k])
            row[f"{prefix}error"] = float(spread[method][k])
            row[f"{prefix}probability"] = float(softmax(odds[method])[k])
            row[f"{prefix}recalibrated"] = float(softmax(trials.factor(method) * odds[method])[k])
        row |= {
            "forbidden": int(check.get("forbidden", 0)),
            "strained": int(check.get("strained", 0)),
            "missed_fit": int(missed.get("fit", 0)),
            "missed_held": int(missed.get("held", 0)),
        }
        row |= {
            name: value
            for name, value in convergence(own).items()
            if name not in ("log_evidence", "error")
        }
        rows.append(row)
    return pd.DataFrame(rows)


def pair_table(
    cases: Sequence[InferenceProblem], trials: SimulatedDataCheck, odds: Mapping[str, Numbers]
) -> pd.DataFrame:
    """Return the verdict on every pair of accounts.

    Columns: ``better``, ``worse``; ``likelihood_log_odds``, ``classifier_log_odds``
    (recalibrated), ``likelihood_accuracy``, ``classifier_accuracy`` on simulated data of the two;
    ``strength`` and ``reason``.
    """
    rows = []
    for a, b in combinations(range(len(cases)), 2):
        log_odds = [float(trials.factor(m) * (odds[m][a] - odds[m][b])) for m in METHODS]
        accuracy = [pair_accuracy(trials.truth, trials.log_evidence[m], a, b) for m in METHODS]
        verdict = verdict_of(
            (cases[a].account, cases[b].account),
            (log_odds[0], log_odds[1]),
            (accuracy[0], accuracy[1]),
        )
        rows.append(
            (
                verdict.better,
                verdict.worse,
                *verdict.log_odds,
                *verdict.accuracy,
                verdict.strength,
                verdict.reason,
            )
        )
    columns = ["better", "worse", *(f"{m}_log_odds" for m in METHODS)]
    return pd.DataFrame(
        rows, columns=[*columns, *(f"{m}_accuracy" for m in METHODS), "strength", "reason"]
    )


def pairs_with(pairs: pd.DataFrame, account: str) -> list[PairVerdict]:
    """Return the verdicts on the pairs that an account is part of."""
    own = pairs[(pairs["better"] == account) | (pairs["worse"] == account)]
    return [
        PairVerdict(
            row["better"],
            row["worse"],
            (row["likelihood_log_odds"], row["classifier_log_odds"]),
            (row["likelihood_accuracy"], row["classifier_accuracy"]),
            cast("Strength", row["strength"]),
            row["reason"],
        )
        for row in own.to_dict("records")
    ]


def confusion_table(cases: Sequence[InferenceProblem], trials: SimulatedDataCheck) -> pd.DataFrame:
    """Return the confusion matrix of each method on data sets of every account.

    Columns: ``method``, ``true``, ``stated``, ``mean`` (probability, recalibrated on the other
    data sets), ``first`` (share of data sets in which it was the most probable), ``sets``.
    """
    rows = []
    for method in METHODS:
        found = confusion(trials.truth, softmax(trials.recalibrated(method), axis=1))
        for a, true in enumerate(cases):
            for b, stated in enumerate(cases):
                cell = (float(found.mean[a, b]), float(found.first[a, b]), int(found.sets[a]))
                rows.append((method, true.account, stated.account, *cell))
    return pd.DataFrame(rows, columns=["method", "true", "stated", "mean", "first", "sets"])


def reliability_table(trials: SimulatedDataCheck) -> pd.DataFrame:
    """Return the calibration curves of both methods, before and after recalibration.

    Columns: ``method``, ``recalibrated``, ``stated``, ``came_true``, ``low``, ``high``,
    ``statements``.
    """
    rows = []
    for method, after, probabilities in _stated_probabilities(trials):
        curve = calibration_curve(trials.truth, probabilities, bins=BINS)
        parts = (curve.stated, curve.came_true, curve.low, curve.high, curve.statements)
        rows += [(method, after, *(float(p) for p in row)) for row in zip(*parts, strict=True)]
    columns = ["method", "recalibrated", "stated", "came_true", "low", "high", "statements"]
    return pd.DataFrame(rows, columns=columns)


def method_table(trials: SimulatedDataCheck) -> pd.DataFrame:
    """Return the skill of each method on simulated data, before and after recalibration.

    Columns: ``method``, ``recalibrated``, ``factor`` (of the log odds), ``ece``, ``log_score``,
    ``brier``, ``accuracy``, ``chance`` (accuracy of guessing), ``data_sets``.
    """
    rows = []
    for method, after, stated in _stated_probabilities(trials):
        right = float(np.mean(stated.argmax(axis=1) == trials.truth))
        rows.append(
            (
                method,
                after,
                trials.factor(method) if after else 1.0,
                expected_calibration_error(trials.truth, stated, bins=BINS),
                log_score(trials.truth, stated),
                brier(trials.truth, stated),
                right,
                1.0 / stated.shape[1],
                len(trials.truth),
            )
        )
    columns = ["method", "recalibrated", "factor", "ece", "log_score", "brier", "accuracy"]
    return pd.DataFrame(rows, columns=[*columns, "chance", "data_sets"])


def rank_table(trials: SimulatedDataCheck) -> pd.DataFrame:
    """Return the histogram of the ranks of true parameters, by account and over all.

    Columns: ``account``, ``bin``, ``share`` (of the ranks in the bin), ``ranks``, ``p_value`` of
    uniformity for the account (chi squared; ranks of one data set depend on each other a little).
    """
    rows = []
    everything = np.concatenate([ranks.ravel() for ranks in trials.ranks.values()])
    pooled = {name: ranks.ravel() for name, ranks in trials.ranks.items()}
    for account, ranks in (*pooled.items(), ("all", everything)):
        counts = np.histogram(ranks, bins=BINS, range=(0, 1))[0]
        expected = len(ranks) / BINS
        p_value = float(chi2.sf(((counts - expected) ** 2 / expected).sum(), BINS - 1))
        for k, count in enumerate(counts):
            rows.append((account, k, float(count / len(ranks)), len(ranks), p_value))
    return pd.DataFrame(rows, columns=["account", "bin", "share", "ranks", "p_value"])


def coverage_table(trials: SimulatedDataCheck) -> pd.DataFrame:
    """Return how often central intervals cover the truth on simulated data.

    Columns: ``what`` (``parameters`` of data from the prior; ``facts not shown`` of data from the
    reference runs), ``account`` (or ``all``), ``level``, ``covered``, ``statements``.
    """
    rows = []
    for what, by_account in (("parameters", trials.ranks), ("facts not shown", trials.below)):
        pooled = {name: values.ravel() for name, values in by_account.items()}
        pooled["all"] = np.concatenate(list(pooled.values()))
        for account, ranks in pooled.items():
            for level in NOMINAL:
                covered = float(np.mean(np.abs(ranks - 0.5) <= level / 2))
                rows.append((what, account, level, covered, len(ranks)))
    return pd.DataFrame(rows, columns=["what", "account", "level", "covered", "statements"])


def by_account(parts: Mapping[InferenceProblem, pd.DataFrame]) -> pd.DataFrame:
    """Concatenate tables of several accounts, with a first column ``account``."""
    labelled = [table.assign(account=case.account) for case, table in parts.items()]
    columns = ["account", *next(iter(parts.values())).columns]
    return pd.concat(labelled, ignore_index=True)[columns]


def hindsight_table(made: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return what each account gains by hindsight: places and hours not knowable beforehand.

    Columns: ``account``, ``blind_twin``, ``log_evidence_bonus``, ``classifier_bonus`` (nats of
    the account over its twin), ``crps_bonus`` (of the held-back facts, in standard errors).
    """
    rows = made["accounts"].to_dict("records")
    known = {str(row["account"]): row for row in rows}
    whole = made["scores"][made["scores"]["group"] == "all"]
    crps = dict(zip(whole["account"], whole["crps"].astype(float), strict=True))
    found = []
    for twin, row in known.items():
        with_hindsight = known.get(str(row["blind_twin_of"]))
        if with_hindsight is not None:
            name = str(with_hindsight["account"])
            gains = [
                float(with_hindsight[f"{method}log_evidence"]) - float(row[f"{method}log_evidence"])
                for method in ("", "classifier_")
            ]
            found.append((name, twin, *gains, crps[twin] - crps[name]))
    columns = ["account", "blind_twin", "log_evidence_bonus", "classifier_bonus", "crps_bonus"]
    return pd.DataFrame(found, columns=columns)


def _stated_probabilities(trials: SimulatedDataCheck) -> list[tuple[str, bool, Numbers]]:
    """Return the probabilities that each method states, before and after recalibration."""
    result = []
    for method in METHODS:
        result.append((method, False, softmax(trials.log_evidence[method], axis=1)))
        result.append((method, True, softmax(trials.recalibrated(method), axis=1)))
    return result
