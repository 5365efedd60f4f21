"""Rows of the tables of a comparison: accounts, pairs, parameters, coverage and scores."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from qantar.analysis.candidate_observations import CandidateObservation
from qantar.analysis.compare.comparison import POOLED, Comparison, leader
from qantar.analysis.facts import GROUPS, OTHER
from qantar.evidence import Target
from qantar.reports.style import HEAT, heat_legend, percent

DEFAULT_NAME = "default ensemble"
"""Name of the fitted ensemble that a pack ships for everyday runs."""

INFORMED = 15
"""Parameters shown of the leading account."""

KIND_NAMES = {
    "day": "Days of onsets and endings (days)",
    "log": "Counts (log units: 0.3 is about a third)",
    "flag": "Whether something happened (probability scale)",
    "share": "Shares",
}

BREAKS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.5)
"""Ends of the classes of mean CRPS, in standard errors of the facts."""

_DARK = 5
"""Class from which text on the shade must be white."""

ALL_NAME = "All"


class Strength(NamedTuple):
    """How a verdict on a pair is shown: never by colour alone."""

    word: str
    symbol: str
    style: str


STRENGTHS = {
    "clearly": Strength("clearly", "●", "clearly"),
    "somewhat": Strength("somewhat", "◐", "somewhat"),
    "not": Strength("not", "○", "not"),
}


class Cell(NamedTuple):
    """A score with its shade."""

    text: str
    shade: str
    ink: str
    hint: str


EMPTY = Cell("", "#fff", "inherit", "no fact of this group is held back")


@dataclass(frozen=True)
class Shown:
    """A comparison with everything else that its page shows.

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
    candidates : sequence of CandidateObservation
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
    candidates: Sequence[CandidateObservation] = ()
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
        """Scores of every prediction by name: the accounts, then what they are compared with."""
        own = [(name, "posterior") for name in self.accounts]
        keys = list(dict.fromkeys(zip(self.held["account"], self.held["belief"], strict=True)))
        rest = [key for key in keys if key not in own]
        found = []
        for account, belief in [*(key for key in own if key in keys), *rest]:
            chosen = (self.held["account"] == account) & (self.held["belief"] == belief)
            found.append((prediction_name(account, belief), self.held[chosen]))
        return found

    def told_by(self, keys: str) -> list[str]:
        """Return the names of the sources that tell an account, from their keys."""
        return [self.tellers.get(key, key) for key in keys.split()]


def prediction_name(account: str, belief: str) -> str:
    """Return the name of a prediction."""
    return f"{DEFAULT_NAME} ({account})" if belief == "fitted" else account


def account_rows(shown: Shown) -> list[dict[str, Any]]:
    """Return a row for every account, the most probable first, none left out."""
    by_name = {row["account"]: row for row in shown.table("accounts").to_dict("records")}
    rows = []
    for name in shown.accounts:
        own = by_name[name]
        rows.append(
            {
                "account": name,
                "title": str(own["title"]).replace("`", ""),
                "told_by": "; ".join(shown.told_by(str(own["told_by"]))) or "nobody",
                "evidence": f"{own['log_evidence']:.1f}\u00a0± {own['error']:.1f}",
                "classifier_evidence": (
                    f"{own['classifier_log_evidence']:.1f}\u00a0± {own['classifier_error']:.1f}"
                ),
                "likelihood": percent(float(own["recalibrated"])),
                "classifier": percent(float(own["classifier_recalibrated"])),
                "forbidden": int(own["forbidden"]),
                "missed_fit": int(own["missed_fit"]),
                "missed_held": int(own["missed_held"]),
                "rhat": f"{own['largest_rhat']:.2f}",
            }
        )
    return rows


def pair_cells(shown: Shown) -> list[tuple[str, list[dict[str, Any] | None]]]:
    """Return the matrix of verdicts: for each account a cell for every other, none for itself."""
    names = shown.accounts
    verdicts = {}
    for row in pair_rows(shown):
        verdicts[row["better"], row["worse"]] = verdicts[row["worse"], row["better"]] = row
    return [(a, [verdicts.get((a, b)) for b in names]) for a in names]


def pair_rows(shown: Shown) -> list[dict[str, Any]]:
    """Return the verdict on every pair in words, the open ones first."""
    order = list(reversed(STRENGTHS))
    rows = []
    for row in shown.table("pairs").to_dict("records"):
        words = {
            "apart": STRENGTHS[row["strength"]],
            "odds": f"{row['likelihood_log_odds']:+.1f}, {row['classifier_log_odds']:+.1f}",
            "right": " and ".join(
                percent(float(row[f"{m}_accuracy"])) for m in ("likelihood", "classifier")
            ),
        }
        rows.append({**{str(k): v for k, v in row.items()}, **words})
    return sorted(rows, key=lambda row: order.index(row["strength"]))


def _of_leader(shown: Shown, name: str) -> pd.DataFrame:
    """Return the rows of a table that are about the leading account."""
    table = shown.table(name)
    return table[table["account"] == shown.leader]


def parameter_rows(shown: Shown) -> list[dict[str, Any]]:
    """Return the parameters of the leading account that the facts constrain most."""
    table = _of_leader(shown, "parameters").sort_values("ratio").head(INFORMED)
    rows = []
    for row in table.to_dict("records"):
        ranges = {
            kind: f"{row[f'{kind}_q05']:.3g} to {row[f'{kind}_q95']:.3g}"
            for kind in ("prior", "posterior")
        }
        width = round(100 * min(float(row["ratio"]), 1.0))
        rows.append(
            {
                "parameter": row["parameter"],
                "label": row["label"],
                "unit": row["unit"],
                **ranges,
                "ratio": f"{row['ratio']:.2f}",
                "width": width,
            }
        )
    return rows


def unconstrained(shown: Shown) -> list[tuple[str, str]]:
    """Return name and label of the parameters that the facts do not constrain."""
    table = _of_leader(shown, "parameters")
    records = table[~table["constrained"].astype(bool)].to_dict("records")
    return [(str(row["parameter"]), str(row["label"])) for row in records]


def discrepancy_rows(shown: Shown) -> list[dict[str, str]]:
    """Return the discrepancy of the leading account, before and after the fit, by kind of fact."""
    return [
        {
            "kind": KIND_NAMES.get(row["kind"], row["kind"]),
            "before": f"{row['prior_q50']:.2f}",
            "after": f"{row['q50']:.2f} ({row['q05']:.2f} to {row['q95']:.2f})",
        }
        for row in _of_leader(shown, "discrepancy").to_dict("records")
    ]


def coverage_rows(shown: Shown) -> list[dict[str, str]]:
    """Return the coverage of intervals by account, all together last."""
    table = shown.table("coverage")
    rows = []
    for (what, account), own in table.groupby(["what", "account"], sort=False):
        cells = {f"{row['level']:g}": row["covered"] for row in own.to_dict("records")}
        rows.append(
            {
                "what": str(what),
                "account": "all accounts" if account == POOLED else str(account),
                "half": percent(float(cells["0.5"])),
                "ninety": percent(float(cells["0.9"])),
                "statements": f"{int(own['statements'].iloc[0]):,}",
            }
        )
    return rows


def cell(value: float, hint: str = "") -> Cell:
    """Return a mean CRPS as a cell of a heat table."""
    if not np.isfinite(value):
        return EMPTY
    step = bisect_right(BREAKS, value)
    ink = "#fff" if step >= _DARK else "inherit"
    return Cell(f"{value:.2f}", HEAT[step], ink, hint)


def legend() -> list[tuple[str, str]]:
    """Return the shades with the scores they represent."""
    return heat_legend([f"{value:g}" for value in BREAKS], "below", "above")


def score_table(shown: Shown) -> tuple[list[str], list[tuple[str, list[Cell]]]]:
    """Return columns (groups of facts, all together last) and a row for each prediction."""
    present = set(shown.held["group"])
    groups = [group for group in (*GROUPS, OTHER, POOLED) if group in present]
    rows = []
    for name, scores in shown.predictions:
        own = {row["group"]: row for row in scores.to_dict("records")}
        cells = []
        for group in groups:
            if group not in own:
                cells.append(EMPTY)
                continue
            told = own[group]
            hint = (
                f"{name}, {int(told['facts'])} facts: mean CRPS {told['crps']:.2f}, interval "
                f"score {told['interval']:.1f}, energy score {told['energy']:.2f}, "
                f"{percent(float(told['covered']))} inside the middle 90 %"
            )
            cells.append(cell(float(told["crps"]), hint))
        rows.append((name, cells))
    return [ALL_NAME if group == POOLED else group for group in groups], rows


def fold_table(shown: Shown) -> list[dict[str, Any]]:
    """Return for each kind of fold its folds with the number of facts, and a row per account."""
    table = shown.table("folds")
    parts = []
    for kind, own in table.groupby("kind", sort=False):
        folds = list(dict.fromkeys(own["fold"]))
        facts = own.drop_duplicates("fold").set_index("fold")["facts"]
        wide = own.pivot_table(index="account", columns="fold", values="crps", sort=False)
        wide = wide.reindex(index=shown.accounts, columns=folds)
        parts.append(
            {
                "kind": str(kind),
                "folds": [(fold, int(facts[fold])) for fold in folds],
                "rows": [
                    (name, [cell(float(v), f"{name}, {f}") for f, v in wide.loc[name].items()])
                    for name in wide.index
                ],
            }
        )
    return parts
