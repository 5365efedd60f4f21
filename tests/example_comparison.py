"""A comparison made by hand: six accounts, of which `union` leads and two cannot be told apart."""

from __future__ import annotations

from functools import cache
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.special import softmax

from qantar.analysis.compare import comparison_tables as made
from qantar.analysis.compare.comparison import Comparison, comparison_headline
from qantar.analysis.compare.validation import METHODS, SimulatedDataCheck
from qantar.analysis.facts import GROUPS
from qantar.analysis.inference.problem import InferenceProblem

ACCOUNTS = ("union", "state", "state-blind", "territorial", "territorial-blind", "null")
TWINS = {"state-blind": "state", "territorial-blind": "territorial"}
LOG_EVIDENCE = np.array([-120.0, -121.0, -122.5, -126.0, -133.0, -141.0])
SETS = 8
FACTS = [(group, f"{variables[0]}-{k}") for group, variables in GROUPS.items() for k in (1, 2, 3)]


@cache
def made_comparison() -> Comparison:
    """Return the comparison; `union` and `state` are alike on simulated data, the rest is not."""
    cases = [InferenceProblem("kazakhstan", "january-2022", name) for name in ACCOUNTS]
    odds = {"likelihood": LOG_EVIDENCE, "classifier": (LOG_EVIDENCE - LOG_EVIDENCE.max()) * 0.8}
    trials = _trials()
    tables = {
        "accounts": _accounts(odds, trials),
        "pairs": made.pair_table(cases, trials, odds),
        "confusion": made.confusion_table(cases, trials),
        "reliability": made.reliability_table(trials),
        "methods": made.method_table(trials),
        "ranks": made.rank_table(trials),
        "coverage": made.coverage_table(trials),
        "prior-check": _prior_check(),
        "facts": _facts(),
        "parameters": _parameters(),
        "discrepancy": _discrepancy(),
        "scores": _scores(),
        "folds": _folds(),
        "power": _power(),
    }
    tables["hindsight"] = made.hindsight_table(tables)
    return Comparison(tables, comparison_headline(tables), {})


def _trials() -> SimulatedDataCheck:
    rng = np.random.default_rng([7, 1])
    n = len(ACCOUNTS)
    truth = np.repeat(np.arange(n), SETS)
    strength = np.where(np.eye(n, dtype=bool), 5.0, 0.0)
    strength[0, 1] = strength[1, 0] = 5.0  # nothing tells these two apart
    log_evidence = {
        method: strength[truth] + rng.normal(0, 1.5, (len(truth), n)) for method in METHODS
    }
    ranks = {name: rng.uniform(size=(20, 30)) for name in ACCOUNTS}
    below = {name: rng.uniform(size=(SETS, 10)) for name in ACCOUNTS}
    return SimulatedDataCheck(truth, log_evidence, ranks, below)


def _accounts(odds: dict[str, np.ndarray], trials: SimulatedDataCheck) -> pd.DataFrame:
    rows = []
    for k, name in enumerate(ACCOUNTS):
        row: dict[str, object] = {
            "account": name,
            "title": f"The story of {name} <b>",
            "told_by": "" if name == "null" else "seed-000 seed-001",
            "blind_twin_of": TWINS.get(name, ""),
        }
        for method, prefix in zip(METHODS, ("", "classifier_"), strict=True):
            row[f"{prefix}log_evidence"] = float(odds[method][k])
            row[f"{prefix}error"] = 0.3
            row[f"{prefix}probability"] = float(softmax(odds[method])[k])
            row[f"{prefix}recalibrated"] = float(softmax(trials.factor(method) * odds[method])[k])
        row |= {"forbidden": 2 * (name == "null"), "strained": 1, "missed_fit": k, "missed_held": 1}
        row |= {"chains": 4.0, "particles": 500.0, "steps": 11.5, "least_effective": 240.0}
        row |= {"least_ancestors": 40.0, "mean_acceptance": 0.25, "largest_rhat": 1.02}
        rows.append({**row, "emulator_explains": 0.8})
    return pd.DataFrame(rows)


def _prior_check() -> pd.DataFrame:
    rows = [
        (name, fact, group, 3.0, 1.0, 2.0, 4.0, 5.0 if bad else 0.5, 0.0 if bad else 0.4,
         "forbidden" if bad else "allowed")
        for name in ACCOUNTS
        for k, (group, fact) in enumerate(FACTS)
        for bad in [name == "null" and k in (3, 4)]
    ]  # fmt: skip
    names = ["account", "target", "group", "observed", "q05", "q50", "q95", "nearest", "tail"]
    return pd.DataFrame(rows, columns=[*names, "verdict"])


def _facts() -> pd.DataFrame:
    rows = [
        (name, fact, group, "held" if fact.endswith("3") else "fit", "log", 5.5, 0.3, 3.0, 4.0,
         4.5 if k < number else 6.0, 0.001 if k < number else 0.5, k < number)
        for number, name in enumerate(ACCOUNTS)
        for k, (group, fact) in enumerate(FACTS)
    ]  # fmt: skip
    names = ["account", "target", "group", "use", "kind", "observed", "error", "q05", "q50", "q95"]
    return pd.DataFrame(rows, columns=[*names, "tail", "missed"])


def _parameters() -> pd.DataFrame:
    rows = [
        (name, f"joining.number_{k}", f"What number {k} means", "persons", 1.0, 2.0, 4.0,
         1.5, 2.0, 2.0 + k / 20, k / 40, 0.1, 1.01, k < 36)
        for name in ACCOUNTS
        for k in range(40)
    ]  # fmt: skip
    names = ["account", "parameter", "label", "unit"]
    names += [f"{kind}_{q}" for kind in ("prior", "posterior") for q in ("q05", "q50", "q95")]
    return pd.DataFrame(rows, columns=[*names, "ratio", "shift", "rhat", "constrained"])


def _discrepancy() -> pd.DataFrame:
    rows = [
        (name, kind, 0.3, 0.1, 0.2, 0.4)
        for name in ACCOUNTS
        for kind in ("day", "log", "flag", "share")
    ]
    return pd.DataFrame(rows, columns=["account", "kind", "prior_q50", "q05", "q50", "q95"])


def _scores() -> pd.DataFrame:
    rows = [
        (name, group, 3, 0.5 + 0.1 * k, 4.0 + k, 1.0 + 0.2 * k, 0.9)
        for k, name in enumerate(ACCOUNTS)
        for group in (*GROUPS, "all")
    ]
    names = ["account", "group", "facts", "crps", "interval", "energy", "covered"]
    return pd.DataFrame(rows, columns=names)


def made_held() -> pd.DataFrame:
    """Return scores of repeated predictions, with the default ensemble as the best."""
    own = _scores().assign(belief="posterior")
    default = own[own["account"] == "union"].assign(belief="fitted")
    default["crps"] -= 0.1
    table = pd.concat([own, default], ignore_index=True)
    return table[["account", "belief", *(n for n in table if n not in ("account", "belief"))]]


def _folds() -> pd.DataFrame:
    folds = [("place", "Almaty"), ("place", "Atyrau"), ("time", "early: 2 to 4 January")]
    rows = [
        (name, kind, fold, 5, 0.6 + 0.1 * k, 4.0, 1.0, 0.88)
        for k, name in enumerate(ACCOUNTS)
        for kind, fold in folds
    ]
    names = ["account", "kind", "fold", "facts", "crps", "interval", "energy", "covered"]
    return pd.DataFrame(rows, columns=names)


def _power() -> pd.DataFrame:
    rows = []
    pairs = [("", ""), *combinations(sorted(ACCOUNTS), 2)]
    for first, second in pairs:
        label = f"{first} / {second}" if first else "all accounts"
        whole = (label, first, second)
        rows.append((*whole, "facts", "", 0, 0, -0.6, 0.7, 0.0, 0.0, 0.0, 0.0))
        for rank in range(1, 8):
            gain = 0.4 / rank
            rows.append((*whole, "group", f"group {rank}", 1, rank, -0.6 + gain, 0.8, gain, 0.05,
                         0.1, 0.02))  # fmt: skip
        rows.append((*whole, "single", "group 1/Almaty", 1, 1, -0.4, 0.8, 0.2, 0.05, 0.1, 0.02))
    names = ["accounts", "first", "second", "level", "added", "number", "rank", "score"]
    names += ["accuracy", "gain", "gain_error", "accuracy_gain", "accuracy_gain_error"]
    return pd.DataFrame(rows, columns=names)
