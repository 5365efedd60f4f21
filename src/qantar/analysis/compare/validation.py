"""Validation of both methods of comparison on simulated data whose true account is known.

A data set is a run as it would be observed: with the error of the sources and a discrepancy drawn
from its prior. Data sets come from runs that no method was trained on: reference runs, which were
fitted by another method with other random seeds, and draws from the prior.

Tempering on each account's emulator gives the evidence of every account, and under the true account
where the true parameters rank among the posterior draws (simulation-based calibration, Talts et al.
2018) and where held-back facts fall in their prediction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qantar.analysis.compare.classifier import Ensemble, committee_mean_and_spread, train
from qantar.analysis.compare.reliability import recalibrate
from qantar.analysis.inference.calibration import Calibration, likelihood_of, sample_posterior
from qantar.analysis.inference.calibration_design import Design, Runs, TaskRunner, subsample
from qantar.analysis.inference.emulator import emulator_from
from qantar.analysis.inference.likelihood import SyntheticLikelihood
from qantar.analysis.inference.problem import (
    InferenceProblem,
    fitted_on,
    load_problem,
    used_for,
)
from qantar.analysis.inference.smc import Posterior
from qantar.analysis.observations import KINDS
from qantar.base.arrays import Hours, Numbers
from qantar.base.worker_process import Task

PREDICTIONS = 400
"""Draws of a prediction."""

COMMITTEE = 5
"""Number of classifiers, trained on different samples of the runs; their spread is reported."""

METHODS = ("likelihood", "classifier")
"""Evidence by tempering on an emulator, and a classifier of calibrated runs."""

_DATA, _PRIOR_DATA, _TRIAL, _CLASSIFIER = 21, 22, 23, 24
"""Parts of the random seeds of the stages."""


@dataclass(frozen=True)
class SimulatedDataCheck:
    """Simulated data sets with known truth, and the results of each method.

    Attributes
    ----------
    truth : int array (data sets,)
        Number of the account that made each.
    log_evidence : dict of float array (data sets, accounts)
        By method, up to one constant for each data set.
    ranks : dict of float array (data sets, parameters)
        By account: ranks of the true parameters among the posterior draws, for data from the prior.
    below : dict of float array (data sets, held targets)
        By account: share of the prediction below held-back facts, for data from the reference
        runs.
    """

    truth: Hours
    log_evidence: dict[str, Numbers]
    ranks: dict[str, Numbers]
    below: dict[str, Numbers]

    def factor(self, method: str) -> float:
        """Return the factor that calibrates the log odds of a method on these data."""
        return self._factors[method]

    def recalibrated(self, method: str) -> Numbers:
        """Return log evidence times a factor estimated, for every data set, from all the others."""
        return self._recalibrated[method]

    @cached_property
    def _factors(self) -> dict[str, float]:
        return {method: recalibrate(self.truth, own) for method, own in self.log_evidence.items()}

    @cached_property
    def _recalibrated(self) -> dict[str, Numbers]:
        result = {}
        for method, log_evidence in self.log_evidence.items():
            rows = []
            for k in range(len(self.truth)):
                others = np.delete(np.arange(len(self.truth)), k)
                factor = recalibrate(self.truth[others], log_evidence[others])
                rows.append(factor * log_evidence[k])
            result[method] = np.array(rows)
        return result


def validate_methods(
    runner: TaskRunner,
    found: Mapping[InferenceProblem, Calibration],
    reference: tuple[Mapping[InferenceProblem, Runs], Mapping[InferenceProblem, Runs]],
    design: Design,
) -> tuple[SimulatedDataCheck, dict[str, Numbers], dict[str, Numbers]]:
    """Apply both methods to simulated data with known truth, and to the real facts.

    Parameters
    ----------
    found : mapping of InferenceProblem to Calibration
    reference : pair of mapping of InferenceProblem to Runs
        Reference runs from the prior, and fitted.

    Returns
    -------
    trials : SimulatedDataCheck
    log_evidence, error : dict of float array (accounts,)
        By method, of the real facts.
    """
    cases = list(found)
    drawn, fitted = reference
    sets = {
        case: simulate_observations(
            case, _subsample(fitted[case].facts, design.trials), (design.seed, _DATA)
        )
        for case in cases
    }
    data = np.vstack([sets[case] for case in cases])
    truth = np.repeat(np.arange(len(cases)), [len(sets[case]) for case in cases])
    by_likelihood = _log_evidence(runner, found, data, design)
    fit = fitted_on(cases[0])
    real = load_problem(cases[0]).observations.value[fit]
    classified, spread = classify(runner, found, np.vstack([data[:, fit], real]), design)
    trials = SimulatedDataCheck(
        truth,
        {"likelihood": by_likelihood, "classifier": classified[:-1]},
        _posterior_ranks(runner, found, drawn, "ranks", design.prior_trials, _PRIOR_DATA, design),
        _posterior_ranks(runner, found, fitted, "below", design.trials, _DATA, design),
    )
    log_evidence = np.array([own.log_evidence for own in found.values()])
    error = np.array([own.error for own in found.values()])
    return (
        trials,
        {"likelihood": log_evidence, "classifier": classified[-1]},
        {"likelihood": error, "classifier": spread[-1]},
    )


def classify(
    runner: TaskRunner, found: Mapping[InferenceProblem, Calibration], data: Numbers, design: Design
) -> tuple[Numbers, Numbers]:
    """Train the classifier on runs of every account near the facts and apply it to data sets.

    A classifier trained on the prior would estimate evidence as the likelihood does, but the facts
    are too far from the bulk of the prior for that (decision 0011). Near the facts it can say which
    calibrated account produces such runs.

    Parameters
    ----------
    data : float array (data sets, facts used to fit)

    Returns
    -------
    log_evidence, spread : float array (data sets, accounts)
        The first is relative to the best account; the second is the standard deviation over the
        committee of the log odds against that account.
    """
    first = next(iter(found))
    fit = fitted_on(first)
    ensembles = []
    for case, own in found.items():
        near = [*own.path[(design.passes + 1) // 2 :], own.predictive]
        facts = np.vstack([runs.facts[:, fitted_on(case)] for runs in near])
        ensembles.append(Ensemble(case.account, 0, facts))
    error = load_problem(first).expected_error[fit]
    seed = design.seed * 100 + _CLASSIFIER
    tasks = [
        Task(f"all/classifier-{k}", classifier_task, (ensembles, error, data, seed + k))
        for k in range(COMMITTEE)
    ]
    scores = np.stack([piece["log_evidence"] for piece in runner.do(tasks)])
    return committee_mean_and_spread(scores)


def classifier_task(
    ensembles: list[Ensemble], error: Numbers, data: Numbers, seed: int
) -> dict[str, Numbers]:
    """Train one member of the committee; ``log_evidence`` (data sets, accounts)."""
    member = train(ensembles, error, seed=seed, committee=1)
    return {"log_evidence": member.log_evidence(data)}


def _log_evidence(
    runner: TaskRunner, found: Mapping[InferenceProblem, Calibration], data: Numbers, design: Design
) -> Numbers:
    """Return the log evidence of every account for every data set, by the likelihood."""
    sizes = (design.trial_particles, design.trial_moves)
    tasks = []
    for case, calibration in found.items():
        for start in range(0, len(data), design.trials):
            part = data[start : start + design.trials]
            seed = (design.seed, _TRIAL, start)
            arguments = (case, calibration.emulator.arrays(), part, sizes, seed)
            name = f"{case.account}/trial-{start:04d}"
            tasks.append(Task(name, evidence_task, arguments, len(part)))
    done = iter(runner.do(tasks))
    parts = len(range(0, len(data), design.trials))
    columns = [np.concatenate([next(done)["log_evidence"] for _ in range(parts)]) for _ in found]
    return np.stack(columns, axis=1)


def _posterior_ranks(
    runner: TaskRunner,
    found: Mapping[InferenceProblem, Calibration],
    runs: Mapping[InferenceProblem, Runs],
    wanted: str,
    count: int,
    data_seed: int,
    design: Design,
) -> dict[str, Numbers]:
    """Return where the truth ranks in the posterior of the account that made the data.

    Parameters
    ----------
    wanted : str
        ``ranks`` or ``below``; see `posterior_rank_task`.
    count : int
        Data sets of every account.
    data_seed : int
        Part of the random seed of the data.
    """
    sizes = (design.trial_particles, design.trial_moves)
    tasks = []
    for case, calibration in found.items():
        facts = _subsample(runs[case].facts, count)
        unknowns = _subsample(runs[case].unknowns, count)
        data = simulate_observations(case, facts, (design.seed, data_seed))
        seed = (design.seed, _TRIAL, data_seed)
        arguments = (case, calibration.emulator.arrays(), data, unknowns, sizes, seed)
        tasks.append(Task(f"{case.account}/truth-{wanted}", posterior_rank_task, arguments, count))
    return {
        case.account: piece[wanted] for case, piece in zip(found, runner.do(tasks), strict=True)
    }


def _subsample(rows: Numbers, count: int) -> Numbers:
    """Return `count` rows, evenly spaced over all rows."""
    result: Numbers = rows[subsample(len(rows), count)]
    return result


def simulate_observations(case: InferenceProblem, facts: Numbers, seed: tuple[int, ...]) -> Numbers:
    """Return runs as they would be observed: float array (runs, targets)."""
    at = load_problem(case)
    rng = np.random.default_rng([*seed, *case.account.encode()])
    declared = [at.discrepancy[kind] for kind in KINDS]
    scores = rng.standard_normal((len(facts), len(KINDS)))
    median = np.array([each.median for each in declared])
    spread = np.array([each.spread for each in declared])
    kind = np.array([KINDS.index(kind) for kind in at.observations.kinds], np.int64)
    discrepancy = (median * np.exp(spread * scores))[:, kind]
    deviation = np.hypot(at.observations.error, discrepancy)
    result: Numbers = facts + deviation * rng.standard_normal(facts.shape)
    return result


def evidence_task(
    case: InferenceProblem,
    emulator: dict[str, Numbers],
    data: Numbers,
    sizes: tuple[int, int],
    seed: tuple[int, ...],
) -> dict[str, Numbers]:
    """Return the log evidence of one account for data sets: ``log_evidence`` (data sets,)."""
    found = [
        _posterior(case, emulator, row, sizes, (*seed, number))[1].log_evidence
        for number, row in enumerate(data)
    ]
    return {"log_evidence": np.array(found)}


def posterior_rank_task(
    case: InferenceProblem,
    emulator: dict[str, Numbers],
    data: Numbers,
    unknowns: Numbers,
    sizes: tuple[int, int],
    seed: tuple[int, ...],
) -> dict[str, Numbers]:
    """Return where the truth ranks in the posterior of the account that made the data.

    Parameters
    ----------
    data : float array (data sets, targets)
    unknowns : float array (data sets, unknowns)
        The scores that made them.

    Returns
    -------
    dict
        ``ranks`` (data sets, parameters): share of posterior draws below the truth; ``below``
        (data sets, held targets): share of the prediction below the held-back fact.
    """
    at = load_problem(case)
    parameters, held = at.parameters, used_for(at, "held")
    ranks, below = [], []
    for number, (row, truth) in enumerate(zip(data, unknowns, strict=True)):
        likelihood, found = _posterior(case, emulator, row, sizes, (*seed, number))
        ranks.append((found.draws[:, :parameters] < truth[:parameters]).mean(axis=0))
        predicted = predictive_draws(likelihood, found.draws, held, case, (*seed, number))
        below.append((predicted < row[held]).mean(axis=0))
    return {"ranks": np.array(ranks), "below": np.array(below)}


def held_out_prediction_task(
    case: InferenceProblem,
    emulator: dict[str, Numbers],
    shown: Hours,
    left_out: Hours,
    sizes: tuple[int, int],
    seed: tuple[int, ...],
) -> dict[str, Numbers]:
    """Predict real facts from others: ``predicted`` float array (draws, facts left out)."""
    value = load_problem(case).observations.value
    likelihood = likelihood_of(case, emulator_from(emulator), shown, value[shown])
    found = sample_posterior(likelihood, sizes, seed)
    return {"predicted": predictive_draws(likelihood, found.draws, left_out, case, seed)}


def predictive_draws(
    likelihood: SyntheticLikelihood,
    draws: Numbers,
    wanted: Hours,
    case: InferenceProblem,
    seed: tuple[int, ...],
) -> Numbers:
    """Draw facts as they would be observed, from posterior draws through the emulator."""
    rng = np.random.default_rng([*seed, len(wanted)])
    chosen = draws[subsample(len(draws), PREDICTIONS)]
    model = chosen[:, : likelihood.of_model]
    at = load_problem(case)
    kind = np.array([KINDS.index(at.observations.kinds[k]) for k in wanted], np.int64)
    own = likelihood.discrepancies(chosen)[:, kind]
    error = at.observations.error[wanted]
    deviation = likelihood.emulator.deviation(model)[:, wanted]
    spread = np.sqrt(deviation**2 + own**2 + error**2)
    mean = likelihood.emulator.mean(model)[:, wanted]
    result: Numbers = mean + spread * rng.standard_normal(mean.shape)
    return result


def _posterior(
    case: InferenceProblem,
    emulator: dict[str, Numbers],
    data: Numbers,
    sizes: tuple[int, int],
    seed: tuple[int, ...],
) -> tuple[SyntheticLikelihood, Posterior]:
    fit = fitted_on(case)
    likelihood = likelihood_of(case, emulator_from(emulator), fit, data[fit])
    return likelihood, sample_posterior(likelihood, sizes, seed)
