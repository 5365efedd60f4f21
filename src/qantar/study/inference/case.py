"""A case: one account of one episode, opened once in every process that works on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal

import numpy as np

from qantar.arrays import Hours, Numbers
from qantar.country.pack import load_country
from qantar.errors import QantarError
from qantar.evidence import Target
from qantar.scenario.beliefs import PARAMETERS, PROPENSITY, THRESHOLD, Draws, prior_scores
from qantar.scenario.episode import load_episode
from qantar.scenario.scenario import Scenario, make_scenario
from qantar.study.further import Further, further_observations, read_further
from qantar.study.inference.discrepancy import load_discrepancy
from qantar.study.inference.likelihood import Discrepancy
from qantar.study.observations import Kind, Observations, observations_of
from qantar.study.outcome import Layout, Outcome
from qantar.study.points import Points, draws_at, records_at, unknowns_of
from qantar.study.run import layout_of, load_evidence, scored
from qantar.study.watch import Watch, watch_of


@dataclass(frozen=True)
class Case:
    """One account of one episode, by name: small enough to be sent to a worker."""

    pack: str
    episode: str
    account: str


@dataclass(frozen=True)
class Opened:
    """A case with what an inference needs of it.

    Attributes
    ----------
    scenario : Scenario
    observations : Observations
        Every target of the episode; those kept for checking too.
    watch : Watch
        Where further observations would be made.
    """

    scenario: Scenario
    observations: Observations
    watch: Watch

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the unknowns: free parameters, then two latent effects of every place."""
        places = self.scenario.places
        return (
            *(number.name for number in unknowns_of(self.scenario)),
            *(f"propensity of {place}" for place in places),
            *(f"threshold of {place}" for place in places),
        )

    @cached_property
    def parameters(self) -> int:
        """How many of the unknowns are parameters."""
        return len(unknowns_of(self.scenario))

    @cached_property
    def discrepancy(self) -> dict[Kind, Discrepancy]:
        """Prior of the discrepancy by kind of fact."""
        return load_discrepancy()

    @property
    def layout(self) -> Layout:
        """Where and when the case plays."""
        return layout_of(self.scenario)

    @cached_property
    def further(self) -> tuple[Further, ...]:
        """What else could have been observed."""
        return further_observations(self.watch)

    @cached_property
    def expected_error(self) -> Numbers:
        """Standard deviation of error and middling discrepancy of every fact."""
        middling = [self.discrepancy[kind].median for kind in self.observations.kinds]
        result: Numbers = np.hypot(self.observations.error, middling)
        return result

    def prior(self, seed: int, count: int) -> Numbers:
        """Draw scores of the unknowns from the prior: float array (count, unknowns)."""
        named = [number.name for number in unknowns_of(self.scenario)]
        places = self.scenario.places
        return np.hstack(
            [
                prior_scores(seed, count, named, PARAMETERS),
                prior_scores(seed, count, places, PROPENSITY),
                prior_scores(seed, count, places, THRESHOLD),
            ]
        )

    def draws(self, table: Numbers) -> Draws:
        """Return the values that stand at a table of scores: float array (n, unknowns)."""
        return draws_at(self.scenario, self.points(table, np.arange(len(table))))

    def points(self, table: Numbers, luck: Hours) -> Points:
        """Return the points at a table of scores, each with the number of its luck."""
        first, second = self.parameters, self.parameters + len(self.scenario.places)
        return Points(table[:, :first], table[:, first:second], table[:, second:], luck)


@cache
def opened(case: Case) -> Opened:
    """Open a case.

    Raises
    ------
    QantarError
        If the pack, the episode, the account or its evidence is wrong or missing.
    """
    scenario = make_scenario(case.episode, account=case.account, pack=case.pack, belief="prior")
    targets = _targets(case.pack, case.episode)
    return Opened(
        scenario,
        observations_of(scenario.episode, targets),
        watch_of(layout_of(scenario), scenario.country, targets),
    )


def used_for(at: Opened, use: Literal["fit", "held"]) -> Hours:
    """Return the numbers of the targets that are used to fit, or held back for checking."""
    return np.flatnonzero([target.use == use for target in at.observations.targets])


def fitted_on(case: Case) -> Hours:
    """Return the numbers of the targets that may be used to fit."""
    return used_for(opened(case), "fit")


@cache
def _targets(pack: str, episode: str) -> tuple[Target, ...]:
    """Return the targets of an episode; reading a ledger takes seconds, and accounts share it."""
    country = load_country(pack)
    reconciled = load_evidence(country, load_episode(country, episode))[1]
    if not reconciled:
        raise QantarError(
            f"the pack {pack!r} has no targets for {episode!r}",
            expected="evidence/targets/<episode>.yaml",
            mend="docs/howto/make-targets.md shows how to declare them",
        )
    return scored(reconciled)


def runs_of(case: Case, table: Numbers, seed: int, first: int) -> dict[str, Numbers]:
    """Run a case at a table of scores, in one thread.

    Parameters
    ----------
    table : float array (runs, unknowns)
    seed, first : int
        The luck: every run has its own, keyed by the seed and its number, counted from `first`.

    Returns
    -------
    dict
        ``facts``: float array (runs, targets) on the scales of the observations; ``further``:
        float array (runs, further observations).
    """
    at = opened(case)
    outcome = Outcome(at.layout)
    further = []
    points = at.points(table, np.arange(first, first + len(table)))
    for record in records_at(at.scenario, points, seed):
        outcome.add(record)
        further.append(read_further(record, at.watch))
    return {"facts": at.observations.read(outcome), "further": np.array(further)}
