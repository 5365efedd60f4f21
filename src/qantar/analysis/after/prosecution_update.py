"""Update of the rule of prosecutions by the few counts there are, each left out in turn.

Many sets of numbers are drawn from the priors and weighted by how well their shares agree with
published counts. A share counted in another crisis, or by another definition, has log odds that
differ from ours by a spread that is assumed (``between``); with chance in the count itself that
makes a normal likelihood of log odds. Sets are then taken in proportion to their weight (systematic
resampling), and each is run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qantar.base.arrays import Numbers
from qantar.model.after.prosecution_state import Parameters, keyed_uniforms
from qantar.model.after.prosecutions import charge_share
from qantar.packs.after.prosecutions import ProsecutionCount, Prosecutions
from qantar.packs.years_tables import first_day, month_number
from qantar.simulate.after.prosecutions import (
    declared_numbers,
    demands_by_month,
    draw_numbers,
    draw_parameters,
    first_crisis,
    known_before,
)

LEVELS = (0.05, 0.5, 0.95)

_MEANING = {
    "serious": "suspects of serious crimes among those sorted so far",
    "charged": "criminal cases for each person detained",
    "administrative": "punished among the detained",
    "acquitted": "acquitted among the tried",
    "prison": "prison among the convicted",
    "officers": "officers convicted for each person killed",
    "independent": "an independent inquiry",
}


CANDIDATES = 40_000
"""Sets of numbers that are weighted."""

_UPDATED = (
    "charged",
    "crowding",
    "administrative",
    "acquitted",
    "prison",
    "officer_killing",
    "independent_rate",
    "pressure",
)

_CASES = "persons_per_case"
"""Links the count of cases to persons; no part of the rule."""


@dataclass(frozen=True)
class Fact:
    """A count that may update the rule.

    Attributes
    ----------
    row : ProsecutionCount
    base : float
        What it is a share of.
    shares : float array (candidates,)
        The share in every candidate.
    errors : float
        Spread of log odds between a candidate and the count; 0 for an event that did not come, of
        which `shares` are the chances.
    """

    row: ProsecutionCount
    base: float
    shares: Numbers
    errors: float

    @property
    def meaning(self) -> str:
        """What the share is."""
        return _MEANING[self.row.informs]

    @property
    def observed(self) -> float:
        """The share that was counted."""
        return (self.row.low or 0.0) / self.base if self.base else 0.0

    @property
    def log_likelihood(self) -> Numbers:
        """How well the candidates agree with the count: float array (candidates,)."""
        if not self.errors:
            return np.log1p(-np.minimum(self.shares, 1 - 1e-12))
        seen = (self.row.low or 0.0) + 0.5
        found = np.log(seen / (self.base + 1.0 - seen))
        return np.asarray(-0.5 * ((_log_odds(self.shares) - found) / self.errors) ** 2, np.float64)

    def predicted(self, weights: Numbers, seed: int) -> tuple[float, ...]:
        """Return quantiles of the share that a count could have shown."""
        from scipy.special import expit, ndtri

        luck = keyed_uniforms(seed, np.arange(len(weights)), f"error {self.row.count}", 0)
        odds = _log_odds(self.shares) + self.errors * ndtri(luck)
        return weighted_quantiles(expit(odds), weights, LEVELS)


def find_facts(prosecutions: Prosecutions, numbers: dict[str, Numbers]) -> list[Fact]:
    """Return the counts of a pack that may update the rule, none of them dated too late.

    Parameters
    ----------
    prosecutions : Prosecutions
    numbers : dict
        Candidates by name of a number, from `candidates`.
    """
    between = declared_numbers()["between"].central
    end = known_before(prosecutions)
    found = []
    for row in prosecutions.counts:
        if not row.informs or (row.date and first_day(row.date) >= end):
            continue
        if row.informs == "independent":
            found.append(Fact(row, 0.0, _chance_of_inquiry(prosecutions, row, numbers), 0.0))
            continue
        base = prosecutions.base(row)
        whole = prosecutions.count(row.subset_of)
        detained = (whole.low if whole and whole.stage == "arrested" else base) or base
        seen = (row.low or 0.0) + 0.5
        errors = float(np.sqrt(between**2 + 1 / seen + 1 / (base + 1.0 - seen)))
        found.append(Fact(row, base, _shares(row, numbers, detained), errors))
    return found


def candidates(seed: int, held: Mapping[str, float] | None = None) -> dict[str, Numbers]:
    """Draw the numbers that counts may update: float array (`CANDIDATES`,) by name."""
    return draw_numbers((*_UPDATED, _CASES), CANDIDATES, seed, held=held)


def _chance_of_inquiry(
    prosecutions: Prosecutions, row: ProsecutionCount, numbers: dict[str, Numbers]
) -> Numbers:
    """Return the chance of an independent inquiry up to the date of a count."""
    event, first = first_crisis(prosecutions)
    months = month_number(row.date) - first + 1 if row.date else 1
    demands = demands_by_month(prosecutions, event, first, months)
    pressure = np.exp(numbers["pressure"][:, None] * demands).sum(axis=1)
    return np.asarray(-np.expm1(-numbers["independent_rate"] / 12 * pressure), np.float64)


def _shares(row: ProsecutionCount, numbers: dict[str, Numbers], detained: float) -> Numbers:
    """Return what every candidate says of a share."""
    charged = charge_share(numbers["charged"], numbers["crowding"], np.array([detained]))
    fined = (1.0 - charged) * numbers["administrative"]
    return {
        "serious": charged / (charged + fined),
        "charged": charged / numbers[_CASES] if row.stage == "cases" else charged,
        "administrative": charged + fined if row.stage == "punished" else fined,
        "acquitted": numbers["acquitted"],
        "prison": numbers["prison"],
        "officers": numbers["officer_killing"],
    }[row.informs]


def weights_of(facts: Sequence[Fact], without: str = "") -> Numbers:
    """Return the weights of candidates, which sum to 1: float array (`CANDIDATES`,).

    Parameters
    ----------
    facts : sequence of Fact
    without : str
        Name of a count to leave out.
    """
    total = np.zeros(CANDIDATES)
    for fact in facts:
        if fact.row.count != without:
            total += fact.log_likelihood
    weights = np.exp(total - total.max())
    return np.asarray(weights / weights.sum(), np.float64)


def updated_parameters(
    numbers: dict[str, Numbers],
    weights: Numbers,
    members: int,
    seed: int,
    held: Mapping[str, float] | None = None,
) -> Parameters:
    """Return parameters of members: candidates by weight; what no count tells, from its prior."""
    at = np.searchsorted(np.cumsum(weights), (np.arange(members) + 0.5) / members)
    taken = np.minimum(at, CANDIDATES - 1)
    shuffle = np.argsort(keyed_uniforms(seed, np.arange(members), "order of candidates", 0))
    rest = draw_parameters(members, seed, held=held)
    return rest._replace(**{name: numbers[name][taken][shuffle] for name in _UPDATED})


def effective_candidates(weights: Numbers) -> float:
    """Return how many equally weighted candidates the weights are worth (Kish)."""
    return float(weights.sum() ** 2 / np.sum(weights**2))


def weighted_quantiles(
    values: Numbers, weights: Numbers, levels: Sequence[float]
) -> tuple[float, ...]:
    """Return quantiles of weighted values: the smallest that reaches each level."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order])
    at = np.searchsorted(below, np.asarray(levels) * below[-1])
    return tuple(float(v) for v in np.asarray(values)[order][np.minimum(at, len(order) - 1)])


def _log_odds(shares: Numbers) -> Numbers:
    inside = np.clip(shares, 1e-9, 1 - 1e-9)
    return np.asarray(np.log(inside / (1 - inside)), np.float64)
