"""Summaries of a calibration as tidy tables: parameters, facts, convergence and scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from qantar.analysis.design_points import unknowns_of
from qantar.analysis.facts import GROUPS, group_of
from qantar.analysis.inference.calibration import Calibration
from qantar.analysis.inference.calibration_design import Runs
from qantar.analysis.inference.problem import (
    InferenceProblem,
    LoadedProblem,
    load_problem,
    used_for,
)
from qantar.analysis.observations import KINDS, NINETY
from qantar.analysis.scores import crps_with_error, energy_score, interval_score, rank
from qantar.base.arrays import Hours, Numbers

MISS_PROBABILITY = 0.1
"""Nominal probability that the scored interval misses the observation."""

ALL = "all"
"""Name of all groups of facts together."""

LEVELS = (0.05, 0.5, 0.95)
"""Quantiles that the tables give."""

FORBIDDEN, STRAINED = 3.0, 0.01
"""A prior forbids a fact if no run is within `FORBIDDEN` standard errors of it; it strains a fact
whose tail probability is below `STRAINED`."""

UNCONSTRAINED, UNMOVED = 0.9, 0.25
"""A parameter is unconstrained if the standard deviation of its posterior is at least
`UNCONSTRAINED` and its mean has moved by less than `UNMOVED`, in prior standard deviations."""


def prior_check(case: InferenceProblem, runs: Runs) -> pd.DataFrame:
    """Return whether the prior of an account allows each fact used to fit.

    Returns
    -------
    DataFrame
        ``target``, ``group``, ``observed``, ``q05``, ``q50``, ``q95`` (on the scale of its kind),
        ``nearest`` (standard errors from the observation to the nearest run), ``tail`` (two-sided
        tail probability of the observation under the prior predictive) and
        ``verdict``: ``allowed``, ``strained`` or ``forbidden``.
    """
    at = load_problem(case)
    rows = []
    for k, target in enumerate(at.observations.targets):
        if target.use != "fit":
            continue
        values, seen = runs.facts[:, k], at.observations.value[k]
        error = at.expected_error[k]
        nearest = float(np.abs(values - seen).min() / error)
        below = float(rank(values, np.array(seen), error))
        tail = 2 * min(below, 1 - below)
        verdict = "forbidden" if nearest > FORBIDDEN else "allowed"
        if verdict == "allowed" and tail < STRAINED:
            verdict = "strained"
        quantiles = [float(q) for q in np.quantile(values, LEVELS)]
        rows.append((target.target, group_of(target), seen, *quantiles, nearest, tail, verdict))
    columns = ["target", "group", "observed", "q05", "q50", "q95", "nearest", "tail", "verdict"]
    return pd.DataFrame(rows, columns=columns)


def parameter_table(found: Calibration) -> pd.DataFrame:
    """Return prior and posterior of every free parameter, narrowest first.

    Returns
    -------
    DataFrame
        ``parameter``, ``label``, ``unit``, ``prior_q05`` ... ``posterior_q95`` in its unit;
        ``ratio``: standard deviation of the posterior over that of the prior, on the scale of
        prior scores; ``shift``: mean of the posterior in prior standard deviations; ``rhat``;
        ``constrained``: whether the facts constrain it.
    """
    at = load_problem(found.case)
    rows = []
    for k, number in enumerate(unknowns_of(at.scenario)):
        scores = found.draws[:, k]
        prior = [number.at(score) for score in (-1.645, 0.0, 1.645)]
        posterior = [number.at(float(q)) for q in np.quantile(scores, LEVELS)]
        shape = float(scores.std()), float(scores.mean())
        label, unit = number.declared.label, number.declared.unit
        constrained = shape[0] < UNCONSTRAINED or abs(shape[1]) >= UNMOVED
        row = (number.name, label, unit, *prior, *posterior, *shape, rhat(found, k), constrained)
        rows.append(row)
    columns = ["parameter", "label", "unit"]
    columns += [f"{kind}_{q}" for kind in ("prior", "posterior") for q in ("q05", "q50", "q95")]
    table = pd.DataFrame(rows, columns=[*columns, "ratio", "shift", "rhat", "constrained"])
    return table.sort_values("ratio", ignore_index=True)


def discrepancy_table(found: Calibration) -> pd.DataFrame:
    """Return prior median and posterior of the standard deviation of the discrepancy by kind."""
    at = load_problem(found.case)
    first = len(at.names)
    rows = []
    for k, kind in enumerate(KINDS):
        prior = at.discrepancy[kind]
        values = prior.median * np.exp(prior.spread * found.draws[:, first + k])
        rows.append((kind, prior.median, *(float(q) for q in np.quantile(values, LEVELS))))
    return pd.DataFrame(rows, columns=["kind", "prior_q50", "q05", "q50", "q95"])


def fact_table(at: LoadedProblem, runs: Runs) -> pd.DataFrame:
    """Return the results of runs for every target, compared with the sources.

    Returns
    -------
    DataFrame
        ``target``, ``group``, ``use``, ``kind``, ``observed``, ``error``, ``q05``, ``q50``,
        ``q95`` on the scale of the kind, ``tail`` (two-sided, error of the sources included) and
        ``missed``: whether the middle 90 % of the runs lies outside the interval of the sources.
    """
    seen, error = at.observations.value, at.observations.error
    below, reach = rank(runs.facts, seen, error), error * NINETY / 2
    quantiles = np.quantile(runs.facts, LEVELS, axis=0)
    rows = [
        (
            target.target,
            group_of(target),
            target.use,
            at.observations.kinds[k],
            seen[k],
            error[k],
            *quantiles[:, k],
            2 * min(below[k], 1 - below[k]),
            bool(quantiles[0, k] > seen[k] + reach[k] or quantiles[2, k] < seen[k] - reach[k]),
        )
        for k, target in enumerate(at.observations.targets)
    ]
    columns = ["target", "group", "use", "kind", "observed", "error", "q05", "q50", "q95"]
    return pd.DataFrame(rows, columns=[*columns, "tail", "missed"])


def convergence(found: Calibration) -> dict[str, float]:
    """Return diagnostics of convergence: how well the chains of a calibration agree and mix."""
    return {
        "log_evidence": found.log_evidence,
        "error": found.error,
        "sampling_error": found.sampling_error,
        "emulator_error": found.emulator_error,
        "chains": float(len(found.chains)),
        "particles": float(len(found.chains[0].draws)),
        "steps": float(np.mean([len(chain.effective) for chain in found.chains])),
        "least_effective": float(min(chain.effective.min() for chain in found.chains)),
        "least_ancestors": float(min(chain.ancestors for chain in found.chains)),
        "mean_acceptance": float(np.mean([chain.acceptance.mean() for chain in found.chains])),
        "largest_rhat": max(rhat(found, k) for k in range(found.draws.shape[1])),
        "emulator_explains": float(np.median(found.emulator.explained)),
    }


def rhat(found: Calibration, unknown: int) -> float:
    """Return R-hat of one unknown over the chains (Gelman and Rubin 1992)."""
    chains = np.stack([chain.draws[:, unknown] for chain in found.chains])
    draws = chains.shape[1]
    within = float(chains.var(axis=1, ddof=1).mean())
    between = float(chains.mean(axis=1).var(ddof=1)) if len(chains) > 1 else 0.0
    return float(np.sqrt(((draws - 1) / draws * within + between) / within)) if within else np.nan


def inference_data(found: Calibration) -> Any:
    """Return a calibration as ArviZ data: prior, posterior, predictive and observed data.

    Returns
    -------
    arviz.InferenceData
        Groups ``prior``, ``posterior`` (scores of the unknowns, and standard deviations of the
        discrepancy), ``prior_predictive``, ``posterior_predictive``, ``observed_data`` and
        ``sample_stats`` (log likelihood).
    """
    import arviz

    at = load_problem(found.case)
    first = len(at.names)
    draws = np.stack([chain.draws for chain in found.chains])
    targets = list(at.observations.names)
    discrepancy = {
        f"discrepancy of {kind}": at.discrepancy[kind].median
        * np.exp(at.discrepancy[kind].spread * draws[:, :, first + k])
        for k, kind in enumerate(KINDS)
    }
    return arviz.from_dict(
        posterior={"unknown": draws[:, :, :first], **discrepancy},
        prior={"unknown": found.prior.unknowns[None]},
        prior_predictive={"fact": found.prior.facts[None]},
        posterior_predictive={"fact": found.predictive.facts[None]},
        observed_data={"fact": at.observations.value, "error": at.observations.error},
        sample_stats={"lp": np.stack([chain.log_likelihood for chain in found.chains])},
        coords={"name": list(at.names), "target": targets},
        dims={"unknown": ["name"], "fact": ["target"], "error": ["target"]},
    )


def held_scores(at: LoadedProblem, facts: Numbers) -> pd.DataFrame:
    """Return the proper scores of runs on targets that were never used to fit.

    Returns
    -------
    DataFrame
        One row per group of facts, and ``all``: ``facts``, mean ``crps`` and mean ``interval``
        score of the middle 90 %, both in standard errors of the observation, ``energy`` score
        over all facts of the group, ``covered``: share inside the middle 90 %.
    """
    held = used_for(at, "held")
    return score_groups(at, facts[:, held], held)


def score_groups(
    at: LoadedProblem, predicted: Numbers, facts: Hours, *, seen: bool = False
) -> pd.DataFrame:
    """Score a prediction of some facts by proper scores.

    Parameters
    ----------
    predicted : float array (draws, facts)
        On the scales of their kinds.
    facts : int array (facts,)
        Indices of the targets.
    seen : bool
        Whether the prediction already includes the error of the sources.

    Returns
    -------
    DataFrame
        One row per group of facts, and ``all``: ``facts``, mean ``crps`` and mean ``interval``
        score of the middle 90 %, both in standard errors of the observation, ``energy`` score
        over the group, and ``covered``: the share inside the middle 90 %.
    """
    value, error = at.observations.value[facts], at.observations.error[facts]
    blur = np.zeros_like(error) if seen else error
    crps = crps_with_error(predicted, value, blur) / error
    shown = _blurred(predicted, blur)
    low, high = np.quantile(shown, [MISS_PROBABILITY / 2, 1 - MISS_PROBABILITY / 2], axis=0)
    interval = interval_score(low, high, value, MISS_PROBABILITY) / error
    covered = np.abs(rank(predicted, value, blur) - 0.5) <= (1 - MISS_PROBABILITY) / 2
    groups = np.array([group_of(at.observations.targets[k]) for k in facts])
    rows = []
    for group in (*GROUPS, ALL):
        own = np.flatnonzero(groups == group) if group != ALL else np.arange(len(facts))
        if len(own):
            energy = energy_score(shown[:, own], value[own], error[own])
            means = (crps[own].mean(), interval[own].mean(), energy, covered[own].mean())
            rows.append((group, len(own), *(float(mean) for mean in means)))
    return pd.DataFrame(rows, columns=["group", "facts", "crps", "interval", "energy", "covered"])


def _blurred(predicted: Numbers, error: Numbers) -> Numbers:
    """Add observation errors to draws: for every fact all normal quantiles, in random order."""
    count = len(predicted)
    rng = np.random.default_rng(predicted.shape)
    orders = np.stack([rng.permutation(count) for _ in error], axis=1)
    result: Numbers = predicted + error * norm.ppf((orders + 0.5) / count)
    return result
