"""What a page of a comparison is made from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from qantar.evidence import Target
from qantar.study.compare.comparison import Comparison
from qantar.study.compare.leading import leader
from qantar.study.further import Further

DEFAULT_NAME = "default ensemble"
"""How the fitted ensemble is called that a pack ships for everyday runs."""


@dataclass(frozen=True)
class Shown:
    """A comparison with everything that its page says besides.

    Attributes
    ----------
    comparison : Comparison
    title : str
        Of the episode.
    held : DataFrame
        Scores of predictions of facts held back: ``account``, ``belief``, then the columns of
        `held_scores`.
    first_day : date
        Of the episode: days of facts count from it.
    targets : mapping of str to Target
        By name, to say facts in words.
    further : sequence of Further
        What else could have been observed.
    tellers : mapping of str to str
        How to call a source, by its key.
    members : int
        Runs behind each prediction in `held`.
    stale : sequence of str
        What changed since the comparison was made.
    made : sequence of (str, str)
        How it was made, as names and values.
    citations : sequence of str
    """

    comparison: Comparison
    title: str
    held: pd.DataFrame
    first_day: dt.date
    targets: Mapping[str, Target] = field(default_factory=dict)
    further: Sequence[Further] = ()
    tellers: Mapping[str, str] = field(default_factory=dict)
    members: int = 0
    stale: Sequence[str] = ()
    made: Sequence[tuple[str, str]] = ()
    citations: Sequence[str] = ()

    def table(self, name: str) -> pd.DataFrame:
        """Return a table of the comparison."""
        return self.comparison.tables[name]

    @property
    def accounts(self) -> list[str]:
        """Names of the accounts, the most probable first."""
        ranked = self.table("accounts").sort_values("log_evidence", ascending=False)
        return [str(name) for name in ranked["account"]]

    @property
    def leader(self) -> str:
        """The account that leads by the likelihood-based method."""
        return leader(self.table("accounts"))

    @property
    def predictions(self) -> list[tuple[str, pd.DataFrame]]:
        """Scores of every prediction by name: the accounts, then what they are set beside."""
        own = [(name, "posterior") for name in self.accounts]
        keys = list(dict.fromkeys(zip(self.held["account"], self.held["belief"], strict=True)))
        rest = [key for key in keys if key not in own]
        return [
            (prediction_name(*key), self.held[_is(self.held, key)])
            for key in [*(key for key in own if key in keys), *rest]
        ]

    def told_by(self, keys: str) -> list[str]:
        """Return who tells a story, from the keys of sources."""
        return [self.tellers.get(key, key) for key in keys.split()]


def prediction_name(account: str, belief: str) -> str:
    """Return how a prediction is called."""
    return f"{DEFAULT_NAME} ({account})" if belief == "fitted" else account


def _is(held: pd.DataFrame, key: tuple[str, str]) -> pd.Series[bool]:
    return (held["account"] == key[0]) & (held["belief"] == key[1])
