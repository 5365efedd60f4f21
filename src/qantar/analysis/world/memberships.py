"""Predicted memberships: whether the country still belongs to an organisation, year by year."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import numpy as np

from qantar.analysis.world.alliance_draws import draw_numbers, weighted_mean, weighted_range
from qantar.model.world import leaving_alliance
from qantar.packs.world.alliance import Alliance
from qantar.packs.world.alliance_tables import Member
from qantar.packs.years_tables import first_day, last_day

WAR = dt.date(2022, 3, 1)
"""From when the factor on the hazard holds."""

AHEAD = (1, 2, 3)
"""Years after the one in which the membership was last seen."""

_YEAR = 365.25
_SYSTEMS = {"csto": "C1", "eaeu": "C2"}


class Prediction(NamedTuple):
    """A prediction of a fact that was not used.

    Attributes
    ----------
    system : str
    what, at, unit : str
        What is predicted, for which day, in which unit.
    prior, probability : float
        Before and after the years of membership up to `seen`.
    low, high : float
        90 % of draws of the probability.
    seen : str
        Latest moment that was used.
    claims : tuple of str
    note : str
    """

    system: str
    what: str
    at: str
    unit: str
    prior: float
    probability: float
    low: float
    high: float
    seen: str
    claims: tuple[str, ...]
    note: str


def predict_memberships(
    alliance: Alliance, host: str, seed: int, draws: int
) -> tuple[Prediction, ...]:
    """Return the probability that the host is still a member at the end of the next three years.

    The hazard is conditioned on the years in which it was a member and did not leave. The prior
    column gives the same probability without them: both begin at the latest moment that is seen.
    """
    p = draw_numbers(leaving_alliance.Parameters, "leaving_alliance", seed, draws)
    rows = [row for row in alliance.members if row.country == host and row.since and row.seen]
    return tuple(each for row in rows for each in _predict(p, row))


def _predict(p: leaving_alliance.Parameters, row: Member) -> list[Prediction]:
    first, last = first_day(row.seen), last_day(row.seen)
    seen = first + (last - first) / 2
    stayed = leaving_alliance.chance_of_staying(p, *_years(first_day(row.since), seen))
    found = []
    for year in (last.year + ahead for ahead in AHEAD):
        staying = leaving_alliance.chance_of_staying(p, *_years(seen, dt.date(year, 12, 31)))
        low, high = weighted_range(staying, stayed)
        found.append(
            Prediction(
                _SYSTEMS.get(row.organisation, "C1"),
                f"{row.country} is a member of the {row.organisation.upper()}",
                f"{year}-12-31",
                "probability",
                float(np.mean(staying)),
                weighted_mean(staying, stayed),
                low,
                high,
                row.seen,
                row.claim_ids,
                "a constant small hazard, with a factor of open sign from March 2022 on",
            )
        )
    return found


def _years(first: dt.date, last: dt.date) -> tuple[float, float]:
    """Return the years of a spell before and after the beginning of the war."""
    before = max((min(last, WAR) - first).days, 0)
    after = max((last - max(first, WAR)).days, 0)
    return before / _YEAR, after / _YEAR
