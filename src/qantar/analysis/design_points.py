"""Design points at which a model is run: parameter scores, place effects and random key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from qantar.analysis.observations import Observations
from qantar.analysis.outcomes import Outcome
from qantar.analysis.run import layout_of
from qantar.base.arrays import Hours, Numbers
from qantar.model.hour import Member, Recorded
from qantar.rng import key_of
from qantar.simulate.draws import Draws, values_at
from qantar.simulate.ensemble import run_ensemble
from qantar.simulate.parameters import Number
from qantar.simulate.scenario import Scenario


@dataclass(frozen=True)
class DesignPoints:
    """Points at which a scenario is run.

    Attributes
    ----------
    scores : float array (points, unknowns)
        Standard normal scores of the free parameters (see `unknowns_of`).
    propensity, threshold : float array (points, places)
        Latent place effects, in standard deviations.
    key_number : int array (points,)
        Number that determines the random key of a point, below 2**32. Points with the same
        number use the same random numbers.
    """

    scores: Numbers
    propensity: Numbers
    threshold: Numbers
    key_number: Hours

    def __len__(self) -> int:
        return len(self.key_number)

    def rows(self, chosen: Hours) -> DesignPoints:
        """Return the points of these indices, which may repeat."""
        return DesignPoints(
            self.scores[chosen],
            self.propensity[chosen],
            self.threshold[chosen],
            self.key_number[chosen],
        )

    def part(self, between: slice) -> DesignPoints:
        """Return the points of a range."""
        return self.rows(np.arange(len(self))[between])

    def at(self, scores: Numbers) -> DesignPoints:
        """Return the same place effects and random keys at other scores."""
        return replace(self, scores=scores)

    def and_then(self, other: DesignPoints) -> DesignPoints:
        """Return these points followed by others."""
        return DesignPoints(
            np.vstack([self.scores, other.scores]),
            np.vstack([self.propensity, other.propensity]),
            np.vstack([self.threshold, other.threshold]),
            np.concatenate([self.key_number, other.key_number]),
        )


def unknowns_of(scenario: Scenario) -> tuple[Number, ...]:
    """Return the free parameters of the mechanisms that the account has on."""
    account = scenario.account
    return tuple(
        number
        for number in scenario.numbers
        if number.prior is not None and account.is_on(number.name.partition(".")[0])
    )


def draws_at(scenario: Scenario, points: DesignPoints) -> Draws:
    """Return the parameters of members at points; those that are not free are at their median."""
    free = {number.name for number in unknowns_of(scenario)}
    column = [k for k, number in enumerate(scenario.numbers) if number.name in free]
    scores = np.zeros((len(points), len(scenario.numbers)))
    scores[:, column] = points.scores
    return Draws(values_at(scenario.numbers, scores), points.propensity, points.threshold)


def facts_at(
    scenario: Scenario, observations: Observations, points: DesignPoints, seed: int
) -> dict[str, Numbers]:
    """Run a scenario at points, in one thread, and read its facts.

    Parameters
    ----------
    seed : int
        Random seed; it determines random keys together with the numbers of the points.

    Returns
    -------
    dict
        ``facts``: float array (points, targets), on the scales of the observations.
    """
    outcome = Outcome(layout_of(scenario))
    for record in records_at(scenario, points, seed):
        outcome.add(record)
    return {"facts": observations.read(outcome)}


def records_at(scenario: Scenario, points: DesignPoints, seed: int) -> Iterator[Recorded]:
    """Run a scenario at points, in one thread, and yield their records in order."""
    draws = draws_at(scenario, points)

    def member(row: int) -> Member:
        key = key_of(seed, int(points.key_number[row]))
        made = scenario.member(seed, row, draws)
        return made._replace(key=key, script=scenario.script(key))

    yield from run_ensemble(
        scenario.environment, member, members=len(points), hours=scenario.episode.hours, threads=1
    )
