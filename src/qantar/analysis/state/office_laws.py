"""Rival laws of posts, compared on what the sources date and count.

When holders leave: at a constant rate (the null), the faster the longer they have been in office,
more often after a challenge, or both. Each law has the prior of its parameters; its score is the
logarithm of its probability of all months together, which is the sum of the scores of one-month
predictions, each from the months before.

Whom they were: regional heads by origin, counted once. By chance and by career origins are those of
the population; the patronal law weighs the top's part of the country and the region of the post.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

import numpy as np

from qantar.base.arrays import Numbers
from qantar.model.mechanism import stream
from qantar.model.months.declaration import MONTHS_PER_YEAR
from qantar.model.months.offices import MECHANISM
from qantar.model.months.offices_data import OfficesGiven
from qantar.packs.state.offices import Offices
from qantar.packs.years_tables import month_number
from qantar.rng import key_of, normal
from qantar.simulate.years.alone import declared_numbers

DRAWS = 1000
_SEED = 20220111
_PRIORS = stream("priors of offices")

LIKELY = 0.9
"""Share of histories within which a fact must lie to be hit."""

LEAVING_LAWS: Mapping[str, tuple[str, ...]] = {
    "constant rate": (),
    "regular": ("regularity",),
    "after a challenge": ("after_challenge",),
    "both": ("regularity", "after_challenge"),
}
"""Laws of leaving, and the parameters that each has beside the rate."""

ORIGIN_LAWS: Mapping[str, tuple[str, ...]] = {
    "chance": (),
    "career": (),
    "patronal": ("home", "local"),
}
"""Laws of origin, and the weights that each has. Career says nothing of origin."""


class Spell(NamedTuple):
    """Months in which a post had one known holder; the last of them is the month of leaving."""

    post: str
    begins: int
    ends: int
    left: bool


class Score(NamedTuple):
    """Score of a law: its log probability of the facts, and how many facts there are."""

    law: str
    log_score: float
    facts: int


@cache
def draw_parameters(draws: int) -> dict[str, Numbers]:
    """Return draws from the priors, by name; a parameter without a prior keeps its value.

    They are kept for later calls: do not change them.
    """
    drawn = {}
    for position, (name, each) in enumerate(sorted(declared_numbers(MECHANISM).items())):
        if each.prior is None:
            drawn[name] = np.full(draws, float(each.value or 0.0))
            continue
        scores = [normal(key_of(_SEED, k), _PRIORS, position, 0, 0) for k in range(draws)]
        values = [each.prior.value_at(score) for score in scores]
        drawn[name] = np.clip(values, each.low, each.high)
    return drawn


def spells(part: Offices, posts: Iterable[str], last: int) -> list[Spell]:
    """Return the spells of posts by month from January of the year 0, up to a month.

    A spell whose end is not told, or that lasts, is cut off.
    """
    found = []
    for post in posts:
        for row in part.of_post(post):
            begins = month_number(row.since)
            told = bool(row.until) and row.how != "not told"
            ends = month_number(row.until) if row.until else last
            if begins < min(ends, last + 1):
                found.append(Spell(post, begins, min(ends, last), told and ends <= last))
    return found


def score_leaving(found: list[Spell], challenged: set[int]) -> tuple[Score, ...]:
    """Return the score of each law of leaving.

    Parameters
    ----------
    found : list of Spell
    challenged : set of int
        Months within a year after a wave of three or more regions.
    """
    drawn = draw_parameters(DRAWS)
    facts = sum(spell.left for spell in found)
    scores = []
    for law, names in LEAVING_LAWS.items():
        zero = np.zeros(DRAWS)
        regular = drawn["regularity"] if "regularity" in names else zero
        push = drawn["after_challenge"] if "after_challenge" in names else zero
        total = np.zeros(DRAWS)
        for spell in found:
            total += _log_spell(spell, challenged, drawn["rate"], regular, push)
        scores.append(Score(law, _log_mean(total), facts))
    return tuple(scores)


def _log_spell(
    spell: Spell, challenged: set[int], rate: Numbers, regular: Numbers, push: Numbers
) -> Numbers:
    """Return the log probability of a spell under each draw."""
    total = np.zeros(len(rate))
    for month in range(spell.begins + 1, spell.ends + 1):
        years = (month - spell.begins + 0.5) / MONTHS_PER_YEAR
        hazard = rate * (1.0 + regular) * (years * rate) ** regular / MONTHS_PER_YEAR
        if month in challenged:
            hazard = hazard * np.exp(push)
        if month == spell.ends and spell.left:
            total += np.log(-np.expm1(-hazard))
        else:
            total -= hazard
    return total


class Origins(NamedTuple):
    """Chances that a regional head is a native, or of the top's area or another, under one law."""

    native: Numbers
    area: dict[int, Numbers]


def origins(given: OfficesGiven, home_area: int, law: str) -> Origins:
    """Return what a law says of the origins of regional heads, for draws from its priors."""
    drawn = draw_parameters(DRAWS)
    zero = np.zeros(DRAWS)
    home = drawn["home"] if "home" in ORIGIN_LAWS[law] else zero
    local = drawn["local"] if "local" in ORIGIN_LAWS[law] else zero
    regions = len(given.area)
    native, by_area = np.zeros(DRAWS), {int(a): np.zeros(DRAWS) for a in np.unique(given.area)}
    for region in range(regions):
        weights = np.tile(given.population_share, (DRAWS, 1))
        weights[:, given.area == home_area] *= np.exp(home)[:, None]
        weights[:, region] *= np.exp(local)
        weights /= weights.sum(axis=1, keepdims=True)
        native += weights[:, region] / regions
        for area, share in by_area.items():
            share += weights[:, given.area == area].sum(axis=1) / regions
    return Origins(native, by_area)


def log_binomial(number: int, of: int, chance: Numbers) -> float:
    """Return the log of the mean probability of a count over draws of the chance."""
    ways = math.lgamma(of + 1) - math.lgamma(number + 1) - math.lgamma(of - number + 1)
    each = ways + number * np.log(chance) + (of - number) * np.log1p(-chance)
    return _log_mean(each)


def likely_counts(of: int, chance: Numbers) -> tuple[int, int]:
    """Return the counts between which `LIKELY` of the probability lies, half of the rest on a side.

    Parameters
    ----------
    of : int
    chance : float array
        Draws of the chance of each.
    """
    summed = np.cumsum([math.exp(log_binomial(number, of, chance)) for number in range(of + 1)])
    low, high = np.searchsorted(summed, [(1 - LIKELY) / 2, (1 + LIKELY) / 2])
    return int(low), int(min(high, of))


def _log_mean(logs: Numbers) -> float:
    """Return the logarithm of the mean of numbers of which the logarithms are given."""
    top = float(logs.max())
    return top + math.log(float(np.exp(logs - top).mean()))
