"""A fit of one account to several episodes at once, by an ensemble smoother.

There is one set of unknowns: scores of the free parameters, and latent effects of places. Each
episode is run at these unknowns under its own conditions: its environment, the changes of
parameters that its file declares, its script and its window. The predictions of all episodes are
stacked and assimilated together (`qantar.analysis.inference.fit_quantities` says in which form).
Every episode and every pass has its own random numbers, so luck is not shared and not fitted.

The smoother is linear and the model is not, so some members end far from the targets. A run of the
final ensemble orders the members by their distance, and only the nearest are kept (rejection, as in
approximate Bayesian computation, Beaumont 2010).

Latent place effects describe what sources do not say about a town. The towns are the same in all
episodes, so by default their effects are shared. `PlaceEffects` ``separate`` gives every episode
its own, for comparison.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np

from qantar.analysis.inference.ensemble_path import assimilate, within_bounds
from qantar.analysis.inference.fit_quantities import FitQuantities
from qantar.analysis.inference.fit_scores import FitScore, fit_scores
from qantar.analysis.observations import Observations, observations_of
from qantar.analysis.outcomes import Outcome
from qantar.analysis.run import episode_targets, scored, simulate
from qantar.base.arrays import Numbers
from qantar.base.errors import QantarError
from qantar.packs.evidence import country_ledger
from qantar.rng import stable_id
from qantar.simulate.draws import (
    PARAMETERS,
    PROPENSITY,
    THRESHOLD,
    Draws,
    prior_scores,
    split,
    values_at,
)
from qantar.simulate.environment import with_changes
from qantar.simulate.scenario import Scenario, make_scenario

PlaceEffects = Literal["shared", "separate"]
"""Whether episodes share the latent effects of places."""

FAR = 4.0
"""Distance of a target, in observation errors, beyond which it counts no more."""

SEEDS = 2**32
"""Random seeds of episodes are below this."""


@dataclass(frozen=True)
class FitEpisode:
    """An episode of a joint fit.

    Attributes
    ----------
    scenario : Scenario
        With beliefs from the prior.
    observations : Observations
        All targets that can be scored, including those held back.
    """

    scenario: Scenario
    observations: Observations

    @property
    def name(self) -> str:
        """Name of the episode."""
        return self.scenario.episode.name

    @cached_property
    def fitted(self) -> Observations:
        """The observations used to fit."""
        targets = tuple(each for each in self.observations.targets if each.use == "fit")
        return observations_of(self.scenario.episode, targets)

    @cached_property
    def quantities(self) -> FitQuantities:
        """What is assimilated for them."""
        return FitQuantities(self.fitted, self.scenario.episode.visible_crowd.persons)


@dataclass(frozen=True)
class FitDesign:
    """Sizes of a joint fit.

    Attributes
    ----------
    members, passes : int
        Of the ensemble smoother.
    seed : int
        Of the prior draws, the perturbed observations and the runs.
    places : str
        See `PlaceEffects`.
    """

    members: int = 1000
    passes: int = 8
    seed: int = 20220102
    places: PlaceEffects = "shared"


@dataclass(frozen=True)
class JointFit:
    """A fitted ensemble.

    Attributes
    ----------
    episodes : tuple of FitEpisode
        Those it was fitted to; the first one is that whose beliefs the ensemble becomes.
    table : float array (members, unknowns)
        Scores of all parameters, then propensity and threshold of every place; again for every
        further episode if place effects are separate. Members are in the order of their distance
        from the targets, the nearest first.
    distances : tuple of float
        Mean distance of the predictions from the targets before every pass and at the end, in
        observation errors; none for a bound that is satisfied.
    """

    episodes: tuple[FitEpisode, ...]
    design: FitDesign
    table: Numbers
    distances: tuple[float, ...]

    def ensemble(self, keep: int) -> Numbers:
        """Return the first members with the place effects of the first episode."""
        return columns_of(self.table[:keep], self.episodes[0].scenario, self.design.places, 0)

    def scores(
        self, episodes: Sequence[FitEpisode], keep: int, seed: int
    ) -> dict[str, tuple[FitScore, ...]]:
        """Score the first members on episodes, with new random numbers.

        Parameters
        ----------
        episodes : sequence of FitEpisode
            Any, fitted or not. An episode that was not fitted has the place effects of the first.
        keep : int
            Number of members.
        seed : int
            Random seed of the runs.
        """
        order = [each.name for each in self.episodes]
        found = {}
        for episode in episodes:
            number = order.index(episode.name) if episode.name in order else 0
            part = columns_of(self.table[:keep], episode.scenario, self.design.places, number)
            outcome = run_episode(episode.scenario, part, seed)
            found[episode.name] = fit_scores(episode.name, episode.observations, outcome)
        return found


def load_fit_episodes(
    pack: str | Path, account: str | Path, names: Sequence[str]
) -> tuple[FitEpisode, ...]:
    """Load the scenarios and the targets of several episodes.

    Raises
    ------
    QantarError
        If an episode is named twice, has no targets, or none that are used to fit.
    """
    if len(set(names)) < len(names):
        raise QantarError(f"an episode is named twice: {', '.join(names)}")
    scenarios = [make_scenario(name, account=account, pack=pack, belief="prior") for name in names]
    country = scenarios[0].country
    ledger = country_ledger(country)
    found = []
    for scenario in scenarios:
        targets = scored(episode_targets(country, scenario.episode, ledger))
        if not any(target.use == "fit" for target in targets):
            raise QantarError(
                f"the episode {scenario.episode.name!r} has no target that is used to fit",
                expected=f"`use: fit` in evidence/targets/{scenario.episode.name}.yaml",
                hint="mark targets to fit, or leave the episode out of --with",
            )
        found.append(FitEpisode(scenario, observations_of(scenario.episode, targets)))
    return tuple(found)


def joint_fit(
    episodes: Sequence[FitEpisode],
    design: FitDesign,
    report: Callable[[int, float], None] | None = None,
) -> JointFit:
    """Fit one ensemble to all episodes.

    Parameters
    ----------
    episodes : sequence of FitEpisode
        At least one.
    design : FitDesign
    report : callable, optional
        Called after every pass with its number and the mean distance in observation errors.
    """
    quantities = [each.quantities for each in episodes]
    observed = np.concatenate([each.value for each in quantities])
    error = np.concatenate([each.error for each in quantities])
    side = np.concatenate([each.side for each in quantities])
    numbers = itertools.count()

    def forward(table: Numbers) -> Numbers:
        # New luck in every pass: members would otherwise be fitted to their own.
        seed = design.seed + next(numbers)
        return np.hstack(
            [
                each.quantities.read(run_episode(each.scenario, part, seed))
                for each, part in _parts(episodes, table, design.places)
            ]
        )

    table, distances = prior_table(episodes, design), []
    steps = assimilate(
        table, forward, observed, error, passes=design.passes, seed=design.seed, side=side
    )
    for number, (current, predicted) in enumerate(steps):
        gap = np.abs(predicted - within_bounds(observed, predicted, side)) / error
        distances.append(float(np.mean(gap)))
        if report is not None:
            report(number, distances[-1])
        table = current
    # The last pass has luck of its own, so what is near in it was not fitted to that luck.
    nearest = np.argsort(np.minimum(gap, FAR).mean(axis=1), kind="stable")
    return JointFit(tuple(episodes), design, table[nearest], tuple(distances))


def prior_table(episodes: Sequence[FitEpisode], design: FitDesign) -> Numbers:
    """Return scores drawn from the prior: float array (members, unknowns)."""
    first = episodes[0].scenario
    names = [number.name for number in first.numbers]
    parts = [prior_scores(design.seed, design.members, names, PARAMETERS)]
    for k in range(len(episodes) if design.places == "separate" else 1):
        # The first episode has the place effects of a fit to it alone.
        own = [place if k == 0 else f"{episodes[k].name}: {place}" for place in first.places]
        parts += [prior_scores(design.seed, design.members, own, PROPENSITY)]
        parts += [prior_scores(design.seed, design.members, own, THRESHOLD)]
    return np.hstack(parts)


def columns_of(table: Numbers, scenario: Scenario, places: PlaceEffects, number: int) -> Numbers:
    """Return parameters and place effects of one episode, by its number in the fit."""
    first, width = len(scenario.numbers), 2 * len(scenario.places)
    start = first + (number * width if places == "separate" else 0)
    return np.hstack([table[:, :first], table[:, start : start + width]])


def draws_of(scenario: Scenario, table: Numbers, *, conditions: bool = True) -> Draws:
    """Return the values at a table of scores.

    Parameters
    ----------
    scenario : Scenario
    table : float array (members, unknowns)
        Scores of all parameters, then propensity and threshold of every place.
    conditions : bool
        Whether the changes of parameters that the episode declares apply.
    """
    scores, propensity, threshold = split(table, scenario.numbers, scenario.places)
    draws = Draws(values_at(scenario.numbers, scores), propensity, threshold)
    if not conditions:
        return draws
    moved = scenario.episode.conditions.moved(learned=scenario.conditions)
    return with_changes(draws, scenario.numbers, moved)


def run_episode(scenario: Scenario, table: Numbers, seed: int) -> Outcome:
    """Run an episode at a table of scores; every episode has its own random numbers."""
    own = (seed + stable_id(scenario.episode.name)) % SEEDS
    draws = draws_of(scenario, table)
    return simulate(scenario, draws, members=len(table), seed=own, keep="places")


def _parts(
    episodes: Sequence[FitEpisode], table: Numbers, places: PlaceEffects
) -> Iterator[tuple[FitEpisode, Numbers]]:
    """Yield every episode with its parameters and place effects."""
    for number, episode in enumerate(episodes):
        yield episode, columns_of(table, episode.scenario, places, number)
