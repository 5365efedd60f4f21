"""Trials: the likelihood-based method on data sets whose truth is known.

A data set is a run as it would be observed: with the error of the sources and a discrepancy drawn
from its prior. Tempering on each account's emulator gives the evidence of every account, and under
the true account where the true numbers rank among the posterior draws (simulation-based
calibration, Talts et al. 2018) and where facts that were not shown fall in their prediction.
"""

from __future__ import annotations

import numpy as np

from qantar.arrays import Hours, Numbers
from qantar.study.inference.calibration import likelihood_of, tempered
from qantar.study.inference.case import Case, fitted_on, opened, used_for
from qantar.study.inference.emulator import emulator_from
from qantar.study.inference.evenly import evenly
from qantar.study.inference.likelihood import Synthetic
from qantar.study.inference.smc import Posterior
from qantar.study.observations import KINDS

PREDICTIONS = 400
"""Draws of a prediction."""


def observed_as(case: Case, facts: Numbers, seed: tuple[int, ...]) -> Numbers:
    """Return runs as they would be observed: float array (runs, targets)."""
    at = opened(case)
    rng = np.random.default_rng([*seed, *case.account.encode()])
    declared = [at.discrepancy[kind] for kind in KINDS]
    scores = rng.standard_normal((len(facts), len(KINDS)))
    middling = np.array([each.median for each in declared])
    spread = np.array([each.spread for each in declared])
    kind = np.array([KINDS.index(kind) for kind in at.observations.kinds], np.int64)
    discrepancy = (middling * np.exp(spread * scores))[:, kind]
    deviation = np.hypot(at.observations.error, discrepancy)
    result: Numbers = facts + deviation * rng.standard_normal(facts.shape)
    return result


def evidence_task(
    case: Case,
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


def truth_task(
    case: Case,
    emulator: dict[str, Numbers],
    data: Numbers,
    unknowns: Numbers,
    sizes: tuple[int, int],
    seed: tuple[int, ...],
) -> dict[str, Numbers]:
    """Return where the truth lies in the posterior of the account that made the data.

    Parameters
    ----------
    data : float array (data sets, targets)
    unknowns : float array (data sets, unknowns)
        The scores that made them.

    Returns
    -------
    dict
        ``ranks`` (data sets, parameters): share of posterior draws below the truth; ``below``
        (data sets, held targets): share of the prediction below what was not shown.
    """
    at = opened(case)
    parameters, held = at.parameters, used_for(at, "held")
    ranks, below = [], []
    for number, (row, truth) in enumerate(zip(data, unknowns, strict=True)):
        likelihood, found = _posterior(case, emulator, row, sizes, (*seed, number))
        ranks.append((found.draws[:, :parameters] < truth[:parameters]).mean(axis=0))
        predicted = predicted_facts(likelihood, found.draws, held, case, (*seed, number))
        below.append((predicted < row[held]).mean(axis=0))
    return {"ranks": np.array(ranks), "below": np.array(below)}


def left_out_task(
    case: Case,
    emulator: dict[str, Numbers],
    shown: Hours,
    left_out: Hours,
    sizes: tuple[int, int],
    seed: tuple[int, ...],
) -> dict[str, Numbers]:
    """Predict real facts from others: ``predicted`` float array (draws, facts left out)."""
    value = opened(case).observations.value
    likelihood = likelihood_of(case, emulator_from(emulator), shown, value[shown])
    found = tempered(likelihood, sizes, seed)
    return {"predicted": predicted_facts(likelihood, found.draws, left_out, case, seed)}


def predicted_facts(
    likelihood: Synthetic, draws: Numbers, wanted: Hours, case: Case, seed: tuple[int, ...]
) -> Numbers:
    """Draw facts as they would be observed, from posterior draws through the emulator."""
    rng = np.random.default_rng([*seed, len(wanted)])
    chosen = draws[evenly(len(draws), PREDICTIONS)]
    model = chosen[:, : likelihood.of_model]
    at = opened(case)
    kind = np.array([KINDS.index(at.observations.kinds[k]) for k in wanted], np.int64)
    own = likelihood.discrepancies(chosen)[:, kind]
    error = at.observations.error[wanted]
    deviation = likelihood.emulator.deviation(model)[:, wanted]
    spread = np.sqrt(deviation**2 + own**2 + error**2)
    mean = likelihood.emulator.mean(model)[:, wanted]
    result: Numbers = mean + spread * rng.standard_normal(mean.shape)
    return result


def _posterior(
    case: Case,
    emulator: dict[str, Numbers],
    data: Numbers,
    sizes: tuple[int, int],
    seed: tuple[int, ...],
) -> tuple[Synthetic, Posterior]:
    fit = fitted_on(case)
    likelihood = likelihood_of(case, emulator_from(emulator), fit, data[fit])
    return likelihood, tempered(likelihood, sizes, seed)
