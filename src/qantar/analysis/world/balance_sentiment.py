"""Support for Ukraine by language group: what the rule gives alone, and from a poll onwards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qantar.analysis.world.balance_forces import GIVEN, Scenario, forces_of, index_of_month
from qantar.analysis.world.balance_members import MEMBERS, SEED, SENTIMENT, declared, draw
from qantar.base.arrays import Numbers
from qantar.model.world.balance import index_of
from qantar.model.world.keyed_normals import normals
from qantar.model.world.sentiment import Parameters, follow_sentiment
from qantar.packs.country import Country
from qantar.packs.parameters import Prior
from qantar.packs.state.polls import Answer, Polls, load_polls
from qantar.packs.world.balance import Balance
from qantar.packs.world.balance_tables import MEDIA

ABOUT = "war"
"""What an answer must be about to be the level of a group."""


@dataclass(frozen=True, eq=False)
class GroupSentiment:
    """Support in one group.

    Attributes
    ----------
    group : str
    answer : Answer or None
        The poll that gives its level.
    free, anchored : float array (members, months)
        Share by the rule alone, and moved so that it starts from the poll within its error; the
        same if no poll tells.
    """

    group: str
    answer: Answer | None
    free: Numbers
    anchored: Numbers


def sentiment_of(
    country: Country,
    balance: Balance,
    scenario: Scenario = GIVEN,
    *,
    members: int = MEMBERS,
    seed: int = SEED,
) -> tuple[GroupSentiment, ...]:
    """Return support by group of residents, month by month.

    Parameters
    ----------
    country : Country
    balance : Balance
    scenario : Scenario
    members, seed : int
    """
    values = draw(SENTIMENT, declared(SENTIMENT), members, seed)
    sample = values.pop("sample")
    war = forces_of(country, balance, scenario).war
    polls = load_polls(country)
    found = []
    for group in balance.groups:
        exposure = _exposure(balance, group, members, seed)
        odds = follow_sentiment(war, exposure, Parameters(**values))
        answer = _answer(polls, group)
        moved = odds
        if answer is not None:
            luck = normals(seed, SENTIMENT, f"poll {group}", members, 1)[:, 0]
            month = index_of_month(answer.ends or answer.begins)
            level = _level(answer, sample, luck)
            moved = odds + (level - odds[:, month])[:, None]
        found.append(GroupSentiment(group, answer, index_of(odds), index_of(moved)))
    return tuple(found)


def _exposure(balance: Balance, group: str, members: int, seed: int) -> Numbers:
    """Return the exposure of a group, evenly between the bounds of its latest row."""
    rows = balance.series(MEDIA, group=group)
    row = rows[-1]
    if row.low == row.high:
        return np.full(members, row.low)
    prior = Prior(distribution="uniform", low=row.low, high=row.high)
    scores = normals(seed, SENTIMENT, f"exposure {group}", members, 1)[:, 0]
    return np.array([prior.value_at(float(score)) for score in scores])


def _answer(polls: Polls | None, group: str) -> Answer | None:
    """Return the first dated answer of a group about the war, if its share has log odds."""
    rows = polls.rows if polls is not None else ()
    return next(
        (
            row
            for row in rows
            if row.group == group
            and row.about == ABOUT
            and (row.begins or row.ends)
            and 0 < row.share < 100
        ),
        None,
    )


def _level(answer: Answer, sample: Numbers, luck: Numbers) -> Numbers:
    """Return the log odds of a share with the error of its sample (delta method)."""
    share = answer.share / 100.0
    size = sample if answer.sample is None else np.full(len(luck), float(answer.sample))
    middle = np.log(share / (1.0 - share))
    result: Numbers = middle + luck / np.sqrt(size * share * (1.0 - share))
    return result
