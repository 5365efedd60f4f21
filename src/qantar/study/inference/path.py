"""The path: ensembles pulled from the prior towards the facts, pass by pass.

An ensemble smoother (Emerick and Reynolds 2013) for several cases in step. It is not the
posterior, only the design that decides where the model is run: the emulator must know the country
between the prior and the facts, and the classifier must have seen runs like what happened.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from qantar.arrays import Numbers
from qantar.study.inference.case import Case, fitted_on, opened
from qantar.study.inference.design import Design
from qantar.study.inference.runs import Desk, Runs, run_all
from qantar.study.smoother import kalman_step


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
