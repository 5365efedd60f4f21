"""Scores of a fit on one episode: verdicts, proper scores, and yes/no targets against a rate.

Targets that were fitted and targets that were held back are scored apart. All scores are means over
targets, so episodes with different numbers of targets can be compared.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from qantar.analysis.observations import Observations
from qantar.analysis.outcomes import Outcome
from qantar.analysis.scores import VERDICTS, crps_with_error, score
from qantar.base.arrays import Flags, Hours, Numbers

USES = ("fit", "held")
"""Uses of targets, in the order of reports."""

LOG_ROOT_TWO_PI = 0.5 * float(np.log(2 * np.pi))


@dataclass(frozen=True)
class FitScore:
    """Scores of a run on the targets of one episode and one use.

    Attributes
    ----------
    episode, use : str
    targets : int
    hit, near, miss, uninformative : int
        Verdicts of `qantar.analysis.scores`.
    crps : float
        Mean continuous ranked probability score, in observation errors. Lower is better.
    log_score : float
        Mean logarithm of the predictive density of the observation, with its error and in units of
        it; for a yes/no target the logarithm of the probability of what happened. Higher is better.
    yes_no : int
        Number of yes/no targets.
    brier : float or None
        Mean squared difference of probability and event over the yes/no targets. Lower is better.
        None if there are none.
    brier_constant : float or None
        The same for a constant probability: the share of these targets that say yes, which is the
        best constant there is.
    """

    episode: str
    use: str
    targets: int
    hit: int
    near: int
    miss: int
    uninformative: int
    crps: float
    log_score: float
    yes_no: int
    brier: float | None
    brier_constant: float | None

    def note(self) -> dict[str, Any]:
        """Return the score as an entry of a YAML file, rounded."""
        return {
            key: round(value, 3) if isinstance(value, float) else value
            for key, value in asdict(self).items()
            if key not in ("episode", "use")
        }


def fit_scores(episode: str, observations: Observations, outcome: Outcome) -> tuple[FitScore, ...]:
    """Score a run on the targets of an episode, those fitted and those held back.

    Parameters
    ----------
    episode : str
        Its name.
    observations : Observations
        All its targets that can be scored.
    outcome : Outcome
        A run of the episode.

    Returns
    -------
    tuple of FitScore
        One for each use that has targets.
    """
    predicted = observations.read(outcome)
    verdicts = [each.verdict for each in score(outcome, observations.targets)]
    crps = crps_with_error(predicted, observations.value, observations.error) / observations.error
    logs = log_scores(predicted, observations)
    flag = np.array([kind == "flag" for kind in observations.kinds], bool)
    found = []
    for use in USES:
        own = np.flatnonzero([target.use == use for target in observations.targets])
        if len(own) == 0:
            continue
        said = [verdicts[k] for k in own]
        hit, near, miss, uninformative = (said.count(verdict) for verdict in VERDICTS)
        brier, constant = brier_scores(predicted, observations.value, own[flag[own]])
        found.append(
            FitScore(
                episode,
                use,
                targets=len(own),
                hit=hit,
                near=near,
                miss=miss,
                uninformative=uninformative,
                crps=float(crps[own].mean()),
                log_score=float(logs[own].mean()),
                yes_no=int(flag[own].sum()),
                brier=brier,
                brier_constant=constant,
            )
        )
    return tuple(found)


def log_scores(predicted: Numbers, observations: Observations) -> Numbers:
    """Return the log score of every target: float array (targets,).

    For a number the predictive distribution is the mixture of normals with the observation error,
    centred on the members. The probability of a yes/no event counts half a member for and half a
    member against, so that it is never 0.

    Parameters
    ----------
    predicted : float array (members, targets)
        On the scales of the observations.
    observations : Observations
    """
    members = len(predicted)
    z = (observations.value - predicted) / observations.error
    nearest = (z**2).min(axis=0)  # taken out of the sum, which would be 0 far away
    density = np.log(np.mean(np.exp(-0.5 * (z**2 - nearest)), axis=0)) - 0.5 * nearest
    share = (predicted.sum(axis=0) + 0.5) / (members + 1)
    happened = observations.value > 0.5
    flag = np.array([kind == "flag" for kind in observations.kinds], bool)
    probability = np.clip(np.where(happened, share, 1 - share), 0.5 / (members + 1), 1.0)
    result: Numbers = np.where(flag, np.log(probability), density - LOG_ROOT_TWO_PI)
    return result


def brier_scores(
    predicted: Numbers, value: Numbers, chosen: Hours
) -> tuple[float | None, float | None]:
    """Return the Brier scores of a run and of the best constant rate; None without targets.

    Parameters
    ----------
    predicted : float array (members, targets)
        0 or 1 in the chosen columns.
    value : float array (targets,)
    chosen : int array
        Indices of yes/no targets.
    """
    if len(chosen) == 0:
        return None, None
    happened: Flags = value[chosen] > 0.5
    rate = float(happened.mean())
    probability = predicted[:, chosen].mean(axis=0)
    return float(((probability - happened) ** 2).mean()), rate * (1 - rate)


def score_rows(scores: Iterable[FitScore]) -> list[list[str]]:
    """Return scores as rows of a table with the columns `SCORE_COLUMNS`."""
    rows = []
    for each in scores:
        verdicts = f"{each.hit}/{each.near}/{each.miss}/{each.uninformative}"
        means = (each.crps, each.log_score, each.brier, each.brier_constant)
        shown = ["-" if mean is None else f"{mean:.3f}" for mean in means]
        rows.append([each.episode, each.use, str(each.targets), verdicts, *shown])
    return rows


SCORE_COLUMNS = (
    "episode",
    "use",
    "targets",
    "h/n/m/u",
    "CRPS",
    "log score",
    "Brier",
    "constant",
)
"""Columns of `score_rows`; the fourth counts hits, nears, misses and uninformative agreements."""
