"""Short form of a comparison for a terminal or a notebook: a row per account, and sentences."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from qantar.analysis.compare.reliability import join_names
from qantar.reports.comparison.rows import DEFAULT_NAME, Shown, account_rows
from qantar.reports.comparison.sentences import method_lines, overall, prediction_lines
from qantar.reports.style import many

HEADINGS = (
    "account",
    "log evidence",
    "likelihood",
    "classifier",
    "held-back CRPS",
    "facts missed",
)
"""Columns of `account_cells`."""

NUMBERS = frozenset(HEADINGS[1:])
"""Those that hold numbers."""

FEW = 3
"""Facts that a message names one by one; more are only counted."""


def account_cells(shown: Shown) -> list[list[str]]:
    """Return a row of texts for every account, the most probable first; see `HEADINGS`."""
    crps = overall(shown)
    return [
        [
            row["account"],
            row["evidence"].replace("\u00a0", " "),
            row["likelihood"].replace("\u00a0", " "),
            row["classifier"].replace("\u00a0", " "),
            f"{crps[row['account']]:.2f}" if row["account"] in crps else "",
            str(row["missed_fit"] + row["missed_held"]),
        ]
        for row in account_rows(shown)
    ]


def caption(shown: Shown) -> str:
    """Return how to read the columns of `account_cells`."""
    text = (
        "Likelihood and classifier: recalibrated probability by each method. CRPS: mean over "
        "held-back facts, in standard errors; less is better."
    )
    for name, value in overall(shown).items():
        if name.startswith(DEFAULT_NAME):
            text += f" The {name} has {value:.2f}."
    return text


def summary_lines(shown: Shown) -> list[str]:
    """Return how far the methods can be trusted, and how well held-back facts are predicted."""
    return [*method_lines(shown), *prediction_lines(shown)]


def excluded_lines(check: pd.DataFrame, words: Mapping[str, str]) -> list[str]:
    """Return which accounts exclude a fact by their prior; accounts with the same facts together.

    Parameters
    ----------
    check : DataFrame
        The table ``prior-check`` of some accounts.
    words : mapping of str to str
        Facts in words, by name.
    """
    excluded = check[check["verdict"] == "forbidden"]
    accounts: dict[tuple[str, ...], list[str]] = {}
    for account, rows in excluded.groupby("account", sort=False):
        names = tuple(words.get(str(name), str(name)) for name in rows["target"])
        accounts.setdefault(names, []).append(f"`{account}`")
    lines = []
    for names, who in accounts.items():
        listed = f": {'; '.join(names)}" if len(names) <= FEW else " (see the report)"
        verb, prior = ("excludes", "its prior") if len(who) == 1 else ("exclude", "their priors")
        lines.append(
            f"Before any fit, {join_names(who)} {verb} {many(len(names), 'fact')} by {prior}"
            f"{listed}."
        )
    return lines
