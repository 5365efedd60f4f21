"""Members of the rule of distance under every account, and what dated acts say of them.

A member is a draw from the priors of an account. The sources tell few acts, so every answer stands
beside that of the priors alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import logsumexp

from qantar.analysis.world.balance_forces import (
    FIRST,
    GIVEN,
    MONTHS,
    PARTNER,
    TOLD,
    Scenario,
    forces_of,
)
from qantar.base.arrays import Numbers
from qantar.model.world.balance import Parameters, follow_policy, index_of
from qantar.model.world.keyed_normals import normals
from qantar.packs.country import COMMON, Country, packs_folder
from qantar.packs.parameters import Parameter, load_parameters
from qantar.packs.world.balance import FOLDER, Balance
from qantar.packs.world.balance_tables import Act
from qantar.packs.years_tables import first_day, last_day, month_number

SEED, MEMBERS = 1, 2000
BALANCE, SENTIMENT = "balance", "sentiment"

OPEN, RUSSOCENTRIC, DISTANCE = "open", "russocentric", "distance"
ACCOUNTS = (OPEN, RUSSOCENTRIC, DISTANCE)
"""Accounts: signs left open, a turn toward the partner (seed-002), distance (seed-003)."""


@cache
def declared(name: str) -> dict[str, Parameter]:
    """Return the declared numbers of a file of the world, by name."""
    return load_parameters(packs_folder() / COMMON / FOLDER / f"{name}.yaml")


def numbers_of(account: str) -> dict[str, Parameter]:
    """Return the numbers of the rule as an account believes them."""
    own = {} if account == OPEN else declared(f"{BALANCE}-{account}")
    return declared(BALANCE) | own


def draw(
    name: str, numbers: dict[str, Parameter], members: int = MEMBERS, seed: int = SEED
) -> dict[str, Numbers]:
    """Return the numbers of every member; accounts share the luck, not the priors."""
    values = {}
    for short, number in numbers.items():
        if number.prior is None:
            values[short] = np.full(members, number.central)
            continue
        scores = normals(seed, name, short, members, 1)[:, 0]
        prior = number.prior
        values[short] = np.array([number.clip(prior.value_at(float(each))) for each in scores])
    return values


@dataclass(frozen=True, eq=False)
class Members:
    """Members of an account.

    Attributes
    ----------
    account : str
    numbers : dict
        Parameters by name, each a float array (members,).
    state : float array (members, months)
        Log odds that an act moves away from the partner.
    """

    account: str
    numbers: dict[str, Numbers]
    state: Numbers

    @property
    def index(self) -> Numbers:
        """The index of distance, 0 to 1: float array (members, months)."""
        return index_of(self.state)

    def log_chances(self, acts: Sequence[Act], telling: float = 1.0) -> Numbers:
        """Return the log probability of the direction of each act: float array (members, acts).

        An act is predicted by the month before its own, so that nothing follows from what came with
        it or after it.

        Parameters
        ----------
        acts : sequence of Act
        telling : float
            How many times as often an act away is told as one toward.
        """
        columns = [act.month - 1 - month_number(FIRST) for act in acts]
        odds = self.state[:, columns] + np.log(telling)
        signs = np.array([1.0 if act.direction == "away" else -1.0 for act in acts])
        result: Numbers = -np.logaddexp(0.0, -signs * odds)
        return result

    def weights(self, acts: Sequence[Act], telling: float = 1.0) -> Numbers:
        """Return the weight of every member once acts are seen; they sum to 1."""
        scores = self.log_chances(acts, telling).sum(axis=1)
        result: Numbers = np.exp(scores - logsumexp(scores))
        return result


def members_of(
    country: Country,
    balance: Balance,
    account: str,
    scenario: Scenario = GIVEN,
    *,
    members: int = MEMBERS,
    seed: int = SEED,
) -> Members:
    """Return the members of an account, followed from the first month to the last.

    Parameters
    ----------
    country : Country
    balance : Balance
    account : {"open", "russocentric", "distance"}
    scenario : Scenario
    members, seed : int
    """
    values = _drawn(account, members, seed)
    forces = forces_of(country, balance, scenario)
    state = follow_policy(forces, Parameters(**values), _shocks(members, seed))
    return Members(account, values, state)


@cache
def _drawn(account: str, members: int, seed: int) -> dict[str, Numbers]:
    return draw(BALANCE, numbers_of(account), members, seed)


@cache
def _shocks(members: int, seed: int) -> Numbers:
    return normals(seed, BALANCE, "month", members, MONTHS)


def own_acts(balance: Balance, *, business: bool = True) -> tuple[Act, ...]:
    """Return the country's acts toward or away from the partner, in the months of the sources.

    The first month of the index has none before it, so its acts are left out.

    Parameters
    ----------
    balance : Balance
    business : bool
        Whether acts of firms count as well.
    """
    first, last = month_number(FIRST), last_day(TOLD)
    acts = balance.own_acts(PARTNER, business=business)
    return tuple(act for act in acts if act.month > first and first_day(act.date) <= last)


def quantiles(values: Numbers, weights: Numbers | None = None) -> tuple[float, float, float]:
    """Return the 5 %, 50 % and 95 % quantiles of members."""
    if weights is None:
        weights = np.full(len(values), 1.0 / len(values))
    order = np.argsort(values)
    total = np.cumsum(weights[order]) - weights[order] / 2
    low, middle, high = np.interp((0.05, 0.5, 0.95), total, values[order])
    return float(low), float(middle), float(high)
