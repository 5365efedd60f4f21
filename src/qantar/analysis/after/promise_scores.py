"""Which law of promises the told fates prefer: proper scores, each decision left out once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from qantar.analysis.after.promise_study import (
    READINGS,
    TOLD,
    Fate,
    PromiseStudy,
    chances_of,
    likelihood_of,
    told_fates,
    weights_of,
)
from qantar.analysis.state.event_laws import TOLD_APART
from qantar.base.arrays import Numbers
from qantar.model.after.promises import LAWS


class LawScore(NamedTuple):
    """Scores of a law on the decisions whose fate counts.

    Attributes
    ----------
    law, reading : str
    decisions, promises : int
        How many were scored; one decision may settle several promises.
    log_evidence : float
        Log of the chance of all fates, over the prior. Higher is better.
    log_left_out : float
        Sum of the logs of the chance of each fate given the others. Higher is better.
    brier_prior, brier_left_out : float
        Mean squared error of the chance, by the prior and given the others. Lower is better.
    verdict : str
        Against the null: better, worse, or "cannot be told".
    """

    law: str
    reading: str
    decisions: int
    promises: int
    log_evidence: float
    log_left_out: float
    brier_prior: float
    brier_left_out: float
    verdict: str


class LeftOut(NamedTuple):
    """The chance that a decision was enacted, by the prior and given the other fates."""

    fate: Fate
    prior: float
    left_out: float


def left_out(study: PromiseStudy, law: str, reading: str = TOLD) -> list[LeftOut]:
    """Return the chance of each decision to be enacted, from the prior and from the others."""
    fates = told_fates(study, reading)
    return _left_out(fates, chances_of(study, law, fates))


def _left_out(fates: Sequence[Fate], chance: Numbers) -> list[LeftOut]:
    likely = likelihood_of(fates, chance)
    return [
        LeftOut(fate, float(chance[:, k].mean()), float(weights_of(likely, k) @ chance[:, k]))
        for k, fate in enumerate(fates)
    ]


def score_laws(study: PromiseStudy, reading: str = TOLD) -> list[LawScore]:
    """Return the scores of every law on the fates of a reading, the null first."""
    found: list[LawScore] = []
    fates = told_fates(study, reading)
    enacted = np.array([float(fate.enacted) for fate in fates])
    for law in LAWS:
        chance = chances_of(study, law, fates)
        parts = _left_out(fates, chance)
        prior = np.array([each.prior for each in parts])
        others = np.array([each.left_out for each in parts])
        evidence = float(np.log(likelihood_of(fates, chance).prod(axis=1).mean()))
        logs = float(np.log(np.where(enacted > 0, others, 1 - others)).sum())
        found.append(
            LawScore(
                law,
                reading,
                len(fates),
                sum(len(fate.rows) for fate in fates),
                evidence,
                logs,
                float(np.mean((prior - enacted) ** 2)),
                float(np.mean((others - enacted) ** 2)),
                _verdict(found[0] if found else None, evidence, logs),
            )
        )
    return found


def _verdict(null: LawScore | None, evidence: float, logs: float) -> str:
    """Say whether a law beats the null: only if both scores say so clearly."""
    if null is None:
        return "the null"
    gaps = (evidence - null.log_evidence, logs - null.log_left_out)
    if min(gaps) >= TOLD_APART:
        return "better"
    return "worse" if max(gaps) <= -TOLD_APART else "cannot be told"


def verdicts_of(scores: Sequence[LawScore]) -> dict[str, str]:
    """Return the verdict on each law over readings: "cannot be told" unless all agree."""
    found: dict[str, set[str]] = {}
    for score in scores:
        found.setdefault(score.law, set()).add(score.verdict)
    return {
        law: next(iter(verdicts)) if len(verdicts) == 1 else "cannot be told"
        for law, verdicts in found.items()
    }


def all_scores(study: PromiseStudy) -> list[LawScore]:
    """Return the scores of every law under every reading."""
    return [score for reading in READINGS for score in score_laws(study, reading)]
