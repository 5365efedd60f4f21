"""Designs of what-ifs: changes crossed, what they do together, and which choice is robust.

A recommendation that holds under one account only is no recommendation: the regret of a choice is
what it costs against the best choice of the account that proves right, and the robust choice is the
one whose largest regret is smallest (Savage 1951).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from qantar.errors import QantarError
from qantar.scenario.change import Changes
from qantar.study.whatif.result import AS_IT_WAS

MOST_CROSSED = 6
"""Changes that can be crossed at once: six give 63 worlds."""


def crossed(alternatives: Sequence[Changes]) -> tuple[Changes, ...]:
    """Return every combination of changes, the single ones first.

    Raises
    ------
    QantarError
        If there are more than `MOST_CROSSED`, or two cannot be combined.
    """
    if len(alternatives) > MOST_CROSSED:
        raise QantarError(
            f"{len(alternatives)} changes cannot be crossed",
            expected=f"at most {MOST_CROSSED}",
            mend="leave some out, or compare them without --cross",
        )
    together = []
    single = [change for change in alternatives if len(change)]
    for size in range(1, len(single) + 1):
        for chosen in combinations(single, size):
            whole = Changes()
            for change in chosen:
                whole = whole + change
            together.append(whole)
    return tuple(dict.fromkeys(together))


def interactions(differences: pd.DataFrame, alternatives: Sequence[Changes]) -> pd.DataFrame:
    """Return by how much two changes together do more or less than the sum of each.

    Parameters
    ----------
    differences : DataFrame
        Of one account and way of deciding; see `qantar.study.whatif.result.COLUMNS`.
    alternatives : sequence of Changes
        The single changes that were crossed.

    Returns
    -------
    DataFrame
        Columns ``first``, ``second``, ``quantity``, ``together``, ``sum``, ``interaction``: means
        over pairs, for the country.
    """
    country = differences[differences["level"] == "country"]
    means = country.set_index(["change", "quantity"])["difference"]
    rows = []
    for a, b in combinations(alternatives, 2):
        if not len(a) or not len(b) or {*a} & {*b}:
            continue  # with nothing, or with a part of itself, a change does nothing together
        both = (a + b).label
        for quantity in country["quantity"].unique():
            if (both, quantity) in means.index:
                whole = float(means[both, quantity])
                parts = float(means[a.label, quantity] + means[b.label, quantity])
                rows.append((a.label, b.label, quantity, whole, parts, whole - parts))
    columns = ["first", "second", "quantity", "together", "sum", "interaction"]
    return pd.DataFrame(rows, columns=columns)


def regrets(differences: pd.DataFrame, quantity: str = "deaths") -> pd.DataFrame:
    """Return what each choice costs under each account against the best choice there.

    Parameters
    ----------
    differences : DataFrame
        See `qantar.study.whatif.result.COLUMNS`; the choice to change nothing is added.
    quantity : str
        What is to be small.

    Returns
    -------
    DataFrame
        Columns ``change``, ``account``, ``mode``, ``regret``; the robust choice has the smallest
        largest regret.
    """
    own = differences[(differences["quantity"] == quantity) & (differences["level"] == "country")]
    table = own.pivot(index="change", columns=["account", "mode"], values="difference")
    table.loc[AS_IT_WAS] = 0.0
    regret = table - table.min(axis=0)
    long = regret.reset_index().melt(id_vars=[("change", "")], value_name="regret")
    long = long.rename(columns={("change", ""): "change"})
    return long.sort_values(["account", "mode", "change"], ignore_index=True)[
        ["change", "account", "mode", "regret"]
    ]


def robust_choice(regret: pd.DataFrame) -> tuple[str, float]:
    """Return the choice whose largest regret is smallest, and that regret.

    A choice that was not tried under every account, or has no value there, is none.
    """
    table = regret.pivot(index="change", columns=["account", "mode"], values="regret")
    largest = table.dropna().max(axis=1)
    name = str(largest.index[int(np.argmin(largest.to_numpy()))])
    return name, float(largest[name])
