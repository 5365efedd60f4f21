"""One run: members in, outcome and, if wanted, a run directory out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from qantar.country.pack import Country
from qantar.engine.ensemble import run_ensemble
from qantar.engine.member import Recorded
from qantar.errors import FileError, nearest
from qantar.evidence import Claim, Target, load_claims, load_targets
from qantar.scenario.beliefs import Draws
from qantar.scenario.episode import Episode
from qantar.scenario.scenario import Scenario
from qantar.study.outcome import SAMPLERS, Layout, Outcome
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
    claims, targets = load_evidence(scenario.country, scenario.episode)
    draws = scenario.draws(seed, members)
    outcome = simulate(scenario, draws, members=members, seed=seed, threads=threads, each=each)
    return Run(scenario, members, seed, outcome, claims, targets, tuple(score(outcome, targets)))


def simulate(
    scenario: Scenario,
    draws: Draws,
    *,
    members: int,
    seed: int,
    threads: int | None = None,
    each: Callable[[Recorded], None] | None = None,
) -> Outcome:
    """Run members with given parameters and place effects, and summarise them.

    Parameters are those of `run`, and `draws` holds the values of every member.
    """
    outcome = Outcome(layout_of(scenario))
    records = run_ensemble(
        scenario.ground,
        lambda number: scenario.member(seed, number, draws),
        members=members,
        hours=scenario.episode.hours,
        threads=threads,
    )
    for record in records:
        outcome.add(record)
        if each is not None:
            each(record)
    return outcome


def episode_claims(country: Country, episode: str) -> dict[str, Claim]:
    """Return the claims of an episode; none if it has no such file."""
    path = country.folder / "episodes" / episode / "claims.csv"
    return load_claims(path) if path.is_file() else {}


def load_evidence(
    country: Country, episode: Episode
) -> tuple[dict[str, Claim], tuple[Target, ...]]:
    """Return the claims and targets of an episode, none if it has no such files.

    Raises
    ------
    FileError
        If a claim, an action or a target rests on a source, a claim or a name that does not
        exist.
    """
    folder = country.folder / "episodes" / episode.name
    claims = episode_claims(country, episode.name)
    for claim in claims.values():
        if claim.source not in country.sources:
            hint = nearest(claim.source, country.sources)
            raise FileError(
                folder / "claims.csv", "unknown source", value=claim.source, expected=hint
            )
    for name, action in episode.actions.items():
        for saying in action.says:
            if claims and saying.claim not in claims:
                raise FileError(
                    folder / "episode.yaml",
                    f"{name}: unknown claim",
                    value=saying.claim,
                    expected=nearest(saying.claim, claims) or "a claim of claims.csv",
                )
    path = folder / "targets.csv"
    if not path.is_file():
        return claims, ()
    targets = load_targets(path, claims)
    _check_targets(country, path, targets)
    return claims, targets


def _check_targets(country: Country, path: Path, targets: tuple[Target, ...]) -> None:
    names = {
        "country": [country.header.country],
        "region": [region.region for region in country.regions],
        "place": [place.place for place in country.places],
    }
    for line, target in enumerate(targets, start=2):
        for value, known in ((target.variable, SAMPLERS), (target.name, names[target.level])):
            if value not in known:
                raise FileError(
                    path,
                    f"{target.target}: unknown name",
                    line=line,
                    value=value,
                    expected=nearest(value, known),
                )


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
