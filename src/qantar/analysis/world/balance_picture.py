"""What the drawing of the balance shows: ranges of two rival accounts, acts, and partners."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from qantar.analysis.world.balance import act_table, split
from qantar.analysis.world.balance_forces import FIRST, PARTNER, forces_of
from qantar.analysis.world.balance_members import (
    DISTANCE,
    RUSSOCENTRIC,
    members_of,
    own_acts,
    quantiles,
)
from qantar.base.arrays import Numbers
from qantar.packs.country import Country
from qantar.packs.world.balance import Balance, load_balance
from qantar.packs.world.balance_tables import IMPORTS, Act
from qantar.packs.years_tables import names_of

PARTNERS = {
    "Russia": "Russia",
    "West": "European Union and United States",
    "China": "China, Korea and Japan",
    "Turkic states": "",
}
"""Partners, and the group whose share of imports stands for each; empty if none is told."""


@dataclass(frozen=True, eq=False)
class Picture:
    """What is drawn.

    Attributes
    ----------
    first : str
        First month.
    bands : dict
        By account: float array (3, months), 5 %, 50 % and 95 % of the index, once the acts up to
        the day of the forecasts are seen.
    war : float array (months,)
        1 in months of war.
    acts : tuple of Act
        With a partner; those that only give the year are marked in its middle.
    table : DataFrame
        See `act_table`.
    """

    first: str
    bands: dict[str, Numbers]
    war: Numbers
    acts: tuple[Act, ...]
    table: pd.DataFrame


def picture_of(country: Country) -> Picture | None:
    """Return what the drawing of a pack shows; None if it has no dated acts.

    Parameters
    ----------
    country : Country
    """
    balance = load_balance(country)
    if balance is None or not own_acts(balance):
        return None
    before, _ = split(own_acts(balance))
    bands = {}
    for account in (RUSSOCENTRIC, DISTANCE):
        members = members_of(country, balance, account)
        weights = members.weights(before)
        bands[account] = np.array([quantiles(month, weights) for month in members.index.T]).T
    war = forces_of(country, balance).war
    acts = tuple(act for act in balance.acts if act.partner == PARTNER)
    return Picture(FIRST, bands, war, acts, act_table(country, balance))


def partner_table(balance: Balance) -> pd.DataFrame:
    """Return what is told of every partner: the alignment as far as the sources go.

    Returns
    -------
    DataFrame
        partner, imports_before, imports_after (percent, NaN if not told), bodies (memberships),
        toward, away, open (acts of the state and of firms), pressed (acts from abroad).
    """
    rows = []
    for partner, importers in PARTNERS.items():
        shares = balance.series(IMPORTS, importers) if importers else ()
        acts = [act for act in balance.acts if act.partner == partner]
        own = [act.direction for act in acts if act.actor in ("state", "business")]
        foreign = sum(act.actor == "abroad" for act in acts)
        names = [row.body for row in balance.memberships if partner in names_of(row.partners)]
        rows.append(
            (
                partner,
                shares[0].middle if len(shares) > 1 else np.nan,
                shares[-1].middle if shares else np.nan,
                "; ".join(names),
                own.count("toward"),
                own.count("away"),
                own.count("open"),
                foreign,
            )
        )
    columns = ["partner", "imports_before", "imports_after", "bodies", "toward", "away", "open"]
    return pd.DataFrame(rows, columns=[*columns, "pressed"])
