"""The design of a calibration: how many runs, where, and with what luck."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Design:
    """Sizes of every stage of a calibration.

    Attributes
    ----------
    prior : int
        Runs drawn from the prior.
    path, passes : int
        Members of the ensemble that is pulled towards the facts, and in how many passes.
    refine, rounds : int
        Runs drawn from the posterior so far, and how often, to teach the emulator where it counts.
    particles, moves, chains : int
        Of the tempering; chains are independent of each other.
    predict : int
        Runs drawn from the posterior at the end: the posterior predictive.
    judges, judge_passes : int
        Members of the independently fitted ensemble by which methods are judged, and its passes.
    trials, prior_trials : int
        Simulated data sets of every account on which methods are tried: from the judging runs,
        and from the prior.
    trial_particles, trial_moves : int
        Of the tempering on a simulated data set.
    batch : int
        Runs in one task: what a kill can cost.
    seed : int
    """

    prior: int = 1200
    path: int = 500
    passes: int = 5
    refine: int = 400
    rounds: int = 2
    particles: int = 500
    moves: int = 5
    chains: int = 4
    predict: int = 400
    judges: int = 250
    judge_passes: int = 4
    trials: int = 8
    prior_trials: int = 20
    trial_particles: int = 120
    trial_moves: int = 3
    batch: int = 50
    seed: int = 2022

    def plan(self) -> dict[str, Any]:
        """Return the design as it stands in a workbook's plan."""
        return asdict(self)

    @property
    def simulations(self) -> int:
        """Runs of the model that one account takes."""
        return self.prior + self.path * self.passes + self.refine * self.rounds + self.predict

    @property
    def inferences(self) -> int:
        """Emulators learnt and posteriors sampled for one account."""
        return 2 * self.rounds + 1 + self.chains

    @property
    def stages(self) -> int:
        """Rounds of tasks of a calibration: each waits for the one before."""
        return 1 + self.passes + 3 * self.rounds + 3


QUICK = Design(
    prior=150,
    path=100,
    passes=2,
    refine=50,
    rounds=1,
    particles=150,
    moves=3,
    chains=2,
    predict=60,
    judges=60,
    judge_passes=2,
    batch=20,
)
"""A design for a first look and for tests: minutes instead of an hour, and nothing to cite."""
