"""Results of a what-if: the worlds, the tables of what differs, and when the state decided.

Hours of state actions are read from what was ordered in a run, to be compared with the sources.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qantar.analysis.outcomes import Outcome
from qantar.base.arrays import Flags, Numbers
from qantar.model.state import Action
from qantar.packs.country import Country
from qantar.packs.episode import RECORD, Episode
from qantar.simulate.changes import Changes
from qantar.simulate.draws import Draws
from qantar.simulate.ensemble import follow_member, in_order
from qantar.simulate.scenario import Scenario

BASELINE = "baseline"
"""Name of the world without change, and of the choice to change nothing."""

NEVER = np.nan
"""Hour of a decision that was not taken."""

INTENSITY_TOLERANCE = 0.1
"""Intensities within this of each other count as the same."""

MAJORITY = 0.5
"""A decision for many places counts as taken when it applies to this share of inhabitants."""

_NAMED = 4  # changes that a short representation names

TRIGGERS = ("price_cap_lifted", "other_trigger")
"""Kinds of action that always follow the script."""


@dataclass(frozen=True, repr=False)
class World:
    """One world: what is changed in it, its outcome, and when its state decided.

    Attributes
    ----------
    changes : Changes
        The null change in the baseline.
    outcome : Outcome
        Summaries of every member, in order: member k is the twin of member k elsewhere.
    hours : float array (members, actions)
        Hour at which each decision came into force, in the order of
        `qantar.analysis.whatif.result.decided_actions`; not-a-number where it never did. What an
        intervention forbids or imposes counts.
    """

    changes: Changes
    outcome: Outcome
    hours: Numbers

    def __repr__(self) -> str:
        return f"<World {self.label}: {self.outcome.members} members>"

    @property
    def label(self) -> str:
        """The change as text; ``baseline`` for none."""
        return self.changes.label or BASELINE


COLUMNS = {
    "differences": (
        "change mode account quantity level name date unit baseline changed difference low high "
        "pair_low pair_high fewer same more variance_ratio flipped stable_ratio"
    ),
    "regimes": "change before after share",
    "decisions": (
        "change action label earliest latest taken q05 q50 q95 within_a_day difference low high"
    ),
    "chain": "change part label first_hour places pairs place",
    "attribution": "change quantity part label mean low high",
}
"""Columns of every table.

differences : one row a change, way of deciding, account and quantity. ``mode`` is ``rules`` or
    ``script``. ``baseline`` and ``changed`` are means over members, ``difference`` the mean over
    pairs with its 90 % interval ``low`` to ``high``; the middle 90 % of pairs lie between
    ``pair_low`` and ``pair_high``; ``fewer``, ``same`` and ``more`` are shares of pairs.
    ``variance_ratio`` is the variance of the difference between independent runs over that between
    twins; empty if no pair differs. ``flipped`` is the share of pairs whose kind of course
    (`twins.REGIMES`) differs, and ``stable_ratio`` the variance ratio among the others.
regimes : share of pairs by the kind of course without and with the change (`twins.REGIMES`).
decisions : hours of each decision (``change`` is empty for the baseline), and those that sources
    allow; ``taken`` and ``within_a_day`` are shares of members; ``difference`` is the mean shift in
    hours among pairs that took it in both worlds.
chain : by cause (`attribution.PARTS`), the median hour at which its terms first differ by more than
    a hundredth of their largest value in the baseline, the median number of places where they ever
    do, the share of pairs in which they do, and the place where they most often differ first.
attribution : how much of a difference passes through each cause: mean over pairs with its 90 %
    interval. The rows of one change and quantity add up to the difference of the same pairs.
"""


@dataclass(frozen=True, repr=False)
class WhatIf:
    """The result of a what-if.

    Attributes
    ----------
    scenario : Scenario
        The world that is changed, with the way its state decides.
    members, seed : int
    baseline : World
    worlds : tuple of World
        One for every alternative, in the order given.
    tables : dict of DataFrame
        By name, see `COLUMNS`. ``differences`` also holds the other way of deciding and the other
        accounts, where they were run.
    explained : int
        Number of pairs on which chain and attribution rest.
    """

    scenario: Scenario
    members: int
    seed: int
    baseline: World
    worlds: tuple[World, ...]
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    explained: int = 0

    def __repr__(self) -> str:
        changes = ", ".join(world.label for world in self.worlds[:_NAMED])
        more = f" and {len(self.worlds) - _NAMED} more" if len(self.worlds) > _NAMED else ""
        return (
            f"<WhatIf on {self.scenario!r}: {changes}{more}; {self.members} pairs, "
            f"seed {self.seed}>"
        )


def decided_actions(episode: Episode) -> tuple[str, ...]:
    """Return the actions of an episode that offices decide, without triggers and records."""
    return tuple(
        name for name, action in episode.actions.items() if action.kind not in (RECORD, *TRIGGERS)
    )


def action_spans(episode: Episode) -> dict[str, tuple[int, int]]:
    """Return the first and last hour of each decision that the sources allow."""
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
        The orders that `qantar.simulate.ensemble.follow_member` returns.

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
        held = np.abs(ordered[:, kind, :] - action.intensity) < INTENSITY_TOLERANCE
        share = held[:, touched] @ people[touched] / people[touched].sum()
        taken = np.flatnonzero(share >= MAJORITY)
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
        followed = follow_member(scenario.environment, member, episode.hours, terms=False)
        return list(action_hours(country, episode, followed.ordered).values())

    return np.array(list(in_order(hours, members, threads)))
