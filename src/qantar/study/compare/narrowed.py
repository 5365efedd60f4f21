"""A comparison narrowed to some of its accounts: what it says of these and no others."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from qantar.errors import QantarError, nearest
from qantar.study.compare.comparison import Comparison
from qantar.study.compare.leading import headline_of
from qantar.study.compare.tables import hindsight_table

POOLED = "all"
"""What stands for all accounts together in the tables of ranks and of coverage."""

PROBABILITIES = (
    "probability",
    "recalibrated",
    "classifier_probability",
    "classifier_recalibrated",
)
_BOTH = {
    "pairs": ("better", "worse"),
    "confusion": ("true", "stated"),
    "power": ("first", "second"),
}
"""Tables of which a row concerns two accounts."""

_WHOLE = ("reliability", "methods")
"""Tables about the methods, which were tried on all accounts together."""


def narrowed(comparison: Comparison, accounts: Sequence[str]) -> Comparison:
    """Return what a comparison says of some of its accounts.

    Probabilities are among those accounts: they add up to one again. The rest of a row of a
    confusion matrix went to accounts that are left out, and the methods stay judged on all.

    Parameters
    ----------
    comparison : Comparison
    accounts : sequence of str
        At least two.

    Raises
    ------
    QantarError
        If there are fewer than two accounts, or one was not compared.
    """
    known = list(comparison.tables["accounts"]["account"])
    for name in accounts:
        if name not in known:
            raise QantarError(
                f"{name!r} is not among the accounts that were compared",
                expected=nearest(name, known) or ", ".join(known),
                mend="choose from these, or compare others with --from-scratch",
            )
    chosen = [name for name in known if name in accounts]
    if len(chosen) < 2:
        raise QantarError(
            f"there is nothing to compare {chosen[0] if chosen else 'nothing'!r} with",
            expected="at least two accounts",
            mend=f"--accounts {','.join(known[:2])}, or leave it out",
        )
    if chosen == known:
        return comparison
    tables = {name: _rows(name, table, chosen) for name, table in comparison.tables.items()}
    shares = tables["accounts"][list(PROBABILITIES)]
    tables["accounts"] = tables["accounts"].assign(**shares / shares.sum())
    if "scores" in tables:
        tables["hindsight"] = hindsight_table(tables)
    found = {name: comparison.found[name] for name in chosen if name in comparison.found}
    return Comparison(tables, headline_of(tables), found)


def _rows(name: str, table: pd.DataFrame, chosen: Sequence[str]) -> pd.DataFrame:
    if name in _WHOLE:
        return table
    if name in _BOTH:
        first, second = _BOTH[name]
        kept = table[first].isin(chosen) & table[second].isin(chosen)
    elif "account" in table:
        kept = table["account"].isin([*chosen, POOLED])
    else:
        return table
    return table[kept].reset_index(drop=True)
