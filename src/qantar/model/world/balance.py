"""Distance of a country's policy from a partner, month by month.

**Law.** The state of month t is the log odds that an act of that month moves away from the partner.
It adjusts to a target within some months:

    target = base + war * W + words * S + sanctions * E - pull * (D - usual) / 10 + debt * T
    state  = target + (state before - target) * exp(-1 / lag) + shock * normal

W is 1 in months of a war of the partner, S the stock of words and acts by which the partner
presses the country, E the exposure to sanctions, D the partner's share of imports in percent, and T
the debt for troops that the partner sent, which fades. The index is the logistic of the state: 0 if
every act moves toward the partner, 1 if every act moves away.

**Literature.** Trade that one side can do without less than the other gives the other influence
(Hirschman 1945): the pull. States balance against threat rather than power (Walt 1987): the push
of war and words. An ally that helped may be owed, or feared because it may help again (Snyder
1984): the debt, whose sign is open.

**Assumed.** The form, the adjustment, and every size. No effect is estimated anywhere; each prior
includes zero and, but for times, the opposite sign.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from qantar.base.arrays import Numbers

POINTS = 10.0
"""Points of the share of imports to which `pull` refers."""


class Parameters(NamedTuple):
    """Numbers of the rule, each a float array (members,)."""

    base: Numbers
    lag: Numbers
    war: Numbers
    words: Numbers
    word_time: Numbers
    sanctions: Numbers
    pull: Numbers
    debt: Numbers
    debt_time: Numbers
    shock: Numbers


class Forces(NamedTuple):
    """What moves the policy, each a float array (months,).

    Attributes
    ----------
    war, words, sanctions, troops : array
        War of the partner, 0 or 1; words and acts of pressure that begin in the month; exposure,
        0 to 1; troops that arrive in the month, 0 or 1.
    imports : array
        Share of the partner in imports less its usual share, in points of a percent.
    """

    war: Numbers
    words: Numbers
    sanctions: Numbers
    imports: Numbers
    troops: Numbers


def stock(arrivals: Numbers, time: Numbers) -> Numbers:
    """Return what is left of arrivals that fade: float array (members, months).

    Parameters
    ----------
    arrivals : float array (months,)
    time : float array (members,)
        Months in which a stock falls to 1/e.
    """
    keep = np.exp(-1.0 / time)
    left = np.zeros((len(time), len(arrivals)))
    now = np.zeros(len(time))
    for month, arrived in enumerate(arrivals):
        now = now * keep + arrived
        left[:, month] = now
    return left


def follow_policy(forces: Forces, p: Parameters, shocks: Numbers) -> Numbers:
    """Return the log odds that an act moves away: float array (members, months).

    Parameters
    ----------
    forces : Forces
    p : Parameters
    shocks : float array (members, months)
        Standard normal numbers.
    """
    target = (
        p.base[:, None]
        + np.outer(p.war, forces.war)
        + p.words[:, None] * stock(forces.words, p.word_time)
        + np.outer(p.sanctions, forces.sanctions)
        - np.outer(p.pull, forces.imports / POINTS)
        + p.debt[:, None] * stock(forces.troops, p.debt_time)
    )
    keep = np.exp(-1.0 / p.lag)
    state = np.zeros_like(target)
    now = target[:, 0]
    for month in range(target.shape[1]):
        now = target[:, month] + (now - target[:, month]) * keep + p.shock * shocks[:, month]
        state[:, month] = now
    return state


def index_of(state: Numbers) -> Numbers:
    """Return the index of distance, 0 to 1, of log odds."""
    result: Numbers = 1.0 / (1.0 + np.exp(-state))
    return result
