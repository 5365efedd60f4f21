"""What a what-if found: the worlds side by side, and tables of what differs, where and why."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from qantar.arrays import Numbers
from qantar.scenario.change import Changes
from qantar.scenario.scenario import Scenario
from qantar.study.outcome import Outcome

AS_IT_WAS = "as it was"
"""What the world without change is called, and the choice to change nothing."""


@dataclass(frozen=True)
class World:
    """One world: what is changed in it, what came of it, and when its state decided.

    Attributes
    ----------
    changes : Changes
        The null change in the world that others are set against.
    outcome : Outcome
        Summaries of every member, in order: member k is the twin of member k elsewhere.
    hours : float array (members, actions)
        Hour at which each decision came into force, in the order of
        `qantar.study.decisions.decided_actions`; not-a-number where it never did. What an
        intervention forbids or imposes counts.
    """

    changes: Changes
    outcome: Outcome
    hours: Numbers

    @property
    def label(self) -> str:
        """The change as text; ``as it was`` for none."""
        return self.changes.label or AS_IT_WAS


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
    (`regime.REGIMES`) differs, and ``stable_ratio`` the variance ratio among the others.
regimes : share of pairs by the kind of course without and with the change (`regime.REGIMES`).
decisions : hours of each decision (``change`` empty: as it was), beside the hours that sources
    allow; ``taken`` and ``within_a_day`` are shares of members; ``difference`` is the mean shift in
    hours among pairs that took it in both worlds.
chain : by cause (`causes.PARTS`), the median hour at which its terms first differ by more than a
    hundredth of their largest value as it was, the median number of places where they ever do, the
    share of pairs in which they do, and the place where they most often differ first.
attribution : how much of a difference passes through each cause: mean over pairs with its 90 %
    interval. The rows of one change and quantity add up to the difference of the same pairs.
"""


@dataclass(frozen=True)
class WhatIf:
    """A what-if.

    Attributes
    ----------
    scenario : Scenario
        The world that is changed, with the way its state decides.
    members, seed : int
    baseline : World
    worlds : tuple of World
        One for every alternative, in the order asked for.
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
