"""How far a comparison of accounts can be trusted, in words for a reader without statistics."""

from __future__ import annotations

from typing import Any

import pandas as pd

from qantar.explorer.plain import number
from qantar.scenario.account import FRAMES
from qantar.study.compare.verdict import LEAST_ACCURACY
from qantar.view.style import many

HALF = 0.5


def reliability(methods: pd.DataFrame, pairs: pd.DataFrame) -> dict[str, Any]:
    """Return how often each method was right on simulated truth, and which pairs it tells apart.

    Parameters
    ----------
    methods, pairs : DataFrame
        The tables of a comparison under these names.

    Returns
    -------
    dict
        ``sentences``; ``accuracy`` of each method and of guessing, 0 to 1; ``pairs_told`` of
        ``pairs``; ``stories_told`` of ``stories`` without the accounts that nobody tells; ``sets``,
        the simulated data sets that the accuracy was measured on.
    """
    rows = methods[methods["recalibrated"].astype(bool)].to_dict("records")
    own = {str(row["method"]): row for row in rows}
    right = {name: float(own[name]["accuracy"]) for name in ("likelihood", "classifier")}
    chance, sets = float(rows[0]["chance"]), int(rows[0]["data_sets"])
    told = pairs[pairs["strength"] != "not"]
    between = ~pairs["better"].isin(FRAMES) & ~pairs["worse"].isin(FRAMES)
    apart = int((between & (pairs["strength"] != "not")).sum())
    return {
        "sentences": [
            _tried(right, chance, sets),
            *_doubt(right),
            _told(len(told), len(pairs), apart, int(between.sum())),
            _needed(),
        ],
        "accuracy": {**{k: number(v) for k, v in right.items()}, "chance": number(chance)},
        "sets": sets,
        "pairs_told": len(told),
        "pairs": len(pairs),
        "stories_told": apart,
        "stories": int(between.sum()),
    }


def of_100(share: float) -> str:
    """Return a share as people count: 25 of 100."""
    return f"{100 * share:.0f} of 100"


def _tried(right: dict[str, float], chance: float, sets: int) -> str:
    return (
        f"Tried on {many(sets, 'simulated history', 'simulated histories')} whose true account was "
        f"known, the main method (the likelihood) named the right one in "
        f"{of_100(right['likelihood'])}, and a second one that shares no code with it (the "
        f"classifier) in {of_100(right['classifier'])}; guessing would give {of_100(chance)}."
    )


def _doubt(right: dict[str, float]) -> list[str]:
    if min(right.values()) >= HALF:
        return []
    who = "Both methods are" if max(right.values()) < HALF else "One of the methods is"
    return [
        f"{who} wrong more often than right: the order of the accounts is a hint, not a finding."
    ]


def _told(told: int, pairs: int, apart: int, stories: int) -> str:
    if not told:
        return "No two accounts can be told apart on these facts."
    counted = f"{told} of {many(pairs, 'pair')} of accounts can be told apart"
    if not stories:
        return f"{counted}; none of them are two stories that somebody tells."
    if not apart:
        return (
            f"No two stories can be told apart on these facts. {counted}, and each of these has "
            "on one side an account that nobody tells."
        )
    return f"{counted} on these facts; of two stories that somebody tells, {apart} of {stories}."


def _needed() -> str:
    return (
        "To tell two accounts apart, both methods must lean the same way, and each must have been "
        f"right in at least {of_100(LEAST_ACCURACY)} simulated histories of these two. That was "
        "set before the comparison was made."
    )
