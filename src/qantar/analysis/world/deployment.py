"""Draws of a deployment by day, from priors alone, beside what the sources tell of January 2022."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qantar.analysis.world.alliance_draws import draw_numbers
from qantar.base.arrays import Numbers
from qantar.model.world import deployment
from qantar.packs.world.alliance import Alliance

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
SHOWN = 31
"""Days that are shown, from five before the first day of the request."""


@dataclass(frozen=True)
class DeploymentStudy:
    """Draws of a deployment. Moments are in days from `origin`, and a day begins at its number.

    Attributes
    ----------
    origin : date
    times : Times
        Float arrays (draws,).
    contingents : dict of str to float array (draws,)
        Full contingent of each state, the leading one first; persons.
    """

    origin: dt.date
    times: deployment.Times
    contingents: dict[str, Numbers]

    @cached_property
    def total(self) -> Numbers:
        """The complete force: float array (draws,)."""
        result: Numbers = np.sum(list(self.contingents.values()), axis=0)
        return result

    @cached_property
    def days(self) -> list[dt.date]:
        """The days that are shown."""
        return [self.origin + dt.timedelta(k) for k in range(SHOWN)]

    def by_day(self, country: str = "") -> Numbers:
        """Return persons in the country at noon of every day shown: float array (draws, days).

        Parameters
        ----------
        country : str
            The state that sent them; all states together if it is empty.
        """
        full = self.contingents[country] if country else self.total
        share = deployment.present_share(self.times, np.arange(0.5, SHOWN, dtype=np.float64))
        result: Numbers = full[:, None] * share
        return result

    def quantiles(self, country: str = "") -> Numbers:
        """Return quantiles at `LEVELS` of every day shown: float array (levels, days)."""
        result: Numbers = np.quantile(self.by_day(country), LEVELS, axis=0)
        return result

    def share_within(self, moment: str, first: dt.date, last: dt.date) -> float:
        """Return the share of draws in which a moment falls on one of these days."""
        at = getattr(self.times, moment)
        since, until = (first - self.origin).days, (last - self.origin).days + 1
        return float(np.mean((at >= since) & (at < until)))

    def range_of(self, moment: str) -> tuple[dt.date, dt.date, dt.date]:
        """Return the days at 5 %, 50 % and 95 % of draws of a moment."""
        at = np.quantile(getattr(self.times, moment), (0.05, 0.5, 0.95))
        low, middle, high = (self.origin + dt.timedelta(int(each)) for each in at)
        return low, middle, high


def study_deployment(
    alliance: Alliance, others: dict[str, Numbers], seed: int, draws: int
) -> DeploymentStudy:
    """Draw a deployment from the priors, given when it was asked for and when calm returned.

    Parameters
    ----------
    alliance : Alliance
    others : dict of str to float array (draws,)
        Contingents of the states that do not lead.
    seed, draws : int
    """
    p = draw_numbers(deployment.Parameters, "deployment", seed, draws)
    origin = alliance.moment("requested")[0] - dt.timedelta(5)
    asked, calm = (_middle(alliance.moment(name), origin) for name in ("requested", "stabilised"))
    times = deployment.times_of(p, asked, calm)
    return DeploymentStudy(origin, times, {alliance.leader.country: p.leader, **others})


def _middle(spell: tuple[dt.date, dt.date], origin: dt.date) -> float:
    """Return the middle of a spell of whole days."""
    first, last = ((day - origin).days for day in spell)
    return (first + last + 1) / 2
