"""Sensitivity analysis of a scenario: design points, runs and results.

``morris`` screens every free parameter by elementary effects (Morris 1991; Campolongo et al.
2007). All points of a trajectory share their random key and their place effects, so that an
elementary effect is due to the changed parameter. ``sobol`` splits the variance of every fact
among mechanisms, place effects and chance (Sobol 2001; Saltelli et al. 2010).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cached_property
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from qantar.analysis import sensitivity_methods
from qantar.analysis.design_points import DesignPoints, facts_at, unknowns_of
from qantar.analysis.facts import group_of
from qantar.analysis.manifest import account_facts, citations, computing_environment
from qantar.analysis.observations import Observations, observations_of
from qantar.analysis.run import load_evidence, scored
from qantar.analysis.sensitivity_methods import (
    IDLE_BELOW,
    Method,
    Sensitivity,
    effect_columns,
    share_columns,
    tidy,
)
from qantar.analysis.sensitivity_methods import drivers as drivers
from qantar.analysis.sensitivity_methods import idle as idle
from qantar.base.arrays import Numbers
from qantar.base.checkpoints import Workbook
from qantar.base.errors import QantarError
from qantar.base.parallel import TaskPool, run_tasks
from qantar.base.worker_process import Task
from qantar.model.hour import mechanisms
from qantar.model.mechanism import stream
from qantar.simulate.draws import PROPENSITY, THRESHOLD, prior_scores
from qantar.simulate.parameters import Number
from qantar.simulate.scenario import Scenario

DEFAULT_SIZE: dict[Method, int] = {"morris": 20, "sobol": 128}
"""Trajectories, and base points: about two minutes on two cores for an episode of two weeks."""

MIN_SIZE = 2
"""Minimum number of trajectories or base points: one alone has no spread."""

PRIOR_DRAWS = 200
"""Draws from the prior that estimate the spread of a fact, to about 5 %."""

BATCH = 32
"""Points of one task: one or two seconds of work."""

PLACES = "place effects"
LUCK = "luck"

EDGE = 2.0**-32
"""Distance of uniform numbers from 0 and 1, whose scores are infinite."""

KEYS = 2**32
"""Number of random keys of members."""

_SCORES = stream("sensitivity.scores")

_LIBRARIES = ("numpy", "numba", "pandas", "scipy", "SALib", "matplotlib")

_HERMAN = (
    "Herman, J. and Usher, W. (2017). SALib: an open-source Python library for sensitivity "
    "analysis. Journal of Open Source Software 2(9). https://doi.org/10.21105/joss.00097"
)
CITATIONS: dict[Method, tuple[str, ...]] = {
    "morris": (
        "Morris, M. D. (1991). Factorial sampling plans for preliminary computational "
        "experiments. Technometrics 33(2). https://doi.org/10.1080/00401706.1991.10484804",
        "Campolongo, F., Cariboni, J. and Saltelli, A. (2007). An effective screening design for "
        "sensitivity analysis of large models. Environmental Modelling & Software 22(10). "
        "https://doi.org/10.1016/j.envsoft.2006.10.004",
        _HERMAN,
    ),
    "sobol": (
        "Sobol, I. M. (2001). Global sensitivity indices for nonlinear mathematical models and "
        "their Monte Carlo estimates. Mathematics and Computers in Simulation 55(1-3). "
        "https://doi.org/10.1016/S0378-4754(00)00270-6",
        "Saltelli, A. et al. (2010). Variance based sensitivity analysis of model output. "
        "Computer Physics Communications 181(2). https://doi.org/10.1016/j.cpc.2009.09.018",
        _HERMAN,
    ),
}
"""Literature of each method."""


class Analysis:
    """A sensitivity analysis of a scenario.

    Parameters
    ----------
    scenario : Scenario
        Its overrides are kept; every other free parameter follows its prior.
    method : str
        ``morris`` or ``sobol``.
    size : int, optional
        Trajectories, or base points of each sample (a power of two).
    seed : int
        Of the design, of the runs and of the bootstrap.

    Attributes
    ----------
    parameters : tuple of Number
        The free parameters of mechanisms that are on.
    observations : Observations
        The facts, both fitted and held back.

    Raises
    ------
    QantarError
        If the episode has no target, no parameter is free, or the size is too small or, for
        ``sobol``, not a power of two.
    """

    def __init__(
        self, scenario: Scenario, *, method: Method = "morris", size: int | None = None, seed: int
    ) -> None:
        targets = load_evidence(scenario.country, scenario.episode)[1]
        self.scenario: Scenario = scenario
        self.method: Method = method
        self.seed: int = seed
        self.size: int = DEFAULT_SIZE[method] if size is None else size
        self.observations: Observations = observations_of(scenario.episode, scored(targets))
        self.parameters: tuple[Number, ...] = unknowns_of(scenario)
        self._check()

    @property
    def simulations(self) -> int:
        """Number of simulations."""
        if self.method == "morris":
            return self.size * (len(self.parameters) + 1) + PRIOR_DRAWS
        return self.size * (len(set(self.columns)) + 2)

    @property
    def columns(self) -> tuple[str, ...]:
        """The group of every column of a variance analysis."""
        places = len(self.scenario.places)
        return (*(_mechanism(n.name) for n in self.parameters), *[PLACES] * (2 * places), LUCK)

    @property
    def plan(self) -> dict[str, Any]:
        """All inputs of the simulations, as a workbook's plan."""
        return {
            "work": "sensitivity",
            "method": self.method,
            "size": self.size,
            "seed": self.seed,
            "batch": BATCH,
            "episode": self.scenario.episode.name,
            **account_facts(self.scenario),
            "overrides": self.scenario.overrides,
            "parameters": [number.name for number in self.parameters],
            "targets": list(self.observations.names),
            "pack_fingerprint": self.scenario.country.fingerprint,
            "qantar_version": version("qantar"),
        }

    @cached_property
    def points(self) -> DesignPoints:
        """Every point at which the scenario is run."""
        return self._screening_points() if self.method == "morris" else self._variance_points()

    def tasks(self) -> list[Task]:
        """Return the simulations as tasks; the result of a task depends on its points alone."""
        starts = range(0, len(self.points), BATCH)
        parts = [self.points.part(slice(start, start + BATCH)) for start in starts]
        return [
            Task(
                f"batch-{number:05d}",
                facts_at,
                (self.scenario, self.observations, part, self.seed),
                weight=len(part),
            )
            for number, part in enumerate(parts)
        ]

    def run(
        self,
        pool: TaskPool,
        book: Workbook | None = None,
        report: Callable[[int], None] | None = None,
    ) -> Sensitivity:
        """Run the scenario at all points and return which unknowns drive which facts.

        Parameters
        ----------
        pool : TaskPool
            The workers; the result does not depend on them.
        book : Workbook, optional
            Stores the results of tasks; its plan is `plan`.
        report : callable, optional
            Called with the number of simulations done since the last call.

        Raises
        ------
        QantarError
            If a simulation fails.
        """
        done = run_tasks(self.tasks(), pool, book, report)
        return self.result(np.vstack([piece["facts"] for piece in done]))

    def result(self, facts: Numbers) -> Sensitivity:
        """Return the sensitivities that follow from the facts at all points.

        Parameters
        ----------
        facts : float array (points, targets)
            On the scales of the observations.
        """
        if self.method == "morris":
            walked = len(facts) - PRIOR_DRAWS
            found = sensitivity_methods.effects(
                self.points.scores[:walked], facts[:walked], self.seed
            )
            prior = facts[walked:]
            columns = effect_columns(found, prior, self.observations.error)
        else:
            split = sensitivity_methods.shares(self.columns, facts, self.seed)
            prior = facts[sensitivity_methods.base_rows(len(split.groups), self.size)]
            columns = share_columns(split, prior)
        groups, unknowns = self._groups(), self._unknowns()
        return Sensitivity(
            self.method,
            self.observations,
            groups,
            unknowns,
            tidy(self.observations, groups, unknowns, columns),
            self.simulations,
        )

    def _check(self) -> None:
        name = self.scenario.episode.name
        if not self.observations.targets:
            raise QantarError(
                f"the episode {name!r} has no targets",
                expected=f"targets in evidence/targets/{name}.yaml of the pack",
            )
        if not self.parameters:
            raise QantarError(f"the account {self.scenario.account.name!r} has no free parameter")
        if self.size < MIN_SIZE:
            raise QantarError(f"--size {self.size} is too small", expected=f"at least {MIN_SIZE}")
        if self.method == "sobol":
            sensitivity_methods.check_base(self.size)

    def _screening_points(self) -> DesignPoints:
        """Return the trajectories, then draws from the prior with other random keys."""
        names = [number.name for number in self.parameters]
        total = self.size + PRIOR_DRAWS
        drawn = DesignPoints(
            prior_scores(self.seed, total, names, _SCORES),
            prior_scores(self.seed, total, self.scenario.places, PROPENSITY),
            prior_scores(self.seed, total, self.scenario.places, THRESHOLD),
            np.arange(total),
        )
        walk = drawn.rows(np.repeat(np.arange(self.size), len(names) + 1)).at(
            sensitivity_methods.trajectories(len(names), self.size, self.seed)
        )
        return walk.and_then(drawn.part(slice(self.size, None)))

    def _variance_points(self) -> DesignPoints:
        """Return the points of a variance analysis."""
        uniform = sensitivity_methods.saltelli_sample(self.columns, self.size, self.seed)
        first = len(self.parameters)
        second, third = first + len(self.scenario.places), first + 2 * len(self.scenario.places)
        scores = ndtri(np.clip(uniform[:, :third], EDGE, 1 - EDGE))
        key_number = np.minimum((uniform[:, third] * KEYS).astype(np.int64), KEYS - 1)
        return DesignPoints(
            scores[:, :first], scores[:, first:second], scores[:, second:], key_number
        )

    def _groups(self) -> tuple[str, ...]:
        """Return the group of every fact; crowds in the second half belong to the ending."""
        episode = self.scenario.episode
        late = episode.first_day + dt.timedelta(days=len(episode.days) // 2)
        return tuple(group_of(target, late) for target in self.observations.targets)

    def _unknowns(self) -> pd.DataFrame:
        """Return the unknowns of the method: parameters, or groups of them."""
        if self.method == "morris":
            rows = [(n.name, _mechanism(n.name), n.declared.label) for n in self.parameters]
        else:
            titles = {PLACES: "Unexplained differences between places", LUCK: "Chance"}
            titles |= {name: each.title for name, each in mechanisms().items()}
            rows = [(name, name, titles[name]) for name in dict.fromkeys(self.columns)]
        return pd.DataFrame(rows, columns=["unknown", "mechanism", "label"])


def _mechanism(name: str) -> str:
    """Return the mechanism of a parameter."""
    return name.partition(".")[0]


def manifest(analysis: Analysis, *, started: dt.datetime, wall_seconds: float) -> dict[str, Any]:
    """Return the manifest of a sensitivity analysis.

    Parameters
    ----------
    started : datetime
        UTC; for a resumed analysis the time at which it was resumed.
    wall_seconds : float
        Duration since then.
    """
    scenario = analysis.scenario
    return {
        **analysis.plan,
        "simulations": analysis.simulations,
        "belief": "prior",
        "idle_below": IDLE_BELOW[analysis.method],
        **computing_environment(_LIBRARIES, started=started, wall_seconds=wall_seconds),
        "pack": scenario.country.header.name,
        "citations": [*citations(scenario), *CITATIONS[analysis.method]],
    }
