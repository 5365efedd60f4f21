"""When the state decided: the hours of state actions in a run, beside what the sources say."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qantar.arrays import Flags, Numbers
from qantar.country.pack import Country
from qantar.engine.ensemble import in_order
from qantar.engine.member import follow_member
from qantar.model.actions import Action
from qantar.scenario.beliefs import Draws
from qantar.scenario.episode import RECORD, Episode
from qantar.scenario.scenario import Scenario

NEVER = np.nan
"""The hour of a decision that was not taken."""

ALIKE = 0.1
"""Intensities count as the same within this: a shutdown at full and at four fifths are two."""

MOST = 0.5
"""A decision for many places counts as taken when it holds for half of their inhabitants."""

TRIGGERS = ("price_cap_lifted", "other_trigger")
"""Kinds that the script gives, whoever decides."""


def decided_actions(episode: Episode) -> tuple[str, ...]:
    """Return the actions of an episode that offices decide: no triggers, no mere records."""
    return tuple(
        name for name, action in episode.actions.items() if action.kind not in (RECORD, *TRIGGERS)
    )


def action_spans(episode: Episode) -> dict[str, tuple[int, int]]:
    """Return the first and the last hour at which each decision may have been taken, by sources."""
    begins = {name: episode.actions[name].begins for name in decided_actions(episode)}
    return {
        name: (episode.hour_of(span.earliest), episode.hour_of(span.latest))
        for name, span in begins.items()
    }


def action_hours(
    country: Country, episode: Episode, ordered: NDArray[np.float64]
) -> dict[str, float]:
    """Return the hour at which each action of an episode was decided in one run.

    Parameters
    ----------
    ordered : float array (hours, kinds, places)
        What was ordered, as `qantar.engine.member.follow_member` keeps it.

    Returns
    -------
    dict of str to float
        Hours of the episode's clock by action; `NEVER` if it was not taken.
    """
    regions = [place.region for place in country.places]
    people = np.array([float(place.population) for place in country.places])
    result = {}
    for name in decided_actions(episode):
        action = episode.actions[name]
        touched: Flags = np.array([action.touches(region) for region in regions])
        kind = Action[action.kind.upper()]
        held = np.abs(ordered[:, kind, :] - action.intensity) < ALIKE
        share = held[:, touched] @ people[touched] / people[touched].sum()
        taken = np.flatnonzero(share >= MOST)
        result[name] = float(taken[0]) if len(taken) else NEVER
    return result


def decision_hours(
    scenario: Scenario, draws: Draws, *, members: int, seed: int, threads: int | None = None
) -> Numbers:
    """Return when each member of an ensemble took each decision.

    Returns
    -------
    float array (members, actions)
        Hours, in the order of `decided_actions`; not-a-number where a decision was not taken.
    """
    country, episode = scenario.country, scenario.episode

    def hours(number: int) -> list[float]:
        member = scenario.member(seed, number, draws)
        followed = follow_member(scenario.ground, member, episode.hours, terms=False)
        return list(action_hours(country, episode, followed.ordered).values())

    return np.array(list(in_order(hours, members, threads)))
