"""A referendum: who votes, and how, from approval and mobilisation.

Each elector is for or against. Those in favour vote with one chance and those against with another;
the difference is the `lift`, which may be negative, because opponents may stay away or turn out.
Regions differ from the country in turnout and in approval by more than chance (overdispersion). A
small share of the ballots of either side is invalid. Counts are binomial, so that yes, no and
invalid ballots sum to the voters, and voters never pass the electors.

Assumed: regions differ independently; nobody fills a box with ballots, and nobody counts wrongly.
The rule draws what an honest count would give, and cannot say whether a count was honest.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from qantar.rng import Key, binomial, normal, stable_id, uniform

NAME = "referendum"
"""The mechanism, and its file of numbers."""

STREAM = stable_id("after-referendum") % 2**16
_TURNOUT, _APPROVAL, _SIDE, _FOR, _AGAINST, _SPOILT_FOR, _SPOILT_AGAINST = range(7)


class VoteNumbers(NamedTuple):
    """Numbers of one draw.

    Attributes
    ----------
    mobilisation, approval, invalid : float
        Shares.
    lift, region_turnout, region_approval : float
        Log odds.
    """

    mobilisation: float
    approval: float
    lift: float
    invalid: float
    region_turnout: float
    region_approval: float


class Votes(NamedTuple):
    """Ballots by region: int arrays (regions,)."""

    electors: np.ndarray
    yes: np.ndarray
    no: np.ndarray
    invalid: np.ndarray

    @property
    def voters(self) -> np.ndarray:
        """Those who took part."""
        total: np.ndarray = self.yes + self.no + self.invalid
        return total

    @property
    def turnout(self) -> float:
        """Turnout in the country, as a share."""
        return float(self.voters.sum() / self.electors.sum())

    @property
    def yes_share(self) -> float:
        """Share of yes in the ballots of the country."""
        return float(self.yes.sum() / max(self.voters.sum(), 1))


def shifted(share: float, by: float) -> float:
    """Return a share after a shift of its log odds."""
    share = min(max(share, 1e-9), 1 - 1e-9)
    return float(1.0 / (1.0 + np.exp(-(np.log(share / (1.0 - share)) + by))))


def hold_vote(electors: dict[str, int], p: VoteNumbers, key: Key) -> Votes:
    """Return the ballots of one draw.

    Parameters
    ----------
    electors : dict of str to int
        Electors by region.
    p : VoteNumbers
    key : Key
        Every draw is keyed by region: another region changes none.
    """
    rows = []
    for region, count in electors.items():
        place = stable_id(region)
        turnout = p.region_turnout * normal(key, STREAM, place, _TURNOUT, 0)
        approval = p.region_approval * normal(key, STREAM, place, _APPROVAL, 0)
        luck = [uniform(key, STREAM, place, group, 0) for group in range(_SIDE, 7)]
        favour = binomial(count, shifted(p.approval, approval), luck[0])
        those_for = shifted(p.mobilisation, turnout + p.lift / 2)
        those_against = shifted(p.mobilisation, turnout - p.lift / 2)
        ayes = binomial(favour, those_for, luck[_FOR - _SIDE])
        against = binomial(count - favour, those_against, luck[_AGAINST - _SIDE])
        spoilt_for = binomial(ayes, p.invalid, luck[_SPOILT_FOR - _SIDE])
        spoilt_against = binomial(against, p.invalid, luck[_SPOILT_AGAINST - _SIDE])
        rows.append(
            (count, ayes - spoilt_for, against - spoilt_against, spoilt_for + spoilt_against)
        )
    return Votes(*np.array(rows, np.int64).T)
