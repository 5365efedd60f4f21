"""Mediators: parts of one run held to the course that they took in another.

To ask through which causes a difference passes, a twin is run again with some of its causes held to
the course of the world without the change: what the change still does, it does by the others
(natural direct and indirect effects, Pearl 2001). A term belongs to the mechanism that declares it;
it is held as soon as that mechanism has run.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qantar.base.arrays import Numbers


class Mediator(IntEnum):
    """A cause that can be held: the terms of one mechanism or of a few that say the same."""

    PRICE = 0
    NEWS = 1
    FORCE = 2
    PROVOCATION = 3
    CONTROL = 4
    ANGER = 5
    FEAR = 6
    BELIEF = 7
    WEARINESS = 8


class HeldMediators(NamedTuple):
    """Terms of another run, and which of them are held.

    Attributes
    ----------
    held : float array (mediators,)
        1 where the terms of a `Mediator` are held.
    terms : float array (hours, places, terms)
        In the order of `qantar.model.hour.TERMS`, at the end of every hour; no hours if nothing is
        held.
    """

    held: Numbers
    terms: NDArray[np.float64]


def nothing_held() -> HeldMediators:
    """Return what holds nothing."""
    return HeldMediators(np.zeros(len(Mediator)), np.zeros((0, 0, 0)))
