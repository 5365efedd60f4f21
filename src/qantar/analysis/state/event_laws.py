"""Rival laws of when dated events come, compared by how well each predicts the next month.

Closures of outlets, bans of parties, dismissals and amendments are few. Each law predicts the
number of events of every month from the months before it; the sum of its log probabilities is its
log evidence (the prequential view of Dawid 1984). A law thus pays for every rate that it learns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import logsumexp
from scipy.stats import gamma, nbinom

from qantar.base.arrays import Numbers

CONSTANT = "constant rate"
RENEWAL = "regular renewal"

TOLD_APART = 3.0
"""Difference in log evidence from which on two laws are told apart: a Bayes factor of 20 (strong
evidence for Kass and Raftery 1995)."""

_EVENTS, _MONTHS = 0.5, 12.0
"""Prior of a rate: worth half an event in a year, so that the data soon decide."""

_SHAPES = (1.0, 2.0, 3.0, 5.0, 8.0)
_MEANS = (6.0, 12.0, 24.0, 48.0, 96.0)
"""Grid of renewal laws: shapes of the gamma distribution of waiting times, and means in months."""


@dataclass(frozen=True)
class EventSeries:
    """Dated events of one kind.

    Attributes
    ----------
    name : str
        What happened, for the table.
    counts : int array (months,)
        Events of every month.
    """

    name: str
    counts: Numbers

    @property
    def total(self) -> int:
        """Number of events."""
        return int(self.counts.sum())


def series_of(name: str, months: Sequence[int], length: int) -> EventSeries:
    """Return events in these months, counted from the first month of the years.

    Events outside the window of `length` months are left out.
    """
    counts = np.zeros(length)
    for month in months:
        if 0 <= month < length:
            counts[month] += 1.0
    return EventSeries(name, counts)


def after(counts: Numbers, months: int) -> Numbers:
    """Return 1 for the months that follow an event by at most so many: float array (months,)."""
    found = np.zeros(len(counts))
    for month in np.flatnonzero(counts > 0):
        found[month + 1 : month + 1 + months] = 1.0
    return found


def log_evidence_of_rates(counts: Numbers, state: Numbers) -> float:
    """Return the log evidence of a Poisson law with one rate in each state.

    The rates are learnt from month to month (gamma prior, conjugate).

    Parameters
    ----------
    counts : float array (months,)
    state : float array (months,)
        The months with the same value share a rate.
    """
    total = 0.0
    for value in np.unique(state):
        own = counts[state == value]
        seen = np.concatenate([[0.0], np.cumsum(own)[:-1]]) + _EVENTS
        time = np.arange(len(own)) + _MONTHS
        total += float(np.sum(nbinom.logpmf(own, seen, time / (time + 1.0))))
    return total


def log_evidence_of_renewal(counts: Numbers) -> float:
    """Return the log evidence of a renewal law: an event is due some time after the last one.

    Waiting times follow a gamma distribution; its shape (1: no memory) and mean are averaged over a
    grid. Several events of a month count as one.
    """
    happened = counts > 0
    scores = [_log_renewal(happened, shape, mean) for shape in _SHAPES for mean in _MEANS]
    return float(logsumexp(scores) - np.log(len(scores)))


def _log_renewal(happened: np.ndarray, shape: float, mean: float) -> float:
    """Return the log probability of events by month under one renewal law."""
    waits = np.arange(len(happened) + 2)
    survival = np.maximum(gamma.sf(waits, shape, scale=mean / shape), 1e-300)
    hazard = np.clip(1.0 - survival[1:] / survival[:-1], 1e-6, 1.0 - 1e-6)
    last, total = 0, 0.0
    for month, event in enumerate(happened):
        chance = hazard[month - last]
        total += np.log(chance if event else 1.0 - chance)
        if event:
            last = month + 1
    return float(total)


def compare_laws(events: EventSeries, causes: Mapping[str, Numbers]) -> pd.DataFrame:
    """Compare a constant rate with rates that depend on a cause, and with regular renewal.

    Parameters
    ----------
    events : EventSeries
    causes : mapping
        By name (``after a challenge``), 1 for the months in which another rate holds.

    Returns
    -------
    DataFrame
        series, law, events, log_evidence, against_constant, verdict (``better``, ``worse`` or
        ``cannot be told apart``); best first. Renewal counts months with an event, so it is
        compared with a constant rate of such months.
    """
    counts = events.counts
    none = np.zeros(len(counts))
    happened = (counts > 0).astype(float)
    constant = log_evidence_of_rates(counts, none)
    found = {CONSTANT: (constant, 0.0)}
    for name, state in causes.items():
        own = log_evidence_of_rates(counts, state)
        found[name] = (own, own - constant)
    renewal = log_evidence_of_renewal(counts)
    memoryless = float(
        logsumexp([_log_renewal(happened > 0, 1.0, mean) for mean in _MEANS]) - np.log(len(_MEANS))
    )
    found[RENEWAL] = (renewal, renewal - memoryless)
    rows = [
        (events.name, law, events.total, own, difference, verdict_on(law, difference))
        for law, (own, difference) in found.items()
    ]
    columns = ["series", "law", "events", "log_evidence", "against_constant", "verdict"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values("against_constant", ascending=False, ignore_index=True)


def verdict_on(law: str, difference: float) -> str:
    """Say whether a law does better or worse than a constant rate, or cannot be told from it."""
    if law == CONSTANT:
        return "the null"
    if abs(difference) < TOLD_APART:
        return "cannot be told apart"
    return "better" if difference > 0 else "worse"
