"""The inference problem: one account of one episode, with its observations.

`InferenceProblem` names a problem and can be sent to a worker. `load_problem` loads it, once in
every process.

An observed fact is the sum of the model output, an error of the sources and a discrepancy of the
model (Kennedy and O'Hagan 2001). The discrepancy has one unknown standard deviation for each kind
of fact, which is inferred with the other unknowns; its prior is in the common pack.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

import numpy as np

from qantar.analysis.candidate_observations import (
    CandidateObservation,
    all_candidate_observations,
    read_candidate_observations,
)
from qantar.analysis.design_points import DesignPoints, draws_at, records_at, unknowns_of
from qantar.analysis.observations import (
    KINDS,
    Kind,
    ObservationPlan,
    Observations,
    observations_of,
    plan_observations,
)
from qantar.analysis.outcomes import Layout, Outcome
from qantar.analysis.run import layout_of, load_evidence, scored
from qantar.base.arrays import Hours, Numbers
from qantar.base.errors import FileError, QantarError
from qantar.evidence import Target
from qantar.packs.account import Account, is_pack_account, load_account
from qantar.packs.country import COMMON, Country, packs_folder
from qantar.packs.episode import Episode, load_episode
from qantar.packs.loading import load_country
from qantar.packs.parameters import load_parameters
from qantar.simulate.draws import (
    PARAMETERS,
    PROPENSITY,
    THRESHOLD,
    Belief,
    Draws,
    prior_scores,
)
from qantar.simulate.scenario import Scenario

FILE = Path(COMMON) / "discrepancy.yaml"
"""The prior of the discrepancy, relative to the folder of the packs."""


@dataclass(frozen=True)
class InferenceProblem:
    """One account of one episode, by name.

    Attributes
    ----------
    pack, episode, account : str
        Names; `pack` may be a folder.
    file : str or None
        Absolute path of the file of an account that does not belong to the pack.
    """

    pack: str
    episode: str
    account: str
    file: str | None = None

    @property
    def account_or_file(self) -> str:
        """The account as `load_account` takes it."""
        return self.file or self.account


@dataclass(frozen=True)
class LoadedProblem:
    """An inference problem with its scenario and observations.

    Attributes
    ----------
    scenario : Scenario
    observations : Observations
        All targets of the episode, including those held back.
    watch : ObservationPlan
        Places and times of candidate observations.
    """

    scenario: Scenario
    observations: Observations
    watch: ObservationPlan

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
        """Number of unknowns that are parameters; the others are place effects."""
        return len(unknowns_of(self.scenario))

    @cached_property
    def discrepancy(self) -> dict[Kind, Discrepancy]:
        """Prior of the discrepancy by kind of fact."""
        return load_discrepancy()

    @property
    def layout(self) -> Layout:
        """Places, regions and days."""
        return layout_of(self.scenario)

    @cached_property
    def candidates(self) -> tuple[CandidateObservation, ...]:
        """The candidate observations."""
        return all_candidate_observations(self.watch)

    @cached_property
    def expected_error(self) -> Numbers:
        """Standard deviation of every fact: source error and median discrepancy combined."""
        discrepancy = [self.discrepancy[kind].median for kind in self.observations.kinds]
        result: Numbers = np.hypot(self.observations.error, discrepancy)
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
        """Return parameters and place effects at a table of scores: float array (n, unknowns)."""
        return draws_at(self.scenario, self.points(table, np.arange(len(table))))

    def points(self, table: Numbers, key_number: Hours) -> DesignPoints:
        """Return the design points at a table of scores, each with the number of its random key."""
        first, second = self.parameters, self.parameters + len(self.scenario.places)
        return DesignPoints(table[:, :first], table[:, first:second], table[:, second:], key_number)


def inference_problem_of(
    pack: str, episode: str, account: Account, country: Country
) -> InferenceProblem:
    """Return the inference problem of an account on an episode.

    Parameters
    ----------
    pack, episode : str
        As in `InferenceProblem`.
    account : Account
    country : Country
        The country of the pack.
    """
    outside = None if is_pack_account(country, account) else str(account.file.resolve())
    return InferenceProblem(pack, episode, account.name, outside)


@cache
def _pack_and_episode(pack: str, episode: str) -> tuple[Country, Episode]:
    """Load a pack and an episode; cached, as reading a pack takes longer than a run."""
    country = load_country(pack)
    return country, load_episode(country, episode)


@cache
def scenario_of(case: InferenceProblem, belief: Belief) -> Scenario:
    """Return the scenario of an account, once in every process.

    Scenarios of one pack share what was read from it.

    Parameters
    ----------
    belief : str
        Where parameters come from.

    Raises
    ------
    QantarError
        If the pack, the episode or the account is wrong.
    """
    country, episode = _pack_and_episode(case.pack, case.episode)
    scenario = Scenario(country, episode, load_account(country, case.account_or_file), belief)
    _ = scenario.numbers, scenario.rules  # errors in parameters are found here
    return scenario


@cache
def load_problem(case: InferenceProblem) -> LoadedProblem:
    """Load an inference problem, once in every process.

    Raises
    ------
    QantarError
        If the pack, the episode, the account or its evidence is wrong or missing.
    """
    scenario = scenario_of(case, "prior")
    targets = _targets(case.pack, case.episode)
    return LoadedProblem(
        scenario,
        observations_of(scenario.episode, targets),
        plan_observations(layout_of(scenario), scenario.country, targets),
    )


def used_for(at: LoadedProblem, use: Literal["fit", "held"]) -> Hours:
    """Return the indices of the targets that are used to fit, or held back for checking."""
    return np.flatnonzero([target.use == use for target in at.observations.targets])


def fitted_on(case: InferenceProblem) -> Hours:
    """Return the indices of the targets that are used to fit."""
    return used_for(load_problem(case), "fit")


@cache
def _targets(pack: str, episode: str) -> tuple[Target, ...]:
    """Return the targets of an episode; cached, as reading a ledger takes seconds."""
    reconciled = load_evidence(*_pack_and_episode(pack, episode))[1]
    if not reconciled:
        raise QantarError(
            f"the pack {pack!r} has no targets for {episode!r}",
            expected="evidence/targets/<episode>.yaml",
            hint="docs/howto/make-targets.md shows how to declare them",
        )
    return scored(reconciled)


def runs_of(
    case: InferenceProblem, table: Numbers, seed: int, first: int, *, candidates: bool = False
) -> dict[str, Numbers]:
    """Run an inference problem at a table of scores, in one thread.

    Parameters
    ----------
    table : float array (runs, unknowns)
    seed, first : int
        The random key of a run is made from the seed and its number, counted from `first`.
    candidates : bool
        Whether candidate observations are read, too.

    Returns
    -------
    dict
        ``facts``: float array (runs, targets) on the scales of the observations; ``further``:
        float array (runs, candidate observations), without columns if they are not read.
    """
    at = load_problem(case)
    outcome = Outcome(at.layout)
    further = []
    points = at.points(table, np.arange(first, first + len(table)))
    for record in records_at(at.scenario, points, seed):
        outcome.add(record)
        further.append(read_candidate_observations(record, at.watch) if candidates else ())
    return {"facts": at.observations.read(outcome), "further": np.array(further)}


@dataclass(frozen=True)
class Discrepancy:
    """Prior of the discrepancy of one kind of fact: lognormal, in the unit of the kind."""

    median: float
    spread: float


def load_discrepancy() -> dict[Kind, Discrepancy]:
    """Return the prior of the standard deviation of the discrepancy of every kind of fact.

    Raises
    ------
    FileError
        If a kind is missing or its prior is not lognormal.
    """
    path = packs_folder() / FILE
    declared = load_parameters(path)
    found: dict[Kind, Discrepancy] = {}
    for kind in KINDS:
        prior = declared[kind].prior if kind in declared else None
        if prior is None or prior.distribution != "lognormal":
            raise FileError(path, f"{kind}: needs a lognormal prior", expected=", ".join(KINDS))
        found[kind] = Discrepancy(prior.value_at(0.0), prior.sd or 0.0)
    return found
