"""What the sources say of feeling toward Russia, beside what the rule of sentiment gives."""

from __future__ import annotations

import numpy as np
from scipy.special import logit

from qantar.analysis.state.checks import Check, Verdict
from qantar.analysis.world.balance_forces import TOLD, index_of_month
from qantar.analysis.world.balance_members import quantiles
from qantar.analysis.world.balance_sentiment import GroupSentiment, sentiment_of
from qantar.packs.country import Country
from qantar.packs.state.polls import Polls, load_polls
from qantar.packs.world.balance import Balance

BELIEVED = 0.9
"""Chance by the rule from which on a direction counts as told by it."""


def sentiment_checks(country: Country, balance: Balance) -> list[Check]:
    """Return the facts of feeling by language group.

    Parameters
    ----------
    country : Country
    balance : Balance
    """
    polls = load_polls(country)
    groups = [each for each in sentiment_of(country, balance) if each.answer is not None]
    if polls is None or not groups:
        return []
    found = _levels(groups)
    if len(groups) == 2:
        found += _gap(groups[0], groups[1])
    return [*found, *_growth(groups), *_timing(polls, groups)]


def _levels(groups: list[GroupSentiment]) -> list[Check]:
    found = []
    for each in groups:
        answer = each.answer
        assert answer is not None
        low, middle, high = quantiles(each.anchored[:, index_of_month(answer.ends)])
        found.append(
            Check(
                "C2",
                f"{answer.label}: {each.group}",
                f"{answer.share:g} percent",
                f"starts at {100 * middle:.1f} [{100 * low:.1f}, {100 * high:.1f}] percent",
                "input",
                answer.claim_ids,
                "the range is for an assumed size of the group",
            )
        )
    return found


def _gap(first: GroupSentiment, second: GroupSentiment) -> list[Check]:
    """Whether exposure to media since 2014 gives the gap of the poll from one common level."""
    assert first.answer is not None
    assert second.answer is not None
    month, last = index_of_month(first.answer.ends), index_of_month(TOLD)
    seen = first.answer.share / second.answer.share
    ratio = first.free[:, month] / second.free[:, month]
    low, middle, high = quantiles(ratio)
    chance = float(np.mean(ratio >= seen))
    apart = first.anchored - second.anchored
    wider = float(np.mean(apart[:, last] > apart[:, month]))
    return [
        Check(
            "C2",
            "Exposure to Russian media explains the gap between language groups",
            f"{first.answer.share:g} against {second.answer.share:g} percent, {seen:.1f} times",
            f"the rule alone gives {middle:.2f} [{low:.2f}, {high:.2f}] times; chance of so much "
            f"{chance:.3f}",
            "hit" if low <= seen <= high else "miss",
            ("c003-42-medianet-20", "c003-42-medianet-6", "c003-42-medianet-influence"),
            "from a common level in 2014, by months of war and assumed exposures, which set the "
            "sign; what else divides the groups is left out",
        ),
        Check(
            "C2",
            "The rift in society widens in 2022",
            "widens",
            f"chance by the rule {wider:.2f} that the gap of the poll grows until December",
            _verdict(wider),
            ("c003-42-beisembaev-division", "c003-42-split"),
            "in points of a percent; exposures are assumed",
        ),
    ]


def _growth(groups: list[GroupSentiment]) -> list[Check]:
    """Whether feeling against Russia grows over 2022."""
    first, last = index_of_month("2022-02"), index_of_month(TOLD)
    chances = [float(np.mean(each.anchored[:, last] > each.anchored[:, first])) for each in groups]
    text = ", ".join(
        f"{each.group} {chance:.2f}" for each, chance in zip(groups, chances, strict=True)
    )
    return [
        Check(
            "C2",
            "The war feeds feeling against Russia",
            "grows, among the politically minded",
            f"chance by the rule that support of Ukraine grows in 2022: {text}",
            _verdict(min(chances)) if min(chances) >= 0.5 else _verdict(max(chances)),
            ("c003-42-anti-russian-war", "c003-42-beisembaev-growth", "c003-42-beisembaev-scope"),
            "by the priors alone: no group was asked twice",
        )
    ]


def _verdict(chance: float) -> Verdict:
    if chance >= BELIEVED:
        return "hit"
    return "miss" if chance <= 1 - BELIEVED else "not told"


def _timing(polls: Polls, groups: list[GroupSentiment]) -> list[Check]:
    """Whether months of war account for the distance between the two polls, as the thesis says."""
    early = polls.answer("medianet", "war", "annexation")
    late = polls.answer("thesis", "q6", "leave-influence")
    if early is None or late is None:
        return []
    needed = float(logit(late.share / 100) - logit(early.share / 100))
    first, last = index_of_month(early.ends), index_of_month(late.ends)
    moves = [logit(each.anchored[:, last]) - logit(each.anchored[:, first]) for each in groups]
    most = max(float(np.quantile(move, 0.95)) for move in moves)
    return [
        Check(
            "C2",
            "The two polls differ because of when they were taken",
            f"{early.share:g} percent in month two, {late.share:g} in month six: most likely time",
            f"{needed:.2f} log odds in four months; the rule gives at most {most:.2f} (95 %) to a "
            "group",
            "not told",
            ("c003-42-surveys-timing", "c003-42-surveys-differ"),
            "they asked other questions of other people; were they the same, time alone would not "
            "do under these priors",
        )
    ]
