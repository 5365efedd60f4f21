"""The kinds of state action that the model can feel, and the script that dates them."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from qantar.base.arrays import Flags, Hours, Numbers


class Action(IntEnum):
    """A kind of trigger or state action. Other kinds may stand in an episode as a record only.

    `OTHER_TRIGGER` is whatever set an episode off that is not the price of gas: a labour dispute, a
    law, an election. `PRICE_CONCESSION` takes back what the trigger took, whichever it was.
    `RESTRAINT` is the share of force that police withhold from a crowd, `WITHDRAWAL` the share of
    forces taken off the street, `STAND` the share by which forces told to stand lose ground slower.
    """

    PRICE_CAP_LIFTED = 0
    PRICE_CONCESSION = 1
    UTILITIES_FREEZE = 2
    GOVERNMENT_RESIGNS = 3
    COUNCIL_CHAIR_CHANGES = 4
    NEW_CABINET = 5
    EMERGENCY = 6
    SHUTDOWN = 7
    FOREIGN_TROOPS = 8
    SHOOT_ORDER = 9
    MOURNING = 10
    OTHER_TRIGGER = 11
    RESTRAINT = 12
    WITHDRAWAL = 13
    STAND = 14


ACTION_KINDS = len(Action)


class Script(NamedTuple):
    """Dated actions of one member.

    Attributes
    ----------
    kind : int array (actions,)
        Values of `Action`.
    begins, ends : int array (actions,)
        Hours of the episode's clock; an action is in force from `begins` to just before `ends`.
    intensity : float array (actions,)
        0 to 1, for instance how much of a shutdown is still in place.
    where : bool array (actions, places)
    """

    kind: Hours
    begins: Hours
    ends: Hours
    intensity: Numbers
    where: Flags


class Amendments(NamedTuple):
    """What interventions hold decisions to, whoever takes them: the script or the rules.

    Where several rows hold at once the largest `least` and the smallest `most` count, so the order
    of the rows means nothing.

    Attributes
    ----------
    kind : int array (rows,)
        Values of `Action`.
    begins, ends : int array (rows,)
        Hours of the episode's clock; a row holds from `begins` to just before `ends`.
    least, most : float array (rows,)
        Bounds of the intensity, 0 to 1: ``most`` 0 forbids an action, ``least`` 1 imposes it.
    where : bool array (rows, places)
    """

    kind: Hours
    begins: Hours
    ends: Hours
    least: Numbers
    most: Numbers
    where: Flags


def no_amendments(places: int) -> Amendments:
    """Return what leaves every decision as it is."""
    hours, bounds = np.zeros(0, np.int64), np.zeros(0)
    return Amendments(hours, hours, hours, bounds, bounds, np.zeros((0, places), np.bool_))
