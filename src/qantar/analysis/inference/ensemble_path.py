"""Ensemble smoother: moves ensembles from the prior towards observations, pass by pass.

Ensemble smoother with multiple data assimilation (Emerick and Reynolds 2013): a fixed number of
Kalman updates with inflated observation error, using only runs of the model. It is exact for a
linear model with normal errors and a large ensemble, otherwise an approximation.

In a calibration it does not give the posterior; it only decides where the model is run. The
emulator needs runs between the prior and the facts, and the classifier runs close to the facts.

Reference runs, on which the methods of comparison are tested, come from separate ensembles with
their own random seeds, fitted by the smoother alone; no method is trained on them. Draws from the
prior are not enough, as most are far from the facts: a method must recognise accounts that have
been fitted by other means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from qantar.analysis.inference.calibration_design import Design, Runs, TaskRunner, run_all
from qantar.analysis.inference.problem import InferenceProblem, fitted_on, load_problem
from qantar.base.arrays import Hours, Numbers
from qantar.model.mechanism import stream
from qantar.rng import key_of, normal

_NOISE = stream("smoother.noise")

_REFERENCE = 7
"""Part of the random seed of reference runs."""


def assimilate(
    beliefs: Numbers,
    forward: Callable[[Numbers], Numbers],
    observed: Numbers,
    spread: Numbers,
    *,
    passes: int,
    seed: int,
    side: Hours | None = None,
) -> Iterator[tuple[Numbers, Numbers]]:
    """Move an ensemble towards observations, pass by pass.

    Parameters
    ----------
    beliefs : float array (members, unknowns)
        Draws from the prior, on a standard normal scale.
    forward : callable
        Runs the model for beliefs and returns float array (members, observations).
    observed, spread : float array (observations,)
        The observations and the standard deviation of their error.
    passes : int
        Number of updates; each uses the data with an error inflated by its square root.
    seed : int
        Of the perturbed observations.
    side : int array (observations,), optional
        1 where the observation is a lower bound, -1 where it is an upper bound, otherwise 0. A
        member on the right side of a bound is not moved by it.

    Yields
    ------
    beliefs, predicted : float arrays
        The ensemble and its predictions before each update, and then the final ones.
    """
    keys = [key_of(seed, member) for member in range(len(beliefs))]
    for number in range(passes):
        predicted = forward(beliefs)
        yield beliefs, predicted
        scores = np.array(
            [[normal(key, _NOISE, k, 0, number) for k in range(len(observed))] for key in keys]
        )
        wanted = observed + np.sqrt(passes) * spread * scores
        if side is not None:
            wanted = within_bounds(wanted, predicted, side)
        beliefs = beliefs + kalman_step(beliefs, predicted, wanted, passes * spread**2)
    yield beliefs, forward(beliefs)


def within_bounds(wanted: Numbers, predicted: Numbers, side: Hours) -> Numbers:
    """Return what is wanted of every member: the prediction itself where it satisfies its bound.

    Parameters
    ----------
    wanted, predicted : float array (members, observations)
    side : int array (observations,)
        See `assimilate`.
    """
    satisfied = ((side > 0) & (predicted >= wanted)) | ((side < 0) & (predicted <= wanted))
    return np.where(satisfied, predicted, wanted)


def kalman_step(
    beliefs: Numbers, predicted: Numbers, wanted: Numbers, variance: Numbers
) -> Numbers:
    """Return the change of every member in one update.

    Parameters
    ----------
    beliefs : float array (members, unknowns)
    predicted, wanted : float array (members, observations)
        The predictions of the model, and the perturbed observations.
    variance : float array (observations,)
        Of the observations' error.
    """
    members = len(beliefs)
    about = beliefs - beliefs.mean(axis=0)
    given = predicted - predicted.mean(axis=0)
    cross = about.T @ given / (members - 1)
    within = given.T @ given / (members - 1) + np.diag(variance)
    change: Numbers = (cross @ np.linalg.solve(within, (wanted - predicted).T)).T
    return change


def pull_towards(
    runner: TaskRunner,
    begin: Mapping[InferenceProblem, Runs],
    wanted: Mapping[InferenceProblem, Numbers],
    design: Design,
    *,
    name: str,
    seed: int,
    candidates: bool = False,
) -> list[dict[InferenceProblem, Runs]]:
    """Move ensembles towards observations and return the runs of every pass.

    Parameters
    ----------
    begin : mapping of InferenceProblem to Runs
        The first ensemble, drawn from the prior and run.
    wanted : mapping of InferenceProblem to float array (targets for fitting,)
        The observations.
    name : str
        Name under which results are stored.
    seed : int
        Of the perturbed observations and of the runs.
    candidates : bool
        Whether candidate observations are read in the last pass.
    """
    now = dict(begin)
    passes = []
    for number in range(design.passes):
        tables = {}
        for case, runs in now.items():
            fit = fitted_on(case)
            error = load_problem(case).expected_error[fit]
            rng = np.random.default_rng([seed, number, *case.account.encode()])
            noise = np.sqrt(design.passes) * error * rng.standard_normal((len(runs), len(fit)))
            perturbed = wanted[case] + noise
            variance = design.passes * error**2
            change = kalman_step(runs.unknowns, runs.facts[:, fit], perturbed, variance)
            tables[case] = runs.unknowns + change
        first = (number + 1) * len(next(iter(tables.values())))
        stage = f"{name}-{number + 1}"
        now = run_all(
            runner,
            stage,
            tables,
            seed=seed,
            first=first,
            batch=design.batch,
            candidates=candidates and number == design.passes - 1,
        )
        passes.append(now)
    return passes


def reference_runs(
    runner: TaskRunner, cases: Sequence[InferenceProblem], design: Design
) -> tuple[dict[InferenceProblem, Runs], dict[InferenceProblem, Runs]]:
    """Return reference runs of every problem: from its prior, and the same ensemble fitted.

    Only the fitted ones have candidate observations.
    """
    seed = design.seed * 10 + _REFERENCE
    tables = {case: load_problem(case).prior(seed, design.judges) for case in cases}
    begin = run_all(runner, "judge-0", tables, seed=seed, first=0, batch=design.batch)
    wanted = {case: load_problem(case).observations.value[fitted_on(case)] for case in cases}
    own = replace(design, passes=design.judge_passes)
    fitted = pull_towards(runner, begin, wanted, own, name="judge", seed=seed, candidates=True)
    return begin, fitted[-1]
