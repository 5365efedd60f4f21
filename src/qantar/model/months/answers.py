"""Answers: the state ignores a wave, gives in on the issue, promises reform, or represses it.

Autocrats meet what they cannot ignore with concessions or force (Svolik 2012; Davenport 2007). The
larger the wave, the likelier each answer; political demands meet force more often than material
ones. How many are killed and held has a wide spread. Few dated answers are known, so these numbers
are hardly more than their prior.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qantar.base.arrays import Numbers
from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, stream
from qantar.model.months.declaration import (
    CONCEDE,
    POLITICAL_FRAMES,
    PROMISE,
    REPRESS,
    MonthlyMechanism,
)
from qantar.model.records import Records
from qantar.rng import Key, normal, uniform
from qantar.rng.elementary import exp, log, log1p
from qantar.rng.poisson import poisson

_DRAW = stream("answers")
_LOSSES = stream("losses")
_ELECTION, _SYMBOL = POLITICAL_FRAMES


class Parameters(NamedTuple):
    """Log odds of each answer, and people held and killed."""

    concede: float
    concede_scope: float
    promise: float
    promise_scope: float
    repress: float
    repress_scope: float
    repress_political: float
    held_a_town: float
    held_spread: float
    killed_a_region: float
    killed_spread: float
    violent: float
    violent_scope: float


@compiled
def logistic(x: float) -> float:
    """Return the probability of these log odds."""
    return 1.0 / (1.0 + exp(-x))


@compiled
def chance_of(answer: int, p: Parameters, frame: int, regions_out: float) -> float:
    """Return the probability of an answer to a wave."""
    size = log1p(regions_out)
    if answer == CONCEDE:
        return logistic(p.concede + p.concede_scope * size)
    if answer == PROMISE:
        return logistic(p.promise + p.promise_scope * size)
    political = 1.0 if frame in (_ELECTION, _SYMBOL) else 0.0
    return logistic(p.repress + p.repress_scope * size + p.repress_political * political)


@compiled
def log_chance_of_answers(
    numbers: Records, frames: NDArray[np.int64], regions_out: Numbers, answers: Numbers
) -> Numbers:
    """Return the log probability of the answers to some waves, for several sets of parameters.

    Parameters
    ----------
    numbers : record array (sets,)
        Parameters of the month.
    frames : int array (waves,)
    regions_out : float array (waves,)
    answers : float array (waves, answers)
        1 for the answers that were given.
    """
    found = np.zeros(numbers.shape[0])
    for k in range(numbers.shape[0]):
        p = numbers[k].answers
        for w in range(frames.shape[0]):
            for answer in range(3):
                chance = chance_of(answer, p, frames[w], regions_out[w])
                found[k] += log(chance if answers[w, answer] > 0.0 else 1.0 - chance)
    return found


@compiled
def answer_wave(
    p: Parameters,
    key: Key,
    frame: int,
    occurrence: int,
    towns: float,
    regions_out: float,
    wave: Numbers,
    first: int,
) -> None:
    """Draw the state's answers to a wave, and who is killed and held.

    Parameters
    ----------
    wave : float array
        Killed, held and the three answers are written from position `first`.
    """
    for answer in range(3):
        u = uniform(key, _DRAW, answer, 0, occurrence)
        chosen = 1.0 if u < chance_of(answer, p, frame, regions_out) else 0.0
        wave[first + 2 + answer] = chosen if towns > 0.0 else 0.0
    force = wave[first + 2 + REPRESS]
    z = normal(key, _LOSSES, 0, 0, occurrence)
    held = towns * p.held_a_town * exp(p.held_spread * z)
    wave[first + 1] = math.floor(force * held)
    turned = uniform(key, _LOSSES, 1, 0, occurrence)
    violent = turned < logistic(p.violent + p.violent_scope * log1p(regions_out))
    lost = (
        p.killed_a_region
        * regions_out
        * exp(p.killed_spread * normal(key, _LOSSES, 2, 0, occurrence))
    )
    u = uniform(key, _LOSSES, 3, 0, occurrence)
    wave[first] = poisson(u, force * lost) if violent else 0.0


MECHANISM = MonthlyMechanism(
    name="answers",
    title="The state gives in, promises or represses",
    references=("svolik2012", "davenport2007"),
    systems=("B9", "D5"),
    parameters=Parameters,
    country=(Field("wave_events", "a month", 0, math.inf, 0, "assemblies of waves, town by town"),),
)
