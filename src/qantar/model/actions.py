"""The kinds of state action that the model can feel, and the script that dates them."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from qantar.arrays import Flags, Hours, Numbers


class Action(IntEnum):
    """A kind of trigger or state action. Other kinds may stand in an episode as a record only."""

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
