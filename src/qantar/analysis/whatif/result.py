"""Results of a what-if: its worlds, tables of differences, and hours of state decisions.

Hours of decisions are read from the orders of a run, for comparison with the sources.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from qantar.analysis.outcomes import Outcome
from qantar.base.arrays import Numbers
from qantar.model.state import Action, Amendments, no_amendments
from qantar.packs.country import Country
from qantar.packs.episode import RECORD, Episode
from qantar.simulate.changes import Changes
from qantar.simulate.draws import Draws
from qantar.simulate.ensemble import follow_member, in_order
from qantar.simulate.scenario import Scenario
from qantar.simulate.script import in_force, turning_hours

BASELINE = "baseline"
"""Name of the unchanged world, and of the option to change nothing."""

NEVER = np.nan
"""Hour of a decision that was never taken."""

INTENSITY_TOLERANCE = 0.1
"""Intensities that differ by less than this count as equal."""

MAJORITY = 0.5
"""A decision for several places counts as taken once it applies to this share of inhabitants."""

_NAMED = 4  # changes that a short representation names

TRIGGERS = ("price_cap_lifted", "other_trigger")
"""Kinds of action that always follow the script."""


@dataclass(frozen=True, repr=False)
class World:
    """One world: its changes, its outcome, and the hours of its decisions.

    Attributes
    ----------
    changes : Changes
        Empty for the baseline.
    outcome : Outcome
        Summaries of all members; member k is the twin of member k of the other worlds.
    hours : float array (members, actions)
        Hour at which each decision came into force, in the order of
        `qantar.analysis.whatif.result.decided_actions`; NaN if it never did. Decisions forbidden
        or imposed by an intervention are included.
    """

    changes: Changes
    outcome: Outcome
    hours: Numbers

    def __repr__(self) -> str:
        return f"<World {self.label}: {self.outcome.members} members>"

    @property
    def label(self) -> str:
        """The change as text, or ``baseline``."""
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

differences : one row per change, decision mode, account and quantity. ``mode`` is ``rules`` or
    ``script``. ``baseline`` and ``changed`` are means over members, ``difference`` the mean over
    pairs with its 90 % interval ``low`` to ``high``; the middle 90 % of pairs lie between
    ``pair_low`` and ``pair_high``; ``fewer``, ``same`` and ``more`` are shares of pairs.
    ``variance_ratio`` is the variance of the difference between independent runs over that between
    twins; empty if no pair differs. ``flipped`` is the share of pairs that differ in regime
    (`twins.REGIMES`), and ``stable_ratio`` the variance ratio among the others.
regimes : share of pairs by regime without and with the change (`twins.REGIMES`).
decisions : hours of each decision (``change`` is empty for the baseline), and the range given by
    the sources; ``taken`` and ``within_a_day`` are shares of members; ``difference`` is the mean
    shift in hours among pairs with the decision in both worlds.
chain : by cause (`attribution.PARTS`), the median hour at which its terms first differ by more than
    a hundredth of their largest baseline value, the median number of places where they do, the
    share of pairs in which they do, and the most frequent first place.
attribution : contribution of each cause to a difference: mean over pairs with its 90 % interval.
    The rows of one change and quantity add up to the difference of the same pairs.
"""


@dataclass(frozen=True, repr=False)
class WhatIf:
    """The result of a what-if.

    Attributes
    ----------
    scenario : Scenario
        The unchanged scenario, with its decision mode.
    members, seed : int
    baseline : World
    worlds : tuple of World
        One for every alternative, in the order given.
    tables : dict of DataFrame
        Tables by name, see `COLUMNS`. ``differences`` includes the other decision mode and the
        other accounts, if they were run.
    explained : int
        Number of pairs behind the tables ``chain`` and ``attribution``.
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
    """Return the actions of an episode that offices decide, excluding triggers and records."""
    return tuple(
        name for name, action in episode.actions.items() if action.kind not in (RECORD, *TRIGGERS)
    )


def action_spans(episode: Episode) -> dict[str, tuple[int, int]]:
    """Return the earliest and latest hour of each decision according to the sources."""
    begins = {name: episode.actions[name].begins for name in decided_actions(episode)}
    return {
        name: (episode.hour_of(span.earliest), episode.hour_of(span.latest))
        for name, span in begins.items()
    }


class DecisionClock:
    """Reads from the orders of a run when each action of an episode came into force.

    Parameters
    ----------
    country, episode : Country, Episode
    """

    def __init__(self, country: Country, episode: Episode) -> None:
        actions = [episode.actions[name] for name in decided_actions(episode)]
        touched = [
            [each.touches(place.place, place.region) for place in country.places]
            for each in actions
        ]
        people = np.array([float(place.population) for place in country.places])
        self._kinds = np.array([Action[each.kind.upper()] for each in actions], np.int64)
        self._intensities = np.array([each.intensity for each in actions])[:, None]
        self._people = people * np.array(touched).reshape(len(actions), len(people))

    def hours(self, ordered: Numbers, amendments: Amendments) -> Numbers:
        """Return the hour at which each action came into force in one run.

        Parameters
        ----------
        ordered : float array (hours, kinds, places)
            The orders that `qantar.simulate.ensemble.follow_member` returns.
        amendments : Amendments
            Bounds of interventions on them.

        Returns
        -------
        float array (actions,)
            Hours of the episode's clock, in the order of `decided_actions`; `NEVER` if not taken.
        """
        at = turning_hours(ordered, amendments)
        held = in_force(ordered[at], amendments, at)[:, self._kinds]
        same = np.abs(held - self._intensities) < INTENSITY_TOLERANCE
        people = (same * self._people).sum(axis=2)  # (turns, actions), whole numbers
        taken = people / self._people.sum(axis=1) >= MAJORITY
        return np.where(taken.any(axis=0), at[taken.argmax(axis=0)], NEVER)


def decision_hours(
    scenario: Scenario, draws: Draws, *, members: int, seed: int, threads: int | None = None
) -> Numbers:
    """Return the hour at which each member of an ensemble took each decision.

    Returns
    -------
    float array (members, actions)
        Hours, in the order of `decided_actions`; NaN if a decision was not taken.
    """
    clock, length = DecisionClock(scenario.country, scenario.episode), scenario.episode.hours

    def hours(number: int) -> Numbers:
        member = scenario.member(seed, number, draws)
        followed = follow_member(scenario.environment, member, length, terms=False)
        return clock.hours(followed.ordered, no_amendments(len(scenario.country.places)))

    return np.array(list(in_order(hours, members, threads)))
