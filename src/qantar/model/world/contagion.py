"""Contagion to neighbours: fear of the same unrest, troops as insurance, policing afterwards.

Law: fear is the size of the unrest times a weighted sum of being near, of similar rule with lower
income, and of own unrest in the past. Membership and fear raise the log odds that a state sends
troops; fear raises the logarithm of its contingent. Policing changes afterwards by a share that
depends on the precedent and on fear. Crisis Group says that unrest in the richer neighbour unnerves
rulers, reads Tajikistan's troops as a hope for the like help, and expects rulers to rely more on
force (seed-001 p25, p36). The form and all weights are assumed, and the sign of the change is open.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from qantar.base.arrays import Numbers
from qantar.model.world.consent import logistic


class Neighbour(NamedTuple):
    """A state that watches: member or not, and its likeness; each 0 to 1."""

    member: float
    near: float
    similar: float
    past: float


class Parameters(NamedTuple):
    """Shares, log odds and persons; each a number or an array over draws."""

    near: Numbers
    similar: Numbers
    past: Numbers
    send_base: Numbers
    send_member: Numbers
    send_fear: Numbers
    size: Numbers
    size_fear: Numbers
    size_spread: Numbers
    harsh_precedent: Numbers
    harsh_fear: Numbers


def fear_of(p: Parameters, neighbour: Neighbour, unrest: float) -> Numbers:
    """Return fear of contagion, 0 to about 1, at an unrest of 0 to 1."""
    found = p.near * neighbour.near + p.similar * neighbour.similar + p.past * neighbour.past
    return np.asarray(unrest * found)


def chance_of_sending(p: Parameters, neighbour: Neighbour, unrest: float) -> Numbers:
    """Return the probability that a state contributes troops: float array (draws,)."""
    fear = fear_of(p, neighbour, unrest)
    return logistic(p.send_base + p.send_member * neighbour.member + p.send_fear * fear)


def expected_contingent(p: Parameters, neighbour: Neighbour, unrest: float) -> Numbers:
    """Return the median contingent of a state that sends one: persons, float array (draws,)."""
    result: Numbers = p.size * np.exp(p.size_fear * fear_of(p, neighbour, unrest))
    return result


def harsher_policing(p: Parameters, neighbour: Neighbour, unrest: float) -> Numbers:
    """Return the change of policing afterwards, as a share of its level: float array (draws,)."""
    result: Numbers = p.harsh_precedent * neighbour.member + p.harsh_fear * fear_of(
        p, neighbour, unrest
    )
    return result
