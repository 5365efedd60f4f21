"""Deployment: how soon an allied force arrives, how large it is by day, and how long it stays.

Law: the first soldiers arrive a lag after the request. The force grows in a straight line until it
is complete, waits for a while after the country is stable again, and shrinks in a straight line. It
never leaves before it has come. Russia's contingent is drawn; those of others follow `contagion`.
All five times and the size are assumed and wide, as the alliance had sent no force before (seed-001
p6).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from qantar.base.arrays import Numbers


class Parameters(NamedTuple):
    """Times in days, and persons; each a number or an array over draws."""

    lag: Numbers
    build_up: Numbers
    leader: Numbers
    stay: Numbers
    pull_out: Numbers


class Times(NamedTuple):
    """When a force arrives, is complete, starts to leave and has left: days, arrays (draws,)."""

    arrives: Numbers
    complete: Numbers
    leaving: Numbers
    left: Numbers


def times_of(p: Parameters, requested: float, stabilised: float) -> Times:
    """Return when a force comes and goes.

    Parameters
    ----------
    p : Parameters
    requested, stabilised : float
        Moments in days from any origin.

    Returns
    -------
    Times
        In days from the same origin.
    """
    arrives = requested + p.lag
    complete = arrives + p.build_up
    leaving = np.maximum(np.maximum(stabilised, arrives) + p.stay, complete)
    return Times(arrives, complete, leaving, leaving + p.pull_out)


def present_share(times: Times, days: Numbers) -> Numbers:
    """Return the share of a force that is in the country.

    Parameters
    ----------
    times : Times
    days : float array (days,)

    Returns
    -------
    float array (draws, days)
        0 to 1.
    """
    arrives, complete, leaving, left = (np.asarray(each)[..., None] for each in times)
    come = np.clip((days - arrives) / (complete - arrives), 0.0, 1.0)
    gone = np.clip((days - leaving) / (left - leaving), 0.0, 1.0)
    result: Numbers = come - gone
    return result
