"""Support for the side that a partner fights, by group, month by month.

**Law.** The log odds of support move in months of war only, and less the longer it lasts:

    step_g = exp(-age / fade) * (step - media * exposure_g)

`age` counts the months of war so far. War itself may turn people away from who wages it (`step`);
media of the partner hold them back (`media`) by the group's exposure to them.

**Literature.** A message moves opinion by exposure and by what people are disposed to accept
(Zaller 1992). Russian television moved votes in Ukraine, and more among those who leaned to it
already (Peisakhin and Rozenas 2018), so neither sign is sure.

**Assumed.** The form, the sizes, and the exposure of each group. Groups begin at one common level
in the first month; what else divides them (descent, age, place) is left out.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from qantar.base.arrays import Numbers


class Parameters(NamedTuple):
    """Numbers of the rule, each a float array (members,)."""

    level: Numbers
    step: Numbers
    media: Numbers
    fade: Numbers


def follow_sentiment(war: Numbers, exposure: Numbers, p: Parameters) -> Numbers:
    """Return the log odds of support of one group: float array (members, months).

    Parameters
    ----------
    war : float array (months,)
        1 in months of war.
    exposure : float array (members,)
        Exposure of the group to the media of the partner, 0 to 1.
    p : Parameters
        `level` is a share, 0 to 1.
    """
    age = np.cumsum(war) - war
    weight = war * np.exp(-age / p.fade[:, None])
    moved = (p.step - p.media * exposure)[:, None] * np.cumsum(weight, axis=1)
    start: Numbers = np.log(p.level / (1.0 - p.level))
    result: Numbers = start[:, None] + moved
    return result
