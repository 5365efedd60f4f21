"""Draws of the numbers of the rules of the alliance from their priors, and weights of draws."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from qantar.base.arrays import Numbers
from qantar.base.errors import FileError, nearest
from qantar.model.mechanism import stream
from qantar.packs.country import COMMON, packs_folder
from qantar.packs.world.alliance import FOLDER, rule_numbers
from qantar.simulate.draws import prior_scores

SEED = 20220105
DRAWS = 20_000
"""Draws from the prior of a rule; each is weighted by the decisions it is conditioned on."""

_Parameters = TypeVar("_Parameters", bound=tuple[Numbers, ...])


def draw_numbers(
    shape: type[_Parameters], rule: str, seed: int, draws: int, *, open_signs: bool = False
) -> _Parameters:
    """Return draws of the numbers of a rule.

    Parameters
    ----------
    shape : named tuple
        `Parameters` of the rule.
    rule : str
        Name of its file of numbers.
    seed, draws : int
        A draw depends on the seed, the rule, the name of the number and its own index alone.
    open_signs : bool
        Whether the means of all normal priors but that of `base` are set to zero.

    Returns
    -------
    named tuple of float arrays (draws,)

    Raises
    ------
    FileError
        If the file lacks a number of the rule, or holds another.
    """
    numbers = rule_numbers(rule)
    names: tuple[str, ...] = shape._fields  # type: ignore[attr-defined]
    odd = next((name for name in {*names} ^ {*numbers}), None)
    if odd is not None:
        path = packs_folder() / COMMON / FOLDER / f"{rule}.yaml"
        problem = f"lacks the number {odd!r}" if odd in names else f"unknown number {odd!r}"
        raise FileError(path, problem, expected=nearest(odd, names) or ", ".join(names))
    scores = prior_scores(seed, draws, list(names), stream(f"world.{rule}"))
    columns = []
    for k, name in enumerate(names):
        number = numbers[name]
        if number.prior is None:
            values = np.full(draws, number.central)
        else:
            values = np.array([number.prior.value_at(score) for score in scores[:, k]])
            if open_signs and number.prior.distribution == "normal" and name != "base":
                values = values - number.central
        columns.append(np.clip(values, number.low, number.high))
    return shape(*columns)


def weighted_mean(values: Numbers, weights: Numbers) -> float:
    """Return the mean of values under weights of any scale."""
    return float(np.sum(values * weights) / np.sum(weights))


def weighted_range(values: Numbers, weights: Numbers) -> tuple[float, float]:
    """Return the 5 % and the 95 % quantile of values under weights of any scale."""
    order = np.argsort(values)
    share = np.cumsum(weights[order])
    places = np.searchsorted(share, np.array([0.05, 0.95]) * share[-1])
    low, high = values[order][np.minimum(places, len(values) - 1)]
    return float(low), float(high)


def effective_draws(weights: Numbers) -> float:
    """Return how many equally weighted draws the weights are worth (Kish's number)."""
    return float(np.sum(weights) ** 2 / np.sum(weights**2))
