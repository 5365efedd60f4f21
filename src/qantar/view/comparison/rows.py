"""Rows of the tables of the page: accounts, pairs, parameters, discrepancies and coverage."""

from __future__ import annotations

from typing import Any, NamedTuple

import pandas as pd

from qantar.study.compare.narrowed import POOLED
from qantar.view.comparison.shown import Shown
from qantar.view.style import percent

INFORMED = 15
"""Parameters shown of the leading account."""

KIND_NAMES = {
    "day": "Days of onsets and endings (days)",
    "log": "Counts (log units: 0.3 is about a third)",
    "flag": "Whether something happened (probability scale)",
    "share": "Shares",
}


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


def account_rows(shown: Shown) -> list[dict[str, Any]]:
    """Return a row for every account, the most probable first, none left out."""
    by_name = {row["account"]: row for row in shown.table("accounts").to_dict("records")}
    rows = []
    for name in shown.accounts:
        own = by_name[name]
        rows.append(
            {
                "account": name,
                "title": own["title"],
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


def parameter_rows(shown: Shown) -> list[dict[str, Any]]:
    """Return the parameters of the leading account that the facts tell most about."""
    table = _leading(shown, "parameters").sort_values("ratio").head(INFORMED)
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
    """Return name and label of the parameters that the facts tell nothing about."""
    table = _leading(shown, "parameters")
    records = table[~table["constrained"].astype(bool)].to_dict("records")
    return [(str(row["parameter"]), str(row["label"])) for row in records]


def discrepancy_rows(shown: Shown) -> list[dict[str, str]]:
    """Return how far the leading account is off with the best numbers, by kind of fact."""
    return [
        {
            "kind": KIND_NAMES.get(row["kind"], row["kind"]),
            "before": f"{row['prior_q50']:.2f}",
            "after": f"{row['q50']:.2f} ({row['q05']:.2f} to {row['q95']:.2f})",
        }
        for row in _leading(shown, "discrepancy").to_dict("records")
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


def _leading(shown: Shown, name: str) -> pd.DataFrame:
    table = shown.table(name)
    return table[table["account"] == shown.leader]
