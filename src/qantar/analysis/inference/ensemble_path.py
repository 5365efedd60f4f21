"""Ensemble smoother with multiple data assimilation (Emerick and Reynolds 2013).

A rough but declared way to move an ensemble of beliefs towards observations: a fixed number of
Kalman updates with inflated observation error, from nothing but runs of the model. Exact for a
linear model with normal errors and a large ensemble; otherwise an approximation, and called so.

The path: ensembles pulled from the prior towards the facts, pass by pass.

An ensemble smoother (Emerick and Reynolds 2013) for several cases in step. It is not the
posterior, only the design that decides where the model is run: the emulator must know the country
between the prior and the facts, and the classifier must have seen runs like what happened.

Judges: independently fitted runs, by which a method of comparison is judged.

A method tried on draws from the prior is tried where nothing happened yet. What matters is
whether it knows accounts apart when each has been brought near the facts, and by somebody else:
these runs come from ensembles of their own, with their own luck, pulled by the smoother alone,
and no method of comparison has seen them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from qantar.analysis.inference.design import Design, Desk, Runs, run_all
from qantar.analysis.inference.problem import Case, fitted_on, opened
from qantar.base.arrays import Numbers
from qantar.model.mechanism import stream
from qantar.rng import key_of, normal

_NOISE = stream("smoother.noise")


def assimilate(
    beliefs: Numbers,
    forward: Callable[[Numbers], Numbers],
    observed: Numbers,
    spread: Numbers,
    *,
    passes: int,
    seed: int,
) -> Iterator[tuple[Numbers, Numbers]]:
    """Move an ensemble towards observations, pass by pass.

    Parameters
    ----------
    beliefs : float array (members, unknowns)
        Draws from the prior, on a standard normal scale.
    forward : callable
        Returns what the model gives for beliefs: float array (members, observations).
    observed, spread : float array (observations,)
        The observations and the standard deviation of their error.
    passes : int
        Number of updates; each uses the data with an error inflated by its square root.
    seed : int
        Of the perturbed observations.

    Yields
    ------
    beliefs, predicted : float arrays
        The ensemble before each update with what the model gave for it, and at last the final
        ensemble with what the model gives for it.
    """
    for number in range(passes):
        predicted = forward(beliefs)
        yield beliefs, predicted
        noise = np.sqrt(passes) * spread * _noise(seed, number, predicted.shape)
        beliefs = beliefs + kalman_step(beliefs, predicted, observed + noise, passes * spread**2)
    yield beliefs, forward(beliefs)


def kalman_step(
    beliefs: Numbers, predicted: Numbers, wanted: Numbers, variance: Numbers
) -> Numbers:
    """Return the change of every member's beliefs that one update makes.

    Parameters
    ----------
    beliefs : float array (members, unknowns)
    predicted, wanted : float array (members, observations)
        What the model gave, and the perturbed observations.
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


def _noise(seed: int, number: int, shape: tuple[int, ...]) -> Numbers:
    """Return standard normal numbers keyed by pass, member and observation."""
    members, observations = shape
    keys = [key_of(seed, member) for member in range(members)]
    return np.array(
        [[normal(key, _NOISE, k, 0, number) for k in range(observations)] for key in keys]
    )


def follow(
    desk: Desk,
    begin: Mapping[Case, Runs],
    wanted: Mapping[Case, Numbers],
    design: Design,
    *,
    name: str,
    seed: int,
) -> list[dict[Case, Runs]]:
    """Pull ensembles towards observations and return what every pass gave.

    Parameters
    ----------
    begin : mapping of Case to Runs
        The first ensemble, drawn from the prior and run.
    wanted : mapping of Case to float array (targets for fitting,)
        The observations.
    name : str
        Under which pieces are kept.
    seed : int
        Of the perturbed observations and of the runs' luck.
    """
    now = dict(begin)
    passes = []
    for number in range(design.passes):
        tables = {
            case: _pulled(case, runs, wanted[case], design.passes, (seed, number))
            for case, runs in now.items()
        }
        first = (number + 1) * len(next(iter(tables.values())))
        stage = f"{name}-{number + 1}"
        now = run_all(desk, stage, tables, seed=seed, first=first, batch=design.batch)
        passes.append(now)
    return passes


def _pulled(case: Case, runs: Runs, wanted: Numbers, passes: int, seed: tuple[int, int]) -> Numbers:
    """Return the scores of an ensemble after one update."""
    at = opened(case)
    fit = fitted_on(case)
    error = at.expected_error[fit]
    rng = np.random.default_rng([*seed, *case.account.encode()])
    noise = np.sqrt(passes) * error * rng.standard_normal((len(runs), len(fit)))
    change = kalman_step(runs.unknowns, runs.facts[:, fit], wanted + noise, passes * error**2)
    moved: Numbers = runs.unknowns + change
    return moved


_LUCK = 7


def judging_runs(
    desk: Desk, cases: Sequence[Case], design: Design
) -> tuple[dict[Case, Runs], dict[Case, Runs]]:
    """Return runs of every case from its prior, and the same ensemble after it was fitted."""
    seed = design.seed * 10 + _LUCK
    tables = {case: opened(case).prior(seed, design.judges) for case in cases}
    begin = run_all(desk, "judge-0", tables, seed=seed, first=0, batch=design.batch)
    wanted = {case: opened(case).observations.value[fitted_on(case)] for case in cases}
    own = replace(design, passes=design.judge_passes)
    return begin, follow(desk, begin, wanted, own, name="judge", seed=seed)[-1]
