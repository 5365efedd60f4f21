"""What a poll would show if it were asked again: an index of the years, off by a house effect.

Law: of `sample` persons a binomial number answers so, with ``logit(share) = logit(index) + h``. The
house effect ``h`` has a normal prior and stays with the poll. It lies on a grid, weighted by the
prior and by the count that the poll found; members of a run are weighted alike, by how well they
give that count. Assumed: the index and the answer move together one for one, in log odds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import expit, logit
from scipy.stats import betabinom, binom

from qantar.base.arrays import Numbers

_EDGE = 1e-3
"""Indices are kept this far from 0 and 1."""


def house_weights(index: Numbers, house: Numbers, prior: Numbers, count: int, size: int) -> Numbers:
    """Return the weights of members and house effects once a poll is seen.

    Parameters
    ----------
    index : float array (m,)
        Index of each member when the poll was asked.
    house, prior : float array (k,)
        House effects and their weights before the poll.
    count, size : int
        Answers, and persons asked.

    Returns
    -------
    float array (m, k)
        They sum to 1.
    """
    weights: Numbers = binom.pmf(count, size, shares(index, house)) * prior
    total: Numbers = weights / weights.sum()
    return total


def shares(index: Numbers, house: Numbers) -> Numbers:
    """Return the expected share of an answer: float array (m, k)."""
    odds = logit(np.clip(np.asarray(index, float), _EDGE, 1 - _EDGE))
    share: Numbers = expit(odds[:, None] + house)
    return share


def asked_again(
    index: Numbers, house: Numbers, weights: Numbers, size: int, levels: Sequence[float]
) -> Numbers:
    """Return quantiles of the share that a poll of the same size would find."""
    counts = np.arange(size + 1)
    chances = np.tensordot(
        weights, binom.pmf(counts, size, shares(index, house)[..., None]), axes=2
    )
    return _quantiles(chances, levels)


def asked_again_unchanged(count: int, size: int, levels: Sequence[float]) -> Numbers:
    """Return the same if nothing changed but who is asked (prior of Jeffreys)."""
    chances = betabinom.pmf(np.arange(size + 1), size, count + 0.5, size - count + 0.5)
    return _quantiles(chances, levels)


def _quantiles(chances: Numbers, levels: Sequence[float]) -> Numbers:
    below = np.cumsum(chances) / np.sum(chances)
    found: Numbers = np.searchsorted(below, np.asarray(levels)) / (len(chances) - 1)
    return found
