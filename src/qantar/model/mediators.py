"""Mediators: terms of one run held to their course in another run.

To attribute a difference to its causes, the changed world is run again with some mediators held to
their course in the baseline: the remaining effect of the change passes through the others (natural
direct and indirect effects, Pearl 2001). A term belongs to the mechanism that declares it and is
held directly after that mechanism has run.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qantar.base.arrays import Numbers


class Mediator(IntEnum):
    """A cause that can be held: the terms of one or of several related mechanisms."""

    PRICE = 0
    NEWS = 1
    FORCE = 2
    PROVOCATION = 3
    CONTROL = 4
    ANGER = 5
    FEAR = 6
    BELIEF = 7
    WEARINESS = 8
    CURIOSITY = 9
    COORDINATION = 10


class HeldMediators(NamedTuple):
    """Terms of another run, and which of them are held.

    Attributes
    ----------
    held : float array (mediators,)
        1 where the terms of a `Mediator` are held.
    terms : float array (hours, places, terms)
        In the order of `qantar.model.hour.TERMS`, at the end of every hour; empty if nothing is
        held.
    """

    held: Numbers
    terms: NDArray[np.float64]


def nothing_held() -> HeldMediators:
    """Return a `HeldMediators` that holds nothing."""
    return HeldMediators(np.zeros(len(Mediator)), np.zeros((0, 0, 0)))
