"""Promises of those in power: promised, drafted, enacted, and sometimes reversed, month by month.

A fresh promise is drafted at one rate and a draft enacted at another; both rates fall as the
promise gets old, so that some promises are never kept. What was enacted is reversed, or offset by
another act, at a constant rate. Three rival laws say what else moves these rates:

- ``same-for-all`` (null): nothing else does.
- ``costs-power``: a promise that costs the president core powers is enacted less and reversed more,
  because nothing binds the one who made it (Acemoglu and Robinson 2006; Svolik 2012). Both effects
  may be zero or negative.
- ``pressure``: more is enacted while a large wave is recent; a concession lasts as long as the
  threat (Acemoglu and Robinson 2006). The effect may be zero or negative.

Assumed: exponential waiting times in each month; one rate for all themes; no promise is dropped
openly; a reversal is final. A draft is enacted in the month after it at the earliest.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from qantar.base.arrays import Numbers

LAWS = ("same-for-all", "costs-power", "pressure")
NULL, COSTS, PRESSURE = LAWS
NAME = "promises"
"""The mechanism, and its file of numbers."""

NEVER = np.iinfo(np.int64).max
"""Month of a step that does not come."""

_PER_YEAR = 12.0


class PromiseNumbers(NamedTuple):
    """Numbers of the rule; each a float array (draws,).

    Attributes
    ----------
    draft_time, enact_time, stale_time : array
        Months.
    cost, pressure, reversal_cost : array
        Logs of a rate.
    pressure_months : array
        Months for which a wave is recent.
    reversal : array
        A year.
    open_cost : array
        Chance that an open promise costs core powers.
    """

    draft_time: Numbers
    enact_time: Numbers
    stale_time: Numbers
    cost: Numbers
    pressure: Numbers
    pressure_months: Numbers
    reversal: Numbers
    reversal_cost: Numbers
    open_cost: Numbers


class Steps(NamedTuple):
    """Months after the promise in which each step came, or `NEVER`; int arrays (draws,)."""

    drafted: np.ndarray
    enacted: np.ndarray
    reversed: np.ndarray


def recent_waves(first: int, months: int, waves: tuple[int, ...], lasting: Numbers) -> Numbers:
    """Return 1 where a wave is recent: float array (draws, months).

    Parameters
    ----------
    first : int
        The month of the promise, from January of the year 0.
    months : int
    waves : tuple of int
        Months in which large waves began.
    lasting : float array (draws,)
        A wave is recent for less than so many months.
    """
    found = np.zeros((len(lasting), months))
    for wave in waves:
        since = first + np.arange(months) - wave
        found = np.maximum(found, (since >= 0) & (since < lasting[:, None]))
    return found


def step_rates(
    p: PromiseNumbers, law: str, cost: Numbers | float, recent: Numbers
) -> tuple[Numbers, Numbers]:
    """Return the rates a month of drafting and enacting by age: float arrays (draws, months).

    Parameters
    ----------
    p : PromiseNumbers
    law : str
        One of `LAWS`.
    cost : float array (draws,) or float
        1 if the promise costs core powers, 0 if not; between for a package of both.
    recent : float array (draws, months)
        Of `recent_waves`.
    """
    if law not in LAWS:
        raise ValueError(f"unknown law {law!r}; known are {', '.join(LAWS)}")
    fresh = np.exp(-np.arange(recent.shape[1]) / p.stale_time[:, None])
    effect = np.zeros_like(recent)
    if law == COSTS:
        effect = effect - (p.cost * cost)[:, None]
    elif law == PRESSURE:
        effect = effect + p.pressure[:, None] * recent
    return fresh / p.draft_time[:, None], fresh / p.enact_time[:, None] * np.exp(effect)


def reversal_rate(p: PromiseNumbers, law: str, cost: Numbers | float) -> Numbers:
    """Return the rate of reversal a month: float array (draws,)."""
    effect = p.reversal_cost * cost if law == COSTS else np.zeros_like(p.reversal)
    rate: Numbers = p.reversal / _PER_YEAR * np.exp(effect)
    return rate


def chance_enacted(drafting: Numbers, enacting: Numbers) -> Numbers:
    """Return the chance that a promise is enacted by the end of each month.

    Parameters
    ----------
    drafting, enacting : float array (draws, months)
        Rates of `step_rates`.

    Returns
    -------
    float array (draws, months)
    """
    draws, months = drafting.shape
    promised, drafted = np.ones(draws), np.zeros(draws)
    found = np.zeros((draws, months))
    for m in range(months):
        enacted = drafted * -np.expm1(-enacting[:, m])
        new = promised * -np.expm1(-drafting[:, m])
        promised, drafted = promised - new, drafted - enacted + new
        found[:, m] = 1.0 - promised - drafted
    return found


def follow_promise(
    drafting: Numbers, enacting: Numbers, reversing: Numbers, luck: Numbers
) -> Steps:
    """Return when a promise is drafted, enacted and reversed in each draw.

    Parameters
    ----------
    drafting, enacting : float array (draws, months)
        Rates of `step_rates`.
    reversing : float array (draws,)
        Rate a month.
    luck : float array (draws, 3)
        Uniform numbers in (0, 1), one a step: for the same luck a higher rate is never later.
    """
    months = drafting.shape[1]
    waits = -np.log(luck)
    drafted = _first(np.cumsum(drafting, axis=1), waits[:, 0])
    total = np.cumsum(enacting, axis=1)
    at = np.minimum(drafted, months - 1)
    before = total[np.arange(len(total)), at]
    enacted = _first(total, before + waits[:, 1])
    enacted[drafted >= months - 1] = NEVER
    with np.errstate(divide="ignore"):
        wait = np.ceil(waits[:, 2] / reversing)
    comes = (enacted < NEVER) & (wait < months)
    offset = np.where(comes, wait, 0.0).astype(np.int64)
    undone = np.where(comes, np.where(comes, enacted, 0) + offset, NEVER)
    return Steps(drafted, enacted, np.where(undone < months, undone, NEVER))


def _first(total: Numbers, bound: Numbers) -> np.ndarray:
    """Return the first month in which a running sum reaches a bound, or `NEVER`."""
    reached = total >= bound[:, None]
    return np.where(reached.any(axis=1), reached.argmax(axis=1), NEVER)
