"""A public fund of gifts: donations in, spending out, the balance in between.

Firms that gained under the former ruler give because they are asked. Two rival laws: gifts come at
a ``constant`` rate (null), or they are ``fading`` as the pressure on donors does. A share of the
balance is spent each year, on the purposes that the sources name. In every month and draw donations
so far are what was spent so far and what is left: money is neither made nor lost.

Assumed: no other income, no interest, no cost of running; how gifts and spending respond to any
event. Sources read here tell no amount at all, so every amount is a prior.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from qantar.base.arrays import Numbers

LAWS = ("constant", "fading")
NAME = "fund"
"""The mechanism, and its file of numbers."""

_PER_YEAR = 12.0


class FundNumbers(NamedTuple):
    """Numbers of the rule; each a float array (draws,).

    Attributes
    ----------
    donations : array
        Billion a year in the first year.
    fade : array
        Months.
    spending : array
        Share of the balance a year.
    """

    donations: Numbers
    fade: Numbers
    spending: Numbers


class FundFlows(NamedTuple):
    """Flows by month and the balance at its end: float arrays (draws, months), in billions."""

    donations: Numbers
    spending: Numbers
    balance: Numbers


def follow_fund(p: FundNumbers, law: str, months: int) -> FundFlows:
    """Return donations, spending and balance of a fund that begins empty.

    Parameters
    ----------
    p : FundNumbers
    law : str
        One of `LAWS`.
    months : int
        From the month of the order.
    """
    if law not in LAWS:
        raise ValueError(f"unknown law {law!r}; known are {', '.join(LAWS)}")
    age = np.arange(months)
    fading = np.exp(-age / p.fade[:, None]) if law == "fading" else np.ones((len(p.fade), months))
    first = fading[:, :12].sum(axis=1, keepdims=True) * _PER_YEAR / min(months, 12)
    given = p.donations[:, None] * fading / first
    share = 1.0 - (1.0 - p.spending) ** (1.0 / _PER_YEAR)
    spent, left = np.zeros_like(given), np.zeros_like(given)
    balance = np.zeros(len(given))
    for month in range(months):
        balance = balance + given[:, month]
        spent[:, month] = share * balance
        balance = balance - spent[:, month]
        left[:, month] = balance
    return FundFlows(given, spent, left)


def divide(spending: Numbers, waits: Numbers) -> Numbers:
    """Return spending by purpose: float array (draws, purposes).

    Parameters
    ----------
    spending : float array (draws,)
        Spent in all.
    waits : float array (draws, purposes)
        Positive weights; unit exponential ones make every division as likely as any other.
    """
    shares: Numbers = waits / waits.sum(axis=1, keepdims=True)
    return spending[:, None] * shares
