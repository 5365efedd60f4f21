"""A run of a scenario: simulate its members, summarise them and score them against the evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qantar.analysis.facts import fact_keys
from qantar.analysis.outcomes import SAMPLERS, Keep, Layout, Outcome
from qantar.analysis.scores import Score, score
from qantar.base.errors import FileError, nearest
from qantar.base.files import line_of, parse_yaml
from qantar.evidence import Claim, Ledger, Reconciled, Target
from qantar.model.hour import Recorded
from qantar.packs.country import Country
from qantar.packs.episode import Episode, episode_file
from qantar.packs.evidence import (
    check_account_claims,
    check_action_claims,
    country_ledger,
    has_evidence,
    line_of_target,
    list_targets,
    reconciled,
    targets_file,
)
from qantar.simulate.draws import Draws
from qantar.simulate.ensemble import Block, run_blocks
from qantar.simulate.scenario import Scenario

OutcomeCallback = Callable[[Callable[[], Outcome]], None]
"""Called after a block of members with a function that returns the outcome of those so far."""

Evidence = tuple[Ledger | None, tuple[Reconciled, ...]]
"""The ledger of a country and the targets of an episode."""


@dataclass(frozen=True, repr=False)
class Run:
    """A scenario, how it was run, and its results.

    Attributes
    ----------
    scenario : Scenario
    members : int
        Number of realisations.
    seed : int
        The run's luck.
    outcome : Outcome
        What every member gave, by place and day.
    ledger : Ledger or None
        The evidence of the country, if the pack has any.
    reconciled : tuple of Reconciled
        The targets of the episode, each with how it was derived.
    scores : tuple of Score
        The targets compared with the results.
    """

    scenario: Scenario
    members: int
    seed: int
    outcome: Outcome
    ledger: Ledger | None
    reconciled: tuple[Reconciled, ...]
    scores: tuple[Score, ...]

    def __repr__(self) -> str:
        return f"<Run of {self.scenario!r}: {self.members} members, seed {self.seed}>"

    @property
    def claims(self) -> dict[str, Claim]:
        """The claims of the ledger by id."""
        return self.ledger.claims if self.ledger else {}

    @property
    def targets(self) -> tuple[Target, ...]:
        """The targets of the episode against which a run can be scored."""
        return scored(self.reconciled)

    @property
    def beyond(self) -> tuple[Reconciled, ...]:
        """The targets whose quantity is not simulated; `rule.beyond` of each says why."""
        return tuple(each for each in self.reconciled if each.rule.beyond)


def run(
    scenario: Scenario,
    *,
    members: int = 100,
    seed: int = 1,
    threads: int | None = None,
    each: Callable[[Recorded], None] | None = None,
    each_block: Callable[[Block], None] | None = None,
    evidence: Evidence | None = None,
    keep: Keep = "all",
    so_far: OutcomeCallback | None = None,
) -> Run:
    """Run a scenario.

    Parameters
    ----------
    scenario : Scenario
    members : int
        Number of realisations, at least 1.
    seed : int
        Random seed.
    threads : int, optional
        Worker threads; the result does not depend on it.
    each : callable, optional
        Called with every member's record, in order, for example to store it.
    each_block : callable, optional
        Called with the records of every block of members, in order; see
        `qantar.simulate.ensemble.run_blocks`.
    evidence : tuple, optional
        The result of `load_evidence` for the episode, where many runs share it.
    keep : str
        What the outcome keeps of every member, see `Outcome`.
    so_far : callable, optional
        See `OutcomeCallback`.

    Returns
    -------
    Run

    Raises
    ------
    FileError
        If the account, an action or a target cites a claim that does not exist.
    """
    ledger, targets = evidence or load_evidence(scenario.country, scenario.episode)
    if ledger is not None:
        check_account_claims(scenario.account, ledger)
    draws = scenario.draws(seed, members)
    outcome = simulate(
        scenario,
        draws,
        members=members,
        seed=seed,
        threads=threads,
        each=each,
        each_block=each_block,
        so_far=so_far,
        keep="all" if keep == "all" else "places",
    )
    scores = tuple(score(outcome, scored(targets)))
    if keep == "facts":
        outcome = outcome.facts_only(fact_keys(outcome.layout, scored(targets)))
    return Run(scenario, members, seed, outcome, ledger, targets, scores)


def simulate(
    scenario: Scenario,
    draws: Draws,
    *,
    members: int,
    seed: int,
    threads: int | None = None,
    each: Callable[[Recorded], None] | None = None,
    each_block: Callable[[Block], None] | None = None,
    keep: Keep = "all",
    so_far: OutcomeCallback | None = None,
) -> Outcome:
    """Run members with given parameters and place effects, and summarise them.

    Parameters are those of `run`; `draws` holds the values of every member.
    """
    outcome = Outcome(layout_of(scenario), keep, members)
    blocks = run_blocks(
        scenario.environment,
        lambda number: scenario.member(seed, number, draws),
        members=members,
        hours=scenario.episode.hours,
        threads=threads,
    )
    for block in blocks:
        outcome.add_block(block)
        if each_block is not None:
            each_block(block)
        if each is not None:
            for member in range(block.shape[1]):
                each(np.ascontiguousarray(np.moveaxis(block[:, member], 0, 2)))
        del block  # before the next one comes
        if so_far is not None:
            so_far(outcome.copy)
    return outcome


def load_evidence(country: Country, episode: Episode) -> Evidence:
    """Return the ledger of a country and the targets of an episode; none if the pack has none.

    Raises
    ------
    FileError
        If a claim, an action or a target cites a source, a claim or a name that does not exist.
    """
    if not has_evidence(country):
        return None, ()
    ledger = country_ledger(country)
    return ledger, episode_targets(country, episode, ledger)


def scored(targets: Iterable[Reconciled]) -> tuple[Target, ...]:
    """Return the targets against which a run can be scored: all whose quantity is simulated."""
    return tuple(each.target for each in targets if not each.rule.beyond)


def episode_targets(country: Country, episode: Episode, ledger: Ledger) -> tuple[Reconciled, ...]:
    """Return the targets of an episode, none if it has no file of them.

    Raises
    ------
    FileError
        If an action or a target cites a claim or a name that does not exist.
    """
    path = episode_file(country, episode.name)
    check_action_claims(episode, path, ledger)
    check_condition_claims(episode, path, ledger)
    if episode.name not in list_targets(country):
        return ()
    targets = reconciled(country, ledger, episode.name)
    check_variables(targets_file(country, episode.name), targets)
    return targets


def check_condition_claims(episode: Episode, path: Path, ledger: Ledger) -> None:
    """Refuse an episode whose changes of parameters cite a claim that does not exist."""
    for number, change in enumerate(episode.conditions.parameters):
        for claim in change.claims:
            if claim not in ledger.claims:
                raise FileError(
                    path,
                    f"conditions: {change.parameter}: unknown claim",
                    line=line_of(parse_yaml(path), ("conditions", "parameters", number)),
                    value=claim,
                    expected=nearest(claim, ledger.claims) or "a claim of the ledger",
                )


def check_variables(path: Path, targets: Iterable[Reconciled]) -> None:
    """Refuse a target whose quantity is not simulated and that does not declare it."""
    for each in targets:
        variable = each.target.variable
        if variable not in SAMPLERS and not each.rule.beyond:
            raise FileError(
                path,
                f"{each.target.target}: no run gives this quantity",
                line=line_of_target(path, each.target.target),
                value=variable,
                expected=nearest(variable, SAMPLERS) or ", ".join(SAMPLERS),
                hint="correct it, or say under `beyond` why no run gives it",
            )


def layout_of(scenario: Scenario) -> Layout:
    """Return the places, regions and days of a scenario."""
    country = scenario.country
    environment = scenario.environment
    offsets = np.floor(environment.of_places(environment.places["clock_offset"]))
    return Layout(
        country=country.header.country,
        places=tuple(place.place for place in country.places),
        regions=tuple(region.region for region in country.regions),
        region_of=tuple(place.region for place in country.places),
        first_day=scenario.episode.first_day,
        days=len(scenario.episode.days),
        offsets=offsets.astype(np.int64),
        visible=scenario.episode.visible_crowd.persons,
    )
