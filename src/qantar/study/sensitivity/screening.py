"""Screening by elementary effects (Morris 1991; Campolongo, Cariboni and Saltelli 2007).

A trajectory visits one point more than there are unknowns and moves one unknown at a time. The
change of an output, over the whole range of the unknown that moved, is its elementary effect.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from qantar.arrays import Numbers
from qantar.errors import QantarError

REACH = 1.6448536269514722
"""Standard normal score of the 95 % quantile: unknowns run from minus this to plus this."""

LEVELS = 4
"""Steps of the grid. Even, so that every level is as likely as any other (Morris 1991)."""

RESAMPLES = 200
"""Bootstrap resamples behind a confidence; its own error is then about a twentieth."""

CONFIDENCE = 0.95
"""Coverage of the half-widths that are given as confidence."""


@dataclass(frozen=True)
class Effects:
    """Elementary effects over the whole range of every unknown.

    Attributes
    ----------
    mean, strength, confidence, spread : float array (unknowns, outputs)
        Mean effect (its sign is the direction); mean absolute effect, mu* of Campolongo et al.
        (2007); half-width of its 95 % confidence; standard deviation of the effects, which is
        large where the effect depends on the other unknowns.
    """

    mean: Numbers
    strength: Numbers
    confidence: Numbers
    spread: Numbers


def trajectories(unknowns: int, count: int, seed: int) -> Numbers:
    """Return the points of a screening on the scale of standard normal scores.

    Parameters
    ----------
    unknowns, count : int
        Number of unknowns, and of trajectories, at least 2.
    seed : int

    Returns
    -------
    float array (count * (unknowns + 1), unknowns)
        One trajectory after the other.
    """
    morris = salib("sample.morris")

    points: Numbers = morris.sample(_problem(unknowns), count, num_levels=LEVELS, seed=seed)
    return points


def effects(points: Numbers, outputs: Numbers, seed: int) -> Effects:
    """Return the elementary effects of a screening.

    Parameters
    ----------
    points : float array (points, unknowns)
        As `trajectories` gave them.
    outputs : float array (points, outputs)
    seed : int
        Of the bootstrap; every output resamples alike.
    """
    morris = salib("analyze.morris")

    problem = _problem(points.shape[1])
    kept = ("mu", "mu_star", "mu_star_conf", "sigma")
    table = np.zeros((len(kept), points.shape[1], outputs.shape[1]))
    for column in range(outputs.shape[1]):
        found = morris.analyze(
            problem,
            points,
            np.ascontiguousarray(outputs[:, column]),
            num_levels=LEVELS,
            num_resamples=RESAMPLES,
            conf_level=CONFIDENCE,
            seed=seed,
        )
        table[:, :, column] = [np.asarray(found[key], np.float64) for key in kept]
    return Effects(*table)


def screen(forward: Callable[[Numbers], Numbers], unknowns: int, count: int, seed: int) -> Effects:
    """Screen any function of standard normal scores.

    Parameters
    ----------
    forward : callable
        Returns outputs (points, outputs) for points (points, unknowns).
    """
    points = trajectories(unknowns, count, seed)
    return effects(points, forward(points), seed)


def salib(module: str) -> Any:
    """Return a module of SALib.

    Raises
    ------
    QantarError
        If SALib is not installed.
    """
    try:
        return import_module(f"SALib.{module}")
    except ImportError as error:
        raise QantarError(
            "a sensitivity analysis needs SALib", mend="pip install 'qantar[study]'"
        ) from error


def _problem(unknowns: int) -> dict[str, Any]:
    return {
        "num_vars": unknowns,
        "names": [str(k) for k in range(unknowns)],
        "bounds": [[-REACH, REACH]] * unknowns,
    }
