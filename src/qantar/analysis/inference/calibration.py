"""Calibration: from an account's prior to its posterior on an episode.

The model is run at draws from the prior, and an ensemble smoother moves an ensemble towards the
facts. An emulator is fitted to these runs, and tempering on the emulator gives a posterior. Runs at
that posterior refine the emulator, repeatedly (sequential refinement as in Papamakarios, Sterratt
and Murray 2019). At the end the model is run at posterior draws: all results about facts come from
these runs, not from the emulator.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from qantar.analysis.inference.calibration_design import (
    Design,
    Runs,
    TaskRunner,
    run_all,
    subsample,
)
from qantar.analysis.inference.emulator import Emulator, emulator_from, fit_emulator
from qantar.analysis.inference.ensemble_path import pull_towards
from qantar.analysis.inference.likelihood import SyntheticLikelihood
from qantar.analysis.inference.problem import InferenceProblem, fitted_on, load_problem
from qantar.analysis.inference.smc import Posterior, temper
from qantar.base.arrays import Numbers
from qantar.base.worker_process import Task

_PRIOR, _PATH, _CHAIN, _LEARN, _REFINE, _PREDICT = 1, 2, 3, 4, 5, 6
"""Parts of the random seeds of the stages."""


@dataclass(frozen=True)
class Calibration:
    """The result of a calibration.

    Attributes
    ----------
    case : InferenceProblem
    prior : Runs
        Drawn from the prior.
    path : tuple of Runs
        The passes of the ensemble smoother, and the runs that refined the emulator.
    emulator : Emulator
    chains : tuple of Posterior
        Independent runs of the tempering.
    predictive : Runs
        The model at draws of the posterior.
    """

    case: InferenceProblem
    prior: Runs
    path: tuple[Runs, ...]
    emulator: Emulator
    chains: tuple[Posterior, ...]
    predictive: Runs

    @property
    def draws(self) -> Numbers:
        """Draws of all chains: float array (draws, unknowns and discrepancies)."""
        return np.vstack([chain.draws for chain in self.chains])

    @property
    def log_evidence(self) -> float:
        """Logarithm of the mean evidence of the chains."""
        return log_mean_exp(np.array([chain.log_evidence for chain in self.chains]))

    @property
    def sampling_error(self) -> float:
        """Standard error of the log evidence from the tempering: the spread of the chains."""
        return sampling_error(self.chains)

    @cached_property
    def emulator_error(self) -> float:
        """Error of the log evidence that comes from the emulator; see `emulator_error`."""
        fit = fitted_on(self.case)
        value = load_problem(self.case).observations.value[fit]
        return emulator_error(likelihood_of(self.case, self.emulator, fit, value), self.chains)

    @property
    def error(self) -> float:
        """Standard error of the log evidence: sampling and emulator together."""
        return float(np.hypot(self.sampling_error, self.emulator_error))


def log_mean_exp(values: Numbers) -> float:
    """Return the logarithm of the mean of exponentials."""
    top = float(values.max())
    return top + float(np.log(np.mean(np.exp(values - top))))


def sampling_error(chains: Sequence[Posterior]) -> float:
    """Return the standard error of the log evidence from the spread of chains; NaN for one."""
    values = np.array([chain.log_evidence for chain in chains])
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else np.nan


def emulator_error(likelihood: SyntheticLikelihood, chains: Sequence[Posterior]) -> float:
    """Return the error of the log evidence that comes from the emulator.

    The networks of the committee were trained on different runs. The evidence by each alone, over
    that by the whole committee, is the mean ratio of their likelihoods over posterior draws. Result
    is the root mean square of the logarithms of these ratios. It shows what more runs would change.
    An error that all networks have in common, such as facts that are not normal, is not in it.
    """
    draws = np.vstack([chain.draws for chain in chains])
    whole = np.concatenate([chain.log_likelihood for chain in chains])
    ratios = [
        log_mean_exp(replace(likelihood, emulator=each).log_likelihood(draws) - whole)
        for each in likelihood.emulator.members()
    ]
    return float(np.sqrt(np.mean(np.square(ratios))))


def prior_runs(
    runner: TaskRunner, cases: Sequence[InferenceProblem], design: Design
) -> dict[InferenceProblem, Runs]:
    """Run every inference problem at draws from its prior."""
    seed = design.seed * 10 + _PRIOR
    tables = {case: load_problem(case).prior(seed, design.prior) for case in cases}
    return run_all(runner, "prior", tables, seed=seed, first=0, batch=design.batch)


def calibrate(
    runner: TaskRunner, prior: Mapping[InferenceProblem, Runs], design: Design
) -> dict[InferenceProblem, Calibration]:
    """Calibrate several inference problems stage by stage.

    Parameters
    ----------
    prior : mapping of InferenceProblem to Runs
        The result of `prior_runs`.
    """
    seed = design.seed * 10
    path = pull_towards(
        runner,
        {case: runs.first(design.path) for case, runs in prior.items()},
        {case: load_problem(case).observations.value[fitted_on(case)] for case in prior},
        design,
        name="path",
        seed=seed + _PATH,
    )
    known = {case: [prior[case], *(step[case] for step in path)] for case in prior}
    for number in range(design.rounds):
        emulators = fit_emulators(runner, known, f"emulator-{number}", seed + _LEARN)
        drafts = _posteriors(runner, emulators, f"draft-{number}", design, chains=1)
        tables = {
            case: _model_draws(case, chains[0].draws, design.refine)
            for case, chains in drafts.items()
        }
        refined = run_all(
            runner,
            f"refine-{number}",
            tables,
            seed=seed + _REFINE,
            first=number * design.refine,
            batch=design.batch,
        )
        for case, runs in refined.items():
            known[case].append(runs)
    emulators = fit_emulators(runner, known, "emulator", seed + _LEARN)
    chains = _posteriors(runner, emulators, "posterior", design, chains=design.chains)
    tables = {
        case: _model_draws(case, np.vstack([chain.draws for chain in own]), design.predict)
        for case, own in chains.items()
    }
    predictive = run_all(
        runner, "predictive", tables, seed=seed + _PREDICT, first=0, batch=design.batch
    )
    return {
        case: Calibration(
            case,
            prior[case],
            tuple(known[case][1:]),
            emulators[case],
            tuple(chains[case]),
            predictive[case],
        )
        for case in prior
    }


def fit_emulators(
    runner: TaskRunner, known: Mapping[InferenceProblem, Sequence[Runs]], stage: str, seed: int
) -> dict[InferenceProblem, Emulator]:
    """Fit an emulator of every inference problem to all its runs."""
    tasks = []
    for case, rounds in known.items():
        groups = np.concatenate([np.arange(len(runs)) for runs in rounds])
        unknowns = np.vstack([runs.unknowns for runs in rounds])
        facts = np.vstack([runs.facts for runs in rounds])
        arguments = (unknowns, facts, groups, load_problem(case).observations.error, seed)
        tasks.append(Task(f"{case.account}/{stage}", fit_emulator_task, arguments))
    done = runner.do(tasks)
    return {case: emulator_from(piece) for case, piece in zip(known, done, strict=True)}


def fit_emulator_task(
    unknowns: Numbers, facts: Numbers, groups: np.ndarray, least: Numbers, seed: int
) -> dict[str, Numbers]:
    """Fit one emulator and return it as arrays."""
    return fit_emulator(unknowns, facts, groups, least, seed=seed).arrays()


def likelihood_of(
    case: InferenceProblem, emulator: Emulator, chosen: np.ndarray, value: Numbers
) -> SyntheticLikelihood:
    """Return the likelihood of some facts of an inference problem.

    Parameters
    ----------
    chosen : int array (facts,)
        Indices of the targets.
    value : float array (facts,)
        Their observed values.
    """
    at = load_problem(case)
    return SyntheticLikelihood(
        emulator,
        chosen,
        value,
        at.observations.error[chosen],
        tuple(at.observations.kinds[k] for k in chosen),
        at.discrepancy,
    )


def sample_posterior(
    likelihood: SyntheticLikelihood, sizes: tuple[int, int], seed: tuple[int, ...]
) -> Posterior:
    """Sample the posterior of a likelihood.

    Parameters
    ----------
    likelihood : SyntheticLikelihood
    sizes : tuple of int
        Particles, and moves of each after every step.
    seed : tuple of int
        Random seed.
    """
    particles, moves = sizes
    return temper(
        likelihood.log_likelihood,
        likelihood.information,
        likelihood.unknowns,
        particles=particles,
        moves=moves,
        seed=seed,
    )


def posterior_task(
    case: InferenceProblem,
    emulator: dict[str, Numbers],
    chosen: np.ndarray,
    value: Numbers,
    sizes: tuple[int, int],
    seed: tuple[int, ...],
) -> dict[str, Numbers]:
    """Sample the posterior given some facts; see `posterior_from` for the result."""
    found = sample_posterior(
        likelihood_of(case, emulator_from(emulator), chosen, value), sizes, seed
    )
    return {name: np.asarray(getattr(found, name)) for name in Posterior.__annotations__}


def posterior_from(arrays: Mapping[str, Numbers]) -> Posterior:
    """Return the posterior from the arrays of `posterior_task`."""
    return Posterior(
        **{
            name: arrays[name]
            for name in ("draws", "log_likelihood", "powers", "effective", "acceptance")
        },
        log_evidence=float(arrays["log_evidence"]),
        ancestors=int(arrays["ancestors"]),
    )


def _posteriors(
    runner: TaskRunner,
    emulators: Mapping[InferenceProblem, Emulator],
    stage: str,
    design: Design,
    *,
    chains: int,
) -> dict[InferenceProblem, list[Posterior]]:
    """Sample the posterior of every inference problem in independent chains."""
    sizes = (design.particles, design.moves)
    tasks = []
    for case, emulator in emulators.items():
        fit = fitted_on(case)
        value = load_problem(case).observations.value[fit]
        for chain in range(chains):
            seed = (design.seed, _CHAIN, chain)
            arguments = (case, emulator.arrays(), fit, value, sizes, seed)
            tasks.append(Task(f"{case.account}/{stage}-{chain}", posterior_task, arguments))
    done = iter(runner.do(tasks))
    return {case: [posterior_from(next(done)) for _ in range(chains)] for case in emulators}


def _model_draws(case: InferenceProblem, draws: Numbers, count: int) -> Numbers:
    """Return `count` draws of the model's unknowns, evenly spaced over all particles."""
    result: Numbers = draws[subsample(len(draws), count), : len(load_problem(case).names)]
    return result
