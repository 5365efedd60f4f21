"""Ensemble smoother with multiple data assimilation (Emerick and Reynolds 2013).

A rough but declared way to move an ensemble of beliefs towards observations: a fixed number of
Kalman updates with inflated observation error, from nothing but runs of the model. Exact for a
linear model with normal errors and a large ensemble; otherwise an approximation, and called so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from qantar.arrays import Numbers
from qantar.chance import key_of, normal
from qantar.model.mechanism import stream

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
