"""One run: members in, outcome and, if wanted, a run directory out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from qantar.engine.ensemble import run_ensemble
from qantar.engine.member import Recorded
from qantar.evidence import Claim, Target, load_claims, load_targets
from qantar.scenario.scenario import Scenario
from qantar.study.outcome import Layout, Outcome
from qantar.study.score import Score, score


@dataclass(frozen=True)
class Run:
    """A scenario, how it was run, and what came of it."""

    scenario: Scenario
    members: int
    seed: int
    outcome: Outcome
    claims: dict[str, Claim]
    targets: tuple[Target, ...]
    scores: tuple[Score, ...]


def run(
    scenario: Scenario,
    *,
    members: int = 100,
    seed: int = 1,
    threads: int | None = None,
    each: Callable[[Recorded], None] | None = None,
) -> Run:
    """Run a scenario.

    Parameters
    ----------
    members : int
        Number of realisations, at least 1.
    seed : int
        The run's luck.
    threads : int, optional
        Worker threads; the result does not depend on it.
    each : callable, optional
        Called with every member's record, in order: to show progress or to store it.

    Returns
    -------
    Run
    """
    scores = scenario.scores(seed, members)
    outcome = Outcome(layout_of(scenario))
    records = run_ensemble(
        scenario.ground,
        lambda number: scenario.member(seed, number, scores),
        members=members,
        hours=scenario.episode.hours,
        threads=threads,
    )
    for record in records:
        outcome.add(record)
        if each is not None:
            each(record)
    claims, targets = evidence_of(scenario)
    return Run(scenario, members, seed, outcome, claims, targets, tuple(score(outcome, targets)))


def evidence_of(scenario: Scenario) -> tuple[dict[str, Claim], tuple[Target, ...]]:
    """Return the claims and targets of a scenario's episode; none if it has no such files."""
    folder = scenario.country.folder / "episodes" / scenario.episode.name
    if not (folder / "targets.csv").is_file():
        return {}, ()
    claims = load_claims(folder / "claims.csv")
    return claims, load_targets(folder / "targets.csv", claims)


def layout_of(scenario: Scenario) -> Layout:
    """Return where and when a scenario plays."""
    country = scenario.country
    return Layout(
        country=country.header.country,
        places=tuple(place.place for place in country.places),
        regions=tuple(region.region for region in country.regions),
        region_of=tuple(place.region for place in country.places),
        first_day=scenario.episode.first_day,
        days=len(scenario.episode.days),
        offsets=scenario.ground.places["clock_offset"].astype("int64"),
        visible=scenario.episode.visible_crowd.persons,
    )
