"""Who leads a comparison, and the verdict in a few sentences."""

from __future__ import annotations

import pandas as pd

from qantar.scenario.account import FRAMES
from qantar.study.compare.tables import pairs_with
from qantar.study.compare.verdict import headline, listed


def leader(accounts: pd.DataFrame) -> str:
    """Return the most probable story, by the likelihood, of those told without hindsight.

    A story that names what it could not have known is represented by its blind twin. Where only
    frames are compared, the more probable of them leads.
    """
    with_hindsight = accounts["account"].isin(set(accounts["blind_twin_of"]))
    stories = accounts[~with_hindsight & ~accounts["account"].isin(FRAMES)]
    among = stories if len(stories) else accounts
    return str(among.sort_values("probability", ascending=False)["account"].iloc[0])


def headline_of(tables: dict[str, pd.DataFrame]) -> str:
    """Return the verdict on all accounts of some tables."""
    accounts = tables["accounts"]
    best = leader(accounts)
    titles = {name: f"`{name}`" for name in accounts["account"]}
    text = headline(best, pairs_with(tables["pairs"], best), titles)
    gains = tables.get("hindsight")
    if gains is None or gains.empty:
        return text
    bonus = gains["log_evidence_bonus"]
    names = listed([f"`{name}`" for name in gains["account"]])
    return (
        f"Of the stories told without hindsight, {text} Hindsight is worth {min(bonus):.1f} to "
        f"{max(bonus):.1f} nats to {names}, and is not counted."
    )
